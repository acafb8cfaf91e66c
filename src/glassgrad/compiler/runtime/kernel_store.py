"""The kernels of this process. Programs that compute the same share a kernel, as long as anything refers to it."""

from __future__ import annotations

from array import array
from collections.abc import Hashable, Sequence
from hashlib import blake2b
from itertools import chain
from weakref import WeakValueDictionary

from glassgrad.compiler.account import Allowance
from glassgrad.compiler.codegen.layout import Form
from glassgrad.compiler.ir.loops import add_loops, told_apart
from glassgrad.compiler.ir.tape import Outputs, Tape
from glassgrad.compiler.llvm.host import host
from glassgrad.compiler.llvm.target import Target
from glassgrad.compiler.runtime.kernel import Kernel
from glassgrad.core.op import Op
from glassgrad.core.settings import config

__all__ = ["kernel_for"]

_kernels: WeakValueDictionary[Hashable, Kernel] = WeakValueDictionary()


def kernel_for(
    tape: Tape, inputs: Sequence[Form], outputs: Sequence[Form], kind: str, allowance: Allowance | None = None
) -> Kernel:
    """Return the kernel for a tape after the passes. For the arguments see `Kernel`. An existing kernel is reused."""
    target = host()
    key = _key(tape, inputs, outputs, kind, target)
    kernel = _kernels.get(key)
    if kernel is None:
        kernel = _kernels[key] = Kernel(tape, inputs, outputs, kind, target, allowance)
    return kernel


def _key(tape: Tape, inputs: Sequence[Form], outputs: Sequence[Form], kind: str, target: Target) -> Hashable:
    """Return everything that a kernel depends on. The names of inputs and the lines of branches are not part of it."""
    ops: dict[Op | str, int] = {}
    numbers = array("q", [ops.setdefault(op, len(ops)) for op in told_apart(tape)])
    sha = blake2b(numbers, digest_size=24)
    sha.update(array("q", map(len, tape.args)))
    sha.update(array("q", chain.from_iterable(tape.args)))
    sha.update(array("d", tape.constants))
    add_loops(sha, tape)
    for start, stop, parent, exit in tape.segments:
        end = (exit.refs, exit.path) if isinstance(exit, Outputs) else exit[:3]
        sha.update(repr((start, stop, parent, end)).encode())
    return tuple(ops), sha.digest(), tape.inputs, tuple(inputs), tuple(outputs), kind, target, config.cache
