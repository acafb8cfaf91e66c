"""Kernels of ``a % b`` and ``a // b`` as Python has them for floats: exactly, for all doubles.

The remainder by the whole number n nearest to ``a / b`` is a double, and so ``a - n b`` is exact by one `fma`, or by
an exact product; Python's has the sign of b, and differs from it by 0 or b. Where ``a / b`` is so large that n is not
known, it is taken off in pieces of `STEP` bits, as in long division.
"""

from __future__ import annotations

from glassgrad.compiler.codegen.mathlib import kernel
from glassgrad.compiler.codegen.vector import Code, F, I, M

__all__ = ["floordiv", "mod"]

METHOD = "the nearest multiple of b taken off exactly; long division where a / b is huge"
SOURCE = "Muller et al., Handbook of Floating-Point Arithmetic, 2nd edition, 2018, ch. 4"

MOST = 2.0**50  # of a / b: Python's own a // b, which rounds on the way, is exact until here
LARGEST_DIVISOR = 2.0**960  # up to which, with that, an exact product does not overflow
STEP = 22  # bits of the quotient at once, so that its products with halves of b are exact


def nearest_remainder(code: Code, a: F, b: F) -> tuple[F, F, F, M]:
    """``a / b``, n, ``a - n b``, and where that is so: not for what is huge, infinite or nan."""
    q = a / b
    n = code.nearest(q)
    if code.fused:
        r = code.fma(-n, b, a)
    else:
        p, p_lo = code.two_product(n, b)
        r = (a - p) - p_lo
    return q, n, r, (code.abs(q) < MOST) & (code.abs(b) < LARGEST_DIVISOR)


def against(code: Code, r: F, b: F) -> M:
    """Whether r is other than 0 and has not the sign of b."""
    return ((r.bits() ^ b.bits()) < 0) & (r != 0.0)


@kernel("mod", method=METHOD, source=SOURCE)
def mod(code: Code, a: F, b: F) -> F:
    """a % b, of the sign of b."""
    _, _, r, usual = nearest_remainder(code, a, b)

    def rare() -> list[F]:
        return [of_sign(long_remainder(code, a, b))]

    def of_sign(r: F) -> F:
        return code.copysign(code.select(against(code, r, b), r + b, r), b)

    return code.rarely(~usual, rare, [of_sign(r)])[0]


@kernel("floordiv", method=METHOD, source=SOURCE)
def floordiv(code: Code, a: F, b: F) -> F:
    """a // b; a zero has the sign of a / b."""
    q, n, r, usual = nearest_remainder(code, a, b)
    whole = code.copysign(code.select(against(code, r, b), n - 1.0, n), q)
    return code.rarely(~usual, lambda: [long_quotient(code, a, b)], [whole])[0]


def long_quotient(code: Code, a: F, b: F) -> F:
    """a // b, rounded as Python rounds it."""
    r = long_remainder(code, a, b)
    q = (a - r) / b
    q = code.select(against(code, r, b), q - 1.0, q)
    whole = code.floor(q)
    whole = code.select(q - whole > 0.5, whole + 1.0, whole)
    return code.select((q == 0.0) | (b == 0.0), code.select(b == 0.0, a / b, code.copysign(0.0, a / b)), whole)


def normalised(code: Code, x: F) -> tuple[F, I]:
    """``x * 2**k``, a normal number, and k, for x > 0."""
    tiny = x < 2.0**-900
    return code.select(tiny, x * 2.0**100, x), code.select(tiny, code.whole(100), 0)


def long_remainder(code: Code, a: F, b: F) -> F:
    """C's fmod: the remainder of ``a / b`` rounded towards 0, with the sign of a."""
    x, y = code.abs(a), code.abs(b)
    sound = (x < float("inf")) & (y > 0.0)
    longer = sound & (x >= y)
    start, divisor = code.select(longer, x, 1.0), code.select(longer, y, 1.0)
    normal, shift = normalised(code, divisor)
    exponent = code.exponent(normal) - shift

    def step(x: F) -> tuple[list[F], M]:
        """Take off the nearest multiple of ``divisor * 2**k``, of at most STEP + 1 bits."""
        above, by = normalised(code, x)
        k = code.exponent(above) - by - exponent - STEP
        k = code.select(k < 0, 0, k)
        huge = x > 2.0**900  # whose product below could overflow
        y = code.scale(normal, k - shift) * code.select(huge, code.constant(1 / 16), 1.0)
        rest = x * code.select(huge, code.constant(1 / 16), 1.0)
        n = code.nearest(rest / y)
        upper = (y.bits() & -(1 << 27)).double()
        rest = (rest - n * upper) - n * (y - upper)
        rest = code.select(rest < 0.0, rest + y, rest) * code.select(huge, code.constant(16.0), 1.0)
        return [rest], rest >= divisor

    rest = code.loop([start], step)[0]
    return code.select(sound, code.copysign(code.select(longer, rest, x), a), float("nan"))
