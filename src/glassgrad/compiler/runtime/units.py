"""Code for one call, in units. So the cost of a new path does not depend on the number of known paths.

A *unit* is a kernel for one path, or for several paths that were compiled together. A call tries the units one after
another, starting with the one that fitted last. A unit that does not fit ends at the first branch that goes the other
way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np

from glassgrad.compiler import account
from glassgrad.compiler.account import Allowance
from glassgrad.compiler.codegen.layout import BROADCAST, Form
from glassgrad.compiler.frontend.program import Program
from glassgrad.compiler.frontend.results import Results
from glassgrad.compiler.ir.interpret import interpret
from glassgrad.compiler.marshal.arguments import Arguments
from glassgrad.compiler.marshal.assemble import split
from glassgrad.support import forks

__all__ = [
    "BackgroundUnit",
    "Found",
    "Unit",
    "available",
    "build",
    "compile_in_the_background",
    "output_forms",
    "prepare",
    "scalar_forms",
]

Found = tuple[int, list[Any], list[float]]  # A path, the arrays among its results, and the numbers among them.


class Unit:
    """Code for some paths of a program.

    Args:
        program: the program.
        paths: the numbers of the paths.
        allowance: the time that making it may take, or None for any time.

    Attributes:
        kernel: the machine code, or None if the tape is interpreted.
        results: the layout of the results of each path.
        alike: whether this layout is the same for all paths.
        captured: the captured nodes that the paths use.

    Raises:
        TooExpensive: making the code would take longer than the allowance.
    """

    def __init__(self, program: Program, paths: Sequence[int], allowance: Allowance | None = None) -> None:
        self.paths = list(paths)
        self.tape, self.captured = program.tape_of(self.paths)
        self.results = [program.results[k] for k in self.paths]
        self.alike = alike(self.results)
        self.single = program.single
        began = account.clock()
        forms = scalar_forms(program, self.captured, self.results)
        self.kernel = build(self.tape, *forms, "scalar", allowance, program.done_for(self.paths))
        if self.kernel is not None and not self.kernel.loops:
            size = sum([program.traces[k].size for k in self.paths])
            account.observe("scalar", size, len(self.paths), account.clock() - began)

    def serves(self, results: Results, captured: Sequence[Any]) -> bool:
        """Whether the unit is machine code for results of this layout, and uses exactly these captured nodes."""
        return (
            self.kernel is not None
            and self.alike
            and self.results[0] == results
            and len(self.captured) == len(captured)
            and all(a is b for a, b in zip(self.captured, captured))
        )

    def run(self, arguments: Arguments) -> Found | None:
        """Return the results of a call, or None if the call takes none of these paths."""
        values = arguments.packed(self.captured)
        if self.kernel is None:
            columns = [x for leaf in arguments.arrays for x in leaf.array.ravel()] + list(values)
            found, paths = interpret(self.tape, columns, 1)
            path = int(paths[0])
            return None if path < 0 else self._split(path, [float(x[0]) for x in found])
        leaves = [leaf for leaf in self.results[0].ordered() if leaf.is_array] if self.alike else []
        arrays = [np.empty(leaf.shape, leaf.kind_of_array(self.single)) for leaf in leaves]
        small = np.empty(max(sum(form.size for form in self.kernel.outputs), 1))
        read = [*[leaf.array for leaf in arguments.arrays], values]
        ins = np.array([x for array in read for x in (array.ctypes.data, 0, 8)], dtype=np.int64)
        outs = np.array([x for array in [*arrays, small] for x in (array.ctypes.data, 0, 8)], dtype=np.int64)
        path = self.kernel.call(0, 1, 1, ins.ctypes.data, outs.ctypes.data)
        if path < 0:
            return None
        return (self.paths[path], arrays, small.tolist()) if self.alike else self._split(path, small.tolist())

    def _split(self, path: int, flat: Sequence[float]) -> Found:
        return self.paths[path], *split(self.results[path], flat, self.single)


def alike(results: Sequence[Results]) -> bool:
    """Whether all results have the same layout."""
    return all(one == results[0] for one in results)


def scalar_forms(
    program: Program, captured: Sequence[Any], results: Sequence[Results]
) -> tuple[list[Form], list[Form]]:
    """Return the memory layout of the arguments and results of one call. ``results`` has the results of each path."""
    inputs, first = list[Form](), 0
    for k in program.order:
        argument = program.arguments[k]
        if argument.shape is not None:
            inputs.append(Form(first, argument.size, BROADCAST, argument.single))
            first += argument.size
    inputs.append(Form(first, program.inputs - first + len(captured), BROADCAST))
    if not alike(results):
        return inputs, [Form(0, max(sum(leaf.size for leaf in one.leaves) for one in results), BROADCAST)]
    return inputs, output_forms(results[0], BROADCAST, program.single)


class BackgroundUnit:
    """A unit that is being made in the background. Its program keeps it until it is done.

    Args:
        program: the program.
        paths: the paths of the unit.
        best: whether to make the best code at once, because the unit will replace others.
    """

    def __init__(self, program: Program, paths: Sequence[int], best: bool) -> None:
        self.program, self.paths, self.best = program, list(paths), best
        self.final, self.spent = False, 0.0

    def improve(self, pause: Callable[[], None]) -> None:
        """Make the unit. ``pause`` is called between all steps."""
        program = self.program
        try:
            unit = Unit(program, self.paths)
            if self.best and unit.kernel is not None and not unit.kernel.final:
                unit.kernel.improve(pause)
            program.replace_units(unit)
        finally:
            self.final = True
            program.background_unit = None


def build(
    tape: Any,
    inputs: list[Form],
    outputs: list[Form],
    kind: str,
    allowance: Allowance | None = None,
    done: Any = None,
) -> Any:
    """Make a kernel for a tape. Without llvmlite return None; then the tape is interpreted.

    For the arguments see `kernel_store.kernel_for`.

    Raises:
        TooExpensive: making the code would take longer than the ``allowance``.
    """
    if not available():
        return None
    with forks.whole:  # a child that is forked in the middle of an import could never finish the import
        from glassgrad.compiler.runtime.kernel_store import kernel_for

    return kernel_for(tape, inputs, outputs, kind, allowance, done)


def available() -> bool:
    """Whether machine code can be made: llvmlite is installed, and GLASSGRAD_TARGET is not ``none``."""
    import os
    from importlib.util import find_spec

    return os.environ.get("GLASSGRAD_TARGET") != "none" and find_spec("llvmlite") is not None


@cache
def prepare() -> None:
    """Load LLVM, once in a process. This takes a while. It is not counted as an investment in any function."""
    if available():
        with forks.whole:
            from glassgrad.compiler.llvm.generator import binding
            from glassgrad.compiler.llvm.host import host
            from glassgrad.compiler.runtime import kernel_store  # noqa: F401

        binding()
        host()


def output_forms(results: Results, layout: str, single: bool) -> list[Form]:
    """Return the memory layout of results: one leaf for each array, and one leaf for all numbers after them."""
    forms, first = [], 0
    for leaf in results.ordered():
        if leaf.is_array:
            forms.append(Form(first, leaf.size, layout, (single or leaf.single) and leaf.kind == "array"))
            first += leaf.size
    packed = sum(not leaf.is_array for leaf in results.ordered())
    return [*forms, Form(first, packed, layout)]


def compile_in_the_background(program: Program, paths: Sequence[int], best: bool) -> None:
    """Start to make a unit for these paths in the background, unless one is being made already.

    Args:
        program: the program.
        paths: the paths of the unit.
        best: whether to make the best code at once, because the unit will replace others.
    """
    if program.background_unit is None and available():
        from glassgrad.compiler.runtime import optimiser

        program.background_unit = BackgroundUnit(program, sorted(paths), best)
        optimiser.ask(program.background_unit)
