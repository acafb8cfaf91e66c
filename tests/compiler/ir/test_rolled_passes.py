"""Passes on tapes with loops: they keep the results to the last bit, and work in bodies as on flat tapes."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassgrad.compiler.ir import passes
from glassgrad.compiler.ir.expand import expand
from glassgrad.compiler.ir.fused_ops import ERF_GIVEN, FMA, FMS
from glassgrad.compiler.ir.interpret import interpret
from glassgrad.compiler.ir.loops import EXPANDED, READS, Affine, Assert, Carried, Loop, Read
from glassgrad.compiler.ir.passes.join import joined
from glassgrad.compiler.ir.passes.normalise import is_same
from glassgrad.compiler.ir.tape import Outputs, Segment, Split, Tape, verify
from glassgrad.core import ops
from glassgrad.core.op import errstate
from helpers.hand_tapes import tape_of
from helpers.rolled_tapes import random_columns, rolled_tapes

LANES = 7
R0, R1, R2 = READS, READS + 1, READS + 2

EXACT = [  # `contract` keeps the bits, too, as the interpreter rounds its operations twice
    *(passes.fold, passes.simplify, passes.cse, passes.normalise, passes.dce, passes.settled),
    *(passes.erf_with_exp, passes.contract),
]


def outcome(tape: Tape, columns) -> list[object]:
    results, path = interpret(verify(expand(tape)), columns, LANES)
    return [path.tobytes(), *[np.where(np.isnan(x), np.nan, x).tobytes() for x in results]]


@pytest.mark.parametrize("one", EXACT, ids=lambda one: one.__name__)
@given(tape=rolled_tapes(), seed=st.integers(0, 2**32))
@settings(max_examples=40, deadline=None)
def test_a_pass_keeps_the_results_of_a_tape_with_loops(one, tape: Tape, seed: int):
    columns = random_columns(random.Random(seed), tape, LANES)
    with errstate(domain="nan"):
        after = verify(one(tape))
    assert outcome(after, columns) == outcome(tape, columns)


@given(tape=rolled_tapes())
@settings(max_examples=60, deadline=None)
def test_improving_twice_improves_once(tape: Tape):
    once = passes.improve(tape, fused=True)
    assert is_same(passes.improve(once, fused=True), once)


@given(tape=rolled_tapes(), seed=st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_branches_become_asserts(tape: Tape, seed: int):
    tape = expand(tape) if seed % 2 else tape
    if tape.paths == 1:
        after = verify(joined(tape))
        columns = random_columns(random.Random(seed), tape, LANES)
        assert after.straight
        assert outcome(after, columns) == outcome(tape, columns)


# What is found


def verified(
    operations: Sequence[tuple[object, tuple[int, ...]]],
    loops: Sequence[Loop],
    reads: Sequence[Read | Carried],
    results: Sequence[int],
    constants: Sequence[float] = (),
    inputs: int = 2,
) -> Tape:
    names = [f"x{k}" for k in range(inputs)]
    body = [(op, *args) for op, args in operations]
    return verify(tape_of(names, body, loops, reads, results, constants))


def improved(tape: Tape, fused: bool = False) -> str:
    after = passes.improve(tape, fused)
    columns = random_columns(random.Random(0), tape, LANES)
    assert outcome(after, columns) == outcome(tape, columns)
    return str(after)


def test_what_does_not_change_is_computed_before_the_loops():
    nest = [(ops.sin, (0,)), (ops.exp, (R0,)), (ops.mul, (2, 3)), (ops.add, (R1, 4))]
    loops = [Loop(0, 4, 3, -1), Loop(0, 4, 2, 0)]
    reads = [Carried(0, 1, 5), Carried(1, R0, 5)]
    assert improved(verified(nest, loops, reads, [5])) == (
        "inputs: x0, x1\n"
        "v0 = sin(x0)\n"
        "for t0 in 0..3:\n"
        "  c0 = x1 then v3\n"
        "  v1 = exp(c0)\n"
        "  v2 = v0 * v1\n"
        "  for t1 in 0..2:\n"
        "    c1 = c0 then v3\n"
        "    v3 = v2 + c1\n"
        "return v3"
    )


def test_nothing_moves_out_of_a_loop_that_may_not_run():
    nest = [(ops.add, (R0, 1)), (ops.sin, (0,)), (ops.add, (R1, 3))]
    loops = [Loop(0, 3, 3, -1), Loop(1, 3, np.array([2, 0, 1]), 0)]
    reads = [Carried(0, 1, 2), Carried(1, 0, 4), Read(-1, Affine(2 + 3 + 3 + 2, ()))]
    after = passes.improve(verified(nest, loops, reads, [R2]))
    assert [op.name for op in after.ops] == ["sin", "add"]
    assert after.loops == [] or after.loops[-1].start == 0


def test_a_ragged_loop_keeps_its_executions():
    nest = [(ops.add, (R0, 1)), (ops.sin, (2,)), (ops.add, (R1, 3))]
    loops = [Loop(0, 3, 3, -1), Loop(1, 3, np.array([2, 1, 3]), 0)]
    earlier_sines = Read(0, np.array([1, 6, 7]))  # the input x1, then the last sine of the round before
    assert improved(verified(nest, loops, [earlier_sines, Carried(1, 0, 4)], [3, 4])) == (
        "inputs: x0, x1\n"
        "for t0 in 0..3:\n"
        "  v0 = x1 + (x1 then v1[t0 - 1])\n"
        "  v1 = sin(v0)\n"
        "  for t1 in 0..[2, 1, 3][t0]:\n"
        "    c0 = x0 then v2\n"
        "    v2 = v1 + c0\n"
        "return v1, v2"
    )


def test_a_carried_value_that_never_changes_is_its_initial_value():
    body = [(ops.mul, (R0, R1)), (ops.add, (R2, 2))]
    reads = [Carried(0, 0, R0), Carried(0, ~0, ~0), Carried(0, 1, 3)]
    assert improved(verified(body, [Loop(0, 2, 5, -1)], reads, [3], [2.0])) == (
        "inputs: x0, x1\nv0 = 2 * x0\nfor t0 in 0..5:\n  c0 = x1 then v1\n  v1 = v0 + c0\nreturn v1"
    )


def test_a_read_of_equal_constants_is_folded():
    body = [(ops.mul, (R0, R1)), (ops.add, (R2, 2))]
    reads = [Carried(0, 0, 3), Read(0, np.array([-1, -1, -1])), Carried(0, 1, 3)]
    assert improved(verified(body, [Loop(0, 2, 3, -1)], reads, [3], [1.0])) == (
        "inputs: x0, x1\nfor t0 in 0..3:\n  c0 = x0 then v0\n  c1 = x1 then v0\n  v0 = c0 + c1\nreturn v0"
    )


def test_a_read_of_the_current_round_is_a_plain_operand():
    body = [(ops.sin, (R0,)), (ops.exp, (R1,)), (ops.sin, (R2,))]
    reads = [Carried(0, 0, 3), Read(0, Affine(2, (1,))), Read(0, Affine(6, (1,)))]
    assert improved(verified(body, [Loop(0, 3, 4, -1)], reads, [4])) == (
        "inputs: x0, x1\nfor t0 in 0..4:\n  c0 = x0 then v1\n  v0 = sin(c0)\n  v1 = exp(v0)\n  v2 = sin(v1)\nreturn v2"
    )


def test_indices_follow_what_passes_replace():
    first = [(ops.mul, (R0, ~0)), (ops.neg, (2,)), (ops.neg, (3,)), (ops.sin, (4,))]
    second = [(ops.add, (R1, R2))]
    reads = [Carried(0, 0, 5), Read(1, np.array([13, 12, 11, 10])), Carried(1, 1, 6)]
    loops = [Loop(0, 4, 4, -1), Loop(4, 5, 4, -1)]
    assert improved(verified(first + second, loops, reads, [6], [1.0])) == (
        "inputs: x0, x1\n"
        "for t0 in 0..4:\n"
        "  c0 = x0 then v0\n"
        "  v0 = sin(c0)\n"
        "for t1 in 0..4:\n"
        "  c1 = x1 then v1\n"
        "  v1 = [v0[2], v0[1], v0[0], x0][t1] + c1\n"
        "return v1"
    )


# Fused arithmetic


def products(*results: int, reads: Sequence[Read | Carried] = ()) -> list[str]:
    """Improve a loop that adds up ``x1 * c``, where c is carried, and return the names of its operations."""
    body = [(ops.mul, (1, R0)), (ops.add, (R1, 2)), (ops.sin, (3,))]
    tape = verified(body, [Loop(0, 3, 3, -1)], [Carried(0, 0, 4), Carried(0, 1, 3), *reads], results)
    return [op.name for op in passes.improve(tape, fused=True).ops]


def test_a_product_is_fused_in_a_body():
    assert products(3) == ["fma", "sin"]


def test_a_product_that_is_used_again_is_not_fused():
    assert products(3, 2) == ["mul", "add", "sin"]
    assert products(3, R2, reads=[Read(-1, Affine(3, ()))]) == ["mul", "add", "sin"]
    assert products(3, R2, reads=[Read(-1, Affine(6, ()))]) == ["fma", "sin"]


def test_a_product_of_another_round_counts_as_a_product():
    body = [(ops.mul, (1, 1)), (ops.mul, (R0, R0)), (ops.sub, (3, R1)), (ops.tanh, (4,))]
    reads = [Carried(0, 0, 5), Carried(0, 2, 3)]
    tape = verified(body, [Loop(1, 4, 3, -1)], reads, [4])
    assert FMS not in passes.improve(tape, fused=True).ops  # the difference of equal squares must be 0


def test_nothing_is_fused_before_an_assert():
    body = [(ops.mul, (1, R0)), (ops.add, (R0, 2)), (Assert(True, "p.py:1"), (3,))]
    after = [(ops.mul, (3, 3)), (ops.add, (5, 0))]
    tape = verified(body + after, [Loop(0, 3, 3, -1)], [Carried(0, 0, 3)], [6])
    assert [op.name for op in passes.improve(tape, fused=True).ops] == ["mul", "add", "assert_true", "fma"]


def test_erf_is_computed_from_an_exponential_of_its_body():
    body = [(ops.erf, (R0,)), (ops.exp_neg_square, (R0,)), (ops.add, (2, 3))]
    tape = verified(body, [Loop(0, 3, 3, -1)], [Carried(0, 0, 4)], [4])
    assert passes.improve(tape).ops == [ops.exp_neg_square, ERF_GIVEN, ops.add]


def test_the_last_branch_of_a_path_ends_its_first_part():
    tape = verified([(ops.mul, (0, 1)), (ops.add, (2, 0)), (ops.mul, (3, 1)), (ops.add, (4, 0))], [], [], [5])
    outputs = tape.segments[0].exit
    tape.segments = [Segment(0, 2, -1, Split(3, 1, None, "p.py:1")), Segment(2, 4, 0, outputs)]
    assert [op.name for op in passes.improve(joined(tape), fused=True).ops] == ["mul", "add", "assert_true", "fma"]
    assert FMA in passes.improve(tape, fused=True).ops


def test_a_read_in_a_loop_that_never_runs_stays():
    """The branch becomes an assert, which moves the numbers of all executions after it."""
    tape = Tape(["x"])
    tape.ops, tape.args = [ops.sin, ops.neg, ops.cos], [(0,), (READS,), (0,)]
    tape.loops, tape.reads = [Loop(1, 2, 0, -1)], [Read(0, Affine(1, (1,)))]
    tape.segments = [Segment(0, 1, -1, Split(1, 1, None, "p.py:1")), Segment(1, 3, 0, Outputs((3,)))]
    after = verify(joined(verify(tape)))
    columns = [np.linspace(0, 1, LANES)]
    assert outcome(after, columns) == outcome(tape, columns)


def test_results_name_executions_of_what_passes_made():
    """A cosine moves before the loop, so the squares are computed by the first operation in it."""
    tape = Tape(["x", "y"])
    tape.ops, tape.args = [ops.cos, ops.mul, ops.square], [(1,), (READS, 2), (3,)]
    tape.loops, tape.reads = [Loop(0, 3, 4, -1)], [Carried(0, 0, 3)]
    squares = [EXPANDED + 2 + 8 + t for t in range(4)]
    tape.segments = [Segment(0, 3, -1, Outputs((*squares, 0, EXPANDED + 2 + 4)))]
    after = passes.improve(verify(tape))
    columns = [np.linspace(-2, 2, LANES), np.linspace(0, 1, LANES)]
    assert after.ops[0] is ops.cos
    assert after.segments[0].exit.refs[3] == 2 + len(after.ops) - 1  # the last execution is the operation's value
    assert all(ref >= EXPANDED for ref in after.segments[0].exit.refs[:3])
    assert outcome(after, columns) == outcome(tape, columns)
