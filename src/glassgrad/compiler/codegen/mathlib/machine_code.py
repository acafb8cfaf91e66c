"""Kernels of mathlib as machine code: one that all code shares, or one over arrays, to test and to measure."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable
from typing import Any

import numpy as np

from glassgrad.compiler.codegen.mathlib import definitions, find
from glassgrad.compiler.codegen.vector import Code, kernel_name, kernel_of
from glassgrad.compiler.llvm.host import host
from glassgrad.compiler.llvm.machine import Loaded, forever, image, load, load_image, once, packed
from glassgrad.compiler.llvm.target import Target

__all__ = ["addresses", "array_module", "evaluate", "shared"]


def addresses(functions: Iterable[str], target: Target) -> dict[str, int]:
    """The addresses of some functions of mathlib, by their names (`vector.kernel_name`). They may differ in lanes."""
    found = {}
    for function in functions:
        name, lanes = kernel_of(function)
        found[function] = shared(name, target._replace(lanes=lanes)).address
    return found


@once
def shared(name: str, target: Target) -> Loaded:
    """The kernel ``name`` as a function, made once, for all the code that calls it."""
    inner = definitions([name], target, "")
    text = "\n".join(inner)
    head = f"define internal {Code(target).f64} @{kernel_name(name, target.lanes)}("
    text = text.replace(head, head.replace("internal ", ""))
    return load_image(packed([image(text, target, 2)]), kernel_name(name, target.lanes), linker=forever)


def evaluate(name: str, *arrays: Any, target: Target | None = None, level: int = 2) -> Any:
    """Apply the kernel ``name`` to NumPy arrays of float64 of equal length, for tests and measurements.

    Args:
        name: the name of the kernel.
        arrays: one array for each argument.
        target: the target to compile for; the host if not given.
        level: LLVM's optimisation level.

    Returns:
        An array of the results.

    Raises:
        TypeError: the kernel takes another number of arguments.
    """
    arity = find(name).arity
    if len(arrays) != arity:
        raise TypeError(f"the kernel {name} needs {arity} arrays, got {len(arrays)}")
    target = target or host()
    xs = [np.ascontiguousarray(x, dtype=float).ravel() for x in arrays]
    count = len(xs[0])
    padded = -(-count // target.lanes) * target.lanes or target.lanes
    xs = [np.resize(x, padded) if len(x) else np.ones(padded) for x in xs]
    out = np.empty(padded)
    function = load(array_module(name, target), target, level, "apply")
    pointers = [x.ctypes.data for x in [*xs, out]]
    call = ctypes.CFUNCTYPE(None, ctypes.c_int64, *[ctypes.c_void_p] * len(pointers))(function.address)
    call(padded, *pointers)
    return out[:count]


def array_module(name: str, target: Target) -> str:
    """Return LLVM IR of a function ``apply(n, x0, …, y)`` that applies the kernel ``name`` to arrays of n doubles."""
    code = Code(target)
    arity = find(name).arity
    pointers = [f"%p{i}" for i in range(arity)]
    lines = [
        *definitions([name], target),
        f"define void @apply(i64 %n, {', '.join(f'ptr noalias {p}' for p in [*pointers, '%out'])}) {{\nentry:",
        "  br label %loop\nloop:\n  %i = phi i64 [ 0, %entry ], [ %next, %loop ]",
    ]
    for i, pointer in enumerate(pointers):
        lines.append(f"  %a{i} = getelementptr inbounds double, ptr {pointer}, i64 %i")
        lines.append(f"  %x{i} = load {code.f64}, ptr %a{i}, align 8")
    given = ", ".join(f"{code.f64} %x{i}" for i in range(arity))
    lines.append(f"  %y = call {code.f64} @{kernel_name(name, target.lanes)}({given})")
    lines.append("  %b = getelementptr inbounds double, ptr %out, i64 %i")
    lines.append(f"  store {code.f64} %y, ptr %b, align 8\n  %next = add nuw nsw i64 %i, {target.lanes}")
    lines.append("  %more = icmp slt i64 %next, %n\n  br i1 %more, label %loop, label %end\nend:\n  ret void\n}")
    return "\n".join(lines)
