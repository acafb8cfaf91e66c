"""Signatures for `inspect.signature`, which cannot see the parameters of classes and callables compiled by Cython."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["SignatureOf"]


class SignatureOf:
    """A class attribute ``__signature__``. It is computed when it is asked for, because `inspect` is slow to import.

    Args:
        parameters: a function of the object, or of None if the class itself is asked. It returns the parameters as
            Python writes them, such as ``"a, b=1.0, /"``, or None if there is no signature.
    """

    def __init__(self, parameters: Callable[[Any], str | None]) -> None:
        self.parameters = parameters

    def __get__(self, instance: Any, owner: type) -> Any:
        import inspect

        text = self.parameters(instance)
        if text is None:
            raise AttributeError("__signature__")
        return inspect.signature(eval(f"lambda {text}: None"))
