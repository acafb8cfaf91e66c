"""Each rule for tapes with loops: a tape that breaks it is refused, in words."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassgrad.compiler.ir.expand import expand
from glassgrad.compiler.ir.interpret import interpret
from glassgrad.compiler.ir.loops import EXPANDED, READS, Affine, Carried, Loop, Read
from glassgrad.compiler.ir.tape import IllegalTape, Outputs, Segment, Tape, verify
from glassgrad.compiler.ir.tape import identity as key
from glassgrad.core import ops
from helpers.rolled_tapes import random_columns, random_rolled_tape, rolled_tapes, run_naively, table, triangular


def test_these_are_legal():
    verify(triangular())
    verify(expand(triangular()))


@given(rolled_tapes())
def test_random_tapes_are_legal(tape):
    assert verify(tape) is tape


Change = Callable[[Tape], None]


def loop(k: int, **changes: object) -> Change:
    return lambda tape: tape.loops.__setitem__(k, tape.loops[k]._replace(**changes))


def read(k: int, **changes: object) -> Change:
    return lambda tape: tape.reads.__setitem__(k, tape.reads[k]._replace(**changes))


def args(i: int, *refs: int) -> Change:
    return lambda tape: tape.args.__setitem__(i, refs)


def result(k: int, ref: int) -> Change:
    def change(tape: Tape) -> None:
        exit = tape.segments[k].exit
        changes = {"refs": (ref, *exit.refs[1:])} if isinstance(exit, Outputs) else {"condition": ref}
        tape.segments[k] = tape.segments[k]._replace(exit=exit._replace(**changes))

    return change


def swapped_loops(tape: Tape) -> None:
    tape.loops[2], tape.loops[3] = tape.loops[3], tape.loops[2]


def not_a_loop(tape: Tape) -> None:
    tape.loops[2] = (7, 8, 0, -1)


def third_loop_with(**fields: object) -> Change:
    """A third loop after loops 0 and 1, before loop 2."""
    return lambda tape: tape.loops.insert(2, Loop(**{"start": 4, "stop": 5, "trips": 1, "parent": 0, **fields}))


ILLEGAL: dict[str, tuple[Change, str]] = {
    # loops
    "a loop that is none": (not_a_loop, "loop 2 must be a Loop"),
    "a start that is no integer": (loop(2, start=7.0), "loop 2 must be a Loop with integers"),
    "an empty loop": (loop(2, stop=7), "loop 2 must hold operations of the tape, got 7 to 7"),
    "a negative start": (loop(0, start=-1), "loop 0 must hold operations of the tape"),
    "a loop beyond the tape": (loop(3, stop=11), "loop 3 must hold operations of the tape, got 8 to 11"),
    "a parent that comes later": (loop(1, parent=2), "loop 1 must stand after its parent, which is 2"),
    "its own parent": (loop(1, parent=1), "loop 1 must stand after its parent, which is 1"),
    "a parent that does not exist": (loop(0, parent=-2), "loop 0 must stand after its parent"),
    "a loop outside its parent": (loop(3, parent=0), "loop 3 must lie within loop 0, got 8 to 10"),
    "a loop that ends after its parent": (loop(1, stop=6), "loop 1 must lie within loop 0"),
    "overlapping loops": (loop(3, start=7), "loop 3 must begin after loop 2, at 8, got 7"),
    "an inner loop without its parent": (loop(1, parent=-1), "loop 1 must begin after loop 0, at 5, got 2"),
    "loops out of order": (swapped_loops, "loop 3 must begin after loop 2, at 10, got 7"),
    "a child behind its uncle": (third_loop_with(parent=1), "loop 2 must lie within loop 1, got 4 to 5"),
    "overlapping siblings": (third_loop_with(start=3), "loop 2 must begin after loop 1, at 4, got 3"),
    "a loop across a branch": (loop(2, start=6), "loop 2 must lie in one segment, got 6 to 8 across 7"),
    "trips of a float": (loop(0, trips=3.0), "the trips of loop 0 must be an integer or an array of int64, got 3.0"),
    "trips of NumPy's integer": (loop(0, trips=np.int64(3)), "the trips of loop 0 must be an integer"),
    "trips that are true": (loop(0, trips=True), "the trips of loop 0 must be an integer"),
    "trips of int32": (loop(1, trips=table(1, 2, 3).astype(np.int32)), "an array of int64"),
    "trips in two dimensions": (loop(1, trips=table(1, 2, 3)[None]), "an array of int64"),
    "negative trips": (loop(2, trips=-1), "the trips of loop 2 must not be negative"),
    "negative trips in a table": (loop(1, trips=table(1, -2, 3)), "the trips of loop 1 must not be negative"),
    "too few trips": (loop(1, trips=table(3, 3)), "loop 1 is entered 3 times, so it must have as many trips, got 2"),
    "too many trips": (loop(0, trips=table(3, 3)), "loop 0 is entered 1 times, so it must have as many trips, got 2"),
    "rounds of a parent less": (loop(0, trips=2), "loop 1 is entered 2 times"),
    # reads
    "a read that is none": (lambda tape: tape.reads.__setitem__(2, 0), "read 2 must be a Read or a Carried"),
    "a read of no loop": (read(2, loop=4), "read 2 must belong to a loop, or to -1, got loop 4"),
    "a read of loop -2": (read(2, loop=-2), "read 2 must belong to a loop, or to -1, got loop -2"),
    "a carried value of no loop": (read(0, loop=-1), "carried value 0 must belong to a loop, got loop -1"),
    "a carried value of a later loop": (read(0, loop=4), "carried value 0 must belong to a loop, got loop 4"),
    "a stride too few": (read(7, index=Affine(3, (1,))), "read 7 must have 2 strides, as it is in loop 1, got 1"),
    "a stride outside all loops": (read(8, index=Affine(5, (1,))), "read 8 must have 0 strides, as it is in code"),
    "a stride that is no integer": (
        read(5, index=Affine(3, (0.5,))),
        "read 5 must have an integer as base and a tuple",
    ),
    "strides in a list": (
        read(5, index=Affine(11, [-1])),
        "read 5 must have an integer as base and a tuple of integers",
    ),
    "a read of loop None": (read(2, loop=None), "read 2 must be a Read or a Carried of a loop, got Read(loop=None"),
    "an index that is none": (read(2, index=[0, 2, 3]), "the index of read 2 must be an Affine or an array of int64"),
    "an index of floats": (read(2, index=np.zeros(3)), "the index of read 2 must be an Affine or an array of int64"),
    "an index too short": (read(2, index=table(0, 2)), "read 2 must name 3 values, one for each execution of loop 0"),
    "an index in two dimensions": (read(2, index=table(0, 2, 3)[None]), "the index of read 2 must be an Affine"),
    "no constant": (read(2, index=table(~0, ~2, 3)), "read 2 must name values from -2 to 26, got -3 to 3"),
    "no execution": (read(2, index=table(0, 27, 3)), "read 2 must name values from -2 to 26, got 0 to 27"),
    "an affine read too far": (read(5, index=Affine(26, (1,))), "read 5 must name values from -2 to 26, got 26 to 27"),
    "an affine read too low": (read(5, index=Affine(-2, (-1,))), "got -3 to -2"),
    "a ragged read too low": (read(7, index=Affine(-2, (1, -2))), "read 7 must name values from -2 to 26, got -4 to 0"),
    "a ragged read too far": (read(7, index=Affine(21, (1, 2))), "read 7 must name values from -2 to 26, got 21 to 27"),
    # operands
    "a reference that is none": (read(0, initial=None), "carried value 0 begins with None, which is no reference"),
    "an operand that is a float": (args(2, 1.0, 1), "v2 = mul uses 1.0, which is no reference"),
    "no operand": (args(2, 1), "v2 = mul must have 2 operands, got 1"),
    "a read that does not exist": (args(4, READS + 9, 0), "v4 = add uses read 9, but the tape has 9"),
    "a read outside its loop": (args(4, READS + 7, 0), "v4 = add uses read 7 of loop 1, outside of that loop"),
    "a carried value after its loop": (args(5, READS, 0), "v5 = add uses read 0 of loop 0, outside of that loop"),
    "a read before its loop": (args(0, READS), "v0 = neg uses read 0 of loop 0, outside of that loop"),
    "a value of the round before": (args(2, 6, 1), "v2 = mul uses 6, which is not computed"),
    "itself": (args(2, 4, 1), "v2 = mul uses 4, which is not computed"),
    "the value of an assert": (args(4, 5, 1), "v4 = add uses 5, which is not computed"),
    "a value after no round": (args(9, 9, 1), "v9 = add uses 9, which is not computed on every path to it: loop 2 may"),
    "a constant that does not exist": (args(0, ~2), "v0 = neg uses -3, which is not computed"),
    "a value beyond the tape": (args(0, 12), "v0 = neg uses 12, which is not computed"),
    "a value of another path": (result(2, 11), "segment 2 ends with 11, which is not computed"),
    "a result that may not exist": (result(1, 9), "segment 1 ends with 9, which is not computed"),
    "an execution that does not exist": (
        result(1, EXPANDED + 27),
        "segment 1 must name values from 2 to 26, got 27 to 27",
    ),
    "an input as an execution": (result(1, EXPANDED + 1), "segment 1 must name values from 2 to 26, got 1 to 1"),
    "an execution as a condition": (result(0, EXPANDED + 5), "but only results may name one execution"),
    "an execution as an operand": (args(4, EXPANDED + 5, 0), "v4 = add uses read"),
    "a result of a loop's read": (result(1, READS + 3), "segment 1 ends with read 3 of loop 3, outside"),
    "a condition of a loop's read": (result(0, READS), "segment 0 ends with read 0 of loop 0, outside"),
    "a first value of its own loop": (read(0, initial=3), "carried value 0 begins with 3, which is not computed"),
    "a first value of its own kind": (read(3, initial=READS + 6), "carried value 3 begins with read 6 of loop 3"),
    "a first value of an inner loop": (read(0, initial=READS + 1), "carried value 0 begins with read 1 of loop 1"),
    "a next value after the loop": (read(1, next=6), "carried value 1 goes on with 6, which is not computed"),
    "a next value of an inner loop's read": (read(0, next=READS + 7), "carried value 0 goes on with read 7 of loop 1"),
    "a next value that does not exist": (read(0, next=READS + 99), "carried value 0 goes on with read 99, but"),
    "no round at one entry": (loop(1, trips=table(1, 0, 5)), "v4 = add uses 4, which is not computed on every path"),
}


@pytest.mark.parametrize("name", ILLEGAL)
def test_a_broken_rule_is_said(name):
    change, message = ILLEGAL[name]
    tape = triangular()
    change(tape)
    with pytest.raises(IllegalTape) as caught:
        verify(tape)
    assert message in str(caught.value)


def test_a_loop_that_runs_not_at_all_makes_no_values():
    """An inner loop that is never entered runs at each of its entries, but the loop around it does not."""
    tape = Tape(["x"])
    tape.ops, tape.args = [ops.sin, ops.neg], [(0,), (1,)]
    tape.loops = [Loop(0, 2, 0, -1), Loop(0, 1, table(), 0)]
    tape.segments = [Segment(0, 2, -1, Outputs((0,)))]
    verify(tape)
    tape.segments = [Segment(0, 2, -1, Outputs((1,)))]
    with pytest.raises(IllegalTape, match="loop 0 may run no round"):
        verify(tape)


# Random mutations


def mutated(tape: Tape, rng: random.Random) -> Tape:
    """Return the tape with one number changed."""
    tape = copy.deepcopy(tape)
    near = lambda x: rng.choice(
        [x + 1, x - 1, -1, 0, x + 7, READS, READS + rng.randrange(9), EXPANDED + rng.randrange(30)]
    )
    kind = rng.choice(["loop", "loop", "read", "read", "args", "exit"])
    if kind == "loop" and tape.loops:
        k = rng.randrange(len(tape.loops))
        old, field = tape.loops[k], rng.choice(Loop._fields[:4])
        if field == "trips" and isinstance(old.trips, np.ndarray):
            trips = old.trips.copy()
            trips[: rng.randint(0, len(trips))] += rng.choice([1, -1])
            tape.loops[k] = old._replace(trips=trips if rng.random() < 0.5 else trips[:-1])
        else:
            tape.loops[k] = old._replace(**{field: rng.choice([getattr(old, field) + d for d in (-1, 1, 2)])})
    elif kind == "read" and tape.reads:
        k = rng.randrange(len(tape.reads))
        old = tape.reads[k]
        field = rng.choice(old._fields)
        if field != "index":
            tape.reads[k] = old._replace(**{field: near(getattr(old, field))})
        elif isinstance(old.index, Affine):
            base, strides = old.index
            strides = tuple(x + rng.choice([0, 0, 1, -1, 3]) for x in strides)
            tape.reads[k] = old._replace(index=Affine(base + rng.choice([0, 1, -1, 5]), strides))
        elif len(old.index):
            index = old.index.copy()
            index[rng.randrange(len(index))] += rng.choice([1, -1, 5, -5])
            tape.reads[k] = old._replace(index=index)
    elif kind == "args":
        i = rng.randrange(len(tape.ops))
        refs = list(tape.args[i])
        refs[rng.randrange(len(refs))] = near(rng.choice(refs))
        tape.args[i] = tuple(refs)
    else:
        k = rng.randrange(len(tape.segments))
        exit = tape.segments[k].exit
        result(k, near(exit.used[0]))(tape)
    return tape


def check_what_is_accepted(tape: Tape, rng: random.Random) -> None:
    """`verify` refuses a tape, or it can be expanded; then the expansion is refused, or gives the right results."""
    try:
        verify(tape)
    except IllegalTape:
        return
    flat = expand(tape)
    columns = random_columns(rng, tape, 1)
    xs = [float(column[0]) for column in columns]
    try:
        verify(flat)
    except IllegalTape:
        return  # something is read before it is computed
    results, path = interpret(flat, columns, 1)
    try:
        expected, number = run_naively(tape, xs)
    except KeyError:
        return  # a carried value that nobody uses reads what is not computed
    assert path[0] == number
    if expected is not None:
        assert [key(float(one[0])) for one in results] == [*map(key, expected)]


@given(rolled_tapes(), st.integers(0, 1 << 30))
def test_what_verify_accepts_can_be_expanded(tape, seed):
    rng = random.Random(seed)
    check_what_is_accepted(mutated(tape, rng), rng)


@pytest.mark.slow
def test_mutations_of_many_tapes():
    for seed in range(3000):
        rng = random.Random(seed)
        check_what_is_accepted(mutated(random_rolled_tape(rng), rng), rng)


# Time


def test_time_does_not_depend_on_the_trips():
    """This tape expands to 2 * 10**15 operations."""
    tape = Tape(["x"])
    tape.ops, tape.args = [ops.sin, ops.add], [(READS,), (READS + 1, 1)]
    tape.loops = [Loop(0, 2, 10**9, -1), Loop(0, 2, 10**6, 0)]
    tape.reads = [Carried(1, 0, 1), Read(1, Affine(1, (10**6, 1)))]
    tape.segments = [Segment(0, 2, -1, Outputs((2,)))]
    assert verify(tape) is tape
    tape.reads[1] = Read(1, Affine(1 + 10**15 + 1, (10**6, 1)))
    with pytest.raises(IllegalTape, match="must name values from 0 to 2000000000000000, got"):
        verify(tape)
