"""The constants in the source that are not polynomials, each with the exact number that it is rounded from."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

from coefficients.fitting import Real, mp
from coefficients.polynomials import ACCURATE, EXPONENTIAL, GELU_ROOT, MATHLIB, SILU_ROOT, TRIGONOMETRIC
from coefficients.source import constants


def in_two(x: Real) -> tuple[float, float]:
    """Return the double nearest to ``x``, and the double nearest to the rest."""
    return float(x), float(x - mp.mpf(float(x)))


def truncated(x: Real, bits: int) -> tuple[float, float]:
    """Return the first ``bits`` significant bits of ``x``, and the double nearest to the rest."""
    unit = mp.mpf(2) ** (int(mp.floor(mp.log(x, 2))) + 1 - bits)
    first = mp.floor(x / unit) * unit
    return float(first), float(x - first)


def in_three(x: Real, bits: int) -> tuple[float, float, float]:
    """Return the double nearest to ``x``, the next ``bits`` bits, and the double nearest to the rest."""
    first = float(x)
    return (first, *truncated(x - mp.mpf(first), bits))


def expected() -> Iterator[tuple[str, tuple[str, ...], tuple[float, ...]]]:
    """Give (module, names, numbers): those names are to hold those numbers."""
    root_half, inverse_root_pi, density = mp.sqrt(0.5), 1 / mp.sqrt(mp.pi), 1 / mp.sqrt(2 * mp.pi)
    yield ACCURATE, ("ROOT_HALF", "ROOT_HALF_LO"), in_two(root_half)
    yield ACCURATE, ("INVERSE_ROOT_PI", "INVERSE_ROOT_PI_LO"), in_two(inverse_root_pi)
    yield ACCURATE, ("DENSITY", "DENSITY_LO"), in_two(density)
    yield ACCURATE, ("GELU_ROOT", "GELU_ROOT_LO"), in_two(GELU_ROOT)
    yield ACCURATE, ("SILU_ROOT", "SILU_ROOT_LO"), in_two(SILU_ROOT)
    # x sqrt(pi) w(x) in powers of 1 / (2 x**2), DLMF 7.12.1: (-1)**k 1 * 3 * 5 * ... * (2k - 1)
    yield ACCURATE, ("ASYMPTOTIC",), tuple((-1.0) ** k * math.prod(range(1, 2 * k, 2)) for k in range(7))
    for module in (ACCURATE, EXPONENTIAL):
        yield module, ("LN2_HI", "LN2_LO"), truncated(mp.ln2, 42)
        yield module, ("LOG2E",), (float(1 / mp.ln2),)
    yield EXPONENTIAL, ("LN2", "LN2_REST"), in_two(mp.ln2)
    yield EXPONENTIAL, ("LN2_TOP",), truncated(mp.ln2, 38)[:1]
    yield EXPONENTIAL, ("LOG2E", "LOG2E_LO"), in_two(1 / mp.ln2)
    yield EXPONENTIAL, ("LOG10E", "LOG10E_LO"), in_two(1 / mp.ln10)
    yield EXPONENTIAL, ("LOG10_2_HI", "LOG10_2_LO"), truncated(mp.log10(2), 42)
    yield EXPONENTIAL, ("THIRD", "THIRD_LO"), in_two(mp.one / 3)
    yield TRIGONOMETRIC, ("TWO_OVER_PI",), (float(2 / mp.pi),)
    yield TRIGONOMETRIC, ("PIO2", "PIO2_LO"), in_two(mp.pi / 2)
    yield TRIGONOMETRIC, ("PIO2", "PIO2_MIDDLE", "PIO2_REST"), in_three(mp.pi / 2, 33)
    upper = truncated(mp.pi / 2, 27)[0]
    yield TRIGONOMETRIC, ("PIO2_UPPER", "PIO2_LOWER"), (upper, float(mp.pi / 2) - upper)
    yield f"{MATHLIB}/powers", ("BINOMIAL",), tuple(binomial(4))


def binomial(count: int) -> list[float]:
    """Return the first coefficients of ((1 - h)**(-1/3) - 1) / h."""
    found, term = [], Fraction(1)
    for k in range(count):
        term *= (Fraction(1, 3) + k) / (k + 1)
        found.append(float(term))
    return found


def held(module: str, names: tuple[str, ...]) -> tuple[float, ...]:
    """Return what the source holds under these names."""
    known = constants(module)
    return known[names[0]] if isinstance(known[names[0]], tuple) else tuple(known[name] for name in names)
