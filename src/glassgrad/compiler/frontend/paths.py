"""Merge the runs of a function along its different paths into one tape, which shares their common operations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from glassgrad.compiler.frontend.tracer import CAPTURED, Guard, PathTrace
from glassgrad.compiler.ir.columns import PAD
from glassgrad.compiler.ir.recorded import RecordedTape
from glassgrad.compiler.ir.tape import Outputs, Segment, Split, Tape, TapeBuilder, identity
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
    if len(traces) == 1:
        return _alone(traces[0], names, results[0]), traces[0].captured
    nodes = list({id(node): node for one in traces for node in one.captured}.values())
    builder = TapeBuilder([*names, *[f"outside{i}" for i in range(len(nodes))]])
    runs = _renumbered(traces, results, nodes, builder)
    width = max(map(len, results))
    zero = builder.constant(0.0) if any(len(refs) < width for refs in results) else 0
    inputs = traces[0].inputs + len(nodes)
    known = list(range(inputs))  # the references on the tape of the values computed so far on this path
    work: list[tuple[list[int], int, int, int, bool]] = [(list(range(len(traces))), 0, 0, -1, True)]
    while work:
        group, turn, start, parent, outcome = work.pop()
        del known[inputs + start :]
        first = runs[group[0]]
        guard = _next_guard([runs[k] for k in group], turn, start)
        here = builder.begin(parent)
        if parent >= 0:
            builder.attach(parent, outcome, here)
        stop = len(first.ops) if guard is None else guard.position
        for i in range(start, stop):
            known.append(builder.append(first.ops[i], tuple([known[a] if a >= 0 else a for a in first.args[i]])))
        if guard is None:
            filled = [known[a] if a >= 0 else a for a in first.results] + [zero] * (width - len(first.results))
            builder.end(Outputs(tuple(filled), group[0]))
            continue
        condition = guard.condition
        builder.end(Split(known[condition] if condition >= 0 else condition, None, None, guard.line))
        for side in (False, True):
            some = [k for k in group if runs[k].guards[turn].outcome is side]
            if some:
                work.append((some, turn + 1, stop, here, side))
    return builder.tape, nodes


def _alone(trace: PathTrace, names: Sequence[str], results: Sequence[int]) -> Tape:
    """Return the tape of one run. Without captured nodes, it shares the arrays of the trace."""
    inputs, captured = trace.inputs, len(trace.captured)
    columns = trace.recorded
    if captured:  # these become inputs, which come before the operations
        columns = columns._replace(
            operands=_moved(columns.operands, inputs, captured), rest=_moved(columns.rest, inputs, captured)
        )

    def moved(ref: int) -> int:
        return int(_moved(np.array([ref]), inputs, captured)[0]) if captured else ref

    tape = RecordedTape([*names, *[f"outside{i}" for i in range(captured)]], columns)
    tape.constants = trace.constants
    start = 0
    for k, guard in enumerate(trace.guards):
        yes, no = (k + 1, None) if guard.outcome else (None, k + 1)
        exit = Split(moved(guard.condition), yes, no, guard.line)
        tape.segments.append(Segment(start, guard.position, k - 1, exit))
        start = guard.position
    tape.segments.append(Segment(start, len(columns.code), len(trace.guards) - 1, Outputs(tuple(map(moved, results)))))
    return tape


def _moved(refs: Any, inputs: int, captured: int) -> Any:
    """Return these references of a trace as a tape has them, where captured nodes come after the inputs."""
    moved = np.where((refs >= inputs) & (refs < CAPTURED), refs + captured, refs)
    return np.where((refs >= CAPTURED) & (refs != PAD), refs - CAPTURED + inputs, moved)


class _Run(NamedTuple):
    """One run, with the references that all runs share: inputs first, then captured nodes, then operations; constants
    are negative."""

    ops: list[Op]
    args: list[tuple[int, ...]]
    guards: list[Guard]
    results: list[int]


def _renumbered(
    traces: Sequence[PathTrace], results: Sequence[Sequence[int]], nodes: Sequence[Scalar], builder: TapeBuilder
) -> list[_Run]:
    """The runs, with the captured nodes ``nodes``, and constants as ``builder`` numbers them."""
    inputs = traces[0].inputs
    place = {id(node): inputs + k for k, node in enumerate(nodes)}
    constants = [[builder.constant(x) for x in one.constants] for one in traces]
    runs = []
    for one, own, refs in zip(traces, constants, results):
        shared = _numbering(inputs, len(nodes), own, [place[id(node)] for node in one.captured])
        args = [tuple(map(shared, operands)) for operands in one.args]
        guards = [guard._replace(condition=shared(guard.condition)) for guard in one.guards]
        runs.append(_Run(one.ops, args, guards, list(map(shared, refs))))
    return runs


def _numbering(inputs: int, nodes: int, constants: Sequence[int], outside: Sequence[int]) -> Callable[[int], int]:
    """The function from the references of one run to those that all runs share."""

    def shared(ref: int) -> int:
        if ref < 0:
            return constants[~ref]
        if ref >= CAPTURED:
            return outside[ref - CAPTURED]
        return ref if ref < inputs else ref + nodes

    return shared


def _next_guard(group: Sequence[_Run], turn: int, start: int) -> Guard | None:
    """Return guard number ``turn`` of runs that went the same way so far, or None if they end without one.

    Raises:
        TracingError: the runs differ in an operation from number ``start`` on, or in that guard.
    """
    first = group[0]
    guard = first.guards[turn] if turn < len(first.guards) else None
    stop = len(first.ops) if guard is None else guard.position
    for run in group[1:]:
        other = run.guards[turn] if turn < len(run.guards) else None
        if (
            guard is None
            or other is None
            or (other.position, other.condition) != (stop, guard.condition)
            or not all(map(alike, run.ops[start:stop], first.ops[start:stop]))
            or run.args[start:stop] != first.args[start:stop]
        ):
            raise _not_the_same((guard or other or run.guards[-1]).line)
    return guard


def require_same_way(a: PathTrace, b: PathTrace) -> None:
    """Raise `TracingError` if two runs differ before the first branch that could tell them apart."""
    if a is b or _are_equal(a, b):
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


def _are_equal(a: PathTrace, b: PathTrace) -> bool:
    """Whether two runs are the same from start to end. This is quickly found out, because their lists are not made."""
    return (
        a.guards == b.guards
        and a.recorded.ops == b.recorded.ops
        and all(map(np.array_equal, a.recorded[1:], b.recorded[1:]))
        and [*map(identity, a.constants)] == [*map(identity, b.constants)]
        and len(a.captured) == len(b.captured)
        and all(x is y for x, y in zip(a.captured, b.captured))
    )


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
