"""Kernels of ``a % b`` and ``a // b`` for floats, with exactly Python's results for all doubles.

Let n be the integer nearest to ``a / b``. The remainder ``a - n b`` is a double, so one `fma` or an exact product
computes it exactly. Python's remainder has the sign of b, so it differs from ``a - n b`` by 0 or b. If ``a / b`` is too
large to determine n, multiples of b are subtracted for `STEP` bits of the quotient at a time, as in long division.
"""

from __future__ import annotations

from glassgrad.compiler.codegen.mathlib import kernel
from glassgrad.compiler.codegen.vector import Code, F, I, M

__all__ = ["floordiv", "mod"]

METHOD = "the nearest multiple of b is subtracted exactly; long division where a / b is huge"
SOURCE = "Muller et al., Handbook of Floating-Point Arithmetic, 2nd edition, 2018, ch. 4"

MOST = 2.0**50  # For smaller quotients, Python's a // b is exact, although it rounds on the way.
LARGEST_DIVISOR = 2.0**960  # For smaller divisors and quotients below MOST, an exact product does not overflow.
STEP = 22  # This many bits of the quotient are computed at once. Their products with halves of b are exact.


def nearest_remainder(code: Code, a: F, b: F) -> tuple[F, F, F, M]:
    """Return ``a / b``, n, ``a - n b``, and a mask of the lanes where these are correct.

    They are correct unless a number is huge, infinite or nan.
    """
    q = a / b
    n = code.nearest(q)
    if code.fused:
        r = code.fma(-n, b, a)
    else:
        p, p_lo = code.two_product(n, b)
        r = (a - p) - p_lo
    return q, n, r, (code.abs(q) < MOST) & (code.abs(b) < LARGEST_DIVISOR)


def against(code: Code, r: F, b: F) -> M:
    """Return whether r is not 0 and has the opposite sign of b."""
    return ((r.bits() ^ b.bits()) < 0) & (r != 0.0)


@kernel("mod", method=METHOD, source=SOURCE)
def mod(code: Code, a: F, b: F) -> F:
    """Return a % b, with the sign of b."""
    _, _, r, usual = nearest_remainder(code, a, b)

    def rare() -> list[F]:
        return [of_sign(long_remainder(code, a, b))]

    def of_sign(r: F) -> F:
        return code.copysign(code.select(against(code, r, b), r + b, r), b)

    return code.rarely(~usual, rare, [of_sign(r)])[0]


@kernel("floordiv", method=METHOD, source=SOURCE)
def floordiv(code: Code, a: F, b: F) -> F:
    """Return a // b. A zero has the sign of a / b."""
    q, n, r, usual = nearest_remainder(code, a, b)
    whole = code.copysign(code.select(against(code, r, b), n - 1.0, n), q)
    return code.rarely(~usual, lambda: [long_quotient(code, a, b)], [whole])[0]


def long_quotient(code: Code, a: F, b: F) -> F:
    """Return a // b, rounded as Python rounds it."""
    r = long_remainder(code, a, b)
    q = (a - r) / b
    q = code.select(against(code, r, b), q - 1.0, q)
    whole = code.floor(q)
    whole = code.select(q - whole > 0.5, whole + 1.0, whole)
    return code.select((q == 0.0) | (b == 0.0), code.select(b == 0.0, a / b, code.copysign(0.0, a / b)), whole)


def normalised(code: Code, x: F) -> tuple[F, I]:
    """Return ``x * 2**k``, a normal number, and k, for x > 0."""
    tiny = x < 2.0**-900
    return code.select(tiny, x * 2.0**100, x), code.select(tiny, code.whole(100), 0)


def long_remainder(code: Code, a: F, b: F) -> F:
    """Return C's fmod: the remainder of ``a / b`` rounded towards 0, with the sign of a."""
    x, y = code.abs(a), code.abs(b)
    sound = (x < float("inf")) & (y > 0.0)
    longer = sound & (x >= y)
    start, divisor = code.select(longer, x, 1.0), code.select(longer, y, 1.0)
    normal, shift = normalised(code, divisor)
    exponent = code.exponent(normal) - shift

    def step(x: F) -> tuple[list[F], M]:
        """Subtract the nearest multiple of ``divisor * 2**k``; the multiple has at most STEP + 1 bits."""
        above, by = normalised(code, x)
        k = code.exponent(above) - by - exponent - STEP
        k = code.select(k < 0, 0, k)
        huge = x > 2.0**900  # the product below could overflow
        y = code.scale(normal, k - shift) * code.select(huge, code.constant(1 / 16), 1.0)
        rest = x * code.select(huge, code.constant(1 / 16), 1.0)
        n = code.nearest(rest / y)
        upper = (y.bits() & -(1 << 27)).double()
        rest = (rest - n * upper) - n * (y - upper)
        rest = code.select(rest < 0.0, rest + y, rest) * code.select(huge, code.constant(16.0), 1.0)
        return [rest], rest >= divisor

    rest = code.loop([start], step)[0]
    return code.select(sound, code.copysign(code.select(longer, rest, x), a), float("nan"))
