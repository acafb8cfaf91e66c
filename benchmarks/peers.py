"""The libraries that are timed, each used as its own documentation teaches.

A peer makes leaves (`start`), records a program on them (`record`), sweeps back (`reverse`), returns the gradients
(`gradients`), takes a step of gradient descent (`update`) and frees the graph (`free`). Work that a library repeats for
every recording (in XAD a tape and its inputs) counts as recording. Imports happen in `__init__` and are not timed.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from typing import Any

from workloads import Program


class Peer:
    """Base class of peers with a value class: leaves with `.data` and `.grad`, a root with `.backward()`."""

    package: str
    leaf: Callable[[float], Any]
    tanh: Callable[[Any], Any]

    def start(self, values: Sequence[float]) -> None:
        self.leaves = [self.leaf(value) for value in values]

    def record(self, program: Program) -> None:
        self.root = program(self.leaves, self.tanh)

    def reverse(self) -> None:
        self.root.backward()

    def result(self) -> float:
        return float(self.root.data)

    def gradients(self) -> list[float]:
        return [float(leaf.grad) for leaf in self.leaves]

    def update(self, rate: float) -> None:
        for leaf in self.leaves:
            leaf.data -= rate * leaf.grad
            leaf.grad = 0.0

    def free(self) -> None:
        del self.root


class Glassgrad(Peer):
    package = "glassgrad"

    def __init__(self) -> None:
        import glassgrad as gg

        self.leaf, self.tanh = gg.Scalar, gg.tanh


class Micrograd(Peer):
    package = "micrograd"

    def __init__(self) -> None:
        from micrograd.engine import Value

        def tanh(x: Any) -> Any:  # micrograd has none; this one is written like its own operations
            out = Value(math.tanh(x.data), (x,), "tanh")

            def _backward() -> None:
                x.grad += (1 - out.data**2) * out.grad

            out._backward = _backward
            return out

        sys.setrecursionlimit(10**8)  # its backward() walks the graph by recursion
        self.leaf, self.tanh = Value, tanh


class Xad(Peer):
    package = "xad"

    def __init__(self) -> None:
        import xad.adj_1st as xad
        from xad.math import tanh

        self.leaf, self.tanh = xad.Real, tanh
        self.tape = xad.Tape()
        self.tape.activate()

    def start(self, values: Sequence[float]) -> None:
        self.values = list(values)

    def record(self, program: Program) -> None:
        super().start(self.values)
        self.tape.registerInputs(self.leaves)
        self.tape.newRecording()
        super().record(program)

    def reverse(self) -> None:
        self.tape.registerOutput(self.root)
        self.root.derivative = 1.0
        self.tape.computeAdjoints()

    def result(self) -> float:
        return float(self.root.value)

    def gradients(self) -> list[float]:
        return [leaf.derivative for leaf in self.leaves]

    def update(self, rate: float) -> None:
        self.values = [leaf.value - rate * leaf.derivative for leaf in self.leaves]

    def free(self) -> None:
        del self.root, self.leaves
        self.tape.clearAll()


class Torch(Peer):
    """0-d tensors of float64 on the CPU, one thread."""

    package = "torch"

    def __init__(self) -> None:
        import torch

        torch.set_num_threads(1)
        self.leaf = lambda value: torch.tensor(value, dtype=torch.float64, requires_grad=True)
        self.tanh = torch.tanh
        self.sgd = torch.optim.SGD

    def update(self, rate: float) -> None:
        optimiser = self.sgd(self.leaves, lr=rate, foreach=True)
        optimiser.step()
        optimiser.zero_grad()


class Autograd(Peer):
    package = "autograd"

    def __init__(self) -> None:
        import autograd.numpy as np
        from autograd import make_vjp

        self.make_vjp, self.tanh = make_vjp, np.tanh

    def start(self, values: Sequence[float]) -> None:
        self.values = list(values)

    def record(self, program: Program) -> None:
        self.pullback, self.root = self.make_vjp(lambda leaves: program(list(leaves), self.tanh))(self.values)

    def reverse(self) -> None:
        self.slopes = self.pullback(1.0)

    def result(self) -> float:
        return float(self.root)

    def gradients(self) -> list[float]:
        return [float(slope) for slope in self.slopes]

    def update(self, rate: float) -> None:
        self.values = [value - rate * slope for value, slope in zip(self.values, self.slopes, strict=True)]

    def free(self) -> None:
        del self.pullback, self.root, self.slopes


PEERS: dict[str, type[Peer]] = {
    "glassgrad": Glassgrad,
    "glassgrad, pure Python": Glassgrad,
    "XAD": Xad,
    "micrograd": Micrograd,
    "PyTorch": Torch,
    "HIPS autograd": Autograd,
}
