"""The way of a call into machine code when it is like one before: no Python between the user and the kernel.

`Entry` is what is called. It holds plans: what the arguments of earlier calls looked like, with the kernel for them. A
call that looks the same goes straight to the kernel, any other to the method that finds out what it is. Compiled by
Cython, see ``call.h``; as plain Python it has no plans.
"""

from __future__ import annotations

from typing import Any

try:
    import cython
except ImportError:
    from glassgrad import uncompiled as cython

__all__ = ["Entry"]

PLANS = 4  # how many kinds of calls are remembered


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
        if cython.compiled:
            for plan in self._plans:
                result = call_plan(plan, args, kwargs)  # type: ignore[name-defined]  # noqa: F821
                if result is not NotImplemented:
                    return result
        return self._call(args, kwargs)

    def _call(self, args: Any, kwargs: Any) -> Any:
        raise NotImplementedError

    def teach(self, name: Any, kernel: Any, args: Any, results: Any, owns_out: bool) -> None:
        """From now on, calls with positional arguments of the kinds and shapes of ``args`` go to ``kernel``, whose
        results are laid out as ``results`` says; ``name`` tells which kernel this one replaces, ``owns_out`` that the
        function has a parameter ``out``."""
        if not cython.compiled:
            return
        if name in self._known and self._known[name][0] is kernel:
            return
        import numpy
        import optree

        structure = results.structure
        if structure.is_leaf():
            form = 0
        elif (
            structure.type is tuple
            and structure.num_children == structure.num_leaves
            and structure.num_nodes == structure.num_leaves + 1
        ):
            form = 1
        else:
            form = 2
        plan = make_plan(  # type: ignore[name-defined]  # noqa: F821
            kernel.address,
            kernel.scratch,
            len(kernel.tape.ops) > 20_000,
            [x.shape if isinstance(x, numpy.ndarray) else None for x in args],
            [leaf.shape if leaf.kind == "array" else True if leaf.kind == "truth" else None for leaf in results.leaves],
            form,
            numpy.empty,
            numpy.ndarray,
            lambda leaves: optree.tree_unflatten(structure, leaves),
            kernel,
            owns_out,
        )
        if plan is None:
            return
        known = {key: value for key, value in self._known.items() if key != name}
        while len(known) >= PLANS:
            del known[next(iter(known))]
        known[name] = (kernel, plan)
        self._known = known
        self._plans = tuple([plan for _, plan in reversed(list(known.values()))])
