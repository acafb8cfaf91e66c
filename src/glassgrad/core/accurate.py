# cython: binding=False
"""Accurate functions of floats that Python's math module lacks, or that the C library computes less accurately.

These are the cube root, the hyperbolic tangent, the error functions and the normal distribution. All are within 2 ULP,
and none raises.

The error functions share one formula, ``erfc x = e**(-x**2) w(x)``. The function w is smooth: one polynomial in
``r = 1 / (x + K)`` covers all x for which erfc is not 0 (J. L. Schonfelder, *Chebyshev expansions for the error and
related functions*, Math. Comp. 32, 1978; M. M. Shepherd and J. G. Laframboise, *Chebyshev approximation of
(1 + 2x) exp(x**2) erfc x in 0 <= x < inf*, Math. Comp. 36, 1981). The exponential magnifies the rounding error of its
argument: half a unit in the last place of ``x**2`` is up to 500 units in the result. So the rounding error of the
square is computed too, and the result is corrected for it. The compiler's kernels use the same numbers.

``tools/coefficients`` computes the coefficients. ``accurate.pxd`` gives Cython the types. A call takes 50 to 200 ns in
the compiled build and up to 3 us in the pure one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

try:
    import cython
except ImportError:  # the pure build does not need Cython
    from glassgrad.core import cython_shim as cython

if not cython.compiled:
    from math import erf, exp, expm1, ldexp
    from math import tanh as c_tanh
else:  # call C directly, without Python's calls and exceptions
    from cython.cimports.libc.math import erf, exp, expm1, ldexp  # type: ignore[no-redef]
    from cython.cimports.libc.math import tanh as c_tanh  # type: ignore[no-redef]

__all__ = [
    *("cbrt", "erfc", "erfcx", "exp_neg_square", "exp_sub", "gelu", "gelu_slope", "norm_cdf", "norm_pdf", "silu"),
    *("silu_slope", "tanh"),
]

# w(x) ---------------------------------------------------------------------------------------------------------

ZERO = 27.3  # From this x on, erfc(x) is 0.
K = 3.328125  # K has so few bits that (x + K) - K is exact for x <= ZERO.
A, B, MIDDLE = 0.25, 8.3212890625, 1.375  # These have few bits too.
# The polynomial for w(x) / r - u in powers of MIDDLE - u, where u = A + B r and 0 <= x <= ZERO. Its error is below
# 2**-58.7, relative to w(x) / r.
TAIL = (
    -0.3778263693649493,
    0.3601604339801993,
    0.35435179916924975,
    -0.16651241457295413,
    0.06436875596722046,
    -0.019222420553889362,
    0.003734528731934605,
    -9.496375398290029e-05,
    -0.00020975480436629583,
    5.6500266856315085e-05,
    4.478326301465766e-06,
    -5.414474250739324e-06,
    3.740708212399021e-07,
    4.6304871474779457e-07,
    -7.709994695941767e-08,
    -4.3237798207419133e-08,
    9.904346655627898e-09,
    4.780383641912219e-09,
    -1.040127057736228e-09,
    -6.143162430188055e-10,
    4.8758200066180565e-11,
    6.581747147664919e-11,
    1.0093725912077953e-11,
)
# The derivative of -ln(w / r) with respect to u is SLOPE + BEND r, within 0.05. It carries rounding errors of u over.
SLOPE, BEND = 0.319, 2.525
# The coefficients in the order of Horner's rule: the last two steps are computed with their rounding errors.
FIRST, SECOND, REST = TAIL[0], TAIL[1], TAIL[:1:-1]

# Constants in two parts: the nearest double, and the double nearest to the rest.

ROOT_HALF, ROOT_HALF_LO = float.fromhex("0x1.6a09e667f3bcdp-1"), float.fromhex("-0x1.bdd3413b26456p-55")
INVERSE_ROOT_PI = float.fromhex("0x1.20dd750429b6dp-1")
INVERSE_ROOT_PI_LO = float.fromhex("0x1.1ae3a914fed80p-57")
DENSITY, DENSITY_LO = float.fromhex("0x1.9884533d43651p-2"), float.fromhex("-0x1.cbc0d30ebfd15p-56")  # 1 / sqrt(2 pi)

LOG2E = float.fromhex("0x1.71547652b82fep+0")
# LN2_HI has 42 bits, so its products with integers below 2**11 are exact.
LN2_HI = float.fromhex("0x1.62e42fefa38p-1")
LN2_LO = float.fromhex("0x1.ef35793c7673p-45")

FLAT = 38.75  # From this x on, the normal density is 0, and so is x times the density.
# The compiler's kernels read the constants from these tuples. In the compiled build the names exist in C only.
SHAPE = ZERO, K, A, B, MIDDLE, SLOPE, BEND, FLAT
CONSTANTS = ROOT_HALF, ROOT_HALF_LO, INVERSE_ROOT_PI, INVERSE_ROOT_PI_LO, DENSITY, DENSITY_LO
TURN = 0.3  # Below this x, 1 - erf(x) loses no digits.
SPLITTER = 134217729.0  # 2**27 + 1: multiplying by it splits a double into two halves (Veltkamp).
# The root of the derivative of gelu, in two parts.
GELU_ROOT, GELU_ROOT_LO = float.fromhex("-0x1.80ead197f00b4p-1"), float.fromhex("0x1.13e74c58cada8p-56")
GELU_BESIDE = 0.15625  # So far from the root, the polynomial below is used.
# The derivative of gelu divided by the distance t from its root, in powers of t. Times t, its error is below 2**-57.5.
GELU_SLOPE = (
    0.4314939923140469,
    0.388284982990552,
    -0.018199676398671087,
    -0.11400823329722107,
    -0.014771522148243505,
    0.019421679838005915,
    0.004539228378885331,
    -0.0022395380454671046,
    -0.0007448268090329168,
    0.00018633838980280687,
    8.615769915722571e-05,
    -1.1175312253874215e-05,
    -7.697155436793602e-06,
)
# The root of the derivative of silu, in two parts.
SILU_ROOT, SILU_ROOT_LO = float.fromhex("-0x1.474973c84120bp+0"), float.fromhex("-0x1.f8d74bc9ac154p-54")
SILU_BESIDE = 2.0**-3  # So far from the root, the polynomial below is used.
# The derivative of silu divided by the distance t from its root, in powers of t. Times t, its error is below 2**-60.2.
SILU_SLOPE = (
    0.2178117057198001,
    0.1466487969969469,
    0.018874814223782323,
    -0.015222655223218057,
    -0.006606589138367659,
    0.00012662742084264261,
    0.000798521885769614,
    0.0001857056692702716,
    -4.090591750117982e-05,
    -2.963277259379966e-05,
    -2.9057888293040266e-06,
)
SLOPES = (  # for the compiler's kernels
    (GELU_ROOT, GELU_ROOT_LO, GELU_BESIDE, GELU_SLOPE),
    (SILU_ROOT, SILU_ROOT_LO, SILU_BESIDE, SILU_SLOPE),
)
# The quotient w(x) / -w'(x) is x plus r times a polynomial in powers of r - 0.15, where r = 1 / (x + 3) and x >= 3/8.
# The error of the polynomial is below 2**-55.3, relative to the quotient. The derivative of erfcx uses it (`core.ops`).
DECLINE_K, DECLINE_MIDDLE = 3.0, 0.15
DECLINE = (
    1.6546079794502437,
    5.779200774039287,
    7.521773031414162,
    -34.14594322146883,
    -167.51219499538968,
    81.37461120107848,
    2477.8056457225384,
    3228.63867816018,
    -31648.132405646807,
    -96061.1178806038,
    353267.1309627776,
    1921151.994903165,
    -3208145.1289113886,
    -32883043.526519645,
    16217258.377398096,
    511814653.21753323,
    200870432.65076843,
    -7402113250.904726,
    -8569595086.869362,
    100271203364.00537,
    183244113065.21698,
    -1270917555521.309,
    -2847590210612.34,
    14604857572660.775,
    30304064994677.17,
    -134201288415625.6,
    -163655384836878.66,
    695803205734430.0,
)
# The asymptotic series of x sqrt(pi) w(x) in powers of 1 / (2 x**2), DLMF 7.12.1.
ASYMPTOTIC = (1.0, -1.0, 3.0, -15.0, 105.0, -945.0, 10395.0)


def cbrt(x: float) -> float:
    """Return the real cube root: the C library's, corrected by one step of Newton's method with an exact residual.

    >>> cbrt(-27.0)
    -3.0
    """
    y = math.cbrt(x)
    if not 0.0 < abs(y) < math.inf:
        return y
    scale = (
        2.0**-100 if abs(y) > 2.0**300 else 2.0**300 if abs(y) < 2.0**-300 else 1.0
    )  # no part may over- or underflow
    y = y * scale
    square, square_lo = _product(y, y)
    cube, cube_lo = _product(square, y)
    rest = (x * scale * scale * scale - cube) - (cube_lo + square_lo * y)
    return (y + rest / (3.0 * square)) / scale


def tanh(x: float) -> float:
    """Return the hyperbolic tangent.

    It is the C library's, except where that loses digits: there it is ``t / (t + 2)`` with ``t = e**(2 x) - 1``.

    >>> tanh(0.5)
    0.46211715726000974
    """
    if not 1e-8 < abs(x) < 1.0:
        return c_tanh(x)
    t = expm1(2.0 * abs(x))
    d = t + 2.0
    y = t / d
    y = y - y * (t - (d - 2.0)) / d
    return y if x > 0.0 else -y


def exp_sub(a: float, b: float) -> float:
    """Return ``e**(a - b)`` without the rounding error of the difference, or 1 if both are the same infinity.

    >>> exp_sub(math.inf, math.inf)
    1.0
    """
    if a == b:
        return 1.0
    d = a - b
    e = _exp(d)
    if not 0.0 < e < math.inf:
        return e
    t = d - a
    return e + e * ((a - (d - t)) - (b + t))


def erfc(x: float) -> float:
    """Return ``1 - erf(x)``, accurate in the right tail too.

    >>> erfc(10.0)
    2.088487583762545e-45
    """
    if not x >= TURN:
        return 1.0 - erf(x)
    if x >= ZERO:
        return 0.0
    w, rest = _scaled_tail(x, 0.0)
    square, square_lo = _product(x, x)
    return _times_exp(w, rest, -square, -square_lo)


def erfcx(x: float) -> float:
    """Return ``e**(x**2) erfc(x)``. It falls like ``1 / x``, whereas erfc falls like ``e**(-x**2)``.

    >>> erfcx(1e10)
    5.641895835477563e-11
    """
    size = abs(x)
    if x >= ZERO:
        y = INVERSE_ROOT_PI / x
        v = 0.5 / x / x
        series = 0.0
        for c in ASYMPTOTIC[:0:-1]:
            series = (series + c) * v
        return y + y * (series + INVERSE_ROOT_PI_LO / INVERSE_ROOT_PI)
    if x <= -ZERO:
        return math.inf
    square, square_lo = _product(size, size)
    if size < TURN:
        return 1.0 + (expm1(square) - exp(square) * erf(x))
    w, rest = _scaled_tail(size, 0.0)
    if not x < 0.0:
        return w + rest
    if square > 709.1:
        return math.inf
    power, p = _exp_parts(square, square_lo)
    scale = ldexp(0.5, power)
    y, y_lo = _sum(scale, -0.25 * w)
    return 4.0 * (y + (y_lo + scale * p - 0.25 * rest))


def exp_neg_square(x: float) -> float:
    """Return ``e**(-x**2)`` without the rounding error of the square.

    >>> exp_neg_square(26.5)
    1.0392022621430825e-305
    """
    size = abs(x)
    if not size < ZERO:
        return 0.0 if size > 0.0 else x
    square, square_lo = _product(size, size)
    return _times_exp(1.0, 0.0, -square, -square_lo)


def norm_pdf(x: float) -> float:
    """Return the density of the standard normal distribution.

    >>> norm_pdf(0.0)
    0.3989422804014327
    """
    size = abs(x)
    if not size < FLAT:
        return 0.0 if size > 0.0 else x
    square, square_lo = _product(size, size)
    return _times_exp(DENSITY, DENSITY_LO, -0.5 * square, -0.5 * square_lo)


def norm_cdf(x: float) -> float:
    """Return the distribution function of the standard normal distribution, accurate in the left tail too.

    >>> norm_cdf(-10.0)
    7.619853024160525e-24
    """
    if not x <= -TURN:
        return 0.5 + 0.5 * erf(x * ROOT_HALF)
    if x <= -FLAT:
        return 0.0
    half, half_lo = _half_tail(-x)
    square, square_lo = _product(x, x)
    return _times_exp(half, half_lo, -0.5 * square, -0.5 * square_lo)


def gelu(x: float) -> float:
    """Return ``x norm_cdf(x)``, accurate in the left tail too. It is 0 at minus infinity.

    >>> gelu(-10.0)
    -7.619853024160526e-23
    """
    if x >= FLAT:
        return x
    if not x <= -TURN:
        return x - x * (0.5 - 0.5 * erf(x * ROOT_HALF)) if x > 0.0 else x * (0.5 + 0.5 * erf(x * ROOT_HALF))
    if x <= -FLAT:
        return -0.0
    half, half_lo = _half_tail(-x)
    v, v_lo = _product(x, half)
    square, square_lo = _product(x, x)
    return _times_exp(v, v_lo + x * half_lo, -0.5 * square, -0.5 * square_lo)


def gelu_slope(x: float) -> float:
    """Return ``norm_cdf(x) + x norm_pdf(x)``, the derivative of `gelu`, accurate also where it is nearly 0.

    >>> gelu_slope(0.0)
    0.5
    """
    size = abs(x)
    if not size < FLAT:
        return x if x != x else 1.0 if x > 0.0 else -0.0
    if abs(-size - GELU_ROOT) < GELU_BESIDE:
        y = _beside(-size, GELU_ROOT, GELU_ROOT_LO, GELU_SLOPE)
    else:
        half, half_lo = _half_tail(size)
        p, p_lo = _product(-size, DENSITY)
        v, v_lo = _sum(half, p)
        square, square_lo = _product(x, x)
        y = _times_exp(v, v_lo + (half_lo + (p_lo - size * DENSITY_LO)), -0.5 * square, -0.5 * square_lo)
    return 1.0 - y if x > 0.0 else y


def silu(x: float) -> float:
    """Return ``x / (1 + e**-x)``, accurate in the left tail even where e**x is subnormal. It is 0 at minus infinity.

    >>> silu(-740.0)
    -3.09967e-319
    """
    if not x < 0.0:
        return x / (1.0 + exp(-x))
    if x < -800.0:
        return -0.0
    e = exp(x)
    d = 1.0 + e
    v = x / d
    return -abs(_times_exp(v, -v * (e - (d - 1.0)) / d, x, 0.0))


def silu_slope(x: float) -> float:
    """Return ``s (1 + x (1 - s))`` with ``s = 1 / (1 + e**-x)``, the derivative of `silu`.

    It is accurate also where it is nearly 0.

    >>> silu_slope(0.0)
    0.5
    """
    size = abs(x)
    if not size < 800.0:
        return x if x != x else 1.0 if x > 0.0 else -0.0
    if abs(-size - SILU_ROOT) < SILU_BESIDE:
        y = _beside(-size, SILU_ROOT, SILU_ROOT_LO, SILU_SLOPE)
    else:  # e**x (1 + x + e**x) / (1 + e**x)**2 with x = -size
        e = exp(-size)
        d = 1.0 + e
        d_lo = e - (d - 1.0)
        n, n_lo = _sum(d, -size)
        p, p_lo = _product(d, d)
        q = n / p
        t, t_lo = _product(q, p)
        rest = ((n - t) - t_lo) + (n_lo + d_lo) - q * (p_lo + 2.0 * d * d_lo)
        y = _times_exp(q, rest / p, -size, 0.0)
    return 1.0 - y if x > 0.0 else y


# Parts of these -----------------------------------------------------------------------------------------------


def _product(a: float, b: float) -> tuple[float, float]:
    """Return ``a b``, rounded, and its rounding error (Veltkamp and Dekker, 1971), for |a|, |b| < 2**996."""
    p = a * b
    c = a * SPLITTER
    a1 = c - (c - a)
    a2 = a - a1
    c = b * SPLITTER
    b1 = c - (c - b)
    b2 = b - b1
    return p, ((a1 * b1 - p) + a1 * b2 + a2 * b1) + a2 * b2


def _sum(a: float, b: float) -> tuple[float, float]:
    """Return ``a + b``, rounded, and its rounding error (Knuth, TAOCP 2, 4.2.2)."""
    s = a + b
    t = s - a
    return s, (a - (s - t)) + (b - t)


def _scaled_tail(size: float, low: float) -> tuple[float, float]:
    """Return ``erfcx(size + low)`` as a large and a small part, for sizes from 0 to `ZERO`."""
    d = size + K
    d_lo = (size - (d - K)) + low
    r = 1.0 / d
    p, p_lo = _product(r, d)
    r_lost = ((1.0 - p) - p_lo) - r * d_lo  # the rounding error of r, relative to r
    p, p_lo = _product(r, B)
    u = A + p
    u_lost = ((A - u) + p) + p_lo
    lost = ((r * BEND + SLOPE) * ((u - A) * r_lost + u_lost)) + r_lost
    v = MIDDLE - u
    q = 0.0
    for c in REST:
        q = q * v + c
    p, p_lo = _product(v, q)  # in the last two steps of Horner's rule rounding errors matter
    q, q_lo = _sum(SECOND, p)
    rest = p_lo + q_lo
    p, p_lo = _product(v, q)
    q, q_lo = _sum(FIRST, p)
    rest = p_lo + q_lo + v * rest
    u, u_lo = _sum(u, q)
    w, w_lo = _product(r, u)
    return w, w_lo + r * (u_lo + rest) + w * lost


def _beside(x: float, root: float, root_lo: float, coefficients: Sequence[float]) -> float:
    """Return t times the polynomial in t with these ``coefficients``, where t is ``x`` minus the root."""
    d = x - root
    t = d - root_lo
    y = 0.0
    for c in coefficients[:0:-1]:
        y = y * t + c
    p, p_lo = _product(d, coefficients[0])
    return p + (p_lo - root_lo * coefficients[0] + y * t * t)


def _half_tail(size: float) -> tuple[float, float]:
    """Return half of ``erfcx(size / sqrt(2))`` as a large and a small part, for sizes from 0 to `FLAT`."""
    z, z_lo = _product(size, ROOT_HALF)
    w, rest = _scaled_tail(z, z_lo + size * ROOT_HALF_LO)
    return 0.5 * w, 0.5 * rest


def _times_exp(v: float, v_lo: float, x: float, x_lo: float) -> float:
    """Return ``(v + v_lo) e**(x + x_lo)`` with about one rounding. The second parts must be small beside the first."""
    power, p = _exp_parts(x, x_lo)
    return ldexp(v + (v * p + (v_lo + v_lo * p)), power)


def _exp_parts(x: float, x_lo: float) -> tuple[int, float]:
    """Return k and p such that ``e**(x + x_lo) = 2**k (1 + p)`` and |p| < 0.42.

    The method is that of W. J. Cody and W. Waite, *Software Manual for the Elementary Functions*, 1980.
    """
    k = math.floor(x * LOG2E + 0.5)
    return k, expm1(((x - k * LN2_HI) - k * LN2_LO) + x_lo)


def _exp(x: float) -> float:
    """Return e**x, or inf where that overflows."""
    try:
        return exp(x)
    except OverflowError:
        return math.inf
