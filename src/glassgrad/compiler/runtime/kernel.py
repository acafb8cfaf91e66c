"""Make machine code for a tape, call it, and replace it by better code once it is used much."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from glassgrad.compiler import account
from glassgrad.compiler.account import Allowance
from glassgrad.compiler.codegen import callback
from glassgrad.compiler.codegen.batch_kernel import CHUNK, batch_module, chunks
from glassgrad.compiler.codegen.callees import Callees
from glassgrad.compiler.codegen.layout import Form
from glassgrad.compiler.codegen.mathlib.machine_code import addresses
from glassgrad.compiler.codegen.module import INLINED, SHORT
from glassgrad.compiler.codegen.rolled.kernel import rolled_module
from glassgrad.compiler.codegen.rolled.phased import phased_module
from glassgrad.compiler.codegen.scalar_kernel import KernelText, scalar_module
from glassgrad.compiler.ir.tape import Tape
from glassgrad.compiler.llvm import machine
from glassgrad.compiler.llvm.host import host
from glassgrad.compiler.llvm.target import Target
from glassgrad.compiler.runtime import cache, optimiser
from glassgrad.compiler.runtime.improved import ImprovedTape
from glassgrad.compiler.runtime.memory import LINE, Scratch
from glassgrad.compiler.runtime.pool import Split
from glassgrad.compiler.runtime.threads import KERNEL
from glassgrad.core.settings import config

__all__ = ["Kernel"]

# When code is made again, optimised, in the background:
SMALL = 600  # Code with at most this many operations is small.
LARGEST = 60_000  # Code with more operations than this is never made again.
STORED = 2  # With this many results for each line of IR, storing them costs most, so better code would gain nothing.
HOT = 0.25  # Large code is optimised after running for this many seconds.
WARM = 0.01  # Small code is optimised after running for this many seconds.
OFTEN = 8  # Small code for one call is optimised after this many calls.
MANY_CALLS = 600  # Large code for one call is optimised after this many calls.
AGAIN = 32  # Small code for a batch is optimised after this many calls, even if they were short.

QUICK = 3000  # Code for a batch that has loops is optimised at once if it has at most this many lines of IR.

# When code for a batch also works on several vectors side by side, so that one can go on while another waits:
VECTORS = 4  # It works on this many vectors.
WIDE = 400  # A path has at most this many operations.
CHAINED = 0.8  # The critical path has at least this many cycles for each line. With fewer, registers would run out.
HEAVY = 60  # If lanes diverge, a path has at least this many lines of IR.
MANY = 1024  # Batches of at least this many lanes use it.

# How a batch is divided among threads:
SPLIT = 1_500_000  # A thread is worth its start from this many lines of IR times lanes on: about 50 microseconds.
PART = 6_000_000  # A part has at most this many lines of IR times lanes: about 0.2 milliseconds.
PARTS = 4  # There are at least this many parts for each thread.
LEAST = 64  # A part has at least this many lanes. If results are summed, it has at least one chunk instead.


class Kernel:
    """Machine code for one tape and one layout of its arguments.

    Args:
        tape: the tape after the passes, which may still have to run, in the form that `forms.chosen` returns.
        inputs, outputs: the layout of arguments and results in memory.
        kind: ``"scalar"`` for one call, ``"batch"`` for a batch, or ``"reduce"`` for a batch whose results are summed.
        target: the processor.
        allowance: the time that making its first code may take, or None for any time.

    Attributes:
        code: the function, the bytes of scratch memory that it needs, and the memory that it is loaded in.
        wide: the same for code that works on several vectors side by side, or None.
        version: an integer in memory, which is increased when there is better code. Fast paths watch it.
        final: whether the code will not become better.
        size: the number of operations after the passes.
        spent, calls: the seconds that the code has run, and how often.
        split: the lines of IR times lanes from which a batch may be worth threads.
        executed: how many operations a lane executes.
        lines: about how many lines of IR a lane executes.
        loops: whether the code has loops.

    Raises:
        TooExpensive: making the first code would take longer than the allowance.
    """

    def __init__(
        self,
        tape: Tape | ImprovedTape,
        inputs: Sequence[Form],
        outputs: Sequence[Form],
        kind: str,
        target: Target | None = None,
        allowance: Allowance | None = None,
    ) -> None:
        self.inputs, self.outputs, self.kind = list(inputs), list(outputs), kind
        self.target = target or host()
        if isinstance(tape, Tape):
            tape = ImprovedTape(tape, inputs, outputs, self.target, kind, done=tape)
        self._improved = tape
        self.spent = 0.0
        self.calls = 0
        self._last = 0.0  # the seconds that the last call took
        self.wide: Any = None
        self.version = ctypes.c_int64(0)
        self.split = 2 * SPLIT
        self._asked = False  # whether better code was asked for
        self._unit = CHUNK if kind == "reduce" else LEAST
        self.callees = Callees(self._improved.called)
        self._others = self.callees.symbols(kind != "scalar")
        # The first code is made quickly, and calls mathlib. Code that is used much is made again, with mathlib inlined
        facts = self._improved.facts
        self.lines, self.size, self.executed = facts.lines, facts.operations, facts.executed
        self.small = (self.executed if kind == "scalar" else self.size) <= SMALL
        self.loops = facts.loops
        if facts.loops:
            plain, self.widens = kind != "scalar" and facts.length <= QUICK, False
        else:
            plain = kind != "scalar" and facts.plain
            heavy = facts.paths == 1 or self.lines >= HEAVY
            self.widens = kind == "batch" and self.small and self.size <= WIDE * facts.paths and heavy
        stores = STORED * self.lines <= sum([form.size for form in self.outputs])
        # Level 2 makes code with loops for one call no faster than level 1, and neither does straight code.
        done = facts.loops and kind == "scalar"
        self.best = machine.LOOPS if facts.loops else 2  # the level of the best code, and of the first code
        self.first = self.best if plain else 0 if kind == "scalar" and not done else 1
        self.final = done or (plain and not self.widens) or stores or self.size > LARGEST
        if machine.generator() is machine.better:  # nobody waits for this code
            self.code = self._make(self.first, pause=optimiser.require_time)
            return
        try:
            optimiser.announce()
            self.code = self._make(self.first, allowance=allowance)
        finally:
            optimiser.withdraw()

    @property
    def tape(self) -> Tape:
        """The tape after the passes."""
        return self._improved.tape

    @property
    def lanes(self) -> int:
        return 1 if self.kind == "scalar" else self.target.lanes

    def text(
        self, level: int = 2, target: Target | None = None, pause: Callable[[], None] = lambda: None
    ) -> KernelText:
        """Write the module of LLVM IR. ``pause`` is called after each function of it."""
        if self.tape.loops and self.kind == "scalar":
            return phased_module(self.tape, self.inputs, self.outputs, self.target, pause)
        if self.tape.loops:
            return rolled_module(self.tape, self.inputs, self.outputs, target or self.target, self.kind, pause=pause)
        inlined = INLINED if level > 1 else 0
        if self.kind == "scalar":
            return scalar_module(self.tape, self.inputs, self.outputs, self.target, inlined, pause)
        target = target or self.target
        vectors = target.lanes // self.target.lanes if level > 1 and self.small else 0
        reduced = self.kind == "reduce"
        return batch_module(self.tape, self.inputs, self.outputs, target, inlined, reduced, vectors, pause)

    def _make(
        self,
        level: int,
        target: Target | None = None,
        text: KernelText | None = None,
        pause: Callable[[], None] | None = None,
        allowance: Allowance | None = None,
    ) -> tuple[Any, int, machine.Loaded]:
        """Return the function, the bytes of scratch memory that it needs, and the memory that it is loaded in.

        Args:
            level: the level of optimisation.
            target: the processor. For code that works on several vectors side by side, it has more lanes.
            text: the module, if it has been written already.
            pause: a function that is called between all steps, for code that is made in the background.
            allowance: the time that making the code may take.
        """
        target = self.target.scalar() if self.kind == "scalar" else target or self.target
        kept = self._load(level, target)
        if kept is not None:
            return kept
        began = account.clock()
        text = text or self.text(level, target, pause or _go_on)
        data = _in_memory(text.data)
        used = self._used(text.needs, target, data)
        if pause is None:
            some: Iterable[str] = text.module.parts()
            if allowance is not None:
                some = allowance.parts(list(some), level, account.clock() - began)
        else:
            short = SHORT * self.lanes // target.lanes  # so that no part takes long, even with several vectors
            some = _paused(text.module.parts(short), pause)
        loaded = machine.load_parts(some, target, level, "kernel", used)
        loaded.data = data
        if config.cache is not None and loaded.image is not None:
            made = cache.Kept(text.scratch, text.needs, loaded.image, _in_bytes(data))
            cache.store(config.cache, self._name(level, target), made)
        return KERNEL(loaded.address), text.scratch, loaded

    def _load(self, level: int, target: Target) -> tuple[Any, int, machine.Loaded] | None:
        """Return the code that is kept on disk, as `_make` does, or None if there is none."""
        if config.cache is None:
            return None
        kept = cache.load(config.cache, self._name(level, target))
        if kept is None:
            return None
        try:
            data = _in_memory(kept.data)
            loaded = machine.load_image(kept.code, "kernel", self._used(kept.needs, target, data))
        except (RuntimeError, ValueError, KeyError):
            return None
        loaded.data = data
        return KERNEL(loaded.address), kept.scratch, loaded

    def _name(self, level: int, target: Target) -> str:
        return cache.name_of(self._improved.contents, target, f"{self.kind}{level}")

    def _used(self, needs: Iterable[str], target: Target, data: Mapping[str, Any]) -> dict[str, int]:
        """Return the addresses of what the code uses: functions of mathlib (``needs``), all others, and data."""
        return addresses(needs, target) | self._others | {name: array.ctypes.data for name, array in data.items()}

    @property
    def address(self) -> int:
        return int(self.code[2].address)

    @property
    def state(self) -> tuple[int, int]:
        """A key of the current code. It differs from that of any other kernel, and from that of later code."""
        return self.address, self.version.value

    @property
    def scratch(self) -> int:
        """The bytes of scratch memory that a call needs."""
        return self.code[1]

    @property
    def wider(self) -> tuple[int, int, int]:
        """For the wide code: its address, its bytes of scratch memory, and its least number of lanes. Or zeros."""
        wide = self.wide
        return (0, 0, 0) if wide is None else (wide[2].address, wide[1], MANY)

    def serve(self, calls: int) -> None:
        """Count calls that ran the code on a fast path, which does not count them one by one."""
        self.calls += calls
        self.count_use(calls * self._last)

    def count_use(self, seconds: float) -> None:
        """Count a call that took some seconds. Once the code is used enough, better code is made in the background."""
        if self.final:
            return
        self.spent += seconds
        self.calls += 1
        if self.kind == "scalar":
            enough = self.calls >= (OFTEN if self.small else MANY_CALLS) or self.spent >= HOT
        elif self.small:
            enough = self.calls >= AGAIN or self.spent >= WARM
        else:
            enough = self.spent >= HOT
        if enough and self._asked:
            optimiser.begin()  # a forked child has no background thread yet
        elif enough:
            optimiser.ask(self)
            self._asked = True

    def improve(self, pause: Callable[[], None]) -> None:
        """Make better code. ``pause`` is called between all steps."""
        text = None
        try:
            if self.widens:  # several vectors side by side: while one waits for a result, another goes on
                wide = self.target._replace(lanes=VECTORS * self.target.lanes)
                self.wide = self._load(2, wide)
                text = self.text(pause=pause) if self.wide is None else None
                if text is not None and text.critical_path >= CHAINED and not text.again:
                    self.wide = self._make(2, wide, pause=pause)
            if self.first < 2:
                self.code = self._make(self.best, text=text, pause=pause)
        finally:
            self.final = True
            self.version.value += 1

    def wait(self) -> None:
        """Wait until there is no better code to come."""
        while not self.final and not optimiser.is_over():
            self.calls = MANY_CALLS
            self.count_use(HOT)
            time.sleep(0.001)

    # Calls

    def call(self, start: int, stop: int, valid: int, ins: int, outs: int, unmatched: int = 0) -> int:
        """Run over lanes ``start`` to ``stop``; the others are addresses: of the tables of leaves, and of a byte for
        each lane, that is set where its way is not known."""
        function, size, _ = self.wide if self.wide is not None and stop - start >= MANY else self.code
        scratch = Scratch(size)
        began = time.perf_counter()
        result = function(start, stop, valid, ins, outs, scratch.address, unmatched)
        if callback.pending:
            callback.reraise()
        if not self.final:
            self._last = time.perf_counter() - began
            self.count_use(self._last)
        return int(result)

    def batch(self, lanes: int, ins: int, outs: int, unmatched: int, threads: int) -> bool:
        """Run a batch of at least one vector, on at most ``threads`` threads; return whether a lane is unmatched."""
        work = self.lines * lanes
        threads = max(1, min(threads, work // SPLIT, lanes // self._unit))
        if self.callees.ops:  # the user's functions may not be safe in two threads at once
            threads = 1
        if threads == 1:
            return self.call(0, lanes, lanes, ins, outs, unmatched) != 0
        split = self._split(lanes, work, threads, ins, outs, unmatched)
        found, first = False, 0
        while first < split.parts:
            final = self.final
            _, space, loaded = self.wide or self.code
            # While better code is being made, run the batch in rounds, each with the best code there is
            last = split.parts if final else first + threads * max(1, split.parts // (PARTS * threads))
            began = time.perf_counter()
            found |= split.run(loaded.address, space, first, min(last, split.parts), threads)
            if not final:
                self.count_use(threads * (time.perf_counter() - began))
            first = last
        return found

    def _split(self, lanes: int, work: int, threads: int, ins: int, outs: int, unmatched: int) -> Split:
        """The batch in parts. A part is made of whole chunks where results are summed."""
        count = lanes // self._unit
        size = max(1, min(PART * count // work, count // (PARTS * threads)))
        row = 8 * sum([form.size for form in self.outputs]) if self.kind == "reduce" else 0
        return Split(
            lanes=lanes, step=size * self._unit, parts=-(-count // size), chunk=CHUNK, row=row,
            ins=ins, outs=outs, unmatched=unmatched,
        )  # fmt: skip

    def rows(self, lanes: int) -> int:
        """Return the number of rows of sums of a reduced batch."""
        return chunks(lanes, self.target)


def _go_on() -> None:
    pass


def _in_memory(data: Mapping[str, Any]) -> dict[str, Any]:
    """Copy data to memory that begins with a cache line."""
    found = {}
    for name, some in data.items():
        source = np.frombuffer(some, np.uint8)
        memory = np.empty(len(source) + LINE, np.uint8)
        start = -memory.ctypes.data % LINE
        found[name] = memory[start : start + len(source)]
        found[name][:] = source
    return found


def _in_bytes(data: Mapping[str, Any]) -> dict[str, bytes]:
    return {name: array.tobytes() for name, array in data.items()}


def _paused(parts: Sequence[str], pause: Callable[[], None]) -> Iterator[str]:
    """Yield the parts. Pause before each part, and once more before they are linked."""
    for part in parts:
        pause()
        yield part
    pause()
