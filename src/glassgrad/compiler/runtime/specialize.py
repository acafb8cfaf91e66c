"""Make a fast path after a call, so that later calls like it go straight to the code that served it."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from glassgrad.compiler.frontend.program import Program
from glassgrad.compiler.frontend.results import Results
from glassgrad.compiler.marshal.assemble import deliver, leaves_of_call, leaves_of_lanes, leaves_of_sums
from glassgrad.compiler.marshal.out import out_leaves
from glassgrad.compiler.runtime.batch_call import BatchCall, threads_for
from glassgrad.compiler.runtime.fastcall import ARRAY, NUMBER, TRUTH, FastCallable, FastPath, is_fast, result_nodes
from glassgrad.compiler.runtime.memory import empty
from glassgrad.compiler.runtime.scalar_call import ScalarCall
from glassgrad.compiler.runtime.signature import signature_of

__all__ = ["specialize_batch", "specialize_scalar"]

FOLDS = {None: 0, "sum": 1, "mean": 2}  # The numbers of the values of ``reduce`` in fastcall.h.
LARGE = 20_000  # From this many operations on, other Python threads may run during a call.
UNITS = 64  # A fast path tries at most this many units.
FIRST = 8  # A new fast path serves this many calls before Python looks for better code.


def specialize_scalar(owner: FastCallable, call: ScalarCall, args: Sequence[Any], kwargs: dict[str, Any]) -> None:
    """Have calls like ``call`` of a `jit` function take a fast path."""
    program = call.program
    if not is_fast() and len(program.units) < 2:
        return
    units = call.serving()
    if not units or len(units) > UNITS:
        return
    if not is_fast():
        call.merge(units)
        return
    signature = signature_of(args, kwargs, call.arguments)
    if signature is None:
        return
    results, kernels = call.results, [unit.kernel for unit in units]
    assert results is not None
    name, state = (program.serial, signature), [kernel.state for kernel in kernels]
    if owner.knows(name, state):
        return
    served = owner.served(name)
    for kernel in kernels:
        kernel.serve(served // len(kernels))
    call.merge(units)
    versions = [(kernel.version, kernel.version.value) for kernel in kernels]
    finish = _finish_scalar(results)
    nodes, assemble = _nodes(results) if finish is None else ([], None)
    codes = [kernel.code for kernel in kernels]  # after the version: if the code is newer, the path only ends early
    path = FastPath(
        nodes=list(signature.nodes),
        arguments=list(signature.arrays),
        captured=tuple(units[0].captured),
        out=_out_mode(program),
        units=[
            (loaded.address, scratch, kernel.executed > LARGE, ctypes.addressof(version), made)
            for kernel, (version, made), (_, scratch, loaded) in zip(kernels, versions, codes)
        ],
        batch=None,
        results=nodes,
        targets=[
            (leaf.shape, -1, False, _code(kind := leaf.kind_of_array(program.single)), np.dtype(kind))
            for leaf in results.ordered()
            if leaf.is_array
        ],
        numbers=sum([not leaf.is_array for leaf in results.ordered()]),
        helpers=_helpers(results, assemble, finish, None, (kernels, versions, codes)),
    )
    owner.remember(name, state, -1 if len(kernels) == 1 and kernels[0].final else FIRST, path)


def specialize_batch(owner: FastCallable, call: BatchCall, args: Sequence[Any], kwargs: dict[str, Any]) -> None:
    """Have calls like ``call`` of a `vmap` function, of any number of lanes, take a fast path."""
    from glassgrad.compiler.codegen.batch_kernel import CHUNK
    from glassgrad.compiler.runtime.kernel import AGAIN

    program, code = call.program, call.code
    if not is_fast() or code is None or code.kernel is None or call.uncompiled or call.lanes < code.kernel.lanes:
        return
    signature = signature_of(args, kwargs, call.arguments)
    if signature is None:
        return
    results, kernel = program.lane_results(), code.kernel
    layouts = tuple([array.strides[0] == array.itemsize for array in call.arrays])
    name, state = (program.serial, signature, layouts), [kernel.state]
    if owner.knows(name, state):
        return
    kernel.serve(owner.served(name))
    version, made = kernel.version, kernel.version.value
    _, scratch, loaded = kernel.code
    wide, wide_scratch, many = kernel.wider
    kept = kernel, loaded, kernel.wide, version
    finish = _finish_batch(results, call.reduce, program.single)
    nodes, assemble = _nodes(results, in_batch=True) if finish is None else ([], None)
    path = FastPath(
        nodes=list(signature.nodes),
        arguments=list(signature.arrays),
        captured=tuple(code.captured),
        out=_out_mode(program),
        units=[(loaded.address, scratch, False, ctypes.addressof(version), made)],
        batch=(
            *(wide, wide_scratch, many, kernel.lanes, kernel.lines, kernel.split),
            *(not code.straight, FOLDS[call.reduce], CHUNK),
        ),
        results=nodes,
        targets=_sums(results, program.single) if call.reduce else _arrays(results, program.single, layouts),
        numbers=0,
        helpers=_helpers(results, assemble, finish, _threaded(kernel, call.threads), kept),
    )
    owner.remember(name, state, -1 if kernel.final else AGAIN - 2, path)


def _code(kind: Any) -> str:
    return str(np.dtype(kind).char)


def _out_mode(program: Program) -> int:
    """Return the field ``out`` of `FastPath`.

    If code calls the user's functions, only Python may write to ``out``: nothing may be written before an exception.
    """
    return 2 if program.user.takes_out else 1 if program.calls_user_code else 0


def _nodes(results: Results, in_batch: bool = False) -> tuple[list[Any], Callable[..., Any] | None]:
    """What the results look like: `result_nodes`. In a batch all leaves are arrays."""
    leaves = [(NUMBER, 0)] * len(results.leaves)
    arrays = numbers = 0
    for k in results.order:
        leaf = results.leaves[k]
        if in_batch or leaf.is_array:
            leaves[k] = ARRAY, arrays
            arrays += 1
        else:
            leaves[k] = TRUTH if leaf.is_truth else NUMBER, numbers
            numbers += 1
    return result_nodes(results.structure, leaves)


def _helpers(results: Results, assemble: Any, finish: Any, threaded: Any, kept: Any) -> tuple[Any, ...]:
    return (
        *(np.empty, empty, np.ndarray, np.float64, assemble),
        *(finish, lambda out: out_leaves(results, out), threaded, kept),
    )


def _arrays(results: Results, single: bool, layouts: Sequence[bool]) -> list[Any]:
    """Describe the results of a batch for `FastPath`: for each leaf, an array with an axis of lanes."""
    found = []
    for leaf, contiguous in zip(results.ordered(), layouts):
        kind = leaf.kind_of_array(single)
        found.append((leaf.shape, 0, contiguous, _code(kind), np.dtype(kind)))
    return found


def _sums(results: Results, single: bool) -> list[Any]:
    """Describe the results of a reduced batch for `FastPath`: a number or an array for each leaf.

    A number has no dtype.
    """
    found = []
    for leaf in results.ordered():
        kind = leaf.kind_of_array(single)
        found.append((leaf.shape, -1, False, _code(kind), np.dtype(kind) if leaf.is_array else None))
    return found


def _finish_scalar(results: Results) -> Callable[..., Any] | None:
    """Return a function that makes the results of a call from a kernel's numbers, or None if C can do this."""
    if all(leaf.kind in ("number", "array", "truth", "integer") for leaf in results.leaves):
        return None
    return lambda arrays, numbers, lanes: deliver(results, leaves_of_call(results, arrays, numbers))


def _finish_batch(results: Results, reduce: str | None, single: bool) -> Callable[..., Any] | None:
    """Return a function that makes the results of a batch from a kernel's arrays or sums, or None if C can do this."""
    if all(leaf.kind in ("number", "array") for leaf in results.leaves):
        return None
    if reduce is None:
        return lambda arrays, numbers, lanes: deliver(results, leaves_of_lanes(results, arrays, lanes))
    return lambda arrays, sums, lanes: deliver(results, leaves_of_sums(results, sums, lanes, reduce, single))


def _threaded(kernel: Any, threads: int | None) -> Callable[[int, int, int, int], bool]:
    """Return a function that runs the kernel on several threads.

    It does not refer to the callable. Python's garbage collector could not see that cycle, which would go through C.
    """
    return lambda lanes, ins, outs, unmatched: kernel.batch(lanes, ins, outs, unmatched, threads_for(threads))
