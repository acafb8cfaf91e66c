"""Write the instructions of a function, block after block: integers and addresses, memory, control flow.

`Builder` is the body of one function while it is being written. `Int` and `Pointer` are its values. Python's operators
on an `Int` append instructions. Control flow is written with ``with``:

    with code.repeat(code.integer(0)) as loop:      # a loop with one variable, which starts at 0
        (p,) = loop.state
        ...
        loop.again(p + 8 < count, p + 8)            # repeat while the condition holds, with this value of the variable
    with code.if_(count > 0) as then:
        more = count + 1
    count = then.merge(more, count)                 # `more` if the block ran, `count` if it did not

`vector.Code` adds values over all lanes of a target.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from types import SimpleNamespace
from typing import Any, NamedTuple, TypeVar

from glassgrad.compiler.codegen.instructions import (
    Binary,
    Block,
    Branch,
    Call,
    Cast,
    Extract,
    Insert,
    Instruction,
    Jump,
    Load,
    Phi,
    Return,
    Select,
    Shuffle,
    Store,
)
from glassgrad.compiler.codegen.values import Int, Pointer, Value

__all__ = ["Builder", "If", "Loop", "Signature"]

R = TypeVar("R")
V = TypeVar("V", bound=Value)
ALIGN = {"i8": 1, "i32": 4, "float": 4}  # The alignment of these types, in bytes. All others are aligned to 8 bytes.
UNROLLED = 16  # `Builder.each` writes a loop only if there are more steps than this.
STEP = 8  # Each turn of that loop does this many steps.


class Signature(NamedTuple):
    """A function as its callers see it.

    Attributes:
        name: its name, without the ``@``.
        parameters: the type and the name of each parameter.
        result: the type of its result.
        attributes: its attributes, as LLVM writes them.
    """

    name: str
    parameters: tuple[tuple[str, str], ...]
    result: str = "void"
    attributes: str = " noinline"

    def __str__(self) -> str:
        given = ", ".join([f"{type} %{name}" for type, name in self.parameters])
        return f"{self.result} @{self.name}({given}){self.attributes}"

    def values(self, code: Builder) -> Any:
        """Return the parameters as attributes of an object: the values to use in the function's body."""
        made = {
            name: Pointer(code, f"%{name}") if type == "ptr" else Int(code, f"%{name}", type)
            for type, name in self.parameters
        }
        return SimpleNamespace(**made)


class Loop:
    """A loop that is being written. Its condition is at its end (`Builder.repeat`).

    Attributes:
        state: the values of its variables during a step.
    """

    def __init__(self, code: Builder, initial: Sequence[Value]) -> None:
        self.code = code
        before, self.head = code.block, code.new_block("loop")
        code.jump(self.head)
        code.start(self.head)
        self._phis = [Phi(code.register("s"), x.type, [(x.name, before)]) for x in initial]
        self.state: list[Any] = [code.same(x, phi.result) for x, phi in zip(initial, self._phis)]
        code.block.instructions.extend(self._phis)
        self._again: tuple[Value, Sequence[Value]] | None = None

    def again(self, condition: Value, *state: Value) -> None:
        """End the step. If the condition holds, another step follows, with these values of the variables."""
        self._again = condition, state

    def close(self) -> None:
        code, end = self.code, self.code.block
        assert self._again is not None, "a loop must end with `again`"
        condition, state = self._again
        for phi, x in zip(self._phis, state, strict=True):
            phi.incoming.append((x.name, end))
        after = code.new_block("done")
        code.branch(condition, self.head, after)
        code.start(after)


class If:
    """A block that runs only if a condition holds (`Builder.if_`)."""

    def __init__(self, code: Builder, before: Block) -> None:
        self.code, self.before = code, before
        self.end = before

    def merge(self, inside: V, otherwise: V) -> V:
        """Return ``inside``, a value from the block, if the block ran, and ``otherwise`` if it did not.

        Call it immediately after the block.
        """
        code = self.code
        phi = Phi(code.register(), inside.type, [(otherwise.name, self.before), (inside.name, self.end)])
        code.append(phi)
        merged: V = code.same(inside, phi.result)
        return merged


class Builder:
    """The body of a function while it is being written.

    Attributes:
        blocks: the blocks so far. The function starts with the first one.
        block: the block that is being written.
        hoisted: instructions that run before all others (`hoist`).
        declarations: the declarations of functions that it calls and that are defined elsewhere.
    """

    def __init__(self) -> None:
        self.block = Block("entry")
        self.blocks = [self.block]
        self.append: Callable[[Instruction], None] = self.block.instructions.append
        self.hoisted: list[Instruction] = []
        self.declarations: set[str] = set()
        self._count = 0

    @property
    def size(self) -> int:
        """How many lines of IR there are so far, without the `hoisted` instructions."""
        return sum([len(block) + (block.end is not None) for block in self.blocks]) + len(self.blocks) - 1

    def lines(self) -> list[str]:
        """Return the body as lines of LLVM IR."""
        first, *rest = self.blocks
        lines = ["entry:", *map(str, self.hoisted), *first.lines()]
        for block in rest:
            lines.append(f"{block.name}:")
            lines += block.lines()
        return lines

    def register(self, stem: str = "v") -> str:
        """Return the name of a new register."""
        self._count = n = self._count + 1
        return f"%{stem}{n}"

    def hoist(self, write: Callable[..., R], *args: Any) -> R:
        """Return ``write(*args)``. The instructions that it appends will run before all others."""
        append, self.append = self.append, self.hoisted.append
        try:
            return write(*args)
        finally:
            self.append = append

    def same(self, value: Value, name: str) -> Any:
        """Return the value called ``name``, of the same type as ``value``."""
        if isinstance(value, Int):
            return Int(self, name, value.type)
        return type(value)(self, name)  # type: ignore[call-arg]

    # Instructions on the names of values

    def binary(self, opcode: str, type: str, a: str, b: str) -> str:
        self._count = n = self._count + 1
        name = f"%v{n}"
        self.append(Binary(name, opcode, type, a, b))
        return name

    def cast(self, opcode: str, type: str, a: str, to: str) -> str:
        self._count = n = self._count + 1
        name = f"%v{n}"
        self.append(Cast(name, opcode, type, a, to))
        return name

    def choose(self, kind: str, condition: str, type: str, a: str, b: str) -> str:
        """Return ``a`` where ``condition`` holds, and ``b`` elsewhere."""
        self._count = n = self._count + 1
        name = f"%v{n}"
        self.append(Select(name, kind, condition, type, a, b))
        return name

    def extract(self, type: str, a: str, place: int) -> str:
        self._count = n = self._count + 1
        name = f"%v{n}"
        self.append(Extract(name, type, a, place))
        return name

    def insert(self, type: str, a: str, kind: str, element: str, place: int) -> str:
        self._count = n = self._count + 1
        name = f"%v{n}"
        self.append(Insert(name, type, a, kind, element, place))
        return name

    def shuffle(self, type: str, a: str, b: str, places: Sequence[int]) -> str:
        self._count = n = self._count + 1
        name = f"%v{n}"
        self.append(Shuffle(name, type, a, b, places))
        return name

    def splat(self, kind: str, a: str, count: int) -> str:
        """Return a vector that holds ``a`` in each of its ``count`` places."""
        type = f"<{count} x {kind}>"
        return self.shuffle(type, self.insert(type, "poison", kind, a, 0), "poison", (0,) * count)

    def call(self, type: str, function: str, arguments: Sequence[tuple[str, str]]) -> str:
        name = "" if type == "void" else self.register()
        self.append(Call(name, type, f"@{function}", arguments))
        return name

    # Instructions on values

    def integer(self, n: int, type: str = "i64") -> Int:
        """Return a constant."""
        return Int(self, self.number(n, type), type)

    def number(self, n: Int | int, type: str) -> str:
        """Return the name of an integer, which may be a constant."""
        if isinstance(n, Int):
            return n.name
        if type.startswith("<"):
            return f"splat ({type.split()[-1][:-1]} {n})"
        return str(n)

    def null(self) -> Pointer:
        return Pointer(self, "null")

    def pick(self, condition: Int, a: V, b: V) -> V:
        """Return ``a`` where ``condition`` holds, and ``b`` elsewhere."""
        picked: V = self.same(a, self.choose(condition.type, condition.name, a.type, a.name, b.name))
        return picked

    def read(self, type: str, address: Pointer, constant: bool = False, align: int = 0) -> str:
        """Load a value of ``type``, and return its name."""
        self._count = n = self._count + 1
        name = f"%v{n}"
        self.append(Load(name, type, address.name, align or _aligned(type), constant))
        return name

    def read_int(self, address: Pointer, type: str = "i64", constant: bool = False) -> Int:
        return Int(self, self.read(type, address, constant), type)

    def read_pointer(self, address: Pointer, constant: bool = False) -> Pointer:
        return Pointer(self, self.read("ptr", address, constant))

    def store(self, value: Value, address: Pointer) -> None:
        self.write(value.type, value.name, address)

    def write(self, type: str, value: str, address: Pointer, align: int = 0) -> None:
        """Store the value that is called ``value``."""
        self.append(Store(type, value, address.name, align or _aligned(type)))

    def invoke(self, signature: Signature, *arguments: Value) -> Int:
        """Call a function of the module, and return its result. A result of type void must not be used."""
        given = [(x.type, x.name) for x in arguments]
        return Int(self, self.call(signature.result, signature.name, given), signature.result)

    # Control flow

    def fresh(self, stem: str) -> str:
        """Return a name that no block or register has."""
        self._count += 1
        return f"{stem}{self._count}"

    def new_block(self, stem: str) -> Block:
        """Make a block, to `start` later."""
        return Block(self.fresh(stem))

    def start(self, block: Block) -> None:
        """Continue writing in ``block``."""
        self.blocks.append(block)
        self.block = block
        self.append = block.instructions.append

    def jump(self, to: Block) -> None:
        self.block.end = Jump(to)

    def branch(self, condition: Value, yes: Block, no: Block) -> None:
        self.block.end = Branch(condition.name, yes, no)

    def ret(self, value: Value | None = None) -> None:
        """Return from the function."""
        self.block.end = Return("void" if value is None else f"{value.type} {value.name}")

    @contextmanager
    def repeat(self, *initial: Value) -> Iterator[Loop]:
        """Write a loop whose variables start with the values ``initial``.

        It must end with `Loop.again`, which says when another step follows. There is at least one step.
        """
        loop = Loop(self, initial)
        yield loop
        loop.close()

    @contextmanager
    def if_(self, condition: Value) -> Iterator[If]:
        """Write code that runs only if ``condition`` holds."""
        inside, after = self.new_block("then"), self.new_block("after")
        then = If(self, self.block)
        self.branch(condition, inside, after)
        self.start(inside)
        yield then
        then.end = self.block
        self.jump(after)
        self.start(after)

    @contextmanager
    def count(self, stop: Int | int) -> Iterator[Int]:
        """Write a loop over 0, 1, …, ``stop - 1``.

        If ``stop`` is an `Int`, there may be no step. If it is a Python integer, it must be positive.
        """
        if isinstance(stop, Int):
            with self.if_(stop > 0), self._counting(stop) as k:
                yield k
        else:
            with self._counting(self.integer(stop)) as k:
                yield k

    @contextmanager
    def _counting(self, stop: Int) -> Iterator[Int]:
        with self.repeat(self.integer(0)) as loop:
            (k,) = loop.state
            yield k
            further = k + 1
            loop.again(further < stop, further)

    def each(self, count: int, write: Callable[[Int], None]) -> None:
        """Write ``write(k)`` for each k from 0 to ``count - 1``.

        A few steps are written one after another. More are written as a loop, so the code does not grow with ``count``.
        """
        rest = 0
        if count > UNROLLED:
            steps = count // STEP
            rest = steps * STEP
            with self.count(steps) as step:
                first = step * STEP
                for k in range(STEP):
                    write(first + k)
        for k in range(rest, count):
            write(self.integer(k))


@cache
def _aligned(type: str) -> int:
    """Return the alignment of a type in memory. For a vector it is the alignment of its elements."""
    return ALIGN.get(type.split()[-1].rstrip(">"), 8)
