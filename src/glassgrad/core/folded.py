# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
# cython: binding=False, annotation_typing=False
"""Calls of `glassgrad.checkpoint`, folded and opened again.

A call is *folded*: the nodes made in it are dropped, except for those that somebody still refers to, its *results*. A
result keeps its value. In place of its operands it has those nodes from outside that the call used, and its operation
is `Folded`. A sweep that reaches a result *opens* the call: the function runs again, and each result gets the operation
and the operands of its twin. So the graph is, node for node, the one of an ordinary call.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from sys import getrefcount
from typing import Any
from weakref import ref

try:
    import cython
except ImportError:
    from glassgrad.core import cython_shim as cython

from glassgrad.core.flags import TOUCHED, UPDATED
from glassgrad.core.folding import Folded, Listening
from glassgrad.core.scalar import Scalar
from glassgrad.core.state import HERE
from glassgrad.support.naming import full_name

if not cython.compiled:
    from glassgrad.core.scalar import _computed, _operands, _value, is_same
    from glassgrad.core.sweep import apply_chain_rule, is_due, is_new, pass_by, require_rule, sweep_list

__all__ = ["Call", "fold", "unfold"]


class Call:
    """A folded call.

    Attributes:
        count: the number of nodes made in it.
        places, results: the results, each as its place among these nodes, and a weak reference.
        externals, values: the nodes from outside, and their values.
    """

    def __init__(self, f: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
        self.f, self.args, self.kwargs = f, tuple(args), dict(kwargs)
        self.note = HERE.state().note
        self.count = 0
        self.places: list[int] = []
        self.results: list[ref[Any]] = []
        self.externals: tuple[Any, ...] = ()
        self.values: tuple[float, ...] = ()

    def again(self) -> list[Any]:
        """Run the function again. Return the nodes it makes."""
        made: list[Any] = []
        with Listening(made, self.note, "nan"):
            kept = self.f(*self.args, **self.kwargs)
        del kept
        return made

    def unfold(self) -> None:
        """Give the results, for good, the operations and operands of an ordinary call."""
        _unfold_call(self)

    def changed(self) -> RuntimeError:
        """Return the error for a function that does not do the same when it runs again."""
        return RuntimeError(
            f"gg.checkpoint: {full_name(self.f)} computed something else when it ran again for the derivative. Its "
            "result must depend only on its arguments and on nodes, and its arguments must not be changed: draw random "
            "numbers outside, and pass them"
        )


def fold(made: list[Scalar], call: Call) -> list[Scalar]:
    """Fold ``call``, in which the nodes ``made`` were made. Return the nodes that remain, in order: the results, or all
    if nothing is gained by folding."""
    places = _kept(made)
    outside = _used_from_outside(made, places)
    if not outside or len(places) == len(made) or _has_leaf(made, places):
        return list(made)
    _close(call, made, places, outside)
    made.clear()
    results = [result() for result in call.results]
    return [node for node in results if node is not None]  # those to which only inner nodes referred are gone


def _kept(made: list[Scalar]) -> list[int]:
    """The places of the nodes to which something else than the operands of these nodes refers."""
    uses = _uses_as_operands(made)
    made.append(Scalar.__new__(Scalar))  # nothing else refers to this one
    *counts, least = [getrefcount(x) for x in made]
    made.pop()
    return [i for i in range(len(made)) if counts[i] - uses.get(id(made[i]), 0) > least]


def _uses_as_operands(made: list[Scalar]) -> dict[int, int]:
    """How many references from nodes to their operands there are, by the operand's id."""
    uses: dict[int, int] = {}
    seen: set[int] = set()  # the results of a folded call share one tuple of operands
    for node in made:
        if node._a is None or id(node._a) in seen:
            continue
        if isinstance(node._a, tuple):
            seen.add(id(node._a))
        for operand in _operands(node):
            uses[id(operand)] = uses.get(id(operand), 0) + 1
    return uses


def _used_from_outside(made: list[Scalar], places: list[int]) -> tuple[Scalar, ...]:
    """The nodes outside the call that the results at these ``places`` depend on."""
    inside = {id(node) for node in made}
    needed = {id(made[place]) for place in places}
    outside: dict[int, Scalar] = {}
    for node in reversed(made):
        if id(node) in needed and node._a is not None:
            for x in _operands(node):
                if id(x) in inside:
                    needed.add(id(x))
                elif isinstance(x, Scalar):
                    outside[id(x)] = x
    return tuple(outside.values())


def _has_leaf(made: list[Scalar], places: list[int]) -> bool:
    """Whether a result is a leaf. It may be a parameter that the function keeps for the next call."""
    for place in places:
        node = made[place]
        if node._a is None:
            return True
    return False


def _close(call: Call, made: list[Scalar], places: list[int], outside: tuple[Scalar, ...]) -> None:
    """Make the nodes at these ``places`` the results of the folded call."""
    call.count = len(made)
    call.places = places
    call.results = [ref(made[place]) for place in places]
    call.externals = outside
    call.values = tuple([_value(x) for x in outside])
    for place in places:
        node = made[place]
        node._operation, node._a, node._b = Folded(call), call.externals, call.values
        node._x = node._y = 0.0


def _run_again(call: Call) -> tuple[list[Scalar], list[tuple[Scalar, Scalar]]]:
    """Run a folded call again. Return the nodes it makes, and each result that is still referred to with its twin."""
    moved = [(x, x._data) for x, value in zip(call.externals, call.values) if not is_same(x._data, value)]
    try:
        for x, value in zip(call.externals, call.values):
            x._data = value
        made = call.again()
    finally:
        for x, data in moved:
            x._data = data
    results = [(place, result()) for place, result in zip(call.places, call.results)]
    pairs = [(node, made[place]) for place, node in results if node is not None and place < len(made)]
    same = len(made) == call.count
    for x, twin in pairs:
        same = same and is_same(_computed(x), twin._data)
    if not same:
        raise call.changed()
    return made, pairs


def _unfold_call(call: Call) -> list[Scalar]:
    """Give the results of a folded call, for good, the operations and operands of an ordinary call. Return the nodes
    that an ordinary call would have made."""
    made, pairs = _run_again(call)
    made = unfold(made)
    own = {id(twin): x for x, twin in pairs}
    for x, twin in pairs:
        x._operation, x._a, x._b, x._x, x._y = twin._operation, twin._a, twin._b, twin._x, twin._y
    nodes = [own.get(id(x), x) for x in made]
    for x in nodes:
        x._a = _with_twins(x._a, own)
        if not isinstance(x._a, tuple):
            x._b = _with_twins(x._b, own)
    return nodes


def unfold(nodes: list[Scalar]) -> list[Scalar]:
    """Unfold the calls among ``nodes``, which are in the order in which they were made. Return the nodes that ordinary
    calls would have made, in order."""
    found: list[Scalar] = []
    done: set[int] = set()
    for node in nodes:
        if isinstance(node._operation, Folded):
            inner = _unfold_call(node._operation.call)
            done.update([id(x) for x in inner])
            found += inner
        elif id(node) not in done:
            found.append(node)
    return found


def flow_through_calls(root: Scalar) -> None:
    """Do as `flow` for a graph with folded calls, which are run again when the walk reaches them."""
    twins: dict[int, Scalar] = {}  # by the id of a result whose call has run again: the node that takes its place
    entered: dict[int, Scalar] = {}  # by the id of a twin: the result
    due = [root]
    root._waiting = 0
    while due:
        node = _with_twins(due.pop(), twins)
        while isinstance(node._operation, Folded) and not node._waiting:  # a call may return a folded call's result
            _enter(node, twins, entered, due)
            node = twins[id(node)]
        if node._waiting:  # other results of the call were computed from this one
            continue
        a = node._a
        b = node._b
        if twins:
            node._a = _with_twins(a, twins)
            node._b = _with_twins(b, twins)
        try:
            if node._flags & TOUCHED:
                apply_chain_rule(node, node._a, node._b, 0)
            else:
                pass_by(node, 0)
            operands = _operands(node)
        finally:
            node._a = a
            node._b = b
        while id(node) in entered:  # no other node will send a gradient here
            node = entered.pop(id(node))
            del twins[id(node)]
        for operand in operands if isinstance(a, tuple) else reversed(operands):
            if isinstance(operand, Scalar) and is_due(operand):
                due.append(operand)


def _with_twins(operand: Any, twins: dict[int, Scalar]) -> Any:
    """An operand, or a tuple of operands, with twins in the place of results."""
    if isinstance(operand, tuple):
        return tuple([_with_twins(x, twins) for x in operand])
    while id(operand) in twins:  # a twin may be a result itself
        operand = twins[id(operand)]
    return operand


def _enter(node: Scalar, twins: dict[int, Scalar], entered: dict[int, Scalar], due: list[Scalar]) -> None:
    """Run the folded call of ``node`` again. Count for each node inside the results that will send it a gradient."""
    call = node._operation.call
    mark = node._mark
    found = []
    for x, twin in _run_again(call)[1]:
        if x._mark == mark:  # the root depends on it
            twin._grad = x._grad
            twin._flags |= x._flags & (UPDATED | TOUCHED)
            twin._waiting = x._waiting
            twin._mark = mark
            twins[id(x)] = twin
            entered[id(twin)] = x
            found.append(twin)
    outside = list(_with_twins(call.externals, twins))
    outside = [x for x in outside if x._a is not None]
    for x in outside:
        x._waiting -= len(found)
    while found:
        twin = found.pop()
        require_rule(twin)
        for operand in _with_twins(_operands(twin), twins):
            if isinstance(operand, Scalar) and is_new(operand, mark):
                x = operand
                x._grad = 0.0
                x._flags = (x._flags | UPDATED) & ~TOUCHED
                found.append(x)
    # Nodes inside use some results that are due: those will be due again.
    due[:] = [operand for operand in due if _is_still_due(operand, twins)]
    due += [x for x in outside if not x._waiting]  # only other results of the call depend on these


def _is_still_due(node: Scalar, twins: dict[int, Scalar]) -> bool:
    x = _with_twins(node, twins)
    return bool(x._waiting == 0)


def sweep_through_calls(order: list[Scalar], mark: int) -> None:
    """Do as `sweep_list` for nodes with results of folded calls, which are run again when the sweep reaches them."""
    swept = {id(node) for node in order}
    plain: list[Scalar] = []  # nodes before the next call, the last first
    for node in reversed(order):
        if not isinstance(node._operation, Folded):
            plain.append(node)
        elif id(node) in swept:
            plain.reverse()
            sweep_list(plain, mark)
            plain = []
            inner, pairs = _run_again(node._operation.call)
            for x in inner:
                x._mark = mark
            for x, twin in pairs:
                if id(x) in swept:  # the roots depend on it
                    twin._grad = x._grad
                    twin._flags |= x._flags & (UPDATED | TOUCHED)
                    swept.remove(id(x))
            sweep_through_calls([x for x in inner if x._a is not None], mark)
    plain.reverse()
    sweep_list(plain, mark)
