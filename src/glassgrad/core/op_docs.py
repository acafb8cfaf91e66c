"""Write the docstring of an operation from its entry in the table, for ``help(gg.exp)``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

OPERANDS = {1: ("x",), 2: ("a", "b"), 3: ("c", "a", "b")}  # names of the arguments, by their number
ASCII = {"−": "-", "·": "*", "²": "**2", "^": "**", "½": "1/2", "π": "pi"}  # for formulas, as Python writes them


def docstring(
    name: str,
    doc: str,
    slopes: Sequence[str | None],
    *,
    domain: str | None,
    kinks: str | None,
    example: Mapping[str, str],
    operands: Sequence[str] | None = None,
) -> str:
    """Return a docstring: the call, what it computes, its derivatives, its domain, its kinks and an example.

    Args:
        name: the name of the operation.
        doc: what it computes; the last full stop is added.
        slopes: its partial derivatives, in the notation of `glassgrad.core.op.Op.slopes`.
        domain: the condition under which it is defined, in words, or None for everywhere.
        kinks: the condition under which a derivative jumps or does not exist, or None for nowhere.
        example: expressions and what Python prints for them.
        operands: the names of the arguments; ``x``, ``a, b`` or ``c, a, b`` if not given.
    """
    operands = operands or OPERANDS[len(slopes)]
    lines = [f"{name}({', '.join(operands)})", "", f"{doc}.", ""]
    for operand, slope in zip(operands, slopes):
        derivative = "none, as it must be a plain number" if slope is None else formula(slope, operands)
        lines.append(f"Derivative with respect to {operand}: {derivative}")
    if any(slope and "{y}" in slope for slope in slopes):
        lines[-1] += ", where y is the result"
    if domain:
        lines.append(f"Domain: {domain} (see `errstate` for what happens elsewhere)")
    if kinks:
        lines.append(f"Kinks, where a derivative jumps or does not exist: {kinks}")
    lines += ["", "Example:", "    >>> import glassgrad as gg"]
    for expression, printed in example.items():
        lines += [f"    >>> {expression}", f"    {printed}"]
    return "\n".join(lines) + "\n"


def formula(slope: str, operands: Sequence[str]) -> str:
    """Return a derivative as Python would write it, with the names of the operands put in."""
    for sign, text in ASCII.items():
        slope = slope.replace(sign, text)
    return slope.format(*operands, y="y")
