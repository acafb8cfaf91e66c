"""Twice the program is about twice the work, for a whole first call and for the better code that follows.

Programs grow in five directions: operations, guards, inputs, results, lanes. `test_growth.py` judges each stage of the
compiler on its own; here all of them run, marshalling included. Work is counted, not timed: calls that Python makes,
into C too, and LLVM instructions that are written.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import glassgrad as gg
from helpers.work import calls, instructions

pytest.importorskip("llvmlite")

from glassgrad.compiler import account

pytestmark = pytest.mark.usefixtures("all_code_is_long")

MOST = 2.6  # times the work for twice the program; without what each program takes at least
LANES = 16


@pytest.fixture(autouse=True)
def _time_stands_still(monkeypatch):
    """Else how often a function is traced depends on how long that took."""
    monkeypatch.setattr(account, "clock", lambda: 0.0)


def operations(n: int) -> Any:
    def f(x):
        for k in range(n):
            x = x * 0.5 + gg.sin(x) * (0.1 + k)
        return x

    return f, 0.5


def guards(n: int) -> Any:
    def f(x):
        count = 0.0
        while count < x:
            count, x = count + 1.0, x - 0.0001
        return count * x

    return f, float(n)


def inputs(n: int) -> Any:
    return (lambda x: (x * gg.sin(x)).sum()), np.linspace(0.5, 1.5, n)


def results(n: int) -> Any:
    return (lambda x: [x * k + gg.sin(x) / (k + 1) for k in range(n)]), 0.5


DIRECTIONS = [operations, guards, inputs, results]


def total(f: Callable[..., Any]) -> Callable[..., Any]:
    """The sum of all results, which has a gradient."""
    return lambda x: sum(y) if isinstance(y := f(x), list) else y


def rows(x: Any) -> Any:
    """The argument for ``LANES`` lanes."""
    return np.stack([np.asarray(x)] * LANES)


TRANSFORMS: dict[str, Callable[[Any, Any], tuple[Any, Any]]] = {
    "grad": lambda f, x: (gg.grad(total(f)), x),
    "jit": lambda f, x: (gg.jit(f), x),
    "jit of grad": lambda f, x: (gg.jit(gg.value_and_grad(total(f))), x),
    "vmap": lambda f, x: (gg.vmap(f), rows(x)),
    "vmap of grad": lambda f, x: (gg.vmap(gg.value_and_grad(total(f))), rows(x)),
    "vmap with reduce": lambda f, x: (gg.vmap(gg.value_and_grad(total(f)), reduce="sum"), rows(x)),
}


# The default run has those of gradients, which do all the work of the others.
CASES = [pytest.param(name, marks=() if name.endswith("of grad") else pytest.mark.slow) for name in TRANSFORMS]


def lanes_of(transform: str, n: int) -> tuple[Any, Any]:
    x = np.linspace(0.5, 1.5, n)
    f = lambda x: x * gg.sin(x) if x > 0.0 else -n * x
    batch = lambda x: gg.vmap(f)(x).sum()
    if transform.startswith("vmap"):
        function, _ = TRANSFORMS[transform](f, 0.5)
        return function, x
    return TRANSFORMS[transform](batch, x)


def judge(make: Callable[[int], tuple[Any, Any]], sizes: tuple[int, ...]) -> None:
    """Call the functions that ``make`` gives, each for the first time; then write their better code."""
    function, argument = make(sizes[0])
    function(argument)  # what is done once in a process
    first, better, early, late = [], [], [], []
    for size in sizes:
        function, argument = make(size)
        first.append(calls(lambda function=function, argument=argument: function(argument)))
        kernels = function.kernels() if hasattr(function, "kernels") else []
        early.append(sum(instructions(kernel.text(kernel.first).text) for kernel in kernels))
        texts: list[str] = []
        better.append(calls(lambda kernels=kernels, texts=texts: texts.extend(k.text().text for k in kernels)))
        late.append(sum(map(instructions, texts)))
    for counts in (first, better, early, late):
        one, two, four = counts
        assert four - two <= MOST * max(two - one, one / 4), (first, better, early, late)


@pytest.mark.parametrize("transform", CASES)
@pytest.mark.parametrize("direction", DIRECTIONS, ids=lambda direction: direction.__name__)
def test_a_first_call_is_linear(direction, transform):
    judge(lambda n: TRANSFORMS[transform](*direction(n)), (30, 60, 120))


@pytest.mark.parametrize("transform", CASES)
def test_a_first_call_is_linear_in_lanes(transform):
    judge(lambda n: lanes_of(transform, n), (60, 120, 240))
