# cython: binding=False
"""Operations: an `Op` holds everything that any part of glassgrad needs to know about one.

`TABLE` holds all operations by name, and `define` adds one. An `Op` is called like a function, on floats, nodes, NumPy
arrays and traced values. This module does not know `Scalar`: the class of a node has a method `__record__(op, args)`,
which decides what to do with the operation. If a float result is not finite, the arguments are compared with the
operation's domain. Outside it, `errstate` decides between a `DomainError`, a warning and plain IEEE 754.
"""

from __future__ import annotations

import math
import re
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import ContextDecorator
from typing import Any, NamedTuple, NoReturn

from glassgrad.core.op_docs import OPERANDS, docstring
from glassgrad.core.state import HERE, Block
from glassgrad.support.frames import levels_to_the_user
from glassgrad.support.naming import said
from glassgrad.support.signatures import SignatureOf

__all__ = [
    "IN_SILENCE",
    "TABLE",
    "Condition",
    "DomainError",
    "DomainWarning",
    "GraphWarning",
    "Op",
    "ZeroDomainError",
    "define",
    "errstate",
    "hand_arrays_to",
]


class DomainError(ValueError):
    """Raised for arguments outside an operation's domain, such as ``log(-1.0)``.

    Example:
        >>> import glassgrad as gg
        >>> gg.log(-1.0)
        Traceback (most recent call last):
        ...
        glassgrad.DomainError: log(-1.0) is undefined: needs x > 0; gg.errstate(domain='nan') gives IEEE 754's nan...
    """

    __module__ = "glassgrad"


class ZeroDomainError(DomainError, ZeroDivisionError):
    """Raised for a division by zero. Both ``except DomainError`` and ``except ZeroDivisionError`` catch it."""


class DomainWarning(RuntimeWarning):
    """Warns of arguments outside a domain where ``errstate(domain="warn")`` is in force, instead of a `DomainError`.

    Example:
        >>> import warnings
        >>> import glassgrad as gg
        >>> with warnings.catch_warnings(record=True) as caught, gg.errstate(domain="warn"):
        ...     warnings.simplefilter("always")
        ...     print(gg.log(-1.0))
        nan
        >>> print(caught[0].message)
        log(-1.0) is undefined: needs x > 0
    """

    __module__ = "glassgrad"


class GraphWarning(UserWarning):
    """Warns that a node was converted to a plain number implicitly, so that no gradient flows through the result.

    The warning names the line and the function, and how to say that only the number is wanted.

    Example:
        >>> import warnings
        >>> import numpy as np
        >>> import glassgrad as gg
        >>> table = np.zeros(2)
        >>> with warnings.catch_warnings(record=True) as caught:
        ...     warnings.simplefilter("always")
        ...     table[0] = gg.Scalar(3.0) * 2.0
        >>> caught[0].category.__name__
        'GraphWarning'
    """

    __module__ = "glassgrad"


class Condition(NamedTuple):
    """A condition on an operation's arguments.

    Attributes:
        text: the condition for people to read, such as ``"x > 0"``.
        holds: a function of the arguments that says whether the condition holds.
    """

    text: str
    holds: Callable[..., bool]


def _parameters(op: Any) -> str | None:
    """The parameters of an operation, as its docstring names them, else by their number; None of the class `Op`."""
    if op is None:
        return None
    if op.arity is None:
        return "*args"
    named = re.match(rf"{re.escape(op.name)}\((\w+(?:, \w+)*)\)", op.__doc__)
    names = named[1].split(", ") if named else OPERANDS.get(op.arity, ())
    if len(names) != op.arity:
        names = [f"x{i}" for i in range(op.arity)]
    return f"{', '.join(names)}, /"


class Op:
    """One operation on scalars: an entry of the table, and the function that users call.

    Attributes:
        name: its name in Python, such as ``"tanh"``.
        symbol: what a drawing shows, such as ``"tanh"`` or ``"+"``.
        latex: a format string over the LaTeX of the arguments, such as ``r"\\tanh\\left({0}\\right)"``.
        arity: the number of arguments, or None if it varies from node to node.
        value: a function of floats that returns a float. It follows IEEE 754: it returns inf or nan and never raises.
        partials: one rule for each argument. ``rule(y, *args)`` returns the derivative with respect to that argument,
            where ``y`` is the result. Rules are written with operations of the table, so they work on floats, nodes
            and traced values. None stands for an argument that has no derivative.
        slopes: the partials in mathematical notation, which the player shows: ``("1 − {y}²",)``. ``{y}`` is replaced
            by the result's name, and ``{0}``, ``{1}``, … by the arguments' names. None: nothing is shown.
        numpy: the name of the NumPy ufunc that computes the same, or None.
        code: the name of the kernel in the compiler's mathlib, or None if only Python computes it.
        js: a JavaScript expression that computes the value in the player's page, or None: then the page shows the value
            from Python. The arguments are called ``x``, or ``a`` and ``b``, or ``a``, ``b`` and ``c``. Functions that
            JavaScript lacks are in ``player/js/maths.js``.
        domain: where the value is defined, or None for everywhere.
        kinks: where a derivative jumps or does not exist, or None for nowhere.
        selects: True if a partial of exactly 0.0 means that the argument was not chosen. Nothing is then sent to that
            argument, so a nan on the branch not taken does no harm.
        slow: True if a partial runs Python code even in the compiled build, so that Ctrl-C may interrupt it.
        trusted: True if the rules are glassgrad's own and always run to the end: they raise nothing, and in the
            compiled build no signal handler runs during them.
        pullback: a hand-written ``_backward`` of one node, or None.

    Raises:
        ValueError: the number of partials is not ``arity``.

    Example:
        >>> from glassgrad.core.op import Op
        >>> double = Op("double", value=lambda x: 2.0 * x, partials=(lambda y, x: 2.0,))
        >>> double(3.0), double.partial(0, 6.0, (3.0,))
        (6.0, 2.0)
    """

    __signature__ = SignatureOf(_parameters)

    def __init__(
        self,
        name: str,
        *,
        value: Callable[..., float] | None,
        partials: Sequence[Callable[..., Any] | None] | None,
        symbol: str | None = None,
        latex: str | None = None,
        arity: int | None = None,
        numpy: str | None = None,
        code: str | None = None,
        js: str | None = None,
        domain: Condition | None = None,
        kinks: Condition | None = None,
        selects: bool = False,
        slow: bool = False,
        slopes: Sequence[str | None] | None = None,
        doc: str = "",
        home: tuple[str, str] | None = None,
    ) -> None:
        self.name = self.__name__ = name
        self.symbol = name if symbol is None else symbol
        self.arity = len(partials) if arity is None and partials is not None else arity
        self.latex = latex or _call_in_latex(name, self.arity)
        self.value = value
        self.partials = None if partials is None else tuple(partials)
        if self.partials is not None and len(self.partials) != self.arity:
            raise ValueError(
                f"operation {name} must have one partial for each of its {self.arity} argument(s), "
                f"got {len(self.partials)}"
            )
        self.slopes = slopes
        self.numpy = numpy
        self.code = code
        self.js = js
        self.domain = domain
        self.kinks = kinks
        self.selects = selects
        self.pullback: Callable[[], None] | None = None
        self.trusted = partials is not None and home is None and not slow
        self.home = home  # the module and the qualified name of a user's primitive, under which it is pickled
        self.__doc__ = doc or f"The operation {name}."

    def __repr__(self) -> str:
        return f"<glassgrad operation {self.name}>"

    def __reduce__(self) -> Any:
        if TABLE.get(self.name) is self:
            return _entry, (self.name,)
        if self.home is None:
            return _unknown, (self.name, self.symbol)
        from glassgrad.support.picklers import by_value, is_elsewhere

        module, name = self.home
        found = self._is_at_home(module, name)
        if not (found and is_elsewhere(module)) and by_value():
            fields = {field: getattr(self, field) for field in FIELDS}
            return _blank, (type(self),), {**fields, **vars(self)}
        if not found:
            from pickle import PicklingError

            raise PicklingError(
                f"primitive {self.name} cannot be pickled, because {module or 'its module'} has no {name} that is this "
                "primitive: define it at the top level of a module with @gg.primitive, or pickle it with cloudpickle"
            )
        return _at_home, self.home

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            setattr(self, name, value)

    def _is_at_home(self, module: str, name: str) -> bool:
        """Return whether ``name`` in ``module`` is this operation."""
        try:
            return _at_home(module, name) is self
        except (ImportError, AttributeError, ValueError):
            return False

    def __copy__(self) -> Op:
        return self

    def __deepcopy__(self, memo: Any) -> Op:
        return self

    def __call__(self, *args: Any) -> Any:
        for arg in args:
            if type(arg) is not float and type(arg) is not bool:
                return self._dispatch(args)
        if len(args) != self.arity:
            self._wrong_number_of_arguments(args)
        if self.value is not None:
            y = self.value(*args)
            if type(y) is float and y - y == 0:
                return y
        return self.evaluate(args)

    def evaluate(self, xs: Sequence[float], labels: Sequence[str | None] = ()) -> float:
        """Return the value at the floats ``xs``.

        Args:
            xs: the arguments.
            labels: the names of the arguments' nodes, for error messages.

        Raises:
            DomainError: the arguments are outside the domain, and `errstate` says that this raises.
        """
        assert self.value is not None
        y = self.value(*xs)
        if y - y == 0:  # y is finite: in the usual case this is the only check
            return y if type(y) is float else float(y)
        if self.domain is not None and not any(map(math.isnan, xs)) and not self.domain.holds(*xs):
            self._outside(xs, labels)
        return y

    def partial(self, i: int, y: Any, args: Sequence[Any]) -> Any:
        """Return the derivative with respect to argument ``i`` at ``args``, where the operation's result is ``y``.

        Where Python's arithmetic would raise, the result is IEEE 754's.

        Raises:
            TypeError: the operation has no derivative with respect to that argument, or its rule fails.
        """
        rule = None if self.partials is None or i >= len(self.partials) else self.partials[i]
        if rule is None:
            raise TypeError(
                f"{self.name} has no derivative with respect to argument {i}: "
                "pass a plain number there, or give the operation a partial for it"
            )
        who = f"the partial of {self.name} with respect to argument {i}"
        try:
            slope = rule(y, *args)
        except (ArithmeticError, ValueError):
            if any(type(x) is not float for x in args):
                raise
            slope = float(rule(IEEEFloat(y), *map(IEEEFloat, args)))
        except TypeError as error:
            if type(error) is not TypeError:
                raise
            raise TypeError(
                f"{who} failed: {error}; a rule must take the result and the {self.arity} argument(s)"
            ) from error
        return slope if type(slope) is float or hasattr(type(slope), "__record__") else as_float(slope, who)

    def with_pullback(self, pullback: Callable[[], None]) -> Op:
        """Return a copy of the operation whose step of the chain rule is the hand-written ``pullback``."""
        twin = Op(
            self.name,
            symbol=self.symbol,
            latex=self.latex,
            arity=self.arity,
            value=self.value,
            partials=self.partials,
            numpy=self.numpy,
            code=self.code,
            js=self.js,
            domain=self.domain,
            kinks=self.kinks,
            selects=self.selects,
            slopes=self.slopes,
            doc=self.__doc__ or "",
        )
        twin.pullback = pullback
        twin.trusted = False
        return twin

    @staticmethod
    def _opaque(name: str, symbol: str) -> Op:
        """Return an operation with a name only: it can be drawn, but not computed or differentiated."""
        return Op(name, symbol=symbol, value=None, partials=None)

    def _dispatch(self, args: tuple[Any, ...]) -> Any:
        if self.arity is not None and len(args) != self.arity:
            self._wrong_number_of_arguments(args)
        record = None
        for arg in args:
            kind = type(arg)
            if kind is float or kind is int or kind is bool:
                continue
            of_kind = getattr(kind, "__record__", None)
            if of_kind is not None:
                record = of_kind
            elif _is_array(arg):
                return _over_arrays[0](self, args)
        if record is not None:
            return record(self, args)
        return self.evaluate([as_float(x, self.name) for x in args])

    def _wrong_number_of_arguments(self, args: Sequence[Any]) -> NoReturn:
        raise TypeError(f"{self.name} takes {self.arity} argument{'s' * (self.arity != 1)}, but got {len(args)}")

    def _outside(self, xs: Sequence[float], labels: Sequence[str | None]) -> None:
        policy = HERE.state().policy
        if policy == "nan":
            return
        assert self.domain is not None
        infix = self.symbol in INFIX and len(xs) == 2
        base = f"({xs[0]!r})" if xs[0] < 0 and self.symbol == "**" else repr(xs[0])
        shown = f"{base} {self.symbol} {xs[1]!r}" if infix else f"{self.name}({', '.join(map(repr, xs))})"
        named = [repr(label) for label in labels if label]
        where = f" (node{'s' * (len(named) > 1)} {', '.join(named)})" if named else ""
        message = f"{shown} is undefined: needs {self.domain.text}{where}"
        if policy == "warn":
            warnings.warn(message, DomainWarning, stacklevel=levels_to_the_user())
            return
        by_zero = (infix and xs[1] == 0 and self.symbol != "**") or (self.symbol == "**" and xs[0] == 0)
        cure = "; gg.errstate(domain='nan') gives IEEE 754's nan or inf instead"
        raise (ZeroDomainError if by_zero else DomainError)(message + cure)


FIELDS = (  # the attributes that op.pxd declares, which `vars` does not list in the compiled build
    *("name", "symbol", "latex", "arity", "value", "partials", "numpy", "code", "js", "domain", "kinks", "home"),
    *("slopes", "pullback", "selects", "trusted"),
)
# Symbols that error messages write between the two arguments.
INFIX = frozenset(["+", "-", "*", "/", "**", "%", "//"])

# All operations of glassgrad by name. `glassgrad.core.ops` fills it.
TABLE: dict[str, Op] = {}


def define(
    name: str,
    *,
    doc: str,
    example: Mapping[str, str],
    slopes: Sequence[str | None],
    operands: Sequence[str] | None = None,
    domain: Condition | None = None,
    kinks: Condition | None = None,
    **columns: Any,
) -> Op:
    """Add an operation to the table, with a docstring made from its entry.

    Args:
        name: the name of the operation.
        doc: what it computes, without the last full stop.
        example: expressions that a learner may try, and what Python prints for each.
        slopes, domain, kinks: see `Op`.
        operands: the names of the arguments in the docstring, if not ``x``, ``a, b`` or ``c, a, b``.
        columns: the other arguments of `Op`.

    Raises:
        ValueError: the table has an operation of that name already.
    """
    if name in TABLE:
        raise ValueError(f"operation {name!r} is in the table already")
    text = docstring(
        name,
        doc,
        slopes,
        domain=domain and domain.text,
        kinks=kinks and kinks.text,
        example=example,
        operands=operands,
    )
    TABLE[name] = op = Op(name, slopes=slopes, domain=domain, kinks=kinks, doc=text, **columns)
    return op


class errstate(Block, ContextDecorator):
    """Set what an operation does with arguments outside its domain, in a ``with`` block or a decorated function.

    Args:
        domain: ``"raise"`` raises `DomainError`; this is the default outside any block. ``"warn"`` warns with
            `DomainWarning` and returns IEEE 754's nan or inf. ``"nan"`` returns it without a warning.

    Raises:
        ValueError: ``domain`` is none of these.

    Example:
        >>> import glassgrad as gg
        >>> with gg.errstate(domain="nan"):
        ...     gg.log(-1.0)
        nan
    """

    def __init__(self, *, domain: str) -> None:
        if domain not in ("raise", "warn", "nan"):
            raise ValueError(f"the domain of errstate must be 'raise', 'warn' or 'nan', got {domain!r}")
        self.domain = domain

    def __enter__(self) -> errstate:
        state = self.inner()
        state.policy = self.domain
        self.enter(state)
        return self


# Rules run in this block, because at the edge of a domain a derivative is IEEE 754's inf or nan.
IN_SILENCE = errstate(domain="nan")


class IEEEFloat(float):
    """A float whose division and powers follow IEEE 754 where Python's raise. Rules run on it when floats raised."""

    __slots__ = ()

    @staticmethod
    def __record__(op: Op, args: Sequence[Any]) -> IEEEFloat:
        assert op.value is not None
        return IEEEFloat(op.value(*map(float, args)))

    def __add__(self, other: float) -> IEEEFloat:
        return IEEEFloat(float(self) + other)

    def __sub__(self, other: float) -> IEEEFloat:
        return IEEEFloat(float(self) - other)

    def __rsub__(self, other: float) -> IEEEFloat:
        return IEEEFloat(other - float(self))

    def __mul__(self, other: float) -> IEEEFloat:
        return IEEEFloat(float(self) * other)

    def __truediv__(self, other: float) -> IEEEFloat:
        return IEEEFloat(divided(float(self), float(other)))

    def __rtruediv__(self, other: float) -> IEEEFloat:
        return IEEEFloat(divided(float(other), float(self)))

    def __pow__(self, other: float, modulus: None = None) -> IEEEFloat:
        return self.__record__(TABLE["pow"], (self, other))

    def __rpow__(self, other: float, modulus: None = None) -> IEEEFloat:
        return self.__record__(TABLE["pow"], (other, self))

    def __neg__(self) -> IEEEFloat:
        return IEEEFloat(-float(self))

    __radd__ = __add__
    __rmul__ = __mul__


def divided(a: float, b: float) -> float:
    """Return ``a / b`` as IEEE 754 defines it, also for b = 0."""
    if b == 0:
        return math.nan if a == 0 or a != a else math.copysign(math.inf, a) * math.copysign(1.0, b)
    return a / b


def as_float(x: Any, user: object) -> float:
    """Return the float nearest to ``x``.

    Args:
        x: a number of any kind: Python's (`Fraction` and `Decimal` too), NumPy's, or another that `float` accepts.
        user: the operation or attribute that needs the number, for error messages.

    Raises:
        TypeError: ``x`` is not one real number.
        OverflowError: ``x`` is too large for a float.
    """
    if is_number(x):
        try:
            return float(x)
        except OverflowError:
            size = f" ({x.bit_length()} bits)" if isinstance(x, int) else ""
            raise OverflowError(f"{user} got a number too large for a float{size}") from None
        except (TypeError, ValueError) as error:
            raise TypeError(f"{user} needs a number, but got {describe(x)}: {error}") from None
    raise TypeError(f"{user} needs a number, but got {describe(x)}{_cure_for(x)}")


def is_number(x: Any) -> bool:
    """Return whether ``x`` is one real number: Python's, NumPy's, or an array of no dimensions.

    A node, an array, text, a date and a masked value are not.
    """
    if isinstance(x, (float, int)):
        return True
    kind = type(x)
    if not hasattr(kind, "__float__") or hasattr(kind, "__record__"):
        return False
    if getattr(x, "ndim", -1 if hasattr(kind, "__len__") else 0) != 0:
        return False
    of_numpy = getattr(getattr(x, "dtype", None), "kind", None)
    if of_numpy is None:
        return not isinstance(x, complex)
    return of_numpy in "biuf" and not (hasattr(x, "mask") and bool(x.mask))


def describe(x: Any) -> str:
    """Return the type of ``x`` and a short repr, for an error message."""
    if _is_array(x) and any(hasattr(type(element), "__record__") for element in getattr(x, "flat", ())):
        return f"{type(x).__name__} of nodes, of shape {x.shape}"
    text = f"{said(x)!r}" if _is_node(x) else _text(x)
    return "None" if x is None else f"{type(x).__name__} {text if len(text) <= 60 else text[:57] + '...'}"


def _is_node(x: Any) -> bool:
    return hasattr(type(x), "__record__") and hasattr(x, "operation")


def _text(x: Any, depth: int = 3) -> str:
    """Return a short repr in which nodes appear by their names."""
    if _is_node(x):
        return said(x)
    if type(x) not in (list, tuple, dict):
        return " ".join(repr(x).split())
    if depth == 0:
        return "..."
    some = [*x.items()][:9] if type(x) is dict else [*x[:9]]
    texts = [f"{one[0]!r}: {_text(one[1], depth - 1)}" if type(x) is dict else _text(one, depth - 1) for one in some]
    inside = ", ".join([*texts, *["..."][: len(x) > 9]]) + "," * (type(x) is tuple and len(x) == 1)
    return f"[{inside}]" if type(x) is list else f"({inside})" if type(x) is tuple else f"{{{inside}}}"


def _is_complex(x: Any) -> bool:
    return isinstance(x, complex) or getattr(getattr(x, "dtype", None), "kind", "") == "c"


def _cure_for(x: Any) -> str:
    if isinstance(x, (str, bytes)):
        return "; convert it first: float('...')"
    if getattr(getattr(x, "dtype", None), "kind", "") in tuple("mM"):
        return "; convert it to a number first, such as t / np.timedelta64(1, 's')"
    if getattr(x, "ndim", -1) == 0 and getattr(x, "mask", False):
        return "; it is masked: give it a value first, x.filled(0.0)"
    if x is None:
        return "; did a function forget its return?"
    if _is_complex(x):
        return "; glassgrad differentiates real numbers: pass .real or .imag"
    as_array = cure_for_array(x)
    if as_array:
        return f"; {as_array}"
    if hasattr(x, "__len__") and hasattr(x, "__getitem__") and not isinstance(x, range):
        return "; make many nodes at once with gg.array(...), or take one element"
    if hasattr(x, "__iter__") and not hasattr(type(x), "__record__"):
        return "; put its elements into a list, list(x)"
    if hasattr(type(x), "__record__"):
        return "; it is a node already: use it as it is, or take its .data"
    if hasattr(x, "data") and hasattr(x, "grad"):
        return "; it belongs to another library: pass its value, or make it a gg.Scalar"
    return ""


def cure_for_array(x: Any) -> str:
    """Return how to convert ``x`` to a NumPy array if it is another library's array, else an empty string."""
    numpy = sys.modules.get("numpy")
    if isinstance(x, type) or (numpy is not None and isinstance(x, (numpy.ndarray, numpy.generic))):
        return ""
    if hasattr(x, "to_numpy"):
        return "pass its numbers as an array, x.to_numpy()"
    if hasattr(x, "detach") and hasattr(x, "numpy"):
        return "pass its numbers as an array, x.detach().numpy()"
    buffer = isinstance(x, memoryview) or type(x).__module__ == "array"
    return "pass its numbers as an array, np.asarray(x)" if buffer or hasattr(x, "__array__") else ""


def _call_in_latex(name: str, arity: int | None) -> str:
    escaped = name.replace("_", r"\_")
    arguments = ", ".join(f"{{{i}}}" for i in range(arity or 0)) or "{0}"
    return rf"\operatorname{{{{{escaped}}}}}\left({arguments}\right)"


def _is_array(x: Any) -> bool:
    if isinstance(x, (list, tuple)):
        return True
    if hasattr(type(x), "__holds_nodes__"):
        return True
    numpy = sys.modules.get("numpy")  # before NumPy is imported there are no arrays
    return numpy is not None and isinstance(x, numpy.ndarray) and (x.ndim > 0 or x.dtype == object)


def hand_arrays_to(function: Callable[[Op, Sequence[Any]], Any]) -> None:
    """Let ``function(op, args)`` apply operations to arrays from now on. This module has no code for arrays."""
    _over_arrays[:] = [function]


_over_arrays: list[Callable[[Op, Sequence[Any]], Any]] = []


def _entry(name: str) -> Op:
    try:
        return TABLE[name]
    except KeyError:
        raise LookupError(f"this glassgrad has no operation {name!r}: it was pickled by another version") from None


def _blank(kind: type[Op]) -> Op:
    return kind.__new__(kind)


def _unknown(name: str, symbol: str) -> Op:
    return Op._opaque(name, symbol)


def _at_home(module: str, qualified_name: str) -> Any:
    from importlib import import_module

    found: Any = import_module(module)
    for part in qualified_name.split("."):
        found = getattr(found, part)
    return found
