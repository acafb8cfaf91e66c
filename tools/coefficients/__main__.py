"""Compute every coefficient and constant again, and compare it with the source: ``python -m coefficients [NAME]``."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from coefficients.constants import expected, held
from coefficients.fitting import mp
from coefficients.polynomials import (
    BEND,
    ERRORS,
    POLYNOMIALS,
    Polynomial,
    bend_errors,
    find_bend,
    held_bend,
)


def main(wanted: str = "") -> int:
    """Print what was found, and return how many numbers differ from the source."""
    wrong = 0
    for polynomial in POLYNOMIALS:
        if wanted in ("", polynomial.name):
            wrong += report(polynomial)
    if wanted in ("", *BEND):
        print(f"BEND_UP / BEND_DOWN in {ERRORS}: error 2**{float(mp.log(max(map(abs, bend_errors())), 2)):.2f}")
        wrong += sum(map(compare, find_bend(), held_bend()))
    for module, names, numbers in expected():
        if wanted == "" or wanted in names:
            same = held(module, names) == numbers
            print(f"{', '.join(names)} in {module}: {'as in the source' if same else f'should be {numbers}'}")
            wrong += not same
    return wrong


def report(polynomial: Polynomial) -> int:
    """Print what is known of a polynomial, and return how many coefficients differ from the source."""
    power, ratio = polynomial.largest_error()
    print(f"{polynomial.name} in {polynomial.module}: error 2**{power:.2f}, {ratio:.2f} x the least possible")
    return compare(polynomial.find(polynomial), polynomial.held())


def compare(found: Sequence[float], held: Sequence[float]) -> int:
    """Print the coefficients, and return how many of those in the source differ."""
    for ours, theirs in zip(found, held, strict=True):
        print(f"    {ours!r},{'' if ours == theirs else f'  # the source has {theirs!r}'}")
    return sum(ours != theirs for ours, theirs in zip(found, held, strict=True))


if __name__ == "__main__":
    sys.exit(min(main(*sys.argv[1:2]), 1))
