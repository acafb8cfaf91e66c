"""Write the tape of a tree of loops."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from glassgrad.compiler.ir.loops import Executions, Loop
from glassgrad.compiler.ir.tape import Segment, Tape
from glassgrad.compiler.rolling.flat import Flat, end_with
from glassgrad.compiler.rolling.nodes import Node, Once
from glassgrad.compiler.rolling.operands import Namer

__all__ = ["written"]


def written(flat: Flat, nodes: Sequence[Node], starts: Sequence[int]) -> Tape:
    """Write the tape of a tree. The nodes of segment k are those from ``starts[k]`` to ``starts[k + 1]``."""
    n, tape = flat.inputs, Tape(flat.names)
    tape.constants = list(flat.constants)
    columns: list[Any] = []  # for each static operation the positions of its executions
    places = [0]
    for node in nodes:
        _lay(node, -1, tape, columns)
        places.append(len(columns))
    tape.ops = [flat.ops[int(flat.op[at[0]])] for at in columns]
    executions = Executions(tape)
    expanded = np.empty(len(flat), np.int64)  # the expanded reference of each operation of the flat tape
    expanded[np.concatenate(columns)] = n + np.arange(len(flat))
    namer = Namer(tape, executions)

    def located(refs: Any) -> Any:
        return np.where(refs >= n, expanded[np.maximum(refs - n, 0)], refs)

    for s, at in enumerate(columns):
        home, begin = int(executions.home[s]), flat.starts[at]
        operands = range(int(flat.counts[at[0]]))
        tape.args.append(tuple([namer.name(located(flat.refs[begin + k]), home, s) for k in operands]))
    for k, segment in enumerate(flat.segments):
        stop = places[starts[k + 1]]
        exit = end_with(segment.exit, lambda refs: executions.results(located(refs)))
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
