"""The programs with loops that are timed in benchmarks/loops: compiled, they return what they return uncompiled."""

import shutil
import sys
from pathlib import Path

import numpy as np
import optree
import pytest
from benchmarks.loops.programs import MAKERS, ROWS, SMALL, find, small

from glassgrad.compiler.ir.interpret import interpret

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
EXACT = 1e-12  # of compiled and uncompiled results, relative to the larger of 1 and the value


def flat(results):
    return np.concatenate([np.ravel(leaf) for leaf in optree.tree_leaves(results)])


def expected(program):
    """The results of all lanes, uncompiled, in the order of a compiled call."""
    lanes = program.uncompiled()
    if program.in_axes is None:
        return flat(lanes[0])
    leaves = [np.array(some, dtype=float) for some in zip(*map(optree.tree_leaves, lanes))]
    return flat([leaf.sum(axis=0) for leaf in leaves] if program.reduce else leaves)


def differ(got, want):
    assert got.shape == want.shape
    return np.max(np.abs(got - want) / np.maximum(1.0, np.abs(want)))


@pytest.mark.parametrize("name", MAKERS)
def test_compiled_is_uncompiled(name):
    program = small(name)
    assert differ(flat(program.compiled()(*program.arguments)), expected(program)) < EXACT


@pytest.mark.parametrize("name", MAKERS)
def test_the_gradient_follows_the_function(name):
    """Along a random direction it is the slope of the function on floats, by central differences."""
    program = small(name)
    argnums = (program.argnums,) if isinstance(program.argnums, int) else program.argnums
    arguments, structure = optree.tree_flatten(program.lane(0))
    chosen = optree.tree_leaves(
        tuple(i in argnums for i, a in enumerate(program.lane(0)) for _ in optree.tree_leaves(a))
    )
    numbers = np.random.default_rng(1)
    along = [on * numbers.standard_normal(np.shape(x)) for on, x in zip(chosen, arguments)]

    def moved(step):
        return program.function(*optree.tree_unflatten(structure, [x + step * d for x, d in zip(arguments, along)]))

    step = 1e-6
    slope = (moved(step) - moved(-step)) / (2 * step)
    gradient = flat(program.transformed(*program.lane(0))[1])
    assert gradient @ flat([d for on, d in zip(chosen, along) if on]) == pytest.approx(slope, rel=1e-5, abs=1e-6)


def test_rows_have_titles_of_their_own_and_programs():
    assert len({row.title for row in ROWS}) == len(ROWS)
    assert {row.name for row in ROWS} == set(MAKERS) == set(SMALL)


def test_sizes_can_be_chosen():
    assert len(find("heat")(n=7, steps=2, lanes=3).lane(0)[1]) == 7
    assert find("lorenz")(lanes=None).in_axes is None


@pytest.mark.parametrize("name", MAKERS)
def test_the_tape_holds_one_lane(name):
    """Interpreted, it gives the function's value and gradient, though arrays come before numbers."""
    program = small(name)
    leaves = optree.tree_leaves(program.lane(0))
    inputs = flat([x for x in leaves if np.ndim(x)] + [x for x in leaves if not np.ndim(x)])
    results = interpret(program.tape(), inputs[:, None], 1)[0]
    assert differ(np.sort(flat(results)), np.sort(flat(program.transformed(*program.lane(0))))) < EXACT


def test_an_unknown_name_is_refused():
    with pytest.raises(KeyError, match="no program is called 'hestan'; there are heston, libor"):
        find("hestan")


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("gcc") is None or sys.platform != "linux", reason="C by hand is for gcc on Linux")
@pytest.mark.parametrize("name", MAKERS)
def test_c_by_hand_agrees(name, monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    monkeypatch.syspath_prepend(BENCHMARKS / "loops")
    import c_by_hand

    program = small(name, lanes=40) if "lanes" in SMALL[name] else small(name)  # 40 = 32 + 8 lanes side by side
    call, _, _ = c_by_hand.make(program, 1)
    call()  # the second call finds memory that is used already
    assert differ(flat(call()), expected(program)) < 1e-11
