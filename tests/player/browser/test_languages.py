"""The page in other languages than English: as Python says, as its address says, as the reader's browser does."""

import re

import pytest

import glassgrad as gg
from glassgrad.messages import messages
from glassgrad.player.document import dumps
from glassgrad.player.page import bundle

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 390, "height": 844}}

# All that is read or spoken on the page, panel by panel: texts, names, titles, placeholders.
WORDS = """
(root) => {
  const found = new Set();
  for (const element of root.querySelectorAll("*")) {
    for (const name of ["aria-label", "title", "placeholder", "aria-valuetext"]) {
      if (element.hasAttribute(name)) found.add(element.getAttribute(name));
    }
    if (!["SCRIPT", "STYLE", "CODE", "PRE"].includes(element.tagName)) {
      for (const node of element.childNodes) if (node.nodeType === 3) found.add(node.data);
    }
  }
  return [...found].map((text) => text.trim()).filter(Boolean);
}
"""
WIDE = """
(root) => {
  const tabs = [...root.querySelectorAll("[role=tab]")];
  const list = root.querySelector("[role=tablist]");
  return {
    rows: new Set(tabs.map((tab) => tab.offsetTop)).size,
    tabs: list.scrollWidth - list.clientWidth,
    page: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    cut: [...root.querySelectorAll("button, label, h3, summary")]
      .filter((one) => one.offsetParent && one.scrollWidth > one.clientWidth + 1)
      .map((one) => one.textContent),
  };
}
"""


TOGETHER = """
async ([bundle, documents]) => {
  const { default: widget } = await import(URL.createObjectURL(new Blob([bundle], { type: "text/javascript" })));
  for (const text of documents) {
    const el = document.createElement("div");
    document.body.append(el);
    const traits = { document: text, values: {}, answers: {}, message: "" };
    const model = { get: (name) => traits[name], set() {}, save_changes() {}, on() {}, off() {} };
    widget.render({ model, el });
  }
}
"""


def root_of(shown):
    return shown.page.evaluate_handle("() => document.querySelector('.glassgrad-player').shadowRoot")


def english_only(lang):
    """The English messages without places that the language says in other words."""
    own = messages(lang)
    said = set(own.values())
    return {text for key, text in messages("en").items() if own[key] != text and "{" not in text and text not in said}


def run():
    w = gg.Scalar(3.0, label="w")
    with gg.record() as kept:
        for _ in range(3):
            w.grad = 0.0
            loss = (w - 1.0) ** 2
            loss.backward()
            w.data -= 0.1 * w.grad
    return kept


def every_word(shown):
    """What is said at the start and at the end, in every panel, and in the help."""
    words = set()
    root = root_of(shown)
    for step in ("first", "last"):
        shown.session(f"session.{step}()")
        for tab in shown.host.get_by_role("tab").all():
            tab.click()
            shown.settle()
            words |= set(shown.page.evaluate(WORDS, root))
    shown.session("session.select(0)")
    shown.settle()
    return words | set(shown.page.evaluate(WORDS, root))


@pytest.mark.parametrize("lang", ["de", "es", "fr"])
def test_no_english_is_left_on_the_page(page_of, neuron, lang):
    english = english_only(lang)
    for player in (gg.quiz(neuron(), lang=lang), run().play(lang=lang)):
        shown = page_of(player)
        assert shown.page.evaluate("() => document.documentElement.lang") == lang
        words = every_word(shown)
        assert words & english == set()
        assert len(words & set(messages(lang).values())) > 40
        shown.page.close()


@pytest.mark.parametrize("lang", ["de", "en", "es", "fr"])
def test_words_fit_on_a_phone(page_of, neuron, lang):
    shown = page_of(gg.quiz(neuron(), lang=lang), **PHONE)
    assert shown.page.evaluate(WIDE, root_of(shown)) == {"rows": 1, "tabs": 0, "page": 0, "cut": []}
    shown.see(f"exercise {lang} 390", full=True)


def test_the_browser_says_the_language_where_python_does_not(page_of, neuron):
    shown = page_of(gg.play(neuron()), locale="de-DE")
    shown.host.get_by_role("tab", name="Blätter").wait_for()
    assert shown.page.evaluate("() => document.documentElement.lang") == "de"
    shown.page.goto(f"{shown.page.url}?lang=fr")
    shown.watch.asked.clear()
    shown.host.get_by_role("tab", name="Feuilles").wait_for()
    shown.page.goto(shown.page.url.replace("lang=fr", "lang=xx"))
    shown.watch.asked.clear()
    shown.host.get_by_text("Die Adresse verlangt lang=xx: möglich ist en, de, es oder fr.").wait_for()


def test_a_language_without_messages_is_english(page_of, neuron):
    shown = page_of(gg.play(neuron()), locale="it-IT")
    shown.host.get_by_role("tab", name="Leaves").wait_for()


def test_python_says_the_language_whatever_the_browser_speaks(page_of, neuron):
    shown = page_of(gg.play(neuron(), lang="fr"), locale="de-DE")
    shown.host.get_by_role("tab", name="Feuilles").wait_for()
    shown.press("n")
    shown.host.get_by_text("étape 1 sur 11 · avant").first.wait_for()
    shown.press("?")
    shown.host.get_by_role("dialog").get_by_text("une étape en avant").wait_for()


def test_an_exercise_is_answered_in_german(page_of, neuron):
    shown = page_of(gg.quiz(neuron(), lang="de"))
    field = shown.host.get_by_label("Gradient von x1", exact=True)
    field.fill("99")
    shown.button("Prüfen", exact=True).click()
    shown.host.get_by_text("✗ nicht diese Zahl").wait_for()
    shown.host.get_by_role("button", name="Tipp zu x1", exact=True).click()
    shown.host.get_by_text("x1 wird einmal benutzt").wait_for()
    shown.button("Lösungsweg").click()
    shown.host.get_by_role("heading", name="Lösungsweg").wait_for()


def test_what_python_found_is_said_in_the_readers_language(page_of):
    w = gg.Scalar(3.0, label="w")
    loss = (w - 1.0) ** 2
    w.data = 2.5
    shown = page_of(gg.play(loss), locale="es-ES")
    shown.host.get_by_text("w se movió tras el paso hacia delante: era 3 y ahora es 2.5.").wait_for()

    class Value:
        def __init__(self, data, prev=(), op="", grad=0.0):
            self.data, self.prev, self.op, self.grad = data, prev, op, grad

    a = Value(3.0, grad=1.0)
    shown = page_of(gg.play(Value(6.0, (a, a), "+", grad=1.0)), locale="fr-FR")
    panel = shown.tab("Verdict")
    panel.get_by_text(re.compile(r"a est utilisé 2 fois")).wait_for()
    panel.get_by_text(re.compile(r"une seule de ses 2 parts")).wait_for()


def test_two_players_of_one_page_each_speak_their_language(contexts, shown_class, neuron):
    page = contexts(viewport={"width": 1280, "height": 1400}).new_page()
    page.goto("about:blank")
    texts = [dumps(gg.play(neuron(), lang=lang).document) for lang in ("de", "es")]
    page.evaluate(TOGETHER, [bundle(), texts])
    german, spanish = (shown_class(page, None, index) for index in (0, 1))
    for step in (1, 2):
        german.button("Ein Schritt vor").click()
        german.host.get_by_text(f"Schritt {step} von 11").first.wait_for()
        spanish.button("Un paso adelante").click()
        spanish.host.get_by_text(f"paso {step} de 11").first.wait_for()
    assert page.locator(".glassgrad-player").nth(1).get_attribute("lang") == "es"


def test_a_player_within_a_page_speaks_that_pages_language(contexts, shown_class, neuron):
    page = contexts(locale="es-ES").new_page()
    page.goto("about:blank")
    page.evaluate("() => { document.documentElement.lang = 'fr-CA'; }")
    page.evaluate(TOGETHER, [bundle(), [dumps(gg.play(neuron()).document)]])
    shown_class(page, None).host.get_by_role("tab", name="Feuilles").wait_for()
