"""Drawings of compiled code: a loop is a frame, and dashed edges lead back to what it carries."""

from __future__ import annotations

import random
import xml.etree.ElementTree as ET

import pytest

import glassgrad as gg
from glassgrad.compiler.drawable import drawable
from glassgrad.compiler.ir.loops import READS, Affine, Carried, Loop, Read
from glassgrad.compiler.ir.tape import Outputs, Segment, Tape, verify
from glassgrad.core import ops
from glassgrad.draw.scene import Path, Rect
from helpers.rolled_tapes import random_rolled_tape, triangular


class Holder:
    """Stands for lowered code with this tape."""

    def __init__(self, tape: Tape) -> None:
        self.tape = tape

    def __drawable__(self):
        return drawable(self.tape)


def recurrence() -> Tape:
    """A loop over x, and another backwards over the records of the first."""
    tape = Tape([f"x[{i}]" for i in range(20)])
    tape.constants = [0.0, 1.0]
    tape.ops = [ops.sin, ops.add, ops.cos, ops.mul]
    tape.reads = [
        *(Carried(0, ~0, 21), Read(0, Affine(0, (1,)))),
        *(Carried(1, ~1, 23), Read(1, Affine(20 + 20 + 19, (-1,)))),
    ]
    tape.args = [(READS + 1,), (READS, 20), (READS + 3,), (READS + 2, 22)]
    tape.loops = [Loop(0, 2, 20, -1), Loop(2, 4, 20, -1)]
    tape.segments = [Segment(0, 4, -1, Outputs((21, 23)))]
    return verify(tape)


def test_what_lower_returns_can_be_drawn():
    lowered = gg.jit(lambda x: x * 2 + 1 if x > 0 else -x).lower(3.0)
    drawing = gg.draw(lowered)
    assert str(drawing) == str(lowered.draw())
    assert drawing.svg() == lowered.draw().svg()
    assert "not taken yet" in drawing.svg()
    assert "= " not in str(drawing), "there are no values to show"
    assert lowered.draw(rankdir="TB").rankdir == "TB"


def test_the_error_for_a_compiled_function_says_how_to_draw_it():
    with pytest.raises(TypeError, match=r"pass its code, draw\(f\.lower\(2\.0\)\)"):
        gg.draw(gg.jit(lambda x: x * 2))


def test_the_tree_names_what_comes_back():
    assert str(gg.draw(Holder(recurrence()))).splitlines() == [
        "path 0  [return]",
        "├─ v1  [+]",
        "│  ├─ c0  [carried]",
        "│  │  ├─ 0",
        "│  │  └─ then v1 ^",
        "│  └─ v0  [sin]",
        "│     └─ x[t0]",
        "└─ v3  [*]",
        "   ├─ c1  [carried]",
        "   │  ├─ 1",
        "   │  └─ then v3 ^",
        "   └─ v2  [cos]",
        "      └─ v1[19 - t1]  [read]",
        "         └─ v1 ^",
    ]


def test_many_results_of_a_loop_are_one_box():
    tape = recurrence()
    tape.reads += [Read(-1, Affine(20 + 59 - k, ())) for k in range(20)]
    tape.segments = [Segment(0, 4, -1, Outputs((21, *range(READS + 4, READS + 24))))]
    lines = str(gg.draw(Holder(verify(tape)))).splitlines()
    assert "└─ v2[19], …, v2[0]  [read]" in lines


def test_all_formats():
    drawing = gg.draw(Holder(recurrence()))
    svg = drawing.svg()
    assert ET.fromstring(svg.partition("\n")[2]).tag.endswith("svg")
    assert "for t0 in 0..20" in svg
    assert "v1 of the round before" in svg
    assert (drawing.png()[1:4], drawing.pdf()[:4]) == (b"PNG", b"%PDF")
    assert "for t1 in 0..20" in drawing.tex()
    assert drawing.dot().count("style=dashed constraint=false") == 2
    assert "for t0 in 0..20" in drawing.html()


def points(path: Path) -> list[tuple[float, float]]:
    """Return points all along a path."""
    found = []
    x0 = y0 = 0.0
    for kind, *numbers in path.commands:
        *middle, x, y = numbers
        x1, y1, x2, y2 = middle if kind == "C" else (x0, y0, x, y)
        for k in range(21 if kind != "M" else 0):
            t, u = k / 20, 1 - k / 20
            weights = u**3, 3 * u * u * t, 3 * u * t * t, t**3
            found.append((
                sum(w * c for w, c in zip(weights, (x0, x1, x2, x))),
                sum(w * c for w, c in zip(weights, (y0, y1, y2, y))),
            ))  # fmt: skip
        x0, y0 = x, y
    return found


def inside(point: tuple[float, float], box: Rect) -> bool:
    return box.x + 1 < point[0] < box.x + box.width - 1 and box.y + 1 < point[1] < box.y + box.height - 1


@pytest.mark.parametrize("rankdir", ["LR", "TB"])
@pytest.mark.parametrize(
    "tape", [recurrence, triangular, *range(0, 40, 5)], ids=lambda tape: getattr(tape, "__name__", str(tape))
)
def test_frames_are_whole_and_edges_back_cross_no_box(tape, rankdir):
    tape = random_rolled_tape(random.Random(tape)) if isinstance(tape, int) else tape()
    drawing = gg.draw(Holder(tape), rankdir=rankdir, max_nodes=10_000)
    scene = drawing.scene
    assert sum(group.kind == "cluster" for group in scene.groups) == len(drawing._picture.clusters) - 1
    nodes = [group for group in scene.groups if group.kind == "node"]
    boxes = [shape for node in nodes for shape in node.shapes if isinstance(shape, Rect)]
    for group in scene.groups:
        if group.kind == "return":
            assert group.shapes[0].style == "return"
            assert not [point for point in points(group.shapes[0]) if any(inside(point, box) for box in boxes)]


def test_an_edge_back_stays_in_its_frame():
    scene = gg.draw(Holder(recurrence())).scene
    frames = [group.shapes[0] for group in scene.groups if group.kind == "cluster"]
    back = [group.shapes[0] for group in scene.groups if group.kind == "return"]
    assert len(frames) == len(back) == 2
    for path in back:
        assert any(all(inside(point, frame) for point in points(path)) for frame in frames)


def test_a_collapsed_loop_is_one_box():
    svg = gg.draw(Holder(triangular()), collapse=True).svg()
    assert "for t0 in 0..3" in svg
    assert ">v2<" not in svg
