"""Drawings show numbers that were there at one time, and say which of them are out of date."""

import re
import xml.etree.ElementTree as ET

import pytest

import glassgrad as gg
from helpers.stale import WAS, textbook


@pytest.fixture(name="textbook")
def _textbook():
    return textbook()


CURE = "Call forward() on loss to compute it again."


def texts(drawing):
    """The texts of an SVG's groups, by the kind of group."""
    found = {}
    for group in ET.fromstring(drawing.svg().encode()).iter("{http://www.w3.org/2000/svg}g"):
        words = [text.text for text in group.iter("{http://www.w3.org/2000/svg}text")]
        found.setdefault(group.get("class"), []).append(words)
    return found


def test_boxes_show_the_forward_pass_and_what_is_now(textbook):
    drawing = gg.draw(textbook[0])
    boxes = texts(drawing)["node"]
    assert {"w", "2.024", "now 1.819"} <= set(boxes[0])
    shown = [word for box in boxes for word in box]
    assert {"1.024", "1.049", "2.048"} <= set(shown)
    assert not {"1.819", "1.28"} & set(shown)
    ((first, second),) = texts(drawing)["stale"]
    assert first == WAS
    assert CURE in second
    dashed = set(re.findall(r'class="s-(\w+)"[^>]* stroke-dasharray=', drawing.svg()))
    assert dashed == {"staleleaf", "stalenode", "staleroot"}


def test_every_format_says_so(textbook):
    drawing = gg.draw(textbook[0])
    assert WAS in drawing.tex().replace("{}", "")
    assert WAS in drawing.html()
    assert WAS in drawing.dot()
    assert WAS in str(drawing)
    assert "w = 2.024  grad 2.048  (was 2.024, and is now 1.819)" in str(drawing)
    assert str(drawing).count("(stale)") == 2
    assert drawing.dot().count("dashed") == 3
    fresh = gg.draw(textbook[0].forward())
    assert len(drawing.png()) > len(fresh.png())


def test_the_cure_cures(textbook):
    loss = textbook[0]
    loss.forward()
    drawing = gg.draw(loss)
    assert "stale" not in texts(drawing)
    assert str(drawing).startswith("loss = 0.6711  [**]\n")
    assert "dashed" not in drawing.dot()


def test_draw_dot_says_so(textbook):
    source = gg.draw_dot(textbook[0]).source
    assert 'label="{w|2.024}|{do/dw|2.048}|now 1.819" color=blue shape=record style=dashed' in source
    assert WAS in source
    assert source.count("style=dashed]") == 3 + 4  # and the edges back
    assert b"and is now 1.819" in gg.draw_dot(textbook[0]).pipe("svg")
    textbook[0].forward()
    assert "now" not in gg.draw_dot(textbook[0]).source


def test_what_was_drawn_stays_as_it_was(textbook):
    loss, w = textbook
    drawing = gg.draw(loss)
    w.data = 5.0
    assert WAS in drawing.svg()


def test_a_leaf_that_parts_of_a_graph_use_before_and_after():
    w = gg.Scalar(3.0)
    kept = w * w
    w.data = 2.0
    loss = kept + w
    text = str(gg.draw(loss))
    assert "loss = 11  [+]  (stale)\n├─ kept = 9  [*]  (stale)" in text
    assert "w = 2  (was 3, and is now 2)" in text
    assert "Part of this graph was computed before the change, and part after it." in text


def test_a_result_that_was_set_by_hand():
    x = gg.Scalar(2.0)
    h = x * x
    y = h + 1.0
    h.data = 7.0
    text = str(gg.draw(y))
    assert "h = 4  [*]  (was 4, and is now 7)" in text
    assert "h was changed after the forward pass: it was 4, and is now 7." in text


def test_a_change_in_the_last_digits_is_told_in_as_many():
    w = gg.Scalar(1.0)
    y = w * 2.0
    w.data = 1.000000001
    assert "(was 1, and is now 1.000000001)" in str(gg.draw(y))


def test_a_gradient_of_a_later_backward_is_not_shown_beside_older_numbers():
    w = gg.Scalar(3.0)
    losses = []
    for _ in range(3):
        losses.append((w - 1) ** 2)
        w.grad = 0.0
        losses[-1].backward()
        w.data -= 0.1 * w.grad
    first, _, last = losses
    text = str(gg.draw(first))
    assert "w = 3  (was 3, and is now 2.024)" in text
    assert "Gradients of moved leaves are left out where another backward() has changed them." in text
    assert "do/dw" not in gg.draw_dot(first).source
    assert gg.play(first).document["nodes"]["grad"][0] is None
    assert "w = 2.28  grad 2.56  (was 2.28, and is now 2.024)" in str(gg.draw(last))


def test_many_leaves_are_counted():
    ws = [gg.Scalar(float(i)) for i in range(9)]
    loss = sum(ws, gg.Scalar(0.0))
    for w in ws:
        w.data += 1.0
    text = str(gg.draw(loss))
    assert "9 nodes were changed after the forward pass: ws[0] was 0, and is now 1; ws[1]" in text
    assert "; and 6 more." in text


def test_a_leaf_outside_of_the_drawing_makes_what_is_drawn_stale():
    w = gg.Scalar(1.0)
    y = w
    for _ in range(50):
        y = y * 1.5
    w.data = 2.0
    drawing = gg.draw(y, max_nodes=5)
    assert "w was moved after the forward pass: it was 1, and is now 2." in str(drawing)
    assert "(stale)" in str(drawing).splitlines()[0]


def test_a_closed_group_is_stale_if_something_in_it_is():
    w = gg.Scalar(1.0)
    with gg.group("inside"):
        y = w * 2.0 + 1.0
    w.data = 3.0
    assert "s-stalegroup" in gg.draw(y, collapse=True).svg()


def test_roots_of_before_and_after_a_move_are_of_two_passes():
    w = gg.Scalar(3.0, label="w")
    loss = (w - 1.0) ** 2
    w.data = 2.6
    late = w * 2.0
    text = str(gg.draw([loss, late]))
    assert "w = 2.6" in text
    assert "was 3, and is now 2.6" in text
    assert "Part of this graph was computed before the change, and part after it." in text
    assert "Call forward() on loss to compute it again." in text
    assert "late = 5.2  [*]\n" in text  # it is up to date
