"""Finds the numbers of an exercise: `numbers_for` gives the leaves of a graph different values for each seed.

Many sets of small numbers are tried and ranked. The best have gradients that are short decimals of a sensible size.
Among these, a cost decides: it is high for numbers that are tedious with a pen, or that teach nothing. The `ROOM` best
sets with different gradients form a *block*. An integer seed is a place in a block, so the seeds 0 to `ROOM` - 1 give
different exercises. A name as seed has a block of its own, and takes its first set.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, TypeVar

from glassgrad.core.op import DomainError, errstate
from glassgrad.core.scalar import Scalar
from glassgrad.core.state import Within

__all__ = ["differentiate", "is_whole", "numbers_for", "set_numbers", "trivial"]

ROOM = 64  # The number of sets in a block.
ENOUGH = 32  # So many sets of the best ranks make a block without any others.
TRIES = 2000  # The number of sets tried for a block.
NAME_TRIES = 600  # The number of sets tried for a name.
WORK = 60_000  # The largest number of nodes computed for a block. Large graphs get fewer tries.
FEWEST = 100  # The smallest number of tries.
PROBES = 60  # The number of sets tried to find out whether a gradient is always 0 or 1.

HALVES = [k / 2 for k in range(-8, 9) if k]
FIFTHS = [sign * x for x in (0.2, 0.4, 0.5, 0.6, 0.8, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0) for sign in (1, -1)]
TWENTIETHS = [k / 20 for k in range(-80, 81) if k % 20]

SMALL, LARGE = 0.1, 30.0  # Gradients of a sensible size lie between these.
TALL = 20.0  # Larger values are tedious.
DIGITS = 3  # The number of significant digits in an answer.


# The ranks of a set of numbers.
PEN = 0  # Every gradient has few digits and a sensible size.
SENSIBLE = 1  # Every gradient has a sensible size.
DEFINED = 2  # Every gradient is defined.


class Candidate(NamedTuple):
    """A set of numbers for the leaves, with its rank, its cost, and the gradients that it leads to."""

    rank: int  # PEN, SENSIBLE or DEFINED
    cost: float
    numbers: tuple[float, ...]
    answers: tuple[float, ...]


Block = list[Candidate]
T = TypeVar("T")
_memory: dict[tuple[Any, ...], Any] = {}  # Results, which a whole class shares.
MEMORY = 32  # The number of results that are remembered.


def numbers_for(nodes: list[Scalar], asked: list[int], key: str, seed: int | str) -> tuple[float, ...]:
    """Return numbers for the leaves of a graph, in the order of the leaves.

    Args:
        nodes: the graph, operands before results. These are copies whose values may be changed.
        asked: the places of the nodes whose gradients are asked for.
        key: the key of the graph.
        seed: an integer (or its digits), or a name.

    Raises:
        ValueError: no numbers were found at which the graph is defined, smooth and finite.
    """
    if is_whole(seed):
        number, place = divmod(int(seed), ROOM)
        block = _block(nodes, asked, key, number)
    else:
        place, block = 0, _shuffled_block(nodes, asked, str(seed), NAME_TRIES)
    if not block:
        raise ValueError(
            f"no numbers were found for seed {seed!r} at which the whole graph is defined and smooth: leave out the "
            "seed to use the graph's own numbers"
        )
    return block[place % len(block)].numbers


def trivial(nodes: list[Scalar], asked: list[int], key: str) -> set[int]:
    """Return those of the nodes ``asked`` whose gradient is 0 or 1 for all numbers. There is nothing to find."""

    def probe() -> set[int]:
        probes = _tried(nodes, asked, random.Random("glassgrad quiz probe"), PROBES)
        columns = zip(asked, zip(*(one.answers for one in probes)))
        return {i for i, answers in columns if len(probes) > 1 and set(answers) <= {0.0, 1.0}}

    return _remembered((key, tuple(asked)), probe)


def is_whole(seed: int | str) -> bool:
    """Whether a seed is an integer, or its digits as text from the command line."""
    text = str(seed)
    return text.isascii() and text.removeprefix("-").isdecimal() and len(text) < 20


def set_numbers(nodes: list[Scalar], numbers: Iterable[float]) -> None:
    """Set the numbers of the leaves, and compute all values and gradients."""
    with errstate(domain="nan"):
        for node, x in zip(leaves_of(nodes), numbers):
            node.data = x
        nodes[-1].forward()
        differentiate(nodes)


def leaves_of(nodes: list[Scalar]) -> list[Scalar]:
    """Return the leaves that are not constants."""
    return [node for node in nodes if not node.prev and not node.is_constant]


def differentiate(nodes: list[Scalar]) -> None:
    """Compute all gradients. A recording of a training loop does not notice it."""
    root = nodes[-1]
    root.zero_grad()
    with Within(watcher=None):
        root.backward()


# Blocks


def _block(nodes: list[Scalar], asked: list[int], key: str, number: int) -> Block:
    return _remembered((key, tuple(asked), number), lambda: _shuffled_block(nodes, asked, f"block {number}", TRIES))


def _shuffled_block(nodes: list[Scalar], asked: list[int], name: str, tries: int) -> Block:
    chance = random.Random(f"glassgrad quiz {name}")  # a text gives the same numbers in every version of Python
    block = _varied(_best(_tried(nodes, asked, chance, _tries(nodes, tries))))
    chance.shuffle(block)
    return block


def _remembered(key: tuple[Any, ...], find: Callable[[], T]) -> T:
    if key not in _memory:
        found = find()
        while len(_memory) >= MEMORY:
            _memory.pop(next(iter(_memory)), None)
        _memory[key] = found
        return found
    known: T = _memory[key]
    return known


def _order(one: Candidate) -> tuple[int, float]:
    return one.rank, round(one.cost, 1)


def _best(found: list[Candidate]) -> list[Candidate]:
    """Return, in order, the sets of as many of the best ranks as are enough for a block."""
    for rank in (PEN, SENSIBLE):
        good = [one for one in found if one.rank <= rank]
        if len(good) >= ENOUGH:
            return sorted(good, key=_order)
    return sorted(found, key=_order)


def _varied(found: list[Candidate]) -> Block:
    """Fill a block with the cheapest sets, such that no answer to a question is much more frequent than others."""
    columns = list(zip(*(one.answers for one in found)))
    most = [max(4, 2 * ROOM // len({abs(x) for x in column})) for column in columns]
    seen: list[Counter[float]] = [Counter() for _ in columns]
    block: Block = []
    passed_over: Block = []
    for one in found:
        if any(counts[abs(x)] >= limit for counts, x, limit in zip(seen, one.answers, most)):
            passed_over.append(one)
            continue
        for counts, x in zip(seen, one.answers):
            counts[abs(x)] += 1
        block.append(one)
        if len(block) == ROOM:
            break
    return (block + passed_over)[:ROOM]


def _tries(nodes: list[Scalar], most: int) -> int:
    return max(min(most, FEWEST), min(most, WORK // len(nodes)))


def _tried(nodes: list[Scalar], asked: list[int], chance: random.Random, tries: int) -> list[Candidate]:
    """Draw sets, and return those that can be used, with different answers each."""
    moved = leaves_of(nodes)
    choices = {1: TWENTIETHS, 2: FIFTHS}.get(len(moved), HALVES)
    kinks = [(node, kink) for node in nodes if (kink := _kink(node)) is not None]
    found: dict[tuple[float, ...], Candidate] = {}
    for _ in range(tries):
        numbers = tuple(chance.choice(choices) for _ in moved)
        if not _will_do(nodes, moved, numbers, kinks):
            continue
        answers = tuple(_rounded(float(nodes[i].grad)) for i in asked)
        one = Candidate(_rank(nodes, asked), _cost(nodes, moved, asked), numbers, answers)
        if answers not in found or _order(one) < _order(found[answers]):
            found[answers] = one
    return list(found.values())


def _kink(node: Scalar) -> Callable[..., bool] | None:
    """Return the condition under which a node is at a kink, or None if it has no kink.

    It is also None if constants decide on the side of the kink, as in ``where(0.0, a, b)``.
    """
    kinks = node.operation.kinks if node.prev and node.operation is not None else None
    if kinks is None:
        return None
    elsewhere = [[x.data if x.is_constant else s / (k + 1) for k, x in enumerate(node.prev)] for s in (0.3137, -1.71)]
    return None if all(kinks.holds(*xs) for xs in elsewhere) else kinks.holds


def _will_do(
    nodes: list[Scalar], moved: list[Scalar], numbers: Iterable[float], kinks: list[tuple[Scalar, Callable[..., bool]]]
) -> bool:
    """Set the leaves, and say whether the whole graph is defined, smooth and finite there."""
    for node, x in zip(moved, numbers):
        node.data = x
    try:
        with errstate(domain="raise"):
            nodes[-1].forward()
    except (DomainError, ArithmeticError):
        return False
    if any(holds(*(x.data for x in node.prev)) for node, holds in kinks):
        return False
    if not all(math.isfinite(node.data) for node in nodes):
        return False
    differentiate(nodes)
    return all(math.isfinite(node.grad) for node in nodes)


def _rank(nodes: list[Scalar], asked: list[int]) -> int:
    grads = [_size(nodes[i].grad) for i in asked]
    if not all(SMALL <= grad <= LARGE for grad in grads) or any(node.prev and _size(node.data) == 0 for node in nodes):
        return DEFINED
    return PEN if all(digits(grad) <= DIGITS for grad in grads) else SENSIBLE


def _cost(nodes: list[Scalar], moved: list[Scalar], asked: list[int]) -> float:
    """Return how tedious the exercise is with a pen, and how little there is to find. 0 is best."""
    cost = 0.0
    for i in asked:
        grad = _size(nodes[i].grad)
        if grad == 0:
            cost += 3
            continue
        cost += 2 * max(0.0, math.log10(SMALL / grad), math.log10(grad / LARGE))
        cost += 0.25 * max(0, digits(grad) - DIGITS)
        cost += 0.1 * (grad == 1)
    for node in nodes:
        if node.prev:
            value = _size(node.data)
            cost += 1 if value == 0 else max(0.0, math.log10(value / TALL))
            cost += 0.1 * max(0, digits(value) - DIGITS)
    sizes = [abs(float(leaf.data)) for leaf in moved]
    cost += 0.3 * (len(sizes) - len(set(sizes)))  # equal leaves would hide swapped factors
    cost += 0.2 * sizes.count(1.0)
    return cost / max(1, len(asked))


def _size(x: float) -> float:
    """Return the size of a number without its last digits, which differ from machine to machine."""
    return abs(float(f"{x:.9e}"))


def digits(x: float, most: int = 6) -> int:
    """Return the number of significant digits of a number, as people write it.

    >>> digits(12.5), digits(200.0), digits(1 / 3)
    (3, 1, 6)
    """
    text = f"{abs(x):.9e}".partition("e")[0].replace(".", "").rstrip("0")
    return min(len(text), most)


def _rounded(x: float) -> float:
    return float(f"{x:.3g}")
