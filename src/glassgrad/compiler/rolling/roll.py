"""Roll a flat tape: write a tape with loops whose expansion is the flat tape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from glassgrad.compiler.ir.columns import PAD, WIDEST, Columns
from glassgrad.compiler.ir.loops import Executions, Loop
from glassgrad.compiler.ir.tape import Outputs, Segment, Tape
from glassgrad.compiler.rolling.finder import find_loops
from glassgrad.compiler.rolling.nodes import Node, Once
from glassgrad.compiler.rolling.operands import Namer
from glassgrad.compiler.rolling.pieces import in_pieces
from glassgrad.compiler.rolling.strings import FAR
from glassgrad.compiler.rolling.trim import trimmed

__all__ = ["ROLL_FROM", "roll"]

ROLL_FROM = 64  # Shorter pieces are left straight.
BLOCK = 1 << 14  # Arrays are computed in blocks of this many operations, which fit the cache.
OPERANDS = 3  # The search for loops looks at the first operands of an operation only.


def roll(tape: Tape, least: int = ROLL_FROM) -> Tape:
    """Return a tape with loops whose expansion is ``tape``, which must be flat.

    Loops are found in each piece of a path; see `in_pieces`. Pieces of fewer than ``least`` operations stay straight.
    The result is ``tape`` itself if there is no loop.
    """
    flat = in_pieces(tape)
    columns = flat.columns()
    operands = _Operands(flat, columns)
    codes = operands.codes(columns)
    nodes: list[Node] = []
    starts = []
    for segment in flat.segments:
        starts.append(len(nodes))
        nodes += _found(operands, codes, segment, least)
    if all(isinstance(node, Once) for node in nodes):
        return tape
    return _written(flat, columns, nodes, [*starts, len(nodes)], operands)


class _Operands:
    """The operands of all operations of a flat tape, in arrays.

    Attributes:
        counts: the number of operands of each operation.
        starts: where the operands of each operation begin in `refs`.
        refs: the references, one operation after another.
    """

    def __init__(self, tape: Tape, columns: Columns) -> None:
        self.inputs = tape.inputs
        rows, wide = columns.operands, columns.wide
        present = rows != PAD
        self.counts = np.count_nonzero(present, axis=1)
        self.counts[wide] = np.diff(columns.starts)
        self.starts = np.cumsum(self.counts) - self.counts
        self.refs = rows[present]
        if len(wide):
            inside = np.repeat(self.counts > WIDEST, self.counts)
            refs = np.empty(len(inside), np.int64)
            refs[inside], refs[~inside] = columns.rest, self.refs
            self.refs = refs

    def codes(self, columns: Columns) -> Any:
        """Return a number for each operation. It differs if the operation or the number of operands does."""
        found = np.flatnonzero(np.bincount(self.counts))
        places = np.zeros(int(self.counts.max(initial=0)) + 1, np.int32)
        places[found] = np.arange(len(found))
        return columns.code * np.int32(len(found)) + places[self.counts]

    def first(self, start: int, stop: int) -> tuple[Any, Any]:
        """Return how many operations before each operation its first operands were computed, and their references."""
        size = min(OPERANDS, int(self.counts[start:stop].max(initial=0)))
        lags, refs = np.empty((size, stop - start), np.int32), np.full((size, stop - start), -1, np.int64)
        for begin in range(start, stop, BLOCK):
            end = min(begin + BLOCK, stop)
            counts, here = self.counts[begin:end], slice(begin - start, end - start)
            base = np.arange(self.inputs + begin, self.inputs + end)
            for k in range(size):
                has = counts > k
                refs[k, here][has] = self.refs[self.starts[begin:end][has] + k]
                some = refs[k, here]
                lags[k, here] = np.where(some >= self.inputs + start, base - some, FAR)
        return lags, refs


def _found(operands: _Operands, codes: Any, segment: Segment, least: int) -> list[Node]:
    """Return the tree of the operations of a segment."""
    start, stop = segment.start, segment.stop
    if stop - start < max(least, 1):
        return [Once(np.array([i])) for i in range(start, stop)]
    found = _moved(find_loops(codes[start:stop], *operands.first(start, stop)), start)
    return trimmed(found, operands.starts, operands.counts, operands.refs, operands.inputs, len(operands.counts))


def _moved(nodes: Sequence[Node], by: int) -> list[Node]:
    return [
        Once(node.at + by) if isinstance(node, Once) else node._replace(body=_moved(node.body, by)) for node in nodes
    ]


def _written(flat: Tape, columns: Columns, nodes: Sequence[Node], starts: Sequence[int], operands: _Operands) -> Tape:
    """Write the tape of a tree. The nodes of segment k are those from ``starts[k]`` on."""
    n, tape = flat.inputs, Tape(flat.names)
    tape.constants = list(flat.constants)
    executed: list[Any] = []  # for each static operation the positions of its executions
    places = [0]
    for node in nodes:
        _lay(node, -1, tape, executed)
        places.append(len(executed))
    tape.ops = [columns.ops[columns.code[at[0]]] for at in executed]
    executions = Executions(tape)
    expanded = np.empty(len(columns.code), np.int64)  # the expanded reference of each operation of the flat tape
    expanded[np.concatenate(executed)] = n + np.arange(len(columns.code))
    namer = Namer(tape, executions)

    def located(refs: Any) -> Any:
        return np.where(refs >= n, expanded[np.maximum(refs - n, 0)], refs)

    for s, at in enumerate(executed):
        home, begin = int(executions.home[s]), operands.starts[at]
        tape.args.append(
            tuple(namer.name(located(operands.refs[begin + k]), home, s) for k in range(int(operands.counts[at[0]])))
        )
    for k, segment in enumerate(flat.segments):
        stop = places[starts[k + 1]]
        exit = segment.exit
        if isinstance(exit, Outputs):
            exit = exit._replace(refs=tuple(namer.results(located(np.array(exit.refs, np.int64)))))
        else:
            (condition,) = namer.results(located(np.array([exit.condition])))
            exit = exit._replace(condition=condition)
        tape.segments.append(Segment(places[starts[k]], stop, segment.parent, exit))
    return tape


def _lay(node: Node, parent: int, tape: Tape, executed: list[Any]) -> None:
    """Append the operations and loops of a node."""
    if isinstance(node, Once):
        executed.append(node.at)
        return
    k, trips = len(tape.loops), node.trips
    tape.loops.append(Loop(len(executed), 0, int(trips[0]) if (trips == trips[0]).all() else trips, parent))
    for child in node.body:
        _lay(child, k, tape, executed)
    tape.loops[k] = tape.loops[k]._replace(stop=len(executed))
