"""Values that are computed again have the same bits, and few numbers are stored."""

import random

import numpy as np
import pytest
from hypothesis import given, note
from hypothesis import strategies as st
from tests.helpers.rolled_gradients import STEPS, rolled_gradient
from tests.helpers.rolled_tapes import random_columns, random_rolled_tape, rolled_tapes

import glassgrad as gg
from glassgrad.compiler.ir.expand import expand
from glassgrad.compiler.ir.interpret import interpret
from glassgrad.compiler.ir.loops import READS, Affine, Carried, Loop, Read
from glassgrad.compiler.ir.memory.distribution import distributed
from glassgrad.compiler.ir.memory.ends import stored_at_ends
from glassgrad.compiler.ir.memory.recompute import recompute
from glassgrad.compiler.ir.memory.records import numbers_stored
from glassgrad.compiler.ir.memory.repeated import without_repeats
from glassgrad.compiler.ir.memory.slopes import slopes_early
from glassgrad.compiler.ir.passes.merge import merged
from glassgrad.compiler.ir.tape import Outputs, Segment, Split, Tape, verify
from glassgrad.compiler.ir.tape import identity as key
from glassgrad.core import ops

LANES = 3


def results(tape: Tape, columns: list) -> list:
    found, path = interpret(verify(expand(tape)), columns, LANES)
    return [[*map(key, column)] for column in (*found, path)]


def check(tape: Tape, rng: random.Random) -> Tape:
    columns = random_columns(rng, tape, LANES)
    again = recompute(tape, 0)
    assert results(again, columns) == results(tape, columns)
    return again


@given(rolled_tapes(), st.integers(0, 1000))
def test_no_bit_of_a_random_tape_changes(tape, seed):
    note(str(tape))
    check(tape, random.Random(seed))


@given(rolled_tapes(), st.integers(0, 1000))
def test_no_bit_changes_by_all_passes_in_turn(tape, seed):
    note(str(tape))
    columns = random_columns(random.Random(seed), tape, LANES)
    expected = results(tape, columns)
    after = stored_at_ends(recompute(without_repeats(merged(slopes_early(tape))), 0))
    assert results(verify(after), columns) == expected
    if len(after.segments) == 1:
        assert results(verify(distributed(after, most=1)), columns) == expected


def test_no_bit_of_the_seeded_tapes_changes():
    changed = 0
    for seed in range(150):
        rng = random.Random(seed)
        tape = random_rolled_tape(rng)
        changed += check(tape, rng) is not tape
    assert changed > 20


@pytest.mark.parametrize("name", STEPS)
def test_no_bit_of_a_simulation_changes(name):
    check(rolled_gradient(name, 9), random.Random(0))


# The numbers that a C program would store in each step: the state before it, and the results of its exp, log, tanh,
# square roots and divisions that the derivatives use.
EXPERT = {"lorenz": 3, "heston": 2 + 2, "garch": 1 + 1, "kalman": 3 + 3, "lstm": 4 + 6 * 2 + 4}


@pytest.mark.parametrize("name", STEPS)
def test_no_more_numbers_are_stored_than_an_expert_stores(name):
    tape = rolled_gradient(name, 1000)
    assert sum(numbers_stored(recompute(tape, 0)).values()) <= EXPERT[name] < sum(numbers_stored(tape).values())


def test_the_gradient_is_that_of_the_simulation():
    step, state, parameters = STEPS["lorenz"]

    def final(*xs):
        u = list(xs[:3])
        for _ in range(9):
            u = step(u, xs[3:])
        return sum(u)

    found, _ = interpret(expand(recompute(rolled_gradient("lorenz", 9), 0)), [*state, *parameters], 1)
    expected = gg.grad(final, argnums=(0, 1, 2, 3, 4, 5))(*state, *parameters)
    assert [x[0] for x in found[3:]] == pytest.approx(expected, rel=1e-12)


def nest(op, trips=(20, 30)) -> Tape:
    """A nest whose inner body makes a value from an input, and a second nest that reads it and its square backwards."""
    rows, columns = trips
    tape = Tape(["x", "y"])
    tape.constants = [0.0]
    tape.loops = [
        *(Loop(0, 3, rows, -1), Loop(0, 3, columns, 0)),
        *(Loop(3, 5, rows, -1), Loop(3, 5, columns, 2)),
    ]
    tape.reads = [
        *(Carried(0, 0, READS + 1), Carried(1, READS, 2)),
        *(Read(3, Affine(2 + k * rows * columns + rows * columns - 1, (-columns, -1))) for k in (0, 1)),
        *(Carried(2, ~0, READS + 5), Carried(3, READS + 4, 6)),
    ]
    tape.ops = [op, ops.mul, ops.add, ops.mul, ops.add]
    tape.args = [(READS + 1, 1), (2, 2), (3, 1), (READS + 2, READS + 3), (READS + 5, 5)]
    tape.reads[1] = Carried(1, READS, 4)
    tape.reads[0] = Carried(0, 0, 4)
    tape.reads[4] = Carried(2, ~0, 6)
    tape.segments = [Segment(0, 5, -1, Outputs((6,)))]
    return tape


def test_a_nest_reads_the_inner_values_of_an_outer_round():
    again = check(nest(ops.mul), random.Random(0))
    assert numbers_stored(nest(ops.mul)) == {1: 2}
    assert numbers_stored(again) == {1: 1}


def test_what_is_dear_is_stored():
    tape = nest(ops.pow)
    stored = [s for s in (0, 1) if numbers_stored(recompute(tape, 0)) == {1: 1}]
    assert stored
    assert ops.pow not in recompute(tape, 0).ops[3:]


def test_what_another_reader_stores_is_read_for_nothing():
    """The results need both values of every round, so nothing is gained by computing one again."""
    tape = nest(ops.mul, (2, 2))
    tape.reads += [Read(-1, Affine(2 + k, ())) for k in range(8)]
    tape.segments = [Segment(0, 5, -1, Outputs((6, *(READS + 6 + k for k in range(8)))))]
    assert recompute(tape, 0) is tape


def test_values_of_another_path_are_not_used():
    """Both sides of a branch read the same value, and each computes it for itself."""
    tape = Tape(["x"])
    tape.constants = [2.0]
    both = (READS + 1, READS + 2)
    tape.ops, tape.args = [ops.mul, ops.mul, ops.add, ops.sub], [(READS, ~0), (1, 1), both, both]
    tape.reads = [Carried(0, 0, 1), Read(-1, Affine(1 + 3, ())), Read(-1, Affine(1 + 9 + 3, ()))]
    tape.loops = [Loop(0, 2, 9, -1)]
    tape.segments = [
        Segment(0, 2, -1, Split(0, 1, 2, "f.py:1")),
        *(Segment(2, 3, 0, Outputs((3,), 0)), Segment(3, 4, 0, Outputs((4,), 1))),
    ]
    again = check(tape, random.Random(0))
    assert len(again.ops) == 6
    columns = [np.array([1.0, 0.0, -3.0])]
    assert results(again, columns) == results(tape, columns)


@pytest.mark.parametrize("name", ["lorenz", "kalman"])
def test_code_of_both_tapes_computes_the_same_in_less_memory(name):
    host = pytest.importorskip("glassgrad.compiler.llvm.host").host()
    from tests.helpers.rolled_kernels import RolledKernel, bits, run

    from glassgrad.compiler.codegen.layout import CONTIGUOUS, Form

    tape = rolled_gradient(name, 200)
    forms = [[Form(i, 1, CONTIGUOUS) for i in range(count)] for count in (tape.inputs, tape.outputs())]
    _, state, parameters = STEPS[name]
    rng = np.random.default_rng(0)
    columns = [x * (1 + 0.01 * rng.standard_normal(19)) for x in (*state, *parameters)]
    kernels = [RolledKernel(one, *forms, host, "batch") for one in (tape, recompute(tape, 0))]
    stored, computed = (run(kernel, columns, 19) for kernel in kernels)
    assert (bits(np.array(stored.columns)) == bits(np.array(computed.columns))).all()
    assert kernels[1].text.scratch < kernels[0].text.scratch


def test_what_fits_near_caches_is_stored():
    small, large = rolled_gradient("lorenz", 300), rolled_gradient("lorenz", 1000)
    assert recompute(small) is small
    assert recompute(large) is not large
