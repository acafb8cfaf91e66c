"""Which results are added to their sums when they are computed.

If results are summed over the lanes, a result in a loop that nothing else reads needs no cell: its operation adds it to
the sum. So it is not stored, loaded and added later.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any

import numpy as np

from glassgrad.compiler.ir.loops import Executions

__all__ = ["Sums"]


class Sums:
    """The results that are added when they are computed.

    Args:
        executions: the executions of the tape.
        results: for each operation the results that name one execution of it: by execution, which results.

    Attributes:
        added: the numbers of these results.
        numbers: for each operation whose values are added, the number of the sum for each execution. Values that are
            no result go to a sum of their own, which is not used.
    """

    def __init__(self, executions: Executions, results: Mapping[int, Mapping[int, list[int]]], count: int) -> None:
        self.executions, self.results, self.count = executions, results, count
        self.added: set[int] = set()
        self.numbers: dict[int, Any] = {}

    def takes(self, s: int, recorded: Container[int]) -> bool:
        """Decide whether the results of operation s are added when they are computed.

        They are not if the operation is ``recorded`` for other reasons, if its values are mostly no results, or if a
        value is several results.
        """
        results = self.results.get(s, {})
        home = int(self.executions.home[s])
        runs = self.executions.runs_of(home)
        several = any(len(some) > 1 for some in results.values())
        if home < 0 or s in recorded or several or 2 * len(results) < runs:
            return False
        numbers = self.numbers[s] = np.full(runs, self.count)
        for e, (k,) in results.items():
            numbers[e] = k
            self.added.add(k)
        return True
