"""Drawings of graphs: `draw_dot`, as in the teaching notebook, and `draw`, which does more.

A drawing is made in four steps. `picture` decides which boxes and arrows there are. `layout` gives them places, one
cluster at a time, with `layers`. `compose` turns the result into a `scene` of shapes. `svg`, `mpl` (PNG and PDF),
`tikz` and `text` write that scene. None of this needs Graphviz's programs.

>>> import glassgrad as gg
>>> x = gg.Scalar(3.0, label="x")
>>> print(gg.draw(x**2))
9  [**]
├─ x = 3
└─ 2
"""

from glassgrad.draw.dot import draw_dot
from glassgrad.draw.drawing import Drawing, draw

__all__ = ["Drawing", "draw", "draw_dot"]

# `gg.draw` is the function, not this package (see `glassgrad._Package`), so the function has the package's names too.
vars(draw).update(Drawing=Drawing, draw_dot=draw_dot)
