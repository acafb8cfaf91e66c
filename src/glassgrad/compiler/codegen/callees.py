"""Find the function that computes each operation of a tape: a kernel of mathlib, a C function, or a Python function.

Primitives that could not be traced (`inline`) have no kernel. A few operations of the table have none either. If
ctypes knows that a primitive's function takes and returns doubles, machine code calls it by its address. Otherwise
machine code calls back into Python. A kernel for one call passes floats. A kernel for a batch calls back once for each
block of lanes: a ufunc gets arrays, and any other function runs lane by lane inside that one call.
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

BACK = "gg.back"  # The symbol of the function through which machine code calls Python.
FAILED: float = struct.unpack("<d", struct.pack("<Q", callback.FAILED))[0]  # The result of a lane that raised an error.

Block = Callable[[Sequence[Any], Any], None]  # It takes the columns of operands, and a column to write results to.


def callee_name(k: int) -> str:
    """Return the symbol of the k-th function that is not a kernel."""
    return f"gg.callee{k}"


class Callees:
    """The functions, other than kernels, that the code of a tape calls.

    Attributes:
        ops, arities: the operation that each function computes, and its number of operands. Each is listed once.
        number: a dict from the position of an operation without a kernel to the number of its function.
        addresses: the address of each function that is a C function, and None for the others.
        back: the positions of the operations that are computed by Python functions.
        width: the number of doubles that a call of a Python function needs in one lane: operands and result.
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
        self.width = 1 + max([len(tape.args[i]) for i in self.back], default=0)
        self._kept: list[Any] = []

    def name(self, i: int) -> str:
        """Return the symbol of the function that computes operation i."""
        return callee_name(self.number[i])

    def symbols(self, batch: bool) -> dict[str, int]:
        """Return the address of each symbol in this process. They are valid for as long as this object lives."""
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
        """Return a text of everything that the code depends on. The functions themselves are not part of it."""
        return repr((sorted(self.number.items()), [address is None for address in self.addresses]))


def function_of(op: Op) -> Callable[..., Any]:
    found: Any = getattr(op, "function", None) or op.value
    assert callable(found)
    return found  # type: ignore[no-any-return]


def address_of(op: Op) -> int | None:
    """Return the address of the C function that computes ``op`` on doubles, or None if there is none."""
    import ctypes

    function: Any = getattr(op, "function", None)
    function = getattr(function, "ctypes", function)  # numba's cfunc has a ctypes function as an attribute
    if not isinstance(function, ctypes._CFuncPtr):  # type: ignore[attr-defined]
        return None
    types = function.argtypes or ()
    needs_python = getattr(type(function), "_flags_", 0) & 4  # FUNCFLAG_PYTHONAPI
    doubles = function.restype is ctypes.c_double and bool(types) and all(kind is ctypes.c_double for kind in types)
    if needs_python or not doubles or len(types) != op.arity or getattr(function, "errcheck", None):
        return None
    return ctypes.cast(function, ctypes.c_void_p).value


# Python functions that machine code calls. As in the interpreter of tapes, no warning is given if a result is nan


@cache
def quiet() -> list[tuple[ContextVar[Any], Any]]:
    """Return the context variables that silence NumPy and glassgrad outside a domain, and their values.

    Setting these takes a tenth of the time of ``with np.errstate(…)``.
    """

    def inside() -> list[tuple[ContextVar[Any], Any]]:
        with np.errstate(all="ignore"), errstate(domain="nan"):
            return list(copy_context().items())

    return Context().run(inside)


def one(op: Op) -> Callable[..., float]:
    """Return the function for floats. It runs in its own context, so an interrupt leaves no variable set."""
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
    """Return the function for a block of lanes in memory: columns of operands, and a column for the results."""
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
    """Return the function that computes ``op`` over columns of numbers. A lane that raises an error gets `FAILED`."""
    function, who = function_of(op), f"the result of primitive {op.name}"

    def each(columns: Sequence[Any], results: Any) -> None:
        rest = map(function, *[column.tolist() for column in columns])
        found: list[Any] = []
        while len(found) < len(results):
            try:
                found.extend(rest)
            except Exception:  # the results before it are in the list; the next turn continues after it
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
        except Exception:  # some lane raised it; find out which
            each(columns, results)

    return at_once if is_ufunc(op) else each
