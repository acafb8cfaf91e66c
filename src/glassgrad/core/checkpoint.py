"""`checkpoint`: a function whose inner nodes are computed again for the derivative, instead of kept."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from glassgrad.core.folded import Call, fold
from glassgrad.core.folding import Listening
from glassgrad.core.op import describe
from glassgrad.core.state import HERE

__all__ = ["checkpoint"]


def checkpoint(f: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that computes ``f``, but does not keep the nodes in between for the derivative.

    The graph of a long computation takes much memory. A call of the returned function keeps its results and the nodes
    it used from outside. For the derivative, ``f`` runs again, one call at a time. So a loop of n steps in √n calls
    needs memory for √n steps, and takes about one more forward pass. The results and the derivatives are the same, bit
    for bit. Calls may be nested.

    This saves memory in `Scalar.backward`, and in `grad`, `value_and_grad`, `jacobian` and `vjp` of functions that run
    as plain Python. In other cases the nodes are kept: inside nested transforms and `jvp`, and in graphs that are
    drawn, copied, pickled or computed again by `Scalar.forward`. Inside `jit` and `vmap` it changes nothing, because
    compiled code decides itself which values of a loop it keeps.

    Args:
        f: a function of any arguments. Run twice, it must do the same: it must not draw random numbers, and neither it
            nor other code may change its arguments before the derivative is computed.

    Raises:
        TypeError: ``f`` is not callable.
        RuntimeError: (from the sweep) ``f`` computed something else when it ran again.

    Example:
        >>> import glassgrad as gg
        >>> @gg.checkpoint
        ... def ten_steps(x):
        ...     for _ in range(10):
        ...         x = x + 0.1 * gg.sin(x)
        ...     return x
        >>> def simulation(x):
        ...     for _ in range(10):
        ...         x = ten_steps(x)
        ...     return x
        >>> round(gg.grad(simulation)(1.0), 6)
        0.000136
    """
    if not callable(f):
        raise TypeError(
            f"checkpoint needs a function, got {describe(f)}; did you mean checkpoint(f)(x) rather than "
            "checkpoint(f(x))?"
        )

    @wraps(f)
    def checkpointed(*args: Any, **kwargs: Any) -> Any:
        state = HERE.state()
        if not state.folds or state.watches or state.watcher is not None:
            return f(*args, **kwargs)
        made: list[Any] = []
        remaining = made  # if f raises an error, the trace around hears of all nodes
        try:
            with Listening(made, state.note, state.policy):
                result = f(*args, **kwargs)
            call = Call(f, args, kwargs)
            remaining = fold(made, call)
        finally:
            for node in remaining:
                for hear in state.heard:
                    hear(node)
        return result

    return checkpointed
