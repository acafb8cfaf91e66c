"""The kernels of polygamma: one for each order n.

Let ``A(x) = |polygamma(n, x)| / n! = sum 1 / (x + j)**(n+1)`` for x > 0, and let ``C(x)`` be the n-th derivative of
``pi cot(pi x)``, made positive for odd n. Then

- for x > 0, polygamma(n, x) is ``A(x) n!`` for odd n and ``-A(x) n!`` for even n;
- for x < 0, the reflection formula is ``C(x) - A(1 - x) n!`` for odd n and ``-C(x) - A(1 - x) n!`` for even n.

Powers of x soon leave the range of doubles. So x is written as a small number ``m`` times ``2**e``, and the result is a
`D` (a double-double number) times a power of two until the end.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from functools import cache

from glassgrad.compiler.codegen.mathlib import kernel
from glassgrad.compiler.codegen.mathlib.doubled import PI, D, constant, polynomial, power, select
from glassgrad.compiler.codegen.mathlib.special import (
    LEAST,
    Root,
    beside_root,
    digamma,
    from_nearest_integer,
    pair,
    pole,
    reciprocal,
    repeat,
    root,
    series,
    sine_and_cosine,
)
from glassgrad.compiler.codegen.vector import Code, F, M
from glassgrad.core import special

__all__ = ["polygamma"]

SMALL, LARGE = 1 / 8, 128.0  # Arguments outside are written as a number from 1 to 2 times a power of two.
NEGLIGIBLE = 2.0**-110  # Terms smaller than this part of the sum do not change it.
MOST = 2000.0  # Exponents of two are limited to this size. Beyond it the result is 0 or infinite anyway.


@kernel("polygamma", method="its series, summed after Euler and Maclaurin; otherwise as digamma", source="DLMF 5.15")
def polygamma(code: Code, n: int, x: F) -> F:
    """Return the ``n``-th derivative of `digamma`. The order n is known when the code is written."""
    if n == 0:
        return digamma(code, x)
    odd = n % 2 == 1
    negative = x < 0.0
    total, exponent = at_positive(code, n, D(*code.two_sum(code.select(negative, 1.0, 0.0), code.abs(x))))
    if not odd:
        total = -total

    def reflected() -> Sequence[F]:
        cotangent, own = cotangent_derivative(code, n, from_nearest_integer(code, x))
        # At a half integer with even n, the cotangent's part is 0, and only the other part counts, however small it is.
        whole = cotangent.hi == 0.0
        both = code.select(whole, exponent, own)
        rest = -total if odd else total
        return [*pair(cotangent + rest.scaled(two_to(code, exponent - both))), both]

    hi, lo, exponent = code.rarely(negative, reflected, [*pair(total), exponent])
    result: F = assembled(code, D(hi, lo) * constant(code, math.factorial(n)), exponent)
    if not odd and (roots := polygamma_roots(n)):

        def at_root() -> Sequence[F]:
            return [beside_root(code, x, f"polygamma{n}_roots", roots, code.floor(-x))]

        near = negative & (x > -float(len(roots))) & (code.abs(hi) < 2.0 ** (n + 1 - 36)) & (exponent == 0.0)
        result = code.rarely(near, at_root, [result])[0]
    infinite = code.copysign(math.inf, x)
    result = code.select(x == 0.0, math.inf if odd else -infinite, result)
    result = code.select(pole(code, x) & (x != 0.0), math.inf if odd else math.nan, result)
    result = code.select(x == math.inf, 0.0 if odd else -0.0, result)
    result = code.select((x == -math.inf) | code.isnan(x), math.nan, result)
    return result


def at_positive(code: Code, n: int, x: D) -> tuple[D, F]:
    """Return ``A(x)`` as a pair, and the exponent of the power of two that it must be multiplied by.

    Terms of the sum with arguments below ``least`` are added one by one, until they no longer count. The formula of
    Euler and Maclaurin gives the sum of the others:
    ``(1 / n + 1 / (2y) + sum B[2k] (2k+n-1)! / ((2k)! n! y**2k)) / y**n``.
    """
    least = LEAST + n
    small, large = x.hi < SMALL, x.hi > max(LARGE, least)
    e, m = taken_apart(code, x, small | large)
    first = constant(code, 1) / power(m, n + 1)
    below = x.hi < least
    scale = code.select(small, two_to(code, e * float(n + 1)), 1.0)  # the factor of the other terms
    state = [
        *pair(select(code, below, x + 1.0, x)),
        *pair(D(code.select(below, first.hi, 0.0), code.select(below, first.lo, 0.0))),
        code.select(below, 1.0, 0.0),
    ]

    def wanted(y_hi: F, y_lo: F, s_hi: F, s_lo: F, last: F) -> M:
        return (y_hi < least) & (last > s_hi * NEGLIGIBLE)

    def step(y_hi: F, y_lo: F, s_hi: F, s_lo: F, last: F) -> Sequence[F]:
        y = D(y_hi, y_lo)
        term = (constant(code, 1) / power(y, n + 1)).scaled(scale)
        return [*pair(y + 1.0), *pair(D(s_hi, s_lo) + term), term.hi]

    y_hi, y_lo, s_hi, s_lo, _ = repeat(code, state, wanted, step)
    y, total = D(y_hi, y_lo), D(s_hi, s_lo)
    base = select(code, below, y, m)
    inverse = reciprocal(code, y)
    square = inverse * inverse
    rising = lambda k: Fraction(math.factorial(2 * k + n - 1), math.factorial(2 * k) * math.factorial(n))
    terms = square * polynomial(code, square, series(rising, least, Fraction(1, n)), least**-2)
    tail = (terms + (inverse.scaled(0.5) + constant(code, Fraction(1, n)))) / power(base, n)
    tail = tail.scaled(code.select(below, scale, 1.0))
    total = select(code, y.hi < least, total, total + tail)
    exponent = code.select(small, e * -float(n + 1), code.select(large, e * -float(n), 0.0))
    return total, exponent


def cotangent_derivative(code: Code, n: int, r: F) -> tuple[D, F]:
    """Return ``C(r) / n!`` for |r| <= 1/2 as a pair and the exponent of a power of two; negated for even n.

    C is a polynomial in the cotangent c, because ``c' = -(pi**2 + c**2)``. Its coefficients have one sign, so nothing
    cancels. It is evaluated as a polynomial in c or in 1 / c, whichever is below 1.
    """
    odd = n % 2 == 1
    size = code.abs(r)
    near = size <= 0.25  # the cotangent is above 1
    lifted = size < 2.0**-900  # avoids products of subnormal numbers
    sine, cosine = sine_and_cosine(code, code.select(near, size, 0.5 - size), code.select(lifted, 2.0**200, 1.0))
    tangent = sine / cosine  # over pi
    square = select(code, lifted, D(code.constant(0.0)), tangent * tangent * constant(code, PI**2))
    own = [Fraction(abs(a), math.factorial(n)) for a in special._cot_derivative(n)]
    total = constant(code, 0)
    for a, b in zip(reversed(own), own):
        total = total * square + select(code, near, constant(code, a), constant(code, b))
    e, m = taken_apart(code, tangent, near & (tangent.hi < SMALL))
    by_pole = total / power(m, n + 1)
    away = total * constant(code, PI ** (n + 1)) if odd else total * tangent * constant(code, PI ** (n + 2))
    total = select(code, near, by_pole, away)
    if not odd:
        total = total.scaled(-code.copysign(1.0, r))
    return total, code.select(near, (e - code.select(lifted, 200.0, 0.0)) * -float(n + 1), 0.0)


# Powers of two ----------------------------------------------------------------------------------------------


def taken_apart(code: Code, x: D, mask: M) -> tuple[F, D]:
    """Return ``e`` and ``x / 2**e``, which lies between 1 and 2, in the lanes of the mask; 0 and x in the others."""
    subnormal = x.hi < 2.0**-1000
    x = x.scaled(code.select(subnormal, 2.0**100, 1.0))
    e = code.exponent(x.hi)
    half = code.nearest_with_bits(code.to_double(e) * 0.5)[1]  # in two steps, because 2**-1023 is subnormal
    m = x.scaled(code.power_of_two(0 - half)).scaled(code.power_of_two(half - e))
    e_whole = code.to_double(e) - code.select(subnormal, 100.0, 0.0)
    return code.select(mask, e_whole, 0.0), select(code, mask, m, x)


def within(code: Code, x: F, most: float) -> F:
    """Return x clipped to [-most, most]."""
    result: F = code.select(x > most, most, code.select(x < -most, -most, x))
    return result


def two_to(code: Code, n: F) -> F:
    """Return ``2**n``, with n clipped to [-1000, 1000]."""
    return code.power_of_two(code.nearest_with_bits(within(code, n, 1000.0))[1])


def assembled(code: Code, x: D, exponent: F) -> F:
    """Return ``x 2**exponent``, rounded if it is subnormal, and infinite if it overflows."""
    e = code.exponent(x.hi)
    m = x.hi * code.power_of_two(0 - e)
    whole = within(code, code.to_double(e) + exponent, MOST)
    return code.scale(m, code.nearest_with_bits(whole)[1])


# Roots ------------------------------------------------------------------------------------------------------


@cache
def polygamma_roots(n: int) -> tuple[Root, ...]:
    """Return the roots for even order n, as far as their distance from the middle of their interval is above 2**-20.

    There is one root in each interval between -k - 1 and -k. Closer to the middle, which is a double, double-double
    arithmetic is accurate enough.
    """
    f = lambda x: special.polygamma(n, x)
    found: list[Root] = []
    while not found or abs(found[-1][0] % 1.0 - 0.5) > 2.0**-20:
        found.append(root(f, n + 1, -len(found) - 0.5))
    return tuple(found)
