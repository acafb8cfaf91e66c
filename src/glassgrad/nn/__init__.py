"""Neural networks made of Scalars, with the interface of micrograd's.

`modules.py` has the networks (`Module`, `Neuron`, `Layer`, `MLP`), `losses.py` the loss functions, and `initial.py` the
random weights that a network starts with. `fit` trains a network, `save` and `load` keep it in a file. Every weight is
a `Scalar` with a label, and every neuron is a group. So you can draw a network, nudge it and step through it like any
other expression.

>>> import glassgrad as gg
>>> model = gg.nn.MLP(1, [4, 1], "tanh", seed=0)
>>> history = gg.nn.fit(model, [[-1.0], [0.0], [1.0]], [1.0, 0.0, 1.0], lr=0.05, epochs=200)
>>> history.loss[-1] < 0.01
True
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


def __dir__() -> list[str]:
    """The public names only, for tab completion."""
    return [*__all__, "__all__", "__doc__", "__file__", "__name__", "__path__"]
