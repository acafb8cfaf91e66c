"""Draw the pictures of README.md and of the docs: ``python docs/pictures.py``."""

from pathlib import Path

import matplotlib
from forms import with_loops

import glassgrad as gg
from glassgrad.compiler.drawable import Step, drawable
from glassgrad.compiler.ir.tape import Tape

FOLDER = Path(__file__).parent / "images"


def neuron() -> gg.Scalar:
    """The teaching notebook's neuron, differentiated."""
    x1, x2 = gg.scalars(2.0, 0.0, labels="x1 x2")
    w1, w2 = gg.scalars(-3.0, 1.0, labels="w1 w2")
    b = gg.Scalar(6.8813735870195432, label="b")
    n = x1 * w1 + x2 * w2 + b
    n.label = "n"
    o = n.tanh()
    o.label = "o"
    o.backward()
    return o


class Form:
    """A form of a program, as a node for `gg.draw`: it came from the forms ``prev`` by the step ``op``."""

    def __init__(self, label: str, op: str = "", *prev: "Form") -> None:
        self.label, self.op, self.prev = label, op, prev

    def __repr__(self) -> str:
        return self.label


def pipeline() -> Form:
    """The forms of a compiled function, from Python to machine code."""
    graph = Form("graph", "trace", Form("function"))
    tape = Form("improved tape", "passes", Form("tape", "merge", graph))
    one = Form("LLVM IR", "one lane", tape)
    batch = Form("LLVM IR", "batch", Form("regions", "cut", tape))
    return Form("machine code", "LLVM", one, batch)


class Code:
    """A tape, to be drawn as compiled code is."""

    def __init__(self, tape: Tape) -> None:
        self.tape = tape

    def __drawable__(self) -> list[Step]:
        return drawable(self.tape)


def drawings() -> dict[str, gg.draw.Drawing]:
    """The drawings of graphs, by the names of their files."""
    plain = {"show_grad": False, "local_derivatives": False, "names": False}
    return {
        "neuron.svg": gg.draw(neuron()),
        "pipeline.svg": gg.draw(pipeline(), **plain),
        "loops.svg": gg.draw(Code(with_loops())),
    }


if __name__ == "__main__":
    for name, drawing in drawings().items():
        drawing.save(FOLDER / name)
    axes = gg.plot(lambda x: 3 * x**2 - 4 * x + 5, at=3.0, name="f")
    with matplotlib.rc_context({"svg.hashsalt": "glassgrad"}):  # so that the same picture is the same file
        axes.figure.savefig(FOLDER / "tangent.svg", metadata={"Date": None})
