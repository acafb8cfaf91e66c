"""The player is light or dark as the page around it is, as a widget and in a frame, also when that is switched."""

import base64
import json
from pathlib import Path

import pytest

import glassgrad as gg
from glassgrad.player import page
from glassgrad.tour.style import STYLE

pytestmark = pytest.mark.browser

# How pages say that they are dark and that they are light: attributes of <html> and <body>, and a style sheet.
THEMES = {
    "JupyterLab": ({}, {"data-jp-theme-light": "false"}, {}, {"data-jp-theme-light": "true"}),
    "Colab": ({"theme": "dark"}, {}, {"theme": "light"}, {}),
    "MkDocs Material": ({}, {"data-md-color-scheme": "slate"}, {}, {"data-md-color-scheme": "default"}),
    "Quarto": ({}, {"class": "fullcontent quarto-dark"}, {}, {"class": "fullcontent quarto-light"}),
    "Jupyter Book 1": ({"data-theme": "dark", "data-mode": "auto"}, {}, {"data-theme": "light"}, {}),
    "Jupyter Book 2": ({"class": "dark"}, {}, {"class": "light"}, {}),
    "mdBook": ({"class": "js navy sidebar-visible"}, {}, {"class": "js rust sidebar-visible"}, {}),
    "mdBook coal": ({"class": "coal"}, {}, {"class": "light"}, {}),
    "Docusaurus": ({"data-theme": "dark"}, {}, {"data-theme": "light"}, {}),
    "VS Code": ({}, {"class": "vscode-dark", "data-vscode-theme-kind": "vscode-dark"}, {}, {"class": "vscode-light"}),
    "VS Code, high contrast": (
        {}, {"class": "vscode-high-contrast"}, {}, {"class": "vscode-high-contrast-light vscode-high-contrast"},
    ),
    "GitHub": ({"data-color-mode": "dark", "data-dark-theme": "dark_dimmed"}, {}, {"data-color-mode": "light"}, {}),
    "Bootstrap": ({"data-bs-theme": "dark"}, {}, {"data-bs-theme": "light"}, {}),
    "color-scheme": ({"style": "color-scheme: dark"}, {}, {"style": "color-scheme: light"}, {}),
    "a background": ({}, {"style": "background: #1b1b1f"}, {}, {"style": "background: #fffff8"}),
}  # fmt: skip
SET = """([html, body]) => [[document.documentElement, html], [document.body, body]].forEach(([element, marks]) => {
  for (const { name } of [...element.attributes]) element.removeAttribute(name);
  for (const [name, value] of Object.entries(marks)) element.setAttribute(name, value);
})"""


@pytest.fixture
def around(contexts, tmp_path, neuron):
    """``around(scheme, html, body)``: a page with these attributes that shows a widget and a frame; asks both."""
    player = gg.play(neuron())
    document = json.dumps(json.dumps(player.document)).replace("<", "\\u003c")
    module = base64.b64encode(page.bundle().encode()).decode()
    text = f"""<!DOCTYPE html><html><head><meta charset="utf-8"></head><body><div id="widget"></div>{player._frame()}
<script type="module">
const {{ default: player }} = await import("data:text/javascript;base64,{module}");
const traits = {{ document: {document} }};
const model = {{ get: (name) => traits[name], on() {{}}, off() {{}} }};
player.render({{ el: document.querySelector("#widget"), model }});
</script></body></html>"""
    path = Path(tmp_path / "around.html")
    path.write_text(text, encoding="utf-8")

    def show(scheme, html, body):
        shown = contexts(color_scheme=scheme).new_page()
        shown.goto(path.as_uri())
        shown.evaluate(SET, [html, body])
        shown.locator("#widget .gg-view").wait_for()
        shown.frame_locator("iframe").locator(".gg-view").wait_for()
        return shown

    return show


def expect(shown, dark, what=""):
    """Wait until both players are dark, or light."""
    host = ".glassgrad-player[data-dark]" if dark else ".glassgrad-player:not([data-dark])"
    for kind, place in (("widget", shown.locator("#widget")), ("frame", shown.frame_locator("iframe"))):
        try:
            place.locator(host).wait_for(timeout=5000)
        except Exception:  # playwright's own, which would not say of what theme
            pytest.fail(f"the {kind} is not {'dark' if dark else 'light'} in {what}")


def test_themes_are_followed_against_the_systems_also_when_switched(around):
    shown = around("light", {}, {})
    for name, (dark_html, dark_body, light_html, light_body) in THEMES.items():
        for system in ("light", "dark"):
            shown.emulate_media(color_scheme=system)
            shown.evaluate(SET, [dark_html, dark_body])
            expect(shown, True, f"{name}, dark on a {system} system")
            shown.evaluate(SET, [light_html, light_body])
            expect(shown, False, f"{name}, light on a {system} system")


def test_a_plain_page_is_white_on_a_dark_system_too(around):
    expect(around("dark", {}, {}), False, "a plain page")


def test_pages_that_follow_the_system(around):
    shown = around("dark", {}, {})
    for html in ({"style": "color-scheme: light dark"}, {"data-bs-theme": "auto"}, {"data-color-mode": "auto"}):
        shown.emulate_media(color_scheme="dark")
        shown.evaluate(SET, [html, {}])
        expect(shown, True, f"{html}, dark")
        shown.emulate_media(color_scheme="light")
        expect(shown, False, f"{html}, light")


def test_the_nearest_mark_counts(around):
    shown = around("light", {"data-bs-theme": "light"}, {})
    shown.evaluate("() => document.querySelector('#widget').setAttribute('data-bs-theme', 'dark')")
    shown.locator("#widget .glassgrad-player[data-dark]").wait_for()
    shown.frame_locator("iframe").locator(".glassgrad-player:not([data-dark])").wait_for()


def test_the_tours_pictures_have_no_slab_behind_them_in_the_dark(contexts, neuron):
    drawn = gg.draw_dot(neuron()).pipe("svg", encoding="utf-8")
    by_graphviz = '<svg><polygon fill="white" points="0,0 9,0 9,9"/><polygon fill="black" points="0,0 9,0 9,9"/></svg>'
    shown = contexts(color_scheme="dark").new_page()
    shown.set_content(f'<style>{STYLE}</style><div class="paper wide">{drawn}{by_graphviz}</div>')
    fills = """() => [...document.querySelectorAll("rect, polygon")].filter((shape) => !shape.closest("defs"))
        .filter((shape) => getComputedStyle(shape).fill === "rgb(255, 255, 255)").length"""
    assert shown.evaluate(fills) == 0
    assert shown.evaluate('() => getComputedStyle(document.querySelector("[fill=black]")).fill') == "rgb(0, 0, 0)"
