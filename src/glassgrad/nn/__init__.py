"""Neural networks of Scalars, in the shape that micrograd's users know.

`modules.py` holds what has parameters (`Module`, `Neuron`, `Layer`, `MLP`), `losses.py` what a network is
trained on, `initial.py` the numbers it starts from. Every weight is a `Scalar` with a label, every neuron a
group, so that whatever is built here can be drawn, nudged and stepped through like any other expression.
"""

import sys

from glassgrad import optim

from . import utils
from .fitting import fit
from .history import History
from .losses import binary_cross_entropy, cross_entropy, hinge, mse
from .modules import MLP, Layer, Module, Neuron
from .saving import load

# Another name of the same modules, as os.path is one: `from glassgrad.nn.optim import Adam` gives the same classes.
sys.modules[f"{__name__}.optim"] = optim
sys.modules[f"{__name__}.optim.lr_scheduler"] = optim.lr_scheduler

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
