"""Functions with loops: code with loops, straight code and the interpreter give the same bits.

And they agree with Python.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import glassgrad as gg
from glassgrad.compiler.ir.interpret import interpret
from glassgrad.compiler.runtime import forms
from helpers.branching import code_for, runnable
from helpers.loop_nests import LoopNest, loop_nests

LANES = 11
FEW = settings(max_examples=8, deadline=None)
CALLS = ["jit", "vmap", "reduce"]
POINT = 0.3, -0.7, 1.1


@contextlib.contextmanager
def rolling(choice: str, least: int = 8) -> Iterator[None]:
    """Compile code with loops ("1") or without ("0"). Find loops in pieces of at least ``least`` operations."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GLASSGRAD_ROLL", choice)
        patch.setattr(forms, "ROLL_FROM", least)
        yield


def bits(results: Any) -> bytes:
    numbers = np.concatenate(results_of(results))
    return np.where(np.isnan(numbers), np.nan, numbers).tobytes()


def results_of(results: Any) -> list[Any]:
    if isinstance(results, (list, tuple)):
        return [x for one in results for x in results_of(one)]
    return [np.ravel(results).astype(float)]


def sum_of(f: Any) -> Any:
    """The sum of a function's results, so that it has a gradient."""
    return lambda *xs: sum(f(*xs))


TRANSFORMS = {
    "value": lambda f: f,
    "grad": lambda f: gg.grad(sum_of(f), argnums=(0, 1, 2)),
    "jacobian": lambda f: gg.jacobian(f, argnums=(0, 1)),
    "hessian": lambda f: gg.hessian(sum_of(f), argnums=(0, 1)),
    "nested": lambda f: gg.grad(lambda x, y, z: gg.grad(sum_of(f))(x, y, z) * y, argnums=(0, 1)),
}


def compiled(f: Any, how: str) -> Any:
    """What code gives for ``f``, called in the way ``how``."""
    columns = [np.linspace(x - 0.5, x + 0.5, LANES) for x in POINT]
    if how == "jit":
        return gg.jit(f)(*POINT)
    if how == "vmap":
        return gg.vmap(f)(*columns)
    return gg.vmap(f, reduce="sum")(*columns)


@pytest.fixture(autouse=True)
def _patient():
    before, gg.config.compile_budget = gg.config.compile_budget, math.inf
    yield
    gg.config.compile_budget = before


def check(transform: str, how: str, nest: LoopNest) -> None:
    """Assert that code with loops and straight code give the same bits."""
    f = TRANSFORMS[transform](nest.function)
    found = []
    for choice in "01":
        with rolling(choice):
            found.append(bits(compiled(f, how)))
    assert found[0] == found[1]


@pytest.mark.skipif(not runnable(), reason="no machine code")
@given(transform=st.sampled_from(list(TRANSFORMS)), how=st.sampled_from(CALLS), nest=loop_nests())
@FEW
def test_loops_or_not_gives_the_same_bits(transform: str, how: str, nest: LoopNest):
    check(transform, how, nest)


@pytest.mark.slow
@pytest.mark.skipif(not runnable(), reason="no machine code")
@pytest.mark.parametrize("transform", TRANSFORMS)
@pytest.mark.parametrize("how", CALLS)
@given(nest=loop_nests())
@settings(max_examples=15, deadline=None)
def test_loops_or_not_gives_the_same_bits_for_each_transform(transform: str, how: str, nest: LoopNest):
    check(transform, how, nest)


@pytest.mark.skipif(not runnable(), reason="no machine code")
@given(nest=loop_nests(exact=True), transform=st.sampled_from(["value", "grad"]))
@FEW
def test_code_gives_what_the_interpreter_gives(nest: LoopNest, transform: str):
    with code_for("sse2" if "sse2" in runnable() else runnable()[0]), rolling("1"):
        f = gg.vmap(TRANSFORMS[transform](nest.function))
        columns = [np.linspace(x - 0.5, x + 0.5, LANES) for x in POINT]
        results, source = f(*columns), f.lower(*columns).source
        assert bits(results) == bits(interpret(source, columns, LANES)[0])


@pytest.mark.parametrize("choice", "01")
@pytest.mark.skipif(not runnable(), reason="no machine code")
def test_the_bits_of_a_path_do_not_depend_on_other_paths(choice: str):
    def decay(x, c):
        before, total, rounds = [], 0.0, 0
        while x > 0.5 and rounds < 30:
            before.append(x)
            total = total + x * c
            x = x * c
            rounds += 1
        q = total
        for _ in range(12):
            q = q * c + x * c
        return (q + x * c) * total, before[rounds // 2] * c + total  # a product that the loop has computed, too

    points = [[np.linspace(x, 1.0001 * x, 16), np.full(16, c)] for x, c in ((3.0, 0.8), (5.0, 0.9), (2.1, 0.5))]
    with rolling(choice):
        alone = [bits(gg.vmap(decay)(*point)) for point in points]
        f = gg.vmap(decay)
        for point in points:
            f(*point)
        assert f.lower(*points[0]).source.paths == len(points)
        together = [bits(f(*point)) for point in points]
    assert alone == together


def powers(x, y):
    total = 0.0
    for k in range(400):
        y = gg.sin(y) * x + [0.5, 0.25, -1.0][k % 3]
        total = total + y * (k + 1.0)
    return total


def longer(x, y):
    for _ in range(6):
        y = powers(x, y)
    return y


def test_lower_shows_the_loops():
    f = gg.jit(gg.grad(powers))
    lowered = f.lower(0.3, 0.7)
    assert not lowered.source.loops
    assert lowered.tape.loops
    assert "for t0 in 0.." in str(lowered.tape)
    assert len(lowered.tape.ops) < 200 < len(lowered.source.ops)


@pytest.mark.skipif(not runnable(), reason="no machine code")
@pytest.mark.parametrize("compile", [gg.jit, gg.vmap])
def test_code_with_loops_is_kept_on_disk_with_its_tables(compile, tmp_path, monkeypatch):
    from glassgrad.compiler.runtime import kernel_store

    monkeypatch.setattr(gg.config, "cache", tmp_path)
    arguments = (0.3, 0.7) if compile is gg.jit else (np.linspace(0.1, 0.9, 16), np.full(16, 0.7))
    found = []
    for _ in range(2):
        kernel_store._kernels.clear()
        with rolling("1"):
            f = compile(gg.grad(powers))
            found.append(bits(f(*arguments)))
            (kernel,) = f.kernels()
            assert kernel.tape.loops
        if found[1:]:
            break
        monkeypatch.setattr(type(kernel), "text", None)  # from now on no code is written
    assert found[0] == found[1]


@pytest.mark.skipif(not runnable(), reason="no machine code")
def test_code_with_loops_for_one_call_is_final_at_once():
    f = gg.jit(longer)
    f(0.3, 0.7)
    (kernel,) = f.kernels()
    assert kernel.tape.loops
    assert kernel.final
    assert kernel.first == 1


@pytest.mark.skipif(not runnable(), reason="no machine code")
def test_long_code_with_loops_is_final_at_once():
    f = gg.vmap(gg.grad(longer))
    f(np.linspace(0.1, 0.9, 64), np.full(64, 0.7))
    (kernel,) = f.kernels()
    assert kernel.tape.loops
    assert kernel.final
    assert kernel.executed > 10_000 > 5 * len(kernel.tape.ops)


@pytest.mark.skipif(not runnable(), reason="no machine code")
@pytest.mark.parametrize("choice", "01")
def test_a_short_loop_with_guards_has_code(choice: str):
    def decay(x):
        for _ in range(20):
            x = x * 0.5 + 1 if x > 0 else -x
        return x

    with rolling(choice):
        assert gg.jit(decay)(3.0) == decay(3.0)
        assert gg.vmap(decay)(np.full(5, 3.0)).tolist() == [decay(3.0)] * 5


@pytest.mark.skipif(not runnable(), reason="no machine code")
@pytest.mark.parametrize("reduce", [None, "sum"])
def test_code_with_loops_does_not_grow_with_a_list_of_columns(reduce: str | None):
    def lengths(size: int) -> int:
        columns = [np.linspace(k, k + 1, LANES) for k in range(size)]
        f = gg.vmap(lambda xs: [gg.sin(x) for x in xs], reduce=reduce)
        with rolling("1"):
            expected = [np.sin(x).sum() if reduce else np.sin(x) for x in columns]
            np.testing.assert_allclose(f(columns), expected, atol=1e-12)
            return len(f.lower(columns).llvm)

    assert lengths(2000) < 1.1 * lengths(1000)


@pytest.mark.skipif(not runnable(), reason="no machine code")
def test_many_functions_are_worth_loops_earlier_in_a_batch():
    def repeated(x: Any) -> Any:
        for _ in range(120):
            x = gg.tanh(x) + 1.0
        return x

    jitted, mapped = gg.jit(gg.grad(repeated)), gg.vmap(gg.grad(repeated))
    one, batch = jitted.lower(0.5), mapped.lower(np.ones(LANES))
    assert str(one.tape) == str(batch.tape)
    assert forms.executed(one.tape) < 3000
    executed = {}
    for kind, f, x in (("jit", jitted, 0.5), ("vmap", mapped, np.ones(LANES))):
        f(x)
        executed[kind] = [kernel.loops for kernel in f.kernels()]
    assert executed == {"jit": [False], "vmap": [True]}


@pytest.mark.skipif(not runnable(), reason="no machine code")
@pytest.mark.parametrize("reduce", [None, "sum"])
def test_many_results_of_each_lane_are_worth_loops_only_if_they_are_summed(reduce):
    def loss(w: Any) -> Any:
        return sum(gg.tanh(gg.tanh(w_k) * 0.5) for w_k in w)

    batch = gg.vmap(gg.grad(loss), reduce=reduce)
    batch(np.ones((LANES, 60)))
    (program,) = batch.programs.values()
    assert forms.executed(forms.improved(program.tape, True)) < 3000
    assert [kernel.loops for kernel in batch.kernels()] == [reduce == "sum"]
