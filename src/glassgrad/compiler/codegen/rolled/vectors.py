"""How many vectors a block of lanes has: the number with which a lane is estimated to take the fewest cycles.

Several vectors side by side hide the time that one waits for the result of an instruction, and they share the work that
a round needs once: moving pointers, loading numbers that all lanes share, and counting. But their values may no longer
fit into the registers, or their cells into the cache. So the estimate has four parts: arithmetic and waiting, the work
of a round, spilled registers, and cells beyond the cache.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from glassgrad.compiler.ir.loops import READS, Carried
from glassgrad.core import ops
from glassgrad.core.op import Op

if TYPE_CHECKING:
    from glassgrad.compiler.codegen.rolled.plan import Plan

__all__ = ["Body", "best", "cycles"]

BETTER = 0.95  # More vectors need less than this share of the time, since compiling takes longer.
LIKED = 1.09  # The same for two vectors, or if everything fits: they hide waits that are not estimated.
FULL, CROWDED = 2, 4  # So many values for each register fit, because most live only shortly. There are never more.
MOST = 6 << 20  # The cells of several vectors take at most so many bytes.
LONGEST = 12_000  # Code has at most about this many lines of IR, each for one vector.

# Cycles of a current processor. All are for one vector.
LINE = 0.33  # A line of IR: two or three of them start in each cycle.
WAIT = 4.0  # The result of an instruction can be used after this time.
IN_LINE = 2.5  # The same for each line of a kernel of mathlib, half of which run side by side.
SLOW: dict[Op, tuple[float, float]] = {ops.div: (8.0, 16.0), ops.sqrt: (12.0, 24.0)}  # The time taken, and the wait.
THROUGH_MEMORY = 8.0  # A number that was just stored can be used after this time.
ONCE = 0.3  # The work that a round does once for each operand from memory, such as moving its pointer.
ROUND = 1.5  # The work that a round does once in any case.
SPILL = 0.6  # Storing and loading a value for which there is no register.
CACHE = 600_000  # Cells of so many bytes fit into the L2 cache, beside the arguments and results.
ROUNDS = 3  # As many rounds are simulated, after as many others, to find how long a round waits for the one before.
BEYOND = 1.5  # The additional time for a cell if the cells take twice the cache, and again each time they double.


class Body(NamedTuple):
    """What the body of a loop does in a round, without the loops in it.

    Attributes:
        runs: how often it runs.
        work: the cycles that its arithmetic takes for one vector.
        wait: the cycles until a round has what the next one needs.
        live: how many values are live where there are most.
        operands: how many different operands it loads.
        stores: how many values it stores.
    """

    runs: int
    work: float
    wait: float
    live: int
    operands: int
    stores: int


def best(plan: Plan) -> int:
    """Return how many vectors a block of ``plan`` should have. The cells must have been laid out."""
    bodies = [body(plan, k) for k in (-1, *range(len(plan.tape.loops))) if plan.executions.runs_of(k)]
    live = max(one.live for one in bodies) / plan.module.target.registers
    found, least = 1, cycles(plan, bodies, 1)
    for vectors in (2, 4):
        memory, time = memory_of(plan, vectors), cycles(plan, bodies, vectors)
        if memory > MOST or vectors * plan.lines > LONGEST or vectors * live > CROWDED:
            break
        fits = vectors == 2 or (memory <= CACHE and vectors * live <= FULL)
        if time < least * (LIKED if fits else BETTER):
            found, least = vectors, time
    return found


def memory_of(plan: Plan, vectors: int) -> int:
    """Return how many bytes the cells take if a block has so many vectors."""
    return plan.cells.count * 8 * plan.vector * vectors


def cycles(plan: Plan, bodies: Sequence[Body], vectors: int) -> float:
    """Estimate the cycles that one vector takes if a block has ``vectors`` of them."""
    beyond = max(1.0, memory_of(plan, vectors) / CACHE)
    total = BEYOND * plan.cells.count * math.log2(beyond)
    for runs, work, wait, live, operands, stores in bodies:
        once = (ROUND + ONCE * (operands + stores)) / vectors
        spilled = max(0, live * vectors - plan.module.target.registers) / vectors
        total += runs * max(work + once + SPILL * spilled, wait / vectors)
    return total


def body(plan: Plan, loop: int) -> Body:
    """Describe the body of a loop."""
    tape, n, home = plan.tape, plan.tape.inputs, plan.executions.home
    start, stop = (0, len(tape.ops)) if loop < 0 else tape.loops[loop][:2]
    positions = [s for s in range(start, stop) if home[s] == loop and plan.ops[s]]
    operands = {a for s in positions for a in tape.args[s] if 0 <= a < n or _is_read(plan, a)}
    return Body(
        plan.executions.runs_of(loop),
        sum([_cycles(plan, s)[0] for s in positions]),
        _wait(plan, loop, positions) if loop >= 0 else 0.0,
        _live(plan, loop, positions),
        len(operands),
        sum([plan.cells.record[s] > 0 for s in positions]),
    )


def _is_read(plan: Plan, ref: int) -> bool:
    return ref >= READS and not isinstance(plan.tape.reads[ref - READS], Carried)


def _cycles(plan: Plan, s: int) -> tuple[float, float]:
    """Return the cycles that operation s takes, and those until its result can be used."""
    slow, lines = SLOW.get(plan.tape.ops[s]), plan.module.weights[s]
    return slow or (LINE * lines, WAIT if lines <= 3 else WAIT + IN_LINE * lines)


def _next(plan: Plan, loop: int) -> dict[int, int]:
    """Return, for each value that a loop carries, the reference that it has in the next round."""
    reads = [(ref, plan.tape.reads[ref - READS]) for ref in plan.carried[loop]]
    return {ref: carried.next for ref, carried in reads if isinstance(carried, Carried)}


def _wait(plan: Plan, loop: int, positions: Sequence[int]) -> float:
    """Return the cycles from round to round if a round starts as soon as it has what it needs of the one before."""
    tape, n, carried = plan.tape, plan.tape.inputs, _next(plan, loop)
    if not carried and not plan.recent(loop, 1):
        return 0.0
    stored = plan.recent(loop, 0)
    later = [(ref, a, 0.0) for ref, a in carried.items()]
    later += [(ref, a, THROUGH_MEMORY) for ref, a in plan.recent(loop, 1).items()]
    ready = {ref: 0.0 for ref, _, _ in later}
    times = [0.0]
    for _ in range(2 * ROUNDS):
        at = dict(ready)
        for s in positions:
            since = [at[a] for a in tape.args[s] if a in at]
            since += [at[stored[a]] + THROUGH_MEMORY for a in tape.args[s] if stored.get(a) in at]
            if since:
                at[n + s] = max(since) + _cycles(plan, s)[1]
        ready = {ref: at.get(a, 0.0) + more for ref, a, more in later}
        times.append(max(ready.values()))
    return (times[-1] - times[ROUNDS]) / ROUNDS


def _live(plan: Plan, loop: int, positions: Sequence[int]) -> int:
    """Return how many values are live at most, if the operations run in the order of the tape."""
    tape, n = plan.tape, plan.tape.inputs
    last = {a: s for s in positions for a in tape.args[s]}
    now: set[int] = set()
    if loop >= 0:
        last.update(dict.fromkeys(_next(plan, loop).values(), tape.loops[loop].stop))
        now.update(plan.carried[loop])
    most = len(now)
    for s in positions:
        if last.get(n + s, -1) > s:
            now.add(n + s)
        most = max(most, len(now))
        now -= {a for a in tape.args[s] if last[a] == s}
    return most
