"""Kernels of the error functions and the normal distribution, also for a given exponential.

``erfc x = e**(-x**2) w(x)``, and w is smooth: one polynomial in ``r = 1 / (x + K)`` covers all x for which erfc is not
0 (J. L. Schonfelder, *Chebyshev expansions for the error and related functions*, Math. Comp. 32, 1978; M. M. Shepherd
and J. G. Laframboise, *Chebyshev approximation of (1 + 2x) exp(x**2) erfc x in 0 <= x < inf*, Math. Comp. 36, 1981).
For erf, a small absolute error of erfc is enough, and the 16th power of a polynomial has that (C. Hastings, 1955, uses
the inverse of such a power: Abramowitz and Stegun 7.1.28).

Some kernels take the exponential ``e**(-x**2)`` as an argument: where the derivative computes it anyway, they save it.
"""

from __future__ import annotations

import math

from glassgrad.compiler.codegen.mathlib import kernel
from glassgrad.compiler.codegen.mathlib.exponential import CODY_WAITE, Power, beside_root, remainder
from glassgrad.compiler.codegen.vector import Code, F
from glassgrad.core.accurate import ASYMPTOTIC, CONSTANTS, SHAPE, SLOPES, TAIL

__all__ = [
    "erf",
    "erf_given",
    "erfc",
    "erfcx",
    "exp_neg_square",
    "gelu",
    "gelu_slope",
    "norm_cdf",
    "norm_pdf",
    "normal_above_given",
    "normal_given",
]

# erf --------------------------------------------------------------------------------------------------------

TURN = 1.5  # Up to TURN, erf is x times a polynomial. Beyond it, erf is 1 minus a power of another.
# The polynomial for erf(x) / x - 1 in powers of x**2 - NEAR_MIDDLE, where |x| <= TURN. Its error is below 2**-57.2,
# relative to erf(x) / x.
NEAR_MIDDLE = 1.125
NEAR = (
    -0.1831638252160808,
    -0.2002244862536007,
    0.05207608401055197,
    -0.01143924143645793,
    0.002113278881815217,
    -0.0003338413250443191,
    4.588856069346038e-05,
    -5.571944170068809e-06,
    6.052458396565425e-07,
    -5.9436476796224447e-08,
    5.3236014661582815e-09,
    -4.380809068044959e-10,
    3.3354295507067904e-11,
    -2.407708089923852e-12,
    1.5759590362106289e-13,
)
ONE = 5.94  # From this x on, erf(x) is 1.
# The polynomial for the 16th root of erfc(x) in powers of x - FAR_MIDDLE, where TURN <= x <= ONE. The error of its 16th
# power is below 2**-56.7.
FAR_MIDDLE = 2.5
FAR = (
    0.6138983277406624,
    -0.2053751101225158,
    -0.0018625678271400466,
    0.007868271495753582,
    -0.0004155117011487075,
    -0.00019549800242253643,
    2.3691453451536466e-05,
    1.5903333779593877e-06,
    -3.1923938327033324e-07,
    -1.976971159990232e-08,
    3.5239898180382266e-09,
    8.564744987464556e-10,
    -2.937646991492786e-10,
    5.8170946674877185e-11,
    -7.433791062323705e-12,
)

# erf, given e**(-x**2) --------------------------------------------------------------------------------------

TURN_GIVEN = 1.0  # Up to TURN_GIVEN, erf is x times a polynomial. Beyond it, erf is 1 - e**(-x**2) w(x).
# The polynomial for erf(x) / x - 1 in powers of x**2 - NEAR_GIVEN_MIDDLE, where |x| <= TURN_GIVEN. Its error is below
# 2**-55.6, relative to erf(x) / x.
NEAR_GIVEN_MIDDLE = 0.5
NEAR_GIVEN = (
    -0.0345312613301327,
    -0.2810721780454343,
    0.07940998675593686,
    -0.018283884489151313,
    0.0034802744965707314,
    -0.0005611894221517556,
    7.829649687738509e-05,
    -9.614808359423605e-06,
    1.053632413392009e-06,
    -1.0420500544653237e-07,
    9.432273260305067e-09,
    -7.779456921831154e-10,
)
# The polynomial for w(x) in powers of 1 / (x + K_GIVEN) - FAR_GIVEN_MIDDLE, where TURN_GIVEN <= x <= ONE. Times
# e**(-x**2), its error is below 2**-56.6, relative to erf(x).
K_GIVEN = 3.0
FAR_GIVEN_MIDDLE = 0.1875
FAR_GIVEN = (
    0.22392935763140873,
    2.3715697251254406,
    11.127869360593222,
    41.02269137820489,
    113.85751723331202,
    212.25323495609345,
    157.91318260055195,
    -367.9300206991871,
    -1006.9734946658915,
    394.6190275267228,
    4967.994318176708,
    -5540.989285738771,
)

# (1 + erf) / 2, given e**(-x**2) ----------------------------------------------------------------------------

BEYOND = 6.3  # From this x on, e**(-x**2) is less than half the last bit of 1.
# The quotient of polynomials BEND_UP / BEND_DOWN is (1 - w(x)) / x. The error that it causes in (1 + erf(x)) / 2 is
# below 2**-57.7.
BEND_UP = (
    1.1283791670955143,
    1.8139289030993628,
    1.3789918836095338,
    0.6121186996400283,
    0.16590587308174354,
    0.025990870520147803,
    0.0018477229917191003,
)
BEND_DOWN = (
    1.0,
    2.4937795602365123,
    2.765487662991452,
    1.7739194580819155,
    0.7138276264385235,
    0.18115552053746745,
    0.027033485709517125,
    0.001847718197952605,
)

LARGE = 26.629  # Beyond this x, erfcx(-x) is infinite, but up to it e**(x**2) is finite.

# erfc, and the normal distribution --------------------------------------------------------------------------

NOTHING = 28.0  # From this x on, e**(-x**2) is 0.
ZERO, K, A, B, MIDDLE, SLOPE, BEND, FLAT = SHAPE
ROOT_HALF, ROOT_HALF_LO, INVERSE_ROOT_PI, INVERSE_ROOT_PI_LO, DENSITY, DENSITY_LO = CONSTANTS


@kernel(
    "erf",
    method="x times a polynomial of degree 14 in x**2; from 1.5 on, 1 minus the 16th power of another",
    source="Muller, Elementary Functions, ch. 3; Abramowitz & Stegun 7.1.28",
)
def erf(code: Code, x: F) -> F:
    """Return the error function."""
    size = code.abs(x)
    near = code.fma(x, code.even_odd(code.fma(x, x, -NEAR_MIDDLE), NEAR), x)
    power = code.even_odd(code.select(size > ONE, ONE, size) - FAR_MIDDLE, FAR)
    for _ in range(3):
        power = power * power
    far = code.copysign(code.fma(-power, power, 1.0), x)
    return code.select(size > TURN, far, near)


@kernel(
    "erf_given",
    method="x times a polynomial of degree 11 in x**2; from 1 on, 1 minus the exponential times one in 1 / (x + 3)",
    source="Muller, Elementary Functions, ch. 3; Shepherd & Laframboise 1981",
)
def erf_given(code: Code, x: F, exponential: F) -> F:
    """Return the error function, given ``e**-square`` for the rounded square of x.

    The rounding error of the square does not matter: beyond 1 the exponential only changes the last bits of 1. Both
    polynomials have the same degree, and each lane selects its coefficients.
    """
    size = code.abs(x)
    far = size > TURN_GIVEN
    u = code.select(far, 1.0 / (size + K_GIVEN) - FAR_GIVEN_MIDDLE, code.fma(x, x, -NEAR_GIVEN_MIDDLE))
    w = code.even_odd(u, [code.select(far, f, n) for f, n in zip(FAR_GIVEN, NEAR_GIVEN)])
    factor, first = code.copysign(exponential, -x), code.copysign(1.0, x)
    return code.fma(code.select(far, factor, x), w, code.select(far, first, x))


def normal(code: Code, x: F, sign: F, exponential: F) -> F:
    """Return ``(1 - erf(x)) / 2`` for a positive sign, else ``(1 + erf(x)) / 2``.

    Its absolute error is about 2**-53. It is half of ``e**(-x**2) w(x)``, or 1 minus that. Because
    ``w(x) = 1 - x q(x)``, the rounding errors of the quotient q matter little near 0.
    """
    size = code.abs(x)
    size = code.select(size > BEYOND, BEYOND, size)
    up, down = code.polynomial(size, [c / 2 for c in BEND_UP]), code.polynomial(size, BEND_DOWN)
    half = code.fma(-size, up / down, 0.5)
    return code.fma(code.copysign(exponential, sign), half, 0.5 - code.copysign(0.5, sign))


NORMAL = "the exponential times a quotient of polynomials of degrees 6 and 7, or 1 minus that"
CODY = "Cody, Rational Chebyshev approximations for the error function, 1969"


@kernel("normal_given", method=NORMAL, source=CODY)
def normal_given(code: Code, x: F, exponential: F) -> F:
    """Return ``(1 + erf(x)) / 2``, given ``e**-square`` as for `erf_given`."""
    return normal(code, x, -x, exponential)


@kernel("normal_above_given", method=NORMAL, source=CODY)
def normal_above_given(code: Code, x: F, exponential: F) -> F:
    """Return ``(1 - erf(x)) / 2``, given ``e**-square`` as for `erf_given`."""
    return normal(code, x, x, exponential)


SCHONFELDER = "Schonfelder 1978; Shepherd & Laframboise 1981"


@kernel("erfc", method="e**(-x**2) times a polynomial of degree 22 in 1 / (x + 3.328125)", source=SCHONFELDER)
def erfc(code: Code, x: F) -> F:
    """Return 1 - erf(x). Its derivative shares the exponential."""
    size = code.abs(x)
    w, w_lo = tail(code, code.select(size > ZERO, ZERO, size))
    y = code.shared(square_bell, x).times(w, w_lo)
    return code.select(x < 0.0, 2.0 - y, y)


@kernel("erfcx", method="as erfc; from 27.3 on the asymptotic series; below 0 reflected", source=SCHONFELDER)
def erfcx(code: Code, x: F) -> F:
    """Return e**(x**2) erfc(x)."""
    size = code.abs(x)
    inside = code.select(size > ZERO, ZERO, size)
    w, w_lo = tail(code, inside)
    usual = ~((x < 0.0) | (x > ZERO))

    def reflected_or_far() -> list[F]:
        far = INVERSE_ROOT_PI / x
        v = 0.5 / x / x
        series = code.fma(code.polynomial(v, ASYMPTOTIC[1:]), v, INVERSE_ROOT_PI_LO / INVERSE_ROOT_PI)
        square, square_lo = code.two_product(inside, inside)
        power = Power(code, square)
        hi, lo = (power.scaled(part) for part in power.parts(1.0, square_lo))
        below, rest = code.two_sum(hi, -0.5 * w)
        below = below + (rest + (lo - 0.5 * w_lo))
        below = code.select(x < -LARGE, math.inf, below + below)
        return [code.select(x < 0.0, below, code.fma(far, series, far))]

    return code.rarely(~usual, reflected_or_far, [w + w_lo])[0]


@kernel("exp_neg_square", method="exp, corrected for the rounding error of the square", source=CODY_WAITE)
def exp_neg_square(code: Code, x: F) -> F:
    """Return e**(-x**2)."""
    power = code.shared(square_bell, x)
    return power.scaled(power.unscaled())


def square_bell(code: Code, x: F) -> Power:
    """Return ``e**(-x**2)`` for the exact square."""
    if not code.scales:
        size = code.abs(x)
        x = code.select(size > NOTHING, NOTHING, size)
    return Power(code, -(x * x), x)


@kernel("norm_pdf", method="exp, corrected for the rounding error of the square", source=CODY_WAITE)
def norm_pdf(code: Code, x: F) -> F:
    """Return the density of the standard normal distribution."""
    power, _, square_lo = code.shared(bell, x)
    return power.times(DENSITY, code.fma(square_lo, -0.5 * DENSITY, DENSITY_LO))


@kernel("norm_cdf", method="the density times Mills' ratio, with the polynomial of erfc", source=SCHONFELDER)
def norm_cdf(code: Code, x: F) -> F:
    """Return the distribution function of the standard normal distribution."""
    power, size, square_lo = code.shared(bell, x)
    half, half_lo = code.shared(half_tail, size)
    y = power.times(half, code.fma(square_lo, -0.5 * half, half_lo))
    return code.select(x > 0.0, 1.0 - y, y)


@kernel("gelu", method="as norm_cdf, multiplied before it is scaled", source=SCHONFELDER)
def gelu(code: Code, x: F) -> F:
    """Return x norm_cdf(x)."""
    power, size, square_lo = code.shared(bell, x)
    half, half_lo = code.shared(half_tail, size)
    v, v_lo = code.two_product(size, half)
    y = power.times(v, code.fma(square_lo, -0.5 * v, code.fma(size, half_lo, v_lo)))
    return code.select(x > 0.0, x, code.copysign(0.0, x)) - y


@kernel("gelu_slope", method="as norm_cdf, and at its root a polynomial of degree 13", source=SCHONFELDER)
def gelu_slope(code: Code, x: F) -> F:
    """Return norm_cdf(x) + x norm_pdf(x)."""
    power, size, square_lo = code.shared(bell, x)
    half, half_lo = code.shared(half_tail, size)
    p, p_lo = code.two_product(size, -DENSITY)
    v, v_lo = code.two_sum(half, p)
    v_lo = v_lo + (half_lo + code.fma(size, -DENSITY_LO, p_lo))
    y = power.times(v, code.fma(square_lo, -0.5 * v, v_lo))
    y = beside_root(code, -size, SLOPES[0], y)
    return code.select(x > 0.0, 1.0 - y, y)


def bell(code: Code, x: F) -> tuple[Power, F, F]:
    """Return ``e**(-x**2 / 2)``, |x| clamped to where that is not 0, and the rounding error of its square."""
    size = code.abs(x)
    size = code.select(size > FLAT, FLAT, size)
    square, square_lo = code.two_product(size, size)
    return code.shared(Power, square * -0.5), size, square_lo


def half_tail(code: Code, size: F) -> tuple[F, F]:
    """Return half of ``erfcx(size / sqrt(2))`` in two parts, for sizes from 0 to `FLAT`."""
    z, z_lo = code.two_product(size, ROOT_HALF)
    return tail(code, z, code.fma(size, ROOT_HALF_LO, z_lo), 0.5)


def tail(code: Code, size: F, low: F | None = None, scale: float = 1.0) -> tuple[F, F]:
    """Return ``erfcx(size + low)`` times ``scale``, a power of two, as a large and a small part.

    The size must be between 0 and `ZERO`. The result is ``r (u + polynomial)``, corrected to first order for the
    rounding errors of r and u.
    """
    d = size + K
    d_lo = size - (d - K)
    d_lo = d_lo if low is None else d_lo + low
    r = 1.0 / d
    r_lost = code.fma(-r, d_lo, remainder(code, code.f(1.0), r, d))  # relative to r
    u = code.fma(r, B, A)
    u_lost = remainder(code, A - u, r, code.f(-B))
    lost = code.fma(code.fma(r, BEND, SLOPE), code.fma(u - A, r_lost, u_lost), r_lost)
    v = MIDDLE - u
    if code.fused:
        product, product_lo = code.two_product(v, code.even_odd(v, TAIL[1:]))
    else:  # each step has one more rounding, so the last two steps are corrected
        step, step_lo = code.two_product(v, code.even_odd(v, TAIL[2:]))
        step, rest_lo = code.two_sum(TAIL[1], step)
        product, product_lo = code.two_product(v, step)
        product_lo = code.fma(v, step_lo + rest_lo, product_lo)
    sum, sum_lo = code.fast_two_sum(u, product)  # no term is larger than the sum before it
    sum, rest_lo = code.fast_two_sum(sum, TAIL[0])
    r = r if scale == 1.0 else r * scale
    w, w_lo = code.two_product(r, sum)
    return w, code.fma(w, lost, code.fma(r, rest_lo + (sum_lo + product_lo), w_lo))
