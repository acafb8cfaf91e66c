"""The polynomials in the source: what each approximates, on which interval, by which weight, and how it was found."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from coefficients.fitting import (
    Function,
    Real,
    alternation,
    chebyshev_extrema,
    chebyshev_nodes,
    evaluate,
    evenly_spaced,
    interpolate,
    least_squares,
    minimax,
    mp,
    quotient,
)
from coefficients.source import constants

ACCURATE = "core/accurate"
MATHLIB = "compiler/codegen/mathlib"


class Polynomial(NamedTuple):
    """One polynomial of the source.

    Attributes:
        module: the file that holds it, as `coefficients.source.constants` takes it.
        name: the constant that holds it.
        function: what it approximates.
        weight: what the error is multiplied by to judge it.
        interval: the ends of the interval of approximation.
        bound: the error is below two to this power, after the coefficients are rounded.
        find: how to find it again, bit for bit.
    """

    module: str
    name: str
    function: Function
    weight: Function
    interval: tuple[Real, Real]
    bound: float
    find: Callable[[Polynomial], list[float]]

    def held(self) -> tuple[float, ...]:
        """Return the coefficients that the source holds."""
        found: tuple[float, ...] = constants(self.module)[self.name]
        return found

    def errors(self, steps: int = 600) -> list[Real]:
        """Return the weighted errors of the coefficients in the source, over a grid."""
        points = [x for x in chebyshev_extrema(self.interval, steps) if self.weight(x)]
        return [self.weight(x) * (self.function(x) - evaluate(self.held(), x)) for x in points]

    def largest_error(self) -> tuple[float, float]:
        """Return the power of two of the largest error, and its ratio to the least possible (inf if unknown)."""
        largest, least = alternation(self.errors(), len(self.held()))
        return float(mp.log(largest, 2)), float(largest / least) if least else float("inf")


def by_minimax(steps: int, singly: int = 0) -> Callable[[Polynomial], list[float]]:
    """Return a procedure: Remez on Chebyshev extrema, so many steps, with so many coefficients rounded one by one."""
    return lambda p: minimax(p.function, p.weight, chebyshev_extrema(p.interval, steps), len(p.held()), singly)


def by_minimax_evenly(beyond: Real, steps: int) -> Callable[[Polynomial], list[float]]:
    """Return a procedure: Remez on an even grid of that many steps over the interval multiplied by ``beyond``."""
    return lambda p: minimax(
        p.function, p.weight, evenly_spaced((p.interval[0] * beyond, p.interval[1] * beyond), steps), len(p.held())
    )


def by_least_squares(nodes: int, singly: int) -> Callable[[Polynomial], list[float]]:
    """Return a procedure: least squares at so many Chebyshev nodes, with so many coefficients rounded one by one."""
    return lambda p: least_squares(p.function, p.weight, chebyshev_nodes(p.interval, nodes), len(p.held()), singly)


def by_least_squares_from(first: float, steps: int, singly: int) -> Callable[[Polynomial], list[float]]:
    """Return a procedure: least squares at Chebyshev extrema, where the weight of the first is multiplied by ``first``.

    A large factor makes the polynomial nearly exact there.
    """

    def find(p: Polynomial) -> list[float]:
        points = chebyshev_extrema(p.interval, steps)
        weight = lambda x: p.weight(x) * (first if x == points[0] else 1)
        return least_squares(p.function, weight, points, len(p.held()), singly)

    return find


def by_interpolation(half_width: Real) -> Callable[[Polynomial], list[float]]:
    """Return a procedure: interpolation at Chebyshev nodes from minus ``half_width`` to ``half_width``."""
    return lambda p: interpolate(p.function, (-half_width, half_width), len(p.held()))


# Trigonometric functions and logarithms: series in u = r**2, whose first terms are taken off -------------------

BEYOND = mp.mpf(
    "1.0001"
)  # reduced angles and exponents may exceed their interval by a rounding error: so much is added
QUARTER = (BEYOND * mp.pi / 4) ** 2
EIGHTH = (mp.sqrt(2) - 1) / (mp.sqrt(2) + 1)  # (m - 1) / (m + 1) for m = sqrt(2)
TRIGONOMETRIC = f"{MATHLIB}/trigonometric"
EXPONENTIAL = f"{MATHLIB}/exponential"


def sine(u: Real) -> Real:
    """Return (sin r - r) / r**3."""
    r = mp.sqrt(u)
    return (mp.sin(r) - r) / r**3


def cosine(u: Real) -> Real:
    """Return (cos r - 1 + r**2 / 2) / r**4."""
    return (mp.cos(mp.sqrt(u)) - 1 + u / 2) / u**2


def inverse_sine(u: Real) -> Real:
    """Return (asin r - r) / r**3."""
    r = mp.sqrt(u)
    return (mp.asin(r) - r) / r**3


def inverse_tangent(u: Real) -> Real:
    """Return (atan r - r) / r**3."""
    r = mp.sqrt(u)
    return (mp.atan(r) - r) / r**3


def logarithm(u: Real) -> Real:
    """Return (2 atanh s - 2 s) / s**3."""
    s = mp.sqrt(u)
    return 2 * (mp.atanh(s) - s) / s**3


def logarithm_rest(u: Real) -> Real:
    """Return (atanh s - s - s**3 / 3) / s**5."""
    s = mp.sqrt(u)
    return (mp.atanh(s) - s - s**3 / 3) / s**5


def exponential(r: Real) -> Real:
    """Return (e**r - 1 - r) / r**2; its Taylor series beside 0, where the quotient would cancel."""
    if abs(r) < 1e-6:
        return mp.fsum(r**k / mp.factorial(k + 2) for k in range(8))
    return (mp.expm1(r) - r) / r**2


# Error functions --------------------------------------------------------------------------------------------

ERRORS = f"{MATHLIB}/errors"
HALF = mp.mpf(1) / 2
SHAPE = {
    name: mp.mpf(constants(ACCURATE)[name]) for name in ("ZERO", "K", "A", "B", "MIDDLE", "DECLINE_K", "DECLINE_MIDDLE")
}
ERF = {name: mp.mpf(x) for name, x in constants(ERRORS).items() if isinstance(x, float)}


def scaled_erfc(x: Real) -> Real:
    """Return e**(x**2) erfc(x)."""
    return mp.exp(x * x) * mp.erfc(x)


def tail_radius(v: Real) -> Real:
    """Return r = 1 / (x + K) where the variable of TAIL is v."""
    return (SHAPE["MIDDLE"] - v - SHAPE["A"]) / SHAPE["B"]


def tail(v: Real) -> Real:
    """Return w(x) / r - u."""
    r = tail_radius(v)
    return scaled_erfc(1 / r - SHAPE["K"]) / r - (SHAPE["MIDDLE"] - v)


def tail_weight(v: Real) -> Real:
    """Return r / w(x), which makes the error relative to w."""
    r = tail_radius(v)
    return r / scaled_erfc(1 / r - SHAPE["K"])


def tail_end(x: Real) -> Real:
    """Return v at x."""
    return SHAPE["MIDDLE"] - (SHAPE["A"] + SHAPE["B"] / (x + SHAPE["K"]))


def decline_end(x: Real) -> Real:
    """Return the variable of DECLINE at x."""
    return 1 / (x + SHAPE["DECLINE_K"]) - SHAPE["DECLINE_MIDDLE"]


def over_decline(x: Real) -> Real:
    """Return w(x) / -w'(x) for positive x: a quotient of Tricomi's functions (DLMF 7.18.10, for n = 0 and 1)."""
    return mp.hyperu(HALF, HALF, x * x) / mp.hyperu(1, HALF, x * x)


@cache  # the weight asks for it, too
def decline(v: Real) -> Real:
    """Return (w(x) / -w'(x) - x) / r."""
    with mp.workdps(2 * mp.dps):  # for large x the quotient is nearly x
        r = v + SHAPE["DECLINE_MIDDLE"]
        x = 1 / r - SHAPE["DECLINE_K"]
        return (over_decline(x) - x) / r


def decline_weight(v: Real) -> Real:
    """Return r w'(x) / -w(x), which makes the error relative to w(x) / -w'(x)."""
    r = v + SHAPE["DECLINE_MIDDLE"]
    return r / (1 / r - SHAPE["DECLINE_K"] + r * decline(v)) if r else mp.zero


def near(u: Real) -> Real:
    """Return erf(x) / x - 1 where u = x**2."""
    x = mp.sqrt(u)
    return mp.erf(x) / x - 1 if x else 2 / mp.sqrt(mp.pi) - 1


def near_weight(u: Real) -> Real:
    """Return x / erf(x), which makes the error relative to erf."""
    return 1 / (1 + near(u))


def sixteenth_root(v: Real) -> Real:
    """Return erfc(x)**(1/16)."""
    return mp.root(mp.erfc(v + ERF["FAR_MIDDLE"]), 16)


def sixteenth_root_weight(v: Real) -> Real:
    """Return the derivative of the 16th power, which makes the error that of erfc."""
    return 16 * sixteenth_root(v) ** 15


def given_x(v: Real) -> Real:
    """Return x where the variable of FAR_GIVEN is v."""
    return 1 / (v + ERF["FAR_GIVEN_MIDDLE"]) - ERF["K_GIVEN"]


def given_weight(v: Real) -> Real:
    """Return e**(-x**2) / erf(x), which makes the error relative to erf."""
    x = given_x(v)
    return mp.exp(-x * x) / mp.erf(x)


def given_end(x: Real) -> Real:
    """Return v at x."""
    return 1 / (mp.mpf(x) + ERF["K_GIVEN"]) - ERF["FAR_GIVEN_MIDDLE"]


# The derivatives of gelu and silu, as polynomials about their roots ---------------------------------------------


def gelu_slope(x: Real) -> Real:
    """Return the derivative of gelu."""
    return mp.ncdf(x) + x * mp.npdf(x)


def silu_slope(x: Real) -> Real:
    """Return the derivative of silu."""
    s = 1 / (1 + mp.exp(-x))
    return s * (1 + x * (1 - s))


GELU_ROOT = mp.findroot(gelu_slope, -0.75)
SILU_ROOT = mp.findroot(silu_slope, -1.28)


def over_distance(function: Function, root: Real) -> Function:
    """Return ``t -> function(root + t) / t``, and the derivative at the root for t = 0."""
    slope = mp.diff(function, root)
    return lambda t: function(root + t) / t if abs(t) > 1e-20 else slope


def itself(u: Real) -> Real:
    """Return u: as the polynomial is multiplied by r**3 = r u, this makes the error relative to r."""
    return u


def squared(u: Real) -> Real:
    """Return u**2."""
    return u * u


LN2 = mp.ln2
GELU_BESIDE, SILU_BESIDE = mp.mpf("0.15625"), mp.mpf("0.125")

POLYNOMIALS = [
    Polynomial(TRIGONOMETRIC, "SIN", sine, itself, (0, QUARTER), -58.0, by_minimax(240, singly=5)),
    Polynomial(TRIGONOMETRIC, "COS", cosine, squared, (0, QUARTER), -64.1, by_minimax(240, singly=5)),
    Polynomial(TRIGONOMETRIC, "ASIN", inverse_sine, itself, (0, mp.mpf("0.25")), -55.8, by_minimax(480, singly=5)),
    Polynomial(TRIGONOMETRIC, "ATAN", inverse_tangent, itself, (0, 1), -57.4, by_minimax(800, singly=1)),
    Polynomial(f"{MATHLIB}/powers", "CBRT", lambda m: 1 / mp.cbrt(m), mp.cbrt, (1, 8), -7.1, by_minimax(200)),
    Polynomial(
        ERRORS,
        "NEAR_GIVEN",
        lambda v: near(v + ERF["NEAR_GIVEN_MIDDLE"]),
        lambda v: near_weight(v + ERF["NEAR_GIVEN_MIDDLE"]),
        (-ERF["NEAR_GIVEN_MIDDLE"], ERF["TURN_GIVEN"] - ERF["NEAR_GIVEN_MIDDLE"]),
        -55.6,
        by_minimax(400),
    ),
    Polynomial(
        ERRORS,
        "FAR_GIVEN",
        lambda v: scaled_erfc(given_x(v)),
        given_weight,
        (given_end(ERF["ONE"]), given_end(ERF["TURN_GIVEN"])),
        -56.6,
        by_minimax(400),
    ),
    Polynomial(
        ACCURATE,
        "GELU_SLOPE",
        over_distance(gelu_slope, GELU_ROOT),
        abs,
        (-GELU_BESIDE, GELU_BESIDE),
        -57.5,
        by_interpolation(mp.mpf(1) / 6),
    ),
    Polynomial(
        ACCURATE,
        "SILU_SLOPE",
        over_distance(silu_slope, SILU_ROOT),
        abs,
        (-SILU_BESIDE, SILU_BESIDE),
        -60.2,
        by_interpolation(SILU_BESIDE),
    ),
    Polynomial(EXPONENTIAL, "EXP", exponential, abs, (-LN2 / 2, LN2 / 2), -55.6, by_least_squares(60, singly=5)),
    Polynomial(EXPONENTIAL, "LOG", logarithm, itself, (0, EIGHTH**2), -58.4, by_minimax(280, singly=1)),
    Polynomial(EXPONENTIAL, "LOG_DD", logarithm_rest, squared, (0, EIGHTH**2), -76.9, by_minimax(360, singly=3)),
    Polynomial(
        EXPONENTIAL,
        "EXP_EIGHTHS",
        exponential,
        squared,
        (-LN2 / 16, LN2 / 16),
        -58.2,
        by_minimax_evenly(mp.mpf("1.0005"), 180),
    ),
    Polynomial(
        ERRORS,
        "NEAR",
        lambda v: near(v + ERF["NEAR_MIDDLE"]),
        lambda v: near_weight(v + ERF["NEAR_MIDDLE"]),
        (-ERF["NEAR_MIDDLE"], ERF["TURN"] ** 2 - ERF["NEAR_MIDDLE"]),
        -57.2,
        by_least_squares(60, singly=8),
    ),
    Polynomial(
        ERRORS,
        "FAR",
        sixteenth_root,
        sixteenth_root_weight,
        (ERF["TURN"] - ERF["FAR_MIDDLE"], ERF["ONE"] - ERF["FAR_MIDDLE"]),
        -56.7,
        by_least_squares(60, singly=8),
    ),
    Polynomial(
        ACCURATE,
        "TAIL",
        tail,
        tail_weight,
        (tail_end(0), tail_end(SHAPE["ZERO"])),
        -58.7,
        by_least_squares_from(7e5, 45, singly=9),
    ),
    Polynomial(
        ACCURATE,
        "DECLINE",
        decline,
        decline_weight,
        (-SHAPE["DECLINE_MIDDLE"], decline_end(mp.mpf(3) / 8)),
        -55.3,
        by_least_squares(60, singly=0),
    ),
]


# BEND_UP / BEND_DOWN, a quotient of polynomials ----------------------------------------------------------------

BEND = ("BEND_UP", "BEND_DOWN")
BEND_ENDS = (0, ERF["BEYOND"])
BEND_BOUND = -57.7  # the error is below two to this power


def bend(x: Real) -> Real:
    """Return (1 - w(x)) / x."""
    return (1 - scaled_erfc(x)) / x


def bend_weight(x: Real) -> Real:
    """Return what the error of `bend` is multiplied by in (1 + erf(x)) / 2."""
    return x * mp.exp(-x * x) / 2


def held_bend() -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return the coefficients that the source holds."""
    known = constants(ERRORS)
    return known["BEND_UP"], known["BEND_DOWN"]


def find_bend() -> tuple[list[float], list[float]]:
    """Return the coefficients, found again: least squares at 60 Chebyshev nodes, 4 of each one by one."""
    up, down = held_bend()
    return quotient(bend, bend_weight, chebyshev_nodes(BEND_ENDS, 60), (len(up), len(down)), singly=4)


def bend_errors(steps: int = 600) -> list[Real]:
    """Return the weighted errors of the quotient in the source, over a grid."""
    up, down = held_bend()
    points = chebyshev_extrema(BEND_ENDS, steps)[1:]
    return [bend_weight(x) * (bend(x) - evaluate(up, x) / evaluate(down, x)) for x in points]
