# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False, binding=False
# cython: embedsignature=True, embedsignature.format=clinic
"""The eager node.

A `Scalar` is a number that remembers how it was made: an operation and its operands. There is no other bookkeeping,
no tape and no closures.

A node keeps the values that its operands had when it was computed. If ``data`` is set later
(``w.data -= 0.1 * w.grad``), only the next forward pass uses the new value; `backward` differentiates the last one.

Other modules walk the graph: `sweep` and `backward` for derivatives, `trace_sweep` for derivatives in transforms,
`recompute` for new values, `folded` for calls of ``gg.checkpoint``, and `walks` to list nodes. They need the type of a
node, so this module cannot import them. Instead, `backward` passes the functions that methods of `Scalar` call to
`use_walks`.

This file is plain Python, which you can read and step through with a debugger. Cython compiles the very same file,
with the C types in ``scalar.pxd``. Three choices make it fast in C. A node has two slots for operands rather than a
tuple. A number used as an operand stays a float until somebody asks for ``prev``. And each node stores the mark of the
last walk that visited it, so a walk needs no set of visited nodes.
"""

from __future__ import annotations

import math
import operator

try:
    import cython
except ImportError:  # plain Python runs without Cython
    from glassgrad.core import cython_shim as cython

from glassgrad.core import functions, ops, refusals
from glassgrad.core.flags import BY_HAND, CONSTANT, FLAGS, INTEGER, TOUCHED, UNSURE, UPDATED, VARIABLE
from glassgrad.core.folding import Folded
from glassgrad.core.node_info import UNNAMED, Note
from glassgrad.core.op import TABLE, Op, admitted, as_float, describe, is_number
from glassgrad.core.state import HERE, STATE
from glassgrad.support.frames import users_line
from glassgrad.support.legible import legible
from glassgrad.support.naming import quoted
from glassgrad.support.protocols import has_units, is_foreign
from glassgrad.support.signatures import SignatureOf

if not cython.compiled:
    from glassgrad.core.state import is_over, read

__all__ = ["Scalar", "TracingError"]

ADD, SUB, MUL, DIV, NEG, POW = ops.add, ops.sub, ops.mul, ops.div, ops.neg, ops.pow
BY_SYMBOL = {(op.symbol, op.arity): op for op in reversed(TABLE.values())} | {
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
            self._operation = BY_SYMBOL.get((op, len(operands))) or Op._opaque(op, op)
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
        run_backward(self)

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
            run_step_back(self)

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
        if DECIDING:
            refuse_to_leave(self, "forward()")
        run_forward(self)
        return self

    def zero_grad(self):
        """Set the gradient of this node, and of every node it depends on, to zero."""
        if DECIDING:
            refuse_to_leave(self, "zero_grad()")
        run_zero_grad(self)

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


def use_walks(backward, forward, zero_grad, step_back):
    """Have the methods of `Scalar` call these functions. Each takes a node."""
    global run_backward, run_forward, run_zero_grad, run_step_back
    run_backward = backward
    run_forward = forward
    run_zero_grad = zero_grad
    run_step_back = step_back


def _unfold(node):
    """If ``node`` is a result of a folded call, unfold that call."""
    if isinstance(node._operation, Folded):
        node._operation.call.unfold()


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
    node: Scalar
    mark: cython.ulonglong = new_mark()
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


def _has_mark(node: Scalar, mark: cython.ulonglong):
    return node._mark == mark


def used(node: Scalar):
    """The operands' values when ``node`` was computed; () for a leaf."""
    _unfold(node)
    return () if node._a is None else _values(node)


def computed(node: Scalar):
    """The value that the operation of ``node`` gave, even if its data was set since; for a leaf, its data."""
    return _computed(node)


def new_mark():
    """Return a mark for a walk, which no node has yet."""
    global _mark
    _mark += 2
    return _mark


def parts_of(node: Scalar):
    """Return the parts of ``node``: its operation (None for a leaf), its operands (nodes and floats), and its value."""
    _unfold(node)
    return node._operation, _operands(node) if node._a is not None else (), node._data


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
