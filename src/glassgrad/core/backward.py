# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
# cython: binding=False, annotation_typing=False
"""The functions behind `Scalar.backward` and `Scalar.zero_grad`, which walk the graph below a node.

`scalar` cannot import this module, which needs its type. So this module passes its functions to `use_walks`.
"""

from __future__ import annotations

try:
    import cython
except ImportError:
    from glassgrad.core import cython_shim as cython

from glassgrad.core.flags import TOUCHED, UPDATED
from glassgrad.core.scalar import Scalar
from glassgrad.core.state import HERE

if not cython.compiled:
    from glassgrad.core.folded import flow_through_calls
    from glassgrad.core.recompute import forward
    from glassgrad.core.scalar import _state, _unfold, use_walks
    from glassgrad.core.sweep import apply_chain_rule, flow, get_ready, require_rule, sweep_list
    from glassgrad.core.walks import has_folded, leaves_of, walk, walk_unfolded

__all__ = ["step"]


def backward(root: Scalar) -> None:
    """Compute the derivative of ``root``, a result, with respect to every node it depends on."""
    cautious = get_ready(root)
    root._grad = 1.0
    root._flags |= TOUCHED
    if cautious or (HERE.live and _state().watcher is not None):
        _flow_or_undo(root)
    else:
        flow(root)


def _flow_or_undo(root: Scalar) -> None:
    """The second walk of `backward` if a rule may raise: after an error, the leaves' gradients are restored."""
    order = walk(root)
    undo = [(leaf, leaf._grad, leaf._flags) for leaf in leaves_of(order)]
    watcher = _state().watcher
    try:
        if watcher is not None:
            watcher(walk_unfolded(root))
        elif has_folded(order):
            flow_through_calls(root)
        else:
            flow(root)
    except BaseException:
        for leaf, grad, flags in undo:
            leaf._grad = grad
            leaf._flags = flags
        raise


def zero_grad(root: Scalar) -> None:
    """Set the gradient of ``root``, and of every node it depends on, to zero."""
    order = walk(root)
    for node in order or [root]:  # the order of a leaf is empty
        _forget_gradient(node)
    for node in leaves_of(order):
        _forget_gradient(node)


def _forget_gradient(node: Scalar) -> None:
    node._grad = 0.0
    node._flags &= ~(UPDATED | TOUCHED)


def step_back(node: Scalar) -> None:
    """Apply the chain rule at ``node``, a result."""
    require_rule(node)
    apply_chain_rule(node, node._a, node._b, 0)


def step(node: Scalar) -> None:
    """Apply the chain rule at one node: send its gradient to its operands."""
    _unfold(node)
    sweep_list([node], 0)


use_walks(backward, forward, zero_grad, step_back)
