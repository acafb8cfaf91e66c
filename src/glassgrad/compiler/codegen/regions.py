"""How a batch goes through the branches of a tape: in regions, between which its lanes are parted.

A *region* is code without branches that runs over a list of lanes. It ends with results, or it says for each lane in
which of the regions behind it the lane goes on. Three things keep the partings few and cheap:

* a branch of which only one way is known does not part anything: the lanes of the other way are reported as missed;
* a branch behind a branch is decided at once with it, where deciding it costs little, so that ``if … elif … elif``
  parts the lanes once;
* what decides no branch is computed behind the parting, by the lanes that want it, unless that makes the code much
  longer.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from glassgrad.compiler.ir.tape import Outputs, Split, Tape

__all__ = ["Choice", "Region", "regions"]

GUESSED = 40  # lines of IR that may be computed for lanes which turn out not to need them
LONGER = 4000  # lines of IR that the code may grow by what is computed behind a parting


class Choice:
    """A branch that is decided in a region: ``condition``, and for each way another choice, the number of the region
    that the lane goes to, or None where the way is not known."""

    def __init__(self, condition: int, yes: Choice | int | None, no: Choice | int | None) -> None:
        self.condition, self.yes, self.no = condition, yes, no


class Region:
    """Code without branches.

    Attributes:
        number: regions are numbered in the order in which they run.
        parent: the number of the region whose lanes go on here, -1 for the first.
        ops: the operations that it computes, by their positions, in order.
        calls: operations that Python computes for all its lanes once it has run (`stages`).
        asserted: conditions, and the way they must go; other lanes are missed.
        exit: results, the choice of the next region, or None where all lanes go on with the next one.
        lanes_of: the region whose lanes it runs over: itself, but for the later stages of one; 0 for all lanes.
    """

    def __init__(self, number: int, parent: int) -> None:
        self.number = self.lanes_of = number
        self.parent = parent
        self.ops: list[int] = []
        self.calls: list[int] = []
        self.asserted: list[tuple[int, bool]] = []
        self.exit: Outputs | Choice | None = Outputs(())

    def exits(self) -> list[int]:
        """The numbers of the regions where its lanes go on."""
        found: list[int] = []
        stack: list[Choice | int | None] = [self.exit] if isinstance(self.exit, Choice) else []
        while stack:
            choice = stack.pop()
            if isinstance(choice, Choice):
                stack += [choice.no, choice.yes]
            elif choice is not None:
                found.append(choice)
        return sorted(found)

    def conditions(self) -> list[int]:
        """References of all that it decides by."""
        found = [ref for ref, _ in self.asserted]
        if isinstance(self.exit, Choice):
            stack: list[Choice | int | None] = [self.exit]
            while stack:
                choice = stack.pop()
                if isinstance(choice, Choice):
                    found.append(choice.condition)
                    stack += [choice.no, choice.yes]
        return found

    def uses(self, tape: Tape) -> Iterable[int]:
        """References of all that it reads."""
        for i in (*self.ops, *self.calls):
            yield from tape.args[i]
        yield from self.conditions()
        if isinstance(self.exit, Outputs):
            yield from self.exit.refs


def regions(tape: Tape, weights: Sequence[int], strange: Collection[int] = ()) -> list[Region]:
    """The regions of ``tape``, each behind those that lead to it; ``weights`` says what each operation costs. The
    operations ``strange``, which call functions of the user's, are computed for no lane that does not come to them."""
    return _Cutter(tape, weights, strange).cut()


# A way out of a region: the segment where it goes on, the operations put off until there, and a function that is told
# the number of the region that it becomes
Way = tuple[int, list[int], Callable[[int], None]]


class _Cutter:
    def __init__(self, tape: Tape, weights: Sequence[int], strange: Collection[int]) -> None:
        self.tape, self.weights, self.strange = tape, weights, strange
        self.found: list[Region] = []
        self.growth = LONGER + sum(weights)
        self.computed: set[int] = set()  # on the way to the region at work

    def cut(self) -> list[Region]:
        work: list[tuple[int, Way]] = [(-1, (0, [], lambda k: None))]
        chain: list[Region] = []  # the regions on the way to the one at work
        while work:
            parent, (segment, pending, attach) = work.pop()
            while chain and chain[-1].number != parent:
                self.computed.difference_update(chain.pop().ops)
            region = Region(len(self.found), parent)
            self.found.append(region)
            attach(region.number)
            ways = self.region(region, segment, pending)
            self.computed.update(region.ops)
            chain.append(region)
            work.extend([(region.number, way) for way in reversed(ways)])
        return self.found

    def region(self, region: Region, segment: int, pending: list[int]) -> list[Way]:
        """Fill ``region``, which begins at ``segment`` with the operations ``pending`` from before; return what
        follows."""
        segments = self.tape.segments
        start, stop, _, exit = segments[segment]
        available = [*pending, *range(start, stop)]
        while isinstance(exit, Split) and (way := self.only_way(exit)) is not None:
            region.asserted.append((exit.condition, exit.no is None))
            start, stop, _, exit = segments[way]
            available += range(start, stop)
        if isinstance(exit, Outputs):
            region.exit = exit
            wanted = [*exit.refs, *(ref for ref, _ in region.asserted)]
            region.ops = self.slice(wanted, available)
            return []
        # The branches decided here, and the ways out: (segment, operations on the way there)
        decided = set(self.slice([exit.condition, *(ref for ref, _ in region.asserted)], available))
        budget = [GUESSED]
        ways: list[tuple[int, list[int], Callable[[int], None]]] = []

        def expand(split: Split, on_the_way: list[int]) -> Choice:
            choice = Choice(split.condition, None, None)
            for side in ("yes", "no"):
                child = getattr(split, side)
                if child is None:
                    continue
                first, last, _, end = segments[child]
                inner = [*on_the_way, *range(first, last)]
                if isinstance(end, Split):
                    more = [i for i in self.slice([end.condition], [*available, *inner]) if i not in decided]
                    cost = 1 + sum(self.weights[i] for i in more)
                    if cost <= budget[0]:
                        budget[0] -= cost
                        decided.update(more)
                        setattr(choice, side, expand(end, inner))
                        continue
                ways.append((child, on_the_way, lambda number, side=side: setattr(choice, side, number)))  # type: ignore[misc]
            return choice

        region.exit = expand(exit, [])
        rest = [i for i in available if i not in decided]
        growth = sum(self.weights[i] for i in rest) * (len(ways) - 1)
        growth += sum(self.weights[i] for _, on_the_way, _ in ways for i in on_the_way if i not in decided)
        sunk = growth <= self.growth and len(ways) > 1
        if sunk:
            self.growth -= growth
        here = decided if sunk else {*decided, *rest}
        region.ops = sorted(here)
        behind = rest if sunk else []
        return [
            (child, [i for i in [*behind, *on_the_way] if i not in here], attach) for child, on_the_way, attach in ways
        ]

    def only_way(self, exit: Split) -> int | None:
        """The one way of a branch that is known, if all lanes may go it, those too that are to be missed."""
        if exit.yes is not None and exit.no is not None:
            return None
        way = exit.yes if exit.no is None else exit.no
        assert way is not None
        start, stop, _, _ = self.tape.segments[way]
        return None if self.strange and any(i in self.strange for i in range(start, stop)) else way

    def slice(self, refs: Iterable[int], available: Sequence[int]) -> list[int]:
        """Of the operations ``available``, those that ``refs`` depend on and that are not computed yet."""
        n = self.tape.inputs
        inside = set(available)
        found: set[int] = set()
        stack = [ref - n for ref in refs if ref >= n]
        while stack:
            i = stack.pop()
            if i in found or i in self.computed or i not in inside:
                continue
            found.add(i)
            stack.extend([a - n for a in self.tape.args[i] if a >= n])
        return sorted(found)
