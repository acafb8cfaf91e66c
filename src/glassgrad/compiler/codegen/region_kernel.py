"""Write the function of a region: a loop over its lanes, one vector of lanes at a time."""

from __future__ import annotations

from collections.abc import Callable

from glassgrad.compiler.codegen.access import Memory, Scope, named
from glassgrad.compiler.codegen.batch_plan import BatchPlan
from glassgrad.compiler.codegen.builder import Signature
from glassgrad.compiler.codegen.frame import Slots
from glassgrad.compiler.codegen.lane_lists import append, pack
from glassgrad.compiler.codegen.module import last_uses
from glassgrad.compiler.codegen.regions import Choice, Region
from glassgrad.compiler.codegen.rows import row_lines
from glassgrad.compiler.codegen.scatter import add_at
from glassgrad.compiler.codegen.sums import accumulate, counted
from glassgrad.compiler.codegen.transposition import (
    has_squares,
    read_leaf,
    reading_pays,
    write_leaf,
    writing_pays,
)
from glassgrad.compiler.codegen.values import Int, Pointer
from glassgrad.compiler.codegen.vector import Code, F, M
from glassgrad.compiler.ir.tape import Outputs

__all__ = ["region_signature", "write_region"]

WHOLE = 1500  # A region with at most this many lines of IR is one function. A longer one is cut into pieces.
ADDED = 5  # It takes this many lines of IR to add a result to a sum.
STORED = 300  # A piece stores at most this many results that other regions computed.
PARAMETERS = (
    *(("i64", "lane0"), ("i64", "count"), ("i64", "ahead"), ("ptr", "start"), ("ptr", "ins"), ("ptr", "outs")),
    *(("ptr", "frame"), ("ptr", "local"), ("ptr", "lists"), ("ptr", "counts"), ("ptr", "unmatched")),
)
SUMS = ("i64", "valid"), ("ptr", "sums")


def region_signature(plan: BatchPlan, number: int) -> Signature:
    """Return the signature of a region's function.

    Its arguments are the first lane of the block, the number of lanes of the region, the next lane to prefetch, the
    list of the region's lanes (null for all lanes of the block), and memory.
    """
    sums = SUMS if plan.reduced and not plan.diverges else ()
    return Signature(f"region{number}", (*PARAMETERS, *sums))


def write_region(plan: BatchPlan, region: Region) -> None:
    """Add the function of a region to the module."""
    _Region(plan, region).write()


class _Region:
    def __init__(self, plan: BatchPlan, region: Region) -> None:
        self.plan, self.region, self.module = plan, region, plan.module
        self.tape = self.module.tape
        self.signature = region_signature(plan, region.number)
        self.code = Code(self.module.target)
        self.given = self.signature.values(self.code)
        self.listed = region.lanes_of > 0
        self.exit = region.exit.refs if isinstance(region.exit, Outputs) else None
        self.places: dict[int, list[int]] = {}  # for each value that is a result, its places among the results
        self.dense = [where for where in range(plan.results) if self.exit is not None and where not in plan.added_at]
        for where in self.dense:
            assert self.exit is not None
            self.places.setdefault(self.exit[where], []).append(where)
        self.kept = plan.frame.kept[region.number]
        self.known: dict[int, F] = {}
        self.memory: Memory
        self._cut()
        self.columns: dict[int, int] = {}  # for each leaf of the inputs that is transposed once, its first local slot
        self.leaves: dict[int, int] = {}  # the same for leaves of the results
        self.collected: dict[int, int] = {}  # the local slots of results that wait until all are computed
        self.local = Slots(0 if self.whole else self._reserve())

    def _cut(self) -> None:
        """Cut the operations into pieces, and find the last use of each value that leaves its piece."""
        module, region, n = self.module, self.region, self.tape.inputs
        stored = {} if self.plan.reduced else self.places
        added = len(self.dense) * self._added() if self.plan.reduced else 0
        added += len(self.plan.scatters) * row_lines(module.target.lanes)
        self.whole = max(sum(module.costs(region.ops, self.listed, stored)), added) <= WHOLE
        self.runs = [region.ops] if self.whole else module.cut(region.ops, self.listed, stored)
        self.inside: dict[int, int] = {n + i: place for place, run in enumerate(self.runs) for i in run}
        uses = [
            (place, [a for i in run for a in self.tape.args[i] if self.inside.get(a, place) != place])
            for place, run in enumerate(self.runs)
        ]
        if not self.whole:
            last = [*region.conditions(), *[a for one in self.plan.scatters for a in (one.place, one.value)]]
            uses.append((len(self.runs), [a for a in last if a in self.inside]))
        self.last = last_uses(uses)

    def _reserve(self) -> int:
        """Reserve local slots for leaves that are transposed once, and for results that are stored in a loop.

        Return the number of slots.
        """
        module, lanes, count = self.module, self.module.target.lanes, 0
        n = self.tape.inputs
        read = [{a for i in run for a in self.tape.args[i] if 0 <= a < n} for run in self.runs]
        for k, form in enumerate(module.inputs):
            if has_squares(form, lanes) and reading_pays(form, lanes, read):
                self.columns[k] = count
                count += form.size
        if self.exit is None:
            return count
        if self.plan.reduced:
            self.collected = {where: count + k for k, where in enumerate(self.dense)}
            return count + len(self.dense)
        made = [{where for i in run for where in self.places.get(n + i, ())} for run in self.runs]
        for k, form in enumerate(module.outputs):
            if has_squares(form, lanes) and writing_pays(form, lanes, made):
                self.leaves[k] = count
                self.collected.update({form.first + j: count + j for j in range(form.size)})
                count += form.size
        return count

    def _added(self) -> int:
        """Return how many lines of IR it takes to add a result to a sum, or to store it to be added later."""
        return 3 * self.module.target.lanes if self.plan.diverges and self.listed else ADDED

    def write(self) -> None:
        code, given, lanes = self.code, self.given, self.module.target.lanes
        adds = self.plan.reduced and not self.plan.diverges
        zero = code.integer(0)
        with code.repeat(*[zero] * (2 if adds else 1)) as loop:
            p = loop.state[0]
            self._enter(p)
            self._compute()
            for ref in sorted(self.kept):
                if ref < self.tape.inputs:
                    self._keep_slot(self.memory, ref, self._value(ref))
            if self.exit is not None:
                self._finish(loop.state)
            self._leave(p)
            further = following = p + lanes
            if not self.listed:  # the last vector overlaps the one before it
                latest = code.hoist(given.count.__sub__, lanes)
                following = code.pick(further > latest, latest, further)
            loop.again(further < given.count, following, *[further] * adds)
        if self.plan.packs(self.region):
            self._pack()
        code.ret()
        region = self.region
        comment = f"region {region.number} continues region {region.parent}" if region.parent >= 0 else ""
        self.module.add(self.signature, code, comment=comment)

    def _enter(self, p: Int) -> None:
        """Begin a step. It works on the lanes that start at place p of the block, or of the list."""
        code, given = self.code, self.given
        if self.listed:
            i, lanes = p, given.start.element("i32", p)
        else:
            i, lanes = given.lane0 + p, code.null()
        scope = Scope(i, given.lane0, lanes, given.ins, given.outs, given.frame, given.local)
        self.memory = self.module.memory(code, scope, self.listed)
        self.memory.columns = self.columns
        if self.listed and self.exit is not None:
            self.memory.prefetch(given.ahead + p, self.plan.reduced)

    # Operations

    def _compute(self) -> None:
        if self.whole:
            self.module.straight(self.memory, self.region.ops, self.known, self._fetch, self._keep)
            return
        n, local = self.tape.inputs, self.local
        for k, slot in self.columns.items():
            read_leaf(self.memory, self.module.inputs[k], k, slot)
        leaving: dict[int, list[int]] = {}
        for ref, place in self.last.items():
            leaving.setdefault(place, []).append(ref)
        for place, run in enumerate(self.runs):
            for i in run:
                if n + i in self.last:
                    local.take(n + i)
            self.module.piece(self.memory, run, self._fetch, self._keep)
            for ref in leaving.get(place, ()):
                if ref in self.inside:
                    local.release(ref)
        self.plan.local = max(self.plan.local, local.count)

    def _fetch(self, memory: Memory, ref: int) -> F:
        if ref in self.inside:
            return memory.load_local(self.local.of[ref], ref)
        return memory.load_slot(self.plan.frame.of[ref], self.plan.capacity, named(ref))

    def _keep(self, memory: Memory, ref: int, value: F) -> None:
        if ref in self.kept:
            self._keep_slot(memory, ref, value)
        if ref in self.last:
            memory.store_local(self.local.of[ref], ref, value)
        if not (self.plan.reduced and self.whole):
            for where in self.places.get(ref, ()):
                self._store(memory, where, value)

    def _store(self, memory: Memory, where: int, value: F) -> None:
        """Store a result, or keep it in a local slot until the others are computed."""
        if where in self.collected:
            memory.store_local(self.collected[where], f"result{where}", value)
        else:
            memory.store(where, self.plan.owner[where], value)

    def _keep_slot(self, memory: Memory, ref: int, value: F) -> None:
        memory.store_slot(self.plan.frame.of[ref], self.plan.capacity, named(ref), value)

    def _value(self, ref: int) -> F:
        if ref not in self.known:
            self.known[ref] = self.module.value(self.memory, ref, self._fetch)
        return self.known[ref]

    # Results

    def _finish(self, state: list[Int]) -> None:
        """Store the results that are not stored yet, or add them to the sums."""
        assert self.exit is not None
        plan, memory = self.plan, self.memory
        if not (plan.reduced and self.whole):
            self._store_others()
        if not plan.reduced:
            memory.flush()
            for k, slot in self.leaves.items():
                write_leaf(memory, self.module.outputs[k], k, slot)
        elif plan.diverges:
            self._each_result(memory.result_writer(plan.rows, plan.capacity))
        else:
            p, fresh = state
            mask = counted(self.code, p, fresh, memory.scope.i, self.given.valid)
            self._each_result(lambda where, value: accumulate(self.code, self.given.sums, where, value, mask))
            for one in plan.scatters:
                add_at(self.code, self.given.sums, one, self._value(one.place), self._value(one.value), mask)

    def _each_result(self, use: Callable[[Int, F], None]) -> None:
        """Write ``use(k, value)`` for each result. If the results are in local slots, this is a loop over the slots."""
        assert self.exit is not None
        if self.whole:
            for where in self.dense:
                use(self.code.integer(where), self._value(self.exit[where]))
            return
        lanes = self.code.lanes
        for run in _runs(self.dense):
            slots = self.memory.scope.local.offset(self.collected[run[0]] * 8 * lanes)

            def write(k: Int, slots: Pointer = slots, start: int = run[0]) -> None:
                use(
                    k + start if start else k,
                    F(self.code, self.code.read(self.code.f64, slots.offset(k * (8 * lanes)))),
                )

            self.code.each(len(run), write)

    def _store_others(self) -> None:
        """Store the results that are not computed in this region."""
        others = [(where, ref) for ref, wheres in self.places.items() if ref not in self.inside for where in wheres]
        if self.whole:
            for where, ref in others:
                self._store(self.memory, where, self._value(ref))
            return
        for start in range(0, len(others), STORED):
            piece = self.module.open_piece(self.memory)
            for where, ref in others[start : start + STORED]:
                self._store(piece, where, self.module.value(piece, ref, self._fetch))
            piece.flush()
            self.module.close_piece(self.memory, piece)

    # The next regions of the lanes

    def _leave(self, p: Int) -> None:
        """Append each lane to the list of the region where it continues, or report it as unmatched."""
        code, exit = self.code, self.region.exit
        bad: M | None = None
        for ref, holds in self.region.asserted:
            value = self._value(ref)
            here = value == 0.0 if holds else value != 0.0
            bad = here if bad is None else bad | here
        if isinstance(exit, Choice):
            goal = self._goal(exit)
            if is_open(exit):
                unknown = M(code, (goal == 0).name)
                bad = unknown if bad is None else bad | unknown
            if bad is not None and self.region.asserted:
                nowhere = code.number(0, goal.type)
                goal = Int(code, code.choose(code.i1, bad.name, goal.type, nowhere, goal.name), goal.type)
            self._enlist(goal, p)
        if bad is not None:
            self._report(bad)

    def _goal(self, choice: Choice | int | None) -> Int:
        """Return the number of the region where each lane continues, or 0 if there is no code for its path."""
        code, lanes = self.code, self.module.target.lanes
        kind = "i32" if lanes == 1 else f"<{lanes} x i32>"
        if not isinstance(choice, Choice):
            return code.integer(choice or 0, kind)
        mask = self._value(choice.condition) != 0.0
        yes, no = self._goal(choice.yes), self._goal(choice.no)
        return Int(code, code.choose(code.i1, mask.name, kind, yes.name, no.name), kind)

    def _enlist(self, goal: Int, p: Int) -> None:
        """Store the number of each lane's next region for `_pack`, or append the lane to the region's list at once."""
        code, given, plan = self.code, self.given, self.plan
        if plan.packs(self.region):
            code.store(goal, self._ids().element("i32", p))
            return
        for k in range(code.lanes):
            region = goal.element(k).cast("zext", "i64")
            append(code, given.lists, given.counts, plan.capacity, region, self.memory.relative(k))

    def _ids(self) -> Pointer:
        """Return the address of the array with the number of each lane's next region."""
        ids: Pointer = self.memory.hoisted("ids", self.given.counts.offset, self.plan.ids)
        return ids

    def _pack(self) -> None:
        """Append all lanes to the lists of the regions whose numbers were stored."""
        code, given, plan = self.code, self.given, self.plan
        numbers = self.region.exits()
        lists = {k: given.lists.offset(k * plan.capacity * 4, inside=False) for k in numbers}
        counters = {k: given.counts.element("i64", k) for k in numbers}
        counts = {k: code.read_int(counters[k]) if plan.waits else code.integer(0) for k in numbers}
        lanes = given.start if self.listed else None
        for k, length in pack(code, self._ids(), lanes, given.count, lists, counts).items():
            code.store(length, counters[k])

    def _report(self, bad: M) -> None:
        """Set the bytes of unmatched lanes, and the flag that there are any."""
        code, given, memory = self.code, self.given, self.memory
        some = code.any(bad)
        lanes = [memory.lane(k) for k in range(code.lanes)]
        with code.if_(some):
            code.store(code.integer(1), given.counts.element("i64", len(self.plan.regions)))
            for k, lane in enumerate(lanes):
                bit = Int(code, bad.name, code.i1).element(k)
                at = given.unmatched.element("i8", lane)
                code.store(code.read_int(at, "i8") | bit.cast("zext", "i8"), at)


def _runs(numbers: list[int]) -> list[range]:
    """Cut ascending numbers into runs without a gap."""
    runs: list[range] = []
    for n in numbers:
        if runs and runs[-1].stop == n:
            runs[-1] = range(runs[-1].start, n + 1)
        else:
            runs.append(range(n, n + 1))
    return runs


def is_open(choice: Choice | int | None) -> bool:
    """Whether a side of a choice has no code."""
    return choice is None or (isinstance(choice, Choice) and (is_open(choice.yes) or is_open(choice.no)))
