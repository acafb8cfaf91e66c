"""The layout of arguments, results and scratch memory.

A *leaf* is one array or number among the arguments or results. For each leaf a kernel gets a structure of type `LEAF`:
the address of its first number, the distance in bytes from lane to lane, and the distance from number to number within
a lane. A `Form` holds what is known about a leaf when its code is made.

The scratch memory of a kernel for a batch has these parts. Each starts at a cache line. C is the capacity of a list,
which is a little more than the lanes of a block. W is the number of doubles in a vector. `batch_plan` computes the
sizes.

    counts  | count of list 0 | count of list 1 | ... | unmatched? | next region of each lane |
              i64 each                                  i64          C x i32, only if packed
    lists   | lanes of region 0 | lanes of region 1 | ... |
              C x i32 each: the distance from the first lane of the block
    frame   | slot 0 | slot 1 | ... | result 0 | result 1 | ... |
              C x double each: values that one region computes for later ones; and results, if lanes diverge and results
              are summed
    local   | columns of inputs | collected results | slots |
              W x double for each number: interleaved leaves that are transposed once, results that a loop adds up or
              stores, and values that one piece of a region computes for another
    sums    | sum of result 0 | sum of result 1 | ... |
              W x double each, only if results are summed
    back    | numbers of lanes | operand 0 | ... | results |
              C x i32, then C x double each, only if Python functions are called

`docs/architecture.md` tells which code writes and reads each part.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

__all__ = ["BROADCAST", "CONTIGUOUS", "INTERLEAVED", "LEAF", "Form", "owners"]

LEAF = "%leaf = type { ptr, i64, i64 }"
CONTIGUOUS = "contiguous"  # One number of all lanes lies side by side, then the next number of all lanes, and so on.
BROADCAST = "broadcast"  # All lanes share the same numbers.
INTERLEAVED = "interleaved"  # All numbers of one lane lie side by side.


class Form(NamedTuple):
    """The facts about a leaf that are known when its code is made.

    Attributes:
        first: the reference of its first number. For a leaf of the results: the place of that number among the results.
        size: the number of its numbers in one lane.
        layout: `CONTIGUOUS`, `BROADCAST` or `INTERLEAVED`.
        single: whether its numbers are float32.
    """

    first: int
    size: int
    layout: str
    single: bool = False

    @property
    def width(self) -> int:
        """The size of a number in bytes."""
        return 4 if self.single else 8

    @property
    def number(self) -> str:
        """LLVM's type of a number."""
        return "float" if self.single else "double"


def owners(forms: Sequence[Form]) -> list[int]:
    """Return the leaf that each number belongs to."""
    return [k for k, form in enumerate(forms) for _ in range(form.size)]
