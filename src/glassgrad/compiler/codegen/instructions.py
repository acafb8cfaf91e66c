"""The instructions of a function, as records: the register that each sets, its opcode, and its operands.

`vector.Code` makes instructions, and `schedule` puts them in order. At the end each instruction prints itself as one
line of LLVM IR. Strings name values: a register (``%v12``), or a constant as LLVM writes it. A `Block` is a list of
instructions that run one after another, and the `Jump`, `Branch` or `Return` that ends it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

__all__ = [
    "Address",
    "Binary",
    "Block",
    "Branch",
    "Call",
    "Cast",
    "End",
    "Extract",
    "Insert",
    "Instruction",
    "Jump",
    "Load",
    "Negate",
    "Phi",
    "Return",
    "Select",
    "Shuffle",
    "Store",
]


class Instruction:
    """One instruction.

    Attributes:
        result: the register that it sets, or "" if it sets none.
        opcode: LLVM's name of the instruction. For a comparison it includes the relation, as in ``"fcmp olt"``.
    """

    __slots__ = ("opcode", "result")

    opcode: str
    result: str

    def operands(self) -> Sequence[str]:
        """Return the names of its operands."""
        raise NotImplementedError

    def types(self) -> Sequence[str]:
        """Return the types that the instruction names: those of its operands and of its result."""
        raise NotImplementedError


class Binary(Instruction):
    """Arithmetic or a comparison of two values of one type."""

    __slots__ = ("a", "b", "type")

    def __init__(self, result: str, opcode: str, type: str, a: str, b: str) -> None:
        self.result, self.opcode, self.type, self.a, self.b = result, opcode, type, a, b

    def operands(self) -> Sequence[str]:
        return self.a, self.b

    def types(self) -> Sequence[str]:
        return (self.type,)

    def __str__(self) -> str:
        return f"  {self.result} = {self.opcode} {self.type} {self.a}, {self.b}"


class Negate(Instruction):
    """A double, or a vector of doubles, with the sign flipped."""

    __slots__ = ("a", "type")
    opcode = "fneg"

    def __init__(self, result: str, type: str, a: str) -> None:
        self.result, self.type, self.a = result, type, a

    def operands(self) -> Sequence[str]:
        return (self.a,)

    def types(self) -> Sequence[str]:
        return (self.type,)

    def __str__(self) -> str:
        return f"  {self.result} = fneg {self.type} {self.a}"


class Cast(Instruction):
    """A value converted to another type."""

    __slots__ = ("a", "to", "type")

    def __init__(self, result: str, opcode: str, type: str, a: str, to: str) -> None:
        self.result, self.opcode, self.type, self.a, self.to = result, opcode, type, a, to

    def operands(self) -> Sequence[str]:
        return (self.a,)

    def types(self) -> Sequence[str]:
        return self.type, self.to

    def __str__(self) -> str:
        return f"  {self.result} = {self.opcode} {self.type} {self.a} to {self.to}"


class Select(Instruction):
    """One of two values, chosen by a bit; for vectors, chosen in each lane."""

    __slots__ = ("a", "b", "condition", "kind", "type")
    opcode = "select"

    def __init__(self, result: str, kind: str, condition: str, type: str, a: str, b: str) -> None:
        self.result, self.kind, self.condition = result, kind, condition
        self.type, self.a, self.b = type, a, b

    def operands(self) -> Sequence[str]:
        return self.condition, self.a, self.b

    def types(self) -> Sequence[str]:
        return self.kind, self.type

    def __str__(self) -> str:
        a, b, kind = self.a, self.b, self.type
        return f"  {self.result} = select {self.kind} {self.condition}, {kind} {a}, {kind} {b}"


class Call(Instruction):
    """A call of a function, or of one of LLVM's intrinsics.

    Attributes:
        type: the type of the result, or ``"void"``.
        function: the name of the function, with the ``@``.
        arguments: the type and the name of each argument.
    """

    __slots__ = ("arguments", "function", "type")
    opcode = "call"

    def __init__(self, result: str, type: str, function: str, arguments: Sequence[tuple[str, str]]) -> None:
        self.result, self.type, self.function, self.arguments = result, type, function, arguments

    def operands(self) -> Sequence[str]:
        return [name for _, name in self.arguments]

    def types(self) -> Sequence[str]:
        return [self.type, *[kind for kind, _ in self.arguments]]

    def __str__(self) -> str:
        given = ", ".join([f"{kind} {name}" for kind, name in self.arguments])
        sets = f"{self.result} = " if self.result else ""
        return f"  {sets}call {self.type} {self.function}({given})"


class Load(Instruction):
    """A value read from memory. ``constant`` promises that nothing writes to that memory while the function runs."""

    __slots__ = ("address", "align", "constant", "type")
    opcode = "load"

    def __init__(self, result: str, type: str, address: str, align: int, constant: bool) -> None:
        self.result, self.type, self.address, self.align, self.constant = result, type, address, align, constant

    def operands(self) -> Sequence[str]:
        return (self.address,)

    def types(self) -> Sequence[str]:
        return (self.type,)

    def __str__(self) -> str:
        constant = ", !invariant.load !0" if self.constant else ""
        return f"  {self.result} = load {self.type}, ptr {self.address}, align {self.align}{constant}"


class Store(Instruction):
    """A write of a value to memory."""

    __slots__ = ("address", "align", "type", "value")
    opcode = "store"
    result = ""

    def __init__(self, type: str, value: str, address: str, align: int) -> None:
        self.type, self.value, self.address, self.align = type, value, address, align

    def operands(self) -> Sequence[str]:
        return self.value, self.address

    def types(self) -> Sequence[str]:
        return (self.type,)

    def __str__(self) -> str:
        return f"  store {self.type} {self.value}, ptr {self.address}, align {self.align}"


class Address(Instruction):
    """The address that is ``index`` elements of ``type`` after ``base``. With ``field``: of that field of the element.

    ``inside`` promises that the address is within the same piece of memory as ``base``.
    """

    __slots__ = ("base", "field", "index", "inside", "type")
    opcode = "getelementptr"

    def __init__(self, result: str, type: str, base: str, index: str, inside: bool, field: int | None = None) -> None:
        self.result, self.type, self.base, self.index = result, type, base, index
        self.inside, self.field = inside, field

    def operands(self) -> Sequence[str]:
        return self.base, self.index

    def types(self) -> Sequence[str]:
        return ("ptr",)

    def __str__(self) -> str:
        inside = "inbounds " if self.inside else ""
        field = "" if self.field is None else f", i32 {self.field}"
        return f"  {self.result} = getelementptr {inside}{self.type}, ptr {self.base}, i64 {self.index}{field}"


class Extract(Instruction):
    """One element of a vector."""

    __slots__ = ("a", "place", "type")
    opcode = "extractelement"

    def __init__(self, result: str, type: str, a: str, place: int) -> None:
        self.result, self.type, self.a, self.place = result, type, a, place

    def operands(self) -> Sequence[str]:
        return (self.a,)

    def types(self) -> Sequence[str]:
        return (self.type,)

    def __str__(self) -> str:
        return f"  {self.result} = extractelement {self.type} {self.a}, i64 {self.place}"


class Insert(Instruction):
    """A vector with one element replaced."""

    __slots__ = ("a", "element", "kind", "place", "type")
    opcode = "insertelement"

    def __init__(self, result: str, type: str, a: str, kind: str, element: str, place: int) -> None:
        self.result, self.type, self.a = result, type, a
        self.kind, self.element, self.place = kind, element, place

    def operands(self) -> Sequence[str]:
        return self.a, self.element

    def types(self) -> Sequence[str]:
        return self.type, self.kind

    def __str__(self) -> str:
        return f"  {self.result} = insertelement {self.type} {self.a}, {self.kind} {self.element}, i64 {self.place}"


class Shuffle(Instruction):
    """A vector of the chosen elements of two vectors of one type.

    ``places`` are the places of these elements in both vectors, laid end to end. The second vector may be ``poison``.
    """

    __slots__ = ("a", "b", "places", "type")
    opcode = "shufflevector"

    def __init__(self, result: str, type: str, a: str, b: str, places: Sequence[int]) -> None:
        self.result, self.type, self.a, self.b, self.places = result, type, a, b, places

    def operands(self) -> Sequence[str]:
        return self.a, self.b

    def types(self) -> Sequence[str]:
        return (self.type,)

    def __str__(self) -> str:
        places = self.places
        chosen = f"<{', '.join([f'i32 {p}' for p in places])}>" if any(places) else "zeroinitializer"
        a, b, count = self.a, self.b, len(places)
        return f"  {self.result} = shufflevector {self.type} {a}, {self.type} {b}, <{count} x i32> {chosen}"


class Phi(Instruction):
    """A value that depends on the block that ran before this one."""

    __slots__ = ("incoming", "type")
    opcode = "phi"

    def __init__(self, result: str, type: str, incoming: Iterable[tuple[str, Block]] = ()) -> None:
        self.result, self.type, self.incoming = result, type, list(incoming)

    def operands(self) -> Sequence[str]:
        return [name for name, _ in self.incoming]

    def types(self) -> Sequence[str]:
        return (self.type,)

    def __str__(self) -> str:
        incoming = ", ".join([f"[ {name}, %{block.name} ]" for name, block in self.incoming])
        return f"  {self.result} = phi {self.type} {incoming}"


# The ends of blocks


class Jump:
    """Continue with another block."""

    __slots__ = ("to",)

    def __init__(self, to: Block) -> None:
        self.to = to

    def __str__(self) -> str:
        return f"  br label %{self.to.name}"


class Branch:
    """Continue with one of two blocks, chosen by a bit."""

    __slots__ = ("condition", "no", "yes")

    def __init__(self, condition: str, yes: Block, no: Block) -> None:
        self.condition, self.yes, self.no = condition, yes, no

    def __str__(self) -> str:
        return f"  br i1 {self.condition}, label %{self.yes.name}, label %{self.no.name}"


class Return:
    """Return from the function. ``value`` is a type and a name, as in ``"i64 %v7"``, or ``"void"``."""

    __slots__ = ("value",)

    def __init__(self, value: str) -> None:
        self.value = value

    def __str__(self) -> str:
        return f"  ret {self.value}"


End = Jump | Branch | Return


class Block:
    """Instructions that run one after another.

    Attributes:
        name: the label at its beginning.
        instructions: the instructions before its end.
        end: the jump, branch or return at its end; None while the block is being written.
    """

    __slots__ = ("end", "instructions", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self.instructions: list[Instruction] = []
        self.end: End | None = None

    def __len__(self) -> int:
        return len(self.instructions)

    def lines(self) -> list[str]:
        """Return the block as lines of LLVM IR, without its label."""
        lines = [*map(str, self.instructions)]
        if self.end is not None:
            lines.append(str(self.end))
        return lines
