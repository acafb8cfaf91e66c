"""What the player's tests share: a bundle to put into pages, whether the real one is built or not."""

from __future__ import annotations

import math

import pytest

import glassgrad as gg
from glassgrad.player import page


@pytest.fixture
def bundle(tmp_path, monkeypatch):
    """A script in the place of the player's."""
    path = tmp_path / "bundle.js"
    path.write_text('const end = "</script>";\nexport default { render() {} };\n', encoding="utf-8")
    monkeypatch.setattr(page, "BUNDLE", path)
    return path


@pytest.fixture
def neuron():
    """The teaching notebook's neuron, labelled: its nodes by label."""
    values = {"x1": 2.0, "x2": 0.0, "w1": -3.0, "w2": 1.0, "b": 6.8813735870195432}
    nodes = {name: gg.Scalar(value, label=name) for name, value in values.items()}
    n = nodes["x1"] * nodes["w1"] + nodes["x2"] * nodes["w2"] + nodes["b"]
    n.label = "n"
    o = n.tanh()
    o.label = "o"
    assert o.data == pytest.approx(math.sqrt(0.5))
    return {**nodes, "n": n, "o": o}
