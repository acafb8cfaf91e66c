# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
# cython: binding=False, annotation_typing=False
"""The sweep of `backward`: the chain rule at one node, and the order in which nodes send their gradients.

`backward` walks the graph twice. The first walk, `get_ready`, starts at the result and counts, for each node, the
results that use it. The second walk, `flow`, sends gradients: a node sends each operand its share, by the chain rule,
once every result that uses the node has sent its own. Neither walk needs a sorted list of the nodes, or a stack as deep
as the graph. Where the nodes are already in order, `sweep_list` goes through their list.
"""

from __future__ import annotations

from typing import Any

try:
    import cython
except ImportError:
    from glassgrad.core import cython_shim as cython

from glassgrad.core import ops
from glassgrad.core.flags import CONSTANT, TOUCHED, UPDATED
from glassgrad.core.folding import Folded
from glassgrad.core.op import IN_SILENCE
from glassgrad.core.scalar import BY_SYMBOL, Scalar
from glassgrad.core.state import HERE
from glassgrad.support.naming import said

if not cython.compiled:
    from glassgrad.core.scalar import _computed, _operands, _state, _values, new_mark

__all__: list[str] = []

ADD, SUB, MUL, DIV, NEG = ops.add, ops.sub, ops.mul, ops.div, ops.neg


def get_ready(root: Scalar) -> bool:
    """The first walk of `backward`. Set the gradients below ``root`` to 0, and count for each node the results that
    will send it a gradient. Raise TypeError if an operation has no derivative. Return whether a rule may raise."""
    mark = new_mark()
    cautious = not cython.compiled  # in plain Python, an exception may come at any instruction
    root._mark = mark
    found: list[Scalar] = []
    node = root
    while True:
        node._grad = 0.0
        node._flags = (node._flags | UPDATED) & ~TOUCHED
        if node._operation is not MUL and node._operation is not ADD and not node._operation.trusted:
            require_rule(node)
            cautious = True
        a = node._a
        b = node._b
        if isinstance(a, tuple):
            for x in a:
                if isinstance(x, Scalar) and is_new(x, mark):
                    found.append(x)
        else:
            if isinstance(b, Scalar) and is_new(b, mark):
                found.append(b)
            if isinstance(a, Scalar) and is_new(a, mark):
                node = a
                continue
        if not found:
            return cautious
        node = found.pop()


def is_new(node: Scalar, mark: int) -> bool:
    """Count one more result that uses ``node``; return whether it is the first, so that the walk goes on there."""
    if node._a is None:
        return False
    if node._mark == mark:
        node._waiting += 1
        return False
    node._mark = mark
    node._waiting = 1
    return True


def flow(root: Scalar) -> None:
    """The second walk of `backward`: each node sends its gradient on, once all of it has arrived."""
    due: list[Scalar] = []
    node = root
    while True:
        a = node._a
        b = node._b
        if node._flags & TOUCHED:
            apply_chain_rule(node, a, b, 0)
        else:
            pass_by(node, 0)
        if isinstance(a, tuple):
            for x in a:
                if isinstance(x, Scalar) and is_due(x):
                    due.append(x)
        else:
            if isinstance(b, Scalar) and is_due(b):
                due.append(b)
            if isinstance(a, Scalar) and is_due(a):
                node = a
                continue
        if not due:
            return
        node = due.pop()


def is_due(node: Scalar) -> bool:
    """Count one result fewer that ``node`` waits for; return whether it was the last."""
    if node._a is None:
        return False
    node._waiting -= 1
    return node._waiting == 0


def sweep_list(order: list[Scalar], mark: int) -> None:
    """Send gradients from the last node of ``order`` to the first, to the operands with this ``mark`` (0: to all)."""
    for i in range(len(order) - 1, -1, -1):
        node = order[i]
        if node._flags & TOUCHED:
            apply_chain_rule(node, node._a, node._b, mark)
        else:
            pass_by(node, mark)


def apply_chain_rule(node: Scalar, a: Any, b: Any, mark: int) -> None:
    """The chain rule at one node: add to the gradient of each operand, ``a`` and ``b``, the node's gradient times the
    local derivative."""
    g = node._grad
    if node._operation is ADD:
        _send(a, g, mark)
        _send(b, g, mark)
    elif node._operation is MUL:
        _send(a, g * node._y, mark)
        _send(b, g * node._x, mark)
    elif node._operation is SUB:
        _send(a, g, mark)
        _send(b, -g, mark)
    elif node._operation is DIV and node._y != 0:
        _send(a, g * (1.0 / node._y), mark)
        _send(b, g * (-_computed(node) * (1.0 / node._y)), mark)
    elif node._operation is NEG:
        _send(a, -g, mark)
    elif node._operation.pullback is not None:
        node._operation.pullback()
    elif HERE.live and _state().policy == "warn":
        _step_in_silence(node, g, mark)
    else:
        _step_by_table(node, node._operation, g, mark)


def _step_in_silence(node: Scalar, g: float, mark: int) -> None:
    """Like `_step_by_table`, but without warnings: the user did not write the operations in a rule."""
    with IN_SILENCE:
        _step_by_table(node, node._operation, g, mark)


def _step_by_table(node: Scalar, op: Any, g: float, mark: int) -> None:
    """The chain rule with the partials of the operation's entry. A partial that raises is computed again by
    `Op.partial`, which handles the edge of a domain."""
    y = _computed(node)
    if isinstance(node._a, Scalar) and node._b is None:  # the usual case: no tuple is made
        operand = node._a
        if _wants(operand, mark):
            try:
                _pass_on(op, operand, g, op.partials[0](y, node._x), mark)
                return
            except Exception:
                pass
    xs = _values(node)
    operands = _operands(node)
    for i in range(len(xs)):
        if isinstance(operands[i], Scalar):
            operand = operands[i]
            if _wants(operand, mark):
                try:
                    _pass_on(op, operand, g, op.partials[i](y, *xs), mark)
                except Exception:
                    _pass_on(op, operand, g, op.partial(i, y, xs), mark)


def _wants(node: Scalar, mark: int) -> bool:
    return not node._flags & CONSTANT and (mark == 0 or node._mark == mark)


def _pass_on(op: Any, operand: Scalar, g: float, partial: Any, mark: int) -> None:
    if partial == 0 and op.selects:
        operand._flags |= UPDATED
    else:
        _receive(operand, g * float(partial), mark)  # a user's rule may return a NumPy number


def _send(operand: Any, g: float, mark: int) -> None:
    if isinstance(operand, Scalar):
        _receive(operand, g, mark)


def _receive(node: Scalar, g: float, mark: int) -> None:
    if _wants(node, mark):
        node._grad += g
        node._flags |= UPDATED | TOUCHED


def pass_by(node: Scalar, mark: int) -> None:
    """No gradient reached ``node``, so its operands get none from it; their gradient counts as updated all the same."""
    for x in _operands(node):
        if isinstance(x, Scalar):
            operand = x
            if not operand._flags & CONSTANT and (mark == 0 or operand._mark == mark):
                operand._flags |= UPDATED


def require_rule(node: Scalar) -> None:
    """Raise TypeError if no derivative is known for the operation of ``node``."""
    op = node._operation
    if op.pullback is not None or op.partials is not None or isinstance(op, Folded):
        return
    known = [str(arity) for symbol, arity in BY_SYMBOL if symbol == op.symbol]
    if known:
        cure = f"it takes {' or '.join(known)} operand(s), but this node has {len(_operands(node))}"
    elif op.home is not None:
        cure = "give the primitive partials=..., or add them with its partial_by"
    else:
        cure = "make it with @gg.primitive or gg.custom, or set the node's _backward"
    raise TypeError(f"no derivative is known for operation {op.symbol!r} (node {said(node)!r}): {cure}")
