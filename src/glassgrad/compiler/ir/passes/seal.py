"""Keep the passes from seeing through the last branch of a path.

Loops are found in the part before the last branch only if a path is known alone. There the passes find less than on
straight code. So that the bits of the results do not depend on that, the values that the part after the branch takes
from before go through `SEAL`, an operation that no pass sees through, until the passes are over.
"""

from __future__ import annotations

from glassgrad.compiler.ir.fused_ops import SEAL
from glassgrad.compiler.ir.passes.loop_writer import rewrite
from glassgrad.compiler.ir.passes.rewriter import Rewriter
from glassgrad.compiler.ir.tape import Outputs, Tape, TapeBuilder
from glassgrad.core.op import Op

__all__ = ["sealed", "unsealed"]


def sealed(tape: Tape, least: int) -> Tape:
    """Seal the part after the last branch of each path of a flat tape that has ``least`` operations before it."""
    before: list[int] = []  # how many operations there are on the path to each segment
    chosen = set()
    for k, (_, _, parent, exit) in enumerate(tape.segments):
        above = tape.segments[parent]
        before.append(before[parent] + above.stop - above.start if parent >= 0 else 0)
        if isinstance(exit, Outputs) and before[k] >= least:
            chosen.add(k)
    if not chosen:
        return tape
    n, builder = tape.inputs, TapeBuilder(tape.names)
    constants = [builder.constant(x) for x in tape.constants]
    new = list(range(n)) + [0] * len(tape.ops)
    for k, (start, stop, parent, exit) in enumerate(tape.segments):
        builder.begin(parent)
        kept: dict[int, int] = {}
        if k in chosen:
            used = [a for args in (*tape.args[start:stop], exit.used) for a in args]
            kept = {a: builder.append(SEAL, (new[a],)) for a in dict.fromkeys(used) if 0 <= a < n + start}

        def now(a: int, kept: dict[int, int] = kept) -> int:
            return constants[~a] if a < 0 else kept.get(a, new[a])

        for i in range(start, stop):
            new[n + i] = builder.append(tape.ops[i], tuple(map(now, tape.args[i])))
        if isinstance(exit, Outputs):
            builder.end(exit._replace(refs=tuple(map(now, exit.refs))))
        else:
            builder.end(exit._replace(condition=now(exit.condition)))
    return builder.tape


def unsealed(tape: Tape) -> Tape:
    """Return the tape without seals."""
    return rewrite(tape, _opened) if SEAL in tape.ops else tape


def _opened(writer: Rewriter, op: Op, args: tuple[int, ...]) -> int | None:
    return args[0] if op is SEAL else None
