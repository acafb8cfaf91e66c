"""A module of LLVM IR while it is being written: its functions, and the operations of a tape in them.

LLVM's cost grows faster than the length of a function, so long code is cut into functions of bounded size, *pieces*. A
value that one piece computes and another uses is stored in a slot of the local memory (`layout`). A long module is
compiled in *parts* of a few functions each (`Module.parts`), so that no step of LLVM takes long.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from glassgrad.compiler.codegen import mathlib
from glassgrad.compiler.codegen.access import Memory, Scope
from glassgrad.compiler.codegen.builder import Signature
from glassgrad.compiler.codegen.callback import FAILED
from glassgrad.compiler.codegen.callees import BACK, Callees
from glassgrad.compiler.codegen.instructions import Block
from glassgrad.compiler.codegen.layout import BROADCAST, CONTIGUOUS, INTERLEAVED, LEAF, Form, owners
from glassgrad.compiler.codegen.rows import Row, lowered, row_lines, write_row
from glassgrad.compiler.codegen.schedule import critical_path, schedule
from glassgrad.compiler.codegen.values import Int, Pointer, Value
from glassgrad.compiler.codegen.vector import Code, F, double, kernel_of
from glassgrad.compiler.ir.loops import Assert
from glassgrad.compiler.ir.operations import kernels_of
from glassgrad.compiler.ir.tape import Tape
from glassgrad.compiler.llvm.target import Target

__all__ = ["INLINED", "PART", "SHORT", "Module", "last_uses", "size_of"]

Fetch = Callable[[Memory, int], F]  # It writes the load of a value that is computed elsewhere.
Keep = Callable[[Memory, int, F], None]  # It gets each value as it is computed, and stores the value if needed.
SCOPE = tuple([("i64" if name in ("i", "lane0") else "ptr", name) for name in Scope._fields])
PIECE = 400  # A piece has about this many lines of IR.
CALLED = 100  # A call of a function counts as this many lines of IR. It is more than deciding a branch early may cost.
PART = 4000  # A part has about this many lines of IR. LLVM compiles them in 0.02 s, or in 0.1 s with its passes.
SHORT = 1500  # The same for optimised code, for which LLVM runs its passes.
INLINED = 6000  # All inlined kernels of mathlib have at most this many lines of IR. Other kernels are called.


_sizes: dict[tuple[str, Target], int] = {}


def size_of(name: str, target: Target) -> int:
    """Return how many lines of IR a kernel of mathlib takes."""
    key = (name, target)
    if key not in _sizes:
        code = Code(target)
        kernel = mathlib.find(name)
        kernel.write(code, *[F(code, f"%x{i}") for i in range(kernel.arity)])
        _sizes[key] = code.size
    return _sizes[key]


def sizes_of(tape: Tape, target: Target) -> list[int]:
    """Return how many lines of IR each operation of a tape takes."""
    return [
        1 if kernel == "assert" else CALLED if kernel is None else size_of(kernel, target)
        for kernel in kernels_of(tape)
    ]


# Vectors that are spilled to memory are aligned to cache lines. LLVM orders the instructions once more. Tuned for a
# processor that runs instructions in order, it keeps dependent instructions apart.
ORDERED = ' "stackrealign" "tune-cpu"="atom"'


class Function(NamedTuple):
    """A function of a module. Its body has been written.

    Attributes:
        header: its type, name, parameters and attributes.
        lines: the lines between the braces.
        needs: the functions of mathlib that it calls.
        declarations: the declarations of the functions that it uses.
        tables: the tables of numbers that it uses, by name.
        leaf: whether it calls no other function of the module.
        exported: whether it is the kernel that the module is made for.
    """

    header: str
    lines: list[str]
    needs: set[str]
    declarations: set[str]
    tables: dict[str, tuple[float | int, ...]]
    leaf: bool
    exported: bool

    def text(self, alone: bool) -> str:
        """Return the definition. ``alone`` promises that no other part of the module calls the function."""
        linkage = "internal " if alone and not self.exported else ""
        return "\n".join([f"define {linkage}{self.header} {{", *self.lines, "}", ""])

    def declaration(self) -> str:
        return f"declare {self.header}"


class Escape(NamedTuple):
    """For calls of Python from the kernel for one call: memory for operands and result, and the block for failures."""

    back: Pointer
    unknown: Block


class Module:
    """LLVM IR for one tape.

    Args:
        tape: the tape to compile.
        inputs, outputs: the layout of arguments and results in memory.
        target: the processor.
        inlined: how many lines of IR all inlined kernels of mathlib may have together.
        vectors: how many of the processor's vectors an instruction works on, or 0 if `schedule` is not to be used.
        pause: a function that is called after each function is written, so that other Python threads can run.

    Attributes:
        critical_path: that of the longest block (`schedule.critical_path`), if `schedule` is used.
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
        self.tape = tape = lowered(tape, inputs)
        self.inputs, self.outputs, self.target = inputs, outputs, target
        self.owner = owners(inputs)
        self.vectors, self.pause = vectors, pause
        self.critical_path = (0, 0.0)
        self.functions: list[Function] = []
        self.declarations: set[str] = set()
        self.pieces = 0
        self.escape: Escape | None = None
        self.callees = Callees(tape)
        self.kernels: list[str | None] = [
            None if isinstance(op, Assert) else name for op, name in zip(tape.ops, kernels_of(tape))
        ]
        uses: dict[str, int] = {}
        for name in self.kernels:
            if name is not None:
                uses[name] = uses.get(name, 0) + 1
        sizes = {name: size_of(name, target) for name in uses}
        self.inline: set[str] = set()
        for name in sorted(uses, key=lambda name: (uses[name] * sizes[name], name)):
            lines = uses[name] * sizes[name]
            if mathlib.find(name).small:
                self.inline.add(name)
            elif lines <= inlined:
                inlined -= lines
                self.inline.add(name)
        self.moved = self._moved(False), self._moved(True)
        self.weights = [CALLED if name is None else sizes[name] if name in self.inline else 2 for name in self.kernels]
        for i, op in enumerate(tape.ops):
            if isinstance(op, Row):
                self.weights[i] = row_lines(target.lanes)

    # Functions

    def add(
        self, signature: Signature, code: Code, leaf: bool = False, exported: bool = False, comment: str = ""
    ) -> None:
        """Add a function whose body has been written. For ``leaf`` and ``exported`` see `Function`."""
        header = str(signature)
        if self.vectors:
            self.critical_path = max(self.critical_path, critical_path(code.blocks))
            for block in code.blocks:
                schedule(block, self.vectors, self.target.registers)
            header += ORDERED * self.target.triple.startswith("x86_64")
        header += " nounwind"  # so LLVM writes no tables for exceptions, which would take time to make and to link
        lines = [f"  ; {comment}", *code.lines()] if comment else code.lines()
        self.functions.append(Function(header, lines, code.needs, code.declarations, code.tables, leaf, exported))
        self.pause()

    @property
    def needs(self) -> set[str]:
        """The functions of mathlib that the functions of the module call."""
        return set().union(*[function.needs for function in self.functions])

    def __str__(self) -> str:
        return self._text(self.functions, [])

    def parts(self, length: int = PART) -> list[str]:
        """Split the module into several modules, to be linked together. Each has about ``length`` lines at most."""
        parts: list[list[Function]] = [[]]
        size = 0
        for function in sorted(self.functions, key=lambda function: not function.leaf):  # the leaves side by side
            if size >= length:
                parts.append([])
                size = 0
            parts[-1].append(function)
            size += len(function.lines)
        if len(parts) == 1:
            return [str(self)]
        texts = []
        for k, part in enumerate(parts):
            calls = not all(function.leaf for function in part)
            others = [f for other in (*parts[:k], *parts[k + 1 :]) for f in other] if calls else []
            texts.append(self._text(part, others))
        return texts

    def _text(self, functions: Sequence[Function], others: Sequence[Function]) -> str:
        """Return the IR of some of the functions. They may call ``others``."""
        kernels = [self._declared(need) for need in sorted(set().union(*[function.needs for function in functions]))]
        constants: dict[str, tuple[float | int, ...]] = {}
        for function in functions:
            constants.update(function.tables)
        tables = [
            f"@{name} = internal unnamed_addr constant [{len(values)} x double] "
            f"[{', '.join(f'double {double(x)}' for x in values)}], align 64"
            for name, values in sorted(constants.items())
        ]
        declared = self.declarations.union(*[function.declarations for function in functions])
        once = dict.fromkeys([*kernels, *sorted(declared)])  # a kernel may be inlined here and called there
        alone = len(functions) == len(self.functions)
        definitions = [function.text(alone) for function in functions]
        called = [function.declaration() for function in others]
        return "\n".join([LEAF, *tables, *once, *called, *definitions, "!0 = !{}"]) + "\n"

    def _declared(self, need: str) -> str:
        """Return the declaration of a function of mathlib."""
        name, lanes = kernel_of(need)
        f64 = Code(self.target._replace(lanes=lanes)).f64
        return f"declare {f64} @{need}({', '.join([f64] * mathlib.find(name).arity)})"

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
        return code.call_kernel(name, *args)

    def outside(self, code: Code, i: int, args: Sequence[F]) -> F:
        """Call the C function that computes operation i, once for each lane."""
        callee = self.callees.name(i)
        code.declarations.add(f"declare double @{callee}({', '.join(['double'] * len(args))})")
        found = "poison"
        for lane in range(code.lanes):
            given = [("double", code.lane(x, lane)) for x in args]
            one = code.call("double", callee, given)
            found = code.insert(code.f64, found, "double", one, lane) if code.lanes > 1 else one
        return F(code, found)

    def back(self, code: Code, i: int, args: Sequence[F]) -> F:
        """Call the Python function that computes operation i, for one lane. If it fails, the code continues in the
        block of `Escape`."""
        assert self.escape is not None
        callee, (back, unknown) = self.callees.name(i), self.escape
        code.declarations |= {f"@{callee} = external global i8", f"declare void @{BACK}(ptr, ptr, i64)"}
        for k, x in enumerate(args):
            code.store(x, back.element("double", k))
        place = back.element("double", len(args))
        code.store(code.integer(FAILED), place)
        code.call("void", BACK, [("ptr", f"@{callee}"), ("ptr", back.name), ("i64", str(len(args)))])
        result, on = F(code, code.read("double", place)), code.new_block("on")
        code.branch(result.bits() == FAILED, unknown, on)
        code.start(on)
        return result

    def memory(self, code: Code, scope: Scope, listed: bool) -> Memory:
        return Memory(code, scope, self.inputs, self.outputs, self.owner, listed)

    def costs(self, positions: Sequence[int], listed: bool, results: dict[int, list[int]]) -> Iterator[int]:
        """Estimate the lines of IR of each operation, with loads of inputs and stores of results."""
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
        """Estimate the lines of IR to load each input, and to store each result."""
        lanes = self.target.lanes

        def lines(form: Form) -> int:
            if form.layout == BROADCAST or (form.layout == CONTIGUOUS and not listed):
                return 3
            return 5 if form.layout == INTERLEAVED and form.size >= lanes else 3 * lanes

        into, out = [[x for form in forms for x in [lines(form)] * form.size] for forms in (self.inputs, self.outputs)]
        return into, out

    def cut(
        self, positions: Sequence[int], listed: bool = False, results: dict[int, list[int]] | None = None
    ) -> list[list[int]]:
        """Cut operations into runs of bounded size."""
        runs: list[list[int]] = [[]]
        size = 0
        for i, cost in zip(positions, self.costs(positions, listed, results or {})):
            if size >= PIECE:
                runs.append([])
                size = 0
            runs[-1].append(i)
            size += cost
        return runs

    # Pieces

    def piece(self, caller: Memory, positions: Sequence[int], fetch: Fetch, keep: Keep) -> None:
        """Add a function that computes the operations at ``positions``, and call it."""
        memory = self.open_piece(caller)
        self.straight(memory, positions, {}, fetch, keep)
        memory.flush()
        self.close_piece(caller, memory)

    def open_piece(self, caller: Memory) -> Memory:
        """Start a piece that works on the same lanes as its caller. Return its memory."""
        code = Code(self.target)
        values = Signature("", SCOPE).values(code)
        memory = self.memory(code, Scope(**vars(values)), caller.listed)
        memory.columns = caller.columns
        return memory

    def close_piece(self, caller: Memory, piece: Memory, result: Value | None = None) -> Int:
        """End a piece, add it to the module, and call it. Return its result."""
        signature = Signature(f"piece{self.pieces}", SCOPE, "void" if result is None else result.type)
        self.pieces += 1
        piece.code.ret(result)
        self.add(signature, piece.code, leaf=True)
        return caller.code.invoke(signature, *caller.scope)

    def straight(self, memory: Memory, positions: Iterable[int], known: dict[int, F], fetch: Fetch, keep: Keep) -> None:
        """Write the operations at ``positions``. ``known`` holds the values computed so far, and gets the new ones."""
        tape, n = self.tape, self.tape.inputs
        code = memory.code
        for i in positions:
            args = []
            for a in tape.args[i]:
                x = known.get(a)
                if x is None:
                    x = known[a] = self.value(memory, a, fetch)
                args.append(x)
            op = tape.ops[i]
            result = write_row(memory, op, args[0]) if isinstance(op, Row) else self.operation(code, i, args)
            known[n + i] = result
            keep(memory, n + i, result)

    def value(self, memory: Memory, ref: int, fetch: Fetch) -> F:
        """Write the load of an input, a constant or a value computed elsewhere."""
        if ref < 0:
            return memory.code.constant(self.tape.constants[~ref])
        return memory.load(ref) if ref < self.tape.inputs else fetch(memory, ref)


def last_uses(uses: Iterable[tuple[int, Sequence[int]]]) -> dict[int, int]:
    """Find the last place at which each reference is used, from pairs of a place and the references used there."""
    last: dict[int, int] = {}
    for place, refs in uses:
        for ref in refs:
            last[ref] = place
    return last
