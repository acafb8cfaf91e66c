"""How long recorded values are needed: until how many executions later, and until which operation.

A value that is read soon needs no cell of its own for each execution: a *ring* of cells is enough, in which each value
takes the place of the one that was computed so many executions before. And values that are no longer needed when others
are computed leave their cells to them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from glassgrad.compiler.codegen.rolled.bounds import natural
from glassgrad.compiler.ir.loops import READS, Affine, Carried, Executions, Read
from glassgrad.compiler.ir.tape import Outputs

__all__ = ["Lives", "last_uses"]


def last_uses(executions: Executions, used: Iterable[int]) -> dict[int, int]:
    """Return for each of the reads ``used`` the position of its last use. A use in a loop lasts until the loop ends."""
    tape = executions.tape
    end = np.arange(len(tape.ops) + 1)  # for each position, the end of the outermost loop around it
    for loop in tape.loops:
        if loop.parent < 0:
            end[loop.start : loop.stop] = loop.stop
    found = dict.fromkeys(used, -1)

    def use(ref: int, position: int) -> None:
        if ref in found:
            found[ref] = max(found[ref], position)

    for s, args in enumerate(tape.args):
        for a in args:
            if a >= READS:
                use(a, int(end[s]))
    for read in tape.reads:
        if isinstance(read, Carried):
            loop = tape.loops[read.loop]
            use(read.initial, int(end[loop.start]))
            use(read.next, int(end[loop.start]))
    for loop in tape.loops:
        place = int(end[loop.start])
        if loop.until is not None:
            use(loop.until.condition, place)
        if loop.down_from is not None:
            use(loop.down_from, place)
    (segment,) = tape.segments
    assert isinstance(segment.exit, Outputs)
    found |= dict.fromkeys(found.keys() & set(segment.exit.refs), len(tape.ops))
    return found


class Lives:
    """The lives of recorded values.

    Attributes:
        age: for each operation, how many executions of it there may have been since the one whose value is read, that
            one included. So many cells are enough.
        last: for each operation, the position until which its values are needed.
    """

    def __init__(self, executions: Executions) -> None:
        self.executions = executions
        self.age: dict[int, int] = {}
        self.last: dict[int, int] = {}

    def read(self, s: int, read: Read, index: Affine | Any, low: int, last: int) -> None:
        """Note a read of operation s.

        Args:
            s: the operation.
            read: the read.
            index: the executions of s that it reads: an `Affine`, or an array with one for each execution of the body,
                negative where it reads something else.
            low: the first of them.
            last: the position of the last use of the read.
        """
        self.last[s] = max(self.last.get(s, -1), last)
        self.age[s] = max(self.age.get(s, 1), self._age(s, read, index, low))

    def result(self, s: int, least: int) -> None:
        """Note results that are executions of operation s, of which ``least`` is the first."""
        executions = self.executions
        home = int(executions.home[s])
        runs = executions.runs_of(home)
        masked = any(executions.tape.loops[k].masked for k in executions.chain(home))
        self.last[s] = len(executions.tape.ops)
        self.age[s] = max(self.age.get(s, 1), runs if masked else runs - least)

    def _age(self, s: int, read: Read, index: Affine | Any, low: int) -> int:
        executions = self.executions
        home = int(executions.home[s])
        runs = executions.runs_of(home)
        chain, other = executions.chain(home), executions.chain(read.loop)
        if any(executions.tape.loops[k].masked for k in (*chain, *other)):
            return runs  # its rounds may not run one after another
        if not chain or not other or chain[0] != other[0]:
            return runs - low
        if isinstance(index, Affine):
            if home == read.loop and index.strides == natural(executions, home):
                return 1 - index.base
            index = executions.index(Read(read.loop, index))
        return int((self._done(s, read.loop) - index)[index >= 0].max(initial=1))

    def _done(self, s: int, loop: int) -> Any:
        """Return how often operation s has run at most when each execution of the body of ``loop`` ends."""
        executions, loops = self.executions, self.executions.tape.loops
        home = int(executions.home[s])
        chain, other = executions.chain(home), executions.chain(loop)
        shared = next((a for a, b in reversed([*zip(chain, other)]) if a == b), -1)
        depth = chain.index(shared) + 1
        around = executions.outer(loop, shared)
        later = False  # whether s runs after the loop in each round of the shared loop
        if loop != shared:
            place = s if home == shared else loops[chain[depth]].start
            later = place > loops[other[depth]].start
        if home == shared:
            return around + (not later)
        return np.searchsorted(executions.outer(home, shared), around, "left" if later else "right")
