"""The error for a tape that breaks a rule."""

from __future__ import annotations

__all__ = ["IllegalTape"]


class IllegalTape(AssertionError):
    """A tape breaks a rule of `verify`. This is a bug in glassgrad."""
