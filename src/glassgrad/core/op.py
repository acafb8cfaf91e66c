# cython: binding=False
"""What an operation is: one entry that says everything any part of glassgrad needs to know of it.

`Op` is the entry, `TABLE` holds all of them by name, `define` adds one. An `Op` is called like a function, on floats,
nodes, NumPy arrays and traced values alike; what a node does with it is the node's own affair (its class offers
`__record__(op, args)`), so nothing here knows of `Scalar`. A float result that is not finite is looked at again:
outside the operation's domain `errstate` decides between `DomainError`, a warning and plain IEEE 754.
"""

from __future__ import annotations

import math
import sys
import warnings
from collections.abc import Callable, Sequence
from contextlib import ContextDecorator
from typing import Any, NamedTuple, NoReturn

from glassgrad.core.state import HERE, Block
from glassgrad.support.frames import levels_to_the_user
from glassgrad.support.naming import said

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
    """An operation was asked for a value outside its domain, such as ``log(-1.0)``."""

    __module__ = "glassgrad"


class ZeroDomainError(DomainError, ZeroDivisionError):
    """A division by zero: a `DomainError` that ``except ZeroDivisionError`` catches as well."""


class DomainWarning(RuntimeWarning):
    """What `DomainError` becomes under ``errstate(domain="warn")``."""

    __module__ = "glassgrad"


class GraphWarning(UserWarning):
    """A node was used as a plain number without being asked for one, so no derivative goes through what is made of it.
    The warning names the line, glassgrad's function, and how to say that just the number is wanted."""

    __module__ = "glassgrad"


class Condition(NamedTuple):
    """A condition on an operation's arguments, to read (``"x > 0"``) and to test."""

    text: str
    holds: Callable[..., bool]


class Op:
    """One operation on scalars: an entry of the table, and the function that users call.

    Attributes:
        name: what it is called in Python, ``"tanh"``.
        symbol: what a drawing shows, ``"tanh"`` or ``"+"``.
        latex: a format string over the arguments' LaTeX, ``r"\\tanh\\left({0}\\right)"``.
        arity: the number of arguments, or None where it varies from node to node.
        value: floats in, float out, by IEEE 754: it returns inf or nan and never raises.
        partials: one rule an argument, ``rule(y, *args)`` with ``y`` the result, written with operations of the
        table so
            that it serves floats, nodes and traced values. None: not differentiable by that argument.
        slopes: the partials as people write them, for the player to explain: ``("1 − {y}²",)`` with the names of the
            result and of the operands ``{0}``, ``{1}`` … put in. None: nothing is said of them.
        numpy: the name of NumPy's ufunc that does the same, or None.
        code: the name of the kernel in the compiler's mathlib that computes it, or None: then it runs in Python alone.
        js: a JavaScript expression with the same values, by which the player's page recomputes it, or None: then it
            shows Python's. Its argument is called x; two are a and b, three a, b and c. Functions that JavaScript
            lacks are those of ``player/js/maths.js``.
        domain: where the value is defined, or None for everywhere.
        kinks: where the derivative jumps or does not exist, or None for nowhere.
        selects: True when a partial of exactly 0.0 means that the argument was not chosen; nothing is then sent to it,
            so that a NaN on the side not taken stays there.
        slow: a partial runs Python code even in the compiled build, where Ctrl-C may end it.
        trusted: its rules are ours, and run to their end: they raise nothing, and in the compiled build no signal's
            handler does.
        pullback: a hand-written ``_backward`` of one node, or None.
    """

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
            raise ValueError(f"operation {name} takes {self.arity} arguments, but has {len(self.partials)} partials")
        self.slopes = slopes
        self.numpy = numpy
        self.code = code
        self.js = js
        self.domain = domain
        self.kinks = kinks
        self.selects = selects
        self.pullback: Callable[[], None] | None = None
        self.trusted = partials is not None and home is None and not slow
        self.home = home  # (module, qualified name) of a user's primitive, by which it pickles
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
                f"primitive {self.name} cannot be pickled, since it is not what {module or 'its module'} calls {name}: "
                "define it at the top of a module, by @gg.primitive over a function of that name, or pickle it with "
                "cloudpickle"
            )
        return _at_home, self.home

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            setattr(self, name, value)

    def _is_at_home(self, module: str, name: str) -> bool:
        """Whether the operation is what ``module`` calls ``name``."""
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
        """The value at floats ``xs``, its domain checked as `errstate` says; ``labels`` name operands in errors."""
        assert self.value is not None
        y = self.value(*xs)
        if y - y == 0:  # finite; the usual case pays no more than this
            return y if type(y) is float else float(y)
        if self.domain is not None and not any(map(math.isnan, xs)) and not self.domain.holds(*xs):
            self._outside(xs, labels)
        return y

    def partial(self, i: int, y: Any, args: Sequence[Any]) -> Any:
        """The derivative by argument ``i`` at ``args``, the result being ``y``; IEEE 754 also where Python raises."""
        rule = None if self.partials is None or i >= len(self.partials) else self.partials[i]
        if rule is None:
            raise TypeError(
                f"{self.name} has no derivative by its argument {i}: "
                "pass a plain number there, or give the operation a partial for it"
            )
        who = f"the partial of {self.name} by argument {i}"
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
                f"{who} failed: {error}; a rule takes the result and the {self.arity} argument(s)"
            ) from error
        return slope if type(slope) is float or hasattr(type(slope), "__record__") else as_float(slope, who)

    def with_pullback(self, pullback: Callable[[], None]) -> Op:
        """The same operation, its step of the chain rule written by hand."""
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
        """An operation of which nothing is known but its name: drawn, but not differentiated."""
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


FIELDS = (  # those that op.pxd declares
    *("name", "symbol", "latex", "arity", "value", "partials", "numpy", "code", "js", "domain", "kinks", "home"),
    *("slopes", "pullback", "selects", "trusted"),
)
INFIX = frozenset(["+", "-", "*", "/", "**", "%", "//"])

TABLE: dict[str, Op] = {}


def define(name: str, **columns: Any) -> Op:
    """Add an operation to the table; ``columns`` are those of `Op`."""
    if name in TABLE:
        raise ValueError(f"operation {name!r} is in the table already")
    TABLE[name] = op = Op(name, **columns)
    return op


class errstate(Block, ContextDecorator):
    """What an operation outside its domain does, within a ``with`` block or a decorated function.

    Args:
        domain: ``"raise"`` (the default everywhere) raises `DomainError`; ``"warn"`` warns with `DomainWarning` and
        gives
            IEEE 754's nan or inf; ``"nan"`` gives that without a word.

    Example:
        >>> import glassgrad as gg
        >>> with gg.errstate(domain="nan"):
        ...     gg.log(-1.0)
        nan
    """

    def __init__(self, *, domain: str) -> None:
        if domain not in ("raise", "warn", "nan"):
            raise ValueError(f"errstate(domain={domain!r}): choose 'raise', 'warn' or 'nan'")
        self.domain = domain

    def __enter__(self) -> errstate:
        state = self.inner()
        state.policy = self.domain
        self.enter(state)
        return self


IN_SILENCE = errstate(domain="nan")  # for rules: at the edge of a domain a derivative is inf or nan, as IEEE 754 says


class IEEEFloat(float):
    """A float whose division and powers follow IEEE 754 where Python's raise. Rules are run on it at the edges."""

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
    """``a / b`` by IEEE 754."""
    if b == 0:
        return math.nan if a == 0 or a != a else math.copysign(math.inf, a) * math.copysign(1.0, b)
    return a / b


def as_float(x: Any, user: object) -> float:
    """``x`` as the nearest float, for numbers of every kind: Python's (Fraction and Decimal, too), NumPy's, and others'
    that ``float`` takes. ``user`` (an operation, an attribute) is named in the TypeError."""
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
    """Whether ``x`` is one real number: Python's, NumPy's, an array of no dimensions; not a node, an array, text, a
    date or a masked value."""
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
    """``x`` in an error message: its type and a short repr."""
    if _is_array(x) and any(hasattr(type(element), "__record__") for element in getattr(x, "flat", ())):
        return f"{type(x).__name__} of nodes, of shape {x.shape}"
    text = f"{said(x)!r}" if _is_node(x) else _text(x)
    return "None" if x is None else f"{type(x).__name__} {text if len(text) <= 60 else text[:57] + '...'}"


def _is_node(x: Any) -> bool:
    return hasattr(type(x), "__record__") and hasattr(x, "operation")


def _text(x: Any, depth: int = 3) -> str:
    """A short repr, in which a node has its name."""
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
        return "; make a number of it first, such as t / np.timedelta64(1, 's')"
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
    """How to make an array of NumPy's of ``x``, if it holds numbers in a way of another library's; else ""."""
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
    numpy = sys.modules.get("numpy")  # no array can exist before NumPy is imported
    return numpy is not None and isinstance(x, numpy.ndarray) and (x.ndim > 0 or x.dtype == object)


def hand_arrays_to(function: Callable[[Op, Sequence[Any]], Any]) -> None:
    """From now on ``function(op, args)`` applies an operation to arrays: this module knows of none."""
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
