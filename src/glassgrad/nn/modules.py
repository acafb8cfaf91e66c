"""What has parameters: a neuron, a layer of neurons, a network of layers.

A `Module` finds its parameters by looking at its own attributes, so a class of your own needs no more than to
keep its Scalars, lists of Scalars and modules as attributes and to say how it is called:

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

ACTIVATIONS = ("tanh", "relu", "sigmoid", "softplus", "silu", "gelu")

Activation = str | Callable[[Scalar], Scalar] | None


class Loading:
    """`load`: of a class, makes a model from a file; of a model, fills its parameters from one."""

    def __get__(self, model: Module | None, kind: type[Module]) -> Callable[..., Any]:
        return partial(_load_model, kind) if model is None else partial(_load_parameters, model)


class Module:
    """Base class of everything that has parameters.

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
        """Each parameter once, with the path that leads to it: `("layers[0].neurons[1].w[2]", Scalar)`.

        A parameter is a Scalar that was made from a number (a result kept in an attribute is none), held by
        an attribute, or by a list, tuple, dict, object array or module in one.
        """
        seen: set[int] = set()
        for path, parameter in _held(self, ""):
            if id(parameter) not in seen:  # a parameter shared by two modules is stepped once
                seen.add(id(parameter))
                yield path, parameter

    def parameters(self) -> list[Scalar]:
        """Each parameter once, in the order in which the module holds them."""
        return [parameter for _, parameter in self.named_parameters()]

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Set the gradient of every parameter to 0, as is due before the next `backward()`.

        Args:
            set_to_none: accepted for PyTorch's sake; a gradient is always a number here, so it makes no difference.
        """
        for parameter in self.parameters():
            parameter.grad = 0.0

    def state_dict(self) -> dict[str, float]:
        """The value of each parameter, by the name that `named_parameters` gives it.

        >>> import glassgrad as gg
        >>> gg.nn.Neuron(1, None, seed=0).state_dict()
        {'w[0]': 1.193112292156655, 'b': 0.0}
        """
        return {name: parameter.data for name, parameter in self.named_parameters()}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Set the value of each parameter, by name, to a number: what `state_dict` of such a model returned.

        Raises:
            TypeError, ValueError: a name is missing or too many, or a value is not a number. No parameter has changed
                then.
        """
        late("glassgrad.nn.saving").load_state_dict(self, state_dict)

    def save(self, path: str | PathLike[str]) -> None:
        """Write the model to a file, whole or not at all; `load` reads it.

        The numbers are in the safetensors format, which other programs read, each under the name that
        `named_parameters` gives it. What the model is made of is JSON in the file's metadata: its class, its sizes, and
        the names of its activations. Labels, gradients and other attributes are not saved.

        Args:
            path: the file, such as "m.safetensors". One that is there is replaced.

        Raises:
            OSError: it cannot be written. A file that was there is as it was.
        """
        late("glassgrad.nn.saving").save(self, path)

    load = Loading()


class Neuron(Module):
    """`activation(w[0]*x[0] + w[1]*x[1] + … + b)`: a weight for each input, a bias, an activation.

    Args:
        n_in: how many inputs it takes, 1 or more.
        activation: a name in `glassgrad.nn.modules.ACTIVATIONS`, a function from Scalar to Scalar, or None
            for a linear neuron.
        rng: what draws the weights: a `random.Random`, a `numpy.random.Generator`, or an int that seeds one.
        seed: an int, another way to say `rng=random.Random(seed)`. With neither, `random` itself draws.

    Weights are uniform with variance 1/n_in (LeCun et al. 1998), 2/n_in for relu (He et al. 2015), so that
    signals neither fade nor blow up on their way through layers; the bias starts at 0.

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
        with Within(note=self.group):  # weights and what is computed with them are drawn in one cluster
            self.w = [Scalar(draw.uniform(-bound, bound), label=f"w[{i}]") for i in range(n_in)]
            self.b = Scalar(0.0, label="b")

    def __call__(self, x: Iterable[Any]) -> Scalar:
        """The neuron's output for one row of `len(w)` numbers or Scalars."""
        row = _row(x, len(self.w), self)
        with Block() as state:
            return self._fire(row, state)

    def _fire(self, x: Sequence[Scalar], state: State) -> Scalar:
        """The output, its nodes in the neuron's group: `state` is the caller's own, so that it may be changed."""
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
    """Neurons side by side: each sees every input.

    Args:
        n_in: how many inputs each neuron takes.
        n_out: how many neurons there are, and so how many outputs.
        activation, rng, seed: as for `Neuron`.

    Called with one row, it gives a list of `n_out` Scalars, or the Scalar itself where there is one neuron.

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
        """A list of Scalars, or one Scalar from a layer of one neuron, for one row of inputs."""
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
    """A multi-layer perceptron: each layer's outputs are the next one's inputs.

    Args:
        n_in: how many inputs it takes.
        sizes: how many neurons each layer has; the last is the number of outputs.
        activation: of all layers but the last, which is linear, as in micrograd; see `Neuron`.
        output: the activation of the last layer.
        rng, seed: as for `Neuron`; the same seed gives the same network.

    Called with one row, it gives a Scalar where the last layer has one neuron, a list of Scalars otherwise.

    >>> import glassgrad as gg
    >>> model = gg.nn.MLP(2, [16, 16, 1], seed=0)
    >>> model
    MLP(2, [16, 16, 1], 'relu'), 337 parameters
    >>> type(model([0.5, -1.0])).__name__
    'Scalar'
    >>> model([0.5, -1.0, 2.0])
    Traceback (most recent call last):
    ...
    ValueError: MLP(2, [16, 16, 1], 'relu') takes 2 inputs and got 3: give it one row of 2 numbers at a time
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
            raise TypeError(f"the sizes of an MLP's layers are a list such as [16, 16, 1], not {sizes!r}")
        widths = [
            _size(n_in, "an MLP's number of inputs"),
            *(_size(size, "a layer's number of neurons") for size in sizes),
        ]
        if len(widths) == 1:
            raise ValueError("an MLP needs one layer at least: give their sizes, as in MLP(2, [16, 16, 1])")
        draw, last = generator(rng, seed), len(widths) - 2
        self.layers = [
            Layer(n, m, output if i == last else activation, rng=draw) for i, (n, m) in enumerate(pairwise(widths))
        ]
        for number, layer in enumerate(self.layers, 1):
            layer.group.name = f"layer {number}"

    def __call__(self, x: Iterable[Any]) -> Any:
        """One Scalar, or a list of them where the last layer has several neurons, for one row of inputs."""
        values = _row(x, len(self.layers[0].neurons[0].w), self)
        with Block() as state:
            for layer in self.layers:
                values = layer._fire(values, state)
        return values[0] if len(values) == 1 else values

    def __repr__(self) -> str:
        return f"{_shape(self)}, {len(self.parameters())} parameters"


def _load_model(kind: type[Module], path: str | PathLike[str], functions: Mapping[str, Any] | None = None) -> Module:
    """The model in a file: see `glassgrad.nn.load`. It must be of this class.

    Raises:
        ValueError: it is not; or as for `glassgrad.nn.load`.
    """
    model: Module = late("glassgrad.nn.saving").load(path, functions)
    if not isinstance(model, kind):
        raise ValueError(f"cannot load {path!r} as {kind.__name__}: it holds {model!r}")
    return model


def _load_parameters(model: Module, path: str | PathLike[str], functions: Mapping[str, Any] | None = None) -> Module:
    """Fill the parameters of a model from a file, and return the model. It must be made as the one that was saved.

    Its activations stay its own, so `functions` is not needed; it is taken so that both kinds of `load` take the same.

    Raises:
        ValueError: the file's model has other parameters, layers or activations. No parameter has changed then.
    """
    late("glassgrad.nn.saving").load_into(model, path)
    return model


def _within(outer: Group | None, group: Group) -> Group:
    """A module's group or, where the caller has opened another one, a group of that name in it."""
    return group if outer is None or outer is group.parent else Group(group.name, outer)


def _held(value: Any, path: str) -> Iterator[tuple[str, Scalar]]:
    """The parameters in `value`, depth first, with their paths."""
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
    """`value` as a whole number of 1 or more."""
    try:
        size = operator.index(value)
    except TypeError:
        raise TypeError(f"{what} is a whole number of 1 or more, not {value!r}") from None
    if isinstance(value, bool) or size < 1:
        raise ValueError(f"{what} is a whole number of 1 or more, not {value!r}")
    return size


def _checked(activation: Activation) -> Activation:
    if activation is None or callable(activation) or activation in ACTIVATIONS:
        return activation
    names = ", ".join(map(repr, ACTIVATIONS))
    raise ValueError(f"no activation {activation!r}: choose {names}, None for linear, or a function of a Scalar")


def _row(x: Any, n_in: int, module: Module) -> list[Scalar]:
    """One row of `n_in` inputs as Scalars: a number becomes a leaf `x[0]`, `x[1]`, … for all neurons."""
    if hasattr(x, "tolist"):  # an array's own numbers are slower than Python's and compute the same
        x = x.tolist()
    if isinstance(x, str) or not hasattr(x, "__iter__"):
        raise TypeError(f"{_shape(module)} takes a row of {n_in} numbers or Scalars, not {x!r}")
    row = list(x)
    if row and isinstance(row[0], list | tuple):
        raise TypeError(f"{_shape(module)} takes one row at a time and got {len(row)}: [model(row) for row in rows]")
    if len(row) != n_in:
        raise ValueError(
            f"{_shape(module)} takes {n_in} input{'s' * (n_in != 1)} and got {len(row)}: "
            f"give it one row of {n_in} numbers at a time"
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
