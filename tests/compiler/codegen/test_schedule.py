"""The order of instructions: nothing is lost, nothing runs before what it needs, and no bit of a result changes."""

from __future__ import annotations

import itertools
import re

import numpy as np
import optree
import pytest

import glassgrad as gg

pytest.importorskip("llvmlite")

from glassgrad.compiler.codegen import module
from glassgrad.compiler.codegen.batch_kernel import batch_module
from glassgrad.compiler.codegen.instructions import Binary, Block, Call, Load, Phi, Store
from glassgrad.compiler.codegen.module import INLINED
from glassgrad.compiler.codegen.schedule import LEAST, critical_path, schedule
from glassgrad.compiler.llvm.target import level
from glassgrad.compiler.runtime import kernel, kernel_store

TRIPLE = "x86_64-unknown-linux-gnu"

EIGHT = "<8 x double>"
CHAIN = [Binary(f"%a{i + 1}", "fmul", EIGHT, f"%a{i}", "%x") for i in range(LEAST)]
OTHER = [Binary(f"%b{i + 1}", "fmul", EIGHT, f"%b{i}", "%x") for i in range(LEAST)]
NAME = re.compile(r"%[\w.]+")


def price(s, k, r, v, t):
    spread = v * gg.sqrt(t)
    d = (gg.log(s / k) + r * t) / spread + 0.5 * spread
    return s * gg.norm_cdf(d) - k * gg.exp(-r * t) * gg.norm_cdf(d - spread)


def branching(x, y):
    while x < 1.0:
        x = x * x + gg.exp(y) + 0.5
    return gg.erf(x) * gg.sin(y) if y > 0.0 else gg.tanh(x) / (1.0 + gg.exp(-y))


def once(x, y):
    """Parted once, and in each part one thing waits for another."""
    a, b = (0.9, 0.3) if x > 0.0 else (0.5, 0.7)
    for _ in range(4):
        y = a * y + b * gg.exp(-(y * y))
    return y


def again(x, y):
    """Lanes that have diverged diverge again."""
    y = once(x, y)
    return y if y > 1.5 * x else once(-x, y)


def text_of(function, *args, vectors, wide=1, target=None):
    lowered = gg.vmap(function).lower(*args)
    target = target or lowered.target
    target = target._replace(lanes=wide * target.lanes)
    return batch_module(lowered.tape, lowered._inputs, lowered._outputs, target, INLINED, False, vectors).text


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


def block_of(instructions):
    block = Block("entry")
    block.instructions = list(instructions)
    return block


def scheduled(instructions, **options):
    """The same instructions in the order that they are given."""
    block = block_of(instructions)
    schedule(block, **options)
    assert set(block.instructions) == set(instructions)
    assert len(block) == len(instructions)
    return block.instructions


def test_two_chains_run_side_by_side():
    order = scheduled([*CHAIN, *OTHER])
    places = [order.index(instruction) for instruction in OTHER]
    assert places[0] <= 2
    assert places == sorted(places)
    assert order != [*CHAIN, *OTHER]


def test_short_blocks_and_calls_stay_as_they_are():
    few = CHAIN[: LEAST - 1]
    assert scheduled(few) == few
    calls = [*CHAIN, Call("", "void", "@piece0", [("ptr", "%ins")]), *OTHER]
    assert scheduled(calls) == calls


def test_phis_stay_in_front():
    block = block_of([])
    phi = Phi("%p", "i64", [("0", block)])
    assert scheduled([phi, *CHAIN, *OTHER])[0] is phi


def test_memory_is_read_and_written_in_turn():
    before = Load("%old", "double", "%at", 8, False)
    store = Store(EIGHT, f"%a{LEAST}", "%at", 8)
    after = Load("%new", "double", "%at", 8, False)
    given = Load("%given", "double", "%in", 8, True)
    last = Store("double", "%new", "%to", 8)
    order = scheduled([*CHAIN, before, store, after, given, last, *OTHER])
    at = {instruction: place for place, instruction in enumerate(order)}
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
        kernel_store._kernels.clear()  # else code that is there already would be used again
        found = []
        for function, given in (
            (gg.value_and_grad(price, argnums=(0, 2, 3)), args),
            (gg.grad(branching), pairs),
            (gg.value_and_grad(once, argnums=1), pairs),
        ):
            batch = gg.vmap(function)
            batch(*given)
            for made in batch.kernels():
                made.wait()
            found += optree.tree_leaves(batch(*given))
        return found

    ordered = results()
    monkeypatch.setattr(module, "schedule", lambda block, *_: None)
    plain = results()
    monkeypatch.setattr(kernel, "WIDE", 0)
    narrow = results()
    for others in (plain, narrow):
        for a, b in zip(ordered, others, strict=True):
            np.testing.assert_array_equal(a, b)


def most_live(instructions):
    """How many values are needed at once, at most, beside those that come from elsewhere."""
    made, needed = {}, []
    for i, instruction in enumerate(instructions):
        needed += [(made[name], i) for name in instruction.operands() if name in made]
        made[instruction.result] = i
    last = {}
    for start, end in needed:
        last[start] = max(end, last.get(start, 0))
    return max(sum(start < i < end for start, end in last.items()) for i in range(len(instructions)))


def test_where_registers_run_out_what_frees_some_goes_first():
    """Many quotients that are stored: first all divisions, as they take longest, or each result once it is there."""
    divisions = [Binary(f"%p{i}", "fdiv", EIGHT, "%x", f"%y{i}") for i in range(40)]
    sums = [Binary(f"%s{i}", "fadd", EIGHT, "%x", f"%p{i}") for i in range(40)]
    stores = [Store(EIGHT, f"%s{i}", f"%at{i}", 8) for i in range(40)]
    lavish, frugal = (scheduled([*divisions, *sums, *stores], registers=n) for n in (64, 8))
    assert most_live(lavish) > 20
    assert most_live(frugal) <= 9


def test_the_critical_path_is_how_long_a_block_takes_at_least():
    assert critical_path([block_of(CHAIN)]) == (LEAST, 4.0)
    assert critical_path([block_of([*CHAIN, *OTHER])]) == (2 * LEAST, 2.0)
    assert critical_path([block_of([]), block_of(CHAIN), block_of(OTHER[:3])]) == (LEAST, 4.0), "of the longest"


def test_several_vectors_side_by_side_are_for_what_waits():
    """Newton's iteration is one chain; the gradient of a sum of many small terms is not, nor are many results. Behind a
    branch it pays where the lists stay long."""

    def root(a):
        x = a
        for _ in range(6):
            x = x - (x * x - a) / (x + x)
        return x

    def terms(*xs):
        return sum(100 * (b - a * a) ** 2 + (1 - a) ** 2 for a, b in itertools.pairwise(xs))

    def results(x, y):
        return tuple(x * k + y / (y + k) for k in range(1, 41)) if x > 1.0 else (x,) * 40

    cases = [
        (root, 1, True),
        (gg.grad(terms, argnums=tuple(range(10))), 10, False),
        (lambda x, y: once(x - 1.0, y), 2, True),
        (results, 2, False),
        (lambda x, y: again(x - 1.0, y), 2, False),
    ]
    for function, count, wide in cases:
        batch = gg.vmap(function)
        batch(*np.random.default_rng(0).uniform(0.5, 2.0, (count, 3000)))
        (made,) = batch.kernels()
        made.wait()
        assert (made.wide is not None) is wide, function
        assert made.text().again is (function is cases[-1][0])


def test_all_lines_of_the_next_block_are_brought_near():
    pairs = np.linspace(-2.0, 2.0, 64), np.linspace(-1.0, 3.0, 64)
    one, four = (
        text_of(once, *pairs, vectors=n, wide=n, target=level("avx512", TRIPLE)).count("@llvm.prefetch.p0(ptr %")
        for n in (1, 4)
    )
    assert one > 0
    assert four == 4 * one


def test_only_x86_64_is_told_of_another_processor():
    pairs = np.linspace(-2.0, 2.0, 64), np.linspace(-1.0, 3.0, 64)
    assert "tune-cpu" in text_of(once, *pairs, vectors=1, target=level("avx2", TRIPLE))
    assert "tune-cpu" not in text_of(once, *pairs, vectors=1, target=level("neon", "aarch64-unknown-linux-gnu"))
