"""Graphs to draw, and readers of what was drawn."""

import math
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable

import pytest

from glassgrad import Scalar

SVG = "{http://www.w3.org/2000/svg}"


class Little:
    """The lessons' own class as the notebook first has it: operands in a set, no gradient."""

    def __init__(self, data, children=(), op="", label="unk"):
        self.data, self.prev, self.op, self.label = data, set(children), op, label

    def __add__(self, other):
        return Little(self.data + other.data, (self, other), "+")

    def __mul__(self, other):
        return Little(self.data * other.data, (self, other), "*")


class LittleWithGrad(Little):
    """The lessons' class once it has a gradient."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._grad, self.grad_updated = 0.0, False

    @property
    def grad(self):
        return self._grad

    @grad.setter
    def grad(self, value):
        self._grad, self.grad_updated = value, True


def make_neuron(kind=Scalar, backward: bool = True):
    """The notebook's neuron."""
    x1, x2 = kind(2.0, label="x1"), kind(0.0, label="x2")
    w1, w2 = kind(-3.0, label="w1"), kind(1.0, label="w2")
    b = kind(6.8813735870195432, label="b")
    x1w1 = x1 * w1
    x1w1.label = "x1w1"
    x2w2 = x2 * w2
    x2w2.label = "x2w2"
    total = x1w1 + x2w2
    total.label = "x1*w1 + x2*w2"
    n = total + b
    n.label = "n"
    o = n.tanh() if kind is Scalar else kind(math.tanh(n.data), (n,), "tanh")
    o.label = "o"
    if backward:
        o.backward()
    return o


class Drawn:
    """An SVG drawing of ours, read back: its groups by kind, with their titles, texts, boxes and paths."""

    def __init__(self, svg: str) -> None:
        self.root = ET.fromstring(svg)
        self.groups = [(g.get("class"), g) for g in self.root.iter(f"{SVG}g")]

    def kind(self, kind: str) -> list[ET.Element]:
        return [group for name, group in self.groups if name == kind]

    def texts(self, kind: str | None = None) -> list[str]:
        groups = self.kind(kind) if kind else [self.root]
        return [text.text or "" for group in groups for text in group.iter(f"{SVG}text")]

    def titles(self, kind: str) -> list[str]:
        return [group.findtext(f"{SVG}title") or "" for group in self.kind(kind)]

    def boxes(self, kind: str) -> list[tuple[float, float, float, float]]:
        """Of each group the rectangle around its boxes: left, top, right, bottom."""
        found = []
        for group in self.kind(kind):
            corners = [
                (float(r.get("x")), float(r.get("y")), float(r.get("width")), float(r.get("height")))
                for r in group.iter(f"{SVG}rect")
            ]
            found.append(
                (
                    min(x for x, _, _, _ in corners),
                    min(y for _, y, _, _ in corners),
                    max(x + w for x, _, w, _ in corners),
                    max(y + h for _, y, _, h in corners),
                )
            )
        return found

    def curves(self, kind: str = "edge") -> list[list[tuple[float, float]]]:
        """Points along each edge, curves included."""
        return [points(path.get("d")) for group in self.kind(kind) for path in group.iter(f"{SVG}path")]


def points(d: str, steps: int = 16) -> list[tuple[float, float]]:
    """Points along a path made of M, L and C."""
    along: list[tuple[float, float]] = []
    for letter, rest in re.findall(r"([MLC])([^MLC]*)", d):
        c = [float(n) for n in re.findall(r"-?[\d.]+", rest)]
        if letter == "C":
            (x0, y0), (x1, y1, x2, y2, x3, y3) = along[-1], c
            for i in range(1, steps + 1):
                t = i / steps
                a, b, e, f = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
                along.append((a * x0 + b * x1 + e * x2 + f * x3, a * y0 + b * y1 + e * y2 + f * y3))
        else:
            if along:
                (x0, y0) = along[-1]
                along += [(x0 + (c[0] - x0) * i / steps, y0 + (c[1] - y0) * i / steps) for i in range(1, steps)]
            along.append((c[0], c[1]))
    return along


@pytest.fixture
def neuron():
    return make_neuron()


@pytest.fixture
def drawn() -> Callable[[str], Drawn]:
    return Drawn


@pytest.fixture
def little() -> type:
    return Little


@pytest.fixture
def little_with_grad() -> type:
    return LittleWithGrad


@pytest.fixture
def build_neuron():
    return make_neuron


@pytest.fixture
def no_dot(monkeypatch):
    """A machine without Graphviz's programs."""
    monkeypatch.setenv("PATH", "")
