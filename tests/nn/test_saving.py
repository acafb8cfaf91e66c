"""Models in files: they come back as they were, other programs read them, and no file does any harm."""

import json
import math
import os
import stat
import struct
import sys

import numpy as np
import pytest

import glassgrad as gg
from glassgrad.nn import MLP, Layer, Module, Neuron, load

ROW = [0.3, -1.2]


def swish(x):
    return x * gg.sigmoid(x)


class Line(Module):
    def __init__(self):
        self.slope, self.offset = gg.Scalar(1.0), gg.Scalar(0.5)

    def __call__(self, x):
        return self.slope * x + self.offset


def values(out):
    return [node.data for node in out] if isinstance(out, list) else out.data


@pytest.mark.parametrize(
    "model",
    [
        MLP(2, [4, 3, 1], seed=0),
        MLP(2, [3, 2], "tanh", output="sigmoid", seed=1),
        MLP(2, [3, 1], gg.sin, output=gg.softplus, seed=2),
        MLP(2, [1], None, seed=3),
        Layer(2, 3, "gelu", seed=4),
        Neuron(2, None, seed=5),
    ],
    ids=repr,
)
def test_a_model_comes_back_bit_for_bit(model, tmp_path):
    path = tmp_path / "m.safetensors"
    model.save(path)
    again = load(path)
    assert repr(again) == repr(model)
    assert again.state_dict() == model.state_dict()
    assert values(again(ROW)) == values(model(ROW))
    assert repr(type(model).load(path)) == repr(model)


def test_activations_of_single_neurons_are_kept(tmp_path):
    model = MLP(2, [3, 1], seed=0)
    model.layers[0].neurons[1].activation = "tanh"
    model.save(tmp_path / "m")
    assert [neuron.activation for neuron in load(tmp_path / "m").layers[0].neurons] == ["relu", "tanh", "relu"]


def test_all_doubles_are_kept(tmp_path):
    model = Neuron(5, seed=0)
    for weight, value in zip(model.w, [math.inf, -0.0, 5e-324, 0.1, math.pi], strict=True):
        weight.data = value
    model.b.data = math.nan
    model.save(tmp_path / "m")
    found = load(tmp_path / "m")
    assert [str(p.data) for p in found.parameters()] == [str(p.data) for p in model.parameters()]


def test_the_safetensors_library_reads_it_and_we_read_its_files(tmp_path):
    theirs = pytest.importorskip("safetensors.numpy")
    model = MLP(2, [3, 1], seed=0)
    model.save(tmp_path / "m")
    found = theirs.load_file(tmp_path / "m")
    assert {name: float(value) for name, value in found.items()} == model.state_dict()
    other = MLP(2, [3, 1], seed=1)
    other.load_state_dict(found)
    assert other.state_dict() == model.state_dict()
    theirs.save_file({"a": np.arange(6.0).reshape(2, 3), "b": np.float32([1.5])}, tmp_path / "t", {"k": "v"})
    tensors, metadata = gg.nn.safetensors.read(tmp_path / "t")
    assert (tensors["a"].numbers(), tensors["a"].shape, metadata) == ([0, 1, 2, 3, 4, 5], (2, 3), {"k": "v"})
    assert tensors["b"].dtype == "F32"
    with pytest.raises(ValueError, match=r"glassgrad did not write this safetensors file.*load_state_dict"):
        load(tmp_path / "t")


# Activations by name


def test_your_own_activation_is_looked_up_in_the_mapping_alone(tmp_path):
    model = MLP(2, [3, 1], swish, seed=0)
    model.save(tmp_path / "m")
    assert values(load(tmp_path / "m", functions={"swish": swish})(ROW)) == values(model(ROW))
    with pytest.raises(ValueError, match=r"'swish' is your own function: .*functions=\{'swish'"):
        load(tmp_path / "m")


def test_your_function_is_not_taken_for_glassgrads_of_the_same_name(tmp_path):
    def tanh(x):
        return x * 2

    MLP(2, [3, 1], tanh, seed=0).save(tmp_path / "m")
    with pytest.raises(ValueError, match="'tanh' is your own function"):
        load(tmp_path / "m")
    MLP(2, [3, 1], gg.tanh, seed=0).save(tmp_path / "m")
    assert load(tmp_path / "m", functions={"tanh": tanh}).layers[0].neurons[0].activation is gg.tanh


def test_what_has_no_name_fills_a_model_that_is_there(tmp_path):
    model, other = (MLP(2, [3, 1], lambda x: x * x, seed=seed) for seed in (0, 1))
    model.save(tmp_path / "m")
    assert other.load(tmp_path / "m") is other
    assert other.state_dict() == model.state_dict()
    with pytest.raises(ValueError, match=r"an activation without a name.* model.load\(path\)"):
        load(tmp_path / "m")


def test_a_class_of_your_own_fills_an_object_of_it(tmp_path):
    line = Line()
    line.slope.data = 7.0
    line.save(tmp_path / "m")
    assert Line().load(tmp_path / "m").state_dict() == {"slope": 7.0, "offset": 0.5}
    with pytest.raises(ValueError, match="Line is a class of your own"):
        Line.load(tmp_path / "m")


def with_description(path, description):
    """A model's file with another description."""
    gg.nn.safetensors.write(
        path,
        {name: gg.nn.safetensors.Tensor.of([1.0], ()) for name in ("w[0]", "w[1]", "b")},
        {"glassgrad": description if isinstance(description, str) else json.dumps(description)},
    )
    return path


def neuron(activation, inputs=2, neurons=1, **more):
    layer = {"inputs": inputs, "neurons": neurons, "activation": activation}
    return {"version": 1, "model": {"class": "Neuron", "layers": [layer], **more}}


@pytest.mark.parametrize(
    "name",
    ["os.system", "system", "os", "__import__", "eval", "draw", "play", "jit", "Scalar", "add", "where", "", 3, None],
)
@pytest.mark.parametrize("kind", ["glassgrad", "function", "module", None])
def test_a_file_never_causes_an_import(name, kind, tmp_path):
    path = with_description(tmp_path / "m", neuron(name if kind is None else {kind: name}))
    before = set(sys.modules)
    with pytest.raises(ValueError, match=r"activation|function of yours"):
        load(path)
    assert set(sys.modules) == before


@pytest.mark.parametrize(
    ("description", "said"),
    [
        ("{", "not well-formed"),
        ("[]", "has no model"),
        ("[" * 100_000, "nested too deeply"),
        ('{"version": NaN}', "NaN is not JSON"),
        ('{"version": 1, "version": 1, "model": {}}', "'version' occurs twice"),
        ({"version": 2, "model": {}}, "version 2 of the format, but this glassgrad reads 1"),
        ({"version": 1, "model": {}}, "names no class"),
        (
            {"version": 1, "model": {"class": "os", "layers": [1]}},
            "must have inputs, neurons and activation|was not written",
        ),
        ({"version": 1, "model": {"class": "MLP", "layers": []}}, "was not written by glassgrad"),
        (neuron("relu", inputs=3), "does not fit its 3 parameters"),
        (neuron("relu", inputs=10**15), "does not fit its 3 parameters"),
        (neuron("relu", inputs=-2), "must be 1 or more"),
        (neuron("relu", inputs=True), "must be 1 or more"),
        (neuron("relu", inputs=2.0), "must be 1 or more"),
        (neuron("relu", inputs=1, neurons=2), "does not fit"),
        (neuron(["relu", "relu"]), "a layer of 1 neurons must have as many activations, got 2"),
        (neuron("relu", **{"class": "Layer"}), "lacks neurons"),
    ],
)
def test_a_hostile_description_is_refused(description, said, tmp_path):
    with pytest.raises(ValueError, match=said) as caught:
        load(with_description(tmp_path / "m", description))
    assert str(tmp_path / "m") in str(caught.value)


# Files that are no safetensors


def raw(header, numbers=b"", length=None):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + numbers


def entry(dtype="F64", shape=(), offsets=(0, 8)):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets)}


def deep(levels):
    return [deep(levels - 1)] if levels else []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "has 0 bytes"),
        (b"short", "has 5 bytes"),
        (b"%PDF-1.7 and so on", "not a safetensors file"),
        (b"\x80\x04\x95pickle....", "not a safetensors file"),
        (raw({}, length=2**63), "header would be"),
        (raw({}, length=90_000_000), "ends inside its header"),
        (raw(b"[1]"), "not a JSON object"),
        (raw(b"{"), "not well-formed"),
        (raw(b'{"a": "\xff"}'), "not well-formed"),
        (raw(b'{"a":' + b"[" * 200_000), "nested too deeply"),
        (raw({"a": {**entry(), "shape": deep(70)}}), "nested too deeply"),
        (raw({"a": {**entry(), "shape": deep(900)}}), "nested too deeply"),
        (raw(b'{"a": NaN}'), "NaN is not JSON"),
        (raw(b'{"a": ' + b"9" * 5000 + b"}"), "not well-formed"),
        (raw(b'{"a": {}, "a": {}}'), "'a' occurs twice"),
        (raw({"__metadata__": {"a": 1}}), "__metadata__ is not an object of strings"),
        (raw({"__metadata__": ["a"]}), "__metadata__ is not an object of strings"),
        (raw({"a": 1}), "must have dtype"),
        (raw({"a": {**entry(), "more": 1}}), "must have dtype"),
        (raw({"a": entry("F65")}), "unknown dtype 'F65'"),
        (raw({"a": {**entry(), "dtype": []}}), "unknown dtype"),
        (raw({"a": entry(shape=[-1])}), "not a list of sizes"),
        (raw({"a": entry(shape=[1.0])}), "not a list of sizes"),
        (raw({"a": entry(shape=[True])}), "not a list of sizes"),
        (raw({"a": entry(shape=[2**64])}), "not a list of sizes"),
        (raw({"a": entry(shape=[0] * 100)}), "not a list of sizes"),
        (raw({"a": entry(shape=[2**62, 2**62])}), "has 8 bytes, which do not fit"),
        (raw({"a": entry(offsets=(8, 0))}), "not a start and an end"),
        (raw({"a": entry(offsets=(-8, 0))}), "not a start and an end"),
        (raw({"a": entry(offsets=(0, 8, 9))}), "not a start and an end"),
        (raw({"a": entry("F32")}, b"x" * 8), "has 8 bytes, which do not fit"),
        (raw({"a": entry()}, b"x" * 7), "the file is cut off"),
        (raw({"a": entry(shape=[2**40], offsets=(0, 2**43))}, b"x" * 8), "the file is cut off"),
        (raw({"a": entry()}, b"x" * 9), "1 bytes at its end belong to no tensor"),
        (raw({"a": entry(offsets=(8, 16))}, b"x" * 16), "8 bytes before tensor 'a' belong to no tensor"),
        (raw({"a": entry(), "b": entry(offsets=(4, 12))}, b"x" * 12), "tensor 'b' overlaps"),
        (raw({"a": entry(), "b": entry()}, b"x" * 8), "tensor 'b' overlaps"),
    ],
)
def test_a_damaged_foreign_or_hostile_file_is_refused(content, said, tmp_path):
    path = tmp_path / "m.safetensors"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=said) as caught:
        load(path)
    assert str(path) in str(caught.value)
    theirs = pytest.importorskip("safetensors")
    with pytest.raises(Exception, match=r"(?i)error|json|header|invalid"):  # so does the library
        theirs.deserialize(content)


@pytest.mark.parametrize("wanted", [("F32", (), 4), ("F64", (1,), 8), ("I64", (), 8)])
def test_a_parameter_is_one_float64(wanted, tmp_path):
    dtype, shape, size = wanted
    tensor = gg.nn.safetensors.Tensor(dtype, shape, b"\0" * size)
    gg.nn.safetensors.write(tmp_path / "m", {"b": tensor}, {"glassgrad": json.dumps(neuron("relu"))})
    with pytest.raises(ValueError, match=f"'b' must be a single F64 number, got {dtype} of shape"):
        load(tmp_path / "m")


def test_a_file_cut_off_anywhere_is_refused_and_leaves_the_model_alone(tmp_path):
    path = tmp_path / "m"
    model = Neuron(2, seed=0)
    model.save(path)
    content, before = path.read_bytes(), Neuron(2, seed=1).state_dict()
    for end in range(len(content)):
        path.write_bytes(content[:end])
        other = Neuron(2, seed=1)
        with pytest.raises(ValueError, match="cannot load"):
            other.load(path)
        assert other.state_dict() == before


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_pipes_devices_and_folders_are_refused_without_waiting(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", "/dev/zero"):
        with pytest.raises(ValueError, match="a folder, a pipe or a device"):
            load(path)
    with pytest.raises((OSError, ValueError)):
        load(tmp_path)
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "nothing")


# Saving


@pytest.mark.parametrize("failing", ["replace", "write"])
def test_a_save_that_fails_leaves_the_old_file(failing, tmp_path, monkeypatch):
    path = tmp_path / "m"
    Neuron(2, seed=0).save(path)
    before = path.read_bytes()

    def fails(*args):
        raise OSError("disk full")

    if failing == "replace":
        monkeypatch.setattr(os, "replace", fails)
    else:
        monkeypatch.setattr("pathlib.Path.write_bytes", fails)
    with pytest.raises(OSError, match="disk full"):
        Neuron(2, seed=1).save(path)
    monkeypatch.undo()
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["m"]


@pytest.mark.skipif(os.name != "posix", reason="permissions and links of POSIX")
def test_a_save_goes_through_links_and_keeps_permissions(tmp_path):
    real, link = tmp_path / "real", tmp_path / "link"
    Neuron(2, seed=0).save(real)
    real.chmod(0o640)
    link.symlink_to(real)
    Neuron(2, seed=1).save(link)
    assert link.is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert load(real).state_dict() == Neuron(2, seed=1).state_dict()


# States


def test_a_state_that_does_not_fit_changes_nothing():
    model = Neuron(2, seed=0)
    before = model.state_dict()
    for state, error, said in [
        ({"w[0]": 1.0}, ValueError, r"lacks b, w\[1\]"),
        ({**before, "more": 1.0}, ValueError, "also has more"),
        ({**before, "b": "1"}, TypeError, "b"),
        ({**before, "b": np.zeros(2)}, TypeError, "b"),
        ([1.0], TypeError, "a dict of names and numbers"),
    ]:
        with pytest.raises(error, match=said):
            model.load_state_dict(state)
        assert model.state_dict() == before


def test_a_file_of_another_network_is_refused(tmp_path):
    MLP(2, [3, 1], "tanh", seed=0).save(tmp_path / "m")
    for other in (MLP(2, [4, 1], "tanh"), MLP(2, [3, 1], "relu"), Line()):
        with pytest.raises(ValueError, match=r"cannot load .*m'"):
            other.load(tmp_path / "m")
    with pytest.raises(ValueError, match="as Neuron: it holds MLP"):
        Neuron.load(tmp_path / "m")
