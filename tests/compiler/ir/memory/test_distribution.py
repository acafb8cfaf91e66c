"""A loop that carries many values becomes several loops that carry few, and no bit changes."""

import random

import numpy as np
from hypothesis import given, note
from hypothesis import strategies as st
from tests.compiler.ir.memory.test_recompute import LANES, results
from tests.helpers.rolled_tapes import random_columns, random_rolled_tape, rolled_tapes

import glassgrad as gg
from glassgrad.compiler.ir.loops import Carried, Executions
from glassgrad.compiler.ir.memory.distribution import CARRIED, distributed
from glassgrad.compiler.ir.tape import Tape, verify


def check(tape: Tape, rng: random.Random, most: int = 1) -> Tape:
    columns = random_columns(rng, tape, LANES)
    again = verify(distributed(tape, most))
    assert results(again, columns) == results(tape, columns)
    return again


@given(rolled_tapes(), st.integers(0, 1000))
def test_no_bit_of_a_random_tape_changes(tape, seed):
    note(str(tape))
    check(tape, random.Random(seed))


def test_no_bit_of_the_seeded_tapes_changes():
    changed = 0
    for seed in range(150):
        rng = random.Random(seed)
        tape = random_rolled_tape(rng)
        changed += check(tape, rng) is not tape
    assert changed >= 3


def most_carried(tape: Tape) -> int:
    """Return how many values the loop carries that carries most."""
    loops = [read.loop for read in tape.reads if isinstance(read, Carried)]
    return max(map(loops.count, loops), default=0)


def layers(inputs: int, outputs: int) -> Tape:
    """The recorded gradient of two layers. The reverse sweep adds up a sum for each of the outputs of the first."""

    def loss(weights, x):
        for W in weights:
            x = [sum(w * v for w, v in zip(row, x)) for row in W]
        return sum(v * v for v in x)

    weights = np.ones((outputs, inputs)).tolist(), np.ones((outputs, outputs)).tolist()
    return gg.jit(gg.grad(loss)).lower(weights, [1.0] * inputs).tape


def test_sums_of_a_product_fit_the_registers():
    tape = layers(2, 30)
    assert most_carried(tape) == 30
    assert most_carried(check(tape, random.Random(0), CARRIED)) <= CARRIED
    assert most_carried(check(tape, random.Random(0), 3)) <= 3


def test_a_nest_is_divided_as_a_whole():
    def energy(A, B):
        return sum(sum(a * B[k, j] for k, a in enumerate(row)) ** 2 for row in A for j in range(12))

    tape = gg.jit(gg.grad(energy, (0, 1))).lower(np.ones((12, 12)), np.ones((12, 12))).tape
    depths = lambda t: [*map(len, Executions(t).chains)]
    assert max(depths(tape)) == 2 < most_carried(tape)
    divided = check(tape, random.Random(0), 4)
    assert most_carried(divided) <= 4
    assert depths(divided).count(2) > depths(tape).count(2)


def test_what_depends_on_all_sums_stays_one_loop():
    def tangled(x):
        u = [*x]
        for _ in range(100):
            total = sum(u)
            u = [v + total for v in u]
        return sum(u)

    tape = gg.jit(tangled).lower(np.ones(12)).tape
    assert most_carried(tape) > CARRIED
    assert distributed(tape) is tape
