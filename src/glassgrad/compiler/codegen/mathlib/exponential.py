"""Kernels of exponentials and logarithms. Other modules also use `exp_dd` and `log_dd`.

An exponential is ``2**n e**r`` with |r| <= ln(2) / 2 (W. J. Cody and W. Waite, *Software Manual for the Elementary
Functions*, 1980). The product n ln 2 is subtracted in two parts, the first of them exactly. ``e**r`` is a minimax
polynomial whose first two terms are summed exactly. A logarithm is ``k ln 2 + 2 atanh s`` with
``s = (m - 1) / (m + 1)`` and m between the square roots of 1/2 and 2 (J.-M. Muller, *Elementary Functions*, 3rd
edition, 2016, chapters 5 and 11).
"""

from __future__ import annotations

import math
from fractions import Fraction

from glassgrad.compiler.codegen.mathlib import kernel
from glassgrad.compiler.codegen.vector import MAGIC, Code, F, I, bits_of
from glassgrad.core.accurate import SLOPES

__all__ = [
    "Power",
    "exp",
    "exp2",
    "exp_dd",
    "exp_sub",
    "expm1",
    "log",
    "log1p",
    "log2",
    "log10",
    "log_dd",
    "silu",
    "silu_slope",
]

CODY_WAITE = "Cody & Waite 1980; Muller, Elementary Functions, ch. 11"

# Constants in two parts. LN2_HI and LOG10_2_HI have 42 bits, so their products with integers below 2**11 are exact.
# LN2_TOP has 38 bits, so its products with integers below 2**14 are exact.
LOG2E, LOG2E_LO = float.fromhex("0x1.71547652b82fep+0"), float.fromhex("0x1.777d0ffda0d24p-56")
LOG10E, LOG10E_LO = float.fromhex("0x1.bcb7b1526e50ep-2"), float.fromhex("0x1.95355baaafad3p-57")
LN2, LN2_REST = float.fromhex("0x1.62e42fefa39efp-1"), float.fromhex("0x1.abc9e3b39803fp-56")
LN2_HI = float.fromhex("0x1.62e42fefa38p-1")
LN2_LO = float.fromhex("0x1.ef35793c7673p-45")
LN2_TOP = math.floor(LN2_HI * 2.0**38) / 2.0**38
LN2_BELOW = (LN2_HI - LN2_TOP) + LN2_LO
LOG10_2_HI = float.fromhex("0x1.34413509f78p-2")
LOG10_2_LO = float.fromhex("0x1.fef311f12b358p-46")
FAR = 755.0  # From this x on, silu(x) is x and silu(-x) is 0.
LEAST_EXP, MOST_EXP = -760.0, 710.0  # Below the first e**x rounds to 0; above the second it rounds to infinity.


def root_of_two(j: int) -> Fraction:
    """Return ``2**(j / 8)`` to 150 bits, by three square roots of ``2**j``."""
    x = 1 << 8 * 150 + j
    for _ in range(3):
        x = math.isqrt(x)
    return Fraction(x, 1 << 150)


# The polynomial for (e**r - 1 - r) / r**2, where |r| <= ln(2) / 2. Its error is below 2**-55.6 / |r|.
EXP = (
    0.5000000000000006,
    0.16666666666666677,
    0.04166666666657367,
    0.008333333333321454,
    0.0013888888932357046,
    0.00019841269886514685,
    2.4801504476758892e-05,
    2.7557243862352374e-06,
    2.7626313065915774e-07,
    2.5109145831155192e-08,
)
# The powers 2**(j / 8), in two parts.
EIGHTHS = tuple([2.0 ** (j / 8) for j in range(8)])
EIGHTHS_LO = tuple([float(root_of_two(j) - Fraction(x)) for j, x in enumerate(EIGHTHS)])
# The polynomial for (e**r - 1 - r) / r**2, where |r| <= ln(2) / 16. Its error is below 2**-58.2 / r**2.
EXP_EIGHTHS = (
    0.5000000000000301,
    0.16666666666667404,
    0.04166666656928724,
    0.008333333316519875,
    0.00138897836069974,
    0.0001984247356917364,
)
# The polynomial in s**2 for (2 atanh(s) - 2 s) / s**3, where |s| <= 0.17157. Its error is below 2**-58.4 / s**2.
LOG = (
    0.6666666666666734,
    0.3999999999941666,
    0.2857142874202346,
    0.2222219860555329,
    0.18183562827187266,
    0.15314085384339998,
    0.14795628731282534,
)
# The polynomial in s**2 for (atanh(s) - s - s**3 / 3) / s**5, on the same interval. Its error is below 2**-76.9 / s**4.
LOG_DD = (
    0.2,
    0.14285714285713444,
    0.11111111111358275,
    0.09090909052999219,
    0.07692311094678406,
    0.06666479794136128,
    0.05888640881061988,
    0.05139322518083809,
    0.0601587370887838,
)


# Exponentials -----------------------------------------------------------------------------------------------

BIAS = 2.0 * 1023.0  # Added to n, it makes each half of n the biased exponent of a double.
TOP = 0x7FF << 52  # the bits of a double's exponent


def reduced(code: Code, x: F) -> tuple[F, F, F]:
    """Return r, lo and n, shifted, such that ``r + lo = x - n ln 2``, where n is the integer nearest to ``x / ln 2``.

    The bits of the shifted n end in ``n + 2046``.
    """
    shifted = code.fma(x, LOG2E, MAGIC + BIAS)
    n = shifted - (MAGIC + BIAS)
    first = code.fma(n, -LN2_HI, x)
    r = code.fma(n, -LN2_LO, first)
    return r, code.fma(n, -LN2_LO, first - r), shifted


def scaled(code: Code, x: F, shifted: F) -> F:
    """Return ``x 2**n``, with n shifted as by `reduced`, in two steps: 2**n may not be a normal number."""
    if code.scales:
        return code.ldexp(x, shifted - (MAGIC + BIAS))
    return scaled_by_bits(x, shifted.bits())


def scaled_by_bits(x: F, bits: I) -> F:
    """Return ``x 2**n``, where the bits end in ``n + 2046``."""
    half = (bits << 51) & TOP
    return x * half.double() * ((bits << 52) - half).double()


def exp_of_reduced(code: Code, r: F, lo: F) -> F:
    """Return ``e**(r + lo)`` for |r| <= ln(2) / 2 and a lo so small that its square and its product with r are nil."""
    square = r * r
    rest = code.fma(square, code.even_odd(r, EXP, square), lo)
    one, lost = code.fast_two_sum(1.0, r)
    return one + (lost + rest)


def clamped(code: Code, x: F, least: float, most: float) -> F:
    """Return x, or the nearer end of the interval if x is outside. A nan stays nan."""
    x = code.select(x < least, least, x)
    return code.select(x > most, most, x)


class Power:
    """``e**x`` in parts: ``factor (1 + rest) 2**n``.

    `exp` and all kernels that multiply an exponential by something use the same instructions. Where several of them are
    inlined, these instructions are written only once.

    Args:
        code: the code being written.
        x: the exponent.
        root: if given, x is -root**2, rounded, and the power is that of the exact square. If the target cannot scale by
            powers of two, the root must be between -28 and 28.

    Attributes:
        factor: 2**(j / 8), or None for 1.
        rest: e**r - 1, where r is the reduced argument.
    """

    def __init__(self, code: Code, x: F, root: F | None = None) -> None:
        self.code = code
        self.eighths = code.target.packs  # a table of eight numbers is one register of the processor
        if root is None and not code.scales:
            x = clamped(code, x, LEAST_EXP, MOST_EXP)
        magic = MAGIC / 8 + BIAS if self.eighths else MAGIC + BIAS
        self._shifted = code.fma(x, LOG2E, magic)
        self._n = n = self._shifted - magic
        self._ln2_lo = LN2_LO
        if root is None:
            self._first = code.fma(n, -LN2_HI, x)
        elif code.fused:
            self._first, self._ln2_lo = code.fma(-root, root, n * -LN2_TOP), LN2_BELOW
        else:
            self._first = code.fma(n, -LN2_HI, x) - code.two_product(root, root)[1]
        r = code.fma(n, -self._ln2_lo, self._first)
        if code.scales:  # r must be below 2 even out of range; a nan is in n too
            r = (r.bits() & ~(1 << 62)).double()
        self._r, self._square = r, r * r
        self._curve = code.even_odd(r, EXP_EIGHTHS if self.eighths else EXP, self._square)
        self.rest = code.fma(self._square, self._curve, r)
        self.factor = code.one_of_eight("eighths", EIGHTHS, self._shifted.bits()) if self.eighths else None

    def scaled(self, y: F) -> F:
        """Return ``y 2**n``, rounded once."""
        if self.code.scales:
            return self.code.ldexp(y, self._n)
        bits = self._shifted.bits()
        return scaled_by_bits(y, bits.shifted_right(3) if self.eighths else bits)

    def unscaled(self) -> F:
        """Return ``e**x / 2**n``."""
        t = self.factor
        return self.rest + 1.0 if t is None else self.code.fma(t, self.rest, t)

    def parts(self, v: F | float, v_lo: F | float) -> tuple[F, F]:
        """Return ``(v + v_lo) e**x / 2**n`` in two parts. v_lo must be small beside v."""
        code, rest = self.code, self.rest
        hi, lo = code.f(v), code.f(v_lo)
        if self.factor is not None:
            hi, lost = code.two_product(v, self.factor)
            lo = code.fma(v_lo, self.factor, code.fma(v, code.shared(self._lost_by_factor), lost))
        else:  # the rest is so large that its rounding errors matter
            lost = code.fma(self._n, -self._ln2_lo, self._first - self._r) + code.fma(
                self._square, self._curve, self._r - rest
            )
            lo = code.fma(hi, lost, lo)
        return hi, code.fma(hi, rest, code.fma(lo, rest, lo))

    def _lost_by_factor(self, code: Code) -> F:
        return code.one_of_eight("eighths_lo", EIGHTHS_LO, self._shifted.bits())

    def times(self, v: F | float, v_lo: F | float) -> F:
        """Return ``(v + v_lo) e**x`` with about one rounding. v_lo must be small beside v."""
        hi, lo = self.parts(v, v_lo)
        return self.scaled(hi + lo)


@kernel("exp", method="n ln 2 taken off, a polynomial of degree 11, scaled by 2**n", source=CODY_WAITE)
def exp(code: Code, x: F) -> F:
    """Return e**x."""
    power = code.shared(Power, x)
    return power.scaled(power.unscaled())


@kernel("exp_sub", method="as exp, corrected for the rounding error of the difference", source=CODY_WAITE)
def exp_sub(code: Code, a: F, b: F) -> F:
    """Return e**(a - b), or 1 where both are the same infinity."""
    d, lost = code.two_sum(a, -b)
    lost = code.select(code.abs(d) < -LEAST_EXP, lost, 0.0)  # where d is infinite or nan, lost is nan
    power = code.shared(Power, code.select(a == b, 0.0, d))
    y = power.unscaled()
    return power.scaled(code.fma(y, lost, y))


def exp_dd(code: Code, hi: F, lo: F) -> F:
    """Return ``e**(hi + lo)``, where ``lo`` is small beside 1. Beyond the range of `exp`, lo is ignored."""
    inside = clamped(code, hi, LEAST_EXP, MOST_EXP)
    r, rest, shifted = reduced(code, inside)
    lo = code.select(inside == hi, lo, 0.0)
    return scaled(code, exp_of_reduced(code, *code.fast_two_sum(r, rest + lo)), shifted)


def logistic(code: Code, x: F) -> tuple[F, F, Power, F, F]:
    """Return x, clamped to where silu is neither x nor 0, its size, ``e**-|x|``, and ``1 + e**-|x|`` in two parts."""
    inside = clamped(code, x, -FAR, FAR)
    size = code.abs(inside)
    power = code.shared(Power, -size)
    return inside, size, power, *code.fast_two_sum(1.0, power.scaled(power.unscaled()))


@kernel("silu", method="x over 1 + e**-|x|, and times that exponential below 0", source=CODY_WAITE)
def silu(code: Code, x: F) -> F:
    """Return x / (1 + e**-x)."""
    inside, _, power, whole, lost = code.shared(logistic, x)
    inverse = 1.0 / whole
    v = inside * inverse
    v_lo = code.fma(-v, lost, remainder(code, inside, v, whole)) * inverse
    y = code.select(x < 0.0, power.times(v, v_lo), v + v_lo)
    return code.copysign(code.select(x > FAR, x, y), x)


@kernel("silu_slope", method="e**-|x| times a quotient of it, and at its root a polynomial", source=CODY_WAITE)
def silu_slope(code: Code, x: F) -> F:
    """Return ``s (1 + x (1 - s))`` with s the sigmoid of x.

    For negative x this is ``y = e**x (1 + x + e**x) / (1 + e**x)**2``. For positive x it is 1 - y at -x.
    """
    _, size, power, d, d_lo = code.shared(logistic, x)
    n, n_lo = code.two_sum(d, -size)
    p, p_lo = code.two_product(d, d)
    inverse = 1.0 / p
    q = n * inverse
    rest = remainder(code, n, q, p) + (n_lo + d_lo) - q * code.fma(d + d, d_lo, p_lo)
    y = beside_root(code, -size, SLOPES[1], power.times(q, rest * inverse))
    return code.select(x > 0.0, 1.0 - y, y)


def beside_root(code: Code, x: F, about: tuple[float, float, float, tuple[float, ...]], y: F) -> F:
    """Return y, or near a root the distance t from it times a polynomial in t.

    ``about`` holds the root in two parts, the width and the coefficients, as in `accurate.SLOPES`.
    """
    root, root_lo, width, coefficients = about
    distance = x - root
    t = distance - root_lo
    p, p_lo = code.two_product(distance, coefficients[0])
    rest = code.fma(t * t, code.even_odd(t, coefficients[1:]), p_lo - root_lo * coefficients[0])
    return code.select(code.abs(distance) < width, p + rest, y)


@kernel("exp2", method="the nearest integer is subtracted, then as exp", source=CODY_WAITE)
def exp2(code: Code, x: F) -> F:
    """Return 2**x."""
    x = clamped(code, x, -1076.0, 1025.0)
    shifted = x + (MAGIC + BIAS)
    t = x - (shifted - (MAGIC + BIAS))
    r, lo = code.two_product(t, LN2)
    return scaled(code, exp_of_reduced(code, r, code.fma(t, LN2_REST, lo)), shifted)


def expm1_parts(code: Code, x: F) -> tuple[F, F, F, I]:
    """Return hi and lo, ``2**-n``, and the bits of `reduced`, such that ``hi + lo = (e**x - 1) / 2**n``.

    x must be between -40 and 710. The sum is ``(1 - 2**-n) + r + ...``, and its two largest terms are added exactly.
    For n > 57, 2**-n is replaced by 0.
    """
    r, r_lo, shifted = reduced(code, x)
    bits = shifted.bits()
    u = code.select(x > 40.0, 0.0, ((3069 - bits) << 52).double())
    one, one_lo = code.fast_two_sum(1.0, -u)
    hi, lo = code.two_sum(one, r)
    square = r * r
    rest = code.fma(square, code.even_odd(r, EXP, square), r_lo + one_lo)
    hi, lo = code.fast_two_sum(hi, lo + rest)
    return hi, lo, u, bits


@kernel("expm1", method="as exp, but 1 is subtracted before the terms are summed", source=CODY_WAITE)
def expm1(code: Code, x: F) -> F:
    """Return e**x - 1."""
    hi, _, _, bits = expm1_parts(code, clamped(code, x, -40.0, MOST_EXP))
    return code.copysign((hi + hi) * ((bits - 1024) << 52).double(), x)  # 2 * 2**(n - 1), as n may be 1024


# Logarithms -------------------------------------------------------------------------------------------------

SQRT_HALF = bits_of(math.sqrt(0.5))  # the bits of the square root of 1/2
NORMAL = 2.0**-1022  # the smallest normal number
LIFT = 54.0  # Multiplied by 2**LIFT, a subnormal number becomes normal.


def octaves(code: Code, x: F) -> tuple[F, F, I]:
    """Return k, m and ``(k + 1024) << 52``, where ``x = 2**k m`` and m is between the square roots of 1/2 and 2.

    x must be normal.
    """
    above = x.bits() - (SQRT_HALF - (1024 << 52))
    power = above & (0xFFF << 52)
    k = (above.shifted_right(52) | bits_of(2.0**52)).double() - (2.0**52 + 1024.0)
    return k, (x.bits() - power + (1024 << 52)).double(), power


def lifted(code: Code, x: F) -> tuple[F, F]:
    """Return ``x 2**j``, a normal number, and -j, for any positive x."""
    low = x < NORMAL
    return code.select(low, x * 2.0**LIFT, x), code.select(low, -LIFT, 0.0)


def split(code: Code, x: F) -> tuple[F, F]:
    """Return k and m as `octaves` does, for any positive x."""
    if code.scales:
        k, m = code.getexp(x), code.getmant(x)
        high = m >= math.sqrt(2.0)
        return code.select(high, k + 1.0, k), code.select(high, m.bits() - (1 << 52), m.bits()).double()
    y, offset = lifted(code, x)
    k, m, _ = octaves(code, y)
    return k + offset, m


def log_parts(code: Code, f: F) -> tuple[F, F]:
    """Return ``ln(1 + f)`` in two parts, with an error of about 2**-57.

    1 + f must be between the square roots of 1/2 and 2. The logarithm is ``f - (f**2 / 2 - s (f**2 / 2 + s**2 ...))``
    with s = f / (2 + f), so the largest term is exact.
    """
    s = f / (f + 2.0)
    z = s * s
    half, half_lo = code.two_product(0.5 * f, f)
    hi, lo = code.fast_two_sum(f, -half)
    return hi, code.fma(s, code.fma(z, code.polynomial(z, LOG), half), lo - half_lo)


# The logarithm of each kind of number, in the encoding of AVX-512's fixupimm instruction: 4 bits for each kind. The
# result is nan (3) for nans (kinds 0 and 1), -inf (kind 4) and negative numbers (kind 6). It is -inf (4) for zeros
# (kind 2) and inf (5) for inf (kind 5).
EDGES = 0x3530433


def at_edges(code: Code, x: F, y: F) -> F:
    """Return y where ``0 < x < inf``, and IEEE 754's logarithm elsewhere."""
    if code.scales:
        return code.fixup(y, x, EDGES)
    y = code.select(x < math.inf, y, x)
    return code.select(x > 0.0, y, code.select(x == 0.0, -math.inf, math.nan))


@kernel("log", method="k ln 2 + 2 atanh((m - 1) / (m + 1)), a polynomial of degree 15", source=CODY_WAITE)
def log(code: Code, x: F) -> F:
    """Return the natural logarithm."""
    k, m = split(code, x)
    f = m - 1.0
    s = f / (m + 1.0)
    z = s * s
    rest = code.fma(s, code.fma(z, -code.polynomial(z, LOG), f), k * -LN2_LO)
    return at_edges(code, x, code.fma(k, LN2_HI, f - rest))


def log_of_sum(code: Code, u: F, u_lo: F, rest: F | None = None, offset: F | None = None) -> F:
    """Return ``ln(u + u_lo + rest) + offset ln 2``.

    u must be normal and positive, u_lo is its rounding error, and rest is small beside u_lo.
    """
    k, m, power = octaves(code, u)
    twice = ((2048 << 52) - power).double()  # 2**(1 - k), and 0 for k = 1024
    f, f_lo = code.fast_two_sum(m - 1.0, u_lo * twice * 0.5)
    if rest is not None:
        f_lo = code.fma(rest * twice, 0.5, f_lo)
    if offset is not None:
        k = k + offset
    s = f / (f + 2.0)
    z = s * s
    square = 0.5 * f * f
    tail = code.fma(s, code.fma(z, code.polynomial(z, LOG), square), code.fma(k, LN2_LO, f_lo))
    hi, lo = code.fast_two_sum(k * LN2_HI, f)
    return hi + (lo + (tail - square))


@kernel("log1p", method="log of the sum, corrected for its rounding error", source=CODY_WAITE)
def log1p(code: Code, x: F) -> F:
    """Return ln(1 + x)."""
    u, lost = code.two_sum(1.0, x)
    return code.copysign(at_edges(code, u, log_of_sum(code, u, lost)), x)


@kernel("log2", method="k + log2(m), the logarithm of m in two parts", source=CODY_WAITE)
def log2(code: Code, x: F) -> F:
    """Return the logarithm to base 2, an integer for powers of two."""
    k, m = split(code, x)
    hi, lo = log_parts(code, m - 1.0)
    p, p_lo = code.two_product(hi, LOG2E)
    p_lo = code.fma(lo, LOG2E, code.fma(hi, LOG2E_LO, p_lo))
    hi, lo = code.fast_two_sum(k, p)
    return at_edges(code, x, hi + (lo + p_lo))


@kernel("log10", method="k log10(2) + log10(m), the logarithm of m in two parts", source=CODY_WAITE)
def log10(code: Code, x: F) -> F:
    """Return the logarithm to base 10, an integer for powers of ten."""
    k, m = split(code, x)
    hi, lo = log_parts(code, m - 1.0)
    p, p_lo = code.two_product(hi, LOG10E)
    p_lo = code.fma(k, LOG10_2_LO, code.fma(lo, LOG10E, code.fma(hi, LOG10E_LO, p_lo)))
    hi, lo = code.fast_two_sum(k * LOG10_2_HI, p)
    return at_edges(code, x, hi + (lo + p_lo))


# 1/3 in two parts.
THIRD, THIRD_LO = 1 / 3, float.fromhex("0x1.5555555555555p-56")


def log_dd(code: Code, x: F) -> tuple[F, F]:
    """Return ``ln x`` in two parts, with an error of about 2**-63, for positive finite x, also subnormal."""
    k, m = split(code, x)
    f = m - 1.0
    d, d_lo = code.fast_two_sum(2.0, f)
    inverse = 1.0 / d
    s = f * inverse
    s_lo = (remainder(code, f, s, d) - s * d_lo) * inverse
    z, z_lo = code.two_product(s, s)
    z_lo = code.fma(s + s, s_lo, z_lo)
    t, t_lo = code.fast_two_sum(THIRD, z * code.estrin(z, LOG_DD))  # the logarithm is 2 s (1 + z t)
    t_lo = t_lo + THIRD_LO
    b, b_lo = code.two_product(z, t)
    b_lo = b_lo + code.fma(z, t_lo, z_lo * t)
    c, c_lo = code.two_product(s, b)
    c_lo = c_lo + code.fma(s, b_lo, s_lo * b)
    a, a_lo = code.fast_two_sum(s, c)
    a_lo = a_lo + (s_lo + c_lo)
    hi, lo = code.fast_two_sum(k * LN2_HI, a + a)
    return code.fast_two_sum(hi, lo + code.fma(k, LN2_LO, a_lo + a_lo))


def remainder(code: Code, a: F, q: F, b: F) -> F:
    """Return ``a - q b``, which is exact if q is ``a / b`` rounded."""
    if code.fused:
        return code.fma(-q, b, a)
    p, p_lo = code.two_product(q, b)
    return (a - p) - p_lo
