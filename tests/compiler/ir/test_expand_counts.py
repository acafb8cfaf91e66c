"""Masked loops mean what their expansion for each lane's rounds means."""

import hashlib
import math
import pickle
import random

import numpy as np
import pytest
from tests.helpers.masked_tapes import decay, nested, newton, random_masked_columns, random_masked_tape, rounds_of

from glassgrad.compiler.ir.expand import expand
from glassgrad.compiler.ir.expand_counts import expand_counts
from glassgrad.compiler.ir.illegal import IllegalTape
from glassgrad.compiler.ir.interpret import interpret
from glassgrad.compiler.ir.loops import READS, Affine, Assert, Read, Until, add_loops
from glassgrad.compiler.ir.memory.recompute import recompute
from glassgrad.compiler.ir.passes import improve
from glassgrad.compiler.ir.passes.join import joined
from glassgrad.compiler.ir.tape import Outputs, Segment, Split, verify
from glassgrad.core import ops
from glassgrad.core.op import errstate


def check(tape, columns):
    """Every lane of the interpreter must agree with a run of it alone, and with the flat tape for its rounds."""
    verify(tape)
    lanes = len(columns[0])
    results, paths = interpret(tape, columns, lanes)
    for lane in range(lanes):
        own = [column[lane : lane + 1] for column in columns]
        with np.errstate(all="ignore"), errstate(domain="nan"):
            alone, counts = rounds_of(tape, [column[0] for column in own])
        assert (paths[lane] >= 0) == (alone is not None)
        if alone is None:
            continue
        straight, (path,) = interpret(verify(expand_counts(tape, counts)), own, 1)
        assert path == 0
        np.testing.assert_array_equal([result[lane] for result in results], alone)
        np.testing.assert_array_equal(np.ravel(straight), alone)
    return results, paths


def test_newton_and_its_derivative():
    x = np.array([0.25, 1.0, 2.0, 100.0, 1e30])
    (y, dy, rounds), paths = check(newton(), [x])
    known = paths >= 0
    assert known.tolist() == [True, True, True, True, False]  # 1e30 needs more than 40 rounds
    np.testing.assert_allclose(y[known], np.sqrt(x[known]), rtol=1e-12)
    assert rounds[1] == 0 < rounds[2] < rounds[3]
    assert dy[1] == 1.0  # no round, so y is x
    np.testing.assert_allclose(dy[[0, 2, 3]], 0.5 / np.sqrt(x[[0, 2, 3]]), rtol=1e-11)


def test_a_test_in_the_middle_of_the_body():
    """x halves until it is below 1. Its sum is a geometric series."""
    (left, total, derivative, rounds), paths = check(decay(), [np.array([1.0, 2.0, 12.0, 2.0**50]), np.full(4, 0.5)])
    assert paths.tolist() == [0, 0, 0, 0]
    assert rounds.tolist() == [0, 1, 3, 50]
    assert left.tolist() == [1.0, 1.0, 1.5, 1.0]  # what x was when the round began in which the lane leaves
    assert total.tolist() == [0.0, 1.0, 6.0 + 3.0 + 1.5, 2.0**50 - 1]
    assert derivative.tolist() == [1 - 0.5**n for n in rounds]


@pytest.mark.parametrize("begun", [1, 2, 5])
def test_a_lane_that_needs_more_rounds_is_unmatched(begun):
    x = np.array([1.0, 2.0, 4.0, 8.0, 16.0, np.inf])
    _, paths = check(decay(begun), [x, np.full(6, 0.5)])
    assert (paths >= 0).tolist() == [n < begun for n in (0, 1, 2, 3, 4, 99)]


def plain_nested(x, a):
    """The program of `nested`."""
    total, start, records, counts = 0.0, x, [], []
    for _ in range(4):
        x, s, inner = start, 0.0, []
        while (x := x * a) >= 1.0:
            s += math.sin(math.sin(math.sin(x)))
            inner.append(s)
        total, start = total + s, start + s
        records.append(inner)
        counts.append(len(inner))
    return total, sum(map(sum, records)), math.prod(counts)


def test_loops_around_and_inside():
    (total, back, product), paths = check(
        nested(), [np.array([4.0, 0.5, np.nan, 3.0, 9.0]), np.array([0.5, 0.5, 0.5, 0.3, 0.9])]
    )
    assert paths.tolist() == [0, 0, 0, 0, -1]
    for lane, (x, a) in enumerate([(4.0, 0.5), (0.5, 0.5), (math.nan, 0.5), (3.0, 0.3)]):
        expected = plain_nested(x, a)
        np.testing.assert_allclose([total[lane], back[lane], product[lane]], expected, rtol=1e-12)


def test_random_tapes():
    for seed in range(60):
        rng = random.Random(seed)
        check(random_masked_tape(rng), random_masked_columns(rng, 4))


@pytest.mark.slow
def test_many_random_tapes():
    for seed in range(1000, 3000):
        rng = random.Random(seed)
        check(random_masked_tape(rng), random_masked_columns(rng, 6))


def test_the_rounds_that_a_lane_cannot_complete_are_refused():
    with pytest.raises(ValueError, match="loop 0 completes from 0 to 39 rounds, got 40"):
        expand_counts(newton(40), {0: [40], 1: [40]})
    with pytest.raises(ValueError, match="its rounds must be given to expand_counts"):
        expand(newton())


def test_the_text():
    lines = str(decay(20)).splitlines()
    assert lines[1:8] == [
        "for t0 until not v1 (at most 20):",
        "  c0 = x then v0",
        "  c1 = 0 then v2",
        "  c2 = 0 then v3",
        "  v0 = c0 * a",
        "  v1 = v0 >= 1",
        "  leave if not v1",
    ]
    assert "for t1 down from c2 (at most 20):" in lines
    assert "    v8 = c7 + v3[3 - t3, t4]" in str(nested()).splitlines()


def test_passes_leave_masked_loops_alone():
    tape = nested()
    assert improve(tape, fused=True) is tape
    assert recompute(tape) is tape
    assert str(pickle.loads(pickle.dumps(tape))) == str(tape)


def test_a_branch_before_the_loop_becomes_an_assert():
    tape = newton()
    tape.ops.insert(0, ops.greater)
    tape.args.insert(0, (0, ~1))
    move = lambda ref: ref + 1 if 1 <= ref < READS else ref
    tape.args[1:] = [tuple(map(move, args)) for args in tape.args[1:]]
    tape.loops = [
        loop._replace(
            start=loop.start + 1,
            stop=loop.stop + 1,
            until=loop.until and Until(loop.until.position + 1, move(loop.until.condition)),
        )
        for loop in tape.loops
    ]
    tape.reads = [
        read._replace(index=np.where(read.index > 0, read.index + 1, 0))
        if isinstance(read, Read)
        else read._replace(initial=move(read.initial), next=move(read.next))
        for read in tape.reads
    ]
    refs = tuple(map(move, tape.segments[0].exit.refs))
    tape.segments = [Segment(0, 1, -1, Split(1, 1, None, "f.py:1")), Segment(1, 20, 0, Outputs(refs))]
    columns = [np.array([4.0, -1.0, 2.0, 0.0])]
    one = joined(verify(tape))
    assert isinstance(one.ops[1], Assert)
    results, paths = interpret(tape, columns, 4)
    again, same = check(one, columns)
    assert paths.tolist() == same.tolist() == [0, -1, 0, -1]
    np.testing.assert_array_equal(results, again)


# Rules


def change_loop(k, **fields):
    return lambda tape: tape.loops.__setitem__(k, tape.loops[k]._replace(**fields))


def change_read(k, read):
    return lambda tape: tape.reads.__setitem__(k, read)


def change_operand(s, *args):
    return lambda tape: tape.args.__setitem__(s, args)


ILLEGAL = {
    "both": (change_loop(1, down_from=0), "loop 1 must have until or down_from, not both"),
    "ragged": (change_loop(1, trips=np.array([1, 2, 3, 4])), "must be a positive integer"),
    "no rounds": (change_loop(4, trips=0), "must be a positive integer, got 0"),
    "no until": (change_loop(1, until=(2, 3)), "loop 1 must have an Until"),
    "outside": (change_loop(1, until=Until(6, 3)), "must leave loop 1 in its body, 0 to 5, got 6"),
    "condition later": (change_loop(1, until=Until(1, 3)), "loop 1 runs until 3, which is not computed"),
    "condition of a loop": (change_loop(1, until=Until(2, READS + 7)), "read 7 of loop 4, outside of that loop"),
    "count later": (change_loop(4, down_from=11), "loop 4 counts 11, which is not computed"),
    "count inside": (change_loop(4, down_from=READS + 7), "outside of that loop"),
    "value after": (change_operand(5, 5, READS + 1), "v5 = add uses 5, which is not computed on every path"),
    "carried before": (change_operand(0, READS + 7, 1), "read 7 of loop 4, outside of that loop"),
    "carried after the loop around": (change_operand(10, READS + 1, READS + 2), "read 1 of loop 1, outside"),
    "rounds a lane may lack": (change_read(9, Read(3, Affine(2, (1,)))), "read 9 names values of loop 1"),
}


@pytest.mark.parametrize("name", ILLEGAL)
def test_a_broken_rule_is_said(name):
    change, message = ILLEGAL[name]
    tape = nested()
    change(tape)
    with pytest.raises(IllegalTape) as caught:
        verify(tape)
    assert message in str(caught.value)


def test_lanes_leave_a_loop_outside_of_inner_loops():
    tape = nested()
    tape.loops[2] = tape.loops[2]._replace(start=1, stop=3)
    with pytest.raises(IllegalTape, match="must leave loop 1 outside of inner loops, got 2 in loop 2"):
        verify(tape)


def test_a_digest_tells_masked_loops_apart():
    def digest(**fields):
        tape, sha = nested(), hashlib.sha256()
        tape.loops[1] = tape.loops[1]._replace(**fields)
        add_loops(sha, tape)
        return sha.digest()

    loops = [{}, {"until": None}, {"until": Until(5, 3)}, {"until": Until(2, 2)}, {"until": None, "down_from": 0}]
    assert len({digest(**fields) for fields in loops}) == 5
