"""Everybody's homework on the page: marks on the boxes, the mistake in a panel, and leaves that move."""

import pytest

import glassgrad as gg
from helpers import homework

pytestmark = pytest.mark.browser


def graph(kind):
    a, b = kind(2.0, label="a"), kind(-3.0, label="b")
    y = (a * b + a) ** 2
    y.label = "y"
    y.backward()
    return y


@pytest.mark.parametrize("options", [{}, {"color_scheme": "dark", "viewport": {"width": 390, "height": 844}}])
def test_a_classic_mistake_is_shown(page_of, options):
    shown = page_of(gg.play(graph(homework.Overwrites), names=False), **options)
    panel = shown.host.locator("[role=tabpanel]:visible")
    panel.get_by_text("= instead of +=: a is used 2 times").wait_for()
    panel.get_by_text("Overwrites: 4 of 5 gradients right").wait_for()
    shown.see(f"homework{' on a phone' if options else ''}")
    shown.select("a")
    node = shown.tab("Node")
    node.get_by_text("only one of its 2 shares arrived").wait_for()


def test_right_gradients_are_marked_and_leaves_move(page_of):
    shown = page_of(gg.play(graph(homework.Tuples), names=False))
    shown.tab("Judged").get_by_text("Tuples: 5 of 5 gradients right").wait_for()
    a = shown.node("a")
    assert shown.session(f"session.verdict({a}).mark") == 1
    shown.session(f"session.setValue({a}, 4)")
    shown.tab("Judged").get_by_text("You moved leaves here").wait_for()
    assert shown.session("session.engine.value.at(-1)") == 64.0  # (4 * -3 + 4) ** 2
