"""How arguments and results lie in memory, and the code that loads and stores their numbers.

A *leaf* is one array (or number) among the arguments or results. The kernel gets for each a `Leaf` in memory: the
address of its first number, the distance in bytes from lane to lane, and that from number to number within a lane. What
is known when the code is made is its `Form`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from glassgrad.compiler.codegen.vector import Code, F

__all__ = ["BROADCAST", "CONTIGUOUS", "INTERLEAVED", "LEAF", "Form", "Memory", "named", "owners"]

LEAF = "%leaf = type { ptr, i64, i64 }"
PREFETCHED = 32  # numbers of a leaf that are brought near,
ALTOGETHER = 128  # and of all leaves: each path through the branches has code for it
CACHE_LINE = 64  # bytes
CONTIGUOUS = "contiguous"  # the numbers of all lanes lie side by side
BROADCAST = "broadcast"  # all lanes have the same numbers
INTERLEAVED = "interleaved"  # the numbers of one lane lie side by side


class Form(NamedTuple):
    """What is known of a leaf when its code is made.

    Attributes:
        first: the reference of its first number, or its place among the results.
        size: how many numbers it has in a lane.
        layout: `CONTIGUOUS`, `BROADCAST` or `INTERLEAVED`.
        single: they are float32.
    """

    first: int
    size: int
    layout: str
    single: bool = False

    @property
    def width(self) -> int:
        return 4 if self.single else 8


def owners(forms: Sequence[Form]) -> list[int]:
    """For each number the leaf that it belongs to."""
    return [k for k, form in enumerate(forms) for _ in range(form.size)]


class Memory:
    """Loads and stores of the numbers of leaves, for the lanes at work in a function.

    The lanes are ``%i``, ``%i + 1``, … or, with ``listed``, those whose numbers stand at the address ``%list``, counted
    from ``%lane0``. Addresses that do not depend on them are written by ``hoist``. ``owner`` says which leaf each input
    belongs to (`owners`).
    """

    def __init__(
        self,
        code: Code,
        inputs: Sequence[Form],
        outputs: Sequence[Form],
        owner: Sequence[int],
        listed: bool,
        hoist: Callable[[str], str],
    ) -> None:
        self.code = code
        self.inputs, self.outputs = inputs, outputs
        self.listed = listed
        self.hoist = hoist
        self._owner = owner
        self._known: dict[object, str] = {}
        self._squares: dict[object, list[str]] = {}
        self._waiting: dict[tuple[int, int], dict[int, F]] = {}

    def once(self, key: object, instruction: str) -> str:
        if key not in self._known:
            self._known[key] = self.code.line(instruction)
        return self._known[key]

    def hoisted(self, key: object, instruction: str) -> str:
        key = ("hoisted", key)
        if key not in self._known:
            self._known[key] = self.hoist(instruction)
        return self._known[key]

    def field(self, table: str, k: int, field: int) -> str:
        kind = "ptr" if field == 0 else "i64"
        address = self.hoisted(
            (table, k, field, "at"), f"getelementptr inbounds %leaf, ptr %{table}, i64 {k}, i32 {field}"
        )
        return self.hoisted((table, k, field), f"load {kind}, ptr {address}, align 8, !invariant.load !0")

    def lane(self, k: int) -> str:
        """The number of the k-th lane at work."""
        if not self.listed:
            return "%i" if k == 0 else self.once(("lane", k), f"add i64 %i, {k}")
        return self.once(("lane", k), f"add i64 %lane0, {self.relative(k)}")

    def relative(self, k: int) -> str:
        """The same, counted from ``%lane0``."""
        if self.listed:
            if ("wide", k) not in self._known:
                self._known[("wide", k)] = self._listed(k)
            return self._known[("wide", k)]
        return self.once(("relative", k), f"sub i64 {self.lane(k)}, %lane0")

    def _listed(self, k: int) -> str:
        """The same, read from the list; to store a result it is read again, since registers do not last until then."""
        at = self.code.line(f"getelementptr inbounds i32, ptr %list, i64 {k}")
        return self.code.line(f"sext i32 {self.code.line(f'load i32, ptr {at}, align 4')} to i64")

    def address(self, table: str, form: Form, k: int, j: int, lane: int) -> str:
        """Where number j of leaf k lies, for the lane-th lane at work."""
        base = self.field(table, k, 0)
        if form.layout == BROADCAST:
            return self.code.line(f"getelementptr inbounds i8, ptr {base}, i64 {j * form.width}") if j else base
        if form.layout == CONTIGUOUS:
            if j:
                step = self.field(table, k, 2)
                far = self.hoisted((table, k, j, "far"), f"mul i64 {step}, {j}")
                base = self.hoisted((table, k, j, "base"), f"getelementptr inbounds i8, ptr {base}, i64 {far}")
            if self.listed:
                first = self.hoisted(("first", form.width), f"mul i64 %lane0, {form.width}")
                base = self.hoisted((table, k, j, "first"), f"getelementptr inbounds i8, ptr {base}, i64 {first}")
                wide = self.relative(lane) if table == "ins" else self._listed(lane)
                return self.code.line(f"getelementptr inbounds i{8 * form.width}, ptr {base}, i64 {wide}")
            bytes_ = self.once(("bytes", form.width, lane), f"mul i64 {self.lane(lane)}, {form.width}")
            return self.code.line(f"getelementptr inbounds i8, ptr {base}, i64 {bytes_}")
        key = (table, k, "row", lane)
        if key not in self._known:
            stride = self.field(table, k, 1)
            far = self.code.line(f"mul i64 {self.lane(lane)}, {stride}")
            self._known[key] = self.code.line(f"getelementptr inbounds i8, ptr {base}, i64 {far}")
        if not j:
            return self._known[key]
        return self.code.line(f"getelementptr inbounds i8, ptr {self._known[key]}, i64 {j * form.width}")

    def load(self, ref: int) -> F:
        """Input ``ref``, over all lanes at work."""
        code = self.code
        k = self._owner[ref]
        form = self.inputs[k]
        j = ref - form.first
        number = "float" if form.single else "double"
        if form.layout == INTERLEAVED and form.size >= code.lanes > 1:
            return self.from_rows(form, k, j, number)
        if form.layout == CONTIGUOUS and not self.listed and code.lanes > 1:
            address = self.address("ins", form, k, j, 0)
            kind = f"<{code.lanes} x {number}>"
            loaded = code.line(f"load {kind}, ptr {address}, align {form.width}, !invariant.load !0")
            return F(code, code.line(f"fpext {kind} {loaded} to {code.f64}") if form.single else loaded)
        count = 1 if form.layout == BROADCAST else code.lanes
        loaded_lanes = []
        for lane in range(count):
            address = self.address("ins", form, k, j, lane)
            loaded = code.line(f"load {number}, ptr {address}, align {form.width}, !invariant.load !0")
            loaded_lanes.append(code.line(f"fpext float {loaded} to double") if form.single else loaded)
        return F(code, gathered(code, loaded_lanes))

    def from_rows(self, form: Form, k: int, j: int, number: str) -> F:
        """Number j of the lanes, each of which has its numbers side by side: a square of them is loaded and
        transposed."""
        code, lanes = self.code, self.code.lanes
        start = min(j // lanes * lanes, form.size - lanes)
        key = ("square", k, start)
        if key not in self._squares:
            kind = f"<{lanes} x {number}>"
            rows = []
            for lane in range(lanes):
                address = self.address("ins", form, k, start, lane)
                rows.append(code.line(f"load {kind}, ptr {address}, align {form.width}, !invariant.load !0"))
            self._squares[key] = transposed(code, kind, rows)
        column = self._squares[key][j - start]
        return F(code, code.line(f"fpext <{lanes} x float> {column} to {code.f64}") if form.single else column)

    def store(self, place: int, k: int, value: F) -> None:
        """Result ``place``, which belongs to leaf k of the results; it may wait for those beside it until `flush`."""
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
        kind = f"<{lanes} x {'float' if form.single else 'double'}>"
        names = [waiting[start + i].name for i in range(lanes)]
        if form.single:
            names = [code.line(f"fptrunc {code.f64} {name} to {kind}") for name in names]
        for lane, row in enumerate(transposed(code, kind, names)):
            address = self.address("outs", form, k, start, lane)
            code.lines.append(f"  store {kind} {row}, ptr {address}, align {form.width}")

    def flush(self) -> None:
        """Store what still waits."""
        for (k, _), waiting in self._waiting.items():
            for j, value in waiting.items():
                self.store_alone(self.outputs[k], k, j, value)
        self._waiting.clear()

    def store_alone(self, form: Form, k: int, j: int, value: F) -> None:
        code = self.code
        number = "float" if form.single else "double"
        name = value.name
        if form.layout == CONTIGUOUS and not self.listed and code.lanes > 1:
            kind = f"<{code.lanes} x {number}>"
            if form.single:
                name = code.line(f"fptrunc {code.f64} {name} to {kind}")
            address = self.address("outs", form, k, j, 0)
            code.lines.append(f"  store {kind} {name}, ptr {address}, align {form.width}")
            return
        for lane in range(code.lanes):
            one = code.line(f"extractelement {code.f64} {name}, i64 {lane}") if code.lanes > 1 else name
            if form.single:
                one = code.line(f"fptrunc double {one} to float")
            address = self.address("outs", form, k, j, lane)
            code.lines.append(f"  store {number} {one}, ptr {address}, align {form.width}")

    def prefetch(self, lane: str, fold: bool) -> None:
        """Have the memory of as many lanes from ``lane`` on brought near: behind a branch it is used in no order, which
        the processor does not foresee."""
        code, left = self.code, ALTOGETHER
        for table, forms, write in (("ins", self.inputs, 0), ("outs", () if fold else self.outputs, 1)):
            for k, form in enumerate(forms):
                if form.layout == BROADCAST or not form.size:
                    continue
                count = min(form.size, PREFETCHED) if form.layout == CONTIGUOUS else code.lanes
                left -= count
                if left < 0:
                    return
                base, width = self.field(table, k, 0), str(form.width)
                if form.layout == INTERLEAVED:
                    width = self.field(table, k, 1)
                far = code.line(f"mul i64 {lane}, {width}")
                place = code.line(f"getelementptr i8, ptr {base}, i64 {far}")
                for j in range(count):
                    at = place
                    if j:
                        step = self.field(table, k, 2) if form.layout == CONTIGUOUS else width
                        more = self.hoisted((table, k, j, "ahead"), f"mul i64 {step}, {j}")
                        at = code.line(f"getelementptr i8, ptr {place}, i64 {more}")
                    code.declarations.add("declare void @llvm.prefetch.p0(ptr, i32, i32, i32)")
                    for start in range(0, code.lanes * form.width if form.layout == CONTIGUOUS else 1, CACHE_LINE):
                        line = code.line(f"getelementptr i8, ptr {at}, i64 {start}") if start else at
                        code.lines.append(f"  call void @llvm.prefetch.p0(ptr {line}, i32 {write}, i32 3, i32 1)")

    # The block's frame: values that one region computes for those behind it, [slot][lane of the block]. The register
    # of an address is named by its slot and by the value that is kept there, so that tests can follow both

    def slot(self, slot: int, capacity: int, what: str, lane: int) -> str:
        far = self.once(("frame", lane), f"shl i64 {self.relative(lane)}, 3")
        base = self.hoisted(("slot", slot), f"getelementptr inbounds i8, ptr %frame, i64 {slot * capacity * 8}")
        return self.code.line(f"getelementptr inbounds i8, ptr {base}, i64 {far}", f"frame{slot}.{what}.")

    def load_slot(self, slot: int, capacity: int, what: str) -> F:
        code = self.code
        if not self.listed:
            return F(code, code.line(f"load {code.f64}, ptr {self.slot(slot, capacity, what, 0)}, align 8"))
        pieces = [
            code.line(f"load double, ptr {self.slot(slot, capacity, what, k)}, align 8") for k in range(code.lanes)
        ]
        return F(code, gathered(code, pieces))

    def store_slot(self, slot: int, capacity: int, what: str, value: F) -> None:
        code = self.code
        if not self.listed:
            at = self.slot(slot, capacity, what, 0)
            code.lines.append(f"  store {code.f64} {value.name}, ptr {at}, align 8")
            return
        for k in range(code.lanes):
            one = code.line(f"extractelement {code.f64} {value.name}, i64 {k}") if code.lanes > 1 else value.name
            at = self.slot(slot, capacity, what, k)
            code.lines.append(f"  store double {one}, ptr {at}, align 8")


def named(ref: int) -> str:
    """A reference as part of the name of a register."""
    return str(ref) if ref >= 0 else f"constant{~ref}"


def gathered(code: Code, numbers: Sequence[str]) -> str:
    """A vector of these doubles, or of the one in all lanes."""
    if code.lanes == 1:
        return numbers[0]
    if len(numbers) == 1:
        one = code.line(f"insertelement {code.f64} poison, double {numbers[0]}, i64 0")
        mask = f"<{code.lanes} x i32> zeroinitializer"
        return code.line(f"shufflevector {code.f64} {one}, {code.f64} poison, {mask}")
    vector = "poison"
    for k, number in enumerate(numbers):
        vector = code.line(f"insertelement {code.f64} {vector}, double {number}, i64 {k}")
    return vector


def transposed(code: Code, kind: str, rows: Sequence[str]) -> list[str]:
    """The columns of a square of numbers, each row a vector: blocks of 1, of 2, of 4 … change places."""
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
            for to, mask in ((i, upper), (i + distance, lower)):
                text = f"<{count} x i32> <{', '.join(f'i32 {p}' for p in mask)}>"
                rows[to] = code.line(f"shufflevector {kind} {a}, {kind} {b}, {text}")
        distance *= 2
    return rows
