"""Fit a damped oscillation to noisy measurements, with exact derivatives and with finite differences."""

import numpy as np
from scipy.optimize import least_squares

import glassgrad as gg

TRUE = {"amplitude": 2.0, "decay": 0.3, "frequency": 2.5, "offset": 0.5}
START = {"amplitude": 1.0, "decay": 0.1, "frequency": 2.3, "offset": 0.0}
NOISE = 0.05


def model(p, t):
    return p["amplitude"] * np.exp(-p["decay"] * t) * np.cos(p["frequency"] * t) + p["offset"]


def residuals(p, t, y):
    return model(p, t) - y


def standard_errors(fit):
    """Return one per parameter: the square roots of the diagonal of s² (JᵀJ)⁻¹."""
    variance = 2 * fit.cost / (fit.fun.size - fit.x.size)
    return np.sqrt(np.diag(variance * np.linalg.inv(fit.jac.T @ fit.jac)))


def main():
    rng = np.random.default_rng(1)
    t = np.linspace(0.0, 8.0, 120)
    y = model(TRUE, t) + rng.normal(0.0, NOISE, t.size)

    fit = gg.least_squares(residuals, START, args=(t, y))
    print(f"{'':10} {'true':>9} {'fitted':>9} {'± error':>9}")
    for (name, value), error in zip(fit.tree.items(), standard_errors(fit)):
        print(f"{name:10} {TRUE[name]:9.4f} {value:9.4f} {error:9.4f}")

    calls = 0

    def counted(x):
        nonlocal calls
        calls += 1
        return residuals(dict(zip(START, x)), t, y)

    differences = least_squares(counted, list(START.values()))
    print(f"glassgrad: cost {fit.cost:.9f} by {fit.nfev} evaluations and {fit.njev} Jacobians")
    print(f"differences: cost {differences.cost:.9f} by {calls} evaluations")


if __name__ == "__main__":
    main()
