"""Fit a lifetime above a flat background with Minuit, by exact derivatives and by Minuit's own differences."""

import numpy as np
from iminuit import Minuit

import glassgrad as gg

TRUE = {"fraction": 0.7, "lifetime": 1.5}
START = {"fraction": 0.5, "lifetime": 1.0}
LONGEST = 10.0  # the end of the measurement


def surprise(t, fraction, lifetime):
    """Return minus the logarithm of the density at time t."""
    signal = gg.exp(-t / lifetime) / (lifetime * (1 - gg.exp(-LONGEST / lifetime)))
    return -gg.log(fraction * signal + (1 - fraction) / LONGEST)


def measured(size):
    rng = np.random.default_rng(0)
    decays = -TRUE["lifetime"] * np.log1p(-rng.uniform(size=size) * (1 - np.exp(-LONGEST / TRUE["lifetime"])))
    return np.where(rng.uniform(size=size) < TRUE["fraction"], decays, rng.uniform(0.0, LONGEST, size))


def over_all(function):
    """Compile a function of one time, summed over all times."""
    return gg.vmap(function, in_axes=(0, None, None), reduce="sum")


def fit(function, **options):
    minuit = Minuit(function, **START, **options)
    minuit.errordef = Minuit.LIKELIHOOD
    minuit.limits = [(0.01, 0.99), (0.01, None)]
    minuit.migrad()
    minuit.hesse()
    return minuit


def main():
    times = measured(100_000)
    total, slopes = over_all(surprise), over_all(gg.grad(surprise, argnums=(1, 2)))

    def likelihood(fraction, lifetime):
        return total(times, fraction, lifetime)

    exact = fit(likelihood, grad=lambda *p: slopes(times, *p))
    differences = fit(likelihood)
    bends = over_all(gg.hessian(surprise, argnums=(1, 2)))(times, *exact.values)
    errors = np.sqrt(np.diag(np.linalg.inv(bends)))

    print(f"{'':10} {'true':>9} {'fitted':>9} {'± Minuit':>9} {'± exact':>9}")
    for name, error in zip(TRUE, errors):
        print(f"{name:10} {TRUE[name]:9.5f} {exact.values[name]:9.5f} {exact.errors[name]:9.5f} {error:9.5f}")
    print(f"exact gradients: {exact.nfcn} sums of logarithms, {exact.ngrad} of gradients")
    print(f"differences: {differences.nfcn} sums of logarithms")


if __name__ == "__main__":
    main()
