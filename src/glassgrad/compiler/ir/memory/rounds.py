"""Name a carried value by the round at hand, where a reverse sweep names it by the round before or after.

What a round begins with is what the round before has computed. A reverse sweep that goes over round t may name it
either way. If it names values of round t only, these belong to one segment of the loop.
"""

from __future__ import annotations

from typing import NamedTuple

from glassgrad.compiler.ir.loops import READS, Affine, Carried, Executions, Read
from glassgrad.compiler.ir.memory.insertion import Insertions, Record
from glassgrad.compiler.ir.memory.records import resolved
from glassgrad.compiler.ir.tape import Tape
from glassgrad.core import ops

__all__ = ["Pair", "named_by_round"]


class Pair(NamedTuple):
    """A loop, and the loop that reads its values backwards: in round u those of round ``last - u``."""

    forward: int
    reverse: int
    last: int


def named_by_round(executions: Executions, pair: Pair) -> Tape:
    """Return the tape with reads of values of the same round, where they named a carried value by another round."""
    tape, insertions = executions.tape, Insertions(executions.tape, executions)
    found = _Same(executions, pair, insertions)
    loop = tape.loops[pair.reverse]
    for i in range(loop.start, loop.stop):
        for a in dict.fromkeys(tape.args[i]):
            read = tape.reads[a - READS] if a >= READS else None
            record = found.record(read) if isinstance(read, Read) else None
            if record is not None:
                insertions.replaced[i, a] = insertions.read(record)
    return insertions.write() if insertions.replaced else tape


class _Same:
    """The values of the same round for reads of the round before and after."""

    def __init__(self, executions: Executions, pair: Pair, insertions: Insertions) -> None:
        self.executions, self.tape, self.pair, self.insertions = executions, executions.tape, pair, insertions
        self.carried = {
            READS + k: read
            for k, read in enumerate(self.tape.reads)
            if isinstance(read, Carried) and read.loop == pair.forward
        }
        self.heads: dict[int, int] = {}  # for each carried value, the operation that stores it in each round
        self.kept: dict[int, int] = {}  # for each such operation, the carried value
        for i in range(self.tape.loops[pair.forward].start, self.tape.loops[pair.forward].stop):
            (first, *_) = self.tape.args[i] or (-1,)
            if self.tape.ops[i] is ops.identity and first in self.carried and self._in_body(i):
                self.heads.setdefault(first, self.tape.inputs + i)
                self.kept[i] = first

    def _in_body(self, s: int) -> bool:
        return int(self.executions.home[s]) == self.pair.forward

    def record(self, read: Read) -> Record | None:
        """Return a read of the same value in the round at hand, if there is one."""
        found = resolved(self.executions, read)
        if found is None or not self._in_body(found[0]) or not isinstance(found[1], Affine):
            return None
        s, (base, strides) = found
        if self.executions.chain(read.loop)[:1] != [self.pair.reverse] or strides[0] != -1 or any(strides[1:]):
            return None
        here = Affine(self.pair.last, strides)
        if base == self.pair.last + 1 and s in self.kept:
            after = self.carried[self.kept[s]].next
            inside = self.tape.inputs <= after < READS and self._in_body(after - self.tape.inputs)
            return Record(read.loop, after, here) if inside else None
        if base == self.pair.last - 1:
            ref = next((ref for ref, one in self.carried.items() if one.next == self.tape.inputs + s), None)
            return None if ref is None else Record(read.loop, self._head(ref), here)
        return None

    def _head(self, ref: int) -> int:
        if ref not in self.heads:
            start = self.tape.loops[self.pair.forward].start
            self.heads[ref] = self.insertions.insert(start, self.pair.forward, ops.identity, (ref,))
        return self.heads[ref]
