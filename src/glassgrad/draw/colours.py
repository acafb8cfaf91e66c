"""The colours of a drawing, in the light and the dark theme.

Gradients run from blue (negative) through grey to orange (positive). Readers with any common kind of colour blindness
can tell blue from orange, and the sign is printed as well. Text has a contrast of at least 4.5 : 1 on every shade, in
both themes.
"""

import math
from typing import Any

from glassgrad.draw.scene import Style

STEPS = 4  # The number of shades for positive gradients, and again for negative ones.

_LIGHT = {
    "back": "#ffffff",
    "ink": "#16191d",
    "faint": "#5a6370",
    "line": "#6b7480",
    "box": "#ffffff",
    "leaf": "#f1f3f6",
    "edge": "#8a939e",
    "op": "#e3e8ee",
    "blame": "#c2185b",
    "now": "#00796b",
    "cluster": ("#f6f8fa", "#edf1f5"),
    "rim": "#b9c2cc",
    "zero": "#f0f0f0",
    "plus": ("#fdeedd", "#fcd9ae", "#fabd74", "#f59b3d"),
    "minus": ("#e4f0fa", "#c0ddf3", "#90c2ea", "#5fa6de"),
}
_DARK = {
    "back": "#14171b",
    "ink": "#eceff2",
    "faint": "#a3adb8",
    "line": "#98a2ad",
    "box": "#20252b",
    "leaf": "#2a3038",
    "edge": "#7b8591",
    "op": "#39424d",
    "blame": "#ff7aa8",
    "now": "#4fd1c5",
    "cluster": ("#191d22", "#1e232a"),
    "rim": "#4a545f",
    "zero": "#2e3238",
    "plus": ("#3a2a18", "#573a17", "#754a12", "#8f5806"),
    "minus": ("#1a2c3c", "#1c4262", "#1a5887", "#1669a8"),
}


def step(grad: float, largest: float) -> str:
    """Return the style of a gradient: ``grad0``, ``grad+1`` to ``grad+4``, ``grad-1`` to ``grad-4``, or ``gradbad``.

    The shade grows with the square root of the gradient, so that small gradients stay visible beside large ones.
    ``gradbad`` is for nan and infinities.

    >>> step(-2.0, 2.0), step(0.01, 2.0), step(float("nan"), 2.0)
    ('grad-4', 'grad+1', 'gradbad')
    """
    if not math.isfinite(grad):
        return "gradbad"
    if not grad:
        return "grad0"
    shade = math.ceil(STEPS * math.sqrt(min(abs(grad) / largest, 1.0))) if largest else 1
    return f"grad{'+' if grad > 0 else '-'}{max(shade, 1)}"


def _styles(c: dict[str, Any]) -> dict[str, Style]:
    styles = {
        "back": Style(c["back"]),
        "text": Style(c["ink"]),
        "faint": Style(c["faint"]),
        "node": Style(c["box"], c["line"], 1.0),
        "leaf": Style(c["leaf"], c["line"], 1.0),
        "root": Style(c["box"], c["ink"], 2.0),
        "rule": Style("none", c["line"], 0.6),
        "op": Style(c["op"], c["line"], 1.0),
        "edge": Style("none", c["edge"], 1.2),
        "head": Style(c["edge"]),
        "flow": Style("none", c["blame"], 1.1, (4.0, 3.0)),
        "flowhead": Style(c["blame"]),
        "return": Style("none", c["line"], 1.2, (4.0, 3.0)),
        "returnhead": Style(c["line"]),
        "cluster0": Style(c["cluster"][0], c["rim"], 1.0),
        "cluster1": Style(c["cluster"][1], c["rim"], 1.0),
        "plate0": Style(c["cluster"][0]),
        "plate1": Style(c["cluster"][1]),
        "group": Style(c["op"], c["line"], 1.2),
        "now": Style(c["box"], c["now"], 2.5),
        "nowedge": Style("none", c["now"], 2.2),
        "nowhead": Style(c["now"]),
        "giving": Style(c["box"], c["blame"], 2.5),
        "stub": Style(c["back"], c["faint"], 1.0, (3.0, 2.5)),
        "grad0": Style(c["zero"]),
        "gradbad": Style(c["back"], c["blame"], 1.6),
        "moved": Style(c["blame"]),
    }
    for name in ("node", "leaf", "root", "group"):
        styles[f"stale{name}"] = styles[name]._replace(stroke=c["blame"], dash=(4.0, 3.0))
    for sign, shades in (("+", c["plus"]), ("-", c["minus"])):
        styles.update({f"grad{sign}{i + 1}": Style(shade) for i, shade in enumerate(shades)})
    return styles


LIGHT = _styles(_LIGHT)
DARK = _styles(_DARK)
