"""The kernel for a batch: all lanes of the target at once, its lanes parted at branches, results folded if wanted.

``i64 kernel(i64 start, i64 stop, i64 valid, ptr ins, ptr outs, ptr scratch, ptr missed)`` runs over lanes ``start`` to
``stop``, at least as many as the target takes at once; results of lanes from ``valid`` on are stored, but not folded.
``ins`` and ``outs`` are tables of leaves (`layout`), ``scratch`` is memory of its own, ``missed`` a byte for each lane,
which is set where a branch went a way that is not on the tape. It returns whether there was any such lane.

The last lanes are done with those before them, some twice. To fold, lanes are summed in chunks of `CHUNK`, and the one
leaf of ``outs`` is a row of sums for each chunk: so the sums depend neither on threads nor on where their work begins.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from glassgrad.compiler.codegen import python_calls
from glassgrad.compiler.codegen.frame import Frame, Slots
from glassgrad.compiler.codegen.layout import Form, Memory, named
from glassgrad.compiler.codegen.module import Module, hoisting, last_uses, local_load, local_store
from glassgrad.compiler.codegen.regions import Choice, Region, regions
from glassgrad.compiler.codegen.scalar_kernel import HEADER, Text
from glassgrad.compiler.codegen.stages import staged
from glassgrad.compiler.codegen.vector import Code, F, M
from glassgrad.compiler.ir.tape import Outputs, Tape
from glassgrad.compiler.llvm.target import Target

__all__ = ["CHUNK", "batch_module", "chunks"]

CHUNK = 4096  # lanes that are summed to one row
BLOCK = 1024  # lanes that are parted at once
SHORT, EACH = 256, 32  # and where lanes wait for the next block: at least, and for each way; so lists may be short
PACKED = 16  # regions to which lanes are parted by packing vectors
WHOLE = 1500  # lines of IR up to which a region is one function

REGION = (
    "i64 %lane0, i64 %count, i64 %ahead, ptr %start, ptr %ins, ptr %outs, ptr %frame, ptr %local, "
    "ptr %lists, ptr %counts, ptr %missed"
)
FOLD = "i64 %lane0, i64 %count, i64 %valid, ptr %rows, ptr %sums"


def chunks(lanes: int, target: Target) -> int:
    """How many rows of sums a batch of ``lanes`` gives."""
    whole, rest = divmod(lanes, CHUNK)
    return max(1, whole + (rest >= target.lanes))


def batch_module(
    tape: Tape,
    inputs: Sequence[Form],
    outputs: Sequence[Form],
    target: Target,
    inlined: int,
    fold: bool,
    vectors: int = 0,
    pause: Callable[[], None] = lambda: None,
) -> Text:
    """The module for a batch; with ``fold`` results are summed over the lanes. For ``inlined``, ``vectors`` and
    ``pause`` see `Module`."""
    return _Batch(Module(tape, inputs, outputs, target, inlined, vectors, pause), fold).write()


class _Batch:
    def __init__(self, module: Module, fold: bool) -> None:
        self.module, self.fold = module, fold
        tape, target, outputs = module.tape, module.target, module.outputs
        self.tape, self.target = tape, target
        callees = module.callees
        self.regions = staged(tape, regions(tape, self.module.weights, callees.number), callees.back)
        self.parted = len(self.regions) > 1
        self.owner = [k for k, form in enumerate(outputs) for _ in range(form.size)]
        self.results = len(self.owner)
        self.local_slots = 0
        self.ids = -(-(len(self.regions) + 1) * 8 // 64) * 64  # where they are, behind the counts
        self.frame = Frame(tape, self.regions)
        self.rows = self.frame.count  # behind the frame, when lanes are parted and folded
        self.again = any(isinstance(region.exit, Choice) for region in self.regions[1:])
        # Where nothing of a block is wanted but the lists, lanes that do not fill vectors wait there for the next one's
        self.waits = self.parted and not (fold or self.again or self.frame.count)
        self.block = min(BLOCK, max(SHORT, EACH * (len(self.regions) - 1))) if self.waits else BLOCK
        self.capacity = self.block + 4 * target.lanes + 32  # of a list, and of a slot of the frame

    def write(self) -> Text:
        for region in self.regions:
            self.region(region)
        if self.fold and self.parted:
            self.folding()
        return self.kernel()

    # A region: a loop over its lanes

    def region(self, region: Region) -> None:
        module, n, lanes = self.module, self.tape.inputs, self.target.lanes
        listed = region.lanes_of > 0
        code = Code(self.target)
        entry: list[str] = []
        memory = module.memory(code, listed, hoisting(code, entry))
        places: dict[int, list[int]] = {}
        if isinstance(region.exit, Outputs):
            for where, ref in enumerate(region.exit.refs):
                places.setdefault(ref, []).append(where)
        stored = {} if self.fold else places
        whole = sum(module.costs(region.ops, listed, stored)) <= WHOLE
        runs = [region.ops] if whole else module.cut(region.ops, listed, stored)
        local = Slots()
        inside: dict[int, int] = {n + i: place for place, run in enumerate(runs) for i in run}
        uses = [
            (place, [a for i in run for a in self.tape.args[i] if inside.get(a, place) != place])
            for place, run in enumerate(runs)
        ]
        end = [*region.conditions(), *(region.exit.refs if isinstance(region.exit, Outputs) else ())]
        if not whole:
            uses.append((len(runs), [a for a in end if a in inside]))
        kept = self.frame.kept[region.number]
        last = last_uses(uses)
        leaving: dict[int, list[int]] = {}
        for ref, place in last.items():
            leaving.setdefault(place, []).append(ref)

        def fetch(code: Code, memory: Memory, ref: int) -> F:
            if ref in inside:
                return local_load(code, local.of[ref], ref)
            return memory.load_slot(self.frame.of[ref], self.capacity, named(ref))

        def keep(code: Code, memory: Memory, ref: int, value: F) -> None:
            if ref in kept:
                memory.store_slot(self.frame.of[ref], self.capacity, named(ref), value)
            if ref in last:
                local_store(code, local.of[ref], ref, value)
            if not self.fold:
                for where in places.get(ref, ()):
                    memory.store(where, self.owner[where], value)

        known: dict[int, F] = {}
        code.lines.append("  br label %loop\nloop:")
        code.block = "loop"
        head = len(code.lines)
        if listed:
            code.lines.append("  %list = getelementptr inbounds i32, ptr %start, i64 %p")
            code.lines.append("  %i = add i64 %p, 0")
        else:
            code.lines.append("  %i = add i64 %lane0, %p")
            code.lines.append("  %list = getelementptr i8, ptr null, i64 0")
        if listed and isinstance(region.exit, Outputs):
            code.lines.append("  %soon = add i64 %ahead, %p")
            memory.prefetch("%soon", self.fold)
        if whole:
            module.straight(code, memory, region.ops, known, fetch, keep)
        else:
            for place, run in enumerate(runs):
                for i in run:
                    if n + i in last:
                        local.take(n + i)
                code.lines.append(module.piece(run, fetch, keep, listed))
                for ref in leaving.get(place, ()):
                    if ref in inside:
                        local.release(ref)
        self.local_slots = max(self.local_slots, local.count)

        def value(ref: int) -> F:
            if ref not in known:
                known[ref] = module.value(code, memory, ref, fetch)
            return known[ref]

        for ref in sorted(kept):
            if ref < n:
                memory.store_slot(self.frame.of[ref], self.capacity, named(ref), value(ref))
        if isinstance(region.exit, Outputs):
            self.finish(code, memory, region, value, places, inside)
        self.part(code, memory, region, value)
        tail = code.block
        step = [f"  %q = add i64 %p, {lanes}", "  %more = icmp slt i64 %q, %count"]
        if not listed:  # the last lanes again with those before them
            step.append("  %over = icmp sgt i64 %q, %latest\n  %next = select i1 %over, i64 %latest, i64 %q")
            entry.append(f"  %latest = sub i64 %count, {lanes}")
        else:
            step.append("  %next = add i64 %q, 0")
        code.lines += [*step, "  br i1 %more, label %loop, label %end", "end:"]
        if self.packs(region):
            entry.append(f"  %ids = getelementptr i8, ptr %counts, i64 {self.ids}")
            for k in region.exits() if self.waits else ():
                entry.append(f"  %wa{k} = getelementptr inbounds i64, ptr %counts, i64 {k}")
                entry.append(f"  %waiting{k} = load i64, ptr %wa{k}, align 8")
            code.lines += self.packing(region, listed)
        code.lines.append("  ret void")
        phis = [f"  %p = phi i64 [ 0, %entry ], [ %next, %{tail} ]"]
        if self.fold and not self.parted:
            phis.append(f"  %fresh = phi i64 [ 0, %entry ], [ %q, %{tail} ]")
        code.lines[head:head] = phis
        parameters = REGION + (", i64 %valid, ptr %sums" if self.fold and not self.parted else "")
        if region.parent >= 0:
            entry.insert(0, f"  ; region {region.number} goes on from region {region.parent}")
        module.function(f"internal void @region{region.number}({parameters}) noinline", code, entry, code.lines)

    def finish(
        self,
        code: Code,
        memory: Memory,
        region: Region,
        value: object,
        places: dict[int, list[int]],
        inside: dict[int, int],
    ) -> None:
        """Store what results are not stored yet, or add them up."""
        assert isinstance(region.exit, Outputs)
        assert callable(value)
        lanes = self.target.lanes
        if not self.fold:
            for ref, wheres in places.items():
                if ref not in inside:
                    for where in wheres:
                        memory.store(where, self.owner[where], value(ref))
            memory.flush()
            return
        if self.parted:
            for where, ref in enumerate(region.exit.refs):
                memory.store_slot(self.rows + where, self.capacity, f"result{where}", value(ref))
            return
        counted = _counted(code, "%p", "%fresh", "%i", "%valid")
        for where, ref in enumerate(region.exit.refs):
            _accumulate(code, where * lanes * 8, value(ref), counted)

    def part(self, code: Code, memory: Memory, region: Region, value: object) -> None:
        """Enter each lane in the list of the region where it goes on, or report it as missed."""
        assert callable(value)
        lanes = self.target.lanes
        bad: str | None = None
        for ref, way in region.asserted:
            one = code.line(f"fcmp {'oeq' if way else 'une'} {code.f64} {value(ref).name}, {code.constant(0.0).name}")
            bad = one if bad is None else code.line(f"or {code.i1} {bad}, {one}")
        if isinstance(region.exit, Choice):
            unknown = False
            i32 = "i32" if lanes == 1 else f"<{lanes} x i32>"

            def integer(n: int) -> str:
                return str(n) if lanes == 1 else f"splat (i32 {n})"

            def number(choice: Choice | int | None) -> str:
                nonlocal unknown
                if not isinstance(choice, Choice):
                    unknown = unknown or choice is None
                    return integer(choice or 0)
                mask = code.line(f"fcmp une {code.f64} {value(choice.condition).name}, {code.constant(0.0).name}")
                yes, no = number(choice.yes), number(choice.no)
                return code.line(f"select {code.i1} {mask}, {i32} {yes}, {i32} {no}")

            goal = number(region.exit)
            if unknown:
                one = code.line(f"icmp eq {i32} {goal}, {integer(0)}")
                bad = one if bad is None else code.line(f"or {code.i1} {bad}, {one}")
            if bad is not None and region.asserted:
                goal = code.line(f"select {code.i1} {bad}, {i32} {integer(0)}, {i32} {goal}")
            if self.packs(region):
                at = code.line("getelementptr inbounds i32, ptr %ids, i64 %p")
                code.lines.append(f"  store {i32} {goal}, ptr {at}, align 4")
            for k in range(lanes if not self.packs(region) else 0):
                small = code.line(f"extractelement {i32} {goal}, i64 {k}") if lanes > 1 else goal
                to = code.line(f"zext i32 {small} to i64")
                counter = code.line(f"getelementptr inbounds i64, ptr %counts, i64 {to}")
                count = code.line(f"load i64, ptr {counter}, align 8")
                row = code.line(f"mul i64 {to}, {self.capacity}")
                at = code.line(f"add i64 {row}, {count}")
                place = code.line(f"getelementptr inbounds i32, ptr %lists, i64 {at}")
                short = code.line(f"trunc i64 {memory.relative(k)} to i32")
                code.lines.append(f"  store i32 {short}, ptr {place}, align 4")
                more = code.line(f"add i64 {count}, 1")
                code.lines.append(f"  store i64 {more}, ptr {counter}, align 8")
        if bad is not None:
            any_bad = code.any(M(code, bad))
            for k in range(lanes):
                memory.lane(k)
            report, after = code.fresh("report"), code.fresh("after")
            code.lines.append(f"  br i1 {any_bad}, label %{report}, label %{after}")
            code.label(report)
            code.lines.append(f"  store i64 1, ptr {self.flag(code)}, align 8")
            for k in range(lanes):
                bit = code.line(f"extractelement {code.i1} {bad}, i64 {k}") if lanes > 1 else bad
                byte = code.line(f"zext i1 {bit} to i8")
                at = code.line(f"getelementptr inbounds i8, ptr %missed, i64 {memory.lane(k)}")
                old = code.line(f"load i8, ptr {at}, align 1")
                new = code.line(f"or i8 {old}, {byte}")
                code.lines.append(f"  store i8 {new}, ptr {at}, align 1")
            code.lines.append(f"  br label %{after}")
            code.label(after)

    def packs(self, region: Region) -> bool:
        """Whether lanes are parted by packing vectors, which takes an instruction that not every target has."""
        return self.target.packs and isinstance(region.exit, Choice) and len(region.exits()) <= PACKED

    def packing(self, region: Region, listed: bool) -> list[str]:
        """The loop that enters the lanes in lists, by where ``%ids`` says that they go on."""
        ways = region.exits()
        step = 16
        kind, mask = f"<{step} x i32>", f"<{step} x i1>"
        compress = f"@llvm.experimental.vector.compress.v{step}i32"
        self.module.declarations.add(f"declare {kind} {compress}({kind}, {mask}, {kind})")
        self.module.declarations.add("declare i16 @llvm.ctpop.i16(i16)")
        zeros = f"<{step} x i32> zeroinitializer"
        steps = f"<{', '.join(f'i32 {k}' for k in range(step))}>"
        lines = [
            "  br label %pack\npack:",
            "  %g = phi i64 [ 0, %end ], [ %gn, %pack ]",
            *[f"  %m{k} = phi i64 [ {f'%waiting{k}' if self.waits else 0}, %end ], [ %mn{k}, %pack ]" for k in ways],
            f"  %ia = getelementptr inbounds i32, ptr %ids, i64 %g\n  %id = load {kind}, ptr %ia, align 4",
            f"  %g32 = trunc i64 %g to i32\n  %g1 = insertelement {kind} poison, i32 %g32, i64 0",
            f"  %g2 = shufflevector {kind} %g1, {kind} poison, {zeros}\n  %place = add {kind} %g2, {steps}",
            f"  %c32 = trunc i64 %count to i32\n  %c1 = insertelement {kind} poison, i32 %c32, i64 0",
            f"  %c2 = shufflevector {kind} %c1, {kind} poison, {zeros}\n  %in = icmp slt {kind} %place, %c2",
        ]
        lane = "%place"
        if listed:
            lines.append(
                f"  %la = getelementptr inbounds i32, ptr %start, i64 %g\n  %lane = load {kind}, ptr %la, align 4"
            )
            lane = "%lane"
        for k in ways:
            lines += [
                f"  %eq{k} = icmp eq {kind} %id, splat (i32 {k})\n  %on{k} = and {mask} %eq{k}, %in",
                f"  %pk{k} = call {kind} {compress}({kind} {lane}, {mask} %on{k}, {kind} poison)",
                f"  %to{k} = getelementptr i8, ptr %lists, i64 {k * self.capacity * 4}",
                f"  %at{k} = getelementptr inbounds i32, ptr %to{k}, i64 %m{k}",
                f"  store {kind} %pk{k}, ptr %at{k}, align 4",
                f"  %bits{k} = bitcast {mask} %on{k} to i16\n  %pop{k} = call i16 @llvm.ctpop.i16(i16 %bits{k})",
                f"  %wide{k} = zext i16 %pop{k} to i64\n  %mn{k} = add i64 %m{k}, %wide{k}",
            ]
        lines.append(
            f"  %gn = add i64 %g, {step}\n  %pm = icmp slt i64 %gn, %count\n  br i1 %pm, label %pack, label %packed"
        )
        lines.append("packed:")
        for k in ways:
            lines.append(
                f"  %cn{k} = getelementptr inbounds i64, ptr %counts, i64 {k}\n  store i64 %mn{k}, ptr %cn{k}, align 8"
            )
        return lines

    def flag(self, code: Code) -> str:
        """Where it is noted that lanes are missed: behind the counts."""
        return code.line(f"getelementptr inbounds i64, ptr %counts, i64 {len(self.regions)}")

    def folding(self) -> None:
        """The function that adds the rows of a block to the sums."""
        code, lanes = Code(self.target), self.target.lanes
        body = code.lines
        body += [
            "  %latest = sub i64 %count, " + str(lanes),
            "  br label %loop\nloop:",
            "  %p = phi i64 [ 0, %entry ], [ %next, %loop ]",
            "  %fresh = phi i64 [ 0, %entry ], [ %q, %loop ]",
            "  %i = add i64 %lane0, %p",
        ]
        counted = _counted(code, "%p", "%fresh", "%i", "%valid")
        for where in range(self.results):
            row = code.line(f"getelementptr inbounds i8, ptr %rows, i64 {where * self.capacity * 8}")
            stem = f"frame{self.rows + where}.result{where}."
            at = code.line(f"getelementptr inbounds double, ptr {row}, i64 %p", stem)
            _accumulate(code, where * lanes * 8, F(code, code.line(f"load {code.f64}, ptr {at}, align 8")), counted)
        body += [
            f"  %q = add i64 %p, {lanes}\n  %more = icmp slt i64 %q, %count",
            "  %over = icmp sgt i64 %q, %latest\n  %next = select i1 %over, i64 %latest, i64 %q",
            "  br i1 %more, label %loop, label %end\nend:\n  ret void",
        ]
        self.module.function(f"internal void @fold({FOLD}) noinline", code, [], body)

    # The kernel: a loop over chunks, and in it one over blocks

    def kernel(self) -> Text:
        lanes, count = self.target.lanes, len(self.regions)
        code = Code(self.target)
        sizes = {  # of the parts of the scratch memory, in bytes
            "counts": self.ids + self.capacity * 4,
            "lists": count * self.capacity * 4 if self.parted else 0,
            "frame": (self.frame.count + (self.results if self.fold and self.parted else 0)) * self.capacity * 8,
            "local": self.local_slots * lanes * 8,
            "sums": self.results * lanes * 8 if self.fold else 0,
            "back": python_calls.size(self.module, self.capacity),
        }
        lines, offset = [], 0
        for name, size in sizes.items():
            lines.append(f"  %{name} = getelementptr i8, ptr %scratch, i64 {offset}")
            offset += -(-size // 64) * 64
        rows = self.rows * self.capacity * 8
        lines.append(f"  %rows = getelementptr i8, ptr %frame, i64 {rows}")
        lines.append(f"  %flag = getelementptr i64, ptr %counts, i64 {count}")
        lines.append("  store i64 0, ptr %flag, align 8\n  br label %chunk\nchunk:")
        lines.append("  %c = phi i64 [ %start, %entry ], [ %chunkend, %summed ]")
        if self.fold:
            lines.insert(0, "  %into = load ptr, ptr %outs, align 8")
            lines.append("  %to = phi ptr [ %into, %entry ], [ %tonext, %summed ]")
            lines.append(_bounded("chunkend", "%c", CHUNK, "%stop", lanes))
        else:
            lines.append("  %chunkend = add i64 %stop, 0")
        if self.fold:
            for where in range(self.results):
                address = f"%clear{where}"
                lines.append(f"  {address} = getelementptr i8, ptr %sums, i64 {where * lanes * 8}")
                zero = "0.0" if lanes == 1 else "zeroinitializer"
                lines.append(f"  store {code.f64} {zero}, ptr {address}, align 8")
        given = "ptr %ins, ptr %outs, ptr %frame, ptr %local, ptr %lists, ptr %counts, ptr %missed"
        if not self.parted:
            extra = ", i64 %valid, ptr %sums" if self.fold else ""
            lines.append("  %length = sub i64 %chunkend, %c")
            lines.append(
                f"  call void @region0(i64 %c, i64 %length, i64 0, ptr null, {given}{extra})\n"
                "  br label %summed\nsummed:"
            )
        else:
            zeros = [f"  store i64 0, ptr %count{k}, align 8" for k in range(count)]
            lines += [f"  %count{k} = getelementptr i64, ptr %counts, i64 {k}" for k in range(count)]
            lines += zeros if self.waits else []
            lines.append("  br label %block\nblock:\n  %b = phi i64 [ %c, %chunk ], [ %blockend, %done ]")
            lines.append(_bounded("blockend", "%b", self.block, "%chunkend", lanes))
            lines.append("  %length = sub i64 %blockend, %b\n  %latest = icmp sge i64 %blockend, %chunkend")
            lines += zeros[:1] if self.waits else zeros  # the first list is of the lanes that are missed
            lines.append(f"  call void @region0(i64 %b, i64 %length, i64 0, ptr null, {given})")
            ahead = "%blockend"  # lanes of the next block, to be brought near while these are at work
            lines += self.calls(self.regions[0], "%length", "null")
            lines.append("  br label %visit1")
            for k in range(1, count):
                lines.append(f"visit{k}:")
                of = self.regions[k].lanes_of
                if of != k:  # a later stage
                    n, at = (f"%n{of}", f"%list{of}") if of else ("%length", "null")
                    lines.append(f"  %any{k} = icmp ne i64 {n}, 0\n  br i1 %any{k}, label %run{k}, label %after{k}")
                    lines.append(f"run{k}:\n  call void @region{k}(i64 %b, i64 {n}, i64 {ahead}, ptr {at}, {given})")
                    lines += self.calls(self.regions[k], n, at)
                    lines.append(f"  br label %after{k}\nafter{k}:\n  br label %visit{k + 1}")
                    continue
                lines.append(f"  %all{k} = load i64, ptr %count{k}, align 8\n  %whole{k} = and i64 %all{k}, -{lanes}")
                every = "%latest" if self.waits else "true"
                lines.append(f"  %n{k} = select i1 {every}, i64 %all{k}, i64 %whole{k}")
                lines.append(f"  %list{k} = getelementptr i8, ptr %lists, i64 {k * self.capacity * 4}")
                lines.append(f"  %any{k} = icmp ne i64 %n{k}, 0")
                lines.append(f"  br i1 %any{k}, label %run{k}, label %after{k}\nrun{k}:")
                lines.append(f"  call void @pad(ptr %list{k}, i64 %all{k})")
                lines.append(f"  call void @region{k}(i64 %b, i64 %n{k}, i64 {ahead}, ptr %list{k}, {given})")
                lines += self.calls(self.regions[k], f"%n{k}", f"%list{k}")
                step = f"%n{k}" if isinstance(self.regions[k].exit, Outputs) else "0"
                lines.append(f"  %further{k} = add i64 {ahead}, {step}\n  br label %after{k}\nafter{k}:")
                lines.append(f"  %ahead{k} = phi i64 [ {ahead}, %visit{k} ], [ %further{k}, %run{k} ]")
                ahead = f"%ahead{k}"
                if self.waits:
                    lines.append(f"  call void @keep(ptr %list{k}, i64 %n{k}, i64 %length)")
                    lines.append(f"  %left{k} = sub i64 %all{k}, %n{k}\n  store i64 %left{k}, ptr %count{k}, align 8")
                lines.append(f"  br label %visit{k + 1}")
            lines.append(f"visit{count}:")
            if self.fold:
                lines.append("  call void @fold(i64 %b, i64 %length, i64 %valid, ptr %rows, ptr %sums)")
            lines.append("  br label %done\ndone:\n  %another = icmp slt i64 %blockend, %chunkend")
            lines.append("  br i1 %another, label %block, label %summed\nsummed:")
            self.padding()
            if self.waits:
                self.keeping()
            python_calls.helpers(self.module)
        if self.fold:
            for where in range(self.results):
                code.lines = lines
                at = code.line(f"getelementptr i8, ptr %sums, i64 {where * lanes * 8}")
                parts = []
                for k in range(lanes):
                    one = code.line(f"getelementptr double, ptr {at}, i64 {k}")
                    parts.append(code.line(f"load double, ptr {one}, align 8"))
                while len(parts) > 1:
                    half = len(parts) // 2
                    parts = [code.line(f"fadd double {a}, {b}") for a, b in zip(parts[:half], parts[half:])]
                to = code.line(f"getelementptr double, ptr %to, i64 {where}")
                lines.append(f"  store double {parts[0]}, ptr {to}, align 8")
            lines.append(f"  %tonext = getelementptr double, ptr %to, i64 {self.results}")
        lines.append("  %again = icmp slt i64 %chunkend, %stop\n  br i1 %again, label %chunk, label %end\nend:")
        lines.append("  %result = load i64, ptr %flag, align 8\n  ret i64 %result")
        self.module.function(HEADER, code, [], lines)
        return Text(self.module, offset, tuple(sorted(self.module.needs)), self.module.chained[1], self.again)

    def calls(self, region: Region, count: str, where: str) -> list[str]:
        """The calls of Python functions behind a stage, over ``count`` lanes of the list at ``where``."""
        return [
            line
            for i in region.calls
            for line in python_calls.call(self.module, self.frame.of, region.number, i, self.capacity, count, where)
        ]

    def padding(self) -> None:
        """The function that fills a list up with its last lane."""
        lines = ["  %before = sub i64 %n, 1\n  %from = getelementptr i32, ptr %list, i64 %before"]
        lines.append("  %last = load i32, ptr %from, align 4")
        lanes = self.target.lanes
        kind, zeros = f"<{lanes} x i32>", f"<{lanes} x i32> zeroinitializer"
        lines.append(f"  %one = insertelement {kind} poison, i32 %last, i64 0")
        lines.append(f"  %many = shufflevector {kind} %one, {kind} poison, {zeros}")
        lines.append("  %at = getelementptr i32, ptr %list, i64 %n")
        lines.append(f"  store {kind} %many, ptr %at, align 4")
        self.module.function("internal void @pad(ptr %list, i64 %n)", Code(self.target), [], [*lines, "  ret void"])

    def keeping(self) -> None:
        """The function that keeps what is in a list from the n-th on for the next block, ``length`` lanes further."""
        lanes = self.target.lanes
        kind = f"<{lanes} x i32>"
        lines = [
            f"  %from = getelementptr i32, ptr %list, i64 %n\n  %old = load {kind}, ptr %from, align 4",
            f"  %short = trunc i64 %length to i32\n  %one = insertelement {kind} poison, i32 %short, i64 0",
            f"  %many = shufflevector {kind} %one, {kind} poison, <{lanes} x i32> zeroinitializer",
            f"  %new = sub {kind} %old, %many\n  store {kind} %new, ptr %list, align 4\n  ret void",
        ]
        self.module.function("internal void @keep(ptr %list, i64 %n, i64 %length)", Code(self.target), [], lines)


def _bounded(name: str, start: str, size: int, stop: str, lanes: int) -> str:
    """``min(start + size, stop)``, but ``stop`` if fewer than ``lanes`` would be left."""
    return (
        f"  %{name}.1 = add i64 {start}, {size}\n  %{name}.2 = add i64 %{name}.1, {lanes}\n"
        f"  %{name}.3 = icmp sgt i64 %{name}.2, {stop}\n"
        f"  %{name} = select i1 %{name}.3, i64 {stop}, i64 %{name}.1"
    )


def _counted(code: Code, place: str, fresh: str, lane: str, valid: str) -> str:
    """The mask of the lanes that have not been counted before, and are to be counted at all."""
    if code.lanes == 1:
        return code.line(f"icmp slt i64 {lane}, {valid}")
    steps = f"<{', '.join(f'i64 {k}' for k in range(code.lanes))}>"

    def spread(x: str) -> str:
        one = code.line(f"insertelement {code.i64} poison, i64 {x}, i64 0")
        return code.line(f"shufflevector {code.i64} {one}, {code.i64} poison, <{code.lanes} x i32> zeroinitializer")

    back, left = code.line(f"sub i64 {fresh}, {place}"), code.line(f"sub i64 {valid}, {lane}")
    new = code.line(f"icmp sge {code.i64} {steps}, {spread(back)}")
    real = code.line(f"icmp slt {code.i64} {steps}, {spread(left)}")
    return code.line(f"and {code.i1} {new}, {real}")


def _accumulate(code: Code, offset: int, value: F, counted: str) -> None:
    at = code.line(f"getelementptr inbounds i8, ptr %sums, i64 {offset}")
    old = code.line(f"load {code.f64}, ptr {at}, align 8")
    new = code.line(f"fadd {code.f64} {old}, {value.name}")
    kept = code.line(f"select {code.i1} {counted}, {code.f64} {new}, {code.f64} {old}")
    code.lines.append(f"  store {code.f64} {kept}, ptr {at}, align 8")
