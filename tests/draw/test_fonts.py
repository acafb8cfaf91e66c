"""Letters of the world in PNG and PDF: shown where the machine has a font, else named in one warning."""

import io
import warnings

import numpy as np
import pytest
from matplotlib import ft2font, image

import glassgrad as gg
from glassgrad.draw import fonts

WRITTEN = {"Chinese": "输入", "Japanese": "重みカ", "Korean": "가중치", "Cyrillic": "вес", "Greek": "βάρος"}
SHAPES = hasattr(ft2font, "__libraqm_version__")


def drawing(*labels):
    node = gg.Scalar(1.0, label=labels[0])
    for label in labels[1:]:
        node = node * gg.Scalar(2.0, label=label)
    return gg.draw(node, names=False)


def said(labels, kind="png"):
    """The pixels or bytes of a picture, and its warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        made = getattr(drawing(*labels), kind)()
    return (image.imread(io.BytesIO(made)) if kind == "png" else made), [str(one.message) for one in caught]


@pytest.fixture
def no_other_fonts(monkeypatch):
    """A machine that has the fonts of matplotlib, and no others."""
    monkeypatch.setattr(fonts, "_candidates", lambda needed: iter([fonts.BASE]))


@pytest.mark.parametrize("language", WRITTEN)
def test_letters_are_shown_where_there_is_a_font(language):
    text = WRITTEN[language]
    if text[0] > "\u1100" and fonts.Fonts([(text, True)]).missing:
        pytest.skip(f"no font here has the letters of {language}: install fonts-noto-cjk")
    for kind in ("png", "pdf"):
        made, warned = said([text], kind)
        assert warned == []
        assert len(made)
    shown, _ = said([text])
    turned, _ = said([text[::-1]])
    assert np.abs(shown - turned).sum() > 50  # each letter has a glyph of its own, not a square


def test_other_programs_show_the_letters_of_a_pdf():
    """MuPDF shows nothing of a CFF font that is embedded as TrueType."""
    pymupdf = pytest.importorskip("pymupdf")
    if fonts.Fonts([("输入", True)]).missing:
        pytest.skip("no font here has Chinese letters: install fonts-noto-cjk")
    seen = []
    for text in ("输入", "入输"):
        made, _ = said([text], "pdf")
        page = pymupdf.open(stream=made, filetype="pdf")[0]
        seen.append(np.frombuffer(page.get_pixmap().samples, np.uint8).astype(int))
    assert np.abs(seen[0] - seen[1]).sum() > 1000


def test_without_a_font_one_warning_names_the_letters(no_other_fonts):
    for kind in ("png", "pdf"):
        made, (warned,) = said(["输入", "вес", "x输"], kind)
        assert "输 (U+8F93), 入 (U+5165)" in warned
        assert "в" not in warned
        assert "Noto Sans CJK" in warned
        assert len(made)
    shown, _ = said(["输入"])
    squares, _ = said(["入输"])
    assert (shown == squares).all()


def test_draw_dot_says_the_same(no_other_fonts, no_dot):
    with pytest.warns(UserWarning, match=r"输 \(U\+8F93\)") as caught:
        gg.draw_dot(gg.Scalar(1.0, label="输")).pipe("png")
    assert len(caught) == 1


def test_arabic_is_joined_or_named(monkeypatch):
    word = "مرحبا"
    if SHAPES:
        joined, warned = said([word])
        assert warned == []
        apart, _ = said(["\u200c".join(word)])  # which keeps letters from joining
        assert np.abs(joined - apart[:, : joined.shape[1]]).sum() > 20
    monkeypatch.setattr(fonts, "_shapes", lambda: False)
    shown, (warned,) = said([word, "x"])
    assert all(f"U+{ord(letter):04X}" in warned for letter in word)
    squares, _ = said(["\u0627" * len(word), "x"])
    assert (shown == squares).all()


def test_emoji_of_several_characters_are_named_and_digits_stay():
    shown, (warned,) = said(["👍🏽1", "🇩🇪1", "1️⃣"])
    for character in "👍🏽🇩🇪":
        assert f"U+{ord(character):04X}" in warned
    assert "U+0031" not in warned
    assert len(shown)


def test_no_font_shows_signs_for_missing_letters(no_other_fonts):
    texts = [("\U0001f680 नमस्ते", True)]
    found = fonts.Fonts(texts)
    assert set(found.missing) == set("\U0001f680नमस्ते")
    assert set(found.set(texts[0][0])) == {"□", " "}


def test_plain_drawings_look_for_no_fonts(monkeypatch):
    def fail():
        raise AssertionError("the fonts of the machine were asked for")

    monkeypatch.setattr(fonts, "_find_new_fonts", fail)
    _, warned = said(["weights", "βάρος", "вес"])
    assert warned == []


def test_a_font_installed_later_is_found(monkeypatch, tmp_path):
    from matplotlib import font_manager

    asked = []
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda: asked.append(1) or [str(tmp_path / "none.ttf")])
    fonts._find_new_fonts.cache_clear()
    said(["\U0001f680"])
    assert asked == [1]
    fonts._find_new_fonts.cache_clear()
