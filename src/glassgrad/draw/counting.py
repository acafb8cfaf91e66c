"""Counts the nodes that a drawing leaves out, and sums them up in one line."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from glassgrad.draw.metrics import clip, printable
from glassgrad.graph import operands

SYMBOLS = {"*": "×", "-": "−", "neg": "−"}  # Signs that look better in print than those on the keyboard.


def symbol(op: object) -> str:
    """Return the symbol of an operation as drawings show it.

    >>> symbol("*"), symbol("tanh")
    ('×', 'tanh')
    """
    text = printable(op)
    return SYMBOLS.get(text, text)


def summary(counts: Mapping[str, int]) -> str:
    """Return a line that says how many nodes there are, with the most frequent operations first.

    >>> summary({"*": 400_000, "+": 299_500, "": 300_000})
    '999,500 more nodes: 400k ×, 300k leaves, 300k +'
    """
    total = sum(counts.values())
    parts = []
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    for op, count in ranked[:6]:
        if count > 0:
            parts.append(f"{rounded(count)} {clip(symbol(op), 12) if op else 'leaf' if count == 1 else 'leaves'}")
    if len(ranked) > 6:
        parts.append("…")
    return f"{total:,} more node{'s' if total != 1 else ''}: {', '.join(parts)}"


def left_out(roots: Sequence[Any], drawn: Iterable[Any]) -> str:
    """Return a line that counts the nodes below ``roots`` that are not in ``drawn``."""
    counts = Counter(count_operations(roots))
    counts.subtract(str(node.op) for node in drawn)
    return summary(+counts)


def rounded(count: int) -> str:
    """Return a count that can be read at a glance: ``9,999``, ``12k`` or ``1.25M``."""
    if count < 10_000:
        return f"{count:,}"
    if count < 999_500:
        return f"{count / 1000:.0f}k"
    return f"{count / 1e6:.3g}M"


def count_operations(roots: Sequence[Any]) -> Mapping[str, int]:
    """Count each operation below ``roots``. Leaves are counted under ``''``.

    For a single `Scalar` the compiled engine counts.
    """
    from glassgrad.core import scalar, walks

    if len(roots) == 1 and isinstance(roots[0], scalar.Scalar):
        return dict(walks.count_operations(roots[0]))
    counts: Counter[str] = Counter()
    seen = {id(root) for root in roots}
    stack = list(roots)
    while stack:
        node = stack.pop()
        counts[str(node.op)] += 1
        for operand in operands(node):
            if id(operand) not in seen:
                seen.add(id(operand))
                stack.append(operand)
    return counts
