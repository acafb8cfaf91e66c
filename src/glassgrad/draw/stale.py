"""Finds changes to a graph since its forward pass, so that drawings and the player can show them.

If a leaf gets a new value after the forward pass (``w.data -= 0.1 * w.grad``), its results keep their old values. They
are *stale* until ``forward()`` computes them again. Drawings and the player show the numbers of the forward pass, mark
the stale nodes, and say what happened.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from glassgrad.core.recompute import find_stale
from glassgrad.core.scalar import Scalar, computed, is_same
from glassgrad.draw.metrics import clip, number, printable
from glassgrad.graph import topological
from glassgrad.homework import Adopted
from glassgrad.messages import Message

__all__ = ["Changes", "Moved", "changes"]

_NAMED = 3  # The story names at most this many nodes, and counts the others.
_NAME = 24  # Longer names are cut to this many characters.
_SUMS = 1e-9  # The relative difference allowed between sums of the same numbers in another order.


@dataclass(frozen=True)
class Moved:
    """A node whose data was set after results had been computed from it, or after it was computed itself.

    Attributes:
        node: the node.
        before: its earlier values, in the order of the results that used them. The present value is left out.
        after: its present value.
        shown: the value to show, which is the one that the results in the graph used.
        several: whether results in the graph used different values, so that the graph mixes forward passes.
    """

    node: Any
    before: tuple[float, ...]
    after: float
    shown: float
    several: bool

    @property
    def numbers(self) -> dict[str, str]:
        """Its values ``before`` and ``now``, with enough digits to tell them apart."""
        *was, now = _told_apart([*self.before, self.after])
        return {"before": ", ".join(was), "now": now}

    @property
    def text(self) -> str:
        """Its values before and now, in words."""
        numbers = self.numbers
        return f"was {numbers['before']}, and is now {numbers['now']}"

    @property
    def note(self) -> Message:
        """A sentence about the change."""
        return Message("stale.note_changed" if self.node.op else "stale.note_moved", **self.numbers)

    @property
    def now(self) -> str:
        """Its present value, in short."""
        shown, now = _told_apart([self.shown, self.after])
        return f"now {now}" if shown != now else self.text


@dataclass
class Changes:
    """The changes below some roots since they were computed. It is false if there are none.

    Attributes:
        roots: the roots.
        moved: the nodes whose data was set, by id.
        stale: the ids of the results that depend on them.
        disowned: the ids of moved leaves whose gradient did not come from this graph, but from another backward(), say.
        misfits: nodes of other classes whose value does not follow from their operands. Nobody knows which operand
            was moved.
    """

    roots: Sequence[Any]
    moved: dict[int, Moved] = field(default_factory=dict)
    stale: frozenset[int] = frozenset()
    disowned: frozenset[int] = frozenset()
    misfits: Sequence[Adopted] = ()

    def __bool__(self) -> bool:
        return bool(self.moved or self.misfits)

    def __contains__(self, node: Any) -> bool:
        return id(node) in self.stale or id(node) in self.moved

    @property
    def mixed(self) -> bool:
        """Whether the graph mixes numbers of several forward passes."""
        return any(moved.several for moved in self.moved.values())

    def value(self, node: Any) -> Any:
        """Return the value of ``node`` in the forward pass."""
        moved = self.moved.get(id(node))
        return getattr(node, "data", "") if moved is None else moved.shown

    def note(self, node: Any) -> str:
        """Return a note to the value of ``node``, or ``""`` if nothing has changed."""
        moved = self.moved.get(id(node))
        if moved is not None:
            return moved.note
        if any(node is other for other in self.misfits):
            return Message("stale.note_trouble", trouble=node.trouble)
        return Message("stale.note_stale") if id(node) in self.stale else ""

    def story(self, names: Mapping[int, str]) -> list[str]:
        """Return lines that say what happened, and what to do about it."""
        if not self:
            return []
        lines: list[str] = [*self._happened(names), *self._unlike(names)]
        if self.mixed:
            lines.append(Message("stale.mixed"))
        if self.disowned:
            lines.append(Message("stale.disowned"))
        return [*lines, Message("stale.dashed", cure=self._cure(names))]

    def _happened(self, names: Mapping[int, str]) -> Iterator[Message]:
        """Yield a sentence that names the nodes that were moved."""
        moved = list(self.moved.values())
        if len(moved) == 1:
            node = moved[0].node
            if not node.op and not _label(node, names):
                yield Message("stale.leaf_moved", **moved[0].numbers)
            else:
                key = "stale.changed" if node.op else "stale.moved"
                yield Message(key, node=_name(node, names), **moved[0].numbers)
        elif moved:
            told = [Message("stale.one_of_them", node=_name(one.node, names), **one.numbers) for one in moved[:_NAMED]]
            if len(moved) > _NAMED:
                told.append(Message("stale.and_more", n=len(moved) - _NAMED))
            yield Message("stale.several", n=len(moved), list=told)

    def _unlike(self, names: Mapping[int, str]) -> Iterator[Message]:
        """Yield sentences about the results that do not follow from their operands, and the likely reason."""
        if not self.misfits:
            return
        told = [
            Message("stale.value", node=_name(node, names), value=number(node.value)) for node in self.misfits[:_NAMED]
        ]
        if len(self.misfits) > _NAMED:
            told.append(Message("stale.and_more", n=len(self.misfits) - _NAMED))
        yield Message("stale.unlike", n=len(self.misfits), list=told)
        yield Message("stale.unlike_why")

    def _cure(self, names: Mapping[int, str]) -> Message:
        """Return a sentence on how to compute the stale roots again."""
        stale = [root for root in self.roots if id(root) in self.stale]
        ours = [_name(root, names) for root in stale if isinstance(_own(root), Scalar)]
        others = [_name(root, names) for root in stale if not isinstance(_own(root), Scalar)]
        cures = [Message("stale.forward", n=len(ours), roots=_joined("stale.and_on", ours))] if ours else []
        if others:
            cures.append(Message("stale.anew", roots=_joined("stale.and", others)))
        return cures[0] if len(cures) == 1 else Message("stale.both", first=cures[0], second=cures[1])


def _joined(key: str, names: list[str]) -> str:
    """Join the names, each to the next by the message ``key``."""
    first, *rest = names
    for name in rest:
        first = Message(key, first=first, second=name)
    return first


def changes(roots: Sequence[Any]) -> Changes:
    """Return the changes below ``roots`` since they were computed.

    Nodes of other classes do not remember a forward pass. They are stale if their value does not follow from their
    operands.

    Example:
        >>> import glassgrad as gg
        >>> w = gg.Scalar(3.0, label="w")
        >>> loss = (w - 1.0) ** 2
        >>> w.data = 2.5
        >>> found = changes([loss])
        >>> found.value(w), w in found, found.moved[id(w)].text
        (3.0, True, 'was 3, and is now 2.5')
    """
    nodes = topological(*roots) if any(isinstance(root, Adopted) for root in roots) else []
    found, stale = find_stale(*_scalars(roots, nodes))
    moved = {i: _moved(node, values) for i, (node, values) in found.items()}
    if nodes:
        return _with_others(roots, nodes, moved, set(stale))
    differentiated = [root for root in roots if getattr(root, "grad_updated", False)]
    disowned = _disowned(moved, stale) if len(roots) == 1 and differentiated else ()
    return Changes(roots, moved, frozenset(stale), frozenset(disowned))


def _own(node: Any) -> Any:
    return node.original if isinstance(node, Adopted) else node


def _scalars(roots: Sequence[Any], nodes: Sequence[Any]) -> list[Scalar]:
    """Return the topmost Scalars: the roots among them, and those that nodes of other classes use."""
    used = [x for node in nodes if not isinstance(_own(node), Scalar) for x in node.prev]
    tops = {id(_own(node)): _own(node) for node in (*roots, *used)}
    return [node for node in tops.values() if isinstance(node, Scalar)]


def _with_others(roots: Sequence[Any], nodes: Sequence[Any], moved: dict[int, Moved], stale: set[int]) -> Changes:
    """Return the changes in a graph with nodes of other classes. Their values tell whether they are stale."""
    misfits = [node for node in nodes if isinstance(node, Adopted) and node.misfit]
    changed: set[int] = set()
    for node in nodes:
        here = id(_own(node)) in stale or (isinstance(node, Adopted) and node.misfit)
        if here or any(id(x) in changed or id(_own(x)) in moved for x in node.prev):
            changed.add(id(node))
    stood_for = {id(node): replace(moved[id(_own(node))], node=node) for node in nodes if id(_own(node)) in moved}
    return Changes(roots, stood_for, frozenset(changed), misfits=misfits)


def _disowned(moved: Mapping[int, Moved], stale: Mapping[int, Scalar]) -> list[int]:
    """Return the ids of moved leaves whose gradient is not the sum of the shares from this graph."""
    sent = {i: 0.0 for i, one in moved.items() if not one.node.prev and one.node.grad_updated and not one.several}
    for result in stale.values() if sent else ():
        for operand, slope in zip(result.prev, result.local_partials()):
            if id(operand) in sent and slope != 0:
                sent[id(operand)] += result.grad * slope
    return [i for i, grad in sent.items() if math.isfinite(grad) and not _is_close(grad, moved[i].node.grad)]


def _is_close(x: float, y: float) -> bool:
    return abs(x - y) <= _SUMS * max(abs(x), abs(y))


def _moved(node: Scalar, values: list[float]) -> Moved:
    made = computed(node)
    had = values if not node.prev or _holds(values, made) else [made, *values]
    before = tuple([value for value in had if not is_same(value, node.data)])
    shown = made if not values else node.data if _holds(values, node.data) else values[-1]
    return Moved(node, before, node.data, shown, len(had) > 1)


def _holds(values: list[float], value: float) -> bool:
    return any(is_same(value, other) for other in values)


def _label(node: Any, names: Mapping[int, str]) -> str:
    named = node.label if getattr(node, "named", False) else names.get(id(node))
    return clip(printable(named), _NAME) if named else ""


def _name(node: Any, names: Mapping[int, str]) -> str:
    nameless = Message("stale.result_of", operation=printable(node.op)) if node.op else Message("stale.a_leaf")
    return _label(node, names) or nameless


def _told_apart(values: list[float]) -> list[str]:
    """Return the values as texts, with enough digits that different values have different texts."""
    for digits in (4, 8, 12, 17):
        texts = [number(value, f".{digits}g") for value in values]
        if len(set(texts)) == len(set(map(_bits, values))):
            return texts
    return texts


def _bits(value: float) -> tuple[float | str, float]:
    return "nan" if math.isnan(value) else value, math.copysign(1.0, value)
