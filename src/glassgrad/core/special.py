"""The gamma function, its logarithm and their derivatives, accurate to the last digit.

`math.lgamma` loses digits near its roots (in CPython, all of them near 1 and 2), and Python has no `digamma`. These
four functions compute in fixed point with Python's integers: the integer `v` stands for `v / 2**bits`. Integers are
exact, have as many bits as needed, and are about as fast as pairs of floats. Each function

1. sums the asymptotic series, DLMF 5.11.1, 5.11.2 and 5.15.8, at an argument shifted up until it converges;
2. goes back down by the recurrence `gamma(x + 1) = x * gamma(x)`, DLMF 5.5.1;
3. for negative arguments, uses the reflection formula, DLMF 5.5.3 and 5.5.4, with exact remainders of x.

Where cancellation leaves too few bits, it starts again with twice as many (A. Ziv, *Fast evaluation of elementary
mathematical functions with correctly rounded last bit*, ACM TOMS 17, 1991). So results near the roots are as accurate
as elsewhere, without a table of roots. The constants (ln 2, pi, Bernoulli numbers) are computed too, on first use. A
call takes about 10 microseconds, and 40 near a root.

DLMF is the NIST Digital Library of Mathematical Functions, https://dlmf.nist.gov.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache

__all__ = ["digamma", "gamma", "lgamma", "polygamma"]

BITS = 80  # The first attempt uses this many bits, which is enough for a double unless 20 bits cancel.
GUARD = 16  # This many extra bits absorb the rounding errors of some hundred operations.
# A result must have this many significant bits: 53, and 7 more so that 99 of 100 results are rounded correctly.
ENOUGH = 60
# No attempt uses more bits than this. A result that still has too few significant bits is below the smallest double.
MOST = 1200
TINY = 2.0**-64  # Below this size only the pole at zero matters, to double precision.


def gamma(x: float) -> float:
    """Return the gamma function, within 1 ULP for all x.

    It never raises. The result is `inf` from 171.7 on, the infinity of the sign of x at a zero, and `nan` at the
    negative integers, where the limits from both sides differ, and at `-inf`.

    >>> gamma(5.0)
    24.0
    >>> math.isclose(gamma(-0.5), -2 * math.sqrt(math.pi), rel_tol=1e-15)
    True
    """
    x = float(x)
    if x != x or x == -math.inf or (x < 0.0 and x == math.floor(x)):
        return math.nan
    if abs(x) < TINY:
        return 1.0 / x if x else math.copysign(math.inf, x)
    if x > 172.0:
        return math.inf
    sign = -1 if x < 0.0 and math.floor(x) % 2 else 1
    if x < -200.0:
        return sign * 0.0
    p, s = _exact(x)
    bits = BITS + GUARD
    mantissa, exponent = _exp(_lgamma(p, s, bits) if p > 0 else _lgamma_reflected(p, s, bits), bits)
    return _quotient(sign * mantissa << max(0, exponent), 1 << bits + max(0, -exponent))


def lgamma(x: float) -> float:
    """Return the natural logarithm of `|gamma(x)|`, within 1 ULP for all x.

    It never raises. The result is `inf` at poles (zero and the negative integers), at both infinities, and on overflow
    (from 2.6e305 on). It is `nan` for `nan`.

    >>> lgamma(10.0) == math.log(362880)
    True
    >>> lgamma(1.0000000001)
    -5.772157125783244e-11
    >>> lgamma(-2.0)
    inf
    """
    x = float(x)
    if x != x:
        return x
    if math.isinf(x) or (x <= 0.0 and x == math.floor(x)):
        return math.inf
    if x == 1.0 or x == 2.0:
        return 0.0
    if abs(x) < TINY:
        return -math.log(abs(x))
    p, s = _exact(x)
    return _settle(lambda bits: _lgamma(p, s, bits) if p > 0 else _lgamma_reflected(p, s, bits))


def digamma(x: float) -> float:
    """Return the derivative of `lgamma`, within 1 ULP for all x.

    It never raises. The result is `nan` at the negative integers, where the limits from both sides differ, and at
    `-inf`. It is `-inf` at `0.0`, and `inf` at `-0.0` and `inf`.

    >>> digamma(1.0)  # minus Euler's constant
    -0.5772156649015329
    >>> digamma(-0.0)
    inf
    """
    return polygamma(0, x)


def polygamma(n: int, x: float) -> float:
    """Return the `n`-th derivative of `digamma`, within 1 ULP. For `n = 0` it is `digamma`, for 1 trigamma.

    It raises for no `x`. At zero and the negative integers, the limits from both sides agree for odd `n`, and the
    result is `inf`. For even `n` they differ: the result is `nan` at the negative integers, and at a zero the limit
    from the side of its sign. For `n` above 0 it is zero at `inf`. It is `nan` at `-inf`.

    Raises:
        ValueError: `n` is not an integer, or is negative.

    >>> polygamma(1, 1.0) == math.pi**2 / 6
    True
    >>> polygamma(2, -1.5)
    -0.2362040516417274
    """
    if not isinstance(n, int) or n < 0:
        raise ValueError(f"polygamma({n!r}, x) is undefined: its order must be a nonnegative integer")
    x = float(x)
    if x != x or x == -math.inf:
        return math.nan
    sign = 1 if n % 2 else -1  # of the values at positive x
    if x == math.inf:
        return math.inf if n == 0 else sign * 0.0
    if x == 0.0:
        return sign * math.copysign(math.inf, x) ** (n + 1)
    if x < 0.0 and x == math.floor(x):
        return math.inf if n % 2 else math.nan
    p, s = _exact(x)
    if abs(x) < TINY:
        return _quotient(sign * math.factorial(n) << s * (n + 1), p ** (n + 1))
    if n and x > n / TINY:
        return _quotient(sign * math.factorial(n - 1) << s * n, p**n)
    if p < 0:
        return _settle(lambda bits: _polygamma_reflected(n, p, s, bits))
    if n == 0:
        return _settle(lambda bits: _polygamma(0, p, s, bits))
    small = n * max(0, p.bit_length() - s)  # nothing cancels, but the result, (n-1)! / x**n, may be tiny
    return _quotient(_polygamma(n, p, s, BITS + GUARD, small), 1 << BITS + GUARD + small)


# Rounding a result ------------------------------------------------------------------------------------------


def _settle(evaluate: Callable[[int], int]) -> float:
    """Return the double nearest to `evaluate(bits) / 2**bits`, doubling the bits until enough are significant."""
    bits = BITS
    while True:
        value = evaluate(bits + GUARD)
        if value.bit_length() >= ENOUGH + GUARD or bits >= MOST:
            return _quotient(value, 1 << bits + GUARD)
        bits *= 2


def _quotient(p: int, q: int) -> float:
    """Return `p / q`, correctly rounded, or infinity if it overflows."""
    try:
        return p / q
    except OverflowError:
        return math.inf if (p < 0) == (q < 0) else -math.inf


def _exact(x: float) -> tuple[int, int]:
    """Return `(p, s)` with `x = p / 2**s` exactly."""
    p, q = x.as_integer_ratio()
    return p, q.bit_length() - 1


def _fixed(p: int, s: int, bits: int) -> int:
    """Return `p / 2**s` in fixed point."""
    return p << bits - s if bits >= s else p >> s - bits


def _horner(coefficients: tuple[int, ...], w: int, bits: int) -> int:
    """Return `c[0] + w * (c[1] + w * (c[2] + ...))` in fixed point."""
    total = 0
    for c in reversed(coefficients):
        total = c + (total * w >> bits)
    return total


def _shift(p: int, s: int, least: int) -> int:
    """Return how often 1 must be added to `p / 2**s` to reach `least`."""
    return max(0, least - (p >> s))


# Gamma at positive arguments --------------------------------------------------------------------------------


def _lgamma(p: int, s: int, bits: int) -> int:
    """Return `(x - 1/2) ln x - x + ln(2 pi) / 2 + sum B[2k] / (2k (2k-1) x**(2k-1))` at x = p / 2**s > 0."""
    shift = _shift(p, s, _least(bits, 0))
    product = 1  # exact: x (x+1) ... (x + shift - 1)
    for _ in range(shift):
        product *= p
        p += 1 << s
    reciprocal = (1 << bits + s) // p
    series = _horner(_lgamma_series(bits), reciprocal * reciprocal >> bits, bits) * reciprocal >> bits
    x_less_half = 2 * p - (1 << s)  # over 2**(s + 1)
    total = (x_less_half * _log(p, s, bits) >> s + 1) - _fixed(p, s, bits) + _half_log_two_pi(bits) + series
    return total - _log(product, s * shift, bits) if shift else total


def _polygamma(n: int, p: int, s: int, bits: int, small: int = 0) -> int:
    """Return `(n-1)! / x**n + n! / (2 x**(n+1)) + sum B[2k] (2k+n-1)! / ((2k)! x**(2k+n))`, negated for even n.

    For `n = 0` the first term is `-ln x`. The result is in fixed point with `bits + small` bits. Its relative accuracy
    is that of `bits`.
    """
    shift = _shift(p, s, _least(bits, n))
    below = 0  # the sum of the terms n! / (x + j)**(n+1) of the recurrence
    for _ in range(shift):
        below += (math.factorial(n) << bits + small + s * (n + 1)) // p ** (n + 1)
        p += 1 << s
    reciprocal = (1 << bits + s) // p
    series = _horner(_polygamma_series(n, bits), reciprocal * reciprocal >> bits, bits)
    series = (series * reciprocal >> bits) + (math.factorial(n) << bits - 1)  # x times all but the first
    if n == 0:
        return _log(p, s, bits) - (series * reciprocal >> bits) - below
    total = ((series << s) + (math.factorial(n - 1) * p << bits)) // p  # x**n times the sum
    total = (total << s * n + small) // int(p**n) + below
    return total if n % 2 else -total


def _least(bits: int, n: int) -> int:
    """Return the argument from which Stirling's series is used.

    The smallest term of the series is about `exp(-2 pi x)`. So a ninth of the bits would be enough, but a fifth halves
    the number of terms.
    """
    return bits // 5 + n


@cache
def _lgamma_series(bits: int) -> tuple[int, ...]:
    """Return `B[2k] / (2k (2k-1))` for k = 1, 2, ... in fixed point, as many as count at the least argument."""
    return _series(lambda k: (1, 2 * k * (2 * k - 1)), _least(bits, 0), bits, 1)


@cache
def _polygamma_series(n: int, bits: int) -> tuple[int, ...]:
    """Return `B[2k] (2k+n-1)! / (2k)!` for k = 1, 2, ... in fixed point, as many as count at the least argument."""
    first = math.factorial(max(0, n - 1))
    return _series(lambda k: (math.factorial(2 * k + n - 1), math.factorial(2 * k)), _least(bits, n), bits, first)


def _series(factor: Callable[[int], tuple[int, int]], least: int, bits: int, first: int) -> tuple[int, ...]:
    """Return `B[2k] factor(k)` until its term at the least argument is below the last bit of the first term."""
    coefficients: list[int] = []
    while not coefficients or abs(coefficients[-1]) >= first * least ** (2 * len(coefficients) - 1):
        k = len(coefficients) + 1
        (p, q), (a, b) = _bernoulli(k), factor(k)
        coefficients.append((p * a << bits) // (q * b))
    return tuple(coefficients)


@cache
def _bernoulli(k: int) -> tuple[int, int]:
    """Return the Bernoulli number B[2k] as a ratio, `(-1)**(k-1) 2k T[k] / (4**k (4**k - 1))`, DLMF 24.15.4."""
    p = (-1) ** (k - 1) * 2 * k * _tangents(1 << (k - 1).bit_length())[k - 1]
    q = 4**k * (4**k - 1)
    common = math.gcd(p, q)
    return p // common, q // common


@cache
def _tangents(count: int) -> tuple[int, ...]:
    """Return the first tangent numbers, 1, 2, 16, 272 ...

    R. Brent and D. Harvey, *Fast computation of Bernoulli, tangent and secant numbers*, 2011, algorithm 2.
    """
    t = [math.factorial(k) for k in range(count)]
    for k in range(1, count):
        for j in range(k, count):
            t[j] = (j - k) * t[j - 1] + (j - k + 2) * t[j]
    return tuple(t)


# Negative arguments -----------------------------------------------------------------------------------------


def _lgamma_reflected(p: int, s: int, bits: int) -> int:
    """Return `ln(pi / |sin(pi x)|) - ln gamma(1 - x)`; pi cancels, because `sin(pi r) = pi r sinc(pi r)`."""
    r = _from_nearest_integer(p, s)
    _, sinc = _cos_and_sinc(r, s, bits)
    return -_log(abs(r), s, bits) - _log(sinc, bits, bits) - _lgamma((1 << s) - p, s, bits)


def _polygamma_reflected(n: int, p: int, s: int, bits: int) -> int:
    """Return the `n`-th derivative of `digamma(x) = digamma(1 - x) - c(x)`, where `c(x) = pi cot(pi x)`."""
    coefficients = _cot_derivative(n)
    magnified = sum(map(abs, coefficients)).bit_length() + 2 * n  # the bits that rounding of c costs, where c < pi
    bits += magnified
    r = _from_nearest_integer(p, s)
    cos, sinc = _cos_and_sinc(r, s, bits)
    c = (cos << s + bits) // (sinc * r)
    square = c * c >> bits
    pi_squared = _pi(bits) ** 2 >> bits
    total, power = 0, 1 << bits
    for a in coefficients:
        total = (total * square >> bits) + a * power
        power = power * pi_squared >> bits
    if n % 2 == 0:
        total = total * c >> bits
    other = _polygamma(n, (1 << s) - p, s, bits)
    return (-other if n % 2 else other) - total >> magnified


@cache
def _cot_derivative(n: int) -> tuple[int, ...]:
    """Return the `n`-th derivative of `c = pi cot(pi x)` as a polynomial in c, from `c' = -(pi**2 + c**2)`.

    These are the coefficients of `c**(n+1)`, `pi**2 c**(n-1)`, `pi**4 c**(n-3)` and so on. Those between are zero.
    """
    a = [1]
    for k in range(n):  # c**j becomes -j (c**(j+1) + pi**2 c**(j-1))
        raised = [0] * (len(a) + 1)
        for i, coefficient in enumerate(a):
            j = k + 1 - 2 * i
            raised[i] -= j * coefficient
            raised[i + 1] -= j * coefficient
        a = raised if k % 2 == 0 else raised[:-1]
    return tuple(a)


def _from_nearest_integer(p: int, s: int) -> int:
    """Return the numerator, over `2**s`, of x minus its nearest integer."""
    half = 1 << s - 1
    return ((p + half) & ((1 << s) - 1)) - half


def _cos_and_sinc(r: int, s: int, bits: int) -> tuple[int, int]:
    """Return `cos(pi r / 2**s)` and `sin(pi r / 2**s) / (pi r / 2**s)`, by their Taylor series."""
    t = _pi(bits) * abs(r) >> s
    square = t * t >> bits
    cos = sinc = term = 1 << bits
    k = 0
    while term:
        k += 2
        term = (term * square >> bits) // (k * (k - 1))
        cos += term if k % 4 == 0 else -term
        sinc += term // (k + 1) if k % 4 == 0 else -(term // (k + 1))
    return cos, sinc


# Logarithm, exponential and constants -----------------------------------------------------------------------


def _log(p: int, s: int, bits: int) -> int:
    """Return the natural logarithm of `x = p / 2**s > 0`.

    Write `x = 2**k m` with m in [1, 2). Then `ln x = k ln 2 + ln c + 2 atanh((m - c) / (m + c))` for a c close to m.
    """
    length = p.bit_length() - 1
    m = _fixed(p, length, bits)
    i = (m >> bits - 5) - 32
    c = 2 * i + 65 << bits - 6  # the middle of m's part of [1, 2), of 32: ratio < 1/128
    ratio = (m - c << bits) // (m + c)
    series = _horner(_odd_reciprocals(bits), ratio * ratio >> bits, bits)
    return (length - s) * _ln2(bits) + _log_table(bits)[i] + (2 * ratio * series >> bits)


def _exp(v: int, bits: int) -> tuple[int, int]:
    """Return `(m, k)` with `exp(v) = 2**k m` for a number v and an m in [1, 2), both in fixed point."""
    k, r = divmod(v, _ln2(bits))
    total = term = 1 << bits
    n = 0
    while term:
        n += 1
        term = (term * r >> bits) // n
        total += term
    return total, k


@cache
def _odd_reciprocals(bits: int) -> tuple[int, ...]:
    """Return 1, 1/3, 1/5 ... in fixed point, as many as count when w < 2**-14."""
    return tuple((1 << bits) // (2 * k + 1) for k in range(bits // 14 + 2))


@cache
def _log_table(bits: int) -> tuple[int, ...]:
    """Return `ln(65/64), ln(67/64), ... ln(127/64)`."""
    return tuple(2 * _inverse_tangent(2 * i + 1, 2 * i + 129, bits, -1) for i in range(32))


@cache
def _ln2(bits: int) -> int:
    """Return `ln 2 = 2 atanh(1/3)`."""
    return 2 * _inverse_tangent(1, 3, bits, -1)


@cache
def _pi(bits: int) -> int:
    """Return `pi = 16 atan(1/5) - 4 atan(1/239)` (Machin)."""
    return 16 * _inverse_tangent(1, 5, bits, 1) - 4 * _inverse_tangent(1, 239, bits, 1)


@cache
def _half_log_two_pi(bits: int) -> int:
    """Return `ln(2 pi) / 2`."""
    return _log(2 * _pi(bits), bits, bits) // 2


def _inverse_tangent(p: int, q: int, bits: int, sign: int) -> int:
    """Return `atan(p / q)`, or `atanh(p / q)` if sign is -1, by its Taylor series."""
    bits += GUARD
    power = (p << bits) // q
    total = k = 0
    while power:
        total += (-sign) ** k * (power // (2 * k + 1))
        power = power * p * p // (q * q)
        k += 1
    return total >> GUARD
