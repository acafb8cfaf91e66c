"""A kernel in phases has the bits of the kernel that runs round after round."""

import ctypes
import math
import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st
from tests.helpers.rolled_tapes import random_rolled_tape, rolled_tapes
from tests.helpers.rounds import loops_of_rounds, random_loops

import glassgrad as gg
from glassgrad.compiler.codegen.layout import BROADCAST, Form
from glassgrad.compiler.codegen.mathlib.machine_code import addresses
from glassgrad.compiler.codegen.rolled import cut
from glassgrad.compiler.codegen.rolled.kernel import is_rollable, rolled_module
from glassgrad.compiler.codegen.rolled.phased import phased_module
from glassgrad.compiler.ir.loops import Loop
from glassgrad.compiler.ir.tape import Outputs, Segment, Tape
from glassgrad.compiler.llvm import machine
from glassgrad.compiler.llvm.host import host
from glassgrad.compiler.llvm.target import Target, level
from glassgrad.compiler.rolling import rounds
from glassgrad.compiler.rolling.roll import roll
from glassgrad.compiler.runtime.memory import Scratch
from glassgrad.compiler.runtime.threads import KERNEL
from glassgrad.core import ops


@pytest.fixture(autouse=True, scope="module")
def every_loop_is_worth_it():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cut, "WORTH", 1)
        patch.setattr(rounds, "LEAST", 2)
        yield


def run(text: Any, arrays: list[Any], forms: list[Form], results: int) -> tuple[int, Any]:
    """Run a kernel for one call. Return the path and the results."""
    target = host().scalar()
    data = {symbol: np.concatenate([numbers, np.zeros(64, np.uint8)]) for symbol, numbers in (text.data or {}).items()}
    used = addresses(text.needs, target) | {symbol: numbers.ctypes.data for symbol, numbers in data.items()}
    loaded = machine.load_parts(text.module.parts(), target, 0, "kernel", used)
    out = np.full(max(results, 1), np.nan)
    ins = np.array([x for array in arrays for x in (array.ctypes.data, 0, array.itemsize)], np.int64)
    outs = np.array([out.ctypes.data, 0, 8], np.int64)
    scratch = Scratch(text.scratch)
    return KERNEL(loaded.address)(0, 1, 1, ins.ctypes.data, outs.ctypes.data, scratch.address, 0), out


def check(rolled: Tape, seed: int, target: Target) -> bool:
    """Compare both kernels. Return whether there is one in phases."""
    rng = np.random.default_rng(seed)
    cuts = sorted(rng.integers(0, rolled.inputs + 1, 2).tolist())
    forms, arrays, first = [], [], 0
    for k, size in enumerate(np.diff([0, *cuts, rolled.inputs]).tolist()):
        forms.append(Form(first, size, BROADCAST, k == 1))
        arrays.append(rng.standard_normal(size + 1).astype(np.float32 if k == 1 else float))
        first += size
    results = rolled.outputs()
    outputs = [Form(0, results, BROADCAST)]
    text = phased_module(rolled, forms, outputs, target)
    expected = run(rolled_module(rolled, forms, outputs, target, "scalar"), arrays, forms, results)
    found = run(text, arrays, forms, results)
    assert expected[0] == found[0]
    if found[0] >= 0:
        assert same_bits(expected[1], found[1])
    return "phase0" in text.text


def same_bits(a: Any, b: Any) -> bool:
    """Whether two arrays have the same bits, but for those of nan."""
    known = ~np.isnan(a)
    return np.array_equal(a, b, equal_nan=True) and np.array_equal(np.signbit(a[known]), np.signbit(b[known]))


@settings(max_examples=40)
@given(loops_of_rounds(), st.integers(0, 1000))
def test_phases_have_the_bits_of_the_loops(tape, seed):
    note(str(tape))
    check(roll(tape, 1), seed, host())


@pytest.mark.parametrize("seed", range(30))
def test_seeded_phases_have_the_bits_of_the_loops(seed):
    check(roll(random_loops(random.Random(seed)), 1), seed, host())


def test_most_of_these_loops_have_phases():
    tapes = [roll(random_loops(random.Random(seed)), 1) for seed in range(12)]
    assert sum(check(tape, 0, host()) for tape in tapes) >= 8


def test_functions_of_the_user_stay_in_one_kernel():
    """Their names are numbers of one tape: cut into phases, the code would call another function."""
    double = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)
    one, two = (gg.primitive(double(math.sqrt), partials=(None,), name=f"outside{k}") for k in (1, 2))
    tape = Tape(["x"])
    tape.constants = [2.0]
    tape.ops, tape.args = [one, ops.mul, two], [(0,), (0, ~0), (2,)]
    tape.loops = [Loop(0, 1, 40, -1), Loop(1, 2, 40, -1), Loop(2, 3, 40, -1)]
    tape.segments = [Segment(0, 3, -1, Outputs((1, 3)))]
    text = phased_module(tape, [Form(0, 1, BROADCAST)], [Form(0, 2, BROADCAST)], host())
    assert "phase0" not in text.text


@settings(max_examples=60)
@given(rolled_tapes().filter(is_rollable), st.integers(0, 1000))
def test_loops_of_every_kind_with_few_lanes(tape, seed):
    """Asserts, ragged loops and values carried over several rounds, for two lanes."""
    check(tape, seed, level("sse2", host().triple))


@pytest.mark.parametrize("seed", range(20))
def test_seeded_loops_of_every_kind(seed):
    tape = random_rolled_tape(random.Random(seed))
    if is_rollable(tape):
        check(tape, seed, level("sse2", host().triple))
