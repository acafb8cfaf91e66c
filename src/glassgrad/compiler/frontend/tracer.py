"""Record one run of a function on nodes: its operations, and the outcome of every branch.

While the function runs, a comparison of nodes gives a `Comparison`, which is itself a node. When Python asks for its
truth (in an ``if``, a ``while``, ``and``, ``max``, ``sorted``), the tracer records a *guard*: the value, the outcome
and the line. Code that would take a value out of the graph raises a `TracingError`, so that no value is frozen into
the compiled code.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cached_property
from threading import get_ident
from typing import Any, NamedTuple

from glassgrad.compiler.frontend.comparison import Comparison, compared
from glassgrad.compiler.frontend.flattening import Flattened, Recorder, TooLong, flattened
from glassgrad.compiler.frontend.inline import Budget, traced_value
from glassgrad.compiler.frontend.locations import Place, construct_at, line_at, users_place
from glassgrad.compiler.ir.columns import Columns, blank, lists_of
from glassgrad.compiler.ir.tape import identity
from glassgrad.core import ops, refusals, scalar
from glassgrad.core.integers import watch
from glassgrad.core.op import Op, as_float, is_number
from glassgrad.core.scalar import Scalar, TracingError, parts_of
from glassgrad.core.state import Block
from glassgrad.support.frames import users_line
from glassgrad.support.naming import own_name, said

__all__ = ["Guard", "PathTrace", "TooLong", "Tracer", "refuse_old_arguments", "trace_path"]


class Guard(NamedTuple):
    """A branch that was taken.

    Attributes:
        position: how many operations were recorded before it.
        condition: the reference of the value that decided.
        outcome: whether the condition was true.
        line: the source line of the branch.
        construct: the construct that branched: ``"if"``, ``"while"``, a function such as ``"max"``, or ``"index"`` if
            Python asked an integer for its value, as in ``row[n]`` and ``range(n)``.
    """

    position: int
    condition: int
    outcome: bool
    line: str
    construct: str


class PathTrace:
    """One run of a function, flat.

    A reference is an integer that names a value. With n inputs, 0 … n-1 are the inputs, and n, n+1, … are the
    operations in the order in which they ran. CAPTURED + k is the k-th captured node, and ~k (negative) is the k-th
    constant.

    Attributes:
        inputs: the number of inputs.
        captured: nodes from outside the function that it used. Their values are inputs, read at each call.
        recorded: the operations, and the references of the operands of each.
        constants: the constants.
        guards: the branches taken, in order.
        result: the object that the function returned.
        error: the exception that the function raised instead, if the trace was to keep it.
        nodes: the references of the nodes, until the run is closed.
    """

    def __init__(self, inputs: int) -> None:
        self.inputs = inputs
        self.captured: list[Scalar] = []
        self.recorded: Columns = blank(0, 1, 0, 0)
        self.constants: list[float] = []
        self.guards: list[Guard] = []
        self.result: Any = None
        self.error: Exception | None = None
        self.nodes: Flattened | None = None
        self._captured_refs: dict[int, int] = {}
        self._constant_refs: dict[tuple[object, ...], int] = {}

    @property
    def ops(self) -> list[Op]:
        """The operations."""
        return self._lists[0]

    @property
    def args(self) -> list[tuple[int, ...]]:
        """The references of the operands of each operation."""
        return self._lists[1]

    @cached_property
    def _lists(self) -> tuple[list[Op], list[tuple[int, ...]]]:
        return lists_of(self.recorded)

    def constant(self, x: float) -> int:
        """Return the reference of the constant ``x``."""
        key = identity(x)
        ref = self._constant_refs.get(key)
        if ref is None:
            ref = self._constant_refs[key] = ~len(self.constants)
            self.constants.append(x)
        return ref

    def capture(self, node: Scalar) -> int:
        """Return the reference of a captured node."""
        ref = self._captured_refs.get(id(node))
        if ref is None:
            ref = self._captured_refs[id(node)] = CAPTURED + len(self.captured)
            self.captured.append(node)
        return ref

    def reference(self, x: Any) -> int:
        """Return the reference of a node or number. The run must not be closed."""
        if not isinstance(x, Scalar):
            return self.constant(as_float(x, "a result"))
        assert self.nodes is not None
        ref = self.nodes.find(x)
        if ref is None:
            return self.constant(parts_of(x)[2]) if x.is_constant else self.capture(x)
        return ref

    def has(self, x: Any) -> bool:
        """Whether ``x`` is a node of this run. The run must not be closed."""
        assert self.nodes is not None
        return isinstance(x, Scalar) and self.nodes.find(x) is not None

    def close(self) -> None:
        """Let go of the nodes: the references of the results are known."""
        self.result = self.error = self.nodes = None
        self._captured_refs, self._constant_refs = {}, {}

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_lists"}

    @property
    def size(self) -> int:
        """How much code the trace makes, in operations. A branch counts as one operation."""
        return len(self.recorded.code) + len(self.guards)

    def begun(self, turn: int) -> int:
        """How much of that `size` comes before branch number ``turn``."""
        return turn + (self.guards[turn].position if turn < len(self.guards) else len(self.recorded.code))

    @cached_property
    def outcomes(self) -> bytes:
        """The outcomes of the branches, one byte each."""
        return bytes([guard.outcome for guard in self.guards])

    def shared(self, other: PathTrace) -> int:
        """How many branches had the same outcome in both traces, before the first that had not."""
        a, b = self.outcomes, other.outcomes
        low, high = 0, min(len(a), len(b))
        while low < high:
            middle = (low + high + 1) // 2
            if a[:middle] == b[:middle]:
                low = middle
            else:
                high = middle - 1
        return low


CAPTURED = 1 << 40  # References of captured nodes start here in a trace. `merge` gives them their final numbers.


class Tracer(Block):
    """Follows one run, inside a ``with`` block: it sees new nodes, comparisons, and questions about their truth.

    It follows one thread only. Several threads run in any order, so the next run might record other guards.
    """

    def __init__(self, name: str, late: Callable[[], bool]) -> None:
        self.name = name
        self.late = late
        self.thread = get_ident()
        self.recorder = Recorder(self._without_code, late)
        self.made = self.recorder.made
        self.hook = self.recorder.hear
        self.guards: list[tuple[int, Scalar, bool, Place]] = []
        self.known: dict[int, bool] = {}
        self.integers: set[int] = set()  # ids of nodes that are known to be integers
        self.indices: dict[int, int] = {}  # from the id of a node that was used as an index to its value
        self.narrowed: set[int] = set()  # the guards that say which value an index has, by their place in `guards`
        self.uncompilable: list[tuple[Scalar, str]] = []
        self.refused: TracingError | None = None
        self.inlined: dict[int, Any] = {}  # from the id of a primitive's node to the node or number that replaces it
        self.budget = Budget()

    def __enter__(self) -> None:
        state = self.inner()
        state.trace(decider=self)
        state.heard = (self.hook,)
        state.policy = "nan"
        self.enter(state)

    def _without_code(self, node: Scalar) -> None:
        """Find out how compiled code can compute a new node whose operation has no code."""
        value = traced_value(self, node)
        if value is not None:
            self.inlined[id(node)] = value
        else:
            self.uncompilable.append((node, users_line()))

    def compare(self, op: Op, node: Scalar, other: Any) -> Any:
        """Return the result of comparing ``node`` with ``other``, as a node. The engine calls this."""
        if get_ident() != self.thread:
            raise self.refusal(node, "a comparison")
        x = parts_of(node)[2]
        if isinstance(other, Scalar):
            y: float = parts_of(other)[2]
        elif type(other) is float:
            y = other
        elif isinstance(other, complex) and op in (ops.equal, ops.not_equal):
            y = other.real if other.imag == 0 else math.nan
        elif not is_number(other):
            return NotImplemented
        elif hasattr(other, "dtype"):
            y = float(other)
        else:
            try:
                op, y = _comparable(op, int(other) if isinstance(other, int) else other)
            except (TypeError, ValueError):  # it cannot be converted to a float
                return NotImplemented
        assert op.value is not None
        return compared(op, op.value(x, y), (node, other if isinstance(other, Scalar) else y))

    def truth(self, node: Scalar) -> bool:
        """Return the truth of ``node``, and record a guard. The engine calls this."""
        if get_ident() != self.thread:
            raise self.refusal(node, "bool(x) (if, while, and, max)")
        known = self.known.get(id(node))
        if known is not None:
            return known
        condition = node
        value: float = parts_of(node)[2]
        if not isinstance(node, Comparison):
            if node.is_constant:
                return value != 0
            condition = compared(ops.not_equal, 1.0 if value != 0 else 0.0, (node, 0.0))
        self.budget.branch()
        outcome = value != 0
        self.known[id(node)] = outcome
        self.guards.append((len(self.made), condition, outcome, users_place()))
        return outcome

    def index(self, node: Scalar) -> int:
        """Return the value of ``node``, an integer, and record guards that only this value meets.

        The engine calls this. The guards compare with powers of 2, then halve the interval. So the guards of a run
        depend on its own values only, and all runs that reach this place begin with the same comparison.
        """
        if get_ident() != self.thread:
            raise self.refusal(node, refusals.INDEX)
        value = self.indices.get(id(node))
        if value is None:
            value = self.indices[id(node)] = int(parts_of(node)[2])
            first = len(self.guards)
            self._narrow(node, value)
            self.narrowed.update(range(first, len(self.guards)))
        return value

    def _narrow(self, node: Scalar, value: int) -> None:
        def is_below(bound: int) -> bool:
            return self.truth(compared(ops.less, float(value < bound), (node, float(bound))))

        step = 1
        if is_below(0):
            while is_below(-step):
                step *= 2
            low, high = -step, -(step // 2)
        else:
            while not is_below(step):
                step *= 2
            low, high = step // 2, step
        while high - low > 1:
            middle = (low + high) // 2
            if is_below(middle):
                high = middle
            else:
                low = middle

    def refusal(self, node: Scalar, what: str) -> TracingError:
        """Return the error for the use ``what`` of ``node``, which would take its value out of the graph."""
        if get_ident() == self.thread:
            error = TracingError(refusals.frozen(what, node, self.name))
        else:
            error = TracingError(refusals.elsewhere(what, node, self.name))
        self.refused = self.refused or error
        return error

    # The recorded run

    def flatten(self, leaves: Sequence[Scalar], trace: PathTrace) -> None:
        """Write the recorded run to ``trace``; ``leaves`` are its inputs."""
        turns = [position for position, _, _, _ in self.guards]
        run = flattened(self.recorder, leaves, trace, self.inlined, turns, self._refuse_number)
        trace.nodes, trace.recorded = run, run.columns
        for k, (_, condition, outcome, place) in enumerate(self.guards):
            at, by = line_at(place), construct_at(place) if k not in self.narrowed else "index"
            trace.guards.append(Guard(run.before[k], trace.reference(condition), outcome, at, by))

    def _refuse_number(self, node: Scalar) -> TracingError:
        op = node.operation
        assert op is not None
        line = next((line for other, line in reversed(self.uncompilable) if other is node), "an unknown line")
        return TracingError(
            f"{line}: the value of {op.symbol!r} is a fixed number, which would be frozen into the code compiled from "
            f"{self.name}. Give gg.custom a function as its value"
        )


def _comparable(op: Op, n: Any) -> tuple[Op, float]:
    """Replace a comparison with ``n`` by a comparison with a float that is true for the same floats.

    ``n`` is an integer, a Fraction or a Decimal, and may not be representable as a float.
    """
    try:
        y = float(n)
    except OverflowError:
        y = math.inf if n > 0 else -math.inf
    if y == n or y != y or op in (ops.equal, ops.not_equal):
        return op, y if y == n else math.nan
    below = y if y < n else math.nextafter(y, -math.inf)  # the largest float below n
    if op is ops.less or op is ops.less_equal:
        return ops.less_equal, below
    return ops.greater, below


def trace_path(
    f: Callable[..., Any],
    leaves: Sequence[Scalar],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    late: Callable[[], bool] = lambda: False,
    keeps_error: bool = False,
) -> PathTrace:
    """Run ``f(*args, **kwargs)`` and record the run.

    Args:
        f: the function.
        leaves: the numbers among the arguments, as nodes.
        args, kwargs: the arguments.
        late: tells when the run has taken too long.
        keeps_error: whether an exception of ``f`` ends the trace, which then has it as its ``error``.

    Raises:
        TracingError: a value would leave the graph, at the line that the message names.
        TooLong: ``late()`` returned True during the run.
        Unsure: it matters whether an argument is an integer.
    """
    tracer = Tracer(own_name(f), late)
    found = PathTrace(len(leaves))
    try:
        try:
            found.result = _run(tracer, f, leaves, args, kwargs)
        except TracingError:
            raise
        except Exception as error:
            if not keeps_error:
                raise
            found.error = error
        tracer.flatten(leaves, found)
    finally:
        tracer.recorder.close()  # it refers to the tracer
    return found


def _run(
    tracer: Tracer, f: Callable[..., Any], leaves: Sequence[Scalar], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    try:
        with watch(), tracer:
            scalar.adopt(leaves)
            result = f(*args, **kwargs)
    except Exception as error:
        if tracer.refused is not None and not isinstance(error, TracingError):  # C code may raise another error instead
            raise tracer.refused from error
        if refused := refusals.explained(error, tracer.name):
            raise TracingError(refused) from error
        raise
    if tracer.refused is not None:  # the function caught the error and went on
        raise tracer.refused
    return result


def refuse_old_arguments(found: PathTrace, name: str) -> None:
    """Raise `TracingError` if a captured node depends on an argument that an earlier call was traced with."""
    argument = scalar.variable_below(*found.captured)
    if argument is not None:
        raise TracingError(
            f"{name} uses {said(argument)!r}, an argument that an earlier call was traced with. Its value would be "
            "frozen into the compiled code. Return the values that you want to keep; do not store them outside"
        )
