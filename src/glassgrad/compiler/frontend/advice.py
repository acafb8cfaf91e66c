"""The warning about a function that takes many routes through its branches: where they part, and what to write."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from glassgrad.compiler.frontend.tracer import Guard

__all__ = ["advice"]

CURES = {
    "max": "Replace that `max` by `gg.maximum`, which is no branch",
    "min": "Replace that `min` by `gg.minimum`, which is no branch",
    "abs": "Replace that `abs` by `gg.abs`, which is no branch",
    "all": "Join the conditions with `&`, and choose by `gg.where(a & b, x, y)`, which is no branch",
    "any": "Join the conditions with `|`, and choose by `gg.where(a | b, x, y)`, which is no branch",
    **dict.fromkeys(
        ("sorted", "sort", "heapify", "heappop", "heappush", "heappushpop", "heapreplace", "nlargest", "nsmallest"),
        "Sort before the call, or take `gg.minimum` and `gg.maximum`",
    ),
    "while": "Loop a fixed number of rounds, and keep the value by `gg.where` once it is good enough",
    "if": "Replace that `if` by `gg.where(condition, a, b)`, which is no branch",
}


def advice(name: str, guards: Sequence[Guard], routes: int, most: int | None = None) -> str:
    """A warning that a function has taken so many routes, with the line that branches most, and a cure.

    Args:
        name: the name of the function.
        guards: the branches that it took.
        routes: how many routes it has taken.
        most: how many are kept, if that is the reason; else None.
    """
    line, construct = Counter((guard.line, guard.construct) for guard in guards).most_common(1)[0][0]
    through = f"`{construct}` statements" if construct in ("if", "while") else f"`{construct}`"
    cure = CURES.get(
        construct, f"Replace what `{construct}` decides by `gg.where(condition, a, b)`, which is no branch"
    )
    return (
        f"{name} has taken {routes} different routes through its {through}, mostly at {line}; further new routes run "
        f"uncompiled{'' if most is None else f' (max_paths={most})'}. {cure}."
    )
