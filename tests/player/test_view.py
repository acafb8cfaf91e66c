"""How a player opens: what `play` takes, checked, and what it writes into the page."""

from __future__ import annotations

import pytest
from micrograd.engine import Value

import glassgrad as gg


@pytest.fixture
def run():
    w = gg.Scalar(1.0, label="w")
    with gg.record() as kept:
        for _ in range(2):
            (w * w).backward()
    return kept


def test_what_is_not_asked_for_is_not_in_the_page(neuron):
    assert gg.play(neuron["o"]).document["view"] == {}
    assert gg.quiz(neuron["o"]).document["view"] == {}


def test_what_is_asked_for_is_in_the_page(neuron):
    asked = {"step": 11, "layout": "TB", "panel": "table", "height": 400, "compact": True}
    assert gg.play(neuron["o"], **asked).document["view"] == asked
    assert gg.play(neuron["o"], step="end").document["view"] == {"step": "end"}


def test_a_run_and_a_report_take_the_same(run):
    assert gg.play(run, panel="time", step=3).document["view"] == {"step": 3, "panel": "time"}

    def f(x):
        return gg.log(x) * x

    report = gg.explain_nan(f, -1.0)
    assert gg.play(report, layout="LR").document["view"] == {"layout": "LR"}


@pytest.mark.parametrize(
    ("option", "error", "said"),
    [
        ({"step": "middle"}, ValueError, r"step must be \"start\", \"end\" or an integer from 0 to 11, got 'middle'"),
        ({"step": 12}, ValueError, "step must be an integer from 0 to 11, got 12"),
        ({"step": -1}, ValueError, "step must be an integer from 0 to 11, got -1"),
        ({"step": 1.5}, TypeError, r"step must be an integer from 0 to 11, got 1\.5"),
        ({"step": True}, TypeError, "step must be an integer from 0 to 11, got True"),
        ({"layout": "RL"}, ValueError, 'layout must be "LR", "TB" or "auto", got \'RL\''),
        ({"layout": None}, ValueError, "layout must be .* got None"),
        ({"panel": "tables"}, ValueError, 'panels, "step", "node",.* or "table", got \'tables\''),
        ({"panel": "time"}, ValueError, "panel must be one of this player's panels, .* got 'time'"),
        ({"panel": []}, ValueError, r"panel must be .* got \[\]"),
        ({"height": 20}, ValueError, "height must be an integer from 200 to 4000 pixels, got 20"),
        ({"height": "400px"}, TypeError, "height must be an integer from 200 to 4000 pixels, got '400px'"),
        ({"compact": "yes"}, TypeError, "compact must be True or False, got 'yes'"),
    ],
)
def test_bad_options_are_refused_with_what_there_is(neuron, option, error, said):
    with pytest.raises(error, match=said):
        gg.play(neuron["o"], **option)


@pytest.mark.parametrize(
    ("options", "height"), [({}, 640), ({"compact": True}, 400), ({"height": 300}, 300), ({"height": 900}, 900)]
)
def test_the_frame_is_as_high_as_the_player(bundle, neuron, options, height):
    text = gg.play(neuron["o"], **options)._repr_mimebundle_()["text/html"]
    assert f'height="{height}"' in text
    assert f"height: {height}px" in text


def test_the_verdict_on_another_class_can_be_open():
    x = Value(2.0)
    y = x * 3.0
    y.backward()
    assert gg.play(y, panel="judged").document["view"] == {"panel": "judged"}
    with pytest.raises(ValueError, match=r"panel must be one of this player's panels, .* got 'judged'"):
        gg.play(gg.Scalar(2.0) * 3.0, panel="judged")
