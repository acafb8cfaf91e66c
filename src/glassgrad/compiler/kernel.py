"""Machine code for a tape, and the call of it."""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from glassgrad.compiler import cache, machine
from glassgrad.compiler.batch import CHUNK, batch_module, chunks
from glassgrad.compiler.layout import Form
from glassgrad.compiler.mathlib import find
from glassgrad.compiler.module import INLINED, kernel_of, size_of
from glassgrad.compiler.passes import improve
from glassgrad.compiler.row import Text, row_module
from glassgrad.compiler.settings import config
from glassgrad.compiler.tape import Tape
from glassgrad.compiler.target import Target, host

__all__ = ["Kernel", "improved"]

SMALL = 600  # operations up to which code is small
LARGEST = 60_000  # operations beyond which code stays as it is
HOT = 0.25  # seconds of running after which large code is optimised in the background
WARM = 0.01  # the same for small code
OFTEN = 8  # calls after which code for one call is
PLAIN = 60  # operations up to which code without mathlib is optimised at once
WIDE = 400  # operations up to which batch code is also made twice as wide
HEAVY = 120  # lines of IR in a path from which that pays where lanes are parted
DENSE = 3  # lines of IR an operation, from which it pays to put them in a good order
MANY = 1024  # lanes from which that is used
SPLIT = 40_000  # operations times lanes that are worth a thread

Signature = ctypes.CFUNCTYPE(ctypes.c_int64, *[ctypes.c_int64] * 3, *[ctypes.c_void_p] * 4)


def improved(tape: Tape, target: Target) -> Tape:
    """The tape as it is compiled for ``target``."""
    return improve(tape, target.fma)


class Kernel:
    """Machine code for one tape and one layout of its arguments.

    Args:
        tape: after the passes.
        inputs, outputs: how they lie in memory.
        kind: ``"row"``: one call; ``"batch"``; ``"fold"``: a batch whose results are summed.
        target: the processor.
    """

    def __init__(
        self, tape: Tape, inputs: Sequence[Form], outputs: Sequence[Form], kind: str, target: Target | None = None
    ) -> None:
        self.tape, self.inputs, self.outputs, self.kind = tape, list(inputs), list(outputs), kind
        self.target = target or host()
        self.spent = 0.0
        self.calls = 0
        self.wide: Any = None
        self._lock = threading.Lock()
        self._better: threading.Thread | None = None
        # At first code is made quickly, and calls mathlib; what is used much is made again, with that inlined
        plain = len(tape.ops) <= PLAIN and all(find(op.code or "").small for op in tape.ops)
        self.small = len(tape.ops) <= SMALL
        self.widens = kind == "batch" and len(tape.ops) <= WIDE * tape.paths and self.work() >= (tape.paths > 1) * HEAVY
        self.final = (plain and not self.widens) or len(tape.ops) > LARGEST
        self.code = self._make(2 if plain else 1)

    def work(self) -> float:
        """How many lines of IR a path takes, about."""
        sizes = [size_of(name, self.target) for i in range(len(self.tape.ops)) if (name := kernel_of(self.tape, i))]
        return sum(sizes) / self.tape.paths

    @property
    def lanes(self) -> int:
        return 1 if self.kind == "row" else self.target.lanes

    def text(self, level: int = 2, target: Target | None = None) -> Text:
        """The module's LLVM IR."""
        inlined = INLINED if level > 1 else 0
        if self.kind == "row":
            return row_module(self.tape, self.inputs, self.outputs, self.target, inlined)
        target = target or self.target
        ordered = level > 1 and self.small and self.work() * self.tape.paths >= DENSE * len(self.tape.ops)
        vectors = target.lanes // self.target.lanes if ordered else 0
        return batch_module(self.tape, self.inputs, self.outputs, target, inlined, self.kind == "fold", vectors)

    def _make(self, level: int, target: Target | None = None) -> tuple[Any, int, machine.Loaded]:
        """The function, the scratch memory that it wants, and what keeps it in memory."""
        target = self.target.scalar() if self.kind == "row" else target or self.target
        folder = config.cache
        name = ""
        if folder is not None:
            name = cache.digest(self.tape, self.inputs, self.outputs, target, f"{self.kind}{level}")
            kept = cache.load(folder, name)
            if kept is not None:
                try:
                    loaded = machine.load_image(kept.code, target, "kernel", kept.needs)
                    return Signature(loaded.address), kept.scratch, loaded
                except (RuntimeError, ValueError, KeyError):
                    pass
        text, scratch, needs = self.text(level, target)
        loaded = machine.load(text, target, level, "kernel", needs)
        if folder is not None and loaded.image is not None:
            cache.store(folder, name, cache.Kept(scratch, needs, loaded.image))
        return Signature(loaded.address), scratch, loaded

    @property
    def address(self) -> int:
        return int(self.code[2].address)

    @property
    def scratch(self) -> int:
        """Bytes of scratch memory that a call wants."""
        return self.code[1]

    def heat(self, seconds: float) -> None:
        """The code ran for so long: once that adds up, better code is made in the background."""
        if self.final:
            return
        self.spent += seconds
        self.calls += 1
        enough = self.calls >= OFTEN if self.kind == "row" else self.spent >= (WARM if self.small else HOT)
        if not enough:
            return
        with self._lock:
            if self._better is None:  # Python waits for it before it ends
                self._better = threading.Thread(target=self._improve, name="glassgrad compiles")
                with suppress(RuntimeError):  # and starts none when it is about to
                    self._better.start()

    def _improve(self) -> None:
        if self.widens:  # two vectors side by side: where one waits for a result, the other goes on
            self.wide = self._make(2, self.target._replace(lanes=2 * self.target.lanes))
        self.code = self._make(2)
        self.final = True

    def wait(self) -> None:
        """Until the code is as good as it gets."""
        if not self.final:
            self.calls = OFTEN
            self.heat(HOT)
            assert self._better is not None
            self._better.join()

    # Calls

    def call(self, start: int, stop: int, valid: int, ins: Any, outs: Any, missed: Any = None) -> int:
        """Run over lanes ``start`` to ``stop``; ``ins`` and ``outs`` are tables of leaves, as arrays of int64."""
        function, size, _ = self.wide if self.wide is not None and stop - start >= MANY else self.code
        scratch = np.empty(size // 8 + 8)
        address = scratch.ctypes.data
        began = time.perf_counter()
        result = function(
            start,
            stop,
            valid,
            ins.ctypes.data,
            outs.ctypes.data,
            address + -address % 64,
            None if missed is None else missed.ctypes.data,
        )
        if not self.final:
            self.heat(time.perf_counter() - began)
        return int(result)

    def batch(self, lanes: int, ins: Any, outs: Any, missed: Any, threads: int) -> bool:
        """Run over a batch, at least as large as the target's; return whether lanes were missed."""
        work = max(len(self.tape.ops), 1) * lanes
        threads = max(1, min(threads, work // SPLIT, lanes // CHUNK))
        if threads == 1:
            return self.call(0, lanes, lanes, ins, outs, missed) != 0
        count = lanes // CHUNK
        edges = [0]
        while edges[-1] < count:  # ever smaller parts: a thread that is held up leaves its share to the others
            edges.append(edges[-1] + max(1, (count - edges[-1]) // (2 * threads)))
        edges = [edge * CHUNK for edge in edges[:-1]] + [lanes]
        width = sum(form.size for form in self.outputs)
        turns = iter(range(len(edges) - 1))  # whose next is one step, so that no two threads get the same
        found = [False] * threads

        def work_on(thread: int) -> None:
            for k in turns:
                mine = outs
                if self.kind == "fold":  # rows of sums, one a chunk
                    mine = outs.copy()
                    mine[0] += edges[k] // CHUNK * width * 8
                if self.call(edges[k], edges[k + 1], lanes, ins, mine, missed):
                    found[thread] = True

        waiting = []
        with suppress(RuntimeError):  # Python is about to end, and starts no more threads
            workers = _workers(threads)
            waiting = [workers.submit(work_on, thread) for thread in range(1, threads)]
        work_on(0)
        for one in waiting:
            one.result()
        return any(found)

    def rows(self, lanes: int) -> int:
        """How many rows of sums a folded batch gives."""
        return chunks(lanes, self.target)


_pools: dict[int, Any] = {}
_pools_lock = threading.Lock()


def _workers(threads: int) -> Any:
    import os
    from concurrent.futures import ThreadPoolExecutor

    key = os.getpid()
    with _pools_lock:
        pool = _pools.get(key)
        if pool is None or pool._max_workers < threads - 1:
            pool = ThreadPoolExecutor(threads - 1, thread_name_prefix="glassgrad")
            _pools.clear()
            _pools[key] = pool
        return pool
