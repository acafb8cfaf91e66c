"""Optimisers, learning-rate schedules and gradient clipping, with PyTorch's names, arguments and defaults.

`optimizer.py` holds what all optimisers share: parameter groups, their options, their state. `sgd.py` and `adam.py`
are the update rules, `lr_scheduler.py` (with `schedule.py`
and `adaptive.py`) what changes the learning rate as training goes on, and `clipping.py` what
keeps gradients small.
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
