"""What is printed on terminals that lack signs such as − and ├: ASCII takes their place, and nothing raises."""

import os
import subprocess
import sys

import pytest

from glassgrad.support.legible import SIGNS, legible

ENCODINGS = ["ascii", "cp1252", "cp437"]
PROGRAM = """
import glassgrad as gg
w, x = gg.Scalar(-3.0, label="w"), gg.Scalar(2.0, label="x")
y = (w * x + 1.0).tanh() + w
y.backward()
print(gg.draw(y))
print(gg.draw(y, max_nodes=2))
exercise = gg.quiz(y)
print(exercise.solution())
square = gg.quiz((w**3).tanh())
print(square.grade({"w": 9.0, "v2": 1 + 27.0}))
print(repr(exercise), exercise.grade({}))
λ = gg.Scalar(0.5, label="λ")
print(λ)
print(gg.draw(λ * w))
print(gg.check_grad(lambda λ, β: λ * β, 1.0, -2.0))
print(gg.jit(lambda λ: λ * λ - 1.0).lower(2.0).tape)
print(gg.explain_nan(lambda λ: gg.log(λ), -1.0))
with gg.record() as run:
    (λ * λ).backward()
print(run, run[0])
try:
    with gg.errstate(domain="nan"), gg.detect_anomaly():
        gg.grad(lambda λ: gg.log(λ))(-1.0)
except gg.AnomalyError as error:
    print(error.report)
"""


def run(code, encoding, *arguments):
    """Python's output in bytes, its stdout a pipe with that encoding."""
    environment = os.environ | {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    done = subprocess.run([sys.executable, *code, *arguments], env=environment, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode(encoding)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_everything_that_is_printed_can_be(encoding):
    text = run(["-X", "utf8=0", "-c", PROGRAM], encoding)
    assert "y = -4" in text
    assert "[tanh]" in text
    assert "values:" in text
    assert "?" not in text
    assert "\ufffd" not in text
    if encoding != "cp437":  # which has the lines of trees, but no real minus
        assert text.isascii()
        assert "|- " in text
        assert "`- " in text
        assert "dy/dx = dy/dv2 * dv2/dx" in text
    assert r"\u03bb" in text


def test_where_the_signs_are_known_they_stay():
    text = run(["-c", PROGRAM], "utf-8")
    for sign in "−├└…∂·λ":
        assert sign in text


def test_a_redirected_file_gets_what_its_encoding_holds(tmp_path):
    code = (
        "import sys, glassgrad as gg\n"
        "x = gg.Scalar(-2.0, label='é')\n"
        f"with open({str(tmp_path / 'out.txt')!r}, 'w', encoding='cp1252') as sys.stdout:\n"
        "    print(gg.draw(x * x))\n"
    )
    run(["-c", code], "utf-8")
    assert (tmp_path / "out.txt").read_text(encoding="cp1252").splitlines()[1] == "|- é = -2"


def test_the_command_line_prints_in_any_encoding(tmp_path):
    page = str(tmp_path / "page-é.html")
    text = run(["-m", "glassgrad", "play", "λ**2 - 10", "λ=3", "-o", page], "ascii")
    assert r"\u03bb**2 - 10 = -1" in text
    assert "gradient 6" in text


def test_a_stream_without_an_encoding_takes_everything(monkeypatch):
    for stream in (None, object(), type("Odd", (), {"encoding": "no such"})):
        monkeypatch.setattr(sys, "stdout", stream)
        assert legible("├─ −1") == "├─ −1"


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_sign_has_a_replacement(encoding):
    for code in SIGNS:
        assert legible(chr(code) + "\N{SNOWMAN}", encoding).isascii()


def test_lines_stay_lines_and_powers_powers():
    assert legible("a\n\tn · xⁿ⁻¹ + x²", "ascii") == "a\n\tn * x^(n-1) + x^2"
