"""The way back from machine code to Python: by which compiled code calls functions that it has no code for.

Code writes `FAILED` where a result is due and calls. If that mark still stands there afterwards, the function raised an
exception: the code gives the lane up, and it is run in Python, where the exception comes out. What must not be lost in
between, an interrupt above all, is kept in `pending` until `reraise`. Compiled by Cython, see ``callback.h``; as plain
Python it goes through ctypes.
"""

from __future__ import annotations

from _thread import get_ident
from typing import Any

try:
    import cython
except ImportError:
    from glassgrad.core import cython_shim as cython

__all__ = ["FAILED", "addresses", "pending", "reraise"]

FAILED = 0x7FF8_4661_696C_6564  # the bits of a nan that nothing computes; "Failed" in ASCII

pending: list[tuple[int, BaseException]] = []  # what functions raised, with the thread that is to raise it again
_closures: list[Any] = []

if cython.compiled:
    callback_begin(pending)  # type: ignore[name-defined]  # noqa: F821


def addresses() -> tuple[int, int]:
    """The addresses of two C functions: ``one(function, values, arity)`` sets ``values[arity]`` to what the Python
    function gives for the doubles before it; ``many(function, block, stride, lanes)`` calls it as
    ``function(address of block, stride, lanes)``."""
    if cython.compiled:
        return callback_one_address(), callback_many_address()  # type: ignore[name-defined]  # noqa: F821
    import ctypes

    if not _closures:
        _keep_what_ctypes_drops()
        address, number = ctypes.c_void_p, ctypes.c_int64
        _closures.extend(
            [
                ctypes.CFUNCTYPE(None, address, address, number)(_one),
                ctypes.CFUNCTYPE(None, address, address, number, number)(_many),
            ]
        )
    one, many = [ctypes.cast(closure, ctypes.c_void_p).value or 0 for closure in _closures]
    return one, many


def reraise() -> None:
    """Raise what a function that machine code called in this thread raised, if it is more than an `Exception`."""
    here = get_ident()
    for pair in list(pending):
        if pair[0] == here:
            pending.remove(pair)
            raise pair[1]


def _one(function: int, values: int, arity: int) -> None:
    import ctypes

    def call() -> None:
        memory = (ctypes.c_double * (arity + 1)).from_address(values)
        memory[arity] = _object(function)(*memory[:arity])

    _guarded(call)


def _many(function: int, block: int, stride: int, lanes: int) -> None:
    _guarded(lambda: _object(function)(block, stride, lanes))


def _keep_what_ctypes_drops() -> None:
    """A signal may be handled where ctypes has called a function that has not begun: what its handler raises then goes
    to this hook, and nowhere else."""
    import sys

    before = sys.unraisablehook

    def hook(unraisable: Any) -> None:
        error = unraisable.exc_value
        if "ctypes callback" not in str(unraisable.err_msg) or isinstance(error, (Exception, type(None))):
            before(unraisable)
        else:
            pending.append((get_ident(), error))

    sys.unraisablehook = hook


def _object(address: int) -> Any:
    import ctypes

    return ctypes.cast(address, ctypes.py_object).value


def _guarded(call: Any) -> None:
    here = get_ident()
    if any(thread == here for thread, _ in pending):
        return
    try:
        call()
    except Exception:  # the lane is run once more, in Python
        pass
    except BaseException as error:
        pending.append((here, error))
