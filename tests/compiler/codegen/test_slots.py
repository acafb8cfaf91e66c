"""Values that code keeps in memory on the way: whatever regions there are, each read finds what it is meant to."""

from __future__ import annotations

import itertools
import os
import time
from typing import Any

import numpy as np
import pytest

import glassgrad as gg
from glassgrad.compiler.codegen import frame
from glassgrad.compiler.llvm.target import LEVELS
from helpers.branching import runnable
from helpers.registers import Registers
from helpers.slots import WrongSlot, check_slots
from helpers.tiers import every_text, every_tier, program_of

TOLERANCE = 1e-9  # of values of about 1: a wrong slot gives something else altogether
POINTS = 300
WITH_WRONG_SLOTS = [4, 11, 13, 16]  # small programs whose gradients had wrong lanes
SKIPPED = [name for name in LEVELS if name not in runnable() and name != "neon"]
NIGHT = float(os.environ.get("GLASSGRAD_NIGHT", 7200))  # seconds of the night that random programs may take

pytestmark = pytest.mark.skipif(not runnable(), reason="there is no llvmlite, so there is no code")


def gradient(f: Any) -> Any:
    g = gg.value_and_grad(f, argnums=(0, 1, 2, 3))

    def flat(*xs: Any) -> list[Any]:
        value, slopes = g(*xs)
        return [value, *slopes]

    return flat


def small(seed: int) -> Registers:
    return Registers(seed, least=2, most=4, between=8)


def agree(program: Registers, f: Any, points: int = POINTS) -> None:
    """All tiers give what Python gives."""
    columns = program.points(points)
    columns = columns[:, program.clear(columns)]
    expected = np.array([np.ravel(f(*point)) for point in columns.T.tolist()], dtype=float).T
    for tier, found in every_tier(program_of(f, columns), columns, runnable()):
        wrong = ~(np.abs(found - expected) <= TOLERANCE * (1 + np.abs(expected)))
        assert not wrong.any(), f"{tier}: {wrong.any(axis=0).sum()} lanes are wrong\n{program.source}"


def test_targets_that_this_processor_lacks_are_named():
    if SKIPPED:
        pytest.skip(f"this processor cannot run {', '.join(SKIPPED)}: their code is written and checked, not run")


@pytest.mark.parametrize("seed", WITH_WRONG_SLOTS)
def test_small_programs_that_had_wrong_lanes(seed):
    agree(small(seed), gradient(small(seed).function))


def seeds(first: int, count: int, more: int) -> list[Any]:
    """``count`` seeds of programs from ``first`` on, and ``more`` that only `make nightly` tries."""
    nightly = [pytest.param(seed, marks=pytest.mark.nightly) for seed in range(first + count, first + count + more)]
    return [*range(first, first + count), *nightly]


@pytest.mark.parametrize("seed", seeds(100, 4, more=4))
def test_random_programs(seed):
    program = Registers(seed)
    agree(program, program.function)


@pytest.mark.parametrize("seed", seeds(200, 3, more=2))
def test_gradients_of_random_programs(seed):
    agree(small(seed), gradient(small(seed).function))


@pytest.mark.parametrize("seed", seeds(300, 8, more=8))
def test_each_read_of_a_slot_finds_its_value(seed):
    program = small(seed) if seed % 2 else Registers(seed)
    f = gradient(program.function) if seed % 2 else program.function
    try:
        written = list(every_text(program_of(f, program.points(100))))  # and checked, by `compiler/conftest.py`
    except WrongSlot as error:
        raise AssertionError(f"{error}\n{program.source}") from error
    assert len(written) == 7 * len(LEVELS)


def test_the_checker_sees_a_value_stored_where_another_one_is_kept(monkeypatch):
    """This was the fault: each region stored what any region kept, also where the slot had been given away."""
    make = frame.Frame.__init__

    def careless(self: frame.Frame, tape: Any, regions: Any) -> None:
        make(self, tape, regions)
        self.kept = [{ref for i in region.ops if (ref := tape.inputs + i) in self.of} for region in regions]

    monkeypatch.setattr(frame.Frame, "__init__", careless)
    program = small(WITH_WRONG_SLOTS[0])
    texts = every_text(program_of(gradient(program.function), program.points(100)))
    with pytest.raises(WrongSlot, match=r"reads value \d+ from slot \d+ of frame, which holds"):
        list(texts)  # all code that is written here is checked


def test_every_kind_of_slot_is_checked():
    """Else the checker would say less than it seems to: values in the frame, in pieces, results that are summed."""
    reads: dict[str, int] = {}
    program = small(13)
    for what, text in every_text(program_of(gradient(program.function), program.points(100))):
        reads[what] = check_slots(text)
        for space in ("frame", "local"):
            reads[space] = reads.get(space, 0) + text.count(f"%{space}")
    assert reads["avx2 batch, first"] > 50
    assert reads["avx2 reduce, first"] > reads["avx2 batch, first"]
    assert reads["frame"] > 100

    long = program_of(lambda x, y: [gg.sin(x * y) for _ in range(9)] + chain(x, y), np.ones((2, 1)))
    texts = dict(every_text(long))
    assert check_slots(texts["avx2 scalar, better"]) > 5
    assert check_slots(texts["avx2 batch, better"]) > 5


def chain(x: Any, y: Any) -> list[Any]:
    found = [x]
    for _ in range(100):
        found.append(gg.sin(found[-1]) * y + gg.exp(-found[-1] * x))
    return [found[k] * found[-k - 1] for k in range(0, 100, 7)]


def reported(a: Any, b: Any, c: Any, d: Any) -> Any:
    d = d + 0.5 * d
    c = gg.exp(-a * a) * -0.3 + c
    c = c - 0.8 * b
    c = c * c * -0.9 - 0.9
    d = d * d * -0.05 - 0.05
    if b > a - 0.457:
        a = a - 0.26 * c
        d = d + 0.18 * d
        b = b * d * -0.09 - 0.09
        c = c - 0.44 * a
    a = a + c
    c = c - 0.19 * b
    c = gg.exp(-a * a) * 0.7 + c
    a = a / (1.5 + a * a)
    if a > c + 0.421:
        c = c * a * -0.13 - 0.13
    a = a + 0.09 * c
    b = gg.sin(a + 0.85) + 0.3 * b
    if b > c + 0.246:
        pass
    return a * b + c * d


def returns_early(a: Any, b: Any) -> Any:
    i = gg.exp(gg.sin(a))
    if a > 0:
        return i if i > 1.5 else -i
    v = gg.exp(gg.cos(b))
    if v > 1:
        return v if i > 0.5 else -v
    return 0.0


@pytest.mark.parametrize("f", [gradient(reported), returns_early], ids=["gradient", "value, with better code"])
def test_programs_that_were_reported(f):
    count = 4 if f is not returns_early else 2
    points = np.random.default_rng(44).uniform(-1.5, 1.5, (count, 600))
    expected = np.array([np.ravel(f(*point)) for point in points.T.tolist()], dtype=float).T
    for tier, found in every_tier(program_of(f, points), points, runnable()):
        assert np.allclose(found, expected, rtol=1e-9, atol=1e-9), tier


def test_a_linear_solve_with_pivoting():
    """Gaussian elimination, its rows exchanged by ``if``, beside NumPy."""
    n = 4

    def solve(matrix: Any, right: Any) -> Any:
        rows = [[*row, b] for row, b in zip(matrix.tolist(), right.tolist())]
        for k in range(n):
            for i in range(k + 1, n):
                if abs(rows[i][k]) > abs(rows[k][k]):
                    rows[i], rows[k] = rows[k], rows[i]
            for i in range(k + 1, n):
                factor = rows[i][k] / rows[k][k]
                rows[i] = [x - factor * y for x, y in zip(rows[i], rows[k])]
        found = [0.0] * n
        for k in reversed(range(n)):
            found[k] = (rows[k][n] - sum(rows[k][j] * found[j] for j in range(k + 1, n))) / rows[k][k]
        return np.array(found)

    draw = np.random.default_rng(5)
    matrices, rights = draw.normal(size=(200, n, n)), draw.normal(size=(200, n))
    expected = np.linalg.solve(matrices, rights[..., None])[..., 0]
    batch = gg.vmap(solve, max_paths=1000)
    for _ in range(3):
        assert np.allclose(batch(matrices, rights), expected, rtol=1e-6, atol=1e-8)


@pytest.mark.nightly
def test_random_programs_all_night(record_property):
    """New ones each night: as many as there is time for."""
    began, first, count = time.monotonic(), int(time.time() * 1000), 0
    for seed in itertools.count(first):
        if time.monotonic() - began > NIGHT:
            break
        program = small(seed) if seed % 2 else Registers(seed)
        agree(program, gradient(program.function) if seed % 4 else program.function)
        count += 1
    record_property("programs", count)
    print(f"{count} random programs, from seed {first} on, in {NIGHT:.0f} s")
    assert count
