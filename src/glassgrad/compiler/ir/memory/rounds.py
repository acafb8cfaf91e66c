"""Name values by the round at hand, where a reverse sweep names them by the round before or after.

If a reverse sweep goes over round t and names values of round t only, these belong to one segment of the loop. What
round t - 1 has computed for round t is a carried value of round t. What belongs to round t + 1 was read one round
earlier, since the sweep goes backwards: the reverse loop carries it on.
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
    """Return the tape with reads of values of the round at hand in place of reads of the rounds around it."""
    tape, insertions = executions.tape, Insertions(executions.tape, executions)
    found = _Same(executions, pair, insertions)
    loop = tape.loops[pair.reverse]
    for i in range(loop.start, loop.stop):
        for a in dict.fromkeys(tape.args[i]):
            read = tape.reads[a - READS] if a >= READS else None
            ref = found.ref(read) if isinstance(read, Read) else None
            if ref is not None:
                insertions.replaced[i, a] = ref
    return insertions.write() if insertions.replaced else tape


class _Same:
    """References to values of the round at hand, for reads of the rounds around it."""

    def __init__(self, executions: Executions, pair: Pair, insertions: Insertions) -> None:
        self.executions, self.tape, self.pair, self.insertions = executions, executions.tape, pair, insertions
        self.carried = {  # by the operation that computes its next value
            read.next - self.tape.inputs: READS + k
            for k, read in enumerate(self.tape.reads)
            if isinstance(read, Carried) and read.loop == pair.forward
        }
        self.heads: dict[int, int] = {}  # for each carried value, the operation that stores it in each round
        kept = {*self.carried.values()}
        for i in range(self.tape.loops[pair.forward].start, self.tape.loops[pair.forward].stop):
            (first, *_) = self.tape.args[i] or (-1,)
            if self.tape.ops[i] is ops.identity and first in kept and self._in_body(i):
                self.heads.setdefault(first, self.tape.inputs + i)
        self.later: dict[int, int] = {}  # for each operation, the value that the reverse loop carries on

    def _in_body(self, s: int) -> bool:
        return int(self.executions.home[s]) == self.pair.forward

    def ref(self, read: Read) -> int | None:
        """Return a reference to the same value that names the round at hand, if there is one."""
        found = resolved(self.executions, read)
        if found is None or not self._in_body(found[0]) or not isinstance(found[1], Affine):
            return None
        s, (base, strides) = found
        if self.executions.chain(read.loop)[:1] != [self.pair.reverse] or strides[0] != -1 or any(strides[1:]):
            return None
        if base == self.pair.last + 1:
            if s not in self.later:
                self.later[s] = self._carried_on(self.tape.inputs + s)
            return self.later[s]
        if base == self.pair.last - 1 and s in self.carried:
            return self._now(self._head(self.carried[s]))
        return None

    def _now(self, source: int) -> int:
        """Return the read of an operation of the forward loop in the round at hand."""
        return self.insertions.read(Record(self.pair.reverse, source, Affine(self.pair.last, (-1,))))

    def _carried_on(self, source: int) -> int:
        """Return a value that the reverse loop carries: what it read of an operation one round earlier."""
        first = self.insertions.read(Record(-1, source, Affine(self.pair.last + 1, ())))
        self.insertions.reads.append(Carried(self.pair.reverse, first, self._now(source)))
        return READS + len(self.insertions.reads) - 1

    def _head(self, ref: int) -> int:
        """Return the operation that stores a carried value in each round of the forward loop."""
        if ref not in self.heads:
            start = self.tape.loops[self.pair.forward].start
            self.heads[ref] = self.insertions.insert(start, self.pair.forward, ops.identity, (ref,))
        return self.heads[ref]
