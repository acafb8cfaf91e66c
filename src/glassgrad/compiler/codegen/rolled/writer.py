"""Write the loops of a tape for one block of lanes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from glassgrad.compiler.codegen.access import Memory, gathered
from glassgrad.compiler.codegen.layout import BROADCAST, CONTIGUOUS, INTERLEAVED, Form
from glassgrad.compiler.codegen.rolled.lanes import Lanes, joined, split, vector_of
from glassgrad.compiler.codegen.rolled.pairs import moves
from glassgrad.compiler.codegen.rolled.places import Area, Base, Looked, Place, Table, Walker, Wrapped
from glassgrad.compiler.codegen.rolled.plan import Plan
from glassgrad.compiler.codegen.values import Int, Pointer, Value
from glassgrad.compiler.codegen.vector import Code, F, M
from glassgrad.compiler.ir.loops import READS, Assert, Carried

__all__ = ["Writer", "data"]


def data(code: Code, table: Table) -> Pointer:
    """Return the address of a table."""
    code.declarations.add(f"@{table.symbol} = external global i8")
    start = Pointer(code, f"@{table.symbol}")
    return start.offset(table.start) if table.start else start


class Writer:
    """Writes the operations of a tape, loop after loop.

    Attributes:
        memory: access to the leaves.
        lanes: the lanes at work.
        shared: the address of the values that all lanes share.
        cells: the address of the cells.
        sums: the address of the sums over the lanes, if results are summed.
        counted: for each vector of the block, the lanes that are added to the sums.
        bad: the lanes where an assert does not hold, or None if there are no asserts.
        active: the lanes that are in the present round of all masked loops around, or None if all are.
    """

    def __init__(self, plan: Plan, memory: Memory, lanes: Lanes, shared: Pointer, cells: Pointer) -> None:
        self.plan, self.memory, self.lanes, self.cells = plan, memory, lanes, cells
        self.shared = shared
        self._loop_at = -1  # the loop whose body is being written
        self.code: Code = memory.code
        self.sums: Pointer | None = None
        self.counted: list[M] = []
        self.bad: M | None = ~self.code.true() if plan.asserts[-1] else None
        self.active: M | None = None
        self._values: dict[int, F] = {}  # operations, and what the open loops carry
        self._loaded: dict[int, F] = {}  # what was loaded in the current body
        self._pointers: dict[Base, Pointer] = {}
        self._looked: dict[Base, Pointer] = {}
        self._starts: dict[int, Pointer] = {}

    # Addresses

    def start(self, area: Area) -> Pointer:
        """Return the address of number 0 of an area."""
        if isinstance(area, Table):
            return data(self.code, area)
        if area is self.plan.sums:
            assert self.sums is not None
            return self.sums
        if area.leaf < 0:
            return self.cells if area is self.plan.area else self.shared
        found = self._starts.get(area.leaf)
        if found is None:
            found = self._starts[area.leaf] = self._leaf(area.leaf)
        return found

    def _leaf(self, k: int) -> Pointer:
        form, memory, lanes = self.plan.module.inputs[k], self.memory, self.lanes
        first: Pointer = memory.field("ins", k, 0)
        if form.layout == BROADCAST or self.code.lanes == 1:
            return first
        return first.offset(lanes.starts[0] * lanes.apart(memory, "ins", form, k))

    def prepare(self) -> None:
        """Compute the addresses of the leaves that are read where they lie, which all loops use."""
        for area in self.plan.leaf_areas:
            if self.plan.module.inputs[area.leaf].size and area.leaf not in self.plan.cells.columns:
                self.start(area)

    def bytes(self, area: Area, numbers: int) -> Int | int:
        """Return how many bytes ``numbers`` numbers of an area take."""
        if area.unit:
            return area.unit * numbers
        form = self.plan.module.inputs[area.leaf]
        if form.layout != CONTIGUOUS:
            return form.width * numbers
        unit: Int = self.memory.field("ins", area.leaf, 2)
        made: Int = self.memory.hoisted((area.leaf, numbers, "bytes"), unit.__mul__, numbers)
        return made

    def base(self, area: Area, base: Base | None) -> Pointer:
        """Return the address that a place is counted from."""
        if base is None:
            return self.start(area)
        if isinstance(base, Looked):
            found = self._looked.get(base)
            if found is None:
                distance = self.code.read_int(self.address(base.table), "i32", constant=True).cast("sext", "i64")
                if not area.unit:
                    distance = distance * self.bytes(area, 1)
                found = self._looked[base] = self.start(area).offset(distance)
            return found
        return self._pointers[base]

    def address(self, place: Place) -> Pointer:
        area = place.area
        pointer = self.base(area, place.base)
        distance = self.bytes(area, place.offset) if place.offset else 0
        if place.column:
            assert isinstance(area, Table)
            assert isinstance(distance, int)
            distance = distance + place.column * area.width
        return pointer.offset(distance) if not isinstance(distance, int) or distance else pointer

    # Values

    def value(self, ref: int) -> F:
        """Return a value in the current body."""
        found = self._values.get(ref)
        if found is None:
            found = self._loaded.get(ref)
        if found is None:
            found = self._loaded[ref] = self._load(ref)
        return found

    def _load(self, ref: int) -> F:
        plan = self.plan
        ref = plan.same.get(ref, ref)
        if plan.tape.inputs <= ref < READS:
            return self.load(plan.outside[ref, self._loop_at])
        if ref < 0:
            return self.code.constant(plan.tape.constants[~ref])
        return self.load(plan.input(ref) if ref < plan.tape.inputs else plan.place[ref])

    def load(self, place: Place) -> F:
        """Load what lies at a place."""
        return self.read(place.area, self.address(place))

    def original(self, ref: int) -> F:
        """Return a constant, or an input from where it lies among the arguments."""
        if ref < 0:
            return self.code.constant(self.plan.tape.constants[~ref])
        return self.load(self.plan.original(ref))

    def read(self, area: Area, address: Pointer) -> F:
        """Load a number of an area."""
        code = self.code
        if isinstance(area, Table):
            return F(code, gathered(code, [code.read("double", address, constant=True)]))
        if self.plan.shared is not None and area is self.plan.shared.area:
            return F(code, gathered(code, [code.read("double", address)]))
        if area.leaf < 0:
            return self.read_cell(address)
        form, lanes = self.plan.module.inputs[area.leaf], self.lanes
        if form.layout == BROADCAST or code.lanes == 1:
            return F(code, gathered(code, [self._wide(form, code.read(form.number, address), 1)]))
        apart = lanes.apart(self.memory, "ins", form, area.leaf)
        starts = [address, *[address.offset((start - lanes.starts[0]) * apart) for start in lanes.starts[1:]]]
        if form.layout == INTERLEAVED:
            each = [start.offset(apart * k) if k else start for start in starts for k in range(lanes.vector)]
            return F(code, gathered(code, [self._wide(form, code.read(form.number, one), 1) for one in each]))
        kind = vector_of(form.number, lanes.vector)
        parts = [self._wide(form, code.read(kind, start), lanes.vector) for start in starts]
        return joined(code, parts, lanes.vector)

    def _wide(self, form: Form, name: str, count: int) -> str:
        """Convert numbers of a leaf to doubles."""
        if not form.single:
            return name
        return self.code.cast("fpext", vector_of("float", count), name, vector_of("double", count))

    def read_cell(self, address: Pointer) -> F:
        code = self.code
        return F(code, code.read(code.f64, address, align=min(64, 8 * code.lanes)))

    def write_cell(self, value: F, address: Pointer) -> None:
        code = self.code
        code.write(code.f64, value.name, address, align=min(64, 8 * code.lanes))

    # Operations and loops

    def write(self, loop: int, start: int, stop: int) -> None:
        """Write operations ``start`` to ``stop`` of the body of ``loop``."""
        loops = self.plan.tape.loops
        for k, inner in enumerate(loops):
            if inner.parent == loop and start <= inner.start < inner.stop <= stop:
                self._straight(start, inner.start)
                if self.plan.executions.runs[k] and self.plan.ops[inner.start : inner.stop].any():
                    self.write_loop(k)
                start = inner.stop
        self._straight(start, stop)

    def _straight(self, start: int, stop: int) -> None:
        for s in range(start, stop):
            if self.plan.ops[s]:
                self._operation(s)

    def _operation(self, s: int) -> None:
        plan, code = self.plan, self.code
        op, args = plan.tape.ops[s], [self.value(a) for a in plan.tape.args[s]]
        if isinstance(op, Assert):
            fails = args[0] == 0.0 if op.outcome else args[0] != 0.0
            self.fail(fails)
            return
        value = self._values[plan.tape.inputs + s] = plan.module.operation(code, s, args)
        if s in plan.stored:
            self.write_cell(value, self.address(plan.stored[s]))
        if s in plan.added:
            self._add(value, self.address(plan.added[s]))
        if s in plan.exported:
            code.write("double", code.lane(value, 0), self.address(plan.exported[s]))

    def _pair(self, k: int) -> None:
        """Write two rounds of loop k, each operation for both. What does not move in the loop is loaded once."""
        plan, loop = self.plan, self.plan.tape.loops[k]
        pointers: dict[Base, Pointer] = {
            one: self._pointers[one].offset(self.bytes(one.area, one.step), inside=False)
            for one in plan.places.moving[k]
        }
        first = self._values, self._loaded, self._looked, self._pointers
        second = dict(self._values), dict[int, F](), dict[Base, Pointer](), {**self._pointers, **pointers}
        for s in range(loop.start, loop.stop):
            if not plan.ops[s]:
                continue
            self._values, self._loaded, self._looked, self._pointers = first
            self._operation(s)
            fixed = [a for a in plan.tape.args[s] if a in self._loaded and not self._moves(a, k)]
            second[1].update({a: self._loaded[a] for a in fixed})
            self._values, self._loaded, self._looked, self._pointers = second
            self._operation(s)

    def _moves(self, ref: int, k: int) -> bool:
        """Whether an operand names another value in each round of loop k."""
        place = self.plan.outside.get((ref, k)) or self.plan.place.get(ref)
        return place is not None and moves(place, k)

    def fail(self, lanes: M) -> None:
        """Note lanes where an assert does not hold. Only active lanes count."""
        assert self.bad is not None
        self.bad = self.bad | (lanes if self.active is None else self.active & lanes)

    def _add(self, value: F, address: Pointer) -> None:
        """Add a value to a sum, one vector after the other."""
        code, vector = self.code, self.lanes.vector
        kind = vector_of("double", vector)
        total = code.read(kind, address)
        for part, counted in zip(split(code, value, vector), self.counted):
            more = code.binary("fadd", kind, total, part)
            total = code.choose(vector_of("i1", vector), counted.name, kind, more, total)
        code.write(kind, total, address)

    def write_loop(self, k: int) -> None:
        """Write a loop."""
        plan, code = self.plan, self.code
        trips = plan.tape.loops[k].trips
        if k not in plan.trips:
            self._rounds(k, code.integer(int(trips if isinstance(trips, int) else trips[0])))
            return
        count = code.read_int(self.address(plan.trips[k]), "i32", constant=True).cast("sext", "i64")
        if trips.min() > 0:
            self._rounds(k, count)
            return
        bad = self.bad
        with code.if_(count > 0) as entered:
            self._rounds(k, count)
        if bad is not None and self.bad is not None and plan.asserts[k]:
            self.bad = entered.merge(self.bad, bad)

    def _rounds(self, k: int, count: Int) -> None:
        plan, code = self.plan, self.code
        loop = plan.tape.loops[k]
        initial, starts = self.initial(k), self.pointers(k)
        checks = [self.bad] if self.bad is not None and plan.asserts[k] else []
        paired = k in plan.pairs
        with code.repeat(count, *initial, *starts.values(), *checks) as turn:
            left, *state = turn.state
            pointers = dict(zip(starts, state[len(initial) :]))
            with self.body(k, state, pointers):
                if checks:
                    self.bad = state[-1]
                if paired:
                    self._pair(k)
                else:
                    self.write(k, loop.start, loop.stop)
                following: list[Value] = [*self.following(k)]
                following += [self.advanced(one, self._pointers[one]) for one in pointers]
                after = left - (2 if paired else 1)
                if checks and self.bad is not None:
                    following.append(self.bad)
                turn.again(after != 0, after, *following)

    def initial(self, k: int) -> list[F]:
        """Return what loop k carries into its first round."""
        return [self.value(self._carried(ref).initial) for ref in self.plan.carried[k]]

    def following(self, k: int) -> list[F]:
        """Return what loop k carries into the next round."""
        return [self.value(self._carried(ref).next) for ref in self.plan.carried[k]]

    def pointers(self, k: int) -> dict[Walker | Wrapped, Pointer]:
        """Return the pointers that move in loop k, as they are in round 0."""
        return {
            one: self.address(one.start) if isinstance(one, Wrapped) else self.base(one.area, one.start)
            for one in self.plan.places.moving[k]
        }

    def carry(self, k: int, values: Iterable[F]) -> None:
        """Make ``values`` what loop k carries."""
        self._values.update(zip(self.plan.carried[k], values))

    @contextmanager
    def body(self, k: int, carried: Sequence[F], pointers: dict[Walker | Wrapped, Pointer]) -> Iterator[None]:
        """Write the body of loop k, with the values that it carries and its pointers."""
        before, around = self._pointers, self._loop_at
        self._loaded, self._looked, self._loop_at = {}, {}, k
        self.carry(k, carried)
        self._pointers = dict(before)
        self._pointers.update(pointers.items())
        yield
        self._pointers, self._loop_at = before, around
        self._loaded, self._looked = {}, {}

    def advanced(self, one: Walker | Wrapped, pointer: Pointer) -> Pointer:
        """Return the pointer of the next round."""
        code = self.code
        further = pointer.offset(self.bytes(one.area, one.step), inside=False)
        if isinstance(one, Walker):
            return further
        begin, length = one.begin * one.area.unit, one.length * one.area.unit
        end = self.start(one.area).offset(begin + length, inside=False)
        over = Int(code, code.binary("icmp uge", "ptr", further.name, end.name), "i1")
        return code.pick(over, further.offset(-length, inside=False), further)

    def _carried(self, ref: int) -> Carried:
        carried = self.plan.tape.reads[ref - READS]
        assert isinstance(carried, Carried)
        return carried
