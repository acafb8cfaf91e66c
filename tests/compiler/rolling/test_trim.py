"""Rounds at the ends of loops are taken out where operands then move evenly."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import glassgrad as gg
from glassgrad.compiler.ir.expand import expand
from glassgrad.compiler.ir.loops import Affine, Executions, Read
from glassgrad.compiler.ir.tape import Tape
from glassgrad.compiler.rolling import roll as rolling
from glassgrad.compiler.rolling import trim
from glassgrad.compiler.rolling.nodes import Once, Repeat, executed
from glassgrad.compiler.rolling.roll import roll
from glassgrad.compiler.rolling.trim import trimmed
from helpers.recording import recorded


def tables(tape: Tape) -> int:
    """How many numbers the tables of a tape's operands have."""
    return sum(len(read.index) for read in tape.reads if isinstance(read, Read) and not isinstance(read.index, Affine))


def peeled(x: Any, y: Any) -> Any:
    """A loop whose reverse sweep ends with values from before the loop."""
    a = gg.sin(x) * y
    b = gg.cos(y) + x
    total = a * b
    for _ in range(400):
        a, b = gg.sin(b) * y, gg.cos(a) + b
        total = total + a * b
    return total


@pytest.fixture(scope="module")
def tape() -> Tape:
    return recorded(gg.grad(peeled, argnums=(0, 1)), 0.3, 0.7)


def test_expansion_stays_the_same(tape):
    flat = expand(roll(tape, least=0))
    assert (flat.ops, flat.args, flat.segments) == (tape.ops, tape.args, tape.segments)


def test_operands_need_fewer_tables(tape, monkeypatch):
    after = roll(tape, least=0)
    monkeypatch.setattr(rolling, "trimmed", lambda nodes, *rest: nodes)
    before = roll(tape, least=0)
    assert tables(after) < tables(before)
    assert Executions(after).total == Executions(before).total == len(tape.ops)


def test_no_round_is_taken_out_of_a_short_loop(monkeypatch):
    short = recorded(gg.grad(lambda x: x * gg.sin(gg.sin(gg.sin(gg.sin(x))))), 0.5)
    with_ends = roll(short, least=0)
    monkeypatch.setattr(rolling, "trimmed", lambda nodes, *rest: nodes)
    assert len(with_ends.ops) == len(roll(short, least=0).ops)


def test_rounds_of_inner_loops_stay_in_order():
    def nest(x: Any) -> Any:
        row = [x, x * 2, x * 3]
        total = row[0] * row[1]
        for _ in range(30):
            row = [gg.sin(row[0]), gg.sin(row[1]), gg.sin(row[2])]
            for u in row:
                total = total * u
        return total

    tape = recorded(gg.grad(nest), 0.5)
    flat = expand(roll(tape, least=0))
    assert (flat.ops, flat.args) == (tape.ops, tape.args)
    assert np.isfinite(gg.grad(nest)(0.5))


def test_a_loop_that_runs_only_in_a_round_that_is_taken_out_is_left_out(monkeypatch):
    monkeypatch.setattr(trim, "SHARE", 1.0)
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
