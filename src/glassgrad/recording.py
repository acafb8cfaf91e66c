"""What happens around recording: groups of nodes, and the search for the node where a gradient went wrong."""

from __future__ import annotations

import math
import sys
from typing import Any

from glassgrad import scalar
from glassgrad.notes import Group
from glassgrad.op import describe
from glassgrad.scalar import Scalar

__all__ = ["AnomalyError", "detect_anomaly", "group"]


class group:
    """Nodes made in the ``with`` block belong together: they are drawn as a cluster, which can be collapsed.

    Groups nest. Each entry opens a group of its own, so two blocks of one name are two clusters. A group is open for
    every thread of the process.

    Example:
        >>> import glassgrad as gg
        >>> x, w = gg.Scalar(2.0), gg.Scalar(3.0)
        >>> with gg.group("neuron 1"):
        ...     y = (x * w).tanh()
        >>> y.group
        <group 'neuron 1'>
    """

    def __init__(self, name: str) -> None:
        if not isinstance(name, str):
            raise TypeError(f"a group's name is text, but got {describe(name)}")
        self.name = name
        self._outer: list[Any] = []

    def __enter__(self) -> Group:
        outer = scalar.remember(None)
        opened = Group(self.name, outer)
        scalar.remember(opened)
        self._outer.append(outer)
        return opened

    def __exit__(self, *exc: object) -> None:
        scalar.remember(self._outer.pop())


class AnomalyError(ArithmeticError):
    """A gradient became nan or infinite; ``node`` is the first node that sent one on."""

    def __init__(self, message: str, node: Scalar) -> None:
        super().__init__(message)
        self.node = node


class detect_anomaly:
    """Within the ``with`` block, `Scalar.backward` stops at the first gradient that is nan or infinite.

    The error names the node whose local derivative made it, its operands, and the source line that made the node
    (known for nodes made inside the block). Leaves' gradients are then as they were. Recording and backward are several
    times slower inside.

    Raises:
        AnomalyError: by ``backward()``; its ``node`` is the node found.

    Example:
        >>> import glassgrad as gg
        >>> x = gg.Scalar(0.0, label="x")
        >>> with gg.detect_anomaly():
        ...     y = x.sqrt()
        ...     y.backward()
        Traceback (most recent call last):
        ...
        glassgrad.recording.AnomalyError: the gradient becomes inf at sqrt(x=0.0) = 0.0, ...
    """

    def __enter__(self) -> detect_anomaly:
        outer = scalar.watch(None)
        around = getattr(outer, "around", None)  # a watcher that has other work to do around any sweep
        scalar.watch(_sweep if around is None else around(_sweep))
        self._before = scalar.listen(_note_the_line), outer
        return self

    def __exit__(self, *exc: object) -> None:
        hook, watcher = self._before
        scalar.listen(hook)
        scalar.watch(watcher)


def _note_the_line(node: Scalar) -> None:
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").split(".")[0] == "glassgrad":
        frame = frame.f_back
    scalar.set_source(node, f"{frame.f_code.co_filename}:{frame.f_lineno}")


def _sweep(order: list[Scalar]) -> None:
    for node in reversed(order):
        before = [(x, x.grad) for x in node.prev]
        scalar.step(node)
        for i, (operand, grad) in enumerate(before):
            if math.isfinite(grad) and not math.isfinite(operand.grad):
                raise AnomalyError(_explain(order, node, i, operand), node)


def _explain(order: list[Scalar], node: Scalar, i: int, operand: Scalar) -> str:
    shown = ", ".join(f"{x.label}={x.data!r}" if x.named else repr(x.data) for x in node.prev)
    assert node.operation is not None
    message = (
        f"the gradient becomes {operand.grad} at {node.operation.name}({shown}) = {node.data!r}, "
        f"node {node.label!r}, made at {node.source or 'a line outside detect_anomaly()'}: it has gradient "
        f"{node.grad!r}, and its derivative by operand {i} ({operand.label!r}) is {node.local_partials()[i]!r}"
    )
    kinks = node.operation.kinks
    if kinks is not None and kinks.holds(*[x.data for x in node.prev]):
        message += f", for it has a kink where {kinks.text}"
    for suspect in order:
        if not math.isfinite(suspect.data):
            made = suspect.source or "a line outside detect_anomaly()"
            return (
                f"{message}; the first value that is not finite is {suspect.data!r}, of {suspect.op!r}, made at {made}"
            )
    return message
