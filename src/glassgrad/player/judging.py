"""The gradients of a class of the user's own, judged by ours: node by node, with the mistake that explains them.

A gradient is judged where the graph determines it. It does not where an operation is not known, where a set hides the
order of operands, and at a kink, where more than one derivative is right; nor anywhere below. What explains a wrong
gradient is looked for twice: a classic mistake that gives all of them, else the share that is wrong at each node.
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

CLOSE = 1e-6  # relative to the shares that a gradient is the sum of
STEPS = 64  # roundings in a local derivative, as in 1 - y * y, which may lose all its digits
KINK = 2**-20  # beside a kink, where the derivative is that of one side
VISITS = 20_000  # of nodes, by a recursion that visits them again and again
MANY = 3  # mistakes that are named: more are consequences of one that was not recognised
RIGHT, WRONG, OPEN = 1, -1, 0


@dataclass(frozen=True)
class Judgement:
    """What became of the gradients.

    Attributes:
        kind: the name of the class.
        marks: of each node 1 for right, -1 for wrong, 0 for not judged; operands before results.
        reasons: why a node is wrong or not judged, by its place.
        mistakes: what probably went wrong, most telling first.
        notes: what limits the judgement.
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
        """What the page gets of it."""
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
    """Judge the gradients of ``nodes``, which come operands first; ``names`` say what they are called.

    Example:
        >>> import glassgrad as gg
        >>> class Value:
        ...     def __init__(self, data, prev=(), op="", grad=0.0):
        ...         self.data, self.prev, self.op, self.grad = data, prev, op, grad
        >>> a = Value(3.0, grad=1.0)
        >>> gg.play(Value(6.0, (a, a), "+", grad=1.0)).judgement
        Value: 1 of 2 gradients right, 0 not judged
          ✗ a: 1, not 2: only one of its 2 shares arrived
        = in place of +=: a is used 2 times, but holds one share only; write self.grad += …
    """
    return _Judge(nodes, names).judgement()


@dataclass(frozen=True, slots=True)
class _Use:
    """One use of a node, by ``user``: ``slope`` is the local derivative, nan where it is not known."""

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
        """At a kink, as of relu at 0, take the derivative that the class chose, if it is a right one."""
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
        """The right gradients, nan where they are not determined; and how far off rounding may be."""
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
        """Why the gradient of node ``i`` is not judged."""
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

    # What explains them

    def _explained(self, marks: Sequence[int], reasons: dict[int, str]) -> Iterator[str]:
        """Fill in the ``reasons`` of wrong gradients; yield the mistakes that they come from."""
        wrong = [i for i in reversed(range(len(marks))) if marks[i] == WRONG]
        for i in wrong:
            reasons[i] = Message("judge.off", given=shown(self.given[i]), right=shown(self.ours[i]))
        inner = [i for i in wrong if self.operands[i]]  # leaves may hold gradients from before, whatever the mistake
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
        """Why node ``i`` is wrong, given what was sent to it: the reason, and the mistake behind it."""
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

    # The classic mistakes, made on purpose

    def _classics(self) -> Iterator[tuple[str, list[float]]]:
        """Mistakes that concern the whole graph, each with the gradients that come of it."""
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
        for i in order:  # which grows
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
        """``self._backward()``, then ``backward()`` of each operand."""
        order: list[int] = []
        stack = [self.root]
        while stack and len(order) < VISITS:
            i = stack.pop()
            order.append(i)
            stack.extend(reversed(self.operands[i]))
        return self._in_order(order)


def _slopes(node: Adopted) -> list[float]:
    """The local derivatives of a node, nan where they are not known or more than one is right."""
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
    """The derivatives beside a kink of an operation on one operand, and between them."""
    op, x = node.operation, node.used[0]
    if op is None or x is None or op.value is None:
        return []
    try:
        left, right = (float(op.partial(0, op.value(at), (at,))) for at in (x - KINK, x + KINK))
    except (ArithmeticError, TypeError, ValueError):
        return []
    return [left, right, (left + right) / 2]


def _share(upstream: float, slope: float) -> float:
    """What flows back along an edge: nothing, if nothing comes from above, whatever the slope."""
    return 0.0 if upstream == 0 else upstream * slope
