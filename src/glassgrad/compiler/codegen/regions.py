"""Cut a tape with branches into regions, for the kernel of a batch.

A *region* is code without branches that runs over a list of lanes. At its end it has the results, or it decides for
each lane which later region the lane continues in. Where lanes continue in different regions, they *diverge*. That
costs time, so three rules keep it rare and cheap:

* If only one side of a branch is known, lanes do not diverge there. Lanes that take the other side are unmatched.
* A branch that follows another one is decided together with it if that costs little. So the lanes diverge once at
  ``if … elif … elif``.
* Operations that decide no branch are computed after the lanes have diverged, and only for the lanes that need them,
  unless that makes the code much longer.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from glassgrad.compiler.ir.tape import Outputs, Split, Tape

__all__ = ["Choice", "Region", "regions"]

GUESSED = 40  # At most this many lines of IR may be computed for lanes that turn out not to need them.
LONGER = 4000  # The code may grow by this many lines of IR because operations are computed after lanes have diverged.


class Choice:
    """A branch that a region decides.

    Attributes:
        condition: the value that decides it.
        yes, no: for each side another choice, the number of the region in which the lane continues, or None if the side
            is not known.
    """

    def __init__(self, condition: int, yes: Choice | int | None, no: Choice | int | None) -> None:
        self.condition, self.yes, self.no = condition, yes, no


class Region:
    """Code without branches.

    Attributes:
        number: regions are numbered in the order in which they run.
        parent: the number of the region whose lanes continue here, or -1 for the first region.
        ops: the positions of the operations that it computes, in order.
        calls: the operations that Python computes for all its lanes after it has run (`stages`).
        asserted: conditions, and whether each must hold. A lane where one does not is unmatched.
        exit: the results, the choice of the next region, or None if all lanes continue in the next region.
        lanes_of: the number of the region whose list of lanes it uses. This is its own number; for a later stage, the
            number of the first stage. 0 stands for all lanes.
    """

    def __init__(self, number: int, parent: int) -> None:
        self.number = self.lanes_of = number
        self.parent = parent
        self.ops: list[int] = []
        self.calls: list[int] = []
        self.asserted: list[tuple[int, bool]] = []
        self.exit: Outputs | Choice | None = Outputs(())

    def exits(self) -> list[int]:
        """The numbers of the regions in which its lanes continue."""
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
        """References of the values that decide where its lanes continue."""
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
        """References of all values that it reads."""
        for i in (*self.ops, *self.calls):
            yield from tape.args[i]
        yield from self.conditions()
        if isinstance(self.exit, Outputs):
            yield from self.exit.refs


def regions(tape: Tape, weights: Sequence[int], strange: Collection[int] = ()) -> list[Region]:
    """Cut ``tape`` into regions, each after the regions that lead to it.

    Args:
        tape: the tape.
        weights: the cost of each operation.
        strange: operations that call functions of the user; they run only for lanes that reach them.
    """
    return _Cutter(tape, weights, strange).cut()


# A continuation of a region: the segment that comes next, the operations that are postponed until then, and a function
# that gets the number of the new region
Continuation = tuple[int, list[int], Callable[[int], None]]


class _Cutter:
    def __init__(self, tape: Tape, weights: Sequence[int], strange: Collection[int]) -> None:
        self.tape, self.weights, self.strange = tape, weights, strange
        self.found: list[Region] = []
        self.growth = LONGER + sum(weights)
        self.computed: set[int] = set()  # by the ancestors of the region at work

    def cut(self) -> list[Region]:
        work: list[tuple[int, Continuation]] = [(-1, (0, [], lambda k: None))]
        chain: list[Region] = []  # the regions on the side to the one at work
        while work:
            parent, (segment, pending, attach) = work.pop()
            while chain and chain[-1].number != parent:
                self.computed.difference_update(chain.pop().ops)
            region = Region(len(self.found), parent)
            self.found.append(region)
            attach(region.number)
            continuations = self.region(region, segment, pending)
            self.computed.update(region.ops)
            chain.append(region)
            work.extend([(region.number, continuation) for continuation in reversed(continuations)])
        return self.found

    def region(self, region: Region, segment: int, pending: list[int]) -> list[Continuation]:
        """Fill ``region``, which starts at ``segment``, and return its continuations.

        ``pending`` are the operations of earlier segments that are not computed yet.
        """
        segments = self.tape.segments
        start, stop, _, exit = segments[segment]
        available = [*pending, *range(start, stop)]
        while isinstance(exit, Split) and (side := self.only_side(exit)) is not None:
            region.asserted.append((exit.condition, exit.no is None))
            start, stop, _, exit = segments[side]
            available += range(start, stop)
        if isinstance(exit, Outputs):
            region.exit = exit
            wanted = [*exit.refs, *(ref for ref, _ in region.asserted)]
            region.ops = self.slice(wanted, available)
            return []
        # The branches decided here, and the continuations
        decided = set(self.slice([exit.condition, *(ref for ref, _ in region.asserted)], available))
        budget = [GUESSED]
        continuations: list[Continuation] = []

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
                continuations.append((child, on_the_way, lambda number, side=side: setattr(choice, side, number)))  # type: ignore[misc]
            return choice

        region.exit = expand(exit, [])
        rest = [i for i in available if i not in decided]
        growth = sum(self.weights[i] for i in rest) * (len(continuations) - 1)
        growth += sum(self.weights[i] for _, on_the_way, _ in continuations for i in on_the_way if i not in decided)
        sunk = growth <= self.growth and len(continuations) > 1
        if sunk:
            self.growth -= growth
        here = decided if sunk else {*decided, *rest}
        region.ops = sorted(here)
        behind = rest if sunk else []
        return [
            (child, [i for i in [*behind, *on_the_way] if i not in here], attach)
            for child, on_the_way, attach in continuations
        ]

    def only_side(self, exit: Split) -> int | None:
        """Return the segment of the only known side of a branch, or None if unmatched lanes must not run it."""
        if exit.yes is not None and exit.no is not None:
            return None
        side = exit.yes if exit.no is None else exit.no
        assert side is not None
        start, stop, _, _ = self.tape.segments[side]
        return None if self.strange and any(i in self.strange for i in range(start, stop)) else side

    def slice(self, refs: Iterable[int], available: Sequence[int]) -> list[int]:
        """Return the ``available`` operations that ``refs`` depend on and that are not computed yet."""
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
