"""The loop in machine code by which threads share a batch: each part is run once, a thread's own share first."""

from __future__ import annotations

import ctypes
import random
import threading

import numpy as np
import pytest

import glassgrad as gg

pytest.importorskip("llvmlite")

from glassgrad.compiler import kernel
from glassgrad.compiler.driver import driver, shares
from glassgrad.compiler.kernel import Signature

STEP, ROW, SUMS = 4096, 24, 10_000_000  # lanes of a part; bytes of a row of sums, and where they are said to be


class Drive:
    """Threads at parts of a batch, and what the kernel was asked for."""

    def __init__(self, threads: int, parts: int, lanes: int, row: int) -> None:
        self.turns, self.bounds = shares(threads, parts)
        self.asked: list[tuple[int, int, list[int]]] = []
        self.table = np.array([SUMS, 0, 8], np.int64)
        self.kernel = Signature(self.run)
        address = ctypes.cast(self.kernel, ctypes.c_void_p).value
        rest = (threads, parts, STEP, STEP, row, lanes, 0, self.table.ctypes.data, 0, 0)
        self.given = (address, self.turns.ctypes.data, *rest)

    def run(self, start, stop, valid, ins, outs, scratch, missed):
        leaf = np.ctypeslib.as_array(ctypes.cast(outs, ctypes.POINTER(ctypes.c_int64)), (3,)).tolist()
        self.asked.append((start, stop, leaf))
        return int(start == 0)

    def share(self, mine: int, most: int) -> bool:
        found = 0
        while (self.turns[:, 0] < self.bounds).any():
            found |= driver()[0](most, mine, *self.given)
        return bool(found)


def test_every_part_is_run_once():
    """Whatever the threads, those of them that come, and how many parts each takes before it looks up."""
    draw = random.Random(0)
    for _ in range(300):
        threads, parts, fold = draw.randrange(1, 9), draw.randrange(1, 40), draw.random() < 0.5
        lanes = (parts - 1) * STEP + draw.randrange(STEP, 2 * STEP)
        drive = Drive(threads, parts, lanes, ROW if fold else 0)
        most = [draw.choice([1, 2, parts]) for _ in range(draw.randrange(1, threads + 1))]
        found: list[bool] = []
        team = [
            threading.Thread(target=lambda mine=mine, n=n: found.append(drive.share(mine, n)))
            for mine, n in enumerate(most)
        ]
        for thread in team:
            thread.start()
        for thread in team:
            thread.join()
        assert any(found)
        wanted = [(k * STEP, lanes if k == parts - 1 else (k + 1) * STEP) for k in range(parts)]
        assert sorted((start, stop) for start, stop, _ in drive.asked) == wanted
        for start, _, leaf in drive.asked:
            assert leaf == [SUMS + (start // STEP * ROW if fold else 0), 0, 8]


def test_a_thread_takes_its_own_share_first():
    drive = Drive(3, 9, 9 * STEP, 0)
    drive.share(1, 9)
    assert [start // STEP for start, _, _ in drive.asked] == [3, 4, 5, 6, 7, 8, 0, 1, 2]


def batch_with(monkeypatch, drive):
    """A batch for two threads, its parts driven by ``drive(real function, arguments)``."""
    monkeypatch.setattr(kernel, "SPLIT", 1)
    real, loaded = driver()
    monkeypatch.setattr(kernel, "driver", lambda: (lambda *args: drive(real, args), loaded))
    x = np.random.default_rng(0).uniform(0.1, 2.0, 20_000)
    batch = gg.vmap(lambda x: gg.exp(-x) * x, threads=2)
    return batch, x


def test_threads_have_shares_of_their_own(monkeypatch):
    both, mine = threading.Barrier(2, timeout=30), []

    def drive(real, args):
        mine.append(args[1])
        if len(mine) <= 2:
            both.wait()
        return real(*args)

    batch, x = batch_with(monkeypatch, drive)
    np.testing.assert_array_equal(batch(x), gg.vmap(lambda x: gg.exp(-x) * x, threads=1)(x))
    assert set(mine) == {0, 1}


def test_once_it_is_interrupted_no_one_takes_another_part(monkeypatch):
    seen = []
    monkeypatch.setattr(kernel, "shares", lambda *given: seen.append(shares(*given)) or seen[-1])

    def drive(real, args):
        raise KeyboardInterrupt

    batch, x = batch_with(monkeypatch, drive)
    with pytest.raises(KeyboardInterrupt):
        batch(x)
    turns, bounds = seen[-1]
    assert (turns[:, 0] >= bounds).all()
