"""Grades an answer to an exercise: it is right, or the likely mistake is named.

Each classic slip leads to a certain wrong number. If the answer is such a number, the first slip that leads to it is
named. The page grades in the same way (``js/panels/grade.js``).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from glassgrad.draw.metrics import number as shown
from glassgrad.messages import Message

__all__ = ["Mark", "Share", "Sums", "mark", "shown"]

EXACT = 0.0051  # The relative error of three significant digits, as in 1.01 for 1.005.
ROUGH = 0.06  # The relative error of an answer with one digit too few.
ZERO = 1e-9  # The absolute error allowed for a gradient of 0.


class Mark(NamedTuple):
    """The mark of one answer: whether it is right, a sentence about it, and the short name of the slip."""

    ok: bool
    reason: str
    slip: str | None = None


@dataclass(frozen=True)
class Share:
    """The share of a node's gradient that comes from one of its uses."""

    user: int
    place: int  # the position of the node among the operands of its user
    slope: float
    upstream: float

    @property
    def amount(self) -> float:
        return self.upstream * self.slope


class Sums:
    """The numbers of a graph after ``backward()``, with the share of gradient along each edge.

    Args:
        nodes: the nodes, operands before results.
        titles: their names.
    """

    def __init__(self, nodes: list[Any], titles: list[str]) -> None:
        self.nodes, self.titles = nodes, titles
        self.root = len(nodes) - 1
        places = {id(node): i for i, node in enumerate(nodes)}
        self.operands = [[places[id(x)] for x in node.prev] for node in nodes]
        self.shares: list[list[Share]] = [[] for _ in nodes]
        for user in reversed(range(len(nodes))):
            node = nodes[user]
            slopes = node.local_partials() if node.prev else ()
            for place, (operand, slope) in enumerate(zip(self.operands[user], slopes)):
                if not (slope == 0 and node.operation.selects):
                    self.shares[operand].append(Share(user, place, slope, node.grad))

    def value(self, i: int) -> float:
        return float(self.nodes[i].data)

    def grad(self, i: int) -> float:
        return float(self.nodes[i].grad)

    def operation(self, i: int) -> str:
        operation = self.nodes[i].operation
        return "" if operation is None else str(operation.name)

    def by(self, i: int, of: int | None = None) -> str:
        """Return the text ``∂of/∂i``. By default ``of`` is the root."""
        return f"∂{self.titles[self.root if of is None else of]}/∂{self.titles[i]}"


def is_right(answer: float, grad: float, within: float = EXACT) -> bool:
    """Whether an answer is right to three significant digits."""
    if not math.isfinite(grad):
        return answer == grad or (math.isnan(answer) and math.isnan(grad))
    return abs(answer - grad) <= max(ZERO, within * abs(grad))


def mark(sums: Sums, i: int, answer: float | None) -> Mark:
    """Grade ``answer`` for the gradient of node ``i``. None means that there is no answer yet."""
    if answer is None:
        return Mark(False, Message("text.no_number_yet"), "empty")
    grad = sums.grad(i)
    if is_right(answer, grad):
        return Mark(True, Message("slip.right"))
    for slip, number, reason in slips(sums, i):
        if math.isfinite(number) and is_right(answer, number):
            return Mark(False, reason, slip)
    if is_right(answer, grad, ROUGH):
        return Mark(False, Message("slip.rounding"), "rounding")
    if is_right(answer, -grad, ROUGH):
        return Mark(False, Message("slip.sign_rough"), "sign")
    return Mark(False, Message("slip.none_of_these"), "other")


Slip = tuple[str, float, str]


def slips(sums: Sums, i: int) -> Iterator[Slip]:
    """Yield ``(slip, number, reason)`` for the classic slips at node ``i``, with the likeliest first."""
    grad, shares = sums.grad(i), sums.shares[i]
    yield "sign", -grad, Message("slip.sign")
    yield from _missing_shares(sums, i, shares)
    if shares:
        yield "local", sum(share.slope for share in shares), _local_reason(sums, i, shares)
        yield "upstream", sum(share.upstream for share in shares), _upstream_reason(sums, i, shares)
    for share in shares:
        yield from _operand_slips(sums, i, share, grad - share.amount)
    yield "twice", 2 * grad, Message("slip.twice")
    yield "value", sums.value(i), Message("slip.value", node=sums.titles[i])


def _missing_shares(sums: Sums, i: int, shares: list[Share]) -> Iterator[Slip]:
    if len(shares) < 2:
        return
    for share in shares:
        told = Message("text.one_of", n=len(shares), through=sums.titles[share.user], node=sums.titles[i])
        yield "one", share.amount, told
    total = sum(share.amount for share in shares)
    for share in shares:
        yield "one", total - share.amount, Message("slip.missing", through=sums.titles[share.user])
    yield "product", math.prod(share.amount for share in shares), Message("slip.product")


def _local_reason(sums: Sums, i: int, shares: list[Share]) -> str:
    if len(shares) > 1:
        return Message("slip.local_several")
    user = shares[0].user
    if sums.operation(user) == "mul":
        return Message("slip.local_factor", upstream=sums.by(user))
    return Message("slip.local", local=sums.by(i, user), upstream=sums.by(user))


def _upstream_reason(sums: Sums, i: int, shares: list[Share]) -> str:
    if len(shares) > 1:
        return Message("slip.upstream_several")
    user = shares[0].user
    operation, local = sums.operation(user), sums.by(i, user)
    if operation == "mul":
        return Message("slip.upstream_product", local=local)
    if operation in ("sub", "neg"):
        return Message("slip.upstream_minus", local=local)
    return Message("slip.upstream_operation", operation=operation, upstream=sums.by(user), local=local)


def _operand_slips(sums: Sums, i: int, share: Share, rest: float) -> Iterator[Slip]:
    """Yield the slips in the local derivative of one use. The ``rest`` of the gradient is right."""
    operation, x, up = sums.operation(share.user), sums.value(i), share.upstream
    operands = sums.operands[share.user]
    others = [sums.value(operand) for place, operand in enumerate(operands) if place != share.place]
    if operation == "mul":
        reason = Message("slip.factor", node=sums.titles[i])
        yield "factor", rest + up * x, reason
        if rest == 0:
            yield "factor", x, reason
    if operation in ("add", "sub"):
        reason = Message("slip.summand")
        for other in others:
            yield "summand", rest + up * other, reason
            yield "summand", rest + up + other, reason
            if rest == 0:
                yield "summand", other, reason
        yield "summand", rest + up * x, reason
    if len(operands) == 1:
        y = sums.value(share.user)
        itself = Message("slip.derivative", node=sums.titles[share.user], operation=operation)
        yield "derivative", rest + up * y, itself
        if operation == "tanh":
            yield "derivative", rest + up * (1 - y), Message("slip.tanh_square")
            yield "derivative", rest + up * (1 - x * x), Message("slip.tanh_result")
    if operation == "pow":
        yield from _power_slips(sums.value(operands[0]), sums.value(operands[1]), up, rest)


def _power_slips(base: float, exponent: float, up: float, rest: float) -> Iterator[Slip]:
    for power, factor, reason in (
        (exponent - 1, 1.0, Message("slip.power_factor")),
        (exponent, exponent, Message("slip.power_less")),
    ):
        try:
            yield "power", rest + up * factor * math.pow(base, power), reason
        except (ArithmeticError, ValueError):
            continue  # a learner would not get a number either


def solution(sums: Sums, i: int) -> list[str]:
    """Return the worked solution for the gradient of node ``i``, line by line."""
    if i == sums.root:
        return [f"{sums.by(i)} = 1"]
    shares = sums.shares[i]
    if not shares:
        ends = {"node": sums.titles[i], "root": sums.titles[sums.root]}
        return [Message("text.no_path", gradient=sums.by(i), **ends)]
    chain = [f"{sums.by(share.user)} · {sums.by(i, share.user)}" for share in shares]
    numbers = [f"{_factor(share.upstream, True)} · {_factor(share.slope)}" for share in shares]
    lines = [f"{sums.by(i)} = {' + '.join(chain)}", f"= {' + '.join(numbers)}"]
    if len(shares) > 1:
        lines.append(f"= {' + '.join(_factor(share.amount, k == 0) for k, share in enumerate(shares))}")
    lines.append(f"= {shown(sums.grad(i))}")
    return lines


def _factor(x: float, first: bool = False) -> str:
    text = shown(x)
    return text if first or text[0] not in "−-" else f"({text})"
