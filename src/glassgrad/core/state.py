# cython: binding=False, annotation_typing=False
"""The state inside a ``with`` block: the listeners for new nodes, the open group, the transform at work.

All of it is one `State`, the value of a ContextVar, so each thread and each asyncio task has its own. A `Block` is a
context manager that makes a new state current. The new state starts as a copy of the one around it.

**No code has to run to leave a block.** An exception may come at any instruction (Ctrl-C, or a timeout that a signal
handler raises), even where Python then never calls ``__exit__``. But a ``with`` statement looks up ``__exit__`` before
it calls ``__enter__``, and keeps the result until the block ends, for whatever reason. Here the result is a *hold*, a
new one for each statement. A state stays current for as long as its hold lives.

**When a transform ends, so do the blocks that its function opened.** A block may outlive the function that opened it:
in a generator that is kept, or if it was entered by hand. Its state is a copy of the transform's state, which must not
stay current.

**While no block is open, this costs nothing.** ``HERE.live`` is then false, so nobody looks for the state.
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

TAG_BITS = 8  # A node has this many bits of flags. The bits above them hold the tag of the trace that it was made in.
NUMBERS = 1 << 22  # This many traces have different tags; then the tags repeat.


@cython.cclass
class State:
    """The settings that are current inside a block. Only the block that owns a state changes it.

    Attributes:
        outer: the state around this one; None for the outermost state, and until the block is entered.
        within: the state of the innermost block around this one that traces a function, or None.
        over: whether the block has ended.
        hold: in plain Python, a weak reference to the hold of this state.
        depth: the number of states around this one.
        note: stored in new nodes: the open group, or None.
        heard: functions that are called with each new node.
        watches: whether the results of compiled functions and transforms are checked for nan and infinity.
        lines: whether new nodes note where they were made.
        deriving: if ``lines``, the derivative that a sweep makes nodes for, as (node, place of the operand, root); else
            None.
        watcher: a function that replaces the sweep of ``backward()``, or None.
        policy: the reaction to an operation outside its domain: "raise", "warn" or "nan".
        warns: whether to warn when a node becomes a float without being asked to.
        decider: while a function is compiled, an object that answers comparisons of nodes and refuses to give their
            values; otherwise None.
        tracing: the `Tracing` at work, or None.
        tag: the tag of that tracing, or 0.
        traces: whether the block itself traces a function.
        folds: whether `glassgrad.checkpoint` may drop the inner nodes of a call.
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
        self.lines = False
        self.deriving: Any = None
        self.watcher: Any = None
        self.policy = "raise"
        self.warns = True
        self.decider: Any = None
        self.tracing: Any = None
        self.tag = 0
        self.traces = False
        self.folds = True

    def take_over(self, outer: State) -> None:
        """Copy the settings of the state around this one."""
        self.outer = outer
        self.within = outer if outer.traces else outer.within
        self.depth = outer.depth + 1
        self.note = outer.note
        self.heard = outer.heard
        self.watches = outer.watches
        self.lines = outer.lines
        self.deriving = outer.deriving
        self.watcher = outer.watcher
        self.policy = outer.policy
        self.warns = outer.warns
        self.decider = outer.decider
        self.tracing = outer.tracing
        self.tag = outer.tag
        self.folds = outer.folds

    def trace(self, decider: Any = None) -> None:
        """Start a transform: values that depend on its variables must not leave the graph."""
        self.traces = True
        self.folds = False
        self.deriving = None
        self.warns = False  # nodes that depend on the variables raise an error; the values of other nodes are wanted
        if decider is not None:
            self.decider = decider
        if self.tracing is None or decider is not None:
            self.tracing = Tracing()
            self.tag = self.tracing.tag


@cython.cclass
class Tracing:
    """A transform at work, together with all transforms inside it. New nodes carry its tag, so that other threads,
    which do not share this thread's context, recognise them."""

    def __init__(self) -> None:
        self.tag = _new_tag(next(_numbers))
        self.thread = ident()
        self.refused: Any = None

    def is_elsewhere(self) -> bool:
        return ident() != self.thread

    def refuse(self, error: Exception) -> None:
        """Keep ``error`` if another thread raises it: it may get lost there, so the transform's own thread raises it
        too."""
        if self.refused is None and self.is_elsewhere():
            self.refused = error


def _new_tag(number: int) -> int:
    return (number % NUMBERS + 1) << TAG_BITS


_numbers = itertools.count()
STATE: ContextVar[State] = ContextVar("glassgrad state", default=State())  # noqa: B039 (the outermost state never changes)


@cython.cclass
class Here:
    """A quick overview of the blocks that are open in all threads.

    Attributes:
        live: true while a block is open in any thread. If it is false, only the outermost state is current, everywhere.
            In the compiled build it is the number of holds; in plain Python, a set of weak references to them.
        tracing: weak references to the states, in any thread, of blocks that trace a function. Some of these blocks may
            have ended.
        deciding: weak references to those of them that have a decider.
    """

    def __init__(self) -> None:
        self.live: Any = 0 if cython.compiled else set()
        self.tracing: set[Any] = set()
        self.deciding: set[Any] = set()

    def state(self) -> State:
        """The current state of this thread and task."""
        found = read(STATE)
        if is_over(found):
            while is_over(found):
                found = found.outer
            STATE.set(found)  # so that the states of ended blocks are freed
        return found

    def home(self, tag: int) -> State | None:
        """The innermost state of the tracing with this tag, in whatever thread it runs; None if it has ended."""
        innermost = None
        for reference in tuple(self.tracing):
            state = reference()
            if state is None or state.tag != tag or is_over(state):
                continue
            if innermost is None or state.depth > innermost.depth:
                innermost = state
        return innermost


_here = Here()  # This name has a C type; HERE is for other modules.
HERE = _here


@cython.no_gc_clear  # otherwise __dealloc__ might find the state already cleared
@cython.cclass
class Hold:
    """The object that a ``with`` statement keeps while its block is open, and calls at the end. Its state ends when it
    dies.

    In plain Python, a `partial` takes its place: if it were a Python method, the frame of its call would keep the hold
    alive, and a traceback would keep the frame alive."""

    def __init__(self, block: Any, state: State) -> None:
        self.block = block
        self.state = state
        _here.live += 1

    def __call__(self, *exc: object) -> None:
        self.block._end(self.state)

    def __dealloc__(self) -> None:
        self.state.over = True
        _here.live -= 1


if not cython.compiled:  # state.pxd has these in C

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
    """Add a weak reference to ``x`` that removes itself when ``x`` dies. This is a single step, because ``x`` must not
    die before the reference is added."""
    if cython.compiled:
        references.add(ref(x, references.discard))
    else:
        references.update(map(ref, (x,), (references.discard,)))


def _leave_by_hand(block: Block, *exc: object) -> None:
    block._end(State())


@cython.cclass
class _Exit:
    """The attribute ``__exit__`` of a block: a new hold on an instance, a function on the class."""

    def __get__(self, block: Any, kind: Any) -> Callable[..., None]:
        return _leave_by_hand if block is None else block._hold()


@cython.cclass
class Block:
    """A context manager that makes a state of its own current, and returns it. A subclass defines ``__enter__``, which
    gets a state from `inner`, changes it, and passes it to `enter`. It does not define ``__exit__``.

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
        _found: Any  # the states whose __exit__ was looked up and which wait to be entered, one for each thread
        _finder: int  # the thread that looked up __exit__
        _by_hand: list[Any] | None  # the holds of callers that call __enter__ themselves, such as ExitStack

    def _hold(self) -> Callable[..., None]:
        state = State()
        hold: Callable[..., None] = hold_of(self, state)
        if cython.compiled:
            self._finder = ident()
            self._found = state
        else:
            self.__dict__.setdefault("_found", {})[ident()] = state  # several threads may share a block
        return hold

    def __enter__(self) -> Any:
        state = self.inner()
        self.enter(state)
        return state

    def inner(self) -> State:
        """Return a copy of the current state, to be changed and then passed to `enter`."""
        state = self._waiting()
        if state is None:
            state = State()
            self._holds().append((ident(), state, hold_of(None, state)))
        state.take_over(_here.state())
        return state

    def _waiting(self) -> State | None:
        """The state that this thread is about to enter; None if ``__enter__`` was called by hand."""
        if not cython.compiled:
            waiting: State | None = self.__dict__.get("_found", {}).pop(ident(), None)
            return waiting
        found = self._found
        self._found = None
        return found if self._finder == ident() else None

    def _holds(self) -> list[Any]:
        """The holds of ``__enter__`` calls made by hand, in all threads. Threads may share a block, so each change of
        this list is a single step."""
        if not cython.compiled:
            holds: list[Any] = self.__dict__.setdefault("_by_hand", [])
            return holds
        fresh: list[Any] = []
        if self._by_hand is None:
            self._by_hand = fresh
        return self._by_hand

    def enter(self, state: State) -> None:
        """Make ``state`` current until the block ends."""
        if state.traces:
            _keep_while_alive(state, _here.tracing)
            if state.decider is not None:
                _keep_while_alive(state, _here.deciding)
        STATE.set(state)

    def _end(self, state: State, *exc: object) -> None:
        self._waiting()
        if state.outer is None:  # this state was never entered: the block was entered by hand, with another
            holds = self._holds()
            mine = [entry for entry in tuple(holds) if entry[0] == ident()][-1]
            holds.remove(mine)
            state = mine[1]
        state.over = True
        _here.state()


class Within(Block):
    """A block that changes the given attributes of the state.

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
