"""The programs with loops: nearly all of their operations end up in loops, and little code is left.

Counted on the tape of one lane after differentiation, before any pass.
"""

import numpy as np
import pytest
from benchmarks.loops.programs import MAKERS, ROWS, small

from glassgrad.compiler.ir.expand import expand
from glassgrad.compiler.ir.loops import Executions
from glassgrad.compiler.rolling.roll import roll
from helpers.recording import recorded

STATIC = 400  # Each program may have this many static operations, whatever its size.
LEAST = {"cholesky": 0.97}  # The part of the operations in loops is at least this, and 0.99 for the others.

LARGE = {"lorenz 10,000", "lstm 256", "lstm 64", "binomial 200", "brusselator 256", "heat 200, 200", "dot 100,000"}
QUICK = {"heston 252", "lorenz 100", "mlp 16, lists", "mlp 64, @", "kalman 200", "garch 1,000", "cholesky 20"}


def rows():
    for row in ROWS:
        title = row.title.removesuffix(", 1,000 lanes")
        if not title.endswith("one call"):
            marks = [] if title in QUICK else [pytest.mark.nightly if title in LARGE else pytest.mark.slow]
            yield pytest.param(row, id=title, marks=marks)


def tape_of(program):
    return recorded(program.transformed, *program.lane(0))


def covered(tape):
    """The part of the executions that are in loops."""
    executions = Executions(tape)
    runs = np.diff(executions.first)
    return runs[executions.home >= 0].sum() / runs.sum()


def same(a, b):
    return (a.ops, a.args, a.constants, a.segments) == (b.ops, b.args, b.constants, b.segments)


@pytest.mark.parametrize("row", list(rows()))
def test_nearly_all_operations_are_in_loops(row):
    tape = tape_of(row.program())
    rolled = roll(tape)
    assert len(rolled.ops) <= STATIC
    assert covered(rolled) >= LEAST.get(row.name, 0.99)
    assert same(expand(rolled), tape)


@pytest.mark.parametrize("name", MAKERS)
def test_small_programs_come_back(name):
    tape = tape_of(small(name))
    assert same(expand(roll(tape, least=0)), tape)


@pytest.mark.parametrize(
    ("name", "sizes"),
    [
        ("lorenz", ({"n": 600}, {"n": 1200})),
        ("heston", ({"n": 300}, {"n": 600})),
        ("kalman", ({"n": 100}, {"n": 200})),
        ("heat", ({"n": 30, "steps": 20}, {"n": 30, "steps": 40})),
    ],
)
def test_more_rounds_make_no_more_code(name, sizes):
    some, more = (roll(tape_of(small(name, **size))) for size in sizes)
    assert len(some.ops) == len(more.ops)
    assert Executions(some).total < 0.6 * Executions(more).total


@pytest.mark.parametrize(("name", "size"), [("mlp", {"hidden": 40}), ("log_sum_exp", {"n": 600})])
def test_results_need_no_reads(name, size):
    tape = roll(tape_of(small(name, **size)))
    assert tape.outputs() > 4 * len(tape.ops)
    assert len(tape.reads) < len(tape.ops)
