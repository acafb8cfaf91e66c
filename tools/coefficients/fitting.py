"""Fit polynomials and quotients: minimax by Remez's algorithm, least squares, interpolation at Chebyshev points.

Everything runs in a context of mpmath of its own, with 40 digits, so that other users of mpmath do not change it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from mpmath import MPContext

mp = MPContext()
mp.dps = 40

SETTLED = mp.mpf(10) ** -22  # An iteration whose coefficients change by less than this has converged.
Real = Any  # a number of `mp`
Function = Callable[[Real], Real]
# points, values, weights and powers to coefficients
Fit = Callable[[Sequence[Real], Sequence[Real], Sequence[Real], Sequence[int]], list[Real]]


def minimax(function: Function, weight: Function, grid: Sequence[Real], count: int, singly: int = 0) -> list[float]:
    """Return the doubles of a polynomial that is nearly the best for ``weight * (function - polynomial)``.

    Args:
        function: what the polynomial approximates.
        weight: what the error is multiplied by before it is judged.
        grid: the points, in order, at which the error is judged.
        count: the number of coefficients.
        singly: how many coefficients are rounded one by one, as by `rounded`.
    """
    return rounded(remez, function, weight, grid, count, singly)


def least_squares(
    function: Function, weight: Function, points: Sequence[Real], count: int, singly: int = 0
) -> list[float]:
    """Return the doubles of a polynomial whose weighted errors at ``points`` have a small sum of squares.

    At Chebyshev nodes the largest error is nearly as small as that of `minimax`, and no reference can be ambiguous.
    The arguments are those of `minimax`.
    """
    return rounded(smallest_squares, function, weight, points, count, singly)


def rounded(
    fit: Fit, function: Function, weight: Function, points: Sequence[Real], count: int, singly: int
) -> list[float]:
    """Return the coefficients that ``fit`` finds, rounded to doubles.

    The first ``singly`` coefficients are rounded one after another. After each rounding the others are computed again,
    so that they make up for it. The rest are rounded together.
    """
    points = [x for x in points if weight(x)]
    values, weights = [function(x) for x in points], [weight(x) for x in points]
    found: list[float] = []
    for k in range(singly + 1):
        rest = [value - evaluate(found, x) for x, value in zip(points, values)]
        fitted = fit(points, rest, weights, range(k, count))
        found += [float(c) for c in (fitted[:1] if k < singly else fitted)]
    return found


def remez(points: Sequence[Real], values: Sequence[Real], weights: Sequence[Real], powers: Sequence[int]) -> list[Real]:
    """Return the coefficients of ``powers`` that minimise the largest weighted error over ``points``.

    This is Remez's second algorithm on a grid: solve for an error that alternates on a reference, move the reference to
    the extrema of the error, and repeat until it stays. Of more extrema than needed, the last ones are taken.
    """
    size = len(powers) + 1
    terms = [[w * x**p for p in powers] for x, w in zip(points, weights)]
    targets = [w * value for w, value in zip(weights, values)]
    nodes = chebyshev_nodes((points[0], points[-1]), size)
    reference = [min(range(len(points)), key=lambda i: abs(points[i] - node)) for node in nodes]
    for _ in range(60):
        rows = [[*terms[i], (-1) ** k] for k, i in enumerate(reference)]
        *solution, _level = mp.lu_solve(mp.matrix(rows), mp.matrix([targets[i] for i in reference]))
        errors = [t - mp.fdot(row, solution) for t, row in zip(targets, terms)]
        moved = extrema(errors)[-size:]
        if moved == reference or len(moved) < size:
            break
        reference = moved
    return list(solution)


def smallest_squares(
    points: Sequence[Real], values: Sequence[Real], weights: Sequence[Real], powers: Sequence[int]
) -> list[Real]:
    """Return the coefficients of ``powers`` that minimise the sum of the squares of the weighted errors at ``points``.

    They solve the normal equations, in twice as many digits because these square the condition number.
    """
    with mp.workdps(2 * mp.dps):
        columns = [[w * x**p for x, w in zip(points, weights)] for p in powers]
        return combination(columns, [w * value for w, value in zip(weights, values)])


def combination(columns: Sequence[Sequence[Real]], targets: Sequence[Real]) -> list[Real]:
    """Return the factors of the columns whose sum is nearest to the targets, by the normal equations."""
    products = mp.matrix([[mp.fdot(a, b) for b in columns] for a in columns])
    return list(mp.lu_solve(products, mp.matrix([mp.fdot(a, targets) for a in columns])))


def quotient(
    function: Function, weight: Function, points: Sequence[Real], counts: tuple[int, int], singly: int = 0
) -> tuple[list[float], list[float]]:
    """Return the doubles of a numerator and a denominator whose quotient approximates a function.

    Its weighted errors at ``points`` have a small sum of squares, as for `least_squares`. The first coefficient of the
    denominator is 1.

    Args:
        function: what the quotient approximates.
        weight: what the error is multiplied by before it is judged.
        points: the points at which the error is judged.
        counts: the number of coefficients of the numerator and of the denominator, with the 1.
        singly: how many unknown coefficients of each are rounded one by one. The two take turns, the numerator first.
    """
    points = [x for x in points if weight(x)]
    values, weights = [function(x) for x in points], [weight(x) for x in points]
    up: list[float] = []
    down, near = [1.0], [mp.one, *[mp.zero] * (counts[1] - 1)]
    for k in range(2 * singly + 1):
        above, near = loeb(points, values, weights, up, down, counts, near)
        if k < 2 * singly:
            fixed, fitted = (down, near) if k % 2 else (up, above)
            fixed.append(float(fitted[len(fixed)]))
    return [float(c) for c in above], [float(c) for c in near]


def loeb(
    points: Sequence[Real],
    values: Sequence[Real],
    weights: Sequence[Real],
    up: Sequence[float],
    down: Sequence[float],
    counts: tuple[int, int],
    near: Sequence[Real],
) -> tuple[list[Real], list[Real]]:
    """Return the coefficients of a numerator and a denominator that begin with ``up`` and ``down``.

    The error of a quotient is ``weight / denominator * (value * denominator - numerator)``. It is linear in the unknown
    coefficients if the denominator that divides is taken from the round before (H. L. Loeb's iteration). ``near`` is
    the first of these denominators.
    """
    free = range(len(up), counts[0]), range(len(down), counts[1])
    for _ in range(60):
        with mp.workdps(2 * mp.dps):
            scales = [w / evaluate(near, x) for x, w in zip(points, weights)]
            columns = [[s * x**p for x, s in zip(points, scales)] for p in free[0]]
            columns += [[-s * v * x**p for x, v, s in zip(points, values, scales)] for p in free[1]]
            rest = [s * (v * evaluate(down, x) - evaluate(up, x)) for x, v, s in zip(points, values, scales)]
            found = combination(columns, rest)
        above, below = [*up, *found[: len(free[0])]], [*down, *found[len(free[0]) :]]
        moved = max(abs(a - b) / abs(a) for a, b in zip(below, near))
        near = below
        if moved < SETTLED:
            break
    return above, below


def interpolate(function: Function, interval: tuple[Real, Real], count: int) -> list[float]:
    """Return the polynomial through ``function`` at ``count`` Chebyshev nodes, rounded to doubles."""
    nodes = chebyshev_nodes(interval, count)
    rows = [[x**k for k in range(count)] for x in nodes]
    return [float(c) for c in mp.lu_solve(mp.matrix(rows), mp.matrix([function(x) for x in nodes]))]


def extrema(errors: Sequence[Real]) -> list[int]:
    """Return where the error is largest in each stretch of one sign."""
    found: list[int] = []
    for i, error in enumerate(errors):
        if found and (errors[found[-1]] > 0) == (error > 0):
            if abs(error) > abs(errors[found[-1]]):
                found[-1] = i
        else:
            found.append(i)
    return found


def alternation(errors: Sequence[Real], size: int) -> tuple[Real, Real]:
    """Return the largest error, and a bound that no other polynomial (or quotient) with as many coefficients is below.

    The bound is de la Vallée Poussin's: if the error of one polynomial alternates in sign at one point more than there
    are coefficients, the best polynomial's largest error is at least the smallest of those. It is 0 where the error
    does not alternate often enough.

    Args:
        errors: the weighted errors in order.
        size: the number of coefficients.
    """
    sizes = [abs(errors[i]) for i in extrema(errors)]
    windows = [min(sizes[i : i + size + 1]) for i in range(len(sizes) - size)]
    return max(sizes), max(windows, default=mp.zero)


def evaluate(coefficients: Sequence[Real], x: Real) -> Real:
    """Return the polynomial with these coefficients, lowest first, at ``x``, by Horner's rule."""
    total = mp.zero
    for c in reversed(coefficients):
        total = total * x + mp.mpf(c)
    return total


def chebyshev_extrema(interval: tuple[Real, Real], steps: int) -> list[Real]:
    """Return the ``steps + 1`` points, in order, where the Chebyshev polynomial of that degree is 1 or -1."""
    middle, half = halves(interval)
    return [middle - half * mp.cospi(mp.mpf(i) / steps) for i in range(steps + 1)]


def evenly_spaced(interval: tuple[Real, Real], steps: int) -> list[Real]:
    """Return the ``steps + 1`` points, in order, that divide an interval into equal parts."""
    middle, half = halves(interval)
    return [middle + half * (2 * mp.mpf(i) / steps - 1) for i in range(steps + 1)]


def chebyshev_nodes(interval: tuple[Real, Real], count: int) -> list[Real]:
    """Return the ``count`` roots, in order, of the Chebyshev polynomial of that degree."""
    middle, half = halves(interval)
    return [middle - half * mp.cospi(mp.mpf(2 * i + 1) / (2 * count)) for i in range(count)]


def halves(interval: tuple[Real, Real]) -> tuple[Real, Real]:
    """Return the middle of an interval and half its length."""
    a, b = map(mp.mpf, interval)
    return (a + b) / 2, (b - a) / 2
