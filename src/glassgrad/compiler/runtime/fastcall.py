"""The way of a call into machine code when it is like one before: no Python between the user and the kernel.

`Entry` is what is called. It holds plans: what the arguments of earlier calls looked like, with the kernel for them. A
call that looks the same goes straight to the kernel, any other to the method that finds out what it is. Compiled by
Cython, see ``call.h``; as plain Python it has no plans.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

try:
    import cython
except ImportError:
    from glassgrad.core import cython_shim as cython

from glassgrad.core.state import HERE

__all__ = ["Entry"]

PLANS = 4  # how many kinds of calls are remembered

_watchers = 0  # how many blocks are open, in any thread, in which results are looked at


def watch(count: int) -> None:
    """From now on so many more blocks look at results."""
    global _watchers
    _watchers += count


@cython.cclass
class Entry:
    """A callable: what its class says as ``_call(args, kwargs)``, but for calls like those that it was taught."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """It was taught nothing."""
        self._plans: tuple[Any, ...] = ()
        self._known: dict[Any, Any] = {}

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if HERE.live:
            state = HERE.state()
            if state.tag:  # inside a trace the function itself is run
                return self._call(args, kwargs)
            if state.watches:
                return self._watched(args, kwargs)
        if cython.compiled:
            for plan in self._plans:
                result = call_plan(plan, args, kwargs)  # type: ignore[name-defined]  # noqa: F821
                if result is not NotImplemented:
                    return result
        return self._call(args, kwargs)

    def _call(self, args: Any, kwargs: Any) -> Any:
        raise NotImplementedError

    def _watched(self, args: Any, kwargs: Any) -> Any:
        """As ``_call``, where results may have to be looked at."""
        raise NotImplementedError

    def knows(self, name: Any, code: Any) -> bool:
        """Whether it need not be taught that ``code``: it was, and has calls left for it."""
        found = self._known.get(name)
        if not cython.compiled:  # every call asks
            if found is None or found[0] != code or found[1] == 0:
                return False
            found[1] -= 1
            return True
        return found is not None and found[0] == code and plan_left(found[1]) != 0  # type: ignore[name-defined]  # noqa: F821

    def served(self, name: Any) -> int:
        """How many calls that it was taught went by without `_call`, where those are counted."""
        found = self._known.get(name) if cython.compiled else None
        return 0 if found is None or found[2] < 0 else found[2] - plan_left(found[1])  # type: ignore[name-defined]  # noqa: F821

    def teach(
        self,
        name: Any,
        kernels: list[Any],
        left: int,
        captured: tuple[Any, ...],
        args: Any,
        results: Any,
        owns_out: bool,
    ) -> None:
        """From now on, calls with positional arguments of the kinds and shapes of ``args`` go to ``kernels``.

        Args:
            name: tells which kernels these replace.
            kernels: they are tried until one fits.
            left: after so many calls `_call` is asked again whether there is better code; -1 is never.
            captured: nodes from outside of the function, whose values are its last arguments.
            args: the arguments of a call.
            results: how its results are laid out.
            owns_out: the function has a parameter ``out``.
        """
        codes = [
            (kernel.version, *kernel.code) for kernel in kernels
        ]  # kept by the plan, also once there is better code
        code = [kernel.state for kernel in kernels]
        if not cython.compiled:  # nothing but when to ask again
            self._known[name] = [code, left]
            return
        if self.knows(name, code):
            return
        import numpy

        structure = results.structure
        self._add(
            name,
            code,
            make_plan(  # type: ignore[name-defined]  # noqa: F821
                [
                    (loaded.address, scratch, len(kernel.tape.ops) > 20_000, *_version(version))
                    for kernel, (version, _, scratch, loaded) in zip(kernels, codes)
                ],
                left,
                captured,
                [x.shape if isinstance(x, numpy.ndarray) else None for x in args],
                [
                    leaf.shape if leaf.kind == "array" else True if leaf.kind == "truth" else None
                    for leaf in results.leaves
                ],
                _form(structure),
                numpy.empty,
                numpy.ndarray,
                _assemble(structure),
                codes,
                owns_out,
            ),
            left,
        )

    def teach_batch(
        self,
        name: Any,
        kernel: Any,
        arguments: list[Any],
        targets: list[Any],
        structure: Any,
        owns_out: bool,
        branches: bool,
        fold: int,
        chunk: int,
        left: int,
        empty: Any,
        threaded: Any,
        leaves: Any,
    ) -> None:
        """From now on, calls over a batch whose arguments are arrays like those, C-contiguous, go to ``kernel``.

        Args:
            name: tells which kernel this one replaces.
            kernel: the kernel.
            arguments, targets: for each array (shape of a lane, whether it has an axis of lanes, ``"d"`` or ``"f"``,
                distance from lane to lane, from number to number, dtype, which leaf of the results it is).
            structure: of the results.
            owns_out: the function has a parameter ``out``.
            branches: it has branches, so that lanes may be missed.
            fold: 1 where results are summed over the batch, 2 for their mean; then dtype is None for a number.
            chunk: how many lanes have a row of sums.
            left: after so many calls `_call` is asked again whether there is better code; -1 is never.
            empty: makes an array of much memory, as ``numpy.empty``.
            threaded: ``threaded(lanes, ins, outs, missed)`` runs the kernel where threads may be worth while; whether
                lanes were missed.
            leaves: makes a list of the leaves of ``out``, or raises an error.
        """
        version = kernel.version
        where, made = _version(version)
        _, scratch, loaded = kernel.code  # kept by the plan, also once there is better code
        wide, wide_scratch, many = kernel.wider
        code = kernel.state
        if not cython.compiled:
            self._known[name] = [code, left]
            return
        if self.knows(name, code):
            return
        import numpy

        self._add(
            name,
            code,
            make_batch_plan(  # type: ignore[name-defined]  # noqa: F821
                loaded.address,
                scratch,
                wide,
                wide_scratch,
                where,
                made,
                many,
                kernel.lanes,
                kernel.lines,
                kernel.split,
                branches,
                fold,
                chunk,
                left,
                arguments,
                targets,
                _form(structure),
                owns_out,
                (
                    numpy.empty,
                    numpy.ndarray,
                    _assemble(structure),
                    (kernel, loaded, kernel.wide, version),
                    empty,
                    threaded,
                    leaves,
                ),
            ),
            left,
        )

    def _add(self, name: Any, code: Any, plan: Any, left: int) -> None:
        if plan is None:  # the call is too large for one
            return
        known = {key: value for key, value in self._known.items() if key != name}
        while len(known) >= PLANS:
            del known[next(iter(known))]
        known[name] = (code, plan, left)
        self._known = known
        self._plans = tuple([plan for _, plan, _ in reversed(list(known.values()))])


def _version(version: Any) -> tuple[int, int]:
    """Where the version of a kernel's code is kept, and which it is."""
    import ctypes

    return ctypes.addressof(version), version.value


def _form(structure: Any) -> int:
    """0 for one value, 1 for a tuple of values, 2 for anything else."""
    if structure.is_leaf():
        return 0
    flat = (
        structure.type is tuple
        and structure.num_children == structure.num_leaves
        and structure.num_nodes == structure.num_leaves + 1
    )
    return 1 if flat else 2


def _assemble(structure: Any) -> Any:
    """What makes results of their leaves: where they are nested tuples these, with the leaves' numbers in their
    places. No code of a user's own structure is run for it."""
    places = _places(structure, itertools.count())
    return structure.unflatten if places is None or structure.is_leaf() else places


def _places(structure: Any, number: Iterator[int]) -> Any:
    if structure.is_leaf():
        return next(number)
    if structure.type is not tuple:
        return None
    places = [_places(child, number) for child in structure.children()]
    return None if None in places else tuple(places)
