"""Which results are added to their sums when they are computed.

If results are summed over the lanes, a result in a loop that nothing else reads needs no cell: its operation adds it to
the sum. So it is not stored, loaded and added later.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator, Sequence
from typing import Any

import numpy as np

from glassgrad.compiler.ir.loops import Executions

__all__ = ["Sums"]


class Sums:
    """The results that are added when they are computed.

    Args:
        executions: the executions of the tape.
        refs: the references of the results, or none if results are not summed.

    Attributes:
        added: the references of these results.
        numbers: for each operation whose values are added, the number of the sum for each execution. Values that are
            no result go to a sum of their own, which is not used.
    """

    def __init__(self, executions: Executions, refs: Sequence[int]) -> None:
        self.executions = executions
        self.added: set[int] = set()
        self.numbers: dict[int, Any] = {}
        self._results = len(refs)
        self._number = {ref: k for k, ref in enumerate(refs)}
        self._often = Counter(refs)
        self._taken: dict[int, dict[int, int]] = {}  # for each operation its executions, each with the reference

    def take(self, ref: int, s: int, e: int) -> bool:
        """Note that ``ref`` is a result: execution e of operation s. Return whether it may be added when computed."""
        taken = self._taken.setdefault(s, {})
        if self._often[ref] != 1 or self.executions.home[s] < 0 or e in taken:
            return False
        taken[e] = ref
        return True

    def refused(self, recorded: Container[int]) -> Iterator[tuple[int, int, int]]:
        """Decide, and yield the noted results that are not added: reference, operation and execution.

        They are those of operations that are ``recorded`` for other reasons, or whose values are mostly no results.
        """
        for s, taken in self._taken.items():
            runs = self.executions.runs_of(int(self.executions.home[s]))
            if s in recorded or 2 * len(taken) < runs:
                yield from [(ref, s, e) for e, ref in taken.items()]
                continue
            numbers = self.numbers[s] = np.full(runs, self._results)
            for e, ref in taken.items():
                numbers[e] = self._number[ref]
                self.added.add(ref)
