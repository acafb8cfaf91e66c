"""Judges the gradients of a user's own class, node by node, and finds the mistake behind the wrong ones.

A gradient is judged only if the graph determines it. Three things leave it open: an operation that is not known, a set
that hides the order of operands, and a kink, where several derivatives are right. The gradients of all nodes below are
then open too. Wrong gradients are explained by one classic mistake, if it would give all of them. Otherwise each node
is explained by the share that is wrong.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from glassgrad.draw.metrics import number as shown
from glassgrad.draw.metrics import printable
from glassgrad.homework import Adopted
from glassgrad.messages import Message
from glassgrad.support.legible import legible

__all__ = ["Judgement", "judge"]

CLOSE = 1e-6  # The error allowed in a gradient, relative to its shares.
STEPS = 64  # The roundings allowed in a local derivative. One such as 1 - y * y may lose all its digits.
KINK = 2**-20  # The distance from a kink at which a one-sided derivative is taken.
VISITS = 20_000  # The largest number of visits in a recursion that visits nodes many times.
MANY = 3  # So many mistakes are named. More would be consequences of one that was not recognised.
RIGHT, WRONG, OPEN = 1, -1, 0


@dataclass(frozen=True)
class Judgement:
    """The judgement on the gradients of a graph.

    Attributes:
        kind: the name of the class.
        marks: for each node 1 (right), -1 (wrong) or 0 (not judged), with operands before results.
        reasons: why a gradient is wrong or not judged, by the place of the node.
        mistakes: the likely mistakes, with the likeliest first.
        notes: notes on the limits of the judgement.
        names: the names of the nodes.
    """

    kind: str
    marks: tuple[int, ...]
    reasons: dict[int, str]
    mistakes: tuple[str, ...]
    notes: tuple[str, ...]
    names: tuple[str, ...]

    @property
    def right(self) -> bool:
        """Whether no gradient is wrong."""
        return WRONG not in self.marks

    def column(self) -> dict[str, Any]:
        """Return the judgement in the form of documents."""
        reasons = {str(i): reason for i, reason in self.reasons.items()}
        return {
            "class": printable(self.kind),
            "marks": list(self.marks) if any(self.marks) or self.reasons else None,
            "reasons": reasons,
            "mistakes": list(self.mistakes),
            "notes": list(self.notes),
        }

    def __repr__(self) -> str:
        count = Counter(self.marks)
        judged = count[RIGHT] + count[WRONG]
        lines = [f"{self.kind}: {count[RIGHT]} of {judged} gradients right, {count[OPEN]} not judged"]
        for i in reversed(range(len(self.marks))):
            if i in self.reasons:
                lines.append(f"  {'✗' if self.marks[i] == WRONG else '?'} {self.names[i]}: {self.reasons[i]}")
        return legible("\n".join([*lines, *self.mistakes, *self.notes]))


def judge(nodes: Sequence[Adopted], names: Sequence[str]) -> Judgement:
    """Judge the gradients of ``nodes``, which come operands before results. ``names`` are their names.

    Example:
        >>> import glassgrad as gg
        >>> class Value:
        ...     def __init__(self, data, prev=(), op="", grad=0.0):
        ...         self.data, self.prev, self.op, self.grad = data, prev, op, grad
        >>> a = Value(3.0, grad=1.0)
        >>> gg.play(Value(6.0, (a, a), "+", grad=1.0)).judgement
        Value: 1 of 2 gradients right, 0 not judged
          ✗ a: 1, not 2: only one of its 2 shares arrived
        = instead of +=: a is used 2 times, but holds only one share; write self.grad += …
    """
    return _Judge(nodes, names).judgement()


@dataclass(frozen=True, slots=True)
class _Use:
    """One use of a node by ``user``. ``slope`` is the local derivative, or nan if it is not known."""

    user: int
    slope: float


class _Judge:
    def __init__(self, nodes: Sequence[Adopted], names: Sequence[str]) -> None:
        self.nodes, self.names = nodes, names
        self.root = len(nodes) - 1
        places = {id(node): i for i, node in enumerate(nodes)}
        self.operands = [[places[id(x)] for x in node.prev] for node in nodes]
        self.slopes = [_slopes(node) for node in nodes]
        self.uses: list[list[_Use]] = [[] for _ in nodes]
        for user in reversed(range(len(nodes))):
            for operand, slope in zip(self.operands[user], self.slopes[user]):
                self.uses[operand].append(_Use(user, slope))
        self.given = [node.grad or 0.0 for node in nodes]
        for user in range(len(nodes)):
            self._choose_at_kink(user)
        self.unit = STEPS * max(node.rounding for node in nodes)
        self.ours, self.within = self._sweep()

    def judgement(self) -> Judgement:
        kind = type(self.nodes[self.root].original).__name__
        called = any(self.given)
        marks = tuple([self._mark(i) if called else OPEN for i in range(len(self.nodes))])
        reasons = {i: why for i, mark in enumerate(marks) if called and mark == OPEN and (why := self._unjudged(i))}
        mistakes: list[str] = []
        if WRONG in marks:
            mistakes = list(self._explained(marks, reasons))
        return Judgement(kind, marks, reasons, tuple(mistakes), tuple(self._notes(kind, called)), tuple(self.names))

    def _choose_at_kink(self, user: int) -> None:
        """At a kink, such as that of relu at 0, take the derivative that the class chose, if it is right."""
        node, slope = self.nodes[user], self.slopes[user]
        if len(slope) != 1 or not math.isnan(slope[0]) or node.operation is None:
            return
        operand = self.operands[user][0]
        others = [_share(self.given[use.user], use.slope) for use in self.uses[operand] if use.user != user]
        came = self.given[operand] - sum(others)
        for choice in _on_both_sides(node):
            if abs(came - choice * self.given[user]) <= CLOSE * abs(self.given[user]):
                self.slopes[user] = [choice]
                self.uses[operand] = [_Use(user, choice) if use.user == user else use for use in self.uses[operand]]
                return

    def _sweep(self) -> tuple[list[float], list[float]]:
        """Return the right gradients, or nan where the graph does not determine them, and the rounding allowed."""
        ours, noise, within = ([0.0] * len(self.nodes) for _ in range(3))
        ours[self.root], within[self.root] = 1.0, CLOSE
        for i in reversed(range(self.root)):
            for use in self.uses[i]:
                up, share = ours[use.user], _share(ours[use.user], use.slope)
                ours[i] += share
                noise[i] += abs(use.slope) * noise[use.user] + self.unit * abs(up) * (1.0 + abs(use.slope))
                within[i] += CLOSE * abs(share)
            within[i] += noise[i]
        return ours, within

    def _mark(self, i: int) -> int:
        if math.isnan(self.ours[i]) or self.nodes[i].is_constant:
            return OPEN
        return RIGHT if self._close(i, self.given[i], self.ours[i]) else WRONG

    def _close(self, i: int, a: float, b: float) -> bool:
        return a == b or abs(a - b) <= max(self.within[i], CLOSE * abs(b))

    def _unjudged(self, i: int) -> str:
        """Return why the gradient of node ``i`` is not judged."""
        if self.nodes[i].is_constant:
            return ""
        for use in self.uses[i]:
            user = self.nodes[use.user]
            if math.isnan(self.ours[use.user]):
                return Message("judge.since_other", node=self.names[use.user])
            if math.isnan(use.slope):
                why = user.trouble or Message("judge.kink")
                return Message("judge.since_unknown", node=self.names[use.user], why=why)
        return ""

    def _notes(self, kind: str, called: bool) -> Iterator[str]:
        if not called:
            yield Message("judge.call_first", name=kind)
        if any(node.is_set and node.prev for node in self.nodes):
            yield Message("judge.in_a_set", name=kind)

    # Explanations

    def _explained(self, marks: Sequence[int], reasons: dict[int, str]) -> Iterator[str]:
        """Fill in the ``reasons`` for wrong gradients, and yield the mistakes behind them."""
        wrong = [i for i in reversed(range(len(marks))) if marks[i] == WRONG]
        for i in wrong:
            reasons[i] = Message("judge.off", given=shown(self.given[i]), right=shown(self.ours[i]))
        inner = [i for i in wrong if self.operands[i]]  # leaves may also hold older gradients
        asked = [i for i, mark in enumerate(marks) if mark != OPEN and (self.operands[i] or not inner)]
        for mistake, grads in self._classics():
            if all(self._close(i, self.given[i], grads[i]) for i in asked):
                yield mistake
                return
        told: dict[str, None] = {}
        for i in wrong:
            why, mistake = self._local(i, inner_right=not inner)
            reasons[i] = Message("judge.because", what=reasons[i], why=why)
            if mistake:
                told[mistake] = None
        yield from list(told)[:MANY]

    def _local(self, i: int, inner_right: bool) -> tuple[str, str]:
        """Return why node ``i`` is wrong, given the gradients of its users, and the mistake behind it."""
        given = self.given[i]
        if i == self.root:
            return Message("judge.root_is_1"), Message("judge.start")
        shares = [_share(self.given[use.user], use.slope) for use in self.uses[i]]
        total = sum(shares)
        users = [use.user for use in self.uses[i]]
        if math.isnan(total):
            return Message("judge.not_the_sum"), ""
        if self._close(i, given, total):
            first = next((u for u in users if not self._close(u, self.given[u], self.ours[u])), users[0])
            return Message("judge.follows", node=self.names[first]), ""
        op = self._operation(users[0])
        if given == 0:
            return Message("judge.nothing_arrived", node=self.names[users[0]]), Message("judge.silent", op=op)
        if len(shares) > 1:
            return self._of_several(i, shares)
        if inner_right:
            return Message("judge.was_before"), Message("judge.leftover")
        slope = self.uses[i][0].slope
        if not self.given[users[0]]:
            return Message("judge.nothing_due"), ""
        came = shown(given / self.given[users[0]])
        return Message("judge.local", op=op, slope=shown(slope), came=came), Message("judge.rule", op=op)

    def _of_several(self, i: int, shares: Sequence[float]) -> tuple[str, str]:
        given, total, name = self.given[i], sum(shares), self.names[i]
        if any(self._close(i, given, share) for share in shares):
            mistake = Message("judge.overwrite", name=name, times=len(shares))
            return Message("judge.one_share", n=len(shares)), mistake
        for use, share in zip(self.uses[i], shares):
            if self._close(i, given, total - share):
                missing = Message("judge.share_missing", node=self.names[use.user])
                return missing, Message("judge.silent", op=self._operation(use.user))
        if not self.operands[i]:
            return Message("judge.not_the_sum"), Message("judge.leftover")
        return Message("judge.not_the_sum"), ""

    def _operation(self, i: int) -> str:
        return printable(self.nodes[i].op) or self.names[i]

    # Classic mistakes, made on purpose

    def _classics(self) -> Iterator[tuple[str, list[float]]]:
        """Yield mistakes that concern the whole graph, each with the gradients that it would give."""
        for times in (2, 3):
            yield Message("judge.twice", times=times), self._accumulated(times)
            yield Message("judge.twice", times=times), [g if x else times * g for g, x in zip(self.ours, self.operands)]
        yield Message("judge.order"), self._in_order(self._breadth_first())
        yield Message("judge.order"), self._in_order(self._depth_first())
        yield Message("judge.recursion"), self._recursive()

    def _accumulated(self, times: int) -> list[float]:
        grads = [0.0] * len(self.nodes)
        for _ in range(times):
            grads[self.root] = 1.0
            for i in reversed(range(len(self.nodes))):
                self._send(i, grads)
        return grads

    def _send(self, i: int, grads: list[float]) -> None:
        for operand, slope in zip(self.operands[i], self.slopes[i]):
            grads[operand] += _share(grads[i], slope)

    def _in_order(self, order: Sequence[int]) -> list[float]:
        grads = [0.0] * len(self.nodes)
        grads[self.root] = 1.0
        for i in order:
            self._send(i, grads)
        return grads

    def _breadth_first(self) -> list[int]:
        order, seen = [self.root], {self.root}
        for i in order:  # it grows meanwhile
            for operand in self.operands[i]:
                if operand not in seen:
                    seen.add(operand)
                    order.append(operand)
        return order

    def _depth_first(self) -> list[int]:
        order: list[int] = []
        seen: set[int] = set()
        stack = [self.root]
        while stack:
            i = stack.pop()
            if i not in seen:
                seen.add(i)
                order.append(i)
                stack.extend(reversed(self.operands[i]))
        return order

    def _recursive(self) -> list[float]:
        """Return the gradients if ``backward()`` calls ``self._backward()`` and then ``backward()`` of each operand."""
        order: list[int] = []
        stack = [self.root]
        while stack and len(order) < VISITS:
            i = stack.pop()
            order.append(i)
            stack.extend(reversed(self.operands[i]))
        return self._in_order(order)


def _slopes(node: Adopted) -> list[float]:
    """Return the local derivatives of a node, or nan if they are not known or several are right."""
    unknown = [math.nan] * len(node.prev)
    op = node.operation
    if op is None:
        return unknown
    try:
        if op.kinks is not None and op.kinks.holds(*node.used):
            return unknown
        return list(node.local_partials())
    except (ArithmeticError, TypeError, ValueError):
        return unknown


def _on_both_sides(node: Adopted) -> list[float]:
    """Return the derivatives on both sides of the kink of an operation on one operand, and their mean."""
    op, x = node.operation, node.used[0]
    if op is None or x is None or op.value is None:
        return []
    try:
        left, right = (float(op.partial(0, op.value(at), (at,))) for at in (x - KINK, x + KINK))
    except (ArithmeticError, TypeError, ValueError):
        return []
    return [left, right, (left + right) / 2]


def _share(upstream: float, slope: float) -> float:
    """Return the share of gradient along an edge. It is 0 for an upstream of 0, even if the slope is not finite."""
    return 0.0 if upstream == 0 else upstream * slope
