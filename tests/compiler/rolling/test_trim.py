"""Rounds are taken out at the ends of loops, and nothing else changes."""

from __future__ import annotations

import numpy as np

from glassgrad.compiler.rolling.nodes import Once, Repeat, executed
from glassgrad.compiler.rolling.trim import trimmed


def test_a_loop_that_runs_only_in_a_round_that_is_taken_out_is_left_out():
    refs = np.arange(-1, 42)  # each operation reads the one before,
    refs[20:40] = np.arange(19, -1, -1)  # but the second loop reads what the first computed, and operation 0 last
    inner = Repeat(np.array([0] * 19 + [3]), [Once(np.arange(40, 43))])
    nodes = [
        Once(np.arange(1)),
        Repeat(np.array([19]), [Once(np.arange(1, 20))]),
        Repeat(np.array([20]), [Once(np.arange(20, 40)), inner]),
    ]
    first, second, third, *last = trimmed(nodes, np.arange(43), np.ones(43, np.int64), refs, 0, 43)
    assert (first, second) == (nodes[0], nodes[1])
    assert isinstance(third, Repeat)
    assert third.trips.tolist() == [19]
    assert [executed(node) for node in third.body] == [19]
    assert [executed(node) for node in last] == [1, 3]
