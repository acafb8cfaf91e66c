"""The order of instructions: nothing is lost, nothing runs before what it needs, and no bit of a result changes."""

from __future__ import annotations

import re

import numpy as np
import optree
import pytest

import glassgrad as gg

pytest.importorskip("llvmlite")

from glassgrad.compiler import kernel
from glassgrad.compiler.batch import batch_module
from glassgrad.compiler.module import INLINED
from glassgrad.compiler.schedule import LEAST, scheduled

CHAIN = [f"  %a{i + 1} = fmul <8 x double> %a{i}, %x" for i in range(LEAST)]
OTHER = [f"  %b{i + 1} = fmul <8 x double> %b{i}, %x" for i in range(LEAST)]
NAME = re.compile(r"%[\w.]+")


def price(s, k, r, v, t):
    spread = v * gg.sqrt(t)
    d = (gg.log(s / k) + r * t) / spread + 0.5 * spread
    return s * gg.norm_cdf(d) - k * gg.exp(-r * t) * gg.norm_cdf(d - spread)


def branching(x, y):
    while x < 1.0:
        x = x * x + gg.exp(y) + 0.5
    return gg.erf(x) * gg.sin(y) if y > 0.0 else gg.tanh(x) / (1.0 + gg.exp(-y))


def text_of(function, *args, vectors):
    lowered = gg.vmap(function).lower(*args)
    return batch_module(lowered.tape, lowered._inputs, lowered._outputs, lowered.target, INLINED, False, vectors).text


def bodies(text):
    """The blocks of each function of a module, as lists of lines."""
    for function in re.findall(r"^define [^\n]*\n(.*?)^}", text, re.S | re.M):
        block = []
        for line in function.splitlines():
            if re.match(r"[\w.]+:", line):
                yield block
                block = []
            else:
                block.append(line)
        yield block


def test_two_chains_run_side_by_side():
    order = scheduled([*CHAIN, *OTHER])
    assert sorted(order) == sorted([*CHAIN, *OTHER])
    places = [order.index(line) for line in OTHER]
    assert places[0] <= 2
    assert places == sorted(places)
    assert order != [*CHAIN, *OTHER]


def test_few_lines_and_calls_stay_as_they_are():
    few = CHAIN[: LEAST - 1]
    assert scheduled(few) == few
    calls = [*CHAIN, "  call void @piece0(ptr %ins)", *OTHER]
    assert scheduled(calls) == calls


def test_blocks_are_put_in_order_each_for_itself():
    second = ["  %p = phi i64 [ 0, %entry ]", *OTHER]
    order = scheduled([*CHAIN, *OTHER, "  br label %next", "next:", *second, "  ret void"])
    cut = order.index("next:")
    assert set(order[: cut - 1]) == {*CHAIN, *OTHER}
    assert order[cut - 1] == "  br label %next"
    assert order[cut + 1].startswith("  %p = phi")
    assert order[-1] == "  ret void"


def test_memory_is_read_and_written_in_turn():
    block = [
        *CHAIN,
        "  %old = load double, ptr %at, align 8",
        f"  store <8 x double> %a{LEAST}, ptr %at, align 8",
        "  %new = load double, ptr %at, align 8",
        "  %given = load double, ptr %in, align 8, !invariant.load !0",
        "  store double %new, ptr %to, align 8",
        *OTHER,
    ]
    order = scheduled(block)
    at = {line: place for place, line in enumerate(order)}
    before, store, after, given, last = block[LEAST : LEAST + 5]
    assert at[before] < at[store] < at[after] < at[last]
    assert at[given] < at[store], "what nobody writes need not wait for a store at the end of a chain"


@pytest.mark.parametrize("vectors", [1, 2])
@pytest.mark.parametrize(
    ("function", "args"),
    [(gg.value_and_grad(price, argnums=(0, 1, 2, 3, 4)), [np.full(9, 0.5)] * 5),
     (gg.hessian(price, argnums=(0, 1)), [np.full(9, 0.5)] * 5),
     (gg.grad(branching), [np.linspace(-2.0, 2.0, 64), np.linspace(-1.0, 3.0, 64)])],
    ids=["greeks", "hessian", "branches"],
)  # fmt: skip
def test_every_instruction_is_there_behind_what_it_needs(function, args, vectors):
    plain, ordered = (text_of(function, *args, vectors=n) for n in (0, vectors))
    assert ordered == text_of(function, *args, vectors=vectors), "the same each time"
    changed = 0
    for before, after in zip(bodies(plain), bodies(ordered), strict=True):
        assert sorted(before) == sorted(after)
        changed += before != after
        lines = [line.strip() for line in after if " phi " not in line]
        waiting = {line.split()[0] for line in lines if line.startswith("%")}
        for line in lines:
            result, _, rest = line.partition(" = ") if line.startswith("%") else ("", "", line)
            assert not set(NAME.findall(rest)) & waiting, line
            waiting.discard(result)
    assert changed


def test_no_bit_of_a_result_depends_on_it(monkeypatch):
    rng = np.random.default_rng(0)
    args = rng.uniform(0.1, 2.0, (5, 5000))
    pairs = rng.uniform(-3.0, 3.0, (2, 5000))

    def results():
        found = []
        for function, given in ((gg.value_and_grad(price, argnums=(0, 2, 3)), args), (gg.grad(branching), pairs)):
            batch = gg.vmap(function)
            batch(*given)
            for _, made in batch._kernels.values():
                made.wait()
            found += optree.tree_leaves(batch(*given))
        return found

    ordered = results()
    monkeypatch.setattr(kernel, "DENSE", float("inf"))
    plain = results()
    for a, b in zip(ordered, plain, strict=True):
        np.testing.assert_array_equal(a, b)
