"""CasADi in its fastest idiom: functions mapped over a batch, its C compiled by gcc, buffers instead of DM."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import native
import numpy as np
from family import Array, Call

FLAGS = ("-O3", "-march=native")


def mapped(function: Any, lanes: int, threads: int) -> Any:
    """Map `function` over the lanes in CasADi's virtual machine. Each thread gets a share of the lanes."""
    return function.map(lanes) if threads == 1 else function.map(lanes, "thread", threads)


def in_c(function: Any, *flags: str) -> Any:
    """Return `function` compiled from the C code that CasADi writes for it."""
    import casadi as ca

    with tempfile.TemporaryDirectory() as folder:
        writer = ca.CodeGenerator("code.c")
        writer.add(function)
        writer.generate(f"{folder}/")
        library = native.compiled(Path(folder) / "code.c", *(flags or FLAGS))
    return ca.external(function.name(), str(library))


def mapped_c(function: Any, lanes: int, threads: int) -> Any:
    """Like `mapped`, but in C, with the loop over the lanes in C, too."""
    share = in_c(function.map(lanes // threads))
    return share if threads == 1 else share.map(threads, "thread", threads)


def buffered(function: Any, inputs: Sequence[Array]) -> Call:
    """Return a call of `function` on the memory of these arrays. It returns the outputs, column by column."""
    buffer, trigger = function.buffer()
    given = [np.ascontiguousarray(array, dtype=np.float64) for array in inputs]
    out = [np.zeros(function.nnz_out(i)) for i in range(function.n_out())]
    for i, array in enumerate(given):
        buffer.set_arg(i, array.reshape(-1).data)
    for i, array in enumerate(out):
        buffer.set_res(i, array.data)

    def call(keep: object = (buffer, given)) -> list[Array]:
        trigger()
        return out

    return call
