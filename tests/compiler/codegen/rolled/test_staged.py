"""A kernel in stages has the bits of the kernel that runs round after round."""

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st
from tests.helpers.rounds import loops_of_rounds, random_loops

from glassgrad.compiler.codegen.layout import BROADCAST, Form
from glassgrad.compiler.codegen.mathlib.machine_code import addresses
from glassgrad.compiler.codegen.rolled import cut
from glassgrad.compiler.codegen.rolled.kernel import rolled_module
from glassgrad.compiler.codegen.rolled.staged import staged_module
from glassgrad.compiler.ir.tape import Tape
from glassgrad.compiler.llvm import machine
from glassgrad.compiler.llvm.host import host
from glassgrad.compiler.rolling.roll import roll
from glassgrad.compiler.runtime.memory import Scratch
from glassgrad.compiler.runtime.threads import KERNEL


@pytest.fixture(autouse=True, scope="module")
def every_loop_is_worth_it():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cut, "WORTH", 1)
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


def check(tape: Tape, seed: int) -> bool:
    """Compare both kernels. Return whether there is one in stages."""
    rng = np.random.default_rng(seed)
    cuts = sorted(rng.integers(0, tape.inputs + 1, 2).tolist())
    sizes = np.diff([0, *cuts, tape.inputs]).tolist()
    forms, arrays, first = [], [], 0
    for k, size in enumerate(sizes):
        forms.append(Form(first, size, BROADCAST, k == 1))
        arrays.append(rng.standard_normal(size + 1).astype(np.float32 if k == 1 else float))
        first += size
    results = tape.outputs()
    outputs = [Form(0, results, BROADCAST)]
    rolled = roll(tape, 1)
    text = staged_module(rolled, forms, outputs, host())
    expected = run(rolled_module(rolled, forms, outputs, host(), "scalar"), arrays, forms, results)
    found = run(text, arrays, forms, results)
    assert expected[0] == found[0]
    assert np.array_equal(expected[1].view(np.int64), found[1].view(np.int64)) or np.array_equal(
        expected[1], found[1], equal_nan=True
    )
    return "stage0" in text.text


@settings(max_examples=40)
@given(loops_of_rounds(), st.integers(0, 1000))
def test_stages_have_the_bits_of_the_loops(tape, seed):
    note(str(tape))
    check(tape, seed)


@pytest.mark.parametrize("seed", range(30))
def test_seeded_stages_have_the_bits_of_the_loops(seed):
    check(random_loops(random.Random(seed)), seed)
