"""Long code for one call along one path: pieces that run one after another, and say where the call leaves the path.

Where only one way of each branch is known, a branch asks only whether the call goes on along the path. So a piece need
not end at each: it computes on, and returns whether all of its conditions held.
"""

from __future__ import annotations

from collections.abc import Sequence

from glassgrad.compiler.codegen.frame import Slots
from glassgrad.compiler.codegen.layout import Memory
from glassgrad.compiler.codegen.module import Module, hoisting, last_uses, local_load, local_store
from glassgrad.compiler.codegen.vector import Code, F
from glassgrad.compiler.ir.tape import Outputs, Split, Tape

__all__ = ["chained", "is_chain"]

STORED = 300  # results in a piece that only stores results
Condition = tuple[int, bool]  # a value, and whether it must be other than 0


def is_chain(tape: Tape) -> bool:
    """Whether one path is known, through branches."""
    return tape.paths == 1 and not tape.straight


def chained(module: Module, slots: Slots) -> list[str]:
    """The body of the kernel; values that leave a piece are kept in ``%local``."""
    tape, n = module.tape, module.tape.inputs
    owner = [k for k, form in enumerate(module.outputs) for _ in range(form.size)]
    exit = tape.segments[-1].exit
    assert isinstance(exit, Outputs)
    runs, conditions = _runs(module)
    place = {n + i: k for k, run in enumerate(runs) for i in run}
    results: dict[int, list[int]] = {}
    for where, ref in enumerate(exit.refs):
        results.setdefault(ref, []).append(where)
    uses = [
        (k, [a for a in _read(tape, run, asked) if a in place and place[a] != k])
        for k, (run, asked) in enumerate(zip(runs, conditions))
    ]
    last = last_uses(uses)
    leaving: dict[int, list[int]] = {}
    for ref, k in last.items():
        leaving.setdefault(k, []).append(ref)

    def fetch(code: Code, memory: Memory, ref: int) -> F:
        return local_load(code, slots.of[ref], ref)

    def keep(code: Code, memory: Memory, ref: int, value: F) -> None:
        if ref in last:
            local_store(code, slots.of[ref], ref, value)
        for where in results.get(ref, ()):
            memory.store(where, owner[where], value)

    lines: list[str] = []
    for k, (run, asked) in enumerate(zip(runs, conditions)):
        for i in run:
            if n + i in last:
                slots.take(n + i)
        code, entry = Code(module.target), list[str]()
        memory = module.memory(code, False, hoisting(code, entry))
        known: dict[int, F] = {}
        module.straight(code, memory, run, known, fetch, keep)
        off = "false"
        for ref, way in asked:
            value = known.get(ref) or module.value(code, memory, ref, fetch)
            here = code.line(f"fcmp {'oeq' if way else 'une'} double {value.name}, 0.0")
            off = here if off == "false" else code.line(f"or i1 {off}, {here}")
        lines.append(f"  %off{k} = {module.add_piece(code, entry, f'i1 {off}').strip()}")
        lines.append(f"  br i1 %off{k}, label %unknown, label %on{k}\non{k}:")
        for ref in leaving.get(k, ()):
            slots.release(ref)
    rest = [(where, ref) for where, ref in enumerate(exit.refs) if ref not in place]  # inputs and numbers
    for start in range(0, len(rest), STORED):
        code, entry = Code(module.target), list[str]()
        memory = module.memory(code, False, hoisting(code, entry))
        for where, ref in rest[start : start + STORED]:
            memory.store(where, owner[where], module.value(code, memory, ref, fetch))
        lines.append(module.add_piece(code, entry))
    return [*lines, f"  ret i64 {exit.path}", "unknown:", "  ret i64 -1"]


def _runs(module: Module) -> tuple[list[list[int]], list[list[Condition]]]:
    """The operations in runs of bounded size, and the conditions that are asked at the end of each."""
    tape = module.tape
    runs = module.cut(range(len(tape.ops)))
    ends = [run[-1] + 1 if run else 0 for run in runs]
    conditions: list[list[Condition]] = [[] for _ in runs]
    k = 0
    for _, stop, _, exit in tape.segments:
        while ends[k] < stop:
            k += 1
        if isinstance(exit, Split):
            conditions[k].append((exit.condition, exit.no is None))
    return runs, conditions


def _read(tape: Tape, run: Sequence[int], asked: Sequence[Condition]) -> list[int]:
    return [*[a for i in run for a in tape.args[i]], *[ref for ref, _ in asked]]
