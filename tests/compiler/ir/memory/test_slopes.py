"""The derivative of tanh is computed beside tanh, and no bit changes."""

import random

import numpy as np
import pytest
from tests.helpers.rolled_tapes import random_columns

import glassgrad as gg
from glassgrad.compiler.ir.expand import expand
from glassgrad.compiler.ir.fused_ops import TANH_SLOPE
from glassgrad.compiler.ir.interpret import interpret
from glassgrad.compiler.ir.loops import READS, Affine, Loop, Read
from glassgrad.compiler.ir.memory.slopes import slopes_early
from glassgrad.compiler.ir.passes import improve
from glassgrad.compiler.ir.tape import Outputs, Segment, Split, Tape, verify
from glassgrad.compiler.ir.tape import identity as key
from glassgrad.compiler.rolling.roll import roll
from glassgrad.core import ops


def recurrent(x, w):
    """A small recurrent network whose units are rolled or not, with a tanh at the end that no loop has."""
    h = [0.0, 0.0, 0.0]
    for x_t in x:
        h = [gg.tanh(w[k] * x_t + h[k - 1] * w[k + 1]) for k in range(3)]
    return gg.tanh(h[0] + h[1] * h[2])


def single(x, w):
    h = w[0]
    for x_t in x:
        h = gg.tanh(h * x_t)
    return h


def steady(x, w):
    """The argument of tanh also has other uses."""
    h = w[0]
    for x_t in x:
        z = h * x_t
        h = gg.tanh(z) + z * z
    return h


def recorded(function, steps):
    from glassgrad.compiler.marshal.arguments import Arguments, taken

    compiled = gg.jit(gg.value_and_grad(function, argnums=(0, 1)))
    rng = np.random.default_rng(0)
    _, _, leaves, structure = taken(compiled._user, (rng.normal(size=steps), rng.normal(size=4)), {})
    arguments = Arguments(compiled._user, leaves, structure)
    record = compiled.program(arguments)
    values = [arguments.values[k] for k in record.order]
    record.trace([x for value in values for x in value.array.ravel()])
    return record.tape


def results(tape, columns):
    found, _ = interpret(verify(expand(tape)), columns, 3)
    return [[*map(key, column)] for column in found]


@pytest.mark.parametrize("rolled", [False, True])
@pytest.mark.parametrize("function", [recurrent, single, steady])
def test_no_bit_changes(function, rolled):
    tape = recorded(function, 40)
    tape = improve(roll(tape, 10) if rolled else tape)
    early = slopes_early(tape)
    columns = random_columns(random.Random(0), tape, 3)
    assert results(early, columns) == results(tape, columns)
    assert bool(early.loops) == rolled


@pytest.mark.parametrize("rolled", [False, True])
def test_each_derivative_is_beside_its_tanh(rolled):
    tape = recorded(recurrent, 40)
    early = verify(slopes_early(improve(roll(tape, 10) if rolled else tape)))
    slopes = [(i, early.args[i]) for i, op in enumerate(early.ops) if op is TANH_SLOPE]
    assert slopes
    assert ops.exp not in early.ops
    for i, args in slopes:
        beside = [k for k in (i - 1, i + 1) if early.ops[k] is ops.tanh and early.args[k] == args]
        assert beside, str(early)


def test_paths_do_not_read_each_others_derivatives():
    """Both paths compute the tanh of the same argument, which was computed before the branch."""
    tape, n = Tape(["x", "y"]), 2
    tape.loops = [Loop(0, 1, 9, -1), Loop(1, 2, 9, -1), Loop(2, 3, 9, -1), Loop(3, 4, 9, -1)]
    tape.reads = [Read(loop, Affine(n, (1,))) for loop in (1, 2, 3)]
    tape.ops, tape.args = [ops.sin, ops.tanh, TANH_SLOPE, TANH_SLOPE], [(0,), (READS,), (READS + 1,), (READS + 2,)]
    tape.segments = [
        Segment(0, 1, -1, Split(1, 1, 2, "p.py:1")),
        *(Segment(1, 3, 0, Outputs((n + 1, n + 2), 0)), Segment(3, 4, 0, Outputs((n + 3, n + 3), 1))),
    ]
    columns = random_columns(random.Random(0), verify(tape), 3)
    early = verify(slopes_early(tape))
    assert results(early, columns) == results(tape, columns)
    assert [early.ops.count(op) for op in (ops.tanh, TANH_SLOPE)] == [1, 2]


@pytest.mark.parametrize("x", [0.0, 0.3, -4.0, 19.5, -300.0])
def test_the_gradient_has_all_its_digits(x):
    mp = pytest.importorskip("mpmath")
    compiled = gg.vmap(gg.grad(lambda a: gg.tanh(a)))
    expected = mp.sech(mp.mpf(x)) ** 2
    assert abs(compiled(np.array([x]))[0] / expected - 1) <= 8 * 2.0**-53
