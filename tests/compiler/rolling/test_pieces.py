"""Branches in a rolled tape: those inside a piece are asserts, and the last one before the results stays a branch."""

import glassgrad as gg
from glassgrad.compiler.ir.expand import expand
from glassgrad.compiler.ir.loops import Assert
from glassgrad.compiler.ir.tape import Outputs, Split
from glassgrad.compiler.rolling.roll import roll
from helpers.recording import recorded


def grown(x):
    while x < 100:
        x = 1.1 * x + 0.5
    for _ in range(40):
        x = 0.9 * x + gg.sin(x)
    return x


def test_a_while_is_a_loop_with_an_assert():
    tape = recorded(grown, 1.0)
    rolled = roll(tape, least=0)
    assert [op.outcome for op in rolled.ops if isinstance(op, Assert)] == [True]
    assert [type(segment.exit) for segment in rolled.segments] == [Split, Outputs]
    first, last = rolled.segments
    assert all(loop.stop <= first.stop or loop.start >= last.start for loop in rolled.loops)
    assert len(rolled.loops) == 2
    assert expand(rolled).segments == tape.segments


def test_known_paths_stay_branches():
    compiled = gg.jit(grown)
    for x in (1.0, 3.0, 50.0, 200.0):
        compiled(x)
    tape = compiled.lower(1.0).source
    rolled = roll(tape, least=0)
    assert tape.paths == rolled.paths == 4
    flat = expand(rolled)
    assert (flat.ops, flat.args, flat.segments) == (tape.ops, tape.args, tape.segments)


def test_a_path_rolls_alike_whatever_comes_before_its_end():
    """The final piece of a path has the same loops whether or not other paths are known."""
    compiled = gg.jit(grown)
    compiled(1.0)
    alone = roll(compiled.lower(1.0).source, least=0)
    compiled(50.0)
    both = roll(compiled.lower(1.0).source, least=0)

    def final(tape):
        ends = [segment for segment in tape.segments if isinstance(segment.exit, Outputs) and segment.exit.path == 0]
        return [tape.ops[i].name for i in range(ends[0].start, ends[0].stop)]

    assert final(alone) == final(both)
