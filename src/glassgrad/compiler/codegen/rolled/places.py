"""Where an operand in a loop lies: how its address moves from round to round.

An operand that names another value at each execution is at another place of an `Area` of memory each time. `Places`
describes how its address is found. It looks at one loop after the other, from the inside out:

* The address moves by the same distance in each round: a pointer advances (`Walker`).
* It does so in a ring of numbers: at the end of the ring the pointer goes on at its beginning (`Wrapped`).
* Otherwise a table has the distance for each execution of the body (`Looked`).

What remains is where the pointer starts at each entry of the loop, and that is a place in the loop around it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from glassgrad.compiler.ir.loops import Affine, Executions

__all__ = ["Area", "Base", "Looked", "Place", "Places", "Table", "Walker", "Wrapped"]

LINE = 64  # Each table starts at a cache line.


class Area:
    """Memory that holds numbers at even distances.

    Attributes:
        unit: the distance in bytes from number to number, or 0 if it is known only when the code runs.
        leaf: the leaf of the inputs that it is, or -1.
    """

    def __init__(self, unit: int, leaf: int = -1) -> None:
        self.unit, self.leaf = unit, leaf


class Table(Area):
    """Rows of numbers that are known when the code is made. Each column belongs to one operand.

    Attributes:
        kind: NumPy's type of the numbers: ``"f8"``, or ``"i4"`` for distances in bytes.
        columns: the numbers, and for distances the area that they are counted in.
        symbol: the symbol of the data that it is in.
        start: its place there, in bytes.
    """

    def __init__(self, kind: str, symbol: str) -> None:
        super().__init__(0)
        self.kind, self.symbol, self.start = kind, symbol, 0
        self.columns: list[tuple[Any, Area | None]] = []
        self._known: dict[tuple[bytes, Area | None], int] = {}

    @property
    def width(self) -> int:
        return int(self.kind[1])

    def column(self, numbers: Any, area: Area | None = None) -> int:
        """Return the number of the column with these numbers, which is added if it is new."""
        key = numbers.tobytes(), area
        if key not in self._known:
            self._known[key] = len(self.columns)
            self.columns.append((numbers, area))
        return self._known[key]

    def data(self) -> Any:
        """Return the bytes of the table. All areas know their units by now."""
        rows = np.stack([numbers * (area.unit or 1 if area else 1) for numbers, area in self.columns], axis=1)
        if self.kind == "i4" and rows.size and np.abs(rows).max() >= 1 << 31:
            raise OverflowError("a kernel must need less than 2 GB of memory for each block of lanes")
        return np.ascontiguousarray(rows, self.kind).view(np.uint8).ravel()


class Place(NamedTuple):
    """An address: number ``offset`` after a pointer, or after the start of the area. For a table also the column."""

    area: Area
    base: Base | None
    offset: int
    column: int = 0


class Walker(NamedTuple):
    """A pointer that advances by ``step`` numbers in each round of ``loop``, and starts at ``start`` at each entry."""

    loop: int
    area: Area
    step: int
    start: Base | None


class Wrapped(NamedTuple):
    """A pointer into a ring: `Walker`, but at the end of the ring it goes on at its beginning.

    ``begin`` and ``length`` are the ring's first number and its size. ``step`` is at least 0.
    """

    loop: int
    area: Area
    step: int
    start: Place
    begin: int
    length: int


class Looked(NamedTuple):
    """A pointer whose distance from the start of ``area`` is in a table, for each execution of the body of ``loop``."""

    loop: int
    area: Area
    table: Place


Base = Walker | Wrapped | Looked


class Places:
    """The pointers and tables of a kernel.

    Attributes:
        moving: for each loop, its pointers that move from round to round.
        tables: the tables.
    """

    def __init__(self, executions: Executions, symbol: str) -> None:
        self.executions, self.symbol = executions, symbol
        loops = executions.tape.loops
        self.moving: list[dict[Walker | Wrapped, None]] = [{} for _ in loops]
        self._tables: dict[tuple[str, int, tuple[bool, ...]], Table] = {}
        self._sequences: list[Table] = []
        self._rounds: dict[int, Any] = {}

    @property
    def tables(self) -> list[Table]:
        return [*self._tables.values(), *self._sequences]

    def parent(self, loop: int) -> int:
        return self.executions.tape.loops[loop].parent

    def rounds(self, loop: int) -> Any:
        found = self._rounds.get(loop)
        if found is None:
            found = self._rounds[loop] = self.executions.rounds(loop)
        return found

    def find(self, area: Area, loop: int, where: Affine | Any) -> Place:
        """Return the place of an operand in the body of ``loop``.

        Args:
            area: the area that it lies in.
            loop: the loop, or -1.
            where: its number in the area for each execution of the body: an `Affine`, or an array.
        """
        if isinstance(where, Affine):
            return self._affine(area, loop, where)
        if not len(where):
            return Place(area, None, 0)
        first = int(where[0])
        if loop < 0 or (where == first).all():
            return Place(area, None, first)
        again = self.rounds(loop) > 0
        steps = np.diff(where)[again[1:]]
        if not len(steps) or (steps == steps[0]).all():
            start = self.find(area, self.parent(loop), self._starts(loop, where))
            return self._walk(loop, start, int(steps[0]) if len(steps) else 0)
        column = self._table("i4", loop, where - first, area)
        return Place(area, Looked(loop, area, column), first)

    def in_ring(self, area: Area, loop: int, where: Affine, begin: int, length: int) -> Place:
        """Return the place of an operand in a ring of numbers, of which ``begin`` is the first.

        ``where`` is the distance from there, as if the ring had no end.
        """
        if loop < 0 or not any(where.strides):
            return Place(area, None, begin + where.base % length)
        start = self.in_ring(area, self.parent(loop), Affine(where.base, where.strides[:-1]), begin, length)
        step = where.strides[-1]
        if not step % length:
            return start
        if start.base is None:
            far = start.offset - begin + step * (int(np.max(self.executions.tape.loops[loop].trips)) - 1)
            if 0 <= far < length:
                return self._walk(loop, start, step)
        wrapped = Wrapped(loop, area, step % length, start, begin, length)
        self.moving[loop][wrapped] = None
        return Place(area, wrapped, 0)

    def numbers(self, loop: int, values: Any) -> Place:
        """Return the place in a table of a number that is known for each execution of the body of ``loop``."""
        return self._table("f8", loop, values, None)

    def integers(self, loop: int, values: Any, area: Area) -> Place:
        """Return the place in a table of a distance in ``area`` for each execution of the body of ``loop``."""
        return self._table("i4", loop, values, area)

    def sequence(self, kind: str, values: Any, area: Area | None = None) -> Table:
        """Return a table with a single column."""
        table = Table(kind, self.symbol)
        table.column(values, area)
        self._sequences.append(table)
        return table

    def _walk(self, loop: int, start: Place, step: int) -> Place:
        if not step:
            return start
        walker = Walker(loop, start.area, step, start.base)
        self.moving[loop][walker] = None
        return start._replace(base=walker)

    def _affine(self, area: Area, loop: int, where: Affine) -> Place:
        if loop < 0 or not any(where.strides):
            return Place(area, None, where.base)
        start = self._affine(area, self.parent(loop), Affine(where.base, where.strides[:-1]))
        return self._walk(loop, start, where.strides[-1])

    def _starts(self, loop: int, where: Any) -> Any:
        """Return, for each execution of the body of the loop around ``loop``, the number in the first round.

        If there is no round, the number of the entry before is repeated.
        """
        trips = self.executions.trips(loop)
        firsts = np.cumsum(trips) - trips
        has = trips > 0
        known = np.maximum.accumulate(np.where(has, np.arange(len(trips)), -1))
        return where[firsts[np.where(known < 0, int(np.argmax(has)), known)]]

    def _table(self, kind: str, loop: int, values: Any, area: Area | None) -> Place:
        """Return the place of a column with ``values``, one for each execution of the body of ``loop``."""
        chain = self.executions.chain(loop)
        trips = [self.executions.tape.loops[k].trips for k in chain]
        kept = (True,) * len(chain)
        where: Affine | Any
        if any(isinstance(t, np.ndarray) for t in trips):
            where = np.arange(len(values))
        else:
            block = values.reshape(trips)
            kept = tuple([not (block == block.take([0], axis)).all() for axis in range(len(chain))])
            values = block[tuple([slice(None) if keep else 0 for keep in kept])].ravel()
            strides: list[int] = []
            step = 1
            for t, keep in zip(reversed(trips), reversed(kept)):
                strides.insert(0, step if keep else 0)
                step *= t if keep else 1
            where = Affine(0, tuple(strides))
        key = kind, loop, kept
        table = self._tables.get(key)
        if table is None:
            table = self._tables[key] = Table(kind, self.symbol)
        place = self.find(table, loop, where)
        return place._replace(column=table.column(values, area))

    def data(self, start: int = 0) -> Any:
        """Return the bytes of all tables. Each gets its unit, and its place after ``start``."""
        for table in self.tables:
            table.unit = table.width * len(table.columns)
        parts = []
        for table in self.tables:
            table.start = start
            data = table.data()
            gap = -len(data) % LINE
            parts += [data, np.zeros(gap, np.uint8)]
            start += len(data) + gap
        return np.concatenate(parts) if parts else np.zeros(0, np.uint8)
