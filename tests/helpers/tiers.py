"""A function as code for every target and of every tier, from one trace of its paths."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import optree

from glassgrad.compiler.codegen.layout import BROADCAST, CONTIGUOUS, Form
from glassgrad.compiler.frontend.program import Argument, Program
from glassgrad.compiler.frontend.user_function import UserFunction
from glassgrad.compiler.ir.interpret import interpret
from glassgrad.compiler.llvm.target import LEVELS, Target, level
from glassgrad.compiler.marshal.leaves import ArrayLeaf
from glassgrad.compiler.runtime.batch_code import run_kernel
from glassgrad.compiler.runtime.forms import chosen, improved
from glassgrad.compiler.runtime.kernel import MANY, Kernel

__all__ = ["every_text", "every_tier", "program_of", "targets"]


def targets(names: list[str]) -> list[Target]:
    import llvmlite.binding as llvm

    return [level(name, llvm.get_process_triple()) for name in names]


def program_of(f: Callable[..., Any], points: Any) -> Program:
    """What is known of ``f``, a function of numbers, from all ``points``, shape (arguments, points)."""
    count = len(points)
    structure = optree.tree_flatten(((0.0,) * count, {}), none_is_leaf=True)[1]  # type: ignore[arg-type,var-annotated]
    program = Program(UserFunction(f), structure, [Argument(f"x{k}", None) for k in range(count)])
    gathered: dict[Any, Any] = {}
    for point in points.T.tolist():
        program.trace(point, gathered)
    program.enter(gathered)
    return program


def forms(program: Program, layout: str) -> tuple[list[Form], list[Form]]:
    width = max(map(len, program.refs))
    if layout == BROADCAST:
        return [Form(0, program.inputs, BROADCAST)], [Form(0, width, BROADCAST)]
    return [Form(k, 1, layout) for k in range(program.inputs)] + [Form(program.inputs, 0, BROADCAST)], [
        Form(k, 1, layout) for k in range(width)
    ]


def every_text(program: Program) -> Iterator[tuple[str, str]]:
    """What it is, and the LLVM IR, of all code that may be made of ``program``, also for other machines."""
    assert program.tape is not None
    for target in targets(list(LEVELS)):
        form = improved(program.tape, target.fma)
        for kind in ("scalar", "batch", "reduce"):
            tape = chosen(form, target, kind)
            ins, outs = forms(program, BROADCAST if kind == "scalar" else CONTIGUOUS)
            kernel = Unmade(tape, ins, outs, kind, target)
            yield f"{target.name} {kind}, first", kernel.text(1).text
            yield f"{target.name} {kind}, better", kernel.text().text
            if kind == "batch":
                yield f"{target.name} wide", kernel.text(2, target._replace(lanes=4 * target.lanes)).text


class Unmade(Kernel):
    """A kernel whose code is only written."""

    def _make(self, *args: Any, **kwargs: Any) -> Any:
        return None


def every_tier(program: Program, points: Any, names: list[str]) -> Iterator[tuple[str, Any]]:
    """What each tier makes of ``points``: its name, and the results, shape (results, points)."""
    assert program.tape is not None
    found, paths = interpret(program.tape, list(points), points.shape[1])
    assert (paths >= 0).all()
    yield "interpreted", np.array(found)
    copies = math.ceil(MANY / points.shape[1])  # so that code for many lanes runs
    many = np.tile(points, (1, copies))
    for target in targets(names):
        tape = chosen(improved(program.tape, target.fma))
        batch = Kernel(tape, *forms(program, CONTIGUOUS), "batch", target)
        yield f"{target.name}, first code of a batch", _batch(batch, many)[:, : points.shape[1]]
        batch.wait()
        assert batch.final
        better = _batch(batch, many)
        yield f"{target.name}, better code of a batch", better[:, : points.shape[1]]
        yield f"{target.name}, its last lanes", better[:, -points.shape[1] :]
        one = Kernel(tape, *forms(program, BROADCAST), "scalar", target)
        yield f"{target.name}, first code of a call", _one_by_one(one, points)
        one.wait()
        yield f"{target.name}, better code of a call", _one_by_one(one, points)


def _batch(kernel: Kernel, points: Any) -> Any:
    lanes = points.shape[1]
    results = [np.full(lanes, np.nan) for _ in kernel.outputs]
    unmatched = np.zeros(lanes, np.uint8)
    arrays = [ArrayLeaf(np.ascontiguousarray(x), True) for x in points]
    run_kernel(kernel, arrays, np.empty(0), results, lanes, unmatched, 1)
    assert not unmatched.any()
    return np.array(results)


def _one_by_one(kernel: Kernel, points: Any) -> Any:
    results = np.full((points.shape[1], kernel.outputs[0].size), np.nan)
    for point, row in zip(np.ascontiguousarray(points.T), results):
        ins, outs = (np.array([x.ctypes.data, 0, 8], dtype=np.int64) for x in (point, row))
        assert kernel.call(0, 1, 1, ins.ctypes.data, outs.ctypes.data) >= 0
    return results.T
