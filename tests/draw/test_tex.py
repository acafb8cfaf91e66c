"""Drawings in TeX: every engine compiles them, alone in a paper too, at the width that was asked for."""

import re
import shutil
import subprocess

import pytest

import glassgrad as gg

LABELS = ["输入", "重み", "가중치", "вес", "βάρος", "مرحبا", "שלום", "αβ", "😀", "é_1 & 50%"]
ENGINES = ["pdflatex", "xelatex", "lualatex", "tectonic"]


def many(labels=LABELS):
    node = gg.Scalar(1.0, label=labels[0])
    for label in labels[1:]:
        node = node * gg.Scalar(2.0, label=label)
    node.backward()
    return gg.draw(node, names=False, show_backprop=True)


def picture(tex):
    """The tikzpicture alone, as it is copied."""
    return re.search(r"\\begin\{tikzpicture\}.*\\end\{tikzpicture\}", tex, re.DOTALL)[0]


def compiled(folder, engine, tex):
    """What the engine says of a document; its PDF is d.pdf."""
    if shutil.which(engine) is None:
        pytest.skip(f"{engine} is not installed")
    (folder / "d.tex").write_text(tex, encoding="utf-8")
    options = [] if engine == "tectonic" else ["-interaction=nonstopmode", "-halt-on-error"]
    run = subprocess.run([engine, *options, "d.tex"], cwd=folder, capture_output=True)
    assert run.returncode == 0, run.stdout.decode(errors="replace")[-2000:]
    log = folder / "d.log"
    return log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""


def paper(text):
    return f"\\documentclass{{article}}\n\\usepackage{{tikz}}\n\\begin{{document}}\n{text}\n\\end{{document}}\n"


@pytest.mark.parametrize(
    "engine", [pytest.param(one, marks=[pytest.mark.slow] * (one != "pdflatex")) for one in ENGINES]
)
def test_every_engine_compiles_it(tmp_path, engine):
    log = compiled(tmp_path, engine, many().tex())
    assert "Missing character" not in log or "😀" in log.partition("Missing character")[2]
    assert (tmp_path / "d.pdf").stat().st_size > 5000


@pytest.mark.parametrize(
    "engine", [pytest.param(one, marks=[pytest.mark.slow] * (one != "pdflatex")) for one in ENGINES]
)
def test_a_picture_copied_into_a_paper_needs_only_tikz(tmp_path, engine):
    drawing = many()
    both = picture(drawing.tex(width=r"\textwidth")) + "\n\n\\noindent " + picture(drawing.tex(width=r"0.5\linewidth"))
    log = compiled(tmp_path, engine, paper("\\noindent " + both))
    assert "Overfull" not in log


@pytest.mark.parametrize(("width", "points"), [(r"\textwidth", 345.0), ("6cm", 170.7), (r".5 \linewidth", 172.5)])
def test_it_is_as_wide_as_asked(tmp_path, width, points):
    text = (
        rf"\setbox1=\hbox{{{picture(many(['x', 'w', 'b']).tex(width=width))}}}"
        r"\typeout{WIDTH=\the\wd1}\noindent\box1"
    )
    log = compiled(tmp_path, "pdflatex", paper(text))
    assert float(re.search(r"WIDTH=([\d.]+)pt", log)[1]) == pytest.approx(points, abs=0.3)


def test_all_lengths_follow_the_width():
    tex = picture(many().tex(width=r"\textwidth"))
    assert r"\dimexpr\textwidth*100/" in tex
    assert not re.search(r"\d(bp|pt|mm|cm)\b", tex.replace("{0pt}", "").replace("inner sep=0pt", ""))
    assert r"\definecolor" in tex  # the colours come along


def test_letters_stay_for_the_engines_that_can_set_them():
    tex = many().tex()
    for label in LABELS[:7]:
        assert f"{{{label}}}" in tex
    assert "U+8F93 U+5165" in tex  # for pdfLaTeX
    assert r"\strut $\alpha$$\beta$" in tex
    assert r"\newfontfamily\ggfont" in tex
    plain = many(["x", "αβ", "é_1 & 50%"]).tex()
    assert "ggletters" not in plain
    assert "fontspec" not in plain


@pytest.mark.parametrize("width", ["", "wide", r"\textwidth}\input{x}", "-3cm", "3 feet", 12, r"\a\b", "0.5"])
def test_what_is_no_length_is_refused(width):
    with pytest.raises(ValueError, match="width must be a TeX length"):
        many(["x", "w"]).tex(width=width)


def test_save_takes_the_width_for_tex_alone(tmp_path):
    drawing = many(["x", "w"])
    path = drawing.save(tmp_path / "d.tex", width="6cm")
    assert r"\dimexpr6cm*100/" in path.read_text(encoding="utf-8")
    with pytest.raises(ValueError, match=r"width is for \.tex files only, got width='6cm'"):
        drawing.save(tmp_path / "d.svg", width="6cm")
    assert not (tmp_path / "d.svg").exists()
