"""Drawings in a browser: light and dark as the reader has it."""

import pytest

import glassgrad as gg

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("scheme", "colour"), [("light", "rgb(255, 255, 255)"), ("dark", "rgb(20, 23, 27)")])
def test_a_drawing_follows_its_reader(file_of, neuron, tmp_path, scheme, colour):
    path = gg.draw(neuron()).save(tmp_path / "drawing.svg")
    shown = file_of(path, wait=False, color_scheme=scheme)
    back = shown.page.locator(".s-back")
    assert back.evaluate("(rect) => getComputedStyle(rect).fill") == colour
    shown.see(f"drawing {scheme}")


def test_a_drawing_follows_the_page_around_it(file_of, neuron, tmp_path):
    path = tmp_path / "page.html"
    drawing = gg.draw(neuron()).svg().partition("?>\n")[2]
    path.write_text(f"<!DOCTYPE html><link rel=icon href='data:,'><body>{drawing}", encoding="utf-8")
    shown = file_of(path, wait=False, color_scheme="dark")
    shown.page.evaluate("document.body.dataset.jpThemeLight = 'true'")
    back = shown.page.locator(".s-back")
    assert back.evaluate("(rect) => getComputedStyle(rect).fill") == "rgb(255, 255, 255)"
    shown.page.evaluate("document.body.dataset.jpThemeLight = 'false'")
    assert back.evaluate("(rect) => getComputedStyle(rect).fill") == "rgb(20, 23, 27)"
