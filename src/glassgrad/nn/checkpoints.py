"""Training runs in files. A checkpoint is a model's file that also holds the state of the training.

Columns of numbers (the optimiser's state, the best parameters) are tensors whose names begin with "@". Everything else
is JSON in the metadata. Python writes a float to JSON with enough digits to keep every bit.
"""

from __future__ import annotations

import json
import math
import os
from typing import Any

from glassgrad.nn import safetensors
from glassgrad.nn.modules import Module
from glassgrad.nn.safetensors import Tensor
from glassgrad.nn.saving import KEY, description_text, model_tensors

__all__ = ["load_checkpoint", "save_checkpoint"]

RUN = "glassgrad.run"  # The key of the training's state in the metadata of a file.


def save_checkpoint(path: str | os.PathLike[str], model: Module, state: dict[str, Any]) -> None:
    """Write a model and the state of its training to a file. If this fails, an existing file keeps its contents."""
    tensors = model_tensors(model)
    rest = _written(state, "@run", tensors)
    text = json.dumps(rest, separators=(",", ":"), allow_nan=False)
    safetensors.write(path, tensors, {KEY: description_text(model), RUN: text})


def load_checkpoint(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Return the state of the training from a file that `save_checkpoint` wrote.

    Raises:
        OSError: the file cannot be read.
        ValueError: the file is damaged, or not a checkpoint.
    """
    tensors, metadata = safetensors.read(path)
    if RUN not in metadata:
        raise ValueError(f"cannot resume from {os.fspath(path)!r}: it was not written by fit(checkpoint=...)")
    try:
        state = _read(safetensors.parsed(metadata[RUN]), tensors)
        if not isinstance(state, dict):
            raise TypeError
    except (TypeError, LookupError, ValueError) as error:
        raise ValueError(f"cannot resume from {os.fspath(path)!r}: its state is damaged ({error})") from None
    return state


def _written(value: Any, name: str, tensors: dict[str, Tensor]) -> Any:
    """Convert `value` for JSON. Lists of floats go to `tensors`; types that JSON lacks become objects of one entry."""
    if isinstance(value, float) and not math.isfinite(value):
        return {"float": repr(value)}
    if isinstance(value, tuple):
        return {"tuple": [_written(x, f"{name}[{i}]", tensors) for i, x in enumerate(value)]}
    if isinstance(value, list) and value and all(type(x) is float for x in value):
        tensors[name] = Tensor.of(value, (len(value),))
        return {"tensor": name}
    if isinstance(value, list):
        return [_written(x, f"{name}[{i}]", tensors) for i, x in enumerate(value)]
    if isinstance(value, dict):
        return {"dict": [[key, _written(held, f"{name}.{key}", tensors)] for key, held in value.items()]}
    return value


def _read(value: Any, tensors: dict[str, Tensor]) -> Any:
    if isinstance(value, list):
        return [_read(x, tensors) for x in value]
    if not isinstance(value, dict):
        return value
    ((kind, held),) = value.items()
    if kind == "float":
        return {"inf": math.inf, "-inf": -math.inf, "nan": math.nan}[held]
    if kind == "tuple":
        return tuple(_read(held, tensors))
    if kind == "tensor":
        tensor = tensors[held]
        if tensor.dtype != "F64":
            raise ValueError(f"{held!r:.80} must be F64, got {tensor.dtype}")
        return tensor.numbers()
    if kind == "dict":
        return {key: _read(x, tensors) for key, x in held}
    raise ValueError(f"{kind!r:.80} is unknown")
