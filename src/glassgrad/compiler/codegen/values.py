"""Integers and addresses in the code that is being written. `lane_values` has the values over all lanes."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

from glassgrad.compiler.codegen.instructions import Address

if TYPE_CHECKING:
    from glassgrad.compiler.codegen.builder import Builder

__all__ = ["Int", "Pointer", "Value", "integer", "of_bits"]

# These operations on two constants are computed at once, without an instruction.
FOLDED = {"add": operator.add, "sub": operator.sub, "mul": operator.mul}


def integer(n: int) -> str:
    """Return a 64-bit integer, signed or unsigned, as LLVM writes it."""
    n &= (1 << 64) - 1
    return str(n - (1 << 64) if n >> 63 else n)


class Value:
    """A value of the function being written: an LLVM register or constant."""

    __slots__ = ("code", "name")

    code: Any
    name: str

    @property
    def type(self) -> str:
        """The type, as LLVM writes it."""
        raise NotImplementedError


class Int(Value):
    """An integer, or a vector of integers. Comparisons are signed, and return integers of one bit."""

    __slots__ = ("_type",)

    code: Builder

    def __init__(self, code: Builder, name: str, type: str = "i64") -> None:
        self.code, self.name, self._type = code, name, type

    @property
    def type(self) -> str:
        return self._type

    def _with(self, opcode: str, other: Int | int) -> Int:
        code, kind = self.code, self._type
        if isinstance(other, Int):
            b = other.name
        elif self.name.isdigit() and opcode in FOLDED:
            return Int(code, str(FOLDED[opcode](int(self.name), other)), kind)
        else:
            b = code.number(other, kind)
        return Int(code, code.binary(opcode, kind, self.name, b), kind)

    def _compared(self, relation: str, other: Int | int) -> Int:
        code, kind = self.code, self._type
        name = code.binary(f"icmp {relation}", kind, self.name, code.number(other, kind))
        return Int(code, name, of_bits(kind))

    def __add__(self, other: Int | int) -> Int:
        return self._with("add", other)

    def __sub__(self, other: Int | int) -> Int:
        return self._with("sub", other)

    def __mul__(self, other: Int | int) -> Int:
        return self._with("mul", other)

    def __and__(self, other: Int | int) -> Int:
        return self._with("and", other)

    def __or__(self, other: Int | int) -> Int:
        return self._with("or", other)

    def __lshift__(self, other: int) -> Int:
        return self._with("shl", other)

    def __lt__(self, other: Int | int) -> Int:
        return self._compared("slt", other)

    def __gt__(self, other: Int | int) -> Int:
        return self._compared("sgt", other)

    def __ge__(self, other: Int | int) -> Int:
        return self._compared("sge", other)

    def __eq__(self, other: Int | int) -> Int:  # type: ignore[override]
        return self._compared("eq", other)

    def __ne__(self, other: Int | int) -> Int:  # type: ignore[override]
        return self._compared("ne", other)

    __hash__ = None  # type: ignore[assignment]

    def cast(self, opcode: str, to: str) -> Int:
        """Convert the integer to type ``to``. ``opcode`` is ``trunc``, ``sext``, ``zext`` or ``bitcast``."""
        return Int(self.code, self.code.cast(opcode, self._type, self.name, to), to)

    def splat(self, count: int) -> Int:
        """Return a vector that holds the integer ``count`` times."""
        code, kind = self.code, f"<{count} x {self._type}>"
        return Int(code, code.splat(self._type, self.name, count), kind)

    def element(self, place: int) -> Int:
        """Return one integer of a vector. If this is a single integer, return it as it is."""
        if not self._type.startswith("<"):
            return self
        return Int(self.code, self.code.extract(self._type, self.name, place), self._type.split()[-1][:-1])


class Pointer(Value):
    """An address."""

    __slots__ = ()

    code: Builder

    def __init__(self, code: Builder, name: str) -> None:
        self.code, self.name = code, name

    @property
    def type(self) -> str:
        return "ptr"

    def element(self, type: str, index: Int | int, stem: str = "v", inside: bool = True) -> Pointer:
        """Return the address that is ``index`` elements of ``type`` after this one.

        ``inside`` promises that it is within the same piece of memory. The register's name begins with ``stem``.
        """
        code = self.code
        code._count += 1  # as `Builder.register` does, but without a call: no instruction is more frequent
        name = f"%{stem}{code._count}"
        place = index.name if isinstance(index, Int) else str(index)
        code.append(Address(name, type, self.name, place, inside))
        return Pointer(code, name)

    def offset(self, count: Int | int, stem: str = "v", inside: bool = True) -> Pointer:
        """Return the address that is ``count`` bytes after this one."""
        return self.element("i8", count, stem, inside)

    def field(self, type: str, index: int, field: int) -> Pointer:
        """Return the address of a field of element ``index``, in an array of structures that begins here."""
        code = self.code
        name = code.register()
        code.append(Address(name, type, self.name, str(index), True, field))
        return Pointer(code, name)

    def is_given(self) -> Int:
        """Whether the address is not null."""
        return Int(self.code, self.code.binary("icmp ne", "ptr", self.name, "null"), "i1")


def of_bits(type: str) -> str:
    """Return the type of the result of comparing two values of ``type``."""
    return f"<{type[1:].split(' ')[0]} x i1>" if type.startswith("<") else "i1"
