"""The frame of a batch: values that one region computes for later ones, each in a slot for all lanes of a block.

An operation may be computed in several regions, for lanes that take different paths. A region stores a value in the
frame if a later region reads the value without computing it; that depends on the region, not on the operation. Regions
run in the order of their numbers. The first region that stores a value takes a slot for it, and the slot is free again
after the last region that reads it.
"""

from __future__ import annotations

from collections.abc import Sequence

from glassgrad.compiler.codegen.regions import Region
from glassgrad.compiler.ir.tape import Tape

__all__ = ["Frame", "Slots", "operands"]


class Slots:
    """Slots of memory for values. A slot is reused once its value is no longer needed.

    Args:
        reserved: how many slots at the beginning are used for something else.

    Attributes:
        count: how many slots there are.
        of: the slot of each value, by its reference.
    """

    def __init__(self, reserved: int = 0) -> None:
        self.count = reserved
        self._free: list[int] = []
        self.of: dict[int, int] = {}

    def take(self, ref: int) -> int:
        if self._free:
            slot = self._free.pop()
        else:
            slot, self.count = self.count, self.count + 1
        self.of[ref] = slot
        return slot

    def release(self, ref: int) -> None:
        self._free.append(self.of[ref])


class Frame:
    """The slots of the values that regions share.

    Args:
        tape: the tape that the regions are of.
        regions: the regions in the order in which they run, each after its parent.

    Attributes:
        kept: for each region, the references of the values that it stores. Among them are inputs and constants that
            are passed to Python functions.
        of: the slot of each value that is kept, by its reference.
        count: how many slots there are.
    """

    def __init__(self, tape: Tape, regions: Sequence[Region]) -> None:
        self.kept: list[set[int]] = [set() for _ in regions]
        n = tape.inputs
        inside = [{n + i for i in (*region.ops, *region.calls)} for region in regions]
        last: dict[int, int] = {}
        maker: dict[int, int] = {}  # the ancestor that computes a value
        chain: list[int] = []  # the ancestors
        for region in regions:
            while chain and chain[-1] != region.parent:
                for ref in inside[chain.pop()]:
                    del maker[ref]
            for ref in region.uses(tape):
                if ref < n or ref in inside[region.number]:
                    continue
                last[ref] = region.number
                assert ref in maker, f"region {region.number} reads value {ref}, which no ancestor computes"
                self.kept[maker[ref]].add(ref)
            maker.update(dict.fromkeys(inside[region.number], region.number))
            chain.append(region.number)
            for ref in operands(tape, region):  # a function is called with what is in the frame
                last[ref] = region.number
                if ref < n or ref in inside[region.number]:
                    self.kept[region.number].add(ref)
        slots = Slots()
        leaving: dict[int, list[int]] = {}
        for ref, number in last.items():
            leaving.setdefault(number, []).append(ref)
        for region in regions:
            for ref in sorted(self.kept[region.number]):
                if ref not in slots.of:
                    slots.take(ref)
            for ref in leaving.get(region.number, ()):
                slots.release(ref)
        self.of, self.count = slots.of, slots.count


def operands(tape: Tape, region: Region) -> list[int]:
    """References of the arguments of the Python functions that are called after a region."""
    return list(dict.fromkeys(a for i in region.calls for a in tape.args[i]))
