"""Estimate the noise of a tracked vehicle: the likelihood of a Kalman filter, its gradient, and Newton's method."""

import sys
import time

import numpy as np

import glassgrad as gg

F = np.array([[1.0, 1.0], [0.0, 1.0]])  # the position moves by the speed
H = np.array([[1.0, 0.0]])  # we see the position only
DRIVE = np.array([[0.25, 0.5], [0.5, 1.0]])  # the covariance that a random acceleration adds
TRUE = np.array([np.log(0.04), np.log(1.5)])  # the logarithms of both variances


def log_likelihood(theta, ys):
    """Return the logarithm of the probability density of ``ys``, as a textbook computes it."""
    Q, R = np.exp(theta[0]) * DRIVE, np.exp(theta[1]) * np.eye(1)
    x, P = np.zeros(2), 10.0 * np.eye(2)
    total = 0.0
    for y in ys:
        x, P = F @ x, F @ P @ F.T + Q  # predict
        error, S = y - H @ x, H @ P @ H.T + R
        gain = P @ H.T @ np.linalg.inv(S)
        total = total - 0.5 * (error @ np.linalg.solve(S, error) + np.linalg.slogdet(2 * np.pi * S)[1])
        x, P = x + gain @ error, (np.eye(2) - gain @ H) @ P  # correct
    return total


def simulated(count, seed=1):
    """Return ``count`` observed positions, each in an array of its own."""
    rng = np.random.default_rng(seed)
    x, ys = np.zeros(2), []
    for _ in range(count):
        x = F @ x + rng.normal() * np.sqrt(np.exp(TRUE[0])) * np.array([0.5, 1.0])
        ys.append(H @ x + rng.normal(size=1) * np.sqrt(np.exp(TRUE[1])))
    return np.array(ys)


def main(count=200):
    ys = simulated(count)
    fun = gg.jit(gg.value_and_grad(lambda theta: -log_likelihood(theta, ys)))
    began = time.perf_counter()
    fun(TRUE)
    print(f"first call, which compiles: {time.perf_counter() - began:.1f} s")
    fit = gg.minimize(lambda theta: -log_likelihood(theta, ys), np.zeros(2), method="BFGS")
    print(f"log likelihood: {-fit.fun:.6f}")
    for name, found, true in zip(("acceleration", "observation"), np.exp(fit.x), np.exp(TRUE)):
        print(f"variance of the {name}: {found:.4f} (true: {true:.4f})")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
