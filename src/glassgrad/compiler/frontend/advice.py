"""The warning about a function that takes many routes through its branches: which line branches, and the cure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from glassgrad.compiler.frontend.tracer import Guard

__all__ = ["advice"]

CURES = {  # For each construct, the last sentence of the warning.
    "max": "Replace that `max` with `gg.maximum`, which does not branch",
    "min": "Replace that `min` with `gg.minimum`, which does not branch",
    "abs": "Replace that `abs` with `gg.abs`, which does not branch",
    "all": "Join the conditions with `&`, and choose with `gg.where(a & b, x, y)`, which does not branch",
    "any": "Join the conditions with `|`, and choose with `gg.where(a | b, x, y)`, which does not branch",
    **dict.fromkeys(
        ("sorted", "sort", "heapify", "heappop", "heappush", "heappushpop", "heapreplace", "nlargest", "nsmallest"),
        "Sort before the call, or use `gg.minimum` and `gg.maximum`",
    ),
    "while": "Loop a fixed number of times, and keep the value with `gg.where` once it is good enough",
    "index": "Read rows with `gg.take(rows, i)`, which takes no branch for i, and loop a fixed number of times",
    "if": "Replace that `if` with `gg.where(condition, a, b)`, which does not branch",
}


def advice(name: str, guards: Sequence[Guard], routes: int, most: int | None = None) -> str:
    """Return the warning that a function has taken too many routes.

    Args:
        name: the name of the function.
        guards: the branches that it took. The message names the line that branched most often, and a cure for it.
        routes: how many routes it has taken.
        most: the limit ``max_paths``, if that is the reason.
    """
    line, construct = Counter((guard.line, guard.construct) for guard in guards).most_common(1)[0][0]
    through = " through its " + (f"`{construct}` statements" if construct in ("if", "while") else f"`{construct}`")
    if construct == "index":
        through = ", one for each value of an integer that is used as an index or a count"
    cure = CURES.get(
        construct, f"Choose with `gg.where(condition, a, b)`, which does not branch, instead of `{construct}`"
    )
    return (
        f"{name} has taken {routes} different routes{through}, mostly at {line}. New routes now run "
        f"uncompiled{'' if most is None else f' (max_paths={most})'}, which is slow. {cure}."
    )
