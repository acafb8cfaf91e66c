"""The protocol of the pool, tried in all interleavings.

The model reads the moves from the table in `pool.h`, so it is the table that is checked. Callers and threads take their
steps one at a time, each step one atomic operation, in every order there is. The whole graph of states that can be
reached is built, and then:

* no step breaks a rule (`Broken`): a job is never touched when its call is over, no part is run twice or left out, and
  a bell never rings twice;
* from every state, all callers can still return and all threads go to sleep: nobody waits for ever.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

import glassgrad

HEADER = Path(glassgrad.__file__).parent / "compiler" / "runtime" / "pool.h"
ROW = re.compile(r" \*     (\w+) +(caller|thread) +(\w+) +(\w+) +(change|store) +(\w+)")
MOVES = {name: (who, before, after, how) for name, who, before, after, how, _ in ROW.findall(HEADER.read_text("utf-8"))}
PARTS = 2


class Broken(AssertionError):
    """A rule that must always hold does not."""


@dataclass(frozen=True)
class Job:
    """A call's job: its memory is there while the call lasts."""

    alive: bool = False
    next: int = 0  # the part to be taken next
    run: tuple[int, ...] = (0,) * PARTS  # how often each part was run
    finished: int = 0


@dataclass(frozen=True)
class Slot:
    """A slot, and its thread: the next step that it takes, and what it has read."""

    state: str | int = "EMPTY"  # or the number of a job
    bell: int = 0  # how often it rang without being heard
    step: str = "none"
    seen: str | int = ""
    part: int = 0


@dataclass(frozen=True)
class Caller:
    """A caller: the next step that it takes, which slot it is at, and what it has read."""

    step: str = "begin"
    calls: int = 0
    slot: int = 0
    seen: str | int = ""
    part: int = 0
    posted: tuple[int, ...] = ()
    awaited: int = 0


@dataclass(frozen=True)
class World:
    slots: tuple[Slot, ...]
    callers: tuple[Caller, ...]
    jobs: tuple[Job, ...]  # one for each caller: all its calls have it at the same address

    def slot(self, k: int, **changes: object) -> World:
        return replace(self, slots=put(self.slots, k, replace(self.slots[k], **changes)))

    def caller(self, c: int, **changes: object) -> World:
        return replace(self, callers=put(self.callers, c, replace(self.callers[c], **changes)))

    def job(self, c: int, **changes: object) -> World:
        if not self.jobs[c].alive:
            raise Broken("a job is used when its call is over")
        return replace(self, jobs=put(self.jobs, c, replace(self.jobs[c], **changes)))


def put(items: tuple, k: int, item: object) -> tuple:
    return (*items[:k], item, *items[k + 1 :])


class Model:
    """What the caller and the thread of each slot may do next. A subclass has a fault."""

    def __init__(self, slots: int, callers: int, calls: int) -> None:
        self.calls = calls
        self.start = World((Slot(),) * slots, (Caller(),) * callers, (Job(),) * callers)

    def move(self, world: World, name: str, k: int, job: int) -> World | None:
        """The world after a move of the table at slot k, or None if the state is another one."""
        _, before, after, how = MOVES[name]
        states = {"JOB": job}
        if world.slots[k].state != states.get(before, before):
            if how == "store":
                raise Broken(f"{name}: the slot is {world.slots[k].state}")
            return None
        return world.slot(k, state=states.get(after, after))

    def after(self, world: World) -> Iterator[World]:
        """The worlds that one step leads to."""
        for c in range(len(world.callers)):
            yield from getattr(self, f"caller_{world.callers[c].step}")(world, c)
        for k in range(len(world.slots)):
            yield from getattr(self, f"thread_{world.slots[k].step}")(world, k)

    # The caller: post, work, recall, wait

    def caller_done(self, world: World, c: int) -> Iterator[World]:
        yield from ()

    def caller_begin(self, world: World, c: int) -> Iterator[World]:
        if world.callers[c].calls == self.calls:
            yield world.caller(c, step="done")
            return
        world = replace(world, jobs=put(world.jobs, c, Job(alive=True)))
        yield world.caller(c, step="look", slot=0, posted=())

    def caller_look(self, world: World, c: int) -> Iterator[World]:
        k = world.callers[c].slot
        if k == len(world.slots):
            yield world.caller(c, step="work")
        else:
            seen = world.slots[k].state
            busy = seen not in ("EMPTY", "SPINNING", "SLEEPING")
            yield world.caller(c, slot=k + 1) if busy else world.caller(c, step="offer", seen=seen)

    def caller_offer(self, world: World, c: int) -> Iterator[World]:
        me = world.callers[c]
        name = {"EMPTY": "hire", "SPINNING": "post", "SLEEPING": "wake"}[str(me.seen)]
        moved = self.move(world, name, me.slot, c)
        if moved is None:
            yield world.caller(c, step="look", slot=me.slot + 1)
        elif name == "post":
            yield self.posted(moved, c)
        else:
            yield moved.caller(c, step={"hire": "start", "wake": "ring"}[name])

    def posted(self, world: World, c: int) -> World:
        me = world.callers[c]
        return world.caller(c, step="look", slot=me.slot + 1, posted=(*me.posted, me.slot))

    def caller_start(self, world: World, c: int) -> Iterator[World]:
        k = world.callers[c].slot
        yield self.posted(world.slot(k, step="read"), c)
        dismissed = self.move(world, "dismiss", k, c)  # the system has no more threads
        assert dismissed
        yield dismissed.caller(c, step="look", slot=k + 1)

    def caller_ring(self, world: World, c: int) -> Iterator[World]:
        k = world.callers[c].slot
        if world.slots[k].bell:
            raise Broken("a bell rings twice")
        yield self.posted(world.slot(k, bell=1), c)

    def caller_work(self, world: World, c: int) -> Iterator[World]:
        part = world.jobs[c].next
        world = world.job(c, next=part + 1)
        if part < PARTS:
            yield world.caller(c, step="run", part=part)
        else:
            yield world.caller(c, step="recall", slot=0, awaited=0)

    def caller_run(self, world: World, c: int) -> Iterator[World]:
        yield run_part(world, c, world.callers[c].part).caller(c, step="work")

    def caller_recall(self, world: World, c: int) -> Iterator[World]:
        me = world.callers[c]
        if me.slot == len(me.posted):
            yield world.caller(c, step="wait")
        else:
            moved = self.move(world, "recall", me.posted[me.slot], c)
            taken = moved is None
            yield (moved or world).caller(c, slot=me.slot + 1, awaited=me.awaited + taken)

    def caller_wait(self, world: World, c: int) -> Iterator[World]:
        if world.jobs[c].finished == world.callers[c].awaited:
            yield self.over(world, c)

    def over(self, world: World, c: int) -> World:
        if world.jobs[c].run != (1,) * PARTS:
            raise Broken(f"parts were run so often: {world.jobs[c].run}")
        return world.job(c, alive=False).caller(c, step="begin", calls=world.callers[c].calls + 1)

    # The thread: read the word, then doze or take

    def thread_none(self, world: World, k: int) -> Iterator[World]:
        yield from ()

    def thread_read(self, world: World, k: int) -> Iterator[World]:
        seen = world.slots[k].state
        yield world.slot(k, step="doze" if seen == "SPINNING" else "take", seen=seen)

    def thread_doze(self, world: World, k: int) -> Iterator[World]:
        yield world.slot(k, step="read")  # it spins on
        moved = self.move(world, "doze", k, -1)
        yield world.slot(k, step="read") if moved is None else moved.slot(k, step="listen")

    def thread_listen(self, world: World, k: int) -> Iterator[World]:
        if world.slots[k].bell:
            yield world.slot(k, bell=0, step="read")

    def thread_take(self, world: World, k: int) -> Iterator[World]:
        seen = world.slots[k].seen
        if not isinstance(seen, int):
            raise Broken(f"a thread takes {seen} for a job")
        moved = self.move(world, "take", k, seen)
        yield world.slot(k, step="read") if moved is None else moved.slot(k, step="work")

    def thread_work(self, world: World, k: int) -> Iterator[World]:
        job = int(world.slots[k].seen)
        part = world.jobs[job].next
        world = world.job(job, next=part + 1)
        yield world.slot(k, step="run", part=part) if part < PARTS else world.slot(k, step="finish")

    def thread_run(self, world: World, k: int) -> Iterator[World]:
        slot = world.slots[k]
        yield run_part(world, int(slot.seen), slot.part).slot(k, step="work")

    def thread_finish(self, world: World, k: int) -> Iterator[World]:
        moved = self.move(world, "finish", k, -1)
        assert moved
        yield moved.slot(k, step="leave")

    def thread_leave(self, world: World, k: int) -> Iterator[World]:
        job = int(world.slots[k].seen)
        yield world.job(job, finished=world.jobs[job].finished + 1).slot(k, step="read")


def run_part(world: World, job: int, part: int) -> World:
    run = world.jobs[job].run
    return world.job(job, run=put(run, part, run[part] + 1))


def at_rest(world: World) -> bool:
    """Whether all callers have returned, and all threads sleep."""
    return all(caller.step == "done" for caller in world.callers) and all(
        slot.step == "none" or (slot.step == "listen" and slot.state == "SLEEPING" and not slot.bell)
        for slot in world.slots
    )


def explore(model: Model) -> int:
    """Visit all worlds; return how many there are.

    Raises:
        Broken: a rule does not hold, or from some world nothing leads to rest.
    """
    before: dict[World, list[World]] = {model.start: []}
    work = [model.start]
    while work:
        world = work.pop()
        for following in model.after(world):
            if following not in before:
                before[following] = []
                work.append(following)
            before[following].append(world)
    good = {world for world in before if at_rest(world)}
    work = list(good)
    while work:
        for world in before[work.pop()]:
            if world not in good:
                good.add(world)
                work.append(world)
    if len(good) < len(before):
        raise Broken(f"somebody waits for ever: {next(world for world in before if world not in good)}")
    return len(before)


@pytest.mark.parametrize(("slots", "callers", "calls"), [(1, 1, 3), (2, 1, 2), (1, 2, 1)])
def test_all_interleavings_keep_the_rules(slots, callers, calls):
    assert explore(Model(slots, callers, calls)) > 100


@pytest.mark.parametrize(
    ("slots", "callers", "calls"),
    [pytest.param(3, 1, 1, marks=pytest.mark.slow), pytest.param(1, 2, 2, marks=pytest.mark.nightly)],
)
def test_all_interleavings_of_more_keep_the_rules(slots, callers, calls):
    assert explore(Model(slots, callers, calls)) > 10_000


def test_the_table_has_each_move_of_the_model():
    assert sorted(MOVES) == ["dismiss", "doze", "finish", "hire", "post", "recall", "take", "wake"]


class DoesNotWait(Model):
    def caller_wait(self, world: World, c: int) -> Iterator[World]:
        yield self.over(world, c)


class DoesNotRing(Model):
    def caller_ring(self, world: World, c: int) -> Iterator[World]:
        yield self.posted(world, c)


class RingsForEach(Model):
    def posted(self, world: World, c: int) -> World:
        k = world.callers[c].slot
        if world.callers[c].seen == "SPINNING":
            if world.slots[k].bell:
                raise Broken("a bell rings twice")
            world = world.slot(k, bell=1)
        return super().posted(world, c)


class DoesNotRecall(Model):
    """And waits for the threads that have begun by then."""

    def caller_recall(self, world: World, c: int) -> Iterator[World]:
        begun = [k for k in world.callers[c].posted if world.slots[k].state == "WORKING"]
        yield world.caller(c, step="wait", awaited=len(begun))


class LeavesFirst(Model):
    """The thread counts itself as finished, and then uses the job once more."""

    def thread_finish(self, world: World, k: int) -> Iterator[World]:
        job = int(world.slots[k].seen)
        yield world.job(job, finished=world.jobs[job].finished + 1).slot(k, step="leave")

    def thread_leave(self, world: World, k: int) -> Iterator[World]:
        moved = self.move(world.job(int(world.slots[k].seen)), "finish", k, -1)
        assert moved
        yield moved.slot(k, step="read")


class TakesInTwoSteps(Model):
    """The thread reads which part is next, and writes the one after it in a step of its own."""

    def thread_work(self, world: World, k: int) -> Iterator[World]:
        yield world.slot(k, step="count", part=world.jobs[int(world.slots[k].seen)].next)

    def thread_count(self, world: World, k: int) -> Iterator[World]:
        slot = world.slots[k]
        world = world.job(int(slot.seen), next=slot.part + 1)
        yield world.slot(k, step="run" if slot.part < PARTS else "finish")


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (DoesNotWait, "call is over|so often"),
        (DoesNotRing, "waits for ever"),
        (RingsForEach, "rings twice|for a job|waits for ever"),
        (DoesNotRecall, "call is over|the slot is|waits for ever"),
        (LeavesFirst, "call is over"),
        (TakesInTwoSteps, "so often|call is over"),
    ],
)
def test_the_model_sees_a_fault(fault: Callable[[int, int, int], Model], said: str):
    with pytest.raises(Broken, match=said):
        explore(fault(1, 1, 3))
