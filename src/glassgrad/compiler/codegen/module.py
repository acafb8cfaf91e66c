"""A module of LLVM IR while it is being written: its functions, and the operations of a tape in them.

Long code is cut into functions of bounded size, *pieces*, for LLVM's cost grows faster than the length of a function.
What one piece computes and another uses goes through ``%local``, a frame of one slot for each such value. A long module
is compiled in *parts*, a few functions at a time (`Module.parts`), so that no step of LLVM takes long.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from glassgrad.compiler.codegen import mathlib
from glassgrad.compiler.codegen.callback import FAILED
from glassgrad.compiler.codegen.callees import BACK, Callees
from glassgrad.compiler.codegen.layout import BROADCAST, CONTIGUOUS, INTERLEAVED, LEAF, Form, Memory, owners
from glassgrad.compiler.codegen.schedule import chained, scheduled
from glassgrad.compiler.codegen.vector import Code, F, double, kernel_name
from glassgrad.compiler.ir.operations import kernel_of
from glassgrad.compiler.ir.tape import Tape
from glassgrad.compiler.llvm.target import Target

__all__ = ["Module"]

PARAMETERS = "i64 %i, i64 %lane0, ptr %list, ptr %ins, ptr %outs, ptr %frame, ptr %local"
ARGUMENTS = "i64 %i, i64 %lane0, ptr %list, ptr %ins, ptr %outs, ptr %frame, ptr %local"
PIECE = 400  # lines of IR in a function, about
CALLED = 100  # lines of IR that a call of another function counts for: no branch is worth calling it in vain
PART = 4000  # lines of IR in a part, about: LLVM takes 0.02 s to compile them, 0.1 s with its passes;
SHORT = 1500  # and in one of better code, for which LLVM runs them
INLINED = 6000  # lines of IR that kernels may take where they are used, before they become functions that are called


_sizes: dict[tuple[str, Target], int] = {}


def size_of(name: str, target: Target) -> int:
    """How many lines of IR a kernel takes."""
    key = (name, target)
    if key not in _sizes:
        code = Code(target)
        kernel = mathlib.find(name)
        kernel.write(code, *[F(code, f"%x{i}") for i in range(kernel.arity)])
        _sizes[key] = len(code.lines)
    return _sizes[key]


# Vectors that do not fit into registers lie within lines of the cache; and LLVM, which moves instructions once more,
# thinks of a processor that runs them in their order, and so keeps apart what waits
ORDERED = ' "stackrealign" "tune-cpu"="atom"'


class Function(NamedTuple):
    """A function of a module.

    Attributes:
        header: its linkage, type, name, parameters and attributes.
        body: the lines between the braces.
        code: what else it wants: kernels of mathlib, declarations and tables.
        leaf: it calls no other function of the module.
    """

    header: str
    body: list[str]
    code: Code
    leaf: bool

    def text(self, alone: bool) -> str:
        """The definition; ``alone`` says that no other part of the module calls it."""
        header = self.header if alone else self.header.removeprefix("internal ")
        return "\n".join([f"define {header} {{", "entry:", *self.body, "}", ""])

    def declaration(self) -> str:
        return f"declare {self.header.removeprefix('internal ')}"


class Module:
    """LLVM IR for one tape.

    Args:
        tape: what to compile.
        inputs, outputs: how arguments and results lie in memory.
        target: what for.
        inlined: how many lines of IR kernels may take where they are used.
        vectors: how many of the processor's vectors an instruction works on, if functions are to be put in a good
            order (`schedule`); else 0.
        pause: called for each function, so that other threads of Python come to their turn.

    Attributes:
        chained: of the longest block of them, as `schedule.chained` says, if they are.
    """

    def __init__(
        self,
        tape: Tape,
        inputs: Sequence[Form],
        outputs: Sequence[Form],
        target: Target,
        inlined: int = INLINED,
        vectors: int = 0,
        pause: Callable[[], None] = lambda: None,
    ) -> None:
        self.tape, self.inputs, self.outputs, self.target = tape, inputs, outputs, target
        self.owner = owners(inputs)
        self.vectors, self.pause = vectors, pause
        self.chained = (0, 0.0)
        self.functions: list[Function] = []
        self.declarations: set[str] = set()
        self.pieces = 0
        self.callees = Callees(tape)
        self.kernels: list[str | None] = [kernel_of(tape, i) for i in range(len(tape.ops))]
        uses: dict[str, int] = {}
        for name in self.kernels:
            if name is not None:
                uses[name] = uses.get(name, 0) + 1
        self.inline: set[str] = set()
        for name in sorted(uses, key=lambda name: (uses[name] * size_of(name, target), name)):
            lines = uses[name] * size_of(name, target)
            if mathlib.find(name).small:
                self.inline.add(name)
            elif lines <= inlined:
                inlined -= lines
                self.inline.add(name)
        self.moved = self._moved(False), self._moved(True)
        self.weights = [
            CALLED if name is None else size_of(name, target) if name in self.inline else 2 for name in self.kernels
        ]

    # Functions

    def function(self, header: str, code: Code, entry: Iterable[str], body: Iterable[str], leaf: bool = False) -> None:
        """Add a function: what is ``entry`` goes before all of ``body``. A ``leaf`` calls no other function of the
        module."""
        if self.vectors:
            body = list(body)
            self.chained = max(self.chained, chained(body))
            body = scheduled(body, self.vectors, self.target.registers)
            header += ORDERED * self.target.triple.startswith("x86_64")
        header += " nounwind"  # LLVM writes no tables for exceptions then, which take time to make and to link
        self.functions.append(Function(header, [*entry, *body], code, leaf))
        self.pause()

    @property
    def needs(self) -> set[str]:
        """The kernels of mathlib that the functions call."""
        return set().union(*[function.code.needs for function in self.functions])

    def __str__(self) -> str:
        return self._text(self.functions, [])

    def parts(self, length: int = PART) -> list[str]:
        """The module as several, each of about so many lines at most, that are linked together."""
        parts: list[list[Function]] = [[]]
        size = 0
        for function in sorted(self.functions, key=lambda function: not function.leaf):  # the leaves side by side
            if size >= length:
                parts.append([])
                size = 0
            parts[-1].append(function)
            size += len(function.body)
        if len(parts) == 1:
            return [str(self)]
        texts = []
        for k, part in enumerate(parts):
            calls = not all(function.leaf for function in part)
            others = [f for other in (*parts[:k], *parts[k + 1 :]) for f in other] if calls else []
            texts.append(self._text(part, others))
        return texts

    def _text(self, functions: Sequence[Function], others: Sequence[Function]) -> str:
        """A module of some of the functions, which may call ``others``."""
        f64 = Code(self.target).f64
        needs = sorted(set().union(*[function.code.needs for function in functions]))
        kernels = [
            f"declare {f64} @{kernel_name(name)}({', '.join([f64] * mathlib.find(name).arity)})" for name in needs
        ]
        constants: dict[str, tuple[float | int, ...]] = {}
        for function in functions:
            constants.update(function.code.tables)
        tables = [
            f"@{name} = internal unnamed_addr constant [{len(values)} x double] "
            f"[{', '.join(f'double {double(x)}' for x in values)}], align 64"
            for name, values in sorted(constants.items())
        ]
        declared = self.declarations.union(*[function.code.declarations for function in functions])
        once = dict.fromkeys([*kernels, *sorted(declared)])  # a kernel may be inlined here and called there
        alone = len(functions) == len(self.functions)
        definitions = [function.text(alone) for function in functions]
        called = [function.declaration() for function in others]
        return "\n".join([LEAF, *tables, *once, *called, *definitions, "!0 = !{}"]) + "\n"

    # Operations

    def operation(self, code: Code, i: int, args: Sequence[F]) -> F:
        """Write operation i of the tape."""
        name = self.kernels[i]
        if name is None:
            return self.back(code, i, args) if i in self.callees.back else self.outside(code, i, args)
        if name.startswith("polygamma:"):
            args = args[1:]
        if name in self.inline:
            return code.f(mathlib.find(name).write(code, *args))
        return code.call(name, *args)

    def outside(self, code: Code, i: int, args: Sequence[F]) -> F:
        """Write the calls of the C function that computes operation i, one a lane."""
        callee = self.callees.name(i)
        code.declarations.add(f"declare double @{callee}({', '.join(['double'] * len(args))})")
        found = "poison"
        for lane in range(code.lanes):
            given = [x.name for x in args]
            if code.lanes > 1:
                given = [code.line(f"extractelement {code.f64} {x}, i64 {lane}") for x in given]
            one = code.line(f"call double @{callee}({', '.join(f'double {x}' for x in given)})")
            found = code.line(f"insertelement {code.f64} {found}, double {one}, i64 {lane}") if code.lanes > 1 else one
        return F(code, found)

    def back(self, code: Code, i: int, args: Sequence[F]) -> F:
        """Write the call of the Python function that computes operation i, for one lane; operands and result lie at
        ``%back``. Where it fails the code goes on at the label ``unknown``."""
        callee = self.callees.name(i)
        code.declarations |= {f"@{callee} = external global i8", f"declare void @{BACK}(ptr, ptr, i64)"}
        for k, x in enumerate(args):
            place = code.line(f"getelementptr inbounds double, ptr %back, i64 {k}")
            code.lines.append(f"  store double {x.name}, ptr {place}, align 8")
        place = code.line(f"getelementptr inbounds double, ptr %back, i64 {len(args)}")
        code.lines.append(f"  store i64 {FAILED}, ptr {place}, align 8")
        code.lines.append(f"  call void @{BACK}(ptr @{callee}, ptr %back, i64 {len(args)})")
        result = F(code, code.line(f"load double, ptr {place}, align 8"))
        failed, on = code.line(f"icmp eq i64 {result.bits().name}, {FAILED}"), code.fresh("on")
        code.lines.append(f"  br i1 {failed}, label %unknown, label %{on}")
        code.label(on)
        return result

    def memory(self, code: Code, listed: bool, hoist: Callable[[str], str]) -> Memory:
        return Memory(code, self.inputs, self.outputs, self.owner, listed, hoist)

    def costs(self, positions: Sequence[int], listed: bool, results: dict[int, list[int]]) -> Iterator[int]:
        """How many lines of IR each operation takes, loads of inputs and stores of results included."""
        seen: set[int] = set()
        into, out = self.moved[listed]
        n = self.tape.inputs
        for i in positions:
            cost = self.weights[i]
            for a in self.tape.args[i]:
                if 0 <= a < n and a not in seen:
                    seen.add(a)
                    cost += into[a]
            yield cost + sum([out[place] for place in results.get(n + i, ())])

    def _moved(self, listed: bool) -> tuple[list[int], list[int]]:
        """How many lines of IR it takes to load each input, and to store each result."""
        lanes = self.target.lanes

        def lines(form: Form) -> int:
            if form.layout == BROADCAST or (form.layout == CONTIGUOUS and not listed):
                return 3
            return 5 if form.layout == INTERLEAVED and form.size >= lanes else 3 * lanes

        into, out = [[lines(form) for form in forms for _ in range(form.size)] for forms in (self.inputs, self.outputs)]
        return into, out

    def cut(
        self, positions: Sequence[int], listed: bool = False, results: dict[int, list[int]] | None = None
    ) -> list[list[int]]:
        """Operations in runs of bounded size."""
        runs: list[list[int]] = [[]]
        size = 0
        for i, cost in zip(positions, self.costs(positions, listed, results or {})):
            if size >= PIECE:
                runs.append([])
                size = 0
            runs[-1].append(i)
            size += cost
        return runs

    def piece(
        self,
        positions: Sequence[int],
        fetch: Callable[[Code, Memory, int], F],
        keep: Callable[[Code, Memory, int, F], None],
        listed: bool,
    ) -> str:
        """A function that computes the operations at ``positions``; return the call of it.

        Args:
            positions: of operations, in order.
            fetch: writes the load of a value that is computed elsewhere.
            keep: is told of each value as it is computed, to store it where it is wanted.
            listed: the lanes are those of a list.
        """
        code = Code(self.target)
        entry: list[str] = []
        memory = self.memory(code, listed, hoisting(code, entry))
        self.straight(code, memory, positions, {}, fetch, keep)
        memory.flush()
        return self.add_piece(code, entry)

    def add_piece(self, code: Code, entry: Sequence[str], result: str = "void") -> str:
        """Add a piece whose body is written, and which returns ``result``; return the call of it."""
        name, kind = f"piece{self.pieces}", result.split(" ")[0]
        self.pieces += 1
        body = [*code.lines, f"  ret {result}"]
        header = f"internal {kind} @{name}({PARAMETERS}) noinline"
        self.function(header, code, entry, body, leaf=True)
        return f"  call {kind} @{name}({ARGUMENTS})"

    def straight(
        self,
        code: Code,
        memory: Memory,
        positions: Sequence[int],
        known: dict[int, F],
        fetch: Callable[[Code, Memory, int], F],
        keep: Callable[[Code, Memory, int, F], None],
    ) -> None:
        """Write the operations at ``positions``, given the values that are ``known``, and enter theirs there."""
        tape, n = self.tape, self.tape.inputs
        for i in positions:
            args = []
            for a in tape.args[i]:
                x = known.get(a)
                if x is None:
                    x = known[a] = self.value(code, memory, a, fetch)
                args.append(x)
            result = known[n + i] = self.operation(code, i, args)
            keep(code, memory, n + i, result)

    def value(self, code: Code, memory: Memory, ref: int, fetch: Callable[[Code, Memory, int], F]) -> F:
        """Write the load of an input, a constant or a value computed elsewhere."""
        if ref < 0:
            return code.constant(self.tape.constants[~ref])
        return memory.load(ref) if ref < self.tape.inputs else fetch(code, memory, ref)


def hoisting(code: Code, entry: list[str]) -> Callable[[str], str]:
    """Writes instructions to ``entry`` instead of where `Code` is at."""

    def hoist(instruction: str) -> str:
        lines, code.lines = code.lines, entry
        try:
            return code.line(instruction)
        finally:
            code.lines = lines

    return hoist


def local_load(code: Code, slot: int, ref: int) -> F:
    """Value ``ref``, kept in a slot of ``%local``, where slots hold all lanes at work."""
    return F(code, code.line(f"load {code.f64}, ptr {_local(code, slot, ref)}, align 8"))


def local_store(code: Code, slot: int, ref: int, value: F) -> None:
    """Store `value` in a slot of the scratch memory."""
    code.lines.append(f"  store {code.f64} {value.name}, ptr {_local(code, slot, ref)}, align 8")


def _local(code: Code, slot: int, ref: int) -> str:
    return code.line(f"getelementptr inbounds i8, ptr %local, i64 {slot * 8 * code.lanes}", f"local{slot}.{ref}.")


def last_uses(rows: Iterable[tuple[int, Sequence[int]]]) -> dict[int, int]:
    """For each reference the last place at which it is used, of ``(place, references used)``."""
    last: dict[int, int] = {}
    for place, refs in rows:
        for ref in refs:
            last[ref] = place
    return last


_word = re.compile(r"[^a-zA-Z0-9_.]")


def symbol(text: str) -> str:
    """``text`` as a name that LLVM takes without quotes."""
    return _word.sub("_", text)


__all__ += ["hoisting", "kernel_name", "last_uses", "local_load", "local_store", "symbol"]
