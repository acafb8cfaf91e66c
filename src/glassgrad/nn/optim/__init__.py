"""Optimisers, learning-rate schedules and gradient clipping, with PyTorch's names, arguments and defaults.

`optimizer.py` has the base class: parameter groups, their options, their state. `sgd.py` and `adam.py` are the update
rules. `lr_scheduler.py` (with `schedule.py` and `adaptive.py`) changes the learning rate during training, and
`clipping.py` limits the gradients.

>>> import glassgrad as gg
>>> w = gg.Scalar(0.0, label="w")
>>> optimizer = gg.optim.Adam([w], lr=0.1)
>>> for _ in range(200):
...     optimizer.zero_grad()
...     ((w - 3) ** 2).backward()
...     optimizer.step()
>>> round(w.data, 2)
3.0
"""

from glassgrad.nn.optim import lr_scheduler
from glassgrad.nn.optim.adam import Adam, AdamW
from glassgrad.nn.optim.clipping import clip_grad_norm_, clip_grad_value_
from glassgrad.nn.optim.lr_scheduler import (
    ConstantLR,
    CosineAnnealingLR,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    MultiStepLR,
    OneCycleLR,
    ReduceLROnPlateau,
    SequentialLR,
    StepLR,
)
from glassgrad.nn.optim.optimizer import Optimizer
from glassgrad.nn.optim.sgd import SGD

__all__ = [
    "SGD",
    "Adam",
    "AdamW",
    "ConstantLR",
    "CosineAnnealingLR",
    "ExponentialLR",
    "LambdaLR",
    "LinearLR",
    "MultiStepLR",
    "OneCycleLR",
    "Optimizer",
    "ReduceLROnPlateau",
    "SequentialLR",
    "StepLR",
    "clip_grad_norm_",
    "clip_grad_value_",
    "lr_scheduler",
]


def __dir__() -> list[str]:
    """The public names only, for tab completion."""
    return [*__all__, "__all__", "__doc__", "__file__", "__name__", "__path__"]
