"""The coefficients and constants in the source are those that tools/coefficients computes with mpmath."""

import pytest

from coefficients.constants import expected, held
from coefficients.fitting import (
    alternation,
    chebyshev_extrema,
    chebyshev_nodes,
    evaluate,
    interpolate,
    least_squares,
    minimax,
    mp,
    quotient,
)
from coefficients.polynomials import BEND, BEND_BOUND, POLYNOMIALS, bend_errors, find_bend, held_bend
from coefficients.source import constants

LONG = {"ASIN", "ATAN"}  # seconds each
REPRODUCED = [pytest.param(p, id=p.name, marks=[pytest.mark.slow] * (p.name in LONG)) for p in POLYNOMIALS]


@pytest.mark.parametrize("polynomial", REPRODUCED)
def test_a_polynomial_is_reproduced_bit_for_bit(polynomial):
    assert tuple(polynomial.find(polynomial)) == polynomial.held()


@pytest.mark.parametrize("polynomial", POLYNOMIALS, ids=lambda p: p.name)
def test_a_polynomial_is_as_good_as_is_said(polynomial):
    power, _ = polynomial.largest_error()
    assert power < polynomial.bound


def test_the_quotient_for_the_normal_distribution_is_reproduced_bit_for_bit():
    assert tuple(map(tuple, find_bend())) == held_bend()


def test_the_quotient_for_the_normal_distribution_is_as_good_as_is_said():
    assert max(map(abs, bend_errors())) < mp.mpf(2) ** BEND_BOUND


@pytest.mark.parametrize(
    ("module", "names", "numbers"), list(expected()), ids=lambda x: x[0] if type(x) is tuple else ""
)
def test_a_constant_is_the_number_rounded(module, names, numbers):
    assert held(module, names) == numbers


def test_every_table_of_coefficients_is_checked():
    """Each tuple of floats in these modules is a polynomial or a constant of the script."""
    checked = {p.name for p in POLYNOMIALS} | {name for _, names, _ in expected() for name in names}
    checked |= set(BEND)
    groups = {"SHAPE", "CONSTANTS", "REST"}  # of numbers that have a name of their own
    powers_of_two = {"EIGHTHS", "EIGHTHS_LO"}  # computed where they stand
    for module in {p.module for p in POLYNOMIALS}:
        tables = {
            name
            for name, value in constants(module).items()
            if isinstance(value, tuple) and value and all(isinstance(x, float) for x in value)
        }
        assert tables <= checked | groups | powers_of_two, module


def test_minimax_finds_a_polynomial_that_is_known():
    """The best line for x**2 from 0 to 1 is x - 1/8 (P. L. Chebyshev)."""
    grid = chebyshev_extrema((0, 1), 200)
    assert minimax(lambda x: x * x, lambda x: mp.one, grid, 2) == pytest.approx([-1 / 8, 1.0], abs=1e-15)


def test_least_squares_at_chebyshev_nodes_takes_off_the_last_chebyshev_polynomial():
    """Of x**3 the best quadratic is x**3 - T3(x) / 4 = 3x / 4, as T0, T1, T2 and T3 are orthogonal on the nodes."""
    nodes = chebyshev_nodes((-1, 1), 20)
    assert least_squares(lambda x: x**3, lambda x: mp.one, nodes, 3) == pytest.approx([0, 0.75, 0], abs=1e-15)


def test_coefficients_make_up_for_one_that_was_rounded():
    """The double nearest to 1/3 is too small by d. Of d, c x is the nearest where c = d (x1 + x2) / (x1**2 + x2**2)."""
    third = mp.one / 3
    first, second = least_squares(lambda x: third, lambda x: mp.one, [mp.mpf(1), mp.mpf(2)], 2, singly=1)
    assert first == 1 / 3
    assert second == float((third - mp.mpf(1 / 3)) * 3 / 5)


def test_a_quotient_finds_one_of_its_own_degrees():
    """The coefficients of (1 + x) / (1 + x / 2) are doubles, so rounding some of them one by one loses nothing."""
    nodes = chebyshev_nodes((0, 1), 12)
    for singly in (0, 1):
        found = quotient(lambda x: (1 + x) / (1 + x / 2), lambda x: 1 + x, nodes, (2, 2), singly)
        assert found == ([1.0, 1.0], [1.0, 0.5])


def test_a_quotient_by_least_squares_is_nearly_the_best():
    """De la Vallée Poussin's bound also holds for quotients: none of these degrees is better by more than 10 %."""
    up, down = quotient(mp.exp, lambda x: mp.one, chebyshev_nodes((-1, 1), 60), (2, 2))
    grid = chebyshev_extrema((-1, 1), 100)
    largest, least = alternation([mp.exp(x) - evaluate(up, x) / evaluate(down, x) for x in grid], 3)
    assert 0 < largest < 1.1 * least


def test_interpolation_finds_a_polynomial_of_its_own_degree():
    assert interpolate(lambda x: 1 + 2 * x - x**2, (-3, 5), 3) == [1.0, 2.0, -1.0]


def test_alternation_bounds_the_least_error_from_below():
    """The errors of the line x for x**2 over 0, 1/2 and 1 are 0, -1/4 and 0; of x - 1/8 they alternate and are 1/8."""
    assert alternation([mp.mpf("0.125"), mp.mpf("-0.125"), mp.mpf("0.125")], 2) == (0.125, 0.125)
    assert alternation([mp.mpf("0.1"), mp.mpf("-0.2"), mp.mpf("0.15")], 2) == (mp.mpf("0.2"), mp.mpf("0.1"))
    assert alternation([mp.mpf("0.1"), mp.mpf("0.2"), mp.mpf("-0.15")], 2)[1] == 0
