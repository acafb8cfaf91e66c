"""How arguments, results and scratch memory lie in memory.

A *leaf* is one array (or number) among the arguments or results. For each leaf a kernel gets a record in memory, of the
type `LEAF`: the address of its first number, the distance in bytes from lane to lane, and the distance from number to
number within a lane. A `Form` says what is known of a leaf when the code is made.

The scratch memory of a kernel for a batch has these parts, each at the beginning of a line of the cache. C is the
capacity of a list, about the lanes of a block; W is the number of doubles in a vector. `batch_plan` computes the sizes.

    counts  | count of list 0 | count of list 1 | ... | unmatched? | next region of each lane |
              i64 each                                  i64          C x i32, only if packed
    lists   | lanes of region 0 | lanes of region 1 | ... |
              C x i32 each: the distance from the first lane of the block
    frame   | slot 0 | slot 1 | ... | result 0 | result 1 | ... |
              C x double each: values that one region computes for later ones; and results, if lanes diverge and results
              are summed
    local   | columns of inputs | collected results | slots |
              W x double for each number: interleaved leaves that are transposed once, results that a loop adds up or
              stores, values that one piece of a region computes for another
    sums    | sum of result 0 | sum of result 1 | ... |
              W x double each, only if results are summed
    back    | numbers of lanes | operand 0 | ... | results |
              C x i32, then C x double each, only if Python functions are called

`docs/architecture.md` says who writes and reads each part.
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
