"""Kernels with masked loops compute what the flat kernel for each lane's rounds computes, to the bit."""

import random

import numpy as np
import pytest
from tests.helpers.branching import runnable
from tests.helpers.masked_tapes import decay, nested, newton, random_masked_columns, random_masked_tape, rounds_of
from tests.helpers.rolled_kernels import RolledKernel, bits, random_layouts, run

from glassgrad.compiler.codegen.layout import BROADCAST, CONTIGUOUS, Form
from glassgrad.compiler.codegen.rolled.kernel import rolled_module
from glassgrad.compiler.codegen.rolled.phased import phased_module
from glassgrad.compiler.ir.expand_counts import expand_counts
from glassgrad.compiler.ir.interpret import interpret
from glassgrad.compiler.ir.tape import Outputs, Segment, Tape
from glassgrad.compiler.llvm.host import host
from glassgrad.compiler.llvm.target import level
from glassgrad.compiler.runtime.kernel import Kernel
from glassgrad.core.op import errstate

KINDS = ["batch", "reduce", "scalar"]


def summed(columns, known_lanes, target):
    """Return the sums of columns, as the kernel of a flat tape adds them."""
    tape = Tape([f"x{k}" for k in range(len(columns))])
    tape.segments = [Segment(0, 0, -1, Outputs(tuple(range(len(columns)))))]
    forms = [Form(0, len(columns), CONTIGUOUS)]
    return run(Kernel(tape, forms, forms, "reduce", target), columns, known_lanes).columns


def alone(tape, inputs, target):
    """Return the results of one lane, as the flat kernel for its rounds computes them."""
    with np.errstate(all="ignore"), errstate(domain="nan"):
        _, counts = rounds_of(tape, [x[0] for x in inputs])
    forms = [Form(0, width, BROADCAST) for width in (tape.inputs, tape.outputs())]
    found = run(Kernel(expand_counts(tape, counts), forms[:1], forms[1:], "scalar", target), inputs, 1)
    assert found.returned == 0
    return np.concatenate(found.columns)


def check(tape, inputs, outputs, kind, target, columns, vectors, lanes_checked=None):
    lanes = len(columns[0])
    found = run(RolledKernel(tape, inputs, outputs, target, kind, vectors), columns, lanes)
    known = interpret(tape, columns, lanes)[1] >= 0
    if kind == "scalar":
        assert found.returned == (0 if known[0] else -1)
    else:
        assert (found.returned != 0) == (not known.all())
        assert ((found.unmatched == 0) == known).all()
    if kind == "reduce":
        if known.all():
            batch = RolledKernel(tape, inputs, [Form(0, tape.outputs(), CONTIGUOUS)], target, "batch", 1)
            every = run(batch, columns, lanes).columns
            assert (bits(found.columns) == bits(summed(every, lanes, target))).all()
        return known
    singles = np.concatenate([[form.single] * form.size for form in outputs]).astype(bool)
    for lane in np.flatnonzero(known) if lanes_checked is None else lanes_checked:
        if known[lane]:
            own = alone(tape, [column[lane : lane + 1] for column in columns], target)
            with np.errstate(over="ignore"):
                own = np.where(singles, own.astype(np.float32), own)
            assert (bits([column[lane] for column in found.columns]) == bits(own)).all()
    return known


def random_check(rng, kind, name):
    tape, lanes = random_masked_tape(rng), 1 if kind == "scalar" else rng.randint(1, 70)
    columns = random_masked_columns(rng, lanes)
    inputs, outputs = random_layouts(rng, kind, columns, tape.outputs())
    some = rng.sample(range(lanes), min(lanes, 3))
    check(tape, inputs, outputs, kind, level(name, host().triple), columns, rng.choice([None, 1, 2, 4]), some)


@pytest.mark.parametrize("kind", KINDS)
def test_random_tapes(kind):
    for seed in range(12):
        rng = random.Random(seed)
        random_check(rng, kind, rng.choice(runnable()))


@pytest.mark.slow
@pytest.mark.parametrize("name", runnable())
@pytest.mark.parametrize("kind", KINDS)
def test_many_random_tapes(kind, name):
    for seed in range(100):
        random_check(random.Random(f"{kind}{name}{seed}"), kind, name)


FORMS = {
    1: [Form(0, 1, CONTIGUOUS)],
    2: [Form(0, 2, CONTIGUOUS)],
    3: [Form(0, 3, CONTIGUOUS)],
    4: [Form(0, 4, CONTIGUOUS)],
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("vectors", [1, 4])
@pytest.mark.parametrize(
    "tape", [newton(), decay(), nested(), decay(1)], ids=["newton", "decay", "nested", "one round"]
)
def test_lanes_with_any_number_of_rounds(kind, vectors, tape):
    """Lanes with no round stand beside lanes with many, with nan and inf, and with more rounds than are allowed."""
    numbers = [0.5, 2.0, np.nan, 3.0, 1e9, 1.0, -1.0, np.inf, 12.0, 2.0**70, 0.0, 700.0, 2.5]
    forms = FORMS[tape.inputs], FORMS[tape.outputs()]
    groups = [[x] for x in numbers] if kind == "scalar" else [numbers, [0.5] * 40, [x for x in numbers if 0 < x < 13]]
    for x in groups:
        columns = [np.array(x), np.full(len(x), 0.5)][: tape.inputs]
        check(tape, *forms, kind, host(), columns, vectors)


def test_the_results_of_newton():
    x = np.linspace(0.1, 50.0, 333)
    tape, forms = newton(), (FORMS[1], FORMS[3])
    y, dy, rounds = run(RolledKernel(tape, *forms, host(), "batch"), [x], len(x)).columns
    np.testing.assert_allclose(y, np.sqrt(x), rtol=1e-12)
    np.testing.assert_allclose(dy, 0.5 / np.sqrt(x), rtol=1e-6)  # its error is like that of y one round before
    assert rounds.min() < rounds.max()


def test_a_block_stops_when_no_lane_is_active():
    """A loop that may run a thousand million rounds ends after the few that its lanes need."""
    tape = decay(10)
    tape.loops = [tape.loops[0]._replace(trips=10**9)]
    tape.ops, tape.args = tape.ops[:4], tape.args[:4]
    tape.reads = tape.reads[:3]
    refs = tape.segments[0].exit.refs
    tape.segments = [Segment(0, 4, -1, Outputs((refs[0], refs[1], refs[3])))]
    columns = [np.linspace(0.5, 1e6, 50), np.full(50, 0.5)]
    found = run(RolledKernel(tape, FORMS[2], FORMS[3], host(), "batch"), columns, 50)
    assert found.returned == 0
    assert found.columns[2].max() == 19


def test_code_does_not_grow_with_the_rounds_and_records_do():
    few, many = (rolled_module(newton(most), FORMS[1], FORMS[3], host(), "batch", 1) for most in (100, 10_000))
    assert few.text.count("\n") == many.text.count("\n")
    assert 9_900 <= (many.scratch - few.scratch) / (8 * host().lanes) <= 10_000


def test_one_call_is_not_cut_at_masked_loops():
    forms = [Form(0, 2, BROADCAST)], [Form(0, 3, BROADCAST)]
    assert phased_module(nested(), *forms, host()).text == rolled_module(nested(), *forms, host(), "scalar").text
