"""What computes each operation of a tape: a kernel of mathlib, a C function, or a Python function.

Primitives that could not be traced (`inline`) have no kernel, and neither have a few operations of the table. If ctypes
knows that a primitive's function takes and returns doubles, machine code calls it by its address. Otherwise it calls
back into Python. A kernel for one call passes floats. A kernel for a batch calls back once per block of lanes: a
ufunc gets arrays, any other function is run lane by lane inside that one call.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from contextvars import Context, ContextVar, copy_context
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from glassgrad.compiler.codegen import callback
from glassgrad.compiler.ir.operations import is_ufunc, kernels_of
from glassgrad.compiler.ir.tape import Tape
from glassgrad.core.op import Op, as_float, errstate

if TYPE_CHECKING:
    pass

__all__ = ["BACK", "Callees", "callee_name"]

BACK = "gg.back"  # the symbol of the function by which code calls Python
FAILED: float = struct.unpack("<d", struct.pack("<Q", callback.FAILED))[0]

Block = Callable[[Sequence[Any], Any], None]  # columns of operands, a column for the results


def callee_name(k: int) -> str:
    """The symbol of the k-th function that is no kernel."""
    return f"gg.callee{k}"


class Callees:
    """The functions that the code of a tape calls besides kernels.

    Attributes:
        ops, arities: the operations that they compute, each once, and of how many operands.
        number: for the operations on the tape that have no kernel, by position, which of these computes them.
        addresses: of those that are C functions, else None.
    """

    def __init__(self, tape: Tape) -> None:
        self.ops: list[Op] = []
        self.number: dict[int, int] = {}
        self.arities: list[int] = []
        seen: dict[tuple[int, int], int] = {}
        for i, kernel in enumerate(kernels_of(tape)):
            if kernel is not None:
                continue
            op, args = tape.ops[i], tape.args[i]
            k = self.number[i] = seen.setdefault((id(op), len(args)), len(self.ops))
            if k == len(self.ops):
                self.ops.append(op)
                self.arities.append(len(args))
        self.addresses = [address_of(op) for op in self.ops]
        self.back = {i for i, k in self.number.items() if self.addresses[k] is None}
        self.width = 1 + max([len(tape.args[i]) for i in self.back], default=0)  # of a row of operands and result
        self._kept: list[Any] = []

    def name(self, i: int) -> str:
        """The symbol of the function that computes operation i."""
        return callee_name(self.number[i])

    def symbols(self, batch: bool) -> dict[str, int]:
        """What the symbols in the code stand for in this process, for as long as this object lives."""
        found: dict[str, int] = {}
        for k, (op, arity, address) in enumerate(zip(self.ops, self.arities, self.addresses)):
            if address is None:
                function = many(op, arity) if batch else one(op)
                self._kept.append(function)
                address = id(function)
            found[callee_name(k)] = address
        if self.back:
            found[BACK] = callback.addresses()[batch]
        return found

    def text(self) -> str:
        """What code depends on, and not the functions themselves."""
        return repr((sorted(self.number.items()), [address is None for address in self.addresses]))


def function_of(op: Op) -> Callable[..., Any]:
    found: Any = getattr(op, "function", None) or op.value
    assert callable(found)
    return found  # type: ignore[no-any-return]


def address_of(op: Op) -> int | None:
    """The address of the C function of doubles that computes ``op``, or None if it is none."""
    import ctypes

    function: Any = getattr(op, "function", None)
    function = getattr(function, "ctypes", function)  # numba's cfunc has one
    if not isinstance(function, ctypes._CFuncPtr):  # type: ignore[attr-defined]
        return None
    types = function.argtypes or ()
    needs_python = getattr(type(function), "_flags_", 0) & 4  # FUNCFLAG_PYTHONAPI
    doubles = function.restype is ctypes.c_double and bool(types) and all(kind is ctypes.c_double for kind in types)
    if needs_python or not doubles or len(types) != op.arity or getattr(function, "errcheck", None):
        return None
    return ctypes.cast(function, ctypes.c_void_p).value


# Functions that are called back. They run as the interpreter of tapes does: nothing warns of a nan


@cache
def quiet() -> list[tuple[ContextVar[Any], Any]]:
    """The context variables by which NumPy and glassgrad know what to do outside a domain, and their values for
    nothing. To set these takes a tenth of what ``with np.errstate(…)`` does."""

    def inside() -> list[tuple[ContextVar[Any], Any]]:
        with np.errstate(all="ignore"), errstate(domain="nan"):
            return list(copy_context().items())

    return Context().run(inside)


def one(op: Op) -> Callable[..., float]:
    """The function for floats. It runs in a context of its own, so that an interrupt leaves nothing set."""
    function, settings, who = function_of(op), quiet(), f"the result of primitive {op.name}"

    def inside(*xs: float) -> float:
        for variable, value in settings:
            variable.set(value)
        y = function(*xs)
        result: float = y if type(y) is float else as_float(y, who)
        return result

    def called(*xs: float) -> float:
        return copy_context().run(inside, *xs)

    return called


def many(op: Op, arity: int) -> Callable[[int, int, int], None]:
    """The function for a block of lanes in memory: columns of operands, and one for the results."""
    import ctypes

    compute, settings, width = block_of(op), quiet(), 1 + arity

    def inside(address: int, stride: int, lanes: int) -> None:
        for variable, value in settings:
            variable.set(value)
        memory: Any = (ctypes.c_double * (width * stride)).from_address(address)
        *columns, results = np.frombuffer(memory).reshape(width, stride)[:, :lanes]
        compute(columns, results)

    return lambda address, stride, lanes: copy_context().run(inside, address, stride, lanes)


def block_of(op: Op) -> Block:
    """What computes ``op`` over columns of numbers; lanes that raise get `FAILED`."""
    function, who = function_of(op), f"the result of primitive {op.name}"

    def each(columns: Sequence[Any], results: Any) -> None:
        rest = map(function, *[column.tolist() for column in columns])
        found: list[Any] = []
        while len(found) < len(results):
            try:
                found.extend(rest)
            except Exception:  # those before are in the list, and the rest is still to come
                pass
            if len(found) < len(results):
                found.append(FAILED)
        if set(map(type, found)) != {float}:
            found = [y if type(y) is float else number(y) for y in found]
        results[:] = found

    def number(y: Any) -> float:
        try:
            result: float = as_float(y, who)
        except Exception:
            return FAILED
        return result

    def at_once(columns: Sequence[Any], results: Any) -> None:
        try:
            function(*columns, out=results)
        except Exception:  # of some lane
            each(columns, results)

    return at_once if is_ufunc(op) else each
