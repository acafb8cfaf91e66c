"""Names for functions, arguments and nodes in messages."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache, partial
from itertools import product
from types import MethodType
from typing import Any

__all__ = ["full_name", "has_parameter", "innermost", "labels", "own_name", "parameters", "quoted", "said", "titled"]

DEPTH = 3  # The text of a node shows operations down to this depth.
LONGEST = 60  # The text of a node has at most this many characters.
NAMELESS = "a node without a label"  # Messages call an unlabelled leaf this.
NAMED = 10_000  # If an argument has more numbers than this, they do not get names of their own.


def innermost(f: Any) -> Any:
    """Return the user's function inside ``f``, below transforms, `jit`, decorators and ``functools.partial``."""
    seen = {id(f)}
    while True:
        inner = getattr(f, "__wrapped__", None)
        if inner is None and isinstance(f, partial):
            inner = f.func
        if inner is None or id(inner) in seen:
            return f
        seen.add(id(inner))
        f = inner


def own_name(f: Any) -> str:
    """Return the name of the user's function, such as ``loss``. A lambda is named by its file and line."""
    f = innermost(f)
    name = getattr(f, "__name__", None)
    if isinstance(f, MethodType):
        return f"{type(f.__self__).__name__}.{name}"
    if isinstance(name, str) and name != "<lambda>":
        return name
    code = getattr(f, "__code__", None)
    return type(f).__name__ if code is None else f"your function at {code.co_filename}:{code.co_firstlineno}"


def titled(f: Any) -> str:
    """Return the name of the user's function in backquotes, or "Your function at …", to begin a sentence with."""
    name = own_name(f)
    return f"Y{name[1:]}" if name.startswith("your ") else f"`{name}`"


def full_name(f: Any) -> str:
    """Return the name of a function with its transforms, such as ``gg.grad(loss)``."""
    recipe = getattr(f, "__recipe__", None)
    if recipe is None:
        inner = getattr(f, "__wrapped__", None)
        return own_name(f) if inner is None else full_name(inner)
    inner = full_name(recipe[1])
    return f"gg.{recipe[0]} of {inner}" if inner.startswith("your ") else f"gg.{recipe[0]}({inner})"


def parameters(f: Any) -> tuple[list[str], str]:
    """Return the names of the positional parameters of ``f``, and the name of its ``*args``."""
    import inspect

    inner = inspect.unwrap(f)
    arity = getattr(inner, "arity", None)
    if hasattr(inner, "partials") and arity is not None:  # an operation: the table uses these names for operands
        return list("x" if arity == 1 else "abc"[:arity]), "args"
    try:
        found = inspect.signature(f).parameters.values()
    except (TypeError, ValueError):
        return [], "args"
    names = [p.name for p in found if p.kind <= p.POSITIONAL_OR_KEYWORD]
    rest = [p.name for p in found if p.kind == p.VAR_POSITIONAL]
    return names, rest[0] if rest else "args"


def has_parameter(f: Any, name: str) -> bool:
    """Return whether ``f`` has a parameter of that name."""
    import inspect

    try:
        return name in inspect.signature(f).parameters
    except (TypeError, ValueError):
        return False


def labels(structure: Any, shapes: Sequence[tuple[int, ...] | None], base: str) -> tuple[str, ...]:
    """Return names for all numbers of an argument, such as ``x``, ``x[0, 1]`` or ``params['w'][2]``.

    Args:
        structure: the optree structure of the argument, or None for a single leaf.
        shapes: the shape of each leaf, or None for a number.
        base: the name of the argument.
    """
    if structure is not None and structure.namespace:  # it holds a user's class, which a cache would keep alive
        return _labels(structure, tuple(shapes), base)
    return _cached_labels(structure, tuple(shapes), base)


def _labels(structure: Any, shapes: tuple[tuple[int, ...] | None, ...], base: str) -> tuple[str, ...]:
    if structure is None:
        names = [base]
    else:
        from glassgrad.support import pytrees

        names = [accessor.codify(base) for accessor in pytrees.treespec_accessors(structure)]
    few = sum(math.prod(shape or ()) for shape in shapes) <= NAMED
    found: list[str] = []
    for name, shape in zip(names, shapes):
        if shape and few:
            found += [f"{name}[{', '.join(map(str, place))}]" for place in product(*map(range, shape))]
        else:
            found += [name] * math.prod(shape or ())
    return tuple(found)


_cached_labels = lru_cache(maxsize=64)(_labels)


def said(node: Any) -> str:
    """Return a name for a node: its label, or else its formula, as in ``x[0] * w + 1``. The value is not shown."""
    text = _text(node, DEPTH)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def quoted(node: Any) -> str:
    """Return the name of a node in quotes, or the words for a node without one."""
    text = said(node)
    return text if text == NAMELESS else f"node {text!r}"


def _text(x: Any, depth: int) -> str:
    if isinstance(x, float):
        return f"{x:g}"
    if not hasattr(x, "operation"):
        return str(getattr(x, "label", x))
    op = x.operation
    if x.named or x.is_constant:
        return str(x.label)
    if op is None:
        return NAMELESS
    if op.name == "identity":
        return _text(x.prev[0], depth)
    if depth == 0:
        return "…"
    args = [_text(a, depth - 1) for a in x.prev]
    if _is_infix(x) or op.name == "neg":
        bound = [_is_infix(a) and (_compares(a) or not _compares(x)) and text != "…" for a, text in zip(x.prev, args)]
        args = [f"({text})" if grouped else text for grouped, text in zip(bound, args)]
        return f"-{args[0]}" if op.name == "neg" else f"{args[0]} {op.symbol} {args[1]}"
    return f"{op.name}({', '.join(args)})"


def _compares(x: Any) -> bool:
    return bool(x.operation.symbol[:1] in "<>=!")


def _is_infix(x: Any) -> bool:
    """Whether the text of ``x`` is two operands with a symbol between."""
    op = getattr(x, "operation", None)
    return op is not None and not x.named and len(x.prev) == 2 and not op.symbol[:1].isalpha()
