"""Cut the regions that call Python functions into stages.

A *stage* computes the arguments of the calls for all lanes of the region. Then each function is called once for all
these lanes, and the next stage continues with them. Operations that do not wait for a call are computed in the last
stage, so that few values have to be kept for all lanes. Calls that do not wait for each other follow the same stage.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from glassgrad.compiler.codegen.regions import Choice, Region
from glassgrad.compiler.ir.tape import Tape

__all__ = ["staged"]


def staged(tape: Tape, regions: Sequence[Region], back: Collection[int]) -> list[Region]:
    """Replace each region that has operations of ``back`` by its stages, and number the regions again."""
    if not back:
        return list(regions)
    found: list[Region] = []
    number: list[int] = []  # the number of each region's first stage
    last: list[int] = []  # the number of each region's last stage
    for region in regions:
        number.append(len(found))
        parent = last[region.parent] if region.number else -1
        found += _stages(tape, region, back, len(found), parent)
        last.append(len(found) - 1)
    for region in found:
        if isinstance(region.exit, Choice):
            _renumber(region.exit, number)
    return found


def _stages(tape: Tape, region: Region, back: Collection[int], first: int, parent: int) -> list[Region]:
    n = tape.inputs
    here = set(region.ops)
    level: dict[int, int] = {}  # how many calls, one after another, an operation has to wait for
    calls: list[list[int]] = []  # the calls of each level
    for i in region.ops:
        waits = [level[a - n] + (a - n in back) for a in tape.args[i] if a - n in here]
        level[i] = max(waits, default=0)
        if i in back:
            while len(calls) <= level[i]:
                calls.append([])
            calls[level[i]].append(i)
    done: set[int] = set()
    stages: list[Region] = []
    for some in calls:
        stage = Region(first + len(stages), first + len(stages) - 1 if stages else parent)
        stage.exit, stage.calls = None, some
        wanted = [a - n for i in some for a in tape.args[i]]
        while wanted:
            i = wanted.pop()
            if i in here and i not in back and i not in done:
                done.add(i)
                stage.ops.append(i)
                wanted += [a - n for a in tape.args[i]]
        stage.ops.sort()
        stages.append(stage)
    last = Region(first + len(stages), first + len(stages) - 1 if stages else parent)
    last.ops = [i for i in region.ops if i not in done and i not in back]
    last.asserted, last.exit = region.asserted, region.exit
    stages.append(last)
    for stage in stages:
        stage.lanes_of = first if region.number else 0
    return stages


def _renumber(choice: Choice, number: Sequence[int]) -> None:
    stack = [choice]
    while stack:
        choice = stack.pop()
        for side in ("yes", "no"):
            to = getattr(choice, side)
            if isinstance(to, Choice):
                stack.append(to)
            elif to is not None:
                setattr(choice, side, number[to])
