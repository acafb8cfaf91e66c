"""Work grows in proportion to the program: from tracing to code, in whatever direction a program is made larger.

Work is counted (`helpers.work`), for n, 2n and 4n. What is quadratic by its nature is left out: a Jacobian has n²
entries, and the runs of n ways through n branches have n² steps.
"""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import glassgrad as gg
from glassgrad.compiler.codegen.batch_kernel import batch_module
from glassgrad.compiler.codegen.layout import BROADCAST, CONTIGUOUS, Form
from glassgrad.compiler.codegen.scalar_kernel import scalar_module
from glassgrad.compiler.ir.interpret import interpret
from glassgrad.compiler.ir.passes import improve
from glassgrad.compiler.ir.tape import Outputs, Split, Tape, TapeBuilder, verify
from glassgrad.compiler.lowered import drawable
from glassgrad.compiler.marshal.arguments import Arguments, flatten
from glassgrad.compiler.marshal.leaves import TakenMemory
from glassgrad.compiler.runtime import cache
from glassgrad.compiler.runtime.units import Unit
from glassgrad.core import ops, reverse
from helpers.work import growth, work

pytest.importorskip("llvmlite")

from helpers.tiers import targets

pytestmark = pytest.mark.usefixtures("all_code_is_long")

LINEAR = 2.5  # what `growth` may be: 2 for what is linear, and something for logarithms and for pieces of whole sizes
(TARGET,) = targets(["sse2"])
cube = gg.primitive(partials=lambda y, x: 3 * x * x, name="cube")(lambda x: math.pow(x, 3))


def numbers(n):
    return (np.linspace(0.5, 1.5, n),)


# Functions that get longer, by n; and what they are called with


def rounds(n):
    def f(x):
        k = 0.0
        while x > k:
            k = k + 1.0
            x = x - 0.0001
        return k * x

    return f, (float(n),)


def steps(n):
    def f(x):
        for k in range(n):
            x = x * 1.0001 + gg.sin(x) * (0.5 + k)
        return x

    return f, (0.5,)


def gradient_of_steps(n):
    f, args = steps(n)
    return gg.value_and_grad(f), args


def own_operations(n):
    def f(x):
        for _ in range(n):
            x = cube(x) * 0.1 + cube(0.5 * x)
        return x

    return gg.grad(f), (0.5,)


def traced_operations(n):
    square = gg.primitive(partials=lambda y, x: 2 * x, name="square")(lambda x: x * x if x > 0 else gg.exp(x))

    def f(x):
        for _ in range(n):
            x = square(x) * 0.1 + square(0.5 * x)
        return x

    return gg.grad(f), (0.5,)


def inputs(n):
    return gg.value_and_grad(lambda x: (x * x).sum()), numbers(n)


def outputs(n):
    return (lambda x: [2 * gg.sin(x), x + 1]), numbers(n)


def leaves(n):
    return (lambda tree: {key: 2 * x for key, x in tree.items()}), ({f"x{k}": 0.5 * k for k in range(n)},)


def arrays(n):
    return (lambda tree: [x * y for x, y in tree]), ([(np.full(2, 0.5), 2.0) for _ in range(n)],)


def outside(n):
    nodes = [gg.Scalar(0.5)]
    for _ in range(n):
        nodes.append(nodes[-1] * 1.01)
    return (lambda x: [x * node for node in nodes] + nodes), (0.5,)


def constants(n):
    return (lambda x: sum(k * x + 1 / (k + 1) for k in range(n))), (0.5,)


def sorting(n):
    return (lambda x: max(x.tolist()) * min(x.tolist())), numbers(n)


def pullback(n):
    def f(x):
        value, pull = gg.vjp(lambda x: x[1:] * x[:-1], x)
        return pull(2 * value)[0]

    return f, numbers(n)


def along(n):
    return (lambda x: gg.hvp(lambda x: (x[1:] * x[:-1] * x[1:]).sum(), x, 2 * x)), numbers(n)


FUNCTIONS = [
    *(rounds, steps, gradient_of_steps, own_operations, traced_operations, inputs, outputs, leaves, arrays, outside),
    *(constants, sorting, pullback, along),
]


def traced(f: Any, args: Any) -> Any:
    one = gg.jit(f)
    arguments = Arguments(one._user, *flatten(args, {}))
    program = one.program(arguments)
    program.trace(arguments.lane(0))
    return program


def rows_of(tape: Tape) -> tuple[list[Form], list[Form]]:
    return [Form(0, tape.inputs, BROADCAST)], [Form(0, tape.outputs(), BROADCAST)]


def lanes_of(tape: Tape) -> tuple[list[Form], list[Form]]:
    """Each number an array of its own."""
    return [*(Form(k, 1, CONTIGUOUS) for k in range(tape.inputs)), Form(tape.inputs, 0, BROADCAST)], [
        Form(k, 1, CONTIGUOUS) for k in range(tape.outputs())
    ]


STAGES: dict[str, Callable[[Tape], Any]] = {
    "verify": verify,
    "improve": lambda tape: improve(tape, fused=True),
    "code for a call": lambda tape: scalar_module(tape, *rows_of(tape), TARGET, 0),
    "code for a batch": lambda tape: batch_module(tape, *lanes_of(tape), TARGET, 0, False),
    "code for a sum": lambda tape: batch_module(tape, *lanes_of(tape), TARGET, 0, True),
    "interpret": lambda tape: interpret(tape, [0.5] * tape.inputs, 1),
    "digest": lambda tape: cache.digest(tape, *lanes_of(tape), TARGET, "batch"),
    "print": str,
    "draw": drawable,
}


@pytest.fixture(autouse=True)
def _the_compilers_sources_are_read_once():
    cache.digest(chain(3), [], [], TARGET, "")


@pytest.mark.parametrize("make", FUNCTIONS, ids=lambda make: make.__name__)
def test_tracing_is_linear(make):
    traced(*make(5))
    counts = [work(lambda n=n: traced(*make(n))) for n in (40, 80, 160)]
    assert growth(counts) < LINEAR, counts


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("make", FUNCTIONS, ids=lambda make: make.__name__)
def test_each_stage_is_linear(make, stage):
    tapes = [traced(*make(n)).tape for n in (25, 50, 100)]
    sizes = []

    def run(tape):
        result = STAGES[stage](tape)
        sizes.append(len(getattr(result, "text", result if isinstance(result, str) else "")))

    run(tapes[0])  # what is found out once
    counts = [work(lambda tape=tape: run(tape)) for tape in tapes]
    assert growth(counts) < LINEAR, counts
    assert growth(sizes[1:]) < LINEAR, sizes


# Trees of branches, of which every way is known


def chain(n: int, each: int = 1) -> Tape:
    """A loop of up to n rounds, left in each; it reads ``each`` inputs a round, and has as many results."""
    draft = TapeBuilder([f"x{k}" for k in range(n)])
    x, parent, total = 0, -1, draft.constant(0.0)
    for k in range(n):
        here = draft.begin(parent)
        if parent >= 0:
            draft.attach(parent, True, here)
        for _ in range(each):
            x = draft.append(ops.sin, (draft.append(ops.add, (x, k)),))
            total = draft.append(ops.add, (total, x))  # which decides nothing until the end
        draft.end(Split(draft.append(ops.less, (x, draft.constant(0.5 + k))), None, None, "line"))
        way_out = draft.begin(here)
        draft.attach(here, False, way_out)
        draft.end(Outputs((draft.append(ops.mul, (x, total)),), k))
        parent = here
    here = draft.begin(parent)
    draft.attach(parent, True, here)
    draft.end(Outputs((x,), n))
    return verify(draft.tape)


@pytest.mark.parametrize("each", [1, 3])
@pytest.mark.parametrize("stage", STAGES)
def test_many_known_ways_are_linear(stage, each):
    tapes = [chain(n, each) for n in (20, 40, 80)]
    sizes = []

    def run(tape):
        sizes.append(len(getattr(STAGES[stage](tape), "text", "")))

    run(tapes[0])  # what is found out once
    counts = [work(lambda tape=tape: run(tape)) for tape in tapes]
    assert growth(counts) < LINEAR, counts
    assert growth(sizes[1:]) < LINEAR, sizes


@pytest.mark.parametrize("make", [steps, arrays], ids=lambda make: make.__name__)
def test_better_code_is_linear(make):
    """In which instructions are put in a good order."""
    tapes = [traced(*make(n)).tape for n in (40, 80, 160)]
    run = lambda tape: batch_module(tape, *lanes_of(tape), TARGET, 3000, False, 1)
    run(tapes[0])
    counts = [work(lambda tape=tape: run(tape)) for tape in tapes]
    assert growth(counts) < LINEAR, counts


# What is done again and again


def test_each_row_of_a_jacobian_walks_what_is_below_its_result():
    """The rows have n² entries, most of them 0; but only n derivatives are computed."""
    for symbolic in (False, True):
        asked: list[int] = []
        op = gg.primitive(partials=lambda y, x: (asked.append(1), 2 * x)[1], name="own")(lambda x: x * x)
        f = lambda x: np.array([op(v) for v in x])
        g = (lambda x: gg.jacobian(f)(gg.array(x))) if symbolic else gg.jacobian(f)
        assert np.array(g(np.arange(1.0, 41.0)), dtype=object).shape == (40, 40)
        assert len(asked) == 40
    nodes = [gg.Scalar(0.5) for _ in range(160)]
    counts = []
    for n in (40, 80, 160):
        made = [gg.sin(x) for x in nodes[:n]]
        sweeps = [[(y, 1.0)] for y in made]
        counts.append(work(lambda made=made, sweeps=sweeps: reverse.gradients(sweeps, nodes[:1], made)))
    assert growth(counts) < LINEAR


def test_a_pullback_is_one_sweep():
    asked: list[int] = []
    op = gg.primitive(partials=lambda y, x: (asked.append(1), 2 * x)[1], name="own")(lambda x: x * x)

    def f(x):
        y = op(x)
        return [k * y for k in range(30)]

    _, pull = gg.vjp(f, 3.0)
    assert pull([1.0] * 30)[0] == 6.0 * sum(range(30))
    assert len(asked) == 1


def test_hashes_pickles_and_spans():
    def pickled(n):
        one = gg.jit(steps(n)[0])
        one.programs["all"] = traced(one.function, (0.5,))
        return pickle.dumps(one)

    pickled(5)  # what is found out once
    counts = [work(lambda n=n: pickled(n)) for n in (40, 80, 160)]
    assert growth(counts) < LINEAR
    assert growth([len(pickled(n)) for n in (40, 80, 160)]) < LINEAR

    def spans(n):
        taken = TakenMemory()
        return [taken.add(17 * k % n * 8, 17 * k % n * 8 + 8) for k in range(n)]

    counts = [work(lambda n=n: spans(n)) for n in (40, 80, 160)]
    assert growth(counts) < LINEAR
    assert all(spans(50))


def test_spans_overlap_where_they_do():
    draw = np.random.default_rng(1)
    for _ in range(50):
        taken, seen = TakenMemory(), []
        for _ in range(20):
            low = int(draw.integers(0, 200))
            high = low + int(draw.integers(1, 20))
            assert taken.add(low, high) == all(high <= a or low >= b for a, b in seen)
            seen.append((low, high))


# As a whole, at the sizes that were reported


@pytest.mark.slow
def test_what_took_minutes():
    f, (x,) = rounds(8000)
    path, _, found = Unit(traced(f, (x,)), [0]).run([], [x])
    assert (path, found.tolist()) == (0, [f(x)])
    x = np.linspace(0.5, 1.5, 100_000)
    program = traced(gg.value_and_grad(lambda x: (x * x).sum()), (x,))
    _, (slope,), value = Unit(program, [0]).run([x], [])
    assert value[0] == pytest.approx(np.sum(x * x), rel=1e-12)
    np.testing.assert_array_equal(slope, 2 * x)
