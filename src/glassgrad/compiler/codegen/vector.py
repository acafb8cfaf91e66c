"""A small language in which vector code is written in Python, and comes out as LLVM IR.

`Code` is the body of one function while it is being written. Its values are `F` (doubles), `I` (64-bit integers) and
`M` (masks), each over all lanes of the target. Python's operators on them append instructions, and numbers among the
operands become constants. Nothing is reassociated or contracted: ``a * b + c`` rounds twice, and `Code.fma` rounds once
if the target can do so (`Code.fused`). So results do not depend on how LLVM optimises the code.

    def twice_or_half(code, x):                    # x is an F
        return code.select(x > 0.0, x * 2.0, x * 0.5)
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import Any, TypeVar, overload

from glassgrad.compiler.codegen.builder import Builder
from glassgrad.compiler.codegen.instructions import Binary, Block
from glassgrad.compiler.codegen.lane_values import F, I, M, bits_of, double
from glassgrad.compiler.codegen.values import Int, Pointer, integer
from glassgrad.compiler.llvm.target import Target

__all__ = ["Code", "F", "I", "M", "bits_of", "double", "kernel_name"]

R = TypeVar("R")


SIGN = 1 << 63
EIGHT = "<8 x double>"
# Instructions of AVX-512 take the values of lanes that are masked out, a mask, and a rounding mode. Here no lane is
# masked out, and the mode that is in force stays.
ZERO = EIGHT, "zeroinitializer"
MASK_AND_ROUNDING = ("i8", "-1"), ("i32", "4")
MAGIC = 1.5 * 2.0**52  # If it is added to a double below 2^51, the lowest bits of the sum are the nearest integer.


class Code(Builder):
    """The body of a function while it is being written.

    Attributes:
        target: what it is written for.
        lanes, fused: the target's lanes, and whether it has `fma` as one instruction.
        f64, i64, i1: LLVM's names of the types over all lanes.
        needs: the names of other kernels that it calls.
        tables: the constant tables that it reads, by name.
    """

    def __init__(self, target: Target) -> None:
        super().__init__()
        self.target = target
        self.lanes = target.lanes
        self.fused = target.fma
        self.needs: set[str] = set()
        self.tables: dict[str, tuple[float | int, ...]] = {}
        self._computed: dict[tuple[Any, ...], Any] = {}  # by `shared`, in this block
        self.suffix = "f64" if self.lanes == 1 else f"v{self.lanes}f64"
        self.f64, self.i64, self.i1 = (
            kind if self.lanes == 1 else f"<{self.lanes} x {kind}>" for kind in ("double", "i64", "i1")
        )

    # Instructions

    def constant(self, x: float) -> F:
        """The double ``x`` in every lane."""
        return F(self, double(x) if self.lanes == 1 else f"splat (double {double(x)})")

    def whole(self, n: int) -> I:
        """The integer ``n`` in every lane."""
        return I(self, integer(n) if self.lanes == 1 else f"splat (i64 {integer(n)})")

    def true(self) -> M:
        return M(self, "true" if self.lanes == 1 else "splat (i1 true)")

    def f(self, x: F | float) -> F:
        """``x`` as lanes, a number being a constant."""
        return x if isinstance(x, F) else self.constant(x)

    def i(self, n: I | int) -> I:
        return n if isinstance(n, I) else self.whole(n)

    def arithmetic(self, opcode: str, a: F | float, b: F | float) -> F:
        self._count = n = self._count + 1
        name = f"%v{n}"
        x = a.name if isinstance(a, F) else self.constant(a).name
        self.append(Binary(name, opcode, self.f64, x, b.name if isinstance(b, F) else self.constant(b).name))
        return F(self, name)

    def compare(self, relation: str, a: F | float, b: F | float) -> M:
        return M(self, self.binary(f"fcmp {relation}", self.f64, self.f(a).name, self.f(b).name))

    def integers(self, opcode: str, a: I | int, b: I | int) -> I:
        return I(self, self.binary(opcode, self.i64, self.i(a).name, self.i(b).name))

    def integers_compare(self, relation: str, a: I | int, b: I | int) -> M:
        return M(self, self.binary(f"icmp {relation}", self.i64, self.i(a).name, self.i(b).name))

    def masks(self, opcode: str, a: M, b: M) -> M:
        return M(self, self.binary(opcode, self.i1, a.name, b.name))

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
            return M(self, self.choose(self.i1, mask.name, self.i1, a.name, b.name))
        if isinstance(a, I) or isinstance(b, I):
            x, y = self.i(a), self.i(b)
            return I(self, self.choose(self.i1, mask.name, self.i64, x.name, y.name))
        p, q = self.f(a), self.f(b)
        return F(self, self.choose(self.i1, mask.name, self.f64, p.name, q.name))

    def intrinsic(self, name: str, *xs: F | float) -> F:
        """LLVM's function ``llvm.NAME`` of doubles: only such as every target has as an instruction."""
        full, f64 = f"llvm.{name}.{self.suffix}", self.f64
        self.declarations.add(f"declare {f64} @{full}({', '.join([f64] * len(xs))})")
        return F(self, self.call(f64, full, [(f64, self.f(x).name) for x in xs]))

    def sqrt(self, x: F) -> F:
        """The square root, correctly rounded."""
        return self.intrinsic("sqrt", x)

    def abs(self, x: F) -> F:
        return self.intrinsic("fabs", x)

    def copysign(self, size: F | float, sign: F) -> F:
        """The size of one with the sign of the other."""
        return self.intrinsic("copysign", size, sign)

    def isnan(self, x: F) -> M:
        return M(self, self.binary("fcmp uno", self.f64, x.name, x.name))

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
        return self._eight_by_eight("scalef", [x, n], [ZERO, *MASK_AND_ROUNDING])

    def getexp(self, x: F) -> F:
        """The k with ``2^k <= |x| < 2^(k + 1)``, as a double, x subnormal or not; -inf for 0."""
        return self._eight_by_eight("getexp", [x], [ZERO, *MASK_AND_ROUNDING])

    def getmant(self, x: F) -> F:
        """``x / 2^k`` with the k of `getexp`, for positive x; nan for negative ones."""
        return self._eight_by_eight("getmant", [x], [("i32", "8"), ZERO, *MASK_AND_ROUNDING])

    def fixup(self, y: F, x: F, table: int) -> F:
        """y, but where x is of a kind for which ``table`` has an answer, 4 bits a kind, that."""
        answers = "<8 x i64>", f"splat (i64 {table})"
        (mask, rounding), none = MASK_AND_ROUNDING, ("i32", "0")
        return self._eight_by_eight("fixupimm", [y, x], [answers, none, mask, rounding])

    def one_of_eight(self, name: str, values: Sequence[float], index: I) -> F:
        """The one of eight values whose number is in the last three bits of ``index``: with AVX-512 they are a
        register. ``name`` is the table's own in the module."""
        if not self.scales:
            return self.lookup(name, values, index & 7)
        full = "llvm.x86.avx512.permvar.df.512"
        self.declarations.add(f"declare {EIGHT} @{full}({EIGHT}, <8 x i64>)")
        table = EIGHT, f"<{', '.join(f'double {double(x)}' for x in values)}>"
        return self._joined([self.call(EIGHT, full, [table, ("<8 x i64>", i)]) for i in self.eights(index)])

    def _eight_by_eight(self, name: str, xs: Sequence[F], rest: Sequence[tuple[str, str]]) -> F:
        """An instruction over eight lanes, for all lanes; ``rest`` are its other arguments."""
        full = f"llvm.x86.avx512.mask.{name}.pd.512"
        types = [EIGHT] * len(xs) + [kind for kind, _ in rest]
        self.declarations.add(f"declare {EIGHT} @{full}({', '.join(types)})")
        calls = zip(*map(self.eights, xs))
        return self._joined([self.call(EIGHT, full, [*[(EIGHT, x) for x in some], *rest]) for some in calls])

    def _joined(self, parts: Sequence[str]) -> F:
        """Eight lanes each, side by side."""
        width = 8
        while len(parts) > 1:
            kind, width = f"<{width} x double>", 2 * width
            parts = [self.shuffle(kind, a, b, range(width)) for a, b in zip(parts[::2], parts[1::2])]
        return F(self, parts[0])

    def eights(self, x: F | I) -> list[str]:
        """The lanes of ``x``, eight at a time."""
        if self.lanes == 8:
            return [x.name]
        return [self.shuffle(x.type, x.name, "poison", range(first, first + 8)) for first in range(0, self.lanes, 8)]

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
        table, f64 = Pointer(self, f"@{name}"), self.f64
        if self.lanes == 1:
            return F(self, self.read("double", table.element("double", Int(self, index.name))))
        found = "poison"
        for lane in range(self.lanes):
            i = Int(self, self.extract(self.i64, index.name, lane))
            found = self.insert(f64, found, "double", self.read("double", table.element("double", i)), lane)
        return F(self, found)

    def lookup_bits(self, name: str, values: Sequence[int], index: I) -> I:
        """``values[index]`` of a table of 64-bit integers."""
        floats = [struct.unpack("<d", struct.pack("<Q", n & ((1 << 64) - 1)))[0] for n in values]
        if any(x != x for x in floats):  # a NaN's payload must survive
            raise ValueError("a table of bits must not hold the bits of a NaN")
        return self.lookup(name, floats, index).bits()

    def call_kernel(self, name: str, *xs: F | float) -> F:
        """Call another kernel of the library."""
        self.needs.add(name)
        return F(self, self.call(self.f64, kernel_name(name), [(self.f64, self.f(x).name) for x in xs]))

    def lane(self, x: F, k: int) -> str:
        """The number of lane k."""
        return x.name if self.lanes == 1 else self.extract(self.f64, x.name, k)

    def prefetch(self, address: Pointer, write: bool) -> None:
        """Have a line of the cache brought near, to be read or written."""
        self.declarations.add("declare void @llvm.prefetch.p0(ptr, i32, i32, i32)")
        given = [("ptr", address.name), ("i32", str(int(write))), ("i32", "3"), ("i32", "1")]
        self.call("void", "llvm.prefetch.p0", given)

    def any(self, mask: M) -> Int:
        """Whether any lane is set: a single bit, to branch on."""
        if self.lanes == 1:
            return Int(self, mask.name, "i1")
        function = f"llvm.vector.reduce.or.v{self.lanes}i1"
        self.declarations.add(f"declare i1 @{function}({self.i1})")
        return Int(self, self.call("i1", function, [(self.i1, mask.name)]), "i1")

    def start(self, block: Block) -> None:
        super().start(block)
        self._computed.clear()  # what another block computed need not have been computed on the way here

    def shared(self, compute: Callable[..., R], *xs: F) -> R:
        """``compute(self, *xs)``, written once in a block: kernels inlined side by side share what they have in
        common."""
        key = (compute, *[x.name for x in xs])
        if key not in self._computed:
            self._computed[key] = compute(self, *xs)
        found: R = self._computed[key]
        return found

    def rarely(self, mask: M, compute: Callable[[], Sequence[F]], usual: Sequence[F]) -> list[F]:
        """The values of ``compute()`` in the lanes of ``mask``, ``usual`` in the others; what it takes to compute them
        is only run where any lane needs it."""
        usual = [self.f(x) for x in usual]
        with self.if_(self.any(mask)) as rare:
            values = [self.select(mask, x, y) for x, y in zip(compute(), usual)]
        return [rare.merge(x, y) for x, y in zip(values, usual)]

    def loop(self, state: Sequence[F], step: Callable[..., tuple[Sequence[F], M]]) -> list[F]:
        """Repeat ``step(*state) -> (new state, mask of lanes that want to go on)`` until no lane does; lanes that are
        done keep the state they had when they were. At least one step is made."""
        with self.repeat(*map(self.f, state), self.true()) as loop:
            *now, active = loop.state
            new, wants = step(*now)
            kept = [self.select(active, x, old) for x, old in zip(new, now)]
            on = active & wants
            loop.again(self.any(on), *kept, on)
        return kept


def kernel_name(name: str) -> str:
    """What the kernel ``name`` is called in a module."""
    return f"gg.{name}".replace(":", ".")
