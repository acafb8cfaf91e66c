"""Kernels of sine, cosine and tangent, their inverses, and the length and the angle of a point.

An angle is reduced to at most pi / 4 by subtracting a multiple of pi / 2. This is done in three parts (W. J. Cody and
W. Waite, *Software Manual for the Elementary Functions*, 1980). A large angle is instead multiplied by those bits of
2 / pi that matter (M. H. Payne and R. N. Hanek, *Radian reduction for trigonometric functions*, SIGNUM Newsletter 18,
1983).
The reduced angle has two parts, ``r + lo``, because near a multiple of pi / 2 one double is not accurate enough. The
polynomials are minimax with exact first terms (J.-M. Muller, *Elementary Functions*, 3rd edition, 2016).
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise

from glassgrad.compiler.codegen.mathlib import doubled, kernel
from glassgrad.compiler.codegen.mathlib.doubled import D
from glassgrad.compiler.codegen.vector import MAGIC, SIGN, Code, F, I, M
from glassgrad.core import special

__all__ = ["acos", "asin", "atan", "atan2", "cos", "hypot", "sin", "tan"]

REDUCTION = "Cody & Waite 1980; Payne & Hanek 1983"
CODY_WAITE = "Cody & Waite 1980; polynomials after Muller, Elementary Functions, ch. 3"
BORGES = "C. F. Borges, Algorithm 1014: An improved algorithm for hypot(x, y), ACM TOMS 47, 2020"

# The polynomial in r**2 for (sin(r) - r) / r**3, where |r| <= pi / 4. Its error is below 2**-58 / r**2.
SIN = (
    -0.16666666666666632,
    0.008333333333322486,
    -0.00019841269829853374,
    2.755731370507535e-06,
    -2.5050759893138694e-08,
    1.5896886837185182e-10,
)
# The polynomial in r**2 for (cos(r) - 1 + r**2 / 2) / r**4, where |r| <= pi / 4. Its error is below 2**-64.1 / r**4.
COS = (
    0.0416666666666666,
    -0.001388888888887447,
    2.4801587289667004e-05,
    -2.755731439933389e-07,
    2.087572900946596e-09,
    -1.1359918427385182e-11,
)
# The polynomial in x**2 for (asin(x) - x) / x**3, where |x| <= 1/2. Its error is below 2**-55.8 / x**2.
ASIN = (
    0.16666666666665383,
    0.07500000000342931,
    0.04464285682356149,
    0.030381959328375344,
    0.022371753585743948,
    0.01735977024529202,
    0.013884606286084454,
    0.012173232167857139,
    0.006511040773018985,
    0.019573433785919154,
    -0.0162933892744068,
    0.03195853133404454,
)
# The polynomial in x**2 for (atan(x) - x) / x**3, where |x| <= 1. Its error is below 2**-57.4 / x**2.
ATAN = (
    -0.33333333333333093,
    0.1999999999995546,
    -0.14285714282803327,
    0.11111111013677621,
    -0.090909071196555,
    0.0769228119074287,
    -0.06666415025571167,
    0.05880592700823834,
    -0.052538061318634456,
    0.04723295123757036,
    -0.042217219724170786,
    0.03669360269939171,
    -0.029985676089791892,
    0.022085265767703186,
    -0.013995084954100446,
    0.007263422562674275,
    -0.0029193740311222348,
    0.0008434957463951876,
    -0.00015479945876265997,
    1.34895219290971e-05,
)

# Angles -----------------------------------------------------------------------------------------------------

LARGE = 2.0**20  # From this angle on, the products with PIO2_MIDDLE are not exact.
TWO_OVER_PI = float.fromhex("0x1.45f306dc9c883p-1")
PIO2 = float.fromhex("0x1.921fb54442d18p+0")
# PIO2 is PIO2_UPPER + PIO2_LOWER, which have 27 and 26 bits. PIO2_MIDDLE has the next 33 bits of pi / 2.
PIO2_UPPER = float.fromhex("0x1.921fb54p+0")
PIO2_LOWER = float.fromhex("0x1.10b46p-30")
PIO2_MIDDLE = float.fromhex("0x1.1a626331p-54")
PIO2_REST = float.fromhex("0x1.1701b839a252p-88")
PIO2_LO = float.fromhex("0x1.1a62633145c07p-54")  # pi / 2 - PIO2
LO_PART = PIO2_LO / PIO2  # Times such a multiple as a double, this is the rest of pi / 2, pi, 2 pi, ...

WORD, HALF = (1 << 64) - 1, (1 << 32) - 1
WORDS = 20  # So many words of 64 bits of 2 / pi, the first of them 0, are enough for the largest double.


def reduced(code: Code, size: F, turns: int = 0) -> tuple[F, F, I]:
    """Return r, lo and bits such that ``r + lo = size - n pi / 2`` for an integer n, and |r| <= pi / 4.

    The bits end in the last two bits of ``n + turns``.
    """
    shifted = code.fma(size, TWO_OVER_PI, MAGIC + turns)
    n = shifted - (MAGIC + turns)
    if code.fused:
        first = code.fma(n, -PIO2, size)
    else:
        first = (size - n * PIO2_UPPER) - n * PIO2_LOWER
    r = code.fma(n, -PIO2_MIDDLE, first)
    lo = code.fma(n, -PIO2_REST, code.fma(n, -PIO2_MIDDLE, first - r))
    if not code.fused:
        r, lo = code.fast_two_sum(r, lo)
    large = (size >= LARGE) & (size < float("inf"))

    def rare() -> list[F]:
        within = code.select(large, size, LARGE)
        r, lo = code.call_kernel("large_angle", within, 0.0), code.call_kernel("large_angle", within, 1.0)
        return [r, lo, (lo.bits() + turns).double()]

    r, lo, bits = code.rarely(large, rare, [r, lo, shifted.bits().double()])
    return r, lo, bits.bits()


@cache
def bits_of_two_over_pi() -> tuple[int, ...]:
    """Return a word of zeros, followed by the words of 64 bits of 2 / pi."""
    count = 64 * (WORDS - 1)
    two_over_pi = (2 << 2 * count + 64) // special._pi(count + 64)
    return tuple(two_over_pi >> 64 * i & WORD for i in reversed(range(WORDS)))


@kernel("large_angle", method="the bits of 2 / pi that matter, in integers modulo 4", source=REDUCTION)
def large_angle(code: Code, size: F, part: F) -> F:
    """Return r for part 0. For part 1, return lo with its last two bits replaced by those of n.

    The size must be at least LARGE and finite. This is a kernel of its own because it is long and several kernels use
    it. ``size = m 2**e`` is multiplied by 192 bits of 2 / pi, beginning with the bit of weight ``2**(1 - e)``; the bits
    before it contribute multiples of 4. No double is closer than 2**-62 to a multiple of pi / 2, so 66 bits are left.
    """
    first = code.exponent(size) + (64 - 52 - 2)
    word, shift = first.shifted_right(6), first & 63
    words = [code.lookup_bits("two_over_pi", bits_of_two_over_pi(), word + i) for i in range(4)]
    limbs = []
    for upper, lower in pairwise(words):
        together = (upper << shift) | lower.shifted_right(1).shifted_right(63 - shift)
        limbs += [together.shifted_right(32), together & HALF]
    limbs.reverse()
    m = size.bits() & ((1 << 52) - 1) | 1 << 52
    m_lower, m_upper = m & HALF, m.shifted_right(32)
    product, carry, crossed = [], code.whole(0), code.whole(0)
    for limb in limbs:
        straight = m_lower * limb
        total = (straight & HALF) + crossed + carry
        product.append(total & HALF)
        carry = total.shifted_right(32) + straight.shifted_right(32)
        crossed = m_upper * limb
    parts = [(a << 2 | b.shifted_right(30)) & HALF for b, a in pairwise(product)]  # of the fraction
    above_half = parts[-1].shifted_right(31)
    n = product[-1].shifted_right(30) + above_half & 3
    a, b, c, d = (code.to_double(p) for p in (parts[-1] - (above_half << 32), *parts[-2:-5:-1]))
    fraction = D(*code.fast_two_sum(a * 2.0**-32, b * 2.0**-64)) + c * 2.0**-96 + d * 2.0**-128
    angle = fraction * doubled.constant(code, doubled.PI / 2)
    return code.select(part == 0.0, angle.hi, (angle.lo.bits() & -4 | n).double())


def sine(code: Code, r: F, lo: F, square: F) -> tuple[F, F]:
    """Return ``sin(r + lo)`` as r and a correction to add to it."""
    return r, code.fma(r * square, code.estrin(square, SIN), lo)


def cosine(code: Code, r: F, lo: F, square: F) -> tuple[F, F]:
    """Return ``cos(r + lo)`` in two parts, the first of them at least 1/2."""
    half = r * 0.5
    hi = code.fma(half, -r, 1.0)
    rest = code.fma(half, -r, 1.0 - hi)
    return hi, code.fma(square * square, code.estrin(square, COS), code.fma(-r, lo, rest))


def wave(code: Code, size: F, turns: int) -> tuple[F, I]:
    """Return ``sin(size + turns pi / 2)`` up to its sign, and the sign."""
    r, lo, quadrant = reduced(code, size, turns)
    square = r * r
    a, b = sine(code, r, lo, square)
    c, d = cosine(code, r, lo, square)
    return code.select((quadrant & 1) == 0, a + b, c + d), (quadrant << 62) & SIGN


@kernel("sin", method="a multiple of pi / 2 is subtracted, then polynomials of degrees 13 and 14", source=REDUCTION)
def sin(code: Code, x: F) -> F:
    """Return the sine. It is computed from |x| and given the sign of x, so that -0.0 keeps its sign."""
    y, sign = wave(code, code.abs(x), 0)
    return (y.bits() ^ sign ^ (x.bits() & SIGN)).double()


@kernel("cos", method="a multiple of pi / 2 is subtracted, then polynomials of degrees 13 and 14", source=REDUCTION)
def cos(code: Code, x: F) -> F:
    """Return the cosine, which is the sine of x + pi / 2."""
    y, sign = wave(code, code.abs(x), 1)
    return (y.bits() ^ sign).double()


@kernel("tan", method="the quotient of sine and cosine, both in two parts", source=REDUCTION)
def tan(code: Code, x: F) -> F:
    """Return the tangent: sine / cosine, or -cosine / sine in odd quadrants."""
    r, lo, quadrant = reduced(code, code.abs(x))
    square = r * r
    even = (quadrant & 1) == 0
    s, c = code.fast_two_sum(*sine(code, r, lo, square)), code.fast_two_sum(*cosine(code, r, lo, square))
    a, a_lo, b, b_lo = (code.select(even, p, q) for p, q in zip((*s, *c), (*c, *s)))
    inverse = 1.0 / b
    y = a * inverse
    p, p_lo = code.two_product(y, b)
    y = y + (((a - p) - p_lo) + (a_lo - y * b_lo)) * inverse
    return (y.bits() ^ (quadrant << 63) ^ (x.bits() & SIGN)).double()


# Inverses ---------------------------------------------------------------------------------------------------


def inverse_roughly(code: Code, x: F) -> F:
    """Return 1 / x with a relative error of at most 1/16, for normal x > 0. At 0 it is finite.

    The bits of a double are roughly its logarithm, so subtracting them negates the logarithm. This is good enough for a
    correction.
    """
    return (0x7FDE000000000000 - x.bits()).double()


def root_of_half(code: Code, size: F) -> tuple[F, F, F]:
    """Return y, lo and the square, where ``y + lo = sqrt((1 - size) / 2)``. They are nan for sizes above 1."""
    square = (1.0 - size) * 0.5
    y = code.sqrt(square)
    p, p_lo = code.two_product(y, y)
    return y, ((square - p) - p_lo) * (inverse_roughly(code, y) * 0.5), square


def beside(code: Code, base: F, y: F, rest: F) -> F:
    """Return ``base + y + rest``, where the base is 0, pi / 2 or pi in twice the precision of a double.

    |y| must not exceed the base, unless that is 0.
    """
    hi, lo = code.fast_two_sum(base, y)
    return hi + (code.fma(base, LO_PART, rest) + lo)


def arc(code: Code, size: F) -> tuple[M, F, F]:
    """Return whether size > 1/2, and ``y + rest``: the asin of sqrt((1 - size) / 2) if so, else of size."""
    far = size > 0.5
    root, lo, square = root_of_half(code, size)
    y = code.select(far, root, size)
    square = code.select(far, square, size * size)
    return far, y, code.fma(y * square, code.estrin(square, ASIN), code.select(far, lo, 0.0))


@kernel("asin", method="a polynomial of degree 25 in x, or beyond 1/2 in sqrt((1 - |x|) / 2)", source=CODY_WAITE)
def asin(code: Code, x: F) -> F:
    """Return the inverse sine. Beyond 1/2 it is pi / 2 minus twice that of the root."""
    far, y, rest = arc(code, code.abs(x))
    factor = code.select(far, code.constant(-2.0), 1.0)
    return code.copysign(beside(code, code.select(far, code.constant(PIO2), 0.0), y * factor, rest * factor), x)


@kernel("acos", method="a polynomial of degree 25 in x, or beyond 1/2 in sqrt((1 - |x|) / 2)", source=CODY_WAITE)
def acos(code: Code, x: F) -> F:
    """Return the inverse cosine, pi / 2 minus the inverse sine.

    Beyond 1/2 it is twice the inverse sine of the root, and beyond -1/2 pi minus that.
    """
    far, y, rest = arc(code, code.abs(x))
    base = code.select(far, code.select(x < 0.0, code.constant(2 * PIO2), 0.0), PIO2)
    factor = (code.select(far, code.constant(2.0), -1.0).bits() ^ (x.bits() & SIGN)).double()
    return beside(code, base, y * factor, rest * factor)


def atan_rest(code: Code, y: F) -> F:
    """Return ``atan(y) - y`` for |y| <= 1."""
    square = y * y
    return y * square * code.estrin(square, ATAN)


@kernel("atan", method="a polynomial of degree 41 in x, or beyond 1 in 1 / x", source=CODY_WAITE)
def atan(code: Code, x: F) -> F:
    """Return the inverse tangent. Beyond 1 it is pi / 2 minus that of 1 / x."""
    size = code.abs(x)
    far = size > 1.0
    y = code.select(far, -1.0 / size, size)
    base = code.select(far, code.constant(PIO2), 0.0)
    return code.copysign(beside(code, base, y, atan_rest(code, y)), x)


@kernel("atan2", method="as atan, of the shorter side over the longer", source=CODY_WAITE)
def atan2(code: Code, a: F, b: F) -> F:
    """Return the angle of the point (b, a). Sides of equal length, even infinite ones, make an angle of 45 degrees."""
    up, right = code.abs(a), code.abs(b)
    steep, left = up > right, b.bits() < 0
    small, large = code.select(steep, right, up), code.select(steep, up, right)
    y = small / large
    y = code.select(small == large, code.select(large > 0.0, code.constant(1.0), 0.0), y)
    base = code.select(steep, code.constant(PIO2), code.select(left, code.constant(2 * PIO2), 0.0))
    y = code.select(steep ^ left, -y, y)
    return code.copysign(beside(code, base, y, atan_rest(code, y)), a)


# Length -----------------------------------------------------------------------------------------------------

# If the longer side is between these, its square neither underflows nor overflows. Other sides are multiplied first.
LEAST_SIDE, MOST_SIDE = 2.0**-480, 2.0**500
SHRINK, GROW = 2.0**-600, 2.0**600


@kernel(
    "hypot",
    method="the root of the sum of squares, corrected; scaled if a square leaves the range",
    source=BORGES,
)
def hypot(code: Code, a: F, b: F) -> F:
    """Return the length of the vector (a, b)."""
    a, b = code.abs(a), code.abs(b)
    longer = a > b
    large, small = code.select(longer, a, b), code.select(longer, b, a)

    def scaled() -> list[F]:
        big = large > 1.0
        factor = code.select(big, code.constant(SHRINK), GROW)
        back = code.select(big, code.constant(GROW), SHRINK)
        infinite = (a == float("inf")) | (b == float("inf"))
        length = root_of_squares(code, large * factor, small * factor) * back
        return [code.select(infinite, float("inf"), length)]

    inside = (large > LEAST_SIDE) & (large < MOST_SIDE)
    return code.rarely(~inside, scaled, [root_of_squares(code, large, small)])[0]


def root_of_squares(code: Code, large: F, small: F) -> F:
    """Return ``sqrt(large**2 + small**2)``, corrected by a step of Newton's method for the rounding of each part."""
    square, square_lo = code.two_product(large, large)
    both = code.fma(small, small, square)
    rest = code.fma(small, small, square - both) + square_lo
    y = code.sqrt(both)
    p, p_lo = code.two_product(y, y)
    return y + (((both - p) - p_lo) + rest) * (inverse_roughly(code, y) * 0.5)
