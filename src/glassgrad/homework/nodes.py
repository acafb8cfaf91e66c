"""`Adopted`: a node of another class, with the attributes of our nodes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from glassgrad.core.op import Op, errstate
from glassgrad.core.scalar import Scalar, computed, used
from glassgrad.graph import are_in_a_set, operands, operation_of, topological
from glassgrad.homework.operations import AGREES, Reading, recognised
from glassgrad.messages import Message

__all__ = ["Adopted", "adopt", "adopt_all", "number_of"]

_EPS = {4: 2**-23, 2: 2**-10}  # The machine epsilon of float32 and float16, by their size in bytes.
_STEPS = 256  # The largest number of roundings in an operation.
_IN_A_SET = Message("trouble.in_a_set")
_CHANGED = Message("trouble.changed")
_BY_VALUE = "its operands are in a set, and their class compares by value, so equal operands count as one"


class Adopted:
    """A node of another class.

    Attributes:
        original: the node itself.
        data: its data, unchanged.
        value: its data as a float, or None if they are not a number.
        grad: its gradient as a float, or None if it has none.
        operation: the operation that made it, or None for a leaf, or if the operation is not known.
        trouble: why the operation is not known, and so neither are the local derivatives; otherwise ``""``.
        prev: the operands. If the class keeps them in a set, the value of the node tells their order and repetitions.
        is_set: whether the class keeps the operands in a set.
        misfit: whether its value differs from the result of its operation. Then an operand was probably moved later.
        lost: whether its value does not follow from the single operand in its set. Then that operand was moved, or the
            class did not keep a number.
    """

    __slots__ = (
        *("__weakref__", "data", "grad", "grad_updated", "group", "is_constant", "is_set", "label", "lost"),
        *("misfit", "named", "op", "operation", "original", "prev", "source", "trouble", "value"),
    )

    def __init__(self, original: Any) -> None:
        self.original = original
        self.data = _data(original)
        self.value = number_of(self.data)
        self.grad = number_of(_quietly(original, "grad"))
        own = _quietly(original, "grad_updated")
        self.grad_updated = self.grad is not None and (bool(self.grad) if own is None else bool(own))
        label = _quietly(original, "label")
        self.label = str(label) if isinstance(label, (str, int, float)) else ""
        self.named = (
            bool(_quietly(original, "named")) if isinstance(original, Scalar) else self.label not in ("", "unk")
        )
        wants_none = _quietly(original, "requires_grad") is False and not operands(original)
        self.is_constant = _quietly(original, "is_constant") is True or wants_none
        group, self.source = _quietly(original, "group"), _quietly(original, "source")
        self.group = group if isinstance(getattr(group, "name", None), str) else None
        self.op = operation_of(original)
        self.is_set = are_in_a_set(original)
        self.operation: Op | None = None
        self.prev: tuple[Adopted, ...] = ()
        self.trouble = ""
        self.misfit = self.lost = False

    @property
    def rounding(self) -> float:
        """The machine epsilon of the dtype of its data."""
        return _EPS.get(getattr(getattr(self.data, "dtype", None), "itemsize", 8), 2**-52)

    @property
    def used(self) -> tuple[float | None, ...]:
        """The values of the operands. A `Scalar` remembers those that it was computed from."""
        if isinstance(self.original, Scalar):
            return tuple(used(self.original))
        return tuple([operand.value for operand in self.prev])

    def local_partials(self) -> tuple[float, ...]:
        """Return the derivatives with respect to each operand.

        Raises:
            ValueError: the derivatives are not known.
        """
        if self.operation is None or self.value is None:
            raise ValueError(self.trouble)
        y = computed(self.original) if isinstance(self.original, Scalar) else self.value
        xs = self.used
        with errstate(domain="nan"):
            return tuple([float(self.operation.partial(i, y, xs)) for i in range(len(xs))])

    def __repr__(self) -> str:
        return self.label or f"{type(self.original).__name__} of data {self.data!r:.40}"


def adopt(root: Any, names: Mapping[int, str] | None = None) -> tuple[Any, dict[int, str]]:
    """Return the graph below ``root`` with nodes like ours, and the ``names`` by the ids of these nodes.

    If ``root`` is a `Scalar` or was adopted before, it is returned unchanged.

    Raises:
        TypeError: an operand is not a node, or reading an attribute raises.
        CycleError: a node depends on itself.

    Example:
        >>> class Value:
        ...     def __init__(self, data, _children=(), _op=""):
        ...         self.data, self.grad, self._prev, self._op = data, 0, set(_children), _op
        >>> x = Value(3.0)
        >>> y, _ = adopt(Value(9.0, (x, x), "*"))
        >>> len(y.original._prev), len(y.prev), y.local_partials()
        (1, 2, (3.0, 3.0))
    """
    (adopted,), known = adopt_all([root], names)
    return adopted, known


def adopt_all(roots: Sequence[Any], names: Mapping[int, str] | None = None) -> tuple[list[Any], dict[int, str]]:
    """Do the same as `adopt` for several roots, whose graphs may share nodes."""
    known = dict(names or {})
    if all(isinstance(root, (Scalar, Adopted)) for root in roots):
        return list(roots), known
    order = list({id(node): node for root in roots for node in topological(root)}.values())
    made = {id(node): Adopted(node) for node in order}
    below = [[made[id(operand)] for operand in operands(node)] for node in order]
    readings = [_read(made[id(node)], xs) for node, xs in zip(order, below)]
    unsure = any(reading is not None and reading.lost for reading in readings)
    for node, xs, reading in zip(order, below, readings):
        _settle(made[id(node)], xs, reading, unsure)
    if any(reading is not None and reading.misfit for reading in readings):
        _doubt_leaves(made.values())
    return [made[id(root)] for root in roots], {id(made[i]): name for i, name in known.items() if i in made}


def _read(node: Adopted, below: Sequence[Adopted]) -> Reading | None:
    """Return how ``node`` was made. Return None for a leaf, or if the node itself knows."""
    if not below or isinstance(getattr(node.original, "operation", None), Op):
        return None
    places = tuple(range(len(below)))
    xs = [operand.value for operand in below]
    if node.value is None or any(x is None for x in xs):
        return Reading(None, places, "its data or the data of an operand is not a number")
    within = max(AGREES, _STEPS * max(one.rounding for one in (node, *below)))
    found = recognised(node.op, node.value, [x for x in xs if x is not None], node.is_set, within)
    if node.is_set and len(found.places) > len(below) and _compares_by_value(below[0].original):
        return Reading(None, places, _BY_VALUE)
    return found


def _settle(node: Adopted, below: Sequence[Adopted], reading: Reading | None, unsure: bool) -> None:
    """Set the operands and the operation of ``node``.

    ``unsure`` means that in this graph a single operand in a set was not always used twice.
    """
    if not below:
        node.op = ""
    elif reading is None:
        node.operation, node.prev = node.original.operation, tuple(below)
    elif unsure and len(reading.places) > len(below):
        node.prev, node.trouble = tuple(below), _IN_A_SET
    else:
        node.operation, node.trouble = reading.op, reading.trouble
        node.lost, node.misfit = reading.lost, reading.misfit and not reading.lost
        node.prev = tuple([below[i] for i in reading.places])


def _doubt_leaves(nodes: Iterable[Adopted]) -> None:
    """Forget operations that may have used other leaves. It is called if some leaf was changed after the forward pass.

    For example, the value of ``w * x`` at x = 0 is 0 for every w. But its derivative with respect to x is the w of the
    forward pass, which nobody knows.
    """
    for node in nodes:
        leaves = [i for i, x in enumerate(node.prev) if not x.prev]
        if node.operation is None or not leaves:
            continue
        slopes = node.local_partials()
        if not all(slopes[i] for i in leaves):
            node.operation, node.trouble = None, _CHANGED


def number_of(data: Any) -> float | None:
    """Return ``data`` as a float, or None if it is not a single real number."""
    if data is None or isinstance(data, (str, bytes, bytearray)) or getattr(data, "shape", ()) != ():
        return None
    try:
        return float(data)
    except Exception:  # of any class
        return None


def _data(node: Any) -> Any:
    try:
        return getattr(node, "data", "")
    except Exception as error:
        kind = type(node).__name__
        raise TypeError(f"{kind}.data must be the node's number, but raises {type(error).__name__}: {error}") from error


def _quietly(node: Any, name: str) -> Any:
    """Return an attribute of a node, or None if it is missing or raises."""
    try:
        return getattr(node, name, None)
    except Exception:  # of any class
        return None


def _compares_by_value(node: Any) -> bool:
    return not isinstance(node, Scalar) and getattr(type(node), "__hash__", None) is not object.__hash__
