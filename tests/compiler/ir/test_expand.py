"""The expansion of a tape with loops gives what running it step by step gives."""

import random

import numpy as np
import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from glassgrad.compiler.ir.expand import expand
from glassgrad.compiler.ir.interpret import interpret
from glassgrad.compiler.ir.loops import READS, Affine, Assert, Carried, Loop, Read
from glassgrad.compiler.ir.tape import Outputs, Segment, Tape, verify
from glassgrad.compiler.ir.tape import identity as key
from glassgrad.core import ops
from helpers.rolled_tapes import random_columns, random_rolled_tape, rolled_tapes, run_naively

LANES = 4


def check(tape: Tape, rng: random.Random) -> None:
    flat = verify(expand(tape))
    assert not flat.loops
    assert not flat.reads
    assert not any(isinstance(op, Assert) for op in flat.ops)
    columns = random_columns(rng, tape, LANES)
    results, path = interpret(flat, columns, LANES)
    for lane in range(LANES):
        expected, number = run_naively(tape, [float(column[lane]) for column in columns])
        assert path[lane] == number
        if expected is not None:
            assert [key(result[lane]) for result in results] == [*map(key, expected)]


@given(rolled_tapes(), st.integers(0, 1000))
def test_expansion_gives_what_running_step_by_step_gives(tape, seed):
    note(str(tape))
    check(tape, random.Random(seed))


@pytest.mark.parametrize("seed", range(60))
def test_expansions_of_seeded_tapes(seed):
    rng = random.Random(seed)
    check(random_rolled_tape(rng), rng)


def test_random_tapes_are_of_every_kind():
    tapes = [random_rolled_tape(random.Random(seed)) for seed in range(60)]
    loops = [loop for tape in tapes for loop in tape.loops]
    reads = [read for tape in tapes for read in tape.reads if isinstance(read, Read)]
    affine = [read.index for read in reads if isinstance(read.index, Affine)]
    carried = [read for tape in tapes for read in tape.reads if isinstance(read, Carried)]
    assert any(isinstance(loop.trips, np.ndarray) and 0 in loop.trips for loop in loops)
    assert any(loop.trips == 0 for loop in loops if isinstance(loop.trips, int))
    assert any(max(index.strides, default=0) > 0 for index in affine)
    assert any(min(index.strides, default=0) < 0 for index in affine)
    assert any(len(index.strides) == 3 for index in affine)
    assert any(one.next >= READS for one in carried)
    assert any(isinstance(op, Assert) for tape in tapes for op in tape.ops)
    assert any(len(tape.segments) > 2 and tape.loops for tape in tapes)


def test_fibonacci():
    tape = Tape(["n"])
    tape.constants = [0.0, 1.0]
    tape.ops, tape.args = [ops.add], [(READS, READS + 1)]
    tape.reads = [Carried(0, ~0, READS + 1), Carried(0, ~1, 1)]
    tape.loops = [Loop(0, 1, 9, -1)]
    tape.segments = [Segment(0, 1, -1, Outputs((1,)))]
    flat = expand(tape)
    assert len(flat.ops) == 9
    (result,), _ = interpret(flat, [0.0], 1)
    assert result.tolist() == [55.0]


def test_reverse_sweep_reads_the_records_backwards():
    """d/dx of sin applied four times: the product of the cosines of the values before."""
    tape = Tape(["x"])
    tape.constants = [1.0]
    tape.reads = [Carried(0, 0, 1), Read(1, np.array([3, 2, 1, 0])), Carried(1, ~0, 3)]
    tape.ops = [ops.sin, ops.cos, ops.mul]
    tape.args = [(READS,), (READS + 1,), (READS + 2, 2)]
    tape.loops = [Loop(0, 1, 4, -1), Loop(1, 3, 4, -1)]
    tape.segments = [Segment(0, 3, -1, Outputs((1, 3)))]
    (y, slope), _ = interpret(expand(tape), [0.3], 1)
    values = [0.3]
    for _ in range(4):
        values.append(np.sin(values[-1]))
    assert y[0] == values[-1]
    assert slope[0] == pytest.approx(np.prod(np.cos(values[:-1])), rel=1e-15)
