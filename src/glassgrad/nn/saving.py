"""Models in files: the numbers in the safetensors format, the model's description as JSON in the metadata.

Nothing in a file is ever run, imported or unpickled. A model is rebuilt from its description: its class, its sizes, and
the *names* of its activations. The file says whether a name is one of glassgrad's own functions, or one of the
functions that the caller passes to `load`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import glassgrad as gg
from glassgrad.core import functions as composed
from glassgrad.core.op import TABLE, as_float
from glassgrad.nn import safetensors
from glassgrad.nn.modules import ACTIVATIONS, MLP, Layer, Module, Neuron
from glassgrad.nn.safetensors import Tensor

__all__ = ["load", "load_into", "load_state_dict", "model_tensors", "save"]

VERSION = 1  # The version of the description's format.
KEY = "glassgrad"  # The description's key in the metadata of a file.
KINDS = {kind.__name__: kind for kind in (MLP, Layer, Neuron)}

Functions = Mapping[str, Callable[[Any], Any]]
Path = str | os.PathLike[str]


def load(path: Path, functions: Functions | None = None) -> Module:
    """Load a model from a file that `model.save` wrote.

    Args:
        path: the file.
        functions: your own activations, by their names: `{"swish": swish}`. glassgrad's own need not be given.

    Returns:
        The model: an `MLP`, a `Layer` or a `Neuron`.

    Raises:
        OSError: the file cannot be read.
        TypeError: `functions` is not a dict.
        ValueError: the file is damaged, or was not written by `save`; or it holds a class of your own (make an object
            of it, and call `model.load(path)`); or it names an activation that `functions` lacks.

    >>> import glassgrad as gg
    >>> model = gg.nn.MLP(2, [4, 1], "tanh", seed=0)
    >>> model.save("m.safetensors")
    >>> again = gg.nn.load("m.safetensors")
    >>> again
    MLP(2, [4, 1], 'tanh'), 17 parameters
    >>> again.state_dict() == model.state_dict()
    True
    """
    if functions is not None and not isinstance(functions, Mapping):
        raise TypeError(f"functions must map names to functions, {{'swish': swish}}, got {functions!r:.80}")
    tensors, description = _read(path)
    try:
        model = _built(description, functions or {}, len(tensors))
    except ValueError as error:
        raise ValueError(f"cannot load {os.fspath(path)!r}: {error}") from None
    _fill(model, tensors, path)
    return model


def load_into(model: Module, path: Path) -> None:
    """Fill the parameters of `model` from a file. The model must be made like the one that was saved."""
    tensors, description = _read(path)
    own = described(model)
    if set(own) == set(description) and json.loads(json.dumps(own)) != description:
        raise ValueError(
            f"cannot load {os.fspath(path)!r} into {model!r}: the file's model has other layers or activations. "
            "gg.nn.load(path) makes the model that was saved"
        )
    _fill(model, tensors, path)


def save(model: Module, path: Path) -> None:
    """Write a model to a file: see `Module.save`."""
    safetensors.write(path, model_tensors(model), {KEY: description_text(model)})


def load_state_dict(model: Module, state: Mapping[str, Any]) -> None:
    """Set parameters by name: see `Module.load_state_dict`."""
    if not isinstance(state, Mapping):
        raise TypeError(f"a state must be a dict of names and numbers, as from state_dict(), got {state!r:.80}")
    parameters = dict(model.named_parameters())
    missing, unknown = parameters.keys() - state.keys(), state.keys() - parameters.keys()
    if missing or unknown:
        said = [f"lacks {_some(missing)}"] * bool(missing) + [f"also has {_some(unknown)}"] * bool(unknown)
        raise ValueError(
            f"the state does not fit {model!r}, with {len(parameters)} parameters: it {' and '.join(said)}. "
            "Make the model as it was when it was saved"
        )
    numbers = {name: _number(name, state[name]) for name in parameters}  # check all of them before setting any
    for name, parameter in parameters.items():
        parameter.data = numbers[name]


def _number(name: str, value: Any) -> float:
    if getattr(value, "ndim", None) == 0 and hasattr(value, "item"):  # an array of one number, as from safetensors
        value = value.item()
    return as_float(getattr(value, "data", value) if isinstance(value, gg.Scalar) else value, f"parameter {name}")


def _some(names: Any) -> str:
    found = sorted(map(str, names))
    return ", ".join(found[:3]) + (f" and {len(found) - 3} more" if len(found) > 3 else "")


# Files ------------------------------------------------------------------------------------------------------


def model_tensors(model: Module) -> dict[str, Tensor]:
    """The parameters, each a tensor without dimensions, by name."""
    return {name: Tensor.of([value], ()) for name, value in model.state_dict().items()}


def description_text(model: Module) -> str:
    """The model's description, as JSON for a file's metadata."""
    return json.dumps({"version": VERSION, "model": described(model)}, separators=(",", ":"))


def _read(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Read the tensors and the description of a model from a file, and check that `save` can have written them."""
    tensors, metadata = safetensors.read(path)
    where = f"cannot load {os.fspath(path)!r}"
    if KEY not in metadata:
        raise ValueError(
            f"{where}: glassgrad did not write this safetensors file. Make a model, and fill it with "
            "model.load_state_dict(safetensors.numpy.load_file(path)); the names must be those of model.state_dict()"
        )
    try:
        found = safetensors.parsed(metadata[KEY])
    except ValueError as error:
        raise ValueError(f"{where}: the description of its model is not well-formed: {error}") from None
    if not isinstance(found, dict) or not isinstance(found.get("model"), dict):
        raise ValueError(f"{where}: its description has no model")
    if found.get("version") != VERSION:
        raise ValueError(
            f"{where}: it has version {found.get('version')!r:.40} of the format, but this glassgrad reads {VERSION}"
        )
    model = {name: tensor for name, tensor in tensors.items() if not name.startswith("@")}  # "@" marks a run's state
    for name, tensor in model.items():
        if (tensor.dtype, tensor.shape) != ("F64", ()):
            raise ValueError(
                f"{where}: {name!r:.80} must be a single F64 number, got {tensor.dtype} of shape {list(tensor.shape)}"
            )
    return model, found["model"]


def _fill(model: Module, tensors: Mapping[str, Tensor], path: Path) -> None:
    try:
        load_state_dict(model, {name: tensor.numbers()[0] for name, tensor in tensors.items()})
    except ValueError as error:
        raise ValueError(f"cannot load {os.fspath(path)!r}: {error}") from None


# Descriptions of models ------------------------------------------------------------------------------------------


def described(model: Module) -> dict[str, Any]:
    """The description from which `_built` makes the model. For the user's own class, or if an activation has no name,
    only the class; that is enough for `load_into`."""
    rows = _rows(model)
    names = [name for name, _ in model.named_parameters()]
    spelled = [[spelling(neuron.activation) for neuron in row] for row in rows]
    if not rows or names != _names(model, rows) or any(None in row for row in spelled) or not _unambiguous(rows):
        return {"class": type(model).__name__}
    layers = [
        {"inputs": len(row[0].w), "neurons": len(row), "activation": _alike(activations)}
        for row, activations in zip(rows, spelled)
    ]
    return {"class": type(model).__name__, "layers": layers}


def _rows(model: Module) -> list[list[Neuron]]:
    """The neurons of each layer of an MLP, Layer or Neuron; empty for any other model."""
    if type(model) is Neuron:
        rows = [[model]]
    elif type(model) is Layer:
        rows = [model.neurons]
    elif type(model) is MLP:
        rows = [layer.neurons for layer in model.layers]
    else:
        return []
    return rows if all(rows) and all(type(neuron) is Neuron for row in rows for neuron in row) else []


def _names(model: Module, rows: list[list[Neuron]]) -> list[str]:
    """The names of the parameters of such a model, if no attribute was added or removed."""
    names, widths = [], [len(rows[0][0].w), *map(len, rows)]
    layer = "layers[{i}]." if type(model) is MLP else ""
    neuron = layer + ("" if type(model) is Neuron else "neurons[{k}].")
    for i, row in enumerate(rows):
        for k in range(len(row)):
            place = neuron.format(i=i, k=k)
            names += [f"{place}w[{j}]" for j in range(widths[i])] + [f"{place}b"]
    return names


def spelling(activation: Any) -> Any:
    """An activation as it is written to a file; None if it has no name.

    "tanh" was passed as a string, `MLP(2, [1], "tanh")`; {"glassgrad": "tanh"} is the function `gg.tanh`;
    {"function": "swish"} is the user's own function; {"linear": True} is no activation.
    """
    if activation is None:
        return {"linear": True}
    if isinstance(activation, str):
        return activation
    name = getattr(activation, "__name__", None)
    if not isinstance(name, str) or not name.isidentifier():  # a lambda, a partial, an object
        return None
    return {"glassgrad" if _own_function(name) is activation else "function": name}


def _unambiguous(rows: list[list[Neuron]]) -> bool:
    """Whether different functions of the user have different names."""
    found: dict[str, Any] = {}
    functions = [neuron.activation for row in rows for neuron in row if callable(neuron.activation)]
    return all(found.setdefault(getattr(f, "__name__", ""), f) is f for f in functions)


def _own_function(name: str) -> Callable[[Any], Any] | None:
    """glassgrad's function of one number with this name, or None."""
    if name in TABLE:
        return TABLE[name] if TABLE[name].arity == 1 else None
    return getattr(composed, name) if name in composed.__all__ else None


def _alike(values: list[Any]) -> Any:
    return values[0] if all(value == values[0] for value in values) else values


def _built(description: Mapping[str, Any], functions: Functions, count: int) -> Module:
    """Make the described model, with all weights 0. It must have `count` parameters, as many as the file."""
    kind = description.get("class")
    if not isinstance(kind, str):
        raise ValueError("its description names no class")
    if "layers" not in description:
        raise ValueError(
            f"its model cannot be made from the file alone: {kind:.80} is a class of your own, or has an activation "
            "without a name, or has added attributes. Make the model as before; model.load(path) fills it"
        )
    layers = description["layers"]
    if kind not in KINDS or not isinstance(layers, list) or not layers or (kind != "MLP" and len(layers) > 1):
        raise ValueError(f"its description of a {kind:.80} was not written by glassgrad")
    shapes = [_shape(layer) for layer in layers]
    fit = all(before[1] == after[0] for before, after in pairwise(shapes)) and (kind != "Neuron" or shapes[0][1] == 1)
    if not fit or sum((inputs + 1) * neurons for inputs, neurons in shapes) != count:
        raise ValueError(f"its description does not fit its {count:,} parameters")
    rng, widths = _Zero(), [neurons for _, neurons in shapes]
    inputs = shapes[0][0]
    model: Module
    if kind == "Neuron":
        model = Neuron(inputs, rng=rng)
    elif kind == "Layer":
        model = Layer(inputs, widths[0], rng=rng)
    else:
        model = MLP(inputs, widths, rng=rng)
    for row, layer in zip(_rows(model), layers):
        spelled = layer["activation"]
        for k, neuron in enumerate(row):
            neuron.activation = _found(spelled[k] if isinstance(spelled, list) else spelled, functions)
    return model


def _shape(layer: Any) -> tuple[int, int]:
    """The numbers of inputs and neurons of a layer that a file describes."""
    if not isinstance(layer, dict) or set(layer) != {"inputs", "neurons", "activation"}:
        raise ValueError(f"a layer's description must have inputs, neurons and activation, got {layer!r:.80}")
    inputs, neurons, spelled = layer["inputs"], layer["neurons"], layer["activation"]
    if not all(type(size) is int and 0 < size < 2**53 for size in (inputs, neurons)):
        raise ValueError(
            f"a layer's numbers of inputs and neurons must be 1 or more, got {inputs!r:.40} and {neurons!r:.40}"
        )
    if isinstance(spelled, list) and len(spelled) != neurons:
        raise ValueError(f"a layer of {neurons:,} neurons must have as many activations, got {len(spelled):,}")
    return inputs, neurons


def _found(spelled: Any, functions: Functions) -> Any:
    """The activation that a file names."""
    if spelled == {"linear": True}:
        return None
    if isinstance(spelled, str) and spelled in ACTIVATIONS:
        return spelled
    kind, name = next(iter(spelled.items())) if isinstance(spelled, dict) and len(spelled) == 1 else ("", spelled)
    if not isinstance(name, str) or kind not in ("glassgrad", "function"):
        raise ValueError(f"it names the activation {spelled!r:.80}, which glassgrad does not have")
    function = _own_function(name) if kind == "glassgrad" else functions.get(name)
    if kind == "glassgrad" and function is None:
        raise ValueError(f"it names the activation {name!r:.80}, which is not one of glassgrad's functions")
    if not callable(function):
        raise ValueError(
            f"its activation {name!r:.80} is your own function: pass it, load(path, functions={{{name!r:.80}: ...}})"
        )
    return function


class _Zero:
    """A generator that draws only zeros, for a model whose parameters will be loaded."""

    def uniform(self, low: float, high: float, /) -> float:
        return 0.0
