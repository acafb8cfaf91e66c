"""`explain_nan`: run a function again, on nodes, at arguments where its result is nan or infinite."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import MethodType
from typing import Any, NamedTuple

from glassgrad.core import anomaly, scalar
from glassgrad.core.anomaly import NanReport, explained, is_bad
from glassgrad.core.op import describe, is_number
from glassgrad.core.recording import AnomalyError
from glassgrad.core.scalar import Scalar
from glassgrad.core.state import Block
from glassgrad.support.naming import full_name, parameters

__all__ = ["Place", "Rerun", "bad_places", "element", "explain_nan", "on_nodes"]


def explain_nan(f: Callable[..., Any], *args: Any, **kwargs: Any) -> NanReport | None:
    """Explain why ``f(*args, **kwargs)`` is nan or infinite: name the operation, its line and its operands.

    The function is run on nodes, which remember where they were made. For a batch, only the first lane whose result is
    not finite is run. Operations outside their domain give nan or infinity, as in compiled code.

    Args:
        f: a plain function, the result of a transform, or a function compiled by `jit` or `vmap`.
        args, kwargs: its arguments: numbers, arrays, and nested lists, tuples and dicts of them.

    Returns:
        A `NanReport`: print it to read it, or see it in the player with ``report.play()``. None if all results are
        finite.

    Raises:
        TypeError: ``f`` is not callable.

    Example:
        >>> import numpy as np, glassgrad as gg
        >>> slope = gg.vmap(gg.grad(lambda x, y: y * gg.sqrt(x)))
        >>> report = gg.explain_nan(slope, np.array([4.0, 0.0]), np.array([1.0, 2.0]))
        >>> report.lane, report.operation, report.operands
        (1, 'sqrt', (('x', 0.0),))
        >>> report.why
        'the derivative of sqrt(x=0.0) = 0.0 with respect to x is inf (it has a kink where x == 0)'
        >>> gg.explain_nan(slope, np.array([4.0, 1.0]), np.array([1.0, 2.0])) is None
        True
    """
    if not callable(f):
        raise TypeError(
            f"explain_nan needs a function, got {describe(f)}; did you mean explain_nan(f, x) rather than "
            "explain_nan(f(x))?"
        )
    bound: Any = f
    if isinstance(bound, MethodType):
        f, args = bound.__func__, (bound.__self__, *args)
    own = getattr(f, "_explain_nan", None)
    if own is not None:
        found: NanReport | None = own(args, kwargs)
        return found
    from glassgrad.support import pytrees

    leaves, structure = pytrees.tree_flatten((args, kwargs), none_is_leaf=True)  # type: ignore[arg-type,var-annotated]
    names = _names(f, pytrees.treespec_paths(structure))
    try:
        again = on_nodes(f, leaves, structure, names)
    except TypeError:  # integers that are counts or indices in the function must stay plain integers
        if not any(_is_whole(x) for x in leaves):
            raise
        again = on_nodes(f, leaves, structure, names, keep=_is_whole)
    places = bad_places(again.result)
    return again.report(places[0], function=full_name(f), arguments=again.arguments) if places else None


class Rerun(NamedTuple):
    """A function that was run on nodes.

    Attributes:
        result: what it returned.
        inputs: the names of the arguments' nodes, by their id.
        arguments: the arguments' numbers, by name.
        strictly: runs it again; then the first derivative that is not finite raises an error.
    """

    result: Any
    inputs: dict[int, str]
    arguments: dict[str, float]
    strictly: Callable[[], object]

    def report(self, place: Place, **about: Any) -> NanReport:
        """Report on a result that is nan or infinite."""
        about |= {"result": place.name}
        if not isinstance(place.value, Scalar):  # a plain number, perhaps the derivative of a linear function
            try:
                self.strictly()
            except AnomalyError as error:
                if error.report is not None:
                    return error.report._replace(value=float(place.value), **about)
        return explained(place.value, self.inputs, **about)


def on_nodes(
    f: Callable[..., Any],
    leaves: Sequence[Any],
    structure: Any,
    names: Sequence[str],
    keep: Callable[[Any], bool] = lambda leaf: False,
) -> Rerun:
    """Run ``f`` on nodes, which remember where they were made.

    Args:
        leaves, structure, names: its arguments ``(args, kwargs)``, flattened by optree, and the leaves' names.
        keep: a predicate: leaves for which it is true are passed on unchanged.
    """
    import numpy as np

    from glassgrad.support import pytrees

    nodes: list[Scalar] = []
    given = [leaf if keep(leaf) else _as_nodes(leaf, name, nodes) for leaf, name in zip(leaves, names)]
    args, kwargs = pytrees.tree_unflatten(structure, given)

    def run(strict: bool) -> Any:
        with _OnNodes(strict), np.errstate(all="ignore"):
            return f(*args, **kwargs)

    inputs = {id(x): x.label for x in nodes}
    arguments = {x.label: x.data for x in nodes}
    return Rerun(run(False), inputs, arguments, lambda: run(True))


class _OnNodes(Block):
    """Inside this block transforms build nodes, compiled functions run as plain Python, and nodes remember where they
    were made. If ``strict``, instead, the first derivative that is not finite raises an error."""

    def __init__(self, strict: bool) -> None:
        self.strict = strict

    def __enter__(self) -> None:
        state = self.inner()
        anomaly.note_lines(state)
        state.policy = "nan"
        state.warns = False
        state.watches = self.strict
        if not self.strict:
            state.trace()
        self.enter(state)


class Place(NamedTuple):
    """A place where a result is nan or infinite: the index of the leaf, the index of the element in the leaf, the value
    there, and a name for it."""

    leaf: int
    element: int
    value: Any
    name: str


def bad_places(result: Any) -> list[Place]:
    """List the places where a structure of results is nan or infinite."""
    from glassgrad.support import pytrees

    leaves, structure = pytrees.tree_flatten(result, none_is_leaf=True)
    found = []
    for k, (leaf, path) in enumerate(zip(leaves, pytrees.treespec_paths(structure))):
        name = "the result" + "".join(f"[{key!r}]" for key in path)
        is_array = getattr(leaf, "ndim", 0) > 0
        for j, x in enumerate(_elements(leaf)):
            if isinstance(x, (Scalar, float)) and is_bad(x):
                found.append(Place(k, j, x, name + _index(j, leaf.shape) if is_array else name))
    return found


def element(result: Any, place: Place) -> Any:
    """The value at that place of a structure of results; None if there is no number."""
    from glassgrad.support import pytrees

    leaves = pytrees.tree_leaves(result, none_is_leaf=True)
    elements = _elements(leaves[place.leaf]) if place.leaf < len(leaves) else []
    x = elements[place.element] if place.element < len(elements) else None
    return x if isinstance(x, (Scalar, float)) else None


def _elements(leaf: Any) -> list[Any]:
    return list(leaf.ravel().tolist()) if hasattr(leaf, "ravel") else [leaf]


def _index(j: int, shape: tuple[int, ...]) -> str:
    import numpy as np

    return f"[{', '.join(str(i) for i in np.unravel_index(j, shape))}]"


def _as_nodes(leaf: Any, name: str, nodes: list[Scalar]) -> Any:
    """Turn a number into a node, and an array into an array of nodes; add these to ``nodes``. Return anything else
    unchanged. Nodes of integers are marked as such."""
    if isinstance(leaf, Scalar) or is_number(leaf):
        nodes.append(Scalar(float(leaf), label=name))
        if _is_whole(leaf):
            scalar.mark_integers(nodes[-1:])
        return nodes[-1]
    if not hasattr(leaf, "ravel") or leaf.dtype.kind not in "fiubO":
        return leaf
    import numpy as np

    from glassgrad.core.arrays import Array

    elements = leaf.ravel().tolist()
    if not all(isinstance(x, Scalar) or is_number(x) for x in elements):
        return leaf
    made = [Scalar(float(x), label=name + _index(j, leaf.shape)) for j, x in enumerate(elements)]
    nodes += made
    if _is_whole(leaf):
        scalar.mark_integers(made)
    array = np.empty(len(made), dtype=object)
    array[:] = made
    return array.reshape(leaf.shape).view(Array)


def _is_whole(leaf: Any) -> bool:
    return isinstance(leaf, int) or getattr(getattr(leaf, "dtype", None), "kind", "f") in "iub"


def _names(f: Callable[..., Any], paths: Sequence[tuple[Any, ...]]) -> list[str]:
    """A name for each leaf of ``(args, kwargs)``."""
    named, rest = parameters(f)
    found = []
    for kind, first, *more in paths:
        if kind:
            name = str(first)
        else:
            name = named[first] if first < len(named) else f"{rest}[{first - len(named)}]"
        found.append(name + "".join(f"[{key!r}]" for key in more))
    return found
