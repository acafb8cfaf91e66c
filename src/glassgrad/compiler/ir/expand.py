"""Expand a tape with loops to the flat tape that it stands for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise
from typing import Any

import numpy as np

from glassgrad.compiler.ir.loops import Assert, Executions
from glassgrad.compiler.ir.tape import Outputs, Segment, Split, Tape

__all__ = ["expand", "positions"]


def positions(tape: Tape, executions: Executions) -> Any:
    """Return the position of each execution on the flat tape, in the order of their expanded references."""
    runs, loops = executions.runs_of, tape.loops
    inner: dict[int, list[int]] = {k: [] for k in range(-1, len(loops))}
    for k, loop in enumerate(loops):
        inner[loop.parent].append(k)
    length: dict[int, Any] = {}  # for each execution of a body: how many operations run in it
    for k in range(len(loops) - 1, -2, -1):
        direct = int(np.count_nonzero(executions.home == k))
        length[k] = np.full(runs(k), direct, np.int64)
        for child in inner[k]:
            np.add.at(length[k], executions.outer(child, k), length[child])
    found = np.empty(executions.total, np.int64)
    start = {-1: np.zeros(1, np.int64)}
    for k in range(-1, len(loops)):
        at = start[k].copy()
        place, stop = (loops[k].start, loops[k].stop) if k >= 0 else (0, len(tape.ops))
        for child in [*inner[k], -1]:  # -1: the operations after the last inner loop
            until = loops[child].start if child >= 0 else stop
            for s in range(place, until):
                found[executions.first[s] : executions.first[s + 1]] = at
                at += 1
            if child >= 0:
                around = executions.outer(child, k)
                before = np.cumsum(length[child]) - length[child]
                entered = executions.rounds(child) == 0
                since = before - np.maximum.accumulate(np.where(entered, before, 0))
                start[child] = at[around] + since
                np.add.at(at, around, length[child])
                place = loops[child].stop
    return found


def expand(tape: Tape) -> Tape:
    """Return the flat tape that ``tape`` stands for.

    Raises:
        ValueError: a loop is masked, so there is a flat tape only for given numbers of rounds (`expand_counts`).
    """
    if not tape.rolled:
        return tape
    if tape.masked:
        raise ValueError("a tape with masked loops has no expansion: its rounds must be given to expand_counts")
    n, executions = tape.inputs, Executions(tape)
    place = positions(tape, executions)
    total = executions.total
    flat = Tape(tape.names)
    flat.constants = list(tape.constants)
    static = np.empty(total, np.int64)
    static[place] = np.repeat(np.arange(len(tape.ops)), np.diff(executions.first))
    flat.ops = [tape.ops[s] for s in static.tolist()]
    flat.args = [()] * total

    def located(refs: Any) -> Any:
        return np.where(refs >= n, n + place[np.maximum(refs - n, 0)], refs) if total else refs

    for s, args in enumerate(tape.args):
        home = int(executions.home[s])
        columns = [located(executions.values(a, home)).tolist() for a in args]
        own = place[executions.first[s] : executions.first[s + 1]].tolist()
        for at, row in zip(own, zip(*columns) if columns else [()] * len(own)):
            flat.args[at] = row

    def one(ref: int) -> int:
        return int(located(executions.values(ref, -1))[0])

    starts = [int(executions.first[segment.start]) for segment in tape.segments]  # a loop lies in one segment
    flat.segments = _segments(
        tape, flat, [*starts, total], one, lambda refs: located(executions.singles(refs)).tolist()
    )
    _remove_asserts(flat)
    return flat


def _segments(
    tape: Tape,
    flat: Tape,
    starts: list[int],
    one: Callable[[int], int],
    several: Callable[[Sequence[int]], list[int]],
) -> list[Segment]:
    """Return the segments of the flat tape, which end at asserts, too.

    Args:
        tape, flat: the tape, and its expansion.
        starts: where the segments of ``tape`` start on the expansion.
        one: returns the flat reference of a value outside all loops.
        several: returns those of several values.
    """
    asserts = [i for i, op in enumerate(flat.ops) if isinstance(op, Assert)]
    inside = [[i for i in asserts if a <= i < b] for a, b in pairwise(starts)]
    first = [0, *accumulate([len(some) + 1 for some in inside])]  # the number of the first of the segments made of each
    found: list[Segment] = []
    for segment, start, stop, some in zip(tape.segments, starts, starts[1:], inside):
        parent = first[segment.parent + 1] - 1 if segment.parent >= 0 else -1
        for i in some:
            op, child = flat.ops[i], len(found) + 1
            assert isinstance(op, Assert)
            yes, no = (child, None) if op.outcome else (None, child)
            found.append(Segment(start, i, parent, Split(flat.args[i][0], yes, no, op.line)))
            parent, start = child - 1, i + 1
        exit = segment.exit
        if isinstance(exit, Outputs):
            exit = exit._replace(refs=tuple(several(exit.refs)))
        else:
            yes, no = (None if side is None else first[side] for side in (exit.yes, exit.no))
            exit = Split(one(exit.condition), yes, no, exit.line)
        found.append(Segment(start, stop, parent, exit))
    return found


def _remove_asserts(flat: Tape) -> None:
    """Remove the asserts, which the segments say already, and number the values again."""
    n = flat.inputs
    asserts = [isinstance(op, Assert) for op in flat.ops]
    if not any(asserts):
        return
    before = [0, *accumulate(asserts)]  # how many asserts there are before each operation

    def moved(ref: int) -> int:
        return ref - before[ref - n] if ref >= n else ref

    flat.args = [tuple(map(moved, args)) for args, gone in zip(flat.args, asserts) if not gone]
    flat.ops = [op for op, gone in zip(flat.ops, asserts) if not gone]
    for k, (start, stop, parent, exit) in enumerate(flat.segments):
        if isinstance(exit, Outputs):
            exit = exit._replace(refs=tuple(map(moved, exit.refs)))
        else:
            exit = exit._replace(condition=moved(exit.condition))
        flat.segments[k] = Segment(start - before[start], stop - before[stop], parent, exit)
