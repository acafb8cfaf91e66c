"""Plots say what the functions and their derivatives are; how they look is looked at."""

from __future__ import annotations

import math
import pickle

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

import glassgrad as gg


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def quadratic(x):
    return 3 * x**2 - 4 * x + 5


def texts(axes):
    return [text.get_text() for text in axes.get_legend().get_texts()]


def points(axes, line):
    return np.asarray(axes.lines[line].get_xdata()), np.asarray(axes.lines[line].get_ydata())


def gaps(axes, line):
    """Where the curve breaks off: the last x before each run of missing values, the first after it."""
    xs, ys = points(axes, line)
    missing = np.isnan(ys)
    starts = np.flatnonzero(~missing[:-1] & missing[1:])
    ends = np.flatnonzero(missing[:-1] & ~missing[1:]) + 1
    return [(float(xs[a]), float(xs[b])) for a, b in zip(starts, ends, strict=False)]


def test_the_tangent_and_the_nudge_of_the_notebooks_parabola():
    axes = gg.plot(quadratic, at=3.0, h=0.5)
    assert texts(axes) == ["quadratic(x)", "tangent at x = 3: slope 14", "nudge by 0.5: 7.75 / 0.5 = 15.5"]
    xs, ys = points(axes, 0)
    np.testing.assert_allclose(ys, quadratic(xs))
    (left, right), heights = points(axes, 1)
    assert (heights[1] - heights[0]) / (right - left) == pytest.approx(14)
    assert np.interp(3.0, [left, right], heights) == pytest.approx(quadratic(3.0))
    triangle = [points(axes, 3)[axis].tolist() for axis in (0, 1)]
    assert triangle == [[3.0, 3.5, 3.5, 3.0], [20.0, 20.0, 27.75, 20.0]]
    assert {note.get_text() for note in axes.texts} == {"h", "rise"}
    assert axes.get_xlim() == (0.5, 5.5)


def test_a_nudge_to_the_left_and_one_by_default():
    assert texts(gg.plot(quadratic, at=-1.0, h=-1.0))[2] == "nudge by -1: 13 / -1 = -13"
    assert texts(gg.plot(quadratic, at=3.0))[2] == "nudge by 0.8: 13.12 / 0.8 = 16.4"


@pytest.mark.parametrize("f", [gg.tanh, gg.sigmoid, gg.gelu, np.tanh, math.tanh, lambda x: math.sin(float(x))])
def test_a_function_and_its_derivative(f):
    axes = gg.plot(f, span=(-2, 3))
    xs, ys = points(axes, 0)
    assert ys == pytest.approx([float(f(float(x))) for x in xs])
    xs, slopes = points(axes, 1)
    exact = [gg.derivative(f, float(x)) for x in xs]
    assert slopes == pytest.approx(exact, abs=1e-8)
    assert axes.get_xlim() == (-2, 3)
    assert texts(axes)[1] == "its derivative"


def test_functions_are_called_by_their_names():
    assert texts(gg.plot(gg.tanh))[0] == "tanh(x)"
    assert texts(gg.plot(lambda x: x))[0] == "f(x)"
    assert texts(gg.plot(lambda x: x, name="line"))[0] == "line(x)"


def test_it_draws_on_given_axes_or_on_new_ones():
    axes = Figure().subplots()
    assert gg.plot(gg.tanh, ax=axes) is axes
    assert plt.get_fignums() == []
    assert gg.plot(gg.tanh).figure.number in plt.get_fignums()


def test_as_the_last_line_of_a_cell_it_prints_nothing(capsys):
    from IPython.core.interactiveshell import InteractiveShell

    axes = gg.plot(gg.tanh)
    assert repr(axes) == "<plot of tanh(x)>"
    formatter = InteractiveShell().display_formatter
    assert formatter.format(axes) == ({}, {})
    assert capsys.readouterr().out == ""
    assert pickle.loads(pickle.dumps(axes.figure)).axes[0].get_xlim() == axes.get_xlim()


def test_where_f_is_undefined_there_is_a_gap():
    for f in (gg.log, math.log, np.log, lambda x: x**0.5 / x**0.5 * gg.log(x)):
        xs, ys = points(gg.plot(f, span=(-1, 2)), 0)
        assert np.isnan(ys[xs <= 0]).all()
        assert ys[xs > 0] == pytest.approx(np.log(xs[xs > 0]))


def test_at_a_kink_the_derivative_jumps_over_a_gap():
    for f, kink in ((gg.relu, 0.0), (abs, 0.0), (lambda x: gg.maximum(x, 0.3), 0.3), (lambda x: max(x, -0.7), -0.7)):
        axes = gg.plot(f)
        assert not gaps(axes, 0)
        jumps = gaps(axes, 1)
        assert 1 <= len(jumps) <= 2  # two where the kink itself has a value between
        for before, after in jumps:
            assert before == pytest.approx(kink, abs=1e-9)
            assert after == pytest.approx(kink, abs=1e-9)


def test_jumps_and_poles_are_not_joined():
    assert [round(before) for before, _ in gaps(gg.plot(gg.floor, span=(-1.5, 1.5)), 0)] == [-1, 0, 1]
    axes = gg.plot(math.tan, span=(-1.0, 5.0))
    for line in (0, 1):
        middles = [(before + after) / 2 for before, after in gaps(axes, line)]
        assert middles == pytest.approx([math.pi / 2, 3 * math.pi / 2], abs=6 / 400)
    low, high = axes.get_ylim()
    assert -50 < low < -2
    assert 2 < high < 50


def test_steep_is_not_a_jump():
    for f in (lambda x: gg.tanh(200 * x), lambda x: gg.exp(-((100 * x) ** 2))):
        axes = gg.plot(f)
        assert not gaps(axes, 0)
        assert not gaps(axes, 1)


def test_all_of_a_curve_without_poles_is_shown():
    low, high = gg.plot(gg.exp).get_ylim()
    assert low < 0
    assert high > math.exp(5)
    low, high = gg.plot(lambda x: 2.0, at=1.0).get_ylim()
    assert low < 2.0 < high


@pytest.mark.parametrize("style", ["default", "dark_background"])
def test_colours_stand_out_on_light_and_dark(style):
    def luminance(colour):
        from matplotlib.colors import to_rgb

        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    with plt.style.context(style):
        axes = gg.plot(quadratic, at=1.0)
        ground = luminance(axes.get_facecolor())
        for line in axes.lines:
            ink = luminance(line.get_color())
            contrast = (max(ink, ground) + 0.05) / (min(ink, ground) + 0.05)
            assert contrast >= 3  # WCAG 2.1, success criterion 1.4.11


def test_it_saves_and_nothing_overlaps_the_plot(tmp_path):
    axes = gg.plot(quadratic, at=3.0)
    axes.figure.savefig(tmp_path / "plot.png")
    axes.figure.savefig(tmp_path / "plot.svg")
    legend = axes.get_legend().get_window_extent()
    assert legend.y0 >= axes.get_window_extent().y1 - 1
    assert legend.y1 <= axes.figure.bbox.y1 + 1


def test_errors_say_what_to_do():
    with pytest.raises(TypeError, match="must be a function"):
        gg.plot(3.0)
    with pytest.raises(TypeError, match="at must be one number"):
        gg.plot(quadratic, at="3")
    with pytest.raises(ValueError, match="no triangle"):
        gg.plot(quadratic, at=1.0, h=0.0)
    with pytest.raises(TypeError, match="span must be a pair"):
        gg.plot(quadratic, span=3)
    with pytest.raises(ValueError, match="from a number to a larger"):
        gg.plot(quadratic, span=(1, 1))
    with pytest.raises(ValueError, match="at must lie within the span"):
        gg.plot(quadratic, at=3.0, span=(0, 1))
    with pytest.raises(ValueError, match="not defined anywhere"):
        gg.plot(gg.log, span=(-2, -1))
    with pytest.raises(ValueError, match="no finite value at x = -1"):
        gg.plot(gg.log, at=-1.0)
    with pytest.raises(ValueError, match="no finite slope"):
        gg.plot(gg.sqrt, at=0.0, h=0.5)
    with pytest.raises(ValueError, match="a smaller or a negative h"):
        gg.plot(gg.log, at=1.0, h=-2.0)
    with pytest.raises(ValueError, match="finite"):
        gg.plot(gg.log, at=math.nan)
    with pytest.raises(TypeError, match="one number"):
        gg.plot(lambda x: None)
    with pytest.raises(TypeError, match="one number"):
        gg.plot(lambda x: [x, x])


def test_the_module_is_the_function_too():
    import glassgrad.plot

    assert glassgrad.plot(gg.tanh) is not None


def test_a_name_in_other_letters_is_shown_where_there_is_a_font():
    from glassgrad.draw.fonts import Fonts

    if Fonts([("损失", False)]).missing:
        pytest.skip("no font here has Chinese letters: install fonts-noto-cjk")
    axes = gg.plot(gg.tanh, at=1.0, name="损失")
    axes.figure.canvas.draw()  # matplotlib warns of letters that it has no glyph for
    plt.close(axes.figure)
