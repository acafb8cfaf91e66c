"""Algebra and statistics: a product of matrices, Cholesky's factor, dot, log-sum-exp, and a Gaussian mixture."""

from __future__ import annotations

from typing import Any

import numpy as np

import glassgrad as gg

from .record import Program, generator


def matmul(n: int = 30, lanes: int = 64) -> Program:
    """The sum of squares of a product of two matrices, by three nested loops."""

    def energy(A: Any, B: Any) -> Any:
        C = [[0.0] * n for _ in range(n)]
        for i in range(n):
            for j in range(n):
                for k in range(n):
                    C[i][j] = C[i][j] + A[i, k] * B[k, j]
        total = 0.0
        for i in range(n):
            for j in range(n):
                total = total + C[i][j] * C[i][j]
        return total

    numbers = generator()
    shape = (lanes, n, n)
    return Program(
        name="matmul",
        function=energy,
        arguments=(numbers.standard_normal(shape), numbers.standard_normal(shape)),
        argnums=(0, 1),
        in_axes=(0, 0),
        sizes={"n": n},
    )


def cholesky(n: int = 20, lanes: int = 64) -> Program:
    """log det A + bᵀ A⁻¹ b by Cholesky's factor, with respect to A and b. It reads the lower triangle of A alone."""

    def likelihood(A: Any, b: Any) -> Any:
        L = [[0.0] * n for _ in range(n)]
        for i in range(n):
            for j in range(i + 1):
                s = A[i, j]
                for k in range(j):
                    s = s - L[i][k] * L[j][k]
                L[i][j] = gg.sqrt(s) if i == j else s / L[j][j]
        y: list[Any] = []
        for i in range(n):
            s = b[i]
            for k in range(i):
                s = s - L[i][k] * y[k]
            y.append(s / L[i][i])
        return sum(v * v for v in y) + 2 * sum(gg.log(L[i][i]) for i in range(n))

    numbers = generator()
    M = numbers.standard_normal((lanes, n, n))
    return Program(
        name="cholesky",
        function=likelihood,
        arguments=(M @ M.transpose(0, 2, 1) + n * np.eye(n), numbers.standard_normal((lanes, n))),
        argnums=(0, 1),
        in_axes=(0, 0),
        sizes={"n": n},
    )


def dot(n: int = 100_000) -> Program:
    """The scalar product of two vectors in one call, with respect to both."""

    def product(x: Any, y: Any) -> Any:
        total = 0.0
        for i in range(n):
            total = total + x[i] * y[i]
        return total

    numbers = generator()
    arguments = (numbers.standard_normal(n), numbers.standard_normal(n))
    return Program(name="dot", function=product, arguments=arguments, argnums=(0, 1), sizes={"n": n})


def log_sum_exp(n: int = 10_000) -> Program:
    """The logarithm of a sum of exponentials in one call."""

    def value(x: Any) -> Any:
        most = x[0]
        for i in range(1, n):
            most = gg.maximum(most, x[i])
        total = 0.0
        for i in range(n):
            total = total + gg.exp(x[i] - most)
        return most + gg.log(total)

    return Program(
        name="log_sum_exp", function=value, arguments=(generator().standard_normal(n),), argnums=0, sizes={"n": n}
    )


def mixture(d: int = 20, k: int = 25, lanes: int = 1000) -> Program:
    """ADBench's Gaussian mixture: the log-likelihood of points, with respect to weights, means and covariances.

    Every lane is a point. `packed` holds for each component the inverse root of the covariance, a lower triangle: the
    logarithms of its diagonal, then the columns below it.
    """

    def likelihood(alpha: Any, mean: Any, packed: Any, x: Any) -> Any:
        exponents = []
        for j in range(k):
            gaps = [x[i] - mean[j, i] for i in range(d)]
            z = [gg.exp(packed[j, i]) * gaps[i] for i in range(d)]
            at = d
            for column in range(d):
                for row in range(column + 1, d):
                    z[row] = z[row] + packed[j, at] * gaps[column]
                    at += 1
            exponent = alpha[j]
            for i in range(d):
                exponent = exponent + packed[j, i] - 0.5 * (z[i] * z[i])
            exponents.append(exponent)
        return by_the_largest(exponents) - by_the_largest([alpha[j] for j in range(k)])

    def by_the_largest(terms: list[Any]) -> Any:
        most = terms[0]
        for term in terms[1:]:
            most = gg.maximum(most, term)
        total = 0.0
        for term in terms:
            total = total + gg.exp(term - most)
        return most + gg.log(total)

    numbers = generator()
    triangle = 0.1 * numbers.standard_normal((k, d * (d + 1) // 2))
    return Program(
        name="mixture",
        function=likelihood,
        arguments=(
            numbers.standard_normal(k),
            numbers.standard_normal((k, d)),
            triangle,
            numbers.standard_normal((lanes, d)),
        ),
        argnums=(0, 1, 2),
        in_axes=(None, None, None, 0),
        reduce="sum",
        sizes={"d": d, "k": k},
    )
