"""The door to rooms above: modules that are imported only when a method needs them.

Imports point one way, from the upper rooms to the lower ones. A few objects have convenience methods that belong to a
room above: ``report.play()``, ``module.save(path)``, ``quiz.grade(answers)``. Such a method opens its room by `late`.
`tests/test_imports.py` lists all of them.
"""

from importlib import import_module
from typing import Any

__all__ = ["late"]


def late(module: str) -> Any:
    """Return the module called `module`, imported now."""
    return import_module(module)
