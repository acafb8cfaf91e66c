"""Load and store numbers for the lanes at work: those of leaves, slots of the frame, and local slots."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from glassgrad.compiler.codegen.lane_values import I
from glassgrad.compiler.codegen.layout import BROADCAST, CONTIGUOUS, INTERLEAVED, Form
from glassgrad.compiler.codegen.values import Int, Pointer
from glassgrad.compiler.codegen.vector import Code, F

__all__ = ["Memory", "Scope", "gathered", "named", "result_stem", "transposed"]

PREFETCHED = 32  # At most this many numbers of a leaf are prefetched.
ALTOGETHER = 128  # At most this many numbers of all leaves are prefetched. Each region with results has code for it.
CACHE_LINE = 64  # A cache line has this many bytes.


class Scope(NamedTuple):
    """The lanes at work in a function, and the memory that it uses.

    Attributes:
        i: the first lane at work. If the lanes are in a list, its place in the list.
        lane0: the first lane of the block.
        list: the address of the first listed lane at work. A list holds the distance of each lane from ``lane0``.
        ins, outs: the tables of leaves.
        frame, local: the parts of scratch memory with these names (`layout`).
    """

    i: Int
    lane0: Int
    list: Pointer
    ins: Pointer
    outs: Pointer
    frame: Pointer
    local: Pointer


class Memory:
    """Loads and stores for the lanes at work in a function.

    The lanes are ``scope.i`` and the lanes after it. If ``listed``, they are the lanes in the list at ``scope.list``.
    Addresses that do not depend on the lanes are computed at the start of the function. ``owner`` tells which leaf each
    input belongs to (`layout.owners`).

    Attributes:
        columns: a dict from each leaf of the inputs that is already in local slots, to its first slot
            (`transposition`).
    """

    def __init__(
        self,
        code: Code,
        scope: Scope,
        inputs: Sequence[Form],
        outputs: Sequence[Form],
        owner: Sequence[int],
        listed: bool,
    ) -> None:
        self.code, self.scope = code, scope
        self.inputs, self.outputs = inputs, outputs
        self.listed = listed
        self.columns: dict[int, int] = {}
        self._owner = owner
        self._known: dict[object, Any] = {}
        self._fields: dict[tuple[str, int, int], Any] = {}
        self._bases: dict[tuple[str, int, int], Pointer] = {}  # the address of a number, or of an interleaved lane
        self._lanes: dict[int, Int] = {}
        self._relative: dict[int, Int] = {}
        self._squares: dict[object, list[str]] = {}
        self._waiting: dict[tuple[int, int], dict[int, F]] = {}

    def once(self, key: object, write: Callable[..., Any], *args: Any) -> Any:
        """Return ``write(*args)``. It is written only once in the function."""
        if key not in self._known:
            self._known[key] = write(*args)
        return self._known[key]

    def hoisted(self, key: object, write: Callable[..., Any], *args: Any) -> Any:
        """Return ``write(*args)``. It is written only once, at the start of the function."""
        key = ("hoisted", key)
        if key not in self._known:
            self._known[key] = self.code.hoist(write, *args)
        return self._known[key]

    def field(self, table: str, k: int, field: int) -> Any:
        """Return a field of leaf k: its address (0), the distance from lane to lane (1), or number to number (2)."""
        found = self._fields.get((table, k, field))
        if found is None:
            found = self._fields[table, k, field] = self.code.hoist(self._read_field, table, k, field)
        return found

    def _read_field(self, table: str, k: int, field: int) -> Any:
        at = getattr(self.scope, table).field("%leaf", k, field)
        return self.code.read_int(at, constant=True) if field else self.code.read_pointer(at, constant=True)

    # Lanes

    def lane(self, k: int) -> Int:
        """Return the number of the k-th lane at work."""
        found = self._lanes.get(k)
        if found is None:
            first, distance = (self.scope.lane0, self.relative(k)) if self.listed else (self.scope.i, k)
            found = self._lanes[k] = first + distance if self.listed or k else first
        return found

    def relative(self, k: int) -> Int:
        """Return the number of the k-th lane at work, counted from the first lane of the block."""
        found = self._relative.get(k)
        if found is None:
            found = self._relative[k] = self._listed(k) if self.listed else self.lane(k) - self.scope.lane0
        return found

    def _listed(self, k: int) -> Int:
        """Return the same number, read from the list. Stores read it again, because few registers are free by then."""
        return self.code.read_int(self.scope.list.element("i32", k), "i32").cast("sext", "i64")

    # Numbers of leaves

    def address(self, table: str, form: Form, k: int, j: int, lane: int) -> Pointer:
        """Return the address of number j of leaf k, for the lane-th lane at work."""
        if form.layout == CONTIGUOUS:
            base = self._bases.get((table, k, j))
            if base is None:
                base = self._bases[table, k, j] = self.code.hoist(self._contiguous, table, form, k, j)
            if self.listed:
                wide = self.relative(lane) if table == "ins" else self._listed(lane)
                return base.element(f"i{8 * form.width}", wide)
            return base.offset(self.once(("bytes", form.width, lane), self.lane(lane).__mul__, form.width))
        first: Pointer = self.field(table, k, 0)
        if form.layout == INTERLEAVED:
            row = self._bases.get((table, k, lane))
            if row is None:
                row = self._bases[table, k, lane] = first.offset(self.lane(lane) * self.field(table, k, 1))
            first = row
        return first.offset(j * form.width) if j else first

    def _contiguous(self, table: str, form: Form, k: int, j: int) -> Pointer:
        """Return the address of number j of a contiguous leaf: for lane 0, or the block's first lane if ``listed``."""
        base: Pointer = self.field(table, k, 0)
        if j:
            base = base.offset(self.field(table, k, 2) * j)
        if self.listed:
            base = base.offset(self.hoisted(("first", form.width), self.scope.lane0.__mul__, form.width))
        return base

    def load(self, ref: int) -> F:
        """Load input ``ref`` for all lanes at work."""
        code = self.code
        k = self._owner[ref]
        form = self.inputs[k]
        j = ref - form.first
        if k in self.columns:
            column = self.scope.local.offset((self.columns[k] + j) * 8 * code.lanes, "column")
            return F(code, code.read(code.f64, column))
        if form.layout == INTERLEAVED and form.size >= code.lanes > 1:
            return self.from_rows(form, k, j)
        if form.layout == CONTIGUOUS and not self.listed and code.lanes > 1:
            kind = f"<{code.lanes} x {form.number}>"
            loaded = code.read(kind, self.address("ins", form, k, j, 0), constant=True)
            return F(code, code.cast("fpext", kind, loaded, code.f64) if form.single else loaded)
        count = 1 if form.layout == BROADCAST else code.lanes
        numbers = []
        for lane in range(count):
            loaded = code.read(form.number, self.address("ins", form, k, j, lane), constant=True)
            numbers.append(code.cast("fpext", "float", loaded, "double") if form.single else loaded)
        return F(code, gathered(code, numbers))

    def load_at(self, k: int, first: int, step: int, index: I) -> F:
        """Number ``first + step * index`` of leaf k of the inputs, over all lanes at work."""
        code, form = self.code, self.inputs[k]
        apart: Int | int = self.field("ins", k, 2) if form.layout == CONTIGUOUS else form.width
        base: Pointer = self.field("ins", k, 0)
        numbers = []
        for lane in range(code.lanes):
            start = base
            if form.layout != BROADCAST:
                start = base.offset(
                    self.lane(lane) * (form.width if form.layout == CONTIGUOUS else self.field("ins", k, 1))
                )
            n = Int(code, index.name if code.lanes == 1 else code.extract(code.i64, index.name, lane))
            at = start.offset((n * step + first) * apart)
            loaded = code.read(form.number, at, constant=True)
            numbers.append(code.cast("fpext", "float", loaded, "double") if form.single else loaded)
        return F(code, gathered(code, numbers))

    def from_rows(self, form: Form, k: int, j: int) -> F:
        """Return number j of an interleaved leaf. This loads a square of numbers, and transposes it."""
        code, lanes = self.code, self.code.lanes
        start = min(j // lanes * lanes, form.size - lanes)
        key = (k, start)
        if key not in self._squares:
            kind = f"<{lanes} x {form.number}>"
            rows = [code.read(kind, self.address("ins", form, k, start, lane), constant=True) for lane in range(lanes)]
            self._squares[key] = transposed(code, kind, rows)
        column = self._squares[key][j - start]
        return F(code, code.cast("fpext", f"<{lanes} x float>", column, code.f64) if form.single else column)

    def store(self, place: int, k: int, value: F) -> None:
        """Store result ``place``, which belongs to leaf k. It may wait for its neighbours, until `flush`."""
        code, lanes = self.code, self.code.lanes
        form = self.outputs[k]
        j = place - form.first
        if form.layout != INTERLEAVED or j >= form.size // lanes * lanes or lanes == 1:
            self.store_alone(form, k, j, value)
            return
        waiting = self._waiting.setdefault((k, j // lanes), {})
        waiting[j] = value
        if len(waiting) < lanes:
            return
        del self._waiting[(k, j // lanes)]
        start = j // lanes * lanes
        kind = f"<{lanes} x {form.number}>"
        names = [waiting[start + i].name for i in range(lanes)]
        if form.single:
            names = [code.cast("fptrunc", code.f64, name, kind) for name in names]
        for lane, row in enumerate(transposed(code, kind, names)):
            code.write(kind, row, self.address("outs", form, k, start, lane))

    def flush(self) -> None:
        """Store the results that still wait."""
        for (k, _), waiting in self._waiting.items():
            for j, value in waiting.items():
                self.store_alone(self.outputs[k], k, j, value)
        self._waiting.clear()

    def store_alone(self, form: Form, k: int, j: int, value: F) -> None:
        """Store number j of leaf k of the results, without its neighbours."""
        code = self.code
        if form.layout == CONTIGUOUS and not self.listed and code.lanes > 1:
            kind = f"<{code.lanes} x {form.number}>"
            name = code.cast("fptrunc", code.f64, value.name, kind) if form.single else value.name
            code.write(kind, name, self.address("outs", form, k, j, 0))
            return
        for lane in range(code.lanes):
            one = code.lane(value, lane)
            if form.single:
                one = code.cast("fptrunc", "double", one, "float")
            code.write(form.number, one, self.address("outs", form, k, j, lane))

    def prefetch(self, lane: Int, reduced: bool) -> None:
        """Prefetch the numbers of the lanes from ``lane`` on, as many lanes as are at work.

        After a branch the order of the lanes is irregular, so the processor cannot predict it.
        """
        left = ALTOGETHER
        for table, forms in (("ins", self.inputs), ("outs", () if reduced else self.outputs)):
            for k, form in enumerate(forms):
                if form.layout == BROADCAST or not form.size:
                    continue
                count = min(form.size, PREFETCHED) if form.layout == CONTIGUOUS else self.code.lanes
                left -= count
                if left < 0:
                    return
                self._prefetch_leaf(table, form, k, lane, count)

    def _prefetch_leaf(self, table: str, form: Form, k: int, lane: Int, count: int) -> None:
        code, unit = self.code, form.layout == CONTIGUOUS
        base = self.field(table, k, 0)
        width = form.width if unit else self.field(table, k, 1)
        place = base.offset(lane * width, inside=False)
        length = code.lanes * form.width if unit else 1
        for j in range(count):
            at = place
            if j:
                step = self.field(table, k, 2) if unit else width
                at = place.offset(self.hoisted((table, k, j, "ahead"), step.__mul__, j), inside=False)
            for start in range(0, length, CACHE_LINE):
                code.prefetch(at.offset(start, inside=False) if start else at, write=table == "outs")

    # The frame of the block: values that one region computes for later ones, as an array [slot][lane of the block].
    # The name of an address's register contains the slot and the value that is kept there, so that tests can follow it

    def slot(self, slot: int, capacity: int, what: str, lane: int) -> Pointer:
        base = self._known.get(slot)
        if base is None:
            base = self._known[slot] = self.code.hoist(self.scope.frame.offset, slot * capacity * 8)
        found: Pointer = base.offset(self._place(lane), f"frame{slot}.{what}.")
        return found

    def _place(self, lane: int) -> Int:
        """Return the distance of a lane from the start of a slot, in bytes."""
        place: Int | None = self._known.get(("place", lane))
        if place is None:
            place = self._known["place", lane] = self.relative(lane) << 3
        return place

    def load_slot(self, slot: int, capacity: int, what: str) -> F:
        code = self.code
        if not self.listed:
            return F(code, code.read(code.f64, self.slot(slot, capacity, what, 0)))
        numbers = [code.read("double", self.slot(slot, capacity, what, k)) for k in range(code.lanes)]
        return F(code, gathered(code, numbers))

    def store_slot(self, slot: int, capacity: int, what: str, value: F) -> None:
        code = self.code
        if not self.listed:
            code.store(value, self.slot(slot, capacity, what, 0))
            return
        for k in range(code.lanes):
            one = code.lane(value, k)
            code.write("double", one, self.slot(slot, capacity, what, k))

    def result_writer(self, first: int, capacity: int) -> Callable[[Int, F], None]:
        """Return a function that stores result k in slot ``first + k`` of the frame. k may be computed by the code."""
        code, count = self.code, self.code.lanes if self.listed else 1
        places = [self._place(lane) for lane in range(count)]

        def store(k: Int, value: F) -> None:
            row = self.scope.frame.offset((k + first) * (capacity * 8))
            stem = result_stem(first, k)
            for lane, place in enumerate(places):
                if self.listed:
                    code.write("double", code.lane(value, lane), row.offset(place, stem))
                else:
                    code.store(value, row.offset(place, stem))

        return store

    # Values that one piece of a function computes for another. A local slot holds one value, for all lanes at work

    def local(self, slot: int, ref: int | str) -> Pointer:
        return self.scope.local.offset(slot * 8 * self.code.lanes, f"local{slot}.{ref}.")

    def load_local(self, slot: int, ref: int) -> F:
        """Load value ``ref`` from a slot."""
        return F(self.code, self.code.read(self.code.f64, self.local(slot, ref)))

    def store_local(self, slot: int, ref: int | str, value: F) -> None:
        self.code.store(value, self.local(slot, ref))


def named(ref: int) -> str:
    """Return a reference in a form that fits into the name of a register."""
    return str(ref) if ref >= 0 else f"constant{~ref}"


def result_stem(first: int, k: Int) -> str:
    """Return the stem of the register with the address of result k, if the slots of results start at ``first``."""
    return f"frame{first + int(k.name)}.result{k.name}." if k.name.isdigit() else "results"


def gathered(code: Code, numbers: Sequence[str]) -> str:
    """Return a vector of these doubles. A single double is repeated in all lanes."""
    if code.lanes == 1:
        return numbers[0]
    if len(numbers) == 1:
        return code.splat("double", numbers[0], code.lanes)
    vector = "poison"
    for k, number in enumerate(numbers):
        vector = code.insert(code.f64, vector, "double", number, k)
    return vector


def transposed(code: Code, kind: str, rows: Sequence[str]) -> list[str]:
    """Transpose a square of numbers whose rows are vectors. It swaps blocks of size 1, then 2, then 4, and so on."""
    rows = list(rows)
    count = len(rows)
    distance = 1
    while distance < count:
        upper = [p if not p & distance else count + p - distance for p in range(count)]
        lower = [p + distance if not p & distance else count + p for p in range(count)]
        for i in range(count):
            if i & distance:
                continue
            a, b = rows[i], rows[i + distance]
            rows[i] = code.shuffle(kind, a, b, upper)
            rows[i + distance] = code.shuffle(kind, a, b, lower)
        distance *= 2
    return rows
