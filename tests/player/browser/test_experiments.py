"""Leaves moved by slider, number, nudge and descent; paths; badges; the bug lab."""

import math
import re

import pytest

import glassgrad as gg

pytestmark = pytest.mark.browser


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def karpathy(x1=2.0, x2=0.0, w1=-3.0, w2=1.0, b=6.8813735870195432):
    """The neuron's value and its slope by x1, in closed form."""
    o = math.tanh(x1 * w1 + x2 * w2 + b)
    return o, (1 - o * o) * w1


def check_numbers(shown, **leaves):
    value, slope = karpathy(**leaves)
    assert shown.session("engine.value[engine.root]") == pytest.approx(value, rel=1e-12)
    assert shown.grad("x1") == pytest.approx(slope, rel=1e-12)


def test_number_field(page_of, neuron):
    shown = page_of(neuron())
    shown.tab("Leaves")
    field = shown.host.get_by_role("spinbutton", name="x1, value")
    field.fill("1.75")
    field.press("Enter")
    shown.settle()
    check_numbers(shown, x1=1.75)
    value, _ = karpathy(x1=1.75)
    assert f"{value:.4f}"[:5] in shown.picture()
    shown.button("Reset all").click()
    check_numbers(shown)


def test_slider_by_keys_and_by_mouse(page_of, neuron):
    shown = page_of(neuron())
    shown.tab("Leaves")
    slider = shown.host.get_by_role("slider", name="b, slider")
    slider.focus()
    for _ in range(3):
        slider.press("ArrowRight")
    shown.settle()
    b = shown.value("b")
    assert b > 6.8813735870195432
    check_numbers(shown, b=b)
    box = slider.bounding_box()
    y = box["y"] + box["height"] / 2
    seen = []
    shown.page.mouse.move(box["x"] + box["width"] / 2, y)
    shown.page.mouse.down()
    for part in (0.45, 0.4, 0.3, 0.25):
        shown.page.mouse.move(box["x"] + part * box["width"], y)
        shown.settle()
        seen.append(shown.value("b"))
        check_numbers(shown, b=seen[-1])  # live, while it is dragged
    shown.page.mouse.up()
    assert seen == sorted(seen, reverse=True)
    assert len(set(seen)) == 4
    shown.see("leaves")


def test_nudge_shows_prediction_and_truth(page_of, neuron):
    shown = page_of(neuron())
    shown.tab("Leaves")
    step = shown.host.get_by_label("h", exact=True)
    step.fill("0.01")
    step.press("Enter")
    shown.button("nudge x1 by h").click()
    text = plain(shown.panel())
    before, slope = karpathy()
    after, _ = karpathy(x1=2.01)
    assert f"∂o/∂x1 · h = −1.5 · 0.01 = −{abs(slope * 0.01):.5g}".replace("0.015000", "0.015") in text
    assert re.search(rf"actual −{abs(after - before):.5f}"[:-1], text)
    check_numbers(shown, x1=2.01)


def test_gradient_descent_on_chosen_leaves(page_of, neuron):
    shown = page_of(neuron())
    shown.tab("Leaves")
    for name in ("w1", "b"):
        shown.host.get_by_role("checkbox", name=f"{name}, in the descent step").check()
    rate = shown.host.get_by_label("rate")
    rate.fill("0.1")
    rate.press("Enter")
    shown.button(re.compile("Gradient-descent step")).click()
    w1, b = -3.0 - 0.1 * 1.0, 6.8813735870195432 - 0.1 * 0.5  # ∂o/∂w1 = 1, ∂o/∂b = 0.5
    check_numbers(shown, w1=shown.value("w1"), b=shown.value("b"))
    assert shown.value("w1") == pytest.approx(w1, rel=1e-9)
    assert shown.value("b") == pytest.approx(b, rel=1e-9)
    assert shown.value("x1") == 2.0
    assert "down" in shown.panel()
    shown.button(re.compile("Ascent step")).click()
    assert "up" in shown.panel()


def test_paths_from_a_leaf(page_of):
    """a reaches o three ways: o = a a + 3 a."""
    a = gg.Scalar(2.0, label="a")
    o = a * a + 3.0 * a
    o.label = "o"
    o.backward()
    shown = page_of(o)
    shown.select("a")
    shown.tab("Paths")
    text = plain(shown.panel())
    assert "3 paths" in text
    assert re.search(r"∂o/∂a = (2|3) \+ (2|3) \+ (2|3) = 7", text)
    assert shown.host.locator("[role=tabpanel]:visible li").count() == 3
    shown.see("paths")


def test_too_many_paths_are_counted(page_of):
    x = gg.Scalar(1.0, label="x")
    y = x
    for _ in range(70):
        y = (y + y) * 0.5
    y.label = "y"
    y.backward()
    shown = page_of(y)
    shown.select("x")
    shown.tab("Paths")
    text = plain(shown.panel())
    assert "about 1.18 · 10^21 paths" in text  # 2**70 = 1180591620717411303424
    assert "∂y/∂x = 1" in text


def test_every_right_gradient_agrees(page_of, neuron):
    """The badge of every node; the words are in the panel."""
    shown = page_of(neuron())
    assert shown.session("Array.from({length: engine.n}, (_, i) => session.agrees(i)).every((x) => x === true)")
    shown.select("w1")
    shown.tab("Node")
    assert "✓ agrees with the central difference" in shown.panel()
    assert "1" in shown.panel()


BUGS = ["= instead of +=", "wrong order", "stale inner gradients", "forgotten zero_grad", "detached value"]
BUGS += ["dead ReLU", "saturated tanh"]


def lab():
    """A graph in which each mistake does harm."""
    a, b = gg.Scalar(0.5, label="a"), gg.Scalar(-1.0, label="b")
    h = gg.tanh(a * 0.3 + b)
    h.label = "h"
    r = gg.relu(a + 1.0)
    r.label = "r"
    long = gg.exp(h * 0.1)
    long.label = "long"
    o = h * r + long * a + h
    o.label = "o"
    o.backward()
    return o


@pytest.mark.parametrize("title", BUGS)
def test_each_bug_shows_its_first_wrong_node(page_of, title):
    shown = page_of(lab())
    right = shown.session("Array.from(engine.grad)")
    shown.tab("Bug lab")
    switch = shown.host.get_by_role("switch", name=title, exact=True)
    assert switch.get_attribute("aria-checked") == "false"
    switch.focus()
    switch.press("Space")
    shown.settle()
    assert switch.get_attribute("aria-checked") == "true"
    first = shown.session("session.mistake.first")
    text = plain(shown.panel())
    assert "first wrong node" in text
    assert shown.session("engine.title(argument)", first) in text
    made, good = shown.session("[session.mistake.grad[argument], session.mistake.right[argument]]", first)
    assert made != pytest.approx(good, rel=1e-6)
    assert shown.session("session.grad(argument)", first) == made
    if title in BUGS[:4]:  # those of the way back: what comes before it there, nearer to the root, is right
        wrong = "Array.from(engine.grad.keys()).filter((i) => engine.kind[i] !== 2 && !close(i))"
        close = "const {grad, right} = session.mistake, close = (i) => Math.abs(grad[i] - right[i]) < 1e-9;"
        assert max(shown.session(f"(() => {{ {close} return {wrong}; }})()")) == first
    shown.see(f"bug {title.replace('=', 'equals')}")
    switch.click()
    shown.settle()
    assert shown.session("session.mistake") is None
    assert shown.session("Array.from(engine.grad)") == right
    assert "first wrong node" not in shown.panel()


def test_a_bug_that_cannot_be_made_says_why(page_of, neuron):
    shown = page_of(neuron())
    shown.tab("Bug lab")
    assert shown.host.get_by_role("switch", name="dead ReLU").is_disabled()
    assert "no relu" in shown.panel()
