"""Rounds that run again give the same bits, and a long loop stores numbers for one segment only."""

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
from glassgrad.compiler.ir.loops import READS, Executions, Read
from glassgrad.compiler.ir.memory.checkpoint import checkpointed, stored_bytes
from glassgrad.compiler.ir.memory.recompute import recompute
from glassgrad.compiler.ir.memory.rounds import Pair, named_by_round
from glassgrad.compiler.ir.memory.segments import Segments
from glassgrad.compiler.ir.memory.tiling import Tiled
from glassgrad.compiler.ir.passes.join import joined
from glassgrad.compiler.ir.tape import Tape, verify
from glassgrad.compiler.ir.tape import identity as key
from glassgrad.compiler.runtime.forms import chosen

LANES = 3


def results(tape: Tape, columns: list) -> list:
    found, path = interpret(verify(expand(verify(tape))), columns, LANES)
    return [[*map(key, column)] for column in (*found, path)]


def check(tape: Tape) -> Tape:
    columns = random_columns(random.Random(0), tape, LANES)
    again = checkpointed(tape, 0)
    assert again is not tape
    assert results(again, columns) == results(tape, columns)
    return again


@pytest.mark.parametrize("rounds", [16, 41])
@pytest.mark.parametrize("name", STEPS)
def test_no_bit_of_a_simulation_changes(name, rounds):
    tape = rolled_gradient(name, rounds)
    check(tape)
    check(recompute(tape, 0))


def kepler(state, p):
    """A step of a planet by the leapfrog method, with a force that depends on division and square root."""
    x, y, u, v = state
    r = gg.sqrt(x * x + y * y)
    u, v = u - p[0] * x / (r * r * r), v - p[0] * y / (r * r * r)
    return [x + 0.01 * u, y + 0.01 * v, u, v]


RECORDED = {**STEPS, "kepler": (kepler, [1.0, 0.0, 0.0, 0.9], [0.01])}


@pytest.mark.parametrize("name", RECORDED)
def test_no_bit_of_a_recorded_gradient_changes(name):
    """The first and last rounds of a recorded reverse sweep differ, and stand outside the loop."""
    step, state, parameters = RECORDED[name]

    def final(*xs):
        u = list(xs[: len(state)])
        for _ in range(131):
            u = step(u, xs[len(state) :])
        return sum(u)

    xs = [*state, *parameters]
    tape = recompute(joined(gg.jit(gg.grad(final, argnums=tuple(range(len(xs))))).lower(*xs).tape), 0)
    assert 3 * stored_bytes(Executions(check(tape))) <= stored_bytes(Executions(tape))


def tilings(tape: Tape, rng: random.Random) -> int:
    """Cut every two loops of a tape into segments in every way. Return how many ways there are."""
    columns, made = random_columns(rng, tape, LANES), 0
    tops = [k for k, loop in enumerate(tape.loops) if loop.parent < 0 and isinstance(loop.trips, int)]
    pairs = [(f, g) for f in tops for g in tops if tape.loops[f].stop <= tape.loops[g].start]
    for f, g in pairs if len(tape.segments) == 1 else ():
        rounds, backwards = tape.loops[f].trips, tape.loops[g].trips
        for last in range(backwards - 1, rounds) if backwards else ():
            named = named_by_round(Executions(tape), Pair(f, g, last))
            for size in {1, 2, rounds}:
                tiled = Tiled(Executions(named), f, g, Segments(rounds, backwards, last, size)).write()
                if tiled is not None:
                    made += 1
                    assert results(tiled, columns) == results(tape, columns)
    return made


@given(rolled_tapes(), st.integers(0, 1000))
def test_no_bit_of_a_random_tape_changes(tape, seed):
    note(str(tape))
    tilings(tape, random.Random(seed))


def test_no_bit_of_the_seeded_tapes_changes():
    assert sum(tilings(random_rolled_tape(random.Random(seed)), random.Random(seed)) for seed in range(300)) > 20


def rolled_module(tape: Tape):
    host = pytest.importorskip("glassgrad.compiler.llvm.host").host()
    from glassgrad.compiler.codegen.layout import CONTIGUOUS, Form
    from glassgrad.compiler.codegen.rolled import kernel

    forms = [[Form(i, 1, CONTIGUOUS) for i in range(count)] for count in (tape.inputs, tape.outputs())]
    return kernel.rolled_module(tape, *forms, host, "scalar")  # its scratch memory is that of one lane


@pytest.mark.parametrize("rounds", [30_000, 30_011])
def test_a_long_simulation_takes_little_memory(rounds):
    tape = recompute(rolled_gradient("lorenz", rounds))
    assert rolled_module(tape).scratch >= 24 * rounds
    # 3 numbers for each of about 173 segments, and 3 for each round of one
    assert rolled_module(checkpointed(tape)).scratch <= 2 * 24 * 1.6 * rounds**0.5 + 1000


@pytest.mark.slow
def test_a_million_rounds_take_less_than_100_kb_a_lane():
    assert rolled_module(checkpointed(recompute(rolled_gradient("lorenz", 1_000_000)))).scratch <= 100_000


@pytest.mark.parametrize("name", ["lorenz", "kalman", "heston"])
@pytest.mark.parametrize("rounds", [197, 200])
def test_code_of_both_tapes_computes_the_same_in_less_memory(name, rounds):
    host = pytest.importorskip("glassgrad.compiler.llvm.host").host()
    from tests.helpers.rolled_kernels import RolledKernel, bits, run

    from glassgrad.compiler.codegen.layout import CONTIGUOUS, Form

    tape = recompute(rolled_gradient(name, rounds), 0)
    forms = [[Form(i, 1, CONTIGUOUS) for i in range(count)] for count in (tape.inputs, tape.outputs())]
    _, state, parameters = STEPS[name]
    rng = np.random.default_rng(0)
    columns = [x * (1 + 0.01 * rng.standard_normal(19)) for x in (*state, *parameters)]
    for kind in ("batch", "scalar", "reduce"):
        kernels = [RolledKernel(one, *forms, host, kind) for one in (tape, checkpointed(tape, 0))]
        lanes = 1 if kind == "scalar" else 19
        stored, again = (run(kernel, [x[:lanes] for x in columns], lanes) for kernel in kernels)
        assert (bits(np.array(stored.columns)) == bits(np.array(again.columns))).all()
        assert 2 * kernels[1].text.scratch < kernels[0].text.scratch


def test_what_fits_is_stored():
    tape = recompute(rolled_gradient("lorenz", 3000))
    assert checkpointed(tape) is tape
    assert checkpointed(tape, 1000) is not tape


def test_code_is_made_from_segments():
    assert len(chosen(rolled_gradient("lorenz", 30_000)).loops) == 5


def test_values_that_the_results_need_are_not_computed_twice():
    """All states are results, so all must be stored in any case."""
    tape = recompute(rolled_gradient("garch", 100), 0)
    every = Executions(tape)
    (segment,) = tape.segments
    refs = []
    for s in range(tape.loops[0].start, tape.loops[0].stop):
        first = tape.inputs + int(every.first[s])
        for ref in range(first, first + 100):
            tape.reads.append(Read(-1, np.array([ref])))
            refs.append(READS + len(tape.reads) - 1)
    tape.segments = [segment._replace(exit=segment.exit._replace(refs=tuple(refs)))]
    assert checkpointed(tape, 0) is tape


def test_segments_cover_the_rounds_once():
    for rounds, backwards, last, size in [(10, 10, 9, 5), (10, 8, 8, 3), (11, 5, 7, 4), (7, 1, 0, 2), (9, 9, 8, 20)]:
        one = Segments(rounds, backwards, last, size)
        assert np.sum(one.forward() * np.ones(one.number, int)) == rounds
        assert np.sum(one.reverse() * np.ones(one.visited, int)) == backwards
        order = one.order(np.arange(rounds)).tolist()
        assert len(order) == np.sum(one.again() * np.ones(one.visited, int))
        assert set(range(last - backwards + 1, last + 1)) <= set(order)
