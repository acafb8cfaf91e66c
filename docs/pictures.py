"""Draws the pictures of README.md and of the docs: ``python docs/pictures.py``."""

from pathlib import Path

import glassgrad as gg

FOLDER = Path(__file__).parent / "images"


def neuron() -> gg.Scalar:
    """The teaching notebook's neuron, differentiated."""
    x1, x2 = gg.scalars(2.0, 0.0, labels="x1 x2")
    w1, w2 = gg.scalars(-3.0, 1.0, labels="w1 w2")
    b = gg.Scalar(6.8813735870195432, label="b")
    n = x1 * w1 + x2 * w2 + b
    n.label = "n"
    o = n.tanh()
    o.label = "o"
    o.backward()
    return o


if __name__ == "__main__":
    gg.draw(neuron()).save(FOLDER / "neuron.svg")
    axes = gg.plot(lambda x: 3 * x**2 - 4 * x + 5, at=3.0, name="f")
    axes.figure.savefig(FOLDER / "tangent.svg")
