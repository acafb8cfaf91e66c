"""Write the kernel for one call. It computes one lane, and a branch of the tape is a branch of the code.

``i64 kernel(i64 start, i64 stop, i64 valid, ptr ins, ptr outs, ptr scratch, ptr unmatched)`` has the parameters of the
kernel for a batch, and uses only ``ins``, ``outs`` and ``scratch``. It returns the number of the path that the call
took, or -1 if a branch took a side that is not on the tape.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from glassgrad.compiler.codegen.access import Memory, Scope
from glassgrad.compiler.codegen.builder import Signature
from glassgrad.compiler.codegen.chain import is_chain, write_chain
from glassgrad.compiler.codegen.frame import Slots
from glassgrad.compiler.codegen.instructions import Block
from glassgrad.compiler.codegen.layout import Form, owners
from glassgrad.compiler.codegen.module import Escape, Module
from glassgrad.compiler.codegen.pieces import Pieces
from glassgrad.compiler.codegen.vector import Code, F
from glassgrad.compiler.ir.tape import Outputs, Split, Tape
from glassgrad.compiler.llvm.target import Target

__all__ = ["HEADER", "KERNEL", "KernelText", "scalar_module"]

KERNEL = "kernel"
PARAMETERS = (
    *(("i64", "start"), ("i64", "stop"), ("i64", "valid")),
    *(("ptr", "ins"), ("ptr", "outs"), ("ptr", "scratch"), ("ptr", "unmatched")),
)
HEADER = Signature(KERNEL, PARAMETERS, "i64", "")
WHOLE = 1500  # A kernel with at most this many lines of IR is one function. A longer one is cut into pieces.


class KernelText(NamedTuple):
    """A module that has been written.

    Attributes:
        module: the module.
        scratch: the bytes of scratch memory that its kernel needs.
        needs: the functions of mathlib that it calls.
        critical_path: the least number of cycles for each instruction of its longest block, or 0 if it is not known.
        again: whether lanes that have diverged diverge again.
        data: by its symbol, memory that the code reads. It must live as long as the code.
    """

    module: Module
    scratch: int
    needs: tuple[str, ...]
    critical_path: float = 0.0
    again: bool = False
    data: Mapping[str, Any] = MappingProxyType({})

    @property
    def text(self) -> str:
        """The LLVM IR."""
        return str(self.module)


def scalar_module(
    tape: Tape,
    inputs: Sequence[Form],
    outputs: Sequence[Form],
    target: Target,
    inlined: int,
    pause: Callable[[], None] = lambda: None,
) -> KernelText:
    """Write the module for one lane of ``tape``. For ``inlined`` and ``pause`` see `Module`."""
    module = Module(tape, inputs, outputs, target.scalar(), inlined, pause=pause)
    tape = module.tape
    code = Code(module.target)
    given = HEADER.values(code)
    back = 8 * module.callees.width if module.callees.back else 0
    slots = Slots()
    zero, null = code.integer(0), code.null()
    unknown = code.new_block("unknown")
    module.escape = Escape(given.scratch, unknown)
    local = given.scratch.offset(back) if back else given.scratch
    memory = module.memory(code, Scope(zero, zero, null, given.ins, given.outs, null, local), False)
    if sum(module.weights) + 2 * tape.inputs <= WHOLE:
        _in_one(module, memory, unknown)
    elif is_chain(tape) and not module.callees.ops:
        write_chain(module, memory, slots, unknown)
    else:
        _InPieces(module, memory, slots, unknown).write()
    if not _is_complete(tape) or module.callees.back:
        code.start(unknown)
        code.ret(code.integer(-1))
    module.add(HEADER, code, exported=True)
    return KernelText(module, back + slots.count * 8, tuple(sorted(module.needs)))


def _is_complete(tape: Tape) -> bool:
    """Whether both sides of all branches are known."""
    return all(isinstance(s.exit, Outputs) or None not in (s.exit.yes, s.exit.no) for s in tape.segments)


class _Segments:
    """The first block of each segment, and the branches between segments."""

    def __init__(self, code: Code, tape: Tape, unknown: Block) -> None:
        self.code, self.unknown = code, unknown
        self.blocks = [code.new_block("segment") for _ in tape.segments]
        code.jump(self.blocks[0])

    def branch(self, exit: Split, condition: F) -> None:
        """End a segment: continue in one of two segments, by the condition."""
        yes, no = (self.unknown if k is None else self.blocks[k] for k in (exit.yes, exit.no))
        self.code.branch(condition != 0.0, yes, no)

    def leave(self, exit: Outputs) -> None:
        self.code.ret(self.code.integer(exit.path))


def _in_one(module: Module, memory: Memory, unknown: Block) -> None:
    """Write all segments into one function; values are in registers."""
    tape, code = module.tape, memory.code
    owner = owners(module.outputs)
    segments = _Segments(code, tape, unknown)
    scopes: list[tuple[int, list[int]]] = []
    known: dict[int, F] = {}
    for k, (start, stop, parent, exit) in enumerate(tape.segments):
        while scopes and scopes[-1][0] != parent:
            for ref in scopes.pop()[1]:
                del known[ref]
        code.start(segments.blocks[k])
        before = set(known)
        module.straight(memory, range(start, stop), known, _never, _nothing)
        refs = exit.refs if isinstance(exit, Outputs) else (exit.condition,)
        for ref in refs:
            if ref not in known:
                known[ref] = module.value(memory, ref, _never)
        if isinstance(exit, Outputs):
            for place, ref in enumerate(refs):
                memory.store(place, owner[place], known[ref])
            segments.leave(exit)
        else:
            segments.branch(exit, known[exit.condition])
        scopes.append((k, [ref for ref in known if ref not in before]))


class _InPieces:
    """Write segments as calls of pieces; values that leave a piece are in local slots."""

    def __init__(self, module: Module, memory: Memory, slots: Slots, unknown: Block) -> None:
        self.module, self.memory = module, memory
        self.tape, self.code = module.tape, memory.code
        self.segments = _Segments(self.code, self.tape, unknown)
        self.places: list[tuple[int, list[int]]] = []  # segment and operations of each piece; none: the segment's end
        for k, (start, stop, _, _) in enumerate(self.tape.segments):
            self.places += [(k, run) for run in _runs(module, range(start, stop))]
            self.places.append((k, []))
        self.pieces = Pieces(module, memory, slots, self._uses())

    def _uses(self) -> Sequence[tuple[int, Sequence[int]]]:
        tape, n = self.tape, self.tape.inputs
        uses: list[tuple[int, Sequence[int]]] = []
        for place, (k, run) in enumerate(self.places):
            start, stop, _, exit = tape.segments[k]
            if run:
                inside = {n + i for i in run}
                uses.append((place, [a for i in run for a in tape.args[i] if a >= n and a not in inside]))
            elif isinstance(exit, Outputs):
                uses.append((place, [a for a in exit.refs if a >= n and not n + start <= a < n + stop]))
            else:
                uses.append((place, [exit.condition]))
        return uses

    def write(self) -> None:
        current = -1
        for place, (k, run) in enumerate(self.places):
            if k != current:
                exit = self.tape.segments[k].exit
                self.code.start(self.segments.blocks[k])
                self.pieces.set_results(exit.refs if isinstance(exit, Outputs) else ())
                current = k
            if run:
                self._compute(run)
            else:
                self._end(k)
            self.pieces.end(place)

    def _compute(self, run: list[int]) -> None:
        pieces = self.pieces
        pieces.begin(run)
        if run[0] in self.module.callees.back:  # this may leave the kernel, so it is not in a piece
            self.module.straight(self._fresh(), run, {}, pieces.fetch, pieces.keep)
        else:
            self.module.piece(self.memory, run, pieces.fetch, pieces.keep)

    def _end(self, k: int) -> None:
        start, stop, _, exit = self.tape.segments[k]
        n = self.tape.inputs
        if isinstance(exit, Outputs):
            inside = range(n + start, n + stop)
            self.pieces.store([(where, ref) for where, ref in enumerate(exit.refs) if ref not in inside])
            self.segments.leave(exit)
        else:
            condition = self.module.value(self._fresh(), exit.condition, self.pieces.fetch)
            self.segments.branch(exit, condition)

    def _fresh(self) -> Memory:
        """The kernel's memory, without the values that were loaded in other segments."""
        return self.module.memory(self.code, self.memory.scope, False)


def _runs(module: Module, positions: range) -> list[list[int]]:
    """Cut operations into runs of bounded size; an operation that calls Python is a run of its own."""
    runs: list[list[int]] = []
    some: list[int] = []
    for i in positions:
        if i in module.callees.back:
            runs += [*module.cut(some), [i]]
            some = []
        else:
            some.append(i)
    return [run for run in [*runs, *module.cut(some)] if run]


def _never(memory: Memory, ref: int) -> F:
    raise AssertionError(f"value {ref} is not computed before it is used")


def _nothing(memory: Memory, ref: int, value: F) -> None:
    pass
