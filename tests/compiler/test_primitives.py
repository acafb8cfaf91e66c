"""Operations of the user's own in compiled code: traced, called by their address, or called back in Python."""

from __future__ import annotations

import ctypes
import ctypes.util
import math
import pickle
import random
import signal
import subprocess
import sys
import threading
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

import glassgrad as gg
from glassgrad.compiler.codegen import callback, callees
from glassgrad.compiler.ir.interpret import interpret
from glassgrad.core.op import TABLE
from helpers.branching import EXACT, SMOOTH, Branching, bits, code_for, runnable, with_points
from helpers.ir import parsed

special = pytest.importorskip("scipy.special")
pytest.importorskip("llvmlite")

FEW = settings(max_examples=max(25, settings().max_examples // 3))
PLAIN = "sse2" if "sse2" in runnable() else "none"  # rounds each operation
X = np.linspace(-2.0, 3.0, 2500)

# Four kinds: a value that can be traced; Python's own; a ufunc; a C function


@gg.primitive(partials=lambda y, x: 1 / (1 + gg.exp(-x)))
def softplus(x):
    return gg.log(1 + gg.exp(x))


@gg.primitive(partials=lambda y, x: gg.exp(x) + 1)
def soft(x):
    return math.exp(x) + x


bessel1 = gg.primitive(partials=lambda y, x: bessel0(x) - y / x, name="bessel1")(special.j1)
bessel0 = gg.primitive(partials=lambda y, x: -bessel1(x), name="bessel0")(special.j0)


def c_function(name, arity=1):
    function = getattr(ctypes.CDLL(ctypes.util.find_library("m")), name)
    function.restype, function.argtypes = ctypes.c_double, [ctypes.c_double] * arity
    return function


pytestmark = pytest.mark.skipif(ctypes.util.find_library("m") is None, reason="the C library's functions are not found")
cosine = gg.primitive(partials=lambda y, x: -gg.sin(x), name="cosine")(c_function("cos"))
ratio = gg.primitive(
    partials=(lambda y, a, b: b / (a * a + b * b), lambda y, a, b: -a / (a * a + b * b)), name="ratio"
)(c_function("atan2", 2))


def tape_of(f, *args):
    return gg.jit(f).lower(*args).source


def names_of(f, *args):
    return [op.name for op in tape_of(f, *args).ops]


@pytest.mark.parametrize("target", [*runnable(), "none"])
@pytest.mark.parametrize("op", [softplus, soft, bessel0, cosine], ids=lambda op: op.name)
def test_values_and_derivatives_of_each_kind(op, target):
    """What is computed eagerly is the fact: the value by the function, the derivatives by the rules."""
    f = lambda x: op(x) * x + op(2 * x + 1)
    xs = X[X != 0.0][::50]
    with code_for(target):
        for transform in (lambda f: f, gg.grad, lambda f: gg.grad(gg.grad(f))):
            g = transform(f)
            wanted = [float(g(x)) for x in xs.tolist()]
            one = gg.jit(g)
            np.testing.assert_allclose([one(x) for x in xs.tolist()], wanted, rtol=1e-12, atol=1e-13)
            np.testing.assert_allclose(gg.vmap(g)(xs), wanted, rtol=1e-12, atol=1e-13)
            np.testing.assert_allclose(gg.vmap(g, reduce="sum")(xs), math.fsum(wanted), rtol=1e-11)


def test_two_operands_in_memory_of_all_kinds():
    def f(w, x, k):
        return [ratio(w[0], x) + ratio(x, 2.0) + power(x, k), power(w[1], w[0])]

    @gg.primitive(partials=(lambda y, a, b: y * b / a, lambda y, a, b: y * gg.log(a)))
    def power(a, b):
        return math.pow(abs(a), b)

    w = np.arange(1.0, 21.0).reshape(10, 2)
    for x in (np.linspace(1.0, 2.0, 10), np.linspace(1.0, 2.0, 10, dtype=np.float32), np.linspace(1, 2, 20)[::2]):
        found = gg.vmap(f, in_axes=(0, 0, None))(w, x, 3)
        wanted = np.array([f(a, float(b), 3.0) for a, b in zip(w, x)]).T
        np.testing.assert_allclose(found, wanted, rtol=1e-6 if x.dtype == np.float32 else 1e-13)


# Random programs


def partials_of(name):
    return TABLE[name].partials


KINDS = {  # operations of random programs, in other clothes: by whom they are computed
    "add": lambda a, b: a + b,  # traced
    "square": lambda x: x * x,
    "relu": lambda x: x if x > 0 else 0.0 * x if x != x else 0.0,  # traced, with branches
    "sub": lambda a, b: float.__sub__(a, b),  # Python's
    "sqrt": lambda x: math.sqrt(x) if x >= 0 else x if x != x else math.nan,
    "mul": np.multiply,  # ufuncs
    "maximum": special.xlogy,  # (replaced below)
    "neg": np.negative,
    "abs": c_function("fabs"),  # a C function
    "where": lambda c, a, b: (a if c != 0.0 else b) if type(c) is float else float(c),
}
KINDS["maximum"] = lambda a, b: max(float(a), b) if a == a and b == b else math.nan
OWN = {name: gg.primitive(partials=partials_of(name), name=f"own_{name}")(function) for name, function in KINDS.items()}


class Strange(Branching):
    """A random program in which some of the table's operations are the user's own."""

    def __call__(self, *xs: Any) -> Any:
        return self.run(xs, lambda name, args: OWN.get(name, TABLE[name])(*args))


def strange(operations, **options):
    return with_points(operations, **options).map(lambda drawn: (Strange(drawn[0].inputs, drawn[0].steps), drawn[1]))


def columns(rows):
    return [np.array(column) for column in zip(*rows)]


def eagerly(f, row):
    with gg.errstate(domain="nan"):
        return f(*row)


@pytest.fixture(autouse=True)
def _quiet():
    """The ufuncs of random programs warn of a nan wherever NumPy runs them."""
    with np.errstate(all="ignore"):
        yield


def traced(f, rows):
    compiled = gg.jit(f)
    for row in rows:
        lowered = compiled.lower(*row)
    return lowered.source


@pytest.fixture(autouse=True)
def _many_paths():
    before, gg.config.max_paths = gg.config.max_paths, 4096
    yield
    gg.config.max_paths = before


@FEW
@given(strange(EXACT, points=16))
def test_random_programs_give_every_bit(drawn):
    f, rows = drawn
    wanted = [bits(eagerly(f, row)) for row in rows]
    (found,), _ = interpret(traced(f, rows), columns(rows), len(rows))
    assert list(map(bits, found)) == wanted
    with code_for(PLAIN):
        one, batch = gg.jit(f), gg.vmap(f)
        assert [bits(one(*row)) for row in rows] == wanted
        assert [bits(x) for x in batch(*columns(rows))] == wanted
        assert [bits(x) for x in batch(*columns(rows * 90))] == wanted * 90
        for kernel in [*one.kernels(), *batch.kernels()]:
            kernel.wait()
        assert [bits(one(*row)) for row in rows] == wanted
        assert [bits(x) for x in batch(*columns(rows * 90))] == wanted * 90


@FEW
@given(strange(SMOOTH, points=6, steps=6))
def test_random_programs_differentiated_give_every_bit_of_their_tape(drawn):
    f, rows = drawn
    which = tuple(range(f.inputs))
    slopes, curves = gg.value_and_grad(f, argnums=which), gg.hessian(f, argnums=which)

    def g(*xs):
        value, slope = slopes(*xs)
        return [value, *slope, *[x for row in curves(*xs) for x in row]]

    expected, paths = interpret(traced(g, rows), columns(rows), len(rows))
    assert (paths >= 0).all()
    wanted = [[bits(x[k]) for x in expected] for k in range(len(rows))]
    assert [w[0] for w in wanted] == [bits(eagerly(f, row)) for row in rows]
    with code_for(PLAIN):
        one, batch = gg.jit(g), gg.vmap(g)
        assert [list(map(bits, one(*row))) for row in rows] == wanted
        assert [list(map(bits, lane)) for lane in zip(*batch(*columns(rows)))] == wanted


def test_that_random_programs_have_all_kinds():
    seen: dict[str, int] = {}

    @settings(max_examples=60, derandomize=True, database=None)
    @given(strange(EXACT))
    def look(drawn):
        for op in traced(*drawn).ops:
            seen[op.name] = seen.get(op.name, 0) + 1

    look()
    assert {"own_sub", "own_sqrt", "own_abs", "own_where", "add", "own_maximum"} <= set(seen)
    assert "own_add" not in seen
    assert "own_square" not in seen


# Values that are traced


def test_a_traced_primitive_keeps_its_own_derivative():
    """Clipped gradients, straight-through estimators: that the rule is not the value's derivative is the point."""

    @gg.primitive(partials=lambda y, x: 100.0 * y)
    def odd(x):
        return gg.sin(x) * x

    @gg.primitive(partials=lambda y, x: 7.0 + 0 * x)
    def outer(x):
        return odd(x) + x * x

    for f, slope in ((odd, lambda x: 100 * math.sin(x) * x), (outer, lambda x: 7.0)):
        for g in (gg.grad(f), gg.jacobian(f), lambda x, f=f: gg.jvp(f, (x,), (1.0,))[1]):
            assert gg.jit(g)(0.5) == pytest.approx(slope(0.5), rel=1e-14)
            assert gg.vmap(g)(X)[7] == pytest.approx(slope(X[7]), rel=1e-13)
    assert gg.jit(gg.grad(gg.grad(odd)))(0.5) == pytest.approx(100 * 100 * math.sin(0.5) * 0.5, rel=1e-13)
    assert not {"odd", "outer"} & set(names_of(gg.value_and_grad(outer), 0.5))


def test_branches_inside_a_primitive_are_branches():
    @gg.primitive(partials=lambda y, x: gg.where(x > 1, 2 * x, 5.0))
    def bent(x):
        if x > 1:
            return x * x
        return 2.0 if x > 0 else 3 * x

    f = lambda x: bent(x) + x
    compiled, batch = gg.jit(gg.value_and_grad(f)), gg.vmap(gg.value_and_grad(f))
    for x in (2.0, 0.5, -1.0, 3.0):
        assert compiled(x) == gg.value_and_grad(f)(x)
    np.testing.assert_allclose(batch(X), np.array([gg.value_and_grad(f)(x) for x in X.tolist()]).T, rtol=1e-15)
    assert "bent" not in names_of(f, 2.0)


def test_a_primitive_that_is_traced_along_some_ways_only():
    """Which way it goes is a guard, and so runs that were traced and others can be told apart."""

    @gg.primitive(partials=lambda y, x: 1.0 * y)
    def mixed(x):
        if x > 0:
            return x * x if x < 1 else math.exp(x)
        return gg.exp(x)

    for order in ([0.5, 2.0, -1.0], [2.0, 0.5, -1.0], [-1.0, 2.0, 0.5]):
        f = gg.jit(lambda x: mixed(x) + 1)
        assert [f(x) for x in order] == pytest.approx([mixed(x) + 1 for x in order], rel=1e-15)
    wanted = [mixed(x) + mixed(-x) for x in X.tolist()]
    np.testing.assert_allclose(gg.vmap(lambda x: mixed(x) + mixed(-x))(X), wanted, rtol=1e-14)


def test_iterations_inside_a_primitive_do_not_become_paths():
    """Newton's iteration for Kepler's equation: as many rounds as it takes, and the derivative by the implicit rule."""

    @gg.primitive(partials=(lambda y, m, e: 1 / (1 - e * gg.cos(y)), lambda y, m, e: gg.sin(y) / (1 - e * gg.cos(y))))
    def anomaly(m, e):
        x = m
        for _ in range(50):
            step = (x - e * gg.sin(x) - m) / (1 - e * gg.cos(x))
            x = x - step
            if abs(step) < 1e-14:
                break
        return x

    gg.config.max_paths = 16
    m = np.linspace(0.1, 3.0, 200)
    batch = gg.vmap(gg.value_and_grad(lambda m: anomaly(m, 0.9) * anomaly(2 * m, 0.3)))
    value, slope = batch(m)
    f = lambda m: anomaly(m, 0.9) * anomaly(2 * m, 0.3)
    np.testing.assert_allclose(value, [f(x) for x in m.tolist()], rtol=1e-12)
    np.testing.assert_allclose(slope, [gg.grad(f)(x) for x in m.tolist()], rtol=1e-9)
    assert max(len(program.traces) for program in batch.programs.values()) <= 16


@pytest.mark.parametrize("first", [0.0, 1.0, 0.3, -1.0])
def test_what_is_another_function_of_nodes_is_not_traced(first):
    @gg.primitive(partials=lambda y, x: 1.0)
    def kind(x):
        return x if isinstance(x, float) else 0.0 * x

    @gg.primitive(partials=lambda y, x: 1.0)
    def scalars(x):
        return 2 * x if np.isscalar(x) else x * x

    @gg.primitive(partials=lambda y, x: 1.0)
    def caught(x):
        try:
            return math.exp(x)
        except TypeError:
            return 1.0 + x

    for op in (kind, scalars, caught):
        f = gg.jit(lambda x, op=op: op(x) + 1)
        assert [f(first), f(0.7)] == [op(first) + 1, op(0.7) + 1]
        np.testing.assert_array_equal(gg.vmap(op)(X), [op(x) for x in X.tolist()])


def test_what_changes_from_call_to_call_is_called_each_time():
    draw = random.Random(0)

    @gg.primitive(partials=lambda y, x: 1.0)
    def noisy(x):
        return x + draw.random()

    f = gg.jit(lambda x: noisy(x) - noisy(x))
    assert len({f(1.0) for _ in range(20)} - {0.0}) == 20
    assert len(set(gg.vmap(lambda x: noisy(x) - noisy(x))(np.ones(500)).tolist())) > 490


def test_state_that_a_primitive_keeps_is_not_frozen():
    """A count, a table that fills up, a clock: it is called each time, and nothing is said of it."""
    count, table = [0.0], {}

    @gg.primitive(partials=lambda y, x: 1.0)
    def counted(x):
        count[0] += 1.0
        return x * 2.0

    @gg.primitive(partials=lambda y, x: 1.0)
    def remembered(x):
        table[len(table)] = x
        return x * 3.0

    for op in (counted, remembered):
        f = gg.jit(lambda x, op=op: op(x) + 1)
        assert [f(x) for x in (1.0, 2.0, 3.0)] == [op(x) + 1 for x in (1.0, 2.0, 3.0)]
        before = count[0], len(table)
        f(5.0)
        gg.vmap(op)(np.ones(10))
        assert (count[0], len(table)) != before
    assert list(table.values())[-10:] == [1.0] * 10


def test_failed_attempts_leave_nothing_behind():
    """A value that leaves the graph is no matter here, but it is one in the function itself."""

    @gg.primitive(partials=lambda y, x: y)
    def exponential(x):
        return math.exp(x)

    assert gg.jit(lambda x: exponential(x) * x)(1.0) == math.e
    assert names_of(lambda x: exponential(x) * x, 1.0) == ["exponential", "mul"]
    with pytest.raises(gg.TracingError, match=r"math\.sin"):
        gg.jit(lambda x: exponential(x) * math.sin(x))(1.0)
    rule = gg.primitive(partials=lambda y, x: math.exp(x), name="rule")(lambda x: math.exp(x))
    with pytest.raises(gg.TracingError, match=r"math\.exp\(x\)"):
        gg.jit(gg.grad(rule))(1.0)


def test_custom_nodes_are_traced_or_called():
    def f(x):
        traced = gg.custom(lambda a, b: a * b + 1, [x, 3.0], [lambda y, a, b: 10.0, lambda y, a, b: 0.0])
        called = gg.custom(lambda a: math.sin(a), [x], [lambda y, a: gg.cos(a)])
        return traced * called

    assert gg.jit(f)(0.5) == pytest.approx(2.5 * math.sin(0.5))
    assert gg.jit(gg.grad(f))(0.5) == pytest.approx(10 * math.sin(0.5) + 2.5 * math.cos(0.5))
    np.testing.assert_allclose(gg.vmap(f)(X), [(3 * x + 1) * math.sin(x) for x in X], rtol=1e-14)


def test_without_partials_it_computes_and_is_not_differentiated():
    @gg.primitive
    def plain(x):
        return math.exp(x)

    half = gg.primitive(partials=(None, lambda y, a, b: a))(lambda a, b: math.fsum([a * b]))
    assert gg.jit(plain)(1.0) == math.e
    assert gg.jit(gg.grad(lambda b: half(2.0, b)))(3.0) == 2.0
    for f in (plain, lambda a: half(a, 1.0)):
        with pytest.raises(TypeError, match="derivative"):
            gg.jit(gg.grad(f))(1.0)


# Who is called, and with what


def recording(function=math.exp):
    seen: list[float] = []

    @gg.primitive(partials=lambda y, x: y)
    def watched(x):
        seen.append(x)
        return function(x)

    return watched, seen


@pytest.mark.parametrize("target", runnable())
@pytest.mark.parametrize("lanes", [1, 2, 3, 7, 8, 9, 1023, 1024, 1025, 1031, 2500])
def test_each_lane_is_called_once_where_it_comes_by(lanes, target):
    watched, seen = recording()

    def f(x):
        y = watched(x) if x > 0 else x
        if y < 2:
            return watched(-y)
        return y

    xs = X[:: len(X) // lanes][:lanes]
    with code_for(target):
        batch = gg.vmap(f)
        batch(np.array([-1.0, 0.5, 3.0]))
        seen.clear()
        found = batch(xs)
    calls = sorted(seen)
    seen.clear()
    assert found.tolist() == [float(f(x)) for x in xs.tolist()]
    assert calls == sorted(seen)


def test_one_call_calls_once():
    """However many routes are known."""
    watched, seen = recording()

    def f(x):
        y = watched(x)
        if y > 2:
            return watched(-x) if x > 1 else y
        return y if x < -1 else 2 * y

    one = gg.jit(f)
    xs = [1.5, 0.9, -2.0, 0.0, -0.5, 1.2] * 20
    wanted = [float(f(x)) for x in xs]
    assert [one(x) for x in xs] == wanted
    seen.clear()
    assert [one(x) for x in xs] == wanted
    calls = list(seen)
    seen.clear()
    [f(x) for x in xs]
    assert calls == seen


def test_lanes_that_do_not_come_by_are_never_tried():
    """Not even where it is not yet known that lanes go another way."""
    watched, seen = recording(math.sqrt)
    f = lambda x: watched(x) if x > 0 else x
    batch = gg.vmap(f)
    batch(np.array([1.0, 2.0]))
    np.testing.assert_array_equal(batch(X), [float(f(x)) for x in X.tolist()])
    assert min(seen) > 0


def test_a_ufunc_is_called_with_arrays(monkeypatch):
    calls: list[int] = []
    original = callees.many

    def counted(op, arity):
        function = original(op, arity)
        return lambda address, stride, lanes: (calls.append(lanes), function(address, stride, lanes))[1]

    monkeypatch.setattr(callees, "many", counted)
    batch = gg.vmap(lambda x: bessel0(x) * bessel1(x + 1))
    np.testing.assert_allclose(batch(X), special.j0(X) * special.j1(X + 1), rtol=1e-13, atol=1e-15)
    assert sum(calls) == 2 * len(X)
    assert max(calls) == 1024


def test_a_c_function_is_called_by_its_address(monkeypatch):
    """No Python is between: the kernel has no function to call back."""
    monkeypatch.setattr(callback, "addresses", lambda: pytest.fail("called back"))
    np.testing.assert_allclose(gg.vmap(lambda x: cosine(x) * x)(X), np.cos(X) * X, rtol=1e-13)
    assert gg.jit(gg.grad(cosine))(0.5) == -math.sin(0.5)
    python = gg.primitive(partials=None, name="python")(ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)(math.exp))
    assert callees.address_of(python) is None  # of no arity
    integer = ctypes.CDLL(ctypes.util.find_library("m")).abs
    integer.argtypes, integer.restype = [ctypes.c_int], ctypes.c_int
    assert callees.address_of(gg.primitive(partials=lambda y, x: 1.0, name="integer")(integer)) is None


def test_long_functions_in_pieces():
    def f(x):
        total = x
        for k in range(60):
            total = total + soft(-x - 0.01 * k) * gg.exp(-total * total)
            for j in range(10):
                total = total * 0.99 + gg.sin(total + j) * 0.01
        return total if total < 3 else soft(-total)

    xs = X[::40]
    wanted = [float(f(x)) for x in xs.tolist()]
    one = gg.jit(f)
    np.testing.assert_allclose([one(x) for x in xs.tolist()], wanted, rtol=1e-10)
    np.testing.assert_allclose(gg.vmap(f)(xs), wanted, rtol=1e-10)
    slope = gg.vmap(gg.grad(f))(xs)
    np.testing.assert_allclose(slope, [gg.grad(f)(x) for x in xs.tolist()], rtol=1e-9, atol=1e-9)


def test_functions_of_the_table_that_have_no_code():
    """The order of polygamma as an input: Python computes it, and the rest is code."""
    f = lambda n, x: gg.polygamma(n, x) * x
    assert gg.jit(f)(2.0, 1.5) == pytest.approx(special.polygamma(2, 1.5) * 1.5, rel=1e-13)
    found = gg.vmap(f)(np.array([1.0, 2.0, 3.0]), np.array([1.5, 2.5, 3.5]))
    np.testing.assert_allclose(found, special.polygamma([1, 2, 3], [1.5, 2.5, 3.5]) * [1.5, 2.5, 3.5], rtol=1e-12)


def test_what_is_compiled_can_be_looked_at():
    lowered = gg.vmap(lambda x: soft(x) * cosine(x)).lower(X)
    assert parsed(lowered.llvm)
    found = callees.Callees(lowered.tape)
    by_address = {op.name: address is not None for op, address in zip(found.ops, found.addresses)}
    assert by_address == {"soft": False, "cosine": True}  # Python is called back, a C function is called by its address
    assert "soft" in str(lowered.tape)
    assert lowered.assembly
    assert parsed(gg.jit(soft).lower(1.0).llvm)


# What goes wrong inside


def fails(x):
    if x > 2.5:
        raise LookupError(f"nothing at {x}")
    return math.exp(x)


failing = gg.primitive(partials=lambda y, x: y, name="failing")(fails)


def test_exceptions_come_out_of_the_first_lane_that_raises():
    f = lambda x: failing(x) * 2 + x
    one, batch, total = gg.jit(f), gg.vmap(f), gg.vmap(f, reduce="sum")
    good = X[X <= 2.5]
    for _ in range(3):
        assert one(1.0) == f(1.0)
        np.testing.assert_allclose(batch(good), [f(x) for x in good.tolist()], rtol=1e-14)
        for call in (lambda: one(2.75), lambda: batch(X), lambda: total(X), lambda: gg.vmap(gg.grad(f))(X)):
            with pytest.raises(LookupError, match=rf"nothing at {2.75 if call.__code__.co_names == () else 2.5}"):
                call()
    assert not callback.pending


def test_exceptions_after_better_code_is_in_place():
    f = lambda x: failing(x) * 2 + x
    one, batch = gg.jit(f), gg.vmap(f)
    good = X[X <= 2.5]
    for _ in range(40):
        one(1.0)
        batch(good)
    for compiled in (one, batch):
        for kernel in compiled.kernels():
            kernel.wait()
    for _ in range(3):
        assert one(1.0) == f(1.0)
        batch(good)
        with pytest.raises(LookupError, match=r"nothing at 2\.75"):
            one(2.75)
        with pytest.raises(LookupError, match=r"nothing at 2\.5"):
            batch(X)


def test_out_is_as_it_was_where_a_function_raises():
    f = lambda x: [x * 2, failing(x)]
    out = [np.full(len(X), 7.0), np.full(len(X), 8.0)]
    batch = gg.vmap(f)
    good = X[X <= 2.5]
    for _ in range(60):
        batch(good, out=[np.empty(len(good)), np.empty(len(good))])
    with pytest.raises(LookupError):
        batch(X, out=out)
    assert set(out[0]) == {7.0}
    assert set(out[1]) == {8.0}
    one = gg.jit(lambda x: np.array([x[0] * 2, failing(x[0])]))
    place = np.array([7.0, 8.0])
    for _ in range(60):
        one(np.array([1.0]), out=np.empty(2))
    with pytest.raises(LookupError):
        one(np.array([3.0]), out=place)
    assert place.tolist() == [7.0, 8.0]


@pytest.mark.parametrize("error", [StopIteration, ZeroDivisionError, MemoryError, RecursionError])
def test_no_exception_is_lost(error):
    def at(x):
        if x == 1.0:
            raise error("here")
        return x + 1.0 if type(x) is float else math.exp(x)

    op = gg.primitive(partials=lambda y, x: 1.0, name="at")(at)
    batch, one = gg.vmap(op), gg.jit(op)
    assert batch(np.array([0.0, 2.0, 3.0])).tolist() == [1.0, 3.0, 4.0]
    one(0.0)
    for xs in ([1.0, 2.0, 3.0], [2.0, 3.0, 1.0], [2.0, 1.0, 3.0], [1.0]):
        with pytest.raises(error, match="here"):
            batch(np.array(xs))
    with pytest.raises(error, match="here"):
        one(1.0)
    assert batch(np.array([0.0, 2.0, 3.0])).tolist() == [1.0, 3.0, 4.0]


def test_results_that_are_no_numbers_are_named():
    op = gg.primitive(partials=lambda y, x: 1.0, name="worded")(lambda x: "text" if x > 1 else math.exp(x))
    batch = gg.vmap(op)
    assert batch(np.array([0.0, 0.0])).tolist() == [1.0, 1.0]
    with pytest.raises(TypeError, match="the result of primitive worded needs a number, but got str 'text'"):
        batch(np.array([0.0, 2.0]))
    numbers = gg.primitive(partials=lambda y, x: 1.0)(lambda x: random.choice([1, np.float32(1), np.float64(1), True]))
    assert set(gg.vmap(numbers)(X).tolist()) == {1.0}


def test_a_ufunc_that_raises():
    with special.errstate(all="raise"):
        op = gg.primitive(partials=lambda y, x: 1.0, name="bessel")(special.k0)
        batch = gg.vmap(op)
        np.testing.assert_array_equal(batch(np.array([1.0, 2.0, 3.0])), special.k0([1.0, 2.0, 3.0]))
        with pytest.raises(special.SpecialFunctionError):
            batch(np.array([1.0, 2.0, 0.0]))
    np.testing.assert_array_equal(gg.vmap(op)(np.array([1.0, 2.0])), special.k0([1.0, 2.0]))


def test_nothing_warns_of_a_nan():
    """As elsewhere in compiled code; and what is set for that is set for the function alone."""
    root = gg.primitive(partials=lambda y, x: 0.5 / y, name="root")(np.sqrt)
    own = gg.primitive(partials=lambda y, x: 0.5 / y, name="own")(lambda x: np.sqrt(np.float64(float(x))))
    for op in (root, own):
        assert math.isnan(gg.jit(lambda x, op=op: op(x - 2.0))(1.0))
        assert np.isnan(gg.vmap(op)(np.array([-1.0, 4.0]))).tolist() == [True, False]
    with pytest.warns(RuntimeWarning), np.errstate(invalid="warn"):
        np.sqrt(np.float64(-1.0))
    with pytest.raises(gg.DomainError):
        gg.log(-1.0)


class Stop(BaseException):
    pass


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, Stop])
def test_an_interrupt_inside_comes_out_at_once(error):
    calls: list[float] = []

    def at(x):
        calls.append(x)
        if armed and len(calls) == 1500:
            raise error("now")
        return math.exp(x)

    op = gg.primitive(partials=lambda y, x: 1.0, name="at")(at)
    armed = False
    one, batch = gg.jit(lambda x: op(x) + op(2 * x)), gg.vmap(lambda x: op(x) + 1)
    for _ in range(40):
        one(0.0)
        batch(X)
    for compiled in (one, batch):
        for kernel in compiled.kernels():
            kernel.wait()
        compiled(0.0) if compiled is one else compiled(X)
    armed = True
    calls.clear()
    with pytest.raises(error, match="now"):
        batch(X)
    assert len(calls) == 1500
    calls[:] = [0.0] * 1499
    with pytest.raises(error, match="now"):
        one(0.0)
    assert len(calls) == 1500
    assert not callback.pending
    assert one(0.0) == 2.0
    assert batch(np.zeros(20)).tolist() == [2.0] * 20


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="the system has no such signals")
def test_a_signal_that_comes_while_code_runs_is_not_lost():
    """It is handled when code calls back, before the first line of what it calls."""

    class Alarm(BaseException):
        pass

    def ring(*_):
        raise Alarm

    op = gg.primitive(partials=lambda y, x: y, name="exponential")(lambda x: math.exp(x))

    def f(x):
        for k in range(40):
            x = gg.sin(x) + gg.cos(gg.exp(-x * x) + k)
        return op(x)

    batch = gg.vmap(f, threads=1)
    xs = np.tile(X, 40)
    batch(xs)
    for kernel in batch.kernels():
        kernel.wait()
    before = signal.signal(signal.SIGALRM, ring)
    try:
        for k in range(20):
            try:
                signal.setitimer(signal.ITIMER_REAL, 0.002 + 0.0005 * k)
                while True:
                    batch(xs)
            except Alarm:
                assert not callback.pending
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_threads_and_calls_inside_calls():
    inner = gg.jit(lambda x: soft(x) + 1)
    op = gg.primitive(partials=lambda y, x: y, name="outer")(lambda x: inner(float(x)) if type(x) is float else None)
    batch, one = gg.vmap(lambda x: op(x) * 2, threads=4), gg.jit(lambda x: op(x) * 2)
    wanted = np.array([2 * (math.exp(x) + x + 1) for x in X])
    wrong: list[Any] = []

    def work():
        try:
            for _ in range(10):
                np.testing.assert_allclose(batch(X), wanted, rtol=1e-13)
                assert one(0.0) == 4.0
        except BaseException as error:
            wrong.append(error)

    some = [threading.Thread(target=work) for _ in range(4)]
    [thread.start() for thread in some]
    [thread.join() for thread in some]
    assert not wrong


# From process to process


MODULE = """
import ctypes, ctypes.util, math, sys
import numpy as np
import scipy.special
import glassgrad as gg

@gg.primitive(partials=lambda y, x: y)
def {name}(x):
    return math.{function}(x)

bessel = gg.primitive(partials=lambda y, x: 1.0, name="bessel")(scipy.special.j0)

def f(x):
    return {name}(x) * 2 + bessel(x)

batch = gg.vmap(f)
"""


def run(folder, code, cache=None):
    import os

    environment = {**os.environ, "GLASSGRAD_CACHE": str(cache)} if cache else None
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=folder, env=environment, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def test_compiled_functions_with_primitives_pickle(tmp_path):
    (tmp_path / "own.py").write_text(MODULE.format(name="mine", function="exp"))
    save = (
        "import own, pickle, numpy as np; own.batch(np.ones(9)); one = own.gg.jit(own.f); one(1.0); "
        "print(pickle.dumps((own.batch, one)).hex())"
    )
    text = run(tmp_path, save).strip()
    load = f"import pickle, numpy as np; b, j = pickle.loads(bytes.fromhex({text!r})); print(b(np.zeros(9))[0], j(0.0))"
    assert run(tmp_path, load).split() == ["3.0", "3.0"]
    # What was traced is of the table's operations, and needs no name
    free = gg.jit(gg.primitive(partials=lambda y, x: y)(lambda x: x * x))
    free(2.0)
    assert pickle.loads(pickle.dumps(free))(3.0) == 9.0


def test_code_on_disk_has_no_addresses(tmp_path):
    """Nor does it tell functions apart: the next process gives it its own."""
    cache = tmp_path / "cache"
    for name, function, value in (("mine", "exp", 3), ("mine", "exp", 3), ("yours", "cos", 3), ("his", "sin", 1)):
        (tmp_path / f"own_{name}.py").write_text(MODULE.format(name=name, function=function))
        code = f"import own_{name} as o, numpy as np; print(o.batch(np.zeros(9))[0], o.gg.jit(o.f)(0.0))"
        assert run(tmp_path, code, cache).split() == [f"{value:.1f}"] * 2
    assert len(list(cache.glob("*.kernel"))) == 2
