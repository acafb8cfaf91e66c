"""Compute every coefficient and constant again, and compare it with the source: ``python -m coefficients [NAME]``."""

from __future__ import annotations

import sys

from coefficients.constants import expected, held
from coefficients.fitting import mp
from coefficients.polynomials import ERRORS, POLYNOMIALS, Polynomial, quotient_errors


def main(wanted: str = "") -> int:
    """Print what was found, and return how many numbers differ from the source."""
    wrong = 0
    for polynomial in POLYNOMIALS:
        if wanted in ("", polynomial.name):
            wrong += report(polynomial)
    if wanted in ("", "BEND_UP", "BEND_DOWN"):
        largest = max(map(abs, quotient_errors()))
        print(f"BEND_UP / BEND_DOWN in {ERRORS}: error 2**{float(mp.log(largest, 2)):.2f}")
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
    if polynomial.find is None:
        return 0
    found = polynomial.find(polynomial)
    for ours, theirs in zip(found, polynomial.held()):
        print(f"    {ours!r},{'' if ours == theirs else f'  # the source has {theirs!r}'}")
    return sum(ours != theirs for ours, theirs in zip(found, polynomial.held()))


if __name__ == "__main__":
    sys.exit(min(main(*sys.argv[1:2]), 1))
