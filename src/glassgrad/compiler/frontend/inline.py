"""Trace the value functions of primitives, so that compiled code contains them instead of calling them.

A primitive keeps its own derivative. Transforms see its node and its rules, but never the nodes that its value function
makes. Only the tracer of the compiled function sees those, and it computes the primitive's node from them.

The value function was written for floats, but here it runs on nodes. So the trace is used only if it computes the same:
the function ran to its end, no value left the graph, nothing outside the function changed, and the result equals the
one computed from floats. If tracing fails after a branch, the guard of that branch is kept: whether tracing succeeds
may depend on the route taken, and two runs that differ must differ in a guard.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from glassgrad.compiler.frontend.outer_state import Outside
from glassgrad.core import scalar
from glassgrad.core.op import Op, errstate, is_number
from glassgrad.core.scalar import Scalar, parts_of
from glassgrad.core.state import Within

if TYPE_CHECKING:
    from glassgrad.compiler.frontend.tracer import Tracer

__all__ = ["Budget", "TooManyBranches", "traced_value"]

# Primitives may record at most this many guards in one run. Each guard may double the number of paths.
BRANCHES = 4
# Two results are equal up to this relative difference. np.exp of a float and of a node (which is gg.exp) differ by
# rounding errors.
CLOSE = 1e-13
SPECIAL = (0.0, 1.0, -1.0)  # At these arguments different functions often have equal values.
STEPS = (0.11, -0.07)  # These are the steps to nearby points, in units of 1 + |x|.


class TooManyBranches(BaseException):
    """A value function has more branches than are worth compiling.

    It is no `Exception`, so an ``except Exception`` in the value function does not catch it.
    """


class Budget:
    """The number of guards that primitives may still record in this run.

    Attributes:
        depth: how many value functions are being traced, one inside another.
        left: how many more guards may be recorded.
        exceeded: whether a value function needed more.
    """

    def __init__(self) -> None:
        self.depth = 0
        self.left = BRANCHES
        self.exceeded = False

    def branch(self) -> None:
        """Count a branch that is about to be recorded. Raise `TooManyBranches` if none is left."""
        if not self.depth:
            return
        if not self.left:
            self.exceeded = True
            raise TooManyBranches
        self.left -= 1


def traced_value(tracer: Tracer, node: Scalar) -> Any:
    """Trace the value function of the primitive that made ``node``.

    Return the node or float that equals ``node``, or None if the function cannot be traced.
    """
    operation, operands, expected = parts_of(node)
    op: Any = operation
    function = getattr(op, "function", None)
    if function is None or op.opaque:
        return None
    outside = op.outside = op.outside or Outside(function)
    state = None if outside.nothing else outside.state()
    made, guards, refused = len(tracer.made), len(tracer.guards), tracer.refused
    known, inlined = len(tracer.known), len(tracer.inlined)
    args = [x if type(x) is float else parts_of(x)[2] if x.is_constant else x for x in operands]
    value = _attempt(tracer, function, args)
    if value is not None and tracer.refused is refused and not tracer.budget.exceeded:
        branched = len(tracer.guards) > guards
        same = _close(_number(value), expected) and (branched or isinstance(value, Scalar))
        steady = state is None or not any(outside.messages(state))
        if same and steady and (branched or _alike_nearby(tracer, op, function, args)):
            return value
        op.opaque = True  # it computes something else on nodes than on floats, or depends on more than its arguments
    tracer.refused = refused
    tracer.budget.exceeded = False
    if len(tracer.guards) == guards:
        del tracer.made[made:]
        for table, size in ((tracer.known, known), (tracer.inlined, inlined)):
            while len(table) > size:
                table.popitem()
    return None


def _attempt(tracer: Tracer, function: Any, args: list[Any]) -> Any:
    """Run ``function`` on nodes that only ``tracer`` sees. Return None if it fails or its result is not a number."""
    tracer.budget.depth += 1
    try:
        with Within(heard=(tracer.hook,)):
            result = function(*args)
        if getattr(result, "ndim", None) == 0 and hasattr(result, "item"):
            result = result.item()  # an array of no dimensions that holds a node
        if isinstance(result, Scalar):
            return result
        return float(result) if is_number(result) else None
    except (Exception, TooManyBranches):
        return None
    finally:
        tracer.budget.depth -= 1


def _alike_nearby(tracer: Tracer, op: Op, function: Any, args: list[Any]) -> bool:
    """Check that the function computes the same on nodes and on floats near its arguments, too.

    This is done only at arguments such as 0 and 1, where different functions are often equal.
    """
    floats = [_number(x) for x in args]
    if not all(x in SPECIAL or x - x != 0 for x in floats):
        return True
    nearby = [[x + step * (1.0 + abs(x)) for x in floats] for step in STEPS]
    return all(_alike(type(tracer)(tracer.name, tracer.late), op, function, point) for point in nearby)


def _alike(tracer: Tracer, op: Op, function: Any, floats: list[float]) -> bool:
    assert op.value is not None
    try:
        with errstate(domain="nan"):
            expected = op.value(*floats)
    except Exception:  # the function is undefined there
        return True
    with Within(decider=tracer, heard=()):
        found = _attempt(tracer, function, [scalar.variable(x) for x in floats])
    return found is None or _close(_number(found), expected)


def _number(x: Any) -> float:
    return parts_of(x)[2] if isinstance(x, Scalar) else float(x)


def _close(a: float, b: float) -> bool:
    if a == b or (a != a and b != b):
        return True
    return abs(a - b) <= CLOSE * max(abs(a), abs(b)) and a - a == 0 == b - b
