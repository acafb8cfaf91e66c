"""Import modules of higher layers, at the moment when a method needs them.

Imports point one way, from higher layers to lower ones. A few objects have convenience methods that belong to a higher
layer: ``report.play()``, ``module.save(path)``, ``quiz.grade(answers)``. Such a method imports that layer with `late`.
`tests/test_imports.py` lists all of these imports.
"""

from importlib import import_module
from typing import Any

__all__ = ["late"]


def late(module: str) -> Any:
    """Import the module called ``module`` now, and return it."""
    return import_module(module)
