"""Run a function uncompiled, for arguments that no code serves.

The function first runs on floats, because they are fastest, and because the user would pass floats, too. If this raises
an exception, the function runs on nodes. Nodes can be divided by zero and can leave domains, like compiled code. A
function may tell floats from nodes (``isinstance(x, float)``, ``x.tanh()``). So the results of a trace are compared
with those on floats. If they differ, the function runs only on nodes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import repeat
from typing import Any

import numpy as np

from glassgrad.compiler.account import Account
from glassgrad.compiler.frontend.program import Program
from glassgrad.compiler.frontend.results import Result, Results, result_of
from glassgrad.compiler.frontend.structures import flatten
from glassgrad.compiler.marshal.arguments import Arguments
from glassgrad.compiler.marshal.leaves import ArrayLeaf
from glassgrad.core.integers import watch
from glassgrad.core.op import errstate
from glassgrad.core.scalar import Scalar, TracingError
from glassgrad.transforms.given import require_unchanged

__all__ = ["at_once", "run", "run_lanes"]

# Results on floats and on nodes may differ by this much, relative to the largest. They may add in another order.
TOLERANCE = 1e-9


def run(program: Program, numbers: Sequence[float], account: Account) -> tuple[Results, list[float]]:
    """Run the program's function at these numbers. Return the layout of the results, and their numbers."""
    floats = _floats_will_do(program, account)
    with account.missing():
        found = _on_floats(program, numbers) if floats else None
        return _on_nodes(program, numbers) if found is None else found


def _floats_will_do(program: Program, account: Account) -> bool:
    """Whether the function may run on floats: as far as is known, it computes the same on floats as on nodes."""
    if program.on_floats is None and program.sample is not None:
        with account.investing():
            program.on_floats = _does_the_same_on_floats(program, *program.sample)
    return not program.outside.asks_for_kinds if program.on_floats is None else program.on_floats


def _does_the_same_on_floats(
    program: Program, numbers: Sequence[float], results: Results, values: Sequence[float]
) -> bool | None:
    """Whether the function computes the same on floats as it did when it was traced.

    None if it raises an exception that may depend on these particular numbers.
    """
    try:
        found = _flat(_called(program, numbers), program.name)
    except (AttributeError, TypeError):
        return False
    except Exception:
        return None
    return _alike(found, (results, list(values)))


def run_lanes(program: Program, arguments: Arguments, lanes: Sequence[int]) -> Iterator[tuple[Results, list[float]]]:
    """Yield the results of some lanes of a batch, one after another."""
    function = program.function
    if (
        program.plain and not program.has_integers and _floats_will_do(program, Account())
    ):  # nothing but the call itself
        columns = [_column(value, lanes) for value in arguments.values if value is not None]
        with errstate(domain="nan"), np.errstate(all="ignore"):
            for row in zip(*columns):
                try:
                    found = _flat(function(*row), program.name)
                except Exception:
                    found = run(program, _numbers([row[k] for k in program.order]), Account())
                yield found
        return
    columns = [_column(value, lanes) for value in (arguments.values[k] for k in program.order) if value is not None]
    for row in zip(*columns):
        yield run(program, _numbers(row), Account())


def at_once(program: Program, args: Sequence[Any]) -> tuple[Any, tuple[Results, list[float]] | None]:
    """Run the function of a `plain` program that takes ``args`` and may run on floats.

    Returns:
        The results as the user gets them, and None. If that takes more than a copy: None, and a pair as from `run`.
    """
    with errstate(domain="nan"), np.errstate(all="ignore"):
        found = program.function(*[x if type(x) is float else _read_only(x) for x in args])
    copy = _copied(found)
    return copy, _flat(found, program.name) if copy is None else None


def _copied(found: Any) -> Any:
    """Copy results that consist of floats, arrays of float64 and tuples. Return None for any others."""
    kind = type(found)
    if kind is float or kind is np.float64:
        return float(found)
    if kind is np.ndarray and found.dtype == np.float64:
        return found.copy()
    if kind is tuple:
        parts = [_copied(x) for x in found]
        return None if any(x is None for x in parts) else tuple(parts)
    return None


def _column(value: float | ArrayLeaf, lanes: Sequence[int]) -> Any:
    """Return one argument, lane by lane: as numbers, or as arrays that cannot be written to."""
    if not isinstance(value, ArrayLeaf):
        return repeat(value)
    if not value.lanes:
        return repeat(_read_only(value.array.astype(float)) if value.shape else float(value.array))
    some = value.array[np.asarray(lanes)].astype(float)
    return some.tolist() if some.ndim == 1 else _read_only(some)


def _read_only(array: Any) -> Any:
    array = array.view()
    array.flags.writeable = False
    return array


def _numbers(row: Sequence[Any]) -> list[float]:
    """Return all numbers of a lane."""
    return [x for part in row for x in ((part,) if type(part) is float else part.ravel().tolist())]


def _on_floats(program: Program, numbers: Sequence[float]) -> tuple[Results, list[float]] | None:
    """Return the results on floats. None if the function raises an exception, or returns anything but real numbers."""
    try:
        found = _flat(_called(program, numbers), program.name)
    except Exception:
        return None
    return _like_a_trace(program, *found) if program.has_integers else found


def _like_a_trace(program: Program, results: Results, values: list[float]) -> tuple[Results, list[float]]:
    """The results on integers, which may be integers where the results of a trace are numbers, as those."""
    return next((known for known in program.results if known == results), results), values


def _called(program: Program, numbers: Sequence[float]) -> Any:
    """Return the value of the function on floats."""
    with errstate(domain="nan"), np.errstate(all="ignore"):
        return _run(program, lambda: program.rebuild(list(map(float, numbers)), node=False))


def _run(program: Program, make: Callable[[], tuple[Any, Any]]) -> Any:
    """Return the value of the function for the arguments that ``make`` returns."""
    if not program.plain or any(argument.shape for argument in program.arguments):  # it could write to its arguments
        return require_unchanged(program.function, program.name, make)
    args, kwargs = make()
    return program.function(*args, **kwargs)


def _on_nodes(program: Program, numbers: Sequence[float]) -> tuple[Results, list[float]]:
    with errstate(domain="nan"):
        try:
            with watch():
                result = _run(program, lambda: program.rebuild(program.nodes(numbers, _node), node=True))
        except TracingError:
            raise
        except Exception as error:
            program.raise_what_it_raises(numbers, error)
            raise
    return _flat(result, program.name)


def _node(x: float, name: str) -> Scalar:
    return Scalar(x)


def _flat(result: Any, name: str) -> tuple[Results, list[float]]:
    if type(result) is float or type(result) is np.float64:
        return ONE_NUMBER, [float(result)]
    if type(result) is np.ndarray and result.dtype == np.float64:
        return _one_array(result.shape), result.ravel().tolist()
    leaves, structure = flatten(result)
    kinds, values = [], []
    for leaf in leaves:
        if isinstance(leaf, (complex, np.complexfloating)):
            raise TypeError(f"{name} returned {leaf!r}, which is not a real number")
        kind, some = result_of(leaf, name)
        kinds.append(kind)
        values.append(some)
    results = Results(structure, tuple(kinds))
    flat = [x for k in results.order for x in values[k]]
    return results, [x.data if isinstance(x, Scalar) else float(x) for x in flat]


ONE_NUMBER = Results(flatten(0.0)[1], (Result("number"),))


@lru_cache(64)
def _one_array(shape: tuple[int, ...]) -> Results:
    return Results(ONE_NUMBER.structure, (Result("array", shape, False),))


def _alike(a: tuple[Results, list[float]], b: tuple[Results, list[float]]) -> bool:
    if a[0] != b[0]:
        return False
    scale = max([abs(x) for x in a[1] if math.isfinite(x)], default=0.0)
    return all(x == y or (x != x and y != y) or abs(x - y) <= TOLERANCE * scale for x, y in zip(a[1], b[1]))
