# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False, binding=False
# cython: embedsignature=True, embedsignature.format=clinic
"""The eager node, and backward().

A `Scalar` is a number that remembers how it was made: an operation and its operands. That is all the bookkeeping
there is: no tape, no closures. `backward` puts the nodes in order (operands first), then walks them from the result
back, and each sends its operands their share of its gradient by the chain rule.

A node keeps the values that its operands had for it. Data that is set later (``w.data -= 0.1 * w.grad``) is for the
next forward pass; `backward` differentiates the last one.

This file is plain Python, to be read and stepped through with a debugger; with ``scalar.pxd`` beside it Cython
compiles the very same file. What makes it fast in C is what it does without: a node has two operand slots rather
than a tuple, a number as operand stays a float until somebody asks for ``prev``, and the mark of the last walk
replaces a set of visited nodes.

`backward` walks twice: once down from the result, counting for each node the results that use it, and once sending
gradients, each node when all of those have sent theirs. Neither needs an order of the nodes, nor a stack as deep as the
graph.
"""

from __future__ import annotations

import math
import operator

try:
    import cython
except ImportError:  # read uncompiled, where Cython need not be there
    from glassgrad.core import cython_shim as cython

from glassgrad.core import functions, ops, refusals
from glassgrad.core.node_info import UNNAMED, Note
from glassgrad.core.op import IN_SILENCE, TABLE, Op, as_float, describe, is_number
from glassgrad.core.state import HERE, STATE, TAG_BITS
from glassgrad.support.frames import users_line
from glassgrad.support.legible import legible
from glassgrad.support.naming import quoted, said

if not cython.compiled:
    from glassgrad.core.state import is_over, read

__all__ = ["Scalar", "TracingError", "count_operations"]

UPDATED = 1  # a gradient was set
TOUCHED = 2  # a gradient has arrived in this sweep
CONSTANT = 4  # a number that was an operand
VARIABLE = 8  # what a transform differentiates by
FOUND = 16  # by the walk at work
BY_HAND = 32  # a result whose data was set; its note keeps what the operation gave
FLAGS = (1 << TAG_BITS) - 1  # above them is the number of the tracing that the node was made in, 0 for none

ADD, SUB, MUL, DIV, NEG, POW = ops.add, ops.sub, ops.mul, ops.div, ops.neg, ops.pow
_by_symbol = {(op.symbol, op.arity): op for op in reversed(TABLE.values())} | {
    (op.name, op.arity): op for op in TABLE.values()
}

FLOAT = "float(x)"
_notice = None  # conversions.notice, once it is needed
MADE = 1  # the mark of a node that no walk has met; 0 is that of one not made yet
_mark = 0  # of the last walk, always even
TRACING = HERE.tracing  # empty where no function is being traced
DECIDING = HERE.deciding  # empty where no function is being compiled


class TracingError(TypeError):
    """A value left the graph while a function was traced: its derivative would silently be zero."""

    __module__ = "glassgrad"


@cython.no_gc  # nodes only refer to older ones: there are no cycles for a collector to find
@cython.cclass
class Scalar:
    """A number that remembers how it was computed, so that `backward` can tell its derivative by everything in it.

    Args:
        data: the value, a real number.
        children: the operands it was computed from, nodes or numbers, in order.
        op: the symbol or name of the operation that made it, '' for a leaf.
        label: its name in drawings and errors; a property, so it can be given after the fact.

    Attributes:
        data: float, the value; may be set. Results that were computed from it stay as they were, and are stale until
            `forward` or a new graph computes them again.
        grad: float, the derivative of the last root by this node; may be set.
        grad_updated: bool, whether a gradient was set since the start or since `zero_grad`.
        op: str, the operation's symbol, '' for a leaf.
        prev: tuple of operands, in order; a number that was an operand shows as a constant node.

    Raises:
        TypeError: ``data`` is not a real number, or ``label`` is not text.

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

    def __init__(self, data, children=(), op="", label=UNNAMED):
        if _is_made(self):
            raise TypeError(
                f"node {self.label!r} is made already, and its operands are fixed, so that no graph turns back on "
                "itself: set its data, or build a new node"
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
            raise TypeError(f"op is the symbol of an operation, such as '+', but got {describe(op)}")
        if operands:
            self._operation = _by_symbol.get((op, len(operands))) or Op._opaque(op, op)
            connect(self, operands, tuple([_value(x) for x in operands]))
        elif op:
            raise ValueError(f"Scalar(op={op!r}) needs the operands too: Scalar(data, (a, b), {op!r})")
        if label is not UNNAMED:
            self.label = label
        if HERE.live:
            _announce(self, _state())

    # What a node is

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
        """The derivative of the root that `backward` was last called on by this node, a float."""
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
        """The node's name, 'unk' until it is given one; may be set."""
        if self._flags & CONSTANT and self._note is None:
            return f"{self._data:g}"
        label = Note.of(self._note).label
        return UNNAMED if label is None else label

    @label.setter
    def label(self, text):
        if not isinstance(text, str):
            raise TypeError(f"a label is text, but got {describe(text)}; write str(...) around it")
        note = Note.of(self._note)
        self._note = text if note.is_bare() else note._replace(label=text)

    @property
    def named(self):
        """Whether the node was given a label."""
        return Note.of(self._note).label is not None

    @property
    def group(self):
        """The innermost ``gg.group`` that was open when the node was made, or None."""
        return Note.of(self._note).group

    @property
    def source(self):
        """Where the node was made, ``"file.py:12"``; known under ``gg.detect_anomaly()`` only, else None."""
        return Note.of(self._note).source

    @property
    def op(self):
        """The symbol of the operation that made the node, '' for a leaf."""
        return "" if self._operation is None else self._operation.symbol

    @property
    def operation(self):
        """The operation's entry in the table, None for a leaf."""
        return self._operation

    @property
    def is_constant(self):
        """Whether the node stands for a number that was an operand, such as the 2 in ``x * 2``."""
        return (self._flags & CONSTANT) != 0

    @property
    def prev(self):
        """The operands, in order. They are fixed when the node is made."""
        if self._a is None:
            return ()
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
            "prev cannot be set: a node's operands are fixed when it is made, so that no graph turns back on itself; "
            "build a new node, gg.Scalar(data, children, op)"
        )

    @property
    def _op(self):
        """``op`` by the name that micrograd's ``Value`` gives it, so that code written for that runs on nodes."""
        return self.op

    @property
    def _prev(self):
        """``prev`` by the name that micrograd's ``Value`` gives it: a tuple, not a set, so ``x + x`` has two."""
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
        """Compute the derivative of this node by every node it depends on, into their ``grad``.

        Leaves accumulate from call to call, as in PyTorch; inner nodes start from 0 each time; this node's is 1.
        Derivatives are taken at the values of the forward pass, even where ``data`` was set since. Only a ``_backward``
        that was set by hand computes with whatever numbers it reads.

        Raises:
            TypeError: an operation on the way has no derivative. No leaf's gradient has changed then.

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
        """One step of the chain rule: add to each operand's ``grad`` its share of this node's. May be set by hand.

        Compiled, nodes are no business of the garbage collector's: a function that refers to its own node keeps it.
        """
        op = self._operation
        return self._step_back if op is None or op.pullback is None else op.pullback

    @_backward.setter
    def _backward(self, pullback):
        if not callable(pullback):
            raise TypeError(f"_backward is a function without arguments, but got {describe(pullback)}")
        if self._operation is None:
            raise AttributeError("a leaf has no operands to send its gradient to: set _backward on a result")
        self._operation = self._operation.with_pullback(pullback)

    def _step_back(self):
        if HERE.live:
            refuse_while_traced(self, "_backward()")
        if self._operation is not None:
            _require_rule(self)
            _step(self, self._a, self._b, 0)

    def local_partials(self):
        """The derivative of this node by each of its operands alone, as floats in their order. They are taken at the
        values that the operands had when the node was computed.

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
        """Recompute this node and all it depends on from the leaves' data, which may have been changed; return it.

        Results are then as in a new graph. A value that was set by hand is computed again. If any number has changed,
        results have no gradient until the next `backward`; leaves keep theirs. Choices that plain Python made (``if``,
        ``max``) are not made again: build the graph anew for those.

        Raises:
            DomainError: an operation left its domain. Every value is then as it was.

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
        order = _walk(self)
        before = [node._data for node in order]
        behind = [(node, _values(node)) for node in order if not _is_up_to_date(node)]
        try:
            for node in order:
                if node._operation.value is None:
                    raise TypeError(f"node {said(node)!r} cannot be recomputed: the value of {node.op!r} is not known")
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
        """Forget the gradients of this node and of every node it depends on."""
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
            raise TypeError("pow() of nodes takes no modulus: write (x ** n) % m")
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

    # Comparisons are by value, identity is for sets and dicts

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

    # Ways out of the graph

    def __float__(self):
        refuse_while_traced(self, FLOAT)
        if not self._flags & CONSTANT and not (HERE.live and not _state().warns) and not is_settled():
            _notice_conversion(self)
        return self._data

    def __int__(self):
        refuse_while_traced(self, "int(x)")
        return int(self._data)

    def __index__(self):
        refuse_while_traced(self, refusals.INDEX)
        raise TypeError(f"node {said(self)!r} is a float, and cannot be used as an index or a count: use int(x)")

    def __round__(self, digits=None):
        refuse_while_traced(self, "round(x)")
        return round(self._data, digits)

    def __copy__(self):
        if self._a is None:
            refuse_while_traced(self, "copy(x)")
        twin = rebuild(take_apart(self), *((_operands(self), _values(self)) if self._a is not None else ((), ())))
        if hasattr(self, "__dict__"):
            twin.__dict__.update(self.__dict__)
        return twin

    def __reduce__(self):
        from glassgrad.core.pickling import reduce_node

        return reduce_node(self)

    # NumPy

    def conjugate(self):
        """The node itself, as of a real number; ``np.var``, ``np.std`` and ``np.vdot`` ask for it."""
        return self

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        from glassgrad.core.arrays.ufuncs import apply_ufunc

        return apply_ufunc(ufunc, method, inputs, kwargs)

    def __array_function__(self, func, types, args, kwargs):
        from glassgrad.core.arrays.functions import apply_function

        return apply_function(func, args, kwargs)

    @staticmethod
    def __record__(op, args):
        return record(op, args)

    def __dealloc__(self):
        release_operands(self)  # noqa: F821 (in C, from scalar.pxd)


def _notice_conversion(node):
    """Warn where Python or C made a float of ``node`` without being asked to."""
    global _notice
    if _notice is None:
        from glassgrad.core.conversions import notice

        _notice = notice
    place = _notice(node)
    if place is not None:
        keep_place(place[0], place[1])


def record(op: Op, args):
    """The node of operation ``op`` (an `Op`) on ``args``, nodes and numbers."""
    n = len(args)
    if n == 1 and isinstance(args[0], Scalar):
        return _unary(op, args[0])
    if n == 2:
        return _binary(op, _operand(args[0]), _operand(args[1]))
    operands = tuple([_operand(x) for x in args])
    xs = tuple([_value(x) for x in operands])
    return _make(op, _evaluate(op, xs, operands), operands, xs, 0.0, 0.0)


def weighted_sum(weights, inputs, start):
    """``start + weights[0] * inputs[0] + weights[1] * inputs[1] + …``, added up in this order; quick on nodes."""
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
    """How often each operation occurs below ``root``: a dict from symbol to count, '' for leaves, numbers among them.
    A million nodes take some tenths of a second.

    Example:
        >>> x = Scalar(2.0)
        >>> count_operations(x * x + 1.0)
        {'*': 1, '+': 1, '': 2}
    """
    node: Scalar
    order = _walk(root)
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
    """A new node: the value ``data`` of ``op`` on operands ``a`` and ``b``, whose values are ``x`` and ``y``."""
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
    """Tell of a new node whoever wants to hear of it. Its flags hold no more than what it is."""
    tag = state.tag
    if state.decider is not None and state.tracing.is_elsewhere():  # a thread that was given a copy of the context
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
    """Have a new node heard where its operand is traced, if that is in another thread. ``tag`` says what is at work in
    this one."""
    home = HERE.home(operand._flags & ~FLAGS)
    if home is None or node._flags & ~FLAGS == home.tag:
        return
    if tag or home.decider is not None:
        _refuse_elsewhere(home, operand)
    node._flags |= home.tag
    for hear in home.heard:
        hear(node)


if not cython.compiled:  # in C, from scalar.pxd: places are found fast, and references to None are not counted

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
    if y - y != 0:  # inf or nan: inside the operation's domain?
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
    """An operator applied to ``node`` and whatever the user wrote on its other side."""
    if not isinstance(other, Scalar) and type(other) is not float:
        if type(other) is int:
            other = float(other)
        elif is_number(other):
            other = as_float(other, op.symbol)
        elif hasattr(other, "mask") and getattr(other, "ndim", 1) == 0:  # np.ma.masked, which knows no objects
            as_float(other, repr(op.symbol))
        elif hasattr(type(other), "__array_ufunc__") or hasattr(type(other), "__record__"):
            return NotImplemented
        elif hasattr(type(other), "__radd__") and not isinstance(other, complex):
            return NotImplemented
        else:
            as_float(other, repr(op.symbol))
    return _binary(op, other, node) if reflected else _binary(op, node, other)


def _renew(order, before, changed):
    """After a forward pass, no data is set by hand. If a number is another, gradients of results are of the past."""
    for i in range(len(order)):
        node = order[i]
        if node._flags & BY_HAND:
            _set_by_hand(node, _computed(node))
        changed = changed or not is_same(node._data, before[i])
    for node in order if changed else ():
        node._grad = 0.0
        node._flags &= ~(UPDATED | TOUCHED)


def _recompute(node):
    """Compute ``node`` from the values that its operands' data is now."""
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
    """Let ``node`` have the values that its operands' data is now."""
    if isinstance(node._a, tuple):
        node._b = tuple([_value(x) for x in node._a])
    else:
        node._x = _value(node._a)
        if node._b is not None:
            node._y = _value(node._b)


def _is_made(node):
    try:
        return node._mark != 0
    except AttributeError:  # uncompiled, a slot is empty until it is set
        return False


def _operands_from(children):
    if isinstance(children, (Scalar, str)) or not hasattr(children, "__iter__"):
        raise TypeError(
            f"children are the operands, nodes or numbers, in a tuple, but got {describe(children)}; write (x,) for one"
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
    """What the operands' values were when ``node`` was computed."""
    if isinstance(node._a, tuple):
        return node._b
    if node._b is None:
        return (node._x,)
    return (node._x, node._y)


def _computed(node):
    """What the operation gave, whatever the data was set to since."""
    return node._note.computed if node._flags & BY_HAND else node._data


def _set_by_hand(node, value):
    """Keep what the operation gave before the data of a result becomes ``value``."""
    computed = _computed(node)
    note = Note.of(node._note)
    if is_same(value, computed):
        node._flags &= ~BY_HAND
        node._note = note._replace(computed=None)
    else:
        node._flags |= BY_HAND
        node._note = note._replace(computed=computed)


def connect(node: Scalar, operands, values):
    """Give a new node its ``operands``, and the ``values`` that they have for it."""
    n = len(operands)
    if n > 2:
        node._a, node._b = tuple(operands), tuple(values)
    else:
        node._a, node._x = operands[0], values[0]
        node._b, node._y = (operands[1], values[1]) if n == 2 else (None, 0.0)


def is_same(x, y):
    """Whether two floats are the same number: a nan is itself, and -0.0 is not 0.0.

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
    """The value of ``op`` at ``xs``, its domain checked, the labels of ``operands`` in the error."""
    y = op.value(*xs)
    if type(y) is not float:
        y = as_float(y, f"the value of {op.name}")
    if y - y != 0:
        y = op.evaluate(xs, [x.label if isinstance(x, Scalar) and x.named else None for x in operands])
    return y


def _compare(relation, data, other):
    if isinstance(other, int):  # which may be more than a float can hold
        return relation(data, other)
    if is_number(other):
        return relation(data, float(other) if hasattr(other, "dtype") else other)  # a Fraction is compared exactly
    return relation(data, other) if isinstance(other, complex) else _compare_with_no_number(relation, other)


def _compare_traced(op, relation, node, other):
    decider = _decider_of(node)
    if decider is None and isinstance(other, Scalar):
        decider = _decider_of(other)
    if decider is None:
        return _compare(relation, _data_of(node), _data_of(other) if isinstance(other, Scalar) else other)
    result = decider.compare(op, node, other)
    return _compare_with_no_number(relation, other) if result is NotImplemented else result


def _compare_with_no_number(relation, other):
    """Leave the comparison to ``other``, but for NumPy's records, which raise an error where they are not equal."""
    if getattr(getattr(other, "dtype", None), "kind", "") == "V" and getattr(other, "ndim", 1) == 0:
        if relation is operator.eq or relation is operator.ne:
            return relation is operator.ne
    return NotImplemented


def _truth_traced(node):
    decider = _decider_of(node)
    return _data_of(node) != 0 if decider is None else decider.truth(node)


def _walk(root):
    """Every node below ``root`` that has operands, operands before results."""
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
    """The way down of `backward`: below ``root`` inner gradients start from 0, and each node learns how many results
    wait to send it theirs. An operation without a derivative is refused. Returns whether a rule may raise."""
    global _mark
    _mark += 2
    mark = _mark  # other threads walk, too
    cautious = not cython.compiled  # uncompiled, an exception may come at any instruction
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
    """Count one more result that uses ``node``; whether it is the first, so that the walk must go on there."""
    if node._a is None:
        return False
    if node._mark == mark:
        node._waiting += 1
        return False
    node._mark = mark
    node._waiting = 1
    return True


def _flow(root):
    """The way back of `backward`: each node sends its gradient on when all of its own has arrived."""
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


def _is_due(node):
    """Count one result less that ``node`` waits for; whether it was the last."""
    if node._a is None:
        return False
    node._waiting -= 1
    return node._waiting == 0


def _flow_or_undo(root):
    """The way back where a rule may raise: then the leaves' gradients are put back."""
    leaf: Scalar
    order = _walk(root)
    undo = [(leaf, leaf._grad, leaf._flags) for leaf in _leaves(order)]
    watcher = _state().watcher
    try:
        _flow(root) if watcher is None else watcher(order)
    except BaseException:
        for leaf, grad, flags in undo:
            leaf._grad = grad
            leaf._flags = flags
        raise


def _sweep(order, mark):
    """From the last node of ``order`` back, send gradients to operands with this ``mark`` (0: to all)."""
    for i in range(len(order) - 1, -1, -1):
        node = order[i]
        if node._flags & TOUCHED:
            _step(node, node._a, node._b, mark)
        else:
            _pass_by(node, mark)


def _pass_by(node, mark):
    """No gradient reached ``node``: its operands were told so, which is news to a leaf."""
    for x in _operands(node):
        if isinstance(x, Scalar):
            operand = x
            if not operand._flags & CONSTANT and (mark == 0 or operand._mark == mark):
                operand._flags |= UPDATED


def _step(node, a, b, mark):
    """The chain rule at one node of operands ``a`` and ``b``: the gradient of each grows by the node's times the local
    derivative."""
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
    """What a rule computes on the way is not the user's doing, and warns of nothing."""
    with IN_SILENCE:
        _step_by_table(node, node._operation, g, mark)


def _step_by_table(node, op, g, mark):
    """The chain rule by the rules of the operation's entry. One that raises is run once more, as at a domain's edge."""
    y = _computed(node)
    if isinstance(node._a, Scalar) and node._b is None:  # the usual case, without a tuple
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
        _receive(operand, g * float(partial), mark)  # a user's rule may give one of NumPy's numbers


def _send(operand, g, mark):
    if isinstance(operand, Scalar):
        _receive(operand, g, mark)


def _receive(node, g, mark):
    if _wants(node, mark):
        node._grad += g
        node._flags |= UPDATED | TOUCHED


def _require_rule(node):
    op = node._operation
    if op.pullback is not None or op.partials is not None:
        return
    known = [str(arity) for symbol, arity in _by_symbol if symbol == op.symbol]
    if known:
        cure = f"the table's has {' or '.join(known)} operand(s), and this node {len(_operands(node))}"
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
    """The state in force in this thread and task."""
    state = read(STATE)
    return HERE.state() if is_over(state) else state


def _home_of(node):
    """The state, in whatever thread, of the transform at work that ``node`` was made in; or None."""
    return HERE.home(node._flags & ~FLAGS) if node._flags > FLAGS else None


def _decider_of(node):
    """What decides how ``node`` compares: that of this thread, or of the transform that the node was made in. None: its
    value does."""
    decider = _state().decider
    if decider is None:
        home = _home_of(node)
        if home is not None:
            decider = home.decider
    return decider


def is_decided():
    """Whether what this thread's comparisons give is up to a decider, so that no value may be looked at."""
    return bool(DECIDING) and _state().decider is not None


def refuse_to_leave(node: Scalar, what):
    """Raise `TracingError` where a function is traced to be compiled: ``what`` would freeze the value of ``node``."""
    if isinstance(node, Scalar) and not node._flags & CONSTANT:
        decider = _decider_of(node)
        if decider is not None:
            raise decider.refusal(node, what)


def _is_decided(node: Scalar):
    """Whether ``node`` is of a function that is traced to be compiled, so that nothing may say what its value is."""
    return _decider_of(node) is not None and not node._flags & CONSTANT


def _refuse_to_hash(node):
    """A number is found in a set by its value, but a node by what it is; those from outside of the function are none of
    its numbers."""
    if _decider_of(node) is not None and variable_below(node) is not None:
        refuse_to_leave(node, refusals.HASH)


def variable_below(*nodes):
    """A `variable` that one of ``nodes`` depends on, or None. What several of them have below is walked once."""
    global _mark
    node: Scalar
    _mark += 2
    mark: cython.ulonglong = _mark
    found = list(nodes)
    for node in found:  # which grows
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
    """What the operands' values were when ``node`` was computed; () for a leaf."""
    return () if node._a is None else _values(node)


def computed(node: Scalar):
    """The value that ``node`` was computed as, whatever its data was set to since; of a leaf its data."""
    return _computed(node)


def find_stale(*roots: Scalar):
    """What has changed below ``roots`` since they were computed, as two dicts by id; both are empty if nothing has.

    Returns:
        The nodes whose data is another than it was, each as ``(node, values)`` with the values that results were
        computed from, oldest result first. And the results that depend on them, operands first.
    """
    node: Scalar
    moved, stale = {}, {}
    order = [node for root in roots for node in _walk(root)]
    if len(roots) > 1:  # which may share some
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
    """Whether the operands' data is what ``node`` was computed from."""
    if isinstance(node._a, tuple):
        return all(map(is_same, [_value(x) for x in node._a], node._b))
    return is_same(_value(node._a), node._x) and (node._b is None or is_same(_value(node._b), node._y))


def parts_of(node: Scalar):
    """What ``node`` is: its operation (None: a leaf), its operands, nodes and floats, and its value."""
    return node._operation, _operands(node) if node._a is not None else (), node._data


def step(node: Scalar):
    """Do the sweep's part at one node."""
    _sweep([node], 0)


def set_source(node: Scalar, source):
    """Have ``node`` remember the line that made it."""
    node._note = Note.of(node._note)._replace(source=source)


def take_apart(node: Scalar):
    """All of ``node`` but its operands and the attributes that a subclass gave it, to copy or pickle it."""
    return node._data, node._grad, node._operation, node._note, node._flags & FLAGS & ~TOUCHED, type(node)


def rebuild(part, operands, values=None):
    """The node that `take_apart` took apart, on ``operands``, whose ``values`` for it are their data if not given."""
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
    """A node of its own for ``x``, to differentiate by: a leaf for a number; for a node one that passes ``x`` on, so
    that an outer derivative goes through it."""
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


def adopt(nodes):
    """From now on ``nodes`` are of the tracing at work."""
    node: Scalar
    tag = _state().tag
    for node in nodes:
        node._flags = node._flags & FLAGS | tag


def refuse_while_traced(node: Scalar, what):
    """Raise `TracingError` where ``node`` depends on a variable of a transform: ``what`` would freeze its value."""
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
    """Raise `TracingError`: in this thread, something else than plain arithmetic was asked of ``node``, which is traced
    in another."""
    if home.decider is not None:
        raise home.decider.refusal(node, "an operation")
    error = TracingError(
        f"{users_line()}: a transform in this thread uses {quoted(node)}, which is being differentiated in "
        "another thread, so its derivative would be lost: call the transform in that thread, outside of the pool"
    )
    home.tracing.refuse(error)
    raise error


def sweep_trace(nodes: list, sweeps: list, variables: list):
    """The derivatives with respect to ``variables``, one row of floats for each of ``sweeps``.

    A sweep is a list of (root, gradient) to start from. ``nodes`` are all nodes made since the variables, in order.
    Nothing but these nodes is touched: the gradients of others, such as parameters, stay as they are. Of several sweeps
    each walks only what lies below its roots."""
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
                "a _backward set by hand serves backward() alone: give the operation partials, by @gg.primitive"
            )
    for node in nodes:
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
        _sweep([node for node in order if node._a is not None], mark)
        rows.append([node._grad for node in variables])
    return rows


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
    """Of ``nodes``, which have this mark and their numbers, those that ``roots`` depend on, in order."""
    node: Scalar
    found = []
    for node in roots:
        if node._a is not None and not node._flags & FOUND:
            node._flags |= FOUND
            found.append(node)
    for node in found:  # which grows
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
    """Raise `TracingError` where one of ``nodes`` depends on an argument that an earlier call of a transform gave."""
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
            f"node {said(node)!r} is an argument that an earlier call of a transform gave to its function: it is of "
            "another graph, so no derivative goes through it; return it from that function, or keep x.data"
        )


def release(variables):
    """The transform that made ``variables`` is done, and what was made of them is used elsewhere."""
    node: Scalar
    for node in variables:
        node._flags &= ~VARIABLE


# Every operation of the table is a method, too, also under NumPy's name, by which NumPy calls it on arrays of nodes


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
