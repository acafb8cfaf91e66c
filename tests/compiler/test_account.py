"""No sequence of calls costs much more than running the function uncompiled: by a clock that the tests set."""

from __future__ import annotations

import bisect
import heapq
import math
import operator
import random
import sys
import time
import warnings
from typing import Any

import numpy as np
import pytest

import glassgrad as gg
from glassgrad.compiler import account
from glassgrad.compiler.frontend.program import Program
from glassgrad.compiler.llvm import machine
from glassgrad.compiler.runtime import batch_code, forms, units
from helpers.branching import runnable

pytestmark = [
    pytest.mark.skipif(not runnable(), reason="there is no llvmlite, so there is no code"),
    pytest.mark.filterwarnings("ignore:.*different routes:RuntimeWarning"),
    pytest.mark.filterwarnings("ignore:.*changes the:RuntimeWarning"),
]


class Clock:
    """A clock that stands still but for what the test says: a run of the function, a trace, an operation of code."""

    def __init__(self, monkeypatch: Any, run: float, trace: float, operation: float) -> None:
        self.now = 0.0
        self.run, self.compiled = run, 0.0
        self.kernels: list[int] = []  # operations in each kernel that was made
        monkeypatch.setattr(account, "clock", lambda: self.now)
        for module in (units, batch_code):
            monkeypatch.setattr(module, "build", lambda tape, *_: self.build(tape, operation))
        traced = Program.trace

        def slower(program: Any, *given: Any, **named: Any) -> Any:
            self.now += trace
            return traced(program, *given, **named)

        monkeypatch.setattr(Program, "trace", slower)

    def build(self, tape: Any, operation: float) -> None:
        """Code that takes its time to make; what runs is the interpreter."""
        self.now += operation * len(tape.ops)
        self.kernels.append(len(tape.ops))

    def timed(self, f: Any) -> Any:
        """``f``, of which each run takes its time."""

        def timed(*args: Any) -> Any:
            self.now += self.run
            return f(*args)

        timed.__name__ = f.__name__
        return timed


@pytest.fixture(autouse=True)
def _usual_budget():
    before, gg.config.compile_budget = gg.config.compile_budget, 0.5
    yield
    gg.config.compile_budget = before


@pytest.fixture(autouse=True)
def _rates_are_as_first(monkeypatch):
    for kind, rate in account._rates.items():
        monkeypatch.setitem(account._rates, kind, account.Rate(rate.once, rate.operation, rate.path))


def rounds(x: Any) -> Any:
    """As many routes as there are powers of two."""
    while x > 1.0:
        x = x * 0.5
    return gg.sin(x)


def wandering(x: Any) -> Any:
    """A new route for nearly every input: which of the sines are positive."""
    for k in range(30):
        x = x + 0.01 * k if gg.sin(x * (k + 3)) > 0 else x - 0.02 * k
    return x


@pytest.mark.parametrize("operation", [1e-6, 1e-4, 1e-3])
@pytest.mark.parametrize("trace", [1e-4, 1e-2])
@pytest.mark.parametrize("run", [1e-5, 1e-3])
def test_no_sequence_of_calls_costs_more_than_twice_the_function_and_half_a_second(monkeypatch, run, trace, operation):
    clock = Clock(monkeypatch, run, trace, operation)
    compiled = gg.jit(clock.timed(wandering))
    draw = np.random.default_rng(0)
    for count in range(1, 60):
        x = float(draw.uniform(-3, 3))
        assert compiled(x) == pytest.approx(wandering(x), rel=1e-12)
        # An estimate may be wrong, by as much as one kernel
        assert clock.now <= 2 * count * run + 0.5 + operation * max(clock.kernels, default=0)


def test_nor_does_looking_for_code_that_fits(monkeypatch):
    """In vain, or for long: each of many pieces of code is tried before one fits."""
    clock = Clock(monkeypatch, run=1e-5, trace=1e-4, operation=1e-6)
    search = units.Unit.run

    def tried(*given: Any) -> Any:
        clock.now += 1e-4
        return search(*given)

    monkeypatch.setattr(units.Unit, "run", tried)
    compiled = gg.jit(clock.timed(lambda some: wandering(some[0])))
    draw = np.random.default_rng(0)
    inputs = draw.uniform(-3, 3, 100).tolist()
    for x in inputs * 8:
        assert compiled([x]) == pytest.approx(wandering(x), rel=1e-12)
    assert len(clock.kernels) > 20
    assert clock.now <= 2 * len(inputs * 8) * clock.run + 0.5


def test_what_runs_uncompiled_runs_once_whatever_it_returns(monkeypatch):
    gg.config.compile_budget = 0.0
    runs = [0]

    def counted(x: Any, y: Any) -> Any:
        runs[0] += isinstance(x, gg.Scalar)
        return x * y if x > 0 else x - y

    compiled = gg.jit(gg.value_and_grad(counted, argnums=(0, 1)))
    compiled(1.0, 2.0)
    monkeypatch.setattr(account.Account, "left", lambda self, share=0.0: -1.0)
    compiled(-1.0, 2.0), compiled(-1.0, 2.0)  # and learns whether floats will do
    before = runs[0]
    for k in range(1, 51):
        assert compiled(-1.0 * k, 2.0) == (-k - 2.0, (1.0, -1.0))
    assert runs[0] - before == 50


@pytest.mark.parametrize("operation", [1e-6, 1e-4])
@pytest.mark.parametrize("run", [1e-5, 1e-3])
def test_nor_does_a_sequence_of_batches(monkeypatch, run, operation):
    clock = Clock(monkeypatch, run, 1e-3, operation)
    compiled = gg.vmap(clock.timed(wandering))
    draw = np.random.default_rng(0)
    for count in range(1, 6):
        x = draw.uniform(-3, 3, 50)
        np.testing.assert_allclose(compiled(x), [wandering(v) for v in x.tolist()], rtol=1e-12)
        assert clock.now <= 2 * count * 50 * run + 0.5 + operation * max(clock.kernels, default=0)


def test_a_batch_that_is_worth_it_is_compiled_at_once(monkeypatch):
    clock = Clock(monkeypatch, 1e-3, 1e-3, 1e-5)
    compiled = gg.vmap(clock.timed(rounds))
    compiled(np.exp2(np.linspace(0, 20, 20_000)))
    assert clock.now < 2.0  # uncompiled it takes 20
    assert clock.kernels


def test_adding_a_route_costs_that_route(monkeypatch):
    clock = Clock(monkeypatch, 1e-5, 1e-4, 1e-5)
    compiled = gg.jit(clock.timed(rounds))
    for k in range(20):
        assert compiled(2.0**k) == rounds(2.0**k)
    assert len(clock.kernels) == 20
    longest = [size - other for size, other in zip(clock.kernels[1:], clock.kernels)]
    assert set(longest) == {2}, "each route has two operations more than the one before, and none of the others'"


def test_what_recurs_is_compiled_in_the_end(monkeypatch):
    """However dear its code is: the time without it adds up."""
    clock = Clock(monkeypatch, 1e-2, 1e-3, 0.1)
    compiled = gg.jit(clock.timed(rounds))
    for _ in range(400):
        compiled(2.0**9)
    assert clock.kernels == [20]
    before = clock.now
    for _ in range(100):
        compiled(2.0**9)
    assert clock.now == before


def wait_for(found: Any) -> None:
    """Wait for the thread of the optimiser, however busy the machine is."""
    while not found():
        time.sleep(0.01)


def test_first_code_that_takes_long_is_made_in_the_background(monkeypatch):
    def long(x: Any) -> Any:
        for _ in range(300):
            x = x + gg.sin(x) * 0.01
        return x

    monkeypatch.setattr(account, "estimate", lambda *_: 10.0)  # no call waits for ten seconds
    compiled = gg.jit(long)
    assert compiled(1.0) == compiled(1.0) == long(1.0)
    program = next(iter(compiled.programs.values()))
    wait_for(lambda: program.units)
    assert compiled(1.5) == long(1.5)
    assert program.units[0].kernel.calls


def test_units_become_one_in_the_background():
    """Each with code for one path first; then they share what they have in common, and no unit is tried in vain."""

    def f(x: Any) -> Any:
        return x * 2.0 if x > 0.0 else x * 3.0

    compiled = gg.jit(f)
    results = [compiled(x) for _ in range(100) for x in (1.0, -1.0)]
    program = next(iter(compiled.programs.values()))
    wait_for(lambda: len(program.units) == 1)
    results += [compiled(x) for _ in range(100) for x in (1.0, -1.0)]
    assert results == [2.0, -3.0] * 200
    assert sorted(program.units[0].paths) == [0, 1]
    assert program.units[0].kernel.final


def test_long_code_is_improved_after_a_few_calls():
    def f(x):
        for _ in range(350):
            x = x * 0.5 + 1.25
        return x

    compiled = gg.jit(f)
    while not compiled.kernels():  # on a busy machine, first code is made in the background, too
        assert compiled(3.0) == f(3.0)
    for _ in range(10):
        assert compiled(3.0) == f(3.0)
    kernel = compiled.kernels()[-1]
    kernel.wait()
    assert kernel.final
    assert compiled(3.0) == f(3.0)


def test_a_trace_that_takes_too_long_is_given_up(monkeypatch):
    clock = Clock(monkeypatch, 0.0, 0.0, 0.0)
    kind = operator.attrgetter("__class__")  # asked for so that it is not seen: where it is, floats will not do

    def slow(x: Any) -> Any:
        for _ in range(5000):
            x = x * 0.999
            clock.now += 1e-3 if kind(x) is gg.Scalar else 1e-6
        return x

    compiled = gg.jit(slow)
    for count in range(1, 5):
        assert compiled(1.0) == slow(1.0)
        clock.now -= 5e-3  # which the line above took
        assert clock.now <= 0.5 + 2 * count * 5e-3 + 1e-3 * 256


def test_a_long_trace_is_given_up_while_it_is_put_in_order_too(monkeypatch):
    """The function is fast; what its trace has recorded is long."""
    clock = Clock(monkeypatch, 0.0, 0.0, 0.0)
    ticking = False

    def now() -> float:
        clock.now += 1e-2 * ticking
        return clock.now

    monkeypatch.setattr(account, "clock", now)

    def f(x: Any) -> Any:
        nonlocal ticking
        for _ in range(100_000):
            x = x * 0.999
        ticking = isinstance(x, gg.Scalar)
        return x

    compiled = gg.jit(f)
    assert compiled(1.0) == f(1.0)
    assert clock.now < 0.7  # each look at the clock takes a hundredth of a second, and there would be hundreds


def test_a_function_that_asks_for_kinds_runs_on_nodes_where_nothing_is_known_of_floats(monkeypatch):
    """Its trace is given up, so it was never compared with what it does on floats."""
    clock = Clock(monkeypatch, 0.0, 0.0, 0.0)

    def f(x: Any) -> Any:
        x = x * 2.0 if isinstance(x, float) else x * 3.0
        for _ in range(1000):
            x = x * 1.0
            clock.now += 1e-2
        return x

    compiled = gg.jit(f)
    assert [compiled(1.0) for _ in range(3)] == [3.0] * 3
    assert gg.vmap(f)(np.ones(3)).tolist() == [3.0] * 3


class Llvm:
    """A clock that stands still but for LLVM, which takes so many seconds for a line."""

    def __init__(self, monkeypatch: Any, line: float) -> None:
        self.now = 0.0
        self.parts: list[int] = []  # lines of each part that was compiled
        image = machine.image

        def slow(text: str, *rest: Any) -> bytes:
            self.parts.append(text.count("\n"))
            self.now += line * self.parts[-1]
            return image(text, *rest)

        monkeypatch.setattr(machine, "image", slow)
        monkeypatch.setattr(account, "clock", lambda: self.now)


def rooted(a: Any) -> Any:
    """Newton's iteration, whose gradient is long for each operation that it has."""
    x = a
    for _ in range(100):
        y = 0.5 * (x + a / x)
        if abs(y - x) < 1e-12 * y:
            break
        x = y
    return y


LANES = np.logspace(0.1, 6.0, 40)


@pytest.mark.skipif(not units.available(), reason="LLVM is not used")
@pytest.mark.parametrize("line", [2e-5, 1e-4, 1e-3])
def test_code_that_takes_longer_than_was_thought_is_given_up(monkeypatch, line):
    llvm = Llvm(monkeypatch, line)
    compiled = gg.vmap(gg.grad(rooted))
    for _ in range(5):
        np.testing.assert_allclose(compiled(LANES), 0.5 / np.sqrt(LANES), rtol=1e-6)
        # LLVM is not interrupted, so the part at hand may be one too many
        assert llvm.now <= 0.5 + line * max(llvm.parts)
    assert bool(compiled.kernels()) == (line < 1e-4)
    begun = len(llvm.parts)
    compiled(LANES)
    gg.vmap(gg.grad(lambda a: rooted(a) * 2.0))(LANES)
    assert line < 1e-4 or len(llvm.parts) == begun, "by now it is known how long LLVM takes"


@pytest.mark.skipif(not units.available(), reason="LLVM is not used")
def test_what_was_given_up_is_made_once_it_has_paid(monkeypatch):
    Llvm(monkeypatch, 1e-4)
    compiled = gg.vmap(gg.grad(rooted))
    compiled(LANES)
    assert not compiled.kernels()
    compiled.account.missed += 10.0
    np.testing.assert_allclose(compiled(LANES), 0.5 / np.sqrt(LANES), rtol=1e-6)
    assert compiled.kernels()


def test_an_infinite_budget_compiles_every_route(monkeypatch):
    gg.config.compile_budget = math.inf
    clock = Clock(monkeypatch, 1e-5, 10.0, 10.0)
    compiled = gg.jit(clock.timed(rounds))
    for k in range(10):
        compiled(2.0**k)
    assert len(clock.kernels) == 10


def test_without_a_budget_code_must_pay_first(monkeypatch):
    gg.config.compile_budget = 0.0
    clock = Clock(monkeypatch, 1e-3, 1e-4, 1e-4)
    compiled = gg.jit(clock.timed(rounds))
    for _ in range(10):
        compiled(16.0)
    assert clock.now <= 2 * 10 * 1e-3 + 1e-3
    for bad in (-1.0, "much", math.nan, True, None):
        with pytest.raises(ValueError, match="compile_budget must be a number of seconds, 0 or more"):
            gg.config.compile_budget = bad


def test_the_warning_comes_early_and_names_line_and_cure():
    gg.config.compile_budget = 1e-3
    compiled = gg.jit(wandering)
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        for x in np.linspace(-3, 3, 100).tolist():
            compiled(x)
    for warning in heard:
        assert "`wandering` has taken" in str(warning.message)
    assert len(heard) <= 1


@pytest.mark.parametrize(
    ("construct", "cure", "f"),
    [
        ("max", "gg.maximum", lambda x: max(x, 1.0)),
        ("min", "gg.minimum", lambda x: min(x, 1.0)),
        ("if", "gg.where", lambda x: x if x > 1.0 else -x),
        ("sorted", "gg.minimum", lambda x: sorted([x, 1.0])[0]),
        ("heapify", "gg.minimum", lambda x: heapq.heapify([x, 1.0]) or x),
        ("all", "gg.where.a & b", lambda x: x if all([x > 1.0]) else -x),
        ("any", "gg.where.a . b", lambda x: x if any([x > 1.0]) else -x),
        ("bisect", "instead of `bisect`", lambda x: x + bisect.bisect([1.0], x)),
    ],
)
def test_the_cure_is_that_of_what_branches(construct, cure, f):
    compiled = gg.jit(f, max_paths=1)
    compiled(0.5)
    with pytest.warns(RuntimeWarning, match=rf"through its `{construct}`.*test_account.py:\d+.*{cure}"):
        compiled(1.5)


# What runs uncompiled is the function


def test_floats_and_nodes_agree_or_nodes_are_used():
    """A function may tell a float from a node; the results must not depend on whether there was code."""

    def asks(x: Any) -> Any:
        return x * 2.0 if isinstance(x, float) else x * 3.0

    def method(x: Any) -> Any:
        return x.tanh() if x > 0 else x.exp()

    def powers(x: Any) -> Any:
        return (x**0.5, abs(x) ** 0.5)

    for f, expected in ((asks, lambda x: 3.0 * x), (method, None), (powers, None)):
        wanted = gg.jit(f)
        gg.config.compile_budget = math.inf
        values = [wanted(x) for x in (0.5, -0.5, 2.0)]
        gg.config.compile_budget = 0.0
        found = gg.jit(f)
        for _ in range(3):
            assert repr([found(x) for x in (0.5, -0.5, 2.0)]) == repr(values)
        if expected is not None:
            assert values == [expected(x) for x in (0.5, -0.5, 2.0)]


def test_divisions_by_zero_and_domains_are_as_in_code():
    gg.config.compile_budget = 0.0

    def f(x: Any) -> Any:
        return (1.0 / x, gg.log(x), gg.sqrt(x), x / x)

    for _ in range(3):
        assert repr(gg.jit(f)(0.0)) == repr((math.inf, -math.inf, 0.0, math.nan))
        assert repr(gg.vmap(f)(np.array([0.0, -1.0]))) == repr(
            (
                np.array([math.inf, -1.0]),
                np.array([-math.inf, math.nan]),
                np.array([0.0, math.nan]),
                np.array([math.nan, 1.0]),
            )
        )


def test_results_of_every_kind():
    def f(x: Any, v: Any) -> Any:
        return {"a": [x > 1.0, x * v], "b": (v[::-1], None, (v > x), 3.0), "c": v.sum()}

    x, v = 1.5, np.array([1.0, 2.0])
    gg.config.compile_budget = math.inf
    wanted = repr(gg.jit(f)(x, v)), repr(gg.vmap(f, (0, None))(np.array([x, 0.5]), v))
    gg.config.compile_budget = 0.0
    assert (repr(gg.jit(f)(x, v)), repr(gg.vmap(f, (0, None))(np.array([x, 0.5]), v))) == wanted


@pytest.mark.parametrize(
    ("shapes", "in_axes"),
    [
        (((4, 1),), 0),
        (((4, 1), (4, 1, 1)), 0),
        (((4,), ()), (0, None)),
        (((4,), (1,)), (0, None)),
        (((4, 1), ()), (0, None)),
    ],
)
def test_lanes_of_one_element_run_uncompiled(shapes, in_axes):
    def f(*xs: Any) -> Any:
        return np.sum(xs[0] * xs[-1]) + float(np.size(xs[0]))

    gg.config.compile_budget = 0.0
    arrays = [np.arange(1.0, 1 + math.prod(shape)).reshape(shape) for shape in shapes]
    axes = in_axes if isinstance(in_axes, tuple) else (in_axes,) * len(arrays)
    lanes = [[a if axis is None else a[lane] for a, axis in zip(arrays, axes)] for lane in range(4)]
    assert gg.vmap(f, in_axes=in_axes)(*arrays).tolist() == [f(*lane) for lane in lanes]


def calls_of_python(f: Any, *args: Any) -> int:
    """How many Python functions it takes to call ``f``."""
    count = 0

    def heard(frame: Any, event: str, arg: Any) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(heard)
    try:
        f(*args)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.skipif(not gg.compiled(), reason="in plain Python nodes take calls, too")
def test_arrays_cost_little_more_than_numbers_where_there_is_no_code():
    gg.config.compile_budget = 0.0  # and no other test has compiled these functions, whose code would be shared
    v = np.array([1.0, 2.0])

    def jitted(f: Any, *args: Any) -> int:
        compiled = gg.jit(f)
        compiled(*args)  # is traced
        compiled.account.invested = math.inf
        compiled(*args)  # and learns that floats will do
        return calls_of_python(compiled, *args)

    numbers = jitted(lambda x: x * 2.6180339, 1.0)
    for f, args in (
        (lambda v: v[0] * 2.6180339, (v,)),
        (lambda v: v * 2.6180339, (v,)),
        (lambda x, v: (x, v), (1.0, v)),
    ):
        assert jitted(f, *args) <= numbers + 12

    def lanes(f: Any, batch: Any) -> int:
        compiled = gg.vmap(f)
        compiled(batch)
        compiled.account.invested = math.inf
        return calls_of_python(compiled, batch)

    def each(f: Any, shape: tuple[int, ...]) -> float:
        few, many = (lanes(f, np.ones((n, *shape))) for n in (10, 110))
        return (many - few) / 100

    numbers = each(lambda x: x * 2.6180339, ())
    assert each(lambda v: v[0] * 2.6180339, (2,)) <= numbers + 2
    assert each(lambda v: v * 2.6180339, (2,)) <= numbers + 4


def test_what_runs_uncompiled_neither_writes_to_arrays_nor_gives_them_away(monkeypatch):
    def writes(v: Any, x: Any) -> Any:
        v[0] = x
        return v

    def same(v: Any, x: Any) -> Any:
        return v, x

    gg.config.compile_budget = 0.0
    v = np.array([1.0, 2.0])
    compiled = gg.jit(same)
    compiled(v, 1.0)
    monkeypatch.setattr(account.Account, "left", lambda *_: -1.0)
    for _ in range(4):
        found, x = compiled(v, 3.0)
        assert not np.shares_memory(found, v)
        assert found.flags.writeable
        assert (found.tolist(), x) == ([1.0, 2.0], 3.0)
        found, _ = gg.vmap(same, (0, None))(np.ones((3, 2)), 2.0)
        assert found.flags.writeable
        for f in (gg.jit(writes), gg.vmap(writes, (0, None))):
            with pytest.raises(gg.TracingError, match="changes an argument"):
                f(np.ones((3, 2)), 5.0)
    assert v.tolist() == [1.0, 2.0]


@pytest.mark.parametrize(("transform", "maker"), [(gg.jit, "scalar_call.Unit"), (gg.vmap, "batch_call.BatchCode")])
def test_a_function_without_operations_runs_uncompiled_where_code_is_too_expensive(
    transform: Any, maker: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: Any) -> None:
        raise account.TooExpensive(1.0)

    monkeypatch.setattr(f"glassgrad.compiler.runtime.{maker}", refuse)
    x = np.array([1.0, 2.0])
    assert transform(lambda v: v)(x).tolist() == [1.0, 2.0]


def test_lanes_are_summed_uncompiled_where_only_code_that_sums_was_affordable(monkeypatch: pytest.MonkeyPatch) -> None:
    made = batch_code.BatchCode

    def make(program: Any, inputs: Any, outputs: Any, kind: str, allowance: Any) -> Any:
        if kind == "batch":
            raise account.TooExpensive(1.0)
        return made(program, inputs, outputs, kind, allowance)

    monkeypatch.setattr("glassgrad.compiler.runtime.batch_call.BatchCode", make)
    f = gg.vmap(lambda x: 2 * x if x > 0 else -x, reduce="sum", max_paths=1)
    assert f(np.array([1.0, -1.0] * 50)) == 150.0


# Loops


def straight(x):
    """Operations of which no sequence repeats often."""
    chance, y = random.Random(0), x
    for _ in range(8_000):
        y = chance.choice([gg.sin, gg.cos, gg.tanh, gg.exp, gg.erf])(y) * chance.choice([x, y])
    return y


def looped(x):
    y = x
    for _ in range(8_000):
        y = gg.sin(y) * x
    return y


@pytest.mark.parametrize("compile", [gg.jit, gg.vmap])
def test_the_price_of_loops_is_that_of_their_bodies(compile, monkeypatch):
    monkeypatch.setattr(account, "clock", lambda: 0.0)  # nothing takes any time, so all is left that there was
    argument = 0.5 if compile is gg.jit else np.full(8, 0.5)
    monkeypatch.setattr(gg.config, "compile_budget", 0.3)
    found = [compile(f) for f in (looped, straight)]
    for f in found:
        f(argument)
    assert [len(f.kernels()) for f in found] == [1, 0]


def decaying(x: Any) -> Any:
    for k in range(2000):
        x = x * 0.999 + gg.sin(x + k)
    return x


def test_passes_run_once_even_if_code_is_given_up_first(monkeypatch):
    runs, given_up = [0], []
    improved, parts = forms.improved, account.Allowance.parts

    def counted(*given: Any) -> Any:
        runs[0] += 1
        return improved(*given)

    def too_expensive_once(self: Any, *given: Any) -> Any:
        if not given_up:
            given_up.append(True)
            raise account.TooExpensive(0.01)
        return parts(self, *given)

    monkeypatch.setattr(forms, "improved", counted)
    monkeypatch.setattr(account.Allowance, "parts", too_expensive_once)
    gg.config.compile_budget = 60.0
    compiled = gg.jit(decaying)
    for x in (0.5, 0.25):
        assert compiled(x) == pytest.approx(decaying(x), rel=1e-12)
    assert given_up
    assert len(compiled.kernels()) == 1
    assert runs[0] == 1


def test_a_function_without_branches_is_traced_once(monkeypatch):
    """Its code is too expensive at first. Another trace could not find another path."""
    clock = Clock(monkeypatch, run=1e-2, trace=1e-3, operation=1.0)
    traces, traced = [0], Program.trace

    def counted(*given: Any, **named: Any) -> Any:
        traces[0] += 1
        return traced(*given, **named)

    monkeypatch.setattr(Program, "trace", counted)
    compiled = gg.jit(clock.timed(lambda x: gg.sin(gg.cos(x) * x)))
    monkeypatch.setattr(account, "hoped", lambda *_: 1.0)
    for _ in range(20):
        compiled(0.5)
    assert traces[0] == 1
