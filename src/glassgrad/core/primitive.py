"""The user's own operations: a function of floats, from SciPy or anywhere, with its partial derivatives."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, overload

from glassgrad.core.op import Condition, Op, as_float, describe
from glassgrad.core.scalar import Scalar

__all__ = ["Primitive", "custom", "primitive"]

Rule = Callable[..., Any]


class Primitive(Op):
    """An operation made by `primitive`. `partial_by` adds the derivative with respect to one more argument."""

    def partial_by(self, argument: int | str) -> Callable[[Rule], Rule]:
        """Decorate a function as the derivative with respect to ``argument``.

        Args:
            argument: the position or the name of the argument. The decorated function is ``rule(y, *args)``, where
                ``y`` is the result.

        Raises:
            ValueError: the operation has no such argument.

        Example:
            >>> import math, glassgrad as gg
            >>> @gg.primitive
            ... def sinc(x):
            ...     return math.sin(x) / x
            >>> @sinc.partial_by("x")
            ... def _(y, x):
            ...     return (gg.cos(x) - y) / x
            >>> round(gg.grad(sinc)(1.0), 6)
            -0.301169
        """
        import inspect

        names = list(inspect.signature(self.function).parameters)[: self.arity]
        if isinstance(argument, str):
            if argument not in names:
                raise ValueError(f"{self.name} has no argument {argument!r}: choose from {', '.join(names)}")
            argument = names.index(argument)
        i = argument
        if not 0 <= i < len(names):
            raise ValueError(f"{self.name} has arguments 0 to {len(names) - 1}, not {i}")

        def add(rule: Rule) -> Rule:
            rules = list(self.partials or [None] * len(names))
            rules[i] = rule
            self.partials = tuple(rules)
            return rule

        return add

    function: Callable[..., Any]  # the user's function of floats
    opaque = False  # the function cannot be traced on nodes: compiled code calls it rather than containing it
    outside: Any = None  # the names from outside that the function uses, once the compiler has looked
    module: str  # the module that called `primitive`

    def __reduce__(self) -> Any:
        """Pickle by the name in the module that called `primitive`, or else by the function's own name: a function of
        SciPy has its name in SciPy."""
        for name, found in list(vars(sys.modules.get(self.module, object)).items()):
            if found is self and self.home is not None:
                self.home = self.module, name
                break
        return super().__reduce__()


@overload
def primitive(function: Callable[..., Any], /) -> Primitive: ...
@overload
def primitive(
    *,
    partials: Sequence[Rule | None] | Rule | None = None,
    name: str | None = None,
    symbol: str | None = None,
    latex: str | None = None,
    domain: Condition | None = None,
    kinks: Condition | None = None,
) -> Callable[[Callable[..., Any]], Primitive]: ...


def primitive(function: Callable[..., Any] | None = None, /, **columns: Any) -> Any:
    """Turn a function of floats, such as one of SciPy's, into an operation with a derivative of your own.

    You can call the operation on floats, nodes and arrays, draw it, check it with `check_grad`, copy and pickle it, all
    like glassgrad's own. If the function can be traced, compiled functions contain it; otherwise they call it.

    Args:
        function: a function that takes floats and returns a float. Its positional parameters without a default are the
            operation's arguments.
        partials: the derivative with respect to each argument, in order. Each is a function ``rule(y, *args)``, where
            ``y`` is the result, or None for an argument that must be a plain number. A rule written with glassgrad's
            operations (or other primitives) can be differentiated again. For a function of one argument, a single rule
            will do. ``.partial_by`` adds rules later.
        name, symbol, latex, domain, kinks: as in `glassgrad.core.op.Op`. The default name is the function's own.

    Returns:
        The operation, a `Primitive`. Without ``function``, a decorator.

    Raises:
        TypeError: ``function`` is not callable, or has keyword-only or variable arguments.
        ValueError: the number of partials differs from the number of arguments.

    Example:
        >>> import math, glassgrad as gg
        >>> @gg.primitive(partials=lambda y, x: gg.exp(x) + 1)
        ... def soft(x):
        ...     return math.exp(x) + x
        >>> gg.grad(soft)(0.0)
        2.0
    """
    if function is None:
        return partial(_primitive, **columns)
    return _primitive(function, **columns)


def _primitive(
    function: Callable[..., Any],
    *,
    partials: Sequence[Rule | None] | Rule | None = None,
    name: str | None = None,
    symbol: str | None = None,
    latex: str | None = None,
    domain: Condition | None = None,
    kinks: Condition | None = None,
) -> Primitive:
    if not callable(function):
        raise TypeError(f"primitive needs a function of floats, got {describe(function)}")
    name = name or getattr(function, "__name__", None) or type(function).__name__
    arity = _arity(function, name)
    if callable(partials):
        partials = [partials]
    if partials is not None and arity is not None and len(partials) != arity:
        raise ValueError(
            f"primitive {name} has {arity} arguments but {len(partials)} partials: give each argument a rule or None"
        )
    op = Primitive(
        name,
        value=_checked(function, name),
        partials=partials,
        arity=len(partials) if partials is not None else arity,
        symbol=symbol,
        latex=latex,
        domain=domain,
        kinks=kinks,
        doc=getattr(function, "__doc__", None) or f"The operation {name}.",
        home=(getattr(function, "__module__", "") or "", getattr(function, "__qualname__", name)),
    )
    op.function = function
    op.module = _module_of_the_caller()
    return op


def _module_of_the_caller() -> str:
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__") == __name__:
        frame = frame.f_back
    return str(frame.f_globals.get("__name__", ""))


def _arity(function: Callable[..., Any], name: str) -> int | None:
    """The number of positional arguments without a default, which is the operation's arity; None if it is unknown."""
    if hasattr(function, "nin"):  # a NumPy ufunc
        return int(function.nin)
    import inspect

    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return None
    arguments = [p for p in parameters if p.default is p.empty]
    for p in arguments:
        if p.kind not in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD):
            raise TypeError(f"primitive {name} must have a fixed number of positional arguments, not {p}")
    return len(arguments)


def _checked(function: Callable[..., Any], name: str) -> Callable[..., float]:
    def value(*xs: float) -> float:
        return as_float(function(*xs), f"the result of primitive {name}")

    return value


def custom(
    value: float | Callable[..., Any],
    operands: Sequence[Any],
    partials: Sequence[float | Rule],
    *,
    name: str = "custom",
    label: str | None = None,
) -> Scalar:
    """Make one node with a value and local derivatives of your own.

    Args:
        value: the value, a number. Or a function that computes it from the operands' floats; then `Scalar.forward` can
            compute it again.
        operands: nodes or numbers, in order.
        partials: the derivative of the node with respect to each operand: a number, or a function ``rule(y, *args)`` as
            in `primitive`.
        name: the operation's name in drawings and errors.
        label: the node's label.

    Raises:
        TypeError: no operand is a node, or a value, operand or partial is not a number.
        ValueError: the number of partials differs from the number of operands.

    Example:
        >>> import glassgrad as gg
        >>> x = gg.Scalar(3.0, label="x")
        >>> y = gg.custom(9.0, [x], [6.0], name="square")
        >>> y.backward()
        >>> x.grad
        6.0
    """
    for what, given in (("operands", operands), ("partials", partials)):
        if isinstance(given, Scalar) or not hasattr(given, "__iter__"):
            raise TypeError(f"custom {name!r} needs its {what} in a list, got {describe(given)}: write [x] for one")
    operands = tuple(operands)
    partials = tuple(partials)
    if len(partials) != len(operands):
        raise ValueError(
            f"custom {name!r} has {len(operands)} operands but {len(partials)} partials: give one for each"
        )
    if not operands or not any(isinstance(x, Scalar) for x in operands):
        raise TypeError(f"custom {name!r} needs at least one operand that is a Scalar, got {describe(list(operands))}")
    op = Custom(name, value, partials)
    node = Scalar.__record__(
        op, tuple(x if isinstance(x, Scalar) else as_float(x, f"custom {name!r}") for x in operands)
    )
    if not callable(value):
        op.value = None  # a plain number cannot be computed again
    if label is not None:
        node.label = label
    return node


class Custom(Op):
    """The operation of one node made by `custom`."""

    opaque = False
    outside: Any = None

    def __init__(self, name: str, value: float | Rule, partials: Sequence[float | Rule]) -> None:
        self.made_of = (name, value, tuple(partials))
        self.function = value if callable(value) else None
        super().__init__(
            name,
            value=_checked(value, name) if callable(value) else Number(name, as_float(value, f"custom {name!r}")),
            partials=[p if callable(p) else Number(name, as_float(p, f"a partial of {name}")) for p in partials],
            home=(__name__, "Custom"),
        )

    def __reduce__(self) -> Any:
        return Custom, self.made_of


class Number:
    """A local derivative (or value) given as a number. It is right only at the operands that it was given for."""

    def __init__(self, name: str, number: float) -> None:
        self.name = name
        self.number = number

    def __call__(self, *args: Any) -> float:
        if any(isinstance(x, Scalar) for x in args):
            raise TypeError(
                f"custom {self.name!r} has a plain number as its derivative, so it can be differentiated only once: "
                "give a rule instead, such as lambda y, *args: ..."
            )
        return self.number
