"""Fit a Gaussian process to noisy measurements: its likelihood by a Cholesky factor, maximised by exact gradients."""

import sys

import numpy as np

import glassgrad as gg


def negative_log_likelihood(theta, x, y):
    """Return Rasmussen and Williams, *Gaussian Processes for Machine Learning*, algorithm 2.1, line 7.

    ``theta`` holds the logarithms of the amplitude, of the length scale, and of the variance of the noise.
    """
    gaps = (x[:, None] - x[None, :]) / np.exp(theta[1])
    K = np.exp(2 * theta[0]) * np.exp(-0.5 * gaps**2) + np.exp(theta[2]) * np.eye(len(x))
    L = np.linalg.cholesky(K)
    alpha = np.linalg.solve(L.T, np.linalg.solve(L, y))
    return 0.5 * (y @ alpha) + np.sum(np.log(np.diag(L))) + 0.5 * len(x) * np.log(2 * np.pi)


def measured(count, seed=1):
    """Return points, and noisy values of a sine there."""
    rng = np.random.default_rng(seed)
    x = np.sort(rng.uniform(0.0, 10.0, count))
    return x, np.sin(x) + 0.2 * rng.normal(size=count)


def main(count=40):
    x, y = measured(count)
    fit = gg.minimize(lambda theta: negative_log_likelihood(theta, x, y), np.array([0.0, 0.0, -2.0]), method="BFGS")
    amplitude, scale, noise = np.exp(fit.x)
    print(f"negative log likelihood: {fit.fun:.6f}")
    print(f"amplitude: {amplitude:.4f}")
    print(f"length scale: {scale:.4f}")
    print(f"noise: {np.sqrt(noise):.4f} (true: 0.2000)")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
