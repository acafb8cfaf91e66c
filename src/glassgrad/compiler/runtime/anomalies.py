"""`detect_anomaly` and `explain_nan` for compiled functions.

The first lane whose result is not finite runs once more, uncompiled, on nodes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from glassgrad.core.anomaly import NanReport, is_bad, watching
from glassgrad.core.recording import AnomalyError
from glassgrad.core.rerun import Place, bad_places, element, on_nodes
from glassgrad.support import pytrees
from glassgrad.support.naming import full_name
from glassgrad.transforms.tracing import inside_a_trace

__all__ = ["Watched", "bad_lanes", "explain_sum"]

LARGEST = float(np.finfo(np.float32).max)


class Watched:
    """A compiled function whose results can be checked for nan and infinity."""

    function: Callable[..., Any]

    def _call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        raise NotImplementedError

    def _explain(self, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> NanReport | None:
        """Return the report on ``result``, or None if it is finite."""
        raise NotImplementedError

    def _own(self, kwargs: Mapping[str, Any]) -> dict[str, Any]:
        """Return the keyword arguments that the function itself takes."""
        raise NotImplementedError

    def _watched(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if not watching() or inside_a_trace():
            return self._call(args, kwargs)
        given: Any = (args, self._own(kwargs))
        if "out" in kwargs:  # the call may overwrite an argument if that is also in `out`
            given = pytrees.tree_map(copied, given, none_is_leaf=True)
        result = self._call(args, kwargs)
        positional, named = given
        report = self._explain(positional, named, result)
        if report is not None:
            raise AnomalyError(str(report), report.node, report)
        return result

    def _explain_nan(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> NanReport | None:
        """Return the report for `explain_nan`."""
        kwargs = self._own(kwargs)
        return self._explain(args, kwargs, self._call(args, dict(kwargs)))

    def _rerun(
        self, leaves: Sequence[Any], structure: Any, names: Sequence[str], result: Any, **about: Any
    ) -> NanReport | None:
        """Return the report on the ``result`` of one lane, or None if it is finite.

        Args:
            leaves, structure, names: the leaves of the arguments, their structure and their names.
            result: the result of the lane.
            about: further fields of the report.
        """
        places = bad_places(result)
        if not places:
            return None
        about |= {"function": full_name(self.function)}
        try:
            again = on_nodes(self.function, leaves, structure, names)
        except Exception as error:
            return unknown(places[0], f"the function cannot be run uncompiled to find the cause: {error}", **about)
        about["arguments"] = again.arguments
        for place in places:
            x = element(again.result, place)
            if x is not None and is_bad(x):
                return again.report(place._replace(value=x), **about)
        place, x = places[0], element(again.result, places[0])
        kind = getattr(pytrees.tree_leaves(result, none_is_leaf=True)[place.leaf], "dtype", float)
        if x is not None and kind == np.float32 and abs(float(x)) > LARGEST:
            return unknown(place, f"it is {float(x)!r}, which is too large for a float32", kind="float32", **about)
        return unknown(place, "it is finite if the function runs uncompiled: compiled code rounds differently", **about)


def copied(x: Any) -> Any:
    return x.copy() if isinstance(x, np.ndarray) else x


def unknown(place: Place, why: str, kind: str = "unknown", **about: Any) -> NanReport:
    """Make a report that names no node."""
    return NanReport(result=place.name, value=place.value, why=why, kind=kind, **about)


def explain_sum(place: Place, result: Any, name: str) -> NanReport:
    """Return the report on a sum that is not finite, although the results of all lanes are.

    Args:
        place: the place of the sum among the results.
        result: the results of all lanes.
        name: the name of the function.
    """
    leaf = pytrees.tree_leaves(result, none_is_leaf=True)[place.leaf]
    with np.errstate(over="ignore", invalid="ignore"):
        sums = np.cumsum(leaf.reshape(len(leaf), -1)[:, place.element], dtype=float)
    over = ~np.isfinite(sums)
    if not over.any():
        return unknown(place, "the sum over the lanes is too large for a float32", "float32", function=name)
    lane = int(over.argmax())
    why = f"every lane is finite, but the sum of all lanes up to this one is {float(sums[lane])!r}"
    return unknown(place, why, "sum", function=name, lane=lane)


def bad_lanes(result: Any) -> Any:
    """Return a boolean array: for each lane, whether a result is nan or infinite. None if there are no results."""
    bad = None
    for leaf in pytrees.tree_leaves(result):
        if isinstance(leaf, np.ndarray) and leaf.dtype.kind == "f":
            some = ~np.isfinite(leaf.reshape(len(leaf), -1)).all(axis=1)
            bad = some if bad is None else bad | some
    return bad
