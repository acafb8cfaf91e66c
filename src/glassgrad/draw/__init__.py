"""Drawings of graphs: `draw_dot` as in the teaching notebook, and `draw`, which goes further.

`picture` decides what is drawn, `layers` and `layout` where, `compose` turns that into a `scene` of shapes,
and `svg`, `mpl` (PNG, PDF), `tikz` and `text` write it. Nothing here needs Graphviz's programs.
"""

from glassgrad.draw.dot import draw_dot
from glassgrad.draw.drawing import Drawing, draw

__all__ = ["Drawing", "draw", "draw_dot"]
