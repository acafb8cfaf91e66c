# cython: binding=False, annotation_typing=False
"""What is in force inside a ``with`` block: who hears of new nodes, which group is open, which transform is at work.

All of it is one `State`, the value of a ContextVar, so each thread and each asyncio task has its own. A `Block` is a
context manager that puts a new state in force. The new state starts as a copy of the one around it.

**Leaving takes no code.** An exception may come at any instruction (Ctrl-C, a timeout that a signal handler raises),
also where ``__exit__`` is then never called. But a ``with`` statement looks up ``__exit__`` before it calls
``__enter__``, and keeps what it found until the block is over, however that comes about. Here it finds a *hold*, a new
one for each statement, and a state is in force as long as its hold lives.

**The end of a transform ends what its function has opened.** A block may outlive the function that opened it: in a
generator that is kept, or entered by hand. Its state is like that of the transform, which must not stay in force.

**Where no block is open, nothing is paid.** ``HERE.live`` is then false, and nobody need ask for the state.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from contextvars import ContextVar
from functools import partial
from threading import get_ident
from typing import Any
from weakref import ref

try:
    import cython
except ImportError:
    from glassgrad.core import cython_shim as cython

__all__ = ["HERE", "STATE", "TAG_BITS", "Block", "Here", "Hold", "State", "Tracing", "Within"]

TAG_BITS = 8  # a node keeps the tag of its tracing above its flags, which are so many bits
NUMBERS = 1 << 22  # so many tracings have tags of their own


@cython.cclass
class State:
    """What is in force. Only the block whose state it is changes it.

    Attributes:
        outer: the state around it; None of the outermost, and before it is entered.
        within: that of the innermost block around it that traces a function, or None.
        over: the block has ended.
        hold: uncompiled, a weak reference to its hold.
        depth: how many states are around it.
        note: what new nodes remember: the open group, or None.
        heard: functions that are called with each new node.
        watches: whether results of compiled functions and of transforms are looked at.
        watcher: does the sweep of ``backward()``, or None for the usual one.
        policy: what an operation outside its domain does: "raise", "warn" or "nan".
        warns: whether a node that becomes a float unasked is warned of.
        decider: says what comparisons of nodes give, and refuses values, while a function is compiled; or None.
        tracing: the `Tracing` at work, or None.
        tag: that of the tracing, 0 for none.
        traces: the block itself traces a function.
    """

    def __init__(self) -> None:
        self.outer: Any = None
        self.within: Any = None
        self.over = False
        self.hold: Any = None
        self.depth = 0
        self.note: Any = None
        self.heard: tuple[Callable[[Any], object], ...] = ()
        self.watches = False
        self.watcher: Any = None
        self.policy = "raise"
        self.warns = True
        self.decider: Any = None
        self.tracing: Any = None
        self.tag = 0
        self.traces = False

    def take_over(self, outer: State) -> None:
        """Be like the state around it."""
        self.outer = outer
        self.within = outer if outer.traces else outer.within
        self.depth = outer.depth + 1
        self.note = outer.note
        self.heard = outer.heard
        self.watches = outer.watches
        self.watcher = outer.watcher
        self.policy = outer.policy
        self.warns = outer.warns
        self.decider = outer.decider
        self.tracing = outer.tracing
        self.tag = outer.tag

    def trace(self, decider: Any = None) -> None:
        """A transform is at work: what depends on its variables must not leave the graph."""
        self.traces = True
        self.warns = False  # what depends on its variables is refused; of other nodes the values are wanted
        if decider is not None:
            self.decider = decider
        if self.tracing is None or decider is not None:
            self.tracing = Tracing()
            self.tag = self.tracing.tag


@cython.cclass
class Tracing:
    """A transform at work, with all transforms within it. The nodes that are made carry its tag, so that they are known
    in other threads, which are not of this one's context."""

    def __init__(self) -> None:
        self.tag = _new_tag(next(_numbers))
        self.thread = ident()
        self.refused: Any = None

    def is_elsewhere(self) -> bool:
        return ident() != self.thread

    def refuse(self, error: Exception) -> None:
        """Keep the error that refuses what was asked for, if it is raised in another thread, where it may be lost."""
        if self.refused is None and self.is_elsewhere():
            self.refused = error


def _new_tag(number: int) -> int:
    return (number % NUMBERS + 1) << TAG_BITS


_numbers = itertools.count()
STATE: ContextVar[State] = ContextVar("glassgrad state", default=State())  # noqa: B039 (it is never changed)


@cython.cclass
class Here:
    """Where the code that runs now stands.

    Attributes:
        live: true where a block is open, in any thread. If not, no state but the outermost is in force anywhere.
            Compiled the number of holds, otherwise a set of weak references to them.
        tracing: weak references to the states, in force in any thread, of blocks that trace a function; perhaps to some
            that are over.
        deciding: those that have a decider.
    """

    def __init__(self) -> None:
        self.live: Any = 0 if cython.compiled else set()
        self.tracing: set[Any] = set()
        self.deciding: set[Any] = set()

    def state(self) -> State:
        """The state in force in this thread and task."""
        found = read(STATE)
        if is_over(found):
            while is_over(found):
                found = found.outer
            STATE.set(found)  # so that those that are over are freed
        return found

    def home(self, tag: int) -> State | None:
        """The innermost state of the tracing with that tag, in whatever thread it is at work; None if it is over."""
        innermost = None
        for reference in tuple(self.tracing):
            state = reference()
            if state is None or state.tag != tag or is_over(state):
                continue
            if innermost is None or state.depth > innermost.depth:
                innermost = state
        return innermost


_here = Here()  # with a C type
HERE = _here


@cython.no_gc_clear  # else __dealloc__ might not find the state
@cython.cclass
class Hold:
    """What a ``with`` statement keeps while its block is open, and calls at the end; its state is over when it dies.

    Uncompiled a `partial` does this: the frame of a call would keep the hold, and a traceback the frame."""

    def __init__(self, block: Any, state: State) -> None:
        self.block = block
        self.state = state
        _here.live += 1

    def __call__(self, *exc: object) -> None:
        self.block._end(self.state)

    def __dealloc__(self) -> None:
        self.state.over = True
        _here.live -= 1


if not cython.compiled:  # in C, from state.pxd

    def read(variable: ContextVar[State]) -> State:
        return variable.get()

    def ident() -> int:
        return get_ident()

    def is_over(state: State) -> bool:
        if state.over or (state.hold is not None and state.hold() is None):
            return True
        return state.within is not None and is_over(state.within)

    def hold_of(block: Any, state: State) -> Any:
        hold = partial(State.take_over if block is None else block._end, state)
        state.hold = ref(hold)
        _keep_while_alive(hold, _here.live)
        return hold


def _keep_while_alive(x: Any, references: set[Any]) -> None:
    """Add a weak reference that is taken out again when ``x`` dies. In one step: it must not die before it is added."""
    if cython.compiled:
        references.add(ref(x, references.discard))
    else:
        references.update(map(ref, (x,), (references.discard,)))


def _leave_by_hand(block: Block, *exc: object) -> None:
    block._end(State())


@cython.cclass
class _Exit:
    """The attribute ``__exit__`` of a block: a new hold on an instance; a function on the class, as of any class."""

    def __get__(self, block: Any, kind: Any) -> Callable[..., None]:
        return _leave_by_hand if block is None else block._hold()


@cython.cclass
class Block:
    """A context manager that puts a state of its own in force, and returns it. A subclass writes its ``__enter__``,
    which changes what `inner` gives and has it entered by `enter`; there is no ``__exit__`` to write.

    Example:
        >>> class careless(Block):
        ...     def __enter__(self):
        ...         state = self.inner()
        ...         state.policy = "nan"
        ...         self.enter(state)
        >>> with careless():
        ...     HERE.state().policy
        'nan'
        >>> HERE.state().policy
        'raise'
    """

    __exit__ = _Exit()
    if not cython.compiled:
        _found: Any  # waits to be entered, since __exit__ was looked up; uncompiled, that of each thread
        _finder: int  # the thread that looked it up
        _by_hand: list[Any] | None  # the holds of those who call __enter__ themselves, such as ExitStack

    def _hold(self) -> Callable[..., None]:
        state = State()
        hold: Callable[..., None] = hold_of(self, state)
        if cython.compiled:
            self._finder = ident()
            self._found = state
        else:
            self.__dict__.setdefault("_found", {})[ident()] = state  # threads may share a block
        return hold

    def __enter__(self) -> Any:
        state = self.inner()
        self.enter(state)
        return state

    def inner(self) -> State:
        """A state like the one in force, to be changed and entered."""
        state = self._waiting()
        if state is None:
            state = State()
            self._holds().append((ident(), state, hold_of(None, state)))
        state.take_over(_here.state())
        return state

    def _waiting(self) -> State | None:
        """The state that this thread is about to enter; None where ``__enter__`` is called by hand."""
        if not cython.compiled:
            waiting: State | None = self.__dict__.get("_found", {}).pop(ident(), None)
            return waiting
        found = self._found
        self._found = None
        return found if self._finder == ident() else None

    def _holds(self) -> list[Any]:
        """The holds by hand of all threads. Threads may share a block, so each change of this list is one step."""
        if not cython.compiled:
            holds: list[Any] = self.__dict__.setdefault("_by_hand", [])
            return holds
        fresh: list[Any] = []
        if self._by_hand is None:
            self._by_hand = fresh
        return self._by_hand

    def enter(self, state: State) -> None:
        """Put ``state`` in force until the block is over."""
        if state.traces:
            _keep_while_alive(state, _here.tracing)
            if state.decider is not None:
                _keep_while_alive(state, _here.deciding)
        STATE.set(state)

    def _end(self, state: State, *exc: object) -> None:
        self._waiting()
        if state.outer is None:  # it was not entered: the block was, by hand
            holds = self._holds()
            mine = [entry for entry in tuple(holds) if entry[0] == ident()][-1]
            holds.remove(mine)
            state = mine[1]
        state.over = True
        _here.state()


class Within(Block):
    """A block whose state differs as it is told.

    Example:
        >>> with Within(policy="nan"):
        ...     HERE.state().policy
        'nan'
    """

    def __init__(self, **changes: Any) -> None:
        self.changes = changes

    def __enter__(self) -> State:
        state = self.inner()
        for name, value in self.changes.items():
            setattr(state, name, value)
        self.enter(state)
        return state
