"""Properties of operations for the compiler: which kernel computes an operation, and whether the operation is pure."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from glassgrad.compiler.ir.columns import Columns
from glassgrad.core import ops
from glassgrad.core.op import Op

__all__ = ["is_pure", "is_ufunc", "is_uncompilable", "kernel_of", "kernels_of"]


class Operations(Protocol):
    """The operations of a tape, or of a trace that will become a tape."""

    @property
    def ops(self) -> list[Op]: ...
    @property
    def args(self) -> list[tuple[int, ...]]: ...
    @property
    def constants(self) -> list[float]: ...
    @property
    def recorded(self) -> Columns | None: ...


def kernel_of(tape: Operations, i: int) -> str | None:
    """Return the name of the kernel that computes operation ``i`` of ``tape``, or None if there is none."""
    op = tape.ops[i]
    if op.code is None or op.home is not None:
        return None
    if op is ops.polygamma:
        order = tape.args[i][0]
        n = tape.constants[~order] if order < 0 else -1.0
        return f"polygamma:{int(n)}" if 0 <= n <= 100 and n == int(n) else None
    return op.code


def kernels_of(tape: Operations) -> list[str | None]:
    """Return `kernel_of` each operation."""
    return [  # almost all are found without a call, as each compilation asks several times
        op.code if op.home is None and op is not ops.polygamma else kernel_of(tape, i) for i, op in enumerate(tape.ops)
    ]


def is_uncompilable(tape: Operations) -> bool:
    """Whether a tape has operations without a kernel: the user's functions, for example."""
    if tape.recorded is not None and ops.polygamma not in tape.recorded.ops:
        return any(op.code is None or op.home is not None for op in tape.recorded.ops)
    return None in kernels_of(tape)


def is_ufunc(op: Op) -> bool:
    """Whether a NumPy ufunc with a C loop over doubles computes ``op``."""
    function: Any = getattr(op, "function", None)
    return isinstance(function, np.ufunc) and function.nout == 1 and "d" * function.nin + "->d" in function.types


def is_pure(op: Op) -> bool:
    """Whether equal operands always give equal results."""
    return op.home is None or is_ufunc(op)
