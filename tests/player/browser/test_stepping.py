"""Stepping, clicked and keyed: forward and backward, on and back, and the chain rule with its numbers."""

import math
import re

import pytest

import glassgrad as gg

pytestmark = pytest.mark.browser

FORWARD, STEPS = 5, 11  # of the neuron: 5 nodes to compute, one step to start from the root, 5 nodes to send on


def plain(text: str) -> str:
    """Text with spaces alike, so that a formula can be looked for."""
    return re.sub(r"\s+", " ", text)


def test_by_clicks(page_of, neuron):
    shown = page_of(neuron())
    shown.button(re.compile("To the start")).click()
    assert shown.where() == 0
    assert "nothing computed yet" in shown.text()
    shown.see("step 0")
    for t in range(1, STEPS + 1):
        shown.button(re.compile("One step on")).click()
        assert shown.where() == t
        shown.settle()
        assert f"step {t} of {STEPS}" in shown.text()
    assert shown.button(re.compile("One step on")).is_disabled()
    for t in reversed(range(STEPS)):
        shown.button(re.compile("One step back")).click()
        assert shown.where() == t
    shown.button(re.compile("To the end")).click()
    assert shown.where() == STEPS


def test_by_keys(page_of, neuron):
    shown = page_of(neuron())
    shown.press("Home")
    assert shown.where() == 0
    shown.press("ArrowRight", "ArrowRight", "ArrowRight", "ArrowLeft")
    assert shown.where() == 2
    shown.press("End")
    assert shown.where() == STEPS
    shown.press("ArrowRight")
    assert shown.where() == STEPS


def test_by_the_slider(page_of, neuron):
    shown = page_of(neuron())
    slider = shown.host.get_by_role("slider", name="Step", exact=True)
    slider.focus()
    slider.press("Home")
    assert shown.where() == 0
    slider.press("ArrowRight")
    slider.press("ArrowRight")
    assert shown.where() == 2
    box = slider.bounding_box()
    shown.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert 0 < shown.where() < STEPS
    assert abs(shown.where() - STEPS / 2) <= 1


def test_play_pause_and_speed(page_of, neuron):
    shown = page_of(neuron())
    speed = shown.host.get_by_label("speed")
    speed.select_option("2")  # slow enough that a busy machine gets to the button before the last step
    shown.button(re.compile("Play")).click()
    assert shown.session("session.playing")
    shown.until(lambda: shown.where() > 0)
    shown.button(re.compile("Pause")).click()
    at = shown.where()
    shown.session("new Promise((done) => setTimeout(done, 1000 / session.speed))")  # due after a step that was due
    assert shown.where() == at < STEPS
    speed.select_option("64")
    shown.blur()
    shown.press("Space")
    shown.until(lambda: shown.where() == STEPS and not shown.session("session.playing"), "it plays to the end")


def test_unknown_numbers_are_not_shown(page_of, neuron):
    """At step 0 there is no value of o to be seen, and before the way back no gradient."""
    shown = page_of(neuron())
    node = shown.select("o")
    shown.tab("Node")
    assert "0.7071" in shown.panel()
    shown.press("Home")
    assert "not known at this step" in shown.panel()
    assert "0.7071" not in shown.panel()
    assert shown.session("session.value(argument)", node) is None
    assert "0.7071" not in shown.picture()


def test_each_step_says_what_it_does(page_of, neuron):
    shown = page_of(neuron())
    shown.press("Home", "ArrowRight")
    shown.tab("Step")
    assert "x1w1 = x1 · w1 = 2 · (−3) = −6" in plain(shown.panel())
    assert "∂x1w1/∂x1 = w1 = −3" in plain(shown.panel())
    shown.session("session.go(argument)", FORWARD + 1)
    assert "∂o/∂o = 1" in plain(shown.panel())
    shown.press("ArrowRight")
    assert "∂o/∂n = ∂o/∂o · ∂o/∂n = 1 · 0.5 = 0.5" in plain(shown.panel())
    shown.see("step backward")


def test_chain_rule_in_symbols_and_numbers(page_of):
    """The line of the lecture: ∂o/∂x1 = ∂o/∂n · ∂n/∂x1 = 0.5 · (−3) = −1.5, where n = x1 w1 + b is one node's step."""
    x1, w1 = gg.Scalar(2.0, label="x1"), gg.Scalar(-3.0, label="w1")
    n = x1 * w1
    n.label = "n"
    o = gg.tanh(n + gg.Scalar(6.8813735870195432, label="b"))
    o.label = "o"
    o.backward()
    shown = page_of(o)
    shown.select("x1")
    shown.press("j")
    shown.tab("Step")
    assert "∂o/∂x1 = ∂o/∂n · ∂n/∂x1 = 0.5 · (−3) = −1.5" in plain(shown.panel())
    assert "∂o/∂w1 = ∂o/∂n · ∂n/∂w1 = 0.5 · 2 = 1" in plain(shown.panel())


def test_accumulation_is_a_sum(page_of):
    a = gg.Scalar(3.0, label="a")
    o = a * a + a
    o.label = "o"
    o.backward()
    shown = page_of(o)
    shown.select("a")
    shown.tab("Node")
    assert "3 shares" in shown.panel()
    assert re.search(r"∂o/∂a = .* = 1 \+ 3 \+ 3 = 7", plain(shown.panel()))
    shown.see("accumulation")


def test_jump_to_a_node(page_of, neuron):
    shown = page_of(neuron())
    shown.press("Home")
    node = shown.select("n")
    shown.button("Jump to n").click()
    assert shown.where() == shown.session("engine.stepOf(argument)", node)
    assert shown.session("session.shown.last") == {"phase": "backward", "node": node}
    shown.tab("Node")
    shown.button("Go to its forward step").click()
    assert shown.session("session.shown.last") == {"phase": "forward", "node": node}


def test_breakpoints(page_of):
    with gg.errstate(domain="nan"):
        a = gg.Scalar(0.0, label="a")
        inner = gg.sqrt(a)
        inner.label = "inner"
        o = inner * 2.0 + a + a
        o.label = "o"
        o.backward()
    assert math.isinf(a.grad)
    shown = page_of(o)
    shown.press("Home", "b")
    assert shown.session("session.selected") == shown.node("a")
    assert "stopped at a" in shown.text()
    assert "infinite" in shown.text()
    shown.see("breakpoint")
    shown.host.get_by_label("gradient NaN or infinite").uncheck()
    shown.host.get_by_label("second contribution to a node").check()
    shown.press("Home")
    shown.button("Run to breakpoint").click()
    assert shown.session("session.selected") == shown.node("a")
    assert "second contribution" in shown.host.locator("[role=status]", has_text="stopped").inner_text()
    shown.host.get_by_label("second contribution to a node").uncheck()
    shown.host.get_by_label("bound of |gradient|").fill("1.5")
    shown.host.get_by_label("bound of |gradient|").press("Tab")
    shown.host.get_by_label("|gradient| over").first.check()
    shown.button(re.compile("To the start")).click()
    shown.button("Run to breakpoint").click()
    assert abs(shown.session("session.shown.grads[session.selected]")) > 1.5
    assert "larger than 1.5" in shown.text()


def test_no_breakpoint_runs_to_the_end(page_of, neuron):
    shown = page_of(neuron())
    shown.press("Home", "b")
    assert shown.where() == STEPS
    assert "no breakpoint" in shown.text()


def test_a_network_steps_without_delay(page_of):
    """How long a step takes until it is drawn; said, not judged but for its order."""
    from glassgrad.nn import MLP

    loss = MLP(2, [16, 16, 1], seed=0)([1.0, -1.0])
    loss.backward()
    shown = page_of(loss)
    times = shown.page.evaluate(
        """async () => { const session = sessions[0], frame = () => new Promise(requestAnimationFrame), times = [];
          session.go(session.engine.seedAt - 10);
          await frame(); await frame();
          for (let k = 0; k < 40; k++) {
            const start = performance.now();
            session.next();
            await frame(); await new Promise((done) => setTimeout(done));
            times.push(performance.now() - start);
          }
          return times.sort((a, b) => a - b); }"""
    )
    count = shown.session("engine.n")
    print(f"a step of a network of {count} nodes: median {times[20]:.0f} ms, worst {times[-1]:.0f} ms")
    assert len(times) == 40
    assert shown.session("session.t") == shown.session("session.engine.seedAt") + 30
