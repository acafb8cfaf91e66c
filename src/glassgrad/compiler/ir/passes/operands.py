"""The reads and carried values of a tape while a pass writes it anew.

They keep their numbers, and their indices name values of the old tape, until the new tape is complete. Here each is
replaced by something simpler, if it is the same: by a constant, an input or an operation; by an equal one; by the read
of an outer loop.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from glassgrad.compiler.ir.loops import READS, Affine, Carried, Read

if TYPE_CHECKING:
    from glassgrad.compiler.ir.passes.loop_writer import LoopWriter

__all__ = ["Operands"]


class Operands:
    """The operands of the tape that ``writer`` writes.

    Attributes:
        reads: the reads and carried values of the new tape, by number. The ``initial`` of a carried value is a new
            reference; its ``next`` and all indices are still those of the old tape.
    """

    def __init__(self, writer: LoopWriter) -> None:
        self.writer, self.tape, self.indices = writer, writer.old, writer.indices
        self.executions = writer.indices.executions
        self.reads: dict[int, Read | Carried] = {}
        self._new: dict[int, int] = {}  # the new references of the old reads
        self._latest: dict[tuple[int, int], int] = {}  # reads of what values were last, by loop of the reader
        self._known: dict[Any, int] = {}  # the number of each entry of `reads`
        self._loops: dict[int, tuple[int, ...]] = {}

    def reference(self, ref: int, loop: int) -> int:
        """Return the new reference of an old one that is used in the body of ``loop``."""
        writer = self.writer
        if ref < 0:
            return writer.constants[~ref]
        new = self._read(ref - READS) if ref >= READS else writer.new[ref]
        if new >= READS and self.reads[new - READS].loop not in self._around(loop):
            return self._last(ref, loop)
        return new

    def _around(self, loop: int) -> list[int]:
        return [-1, *self.executions.chain(loop)]

    def loops_of(self, ref: int) -> tuple[int, ...]:
        """Return the loops of a read, and of the operations that it names."""
        found = self._loops.get(ref)
        if found is None:
            read = self.reads[ref - READS]
            named = self.executions.home[self.indices.owners(read)].tolist() if isinstance(read, Read) else []
            found = self._loops[ref] = (read.loop, *set(named))
        return found

    def named(self, ref: int, loop: int) -> Any:
        """Return, in references of the old tape, what a read is at each execution of the body of ``loop``."""
        read = self.reads[ref - READS]
        if not isinstance(read, Read):
            return self.executions.values(ref, loop)
        found = self.executions.index(read)
        return found if read.loop == loop else found[self.executions.outer(loop, read.loop)]

    # Simpler operands

    def _read(self, k: int) -> int:
        found = self._new.get(k)
        if found is None:
            read = self.tape.reads[k]
            found = self._new[k] = self._simpler(read, k) if isinstance(read, Read) else self._carried(read, k)
        return found

    def _enter(self, key: Any, k: int, read: Read | Carried) -> int:
        """Return the reference of ``read``, which gets the number ``k`` if there is no equal one."""
        number = self._known.setdefault(key, k)
        if number == k:
            self.reads[k] = read
        return READS + number

    def _simpler(self, read: Read, k: int) -> int:
        loop, index = read
        if not isinstance(index, Affine):
            index = self.indices.shortest(loop, index)
        while loop >= 0 and isinstance(index, Affine) and self._moves_out(loop, index):
            loop, index = self.tape.loops[loop].parent, index._replace(strides=index.strides[:-1])
        read = Read(loop, index)
        if isinstance(index, Affine) and not any(index.strides) and index.base < self.tape.inputs:
            return self.reference(index.base, loop)
        same = self._current(read)
        if same is not None:
            return self.reference(same, loop)
        return self._enter((loop, index if isinstance(index, Affine) else index.tobytes()), k, read)

    def _moves_out(self, loop: int, index: Affine) -> bool:
        """Whether a read is the same in all rounds of its loop, and names nothing that the loop computes."""
        if index.strides[-1] or not self.indices.runs_at_each_entry(loop):
            return False
        start, stop, *_ = self.tape.loops[loop]
        owners = self.indices.owners(Read(loop, index))
        return not np.any((owners >= start) & (owners < stop))

    def _current(self, read: Read) -> int | None:
        """Return the operation whose current value a read always names, or None."""
        n = self.tape.inputs
        low, high = self.indices.span(read)
        if low < n:
            return None
        first = self.indices.owner_of(low)
        if first != self.indices.owner_of(high):
            return None
        if read.loop < 0 and self.indices.owner_of(high + 1) == first:  # there is a later execution
            return None
        around = self._around(read.loop)
        home = int(self.executions.home[first])
        while home not in around:
            if not self.indices.runs_at_each_entry(home):
                return None
            home = self.tape.loops[home].parent
        values = self.executions.values(n + first, read.loop)
        return n + first if np.array_equal(self.executions.index(read), values) else None

    def _carried(self, carried: Carried, k: int) -> int:
        loop, initial, following = carried
        parent = self.tape.loops[loop].parent
        if following in (initial, READS + k) or self.indices.most(loop) <= 1:
            return self.reference(initial, parent)
        carried = Carried(loop, self.reference(initial, parent), following)
        return self._enter(carried, k, carried)

    def _last(self, ref: int, loop: int) -> int:
        """Return a read of what an operation was last, in the body of ``loop``, which is outside the operation's."""
        key = ref, loop
        found = self._latest.get(key)
        if found is None:
            read = Read(loop, self.executions.values(ref, loop))
            found = self._latest[key] = self._enter(key, len(self.tape.reads) + len(self._latest), read)
        return found
