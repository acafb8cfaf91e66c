"""Player, quiz and record() go by the numbers of the forward pass, and say what was moved since."""

import json
import math
import re
import warnings

import pytest

import glassgrad as gg
from helpers.stale import WAS, textbook


def test_the_page_starts_from_the_forward_pass():
    loss, _ = textbook()
    player = gg.play(loss)
    nodes = player.document["nodes"]
    assert nodes["value"] == [2.024, 1.0, 1.024, 2.0, 1.024**2]
    assert nodes["grad"][0] == 2.048
    changes = player.document["changes"]
    assert changes["text"][0] == WAS
    assert "Call forward() on loss" in changes["text"][1]
    assert sorted(changes["notes"]) == ["0", "2", "4"]
    assert "stale" in repr(player)
    assert WAS in re.search(r"<noscript>.*</noscript>", player.html(), re.DOTALL)[0]
    loss.forward()
    assert gg.play(loss).document["changes"] is None


def test_numbers_of_several_passes_are_computed_anew_in_the_page():
    w = gg.Scalar(3.0)
    kept = w * w
    w.data = 2.0
    loss = kept + w
    loss.backward()
    document = gg.play(loss).document
    assert document["nodes"]["value"][0] == 2.0
    assert document["nodes"]["grad"] == [None] * 3
    assert document["changes"]["mixed"]
    assert "This page shows the graph as forward() computes it" in document["changes"]["text"][-1]


def test_slopes_without_a_rule_are_those_of_the_forward_pass():
    f = gg.primitive(lambda x: x * x, partials=[lambda y, x: math.fsum([x, x])], name="mine")
    x = gg.Scalar(3.0)
    y = f(x)
    x.data = 5.0
    assert gg.play(y).document["slopes"] == {"0": 6.0}
    assert y.local_partials() == (6.0,)


@pytest.mark.parametrize("seed", [None, 1])
def test_an_exercise_is_of_one_forward_pass(seed):
    loss, w = textbook()
    quiz = gg.quiz(loss, seed=seed)
    values = quiz.document["nodes"]["value"]
    assert values[2] == values[0] - 1.0
    assert values[4] == values[2] ** 2
    assert quiz.answers["w"] == 2.0 * values[2]
    if seed is None:
        assert values[0] == 2.024
        assert quiz.document["changes"]["text"] == [WAS, "The exercise uses the numbers as they were computed."]
    else:
        assert quiz.document["changes"] is None
    assert w.data == 2.024 - 0.1 * 2.048


def test_an_exercise_on_numbers_of_several_passes_is_computed_anew():
    w = gg.Scalar(3.0, label="w")
    kept = w * w
    w.data = 2.0
    quiz = gg.quiz(kept + w)
    assert quiz.document["nodes"]["value"] == [2.0, 4.0, 6.0]
    assert quiz.answers["w"] == 5.0


def test_a_loop_that_forgets_its_forward_pass_is_warned_of_once():
    w = gg.Scalar(3.0, label="w")
    loss = (w - 1) ** 2
    with warnings.catch_warnings(record=True) as caught, gg.record() as run:
        warnings.simplefilter("always")
        for _ in range(4):
            w.grad = 0
            loss.backward()
            w.data -= 0.1 * w.grad
    (warning,) = caught
    assert str(warning.message).startswith(
        "step 1 called backward() without a new forward pass. "
        "w was moved after the forward pass: it was 3, and is now 2.6."
    )
    assert "before backward(), or call forward() on it" in str(warning.message)
    assert warning.filename == __file__
    assert run.stale == 3
    assert "3 of them without a new forward pass" in repr(run)
    assert [step.value[0] for step in run] == [3.0] * 4
    assert [step.grad[0] for step in run] == [4.0] * 4
    steps = run.play().document["run"]["steps"]
    assert "changes" not in steps[0]
    assert steps[3]["changes"]["text"][0] == "This step called backward() without a new forward pass."
    assert "it was 3, and is now 1.8" in steps[3]["changes"]["text"][1]


@pytest.mark.parametrize("way", ["anew", "forward"])
def test_a_loop_with_a_forward_pass_is_not_warned_of(way):
    w = gg.Scalar(3.0, label="w")
    loss = (w - 1) ** 2
    with warnings.catch_warnings(), gg.record() as run:
        warnings.simplefilter("error")
        for _ in range(4):
            loss = loss.forward() if way == "forward" else (w - 1) ** 2
            w.grad = 0
            loss.backward()
            w.data -= 0.1 * w.grad
    assert run.stale == 0
    assert [step.loss for step in run] == sorted([step.loss for step in run], reverse=True)
    assert not any("changes" in step for step in run.play().document["run"]["steps"])


def test_the_document_is_json(bundle):
    json.dumps(gg.play(textbook()[0]).document, allow_nan=False)
