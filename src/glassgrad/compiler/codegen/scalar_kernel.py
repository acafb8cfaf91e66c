"""The kernel for one call: one lane, branches as branches.

``i64 kernel(i64 start, i64 stop, i64 valid, ptr ins, ptr outs, ptr scratch, ptr missed)``, as for a batch, of which
only ``ins``, ``outs`` and ``scratch`` are used. It returns the number of the path that was gone, or -1 where a branch
went a way that is not on the tape.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from glassgrad.compiler.codegen.chain import chained, is_chain
from glassgrad.compiler.codegen.frame import Slots
from glassgrad.compiler.codegen.layout import Form, Memory
from glassgrad.compiler.codegen.module import Module, hoisting, last_uses, local_load, local_store
from glassgrad.compiler.codegen.vector import Code, F
from glassgrad.compiler.ir.tape import Outputs, Tape
from glassgrad.compiler.llvm.target import Target

__all__ = ["HEADER", "KERNEL", "Text", "row_module"]

KERNEL = "kernel"
HEADER = f"i64 @{KERNEL}(i64 %start, i64 %stop, i64 %valid, ptr %ins, ptr %outs, ptr %scratch, ptr %missed)"
Fetch = Callable[[Code, Memory, int], F]
Keep = Callable[[Code, Memory, int, F], None]
WHOLE = 1500  # lines of IR up to which all is one function


class Text(NamedTuple):
    """A module as it is written, the bytes of scratch memory that its function wants, the kernels of mathlib that it
    calls, the cycles a line that its longest block takes at least (0 where that was not asked), and whether lanes that
    were parted are parted again."""

    module: Module
    scratch: int
    needs: tuple[str, ...]
    chained: float = 0.0
    again: bool = False

    @property
    def text(self) -> str:
        """The LLVM IR."""
        return str(self.module)


def row_module(
    tape: Tape,
    inputs: Sequence[Form],
    outputs: Sequence[Form],
    target: Target,
    inlined: int,
    pause: Callable[[], None] = lambda: None,
) -> Text:
    """The module for one lane of ``tape``. For ``inlined`` and ``pause`` see `Module`."""
    module = Module(tape, inputs, outputs, target.scalar(), inlined, pause=pause)
    slots = Slots()
    code = Code(module.target)
    entry: list[str] = []
    memory = module.memory(code, False, hoisting(code, entry))
    if sum(module.weights) + 2 * tape.inputs <= WHOLE:
        body = _in_one(module, code, memory)
        local = "null"
    else:
        body = chained(module, slots) if is_chain(tape) and not module.callees.ops else _in_pieces(module, code, slots)
        local = "%scratch"
    fixed = [
        "%i = add i64 0, 0",
        "%lane0 = add i64 0, 0",
        *[
            f"%{name} = getelementptr i8, ptr {to}, i64 0"
            for name, to in (("list", "null"), ("frame", "null"), ("local", local))
        ],
        f"%back = getelementptr i8, ptr %scratch, i64 {slots.count * 8}",
    ]
    module.function(HEADER, code, [f"  {line}" for line in fixed] + entry, body)
    back = 8 * module.callees.width if module.callees.back else 0
    return Text(module, slots.count * 8 + back, tuple(sorted(module.needs)))


def _in_one(module: Module, code: Code, memory: Memory) -> list[str]:
    """All segments in one function, their values in registers."""
    tape = module.tape
    owner = [k for k, form in enumerate(module.outputs) for _ in range(form.size)]
    scopes: list[tuple[int, list[int]]] = []
    known: dict[int, F] = {}
    code.lines.append("  br label %segment0")
    for k, (start, stop, parent, exit) in enumerate(tape.segments):
        while scopes and scopes[-1][0] != parent:
            for ref in scopes.pop()[1]:
                del known[ref]
        code.label(f"segment{k}")
        before = set(known)
        module.straight(code, memory, range(start, stop), known, _never, _nothing)
        refs = exit.refs if isinstance(exit, Outputs) else (exit.condition,)
        for ref in refs:
            if ref not in known:
                known[ref] = module.value(code, memory, ref, _never)
        if isinstance(exit, Outputs):
            for place, ref in enumerate(refs):
                memory.store(place, owner[place], known[ref])
            code.lines.append(f"  ret i64 {exit.path}")
        else:
            bit = code.line(f"fcmp une double {known[refs[0]].name}, 0.0")
            code.lines.append(f"  br i1 {bit}, label %{_to(exit.yes)}, label %{_to(exit.no)}")
        scopes.append((k, [ref for ref in known if ref not in before]))
    return [*code.lines, *_unknown(module)]


def _in_pieces(module: Module, code: Code, slots: Slots) -> list[str]:
    """Segments as calls of pieces, values that leave a piece in ``%local``."""
    tape, n = module.tape, module.tape.inputs
    owner = [k for k, form in enumerate(module.outputs) for _ in range(form.size)]
    places: list[tuple[int, list[int]]] = []  # segment and operations of each piece
    for k, (start, stop, _, _) in enumerate(tape.segments):
        places.extend((k, run) for run in _runs(module, range(start, stop)))
        places.append((k, []))  # the end of the segment
    uses: list[tuple[int, Sequence[int]]] = []
    for place, (k, run) in enumerate(places):
        if run:
            inside = {n + i for i in run}
            uses.append((place, [a for i in run for a in tape.args[i] if a >= n and a not in inside]))
        else:
            exit = tape.segments[k].exit
            if isinstance(exit, Outputs):
                start, stop = tape.segments[k][:2]
                uses.append((place, [a for a in exit.refs if a >= n and not n + start <= a < n + stop]))
            else:
                uses.append((place, [exit.condition]))
    last = last_uses(uses)
    leaving: dict[int, list[int]] = {}
    for ref, place in last.items():
        leaving.setdefault(place, []).append(ref)
    lines: list[str] = ["  br label %segment0", "segment0:"]
    fresh = True

    def fetch(code: Code, memory: Memory, ref: int) -> F:
        return local_load(code, slots.of[ref], ref)

    results: dict[int, list[int]] = {}
    for place, (k, run) in enumerate(places):
        exit = tape.segments[k].exit
        if not fresh:
            lines.append(f"segment{k}:")
            fresh = True
        if run:
            if k != places[place - 1][0] or not place:  # the segment begins
                results = {}
                for where, ref in enumerate(exit.refs if isinstance(exit, Outputs) else ()):
                    results.setdefault(ref, []).append(where)
            for i in run:
                if n + i in last:
                    slots.take(n + i)

            def keep(code: Code, memory: Memory, ref: int, value: F, results: dict[int, list[int]] = results) -> None:
                if ref in last:
                    local_store(code, slots.of[ref], ref, value)
                for where in results.get(ref, ()):
                    memory.store(where, owner[where], value)

            if run[0] in module.callees.back:  # what may leave the kernel stands in it
                lines += _alone(module, code, run, fetch, keep)
            else:
                lines.append(module.piece(run, fetch, keep, False))
        elif isinstance(exit, Outputs):
            start, stop = tape.segments[k][:2]
            rest = [where for where, ref in enumerate(exit.refs) if not n + start <= ref < n + stop]
            for some in range(0, len(rest), 300):
                lines.append(_storing(module, [(w, exit.refs[w]) for w in rest[some : some + 300]], fetch, owner))
            lines.append(f"  ret i64 {exit.path}")
        else:
            condition = local_load(code, slots.of[exit.condition], exit.condition) if exit.condition >= n else None
            if condition is None:  # an input or a number
                entry: list[str] = []
                condition = module.value(
                    code, module.memory(code, False, hoisting(code, entry)), exit.condition, _never
                )
                code.lines[:0] = entry
            bit = code.line(f"fcmp une double {condition.name}, 0.0")
            code.lines.append(f"  br i1 {bit}, label %{_to(exit.yes)}, label %{_to(exit.no)}")
            lines.extend(code.lines)
            code.lines.clear()
        if not run:
            fresh = False
        for ref in leaving.get(place, ()):
            if ref >= n:
                slots.release(ref)
    return [*lines, *_unknown(module)]


def _runs(module: Module, positions: range) -> list[list[int]]:
    """Operations in runs of bounded size, each one that calls Python by itself."""
    runs: list[list[int]] = []
    some: list[int] = []
    for i in positions:
        if i in module.callees.back:
            runs += [*module.cut(some), [i]]
            some = []
        else:
            some.append(i)
    return [run for run in [*runs, *module.cut(some)] if run]


def _alone(module: Module, code: Code, run: Sequence[int], fetch: Fetch, keep: Keep) -> list[str]:
    """The lines of a run that is no piece."""
    entry: list[str] = []
    memory = module.memory(code, False, hoisting(code, entry))
    module.straight(code, memory, run, {}, fetch, keep)
    lines = [*entry, *code.lines]
    code.lines.clear()
    return lines


def _storing(module: Module, results: list[tuple[int, int]], fetch: object, owner: list[int]) -> str:
    """A piece that only stores results that were computed elsewhere; return the call of it."""
    code = Code(module.target)
    entry: list[str] = []
    memory = module.memory(code, False, hoisting(code, entry))
    for where, ref in results:
        memory.store(where, owner[where], module.value(code, memory, ref, fetch))  # type: ignore[arg-type]
    return module.add_piece(code, entry)


def _to(segment: int | None) -> str:
    return "unknown" if segment is None else f"segment{segment}"


def _unknown(module: Module) -> list[str]:
    known = all(isinstance(s.exit, Outputs) or None not in (s.exit.yes, s.exit.no) for s in module.tape.segments)
    if known and not module.callees.back:
        return []
    return ["unknown:", "  ret i64 -1"]


def _never(code: Code, memory: Memory, ref: int) -> F:
    raise AssertionError(f"value {ref} is not computed on the way here")


def _nothing(code: Code, memory: Memory, ref: int, value: F) -> None:
    pass
