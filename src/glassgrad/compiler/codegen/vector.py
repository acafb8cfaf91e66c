"""A small language in which vector code is written in Python, and comes out as LLVM IR.

`Code` is the body of one function while it is being written. Its values are `F` (doubles), `I` (64-bit integers) and
`M` (masks), each over all lanes of the target at once; Python's operators on them append instructions. Numbers among
the operands become constants. Nothing here is reassociated or contracted: ``a * b + c`` is two roundings, and
`fma` is one where the target has it (`Code.fused`), so that the result of a program does not depend on how LLVM
optimises it.

    def twice_and_a_half(code, x):                 # x is an F
        return code.select(x > 0.0, x * 2.0, x * 0.5)
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import Any, TypeVar, overload

from glassgrad.compiler.llvm.target import Target

__all__ = ["Code", "F", "I", "M", "bits_of", "double", "integer"]

R = TypeVar("R")


def bits_of(x: float) -> int:
    """The 64 bits of a double, as an unsigned integer."""
    return int(struct.unpack("<Q", struct.pack("<d", x))[0])


def double(x: float) -> str:
    """A double as LLVM writes it."""
    return f"0x{bits_of(x):016X}"


def integer(n: int) -> str:
    """A 64-bit integer as LLVM writes it, whichever sign it was meant to have."""
    n &= (1 << 64) - 1
    return str(n - (1 << 64) if n >> 63 else n)


class Value:
    """A value of the function being written: an LLVM register or constant."""

    __slots__ = ("code", "name")

    def __init__(self, code: Code, name: str) -> None:
        self.code = code
        self.name = name


class F(Value):
    """Doubles, one a lane."""

    __slots__ = ()

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
        return F(code, code.line(f"fneg {code.f64} {self.name}"))

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
        """The same 64 bits as an integer."""
        code = self.code
        return I(code, code.line(f"bitcast {code.f64} {self.name} to {code.i64}"))


class I(Value):
    """64-bit integers, one a lane. Comparisons and ``>>`` are signed; `shifted_right` is not."""

    __slots__ = ()

    def __add__(self, other: I | int) -> I:
        return self.code.integers("add", self, other)

    def __sub__(self, other: I | int) -> I:
        return self.code.integers("sub", self, other)

    def __mul__(self, other: I | int) -> I:
        """The lower 64 bits of the product. Slow but for AVX-512; a shift is not."""
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
        """Arithmetic: the sign is drawn in. Slow but for AVX-512; `shifted_right` is not."""
        return self.code.integers("ashr", self, other)

    def shifted_right(self, other: I | int) -> I:
        """Logical: zeros are drawn in."""
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
        """The same 64 bits as a double."""
        code = self.code
        return F(code, code.line(f"bitcast {code.i64} {self.name} to {code.f64}"))


class M(Value):
    """One bit a lane: what a comparison gives, to combine by ``& | ^ ~`` and to `Code.select` by."""

    __slots__ = ()

    def __and__(self, other: M) -> M:
        return self.code.masks("and", self, other)

    def __or__(self, other: M) -> M:
        return self.code.masks("or", self, other)

    def __xor__(self, other: M) -> M:
        return self.code.masks("xor", self, other)

    def __invert__(self) -> M:
        return self.code.masks("xor", self, self.code.true())


SIGN = 1 << 63
EIGHT = "<8 x double>"
MAGIC = 1.5 * 2.0**52  # added to a double below 2^51, it leaves the nearest integer in the lowest bits


class Code:
    """The body of a function while it is being written.

    Attributes:
        target: what it is written for.
        lanes, fused: the target's lanes, and whether it has `fma` as one instruction.
        lines: the LLVM instructions so far.
        f64, i64, i1: LLVM's names of the types over all lanes.
        needs: the names of other kernels that it calls.
        tables: the constant tables that it reads, by name.
    """

    def __init__(self, target: Target) -> None:
        self.target = target
        self.lanes = target.lanes
        self.fused = target.fma
        self.lines: list[str] = []
        self.needs: set[str] = set()
        self.tables: dict[str, tuple[float | int, ...]] = {}
        self.declarations: set[str] = set()
        self.block = "entry"
        self._computed: dict[tuple[Any, ...], Any] = {}  # by `shared`, in this block
        self._count = 0
        self.suffix = "f64" if self.lanes == 1 else f"v{self.lanes}f64"
        self.f64, self.i64, self.i1 = (
            kind if self.lanes == 1 else f"<{self.lanes} x {kind}>" for kind in ("double", "i64", "i1")
        )

    # Instructions

    def line(self, instruction: str, stem: str = "v") -> str:
        """Append ``instruction``; return the register that it sets, whose name begins with ``stem``."""
        self._count += 1
        name = f"%{stem}{self._count}"
        self.lines.append(f"  {name} = {instruction}")
        return name

    def constant(self, x: float) -> F:
        """The double ``x`` in every lane."""
        return F(self, double(x) if self.lanes == 1 else f"splat (double {double(x)})")

    def whole(self, n: int) -> I:
        """The integer ``n`` in every lane."""
        return I(self, integer(n) if self.lanes == 1 else f"splat (i64 {integer(n)})")

    def true(self) -> M:
        return M(self, "true" if self.lanes == 1 else "splat (i1 true)")

    def false(self) -> M:
        return M(self, "false" if self.lanes == 1 else "zeroinitializer")

    def f(self, x: F | float) -> F:
        """``x`` as lanes, a number being a constant."""
        return x if isinstance(x, F) else self.constant(x)

    def i(self, n: I | int) -> I:
        return n if isinstance(n, I) else self.whole(n)

    def arithmetic(self, instruction: str, a: F | float, b: F | float) -> F:
        return F(self, self.line(f"{instruction} {self.f64} {self.f(a).name}, {self.f(b).name}"))

    def compare(self, relation: str, a: F | float, b: F | float) -> M:
        return M(self, self.line(f"fcmp {relation} {self.f64} {self.f(a).name}, {self.f(b).name}"))

    def integers(self, instruction: str, a: I | int, b: I | int) -> I:
        return I(self, self.line(f"{instruction} {self.i64} {self.i(a).name}, {self.i(b).name}"))

    def integers_compare(self, relation: str, a: I | int, b: I | int) -> M:
        return M(self, self.line(f"icmp {relation} {self.i64} {self.i(a).name}, {self.i(b).name}"))

    def masks(self, instruction: str, a: M, b: M) -> M:
        return M(self, self.line(f"{instruction} {self.i1} {a.name}, {b.name}"))

    @overload
    def select(self, mask: M, a: M, b: M) -> M: ...
    @overload
    def select(self, mask: M, a: F | float, b: F | float) -> F: ...
    @overload
    def select(self, mask: M, a: I, b: I | int) -> I: ...
    @overload
    def select(self, mask: M, a: int, b: I) -> I: ...
    def select(self, mask: M, a: Any, b: Any) -> Any:
        """``a`` in the lanes of ``mask``, else ``b``; both doubles, or both integers if one is an `I`."""
        if isinstance(a, M):
            return M(self, self.line(f"select {self.i1} {mask.name}, {self.i1} {a.name}, {self.i1} {b.name}"))
        if isinstance(a, I) or isinstance(b, I):
            x, y = self.i(a), self.i(b)
            return I(self, self.line(f"select {self.i1} {mask.name}, {self.i64} {x.name}, {self.i64} {y.name}"))
        p, q = self.f(a), self.f(b)
        return F(self, self.line(f"select {self.i1} {mask.name}, {self.f64} {p.name}, {self.f64} {q.name}"))

    def intrinsic(self, name: str, *xs: F | float) -> F:
        """LLVM's function ``llvm.NAME`` of doubles: only such as every target has as an instruction."""
        full = f"@llvm.{name}.{self.suffix}"
        self.declarations.add(f"declare {self.f64} {full}({', '.join([self.f64] * len(xs))})")
        return F(self, self.line(f"call {self.f64} {full}({', '.join(f'{self.f64} {self.f(x).name}' for x in xs)})"))

    def sqrt(self, x: F) -> F:
        """The square root, correctly rounded."""
        return self.intrinsic("sqrt", x)

    def abs(self, x: F) -> F:
        return self.intrinsic("fabs", x)

    def copysign(self, size: F | float, sign: F) -> F:
        """The size of one with the sign of the other."""
        return self.intrinsic("copysign", size, sign)

    def isnan(self, x: F) -> M:
        return M(self, self.line(f"fcmp uno {self.f64} {x.name}, {x.name}"))

    def fma(self, a: F | float, b: F | float, c: F | float) -> F:
        """``a * b + c`` rounded once where the target can (`fused`), else twice: for polynomials, where either will
        do."""
        if self.fused:
            return self.intrinsic("fma", a, b, c)
        return self.f(a) * b + c

    # Rounding to whole numbers and powers of two

    def nearest(self, x: F) -> F:
        """The nearest whole number (ties to even), for |x| < 2^51."""
        return (x + MAGIC) - MAGIC

    def nearest_with_bits(self, x: F) -> tuple[F, I]:
        """The nearest whole number of |x| < 2^51, as a double and as an integer."""
        shifted = x + MAGIC
        return shifted - MAGIC, shifted.bits() - bits_of(MAGIC)

    def to_double(self, n: I) -> F:
        """An integer of |n| < 2^51 as a double."""
        return (n + bits_of(MAGIC)).double() - MAGIC

    def trunc(self, x: F) -> F:
        """``x`` rounded towards 0, the sign of a zero kept; any x."""
        size = self.abs(x)
        whole = self.nearest(size)
        whole = self.select(whole > size, whole - 1.0, whole)
        return self.copysign(self.select(size < 2.0**51, whole, size), x)

    def floor(self, x: F) -> F:
        """The largest whole number not above ``x``; any x."""
        whole = self._nearest_any(x)
        return self.copysign(self.select(whole > x, whole - 1.0, whole), x)

    def ceil(self, x: F) -> F:
        """The smallest whole number not below ``x``; any x."""
        whole = self._nearest_any(x)
        return self.copysign(self.select(whole < x, whole + 1.0, whole), x)

    def _nearest_any(self, x: F) -> F:
        return self.select(self.abs(x) < 2.0**51, self.nearest(x), self.trunc_large(x))

    def trunc_large(self, x: F) -> F:
        """For 2^51 <= |x|: halves and quarters are cut off."""
        big = self.abs(x)
        whole = (big + 2.0**52) - 2.0**52
        whole = self.select(big < 2.0**52, whole, big)
        return self.copysign(whole, x)

    def power_of_two(self, n: I) -> F:
        """2^n for -1022 <= n <= 1023."""
        return ((n + 1023) << 52).double()

    def scale(self, x: F, n: I) -> F:
        """``x * 2^n`` for |n| <= 2044, rounded once if ``x`` is between 1/4 and 4; over- and underflows as it
        should."""
        half = (n + (1 << 20)).shifted_right(1) - (1 << 19)  # as an arithmetic shift, which AVX2 does not have
        return x * self.power_of_two(half) * self.power_of_two(n - half)

    # Instructions of AVX-512

    @property
    def scales(self) -> bool:
        """Whether `ldexp`, `getexp`, `getmant` and `fixup` are there."""
        return self.target.packs and self.lanes % 8 == 0

    def ldexp(self, x: F, n: F) -> F:
        """``x * 2^n`` with the largest whole number that is not above n, any double, rounded once."""
        return self._eight_by_eight(
            "scalef", f"{EIGHT}, {EIGHT}, {EIGHT}, i8, i32", f"{EIGHT} {{}}, {EIGHT} {{}}", x, n
        )

    def getexp(self, x: F) -> F:
        """The k with ``2^k <= |x| < 2^(k + 1)``, as a double, x subnormal or not; -inf for 0."""
        return self._eight_by_eight("getexp", f"{EIGHT}, {EIGHT}, i8, i32", f"{EIGHT} {{}}", x)

    def getmant(self, x: F) -> F:
        """``x / 2^k`` with the k of `getexp`, for positive x; nan for negative ones."""
        return self._eight_by_eight("getmant", f"{EIGHT}, i32, {EIGHT}, i8, i32", f"{EIGHT} {{}}, i32 8", x)

    def fixup(self, y: F, x: F, table: int) -> F:
        """y, but where x is of a kind for which ``table`` has an answer, 4 bits a kind, that."""
        rest = f"<8 x i64> splat (i64 {table}), i32 0, i8 -1, i32 4"
        types = f"{EIGHT}, {EIGHT}, <8 x i64>, i32, i8, i32"
        return self._eight_by_eight("fixupimm", types, f"{EIGHT} {{}}, {EIGHT} {{}}, {rest}", y, x)

    def one_of_eight(self, name: str, values: Sequence[float], index: I) -> F:
        """The one of eight values whose number is in the last three bits of ``index``: with AVX-512 they are a
        register. ``name`` is the table's own in the module."""
        if not self.scales:
            return self.lookup(name, values, index & 7)
        full = "@llvm.x86.avx512.permvar.df.512"
        self.declarations.add(f"declare {EIGHT} {full}({EIGHT}, <8 x i64>)")
        table = f"{EIGHT} <{', '.join(f'double {double(x)}' for x in values)}>"
        return self._joined([self.line(f"call {EIGHT} {full}({table}, <8 x i64> {i})") for i in self.eights(index)])

    def _eight_by_eight(self, name: str, types: str, given: str, *xs: F) -> F:
        """An instruction over eight lanes, for all lanes; what is masked out, and the rounding, are of no account."""
        full = f"@llvm.x86.avx512.mask.{name}.pd.512"
        self.declarations.add(f"declare {EIGHT} {full}({types})")
        if not given.endswith("i32 4"):
            given += f", {EIGHT} zeroinitializer, i8 -1, i32 4"
        return self._joined(
            [self.line(f"call {EIGHT} {full}({given.format(*eight)})") for eight in zip(*map(self.eights, xs))]
        )

    def _joined(self, parts: Sequence[str]) -> F:
        """Eight lanes each, side by side."""
        width = 8
        while len(parts) > 1:
            kind, width = f"<{width} x double>", 2 * width
            parts = [
                self.line(f"shufflevector {kind} {a}, {kind} {b}, {numbered(0, width)}")
                for a, b in zip(parts[::2], parts[1::2])
            ]
        return F(self, parts[0])

    def eights(self, x: F | I) -> list[str]:
        """The lanes of ``x``, eight at a time."""
        if self.lanes == 8:
            return [x.name]
        kind = self.f64 if isinstance(x, F) else self.i64
        return [
            self.line(f"shufflevector {kind} {x.name}, {kind} poison, {numbered(first, 8)}")
            for first in range(0, self.lanes, 8)
        ]

    def exponent(self, x: F) -> I:
        """The exponent of a normal ``x``: e with 2^e <= |x| < 2^(e + 1)."""
        return ((x.bits().shifted_right(52)) & 0x7FF) - 1023

    # Exact arithmetic: pairs of doubles whose sum is exact

    def two_sum(self, a: F | float, b: F | float) -> tuple[F, F]:
        """``a + b`` as the rounded sum and what was rounded off (Knuth, TAOCP 2, 4.2.2)."""
        a, b = self.f(a), self.f(b)
        s = a + b
        t = s - a
        return s, (a - (s - t)) + (b - t)

    def fast_two_sum(self, a: F | float, b: F | float) -> tuple[F, F]:
        """As `two_sum`, where |a| >= |b| or a is 0 (Dekker, 1971)."""
        a, b = self.f(a), self.f(b)
        s = a + b
        return s, b - (s - a)

    def two_product(self, a: F | float, b: F | float) -> tuple[F, F]:
        """``a * b`` as the rounded product and what was rounded off; without `fused`, |a|, |b| < 2^996."""
        a, b = self.f(a), self.f(b)
        p = a * b
        if self.fused:
            return p, self.intrinsic("fma", a, b, -p)
        a1, a2 = self.halves(a)
        b1, b2 = self.halves(b)
        return p, ((a1 * b1 - p) + a1 * b2 + a2 * b1) + a2 * b2

    def halves(self, x: F) -> tuple[F, F]:
        """``x`` as the sum of two doubles of 26 bits (Veltkamp and Dekker, 1971); |x| < 2^996."""
        c = x * 134217729.0
        high = c - (c - x)
        return high, x - high

    def polynomial(self, x: F, coefficients: Sequence[F | float]) -> F:
        """The polynomial with these coefficients, lowest first, by Horner's rule."""
        result = self.f(coefficients[-1])
        for c in reversed(coefficients[:-1]):
            result = self.fma(result, x, c)
        return result

    def even_odd(self, x: F, coefficients: Sequence[F | float], square: F | None = None) -> F:
        """The same, even and odd powers apart, so that two chains of instructions run side by side; ``square`` is
        ``x * x`` where that is known."""
        square = x * x if square is None else square
        odd = self.polynomial(square, coefficients[1::2])
        return self.fma(odd, x, self.polynomial(square, coefficients[::2]))

    def estrin(self, x: F, coefficients: Sequence[float]) -> F:
        """The same by Estrin's scheme: more instructions, that wait less for each other."""
        terms: list[F] = [self.f(c) for c in coefficients]
        power = x
        while len(terms) > 1:
            pairs = [self.fma(terms[i + 1], power, terms[i]) for i in range(0, len(terms) - 1, 2)]
            terms = pairs + terms[len(terms) - len(terms) % 2 :]
            if len(terms) > 1:
                power = power * power
        return terms[0]

    # Tables, calls, branches

    def lookup(self, name: str, values: Sequence[float], index: I) -> F:
        """``values[index]`` of a constant table; ``name`` is its own in the module. An index out of range is the
        caller's fault: mask it."""
        self.tables[name] = tuple(values)
        pieces = f"{self.f64} poison" if self.lanes > 1 else ""
        loaded = ""
        for lane in range(self.lanes):
            i = index.name
            if self.lanes > 1:
                i = self.line(f"extractelement {self.i64} {index.name}, i64 {lane}")
            address = self.line(f"getelementptr inbounds double, ptr @{name}, i64 {i}")
            loaded = self.line(f"load double, ptr {address}, align 8")
            if self.lanes > 1:
                pieces = f"{self.f64} " + self.line(f"insertelement {pieces}, double {loaded}, i64 {lane}")
        return F(self, pieces.split()[-1] if self.lanes > 1 else loaded)

    def lookup_bits(self, name: str, values: Sequence[int], index: I) -> I:
        """``values[index]`` of a table of 64-bit integers."""
        floats = [struct.unpack("<d", struct.pack("<Q", n & ((1 << 64) - 1)))[0] for n in values]
        if any(x != x for x in floats):  # a NaN's payload must survive
            raise ValueError("a table of bits must not hold the bits of a NaN")
        return self.lookup(name, floats, index).bits()

    def call(self, name: str, *xs: F | float) -> F:
        """Call another kernel of the library."""
        self.needs.add(name)
        given = ", ".join(f"{self.f64} {self.f(x).name}" for x in xs)
        return F(self, self.line(f"call {self.f64} @{kernel_name(name)}({given})"))

    def any(self, mask: M) -> str:
        """Whether any lane is set: a single bit, to branch on."""
        if self.lanes == 1:
            return mask.name
        self.declarations.add(f"declare i1 @llvm.vector.reduce.or.v{self.lanes}i1({self.i1})")
        return self.line(f"call i1 @llvm.vector.reduce.or.v{self.lanes}i1({self.i1} {mask.name})")

    def label(self, name: str) -> None:
        self.lines.append(f"{name}:")
        self.block = name
        self._computed.clear()  # what another block computed need not have been computed on the way here

    def shared(self, compute: Callable[..., R], *xs: F) -> R:
        """``compute(self, *xs)``, written once in a block: kernels inlined side by side share what they have in
        common."""
        key = (compute, *[x.name for x in xs])
        if key not in self._computed:
            self._computed[key] = compute(self, *xs)
        found: R = self._computed[key]
        return found

    def fresh(self, stem: str) -> str:
        """A name for a block that no other block has."""
        self._count += 1
        return f"{stem}{self._count}"

    def rarely(self, mask: M, compute: Callable[[], Sequence[F]], usual: Sequence[F]) -> list[F]:
        """The values of ``compute()`` in the lanes of ``mask``, ``usual`` in the others; what it takes to compute them
        is only run where any lane needs it."""
        before, rare, after = self.block, self.fresh("rare"), self.fresh("after")
        usual = [self.f(x) for x in usual]
        self.lines.append(f"  br i1 {self.any(mask)}, label %{rare}, label %{after}")
        self.label(rare)
        values = [self.select(mask, x, y) for x, y in zip(compute(), usual)]
        end = self.block
        self.lines.append(f"  br label %{after}")
        self.label(after)
        return [
            F(self, self.line(f"phi {self.f64} [ {y.name}, %{before} ], [ {x.name}, %{end} ]"))
            for x, y in zip(values, usual)
        ]

    def loop(self, state: Sequence[F], step: Callable[..., tuple[Sequence[F], M]]) -> list[F]:
        """Repeat ``step(*state) -> (new state, mask of lanes that want to go on)`` until no lane does; lanes that are
        done keep the state they had when they were. At least one step is made."""
        before, head = self.block, self.fresh("loop")
        after = self.fresh("done")
        n = len(state)
        names = [f"%{self.fresh('s')}" for _ in range(n + 1)]
        self.lines.append(f"  br label %{head}")
        self.label(head)
        start = len(self.lines)
        now = [F(self, name) for name in names[:n]]
        active = M(self, names[n])
        fresh, wants = step(*now)
        kept = [self.select(active, new, old) for new, old in zip(fresh, now)]
        on = active & wants
        bit = self.any(on)
        end = self.block
        phis = [
            f"  {name} = phi {self.f64} [ {self.f(x).name}, %{before} ], [ {new.name}, %{end} ]"
            for name, x, new in zip(names, state, kept)
        ]
        phis.append(f"  {names[n]} = phi {self.i1} [ {self.true().name}, %{before} ], [ {on.name}, %{end} ]")
        self.lines[start:start] = phis
        self.lines.append(f"  br i1 {bit}, label %{head}, label %{after}")
        self.label(after)
        return kept


def numbered(first: int, count: int) -> str:
    """The indices ``first``, ``first + 1`` … of so many lanes."""
    return f"<{count} x i32> <{', '.join(f'i32 {k}' for k in range(first, first + count))}>"


def kernel_name(name: str) -> str:
    """What the kernel ``name`` is called in a module."""
    return f"gg.{name}".replace(":", ".")
