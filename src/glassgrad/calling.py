"""The way of a call into machine code when it is like the last one: no Python between the user and the kernel.

`Entry` is what is called. It holds the kernel and what the arguments of the last call looked like; a call that looks the
same goes straight to it, any other to the function that finds out what it is. Compiled by Cython, see ``call.h``.
"""

from __future__ import annotations

try:
    import cython
except ImportError:
    from glassgrad import uncompiled as cython

__all__ = ["Entry"]


@cython.cclass
class Entry:
    """A callable: ``otherwise(args, kwargs)``, but for calls like that it was taught."""

    def __init__(self, otherwise):
        self._otherwise = otherwise
        self._plan = None
        self._kernel = None

    def __call__(self, *args, **kwargs):
        if cython.compiled:
            plan = self._plan
            if plan is not None:
                result = call_plan(plan, args, kwargs)
                if result is not NotImplemented:
                    return result
        return self._otherwise(args, kwargs)

    def teach(self, kernel, args, results):
        """From now on, calls with positional arguments of the kinds and shapes of ``args`` go to ``kernel``, whose
        results are laid out as ``results`` says."""
        if not cython.compiled:
            return
        if self._kernel is not None and self._kernel is kernel:
            return
        import numpy
        import optree

        kinds = [None if isinstance(x, float) else x.shape for x in args]
        leaves = [(leaf.kind, leaf.shape) for leaf in results.leaves]
        structure = results.structure
        flat = structure.num_leaves == 1 and structure.is_leaf()
        whole = not flat and structure.type is tuple and structure.num_children == structure.num_leaves
        shape = 0 if flat else 1 if whole else 2
        single = [leaf.is_array and leaf.single for leaf in results.leaves]
        if any(single) or any(leaf.kind == "truths" for leaf in results.leaves):
            return

        def assemble(leaves):
            return optree.tree_unflatten(structure, leaves)

        self._plan = make_plan(
            kernel.address, kernel.scratch, kinds, leaves, shape, numpy.empty, numpy.ndarray, assemble
        )
        self._kernel = kernel
