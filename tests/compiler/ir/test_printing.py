"""How tapes with loops print."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given

from glassgrad.compiler.ir.loops import READS, Affine, Assert, Carried, Loop, Read
from glassgrad.compiler.ir.tape import Outputs, Segment, Tape
from glassgrad.core import ops
from helpers.rolled_tapes import rolled_tapes, table

FOUR = (Loop(0, 1, 4, -1),)
THREE = (Loop(0, 1, 3, -1),)
NEST = Loop(0, 1, 2, -1), Loop(0, 1, 3, 0)


def body(names, read: Read, loops=FOUR) -> str:
    """Return how ``read`` prints in neg(read), in the innermost of the loops."""
    tape = Tape(names)
    tape.constants = [0.5, 2.0]
    tape.ops, tape.args, tape.reads = [ops.neg], [(READS,)], [read]
    tape.loops, tape.segments = list(loops), [Segment(0, 1, -1, Outputs((0,)))]
    line = str(tape).splitlines()[-2]
    return line.strip().removeprefix("v0 = neg(").removesuffix(")")


def test_a_sum_and_its_gradient():
    tape = Tape([*[f"x[{i}]" for i in range(20)], "y"])
    tape.constants = [0.0, 1.0]
    tape.ops = [ops.sin, ops.add, ops.less, Assert(False, "f.py:7"), ops.cos, ops.mul, ops.add]
    first = 21  # of the executions
    tape.reads = [
        Carried(0, ~0, 22),
        Read(0, Affine(0, (1,))),
        Carried(1, ~1, READS + 4),
        Read(1, Affine(19, (-1,))),
        Carried(1, 20, 27),
        Read(1, Affine(first + 19, (-1,))),
        Read(-1, Affine(first + 20 + 3, ())),
    ]
    tape.args = [(READS + 1,), (READS, 21), (22, 20), (23,), (READS + 3,), (25, READS + 5), (26, READS + 2)]
    tape.loops = [Loop(0, 4, 20, -1), Loop(4, 7, 20, -1)]
    tape.segments = [Segment(0, 7, -1, Outputs((22, 27, READS + 6)))]
    assert str(tape).splitlines() == [
        "inputs: x[0], x[1], …, x[19], y",
        "for t0 in 0..20:",
        "  c0 = 0 then v1",
        "  v0 = sin(x[t0])",
        "  v1 = c0 + v0",
        "  v2 = v1 < y",
        "  assert not v2   # f.py:7",
        "for t1 in 0..20:",
        "  c1 = 1 then c2",
        "  c2 = y then v6",
        "  v4 = cos(x[19 - t1])",
        "  v5 = v4 * v0[19 - t1]",
        "  v6 = v5 + c1",
        "return v1, v6, v1[3]",
    ]


X = [f"x[{i}]" for i in range(9)]
W = [f"w[{i}, {j}]" for i in range(3) for j in range(3)]


@pytest.mark.parametrize(
    ("names", "read", "loops", "text"),
    [
        (["a", "x[0]", "x[1]", "x[2]", "x[3]"], Read(0, Affine(1, (1,))), FOUR, "x[t0]"),
        (X, Read(0, Affine(1, (2,))), FOUR, "x[2*t0 + 1]"),
        (X, Read(0, Affine(8, (-2,))), FOUR, "x[8 - 2*t0]"),
        (X, Read(0, Affine(5, (0,))), FOUR, "x[5]"),
        ([f"p[{i}]['{k}']" for i in range(4) for k in "ab"], Read(0, Affine(1, (2,))), FOUR, "p[t0]['b']"),
        ([f"w[{i}][{j}]" for i in range(3) for j in range(2)], Read(1, Affine(1, (-1, 2))), NEST, "w[t1][1 - t0]"),
        (W, Read(1, Affine(0, (3, 1))), NEST, "w[t0, t1]"),
        (W, Read(0, Affine(0, (3,))), THREE, "w[t0, 0]"),
        (W, Read(0, Affine(8, (-2,))), FOUR, "[w[2, 2], w[2, 0], w[1, 1], w[0, 2]][t0]"),
        (["a", "b", "c", "d"], Read(0, Affine(3, (-1,))), FOUR, "[d, c, b, a][t0]"),
        (["a", "{b}[0]", "{b}[1]", "{b}[2]"], Read(0, Affine(1, (1,))), THREE, "{b}[t0]"),
        (["a"], Read(0, table(~0, ~1, 0, 1)), FOUR, "[0.5, 2, a, v0[0]][t0]"),
        (["a"], Read(0, table(0, 0, 0, 0)), FOUR, "a"),
        (X, Read(0, table(0, 1, 2)), THREE, "[x[0], x[1], x[2]][t0]"),
        (["a"], Read(1, table(0, 1, 2, 0, ~0, ~1)), NEST, "[a, v0[0, 0], v0[0, 1], a, 0.5, 2][t0, t1]"),
        (["a"], Read(-1, table(0)), FOUR, "a"),
        (["a"], Read(-1, table(3)), FOUR, "v0[2]"),
        (["a"], Read(-1, Affine(6, ())), NEST, "v0[1, 2]"),
        (["a"], Read(0, Affine(1, (1,))), FOUR, "v0[t0]"),
        (["a"], Read(1, Affine(6, (-3, -1))), NEST, "v0[1 - t0, 2 - t1]"),
        (["a"], Read(0, Affine(0, (1,))), FOUR, "[a, v0[0], v0[1], v0[2]][t0]"),
    ],
)
def test_a_read_names_what_it_reads(names, read, loops, text):
    assert body(names, read, loops) == text


@pytest.mark.parametrize(
    ("trips", "text"),
    [((3, 3, 3), "3"), ((1, 2, 3), "t0 + 1"), ((5, 3, 1), "5 - 2*t0"), ((2, 0, 7), "[2, 0, 7][t0]"), ((), "[][t0]")],
)
def test_ragged_trips(trips, text):
    tape = Tape(["x"])
    tape.ops, tape.args = [ops.neg], [(0,)]
    tape.loops = [Loop(0, 1, len(trips), -1), Loop(0, 1, table(*trips), 0)]
    tape.segments = [Segment(0, 1, -1, Outputs((0,)))]
    assert str(tape).splitlines()[2] == f"  for t1 in 0..{text}:"


def test_long_ragged_trips_are_shortened():
    rng = random.Random(1)
    trips = [rng.randint(0, 9) for _ in range(100)]
    tape = Tape(["x"])
    tape.ops, tape.args = [ops.neg], [(0,)]
    tape.loops = [Loop(0, 1, 100, -1), Loop(0, 1, table(*trips), 0)]
    tape.segments = [Segment(0, 1, -1, Outputs((0,)))]
    a, b, c, d = trips[:4]
    assert str(tape).splitlines()[2] == f"  for t1 in 0..[{a}, {b}, {c}, {d}, …, {trips[-1]}][t0]:"


def test_many_results_are_shortened():
    tape = Tape(["x"])
    tape.ops, tape.args, tape.loops = [ops.neg], [(0,)], [Loop(0, 1, 20, -1)]
    tape.reads = [Read(-1, Affine(20 - k, ())) for k in range(20)]
    tape.segments = [Segment(0, 1, -1, Outputs(tuple(READS + k for k in range(20))))]
    assert str(tape).splitlines()[-1] == "return v0[19], v0[18], …, v0[0]"


@given(rolled_tapes())
def test_every_tape_prints(tape):
    lines = str(tape).splitlines()
    assert sum(" in 0.." in line for line in lines) == len(tape.loops)
    assert sum(" then " in line for line in lines) == sum(isinstance(read, Carried) for read in tape.reads)
    assert sum(line.lstrip().startswith("assert ") for line in lines) == sum(isinstance(op, Assert) for op in tape.ops)
    values = [line.split()[0] for line in lines if line.lstrip().startswith("v")]
    assert values == [f"v{i}" for i, op in enumerate(tape.ops) if not isinstance(op, Assert)]


def test_a_long_loop_prints_quickly():
    """The records of 10**8 rounds are read backwards."""
    tape = Tape(["x"])
    tape.ops, tape.args = [ops.sin, ops.cos], [(READS,), (READS + 1,)]
    tape.loops = [Loop(0, 1, 10**8, -1), Loop(1, 2, 10**8, -1)]
    tape.reads = [Carried(0, 0, 1), Read(1, Affine(10**8, (-1,)))]
    tape.segments = [Segment(0, 2, -1, Outputs((2,)))]
    start = time.process_time()
    text = str(tape)
    assert "v1 = cos(v0[99999999 - t1])" in text
    assert time.process_time() - start < 0.5
