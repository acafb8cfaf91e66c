"""Blocks around the recording of nodes: `group`, and `detect_anomaly`, which finds where a gradient went wrong."""

from __future__ import annotations

import math

from glassgrad.core import anomaly, scalar
from glassgrad.core.anomaly import AnomalyError
from glassgrad.core.backward import step
from glassgrad.core.node_info import Group
from glassgrad.core.op import describe
from glassgrad.core.scalar import Scalar
from glassgrad.core.state import Block
from glassgrad.support.naming import said

__all__ = ["AnomalyError", "detect_anomaly", "group"]


class group(Block):
    """Group the nodes made in the ``with`` block: they are drawn as one cluster, which can be collapsed.

    Groups nest. Each block opens a new group, so two blocks with the same name are two clusters. A group is open only
    in its own thread (and asyncio task): in a thread that you start inside the block, open it again.

    Args:
        name: the cluster's title, a string.

    Raises:
        TypeError: ``name`` is not a string.

    Example:
        >>> import glassgrad as gg
        >>> x, w = gg.Scalar(2.0), gg.Scalar(3.0)
        >>> with gg.group("neuron 1"):
        ...     y = (x * w).tanh()
        >>> y.group
        <group 'neuron 1'>
    """

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        if not isinstance(name, str):
            raise TypeError(f"a group's name must be a string, got {describe(name)}")
        self.name = name

    def __enter__(self) -> Group:
        state = self.inner()
        state.note = opened = Group(self.name, state.note)
        self.enter(state)
        return opened


class detect_anomaly(Block):
    """Inside the ``with`` block, a result or gradient of this thread that is nan or infinite raises an error.

    `Scalar.backward` stops at the first such gradient. Transforms (`grad`, `jvp`, …) and functions compiled by `jit`
    and `vmap` stop at the first such result. The error names the operation that made it, or the operation whose
    derivative did, with its operands and the source line (known for nodes made inside the block); for a batch it also
    names the lane. If the results of a compiled function are not finite, it is run again on that lane, uncompiled. The
    gradients of leaves are as they were before the failed call. Recording and ``backward()`` are several times slower
    inside the block.

    Raises:
        AnomalyError: its ``node`` is the node that was found.

    Example:
        >>> import glassgrad as gg
        >>> x = gg.Scalar(0.0, label="x")
        >>> with gg.detect_anomaly():
        ...     y = x.sqrt()
        ...     y.backward()
        Traceback (most recent call last):
        ...
        glassgrad.AnomalyError: the gradient becomes inf at sqrt(x=0.0) = 0.0, ...
        >>> import numpy as np
        >>> with gg.detect_anomaly():
        ...     gg.vmap(lambda x: gg.log(x))(np.array([1.0, -1.0]))
        Traceback (most recent call last):
        ...
        glassgrad.AnomalyError: your function at ...: the result is nan in lane 1
          because    log(x=-1.0) = nan: outside its domain (it needs x > 0)
        ...
    """

    def __enter__(self) -> detect_anomaly:
        state = self.inner()
        around = getattr(state.watcher, "around", None)  # a watcher may have work of its own to do around each sweep
        state.watcher = _sweep if around is None else around(_sweep)
        state.watches = True
        anomaly.note_lines(state)
        self.enter(state)
        return self


def _sweep(order: list[Scalar]) -> None:
    for node in reversed(order):
        before = [(x, x.grad) for x in node.prev]
        step(node)
        for i, (operand, grad) in enumerate(before):
            if math.isfinite(grad) and not math.isfinite(operand.grad):
                raise AnomalyError(_explain(order, node, i, operand), node)


def _explain(order: list[Scalar], node: Scalar, i: int, operand: Scalar) -> str:
    values = scalar.used(node)
    shown = ", ".join(f"{x.label}={value!r}" if x.named else repr(value) for x, value in zip(node.prev, values))
    assert node.operation is not None
    message = (
        f"the gradient becomes {operand.grad} at {node.operation.name}({shown}) = {scalar.computed(node)!r}, "
        f"node {said(node)!r}, made at {node.source or 'a line outside detect_anomaly()'}: its gradient is "
        f"{node.grad!r}, and its derivative with respect to operand {i} ({said(operand)!r}) is "
        f"{node.local_partials()[i]!r}"
    )
    kinks = node.operation.kinks
    if kinks is not None and kinks.holds(*values):
        message += f", because it has a kink where {kinks.text}"
    for suspect in order:
        value = scalar.computed(suspect)
        if not math.isfinite(value):
            made = suspect.source or "a line outside detect_anomaly()"
            return f"{message}. The first value that is not finite is {value!r}, of {suspect.op!r}, made at {made}"
    return message
