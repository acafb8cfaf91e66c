"""Drawings of graphs: `draw_dot` as in the teaching notebook, and `draw`, which goes further.

`picture` decides what is drawn, `layers` and `layout` where, `compose` turns that into a `scene` of shapes,
and `svg`, `mpl` (PNG, PDF), `tikz` and `text` write it. Nothing here needs Graphviz's programs.
"""

import inspect
import sys
from types import ModuleType

from glassgrad.draw.dot import draw_dot
from glassgrad.draw.drawing import Drawing, draw

__all__ = ["Drawing", "draw", "draw_dot"]


class _Callable(ModuleType):
    """This package under the name that it shares with its main function: ``gg.draw(y)`` calls that."""

    __call__ = staticmethod(draw)


# Importing a package sets it as an attribute of its parent, where `draw` is meant to be found.
sys.modules[__name__].__class__ = _Callable
__signature__ = inspect.signature(draw)
