"""`record`: it changes no gradient, keeps what was asked for, and stays out of the way of whoever else listens."""

from __future__ import annotations

import inspect
import math
import threading

import numpy as np
import pytest

import glassgrad as gg
from glassgrad.core.state import HERE, Within
from glassgrad.player import document


def descend(steps, rate=0.1, clear=True, each=lambda step: None):
    """Minimise (w - 1)²; the leaf, its values and gradients by step."""
    w = gg.Scalar(3.0, label="w")
    path = []
    for step in range(steps):
        if clear:
            w.grad = 0.0
        loss = (w - 1.0) ** 2
        loss.backward()
        each(step)
        path.append((w.data, w.grad, loss.data))
        w.data -= rate * w.grad
    return path


def test_it_keeps_values_and_gradients_of_every_node_after_the_sweep():
    with gg.record() as run:
        path = descend(4)
    assert len(run) == run.total == 4
    for step, (w, grad, loss) in zip(run, path):
        at = step.names.index("w")
        assert (step.value[at], step.grad[at], step.loss) == (w, grad, loss)
        assert step.value.dtype == step.grad.dtype == np.float64
        assert step.grad[-1] == 1.0
    assert [step.number for step in run] == [0, 1, 2, 3]
    assert run[-1].number == 3


def test_leaves_gradients_are_what_they_have_accumulated():
    with gg.record() as run:
        path = descend(3, rate=0.0, clear=False)
    assert [step.grad[step.names.index("w")] for step in run] == [4.0, 8.0, 12.0] == [grad for _, grad, _ in path]


def test_names_are_the_callers_variables():
    a, b = gg.Scalar(2.0), [gg.Scalar(3.0)]
    with gg.record() as run:
        loss = a * b[0]
        loss.backward()
    assert run[0].names == ("a", "b[0]", "loss")


def many_sums():
    """A graph whose sums differ in the last bits if they are added in another order."""
    xs = [gg.Scalar(math.sin(i) * 10.0 ** (i % 7)) for i in range(30)]
    y = gg.Scalar(0.1)
    for i in range(200):
        y = gg.tanh(y * xs[i % 30] * 1e-3) + xs[(i * 7) % 30] / 3.0
    return xs, y * xs[0] + gg.sin(y)


def test_gradients_are_the_same_to_the_last_bit():
    xs, y = many_sums()
    y.backward()
    plain = [x.grad for x in xs]
    with gg.record() as run:
        xs, y = many_sums()
        y.backward()
    assert [x.grad for x in xs] == plain
    assert len(run) == 1


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        ({}, list(range(20))),
        ({"every": 7}, [0, 7, 14]),
        ({"steps": {3, 5, 99}}, [3, 5]),
        ({"steps": range(0, 20, 9)}, [0, 9, 18]),
        ({"steps": lambda step: step > 17}, [18, 19]),
        ({"limit": 5}, [0, 4, 8, 12, 16]),
        ({"every": 3, "limit": 2}, [0, 12]),
        ({"limit": 2}, [0, 16]),
        ({"steps": range(20), "limit": 3}, [0, 1, 2]),
    ],
)
def test_which_steps_are_kept(options, kept):
    with gg.record(**options) as run:
        descend(20)
    assert [step.number for step in run] == kept
    assert run.total == 20


@pytest.mark.parametrize(
    "options", [{"every": 0}, {"every": 1.5}, {"every": True}, {"limit": 1}, {"steps": 3}, {"every": 2, "steps": {1}}]
)
def test_bad_options_are_refused(options):
    with pytest.raises(ValueError, match=r"must be|must not be"):
        gg.record(**options)


def test_nodes_made_inside_know_their_line_and_the_page_shows_it():
    x = gg.Scalar(2.0)
    with gg.record() as run:
        y = x * x
        line = inspect.currentframe().f_lineno - 1
        y.backward()
    found = run.play().document
    assert y.source == f"{__file__}:{line}"
    assert found["lines"] == {y.source: "y = x * x"}
    assert (x * x).source is None


def test_a_graph_that_stays_the_same_is_written_down_once():
    with gg.record() as run:
        descend(5)
    found = run.play().document
    steps = found["run"]["steps"]
    assert [step["label"] for step in steps] == [f"step {i}" for i in range(5)]
    assert all(set(step) == {"label", "value", "grad"} for step in steps)
    assert all(len(step["value"]) == len(step["grad"]) == len(found["nodes"]["op"]) for step in steps)
    assert found["format"] == document.FORMAT
    assert document.dumps(found)


def test_a_step_whose_graph_is_another_brings_its_own():
    w = gg.Scalar(2.0, label="w")
    with gg.record() as run:
        for step in range(5):
            loss = w * w if step != 2 else w * w * w
            loss.backward()
    found = run.play().document
    steps = found["run"]["steps"]
    assert ["document" in step for step in steps] == [False, False, True, False, False]
    own = steps[2]["document"]
    assert own["run"] is None
    assert own["nodes"]["value"] == [2.0, 4.0, 8.0]
    assert own["nodes"]["grad"] == [4.0 + 4.0 + 12.0, 2.0, 1.0]
    assert steps[3]["value"] == [2.0, 4.0]
    assert repr(run.play()) == "<player of 'loss': 2 nodes, 5 steps; save(\"page.html\") writes it as a page>"


def test_numbers_that_json_cannot_say():
    x = gg.Scalar(0.0, label="x")
    with gg.record() as run:
        gg.sqrt(x).backward()
    assert run.play().document["run"]["steps"][0]["grad"] == ["inf", 1.0]
    assert document.dumps(run.play().document)


def test_play_of_a_run_and_its_page(bundle, tmp_path):
    with gg.record() as run:
        descend(3)
    player = gg.play(run, title="Training")
    assert player.title == "Training"
    assert player.save(tmp_path / "run.html").is_file()
    assert gg.play(run).document == run.play().document
    assert repr(run).startswith("<run of 3 steps, 3 kept: 0, 1, 2; loss from 4 to ")
    assert repr(run[0]) == "<step 0: loss = 4, 5 nodes>"


def test_an_empty_run_says_why():
    with gg.record() as run:
        pass
    with pytest.raises(ValueError, match=r"no backward\(\) was called"):
        gg.play(run)
    with gg.record(steps=()) as run:
        descend(2)
    with pytest.raises(ValueError, match="no step was kept"):
        run.play()
    assert repr(run) == "<run of 2 steps, none kept>"


def hooks():
    """Who listens and watches now."""
    state = HERE.state()
    return state.heard, state.watcher


def test_an_error_inside_ends_the_recording_and_keeps_the_steps_so_far():
    def fail(step):
        if step == 2:
            raise KeyError("stop")

    with pytest.raises(KeyError), gg.record() as run:
        descend(5, each=fail)
    assert len(run) == 3
    assert hooks() == ((), None)


def test_a_sweep_that_raises_is_no_step():
    @gg.primitive(partials=(lambda y, x: 1 / 0 if x == 2.0 else 1.0,))
    def odd(x):
        return x

    x = gg.Scalar(2.0)
    with gg.record() as run:
        y = odd(x)
        with pytest.raises(ZeroDivisionError):
            y.backward()
    assert run.total == len(run) == 0
    assert (x.grad, x.grad_updated) == (0.0, False)


def test_who_listened_before_still_hears():
    heard = []
    with Within(heard=(heard.append,)), gg.record():
        y = gg.Scalar(1.0) * 2.0
    assert heard[-1] is y
    assert hooks() == ((), None)


def test_recordings_nest():
    with gg.record() as outer:
        descend(1)
        with gg.record(every=2) as inner:
            descend(3)
        descend(1)
    assert [step.number for step in outer] == [0, 1, 2, 3, 4]
    assert [step.number for step in inner] == [0, 2]
    assert hooks() == ((), None)


def test_inside_of_detect_anomaly_errors_are_still_found():
    x = gg.Scalar(0.0, label="x")
    with gg.detect_anomaly(), gg.record() as run:
        (x + 1.0).backward()
        with pytest.raises(gg.AnomalyError, match="the gradient becomes inf at sqrt"):
            gg.sqrt(x).backward()
    assert len(run) == 1


def test_other_threads_are_left_alone():
    grads = []

    def work():
        x = gg.Scalar(3.0)
        y = x * x
        y.backward()
        grads.append((x.grad, y.source))

    with gg.record() as run:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        descend(1)
    assert grads == [(6.0, None)]
    assert len(run) == 1


def test_transforms_and_compiled_functions_work_inside_and_make_no_steps():
    f = gg.jit(lambda x: gg.sin(x) * x)
    x = gg.Scalar(1.5)
    with gg.record() as run:
        assert gg.grad(lambda x: x * x)(3.0) == 6.0
        assert f(0.5) == pytest.approx(math.sin(0.5) * 0.5)
        y = f(x)
        y.backward()
    assert x.grad == pytest.approx(math.sin(1.5) + 1.5 * math.cos(1.5))
    assert len(run) == 1


def test_a_network_learns_as_without_it():
    def train():
        model = gg.nn.MLP(2, [4, 1], activation="tanh", seed=1)
        sgd = gg.optim.SGD(model.parameters(), lr=0.1)
        for _ in range(5):
            sgd.zero_grad()
            loss = gg.total([(model(row) - 1.0) ** 2 for row in ([0.1, 0.2], [-1.0, 0.5])])
            loss.backward()
            sgd.step()
        return [p.data for p in model.parameters()]

    plain = train()
    with gg.record() as run:
        assert train() == plain
    assert len(run) == 5
    assert len(run._documents) == 1


def test_detect_anomaly_inside_finds_errors_and_its_steps_are_kept():
    x = gg.Scalar(0.0, label="x")
    with gg.record() as run:
        with gg.detect_anomaly():
            (x * 2.0).backward()
            with pytest.raises(gg.AnomalyError, match="sqrt"):
                gg.sqrt(x).backward()
        (x * 3.0).backward()
    assert [step.loss for step in run] == [0.0, 0.0]
    assert x.grad == 5.0


def test_slopes_of_an_operation_of_the_users_own_are_those_of_the_step():
    @gg.primitive(partials=lambda y, x: 3.0 * float(x) ** 2)
    def cube(x):
        return x**3

    w = gg.Scalar(2.0, label="w")
    with gg.record() as run:
        for _ in range(2):
            (cube(w) * w).backward()
            w.data = 1.0
    steps = run.play().document["run"]["steps"]
    assert [step["slopes"] for step in steps] == [{"0": 12.0}, {"0": 3.0}]
