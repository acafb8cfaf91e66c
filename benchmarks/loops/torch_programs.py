"""PyTorch: the perceptron over whole rows by tensors of float64."""

from __future__ import annotations

from typing import Any

import numpy as np
from family import Call
from programs import Program


def contenders(name: str) -> dict[str, Any]:
    return {"PyTorch": make} if name in ("mlp", "mlp_arrays") else {}


def make(program: Program, threads: int) -> Call:
    import torch

    layers, x, y = program.arguments
    leaves = [torch.from_numpy(np.array(leaf)).requires_grad_() for layer in layers for leaf in layer]
    rows, targets = torch.from_numpy(x), torch.from_numpy(y)

    def call() -> Any:
        a = rows
        for W, b in zip(leaves[:-2:2], leaves[1:-2:2]):
            a = torch.tanh(torch.addmm(b, a, W.T))
        error = torch.addmm(leaves[-1], a, leaves[-2].T)[:, 0] - targets
        value = torch.dot(error, error)
        return [value, *torch.autograd.grad(value, leaves)]

    return call
