"""The compiler: it turns plain functions of scalars, branches included, into machine code for one call or a batch.

A call goes one way through the rooms:

1. `jitted` and `vmapped` are the callables that users get. `marshal` flattens and converts the arguments.
2. `frontend` runs the function on nodes, records each path through its branches, and merges the paths into one tape.
3. `ir` defines the tape, and the passes that make it smaller.
4. `codegen` writes the tape as LLVM IR, for one lane or for a batch. `llvm` makes machine code of that text.
5. `runtime` runs the code, or the function itself where code would not pay. `account` decides when it pays.
6. `marshal` puts the results together.

A call that looks like an earlier one skips all this and takes a fast path. `lowered` shows the forms of a function, and
`pickling` pickles the callables. docs/architecture.md follows one function through the rooms, and has a map.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

from glassgrad.compiler.jitted import Jitted
from glassgrad.compiler.vmapped import Vmapped
from glassgrad.core.settings import config

__all__ = ["config", "jit", "vmap"]


def jit(
    f: Callable[..., Any],
    *,
    max_paths: int | None = None,
    static_argnums: int | Sequence[int] | None = None,
    static_argnames: str | Sequence[str] | None = None,
) -> Jitted:
    """Compile ``f``: the same calls and the same results, at machine speed.

    The function runs once on nodes, and the recorded operations become machine code. If an input takes another path
    through the branches (``if``, ``while``, ``and``, ``max``, ``sorted``), that path is also traced and compiled, as
    soon as this is expected to pay (`config.compile_budget`). Until then such inputs run uncompiled. Values from
    outside the function are frozen at the trace, except for nodes (`Scalar`), whose values are read at each call.

    Args:
        f: a plain function of numbers, arrays (which reach it as arrays of nodes) and nested lists, tuples, dicts and
            dataclasses of them; or the result of `grad`, `hessian`, `jvp` …. It may depend on its arguments alone.
        max_paths: how many paths through its branches are kept; None means `config.max_paths`. Inputs that take other
            paths run uncompiled.
        static_argnums: the positions of arguments that steer the function: any hashable value. The function gets the
            value itself, and each value gets code of its own; the 64 used last are kept. Strings, bools, None, enums,
            functions, classes and modules are static without being named here.
        static_argnames: the same, by name. Each position stands for its name, too, and vice versa.

    Returns:
        A function of the same arguments. Arrays in its results are float64, or float32 if all arrays among the
        arguments are. Outside an operation's domain the result is IEEE 754's nan or inf. The function pickles, and has
        two additions:

        - The keyword ``out`` (unless ``f`` has a parameter of that name) is an array for the results, or the structure
          of the results with arrays and None. Results that are arrays are written there.
        - The method ``lower(*args)`` shows the tape, the LLVM IR and the assembly.

    Raises:
        TracingError: (when called) a value would leave the graph, as in ``float(x)``; or the function writes to an
            argument, or returns an object that holds traced values. The message has the line and the cure.
        TypeError: (when called) an argument is not a number, an array or a structure of them; or a static argument is
            not hashable.
        ValueError: the function has no parameter at a position of ``static_argnums``, or of that name.

    Warns:
        RuntimeWarning: new paths have begun to run uncompiled; or a static argument has taken more than 64 values; or
            the function draws random numbers, reads the clock or changes something outside it. Compiled code repeats
            none of these.

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
    return Jitted(f, max_paths, static_argnums, static_argnames)


def vmap(
    f: Callable[..., Any],
    in_axes: Any = 0,
    *,
    reduce: str | None = None,
    threads: int | None = None,
    max_paths: int | None = None,
    static_argnums: int | Sequence[int] | None = None,
    static_argnames: str | Sequence[str] | None = None,
    on_error: Literal["raise", "nan"] = "raise",
) -> Vmapped:
    """Compile ``f`` for batches. Write it for one lane (one element of the batch), and call it with arrays of lanes.

    At each branch the lanes are divided, so each lane runs only its own path. The results depend neither on the number
    of threads nor on the number of lanes.

    Args:
        f: a plain function, as for `jit`.
        in_axes: the axis of the arguments that the lanes are on: an integer for all arguments, None for arguments that
            are the same for all lanes, or a tuple with one entry for each positional argument. An entry may be a
            structure of such axes. It may also be a dict with entries by the names of arguments, as in
            ``{"scale": None}``, and a tuple may end with such a dict for keyword arguments. The lanes of keyword
            arguments, and of arguments that a dict does not name, are on axis 0.
        reduce: ``"sum"`` or ``"mean"``. The results are summed or averaged over the lanes inside the kernel, so no
            results of single lanes are stored.
        threads: over how many threads the batch is split. None means `config.threads`; if that is None too, one thread
            for each processor. Small batches take one thread.
        max_paths, static_argnums, static_argnames: as for `jit`. Static arguments have no lanes.
        on_error: what an exception of ``f`` in a lane does. With ``"raise"`` it is raised, with a note that names the
            lane and its numbers. With ``"nan"`` all results of that lane are nan, and the other lanes have theirs;
            results that are truths or integers become floats.

    Returns:
        A function of the same arguments. A result of shape S becomes an array of shape (lanes, *S), or S with
        ``reduce``. It is float64, or float32 if all arrays with lanes are. The function takes ``out`` and has ``lower``
        as with `jit`.

    Raises:
        ValueError: (when called) arguments have different numbers of lanes, or lack the axis of the lanes.
        TypeError: (when called) lanes return results of different structures; or as for `jit`.
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
        >>> gg.vmap(lambda x, scale: x * scale, in_axes={"scale": None})(np.array([1.0, 2.0]), scale=10.0)
        array([10., 20.])
    """
    return Vmapped(
        f,
        in_axes,
        reduce=reduce,
        threads=threads,
        max_paths=max_paths,
        static_argnums=static_argnums,
        static_argnames=static_argnames,
        on_error=on_error,
    )
