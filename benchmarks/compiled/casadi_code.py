"""CasADi in its quickest idiom: a function mapped over a batch, its C by gcc, calls by buffers instead of DM."""

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
    """`function` over so many lanes by CasADi's own virtual machine; with threads, a share of the lanes each."""
    return function.map(lanes) if threads == 1 else function.map(lanes, "thread", threads)


def in_c(function: Any, *flags: str) -> Any:
    """`function` as the C that CasADi writes for it, compiled and loaded again."""
    import casadi as ca

    with tempfile.TemporaryDirectory() as folder:
        writer = ca.CodeGenerator("code.c")
        writer.add(function)
        writer.generate(f"{folder}/")
        library = native.compiled(Path(folder) / "code.c", *(flags or FLAGS))
    return ca.external(function.name(), str(library))


def mapped_c(function: Any, lanes: int, threads: int) -> Any:
    """As `mapped`, but by C: the loop over the lanes is in the C as well."""
    share = in_c(function.map(lanes // threads))
    return share if threads == 1 else share.map(threads, "thread", threads)


def buffered(function: Any, inputs: Sequence[Array]) -> Call:
    """A call of `function` on these arrays, by their memory; returns its outputs, column by column."""
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
