"""Stands in for the ``cython`` module where code made for it runs uncompiled: its decorators then mean nothing."""

from __future__ import annotations

from typing import TypeVar

__all__ = ["cclass", "compiled", "no_gc", "no_gc_clear"]

compiled = False

Class = TypeVar("Class", bound=type)


def cclass(cls: Class) -> Class:
    """Make the class an extension type."""
    return cls


def no_gc_clear(cls: Class) -> Class:
    """Keep garbage collection from clearing the attributes."""
    return cls


def no_gc(cls: Class) -> Class:
    """Leave the class out of garbage collection."""
    return cls
