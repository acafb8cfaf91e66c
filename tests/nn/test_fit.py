"""Training in one call: what it computes, that it goes on where it stopped, what it says."""

import _thread
import io
import math
import os
import signal
import subprocess
import sys
import types

import numpy as np
import pytest

import glassgrad as gg
from glassgrad.nn import MLP, Module, Neuron, fit, load
from glassgrad.nn.optim.lr_scheduler import ExponentialLR, OneCycleLR, ReduceLROnPlateau, StepLR
from glassgrad.optim import SGD, Adam


@pytest.fixture(autouse=True)
def ctrl_c_as_in_a_terminal():
    """A job in a shell's background starts with Ctrl-C ignored, and passes that on to what it runs."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


DRAW = np.random.default_rng(0)
X = DRAW.normal(size=(25, 2))
Y = X[:, 0] * X[:, 1]
SIGNS = np.sign(Y)
CLASSES = (X.sum(axis=1) > 0).astype(int) + (X[:, 0] > 1)


def net(seed=0, out=1):
    return MLP(2, [5, out], "tanh", seed=seed)


def weights(model):
    return [p.data for p in model.parameters()]


def bits(model, history):
    return weights(model), history.loss, history.val_loss, history.lr, history.best_epoch


# What it computes


def test_a_full_batch_takes_the_steps_of_the_loop_written_out():
    model, other = net(), net()
    history = fit(model, X, Y, optimizer="sgd", lr=0.1, epochs=10, batch_size=None, shuffle=False)
    sgd, losses = SGD(other.parameters(), lr=0.1), []
    for _ in range(10):
        sgd.zero_grad()
        loss = gg.nn.mse([other(row) for row in X], Y)
        loss.backward()
        sgd.step()
        losses.append(loss.data)
    assert history.loss == pytest.approx(losses, rel=1e-15)
    assert weights(model) == weights(other)


def test_an_epoch_sees_each_row_once_in_an_order_of_its_own():
    seen = []

    class Watched(Module):
        def __init__(self):
            self.w = gg.Scalar(1.0)

        def __call__(self, x):
            seen.append(x[0])
            return self.w * x[0]

    rows = [[float(i)] for i in range(10)]
    fit(Watched(), rows, range(10), epochs=3, batch_size=4)
    epochs = [seen[1 + 10 * k : 11 + 10 * k] for k in range(3)]  # the first call asks for the number of outputs
    assert all(sorted(epoch) == list(range(10)) for epoch in epochs)
    assert len({tuple(epoch) for epoch in epochs}) == 3


def test_the_same_seed_gives_the_same_training_whatever_else_is_random():
    runs = []
    for seed in (1, 1, 2):
        model = net()
        history = fit(model, X, Y, epochs=3, batch_size=4, seed=seed)
        runs.append(bits(model, history))
        gg.nn.MLP(2, [3, 1])  # draws from the shared generator
    assert runs[0] == runs[1] != runs[2]


@pytest.mark.parametrize(
    ("loss", "targets", "outputs"),
    [
        ("mse", Y, 1),
        ("mse", np.stack([Y, -Y, SIGNS], axis=1), 3),
        ("hinge", SIGNS, 1),
        ("binary_cross_entropy", SIGNS > 0, 1),
        ("cross_entropy", CLASSES, 3),
        ("cross_entropy", CLASSES.astype(float), 3),
        (gg.nn.mse, Y[:, None], 1),
        (lambda predictions, targets: sum(abs(p - t) for p, t in zip(predictions, targets)), Y, 1),
    ],
    ids=["mse", "mse of 3", "hinge", "binary", "cross", "cross of floats", "function", "lambda"],
)
def test_compiled_losses_are_the_eager_ones(loss, targets, outputs):
    how = {"loss": loss, "lr": 0.05, "epochs": 6, "batch_size": 8, "validation_data": (X[:7], targets[:7])}
    eager, compiled = net(out=outputs), net(out=outputs)
    one, two = fit(eager, X, targets, **how), fit(compiled, X, targets, **how, compiled=True)
    assert two.loss == pytest.approx(one.loss, rel=1e-12)
    assert two.val_loss == pytest.approx(one.val_loss, rel=1e-12)
    assert weights(compiled) == pytest.approx(weights(eager), rel=1e-10)
    assert one.loss[-1] < one.loss[0]


def test_compiled_gradients_are_summed_in_the_order_of_eager_ones():
    """Where they cancel, what is left is rounding, and Adam makes a step of it."""
    grads = []
    for compiled in (False, True):
        line = Neuron(1, None, seed=0)
        rows, weights = np.random.default_rng(1).normal(size=(2, 600))
        fit(line, rows[:, None], weights, loss=gg.dot, epochs=1, batch_size=None, shuffle=False, compiled=compiled)
        grads.append(line.b.grad)
    assert grads[0] == grads[1]  # of a bias, each term is one of the weights, without rounding


def test_a_model_with_branches_and_shared_parameters_compiles():
    class Tied(Module):
        def __init__(self):
            self.inner = Neuron(2, "tanh", seed=0)
            self.again = {"n": [self.inner]}
            self.scale = gg.array([1.0, 2.0])

        def __call__(self, x):
            out = self.inner(x) * self.scale[0]
            return out if x[0] < 0 else self.again["n"][0](x) * self.scale[1]

    eager, compiled = Tied(), Tied()
    one, two = [fit(m, X, Y, epochs=3, lr=0.1, compiled=c) for m, c in ((eager, False), (compiled, True))]
    assert two.loss == pytest.approx(one.loss, rel=1e-12)


def test_a_loss_may_punish_large_weights_compiled_or_not():
    def made(compiled):
        model = net()

        def loss(predictions, targets):
            return gg.nn.mse(predictions, targets) + 0.1 * sum(p * p for p in model.parameters())

        return fit(model, X, Y, loss=loss, epochs=4, lr=0.05, compiled=compiled).loss

    assert made(True) == pytest.approx(made(False), rel=1e-12)


def test_a_parameter_that_the_module_does_not_hold_is_noticed_when_compiled():
    hidden = Neuron(2, None, seed=0)

    class Hiding(Module):
        def __init__(self):
            self.w, self.f = gg.Scalar(0.5), lambda x: hidden(x) * self.w

        def __call__(self, x):
            return self.f(x)

    with pytest.raises(ValueError, match=r"compiled, the gradient of w is .*named_parameters\(\).*compiled=False"):
        fit(Hiding(), X, Y, compiled=True)


def test_gradients_are_clipped():
    model = net()
    fit(model, X, Y * 100, optimizer=SGD(model.parameters(), 1.0), epochs=1, batch_size=None, clip_norm=0.01)
    assert math.dist(weights(model), weights(net())) == pytest.approx(0.01, rel=1e-3)
    fit(model := net(), X, Y * 100, optimizer="sgd", lr=1.0, epochs=1, batch_size=None, clip_value=0.01)
    assert max(abs(a - b) for a, b in zip(weights(model), weights(net()))) == pytest.approx(0.01)


def test_schedules_go_on_by_epoch_or_by_batch():
    history = fit(net(), X, Y, lr=0.1, epochs=4, schedule=lambda o: StepLR(o, 2))
    assert history.lr == pytest.approx([0.1, 0.1, 0.01, 0.01])
    optimizer = Adam((model := net()).parameters())
    cycle = OneCycleLR(optimizer, 0.1, epochs=4, steps_per_epoch=5)
    fit(model, X, Y, optimizer=optimizer, epochs=4, batch_size=5, schedule=cycle, schedule_every="batch")
    assert cycle.last_epoch == 20
    plateau = fit(
        net(),
        X,
        SIGNS * 0,
        optimizer="sgd",
        lr=1e-9,
        epochs=5,
        schedule=lambda o: ReduceLROnPlateau(o, patience=0, eps=0),
    )
    assert plateau.lr[-1] < plateau.lr[0]


def test_rows_may_be_of_any_numbers():
    losses = {
        tuple(fit(net(), rows, targets, epochs=2).loss)
        for rows, targets in [
            (X.round(), SIGNS),
            (X.round().tolist(), SIGNS.tolist()),
            (X.round().astype(int), SIGNS.astype("i8")),
            (X.round().astype("f4"), list(map(gg.Scalar, SIGNS))),
            (X.round().astype(object), SIGNS[:, None]),
            (gg.array(X.round()), gg.array(SIGNS)),
        ]
    }
    assert len(losses) == 1


# Early stopping


def test_it_stops_when_validation_gets_no_better_and_keeps_the_best():
    model = net()
    data = (X[20:], Y[20:])
    history = fit(model, X[:5], DRAW.normal(size=5), lr=0.1, epochs=500, patience=5, validation_data=data)
    assert history.stopped == "early"
    assert history.epochs == history.best_epoch + 5 == len(history.val_loss) < 500
    assert history.val_loss[history.best_epoch - 1] == min(history.val_loss)
    assert gg.nn.mse([model(row) for row in data[0]], data[1]).data == pytest.approx(min(history.val_loss), rel=1e-12)
    kept = net()
    fit(kept, X[:5], Y[:5], lr=0.1, epochs=9, patience=3, validation_data=data, restore_best=False)


# Going on


SETUPS = {
    "adam": lambda m: {
        "optimizer": Adam(m.parameters(), 0.05, amsgrad=True),
        "schedule": lambda o: ExponentialLR(o, 0.9),
    },
    "nesterov": lambda m: {"optimizer": SGD(m.parameters(), 0.05, 0.9, nesterov=True), "patience": 50},
    "one cycle": lambda m: {
        "schedule": lambda o: OneCycleLR(o, 0.1, total_steps=100),
        "schedule_every": "batch",
    },
    "plateau": lambda m: {"lr": 0.1, "schedule": lambda o: ReduceLROnPlateau(o, patience=1)},
}


@pytest.mark.parametrize("setup", SETUPS)
@pytest.mark.parametrize("compiled", [False, True])
def test_a_resumed_run_ends_bit_for_bit_as_one_that_went_through(setup, compiled, tmp_path):
    how = {"batch_size": 7, "validation_data": (X[:5], Y[:5]), "seed": 3, "compiled": compiled}

    def run(epochs, model, **more):
        return fit(model, X, Y, epochs=epochs, **how, **SETUPS[setup](model), **more)

    whole = net()
    wanted = bits(whole, run(9, whole))
    path = tmp_path / "run.safetensors"
    first, second, third = net(), net(seed=1), net(seed=2)
    run(4, first, checkpoint=path, resume=True)  # no file yet: from the start
    assert weights(load(path)) == weights(first) or setup == "nesterov"
    assert bits(second, run(9, second, checkpoint=path, resume=True)) == wanted
    assert bits(third, run(9, third, resume=path)) == wanted  # nothing is left to do
    memory = net()
    history = run(5, memory)
    assert bits(memory, run(9, memory, resume=history)) == wanted


def test_compiled_training_does_not_depend_on_what_code_may_cost(monkeypatch):
    runs = []
    for budget in (0.0, math.inf):
        monkeypatch.setattr(gg.config, "compile_budget", budget)
        model = net()
        runs.append(bits(model, fit(model, X, Y, lr=0.05, epochs=5, batch_size=8, compiled=True)))
    assert runs[0] == runs[1]


@pytest.mark.parametrize("batch", [1, 2, 5, 8, 9])
def test_ctrl_c_keeps_what_was_learned_and_the_run_goes_on_bit_for_bit(batch, tmp_path):
    calls = 0

    def loss(predictions, targets, interrupting=True):
        nonlocal calls
        calls += 1
        if calls == batch and interrupting:
            _thread.interrupt_main()
        return gg.nn.mse(predictions, targets)

    def run(model, **more):
        return fit(model, X, Y, loss=loss, epochs=3, batch_size=7, lr=0.05, validation_data=(X[:5], Y[:5]), **more)

    path = tmp_path / "run"
    model = net()
    history = run(model, checkpoint=path)
    assert history.stopped == "interrupted"
    assert weights(load(path)) == weights(model)
    assert batch == 1 or weights(model) != weights(net())
    resumed, whole = net(seed=5), net()
    assert bits(resumed, run(resumed, checkpoint=path, resume=True)) == bits(whole, run(whole))
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_interrupt_within_a_step_waits_until_all_parameters_have_moved(monkeypatch):
    whole, model = net(), net()
    fit(whole, X, Y, epochs=1, batch_size=None, optimizer="sgd", lr=0.1)
    move = SGD._move

    def interrupted(self, group, columns):
        _thread.interrupt_main()
        move(self, group, columns)

    monkeypatch.setattr(SGD, "_move", interrupted)
    history = fit(model, X, Y, epochs=50, batch_size=None, optimizer="sgd", lr=0.1)
    assert history.stopped == "interrupted"
    assert weights(model) == weights(whole)


def test_a_run_goes_on_only_as_it_began(tmp_path):
    path = tmp_path / "run"

    def run(model=None, X=X, Y=Y, **how):
        return fit(model or net(), X, Y, **{"epochs": 2, "checkpoint": path, "resume": True, **how})

    run()
    for how, said in [
        ({"seed": 1}, "the run began with seed=0, got seed=1"),
        ({"batch_size": 8}, "batch_size"),
        ({"loss": "hinge", "Y": SIGNS}, "loss='mse', got loss='hinge'"),
        ({"optimizer": "sgd"}, "optimizer='Adam'"),
        ({"schedule": lambda o: StepLR(o, 2)}, "schedule=None"),
        ({"Y": Y + 1}, "X and y differ from those"),
        ({"validation_data": (X, Y)}, "validation_data differ from those"),
        ({"lr": 0.5}, "the run began with lr=0.001, got lr=0.5"),
        ({"clip_norm": 1.0}, "clip_norm=None"),
        ({"model": MLP(2, [6, 1], "tanh", seed=0)}, "another model than MLP"),
    ]:
        with pytest.raises(ValueError, match=said):
            run(**how)
    net().save(tmp_path / "m")
    with pytest.raises(ValueError, match=r"not written by fit\(checkpoint=...\)"):
        run(resume=tmp_path / "m")
    with pytest.raises(ValueError, match="pass checkpoint=path"):
        run(checkpoint=None)
    with pytest.raises(FileNotFoundError):
        run(resume=tmp_path / "none")


def test_a_damaged_checkpoint_is_refused(tmp_path):
    path = tmp_path / "run"
    fit(net(), X, Y, epochs=1, checkpoint=path)
    tensors, metadata = gg.nn.safetensors.read(path)
    text = metadata["glassgrad.run"]
    damaged = [
        text.replace('["best_epoch",1]', '["best_epoch",9]'),
        text.replace('["lr",{"tensor":"@run.history.lr"}]', '["lr",[]]'),
        text.replace('["lr",{"tensor":"@run.history.lr"}]', '["lr",["0.1"]]'),
        text.replace('["optimizer",{"dict":', '["optimizer",{"tuple":'),
        text.replace('["taken",0]', '["taken","0"]'),
    ]
    assert text not in damaged
    texts = [
        "{}",
        "[]",
        "1",
        "{",
        '{"dict":[["settings",{"tensor":"b"}]]}',
        '{"float":"1"}',
        '{"a":1,"b":2}',
        '{"dict":1}',
    ]
    for text in [*texts, "[" * 100_000, metadata["glassgrad.run"].replace("total", "x"), '{"dict":[]}', *damaged]:
        gg.nn.safetensors.write(path, tensors, {**metadata, "glassgrad.run": text})
        with pytest.raises(ValueError, match="cannot resume"):
            fit(net(), X, Y, epochs=2, checkpoint=path, resume=True)


@pytest.mark.parametrize(
    "change",
    [
        lambda state: state.pop("best"),
        lambda state: state.update(best=[]),
        lambda state: state.update(values=["g"] * len(state["values"])),
        lambda state: state["schedule"].update(last_epoch="x"),
        lambda state: state["schedule"].update(last_epoch=None),
        lambda state: state["schedule"].update(base_lrs=None),
        lambda state: state["schedule"].update(base_lrs=[0.1, 0.1]),
        lambda state: state["optimizer"]["state"][0].update(step=-1.0),
        lambda state: state["optimizer"]["state"][0].update(step=math.nan),
        lambda state: state["optimizer"]["param_groups"][0].update(initial_lr="x"),
    ],
)
def test_a_run_whose_state_makes_no_sense_is_refused_and_changes_nothing(change):
    options = {"optimizer": "adam", "schedule": lambda optimizer: StepLR(optimizer, 2)}
    history = fit(net(), X, Y, epochs=1, **options)
    change(history.state)
    model = net(1)
    ours = Adam(model.parameters())
    values, before = model.state_dict(), ours.state_dict()
    with pytest.raises(ValueError, match="cannot resume"):
        fit(model, X, Y, epochs=2, resume=history, **{**options, "optimizer": ours})
    assert model.state_dict() == values
    assert ours.state_dict()["state"] == before["state"]


# What it shows


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_progress_is_shown_on_a_terminal_alone(monkeypatch, capsys):
    fit(net(), X, Y, epochs=2)
    assert capsys.readouterr() == ("", "")
    for missing in (False, True):
        screen = Terminal()
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stderr", screen)
            if missing:
                patch.setitem(sys.modules, "tqdm.auto", None)
            fit(net(), X, Y, epochs=2, validation_data=(X, Y))
        assert "val_loss" in screen.getvalue()
        assert "2/2" in screen.getvalue() or "epoch 2 of 2" in screen.getvalue()
    fit(net(), X, Y, epochs=2, progress=True)
    assert "2/2" in capsys.readouterr().err


def test_progress_is_shown_in_a_notebook_and_beside_imported_kernels(monkeypatch):
    notebook = types.SimpleNamespace(kernel=1)
    for shell, tty, wanted in ((None, True, True), (None, False, False), (notebook, False, True)):
        screen = Terminal() if tty else io.StringIO()
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stderr", screen)
            patch.setitem(sys.modules, "tqdm.auto", None)
            patch.setitem(sys.modules, "ipykernel", types.ModuleType("ipykernel"))
            patch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=lambda shell=shell: shell))
            fit(net(), X, Y, epochs=1)
        assert ("epoch 1 of 1" in screen.getvalue()) is wanted


def test_the_history_plots():
    pytest.importorskip("matplotlib").use("Agg")
    history = fit(net(), X, Y, epochs=3, validation_data=(X, Y))
    axes = history.plot()
    assert [list(line.get_ydata()) for line in axes.lines[:2]] == [history.loss, history.val_loss]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["training", "validation", "best: epoch 3"]
    assert history.plot(ax=axes) is axes
    axes.figure.clear()
    assert repr(history).startswith("<history of 3 epochs: loss ")
    with pytest.raises(ValueError, match="no epoch was completed"):
        fit(net(), X, Y, epochs=0).plot()


# What it says


class Empty(Module):
    def __call__(self, x):
        return gg.Scalar(1.0)


def nan_loss(predictions, targets):
    return gg.nn.mse(predictions, targets) * gg.Scalar(math.nan)


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize(
    ("wrong", "error", "said"),
    [
        (lambda **c: fit(net(), [], [], **c), ValueError, r"X must be a list of rows|X is empty"),
        (lambda **c: fit(net(), np.zeros((0, 2)), [], **c), ValueError, r"X is empty, of shape \(0, 2\)"),
        (lambda **c: fit(net(), [1.0, 2.0], [1.0, 2.0], **c), ValueError, r"\[\[x\] for x in X\]"),
        (lambda **c: fit(net(), X[:, :1], Y, **c), ValueError, "needs 2 inputs, got 1"),
        (lambda **c: fit(net(), X, Y[:-1], **c), ValueError, "one target for each of the 25 rows of X, got shape"),
        (lambda **c: fit(net(), X, 1.0, **c), ValueError, "one target for each of the 25 rows"),
        (
            lambda **c: fit(net(), [[1.0, 2.0], [3.0]], [1, 2], **c),
            TypeError,
            "X must be numbers, with equally many in each row",
        ),
        (lambda **c: fit(net(), [["a", "b"]], [1], **c), TypeError, "X must be numbers"),
        (
            lambda **c: fit(net(), X, ["cat"] * 25, **c),
            TypeError,
            "y must be numbers.*text and categories to numbers",
        ),
        (lambda **c: fit(net(), [[1.0, math.nan]], [1], **c), ValueError, r"X\[0, 1\] is nan: remove rows"),
        (lambda **c: fit(net(), [[1.0, 2.0]], [math.inf], **c), ValueError, r"y\[0\] is inf"),
        (
            lambda **c: fit(net(out=2), X, Y, **c),
            ValueError,
            r"y must have shape \(25, 2\) for mse.*got shape \(25,\) \(or loss='cross_entropy'",
        ),
        (
            lambda **c: fit(net(), X, np.stack([Y, Y], 1), **c),
            ValueError,
            r"y must have shape \(25,\) for mse, because the model gives 1 number for each row",
        ),
        (
            lambda **c: fit(net(), X, SIGNS > 0, loss="hinge", **c),
            ValueError,
            r"y of hinge must be -1 or 1, got 0: 2\*y - 1 converts",
        ),
        (
            lambda **c: fit(net(), X, SIGNS, loss="binary_cross_entropy", **c),
            ValueError,
            r"y of binary_cross_entropy must be from 0 to 1, got -1: \(y \+ 1\) / 2",
        ),
        (lambda **c: fit(net(), X, CLASSES, loss="cross_entropy", **c), ValueError, "loss='binary_cross_entropy'"),
        (
            lambda **c: fit(net(out=2), X, CLASSES, loss="cross_entropy", **c),
            ValueError,
            "must hold classes from 0 to 1 for 2 outputs, got 2",
        ),
        (
            lambda **c: fit(net(out=3), X, Y, loss="cross_entropy", **c),
            ValueError,
            "classes from 0 to 2 for 3 outputs",
        ),
        (
            lambda **c: fit(net(out=3), X, np.eye(3)[CLASSES], loss="cross_entropy", **c),
            ValueError,
            r"y.argmax\(axis=1\)",
        ),
        (lambda **c: fit(net(), X, Y, loss="MSE2", **c), ValueError, "unknown loss 'MSE2': choose 'mse', 'hinge'"),
        (lambda **c: fit(net(), X, Y, loss=3, **c), TypeError, "loss must be a name or a function"),
        (lambda **c: fit(net(), X, Y, loss=nan_loss, **c), FloatingPointError, "nan in epoch 1, batch 1; .*Lower lr"),
        (
            lambda **c: fit(net(), X, Y, optimizer="adamm", **c),
            ValueError,
            "unknown optimizer 'adamm': choose 'sgd', 'adam'",
        ),
        (
            lambda **c: fit(net(), X, Y, optimizer=SGD(net().parameters()), **c),
            ValueError,
            "has no parameter of this model",
        ),
        (lambda **c: fit(net(), X, Y, epochs=-1, **c), ValueError, "epochs must be a whole number, 0 or more, got -1"),
        (lambda **c: fit(net(), X, Y, epochs=1.5, **c), TypeError, "epochs must be a whole number"),
        (
            lambda **c: fit(net(), X, Y, batch_size=0, **c),
            ValueError,
            "batch_size must be a whole number, 1 or more, got 0",
        ),
        (lambda **c: fit(net(), X, Y, patience=0, **c), ValueError, "patience must be"),
        (lambda **c: fit(net(), X, Y, validation_data=X, **c), TypeError, r"validation_data must be a pair \(X, y\)"),
        (
            lambda **c: fit(net(), X, Y, validation_data=(X, Y[1:]), **c),
            ValueError,
            "validation y must have one target",
        ),
        (lambda **c: fit(net(), X, Y, schedule=3, **c), TypeError, "schedule must be one of gg.optim.lr_scheduler"),
        (
            lambda **c: fit(net(), X, Y, schedule=StepLR(SGD(net().parameters()), 1), **c),
            ValueError,
            "another optimiser",
        ),
        (lambda **c: fit(MLP, X, Y, **c), TypeError, r"such as MLP\(2, \[4, 1\]\), got <class"),
        (lambda **c: fit(net(), X, None, **c), TypeError, "y must be numbers"),
        (
            lambda **c: fit(net(), X, Y, loss=lambda p, t: 1.0, **c),
            TypeError,
            "a loss must return one Scalar for a batch",
        ),
        (lambda **c: fit(net(), X, Y, min_delta="a", **c), TypeError, "min_delta must be a number"),
        (lambda **c: fit(net(), X, Y, checkpoint="no/such/m", **c), FileNotFoundError, "the folder .* does not exist"),
        (lambda **c: fit(Empty(), X, Y, **c), ValueError, "got no parameters"),
        (lambda **c: fit(lambda x: x, X, Y, **c), TypeError, r"has parameters\(\), such as MLP"),
    ],
)
def test_bad_input_is_told_what_to_do(wrong, error, said, compiled):
    with pytest.raises(error, match=said):
        wrong(compiled=compiled)


def test_a_run_that_diverges_says_where_and_keeps_its_last_good_step():
    model = net()
    with pytest.raises((FloatingPointError, OverflowError), match=r"Lower lr|no parameter was moved"):
        fit(model, X, Y * 1e150, optimizer="sgd", lr=1e200, epochs=50)


def test_another_class_with_parameters_can_be_trained_eagerly():
    class Value:
        def __init__(self):
            self.w = gg.Scalar(0.0)

        def parameters(self):
            return [self.w]

        def __call__(self, x):
            return self.w * x[0]

    model = Value()
    fit(model, [[1.0], [2.0]], [3.0, 6.0], lr=0.5, epochs=100)
    assert model.w.data == pytest.approx(3.0, abs=0.05)
    with pytest.raises(TypeError, match=r"compiled=True needs a gg.nn.Module"):
        fit(model, [[1.0]], [1.0], compiled=True)


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_a_killed_run_leaves_a_checkpoint_that_is_whole(tmp_path):
    code = (
        "import glassgrad as gg, sys\n"
        "model = gg.nn.MLP(1, [2, 1], 'tanh', seed=0)\n"
        "X = [[0.1 * i] for i in range(8)]\n"
        "gg.nn.fit(model, X, range(8), epochs=int(sys.argv[1]), checkpoint='run', resume=True)\n"
        "print(model.state_dict())"
    )

    def run(folder, epochs):
        return subprocess.Popen(
            [sys.executable, "-c", code, str(epochs)],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    killed = run(tmp_path / "a", 10**6)
    while not (tmp_path / "a" / "run").exists():
        assert killed.poll() is None, killed.stderr.read()
    killed.kill()
    killed.communicate()
    done = gg.nn.MLP(1, [2, 1], "tanh", seed=9)
    before = fit(done, [[0.1 * i] for i in range(8)], range(8), epochs=0, resume=tmp_path / "a" / "run")
    through = net_after(before.epochs)
    assert weights(done) == weights(through)


def net_after(epochs):
    model = gg.nn.MLP(1, [2, 1], "tanh", seed=0)
    fit(model, [[0.1 * i] for i in range(8)], range(8), epochs=epochs)
    return model
