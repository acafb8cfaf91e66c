"""The training time machine, and exercises."""

import json
import re

import pytest

import glassgrad as gg

pytestmark = pytest.mark.browser


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def trained(steps=12, rate=0.1):
    """w follows 1 - 0.8**k: descent on (w - 1)², whose slope is 2 (w - 1)."""
    w = gg.Scalar(0.0, label="w")
    with gg.record() as run:
        for _ in range(steps):
            w.grad = 0.0
            loss = (w - 1.0) ** 2
            loss.label = "loss"
            loss.backward()
            w.data -= rate * w.grad
    return run


def test_time_machine(page_of):
    shown = page_of(gg.play(trained()))
    shown.tab("Time")
    scrubber = shown.host.get_by_role("slider", name="Recorded step")
    assert scrubber.get_attribute("max") == "11"
    w = shown.node("w")
    for k in (0, 11, 5):
        scrubber.fill(str(k))
        shown.settle()
        assert shown.session("session.value(argument)", w) == pytest.approx(1 - 0.8**k, rel=1e-12)
        assert shown.session("session.grad(argument)", w) == pytest.approx(-2 * 0.8**k, rel=1e-12)
        assert f"{1 - 0.8**k:.3f}"[:5] in shown.picture() or k == 0
    scrubber.press("ArrowRight")
    shown.settle()
    assert shown.session("session.frame") == 6
    shown.button("Earlier recorded step").click()
    shown.settle()
    assert shown.session("session.frame") == 5
    shown.session("session.select(argument)", w)
    shown.settle()
    charts = shown.host.locator("[role=tabpanel]:visible svg.ui-chart")
    assert charts.count() == 2
    assert "w" in charts.first.get_attribute("aria-label")
    shown.see("time machine")
    shown.host.get_by_label("compare with").select_option(index=1)
    shown.settle()
    row = plain(shown.host.locator("[role=tabpanel]:visible tbody tr").first.inner_text())
    assert "0.6723" in row  # w at step 5 is 1 - 0.8**5
    assert "−0.6554" in row  # and its gradient -2 · 0.8**5
    shown.see("time machine, two steps")


def test_stepping_inside_a_recorded_step(page_of):
    shown = page_of(gg.play(trained()))
    shown.tab("Time")
    scrubber = shown.host.get_by_role("slider", name="Recorded step")
    scrubber.fill("3")
    shown.blur()
    shown.press("Home")
    assert shown.where() == 0
    shown.press("End")
    assert shown.session("session.grad(argument)", shown.node("w")) == pytest.approx(-2 * 0.8**3, rel=1e-12)


def exercise():
    x, w = gg.Scalar(2.0, label="x"), gg.Scalar(-3.0, label="w")
    n = x * w
    n.label = "n"
    o = n * n + x
    o.label = "o"
    o.backward()  # ∂o/∂n = -12, ∂o/∂x = 36 + 1, ∂o/∂w = -24
    return gg.quiz(o)


def test_exercise(page_of):
    shown = page_of(exercise())
    panel = shown.tab("Exercise")
    assert "0 of 4 right" in plain(shown.panel())
    for hidden in ("37", "−24", "−12"):
        assert hidden not in shown.picture()
    fields = {name: panel.get_by_label(f"gradient of {name}", exact=True) for name in ("x", "w", "n")}
    fields["n"].fill("-12")
    fields["w"].fill("24")
    fields["x"].fill("36")
    panel.get_by_role("button", name="Check").click()
    text = plain(shown.panel())
    assert "1 of 4 right" in text
    assert "the sign is flipped" in text
    assert "only one of 2 contributions" in text or "is missing" in text
    assert "−12" in shown.picture()
    assert "37" not in shown.picture()
    shown.see("exercise")
    panel.get_by_role("button", name="Hint for w").click()
    assert "is used once" in shown.panel()
    fields["w"].fill("−24")
    fields["x"].fill("37,0")
    fields["x"].press("Enter")
    assert "3 of 4 right" in plain(shown.panel())
    panel.get_by_role("button", name="Worked solution").click()
    text = plain(shown.panel())
    assert "1 shown" in text
    assert re.search(r"∂o/∂x = .* = 37", text)
    shown.see("exercise solved")


def test_answers_are_not_in_the_file(tmp_path):
    path = tmp_path / "exercise.html"
    exercise().save(path)
    text = path.read_text(encoding="utf-8")
    document = json.loads(re.search(r'id="glassgrad-document">(.*?)</script>', text, re.DOTALL)[1])
    assert set(document["nodes"]["grad"]) == {None}
    assert "grad 37" not in text
    assert "37.0" not in json.dumps(document)


def test_each_student_has_numbers_of_ones_own(page_of, neuron):
    pages = [page_of(gg.quiz(neuron(), seed=seed)) for seed in ("ada", "ada", "alan")]
    numbers = [page.session("Array.from(engine.value)") for page in pages]
    assert numbers[0] == numbers[1] != numbers[2]
    assert "ada" in pages[0].panel()
