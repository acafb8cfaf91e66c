"""Tools that several passes share: counting uses, and copying a tape to replace its operations one for one."""

from __future__ import annotations

from glassgrad.compiler.ir.tape import Outputs, Tape

__all__ = ["copy", "count_uses"]


def count_uses(tape: Tape) -> list[int]:
    """Count how often each value is used."""
    uses = [0] * (tape.inputs + len(tape.ops))
    ends = [exit.refs if isinstance(exit, Outputs) else (exit.condition,) for _, _, _, exit in tape.segments]
    for refs in (*tape.args, *ends):
        for a in refs:
            if a >= 0:
                uses[a] += 1
    return uses


def copy(tape: Tape) -> Tape:
    """Copy a tape so that its operations can be replaced one for one. Constants and segments are not copied."""
    new = Tape(tape.names)
    new.constants, new.segments = tape.constants, tape.segments
    new.ops, new.args = [*tape.ops], [*tape.args]
    return new
