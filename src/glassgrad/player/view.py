"""Checks the options of `play` on how a player opens, and writes them for the document.

The address of the page can have the same options (``js/view.js``). It takes precedence.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from glassgrad.messages import checked as checked_language
from glassgrad.player.document import COMPUTED
from glassgrad.player.page import HEIGHT

__all__ = ["checked", "height_of"]

LAYOUTS = ("LR", "TB", "auto")
PANELS = ("step", "node", "leaves", "paths", "bugs", "table")
LOWEST, HIGHEST = 200, 4000  # The smallest and the largest height, in pixels.
COMPACT = 400  # The height of a compact player, in pixels.


def checked(
    document: Mapping[str, Any],
    *,
    step: Any = None,
    layout: Any = "auto",
    panel: Any = None,
    height: Any = None,
    compact: Any = False,
    lang: Any = None,
) -> dict[str, Any]:
    """Return the entry ``view`` of a document, with the options of `play` that were given.

    Raises:
        TypeError: an option has the wrong type.
        ValueError: an option has an unknown value.
    """
    view: dict[str, Any] = {}
    if step is not None:
        view["step"] = _step(step, _steps(document))
    if layout not in LAYOUTS:
        raise ValueError(f"layout must be {_listed(LAYOUTS)}, got {layout!r:.60}")
    if layout != "auto":
        view["layout"] = layout
    if panel is not None:
        view["panel"] = _panel(panel, document)
    if height is not None:
        view["height"] = _whole("height", height, LOWEST, HIGHEST, " pixels")
    if not isinstance(compact, bool):
        raise TypeError(f"compact must be True or False, got {compact!r:.60}")
    if compact:
        view["compact"] = True
    if checked_language(lang) is not None:
        view["lang"] = lang
    return view


def height_of(document: Mapping[str, Any]) -> int:
    """Return the height of a frame for the page of a document, in pixels."""
    view = document.get("view") or {}
    return int(view.get("height", COMPACT if view.get("compact") else HEIGHT))


def _steps(document: Mapping[str, Any]) -> int:
    """Return the number of steps: a value for each operation, the root's gradient, and shares from each operation."""
    kinds: list[int] = document["nodes"]["kind"]
    return 2 * kinds.count(COMPUTED) + 1


def _step(step: Any, steps: int) -> str | int:
    if isinstance(step, str):
        if step in ("start", "end"):
            return step
        raise ValueError(f'step must be "start", "end" or an integer from 0 to {steps}, got {step!r:.60}')
    return _whole("step", step, 0, steps)


def _panel(panel: Any, document: Mapping[str, Any]) -> str:
    panels = [*PANELS, *["time"] * bool(document["run"]), *["quiz"] * bool(document["quiz"])]
    panels += ["judged"] * bool(document["judged"])
    if panel in panels:
        return str(panel)
    raise ValueError(f"panel must be one of this player's panels, {_listed(panels)}, got {panel!r:.60}")


def _whole(name: str, x: Any, low: int, high: int, unit: str = "") -> int:
    if isinstance(x, bool) or not hasattr(x, "__index__"):
        raise TypeError(f"{name} must be an integer from {low} to {high}{unit}, got {x!r:.60}")
    number: int = x.__index__()
    if not low <= number <= high:
        raise ValueError(f"{name} must be an integer from {low} to {high}{unit}, got {number}")
    return number


def _listed(choices: Any) -> str:
    *most, last = (f'"{choice}"' for choice in choices)
    return f"{', '.join(most)} or {last}"
