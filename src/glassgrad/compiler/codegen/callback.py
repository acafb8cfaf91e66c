"""Calls from machine code back to Python, for functions that have no machine code.

The code writes the mark `FAILED` into the result's place and calls the function. If the mark is still there afterwards,
the function raised an exception. The code then gives up the lane, which is run again in Python, where the exception is
raised. Exceptions that must not be lost meanwhile, above all an interrupt, are kept in `pending` until `reraise`.

In the compiled build ``callback.h`` does this; in plain Python, ctypes does.
"""

from __future__ import annotations

from _thread import get_ident
from typing import Any

try:
    import cython
except ImportError:
    from glassgrad.core import cython_shim as cython

__all__ = ["FAILED", "addresses", "pending", "reraise"]

FAILED = 0x7FF8_4661_696C_6564  # The bits of a nan that no computation gives; the low bytes are "Failed" in ASCII.

pending: list[tuple[int, BaseException]] = []  # Exceptions to raise again, each with the id of its thread.
_closures: list[Any] = []

if cython.compiled:
    callback_begin(pending)  # type: ignore[name-defined]  # noqa: F821


def addresses() -> tuple[int, int]:
    """Return the addresses of two C functions that call a Python function.

    ``one(function, values, arity)`` calls it with the first ``arity`` doubles of ``values``, and stores the result in
    ``values[arity]``. ``many(function, block, stride, lanes)`` calls ``function(address of block, stride, lanes)``."""
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
    """Raise again an exception from a function that machine code called in this thread.

    Only exceptions that are no `Exception`, such as an interrupt, are kept for this.
    """
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
    """Keep exceptions that ctypes would drop.

    A signal may be handled after ctypes has called a function and before the function begins. An exception from the
    handler then reaches only this hook.
    """
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
    except Exception:  # the lane is run again in Python, which raises it
        pass
    except BaseException as error:
        pending.append((here, error))
