"""Modules: what they compute, against NumPy; their parameters; what they say to bad input."""

import copy
import math
import pickle
import random

import numpy as np
import pytest

import glassgrad as gg
from glassgrad.nn import MLP, Layer, Module, Neuron

ROW = [0.3, -1.2, 2.0]


def values(outputs):
    return [output.data for output in outputs] if isinstance(outputs, list) else outputs.data


def forward(model, row, activation, output=lambda z: z):
    """The same network in NumPy."""
    x = np.asarray(row, dtype=float)
    for layer in model.layers:
        weights = np.array([[w.data for w in neuron.w] for neuron in layer.neurons])
        biases = np.array([neuron.b.data for neuron in layer.neurons])
        x = (output if layer is model.layers[-1] else activation)(weights @ x + biases)
    return x


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("tanh", np.tanh),
        ("relu", lambda z: np.maximum(z, 0)),
        ("sigmoid", lambda z: 1 / (1 + np.exp(-z))),
        ("softplus", lambda z: np.logaddexp(0, z)),
        ("silu", lambda z: z / (1 + np.exp(-z))),
        ("gelu", lambda z: z * np.array([0.5 * math.erfc(-v / math.sqrt(2)) for v in z])),
        (None, lambda z: z),
        (gg.sin, np.sin),
    ],
)
def test_an_mlp_computes_what_numpy_does(name, function):
    model = MLP(3, [4, 2], name, output=name, seed=3)
    assert values(model(ROW)) == pytest.approx(forward(model, ROW, function, function), rel=1e-13)


def test_the_last_layer_is_linear_and_the_others_relu_as_in_micrograd():
    model = MLP(3, [16, 16, 1], seed=0)
    assert values(model(ROW)) == pytest.approx(forward(model, ROW, lambda z: np.maximum(z, 0))[0], rel=1e-13)
    assert [layer.neurons[0].activation for layer in model.layers] == ["relu", "relu", None]


def test_one_neuron_gives_a_scalar_and_several_a_list():
    assert isinstance(MLP(3, [2, 1], seed=0)(ROW), gg.Scalar)
    assert isinstance(Layer(3, 1, seed=0)(ROW), gg.Scalar)
    assert isinstance(Neuron(3, seed=0)(ROW), gg.Scalar)
    assert [type(output) for output in MLP(3, [2, 2], seed=0)(ROW)] == [gg.Scalar] * 2
    assert len(Layer(3, 5, seed=0)(ROW)) == 5


@pytest.mark.parametrize(
    "row",
    [
        ROW,
        tuple(ROW),
        iter(ROW),
        np.array(ROW),
        np.array(ROW, dtype=object),
        [np.float64(x) for x in ROW],
        [gg.Scalar(x) for x in ROW],
        [gg.Scalar(ROW[0]), *ROW[1:]],
        gg.array(ROW),
    ],
)
def test_a_row_may_be_numbers_scalars_or_an_array(row):
    model = MLP(3, [2, 1], seed=0)
    assert values(model(row)) == values(model(ROW))


def test_float32_and_int_rows_are_taken_at_their_value():
    model = MLP(3, [2, 1], seed=0)
    row = np.array(ROW, dtype=np.float32)
    assert values(model(row)) == values(model([float(x) for x in row]))
    assert values(model(np.array([1, 0, -2]))) == values(model([1.0, 0.0, -2.0]))


def test_inputs_that_are_scalars_get_gradients():
    inputs = [gg.Scalar(x) for x in ROW]
    model = MLP(3, [4, 1], "tanh", seed=1)
    model(inputs).backward()
    nudges = gg.partials(lambda *row: values(model(row)), *ROW)
    assert [x.grad for x in inputs] == pytest.approx(nudges, rel=1e-7, abs=1e-9)


def test_every_parameter_gradient_agrees_with_its_nudge():
    model = MLP(3, [4, 2, 1], "tanh", seed=2)
    parameters = model.parameters()
    model(ROW).backward()

    def output(*weights):
        for parameter, weight in zip(parameters, weights, strict=True):
            parameter.data = weight
        return values(model(ROW))

    nudges = gg.partials(output, *[parameter.data for parameter in parameters])
    assert [p.grad for p in parameters] == pytest.approx(nudges, rel=1e-7, abs=1e-9)


def test_the_number_of_parameters_is_micrograds():
    assert len(MLP(2, [16, 16, 1]).parameters()) == 337


def test_parameters_are_labelled_and_their_paths_named():
    model = MLP(2, [2, 1], seed=0)
    assert [p.label for p in model.parameters()] == ["w[0]", "w[1]", "b"] * 3
    paths = [path for path, _ in model.named_parameters()]
    assert paths[3] == "layers[0].neurons[1].w[0]"
    assert [parameter for _, parameter in model.named_parameters()] == model.parameters()
    for path, parameter in model.named_parameters():
        assert eval(f"model.{path}") is parameter


def test_zero_grad_reaches_every_parameter():
    model = MLP(3, [2, 1], "tanh", seed=0)
    model(ROW).backward()
    assert any(p.grad for p in model.parameters())
    model.zero_grad(set_to_none=False)  # PyTorch's argument
    assert all(p.grad == 0 for p in model.parameters())


class Tied(Module):
    """Holds parameters wherever they are looked for, one of them twice, and things that are none."""

    def __init__(self):
        self.inner = Neuron(2, seed=0)
        self.by_name = {"scale": gg.Scalar(2.0), "again": self.inner.w[0]}
        self.grid = gg.array([[1.0, 2.0], [3.0, 4.0]])
        self.pair = (gg.Scalar(5.0), "text", 7.0)
        self.result = self.pair[0] * 2
        self.numbers = np.zeros(3)


def test_a_module_finds_parameters_wherever_its_attributes_hold_them_and_each_once():
    tied = Tied()
    found = tied.parameters()
    assert [p.data for p in found[3:]] == [2.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    assert len({id(p) for p in found}) == len(found) == 9
    assert [path for path, _ in tied.named_parameters()][3:5] == ["by_name['scale']", "grid[0][0]"]


def test_a_module_without_parameters_has_none():
    assert Module().parameters() == []
    Module().zero_grad()


def test_the_same_seed_gives_the_same_network():
    def weights(**how):
        return [p.data for p in MLP(3, [4, 1], **how).parameters()]

    assert weights(seed=7) == weights(seed=7) == weights(rng=7) == weights(rng=random.Random(7))
    assert weights(seed=7) != weights(seed=8)
    assert weights(seed=np.int64(7)) == weights(seed=7)
    assert weights(rng=np.random.default_rng(7)) == weights(rng=np.random.default_rng(7))
    random.seed(1337)
    first = weights()
    random.seed(1337)
    assert weights() == first


@pytest.mark.parametrize(("activation", "gain"), [("tanh", 1.0), (None, 1.0), ("relu", 2.0)])
def test_weights_have_the_variance_of_their_source_and_biases_are_zero(activation, gain):
    neuron = Neuron(20_000, activation, seed=0)
    weights = np.array([w.data for w in neuron.w])
    assert weights.var() * 20_000 == pytest.approx(gain, rel=0.03)  # 4 sigma of a uniform sample's variance
    assert abs(weights.mean()) < 4 * math.sqrt(gain) / 20_000
    assert neuron.b.data == 0


def test_signals_neither_fade_nor_blow_up_through_many_relu_layers():
    model = MLP(50, [50] * 8, output="relu", seed=0)
    draw = random.Random(0)
    out = np.array(values(model([draw.gauss(0, 1) for _ in range(50)])))
    assert 0.1 < np.mean(out**2) < 10


def path_of(node):
    group, path = node.group, []
    while group is not None:
        path.insert(0, group.name)
        group = group.parent
    return " ".join(path)


def test_neurons_and_layers_are_groups_that_hold_their_weights_but_not_their_inputs():
    model = MLP(2, [2, 1], "tanh", seed=0)
    nodes, _ = gg.trace(model([1.0, 2.0]))
    assert {path_of(node) for node in nodes} == {
        "",
        "layer 1 neuron 1",
        "layer 1 neuron 2",
        "layer 2 neuron 1",
    }
    assert {node.label for node in nodes if node.group is None} == {"x[0]", "x[1]"}
    assert {path_of(p) for p in model.layers[1].parameters()} == {"layer 2 neuron 1"}
    assert len({id(node.group) for node in nodes}) == 4


def test_rows_share_the_clusters_of_the_neurons():
    model = MLP(2, [2, 1], "tanh", seed=0)
    nodes, _ = gg.trace(model([1.0, 2.0]) + model([3.0, 4.0]))
    assert len({id(node.group) for node in nodes}) == 4


def test_within_a_group_of_the_callers_neurons_are_drawn_inside_it():
    model = MLP(2, [2, 1], "tanh", seed=0)
    with gg.group("first row"):
        out = model([1.0, 2.0])
    assert {path_of(node) for node in gg.trace(out)[0] if node.op} == {
        "first row layer 1 neuron 1",
        "first row layer 1 neuron 2",
        "first row layer 2 neuron 1",
    }
    assert gg.Scalar(1.0).group is None
    assert path_of(model([1.0, 2.0])) == "layer 2 neuron 1"


def test_a_copy_has_groups_of_its_own_that_hold_its_weights():
    model = copy.deepcopy(MLP(2, [2, 1], "tanh", seed=0))
    neuron = model.layers[0].neurons[1]
    assert all(p.group is neuron.group for p in neuron.parameters())
    assert len({id(node.group) for node in gg.trace(model([1.0, 2.0]))[0]}) == 4


def test_a_network_is_drawn_with_a_box_for_each_neuron_and_its_weights_inside():
    model = MLP(3, [4, 1], "tanh", seed=0)
    out = model([1.0, 2.0, 3.0]) + model([4.0, 5.0, 6.0])
    collapsed = gg.draw(out, collapse=[n.group for layer in model.layers for n in layer.neurons]).svg()
    assert collapsed.count(">neuron ") == 2 * 5  # its name and what hovering shows
    assert "w[0]" not in collapsed
    assert collapsed.count(">x[0]<") == 2
    assert gg.draw(out).svg().count(">w[0]<") == 5


def test_numbers_in_a_row_are_leaves_shared_by_all_neurons():
    nodes, _ = gg.trace(Layer(2, 3, None, seed=0)([1.0, 2.0])[0])
    assert [node.label for node in nodes if node.label.startswith("x")] == ["x[0]", "x[1]"]


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_a_copy_computes_the_same_and_shares_nothing(copied):
    model = MLP(3, [4, 1], "tanh", seed=0)
    twin = copied(model)
    assert repr(twin) == repr(model)
    assert values(twin(ROW)) == values(model(ROW))
    assert not {id(p) for p in twin.parameters()} & {id(p) for p in model.parameters()}
    twin.parameters()[0].data += 1
    assert values(twin(ROW)) != values(model(ROW))


@pytest.mark.parametrize(
    ("module", "text"),
    [
        (Neuron(2, "tanh"), "Neuron(2, 'tanh')"),
        (Neuron(2, None), "Neuron(2, None)"),
        (Neuron(2, gg.sin), "Neuron(2, sin)"),
        (Layer(3, 4), "Layer(3, 4, 'relu')"),
        (MLP(2, [16, 16, 1]), "MLP(2, [16, 16, 1], 'relu'), 337 parameters"),
        (MLP(2, [3, 1], "tanh", output="sigmoid"), "MLP(2, [3, 1], 'tanh', output='sigmoid'), 13 parameters"),
        (MLP(2, [3]), "MLP(2, [3], None), 9 parameters"),
    ],
)
def test_repr_says_what_it_is(module, text):
    assert repr(module) == text


@pytest.mark.parametrize(
    ("wrong", "error", "said"),
    [
        (lambda: MLP(2, [3, 1])([1.0]), ValueError, "needs 2 inputs, got 1"),
        (lambda: Layer(1, 3)([1.0, 2.0]), ValueError, "needs 1 input, got 2"),
        (lambda: Neuron(2)(1.0), TypeError, "needs a row of 2 numbers or Scalars, got 1.0"),
        (lambda: Neuron(2)("ab"), TypeError, "needs a row of 2 numbers or Scalars, got 'ab'"),
        (lambda: Neuron(2)(gg.Scalar(1.0)), TypeError, "needs a row of 2"),
        (lambda: Neuron(2)(None), TypeError, "needs a row of 2 numbers or Scalars, got None"),
        (lambda: MLP(2, [1])(np.zeros((5, 2))), TypeError, r"one row at a time, got 5: write \[model\(row\)"),
        (lambda: MLP(2, [1])([[1.0, 2.0]] * 2), TypeError, "one row at a time"),
        (lambda: Neuron(0), ValueError, "number of inputs must be a whole number of 1 or more, got 0"),
        (lambda: Neuron(2.5), TypeError, "whole number of 1 or more, got 2.5"),
        (lambda: Neuron(True), ValueError, "got True"),
        (lambda: Layer(2, -1), ValueError, "number of neurons must be a whole number of 1 or more, got -1"),
        (lambda: MLP(2, []), ValueError, "needs at least one layer"),
        (lambda: MLP(2, 16), TypeError, r"a list such as \[16, 16, 1\], got 16"),
        (lambda: MLP(2, "16"), TypeError, "number of neurons must be a whole number of 1 or more, got '1'"),
        (lambda: Neuron(2, "than"), ValueError, "unknown activation 'than': choose 'tanh', 'relu'"),
        (lambda: Neuron(2, seed=1, rng=2), ValueError, "pass only one of them"),
        (lambda: Neuron(2, seed=1.5), TypeError, "an int .a seed., a random.Random or"),
        (lambda: Neuron(2, rng="abc"), TypeError, "got 'abc'"),
    ],
)
def test_bad_input_is_told_what_to_do(wrong, error, said):
    with pytest.raises(error, match=said):
        wrong()
