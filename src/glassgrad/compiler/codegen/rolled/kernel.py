"""Write the kernel for a tape with loops. It computes a block of lanes at a time.

The kernel has the parameters and the contract of the other kernels (`batch_kernel`, `scalar_kernel`). For each block of
lanes it copies what must lie in cells, runs the loops, and stores the results. A block may have several vectors of
lanes (`lanes`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from glassgrad.compiler.codegen.access import Scope
from glassgrad.compiler.codegen.batch_kernel import CHUNK
from glassgrad.compiler.codegen.builder import Signature
from glassgrad.compiler.codegen.callees import Callees
from glassgrad.compiler.codegen.layout import Form
from glassgrad.compiler.codegen.module import Module
from glassgrad.compiler.codegen.rolled.adding import ADD_ALL, ADD_SOME, CLEAR, TOTAL, write_sums
from glassgrad.compiler.codegen.rolled.lanes import BlockCode, Lanes, split, vector_of
from glassgrad.compiler.codegen.rolled.leaves import in_groups, read_leaves
from glassgrad.compiler.codegen.rolled.masked import MaskedWriter
from glassgrad.compiler.codegen.rolled.named import results_as_reads
from glassgrad.compiler.codegen.rolled.places import Table
from glassgrad.compiler.codegen.rolled.plan import Plan, is_listed
from glassgrad.compiler.codegen.rolled.results import ResultTables, store_results
from glassgrad.compiler.codegen.rolled.shared import shared_part
from glassgrad.compiler.codegen.rolled.writer import Writer
from glassgrad.compiler.codegen.scalar_kernel import HEADER, KERNEL, KernelText
from glassgrad.compiler.codegen.sums import counted
from glassgrad.compiler.codegen.values import Int
from glassgrad.compiler.codegen.vector import M
from glassgrad.compiler.ir.loops import Executions
from glassgrad.compiler.ir.tape import Tape
from glassgrad.compiler.llvm.target import Target
from glassgrad.core.row_ops import TAKE

__all__ = ["is_rollable", "rolled_module"]

INLINED = 1500  # All inlined kernels of mathlib have at most this many lines of IR. Other kernels are called.
LOOPED = 8  # At most this many neighbouring numbers are copied one by one. More are copied by a loop.


def is_rollable(tape: Tape) -> bool:
    """Whether `rolled_module` can make a kernel for a tape. Branches and calls of Python functions prevent it."""
    return tape.straight and TAKE not in tape.ops and not Callees(tape).back


def rolled_module(
    tape: Tape,
    inputs: Sequence[Form],
    outputs: Sequence[Form],
    target: Target,
    kind: str,
    vectors: int | None = None,
    pause: Callable[[], None] = lambda: None,
    name: str = KERNEL,
) -> KernelText:
    """Write the module for a tape with loops.

    Args:
        tape: a tape for which `is_rollable` holds.
        inputs, outputs: the layout of arguments and results in memory.
        target: the processor.
        kind: ``"scalar"`` for one call, ``"batch"`` for a batch, or ``"reduce"`` for a batch whose results are summed.
        vectors: how many of the processor's vectors a block of lanes has, or None to choose that.
        pause: a function that is called after each function of the module is written.
        name: the name of the function.
    """
    scalar = kind == "scalar"
    module = Module(tape, inputs, outputs, target.scalar() if scalar else target, INLINED, pause=pause)
    executions = Executions(tape)
    shared = None if scalar or tape.masked else shared_part(executions, inputs, module.weights)
    few = not is_listed(outputs, kind == "reduce", module.target.lanes)
    module.tape = executions.tape = results_as_reads(executions, few, None if shared is None else shared.ops)
    plan = Plan(module, executions, kind == "reduce", 1 if scalar else vectors, f"gg.data.{name}", shared)
    module.vectors = 0 if scalar else plan.vectors
    return _Kernel(plan, scalar, HEADER._replace(name=name)).write()


class _Kernel:
    def __init__(self, plan: Plan, scalar: bool, header: Signature) -> None:
        self.plan, self.scalar, self.header = plan, scalar, header
        self.code = code = BlockCode(plan.module.target, plan.vectors)
        self.given = header.values(code)
        self.lanes = code.lanes
        self.first: Plan | None = None  # the plan of the shared part
        self.results = ResultTables(plan)
        self.copied = {id(plan): self._copies(plan)}
        cells, start, count = plan.cells.count * plan.area.unit, 0, 0
        parts = []
        if plan.shared is not None:
            self.first = Plan(
                plan.module, plan.executions, False, plan.vectors, plan.places.symbol, plan.shared, lanes=False
            )
            self.copied[id(self.first)] = self._copies(self.first)
            parts.append(self.first.places.data())
            start, count = len(parts[0]), -(-plan.shared.count // 8) * 64
            cells = max(cells, self.first.cells.count * plan.area.unit)
        self.data = np.concatenate([*parts, plan.places.data(start)])
        scratch = self.given.scratch
        self.cells = scratch.offset(count) if count else scratch
        self.sums = scratch.offset(count + cells, inside=False)
        self.scratch = count + cells + ((len(plan.refs) + 1) * 8 * plan.vector if plan.reduced else 0)

    def write(self) -> KernelText:
        plan, code, given = self.plan, self.code, self.given
        module = plan.module
        if self.first is not None:
            self._write_shared(self.first)
        if self.scalar:
            zero = code.integer(0)
            bad = self._block(Lanes(code, 1, zero, zero), zero)
            path = code.integer(plan.path)
            code.ret(path if bad is None else code.pick(bad, code.integer(-1), path))
        elif plan.reduced:
            write_sums(plan, self.results)
            code.ret(self._chunks())
        else:
            code.ret(self._blocks(given.start, given.stop, code.integer(0)))
        module.add(self.header, code, exported=True)
        data = {plan.places.symbol: self.data} if len(self.data) else {}
        return KernelText(module, -(-self.scratch // 64) * 64, tuple(sorted(module.needs)), data=data)

    def _write_shared(self, plan: Plan) -> None:
        """Write the part that is the same for all lanes."""
        writer = self._writer(plan, Lanes(self.code, plan.vector, self.given.start, self.given.stop))
        self._copy(writer)
        writer.write(-1, 0, len(plan.tape.ops))

    def _writer(self, plan: Plan, lanes: Lanes) -> Writer:
        code, given = self.code, self.given
        zero, null = code.integer(0), code.null()
        memory = plan.module.memory(code, Scope(zero, zero, null, given.ins, given.outs, null, null), False)
        writer = MaskedWriter(plan, memory, lanes, given.scratch, self.cells)
        writer.prepare()
        return writer

    def _blocks(self, start: Int, stop: Int, some: Int) -> Int:
        """Write a loop over the blocks of the lanes from ``start`` to ``stop``. Return whether a lane is unmatched."""
        code = self.code
        with code.repeat(start, some) as loop:
            first, some = loop.state
            bad = self._block(Lanes(code, self.plan.vector, first, stop), stop)
            if bad is not None:
                some = some | bad.cast("zext", "i64")
            further = first + self.lanes
            loop.again(further < stop, further, some)
        return some

    def _chunks(self) -> Int:
        """Write a loop over the chunks whose results are summed. Return whether a lane is unmatched."""
        code, given, plan = self.code, self.given, self.plan
        with code.repeat(given.start, code.read_pointer(given.outs), code.integer(0)) as loop:
            first, to, some = loop.state
            end = first + CHUNK
            stop = code.pick(end + plan.vector > given.stop, given.stop, end)
            code.invoke(CLEAR, self.sums)
            some = self._blocks(first, stop, some)
            code.invoke(TOTAL, self.sums, to)
            loop.again(stop < given.stop, stop, to.element("double", len(plan.refs), inside=False), some)
        return some

    def _block(self, lanes: Lanes, stop: Int) -> Int | None:
        """Compute a block of a batch that ends at lane ``stop``.

        Return whether a lane is unmatched, or None if none can be.
        """
        code, given, plan = self.code, self.given, self.plan
        writer = self._writer(plan, lanes)
        if plan.added:
            writer.sums = self.sums
            writer.counted = [
                counted(code, start, lanes.first + k * plan.vector, start, given.valid, plan.vector)
                for k, start in enumerate(lanes.starts)
            ]
        self._copy(writer)
        writer.write(-1, 0, len(plan.tape.ops))
        store_results(plan, writer, self.results)
        if plan.reduced:
            whole = code.pick(stop > given.valid, given.valid, stop) - lanes.first >= self.lanes
            with code.if_(whole):
                code.invoke(ADD_ALL, writer.cells, self.sums)
            with code.if_(whole == 0):
                code.invoke(ADD_SOME, lanes.first, stop, given.valid, writer.cells, self.sums)
        return None if writer.bad is None else self._report(writer.bad, lanes)

    def _report(self, bad: M, lanes: Lanes) -> Int:
        """Set the bytes of unmatched lanes. Return whether there are any."""
        code, vector = self.code, lanes.vector
        some = code.any(bad)
        if not self.scalar:
            kind = vector_of("i8", vector)
            with code.if_(some):
                for start, name in zip(lanes.starts, split(code, bad, vector)):
                    at = self.given.unmatched.element("i8", start)
                    marks = code.read_int(at, kind) | Int(code, name, vector_of("i1", vector)).cast("zext", kind)
                    code.store(marks, at)
        return some

    # Copies

    @staticmethod
    def _copies(plan: Plan) -> list[tuple[list[int], Table | None]]:
        """Return what is copied to cells: runs of constants and of inputs, and for many constants a table of them."""
        owner, constants = plan.module.owner, plan.tape.constants
        runs: list[list[int]] = []
        for ref in plan.cells.copies:
            before = runs[-1][-1] if runs else None
            if before is not None and (ref < 0 or (ref == before + 1 and before >= 0 and owner[ref] == owner[before])):
                runs[-1].append(ref)
            else:
                runs.append([ref])
        tables = [
            plan.places.sequence("f8", np.array([constants[~ref] for ref in run]))
            if run[0] < 0 and len(run) > LOOPED
            else None
            for run in runs
        ]
        return [*zip(runs, tables)]

    def _copy(self, writer: Writer) -> None:
        """Copy to cells what must lie there: leaves as a whole, constants and single inputs."""
        plan, code, unit = writer.plan, self.code, self.plan.area.unit
        columns = plan.cells.columns
        for leaves in in_groups((k, plan.module.inputs[k]) for k in columns):
            start = writer.cells.offset(columns[leaves.first] * unit)
            read_leaves(writer.memory, writer.lanes, leaves, start)
        for run, table in self.copied[id(plan)]:
            to = writer.cells.offset(plan.cells.copies[run[0]] * unit)
            if len(run) <= LOOPED:
                for k, ref in enumerate(run):
                    writer.write_cell(writer.original(ref), to.offset(k * unit))
                continue
            area = plan.original(run[0]).area if table is None else table
            start, width = writer.start(area), writer.bytes(area, 1)
            if table is None and plan.original(run[0]).offset:
                start = start.offset(writer.bytes(area, plan.original(run[0]).offset))
            with code.count(len(run)) as j:
                writer.write_cell(writer.read(area, start.offset(j * width)), to.offset(j * unit))
