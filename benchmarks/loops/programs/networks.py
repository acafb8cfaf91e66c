"""Networks: an LSTM, a plain recurrent network, and two perceptrons, by lists and by `@`."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

import glassgrad as gg

from .record import Program, generator


def lstm(n: int = 64, hidden: int = 14, layers: int = 2, lanes: int = 64) -> Program:
    """ADBench's LSTM: the negative log-likelihood of a sequence, with respect to all weights.

    Its gates are elementwise, as in ADBench: `main[2 * layer]` are weights and `main[2 * layer + 1]` biases of the
    four gates, `extra` scales the input and the output. Every lane is a sequence.
    """

    def loss(main: Any, extra: Any, state: Any, sequence: Any) -> Any:
        h = [[state[2 * layer, i] for i in range(hidden)] for layer in range(layers)]
        c = [[state[2 * layer + 1, i] for i in range(hidden)] for layer in range(layers)]
        total = 0.0
        for t in range(n - 1):
            x = [sequence[t, i] * extra[0, i] for i in range(hidden)]
            for layer in range(layers):
                weight, bias = main[2 * layer], main[2 * layer + 1]
                for i in range(hidden):
                    forget = gg.sigmoid(x[i] * weight[i] + bias[i])
                    ingate = gg.sigmoid(h[layer][i] * weight[hidden + i] + bias[hidden + i])
                    outgate = gg.sigmoid(x[i] * weight[2 * hidden + i] + bias[2 * hidden + i])
                    change = gg.tanh(h[layer][i] * weight[3 * hidden + i] + bias[3 * hidden + i])
                    c[layer][i] = c[layer][i] * forget + ingate * change
                    h[layer][i] = outgate * gg.tanh(c[layer][i])
                x = h[layer]
            y = [x[i] * extra[1, i] + extra[2, i] for i in range(hidden)]
            shift = gg.log(sum(gg.exp(v) for v in y) + 2.0)
            for i in range(hidden):
                total = total + sequence[t + 1, i] * (y[i] - shift)
        return -total / ((n - 1) * hidden)

    numbers = generator()
    return Program(
        name="lstm",
        function=loss,
        arguments=(
            0.5 * numbers.standard_normal((2 * layers, 4 * hidden)),
            numbers.standard_normal((3, hidden)),
            0.1 * numbers.standard_normal((2 * layers, hidden)),
            (numbers.random((lanes, n, hidden)) < 0.5).astype(float),
        ),
        argnums=(0, 1),
        in_axes=(None, None, None, 0),
        reduce="sum",
        sizes={"n": n, "hidden": hidden, "layers": layers},
    )


def rnn(n: int = 100, hidden: int = 8, inputs: int = 2, lanes: int = 256) -> Program:
    """A recurrent network's squared error after a sequence, with respect to all weights."""

    def loss(weights: Any, x: Any, y: Any) -> Any:
        W, U, b, V = weights
        h = [0.0] * hidden
        for t in range(n):
            h = [
                gg.tanh(
                    sum(W[i, j] * x[t, j] for j in range(inputs)) + sum(U[i, j] * h[j] for j in range(hidden)) + b[i]
                )
                for i in range(hidden)
            ]
        return (sum(V[i] * h[i] for i in range(hidden)) - y) ** 2

    numbers = generator()
    weights = (
        numbers.standard_normal((hidden, inputs)),
        0.3 * numbers.standard_normal((hidden, hidden)),
        numbers.standard_normal(hidden),
        numbers.standard_normal(hidden),
    )
    return Program(
        name="rnn",
        function=loss,
        arguments=(weights, numbers.standard_normal((lanes, n, inputs)), numbers.standard_normal(lanes)),
        argnums=0,
        in_axes=(None, 0, 0),
        reduce="sum",
        sizes={"n": n, "hidden": hidden, "inputs": inputs},
    )


def mlp(hidden: int = 16, lanes: int = 1000) -> Program:
    """The squared error of a perceptron 2–hidden–hidden–1 over many rows, with respect to all weights, by lists."""

    def loss(layers: Any, x: Any, y: Any) -> Any:
        a = list(x)
        for k, (W, b) in enumerate(layers):
            a = [sum((w * v for w, v in zip(row, a)), bias) for row, bias in zip(W, b)]
            if k < len(layers) - 1:
                a = [gg.tanh(v) for v in a]
        return (a[0] - y) ** 2

    layers = tuple((W.tolist(), b.tolist()) for W, b in weights_of((2, hidden, hidden, 1)))
    return perceptron("mlp", loss, layers, hidden, lanes)


def mlp_arrays(hidden: int = 16, lanes: int = 1000) -> Program:
    """The same perceptron by arrays and `@`."""

    def loss(layers: Any, x: Any, y: Any) -> Any:
        a = x
        for k, (W, b) in enumerate(layers):
            a = W @ a + b
            if k < len(layers) - 1:
                a = np.tanh(a)
        return (a[0] - y) ** 2

    return perceptron("mlp_arrays", loss, weights_of((2, hidden, hidden, 1)), hidden, lanes)


def weights_of(sizes: tuple[int, ...]) -> tuple[tuple[Any, Any], ...]:
    numbers = generator()
    return tuple((numbers.standard_normal((m, n)) / n**0.5, numbers.standard_normal(m)) for n, m in pairwise(sizes))


def perceptron(name: str, loss: Any, layers: Any, hidden: int, lanes: int) -> Program:
    numbers = generator()
    return Program(
        name=name,
        function=loss,
        arguments=(layers, numbers.standard_normal((lanes, 2)), numbers.standard_normal(lanes)),
        argnums=0,
        in_axes=(None, 0, 0),
        reduce="sum",
        sizes={"hidden": hidden},
    )
