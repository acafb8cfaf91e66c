"""A small language for writing vector code in Python. Its output is LLVM IR.

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

__all__ = ["Code", "F", "I", "M", "bits_of", "double", "kernel_name", "kernel_of"]

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
        target: the processor.
        lanes, fused: the target's lanes, and whether it has `fma` as one instruction.
        f64, i64, i1: LLVM's names of the types of doubles, integers and masks over all lanes.
        needs: the functions of mathlib that it calls.
        tables: the constant tables that it reads, by name.
    """

    def __init__(self, target: Target) -> None:
        super().__init__()
        self.target = target
        self.lanes = target.lanes
        self.fused = target.fma
        self.needs: set[str] = set()
        self.tables: dict[str, tuple[float | int, ...]] = {}
        self._computed: dict[tuple[Any, ...], Any] = {}  # the values of `shared` in this block
        self.suffix = "f64" if self.lanes == 1 else f"v{self.lanes}f64"
        self.f64, self.i64, self.i1 = (
            kind if self.lanes == 1 else f"<{self.lanes} x {kind}>" for kind in ("double", "i64", "i1")
        )

    # Instructions

    def constant(self, x: float) -> F:
        """Return the double ``x`` in every lane."""
        return F(self, double(x) if self.lanes == 1 else f"splat (double {double(x)})")

    def whole(self, n: int) -> I:
        """Return the integer ``n`` in every lane."""
        return I(self, integer(n) if self.lanes == 1 else f"splat (i64 {integer(n)})")

    def true(self) -> M:
        return M(self, "true" if self.lanes == 1 else "splat (i1 true)")

    def f(self, x: F | float) -> F:
        """Return ``x`` over all lanes. A number becomes a constant."""
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
        """Return ``a`` in the lanes of ``mask``, and ``b`` in the others. If one is an `I`, both must be integers."""
        if isinstance(a, M):
            return M(self, self.choose(self.i1, mask.name, self.i1, a.name, b.name))
        if isinstance(a, I) or isinstance(b, I):
            x, y = self.i(a), self.i(b)
            return I(self, self.choose(self.i1, mask.name, self.i64, x.name, y.name))
        p, q = self.f(a), self.f(b)
        return F(self, self.choose(self.i1, mask.name, self.f64, p.name, q.name))

    def intrinsic(self, name: str, *xs: F | float) -> F:
        """Call LLVM's intrinsic ``llvm.NAME`` on doubles. Every target must have an instruction for it."""
        full, f64 = f"llvm.{name}.{self.suffix}", self.f64
        self.declarations.add(f"declare {f64} @{full}({', '.join([f64] * len(xs))})")
        return F(self, self.call(f64, full, [(f64, self.f(x).name) for x in xs]))

    def sqrt(self, x: F) -> F:
        """Return the square root, correctly rounded."""
        return self.intrinsic("sqrt", x)

    def abs(self, x: F) -> F:
        return self.intrinsic("fabs", x)

    def copysign(self, size: F | float, sign: F) -> F:
        """Return the size of one number with the sign of another."""
        return self.intrinsic("copysign", size, sign)

    def isnan(self, x: F) -> M:
        return M(self, self.binary("fcmp uno", self.f64, x.name, x.name))

    def fma(self, a: F | float, b: F | float, c: F | float) -> F:
        """Return ``a * b + c``, rounded once if the target can do this (`fused`), and otherwise twice.

        Use it only where either is good enough, as in polynomials.
        """
        if self.fused:
            return self.intrinsic("fma", a, b, c)
        return self.f(a) * b + c

    # Rounding to whole numbers and powers of two

    def nearest(self, x: F) -> F:
        """Return the nearest whole number (ties to even), for |x| < 2^51."""
        return (x + MAGIC) - MAGIC

    def nearest_with_bits(self, x: F) -> tuple[F, I]:
        """Return the nearest whole number as a double and as an integer, for |x| < 2^51."""
        shifted = x + MAGIC
        return shifted - MAGIC, shifted.bits() - bits_of(MAGIC)

    def to_double(self, n: I) -> F:
        """Convert an integer to a double, for |n| < 2^51."""
        return (n + bits_of(MAGIC)).double() - MAGIC

    def trunc(self, x: F) -> F:
        """Round towards 0, for any x. A zero keeps its sign."""
        size = self.abs(x)
        whole = self.nearest(size)
        whole = self.select(whole > size, whole - 1.0, whole)
        return self.copysign(self.select(size < 2.0**51, whole, size), x)

    def floor(self, x: F) -> F:
        """Return the largest whole number that is not above ``x``, for any x."""
        whole = self._nearest_any(x)
        return self.copysign(self.select(whole > x, whole - 1.0, whole), x)

    def ceil(self, x: F) -> F:
        """Return the smallest whole number that is not below ``x``, for any x."""
        whole = self._nearest_any(x)
        return self.copysign(self.select(whole < x, whole + 1.0, whole), x)

    def _nearest_any(self, x: F) -> F:
        return self.select(self.abs(x) < 2.0**51, self.nearest(x), self.trunc_large(x))

    def trunc_large(self, x: F) -> F:
        """Cut off halves and quarters, for |x| >= 2^51."""
        big = self.abs(x)
        whole = (big + 2.0**52) - 2.0**52
        whole = self.select(big < 2.0**52, whole, big)
        return self.copysign(whole, x)

    def power_of_two(self, n: I) -> F:
        """Return 2^n, for -1022 <= n <= 1023."""
        return ((n + 1023) << 52).double()

    def scale(self, x: F, n: I) -> F:
        """Return ``x * 2^n``, for |n| <= 2044. It is rounded once if ``x`` is between 1/4 and 4.

        It overflows and underflows as in IEEE 754.
        """
        half = (n + (1 << 20)).shifted_right(1) - (1 << 19)  # as an arithmetic shift, which AVX2 does not have
        return x * self.power_of_two(half) * self.power_of_two(n - half)

    # Instructions of AVX-512

    @property
    def scales(self) -> bool:
        """Whether the target has `ldexp`, `getexp`, `getmant` and `fixup`."""
        return self.target.packs and self.lanes % 8 == 0

    def ldexp(self, x: F, n: F) -> F:
        """Return ``x * 2^floor(n)``, rounded once. n may be any double."""
        return self._eight_by_eight("scalef", [x, n], [ZERO, *MASK_AND_ROUNDING])

    def getexp(self, x: F) -> F:
        """Return the k with ``2^k <= |x| < 2^(k + 1)``, as a double. x may be subnormal. For 0 it is -inf."""
        return self._eight_by_eight("getexp", [x], [ZERO, *MASK_AND_ROUNDING])

    def getmant(self, x: F) -> F:
        """Return ``x / 2^k`` for positive x, with the k of `getexp`, and nan for negative x."""
        return self._eight_by_eight("getmant", [x], [("i32", "8"), ZERO, *MASK_AND_ROUNDING])

    def fixup(self, y: F, x: F, table: int) -> F:
        """Return y, replaced where ``table`` has an answer for x. The table has 4 bits for each kind of x."""
        answers = "<8 x i64>", f"splat (i64 {table})"
        (mask, rounding), none = MASK_AND_ROUNDING, ("i32", "0")
        return self._eight_by_eight("fixupimm", [y, x], [answers, none, mask, rounding])

    def one_of_eight(self, name: str, values: Sequence[float], index: I) -> F:
        """Choose one of eight values by the last three bits of ``index``. With AVX-512 the values are in a register.

        ``name`` is the name of the table in the module.
        """
        if not self.scales:
            return self.lookup(name, values, index & 7)
        full = "llvm.x86.avx512.permvar.df.512"
        self.declarations.add(f"declare {EIGHT} @{full}({EIGHT}, <8 x i64>)")
        table = EIGHT, f"<{', '.join(f'double {double(x)}' for x in values)}>"
        return self._joined([self.call(EIGHT, full, [table, ("<8 x i64>", i)]) for i in self.eights(index)])

    def _eight_by_eight(self, name: str, xs: Sequence[F], rest: Sequence[tuple[str, str]]) -> F:
        """Apply an instruction for eight lanes to all lanes. ``rest`` are its other arguments."""
        full = f"llvm.x86.avx512.mask.{name}.pd.512"
        types = [EIGHT] * len(xs) + [kind for kind, _ in rest]
        self.declarations.add(f"declare {EIGHT} @{full}({', '.join(types)})")
        calls = zip(*map(self.eights, xs))
        return self._joined([self.call(EIGHT, full, [*[(EIGHT, x) for x in some], *rest]) for some in calls])

    def _joined(self, parts: Sequence[str]) -> F:
        """Join vectors of eight lanes to one vector."""
        width = 8
        while len(parts) > 1:
            kind, width = f"<{width} x double>", 2 * width
            parts = [self.shuffle(kind, a, b, range(width)) for a, b in zip(parts[::2], parts[1::2])]
        return F(self, parts[0])

    def eights(self, x: F | I) -> list[str]:
        """Split ``x`` into vectors of eight lanes."""
        if self.lanes == 8:
            return [x.name]
        return [self.shuffle(x.type, x.name, "poison", range(first, first + 8)) for first in range(0, self.lanes, 8)]

    def exponent(self, x: F) -> I:
        """Return the exponent of a normal ``x``: the e with 2^e <= |x| < 2^(e + 1)."""
        return ((x.bits().shifted_right(52)) & 0x7FF) - 1023

    # Exact arithmetic: pairs of doubles whose sum is exact

    def two_sum(self, a: F | float, b: F | float) -> tuple[F, F]:
        """Return ``a + b`` as the rounded sum and its rounding error (Knuth, TAOCP 2, 4.2.2)."""
        a, b = self.f(a), self.f(b)
        s = a + b
        t = s - a
        return s, (a - (s - t)) + (b - t)

    def fast_two_sum(self, a: F | float, b: F | float) -> tuple[F, F]:
        """Return the same as `two_sum`, for |a| >= |b| or a = 0 (Dekker, 1971)."""
        a, b = self.f(a), self.f(b)
        s = a + b
        return s, b - (s - a)

    def two_product(self, a: F | float, b: F | float) -> tuple[F, F]:
        """Return ``a * b`` as the rounded product and its rounding error, for |a|, |b| < 2^996 unless `fused`."""
        a, b = self.f(a), self.f(b)
        p = a * b
        if self.fused:
            return p, self.intrinsic("fma", a, b, -p)
        a1, a2 = self.halves(a)
        b1, b2 = self.halves(b)
        return p, ((a1 * b1 - p) + a1 * b2 + a2 * b1) + a2 * b2

    def halves(self, x: F) -> tuple[F, F]:
        """Split ``x`` into a sum of two doubles of 26 bits, for |x| < 2^996 (Veltkamp and Dekker, 1971)."""
        c = x * 134217729.0
        high = c - (c - x)
        return high, x - high

    def polynomial(self, x: F, coefficients: Sequence[F | float]) -> F:
        """Evaluate the polynomial with these coefficients, lowest first, by Horner's rule."""
        result = self.f(coefficients[-1])
        for c in reversed(coefficients[:-1]):
            result = self.fma(result, x, c)
        return result

    def even_odd(self, x: F, coefficients: Sequence[F | float], square: F | None = None) -> F:
        """Evaluate a polynomial, with separate chains of instructions for even and odd powers, which run side by side.

        ``square`` is ``x * x``, if it is known.
        """
        square = x * x if square is None else square
        odd = self.polynomial(square, coefficients[1::2])
        return self.fma(odd, x, self.polynomial(square, coefficients[::2]))

    def estrin(self, x: F, coefficients: Sequence[float]) -> F:
        """Evaluate a polynomial by Estrin's scheme: with more instructions, which wait less for each other."""
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
        """Return ``values[index]`` from a constant table. ``name`` is the name of the table in the module.

        The caller must mask the index, so that it is in range.
        """
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
        """Return ``values[index]`` from a table of 64-bit integers."""
        floats = [struct.unpack("<d", struct.pack("<Q", n & ((1 << 64) - 1)))[0] for n in values]
        if any(x != x for x in floats):  # a NaN's payload must survive
            raise ValueError("a table of bits must not hold the bits of a NaN")
        return self.lookup(name, floats, index).bits()

    def call_kernel(self, name: str, *xs: F | float) -> F:
        """Call another kernel of the library."""
        function = kernel_name(name, self.lanes)
        self.needs.add(function)
        return F(self, self.call(self.f64, function, [(self.f64, self.f(x).name) for x in xs]))

    def lane(self, x: F, k: int) -> str:
        """Return the name of the double in lane k."""
        return x.name if self.lanes == 1 else self.extract(self.f64, x.name, k)

    def prefetch(self, address: Pointer, write: bool) -> None:
        """Prefetch a cache line, to be read or written."""
        self.declarations.add("declare void @llvm.prefetch.p0(ptr, i32, i32, i32)")
        given = [("ptr", address.name), ("i32", str(int(write))), ("i32", "3"), ("i32", "1")]
        self.call("void", "llvm.prefetch.p0", given)

    def any(self, mask: M) -> Int:
        """Return a single bit, for a branch: whether any lane is set."""
        if self.lanes == 1:
            return Int(self, mask.name, "i1")
        function = f"llvm.vector.reduce.or.v{self.lanes}i1"
        self.declarations.add(f"declare i1 @{function}({self.i1})")
        return Int(self, self.call("i1", function, [(self.i1, mask.name)]), "i1")

    def start(self, block: Block) -> None:
        super().start(block)
        self._computed.clear()  # values from another block may not have been computed on the path to this block

    def shared(self, compute: Callable[..., R], *xs: F) -> R:
        """Return ``compute(self, *xs)``, written once in a block. So kernels that are inlined together share code."""
        key = (compute, *[x.name for x in xs])
        if key not in self._computed:
            self._computed[key] = compute(self, *xs)
        found: R = self._computed[key]
        return found

    def rarely(self, mask: M, compute: Callable[[], Sequence[F]], usual: Sequence[F]) -> list[F]:
        """Return the values of ``compute()`` in the lanes of ``mask``, and ``usual`` in the others.

        The code of ``compute`` runs only if any lane needs it.
        """
        usual = [self.f(x) for x in usual]
        with self.if_(self.any(mask)) as rare:
            values = [self.select(mask, x, y) for x, y in zip(compute(), usual)]
        return [rare.merge(x, y) for x, y in zip(values, usual)]

    def loop(self, state: Sequence[F], step: Callable[..., tuple[Sequence[F], M]]) -> list[F]:
        """Repeat ``step(*state) -> (new state, mask of lanes that continue)`` until no lane continues.

        A lane that has stopped keeps its state. There is at least one step.
        """
        with self.repeat(*map(self.f, state), self.true()) as loop:
            *now, active = loop.state
            new, wants = step(*now)
            kept = [self.select(active, x, old) for x, old in zip(new, now)]
            on = active & wants
            loop.again(self.any(on), *kept, on)
        return kept


def kernel_name(name: str, lanes: int) -> str:
    """Return the name of the function of kernel ``name`` for some lanes: ``"gg.exp.8"``."""
    return f"gg.{name.replace(':', '.')}.{lanes}"


def kernel_of(function: str) -> tuple[str, int]:
    """Return the kernel and the lanes of a function, given its name."""
    name, _, lanes = function.removeprefix("gg.").rpartition(".")
    return name.replace(".", ":"), int(lanes)
