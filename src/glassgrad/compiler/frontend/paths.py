"""Merge the runs of a function along its different paths into one tape, which shares their common operations."""

from __future__ import annotations

from collections.abc import Sequence

from glassgrad.compiler.frontend.tracer import CAPTURED, Guard, PathTrace
from glassgrad.compiler.ir.tape import Outputs, Split, Tape, TapeBuilder, identity
from glassgrad.core.op import Op
from glassgrad.core.scalar import Scalar, TracingError

__all__ = ["merge", "require_same_way"]


def merge(
    traces: Sequence[PathTrace], names: Sequence[str], results: Sequence[Sequence[int]]
) -> tuple[Tape, list[Scalar]]:
    """Merge the traces of one function into a tape.

    Args:
        traces: runs of one function, each along a different path.
        names: the names of its inputs.
        results: for each run, the references of its results. Shorter lists are filled up with zeros.

    Returns:
        The tape, and the captured nodes, whose values are further inputs of the tape.

    Raises:
        TracingError: two runs differ before the first branch that could tell them apart.
    """
    n = traces[0].inputs
    captured: dict[int, int] = {}
    nodes: list[Scalar] = []
    for one in traces:
        for node in one.captured:
            if id(node) not in captured:
                captured[id(node)] = n + len(nodes)
                nodes.append(node)
    builder = TapeBuilder([*names, *[f"outside{i}" for i in range(len(nodes))]])
    shift = len(nodes)
    constants = [[builder.constant(x) for x in one.constants] for one in traces]
    outside = [[captured[id(node)] for node in one.captured] for one in traces]
    width = max(map(len, results))
    zero = builder.constant(0.0) if any(len(refs) < width for refs in results) else 0

    def translated(k: int, ref: int) -> int:
        """Translate a reference of run k to the numbering that all runs share: operations begin at n + shift."""
        if ref < 0:
            return constants[k][~ref]
        if ref >= CAPTURED:
            return outside[k][ref - CAPTURED]
        return ref if ref < n else ref + shift

    rows = [[tuple([translated(k, a) for a in args]) for args in one.args] for k, one in enumerate(traces)]
    work: list[tuple[list[int], int, int, int, bool]] = [(list(range(len(traces))), 0, 0, -1, True)]
    known = list(range(n + shift))  # the references on the tape of the values computed so far on this path
    while work:
        group, turn, start, parent, outcome = work.pop()
        del known[n + shift + start :]
        first = group[0]
        guards = traces[first].guards
        guard = guards[turn] if turn < len(guards) else None
        stop = len(traces[first].ops) if guard is None else guard.position
        for k in group[1:]:
            other = traces[k].guards[turn] if turn < len(traces[k].guards) else None
            if (
                guard is None
                or other is None
                or other.position != stop
                or translated(k, other.condition) != translated(first, guard.condition)
                or not all(map(alike, traces[k].ops[start:stop], traces[first].ops[start:stop]))
                or rows[k][start:stop] != rows[first][start:stop]
            ):
                raise _not_the_same((guard or other or traces[k].guards[-1]).line)
        here = builder.begin(parent)
        if parent >= 0:
            builder.attach(parent, outcome, here)
        ops, args = traces[first].ops, rows[first]
        for i in range(start, stop):
            known.append(builder.append(ops[i], tuple([known[a] if a >= 0 else a for a in args[i]])))
        if guard is None:
            refs = [translated(first, a) for a in results[first]]
            filled = [known[a] if a >= 0 else a for a in refs] + [zero] * (width - len(refs))
            builder.end(Outputs(tuple(filled), first))
            continue
        condition = translated(first, guard.condition)
        builder.end(Split(known[condition] if condition >= 0 else condition, None, None, guard.line))
        for side in (False, True):
            some = [k for k in group if traces[k].guards[turn].outcome is side]
            if some:
                work.append((some, turn + 1, stop, here, side))
    return builder.tape, nodes


def require_same_way(a: PathTrace, b: PathTrace) -> None:
    """Raise `TracingError` if two runs differ before the first branch that could tell them apart."""
    if a is b:
        return
    turn = a.shared(b)
    ends = [
        (one.guards[turn].position, one.guards[turn].condition) if turn < len(one.guards) else None for one in (a, b)
    ]
    # Not the lines: a library's function that is compiled itself has no line of the user's but that of the call.
    ways = [[(guard.position, guard.condition, guard.outcome) for guard in one.guards[:turn]] for one in (a, b)]
    if (ends[0] is None) != (ends[1] is None) or ways[0] != ways[1] or ends[0] != ends[1]:
        raise _not_the_same(([*a.guards[turn:], *b.guards[turn:]] or a.guards[-1:] or [_NOWHERE])[0].line)
    stop = len(a.ops) if ends[0] is None else ends[0][0]
    used = {~ref for args in a.args[:stop] for ref in args if ref < 0}
    outside = {ref - CAPTURED for args in a.args[:stop] for ref in args if ref >= CAPTURED}
    if (
        a.args[:stop] != b.args[:stop]
        or (ends[0] is None and len(b.ops) != stop)
        or not all(map(alike, a.ops[:stop], b.ops[:stop]))
        or any(identity(a.constants[k]) != identity(b.constants[k]) for k in used)
        or any(a.captured[k] is not b.captured[k] for k in outside)
    ):
        raise _not_the_same(([*a.guards[turn:], *b.guards[turn:]] or a.guards[-1:] or [_NOWHERE])[0].line)


_NOWHERE = Guard(0, 0, True, "its result", "if")


def _not_the_same(line: str) -> TracingError:
    return TracingError(
        f"{line}: two runs of the function differed before they reached this line. A compiled function "
        "may depend on its arguments alone, not on random numbers, time, or state that it changes"
    )


def alike(a: Op, b: Op) -> bool:
    """Whether two operations are the same, or were made by the same lines of code in different runs."""
    if a is b:
        return True
    lines = getattr(a.value, "__code__", None)
    return a.name == b.name and a.code == b.code and lines is not None and lines is getattr(b.value, "__code__", None)
