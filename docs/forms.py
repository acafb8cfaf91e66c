"""Write the intermediate forms that docs/architecture.md shows: ``python docs/forms.py``.

The page follows one function, `SOURCE`, from Python to assembly. Each form stands in a block of code below a line
``<!-- form: name -->``. This script makes the forms and puts them there. `tests/test_architecture.py` makes them again
and compares.
"""

import math
import os
import re
from pathlib import Path

import numpy as np

import glassgrad as gg
from glassgrad.compiler.codegen.regions import Choice, Region, regions
from glassgrad.compiler.frontend.tracer import CAPTURED, PathTrace, trace_path
from glassgrad.compiler.ir.loops import READS, Affine, Carried, Loop, Read
from glassgrad.compiler.ir.passes import improve
from glassgrad.compiler.ir.tape import Outputs, Segment, Tape, verify
from glassgrad.compiler.llvm.target import level
from glassgrad.core import ops, scalar

PAGE = Path(__file__).parent / "architecture.md"
BLOCK = re.compile(r"(<!-- form: ([\w-]+) -->\n```\w*\n)(.*?)(^```$)", flags=re.M | re.S)

SOURCE = """\
def loss(w, x, y):
    error = w * x - y
    if abs(error) < 1:
        return error * error
    return 2 * abs(error) - 1
"""
TRIPLE = "x86_64-unknown-linux-gnu"
NEAR, FAR = (0.5, 1.0, 0.2), (0.5, 10.0, 0.2)  # a call for each path


def function() -> object:
    """Return `loss`, as if it had been written in a file loss.py."""
    names: dict[str, object] = {}
    exec(compile(SOURCE, "loss.py", "exec"), names)
    return names["loss"]


def recorded(f: object) -> PathTrace:
    """Return the recording of one run, at `NEAR`."""
    leaves = [scalar.variable(x, name) for x, name in zip(NEAR, "wxy")]
    return trace_path(f, leaves, tuple(leaves), {})


def show_recording(found: PathTrace) -> str:
    """Print the flat lists of a recording, with its guards where they were asked."""
    assert all(ref < CAPTURED for args in found.args for ref in args)
    guards = {guard.position: guard for guard in found.guards}
    lines = [f"inputs     {', '.join(f'{i} = {name}' for i, name in enumerate('wxy'))}"]
    lines += [f"constants  {', '.join(f'{~k} = {x}' for k, x in enumerate(found.constants))}"]
    for i, (op, args) in enumerate(zip(found.ops, found.args)):
        if i in guards:
            guard = guards[i]
            lines.append(f"guard      {guard.condition} was {guard.outcome}: {guard.construct} at {guard.line}")
        lines.append(f"{found.inputs + i:<10} {op.name}{args}".replace(",)", ")"))
    value, (slope, *_) = found.result[0], np.atleast_1d(found.result[1])
    lines.append(f"result     {found.reference(value)}, {found.reference(slope)}")
    return "\n".join(lines)


def show_region(tape: Tape, region: Region) -> str:
    """Print what a region computes, and where its lanes go on."""
    names = [tape.show(tape.inputs + i) for i in region.ops]
    if isinstance(region.exit, Outputs):
        end = f"results {', '.join(tape.show(ref) for ref in region.exit.refs)}"
    else:
        assert isinstance(region.exit, Choice)
        choice = region.exit
        end = f"if {tape.show(choice.condition)} then region {choice.yes} else region {choice.no}"
    return f"region {region.number}: {', '.join(names)}; {end}"


def with_loops() -> Tape:
    """Return the tape with loops of a function and its gradient.

    The function is ``for a in x: y = sin(y + a)``, over 100 numbers. It begins with y = 0.
    """
    size = 100
    tape = Tape([f"x[{i}]" for i in range(size)])
    tape.constants = [0.0, 1.0]
    add, sin, cos, mul = range(size, size + 4)  # references to the operations
    first_add, first_mul = size, size + 3 * size  # and to their first executions
    y, x, adjoint, record = range(READS, READS + 4)
    tape.ops = [ops.add, ops.sin, ops.cos, ops.mul]
    tape.args = [(y, x), (add,), (record,), (adjoint, cos)]
    tape.loops = [Loop(0, 2, size, -1), Loop(2, 4, size, -1)]
    tape.reads = [
        *(Carried(0, ~0, sin), Read(0, Affine(0, (1,)))),
        *(Carried(1, ~1, mul), Read(1, Affine(first_add + size - 1, (-1,)))),
        *(Read(-1, Affine(first_mul + size - 1 - i, ())) for i in range(size)),
    ]
    tape.segments = [Segment(0, 4, -1, Outputs((sin, *range(READS + 4, READS + 4 + size))))]
    return verify(tape)


def excerpt(text: str, *parts: tuple[str, str]) -> str:
    """Return the lines of ``text`` from each first pattern to the next match of the second, with dots between them."""
    lines, at, found = text.splitlines(), 0, []
    for first, last in parts:
        start = next(i for i in range(at, len(lines)) if re.search(first, lines[i]))
        stop = next(i for i in range(start, len(lines)) if re.search(last, lines[i])) + 1
        found.append("\n".join(lines[start:stop]))
        at = stop
    return "\n  ...\n".join(found)


def instructions(assembly: str) -> str:
    """Return assembly without directives and constants."""
    kept = [line for line in assembly.splitlines() if re.match(r"\s+[a-z]|\w+:|\.LBB", line)]
    return "\n".join(line.expandtabs(16).replace(" " * 16, " " * 4, 1) for line in kept)


def forms() -> dict[str, str]:
    """Return each form by its name, for AVX2, whatever processor this is."""
    budget, gg.config.compile_budget = gg.config.compile_budget, math.inf  # so that both paths are traced at once
    try:
        return _forms()
    finally:
        gg.config.compile_budget = budget


def _forms() -> dict[str, str]:
    f = function()
    both = gg.value_and_grad(f)
    one, many = gg.jit(both), gg.vmap(both, in_axes=(None, 0, 0))
    for call in (NEAR, FAR):
        one(*call)
    columns = 0.5, np.array([NEAR[1], FAR[1]] * 500), np.array([NEAR[2], FAR[2]] * 500)
    many(*columns)
    lowered, batch = one.lower(*NEAR), many.lower(*columns)
    lowered.target = batch.target = level("avx2", TRIPLE)
    lowered.tape, batch.tape = improve(lowered.source, fused=True), improve(batch.source, fused=True)
    tape, code = batch.tape, batch.llvm
    cut = regions(tape, [1] * len(tape.ops))
    return {
        "source": SOURCE.rstrip(),
        "recording": show_recording(recorded(both)),
        "tape": str(lowered.source),
        "improved": str(lowered.tape),
        "loops": str(with_loops()),
        "regions": "\n".join([str(tape).splitlines()[0], *(show_region(tape, region) for region in cut)]),
        "scalar-ir": excerpt(lowered.llvm, ("^define i64 @kernel", "^}")),
        "batch-ir": excerpt(
            code,
            ("^define internal void @region0", "^entry:"),
            ("^loop1:", "%v3 = add"),
            ("= fmul <4 x double>", "select <4 x i1> .* i32>"),
            ("^define i64 @kernel", "^entry:"),
            ("call void @region0", "call void @region0"),
            ("call void @region1", "call void @region1"),
            ("call void @region2", "call void @region2"),
        ),
        "scalar-assembly": instructions(lowered.assembly),
        "batch-assembly": excerpt(instructions(batch.assembly), (r"vmulpd", r"vcmp\w*pd")),
    }


def updated(page: str, shown: dict[str, str]) -> str:
    """Return the page with these forms in its blocks."""
    return BLOCK.sub(lambda found: f"{found[1]}{shown[found[2]]}\n{found[4]}", page)


if __name__ == "__main__":
    before = PAGE.read_text(encoding="utf-8")
    after = updated(before, forms())
    PAGE.write_text(after, encoding="utf-8")
    said = "is up to date" if after == before else "has new forms: look at the text around them"
    print(f"{os.path.relpath(PAGE)} {said}")
