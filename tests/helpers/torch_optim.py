"""Optimisers and schedules tried in the same way on PyTorch and on glassgrad, and what PyTorch made of them.

`torch_optim.json` holds PyTorch's numbers. Where torch 2.13 is installed, this writes them anew:

    python tests/helpers/torch_optim.py
"""

import inspect
import json
from pathlib import Path

NUMBERS = Path(__file__).with_suffix(".json")
STEPS = 20

OPTIMIZERS = {
    "sgd": ("SGD", {"lr": 0.01}),
    "sgd, default lr": ("SGD", {}),
    "momentum": ("SGD", {"lr": 0.01, "momentum": 0.9}),
    "dampening": ("SGD", {"lr": 0.01, "momentum": 0.9, "dampening": 0.3}),
    "nesterov": ("SGD", {"lr": 0.01, "momentum": 0.8, "nesterov": True, "weight_decay": 0.1}),
    "sgd, decay": ("SGD", {"lr": 0.01, "weight_decay": 0.1}),
    "sgd, maximize": ("SGD", {"lr": 0.001, "momentum": 0.5, "maximize": True, "weight_decay": 0.1}),
    "adam": ("Adam", {}),
    "adam, fast": ("Adam", {"lr": 0.1, "betas": (0.8, 0.99), "eps": 1e-3}),
    "adam, no momentum": ("Adam", {"lr": 0.1, "betas": (0.0, 0.9)}),
    "adam, decay": ("Adam", {"lr": 0.1, "weight_decay": 0.1}),
    "adam, decoupled decay": ("Adam", {"lr": 0.1, "weight_decay": 0.1, "decoupled_weight_decay": True}),
    "amsgrad": ("Adam", {"lr": 0.3, "betas": (0.9, 0.5), "amsgrad": True}),
    "adam, maximize": ("Adam", {"lr": 0.1, "maximize": True, "weight_decay": 0.1}),
    "adamw": ("AdamW", {}),
    "adamw, amsgrad": ("AdamW", {"lr": 0.3, "betas": (0.9, 0.5), "weight_decay": 0.2, "amsgrad": True}),
    "adamw, maximize": ("AdamW", {"lr": 0.1, "maximize": True}),
}

SCHEDULES = {
    "StepLR": lambda L, o: L.StepLR(o, 3),
    "MultiStepLR": lambda L, o: L.MultiStepLR(o, [2, 5, 5, 11], gamma=0.5),
    "ConstantLR": lambda L, o: L.ConstantLR(o),
    "ExponentialLR": lambda L, o: L.ExponentialLR(o, 0.9),
    "CosineAnnealingLR": lambda L, o: L.CosineAnnealingLR(o, 6, eta_min=0.001),
    "CosineAnnealingLR to 0": lambda L, o: L.CosineAnnealingLR(o, T_max=20),
    "LinearLR": lambda L, o: L.LinearLR(o),
    "LinearLR to 0": lambda L, o: L.LinearLR(o, start_factor=1.0, end_factor=0.0, total_iters=7),
    "LambdaLR": lambda L, o: L.LambdaLR(o, lambda epoch: 0.95**epoch),
    "LambdaLR of each group": lambda L, o: L.LambdaLR(o, [lambda epoch: epoch / 10, lambda epoch: 1 / (1 + epoch)]),
    "OneCycleLR": lambda L, o: L.OneCycleLR(o, 0.3, total_steps=20),
    "OneCycleLR by epochs": lambda L, o: L.OneCycleLR(o, [0.3, 0.1], epochs=4, steps_per_epoch=6, pct_start=0.4),
    "OneCycleLR of three phases": lambda L, o: L.OneCycleLR(o, 0.3, 25, three_phase=True, anneal_strategy="linear"),
    "OneCycleLR without momentum": lambda L, o: L.OneCycleLR(o, 0.3, 20, cycle_momentum=False, div_factor=10),
    "SequentialLR": lambda L, o: L.SequentialLR(o, [L.LinearLR(o, 0.1, total_iters=4), L.ExponentialLR(o, 0.8)], [4]),
    "SequentialLR of three": lambda L, o: L.SequentialLR(
        o, [L.ConstantLR(o, 0.5, 3), L.CosineAnnealingLR(o, 5), L.StepLR(o, 2, 0.5)], milestones=[3, 9]
    ),
}

PLATEAUS = {
    "defaults": {},
    "impatient": {"patience": 1, "factor": 0.5},
    "max": {"mode": "max", "patience": 2, "threshold": 0.1},
    "abs": {"patience": 0, "threshold": 0.05, "threshold_mode": "abs", "cooldown": 2, "min_lr": [0.001, 0.01]},
    "max abs": {"mode": "max", "patience": 1, "threshold": 0.05, "threshold_mode": "abs", "eps": 1e-3},
}
WATCHED = [1.0, 0.8, 0.79, 0.795, 0.7, 0.9, 0.9, 0.699, 0.6, 0.61, 0.6, 0.6, 0.59, 0.5, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7]

CLIPS = {
    "norm": ("clip_grad_norm_", {"max_norm": 1.0}),
    "norm, within": ("clip_grad_norm_", {"max_norm": 1e3}),
    "1-norm": ("clip_grad_norm_", {"max_norm": 1.0, "norm_type": 1}),
    "3-norm": ("clip_grad_norm_", {"max_norm": 2.0, "norm_type": 3.0}),
    "largest": ("clip_grad_norm_", {"max_norm": 0.5, "norm_type": float("inf")}),
    "value": ("clip_grad_value_", {"clip_value": 0.7}),
}


def loss(a, b, c):
    """Rosenbrock's valley with a wave along it: curved, and no two gradients alike."""
    return (1 - a) ** 2 + 10 * (b - a * a) ** 2 + (a * c).sin() + c * c


def train(optimizers, leaf, name, options):
    """The parameters after each of the steps."""
    params = [leaf(-0.7), leaf(1.2), leaf(0.4)]
    optimizer = getattr(optimizers, name)(params, **options)
    course = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss(*params).backward()
        optimizer.step()
        course.append([float(p.data) for p in params])
    return course


def train_groups(optimizers, leaf):
    """Two groups, one with options of its own, under a schedule."""
    params = [leaf(-0.7), leaf(1.2), leaf(0.4)]
    groups = [{"params": params[:2]}, {"params": params[2:], "lr": 0.1, "momentum": 0.0}]
    optimizer = optimizers.SGD(groups, lr=0.01, momentum=0.9)
    schedule = optimizers.lr_scheduler.ExponentialLR(optimizer, 0.9)
    course = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss(*params).backward()
        optimizer.step()
        schedule.step()
        course.append([float(p.data) for p in params])
    return course


def rates(optimizers, leaf, schedule, kind="SGD", watched=None):
    """Learning rates and momentum of two groups from epoch to epoch."""
    extra = {"momentum": 0.9} if kind == "SGD" else {}
    optimizer = getattr(optimizers, kind)([{"params": [leaf(1.0)]}, {"params": [leaf(2.0)], "lr": 0.02}], 0.1, **extra)
    made, course = schedule(optimizers.lr_scheduler, optimizer), []
    for epoch in range(STEPS):
        groups = optimizer.param_groups
        course.append([[group["lr"], group["momentum"] if extra else group["betas"][0]] for group in groups])
        optimizer.step()
        made.step(*([] if watched is None else [watched[epoch]]))
    return course


def clip(utils, leaf, name, options):
    """The gradients that are left, and the norm."""
    params = [leaf(-0.7), leaf(1.2), leaf(0.4)]
    loss(*params).backward()
    norm = getattr(utils, name)(params, **options)
    return [[float(p.grad) for p in params], [] if norm is None else float(norm)]


FLAGS = {"foreach", "capturable", "differentiable", "fused"}  # which of its kernels PyTorch takes
NAMES = (
    "SGD Adam AdamW StepLR MultiStepLR ConstantLR ExponentialLR CosineAnnealingLR LinearLR LambdaLR OneCycleLR "
    "SequentialLR ReduceLROnPlateau clip_grad_norm_ clip_grad_value_"
).split()


def signature(optimizers, utils, name):
    """The arguments in order, and their defaults as text."""
    place = next(place for place in (optimizers, optimizers.lr_scheduler, utils) if hasattr(place, name))
    arguments = inspect.signature(getattr(place, name)).parameters.values()
    return [
        [p.name, None if p.default is p.empty else str(_plain(p.default))] for p in arguments if p.name not in FLAGS
    ]


def _plain(default):
    number = isinstance(default, int) and not isinstance(default, bool)
    return float(default) if number else default


def everything(optimizers, utils, leaf):
    """All of the above, by name."""
    return {
        "optimizers": {key: train(optimizers, leaf, *case) for key, case in OPTIMIZERS.items()},
        "groups": {"groups": train_groups(optimizers, leaf)},
        "schedules": {key: rates(optimizers, leaf, case) for key, case in SCHEDULES.items()},
        "adam": {"OneCycleLR": rates(optimizers, leaf, SCHEDULES["OneCycleLR"], "Adam")},
        "plateaus": {
            key: rates(optimizers, leaf, lambda L, o: L.ReduceLROnPlateau(o, **case), watched=WATCHED)
            for key, case in PLATEAUS.items()
        },
        "clips": {key: clip(utils, leaf, *case) for key, case in CLIPS.items()},
        "signatures": {name: signature(optimizers, utils, name) for name in NAMES},
    }


def from_torch():
    """All of it by PyTorch, in float64."""
    import torch

    return everything(
        torch.optim, torch.nn.utils, lambda value: torch.tensor(value, dtype=torch.float64, requires_grad=True)
    )


if __name__ == "__main__":
    NUMBERS.write_text(
        json.dumps(from_torch()).replace("},", "},\n").replace(']], "', ']],\n"') + "\n", encoding="utf-8"
    )
