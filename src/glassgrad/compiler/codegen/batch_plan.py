"""The plan of the kernel for a batch, made before its code is written: its regions, and its scratch memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from glassgrad.compiler.codegen import python_calls
from glassgrad.compiler.codegen.frame import Frame
from glassgrad.compiler.codegen.layout import owners
from glassgrad.compiler.codegen.module import Module
from glassgrad.compiler.codegen.regions import Choice, Region, regions
from glassgrad.compiler.codegen.scatter import Scatter
from glassgrad.compiler.codegen.stages import staged

__all__ = ["BatchPlan", "Part"]

BLOCK = 1024  # A block has at most this many lanes.
SHORT = 256  # If lanes may wait for the next block, a block has at least this many lanes.
EACH = 32  # If lanes may wait for the next block, a block has at least this many lanes for each region.
PACKED = 16  # Lanes are packed into lists only if they go to at most this many regions.
LINE = 64  # A cache line has this many bytes. Each part of scratch memory starts at a cache line.


class Part(NamedTuple):
    """A part of scratch memory: where it starts, and its size, both in bytes."""

    start: int
    size: int


class BatchPlan:
    """The plan of one kernel.

    Attributes:
        module: the module that its functions are added to.
        reduced: whether results are summed over the lanes.
        scatters: results that are added to the sums at a computed place. The tape then has no branches.
        added_at: the numbers of these results.
        regions: the regions of the tape, in the order in which they run.
        diverges: whether there are several regions.
        again: whether lanes that have diverged diverge again.
        waits: whether lanes that do not fill a vector wait in their list for the next block.
        frame: the slots of the values that regions share.
        owner: the leaf that each result belongs to.
        results: the number of results of a lane.
        block: the number of lanes of a block.
        capacity: how many lanes fit into a list, or into a slot of the frame.
        local: the number of local slots that the regions need. It is known once they are written.
    """

    def __init__(self, module: Module, reduced: bool, scatters: Sequence[Scatter] = ()) -> None:
        self.module, self.reduced, self.scatters = module, reduced, scatters
        self.added_at = {where for one in scatters for where in one.results()}
        tape, target, callees = module.tape, module.target, module.callees
        self.regions = staged(tape, regions(tape, module.weights, callees.number), callees.back)
        self.diverges = len(self.regions) > 1
        self.owner = owners(module.outputs)
        self.results = len(self.owner)
        self.frame = Frame(tape, self.regions)
        self.again = any(isinstance(region.exit, Choice) for region in self.regions[1:])
        # If a block leaves only lists for the next block, lanes that do not fill a vector can wait in them
        self.waits = self.diverges and not (reduced or self.again or self.frame.count)
        self.block = min(BLOCK, max(SHORT, EACH * (len(self.regions) - 1))) if self.waits else BLOCK
        self.capacity = self.block + 4 * target.lanes + 32
        self.local = 0

    @property
    def rows(self) -> int:
        """The first slot of the frame for results. There are such slots if lanes diverge and results are summed."""
        return self.frame.count

    @property
    def ids(self) -> int:
        """The place of the numbers of the lanes' next regions, in bytes after the start of the counts."""
        return -(-(len(self.regions) + 1) * 8 // LINE) * LINE

    def packs(self, region: Region) -> bool:
        """Whether the lanes of a region are packed into lists. The target needs an instruction for that."""
        return self.module.target.packs and isinstance(region.exit, Choice) and len(region.exits()) <= PACKED

    def memory(self) -> dict[str, Part]:
        """Return the parts of scratch memory (`layout`)."""
        lanes, slot = self.module.target.lanes, self.capacity * 8
        sizes = {
            "counts": self.ids + self.capacity * 4,
            "lists": len(self.regions) * self.capacity * 4 if self.diverges else 0,
            "frame": (self.frame.count + (self.results if self.reduced and self.diverges else 0)) * slot,
            "local": self.local * lanes * 8,
            "sums": self.results * lanes * 8 if self.reduced else 0,
            "back": python_calls.size(self.module, self.capacity),
        }
        parts, offset = {}, 0
        for name, size in sizes.items():
            parts[name] = Part(offset, size)
            offset += -(-size // LINE) * LINE
        return parts
