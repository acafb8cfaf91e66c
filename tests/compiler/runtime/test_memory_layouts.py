"""However an array lies in memory, compiled functions read its numbers, write to its places, and touch nothing else."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import glassgrad as gg
from helpers.layouts import apart, layout

SHAPES = [(), (1,), (3,), (9,), (0,), (2, 3), (1, 4), (4, 1), (2, 1, 9), (3, 0), (17,)]
LANES = [0, 1, 2, 3, 7, 8, 9, 16, 33]


def test_rows_of_one_number_each_that_is_repeated():
    x = np.arange(1.0, 9.0)
    f = gg.vmap(lambda r: r.sum())
    for _ in range(4):
        np.testing.assert_array_equal(f(np.broadcast_to(x[:, None], (8, 3))), 3.0 * x)


def weighted(x, y):
    """Every number counts for itself, so that no two places can be taken for each other."""
    w = np.arange(1.0, 1.0 + np.size(x)).reshape(np.shape(x)) if np.ndim(x) else 1.0
    return np.sum(x * w) + 1000.0 * np.sum(y), x + 1.0, np.array([np.sum(x), np.sum(y) * 2.0])


def test_numbers_are_read_from_wherever_they_lie():
    """Each case is called until the shortest way is taken, then with the same layout over other numbers."""
    rng = np.random.default_rng(2024)
    compiled = [gg.vmap(weighted, in_axes=a) for a in ((0, 0), (0, None))]
    for case in range(450):
        shape, lanes = SHAPES[rng.integers(len(SHAPES))], int(rng.choice(LANES))
        x, _ = layout(rng, (lanes, *shape))
        shared = bool(rng.integers(2))
        y, _ = layout(rng, (3,) if shared else (lanes, 3))
        f = compiled[shared]
        for turn in range(3):
            plain_x, plain_y = np.array(x, dtype=float), np.array(y, dtype=float)
            expected = [weighted(row, plain_y if shared else plain_y[k]) for k, row in enumerate(plain_x)]
            found = f(x, y)
            for part, results in enumerate(found):
                assert len(results) == lanes
                if lanes:
                    wanted = np.array([row[part] for row in expected])
                    np.testing.assert_array_equal(results, wanted.astype(results.dtype), err_msg=f"case {case}")
            if turn == 1 and x.flags.writeable and x.size:  # another set of numbers in the same places
                x[...] = np.array(x)[::-1]


def test_lanes_on_any_axis():
    rng = np.random.default_rng(7)
    for axis in (0, 1, 2, -1):
        f = gg.vmap(lambda a: (a * np.arange(1.0, 1.0 + a.size).reshape(a.shape)).sum(), in_axes=axis)
        for _ in range(40):
            x, _ = layout(rng, (8, 8, 8)[: 2 + (axis == 2 or rng.integers(2))] if axis != 2 else (3, 2, 9))
            rows = np.moveaxis(np.array(x, dtype=float), axis, 0)
            expected = [(a * np.arange(1.0, 1.0 + a.size).reshape(a.shape)).sum() for a in rows]
            for _ in range(3):
                np.testing.assert_array_equal(f(x), np.array(expected).astype(f(x).dtype))


def test_one_call_reads_numbers_from_wherever_they_lie():
    rng = np.random.default_rng(11)
    f = gg.jit(weighted)
    for case in range(250):
        x, y = layout(rng, SHAPES[rng.integers(len(SHAPES))])[0], layout(rng, (3,))[0]
        expected = weighted(np.array(x, dtype=float), np.array(y, dtype=float))
        for _ in range(3):
            for found, wanted in zip(f(x, y), expected):
                found = np.asarray(found)
                np.testing.assert_array_equal(found, np.asarray(wanted).astype(found.dtype), err_msg=f"case {case}")


@pytest.mark.parametrize("where", ["elsewhere", "in the argument"])
def test_results_are_written_to_their_places_and_nowhere_else(where):
    """The memory between an array's numbers stays; results may lie where the argument does."""
    rng = np.random.default_rng(5)
    tried = 0
    f = gg.vmap(lambda r: (r * 2.0 + r[0], (r * np.arange(1.0, 4.0)).sum()))
    while tried < 120:
        lanes = int(rng.choice(LANES[1:]))
        x, memory = layout(rng, (lanes, 3), "f8")
        plain = np.array(x)
        if where == "elsewhere":
            out, memory = layout(rng, (lanes, 3), "f8")
        else:
            out = x[::-1] if rng.integers(2) else x[:, ::-1] if rng.integers(2) else x
        if not apart(out) or not out.flags.writeable:
            continue
        tried += 1
        numbers = np.zeros(lanes)
        expected = plain * 2.0 + plain[:, :1]
        wanted = memory.copy()
        start = out.__array_interface__["data"][0] - memory.__array_interface__["data"][0]
        np.ndarray(out.shape, out.dtype, wanted, start, out.strides)[...] = expected
        for _ in range(3):
            x.flags.writeable = True
            x[...] = plain
            found, sums = f(x, out=(out, numbers))
            assert found is out
            assert sums is numbers
            np.testing.assert_array_equal(out, expected)
            np.testing.assert_array_equal(numbers, (plain * np.arange(1.0, 4.0)).sum(axis=1))
            if where == "elsewhere":
                np.testing.assert_array_equal(memory, wanted)


def test_results_whose_places_are_one_place():
    """As with NumPy, the last number written stays; no other is taken for a result on the way."""
    x = np.arange(1.0, 17.0)
    f = gg.vmap(lambda x: np.array([x, x * 2.0, x * 3.0]))
    memory = np.zeros(19)
    out = np.lib.stride_tricks.as_strided(memory, (16, 3), (8, 8))
    expected = memory.copy()
    np.lib.stride_tricks.as_strided(expected, (16, 3), (8, 8))[...] = np.stack([x, x * 2.0, x * 3.0], axis=1)
    for _ in range(4):
        f(x, out=out)
        np.testing.assert_array_equal(memory, expected)


@pytest.mark.skipif(sys.platform != "linux", reason="needs mprotect")
def test_no_byte_beyond_an_array_is_touched():
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", str(Path(__file__).parents[2] / "helpers" / "guard_pages.py")],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
