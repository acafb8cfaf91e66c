"""Values over all lanes of a target: doubles, 64-bit integers, and masks."""

from __future__ import annotations

import struct
from functools import lru_cache
from typing import TYPE_CHECKING

from glassgrad.compiler.codegen.instructions import Negate
from glassgrad.compiler.codegen.values import Value

if TYPE_CHECKING:
    from glassgrad.compiler.codegen.vector import Code

__all__ = ["F", "I", "M", "bits_of", "double"]


def bits_of(x: float) -> int:
    """Return the 64 bits of a double as an unsigned integer."""
    return int(struct.unpack("<Q", struct.pack("<d", x))[0])


def double(x: float) -> str:
    """Return a double as LLVM writes it."""
    return _double(x) if x else f"0x{bits_of(x):016X}"  # 0.0 and -0.0 are equal, so they would share a cache entry


@lru_cache(4096)
def _double(x: float) -> str:
    return f"0x{bits_of(x):016X}"


class F(Value):
    """Doubles, one in each lane."""

    __slots__ = ()

    code: Code

    def __init__(self, code: Code, name: str) -> None:
        self.code, self.name = code, name

    @property
    def type(self) -> str:
        return self.code.f64

    def __add__(self, other: F | float) -> F:
        return self.code.arithmetic("fadd", self, other)

    def __sub__(self, other: F | float) -> F:
        return self.code.arithmetic("fsub", self, other)

    def __mul__(self, other: F | float) -> F:
        return self.code.arithmetic("fmul", self, other)

    def __truediv__(self, other: F | float) -> F:
        return self.code.arithmetic("fdiv", self, other)

    def __radd__(self, other: float) -> F:
        return self.code.arithmetic("fadd", other, self)

    def __rsub__(self, other: float) -> F:
        return self.code.arithmetic("fsub", other, self)

    def __rmul__(self, other: float) -> F:
        return self.code.arithmetic("fmul", other, self)

    def __rtruediv__(self, other: float) -> F:
        return self.code.arithmetic("fdiv", other, self)

    def __neg__(self) -> F:
        code = self.code
        name = code.register()
        code.append(Negate(name, code.f64, self.name))
        return F(code, name)

    def __lt__(self, other: F | float) -> M:
        return self.code.compare("olt", self, other)

    def __le__(self, other: F | float) -> M:
        return self.code.compare("ole", self, other)

    def __gt__(self, other: F | float) -> M:
        return self.code.compare("ogt", self, other)

    def __ge__(self, other: F | float) -> M:
        return self.code.compare("oge", self, other)

    def __eq__(self, other: F | float) -> M:  # type: ignore[override]
        return self.code.compare("oeq", self, other)

    def __ne__(self, other: F | float) -> M:  # type: ignore[override]
        return self.code.compare("une", self, other)

    __hash__ = None  # type: ignore[assignment]

    def bits(self) -> I:
        """Return the same 64 bits as integers."""
        code = self.code
        return I(code, code.cast("bitcast", code.f64, self.name, code.i64))


class I(Value):
    """64-bit integers, one in each lane. Comparisons and ``>>`` are signed; `shifted_right` is not."""

    __slots__ = ()

    code: Code

    def __init__(self, code: Code, name: str) -> None:
        self.code, self.name = code, name

    @property
    def type(self) -> str:
        return self.code.i64

    def __add__(self, other: I | int) -> I:
        return self.code.integers("add", self, other)

    def __sub__(self, other: I | int) -> I:
        return self.code.integers("sub", self, other)

    def __mul__(self, other: I | int) -> I:
        """The lower 64 bits of the product. This is fast only with AVX-512; a shift is fast everywhere."""
        return self.code.integers("mul", self, other)

    def __rsub__(self, other: int) -> I:
        return self.code.integers("sub", other, self)

    def __and__(self, other: I | int) -> I:
        return self.code.integers("and", self, other)

    def __or__(self, other: I | int) -> I:
        return self.code.integers("or", self, other)

    def __xor__(self, other: I | int) -> I:
        return self.code.integers("xor", self, other)

    def __lshift__(self, other: I | int) -> I:
        return self.code.integers("shl", self, other)

    def __rshift__(self, other: I | int) -> I:
        """Shift right, and fill with the sign. This is fast only with AVX-512; `shifted_right` is fast everywhere."""
        return self.code.integers("ashr", self, other)

    def shifted_right(self, other: I | int) -> I:
        """Shift right, and fill with zeros."""
        return self.code.integers("lshr", self, other)

    def __lt__(self, other: I | int) -> M:
        return self.code.integers_compare("slt", self, other)

    def __le__(self, other: I | int) -> M:
        return self.code.integers_compare("sle", self, other)

    def __gt__(self, other: I | int) -> M:
        return self.code.integers_compare("sgt", self, other)

    def __ge__(self, other: I | int) -> M:
        return self.code.integers_compare("sge", self, other)

    def __eq__(self, other: I | int) -> M:  # type: ignore[override]
        return self.code.integers_compare("eq", self, other)

    def __ne__(self, other: I | int) -> M:  # type: ignore[override]
        return self.code.integers_compare("ne", self, other)

    __hash__ = None  # type: ignore[assignment]

    def double(self) -> F:
        """Return the same 64 bits as doubles."""
        code = self.code
        return F(code, code.cast("bitcast", code.i64, self.name, code.f64))


class M(Value):
    """A mask: one bit in each lane, the result of a comparison. Masks combine with ``& | ^ ~``, for `Code.select`."""

    __slots__ = ()

    code: Code

    def __init__(self, code: Code, name: str) -> None:
        self.code, self.name = code, name

    @property
    def type(self) -> str:
        return self.code.i1

    def __and__(self, other: M) -> M:
        return self.code.masks("and", self, other)

    def __or__(self, other: M) -> M:
        return self.code.masks("or", self, other)

    def __xor__(self, other: M) -> M:
        return self.code.masks("xor", self, other)

    def __invert__(self) -> M:
        return self.code.masks("xor", self, self.code.true())
