"""Write the kernel for a batch. It works on one vector of lanes at a time, and can sum results over the lanes.

``i64 kernel(i64 start, i64 stop, i64 valid, ptr ins, ptr outs, ptr scratch, ptr unmatched)`` runs over the lanes from
``start`` to ``stop``. These must be enough to fill a vector. ``ins`` and ``outs`` are tables of leaves, and ``scratch``
is memory to work in (`layout`). ``unmatched`` has a byte for each lane, which is set if a branch takes a side that is
not on the tape. The kernel returns whether there was such a lane. Results of lanes from ``valid`` on are stored, but
not added to sums.

The last vector of lanes overlaps the one before it, so some lanes are computed twice. Results are summed in chunks of
`CHUNK` lanes, and the one leaf of ``outs`` has a row of sums for each chunk. So the sums depend neither on the number
of threads nor on where their work begins.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from glassgrad.compiler.codegen import python_calls
from glassgrad.compiler.codegen.batch_plan import BatchPlan
from glassgrad.compiler.codegen.lane_lists import KEEP, PAD, write_keep, write_pad
from glassgrad.compiler.codegen.layout import Form
from glassgrad.compiler.codegen.module import Module
from glassgrad.compiler.codegen.region_kernel import region_signature, write_region
from glassgrad.compiler.codegen.regions import Region
from glassgrad.compiler.codegen.rows import lowered
from glassgrad.compiler.codegen.scalar_kernel import HEADER, KernelText
from glassgrad.compiler.codegen.scatter import scattered
from glassgrad.compiler.codegen.sums import REDUCE, add_lanes, clear, write_reduce
from glassgrad.compiler.codegen.values import Int, Pointer, Value
from glassgrad.compiler.codegen.vector import Code
from glassgrad.compiler.ir.tape import Outputs, Tape
from glassgrad.compiler.llvm.target import Target

__all__ = ["CHUNK", "batch_module", "chunks"]

CHUNK = 4096  # The results of this many lanes are added to one row of sums.


def chunks(lanes: int, target: Target) -> int:
    """Return the number of rows of sums for a batch of ``lanes``."""
    whole, rest = divmod(lanes, CHUNK)
    return max(1, whole + (rest >= target.lanes))


def batch_module(
    tape: Tape,
    inputs: Sequence[Form],
    outputs: Sequence[Form],
    target: Target,
    inlined: int,
    reduced: bool,
    vectors: int = 0,
    pause: Callable[[], None] = lambda: None,
) -> KernelText:
    """Write the module for a batch. If ``reduced``, it sums the results over the lanes. `Module` explains ``inlined``,
    ``vectors`` and ``pause``."""
    tape, scatters = scattered(lowered(tape, inputs)) if reduced else (tape, [])
    module = Module(tape, inputs, outputs, target, inlined, vectors, pause)
    plan = BatchPlan(module, reduced, scatters)
    for region in plan.regions:
        write_region(plan, region)
    if plan.diverges:
        if reduced:
            write_reduce(plan)
        write_pad(module)
        if plan.waits:
            write_keep(module)
        python_calls.write_helpers(module)
    scratch = _Kernel(plan).write()
    return KernelText(module, scratch, tuple(sorted(module.needs)), module.critical_path[1], plan.again)


class _Kernel:
    """The exported function: a loop over chunks and, if lanes diverge, a loop over blocks inside it."""

    def __init__(self, plan: BatchPlan) -> None:
        self.plan = plan
        self.lanes = plan.module.target.lanes
        self.code = code = Code(plan.module.target)
        self.given = HEADER.values(code)
        self.parts = plan.memory()
        scratch = self.given.scratch
        at = {name: scratch.offset(part.start, inside=False) for name, part in self.parts.items()}
        self.counts, self.lists, self.frame = at["counts"], at["lists"], at["frame"]
        self.local, self.sums, self.back = at["local"], at["sums"], at["back"]
        self.flag = self.counts.element("i64", len(plan.regions), inside=False)  # whether a lane is unmatched

    def write(self) -> int:
        """Add the function to the module. Return how many bytes of scratch memory it needs."""
        code, given, plan = self.code, self.given, self.plan
        code.store(code.integer(0), self.flag)
        if plan.reduced:
            to = code.read_pointer(given.outs)
            with code.repeat(given.start, to) as loop:
                first, to = loop.state
                stop = self._bounded(first, CHUNK, given.stop)
                clear(code, self.sums, plan.results)
                self._chunk(first, stop)
                add_lanes(code, self.sums, plan.results, to)
                loop.again(stop < given.stop, stop, to.element("double", plan.results, inside=False))
        else:
            self._chunk(given.start, given.stop)
        code.ret(code.read_int(self.flag))
        plan.module.add(HEADER, code, exported=True)
        last = self.parts["back"]
        return last.start + -(-last.size // 64) * 64

    def _bounded(self, start: Int, size: int, stop: Int) -> Int:
        """Return ``min(start + size, stop)``, or ``stop`` if the lanes left after it would not fill a vector."""
        end = start + size
        return self.code.pick(end + self.lanes > stop, stop, end)

    def _chunk(self, first: Int, stop: Int) -> None:
        """Run all regions over the lanes from ``first`` to ``stop``."""
        code, plan = self.code, self.plan
        if not plan.diverges:
            self._region(0, first, stop - first, code.integer(0), code.null())
            return
        if plan.waits:
            self._empty(range(len(plan.regions)))
        with code.repeat(first) as loop:
            (block,) = loop.state
            end = self._bounded(block, plan.block, stop)
            self._block(block, end, end >= stop)
            loop.again(end < stop, end)

    def _empty(self, lists: Sequence[int]) -> None:
        for k in lists:
            self.code.store(self.code.integer(0), self._count(k))

    def _count(self, k: int) -> Pointer:
        """Return the address of the number of lanes in list k."""
        count: Pointer = self.counts.element("i64", k, inside=False)
        return count

    def _region(self, number: int, lane0: Int, count: Int, ahead: Int, lanes: Pointer) -> None:
        """Call the function of a region."""
        given, plan = self.given, self.plan
        memory = [self.frame, self.local, self.lists, self.counts, given.unmatched]
        sums: list[Value] = [given.valid, self.sums] if plan.reduced and not plan.diverges else []
        arguments = [lane0, count, ahead, lanes, given.ins, given.outs, *memory, *sums]
        self.code.invoke(region_signature(plan, number), *arguments)

    # Blocks of lanes

    def _block(self, first: Int, end: Int, is_last: Int) -> None:
        """Run all regions over one block, each over the lanes that reach it."""
        code, plan = self.code, self.plan
        length = end - first
        self._empty(range(1) if plan.waits else range(len(plan.regions)))  # list 0 counts unmatched lanes
        self._region(0, first, length, code.integer(0), code.null())
        self._calls(plan.regions[0], first, length, code.null())
        ahead = end  # the next lane to prefetch, in the next block
        ran: dict[int, tuple[Int, Pointer]] = {0: (length, code.null())}  # the count and the list of a region's lanes
        for region in plan.regions[1:]:
            if region.lanes_of == region.number:
                ahead, ran[region.number] = self._visit(region, first, length, ahead, is_last)
            else:  # a later stage of a region that ran
                count, lanes = ran[region.lanes_of]
                with code.if_(count != 0):
                    self._region(region.number, first, count, ahead, lanes)
                    self._calls(region, first, count, lanes)
        if plan.reduced:
            rows = self.frame.offset(plan.rows * plan.capacity * 8, inside=False)
            code.invoke(REDUCE, first, length, self.given.valid, rows, self.sums)

    def _visit(
        self, region: Region, first: Int, length: Int, ahead: Int, is_last: Int
    ) -> tuple[Int, tuple[Int, Pointer]]:
        """Run a region over the lanes in its list, except those that wait for the next block.

        Return the next lane to prefetch, and the count and the list of the lanes that it ran over.
        """
        code, plan, k = self.code, self.plan, region.number
        there = code.read_int(self._count(k))
        count = code.pick(is_last, there, there & -self.lanes) if plan.waits else there
        lanes = self.lists.offset(k * plan.capacity * 4, inside=False)
        with code.if_(count != 0) as run:
            code.invoke(PAD, lanes, there)
            self._region(k, first, count, ahead, lanes)
            self._calls(region, first, count, lanes)
            further = ahead + count if isinstance(region.exit, Outputs) else ahead
        ahead = run.merge(further, ahead)
        if plan.waits:
            code.invoke(KEEP, lanes, count, length)
            code.store(there - count, self._count(k))
        return ahead, (count, lanes)

    def _calls(self, region: Region, first: Int, count: Int, lanes: Pointer) -> None:
        """Call the Python functions that follow a stage, for ``count`` lanes of a list."""
        plan, given = self.plan, self.given
        site = python_calls.Site(first, given.valid, self.frame, self.back, self.flag, given.unmatched)
        for i in region.calls:
            python_calls.call(plan.module, self.code, site, plan.frame.of, i, plan.capacity, count, lanes)
