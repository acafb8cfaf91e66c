"""Roll a flat tape: write a tape with loops whose expansion is the flat tape."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np

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
OPERANDS = 3  # The search for loops looks at the first operands of an operation only.


def roll(tape: Tape, least: int = ROLL_FROM) -> Tape:
    """Return a tape with loops whose expansion is ``tape``, which must be flat.

    Loops are found in each piece of a path; see `in_pieces`. Pieces of fewer than ``least`` operations stay straight.
    The result is ``tape`` itself if there is no loop.
    """
    flat = in_pieces(tape)
    operands = _Operands(flat)
    codes = operands.codes(flat)
    nodes: list[Node] = []
    starts = []
    for segment in flat.segments:
        starts.append(len(nodes))
        nodes += _found(operands, codes, segment, least)
    if all(isinstance(node, Once) for node in nodes):
        return tape
    return _written(flat, nodes, [*starts, len(nodes)], operands)


class _Operands:
    """The operands of all operations of a flat tape, in arrays.

    Attributes:
        counts: the number of operands of each operation.
        starts: where the operands of each operation begin in `refs`.
        refs: the references, one operation after another.
    """

    def __init__(self, tape: Tape) -> None:
        self.inputs = tape.inputs
        self.counts = np.fromiter(map(len, tape.args), np.int64, len(tape.args))
        self.starts = np.cumsum(self.counts) - self.counts
        self.refs = np.fromiter(chain.from_iterable(tape.args), np.int64, int(self.counts.sum()))

    def codes(self, tape: Tape) -> Any:
        """Return a number for each operation. It differs if the operation or the number of operands does."""
        numbers = {op: k for k, op in enumerate(dict.fromkeys(tape.ops))}
        kinds = np.fromiter(map(numbers.__getitem__, tape.ops), np.int64, len(tape.ops))
        counts = sorted(set(self.counts.tolist()))
        return kinds * len(counts) + np.searchsorted(counts, self.counts)

    def first(self, start: int, stop: int) -> tuple[Any, Any]:
        """Return how many operations before each operation its first operands were computed, and their references."""
        here, counts = np.arange(start, stop), self.counts[start:stop]
        size = min(OPERANDS, int(counts.max(initial=0)))
        lags, refs = np.empty((size, stop - start), np.int32), np.empty((size, stop - start), np.int64)
        for k in range(size):
            has = counts > k
            refs[k] = np.where(has, self.refs[np.where(has, self.starts[start:stop] + k, 0)], -1)
            made = refs[k] - self.inputs
            lags[k] = np.where(made >= start, here - made, FAR)
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


def _written(flat: Tape, nodes: Sequence[Node], starts: Sequence[int], operands: _Operands) -> Tape:
    """Write the tape of a tree. The nodes of segment k are those from ``starts[k]`` on."""
    n, tape = flat.inputs, Tape(flat.names)
    tape.constants = list(flat.constants)
    columns: list[Any] = []  # for each static operation the positions of its executions
    places = [0]
    for node in nodes:
        _lay(node, -1, tape, columns)
        places.append(len(columns))
    tape.ops = [flat.ops[int(at[0])] for at in columns]
    executions = Executions(tape)
    expanded = np.empty(len(flat.ops), np.int64)  # the expanded reference of each operation of the flat tape
    expanded[np.concatenate(columns)] = n + np.arange(len(flat.ops))
    namer = Namer(tape, executions)

    def located(refs: Any) -> Any:
        return np.where(refs >= n, expanded[np.maximum(refs - n, 0)], refs)

    for s, at in enumerate(columns):
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


def _lay(node: Node, parent: int, tape: Tape, columns: list[Any]) -> None:
    """Append the operations and loops of a node."""
    if isinstance(node, Once):
        columns.append(node.at)
        return
    k, trips = len(tape.loops), node.trips
    tape.loops.append(Loop(len(columns), 0, int(trips[0]) if (trips == trips[0]).all() else trips, parent))
    for child in node.body:
        _lay(child, k, tape, columns)
    tape.loops[k] = tape.loops[k]._replace(stop=len(columns))
