"""What has changed since a graph was computed, for the views that show the graph.

A leaf that is moved after the forward pass (``w.data -= 0.1 * w.grad``) leaves its results as they were: they are
*stale* until ``forward()`` computes them again. Views show the numbers as they were computed, mark what is stale, and
say what happened.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from glassgrad.core.scalar import Scalar, computed, find_stale, is_same
from glassgrad.draw.metrics import clip, number, printable
from glassgrad.graph import topological
from glassgrad.homework import Adopted
from glassgrad.messages import Message

__all__ = ["Changes", "Moved", "changes"]

_NAMED = 3  # nodes that the story names; the others are counted
_NAME = 24
_SUMS = 1e-9  # relative: the same sum in another order


@dataclass(frozen=True)
class Moved:
    """A node whose data was changed after results had been computed from it, or from its operands.

    Attributes:
        node: the node.
        before: the values that it had before, oldest result first, without the one that it has now.
        after: the value that it was found with.
        shown: the one that views show: as the results in the graph used it.
        several: the graph has used more than one value of it, so it is of no one forward pass.
    """

    node: Any
    before: tuple[float, ...]
    after: float
    shown: float
    several: bool

    @property
    def numbers(self) -> dict[str, str]:
        """What it was, ``before``, and what it is, ``now``, with as many digits as tell them apart."""
        *was, now = _told_apart([*self.before, self.after])
        return {"before": ", ".join(was), "now": now}

    @property
    def text(self) -> str:
        """What it was and what it is, in words."""
        numbers = self.numbers
        return f"was {numbers['before']}, and is now {numbers['now']}"

    @property
    def note(self) -> Message:
        """What happened to it."""
        return Message("stale.note_changed" if self.node.op else "stale.note_moved", **self.numbers)

    @property
    def now(self) -> str:
        """What it is now, in short."""
        shown, now = _told_apart([self.shown, self.after])
        return f"now {now}" if shown != now else self.text


@dataclass
class Changes:
    """What has changed below some roots since they were computed; false if nothing has.

    Attributes:
        moved: the nodes that were moved, by id.
        stale: ids of the results that depend on them.
        disowned: ids of moved leaves whose gradient is not what this graph sent them: of another backward(), say.
        misfits: results of other classes that their operands do not give: which operand was moved is not known.
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
        """Whether the numbers are of more than one forward pass."""
        return any(moved.several for moved in self.moved.values())

    def value(self, node: Any) -> Any:
        """The number of ``node`` as the forward pass had it."""
        moved = self.moved.get(id(node))
        return getattr(node, "data", "") if moved is None else moved.shown

    def note(self, node: Any) -> str:
        """What is to be said of ``node`` where its number is explained; "" if it is as it was computed."""
        moved = self.moved.get(id(node))
        if moved is not None:
            return moved.note
        if any(node is other for other in self.misfits):
            return Message("stale.note_trouble", trouble=node.trouble)
        return Message("stale.note_stale") if id(node) in self.stale else ""

    def story(self, names: Mapping[int, str]) -> list[str]:
        """What happened and what cures it, a sentence or two a line."""
        if not self:
            return []
        lines: list[str] = [*self._happened(names), *self._unlike(names)]
        if self.mixed:
            lines.append(Message("stale.mixed"))
        if self.disowned:
            lines.append(Message("stale.disowned"))
        return [*lines, Message("stale.dashed", cure=self._cure(names))]

    def _happened(self, names: Mapping[int, str]) -> Iterator[Message]:
        """Which nodes were moved, in one sentence."""
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
        """Which results their operands do not give, and why that may be."""
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
        """What to do about the roots that are stale."""
        stale = [root for root in self.roots if id(root) in self.stale]
        ours = [_name(root, names) for root in stale if isinstance(_own(root), Scalar)]
        others = [_name(root, names) for root in stale if not isinstance(_own(root), Scalar)]
        cures = [Message("stale.forward", n=len(ours), roots=_joined("stale.and_on", ours))] if ours else []
        if others:
            cures.append(Message("stale.anew", roots=_joined("stale.and", others)))
        return cures[0] if len(cures) == 1 else Message("stale.both", first=cures[0], second=cures[1])


def _joined(key: str, names: list[str]) -> str:
    """The names as one text, with what ``key`` says between them."""
    first, *rest = names
    for name in rest:
        first = Message(key, first=first, second=name)
    return first


def changes(roots: Sequence[Any]) -> Changes:
    """What has changed below ``roots`` since they were computed.

    Nodes of other classes remember no forward pass. They are stale if their operands do not give their value.

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
    """The Scalars that are roots, or operands of other classes: all others are below them."""
    used = [x for node in nodes if not isinstance(_own(node), Scalar) for x in node.prev]
    tops = {id(_own(node)): _own(node) for node in (*roots, *used)}
    return [node for node in tops.values() if isinstance(node, Scalar)]


def _with_others(roots: Sequence[Any], nodes: Sequence[Any], moved: dict[int, Moved], stale: set[int]) -> Changes:
    """The changes in graphs with nodes of other classes, which remember no forward pass: their values tell."""
    misfits = [node for node in nodes if isinstance(node, Adopted) and node.misfit]
    changed: set[int] = set()
    for node in nodes:
        here = id(_own(node)) in stale or (isinstance(node, Adopted) and node.misfit)
        if here or any(id(x) in changed or id(_own(x)) in moved for x in node.prev):
            changed.add(id(node))
    stood_for = {id(node): replace(moved[id(_own(node))], node=node) for node in nodes if id(_own(node)) in moved}
    return Changes(roots, stood_for, frozenset(changed), misfits=misfits)


def _disowned(moved: Mapping[int, Moved], stale: Mapping[int, Scalar]) -> list[int]:
    """Which moved leaves have another gradient than their results in the graph have sent them."""
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
    """The values as texts that differ where the values do."""
    for digits in (4, 8, 12, 17):
        texts = [number(value, f".{digits}g") for value in values]
        if len(set(texts)) == len(set(map(_bits, values))):
            return texts
    return texts


def _bits(value: float) -> tuple[float | str, float]:
    return "nan" if math.isnan(value) else value, math.copysign(1.0, value)
