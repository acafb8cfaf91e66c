"""Kernels of sine, cosine, tangent, their inverses, and the length and the angle of a point.

An angle is brought to at most a quarter of pi by taking off a multiple of pi / 2: in three parts, after W. J. Cody and
W. Waite, *Software Manual for the Elementary Functions*, 1980; where it is large, by multiplying it with only those
bits of 2 / pi that matter, after M. H. Payne and R. N. Hanek, *Radian reduction for trigonometric functions*, SIGNUM
Newsletter 18, 1983. What remains is ``r + lo``, as one double would not do beside a multiple of pi / 2. The
polynomials are minimax, their first terms the exact ones (J.-M. Muller, *Elementary Functions*, 3rd edition, 2016).
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

SIN = (  # (sin(r) - r) / r**3 as a polynomial in r**2, |r| <= pi / 4, within 2**-58 of sin(r) / r
    -0.16666666666666632,
    0.008333333333322486,
    -0.00019841269829853374,
    2.755731370507535e-06,
    -2.5050759893138694e-08,
    1.5896886837185182e-10,
)
COS = (  # (cos(r) - 1 + r**2 / 2) / r**4 likewise, within 2**-64 of cos(r)
    0.0416666666666666,
    -0.001388888888887447,
    2.4801587289666922e-05,
    -2.755731439928692e-07,
    2.087572900052658e-09,
    -1.1359917865468207e-11,
)
ASIN = (  # (asin(x) - x) / x**3 likewise, |x| <= 1/2, within 2**-55.8 of asin(x) / x
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
ATAN = (  # (atan(x) - x) / x**3 likewise, |x| <= 1, within 2**-57.4 of atan(x) / x
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

LARGE = 2.0**20  # from here on the products with PIO2_MIDDLE are not exact
TWO_OVER_PI = float.fromhex("0x1.45f306dc9c883p-1")
PIO2 = float.fromhex("0x1.921fb54442d18p+0")
PIO2_UPPER = float.fromhex("0x1.921fb54p+0")  # PIO2 as the sum of two, of 27 and 26 bits
PIO2_LOWER = float.fromhex("0x1.10b46p-30")
PIO2_MIDDLE = float.fromhex("0x1.1a626331p-54")  # the next 33 bits of pi / 2
PIO2_REST = float.fromhex("0x1.1701b839a252p-88")
PIO2_LO = float.fromhex("0x1.1a62633145c07p-54")  # pi / 2 - PIO2
LO_PART = PIO2_LO / PIO2  # of every multiple of pi / 2 by a power of two

WORD, HALF = (1 << 64) - 1, (1 << 32) - 1
WORDS = 20  # of 64 bits, the first of them 0: up to the last that the largest double needs


def reduced(code: Code, size: F, turns: int = 0) -> tuple[F, F, I]:
    """``r + lo = size - n pi / 2``, |r| <= pi / 4, with whole n, and bits that end in the last two of ``n + turns``."""
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
    """A word of zeros, then 2 / pi in words of 64 bits."""
    count = 64 * (WORDS - 1)
    two_over_pi = (2 << 2 * count + 64) // special._pi(count + 64)
    return tuple(two_over_pi >> 64 * i & WORD for i in reversed(range(WORDS)))


@kernel("large_angle", method="the bits of 2 / pi that matter, in whole numbers modulo 4", source=REDUCTION)
def large_angle(code: Code, size: F, part: F) -> F:
    """r for part 0, and for part 1 lo with the last two bits of n in place of its own, of LARGE <= size < inf.

    It is a kernel as it is long, and wanted by several. ``size = m 2**e`` is multiplied with the 192 bits of 2 / pi
    from that of weight ``2**(1 - e)`` on; those before give multiples of 4. No double is closer than 2**-62 to a
    multiple of pi / 2, so that 66 bits are left of it.
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
    """``sin(r + lo)`` as r and what is to be added to it."""
    return r, code.fma(r * square, code.estrin(square, SIN), lo)


def cosine(code: Code, r: F, lo: F, square: F) -> tuple[F, F]:
    """``cos(r + lo)`` as two doubles, the first of at least 1 / 2."""
    half = r * 0.5
    hi = code.fma(half, -r, 1.0)
    rest = code.fma(half, -r, 1.0 - hi)
    return hi, code.fma(square * square, code.estrin(square, COS), code.fma(-r, lo, rest))


def wave(code: Code, size: F, turns: int) -> tuple[F, I]:
    """``sin(size + turns pi / 2)`` but for a sign, and that sign."""
    r, lo, quadrant = reduced(code, size, turns)
    square = r * r
    a, b = sine(code, r, lo, square)
    c, d = cosine(code, r, lo, square)
    return code.select((quadrant & 1) == 0, a + b, c + d), (quadrant << 62) & SIGN


@kernel("sin", method="a multiple of pi / 2 taken off, polynomials of degrees 13 and 14", source=REDUCTION)
def sin(code: Code, x: F) -> F:
    """The sine; of the size of x, as -0.0 would be lost."""
    y, sign = wave(code, code.abs(x), 0)
    return (y.bits() ^ sign ^ (x.bits() & SIGN)).double()


@kernel("cos", method="a multiple of pi / 2 taken off, polynomials of degrees 13 and 14", source=REDUCTION)
def cos(code: Code, x: F) -> F:
    """The cosine, the sine of a quarter turn more."""
    y, sign = wave(code, code.abs(x), 1)
    return (y.bits() ^ sign).double()


@kernel("tan", method="the quotient of sine and cosine, both as two doubles", source=REDUCTION)
def tan(code: Code, x: F) -> F:
    """The tangent; in odd quadrants minus the cosine by the sine."""
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
    """1 / x within a sixteenth of it, for normal x > 0: to correct by; something finite at 0.

    The bits of a double are about its logarithm, and so their difference from those of 1 about that of 1 / x.
    """
    return (0x7FDE000000000000 - x.bits()).double()


def root_of_half(code: Code, size: F) -> tuple[F, F, F]:
    """``y + lo = sqrt((1 - size) / 2)``, and its square; nan for sizes above 1."""
    square = (1.0 - size) * 0.5
    y = code.sqrt(square)
    p, p_lo = code.two_product(y, y)
    return y, ((square - p) - p_lo) * (inverse_roughly(code, y) * 0.5), square


def beside(code: Code, base: F, y: F, rest: F) -> F:
    """``base + y + rest`` with a base of 0, pi / 2, or pi, to twice a double's precision; |y| <= |base| where not 0."""
    hi, lo = code.fast_two_sum(base, y)
    return hi + (code.fma(base, LO_PART, rest) + lo)


def arc(code: Code, size: F) -> tuple[M, F, F]:
    """Whether size > 1/2, and ``y + rest``: the asin of size, or of the root of (1 - size) / 2 where it is."""
    far = size > 0.5
    root, lo, square = root_of_half(code, size)
    y = code.select(far, root, size)
    square = code.select(far, square, size * size)
    return far, y, code.fma(y * square, code.estrin(square, ASIN), code.select(far, lo, 0.0))


@kernel("asin", method="a polynomial of degree 25; beyond 1/2 of the root of (1 - |x|) / 2", source=CODY_WAITE)
def asin(code: Code, x: F) -> F:
    """The inverse sine: pi / 2 minus twice that of the root, beyond 1/2."""
    far, y, rest = arc(code, code.abs(x))
    factor = code.select(far, code.constant(-2.0), 1.0)
    return code.copysign(beside(code, code.select(far, code.constant(PIO2), 0.0), y * factor, rest * factor), x)


@kernel("acos", method="a polynomial of degree 25; beyond 1/2 of the root of (1 - |x|) / 2", source=CODY_WAITE)
def acos(code: Code, x: F) -> F:
    """The inverse cosine: pi / 2 minus the inverse sine; beyond 1/2 twice that of the root, or pi minus that."""
    far, y, rest = arc(code, code.abs(x))
    base = code.select(far, code.select(x < 0.0, code.constant(2 * PIO2), 0.0), PIO2)
    factor = (code.select(far, code.constant(2.0), -1.0).bits() ^ (x.bits() & SIGN)).double()
    return beside(code, base, y * factor, rest * factor)


def atan_rest(code: Code, y: F) -> F:
    """``atan(y) - y`` for |y| <= 1."""
    square = y * y
    return y * square * code.estrin(square, ATAN)


@kernel("atan", method="a polynomial of degree 41; beyond 1 of 1 / x", source=CODY_WAITE)
def atan(code: Code, x: F) -> F:
    """The inverse tangent: beyond 1, pi / 2 minus that of 1 / x."""
    size = code.abs(x)
    far = size > 1.0
    y = code.select(far, -1.0 / size, size)
    base = code.select(far, code.constant(PIO2), 0.0)
    return code.copysign(beside(code, base, y, atan_rest(code, y)), x)


@kernel("atan2", method="that of atan, of the smaller side by the larger", source=CODY_WAITE)
def atan2(code: Code, a: F, b: F) -> F:
    """The angle of the point (b, a): sides of the same size, be it 0 or infinite, are at 45 degrees."""
    up, right = code.abs(a), code.abs(b)
    steep, left = up > right, b.bits() < 0
    small, large = code.select(steep, right, up), code.select(steep, up, right)
    y = small / large
    y = code.select(small == large, code.select(large > 0.0, code.constant(1.0), 0.0), y)
    base = code.select(steep, code.constant(PIO2), code.select(left, code.constant(2 * PIO2), 0.0))
    y = code.select(steep ^ left, -y, y)
    return code.copysign(beside(code, base, y, atan_rest(code, y)), a)


# Length -----------------------------------------------------------------------------------------------------

LEAST_SIDE, MOST_SIDE = 2.0**-480, 2.0**500  # of the larger side: their squares neither underflow nor overflow
SHRINK, GROW = 2.0**-600, 2.0**600


@kernel("hypot", method="the root of the sum of squares, corrected; scaled where they leave the range", source=BORGES)
def hypot(code: Code, a: F, b: F) -> F:
    """The length of (a, b)."""
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
    """``sqrt(large**2 + small**2)``, one step of Newton's made with what the squares and the root were rounded by."""
    square, square_lo = code.two_product(large, large)
    both = code.fma(small, small, square)
    rest = code.fma(small, small, square - both) + square_lo
    y = code.sqrt(both)
    p, p_lo = code.two_product(y, y)
    return y + (((both - p) - p_lo) + rest) * (inverse_roughly(code, y) * 0.5)
