"""What happens around recording: groups of nodes, and the search for the node where a gradient went wrong."""

from __future__ import annotations

import math

from glassgrad.core import anomaly, scalar
from glassgrad.core.anomaly import AnomalyError
from glassgrad.core.node_info import Group
from glassgrad.core.op import describe
from glassgrad.core.scalar import Scalar
from glassgrad.core.state import Block
from glassgrad.support.naming import said

__all__ = ["AnomalyError", "detect_anomaly", "group"]


class group(Block):
    """Nodes made in the ``with`` block belong together: they are drawn as a cluster, which can be collapsed.

    Groups nest. Each entry opens a group of its own, so two blocks of one name are two clusters. A group is open in its
    own thread (and asyncio task) only: in a thread that is started inside the block, open it again.

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
            raise TypeError(f"a group's name is text, but got {describe(name)}")
        self.name = name

    def __enter__(self) -> Group:
        state = self.inner()
        state.note = opened = Group(self.name, state.note)
        self.enter(state)
        return opened


class detect_anomaly(Block):
    """Within the ``with`` block, results and gradients of this thread that are nan or infinite raise an error.

    `Scalar.backward` stops at the first such gradient; transforms (`grad`, `jvp`, …) and functions compiled by `jit`
    and `vmap` stop at the first such result. The error names the operation that made it, or whose derivative did, its
    operands and the source line (known for nodes made inside the block); for a batch the lane, too. A compiled
    function whose results are not finite is run again on that lane, uncompiled. Leaves' gradients are as they were
    before the call that failed. Recording and backward are several times slower inside.

    Raises:
        AnomalyError: its ``node`` is the node found.

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
        around = getattr(state.watcher, "around", None)  # a watcher that has other work to do around any sweep
        state.watcher = _sweep if around is None else around(_sweep)
        state.watches = True
        anomaly.note_lines(state)
        self.enter(state)
        return self


def _sweep(order: list[Scalar]) -> None:
    for node in reversed(order):
        before = [(x, x.grad) for x in node.prev]
        scalar.step(node)
        for i, (operand, grad) in enumerate(before):
            if math.isfinite(grad) and not math.isfinite(operand.grad):
                raise AnomalyError(_explain(order, node, i, operand), node)


def _explain(order: list[Scalar], node: Scalar, i: int, operand: Scalar) -> str:
    values = scalar.used(node)
    shown = ", ".join(f"{x.label}={value!r}" if x.named else repr(value) for x, value in zip(node.prev, values))
    assert node.operation is not None
    message = (
        f"the gradient becomes {operand.grad} at {node.operation.name}({shown}) = {scalar.computed(node)!r}, "
        f"node {said(node)!r}, made at {node.source or 'a line outside detect_anomaly()'}: it has gradient "
        f"{node.grad!r}, and its derivative by operand {i} ({said(operand)!r}) is {node.local_partials()[i]!r}"
    )
    kinks = node.operation.kinks
    if kinks is not None and kinks.holds(*values):
        message += f", for it has a kink where {kinks.text}"
    for suspect in order:
        value = scalar.computed(suspect)
        if not math.isfinite(value):
            made = suspect.source or "a line outside detect_anomaly()"
            return f"{message}; the first value that is not finite is {value!r}, of {suspect.op!r}, made at {made}"
    return message
