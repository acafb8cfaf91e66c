# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False, binding=False
# cython: embedsignature=True, embedsignature.format=clinic
"""The eager node, and backward().

A `Scalar` is a number that remembers how it was made: an operation and its operands. There is no other bookkeeping,
no tape and no closures.

A node keeps the values that its operands had when it was computed. If ``data`` is set later
(``w.data -= 0.1 * w.grad``), only the next forward pass uses the new value; `backward` differentiates the last one.

`backward` walks the graph twice. The first walk starts at the result and counts, for each node, the results that use
it. The second walk sends gradients: a node sends each operand its share, by the chain rule, once every result that
uses the node has sent its own. Neither walk needs a sorted list of the nodes, or a stack as deep as the graph.

This file is plain Python, which you can read and step through with a debugger. Cython compiles the very same file,
with the C types in ``scalar.pxd``. Three choices make it fast in C. A node has two slots for operands rather than a
tuple. A number used as an operand stays a float until somebody asks for ``prev``. And each node stores the mark of the
last walk that visited it, so a walk needs no set of visited nodes.
"""

from __future__ import annotations

import math
import operator
from sys import getrefcount
from weakref import ref

try:
    import cython
except ImportError:  # plain Python runs without Cython
    from glassgrad.core import cython_shim as cython

from glassgrad.core import functions, ops, refusals
from glassgrad.core.folding import Folded
from glassgrad.core.node_info import UNNAMED, Note
from glassgrad.core.op import IN_SILENCE, TABLE, Op, admitted, as_float, describe, is_number
from glassgrad.core.state import HERE, STATE, TAG_BITS
from glassgrad.support.frames import users_line
from glassgrad.support.legible import legible
from glassgrad.support.naming import quoted, said
from glassgrad.support.protocols import has_units, is_foreign
from glassgrad.support.signatures import SignatureOf

if not cython.compiled:
    from glassgrad.core.state import is_over, read

__all__ = ["Scalar", "TracingError", "count_operations"]

# A node's flags. The bits above FLAGS are the tag of the trace that the node was made in, 0 for none.
UPDATED = 1  # The gradient was set since the node was made, or since zero_grad.
TOUCHED = 2  # A gradient has arrived in the current sweep.
CONSTANT = 4  # The node stands for a plain number that was an operand.
VARIABLE = 8  # A transform differentiates with respect to this node.
FOUND = 16  # The current walk has found this node.
BY_HAND = 32  # The user set the data of this result; the node's note keeps the value that the operation gave.
INTEGER = 64  # The node stands for an argument that is an integer, so Python may use it as an index or a count.
UNSURE = 128  # The node stands for an argument that may be an integer or a float. Compiled code serves both.
FLAGS = (1 << TAG_BITS) - 1  # The mask of all the flags.

ADD, SUB, MUL, DIV, NEG, POW = ops.add, ops.sub, ops.mul, ops.div, ops.neg, ops.pow
_by_symbol = {(op.symbol, op.arity): op for op in reversed(TABLE.values())} | {
    (op.name, op.arity): op for op in TABLE.values()
}

FLOAT = "float(x)"  # Messages name this conversion so.
_notice = None  # The function conversions.notice, imported when it is first needed.
MADE = 1  # The mark of a node that no walk has visited. The mark 0 means that the node is not initialised yet.
_mark = 0  # The mark of the last walk; always even.
TRACING = HERE.tracing  # This set is empty while no function is being traced.
DECIDING = HERE.deciding  # This set is empty while no function is being compiled.


class TracingError(TypeError):
    """A value left the graph while a function was traced, so its derivative would silently be zero.

    The message names the line and the value, and says how to write the line so that it keeps the derivative.

    Example:
        >>> import glassgrad as gg
        >>> gg.grad(lambda x: math.sin(x))(0.0)
        Traceback (most recent call last):
        ...
        glassgrad.TracingError: ...use glassgrad's functions (gg.sin, not math.sin)...
        >>> gg.grad(lambda x: gg.sin(x))(0.0)
        1.0
    """

    __module__ = "glassgrad"


@cython.no_gc  # nodes refer only to older nodes, so there are no cycles for a collector to find
@cython.cclass
class Scalar:
    """A number that remembers how it was computed, so that `backward` can find its derivatives.

    Args:
        data: the value, a real number.
        children: the operands that the value was computed from, nodes or numbers, in order.
        op: the symbol or name of the operation that computed it, '' for a leaf.
        label: the node's name in drawings and errors. It can also be set later.

    Attributes:
        data: float, the value; may be set. Results already computed from it keep their values, and are out of date
            until `forward` or a new graph computes them again.
        grad: float, the derivative of the last root with respect to this node; may be set.
        grad_updated: bool, whether a gradient was set since the node was made, or since `zero_grad`.
        op: str, the operation's symbol, '' for a leaf.
        prev: tuple of the operands, in order; a plain number among them shows as a constant node.

    Raises:
        TypeError: ``data`` is not a real number, or ``label`` is not a string.

    Example:
        >>> from glassgrad import Scalar
        >>> a, b = Scalar(2.0, label="a"), Scalar(-3.0, label="b")
        >>> o = (a * b).tanh()
        >>> o.backward()
        >>> a, b
        (a|2.000|-0.000, b|-3.000|0.000)
    """

    __slots__ = (
        "__weakref__",
        "_a",
        "_b",
        "_data",
        "_flags",
        "_grad",
        "_mark",
        "_note",
        "_operation",
        "_waiting",
        "_x",
        "_y",
    )

    __signature__ = SignatureOf(lambda node: "data, children=(), op='', label='unk'" if node is None else None)

    def __init__(self, data, children=(), op="", label=UNNAMED):
        if _is_made(self):
            raise TypeError(
                f"node {self.label!r} already exists, and its operands cannot change, so that no graph contains a "
                "cycle: set its data, or make a new node"
            )
        self._data = data if type(data) is float else as_float(data, "Scalar")
        self._grad = 0.0
        self._mark = MADE
        self._waiting = self._flags = 0
        self._operation = self._a = self._b = None
        self._x = self._y = 0.0
        self._note = _state().note if HERE.live else None
        operands = () if type(children) is tuple and not children else _operands_from(children)
        if operands and DECIDING:
            refuse_to_leave(operands[0], "Scalar(data, children, op)")
        if not isinstance(op, str):
            raise TypeError(f"op must be the symbol of an operation, such as '+', got {describe(op)}")
        if operands:
            self._operation = _by_symbol.get((op, len(operands))) or Op._opaque(op, op)
            connect(self, operands, tuple([_value(x) for x in operands]))
        elif op:
            raise ValueError(f"Scalar(op={op!r}) needs operands too: write Scalar(data, (a, b), {op!r})")
        if label is not UNNAMED:
            self.label = label
        if HERE.live:
            _announce(self, _state())

    # The parts of a node

    @property
    def data(self):
        """The value, a float."""
        if DECIDING:
            refuse_to_leave(self, "x.data")
        return self._data

    @data.setter
    def data(self, value):
        if DECIDING:
            refuse_to_leave(self, "setting x.data")
        number = value if type(value) is float else as_float(value, "Scalar.data")
        if self._a is not None:
            _set_by_hand(self, number)
        self._data = number

    @property
    def grad(self):
        """The derivative, with respect to this node, of the root on which `backward` was last called; a float."""
        if DECIDING:
            refuse_to_leave(self, "x.grad")
        return self._grad

    @grad.setter
    def grad(self, value):
        if DECIDING:
            refuse_to_leave(self, "setting x.grad")
        self._grad = value if type(value) is float else as_float(value, "Scalar.grad")
        self._flags |= UPDATED | TOUCHED

    @property
    def grad_updated(self):
        """Whether a gradient was set since the node was made, or since `zero_grad`."""
        return (self._flags & UPDATED) != 0

    @property
    def label(self):
        """The node's name, a string; 'unk' until it is set."""
        if self._flags & CONSTANT and self._note is None:
            return f"{self._data:g}"
        label = Note.of(self._note).label
        return UNNAMED if label is None else label

    @label.setter
    def label(self, text):
        if not isinstance(text, str):
            raise TypeError(f"a label must be a string, got {describe(text)}: write str(...) around it")
        note = Note.of(self._note)
        self._note = text if note.is_bare() else note._replace(label=text)

    @property
    def named(self):
        """Whether the node was given a label."""
        return Note.of(self._note).label is not None

    @property
    def group(self):
        """The innermost ``gg.group`` in which the node was made, or None."""
        return Note.of(self._note).group

    @property
    def source(self):
        """Where the node was made, such as ``"file.py:12"``; None outside ``gg.detect_anomaly()``."""
        return Note.of(self._note).source

    @property
    def op(self):
        """The symbol of the operation that made the node, '' for a leaf."""
        _unfold(self)
        return "" if self._operation is None else self._operation.symbol

    @property
    def operation(self):
        """The operation that made the node, an entry of the table; None for a leaf."""
        _unfold(self)
        return self._operation

    @property
    def is_constant(self):
        """Whether the node stands for a plain number that was an operand, such as the 2 in ``x * 2``."""
        return (self._flags & CONSTANT) != 0

    @property
    def prev(self):
        """The operands, in order. They are fixed when the node is made."""
        if self._a is None:
            return ()
        _unfold(self)
        if isinstance(self._a, tuple):
            self._a = tuple([_as_node(x) for x in self._a])
            return self._a
        self._a = _as_node(self._a)
        if self._b is None:
            return (self._a,)
        self._b = _as_node(self._b)
        return (self._a, self._b)

    @prev.setter
    def prev(self, operands):
        raise AttributeError(
            "prev cannot be set: a node's operands never change, so that no graph contains a cycle. Make a new node: "
            "gg.Scalar(data, children, op)"
        )

    @property
    def _op(self):
        """The same as ``op``, under the name in micrograd's ``Value``, so that code written for it runs on nodes."""
        return self.op

    @property
    def _prev(self):
        """The same as ``prev``, under the name in micrograd's ``Value``; a tuple, not a set, so ``x + x`` has two."""
        return self.prev

    def __repr__(self):
        if DECIDING and _is_decided(self):
            return refusals.text_while_traced(self)
        return legible(f"{self.label}|{self._data:0.3f}|{self._grad:0.3f}")

    def __format__(self, spec):
        if DECIDING and _is_decided(self):
            return refusals.text_while_traced(self)
        return format(self._data, spec) if spec else repr(self)

    # Derivatives

    def backward(self):
        """Compute the derivative of this node with respect to every node it depends on, and store it in their ``grad``.

        Leaves add each call's gradient to the one they have, as in PyTorch; inner nodes start from 0 each time. This
        node's own gradient is 1. Derivatives are taken at the values of the forward pass, even if ``data`` was set
        since. Only a ``_backward`` that was set by hand computes with whatever numbers it reads.

        Raises:
            TypeError: an operation on the way has no derivative. No leaf's gradient has changed in that case.

        Example:
            >>> x = Scalar(3.0, label="x")
            >>> (x * x + x).backward()
            >>> x.grad
            7.0
        """
        if HERE.live:
            refuse_while_traced(self, "backward()")
        if self._a is None:
            self.grad = self._grad + 1.0
            return
        cautious = _get_ready(self)
        self._grad = 1.0
        self._flags |= TOUCHED
        if cautious or (HERE.live and _state().watcher is not None):
            _flow_or_undo(self)
        else:
            _flow(self)

    @property
    def _backward(self):
        """One step of the chain rule: a function that adds to each operand's ``grad`` its share. May be set by hand.

        In the compiled build, the garbage collector does not track nodes. A function that refers to its own node
        therefore keeps that node alive.
        """
        _unfold(self)
        op = self._operation
        return self._step_back if op is None or op.pullback is None else op.pullback

    @_backward.setter
    def _backward(self, pullback):
        _unfold(self)
        if not callable(pullback):
            raise TypeError(f"_backward must be a function without arguments, got {describe(pullback)}")
        if self._operation is None:
            raise AttributeError("a leaf has no operands to send a gradient to: set _backward on a result instead")
        self._operation = self._operation.with_pullback(pullback)

    def _step_back(self):
        if HERE.live:
            refuse_while_traced(self, "_backward()")
        if self._operation is not None:
            _require_rule(self)
            _step(self, self._a, self._b, 0)

    def local_partials(self):
        """Return the derivative of this node with respect to each operand, a tuple of floats in the operands' order.

        The derivatives are taken at the values that the operands had when the node was computed.

        Example:
            >>> (Scalar(2.0) * Scalar(-3.0)).local_partials()
            (-3.0, 2.0)
        """
        if DECIDING:
            refuse_to_leave(self, "local_partials()")
        return tuple([self._partial(i) for i in range(len(self.prev))])

    def _partial(self, i):
        op = self._operation
        rule = op.partials[i] if op.partials is not None and i < len(op.partials) else None
        if rule is None:
            return 0.0 if self.prev[i].is_constant else math.nan
        return float(op.partial(i, _computed(self), _values(self)))

    def forward(self):
        """Recompute this node, and every result it depends on, from the leaves' current data; return this node.

        The values are then those of a new graph. A result whose data was set by hand is computed again. If any number
        has changed, results have no gradient until the next `backward`; leaves keep theirs. Choices made in plain
        Python (``if``, ``max``) are not made again: build a new graph for those.

        Raises:
            DomainError: an operation left its domain. All values are then as they were before the call.
            TypeError: a node was made with a value but no function that computes it.

        Example:
            >>> x = Scalar(3.0)
            >>> y = x * x
            >>> x.data = 4.0
            >>> y.forward().data
            16.0
        """
        node: Scalar
        if DECIDING:
            refuse_to_leave(self, "forward()")
        order = _walk_unfolded(self)
        before = [node._data for node in order]
        behind = [(node, _values(node)) for node in order if not _is_up_to_date(node)]
        try:
            for node in order:
                if node._operation.value is None:
                    raise TypeError(
                        f"node {said(node)!r} cannot be recomputed: {node.op!r} has no function that computes its value"
                    )
                _recompute(node)
        except BaseException:
            for node, data in zip(order, before):
                node._data = data
            for node in order:
                _take_values(node)
            for node, values in behind:
                connect(node, _operands(node), values)
            raise
        _renew(order, before, bool(behind))
        return self

    def zero_grad(self):
        """Set the gradient of this node, and of every node it depends on, to zero."""
        node: Scalar
        if DECIDING:
            refuse_to_leave(self, "zero_grad()")
        order = _walk(self)
        for node in [self, *order, *_leaves(order)]:
            node._grad = 0.0
            node._flags &= ~(UPDATED | TOUCHED)

    # Arithmetic

    def __add__(self, other):
        if isinstance(other, Scalar) or type(other) is float:
            x: cython.double = self._data
            y: cython.double = _value(other)
            return _make(ADD, x + y, self, other, x, y)
        return _arithmetic(ADD, self, other, False)

    def __radd__(self, other):
        return _arithmetic(ADD, self, other, True)

    def __sub__(self, other):
        if isinstance(other, Scalar) or type(other) is float:
            x: cython.double = self._data
            y: cython.double = _value(other)
            return _make(SUB, x - y, self, other, x, y)
        return _arithmetic(SUB, self, other, False)

    def __rsub__(self, other):
        return _arithmetic(SUB, self, other, True)

    def __mul__(self, other):
        if isinstance(other, Scalar) or type(other) is float:
            x: cython.double = self._data
            y: cython.double = _value(other)
            return _make(MUL, x * y, self, other, x, y)
        return _arithmetic(MUL, self, other, False)

    def __rmul__(self, other):
        return _arithmetic(MUL, self, other, True)

    def __truediv__(self, other):
        return _arithmetic(DIV, self, other, False)

    def __rtruediv__(self, other):
        return _arithmetic(DIV, self, other, True)

    def __pow__(self, other, modulus=None):
        if modulus is not None:
            raise TypeError("pow() of a node takes no modulus: write (x ** n) % m")
        return _arithmetic(POW, self, other, False)

    def __rpow__(self, other, modulus=None):
        return _arithmetic(POW, self, other, True)

    def __mod__(self, other):
        return _arithmetic(ops.mod, self, other, False)

    def __rmod__(self, other):
        return _arithmetic(ops.mod, self, other, True)

    def __floordiv__(self, other):
        return _arithmetic(ops.floordiv, self, other, False)

    def __rfloordiv__(self, other):
        return _arithmetic(ops.floordiv, self, other, True)

    def __divmod__(self, other):
        return self // other, self % other

    def __rdivmod__(self, other):
        return other // self, other % self

    def __neg__(self):
        return _make(NEG, -self._data, self, None, self._data, 0.0)

    def __pos__(self):
        return self

    def __abs__(self):
        return record(ops.abs, (self,))

    def __floor__(self):
        return record(ops.floor, (self,))

    def __ceil__(self):
        return record(ops.ceil, (self,))

    def __trunc__(self):
        if DECIDING and _decider_of(self) is not None:
            return record(ops.where, (self >= 0.0, record(ops.floor, (self,)), record(ops.ceil, (self,))))
        return record(ops.floor if self._data >= 0 else ops.ceil, (self,))

    # Comparisons compare values; sets and dicts tell nodes apart by identity

    def __eq__(self, other):
        if DECIDING:
            return _compare_traced(ops.equal, operator.eq, self, other)
        if isinstance(other, Scalar) or type(other) is float:
            return self._data == _value(other)
        return _compare(operator.eq, self._data, other)

    def __ne__(self, other):
        if DECIDING:
            return _compare_traced(ops.not_equal, operator.ne, self, other)
        if isinstance(other, Scalar) or type(other) is float:
            return self._data != _value(other)
        return _compare(operator.ne, self._data, other)

    def __lt__(self, other):
        if DECIDING:
            return _compare_traced(ops.less, operator.lt, self, other)
        if isinstance(other, Scalar) or type(other) is float:
            return self._data < _value(other)
        return _compare(operator.lt, self._data, other)

    def __le__(self, other):
        if DECIDING:
            return _compare_traced(ops.less_equal, operator.le, self, other)
        if isinstance(other, Scalar) or type(other) is float:
            return self._data <= _value(other)
        return _compare(operator.le, self._data, other)

    def __gt__(self, other):
        if DECIDING:
            return _compare_traced(ops.greater, operator.gt, self, other)
        if isinstance(other, Scalar) or type(other) is float:
            return self._data > _value(other)
        return _compare(operator.gt, self._data, other)

    def __ge__(self, other):
        if DECIDING:
            return _compare_traced(ops.greater_equal, operator.ge, self, other)
        if isinstance(other, Scalar) or type(other) is float:
            return self._data >= _value(other)
        return _compare(operator.ge, self._data, other)

    def __hash__(self):
        if DECIDING:
            _refuse_to_hash(self)
        return object.__hash__(self)

    def __bool__(self):
        if DECIDING:
            return _truth_traced(self)
        return self._data != 0

    # Conversions to plain numbers, which leave the graph

    def __float__(self):
        refuse_while_traced(self, FLOAT)
        if not self._flags & CONSTANT and not (HERE.live and not _state().warns) and not is_settled():
            _notice_conversion(self)
        return self._data

    def __int__(self):
        from glassgrad.core.integers import index_of, is_integer

        if TRACING and is_integer(self):
            return index_of(self)
        refuse_while_traced(self, "int(x)")
        return int(self._data)

    def __index__(self):
        from glassgrad.core.integers import index_of

        return index_of(self)

    def __round__(self, digits=None):
        refuse_while_traced(self, "round(x)")
        return round(self._data, digits)

    def __copy__(self):
        if self._a is None:
            refuse_while_traced(self, "copy(x)")
        _unfold(self)
        twin = rebuild(take_apart(self), *((_operands(self), _values(self)) if self._a is not None else ((), ())))
        if hasattr(self, "__dict__"):
            twin.__dict__.update(self.__dict__)
        return twin

    def __reduce__(self):
        from glassgrad.core.pickling import reduce_node

        return reduce_node(self)

    # NumPy

    @property
    def shape(self):
        """An empty tuple, as of NumPy's single numbers. Libraries of arrays, such as xarray, ask for it."""
        return ()

    @property
    def ndim(self):
        """0, as of NumPy's single numbers."""
        return 0

    @property
    def dtype(self):
        """NumPy's dtype of nodes in arrays, ``object``."""
        from numpy import dtype

        return dtype(object)

    def conjugate(self):
        """Return the node itself, since it is real; ``np.var``, ``np.std`` and ``np.vdot`` call this."""
        return self

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        from glassgrad.core.arrays.ufuncs import apply_ufunc

        return apply_ufunc(ufunc, method, inputs, kwargs)

    def __array_function__(self, func, types, args, kwargs):
        from glassgrad.core.arrays.functions import apply_function

        return apply_function(func, types, args, kwargs)

    @staticmethod
    def __record__(op, args):
        return record(op, args)

    def __dealloc__(self):
        release_operands(self)  # noqa: F821 (in C, from scalar.pxd)


def _notice_conversion(node):
    """Warn if Python or C converted ``node`` to a float without being asked to."""
    global _notice
    if _notice is None:
        from glassgrad.core.conversions import notice

        _notice = notice
    place = _notice(node)
    if place is not None:
        keep_place(place[0], place[1])


def record(op: Op, args):
    """Return a new node: operation ``op`` (an `Op`) applied to ``args``, nodes and numbers."""
    n = len(args)
    if n == 1 and isinstance(args[0], Scalar):
        return _unary(op, args[0])
    if n == 2:
        return _binary(op, _operand(args[0]), _operand(args[1]))
    operands = tuple([_operand(x) for x in args])
    xs = tuple([_value(x) for x in operands])
    return _make(op, _evaluate(op, xs, operands), operands, xs, 0.0, 0.0)


def weighted_sum(weights, inputs, start):
    """Return ``start + weights[0] * inputs[0] + weights[1] * inputs[1] + …``, added in this order; fast on nodes."""
    total = start
    ws, xs = list(weights), list(inputs)
    for i in range(min(len(ws), len(xs))):
        w, x = ws[i], xs[i]
        if type(w) is Scalar and type(x) is Scalar and type(total) is Scalar:
            term = _make(MUL, _data_of(w) * _data_of(x), w, x, _data_of(w), _data_of(x))
            total = _make(ADD, _data_of(total) + _data_of(term), total, term, _data_of(total), _data_of(term))
        else:
            total = total + w * x
    return total


def count_operations(root: Scalar):
    """Count how often each operation occurs in the graph of ``root``.

    Returns:
        A dict from symbol to count; '' counts the leaves, plain numbers included. A million nodes take some tenths of
        a second.

    Example:
        >>> x = Scalar(2.0)
        >>> count_operations(x * x + 1.0)
        {'*': 1, '+': 1, '': 2}
    """
    node: Scalar
    order = _walk_unfolded(root)
    counts = {}
    numbers = 0
    for node in order:
        counts[node._operation] = counts.get(node._operation, 0) + 1
        for x in _operands(node):
            numbers += not isinstance(x, Scalar)
    named = {}
    for op, count in counts.items():
        named[op.symbol] = named.get(op.symbol, 0) + count
    named[""] = len(_leaves(order)) + numbers if order else 1
    return named


def _make(op, data, a, b, x, y):
    """Make a node: ``data`` is the value of ``op`` on operands ``a`` and ``b``, whose values are ``x`` and ``y``."""
    node = blank(Scalar)
    fill(node, op, a, b, None)
    node._data = data
    node._x = x
    node._y = y
    node._grad = 0.0
    node._mark = MADE
    node._waiting = node._flags = 0
    if HERE.live:
        state = _state()
        node._note = state.note
        if TRACING or state.heard:
            _announce(node, state)
    return node


def _announce(node, state):
    """Tag a new node with the current trace, and call every function that listens for new nodes.

    So far the node's flags say only what kind of node it is."""
    tag = state.tag
    if state.decider is not None and state.tracing.is_elsewhere():  # a thread that runs in a copy of the context
        raise state.decider.refusal(node, "an operation")
    node._flags |= tag
    a = node._a
    b = node._b
    if isinstance(a, Scalar):
        if _is_foreign(a, tag):
            _bring_home(node, a, tag)
    elif a is not None:
        for x in a if isinstance(a, tuple) else ():
            if isinstance(x, Scalar) and _is_foreign(x, tag):
                _bring_home(node, x, tag)
    if isinstance(b, Scalar) and _is_foreign(b, tag):
        _bring_home(node, b, tag)
    if state.heard:
        for hear in state.heard:
            hear(node)


def _is_foreign(node, tag):
    return node._flags > FLAGS and (node._flags ^ tag) > FLAGS


def _bring_home(node, operand, tag):
    """Report a new node to the trace of its operand, if that trace runs in another thread. ``tag`` is the tag of the
    trace that runs in this thread."""
    home = HERE.home(operand._flags & ~FLAGS)
    if home is None or node._flags & ~FLAGS == home.tag:
        return
    if tag or home.decider is not None:
        _refuse_elsewhere(home, operand)
    node._flags |= home.tag
    for hear in home.heard:
        hear(node)


if not cython.compiled:  # scalar.pxd has these in C: faster, and references to None are not counted

    def is_settled():
        return False

    def keep_place(code, at):
        pass

    def blank(cls):
        return cls.__new__(cls)

    def fill(node, op, a, b, note):
        node._operation = op
        node._a = a
        node._b = b
        node._note = note


def _unary(op, a):
    y = op.value(a._data)
    if y - y != 0:  # inf or nan: check the operation's domain
        y = _evaluate(op, (a._data,), (a,))
    return _make(op, y, a, None, a._data, 0.0)


def _binary(op, a, b):
    x = _value(a)
    y = _value(b)
    if op is ADD:
        return _make(op, x + y, a, b, x, y)
    if op is SUB:
        return _make(op, x - y, a, b, x, y)
    if op is MUL:
        return _make(op, x * y, a, b, x, y)
    if op is DIV and y != 0:
        return _make(op, x / y, a, b, x, y)
    return _make(op, _evaluate(op, (x, y), (a, b)), a, b, x, y)


def _arithmetic(op, node, other, reflected):
    """Apply an operator to ``node`` and to whatever the user wrote on its other side."""
    if not isinstance(other, Scalar) and type(other) is not float:
        if type(other) is int:
            other = float(other)
        elif is_number(other):
            other = _number_beside(op, other)
            if other is NotImplemented:
                return NotImplemented
        elif hasattr(other, "mask") and getattr(other, "ndim", 1) == 0:  # np.ma.masked, which cannot hold objects
            as_float(other, repr(op.symbol))
        elif _is_to_be_read(other):
            return op(other, node) if reflected else op(node, other)
        elif hasattr(type(other), "__array_ufunc__") or hasattr(type(other), "__record__"):
            return NotImplemented
        elif hasattr(type(other), "__radd__") and not isinstance(other, complex):
            return NotImplemented
        elif op is MUL and HERE.live and isinstance(other, (list, tuple, str)):
            from glassgrad.core.integers import is_integer

            if is_integer(node):  # then Python repeats the sequence
                return NotImplemented
            as_float(other, repr(op.symbol))
        else:
            as_float(other, repr(op.symbol))
    return _binary(op, other, node) if reflected else _binary(op, node, other)


def _number_beside(op, other):
    """The number ``other`` as a float. A number with a unit is left to its library, which computes with units."""
    try:
        return as_float(other, op.symbol)
    except TypeError:
        if has_units(other):
            return NotImplemented
        raise


def _is_to_be_read(other):
    """Whether ``other`` is an array of a library that leaves operations with nodes to us."""
    if not is_foreign(other):
        return False
    from glassgrad.core.arrays.reading import decides_itself

    return not decides_itself(other)


def _renew(order, before, changed):
    """After a forward pass, no data counts as set by hand. If any number changed, forget the gradients of results."""
    for i in range(len(order)):
        node = order[i]
        if node._flags & BY_HAND:
            _set_by_hand(node, _computed(node))
        changed = changed or not is_same(node._data, before[i])
    for node in order if changed else ():
        node._grad = 0.0
        node._flags &= ~(UPDATED | TOUCHED)


def _recompute(node):
    """Compute ``node`` again from its operands' current data."""
    _take_values(node)
    if node._operation is ADD:
        node._data = node._x + node._y
    elif node._operation is MUL:
        node._data = node._x * node._y
    elif node._operation is SUB:
        node._data = node._x - node._y
    else:
        node._data = _evaluate(node._operation, _values(node), _operands(node))


def _take_values(node):
    """Store the operands' current data in ``node``, as the values it is computed from."""
    if isinstance(node._a, tuple):
        node._b = tuple([_value(x) for x in node._a])
    else:
        node._x = _value(node._a)
        if node._b is not None:
            node._y = _value(node._b)


def _is_made(node):
    try:
        return node._mark != 0
    except AttributeError:  # in plain Python, a slot is empty until it is set
        return False


def _operands_from(children):
    if isinstance(children, (Scalar, str)) or not hasattr(children, "__iter__"):
        raise TypeError(
            f"children must be a tuple of operands (nodes or numbers), got {describe(children)}: write (x,) for one"
        )
    return tuple([_operand(child) for child in children])


def _operand(x):
    return x if isinstance(x, Scalar) else as_float(x, "an operand")


def _as_node(x):
    if isinstance(x, Scalar):
        return x
    node = Scalar.__new__(Scalar)
    node._data = x
    node._grad = node._x = node._y = 0.0
    node._operation = node._a = node._b = node._note = None
    node._mark = MADE
    node._waiting = 0
    node._flags = CONSTANT
    return node


def _value(x):
    return _data_of(x) if isinstance(x, Scalar) else x


def _data_of(node):
    return node._data


def _values(node):
    """The operands' values when ``node`` was computed."""
    if isinstance(node._a, tuple):
        return node._b
    if node._b is None:
        return (node._x,)
    return (node._x, node._y)


def _computed(node):
    """The value that the operation gave, even if the data was set since."""
    return node._note.computed if node._flags & BY_HAND else node._data


def _set_by_hand(node, value):
    """Keep the value that the operation gave, before the data of this result is set to ``value``."""
    computed = _computed(node)
    note = Note.of(node._note)
    if is_same(value, computed):
        node._flags &= ~BY_HAND
        node._note = note._replace(computed=None)
    else:
        node._flags |= BY_HAND
        node._note = note._replace(computed=computed)


def connect(node: Scalar, operands, values):
    """Give a new node its ``operands``, and the ``values`` of theirs that it was computed from."""
    n = len(operands)
    if n > 2:
        node._a, node._b = tuple(operands), tuple(values)
    else:
        node._a, node._x = operands[0], values[0]
        node._b, node._y = (operands[1], values[1]) if n == 2 else (None, 0.0)


def is_same(x, y):
    """Whether two floats are the same number. A nan is the same as a nan, and -0.0 differs from 0.0.

    Example:
        >>> is_same(0.0, -0.0), is_same(math.nan, math.nan)
        (False, True)
    """
    if x == y:
        return x != 0 or math.copysign(1.0, x) == math.copysign(1.0, y)
    return x != x and y != y


def _operands(node):
    if isinstance(node._a, tuple):
        return node._a
    return (node._a,) if node._b is None else (node._a, node._b)


def _evaluate(op, xs, operands):
    """Compute ``op`` at ``xs`` and check its domain; an error names the labels of ``operands``."""
    y = op.value(*xs)
    if type(y) is not float:
        y = as_float(y, f"the value of {op.name}")
    if y - y != 0:
        y = op.evaluate(xs, [x.label if isinstance(x, Scalar) and x.named else None for x in operands])
    return y


def _compare(relation, data, other):
    if isinstance(other, int):  # an int may be larger than any float
        return relation(data, other)
    if is_number(other):
        return relation(data, float(other) if hasattr(other, "dtype") else other)  # a Fraction is compared exactly
    if isinstance(other, complex):
        return relation(data, other)
    if _is_compared_by_element(other):
        return relation(data, admitted(other, "an operand"))
    return _compare_with_no_number(relation, other)


def _compare_traced(op, relation, node, other):
    decider = _decider_of(node)
    if decider is None and isinstance(other, Scalar):
        decider = _decider_of(other)
    if decider is None:
        return _compare(relation, _data_of(node), _data_of(other) if isinstance(other, Scalar) else other)
    if not isinstance(other, (Scalar, float)) and _is_compared_by_element(other):
        return relation(node, admitted(other, "an operand"))
    result = decider.compare(op, node, other)
    return _compare_with_no_number(relation, other) if result is NotImplemented else result


def _is_compared_by_element(other):
    """Whether ``other`` is an array of a library that leaves comparisons with nodes to us. Buffers and ranges are not:
    Python compares them with no number either."""
    return hasattr(type(other), "__array__") and _is_to_be_read(other)


def _compare_with_no_number(relation, other):
    """Leave the comparison to ``other``, except for NumPy's records, whose own comparison would raise an error."""
    if getattr(getattr(other, "dtype", None), "kind", "") == "V" and getattr(other, "ndim", 1) == 0:
        if relation is operator.eq or relation is operator.ne:
            return relation is operator.ne
    return NotImplemented


def _truth_traced(node):
    decider = _decider_of(node)
    return _data_of(node) != 0 if decider is None else decider.truth(node)


def _walk(root):
    """List ``root`` and the nodes it depends on, operands before results, without the leaves."""
    global _mark
    _mark += 2
    entered = _mark
    done = entered + 1
    order = []
    if root._a is None:
        return order
    stack = [root]
    while stack:
        node = stack[len(stack) - 1]
        if node._mark >= entered:
            stack.pop()
            if node._mark == entered:
                node._mark = done
                order.append(node)
            continue
        node._mark = entered
        if isinstance(node._a, tuple):
            for x in reversed(node._a):
                _visit(x, stack, entered)
        else:
            if node._b is not None:
                _visit(node._b, stack, entered)
            _visit(node._a, stack, entered)
    return order


def _visit(operand, stack, entered):
    if isinstance(operand, Scalar):
        node = operand
        if node._mark < entered and node._a is not None:
            stack.append(node)


def _get_ready(root):
    """The first walk of `backward`. Set the gradients below ``root`` to 0, and count for each node the results that
    will send it a gradient. Raise TypeError if an operation has no derivative. Return whether a rule may raise."""
    global _mark
    _mark += 2
    mark = _mark  # a copy, because other threads may start walks of their own
    cautious = not cython.compiled  # in plain Python, an exception may come at any instruction
    root._mark = mark
    found = []
    node = root
    while True:
        node._grad = 0.0
        node._flags = (node._flags | UPDATED) & ~TOUCHED
        if node._operation is not MUL and node._operation is not ADD and not node._operation.trusted:
            _require_rule(node)
            cautious = True
        a = node._a
        b = node._b
        if isinstance(a, tuple):
            for x in a:
                if isinstance(x, Scalar) and _is_new(x, mark):
                    found.append(x)
        else:
            if isinstance(b, Scalar) and _is_new(b, mark):
                found.append(b)
            if isinstance(a, Scalar) and _is_new(a, mark):
                node = a
                continue
        if not found:
            return cautious
        node = found.pop()


def _is_new(node, mark):
    """Count one more result that uses ``node``; return whether it is the first, so that the walk goes on there."""
    if node._a is None:
        return False
    if node._mark == mark:
        node._waiting += 1
        return False
    node._mark = mark
    node._waiting = 1
    return True


def _flow(root):
    """The second walk of `backward`: each node sends its gradient on, once all of it has arrived."""
    due = []
    node = root
    while True:
        a = node._a
        b = node._b
        if node._flags & TOUCHED:
            _step(node, a, b, 0)
        else:
            _pass_by(node, 0)
        if isinstance(a, tuple):
            for x in a:
                if isinstance(x, Scalar) and _is_due(x):
                    due.append(x)
        else:
            if isinstance(b, Scalar) and _is_due(b):
                due.append(b)
            if isinstance(a, Scalar) and _is_due(a):
                node = a
                continue
        if not due:
            return
        node = due.pop()


def _flow_through_calls(root):
    """Do as `_flow` for a graph with folded calls, which are run again when the walk reaches them."""
    twins = {}  # by the id of a result whose call has run again: the node that takes its place
    entered = {}  # by the id of a twin: the result
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
                _step(node, node._a, node._b, 0)
            else:
                _pass_by(node, 0)
            operands = _operands(node)
        finally:
            node._a = a
            node._b = b
        while id(node) in entered:  # no other node will send a gradient here
            node = entered.pop(id(node))
            del twins[id(node)]
        for operand in operands if isinstance(a, tuple) else reversed(operands):
            if isinstance(operand, Scalar) and _is_due(operand):
                due.append(operand)


def _with_twins(operand, twins):
    """An operand, or a tuple of operands, with twins in the place of results."""
    if isinstance(operand, tuple):
        return tuple([_with_twins(x, twins) for x in operand])
    while id(operand) in twins:  # a twin may be a result itself
        operand = twins[id(operand)]
    return operand


def _enter(node, twins, entered, due):
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
        _require_rule(twin)
        for operand in _with_twins(_operands(twin), twins):
            if isinstance(operand, Scalar) and _is_new(operand, mark):
                x = operand
                x._grad = 0.0
                x._flags = (x._flags | UPDATED) & ~TOUCHED
                found.append(x)
    # Nodes inside use some results that are due: those will be due again.
    due[:] = [operand for operand in due if _is_still_due(operand, twins)]
    due += [x for x in outside if not x._waiting]  # only other results of the call depend on these


def _is_still_due(node, twins):
    x = _with_twins(node, twins)
    return x._waiting == 0


def _is_due(node):
    """Count one result fewer that ``node`` waits for; return whether it was the last."""
    if node._a is None:
        return False
    node._waiting -= 1
    return node._waiting == 0


def _flow_or_undo(root):
    """The second walk of `backward` if a rule may raise: after an error, the leaves' gradients are restored."""
    leaf: Scalar
    order = _walk(root)
    undo = [(leaf, leaf._grad, leaf._flags) for leaf in _leaves(order)]
    watcher = _state().watcher
    try:
        if watcher is not None:
            watcher(_walk_unfolded(root))
        elif _has_folded(order):
            _flow_through_calls(root)
        else:
            _flow(root)
    except BaseException:
        for leaf, grad, flags in undo:
            leaf._grad = grad
            leaf._flags = flags
        raise


def _sweep(order, mark):
    """Send gradients from the last node of ``order`` to the first, to the operands with this ``mark`` (0: to all)."""
    for i in range(len(order) - 1, -1, -1):
        node = order[i]
        if node._flags & TOUCHED:
            _step(node, node._a, node._b, mark)
        else:
            _pass_by(node, mark)


def _pass_by(node, mark):
    """No gradient reached ``node``, so its operands get none from it; their gradient counts as updated all the same."""
    for x in _operands(node):
        if isinstance(x, Scalar):
            operand = x
            if not operand._flags & CONSTANT and (mark == 0 or operand._mark == mark):
                operand._flags |= UPDATED


def _step(node, a, b, mark):
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


def _step_in_silence(node, g, mark):
    """Like `_step_by_table`, but without warnings: the user did not write the operations in a rule."""
    with IN_SILENCE:
        _step_by_table(node, node._operation, g, mark)


def _step_by_table(node, op, g, mark):
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


def _wants(node, mark):
    return not node._flags & CONSTANT and (mark == 0 or node._mark == mark)


def _pass_on(op, operand, g, partial, mark):
    if partial == 0 and op.selects:
        operand._flags |= UPDATED
    else:
        _receive(operand, g * float(partial), mark)  # a user's rule may return a NumPy number


def _send(operand, g, mark):
    if isinstance(operand, Scalar):
        _receive(operand, g, mark)


def _receive(node, g, mark):
    if _wants(node, mark):
        node._grad += g
        node._flags |= UPDATED | TOUCHED


def _require_rule(node):
    op = node._operation
    if op.pullback is not None or op.partials is not None or isinstance(op, Folded):
        return
    known = [str(arity) for symbol, arity in _by_symbol if symbol == op.symbol]
    if known:
        cure = f"it takes {' or '.join(known)} operand(s), but this node has {len(_operands(node))}"
    elif op.home is not None:
        cure = "give the primitive partials=..., or add them with its partial_by"
    else:
        cure = "make it with @gg.primitive or gg.custom, or set the node's _backward"
    raise TypeError(f"no derivative is known for operation {op.symbol!r} (node {said(node)!r}): {cure}")


def _leaves(order):
    """The leaves among the operands of ``order``, each once."""
    found = {}
    for node in order:
        for x in _operands(node):
            if isinstance(x, Scalar):
                leaf = x
                if leaf._a is None:
                    found[id(leaf)] = leaf
    return list(found.values())


# While a function is traced


def _state():
    """The current state of this thread and task."""
    state = read(STATE)
    return HERE.state() if is_over(state) else state


def _home_of(node):
    """The state of the running transform that ``node`` was made in, in any thread; None if there is none."""
    return HERE.home(node._flags & ~FLAGS) if node._flags > FLAGS else None


def _decider_of(node):
    """The decider for comparisons of ``node``: this thread's, or that of the transform that the node was made in. None
    if plain values are compared."""
    decider = _state().decider
    if decider is None:
        home = _home_of(node)
        if home is not None:
            decider = home.decider
    return decider


def is_decided():
    """Whether a decider answers this thread's comparisons, so that no value may be looked at."""
    return bool(DECIDING) and _state().decider is not None


def refuse_to_leave(node: Scalar, what):
    """Raise `TracingError` if a function is being traced for compilation: ``what`` would freeze the value of ``node``
    in the compiled code."""
    if isinstance(node, Scalar) and not node._flags & CONSTANT:
        decider = _decider_of(node)
        if decider is not None:
            raise decider.refusal(node, what)


def _is_decided(node: Scalar):
    """Whether ``node`` belongs to a function that is being traced for compilation, so its value must stay hidden."""
    return _decider_of(node) is not None and not node._flags & CONSTANT


def _refuse_to_hash(node):
    """Raise `TracingError` if ``node`` depends on an argument of a function that is being compiled: a set finds a
    number by its value, but a node by its identity. Nodes from outside the function may be hashed."""
    if _decider_of(node) is not None and variable_below(node) is not None:
        refuse_to_leave(node, refusals.HASH)


def variable_below(*nodes):
    """Return a `variable` that one of ``nodes`` depends on, or None. Nodes that several of them share are visited
    once."""
    global _mark
    node: Scalar
    _mark += 2
    mark: cython.ulonglong = _mark
    found = list(nodes)
    for node in found:  # the list grows meanwhile
        if node._flags & VARIABLE:
            return node
        if node._mark == mark:
            continue
        node._mark = mark
        if node._a is not None:
            for x in _operands(node):
                if isinstance(x, Scalar) and not _has_mark(x, mark):
                    found.append(x)
    return None


def used(node: Scalar):
    """The operands' values when ``node`` was computed; () for a leaf."""
    _unfold(node)
    return () if node._a is None else _values(node)


def computed(node: Scalar):
    """The value that the operation of ``node`` gave, even if its data was set since; for a leaf, its data."""
    return _computed(node)


def find_stale(*roots: Scalar):
    """Find the nodes below ``roots`` whose data has changed since the roots were computed.

    Returns:
        Two dicts with ``id(node)`` as keys, both empty if nothing has changed. The first has the nodes whose data
        changed, each as ``(node, values)``: the values that results were computed from, the oldest result first. The
        second has the results that depend on those nodes, operands before results.
    """
    node: Scalar
    moved, stale = {}, {}
    order = [node for root in roots for node in _walk(root)]
    if len(roots) > 1:  # roots may share nodes
        order = list({id(node): node for node in order}.values())
    for node in order:
        if node._flags & BY_HAND:
            moved[id(node)] = (node, [])
        if not _is_up_to_date(node):
            for x, value in zip(_operands(node), _values(node)):
                if not is_same(_value(x), value):
                    moved[id(x)] = (x, [])
    for node in order if moved else ():
        for x, value in zip(_operands(node), _values(node)):
            if id(x) in moved:
                _add_new(moved[id(x)][1], value)
            if id(x) in stale or not is_same(_value(x), value):
                stale[id(node)] = node
        if node._flags & BY_HAND:
            stale[id(node)] = node
    return moved, stale


def _add_new(values: list, value):
    for other in values:
        if is_same(value, other):
            return
    values.append(value)


def _is_up_to_date(node):
    """Whether the operands still have the data that ``node`` was computed from."""
    if isinstance(node._a, tuple):
        return all(map(is_same, [_value(x) for x in node._a], node._b))
    return is_same(_value(node._a), node._x) and (node._b is None or is_same(_value(node._b), node._y))


def new_mark():
    """Return a mark for a walk, which no node has yet."""
    global _mark
    _mark += 2
    return _mark


def parts_of(node: Scalar):
    """Return the parts of ``node``: its operation (None for a leaf), its operands (nodes and floats), and its value."""
    _unfold(node)
    return node._operation, _operands(node) if node._a is not None else (), node._data


def step(node: Scalar):
    """Apply the chain rule at one node: send its gradient to its operands."""
    _unfold(node)
    _sweep([node], 0)


def set_source(node: Scalar, source):
    """Store in ``node`` the line that made it."""
    node._note = Note.of(node._note)._replace(source=source)


def take_apart(node: Scalar):
    """Return everything in ``node``, except its operands and a subclass's attributes, for a copy or a pickle."""
    return node._data, node._grad, node._operation, node._note, node._flags & FLAGS & ~TOUCHED, type(node)


def rebuild(part, operands, values=None):
    """Make the node that `take_apart` took apart, with these ``operands``. ``values`` are the operands' values that it
    was computed from; by default, their data."""
    node: Scalar = part[5].__new__(part[5])
    node._data, node._grad, node._operation, node._note, node._flags = part[:5]
    node._a = node._b = None
    node._x = node._y = 0.0
    if operands:
        connect(node, operands, tuple([_value(x) for x in operands]) if values is None else values)
    node._mark = MADE
    node._waiting = 0
    if HERE.live:
        _announce(node, _state())
    return node


def variable(x, label=None):
    """Make a new node for ``x``, to differentiate with respect to. For a number it is a leaf. For a node it is a copy
    that has ``x`` as its operand, so outer derivatives still reach ``x``."""
    node: Scalar
    if isinstance(x, Scalar):
        node = _make(ops.identity, _value(x), x, None, _value(x), 0.0)
    else:
        node = _make(None, as_float(x, "a variable"), None, None, 0.0, 0.0)
    node._flags |= VARIABLE
    if node._note is None:
        node._note = label
    elif label is not None:
        node.label = label
    return node


def mark_integers(nodes, unsure=False):
    """Note that ``nodes``, which stand for arguments, are integers; or, with ``unsure``, that they may be."""
    node: Scalar
    for node in nodes:
        node._flags |= UNSURE if unsure else INTEGER


def integer_mark(node: Scalar):
    """Return what `mark_integers` noted: ``"integer"``, ``"unsure"`` or ``""``."""
    return "integer" if node._flags & INTEGER else "unsure" if node._flags & UNSURE else ""


def decider_of(node: Scalar):
    """Return the object that follows the function that is being compiled, and to which ``node`` belongs, or None."""
    return _decider_of(node) if DECIDING else None


def index_by_nodes(kind, read):
    """Have ``array[i]`` return ``read(array, i)`` where ``i`` is a node, an array of nodes, or a tuple with these.

    ``kind`` is the class of the array, a subclass of ``np.ndarray``."""
    if cython.compiled:
        serve_index(kind, Scalar, read)  # noqa: F821 (in C, from scalar.pxd)
        return

    def subscript(self, index):
        parts = index if type(index) is tuple else (index,)
        if any(isinstance(part, (Scalar, kind)) for part in parts):
            return read(self, index)
        return super(kind, self).__getitem__(index)

    kind.__getitem__ = subscript


# Folded calls


def fold(made: list, call):
    """Fold ``call``, in which the nodes ``made`` were made. Return the nodes that remain, in order: the results, or all
    if nothing is gained by folding."""
    node: Scalar
    places = _kept(made)
    inside = {id(node) for node in made}
    outside = {}
    needed = {id(made[place]) for place in places}
    for node in reversed(made):
        if id(node) in needed and node._a is not None:
            for x in _operands(node):
                if id(x) in inside:
                    needed.add(id(x))
                elif isinstance(x, Scalar):
                    outside[id(x)] = x
    has_leaf = False  # such a leaf may be a parameter that the function keeps for the next call
    for place in places:
        has_leaf = has_leaf or _is_leaf(made[place])
    if has_leaf or not outside or len(places) == len(made):
        return list(made)
    call.count = len(made)
    call.places = places
    call.results = [ref(made[place]) for place in places]
    call.externals = tuple(outside.values())
    call.values = tuple([_value(x) for x in call.externals])
    for place in places:
        node = made[place]
        node._operation, node._a, node._b = Folded(call), call.externals, call.values
        node._x = node._y = 0.0
    node = None
    made.clear()
    results = [result() for result in call.results]
    return [node for node in results if node is not None]  # those to which only inner nodes referred are gone


def _kept(made):
    """The places of the nodes to which something else than the operands of these nodes refers."""
    uses = {}
    seen = set()  # the results of a folded call share one tuple of operands
    for node in made:
        if node._a is None or id(node._a) in seen:
            continue
        if isinstance(node._a, tuple):
            seen.add(id(node._a))
        for operand in _operands(node):
            uses[id(operand)] = uses.get(id(operand), 0) + 1
    node = operand = None
    made.append(Scalar.__new__(Scalar))  # nothing else refers to this one
    *counts, least = [getrefcount(x) for x in made]
    made.pop()
    return [i for i in range(len(made)) if counts[i] - uses.get(id(made[i]), 0) > least]


def _is_leaf(node):
    return node._a is None


def _run_again(call):
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


def _unfold_call(call):
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


def _unfold(node):
    """If ``node`` is a result of a folded call, unfold that call."""
    if isinstance(node._operation, Folded):
        _unfold_call(node._operation.call)


def _has_folded(order):
    for node in order:
        if isinstance(node._operation, Folded):
            return True
    return False


def _walk_unfolded(root):
    """Do as `_walk`, and unfold all calls below ``root``."""
    order = _walk(root)
    while _has_folded(order):
        for node in order:
            _unfold(node)
        order = _walk(root)
    return order


def unfold(nodes: list):
    """Unfold the calls among ``nodes``, which are in the order in which they were made. Return the nodes that ordinary
    calls would have made, in order."""
    node: Scalar
    found = []
    done = set()
    for node in nodes:
        if isinstance(node._operation, Folded):
            inner = _unfold_call(node._operation.call)
            done.update([id(x) for x in inner])
            found += inner
        elif id(node) not in done:
            found.append(node)
    return found


def adopt(nodes):
    """Tag ``nodes`` as made in the current trace."""
    node: Scalar
    tag = _state().tag
    for node in nodes:
        node._flags = node._flags & FLAGS | tag


def refuse_while_traced(node: Scalar, what):
    """Raise `TracingError` if ``node`` depends on a variable of a transform: ``what`` would freeze its value."""
    if DECIDING:
        refuse_to_leave(node, what)
    home = _home_of(node)
    if home is None and not (node._flags > FLAGS and HERE.live and _state().tag):
        return
    inner = variable_below(node)
    if inner is None:
        return
    error = TracingError(refusals.lost(what, node, inner))
    if home is not None:
        home.tracing.refuse(error)
    raise error


def _refuse_elsewhere(home, node: Scalar):
    """Raise `TracingError`: ``node`` is being traced in another thread, and this thread uses it in a transform of its
    own, or the other thread is compiling."""
    if home.decider is not None:
        raise home.decider.refusal(node, "an operation")
    error = TracingError(
        f"{users_line()}: a transform in this thread uses {quoted(node)}, which another thread is differentiating, so "
        "its derivative would be lost: call the transform in that other thread, outside the pool"
    )
    home.tracing.refuse(error)
    raise error


def sweep_trace(nodes: list, sweeps: list, variables: list):
    """Return the derivatives with respect to ``variables``, one row of floats for each of ``sweeps``.

    A sweep is a list of pairs (root, gradient) to start from. ``nodes`` are all the nodes made since the variables, in
    order. Only these nodes are touched; the gradients of all others, such as parameters, stay as they are. If there are
    several sweeps, each visits only the nodes below its own roots."""
    global _mark
    node: Scalar
    root: Scalar
    _mark += 2
    mark: cython.ulonglong = _mark
    for node in [*variables, *nodes]:
        node._mark = mark
        node._flags &= ~TOUCHED
        node._grad = 0.0
        if node._operation is not None and node._operation.pullback is not None:
            raise TypeError(
                "a _backward that was set by hand works in backward() only: give the operation its partials, with "
                "@gg.primitive"
            )
    folded = False
    for node in nodes:
        folded = folded or isinstance(node._operation, Folded)
        for x in _operands(node) if node._a is not None else ():
            if isinstance(x, Scalar):
                _refuse_if_leaked(x, mark)
    inside = [[(root, grad) for root, grad in sweep if _has_mark(root, mark)] for sweep in sweeps]
    if any(inside):
        for node in nodes:
            if node._operation is not None and not node._operation.trusted:
                _require_rule(node)
    if len(inside) > 1:
        _number(nodes)
    order = nodes
    rows = []
    for sweep in inside:
        if not sweep:
            rows.append([0.0] * len(variables))
            continue
        if len(inside) > 1:
            order = _below([root for root, _ in sweep], nodes, mark)
            _forget_gradients(order)
            _forget_gradients(variables)
            _forget_gradients([root for root, _ in sweep])
        for root, grad in sweep:
            root._grad += grad
            root._flags |= TOUCHED
        order = [node for node in order if node._a is not None]
        _sweep_through_calls(order, mark) if folded else _sweep(order, mark)
        rows.append([node._grad for node in variables])
    return rows


def _sweep_through_calls(order, mark):
    """Do as `_sweep` where some nodes are results of folded calls, which are run again when the sweep reaches them."""
    swept = {id(node) for node in order}
    plain = []  # nodes before the next call, the last first
    for node in reversed(order):
        if not isinstance(node._operation, Folded):
            plain.append(node)
        elif id(node) in swept:
            plain.reverse()
            _sweep(plain, mark)
            plain = []
            inner, pairs = _run_again(node._operation.call)
            for x in inner:
                x._mark = mark
            for x, twin in pairs:
                if id(x) in swept:  # the roots depend on it
                    twin._grad = x._grad
                    twin._flags |= x._flags & (UPDATED | TOUCHED)
                    swept.remove(id(x))
            _sweep_through_calls([x for x in inner if x._a is not None], mark)
    plain.reverse()
    _sweep(plain, mark)


def _has_mark(node: Scalar, mark: cython.ulonglong):
    return node._mark == mark


def _forget_gradients(nodes: list):
    node: Scalar
    for node in nodes:
        node._grad = 0.0
        node._flags &= ~TOUCHED


def _number(nodes: list):
    node: Scalar
    i: cython.uint = 0
    for node in nodes:
        node._waiting = i
        i += 1


def _below(roots: list, nodes: list, mark: cython.ulonglong):
    """Select from ``nodes``, which have this mark and are numbered, those that ``roots`` depend on, in order."""
    node: Scalar
    found = []
    for node in roots:
        if node._a is not None and not node._flags & FOUND:
            node._flags |= FOUND
            found.append(node)
    for node in found:  # the list grows meanwhile
        for x in _operands(node):
            if isinstance(x, Scalar):
                _find(x, found, mark)
    for node in found:
        node._flags &= ~FOUND
    places = [node._waiting for node in found]
    places.sort()
    return [nodes[i] for i in places]


def _find(node: Scalar, found: list, mark: cython.ulonglong):
    if node._mark == mark and node._a is not None and not node._flags & FOUND:
        node._flags |= FOUND
        found.append(node)


def refuse_leaks(nodes: list, variables: list):
    """Raise `TracingError` if one of ``nodes`` depends on an argument from an earlier call of a transform."""
    global _mark
    node: Scalar
    _mark += 2
    mark: cython.ulonglong = _mark
    for node in [*variables, *nodes]:
        node._mark = mark
    for node in nodes:
        for x in _operands(node) if node._a is not None else ():
            if isinstance(x, Scalar):
                _refuse_if_leaked(x, mark)


def _refuse_if_leaked(node: Scalar, mark: cython.ulonglong):
    if node._flags & VARIABLE and node._a is None and node._mark != mark:
        raise TracingError(
            f"node {said(node)!r} was an argument in an earlier call of a transform. It belongs to another graph, so "
            "no derivative goes through it: return it from that function, or keep x.data"
        )


def release(variables):
    """Make plain nodes of ``variables``: their transform has ended, and nodes computed from them may be used
    elsewhere."""
    node: Scalar
    for node in variables:
        node._flags &= ~VARIABLE


# Every operation of the table is also a method, under NumPy's name too, which NumPy calls on arrays of nodes


def _method_of(op):
    if op.arity == 1:
        return lambda self: _unary(op, self) if isinstance(self, Scalar) else record(op, (self,))
    return lambda self, other: record(op, (self, other))


def _method_from(function):
    return lambda self: function(self)


def _methods():
    for op in TABLE.values():
        if op.arity in (1, 2) and None not in op.partials:
            for name in {op.name, op.numpy or op.name}:
                yield name, _method_of(op), op.__doc__
    for name in functions.METHODS:
        function = getattr(functions, name)
        yield name, _method_from(function), function.__doc__


for _name, _function, _doc in _methods():
    if not hasattr(Scalar, _name):
        _function.__name__ = _name
        _function.__doc__ = _doc
        if cython.compiled:
            set_type_attribute(Scalar, _name, _function)  # noqa: F821 (in C, from scalar.pxd)
        else:
            setattr(Scalar, _name, _function)

if cython.compiled:
    use_slabs(Scalar)  # noqa: F821 (in C, from slab.h)
