"""Objects with parameters: a neuron, a layer of neurons, a network of layers.

A `Module` finds its parameters among its own attributes. So your own class only has to keep its Scalars, lists of
Scalars and modules as attributes, and define `__call__`:

    class Line(Module):
        def __init__(self):
            self.slope, self.offset = Scalar(1.0, label="slope"), Scalar(0.0, label="offset")

        def __call__(self, x):
            return self.slope * x + self.offset
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import pairwise
from os import PathLike
from typing import Any

import glassgrad as gg
from glassgrad.core.node_info import Group
from glassgrad.core.scalar import Scalar, weighted_sum
from glassgrad.core.state import Block, State, Within
from glassgrad.nn.initial import Generator, generator, width
from glassgrad.support.late import late

# An activation may be given by one of these names.
ACTIVATIONS = ("tanh", "relu", "sigmoid", "softplus", "silu", "gelu")

Activation = str | Callable[[Scalar], Scalar] | None


class Loading:
    """The attribute `load`. On a class, it makes a model from a file; on a model, it fills the parameters from one."""

    def __get__(self, model: Module | None, kind: type[Module]) -> Callable[..., Any]:
        return partial(_load_model, kind) if model is None else partial(_load_parameters, model)


class Module:
    """Base class of all objects with parameters.

    >>> import glassgrad as gg
    >>> class Line(gg.nn.Module):
    ...     def __init__(self):
    ...         self.slope, self.offset = gg.Scalar(1.0, label="slope"), gg.Scalar(0.0, label="offset")
    ...
    ...     def __call__(self, x):
    ...         return self.slope * x + self.offset
    >>> Line().parameters()
    [slope|1.000|0.000, offset|0.000|0.000]
    """

    def named_parameters(self) -> Iterator[tuple[str, Scalar]]:
        """Yield each parameter once, with its path: `("layers[0].neurons[1].w[2]", Scalar)`.

        A parameter is a Scalar that was made from a number, not the result of an operation. It is an attribute, or it
        is in a list, tuple, dict, array of objects or module that is one.
        """
        seen: set[int] = set()
        for path, parameter in _held(self, ""):
            if id(parameter) not in seen:  # an optimiser moves a parameter once, even if two modules share it
                seen.add(id(parameter))
                yield path, parameter

    def parameters(self) -> list[Scalar]:
        """List each parameter once, in the order of the module's attributes."""
        return [parameter for _, parameter in self.named_parameters()]

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Set the gradient of every parameter to 0. Call this before the next `backward()`.

        Args:
            set_to_none: has no effect, because a gradient is always a number here; PyTorch's `zero_grad` has it.
        """
        for parameter in self.parameters():
            parameter.grad = 0.0

    def state_dict(self) -> dict[str, float]:
        """Return the value of each parameter, a float, keyed by its name from `named_parameters`.

        >>> import glassgrad as gg
        >>> gg.nn.Neuron(1, None, seed=0).state_dict()
        {'w[0]': 1.193112292156655, 'b': 0.0}
        """
        return {name: parameter.data for name, parameter in self.named_parameters()}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Set the value of each parameter from a dict that `state_dict` of a like model returned.

        Raises:
            TypeError, ValueError: a name is missing or unknown, or a value is not a number. No parameter has changed
                in that case.
        """
        late("glassgrad.nn.saving").load_state_dict(self, state_dict)

    def save(self, path: str | PathLike[str]) -> None:
        """Write the model to a file, which `load` reads.

        The numbers are in the safetensors format, which other programs can read, each under its name from
        `named_parameters`. The metadata describe the model as JSON: its class, its sizes, and the names of its
        activations. Labels, gradients and other attributes are not saved.

        Args:
            path: the file, such as "m.safetensors". An existing file is replaced.

        Raises:
            OSError: the file cannot be written. An existing file keeps its contents.
        """
        late("glassgrad.nn.saving").save(self, path)

    load = Loading()


class Neuron(Module):
    """A neuron, `activation(w[0]*x[0] + w[1]*x[1] + … + b)`: a weight for each input, a bias, an activation.

    The weights are drawn from a uniform distribution with variance 1/n_in (LeCun et al. 1998), or 2/n_in for relu (He
    et al. 2015), so that signals neither fade nor blow up on their way through the layers. The bias starts at 0.

    Args:
        n_in: the number of inputs, 1 or more.
        activation: "tanh", "relu", "sigmoid", "softplus", "silu", "gelu", a function from Scalar to Scalar, or None for
            a linear neuron.
        rng: the generator for the weights: a `random.Random`, a `numpy.random.Generator`, or an int that seeds one.
        seed: an int, short for `rng=random.Random(seed)`. Without `rng` and `seed`, the module `random` draws.

    Raises:
        TypeError, ValueError: `n_in` is not a whole number of 1 or more, `activation` or `rng` is of another kind, or
            both `rng` and `seed` were given. (From a call) the row has another length, or is not a row of numbers.

    >>> import glassgrad as gg
    >>> neuron = gg.nn.Neuron(2, "tanh", seed=0)
    >>> neuron
    Neuron(2, 'tanh')
    >>> neuron.parameters()
    [w[0]|0.844|0.000, w[1]|0.632|0.000, b|0.000|0.000]
    >>> for parameter, value in zip(neuron.parameters(), [-3.0, 1.0, 6.8813735870195432]):
    ...     parameter.data = value
    >>> print(f"{neuron([2.0, 0.0]).data:.4f}")
    0.7071
    """

    def __init__(
        self,
        n_in: int,
        activation: Activation = "relu",
        *,
        rng: Generator | int | None = None,
        seed: int | None = None,
    ) -> None:
        n_in = _size(n_in, "a neuron's number of inputs")
        self.activation = _checked(activation)
        draw, bound = generator(rng, seed), width(n_in, activation)
        self.group = Group("neuron")
        with Within(note=self.group):  # so that weights and results are drawn in one cluster
            self.w = [Scalar(draw.uniform(-bound, bound), label=f"w[{i}]") for i in range(n_in)]
            self.b = Scalar(0.0, label="b")

    def __call__(self, x: Iterable[Any]) -> Scalar:
        """Compute the neuron's output, a Scalar, for one row of `len(w)` numbers or Scalars."""
        row = _row(x, len(self.w), self)
        with Block() as state:
            return self._fire(row, state)

    def _fire(self, x: Sequence[Scalar], state: State) -> Scalar:
        """Compute the output, with its nodes in the neuron's group. `state` belongs to the caller's own block, so this
        may change it."""
        outer = state.note
        state.note = _within(outer, self.group)
        output: Scalar = weighted_sum(self.w, x, self.b)
        if self.activation is not None:
            activation = self.activation if callable(self.activation) else getattr(gg, self.activation)
            output = activation(output)
        state.note = outer
        return output

    def __repr__(self) -> str:
        return f"Neuron({len(self.w)}, {_spelled(self.activation)})"


class Layer(Module):
    """A layer of neurons, each of which sees every input.

    A call with one row returns a list of `n_out` Scalars, or a single Scalar if there is one neuron.

    Args:
        n_in: the number of inputs.
        n_out: the number of neurons, and so of outputs.
        activation, rng, seed: as for `Neuron`.

    Raises:
        TypeError, ValueError: as for `Neuron`.

    >>> import glassgrad as gg
    >>> layer = gg.nn.Layer(3, 2, "tanh", seed=0)
    >>> layer
    Layer(3, 2, 'tanh')
    >>> len(layer([1.0, -2.0, 0.5]))
    2
    """

    def __init__(
        self,
        n_in: int,
        n_out: int,
        activation: Activation = "relu",
        *,
        rng: Generator | int | None = None,
        seed: int | None = None,
    ) -> None:
        n_in, n_out = _size(n_in, "a layer's number of inputs"), _size(n_out, "a layer's number of neurons")
        draw = generator(rng, seed)
        self.group = Group("layer")
        self.neurons = [Neuron(n_in, activation, rng=draw) for _ in range(n_out)]
        for number, neuron in enumerate(self.neurons, 1):
            neuron.group.name, neuron.group.parent = f"neuron {number}", self.group

    def __call__(self, x: Iterable[Any]) -> Any:
        """Compute the outputs for one row of inputs: a list of Scalars, or one Scalar if there is one neuron."""
        row = _row(x, len(self.neurons[0].w), self)
        with Block() as state:
            outputs = self._fire(row, state)
        return outputs[0] if len(outputs) == 1 else outputs

    def _fire(self, x: Sequence[Scalar], state: State) -> list[Scalar]:
        outer = state.note
        state.note = _within(outer, self.group)
        outputs = [neuron._fire(x, state) for neuron in self.neurons]
        state.note = outer
        return outputs

    def __repr__(self) -> str:
        first = self.neurons[0]
        return f"Layer({len(first.w)}, {len(self.neurons)}, {_spelled(first.activation)})"


class MLP(Module):
    """A multi-layer perceptron: the outputs of each layer are the inputs of the next.

    A call with one row returns a list of Scalars, or a single Scalar if the last layer has one neuron.

    Args:
        n_in: the number of inputs.
        sizes: the number of neurons in each layer; the last is the number of outputs.
        activation: the activation of all layers but the last, as for `Neuron`.
        output: the activation of the last layer; None, as in micrograd, for a linear one.
        rng, seed: as for `Neuron`; the same seed gives the same network.

    Raises:
        TypeError, ValueError: `sizes` is empty or not a list; otherwise as for `Neuron`.

    >>> import glassgrad as gg
    >>> model = gg.nn.MLP(2, [16, 16, 1], seed=0)
    >>> model
    MLP(2, [16, 16, 1], 'relu'), 337 parameters
    >>> type(model([0.5, -1.0])).__name__
    'Scalar'
    >>> model([0.5, -1.0, 2.0])
    Traceback (most recent call last):
    ...
    ValueError: MLP(2, [16, 16, 1], 'relu') needs 2 inputs, got 3: pass one row of 2 numbers at a time
    """

    def __init__(
        self,
        n_in: int,
        sizes: Sequence[int],
        activation: Activation = "relu",
        output: Activation = None,
        *,
        rng: Generator | int | None = None,
        seed: int | None = None,
    ) -> None:
        if not hasattr(sizes, "__iter__"):
            raise TypeError(f"the sizes of an MLP's layers must be a list such as [16, 16, 1], got {sizes!r}")
        widths = [
            _size(n_in, "an MLP's number of inputs"),
            *(_size(size, "a layer's number of neurons") for size in sizes),
        ]
        if len(widths) == 1:
            raise ValueError("an MLP needs at least one layer: pass the layers' sizes, as in MLP(2, [16, 16, 1])")
        draw, last = generator(rng, seed), len(widths) - 2
        self.layers = [
            Layer(n, m, output if i == last else activation, rng=draw) for i, (n, m) in enumerate(pairwise(widths))
        ]
        for number, layer in enumerate(self.layers, 1):
            layer.group.name = f"layer {number}"

    def __call__(self, x: Iterable[Any]) -> Any:
        """Compute the outputs for one row of inputs: a list of Scalars, or one Scalar if there is one output."""
        values = _row(x, len(self.layers[0].neurons[0].w), self)
        with Block() as state:
            for layer in self.layers:
                values = layer._fire(values, state)
        return values[0] if len(values) == 1 else values

    def __repr__(self) -> str:
        return f"{_shape(self)}, {len(self.parameters())} parameters"


def _load_model(kind: type[Module], path: str | PathLike[str], functions: Mapping[str, Any] | None = None) -> Module:
    """Load a model of this class from a file; see `glassgrad.nn.load`.

    Raises:
        ValueError: the model is of another class; otherwise as for `glassgrad.nn.load`.
    """
    model: Module = late("glassgrad.nn.saving").load(path, functions)
    if not isinstance(model, kind):
        raise ValueError(f"cannot load {path!r} as {kind.__name__}: it holds {model!r}")
    return model


def _load_parameters(model: Module, path: str | PathLike[str], functions: Mapping[str, Any] | None = None) -> Module:
    """Fill the parameters of a model from a file, and return the model. Make it like the one that was saved.

    The model keeps its own activations, so `functions` has no effect; it is there so that both kinds of `load` have the
    same arguments.

    Raises:
        ValueError: the file's model has other parameters, layers or activations. No parameter has changed in that case.
    """
    late("glassgrad.nn.saving").load_into(model, path)
    return model


def _within(outer: Group | None, group: Group) -> Group:
    """The module's own group; or, if the caller has opened another group, one of the same name inside that."""
    return group if outer is None or outer is group.parent else Group(group.name, outer)


def _held(value: Any, path: str) -> Iterator[tuple[str, Scalar]]:
    """Yield the parameters in `value`, depth first, with their paths."""
    if isinstance(value, Scalar):
        if not value.op and not value.is_constant:
            yield path, value
    elif isinstance(value, Module):
        for name, held in vars(value).items():
            yield from _held(held, f"{path}.{name}" if path else name)
    elif isinstance(value, dict):
        for key, held in value.items():
            yield from _held(held, f"{path}[{key!r}]")
    elif isinstance(value, list | tuple) or getattr(getattr(value, "dtype", None), "hasobject", False):
        for index, held in enumerate(value):
            yield from _held(held, f"{path}[{index}]")


def _size(value: Any, what: str) -> int:
    """`value` as an int of 1 or more."""
    try:
        size = operator.index(value)
    except TypeError:
        raise TypeError(f"{what} must be a whole number of 1 or more, got {value!r}") from None
    if isinstance(value, bool) or size < 1:
        raise ValueError(f"{what} must be a whole number of 1 or more, got {value!r}")
    return size


def _checked(activation: Activation) -> Activation:
    if activation is None or callable(activation) or activation in ACTIVATIONS:
        return activation
    names = ", ".join(map(repr, ACTIVATIONS))
    raise ValueError(f"unknown activation {activation!r}: choose {names}, None for linear, or a function of a Scalar")


def _row(x: Any, n_in: int, module: Module) -> list[Scalar]:
    """One row of `n_in` inputs as Scalars. Numbers become leaves `x[0]`, `x[1]`, …, which all neurons share."""
    if hasattr(x, "tolist"):  # Python's floats give the same results as NumPy's, faster
        x = x.tolist()
    if isinstance(x, str) or not hasattr(x, "__iter__"):
        raise TypeError(f"{_shape(module)} needs a row of {n_in} numbers or Scalars, got {x!r}")
    row = list(x)
    if row and isinstance(row[0], list | tuple):
        raise TypeError(f"{_shape(module)} needs one row at a time, got {len(row)}: write [model(row) for row in rows]")
    if len(row) != n_in:
        raise ValueError(
            f"{_shape(module)} needs {n_in} input{'s' * (n_in != 1)}, got {len(row)}: "
            f"pass one row of {n_in} numbers at a time"
        )
    return [
        value if isinstance(value, Scalar) else Scalar(value, label=f"x[{index}]") for index, value in enumerate(row)
    ]


def _shape(module: Module) -> str:
    if not isinstance(module, MLP):
        return repr(module)
    first, last = module.layers[0].neurons[0], module.layers[-1].neurons[0]
    activation = first.activation if len(module.layers) > 1 else None
    output = "" if last.activation is None else f", output={_spelled(last.activation)}"
    sizes = [len(layer.neurons) for layer in module.layers]
    return f"MLP({len(first.w)}, {sizes}, {_spelled(activation)}{output})"


def _spelled(activation: Activation) -> str:
    return getattr(activation, "__name__", repr(activation))
