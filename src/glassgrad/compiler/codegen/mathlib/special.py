"""Kernels of the gamma function's logarithm and of digamma, and what they share with `gamma` and `polygamma`.

Each kernel shifts its argument up by the recurrence, sums Stirling's series there, and uses the reflection formula for
negative arguments, all in double-double arithmetic. This is accurate enough except near a root. There, a Taylor
polynomial about the double nearest to the root is used. Its first coefficient is the function's value at that double.
The coefficients come from `glassgrad.core.special`, which computes the same formulas in fixed point.

DLMF is the NIST Digital Library of Mathematical Functions, https://dlmf.nist.gov.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cache

from glassgrad.compiler.codegen.mathlib import kernel
from glassgrad.compiler.codegen.mathlib.doubled import BITS, PI, D, constant, fixed, log, polynomial, select, split
from glassgrad.compiler.codegen.vector import Code, F, M
from glassgrad.core import special

__all__ = ["digamma", "lgamma"]

METHOD = "Stirling's series, recurrence and reflection in double-double; Taylor beside roots"
LEAST = 14.0  # Stirling's series is used from this argument on.
HUGE = 2.0**200  # Beyond this argument all terms of the series are negligible.
TINY = 2.0**-64  # Below this size only the pole at zero matters, to double precision.
NEAR_ROOT = 2.0**-36  # A result this small has lost up to 36 of about 98 bits, so the Taylor polynomial is better.
LGAMMA_OVERFLOW = 2.5599833278516383e305  # This is the largest argument for which lgamma is finite.
LGAMMA_ROOTS = 8  # Below -LGAMMA_ROOTS, no double is so near a root that lgamma is below NEAR_ROOT.
DIGAMMA_ROOTS = 64  # Below -DIGAMMA_ROOTS, doubles are so far apart that double-double arithmetic is accurate enough.

Root = tuple[float, float, float, float, float]  # The double nearest to a root, and f, f' as a pair, and f'' / 2 there.


@kernel("lgamma", method=METHOD, source="DLMF 5.5, 5.11")
def lgamma(code: Code, x: F) -> F:
    """Return ln |gamma(x)|."""
    size = code.abs(x)
    total = logarithm_of_gamma(code, x).hi

    def at_root() -> Sequence[F]:
        k = code.floor(size)
        place = k * 2.0 - 2.0 + code.select(size - k > 0.5, 1.0, 0.0)
        place = code.select(x < 0.0, place, code.select(x < 1.5, 0.0, 1.0))
        return [beside_root(code, x, "lgamma_roots", lgamma_roots(), place)]

    rooted = (code.abs(total) < NEAR_ROOT) & (x > -float(LGAMMA_ROOTS))
    total = code.rarely(rooted, at_root, [total])[0]
    total = code.select((x > LGAMMA_OVERFLOW) | pole(code, x) | (x == -math.inf), math.inf, total)
    result: F = code.select(code.isnan(x), x, total)
    return result


def logarithm_of_gamma(code: Code, x: F) -> D:
    """Return ln |gamma(x)|, to about 2**-98 of 1 or of itself, whichever is larger. Poles and infinities are no input.

    Stirling's series is ``(y - 1/2) (ln y - 1) + (ln(2 pi) - 1) / 2 + sum B[2k] / (2k (2k-1) y**(2k-1))`` for large y.
    Here ``y`` is x, or 1 - x for negative x, plus the integer that makes it at least `LEAST`. That shift multiplies
    gamma by a product. A quotient collects this product and the sine of the reflection, and its logarithm is
    subtracted.
    """
    negative = x < 0.0
    size = code.abs(x)
    lifted = size < 2.0**-300  # avoids products of subnormal numbers
    lift = code.select(lifted, 2.0**300, 1.0)
    y = D(*code.two_sum(code.select(negative, 1.0, 0.0), size))
    (y_hi, y_lo, p_hi, p_lo) = repeat(
        code,
        [y.hi, y.lo, code.select(negative, 1.0, lift), code.constant(0.0)],
        lambda a, b, c, d: a < LEAST,
        lambda a, b, c, d: [*pair(D(a, b) + 1.0), *pair(D(c, d) * D(a, b))],
    )
    y, product = D(y_hi, y_lo), D(p_hi, p_lo)

    def reflected() -> Sequence[F]:
        r = code.abs(from_nearest_integer(code, x))
        sine, cosine = sine_and_cosine(code, code.select(r > 0.25, 0.5 - r, r), lift)
        return pair(select(code, r > 0.25, cosine * constant(code, 1 / PI), sine) / product)

    quotient = D(*code.rarely(negative, reflected, pair(product)))
    enormous = y.hi > 2.0**900  # where the product by Dekker's halves, or by the logarithm alone, would overflow
    down, up = code.select(enormous, 2.0**-200, 1.0), code.select(enormous, 2.0**200, 1.0)
    stirling = ((y + -0.5).scaled(down) * (log(code, y) + -1.0)).scaled(up)
    stirling = stirling + (constant(code, (fixed(special._half_log_two_pi(BITS)) * 2 - 1) / 2) + lgamma_series(code, y))
    stirling = D(code.select(negative, -stirling.hi, stirling.hi), code.select(negative, -stirling.lo, stirling.lo))
    return stirling - log(code, quotient, code.select(lifted, -300.0, 0.0))


@kernel("digamma", method=METHOD, source="DLMF 5.5, 5.11")
def digamma(code: Code, x: F) -> F:
    """Return the derivative of `lgamma`.

    It is ``ln y - 1 / (2y) - sum B[2k] / (2k y**2k)`` with the y of `lgamma`, minus ``p' / p`` for the product p there,
    minus ``pi cot(pi x)`` for negative x.
    """
    negative = x < 0.0
    y = D(*code.two_sum(code.select(negative, 1.0, 0.0), code.abs(x)))
    one, zero = code.constant(1.0), code.constant(0.0)
    (y_hi, y_lo, p_hi, p_lo, d_hi, d_lo) = repeat(
        code,
        [y.hi, y.lo, one, zero, zero, zero],
        lambda a, b, c, d, e, f: a < LEAST,
        lambda a, b, c, d, e, f: [
            *pair(D(a, b) + 1.0),
            *pair(D(c, d) * D(a, b)),
            *pair(D(e, f) * D(a, b) + D(c, d)),
        ],
    )
    y = D(y_hi, y_lo)
    total = log(code, y) - digamma_series(code, y) - D(d_hi, d_lo) / D(p_hi, p_lo)

    def reflected() -> Sequence[F]:
        r = from_nearest_integer(code, x)
        size = code.abs(r)
        sine, cosine = sine_and_cosine(code, code.select(size > 0.25, 0.5 - size, size))
        near = size <= 0.25
        above, below = select(code, near, cosine, sine * constant(code, PI**2)), select(code, near, sine, cosine)
        cotangent = above / below
        sign = code.copysign(1.0, r)
        return pair(total - cotangent.scaled(sign))

    total = D(*code.rarely(negative, reflected, pair(total)))
    result: F = total.hi

    def at_root() -> Sequence[F]:
        place = code.select(negative, code.floor(-x) + 1.0, 0.0)
        return [beside_root(code, x, "digamma_roots", digamma_roots(), place)]

    rooted = (code.abs(result) < NEAR_ROOT) & (x > -float(DIGAMMA_ROOTS))
    result = code.rarely(rooted, at_root, [result])[0]
    result = code.select(code.abs(x) < TINY, -1.0 / x, result)
    result = code.select((pole(code, x) & (x != 0.0)) | (x == -math.inf), math.nan, result)
    result = code.select((x == math.inf) | code.isnan(x), x, result)
    return result


# The series -------------------------------------------------------------------------------------------------


def lgamma_series(code: Code, y: D) -> D:
    """Return ``sum B[2k] / (2k (2k-1) y**(2k-1))``."""
    terms = series(lambda k: Fraction(1, 2 * k * (2 * k - 1)), LEAST)
    inverse = reciprocal(code, y)
    return inverse * polynomial(code, inverse * inverse, terms, LEAST**-2)


def digamma_series(code: Code, y: D) -> D:
    """Return ``1 / (2y) + sum B[2k] / (2k y**2k)``."""
    terms = series(lambda k: Fraction(1, 2 * k), LEAST)
    inverse = reciprocal(code, y)
    return inverse * (inverse * polynomial(code, inverse * inverse, terms, LEAST**-2) + 0.5)


def series(factor: Callable[[int], Fraction], least: float, first: Fraction | int = 1) -> list[Fraction]:
    """Return ``B[2k] factor(k)`` for k = 1, 2, ... until the term at ``least`` no longer counts.

    That is the case when the coefficient times ``least**(-2k)`` is below ``first / 2**106``.
    """
    found: list[Fraction] = []
    while not found or abs(found[-1]) * 2**106 > first * Fraction(least) ** (2 * len(found)):
        k = len(found) + 1
        found.append(Fraction(*special._bernoulli(k)) * factor(k))
    return found


def reciprocal(code: Code, y: D) -> D:
    """Return 1 / y, with y limited to `HUGE`. So no Dekker product overflows, and no product is subnormal."""
    return constant(code, 1) / select(code, y.hi < HUGE, y, D(code.constant(HUGE)))


# Negative arguments and roots -------------------------------------------------------------------------------


def pole(code: Code, x: F) -> M:
    """Return whether x is zero or a negative integer."""
    return (x <= 0.0) & (code.floor(x) == x)


def from_nearest_integer(code: Code, x: F) -> F:
    """Return x minus its nearest integer, exactly."""
    integer: F = code.select(code.abs(x) < 2.0**50, code.nearest(x), code.floor(x))
    return x - integer


def sine_and_cosine(code: Code, a: F, lift: F | float = 1.0) -> tuple[D, D]:
    """Return ``lift sin(pi a) / pi`` and ``cos(pi a)`` for 0 <= a <= 1/4, by their Taylor series."""
    square = D(*code.two_product(a, a))
    sine = [(-1) ** k * PI ** (2 * k) / math.factorial(2 * k + 1) for k in range(15)]
    cosine = [(-1) ** k * PI ** (2 * k) / math.factorial(2 * k) for k in range(15)]
    return polynomial(code, square, sine, 1 / 16) * (a * lift), polynomial(code, square, cosine, 1 / 16)


def beside_root(code: Code, x: F, name: str, roots: Sequence[Root], place: F) -> F:
    """Return the Taylor polynomial of degree 2 about the root with index ``place`` in the list."""
    _, index = code.nearest_with_bits(code.select((place >= 0.0) & (place < float(len(roots))), place, 0.0))
    at, value, slope, rest, bend = (code.lookup(f"{name}{i}", [root[i] for root in roots], index) for i in range(5))
    d = x - at
    return (D(slope, code.fma(d, bend, rest)) * d + value).hi


@cache
def lgamma_roots() -> tuple[Root, ...]:
    """Return the roots of lgamma: 1 and 2, and then two in each interval between -2 and -`LGAMMA_ROOTS`.

    Of these two, the root above the middle of the interval comes first.
    """
    guesses = [1.0, 2.0]
    for k in range(2, LGAMMA_ROOTS):  # near -k, gamma(x) is about 1 / (k! (x + k))
        guesses += [-k - 1 / math.factorial(k), -k - 1 + 1 / math.factorial(k + 1)]
    return tuple(root(special.lgamma, 0, guess) for guess in guesses)


@cache
def digamma_roots() -> tuple[Root, ...]:
    """Return the roots of digamma: the positive one, and then one in each interval between 0 and -`DIGAMMA_ROOTS`."""
    guesses = [1.4616321449683622]
    for k in range(DIGAMMA_ROOTS):  # where pi cot(pi x) is about digamma(k + 3/2)
        guesses.append(-k - 0.5 + math.atan(special.digamma(k + 1.5) / -math.pi) / math.pi)
    return tuple(root(special.digamma, 1, guess) for guess in guesses)


def root(f: Callable[[float], float], n: int, x: float) -> Root:
    """Find the root of ``f`` close to x by Newton's method. The derivative of f is ``polygamma(n, x)``."""
    before = math.nan
    while x != before and (after := x - f(x) / special.polygamma(n, x)) != before:
        before, x = x, after
    p, s = special._exact(x)
    slope, rest = split(fixed((special._polygamma if p > 0 else special._polygamma_reflected)(n, p, s, BITS)))
    return x, f(x), slope, rest, special.polygamma(n + 1, x) / 2


# Loops and pairs --------------------------------------------------------------------------------------------


def pair(x: D) -> tuple[F, F]:
    """Return the two parts of a double-double number."""
    return x.hi, x.lo


def repeat(code: Code, state: Sequence[F], wanted: Callable[..., M], step: Callable[..., Sequence[F]]) -> list[F]:
    """Apply ``step`` to the state of each lane, zero or more times, while ``wanted`` is true for that state."""

    def guarded(*now: F) -> tuple[Sequence[F], M]:
        on = wanted(*now)
        after = [code.select(on, new, old) for new, old in zip(step(*now), now)]
        return after, on & wanted(*after)

    return code.loop(state, guarded)
