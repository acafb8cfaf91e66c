"""The loop in machine code by which threads share a batch: each part is run once, a thread's own share first; and how
threads that linger come to it."""

from __future__ import annotations

import ctypes
import random
import threading
import time

import numpy as np
import pytest

import glassgrad as gg

pytest.importorskip("llvmlite")

from glassgrad.compiler.llvm import machine
from glassgrad.compiler.runtime import kernel, workers
from glassgrad.compiler.runtime.driver import FREE, GONE, LINE, Job, aligned, driver, turns
from glassgrad.compiler.runtime.kernel import Signature

STEP, INTERLEAVED, SUMS = 4096, 24, 10_000_000  # lanes of a part; bytes of a row of sums, and where they are said to be


class Drive:
    """Threads at parts of a batch, and what the kernel was asked for."""

    def __init__(self, threads: int, parts: int, lanes: int, row: int = 0, space: int = 0) -> None:
        self.asked: list[tuple[int, int, list[int], int]] = []
        self.table = np.array([SUMS, 0, 8], np.int64)
        self.kernel = Signature(self.run)
        address = ctypes.cast(self.kernel, ctypes.c_void_p).value
        assert address
        self.job = Job(
            threads=threads,
            parts=parts,
            step=STEP,
            chunk=STEP,
            row=row,
            lanes=lanes,
            code=machine.Loaded(None, address),
            space=space,
        )
        self.job.begin(0, self.table.ctypes.data, 0)

    def run(self, start, stop, valid, ins, outs, scratch, missed):
        leaf = np.ctypeslib.as_array(ctypes.cast(outs, ctypes.POINTER(ctypes.c_int64)), (3,)).tolist()
        self.asked.append((start, stop, leaf, scratch))
        return int(start == 0)

    def share(self, mine: int, most: int) -> bool:
        found = 0
        while self.job.open:
            found |= driver().drive(self.job.address, mine, most, self.job.kernel, self.job.scratch)
        return bool(found)

    def parts(self) -> list[tuple[int, int]]:
        return sorted((start, stop) for start, stop, _, _ in self.asked)


def test_every_part_is_run_once():
    """Whatever the threads, those of them that come, and how many parts each takes before it looks up."""
    draw = random.Random(0)
    for _ in range(300):
        threads, parts, fold = draw.randrange(1, 9), draw.randrange(1, 40), draw.random() < 0.5
        lanes = (parts - 1) * STEP + draw.randrange(STEP, 2 * STEP)
        drive = Drive(threads, parts, lanes, row=INTERLEAVED if fold else 0)
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
        assert drive.parts() == wanted
        for start, _, leaf, _ in drive.asked:
            assert leaf == [SUMS + (start // STEP * INTERLEAVED if fold else 0), 0, 8]


def test_a_thread_takes_its_own_share_first():
    drive = Drive(3, 9, 9 * STEP)
    drive.share(1, 9)
    assert [start // STEP for start, _, _, _ in drive.asked] == [3, 4, 5, 6, 7, 8, 0, 1, 2]


def lingering(desk: int, seconds: float = 3.0) -> threading.Thread:
    """A thread that lingers at a desk."""
    thread = threading.Thread(target=lambda: driver().linger(desk, turns(seconds)))
    thread.start()
    place = ctypes.c_int64.from_address(desk)
    while place.value != FREE:
        time.sleep(0.001)
    return thread


@pytest.fixture
def desks():
    """Four desks, two of them taken, whose threads leave in the end."""
    numbers = aligned(4 * LINE)
    numbers[::LINE] = GONE
    at = int(numbers.ctypes.data)
    threads = [lingering(at + 8 * LINE * k) for k in (1, 3)]
    yield at, numbers[::LINE]
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()


def test_those_that_linger_share_in_a_job(desks):
    """They alone, with memory of their own to work in; and again in the next one."""
    at, said = desks
    for _ in range(50):
        drive = Drive(3, 12, 12 * STEP, space=100)
        assert driver().post(at, 4, drive.job.address, 2) == 2
        while driver().watch(at, 0, drive.job.address, 1000):
            pass
        assert drive.parts() == [(k * STEP, (k + 1) * STEP) for k in range(12)]
        assert {where for _, _, _, where in drive.asked} <= {drive.job.scratch + k * drive.job.size for k in (1, 2)}
        assert drive.job.found
        assert said.tolist() == [GONE, FREE, GONE, FREE]


def test_no_more_share_in_a_job_than_are_wanted(desks):
    at, _ = desks
    drive = Drive(2, 2, 2 * STEP)
    assert driver().post(at, 4, drive.job.address, 1) == 1
    while driver().watch(at, 0, drive.job.address, 1000):
        pass
    assert len(drive.asked) == 2


def test_a_job_is_taken_back_from_those_that_have_not_begun():
    """Nobody looks at this desk: the call is over all the same."""
    numbers = aligned(LINE)
    numbers[0] = FREE
    drive = Drive(2, 4, 4 * STEP)
    assert driver().post(numbers.ctypes.data, 1, drive.job.address, 1) == 1
    assert driver().watch(numbers.ctypes.data, 0, drive.job.address, 10) == 1
    assert driver().watch(numbers.ctypes.data, 1, drive.job.address, 10) == 0
    assert numbers[0] == FREE
    assert not drive.asked


def test_a_job_is_not_over_while_one_is_at_it(desks):
    at, _ = desks
    began, goes_on = threading.Event(), threading.Event()
    drive = Drive(2, 1, STEP)
    run = drive.run

    def wait(*given):
        began.set()
        goes_on.wait(30)
        return run(*given)

    drive.run = wait  # type: ignore[method-assign]
    kernel = Signature(wait)
    address = ctypes.cast(kernel, ctypes.c_void_p).value
    assert address
    drive.job = Job(
        threads=2, parts=1, step=STEP, chunk=STEP, row=0, lanes=STEP, code=machine.Loaded(None, address), space=0
    )
    drive.job.begin(0, drive.table.ctypes.data, 0)
    assert driver().post(at, 4, drive.job.address, 1) == 1
    assert began.wait(30)
    assert driver().watch(at, 4, drive.job.address, 1000) == 1
    goes_on.set()
    while driver().watch(at, 4, drive.job.address, 1000):
        pass
    assert drive.parts() == [(0, STEP)]


def test_two_threads_make_it_once():
    """Each has machine code that stays, however many come first at once."""
    made, both = [], threading.Barrier(8, timeout=30)

    @machine.once
    def make(k):
        time.sleep(0.01)
        return object()

    def come():
        both.wait()
        made.append(make(1))

    threads = [threading.Thread(target=come) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(map(id, made))) == 1
    assert make(2) is not make(1)


def batch_with(monkeypatch, drive):
    """A batch for two threads, its parts driven by ``drive(real function, arguments)``, where not by one that
    lingers."""
    monkeypatch.setattr(kernel, "SPLIT", 1)
    monkeypatch.setattr(workers, "_workers", None)
    real = driver()
    monkeypatch.setattr(kernel, "driver", lambda: real._replace(drive=lambda *args: drive(real.drive, args)))
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

    class Seen(Job):
        def __init__(self, **given):
            super().__init__(**given)
            seen.append(self)

    monkeypatch.setattr(kernel, "Job", Seen)

    def drive(real, args):
        raise KeyboardInterrupt

    batch, x = batch_with(monkeypatch, drive)
    with pytest.raises(KeyboardInterrupt):
        batch(x)
    assert not seen[-1].open
