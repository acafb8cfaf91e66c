"""The kernels of this process. Programs that compute the same share a kernel, as long as anything refers to it."""

from __future__ import annotations

from array import array
from collections.abc import Hashable, Sequence
from hashlib import blake2b
from typing import NamedTuple
from weakref import WeakValueDictionary

from glassgrad.compiler import account
from glassgrad.compiler.account import Allowance, TooExpensive
from glassgrad.compiler.codegen.layout import Form
from glassgrad.compiler.ir.loops import add_loops, told_apart
from glassgrad.compiler.ir.tape import Outputs, Tape
from glassgrad.compiler.llvm.host import host
from glassgrad.compiler.llvm.target import Target
from glassgrad.compiler.runtime.forms import choice
from glassgrad.compiler.runtime.improved import ImprovedTape
from glassgrad.compiler.runtime.kernel import Kernel
from glassgrad.core.settings import config

__all__ = ["kernel_for"]

_kernels: WeakValueDictionary[Hashable, Kernel] = WeakValueDictionary()


def kernel_for(
    tape: Tape,
    inputs: Sequence[Form],
    outputs: Sequence[Form],
    kind: str,
    allowance: Allowance | None = None,
    done: Done | None = None,
) -> Kernel:
    """Return the kernel for a tape before the passes. An existing kernel is reused.

    Args:
        tape: the tape.
        inputs, outputs, kind, allowance: as for `Kernel`.
        done: what an earlier attempt was given up with, which may have been for another kernel.

    Raises:
        TooExpensive: making the code would take longer than the allowance. ``done`` is the tape after the passes.
    """
    target = host()
    key = _key(tape, inputs, outputs, kind, target)
    kernel = _kernels.get(key)
    if kernel is None:
        began = account.clock()
        again = done is not None and done.key == key
        improved = done.tape if done is not None and again else ImprovedTape(tape, inputs, outputs, target, kind)
        recorded = len(tape.columns().code)
        try:
            # Tapes that differ may become equal. Without a cache on disk, comparing them takes no digest of their own.
            if allowance is not None and recorded >= account.LOOPS_FROM and not improved.facts.loops:
                allowance.require(account.estimate(kind, improved.facts.operations, improved.facts.paths))
            known = config.cache is not None and not improved.calls_out
            equal = (improved.contents, kind) if known else _key(improved.tape, inputs, outputs, kind, target)
            kernel = _kernels.get(equal)
            if kernel is None:
                kernel = _kernels[equal] = Kernel(improved, inputs, outputs, kind, target, allowance)
                if kernel.loops and improved.ran and not again:
                    account.observe("loops", recorded, 1, account.clock() - began)
        except TooExpensive as error:
            error.done = Done(key, improved)
            raise
        _kernels[key] = kernel
    return kernel


class Done(NamedTuple):
    """What is done of a kernel that was given up: the tape after the passes, by the key of the kernel."""

    key: Hashable
    tape: ImprovedTape


def _key(tape: Tape, inputs: Sequence[Form], outputs: Sequence[Form], kind: str, target: Target) -> Hashable:
    """Return everything that a kernel depends on. The names of inputs and the lines of branches are not part of it."""
    columns = tape.columns()
    sha = blake2b(digest_size=24)
    for numbers in columns[1:]:
        sha.update(numbers)
    sha.update(array("d", tape.constants))
    add_loops(sha, tape)
    for start, stop, parent, exit in tape.segments:
        end = (exit.refs, exit.path) if isinstance(exit, Outputs) else exit[:3]
        sha.update(repr((start, stop, parent, end)).encode())
    width = columns.operands.shape[1]
    return (
        *(
            tuple(told_apart(columns.ops)),
            sha.digest(),
            width,
            tape.inputs,
            tuple(inputs),
            tuple(outputs),
            kind,
            target,
        ),
        (config.cache, choice()),
    )
