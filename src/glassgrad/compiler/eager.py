"""A function run as it is, for arguments that there is no code for.

It is run on floats, as its user would run it, since that is fastest; where that raises an exception, on nodes, which
divide by zero and leave domains as compiled code does. A function may tell the two apart (``isinstance(x, float)``,
``x.tanh()``). So the first time both are tried: where they differ, only nodes will do.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import repeat
from typing import Any

import numpy as np
import optree

from glassgrad.compiler.account import Account
from glassgrad.compiler.leaves import Batched
from glassgrad.compiler.program import Program, Result, Results, result_of
from glassgrad.op import errstate
from glassgrad.scalar import Scalar

__all__ = ["run", "run_lanes"]

TOLERANCE = 1e-9  # by which results on floats and on nodes may differ: sums are taken in another order


def run(program: Program, numbers: Sequence[float], account: Account) -> tuple[Results, list[float]]:
    """The results of the program's function at these numbers: how they are laid out, and their numbers."""
    if program.on_floats is None:
        with account.investing():
            on_nodes = _on_nodes(program, numbers)
        with account.missing():
            on_floats = _on_floats(program, numbers)
        if on_floats is not None:  # where it raised an exception, another time will tell
            program.on_floats = _alike(on_nodes, on_floats)
        return on_nodes
    with account.missing():
        found = _on_floats(program, numbers) if program.on_floats else None
        return _on_nodes(program, numbers) if found is None else found


def run_lanes(
    program: Program, batched: Sequence[Batched | None], lanes: Sequence[int]
) -> Iterator[tuple[Results, list[float]]]:
    """The results of some lanes of a batch, one after the other."""
    columns = [_column(b, lanes) for k in program.order if (b := batched[k]) is not None]
    function = program.function
    if function is not None and program.on_floats and program.plain:  # numbers by position: take nothing but the call
        with errstate(domain="nan"), np.errstate(all="ignore"):
            for row in zip(*columns):
                try:
                    found = _flat(function(*row), program.name)
                except Exception:
                    found = run(program, row, Account())
                yield found
        return
    for row in zip(*columns):
        numbers = [x for part in row for x in (part if isinstance(part, list) else (part,))]
        yield run(program, numbers, Account())


def _column(b: Batched, lanes: Sequence[int]) -> Any:
    """What the lanes have of one argument: numbers, or lists of them."""
    if b.array is None:
        return repeat(b.number)
    if not b.lanes:
        return repeat(b.array.ravel().astype(float).tolist())
    some = b.array[np.asarray(lanes)].astype(float)
    return some.tolist() if some.ndim == 1 else some.reshape(len(some), -1).tolist()


def _on_floats(program: Program, numbers: Sequence[float]) -> tuple[Results, list[float]] | None:
    """The results on floats, or None where there are none that are real numbers."""
    assert program.function is not None
    args, kwargs = program.rebuild(list(map(float, numbers)), node=False)
    with errstate(domain="nan"), np.errstate(all="ignore"):
        try:
            return _flat(program.function(*args, **kwargs), program.name)
        except Exception:
            return None


def _on_nodes(program: Program, numbers: Sequence[float]) -> tuple[Results, list[float]]:
    assert program.function is not None
    args, kwargs = program.rebuild([Scalar(float(x)) for x in numbers], node=True)
    with errstate(domain="nan"):
        try:
            result = program.function(*args, **kwargs)
        except Exception as error:
            program.raise_what_it_raises(numbers, error)
            raise
    return _flat(result, program.name)


def _flat(result: Any, name: str) -> tuple[Results, list[float]]:
    if type(result) is float:
        return ONE_NUMBER, [result]
    leaves, structure = optree.tree_flatten(result, none_is_leaf=True)
    kinds, values = [], []
    for leaf in leaves:
        if isinstance(leaf, (complex, np.complexfloating)):
            raise TypeError(f"{name} returned {leaf!r}, which is no real number")
        if isinstance(leaf, np.ndarray) and leaf.dtype == bool:  # of nodes these are comparisons
            leaf = leaf.astype(object)
        kind, some = result_of(leaf, name)
        kinds.append(kind)
        values.append(some)
    results = Results(structure, tuple(kinds))
    flat = [x for k in results.order for x in values[k]]
    return results, [x.data if isinstance(x, Scalar) else float(x) for x in flat]


ONE_NUMBER = Results(optree.tree_flatten(0.0, none_is_leaf=True)[1], (Result("number"),))  # type: ignore[arg-type]


def _alike(a: tuple[Results, list[float]], b: tuple[Results, list[float]]) -> bool:
    if a[0] != b[0]:
        return False
    scale = max([abs(x) for x in a[1] if math.isfinite(x)], default=0.0)
    return all(x == y or (x != x and y != y) or abs(x - y) <= TOLERANCE * scale for x, y in zip(a[1], b[1]))
