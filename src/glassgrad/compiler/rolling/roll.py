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
        numbers: dict[int, int] = {}
        kinds = np.fromiter([numbers.setdefault(id(op), len(numbers)) for op in tape.ops], np.int64, len(tape.ops))
        return np.unique(kinds * (int(self.counts.max(initial=0)) + 1) + self.counts, return_inverse=True)[1]

    def lags(self, start: int, stop: int) -> list[Any]:
        """Return, for each of the first operands, how many operations before its own operation it was computed."""
        here = np.arange(start, stop)
        found = []
        for k in range(min(OPERANDS, int(self.counts[start:stop].max(initial=0)))):
            has = self.counts[start:stop] > k
            refs = self.refs[np.where(has, self.starts[start:stop] + k, 0)] - self.inputs
            found.append(np.where(has & (refs >= start), here - refs, FAR))
        return found


def _found(operands: _Operands, codes: Any, segment: Segment, least: int) -> list[Node]:
    """Return the tree of the operations of a segment."""
    start, stop = segment.start, segment.stop
    if stop - start < least:
        return [Once(np.array([i])) for i in range(start, stop)]
    return _moved(find_loops(codes[start:stop], operands.lags(start, stop)), start)


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
            tuple(
                namer.name(located(operands.refs[begin + k]), home, s) for k in range(int(operands.counts[at[0]]))
            )
        )
    for k, segment in enumerate(flat.segments):
        stop = places[starts[k + 1]]

        def one(ref: int, stop: int = stop) -> int:
            return namer.name(located(np.array([ref])), -1, stop)

        exit = segment.exit
        if isinstance(exit, Outputs):
            exit = exit._replace(refs=tuple(map(one, exit.refs)))
        else:
            exit = exit._replace(condition=one(exit.condition))
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
