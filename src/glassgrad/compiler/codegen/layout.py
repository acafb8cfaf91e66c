"""How arguments and results lie in memory, and the code that loads and stores their numbers.

A *leaf* is one array (or number) among the arguments or results. The kernel gets for each a `Leaf` in memory: the
address of its first number, the distance in bytes from lane to lane, and that from number to number within a lane. What
is known when the code is made is its `Form`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

__all__ = ["BROADCAST", "CONTIGUOUS", "INTERLEAVED", "LEAF", "Form", "owners"]

LEAF = "%leaf = type { ptr, i64, i64 }"
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
        """Bytes of a number."""
        return 4 if self.single else 8

    @property
    def number(self) -> str:
        """LLVM's type of a number."""
        return "float" if self.single else "double"


def owners(forms: Sequence[Form]) -> list[int]:
    """For each number the leaf that it belongs to."""
    return [k for k, form in enumerate(forms) for _ in range(form.size)]
