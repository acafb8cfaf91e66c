"""Write loops that each lane runs a number of times of its own.

A block of lanes runs such a loop as often as the lane with the most rounds. A mask says which lanes are *active*, that
is, in the present round. Every round computes all lanes, but only active lanes keep what it carries on, and only their
asserts count. So it does no harm that the other lanes compute nonsense. If the block has one lane, there is no mask:
the code branches out of the loop.

The records of a round lie where they would lie if all lanes ran all rounds. A loop that reads them backwards starts at
the largest count of the block. In each round those lanes are active whose count is larger than the round.
"""

from __future__ import annotations

from glassgrad.compiler.codegen.access import gathered
from glassgrad.compiler.codegen.rolled.places import Area
from glassgrad.compiler.codegen.rolled.writer import Writer
from glassgrad.compiler.codegen.values import Int, Pointer, Value
from glassgrad.compiler.codegen.vector import F
from glassgrad.compiler.ir.loops import Loop

__all__ = ["MaskedWriter"]


class MaskedWriter(Writer):
    """A `Writer` that also writes masked loops."""

    def write_loop(self, k: int) -> None:
        loop = self.plan.tape.loops[k]
        if not loop.masked:
            super().write_loop(k)
            return
        before = self.active
        if loop.until is not None:
            self._until(k, loop)
        else:
            self._down(k, loop)
        self.active = before

    def _until(self, k: int, loop: Loop) -> None:
        """Write a loop that lanes leave at a test."""
        code, until = self.code, loop.until
        assert until is not None
        initial, starts = self.initial(k), self.pointers(k)
        masks = [self.active or code.true()] if code.lanes > 1 else []
        assert self.bad is not None
        with code.repeat(code.integer(loop.trips), self.bad, *masks, *initial, *starts.values()) as turn:
            left, self.bad, *state = turn.state
            if masks:
                self.active = state.pop(0)
            carried, pointers = state[: len(initial)], dict(zip(starts, state[len(initial) :]))
            with self.body(k, carried, pointers):
                self.write(k, loop.start, until.position)
                stays = self.value(until.condition) != 0.0
                if self.active is not None:
                    stays = self.active & stays
                some, bad = code.any(stays), self.bad
                with code.if_(some) as then:
                    self.active = stays if masks else None
                    self.write(k, until.position, loop.stop)
                    kept = self._kept(k, carried)
                kept = [then.merge(new, old) for new, old in zip(kept, carried)]
                self.bad = then.merge(self.bad, bad)
                after = left - 1
                again = Int(code, code.binary("and", "i1", some.name, (after != 0).name), "i1")
                further = [self.advanced(one, pointer) for one, pointer in pointers.items()]
                turn.again(again, after, self.bad, *([stays] if masks else []), *kept, *further)
        self.active = None
        self.fail(stays)
        self.carry(k, kept)

    def _down(self, k: int, loop: Loop) -> None:
        """Write a loop whose rounds run down from a count."""
        code = self.code
        assert loop.down_from is not None
        initial, counts = self.initial(k), self.value(loop.down_from)
        fits = counts <= float(loop.trips)
        self.fail(~fits)
        runs = fits if self.active is None else self.active & fits
        rounds = self._most(code.select(runs, counts, 0.0))
        assert self.bad is not None
        bad = self.bad
        with code.if_(rounds > 0) as entered:
            last = rounds - 1
            starts = {
                one: pointer.offset(last * self.bytes(one.area, one.step), inside=False)
                for one, pointer in self.pointers(k).items()
            }
            with code.repeat(rounds, bad, *initial, *starts.values()) as turn:
                left, self.bad, *state = turn.state
                carried, pointers = state[: len(initial)], dict(zip(starts, state[len(initial) :]))
                t = left - 1
                if code.lanes > 1:
                    self.active = runs & (self._double(t) < counts)
                with self.body(k, carried, pointers):
                    self.write(k, loop.start, loop.stop)
                    kept = self._kept(k, carried)
                    further: list[Value] = [self._back(one.area, one.step, at) for one, at in pointers.items()]
                    turn.again(t != 0, t, self.bad, *kept, *further)
        self.carry(k, [entered.merge(new, old) for new, old in zip(kept, initial)])
        self.bad = entered.merge(self.bad, bad)

    def _kept(self, k: int, carried: list[F]) -> list[F]:
        """Return what loop k carries after a round: the next values of active lanes, the old ones of the others."""
        following, active = self.following(k), self.active
        if active is None:
            return following
        return [self.code.select(active, new, old) for new, old in zip(following, carried)]

    def _back(self, area: Area, step: int, pointer: Pointer) -> Pointer:
        """Return a pointer in the round before."""
        return pointer.offset(self.bytes(area, -step), inside=False)

    def _most(self, counts: F) -> Int:
        """Return how many of the rounds 0, 1, … are below the largest count, as an integer."""
        code = self.code
        most = counts.name
        if code.lanes > 1:
            function = f"llvm.vector.reduce.fmax.v{code.lanes}f64"
            code.declarations.add(f"declare double @{function}({code.f64})")
            most = code.call("double", function, [(code.f64, counts.name)])
        whole = Int(code, code.cast("fptosi", "double", most, "i64"))
        back = code.cast("sitofp", "i64", whole.name, "double")
        return whole + Int(code, code.binary("fcmp olt", "double", back, most), "i1").cast("zext", "i64")

    def _double(self, t: Int) -> F:
        """Return an integer as a double in all lanes."""
        code = self.code
        return F(code, gathered(code, [code.cast("sitofp", "i64", t.name, "double")]))
