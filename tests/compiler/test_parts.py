"""Long modules are compiled part by part, and give the same as whole ones."""

from __future__ import annotations

import numpy as np
import optree
import pytest

import glassgrad as gg

pytest.importorskip("llvmlite")

from glassgrad.compiler import kernels, module


def long(x, y):
    for k in range(60):
        x = x + 0.01 * gg.sin(y) * y
        y = y - 0.01 * gg.exp(-x * x) + gg.tanh(x * k)
    return x * y


def branching(x, y):
    for k in range(25):
        x = x + 0.1 * gg.sin(y) if x > y else x - gg.lgamma(x * x + k + 1.0) * 0.01
        y = y * 0.75 + gg.exp(-x * x)
    return x * y if y > 0.4 else x - y
