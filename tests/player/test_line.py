"""The line of answers: what is written is read, whatever a mail program or an editor did to it on the way."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassgrad.player import line

NAMES = st.text(min_size=1, max_size=12).filter(lambda text: text.isprintable())
NUMBERS = st.sampled_from(["1", "-1.5", "1/3", "2e-3", "shown"])
LINE = line.write("ann", "3fa29c-71bd04", {"x": "-1.5", "w": "1/3"})


@given(st.none() | NAMES, st.dictionaries(NAMES, NUMBERS, max_size=5))
def test_what_is_written_is_read(seed, answers):
    text = line.write(seed, "3fa29c-71bd04", answers)
    assert text.isascii()
    assert not any(map(str.isspace, text))
    found = line.read(text)
    assert (found.seed, found.graph, found.numbers, found.answers) == (seed, "3fa29c", "71bd04", answers)
    assert found.text == text


def test_answers_are_kept_as_they_were_typed_but_for_commas_and_spaces():
    text = line.write(None, "3fa29c-71bd04", {"x": " −1,5 / 2,5", "w": "a;b:c~d é", "b": " "})
    assert text.isascii()
    assert line.read(text).answers == {"x": "-1.5/2.5", "w": "a;b:c~dé"}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: f"  {text}\n",
        lambda text: f"Dear teacher,\nhere it is: {text} Yours, Ann",
        lambda text: f"> {text[:20]}\r\n> {text[20:40]}\r\n> {text[40:]}\r\n",
        lambda text: f">> {text[:7]}\n>> {text[7:]}",
        lambda text: f"{text[:30]}=\r\n{text[30:]}",  # quoted-printable
        lambda text: "\u200b".join(text),  # zero-width spaces
        lambda text: "\u00ad".join([text[:9], text[9:]]),  # a soft hyphen
        lambda text: text.replace("-", "\u2011").replace(" ", "\u00a0"),
        lambda text: text.replace("-", "−"),
        lambda text: text.replace("gg1", "Gg1"),  # a phone's first letter
        lambda text: f'answers = "{text}"',
        lambda text: f"<p>{text}</p>",
    ],
)
def test_what_happens_to_a_line_on_its_way_is_undone(spoil):
    (found,) = line.find(spoil(LINE))
    assert isinstance(found, line.Line), found
    assert found.text == LINE


@pytest.mark.parametrize("k", range(4, len(LINE)))
def test_no_changed_character_goes_unnoticed(k):
    other = "8" if LINE[k] != "8" else "9"
    with pytest.raises(line.BadLine):
        line.read(LINE[:k] + other + LINE[k + 1 :])
    with pytest.raises(line.BadLine):
        line.read(LINE[:k])


def test_what_is_wrong_with_a_line_is_said():
    with pytest.raises(line.BadLine, match="cut off: copy all of it"):
        line.read(LINE[:-3])
    with pytest.raises(line.BadLine, match="was changed, so its checksum"):
        line.read(LINE.replace("-1.5", "-1.6"))
    with pytest.raises(line.BadLine, match="a line of answers must start with gg1:"):
        line.read("42")


def test_lines_in_a_text_are_each_found_once():
    other = line.write("bob", "3fa29c-71bd04", {})
    found = list(line.find(f"{LINE}\n> {LINE}\n{other}\ngg1:broken"))
    assert [one.seed for one in found[:2]] == ["ann", "bob"]
    assert isinstance(found[2], line.BadLine)
    assert len(found) == 3
    assert list(line.find("nothing")) == []


@pytest.mark.parametrize(
    ("text", "x"),
    [("1/4", 0.25), (" −0,5 ", -0.5), ("1,5/2,5", 0.6), ("2e-3", 0.002), ("−1 / 4", -0.25)],
)
def test_numbers_as_people_type_them(text, x):
    assert line.number(text) == x


@pytest.mark.parametrize("text", ["", "abc", "1/", "1/2/3", "1/0", "1_0", "0x10", "1.2.3", "1,000,000"])
def test_what_is_no_number(text):
    assert math.isnan(line.number(text))
