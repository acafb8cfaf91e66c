"""The compiler: plain functions of scalars, with their branches, as machine code for one call or a whole batch.

`frontend` runs the function on nodes, records each path through its branches, and merges the paths to one program.
`ir` holds that program, the tape, and the passes that make it smaller. `codegen` writes it as LLVM IR, for one lane or
for a batch. `llvm` makes machine code of the text. `runtime` calls the code, and decides what to do where there is
none: `account` says when code may pay. `jitted` and `vmapped` are the callables that users get.
docs/architecture.md follows one function through all of this, and has a map.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from glassgrad.compiler.jitted import Jitted
from glassgrad.compiler.vmapped import Vmapped
from glassgrad.core.settings import config

__all__ = ["config", "jit", "vmap"]


def jit(f: Callable[..., Any], *, max_paths: int | None = None) -> Jitted:
    """``f`` compiled: the same calls, the same results, at machine speed.

    The function is run once on nodes, and what it does is made machine code. An input that takes another path through
    its branches (``if``, ``while``, ``and``, ``max``, ``sorted``) has that path traced and compiled, too, once this is
    expected to pay (`config.compile_budget`); until then such inputs are run uncompiled. Values that the function takes
    from outside are those of the trace, but for nodes (`Scalar`), whose values are read at each call.

    Args:
        f: a plain function of numbers, NumPy arrays (which reach it as arrays of nodes) and nested lists, tuples and
            dicts of them; also what `grad`, `hessian`, `jvp` … return. What it does may depend on its arguments alone.
        max_paths: how many paths through its branches are kept, `config.max_paths` if None; inputs that take others are
            run uncompiled.

    Returns:
        A function of the same arguments, with two things more: the keyword ``out`` (unless ``f`` has one of that name),
        an array, or the structure of the results with arrays and None, to which results that are arrays are written;
        and ``lower(*args)``, which shows the tape, the LLVM IR and the assembly. Arrays are float64, or float32 where
        all arrays among the arguments are. Outside of a domain the result is IEEE 754's nan or inf. It pickles.

    Raises:
        TracingError: (when called) a value would leave the graph, ``float(x)`` say; the function writes to an argument,
            or returns an object that holds traced values. The message has the line and the cure.
        TypeError: (when called) an argument is no number, array or structure of them.

    Warns:
        RuntimeWarning: new paths have begun to run uncompiled; or the function draws random numbers, reads the clock or
            changes something outside of it, none of which code does again.

    Example:
        >>> import numpy as np, glassgrad as gg
        >>> def collatz_like(x):
        ...     steps = 0.0
        ...     while x > 1:
        ...         x = x / 2 if x < 3 else x - 1.5
        ...         steps += 1
        ...     return steps + x
        >>> gg.jit(collatz_like)(4.0), collatz_like(4.0)
        (3.625, 3.625)
        >>> gradient = gg.jit(gg.grad(lambda x: (x * x).sum()))
        >>> gradient(np.array([1.0, 2.0, 3.0]))
        array([2., 4., 6.])
    """
    return Jitted(f, max_paths)


def vmap(
    f: Callable[..., Any],
    in_axes: Any = 0,
    *,
    reduce: str | None = None,
    threads: int | None = None,
    max_paths: int | None = None,
) -> Vmapped:
    """``f`` compiled over a batch: it is written for one lane, and called with arrays of lanes.

    The lanes are parted at each branch, so that each runs its own path alone. What code computes depends neither on the
    number of threads nor on how many lanes there are.

    Args:
        f: a plain function, as for `jit`.
        in_axes: which axis of the arguments the lanes are on: a whole number for all, None for what is the same for all
            lanes, or a tuple with one entry for each positional argument, which may itself be a structure of them.
            Arguments by keyword have their lanes on axis 0.
        reduce: ``"sum"`` or ``"mean"``: the results are summed over the lanes inside the kernel, so that none exist per
            lane.
        threads: over how many threads the batch is split; `config.threads` if None, and if that is None, too, one for
            each processor. Small batches take one.
        max_paths: as for `jit`.

    Returns:
        A function of the same arguments. A result of shape S becomes an array of shape (lanes, *S), float64, or float32
        where all arrays with lanes are; with ``reduce`` it has the shape S. It takes ``out`` and has ``lower`` as with
        `jit`.

    Raises:
        ValueError: (when called) arguments differ in how many lanes they have, or have no such axis.
        TypeError: (when called) lanes return results of different structure; or as for `jit`.
        TracingError: as for `jit`.

    Warns:
        RuntimeWarning: as for `jit`.

    Example:
        >>> import numpy as np, glassgrad as gg
        >>> def huber(r):
        ...     return r * r / 2 if abs(r) < 1 else abs(r) - 0.5
        >>> value, slope = gg.vmap(gg.value_and_grad(huber))(np.array([0.5, -3.0]))
        >>> value, slope
        (array([0.125, 2.5  ]), array([ 0.5, -1. ]))
        >>> gg.vmap(gg.grad(huber), reduce="sum")(np.array([0.5, -3.0]))
        -0.5
    """
    return Vmapped(f, in_axes, reduce=reduce, threads=threads, max_paths=max_paths)
