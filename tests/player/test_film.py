"""Films: what their frames show, step by step, and the files that they come in."""

import io
import itertools
import re
import subprocess
import sys

import numpy as np
import pytest
from micrograd.engine import Value as MicrogradValue
from PIL import Image

import glassgrad as gg
from glassgrad.player.document import slopes_at
from glassgrad.player.film.make import _moments

WIDTH = 320


def neuron():
    x, w, b = gg.Scalar(2.0, label="x"), gg.Scalar(-3.0, label="w"), gg.Scalar(6.7, label="b")
    o = (x * w + b).tanh()
    o.label = "o"
    return o


def opened(path):
    """The image, read whole, so that no file stays open."""
    return Image.open(io.BytesIO(path.read_bytes()))


def frames(path):
    image = opened(path)
    for k in range(image.n_frames):
        image.seek(k)
        yield np.asarray(image.convert("RGB"), dtype=int)


def test_the_moments_are_those_of_backprop_by_hand():
    """x, w, x·w, b, the sum, o: three operations forward, the root's 1, three back."""
    moments = _moments(gg.play(neuron()))
    assert len(moments) == 1 + 3 + 1 + 3
    o = float(np.tanh(0.7))
    slope = 1 - o * o
    known = [sum(value is not None for value in moment.values) for moment in moments]
    assert known == [3, 4, 5, 6, 6, 6, 6, 6]
    assert [moment.is_backward for moment in moments] == [False] * 4 + [True] * 4
    assert moments[0].grads == (None,) * 6
    last = dict(zip(("x", "w", "xw", "b", "sum", "o"), moments[-1].grads))
    assert last == pytest.approx({"o": 1, "sum": slope, "b": slope, "xw": slope, "x": -3 * slope, "w": 2 * slope})
    assert moments[5].grads == pytest.approx((None, None, None, None, slope, 1.0))
    assert "v2 = x × w = −6" in moments[1].text
    assert "x gets 0.6347 · −3 = −1.904" in moments[-1].text


def test_a_node_that_is_used_twice_gets_its_shares_one_after_another():
    a = gg.Scalar(3.0, label="a")
    b = a * a
    moments = _moments(gg.play(b + a))
    assert [moment.grads[0] for moment in moments[-2:]] == [1.0, 7.0]


def test_constants_get_no_share():
    x = gg.Scalar(3.0, label="x")
    y = 2.0 * x + 1.0
    moments = _moments(gg.play(y))
    constants = [node.is_constant for node in (y.prev[0].prev[0], x, y.prev[0], y.prev[1], y)]
    assert sum(constants) == 2
    assert [grad is None for grad in moments[-1].grads] == constants


def test_a_film_of_a_training_run_has_each_step_with_its_own_numbers():
    w = gg.Scalar(3.0, label="w")
    with gg.record() as run:
        for _ in range(5):
            w.grad = 0.0
            loss = (w - 1.0) ** 2
            loss.label = "loss"
            loss.backward()
            w.data -= 0.1 * w.grad
    moments = _moments(run.play())
    expected = [3.0, 2.6, 2.28, 2.024, 1.8192]
    assert [moment.values[0] for moment in moments] == pytest.approx(expected)
    assert [moment.grads[0] for moment in moments] == pytest.approx([2 * (w - 1) for w in expected])
    assert [moment.slopes[2] for moment in moments] == pytest.approx([2 * (w - 1) for w in expected])
    assert moments[1].text == "step 1: loss = 2.56"


def test_a_film_shows_numbers_of_one_forward_pass_and_says_what_was_moved(tmp_path):
    o = neuron()
    x = o.prev[0].prev[0].prev[0]
    x.data = 5.0
    moments = _moments(gg.play(o))
    assert moments[0].values[0] == 2.0
    assert moments[0].story[0] == "x was moved after the forward pass: it was 2, and is now 5."
    assert moments[0].story[-1].startswith("Dashed: numbers as they were computed.")
    film = gg.play(o).film(tmp_path / "film.svg", size=WIDTH).read_text()
    assert "it was 2, and is now 5" in film
    assert "∂ o / ∂" not in film  # a tooltip would tell of one moment only
    mixed = o + x  # computed with x = 2, and with x = 5
    moments = _moments(gg.play(mixed))
    assert moments[-1].values[0] == 5.0
    assert moments[-1].values[2] == 5.0 * -3.0
    assert moments[-1].values[-1] == pytest.approx(5 + np.tanh(5 * -3 + 6.7))
    assert moments[-1].grads[0] == pytest.approx(1 - 3 * (1 - np.tanh(5 * -3 + 6.7) ** 2))
    assert moments[0].story[-1] == "The film shows the numbers that forward() computes."


class Value:
    """A node as in a learner's homework."""

    def __init__(self, data, prev=(), op=""):
        self.data, self.grad, self._prev, self._op = data, 0.0, prev, op


@pytest.mark.parametrize(
    ("op", "said"),
    [
        ("weird", "The derivatives of root are not known: the operation 'weird' is not known"),
        ("*", "A result does not follow from its present operands: root = 7. A leaf was moved after the forward pass"),
    ],
)
def test_a_film_of_another_class_says_which_derivatives_are_not_known(op, said):
    a = Value(2.0)
    root = Value(7.0, (a, Value(-3.0)), op)
    story = " ".join(_moments(gg.play(root, names={"a": a, "root": root}))[0].story)
    assert story.startswith(said)


def recorded(w, loss):
    """Three steps of training ``w`` by what ``loss()`` gives."""
    with gg.record() as run:
        for _ in range(3):
            out = loss()
            w.grad = 0
            out.backward()
            w.data -= 0.1 * w.grad
    return run


def test_a_film_of_a_loop_that_forgets_its_forward_pass_says_so():
    w = gg.Scalar(3.0, label="w")
    whole = (w - 1.0) ** 2
    with pytest.warns(UserWarning, match="without a new forward pass"):
        run = recorded(w, lambda: whole)
    moments = _moments(run.play())
    assert [moment.values[-1] for moment in moments] == [4.0, 4.0, 4.0]
    assert [len(moment.story) for moment in moments] == [0, 3, 3]
    assert moments[1].story[1] == "w was moved after the forward pass: it was 3, and is now 2.6."


def test_a_film_of_a_loop_that_forgets_a_part_shows_one_forward_pass():
    w = gg.Scalar(3.0, label="w")
    double = w * 2.0  # of the first w, in all steps
    with pytest.warns(UserWarning, match="without a new forward pass"):
        run = recorded(w, lambda: double + w)
    moments = _moments(run.play())
    assert [moment.values[-1] for moment in moments] == pytest.approx([9.0, 8.1, 7.2])
    assert [moment.grads[0] for moment in moments] == [3.0, 3.0, 3.0]
    assert moments[-1].story[-1] == "The film shows the numbers that forward() computes."


def test_slopes_are_those_of_the_given_values():
    x = gg.Scalar(2.0)
    y = x.exp() * x
    nodes = [x, y.prev[0], y]
    assert slopes_at(nodes, [0.0, 1.0, 0.0]) == (1.0, 0.0, 1.0)


@pytest.mark.parametrize("suffix", [".gif", ".webp"])
def test_every_step_is_a_frame_and_no_two_are_alike(tmp_path, suffix):
    path = gg.play(neuron()).film(tmp_path / f"film{suffix}", size=WIDTH, speed=4)
    image = opened(path)
    assert image.n_frames == 8
    assert image.size[0] == WIDTH
    pictures = list(frames(path))
    for before, after in itertools.pairwise(pictures):
        assert np.abs(before - after).max() > 40
    image.load()
    assert image.info["duration"] == 250
    assert image.info.get("loop") == 0


def test_steps_are_chosen(tmp_path):
    player = gg.play(neuron())
    for steps, count in ((range(2, 5), 3), (slice(-2, None), 2), ([0, 7], 2)):
        assert opened(player.film(tmp_path / "a.gif", size=WIDTH, steps=steps)).n_frames == count


def test_an_mp4_lasts_as_long_as_its_steps(tmp_path):
    imageio = pytest.importorskip("imageio.v2")
    pytest.importorskip("imageio_ffmpeg")
    path = gg.play(neuron()).film(tmp_path / "film.mp4", size=WIDTH, speed=4, steps=range(4))
    with imageio.get_reader(path) as reader:
        about = reader.get_meta_data()
    assert about["size"][0] == WIDTH
    assert about["duration"] == pytest.approx(4 / 4 + 2, abs=0.3)  # and the pause at its end


def svg_frames(text, count):
    """The pieces that an SVG film shows at each step, by what its animations say."""
    duration = float(re.search(r'dur="([\d.]+)s"', text)[1])
    shown = [[] for _ in range(count)]
    for values, times, piece in re.findall(
        r'<g(?: display="none")?><animate [^>]*values="([^"]*)" keyTimes="([^"]*)"/>(.*?)</g>\n</g>', text, re.DOTALL
    ):
        marks = [float(t) * duration for t in times.split(";")]
        for k in range(count):
            now = max(i for i, t in enumerate(marks) if t <= (k + 0.5) / 2)
            if values.split(";")[now] == "inline":
                shown[k].append(piece)
    return ["".join(pieces) for pieces in shown]


def test_an_svg_shows_one_step_after_another_without_a_script(tmp_path):
    text = gg.play(neuron()).film(tmp_path / "film.svg", speed=2).read_text(encoding="utf-8")
    assert set(re.findall(r'dur="([\d.]+)s"', text)) == {"6"}  # eight steps of half a second, and the pause
    assert "<script" not in text
    shown = svg_frames(text, 8)
    assert ["forward: v2 = x × w = −6" in frame for frame in shown] == [k == 1 for k in range(8)]
    assert ["tanh(v4) = 0.6044" in frame for frame in shown] == [k == 3 for k in range(8)]
    assert ["−1.904" in frame for frame in shown] == [k == 7 for k in range(8)]
    still = re.sub(r'<g display="none">.*?</g>\n</g>', "", text, flags=re.DOTALL)
    assert "−1.904" in still  # what does not animate shows the last step
    assert "forward" not in still


def test_an_svg_has_each_piece_once(tmp_path):
    """A film of a long graph would else be as large as its steps times its boxes."""
    sizes = []
    for count in (10, 20):
        x = y = gg.Scalar(1.5, label="x")
        for _ in range(count):
            y = y * x
        sizes.append(len(gg.play(y).film(tmp_path / "film.svg").read_text(encoding="utf-8")))
    assert sizes[1] < 2.4 * sizes[0]


def test_all_frames_have_the_place_of_everything_alike(tmp_path):
    text = gg.play(neuron()).film(tmp_path / "film.svg").read_text(encoding="utf-8")
    names = re.findall(r'<text [^>]*x="([\d.]+)" y="([\d.]+)"[^>]*font-weight="bold"[^>]*>(\w+)</text>', text)
    assert len({place for place in names if place[2] == "o"}) == 1


def test_a_gif_keeps_the_colours_of_a_large_graph(tmp_path):
    """Thin edges and small boxes on much white: a palette by area turns red into grey. WebP has every colour."""
    model = gg.nn.MLP(2, [3, 1], "tanh", seed=0)
    player = gg.play(gg.nn.mse([model([1.0, 2.0])], [1.0]))
    gif, webp = (player.film(tmp_path / f"film.{kind}", size=1200, steps=[0, -1]) for kind in ("gif", "webp"))
    for ours, exact in zip(frames(gif), frames(webp), strict=True):
        assert np.abs(ours - exact).max() < 35


def test_dark_frames_are_dark(tmp_path):
    path = gg.play(neuron()).film(tmp_path / "dark.gif", size=WIDTH, theme="dark", steps=[0])
    assert next(frames(path))[0, 0].max() < 60


def test_wrong_options_are_named_and_nothing_is_written(tmp_path):
    player = gg.play(neuron())
    for options, said in (
        ({"size": 10}, "size must be a width in pixels"),
        ({"size": "big"}, "size must be .* got 'big'"),
        ({"speed": 0}, "speed must be a number of steps per second, from 0.05 to 50, got 0"),
        ({"steps": range(9)}, r"steps must be a list, range or slice of the steps 0 to 7, got range\(0, 9\)"),
        ({"steps": []}, r"steps must choose at least one of the steps 0 to 7, got \[\]"),
        ({"steps": 3}, "steps must be .* got 3"),
        ({"theme": "auto"}, 'theme must be "light" or "dark" for a .gif film, got "auto"'),
        ({"rankdir": "UP"}, "rankdir must be one of 'LR', 'TB', got 'UP'"),
    ):
        with pytest.raises(ValueError, match=said):
            player.film(tmp_path / "a.gif", **options)
    with pytest.raises(ValueError, match=r"must end in one of \.gif, \.webp, \.mp4, \.svg"):
        player.film(tmp_path / "a.avi")
    with pytest.raises(ValueError, match="would show its answers"):
        gg.quiz(neuron()).film(tmp_path / "a.gif")
    assert list(tmp_path.iterdir()) == []


def test_a_missing_writer_is_named_with_its_command(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    with pytest.raises(ModuleNotFoundError, match=r'pip install "glassgrad\[film\]"'):
        gg.play(neuron()).film(tmp_path / "a.mp4", size=WIDTH)
    assert list(tmp_path.iterdir()) == []


def test_the_command_writes_a_film(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "glassgrad", "film", "tanh(x*w + b)", "x=2", "w=-3", "b=6.7", "-o", "a.gif",
         "--size", "320", "--steps", "3:6"],
        capture_output=True, text=True, cwd=tmp_path, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert opened(tmp_path / "a.gif").n_frames == 3
    done = subprocess.run(
        [sys.executable, "-m", "glassgrad", "film", "x*y", "x=2", "y=1", "-o", "a.avi"],
        capture_output=True, text=True, cwd=tmp_path, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "must end in one of .gif, .webp, .mp4, .svg" in done.stderr


def test_a_film_marks_what_is_stale_and_says_why(tmp_path):
    w = gg.Scalar(1.8, label="w")
    loss = (w - 1.0) ** 2
    loss.backward()
    w.data = 1.5
    text = gg.play(loss).film(tmp_path / "film.svg").read_text(encoding="utf-8")
    assert "w was moved after the forward pass: it was 1.8, and is now 1.5." in text
    assert "stalenode" in text
    loss.forward()
    assert "stale" not in gg.play(loss).film(tmp_path / "film.svg").read_text(encoding="utf-8")


def test_a_film_of_a_loop_says_which_steps_had_no_forward_pass(tmp_path):
    w = gg.Scalar(3.0, label="w")
    loss = (w - 1.0) ** 2
    with gg.record() as run:
        loss.backward()
        w.data = 2.6
        with pytest.warns(UserWarning, match="without a new forward pass"):
            loss.backward()
    steps = gg.play(run)
    first = steps.film(tmp_path / "film.svg", steps=[0]).read_text(encoding="utf-8")
    second = steps.film(tmp_path / "film.svg", steps=[1]).read_text(encoding="utf-8")
    assert "was moved" not in first
    assert "it was 3, and is now 2.6" in second


def test_a_film_leaves_open_what_is_not_known(tmp_path):
    x = MicrogradValue(2.0)
    y = (x * 3.0 + 1.0) ** 2
    x.data = 5.0
    text = gg.play(y).film(tmp_path / "film.svg").read_text(encoding="utf-8")
    assert "nan" not in text
    assert "14 · ? = ?" in text
