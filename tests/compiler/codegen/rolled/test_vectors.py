"""The number of vectors in a block: the one that is fastest where it was measured."""

import pytest

from glassgrad.compiler.codegen.layout import CONTIGUOUS, Form
from glassgrad.compiler.codegen.rolled.kernel import rolled_module
from glassgrad.compiler.ir.loops import READS, Affine, Carried, Loop, Read
from glassgrad.compiler.ir.tape import Outputs, Segment, Tape
from glassgrad.compiler.llvm.target import level
from glassgrad.core import ops

ROUNDS = 1000


def tape_of(operations, reads, results):
    """Return a tape with one input, whose operations are all in one loop."""
    tape = Tape(["x"])
    tape.constants = [0.5]
    for op, *args in operations:
        tape.ops.append(op)
        tape.args.append(tuple(args))
    tape.loops, tape.reads = [Loop(0, len(operations), ROUNDS, -1)], reads
    tape.segments = [Segment(0, len(operations), 0, Outputs(tuple(results), 0))]
    return tape


def chosen(tape, name="avx512"):
    outputs = [Form(0, len(tape.segments[0].exit.refs), CONTIGUOUS)]
    target = level(name, "x86_64-unknown-linux-gnu")
    return rolled_module(tape, [Form(0, 1, CONTIGUOUS)], outputs, target, "batch").module.vectors


def chain():
    """A sine of a sine: each round waits for the one before."""
    return tape_of([(ops.sin, READS)], [Carried(0, 0, 1)], [1])


def sums(count):
    """Many sums that are carried at the same time."""
    carried = [Carried(0, 0, 1 + k) for k in range(count)]
    return tape_of([(ops.add, READS + k, ~0) for k in range(count)], carried, range(1, 1 + count))


def stored(count):
    """Independent values that another loop reads, each in a cell of its own."""
    tape = tape_of([(ops.exp, 0), *[(ops.mul, 1, 1)] * (count - 1)], [], ())
    n = len(tape.ops)
    tape.reads = [Carried(1, 0, 1 + n + count - 1), *[Read(1, Affine(1 + k * ROUNDS, (1,))) for k in range(count)]]
    tape.loops.append(Loop(n, n + count, ROUNDS, -1))
    for k in range(count):
        tape.ops.append(ops.add)
        tape.args.append((READS if k == 0 else n + k, READS + 1 + k))
    tape.segments = [Segment(0, n + count, 0, Outputs((n + count,), 0))]
    return tape


def test_a_chain_of_rounds_that_wait_has_four_vectors():
    assert chosen(chain()) == 4


@pytest.mark.parametrize("name", ["avx512", "avx2"])
def test_a_block_has_fewer_vectors_if_its_values_do_not_fit_the_registers(name):
    assert chosen(sums(4), name) > chosen(sums(100), name) == 1


def test_the_cells_of_several_vectors_fit_the_caches():
    assert chosen(stored(2)) >= 2
    assert chosen(stored(64)) == 1  # 4 MB for each vector
