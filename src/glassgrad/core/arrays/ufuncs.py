"""NumPy's ufuncs on arrays of nodes and on bare nodes (NEP 13), and the table's operations on arrays.

For arithmetic, NumPy's own loop over objects calls Python's operators. Other ufuncs are operations of the table, found
by its column ``numpy``, or composed of them. Comparisons and tests give truths. Any other ufunc raises an error.
"""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from glassgrad.core import functions, scalar
from glassgrad.core.arrays import choices, elementwise
from glassgrad.core.arrays.reading import computes_itself
from glassgrad.core.arrays.wrapping import bare, comparable, elements, is_truth, objects, truths, wrapped
from glassgrad.core.op import TABLE, Op, admitted
from glassgrad.core.refusals import no_operation, ufunc_name
from glassgrad.core.scalar import Scalar
from glassgrad.support.frames import users_line
from glassgrad.support.protocols import NOT_FOREIGN, is_foreign

__all__ = ["apply_to_truths", "apply_ufunc", "float64_only", "kinds", "over_arrays", "target"]

Function = Callable[..., Any]

# NumPy's own loops of these ufuncs call Python's operators, which nodes define.
NATIVE = {
    getattr(np, name)
    for name in (
        "add subtract multiply divide negative positive conjugate absolute square reciprocal power remainder "
        "floor_divide matmul vecdot matvec vecmat"
    ).split()
    if hasattr(np, name)
}
# Plain numbers raise ZeroDivisionError in Python. These operations then take over.
RAISES: dict[Any, Function] = {
    np.divide: TABLE["div"],
    np.remainder: TABLE["mod"],
    np.floor_divide: TABLE["floordiv"],
    np.power: TABLE["pow"],
    np.reciprocal: lambda x: TABLE["div"](1.0, x),
}
COMPARISONS: dict[Any, Function] = {
    np.equal: operator.eq,
    np.not_equal: operator.ne,
    np.less: operator.lt,
    np.less_equal: operator.le,
    np.greater: operator.gt,
    np.greater_equal: operator.ge,
}
TESTS: dict[Any, Function] = {getattr(np, name): f for name, f in elementwise.TESTS.items()}
# These ufuncs do something else for truths than for numbers, as NumPy's do for bools.
OF_TRUTHS: dict[Any, Function] = {
    np.bitwise_and: elementwise.logical_and,
    np.bitwise_or: elementwise.logical_or,
    np.bitwise_xor: elementwise.logical_xor,
    np.invert: elementwise.logical_not,
    np.add: elementwise.logical_or,
    np.multiply: elementwise.logical_and,
    np.maximum: elementwise.logical_or,
    np.minimum: elementwise.logical_and,
    np.absolute: elementwise.truth,
}
GIVE_TRUTHS = frozenset(OF_TRUTHS.values())
NOT_OF_TRUTHS = {np.subtract, np.negative, np.positive}
PRODUCTS = {getattr(np, name) for name in ("matmul", "vecdot", "matvec", "vecmat") if hasattr(np, name)}
# These ufuncs combine truths with integers.
OF_BITS: dict[Any, Function] = {
    np.bitwise_and: operator.and_,
    np.bitwise_or: operator.or_,
    np.bitwise_xor: operator.xor,
}
_OF_THE_TABLE: list[tuple[str, Function]] = [(op.numpy, op) for op in TABLE.values() if op.numpy]
ELEMENTWISE: dict[Any, Function] = {
    getattr(np, name): function for name, function in [*_OF_THE_TABLE, *elementwise.COMPOSED.items()]
}
# The ufuncs of scipy.special that we have too, with our names for them.
OF_SCIPY = {
    **{name: name for name in "cbrt entr erf erfc erfcx exp2 expit expm1 gamma log1p log_expit log_ndtr".split()},
    **{name: name for name in "logit ndtr rel_entr xlog1py xlogy".split()},
    "gammaln": "lgamma",
    "psi": "digamma",
}
# The reductions of these ufuncs differ from combining pairs in order.
REDUCED: dict[Any, Function] = {
    np.maximum: choices.largest,
    np.minimum: choices.smallest,
    np.fmax: choices.nanmax,
    np.fmin: choices.nanmin,
    np.logical_and: choices.all_,
    np.logical_or: choices.any_,
    np.bitwise_and: choices.all_,
    np.bitwise_or: choices.any_,
}
IN_PLACE = {
    np.add: "+=",
    np.subtract: "-=",
    np.multiply: "*=",
    np.divide: "/=",
    np.floor_divide: "//=",
    np.remainder: "%=",
    np.power: "**=",
    np.matmul: "@=",
}
IDENTITY = {np.add: 0.0, np.multiply: 1.0}


def apply_ufunc(ufunc: Any, method: str, inputs: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """The implementation of ``__array_ufunc__``: an input of a ufunc is a node, an `Array` or `Truths`."""
    if _is_left_to_another(ufunc, method, inputs):
        return NotImplemented
    if not kwargs and ufunc in NATIVE and method == "__call__" and any(map(_has_axes, inputs)):  # the usual case
        return wrapped(_native(ufunc, method, [bare(x) for x in inputs], kwargs, inputs))
    if method == "reduce" and ufunc in IDENTITY and _is_simple(**kwargs):
        if not inputs[0].size and kwargs.get("initial", np._NoValue) is np._NoValue:
            kwargs["initial"] = IDENTITY[ufunc]  # NumPy's own would be an int, because the dtype is object
        return wrapped(ufunc.reduce(*map(bare, inputs), **kwargs))
    if not kwargs and ufunc in ELEMENTWISE and method == "__call__" and all(map(_has_axes, inputs)):
        return wrapped(_looped(ELEMENTWISE[ufunc], ufunc, method, inputs, kwargs, False))
    return _apply(ufunc, method, inputs, dict(kwargs), _of_scipy(ufunc))


def _is_left_to_another(ufunc: Any, method: str, inputs: tuple[Any, ...]) -> bool:
    for x in inputs:
        if type(x) not in NOT_FOREIGN and computes_itself(x, ufunc, method, inputs):
            return True
    return False


def _of_scipy(ufunc: Any) -> Function | None:
    """Our function that does the same as a ufunc of scipy.special, or None."""
    ours, special = OF_SCIPY.get(ufunc.__name__), sys.modules.get("scipy.special")
    if ours is None or getattr(special, ufunc.__name__, None) is not ufunc:
        return None
    function: Function = TABLE.get(ours) or getattr(functions, ours)
    return function


def apply_to_truths(ufunc: Any, method: str, inputs: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """As `apply_ufunc`, if an input is a traced comparison or `Truths`: with other truths the ufunc does the same as
    for bools, with integers the same as for bits."""
    function = None
    if method in ("__call__", "outer"):
        if ufunc in NOT_OF_TRUTHS and kinds(inputs) == {"b"}:
            return ufunc(*[np.True_] * ufunc.nin)  # raises NumPy's own error
        if ufunc in OF_TRUTHS and kinds(inputs) == {"b"}:
            function = OF_TRUTHS[ufunc]
        elif ufunc in OF_BITS and kinds(inputs) <= {"b", "i", "u"}:
            function = OF_BITS[ufunc]
    if function is None:
        found = apply_ufunc(ufunc, method, inputs, kwargs)
        return found != 0.0 if ufunc in PRODUCTS and not kwargs and kinds(inputs) == {"b"} else found
    if _is_left_to_another(ufunc, method, inputs):
        return NotImplemented
    return _apply(ufunc, method, inputs, dict(kwargs), function)


def kinds(inputs: Sequence[Any]) -> set[str]:
    """The kinds of the inputs' elements: "b" for truths, also traced ones; "i" and "u" for integers; "f"; "O"."""
    return {_kind(x) for x in inputs}


def _kind(x: Any) -> str:
    if is_truth(x) or hasattr(x, "elements"):
        return "b"
    array = np.asarray(bare(x))
    if array.dtype == object and array.size and all(map(is_truth, elements(array))):
        return "b"
    return array.dtype.kind


def _is_simple(out: Any = None, dtype: Any = None, where: Any = True, **others: Any) -> bool:
    """Whether NumPy's own loop can reduce nodes with these options."""
    return out is None and dtype is None and where is True


def _apply(
    ufunc: Any, method: str, inputs: tuple[Any, ...], kwargs: dict[str, Any], function: Function | None = None
) -> Any:
    """Apply the ufunc with its meaning for nodes, or apply ``function`` in its place."""
    out = kwargs.pop("out", None)
    out = (out,) if out is not None and not isinstance(out, tuple) else out
    gives_truths = ufunc in TESTS or ufunc in COMPARISONS or function in GIVE_TRUTHS
    who = _in_place(ufunc, inputs, out) or f"np.{ufunc.__name__}"
    targets = [x if gives_truths else target(x, who) for x in out or ()]
    for option in ("subok", "order", "casting", "signature"):
        kwargs.pop(option, None)
    if not gives_truths:
        float64_only(kwargs, f"np.{ufunc.__name__}")
    elif kwargs.pop("dtype", bool) not in (bool, np.dtype(bool), object, None):
        raise TypeError(f"np.{ufunc.__name__} gives truths, so it takes no dtype")
    if method == "at":
        return _at(ufunc, inputs)
    result = _result(ufunc, method, inputs, kwargs, targets, function)
    if not any(x is not None for x in targets):
        return wrapped(result)
    results = result if isinstance(result, tuple) else (result,)
    for into, found in zip(targets, results):
        if into is not None and found is not into:
            into[...] = found.elements if hasattr(found, "elements") else found
    given = tuple([found if x is None else x for x, found in zip(out or (), results)])
    return given if len(given) > 1 else given[0]


def _in_place(ufunc: Any, inputs: Sequence[Any], out: Any) -> str:
    """The operator, such as ``+=``, if the call came from one; else ``""``."""
    return IN_PLACE.get(ufunc, "") if out is not None and len(inputs) == 2 and out[0] is inputs[0] else ""


def _result(
    ufunc: Any,
    method: str,
    inputs: tuple[Any, ...],
    kwargs: dict[str, Any],
    targets: list[Any],
    function: Function | None,
) -> Any:
    where = kwargs.get("where", True)
    if where is not True:
        if method == "reduce":
            return _reduce_where(ufunc, inputs[0], inputs[1:], kwargs)
        kwargs["where"] = np.asarray(where, dtype=bool)
        if targets and targets[0] is not None:
            kwargs["out"] = targets[0]
        elif method == "__call__" and ufunc.nout == 1:  # NumPy leaves the other elements of floats as they happen to be
            shape = np.broadcast_shapes(*map(np.shape, inputs), kwargs["where"].shape)
            kwargs["out"] = np.full(shape, 0.0, dtype=object)
    if function is not None:
        return _looped(function, ufunc, method, inputs, kwargs, function in GIVE_TRUTHS)
    if method == "__call__" and not kwargs and not any(map(_has_axes, inputs)):
        if ufunc in COMPARISONS:
            return COMPARISONS[ufunc](*[objects(comparable(x)).item() for x in inputs])
        function = TESTS.get(ufunc) or ELEMENTWISE.get(ufunc)
        if function is not None:
            return function(*[objects(x).item() for x in inputs])
    if method == "reduce" and ufunc in REDUCED:
        return _reduced(REDUCED[ufunc], inputs[0], *inputs[1:], **kwargs)
    if ufunc in NATIVE:
        if method == "__call__" and len(targets) == 1 and targets[0] is not None:
            kwargs["out"] = targets[0]
        return _native(ufunc, method, [bare(x) for x in inputs], kwargs, inputs)
    if ufunc in COMPARISONS:
        return _compared(ufunc, method, inputs, kwargs)
    if ufunc in TESTS:
        return _looped(TESTS[ufunc], ufunc, method, inputs, kwargs, True)
    if ufunc in ELEMENTWISE:
        return _looped(ELEMENTWISE[ufunc], ufunc, method, inputs, kwargs, False)
    if all(set(kinds) <= {"O", "-", ">"} for kinds in ufunc.types):  # made by np.frompyfunc
        return getattr(ufunc, method)(*map(bare, inputs), **kwargs)
    raise TypeError(no_operation(ufunc_name(ufunc)))


def _native(ufunc: Any, method: str, plain: list[Any], kwargs: dict[str, Any], inputs: Sequence[Any]) -> Any:
    if ufunc is np.power and not _are_nodes(plain[0]):  # Python's power of two numbers may be complex
        return _looped(RAISES[ufunc], ufunc, method, inputs, kwargs, False)
    try:
        result = getattr(ufunc, method)(*plain, **kwargs) if method != "__call__" else ufunc(*plain, **kwargs)
    except ZeroDivisionError:
        return _looped(RAISES[ufunc], ufunc, method, inputs, kwargs, False)
    return 0.0 if result is False else result  # NumPy gives False for a sum of no products


def _has_axes(x: Any) -> bool:
    if isinstance(x, Scalar):
        return False
    axes = getattr(x, "ndim", None)
    return isinstance(x, (list, tuple)) or is_foreign(x) if axes is None else axes != 0


def _are_nodes(x: Any) -> bool:
    return isinstance(x, np.ndarray) and all(issubclass(kind, Scalar) for kind in set(map(type, elements(x))))


def _compared(ufunc: Any, method: str, inputs: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    try:
        plain = [bare(x) for x in inputs]
    except TypeError:  # perhaps an input holds dates
        plain = [comparable(x) for x in inputs]
    if not scalar.is_decided():
        with np.errstate(invalid="ignore"):  # NumPy warns of nan only in its loop over objects, not in that over floats
            return truths(getattr(ufunc, method)(*plain, **kwargs))
    with np.errstate(all="ignore"):  # a comparison with nan needs no warning
        # dtype object selects the loop that keeps an operator's result, instead of converting it to bool
        return truths(getattr(ufunc, method)(*plain, **{**kwargs, "dtype": object}))


def _looped(
    function: Function, ufunc: Any, method: str, inputs: Sequence[Any], kwargs: dict[str, Any], gives_truths: bool
) -> Any:
    """Apply ``function`` to each element."""
    plain = [objects(x) if i == 0 or method in ("__call__", "outer") else x for i, x in enumerate(inputs)]
    if isinstance(function, Op) and method == "__call__" and _are_nodes(plain[0]):
        loop = _method_loop(function)
    else:
        loop = _loop(function, ufunc.nin, ufunc.nout)
    if isinstance(function, Op) and not function.selects:
        return getattr(loop, method)(*plain, **kwargs)
    with np.errstate(all="ignore"):  # a comparison with nan needs no warning
        result = getattr(loop, method)(*plain, **kwargs)
    return truths(result) if gives_truths else result


@lru_cache(maxsize=256)
def _loop(function: Function, arguments: int, results: int) -> Any:
    return np.frompyfunc(function, arguments, results)


@lru_cache(maxsize=256)
def _method_loop(op: Op) -> Any:
    """A loop for arrays of nodes: calling a node's method is faster than calling the operation."""
    return np.frompyfunc(getattr(Scalar, op.name), op.arity or 1, 1)


def _reduced(
    function: Function,
    x: Any,
    axis: Any = 0,
    dtype: Any = None,
    out: Any = None,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = True,
) -> Any:
    return function(x, axis, keepdims=keepdims, initial=None if initial is np._NoValue else initial)


def _reduce_where(ufunc: Any, x: Any, rest: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Reduce the elements that a mask selects: replace the others by a value that does not change the result."""
    mask = kwargs.pop("where")
    initial = kwargs.get("initial")
    neutral = IDENTITY.get(ufunc, initial)
    if ufunc in (np.logical_and, np.logical_or):
        neutral = ufunc is np.logical_and
    if neutral is None or neutral is np._NoValue:
        raise ValueError(
            f"reduction operation '{ufunc.__name__}' does not have an identity, so to use a where mask one has to "
            "specify 'initial'"
        )
    return _result(ufunc, "reduce", (choices.where(mask, x, neutral), *rest), kwargs, [], None)


def _at(ufunc: Any, inputs: tuple[Any, ...]) -> None:
    into, index, *others = inputs
    plain = target(into, f"np.{ufunc.__name__}.at")
    if ufunc not in ELEMENTWISE and ufunc not in NATIVE:
        raise TypeError(no_operation(f"{ufunc_name(ufunc)}.at", "write the loop out"))
    if not plain.flags.writeable:  # NumPy would write there all the same
        raise ValueError("assignment destination is read-only")
    loop = ufunc if ufunc in NATIVE else _loop(ELEMENTWISE[ufunc], ufunc.nin, ufunc.nout)
    loop.at(plain, np.asarray(index) if not isinstance(index, tuple) else index, *map(objects, others))


# Output arrays


def target(x: Any, who: str) -> Any:
    """Return the array of objects behind ``x``, to store results in.

    Raises:
        TypeError: ``x`` is an array of numbers, in which nodes would lose their graph.
    """
    if x is None:
        return None
    if x.dtype != object and not hasattr(x, "elements"):
        instead = f"write z = z {who[:-1]} x, or " if who in IN_PLACE.values() else ""
        raise TypeError(
            f"{users_line()}: {who} cannot store nodes in an array of numbers, because their derivatives would be "
            f"lost: {instead}make the array with gg.zeros or gg.array"
        )
    return bare(x)


def float64_only(kwargs: dict[str, Any], who: str) -> None:
    """Remove ``dtype`` from ``kwargs`` if it is float64 or object, as nodes always are.

    Raises:
        TypeError: it is any other dtype.
    """
    dtype = kwargs.pop("dtype", None)
    if dtype is not None and np.dtype(dtype) not in (np.dtype(object), np.dtype(float)):
        raise TypeError(
            f"{users_line()}: {who} cannot give dtype {np.dtype(dtype)}, because nodes are float64: leave dtype out"
        )


# The table's operations on arrays


def over_arrays(op: Op, args: Sequence[Any]) -> Any:
    """Apply ``op`` to each element: an array of float64 for numbers, an `Array` for nodes."""
    plain = [objects(admitted(x, f"an argument of {op.name}") if is_foreign(x) else x) for x in args]
    out = _loop(op, len(args), 1)(*plain)
    found = elements(out) if isinstance(out, np.ndarray) else [out]
    if any(type(y) is not float for y in found):
        return wrapped(out)
    return np.asarray(out, dtype=float)
