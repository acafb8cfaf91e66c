"""A training script in the style of micrograd's users: two moons, a small network, a margin loss.

It imports only micrograd. The benchmark runs it unchanged, once with micrograd's Value and once with glassgrad's Scalar
under that name.
"""

import math
import random

from micrograd.engine import Value
from micrograd.nn import MLP

random.seed(1337)


def moons(count):
    """Return points on two interlocking half circles, each with its class, -1 or 1."""
    points = []
    for i in range(count):
        angle, noise = math.pi * random.random(), [random.gauss(0, 0.1) for _ in range(2)]
        x, y = math.cos(angle), math.sin(angle)
        if i % 2:
            x, y = 1 - x, 0.5 - y
        points.append(([x + noise[0], y + noise[1]], 2 * (i % 2) - 1))
    return points


data = moons(50)
model = MLP(2, [16, 16, 1])
steps = 8

for step in range(steps):
    scores = [model([Value(x) for x in point]) for point, _ in data]

    margins = [(1 + -label * score).relu() for (_, label), score in zip(data, scores, strict=True)]
    data_loss = sum(margins) * (1.0 / len(margins))
    penalty = 1e-4 * sum(p * p for p in model.parameters())
    loss = data_loss + penalty

    for p in model.parameters():
        p.grad = 0
    loss.backward()

    rate = 1.0 - 0.9 * step / steps
    for p in model.parameters():
        p.data -= rate * p.grad

    right = sum((label > 0) == (score.data > 0) for (_, label), score in zip(data, scores, strict=True))
    print(f"step {step:2d} loss {loss.data:.6f} accuracy {right / len(data):.0%}")
