"""Passes on tapes with loops: they keep the results to the last bit, and find in a body what they find on a flat tape."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassgrad.compiler.ir import passes
from glassgrad.compiler.ir.expand import expand
from glassgrad.compiler.ir.interpret import interpret
from glassgrad.compiler.ir.loops import Executions
from glassgrad.compiler.ir.passes.normalise import is_same, settled
from glassgrad.compiler.ir.tape import Tape, verify
from helpers.rolled_tapes import random_columns, rolled_tapes

LANES = 7


def outcome(tape: Tape, columns) -> list[object]:
    results, path = interpret(verify(expand(tape)), columns, LANES)
    return [path.tobytes(), *[np.where(np.isnan(x), np.nan, x).tobytes() for x in results]]


EXACT = [passes.fold, passes.simplify, passes.cse, passes.normalise, passes.dce, settled]


@pytest.mark.parametrize("one", EXACT, ids=lambda one: one.__name__)
@given(tape=rolled_tapes(), seed=st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_a_pass_keeps_the_results_of_a_tape_with_loops(one, tape: Tape, seed: int):
    columns = random_columns(random.Random(seed), tape, LANES)
    with passes.errstate(domain="nan"):
        after = verify(one(tape))
    assert outcome(after, columns) == outcome(tape, columns)
