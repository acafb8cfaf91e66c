"""Neural networks of Scalars, in the shape that micrograd's users know.

`modules.py` holds what has parameters (`Module`, `Neuron`, `Layer`, `MLP`), `losses.py` what a network is
trained on, `initial.py` the numbers it starts from. Every weight is a `Scalar` with a label, every neuron a
group, so that whatever is built here can be drawn, nudged and stepped through like any other expression.
"""

from glassgrad.nn import optim, utils
from glassgrad.nn.fitting import fit
from glassgrad.nn.history import History
from glassgrad.nn.losses import binary_cross_entropy, cross_entropy, hinge, mse
from glassgrad.nn.modules import MLP, Layer, Module, Neuron
from glassgrad.nn.saving import load

__all__ = [
    "MLP",
    "History",
    "Layer",
    "Module",
    "Neuron",
    "binary_cross_entropy",
    "cross_entropy",
    "fit",
    "hinge",
    "load",
    "mse",
    "optim",
    "utils",
]
