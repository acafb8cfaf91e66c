"""The tour's first stop: one neuron, its gradients from backpropagation, and a check of each with a nudge.

A nudge does not use the engine. It changes one value, computes the output again with plain floats, and divides the two
changes. For a value inside the neuron, only the part of the neuron after that value is computed again.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from glassgrad.core.scalar import Scalar
from glassgrad.transforms.nudges import GradReport, compare

B = 6.8813735870195432  # The bias atanh(1/√2) + 6 makes the output 1/√2 and its slope ½.

VALUES = {"x1": 2.0, "x2": 0.0, "w1": -3.0, "w2": 1.0, "b": B}


def activation(x1: float, x2: float, w1: float, w2: float, b: float) -> float:
    """The neuron on floats, for the nudges of its inputs."""
    return math.tanh(x1 * w1 + x2 * w2 + b)


# The rest of the neuron after each inner value, as a function of that value.
REST: dict[str, Callable[[float], float]] = {
    "x1w1": lambda value: math.tanh(value + VALUES["x2"] * VALUES["w2"] + B),
    "x2w2": lambda value: math.tanh(VALUES["x1"] * VALUES["w1"] + value + B),
    "x1*w1 + x2*w2": lambda value: math.tanh(value + B),
    "n": math.tanh,
}


def build() -> tuple[Scalar, dict[str, Scalar]]:
    """The neuron on Scalars: its output, and all other nodes by label, inputs first."""
    x1, x2, w1, w2, b = (Scalar(value, label=label) for label, value in VALUES.items())
    x1w1 = x1 * w1
    x1w1.label = "x1w1"
    x2w2 = x2 * w2
    x2w2.label = "x2w2"
    x1w1x2w2 = x1w1 + x2w2
    x1w1x2w2.label = "x1*w1 + x2*w2"
    n = x1w1x2w2 + b
    n.label = "n"
    o = n.tanh()
    o.label = "o"
    return o, {node.label: node for node in (x1, x2, w1, w2, b, x1w1, x2w2, x1w1x2w2, n)}


def nudged(nodes: dict[str, Scalar]) -> GradReport:
    """Compare each node's gradient, after backward(), with its nudge."""
    gradients = tuple(nodes[label].grad for label in VALUES)
    rows = list(compare(gradients, activation, *VALUES.values()).rows)
    for label, rest in REST.items():
        rows += compare(nodes[label].grad, rest, nodes[label].data, names=[label]).rows
    return GradReport("o", rows)
