"""A kernel with loops computes what the kernel of the expansion computes, to the bit."""

import ctypes
import ctypes.util
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.helpers.branching import runnable
from tests.helpers.hand_tapes import tape_of
from tests.helpers.rolled_kernels import RolledKernel, bits, random_layouts, run
from tests.helpers.rolled_tapes import random_columns, random_rolled_tape

import glassgrad as gg
from glassgrad.compiler.codegen.layout import BROADCAST, CONTIGUOUS, INTERLEAVED, Form
from glassgrad.compiler.codegen.rolled import kernel as rolled_kernel
from glassgrad.compiler.codegen.rolled import pairs
from glassgrad.compiler.codegen.rolled.kernel import is_rollable, rolled_module
from glassgrad.compiler.ir.expand import expand
from glassgrad.compiler.ir.interpret import interpret
from glassgrad.compiler.ir.loops import EXPANDED, READS, Affine, Assert, Carried, Loop, Read
from glassgrad.compiler.llvm import machine
from glassgrad.compiler.llvm.host import host
from glassgrad.compiler.llvm.target import LEVELS, level
from glassgrad.compiler.runtime.kernel import Kernel
from glassgrad.core import ops

KINDS = ["batch", "reduce", "scalar"]


def c_function(name):
    function = getattr(ctypes.CDLL(ctypes.util.find_library("m")), name)
    function.argtypes, function.restype = [ctypes.c_double], ctypes.c_double
    return function


def target_of(name):
    return level(name, host().triple)


def check(tape, inputs, outputs, target, kind, columns, lanes, vectors):
    flat = expand(tape)
    rolled = run(RolledKernel(tape, inputs, outputs, target, kind, vectors), columns, lanes)
    with np.errstate(all="ignore"):
        straight = run(Kernel(flat, inputs, outputs, kind, target), columns, lanes)
        _, paths = interpret(flat, columns, lanes)
    known = paths >= 0
    if kind == "scalar":
        assert rolled.returned == straight.returned == paths[0]
    else:
        assert (rolled.returned != 0) == (straight.returned != 0) == (not known.all())
        assert ((rolled.unmatched == 0) == known).all()
    if kind == "reduce":
        if known.all():
            assert (bits(rolled.columns) == bits(straight.columns)).all()
        return
    for a, b in zip(rolled.columns, straight.columns, strict=True):
        assert (bits(a[known]) == bits(b[known])).all()


def random_check(rng, kind, name):
    tape = random_rolled_tape(rng)
    while not tape.straight:
        tape = random_rolled_tape(rng)
    lanes = 1 if kind == "scalar" else rng.randint(1, 100)
    with np.errstate(over="ignore"):
        columns = [column.astype(np.float32).astype(float) for column in random_columns(rng, tape, lanes)]
    inputs, outputs = random_layouts(rng, kind, columns, tape.outputs())
    check(tape, inputs, outputs, target_of(name), kind, columns, lanes, rng.choice([None, 1, 2, 4]))


@pytest.mark.parametrize("kind", KINDS)
@given(seed=st.integers(0, 1 << 32))
@settings(max_examples=25, deadline=None)
def test_random_tapes(kind, seed):
    rng = random.Random(seed)
    random_check(rng, kind, rng.choice(runnable()))


@pytest.mark.slow
@pytest.mark.parametrize("name", runnable())
@pytest.mark.parametrize("kind", KINDS)
def test_many_random_tapes(kind, name):
    for seed in range(150):
        random_check(random.Random(f"{kind}{name}{seed}"), kind, name)


@pytest.mark.parametrize("kind", ["batch", "reduce"])
def test_random_tapes_with_two_rounds_at_a_time(kind, monkeypatch):
    monkeypatch.setattr(pairs, "SHARED", 0)
    for seed in range(40):
        random_check(random.Random(seed), kind, runnable()[-1])


@pytest.mark.parametrize("kind", ["batch", "reduce"])
@pytest.mark.parametrize("rounds", [7, 8])
@pytest.mark.parametrize("shared", [False, True])
def test_two_rounds_of_a_product_at_a_time(shared, rounds, kind):
    """The product of a matrix, which all lanes may share, and a vector, which is loaded once for two rows."""
    width = 13
    names = [f"x{k}" for k in range(width * (rounds + 1))]
    reads = [Read(0, Affine(t, (0,))) for t in range(width)]
    reads += [Read(0, Affine(width + t, (width,))) for t in range(width)]
    operations = [(ops.mul, READS + t, READS + width + t) for t in range(width)]
    n = len(names)
    operations += [(ops.add, n + t, n + t + 1 if t == 0 else n + width + t - 1) for t in range(width)]
    operations[width] = (ops.add, n, n + 1)
    operations[width + 1 :] = [(ops.add, n + width + t - 2, n + t) for t in range(2, width)]
    size = len(operations)
    results = [Read(-1, Affine(n + (size - 1) * rounds + t, ())) for t in range(rounds)]
    first = READS + len(reads)
    tape = tape_of(
        names, operations, [Loop(0, size, rounds, -1)], [*reads, *results], [*range(first, first + rounds)], []
    )
    lanes = 37
    columns = [np.full(lanes, np.sin(k)) if shared and k >= width else np.linspace(k, 1, lanes) for k in range(n)]
    forms = [Form(0, width, CONTIGUOUS), Form(width, n - width, BROADCAST if shared else INTERLEAVED)]
    check(tape, forms, [Form(0, rounds, CONTIGUOUS)], host(), kind, columns, lanes, None)


def test_random_tapes_whose_code_calls_mathlib(monkeypatch):
    monkeypatch.setattr(rolled_kernel, "INLINED", 0)
    for seed in range(12):
        random_check(random.Random(seed), "batch", runnable()[-1])


def chain(trips, assertion=()):
    """x = sin(x) + a, ``trips`` times."""
    return tape_of(
        ["x", "a"],
        [(ops.sin, READS), (ops.add, 2, 1), *assertion],
        [Loop(0, 2 + len(assertion), trips, -1)],
        [Carried(0, 0, 3)],
        [3],
    )


FORMS = [Form(0, 1, CONTIGUOUS), Form(1, 1, BROADCAST)], [Form(0, 1, CONTIGUOUS)]


def text_of(tape, inputs, outputs, kind="batch", target=None, vectors=1):
    return rolled_module(tape, inputs, outputs, target or host(), kind, vectors)


def test_code_does_not_grow_with_the_rounds():
    few, many = (text_of(chain(trips), *FORMS) for trips in (10, 10_000_000))
    assert few.text.count("\n") == many.text.count("\n")
    assert few.scratch == many.scratch < 1000
    assert not many.data


def stored(trips):
    """Squares of x, x + 1, …, which a second loop reads in reverse order and multiplies."""
    return tape_of(
        ["x"],
        [(ops.add, READS, -1), (ops.square, 1), (ops.mul, READS + 1, READS + 2)],
        [Loop(0, 2, trips, -1), Loop(2, 3, trips, -1)],
        [Carried(0, 0, 1), Carried(1, -1, 3), Read(1, Affine(1 + 2 * trips - 1, (-1,)))],
        [3],
        [1.0],
    )


def test_even_reads_need_no_table():
    text = text_of(stored(1000), [Form(0, 1, CONTIGUOUS)], [Form(0, 1, CONTIGUOUS)])
    assert not text.data
    assert 8000 * host().lanes <= text.scratch < 8200 * host().lanes


def test_values_that_are_soon_read_share_memory():
    """v[t] = v[t - 3] + x: a ring of a few cells is enough for any number of rounds."""
    trips = 5000
    read = np.array([0, 0, 0, *range(1, trips - 2)], np.int64)  # the input, then executions 0, 1, …
    tape = tape_of(["x"], [(ops.add, READS, 0)], [Loop(0, 1, trips, -1)], [Read(0, read)], [1])
    forms = [Form(0, 1, CONTIGUOUS)], [Form(0, 1, CONTIGUOUS)]
    assert text_of(tape, *forms).scratch < 20 * 8 * host().lanes
    columns = [np.arange(1.0, 20.0)]
    check(tape, *forms, host(), "batch", columns, 19, None)


def test_records_that_are_needed_one_after_the_other_share_memory():
    """Each loop reads what the loop before it stored."""
    trips, count = 1000, 12
    body = [(ops.add, 0, -1)] + [(ops.sin, READS + k) for k in range(count)]
    loops = [Loop(k, k + 1, trips, -1) for k in range(count + 1)]
    reads = [Read(k + 1, Affine(1 + k * trips, (1,))) for k in range(count)]
    tape = tape_of(["x"], body, loops, reads, [1 + count], [1.0])
    text = text_of(tape, [Form(0, 1, CONTIGUOUS)], [Form(0, 1, CONTIGUOUS)])
    assert text.scratch < 3 * trips * 8 * host().lanes


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("first", [0, 3])
@pytest.mark.parametrize("size", [32, 33, 40, 47])
@pytest.mark.parametrize("singles", [(False, False), (True, True), (False, True)])
def test_arguments_are_results(singles, size, first, kind):
    total = [Loop(0, 1, 50, -1)], [Carried(0, -1, 50), Read(0, Affine(0, (1,)))]
    tape = tape_of(
        [f"x{k}" for k in range(50)], [(ops.add, READS, READS + 1)], *total, [*range(first, first + size), 50], [0.0]
    )
    layout = BROADCAST if kind == "scalar" else CONTIGUOUS
    inputs, outputs = (singles[0], False) if kind == "reduce" else singles
    results = [Form(0, size, layout, outputs), Form(size, 1, layout)]
    lanes = 1 if kind == "scalar" else 37
    columns = [np.linspace(k, k + 1, lanes, dtype=np.float32).astype(float) for k in range(50)]
    check(tape, [Form(0, 50, layout, inputs)], results, host(), kind, columns, lanes, None)


@pytest.mark.parametrize("kind", KINDS)
def test_many_results_are_stored_by_loops(kind):
    trips = 3000
    tape = tape_of(
        ["x"],
        [(ops.add, READS, -1), (ops.square, 1)],
        [Loop(0, 2, trips, -1)],
        [Carried(0, 0, 1), *(Read(-1, Affine(1 + trips + k, ())) for k in range(trips))],
        [0, *range(READS + 1, READS + 1 + trips), -1],
        [1.0],
    )
    layout = BROADCAST if kind == "scalar" else CONTIGUOUS
    forms = [Form(0, 1, layout)], [Form(0, trips + 2, layout if kind != "batch" else INTERLEAVED)]
    assert text_of(tape, *forms, kind).text.count("\n") < 700
    lanes = 1 if kind == "scalar" else 37
    check(tape, *forms, host(), kind, [np.linspace(0.1, 2, lanes)], lanes, None)


@pytest.mark.parametrize("lanes", [1, 7, 8, 9, 31, 33, 4095, 4097, 4099, 4106, 8200])
@pytest.mark.parametrize("vectors", [1, 4])
def test_sums_are_those_of_other_kernels(lanes, vectors):
    columns = [np.linspace(-1, 1, lanes), np.full(lanes, 0.1)]
    check(chain(3), *FORMS, host(), "reduce", columns, lanes, vectors)


def products(trips, refs):
    """Each round of a loop multiplies the last product with x, and squares the result. ``refs`` are the results."""
    ops_ = [(ops.mul, READS, 1), (ops.square, 2)]
    return tape_of(["x", "p"], ops_, [Loop(0, 2, trips, -1)], [Carried(0, 0, 2)], [EXPANDED + ref for ref in refs], [])


@pytest.mark.parametrize("lanes", [1, 7, 8, 9, 31, 33, 4097, 4106])
@pytest.mark.parametrize("vectors", [1, 2, 4])
@pytest.mark.parametrize("results", ["all", "backwards", "some", "few", "twice"])
def test_results_in_loops_are_added_when_they_are_computed(results, vectors, lanes):
    trips = 12
    squares = [2 + trips + t for t in range(trips)]
    refs = {
        "all": [*squares, 2, 5],
        "backwards": [3, *reversed(squares)],
        "some": squares[3:10],
        "few": squares[2:4],
        "twice": [*squares, squares[4]],
    }[results]
    tape = products(trips, refs)
    columns = [np.linspace(-1, 1, lanes), np.full(lanes, 1.1)]
    forms = [Form(0, 1, CONTIGUOUS), Form(1, 1, BROADCAST)], [Form(0, len(refs), CONTIGUOUS)]
    check(tape, *forms, host(), "reduce", columns, lanes, vectors)


def test_results_that_are_added_need_no_memory():
    trips = 200
    squares = [2 + trips + t for t in range(trips)]
    forms = [Form(0, 1, CONTIGUOUS), Form(1, 1, BROADCAST)], [Form(0, trips, CONTIGUOUS)]
    scratch = {kind: text_of(products(trips, squares), *forms, kind).scratch for kind in ("batch", "reduce")}
    assert scratch["reduce"] <= 64 * (trips + 8)
    assert scratch["batch"] >= 64 * trips


@pytest.mark.parametrize("lanes", [1, 8, 33, 4106])
def test_the_result_of_the_last_round_is_added_like_the_others(lanes):
    trips = 12
    tape = products(trips, [2 + trips + t for t in range(trips)])
    (segment,) = tape.segments
    last = tape.inputs + 1  # the square itself: after the loop it is that of the last round
    tape.segments = [segment._replace(exit=segment.exit._replace(refs=(*segment.exit.refs[:-1], last)))]
    forms = [Form(0, 1, CONTIGUOUS), Form(1, 1, BROADCAST)], [Form(0, trips, CONTIGUOUS)]
    assert not text_of(tape, *forms, "reduce").data  # so the sums need no table
    check(tape, *forms, host(), "reduce", [np.linspace(-1, 1, lanes), np.full(lanes, 1.1)], lanes, None)


@pytest.mark.parametrize("kind", KINDS)
def test_a_lane_is_unmatched_where_an_assert_fails_in_any_round(kind):
    tape = chain(5, [(Assert(True, "p.py:1"), READS)])
    lanes = 1 if kind == "scalar" else 40
    for x in (0.0, 0.5):
        columns = [np.full(lanes, 0.5), np.full(lanes, 0.25)]
        columns[0][lanes // 3] = x  # sin(0.0) + 0.25 is not 0, but the first condition is
        check(tape, *FORMS, host(), kind, columns, lanes, None)


@pytest.mark.parametrize("kind", ["batch", "reduce"])
@pytest.mark.parametrize("lanes", [3, 8, 50])
def test_what_all_lanes_share_is_computed_once(kind, lanes):
    """The first loop is a recurrence in the shared argument; each lane reads its values at once, and in reverse."""
    trips = 20
    tape = tape_of(
        ["x", "p"],
        [
            *((ops.div, READS, 1), (ops.exp, 2), (ops.square, 3), (ops.mul, READS + 1, 4), (ops.add, 5, READS + 2)),
            *((ops.mul, READS + 3, READS + 4), (ops.add, 7, 3)),
        ],
        [Loop(0, 5, trips, -1), Loop(5, 7, trips, -1)],
        [
            *(Carried(0, -1, 2), Carried(0, 0, 6), Read(0, Affine(2, (1,)))),
            *(Carried(1, 6, 8), Read(1, Affine(2 + 3 * trips - 1, (-1,)))),
        ],
        [8, 4, 2],
        [2.0],
    )
    forms = [Form(0, 1, CONTIGUOUS), Form(1, 1, BROADCAST)], [Form(0, 3, CONTIGUOUS)]
    alone = text_of(tape, [form._replace(layout=CONTIGUOUS) for form in forms[0]], forms[1], kind)
    assert 0 < alone.scratch - text_of(tape, *forms, kind).scratch
    check(tape, *forms, host(), kind, [np.linspace(-1, 1, lanes), np.full(lanes, 1.25)], lanes, None)


def test_results_and_arguments_of_float32():
    forms = [Form(0, 2, INTERLEAVED, True)], [Form(0, 1, CONTIGUOUS, True)]
    columns = [np.linspace(0, 1, 21).astype(np.float32).astype(float) for _ in range(2)]
    check(chain(4), *forms, host(), "batch", columns, 21, 2)


def calling(function):
    """A tape with a loop that applies a function which cannot be traced."""
    op = gg.primitive(partials=lambda y, x: y, name="outside")(function)
    return tape_of(["x"], [(op, READS)], [Loop(0, 1, 3, -1)], [Carried(0, 0, 1)], [1])


def test_functions_of_c_are_called():
    tape = calling(c_function("cbrt"))
    assert is_rollable(tape)
    columns = [np.linspace(0.1, 2, 21)]
    for vectors in (1, 2):
        check(tape, [Form(0, 1, CONTIGUOUS)], [Form(0, 1, CONTIGUOUS)], host(), "batch", columns, 21, vectors)


def test_functions_of_python_prevent_rolled_code():
    assert not is_rollable(calling(lambda x: x))


@pytest.mark.parametrize("name", LEVELS)
def test_there_is_code_for_every_target(name):
    """Also for processors that this machine does not have."""
    target = level(name, "unknown-unknown-linux-gnu")
    for kind in KINDS:
        layout = BROADCAST if kind == "scalar" else INTERLEAVED
        forms = [Form(0, 1, layout)], [Form(0, 1, layout)]
        text = rolled_module(stored(100), *forms, target, kind)
        where = target.scalar() if kind == "scalar" else target
        assembly = machine.assembly(text.text, where, 1)
        assert ("fmul" if name == "neon" else "mul") in assembly
