"""How a player opens: the options of `play` that say so, checked, as the document carries them.

The page's address can ask for the same (``js/view.js``), and then goes over them.
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
LOWEST, HIGHEST = 200, 4000  # px
COMPACT = 400


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
    """The entry "view" of ``document`` for these options of `play`: those that were given.

    Raises:
        TypeError: an option is of the wrong type.
        ValueError: an option has a value that it cannot have.
    """
    view: dict[str, Any] = {}
    if step is not None:
        view["step"] = _step(step, _steps(document))
    if layout not in LAYOUTS:
        raise ValueError(f"layout={layout!r:.60}: use {_listed(LAYOUTS)}")
    if layout != "auto":
        view["layout"] = layout
    if panel is not None:
        view["panel"] = _panel(panel, document)
    if height is not None:
        view["height"] = _whole("height", height, LOWEST, HIGHEST, "pixels")
    if not isinstance(compact, bool):
        raise TypeError(f"compact={compact!r:.60}: use True or False")
    if compact:
        view["compact"] = True
    if checked_language(lang) is not None:
        view["lang"] = lang
    return view


def height_of(document: Mapping[str, Any]) -> int:
    """The height in pixels of a frame for the document's page."""
    view = document.get("view") or {}
    return int(view.get("height", COMPACT if view.get("compact") else HEIGHT))


def _steps(document: Mapping[str, Any]) -> int:
    """How many steps there are: a value for each operation, the root's gradient, a gradient sent on by each."""
    kinds: list[int] = document["nodes"]["kind"]
    return 2 * kinds.count(COMPUTED) + 1


def _step(step: Any, steps: int) -> str | int:
    if isinstance(step, str):
        if step in ("start", "end"):
            return step
        raise ValueError(f'step={step!r:.60}: use "start", "end" or a whole number from 0 to {steps}')
    return _whole("step", step, 0, steps, "steps")


def _panel(panel: Any, document: Mapping[str, Any]) -> str:
    panels = [*PANELS, *["time"] * bool(document["run"]), *["quiz"] * bool(document["quiz"])]
    panels += ["judged"] * bool(document["judged"])
    if panel in panels:
        return str(panel)
    raise ValueError(f"panel={panel!r:.60}: this player's panels are {_listed(panels)}")


def _whole(name: str, x: Any, low: int, high: int, unit: str) -> int:
    if isinstance(x, bool) or not hasattr(x, "__index__"):
        raise TypeError(f"{name}={x!r:.60}: use a whole number of {unit} from {low} to {high}")
    number: int = x.__index__()
    if not low <= number <= high:
        raise ValueError(f"{name}={number}: use a whole number of {unit} from {low} to {high}")
    return number


def _listed(choices: Any) -> str:
    *most, last = (f'"{choice}"' for choice in choices)
    return f"{', '.join(most)} or {last}"
