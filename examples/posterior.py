"""Sample a posterior with emcee, whose walkers become the lanes of one compiled call.

The functions are those of emcee's tutorial, "Fitting a model to data", as they stand there: a line, whose errors are
underestimated by an unknown fraction f.
"""

import sys
from time import perf_counter

import emcee
import numpy as np

import glassgrad as gg

TRUE = {"m": -0.9594, "b": 4.294, "log(f)": np.log(0.534)}


def log_likelihood(theta, x, y, yerr):
    m, b, log_f = theta
    model = m * x + b
    sigma2 = yerr**2 + model**2 * np.exp(2 * log_f)
    return -0.5 * np.sum((y - model) ** 2 / sigma2 + np.log(sigma2))


def log_prior(theta):
    m, b, log_f = theta
    if -5.0 < m < 0.5 and 0.0 < b < 10.0 and -10.0 < log_f < 1.0:
        return 0.0
    return -np.inf


def log_probability(theta, x, y, yerr):
    lp = log_prior(theta)
    if not np.isfinite(lp):
        return -np.inf
    return lp + log_likelihood(theta, x, y, yerr)


def measured():
    rng = np.random.default_rng(123)
    x = np.sort(10 * rng.uniform(size=50))
    yerr = 0.1 + 0.5 * rng.uniform(size=50)
    y = TRUE["m"] * x + TRUE["b"]
    y += abs(np.exp(TRUE["log(f)"]) * y) * rng.normal(size=50) + yerr * rng.normal(size=50)
    return x, y, yerr


def sampled(function, start, steps, data, **options):
    """Return the chain, and the seconds that it took."""
    sampler = emcee.EnsembleSampler(*start.shape, function, args=data, **options)
    sampler.random_state = np.random.RandomState(42).get_state()
    begun = perf_counter()
    sampler.run_mcmc(start, steps)
    return sampler.get_chain(), perf_counter() - begun


def main(steps=2_000):
    data = measured()
    best = gg.minimize(lambda theta, *data: -log_likelihood(theta, *data), [-1.0, 4.0, -1.0], args=data)
    start = best.x + 1e-4 * np.random.default_rng(42).normal(size=(32, 3))

    walkers = gg.vmap(log_probability, in_axes=(0, None, None, None))
    chain, seconds = sampled(walkers, start, steps, data, vectorize=True)
    few = max(steps // 10, 10)
    plain, plain_seconds = sampled(log_probability, start, few, data)

    draws = chain[steps // 5 :].reshape(-1, 3)
    print(f"{'':8} {'true':>8} {'best':>8} {'median':>8} {'- ':>7} {'+ ':>7}")
    for name, peak, (low, middle, high) in zip(TRUE, best.x, np.percentile(draws, [16, 50, 84], axis=0).T):
        print(f"{name:8} {TRUE[name]:8.3f} {peak:8.3f} {middle:8.3f} {middle - low:7.3f} {high - middle:7.3f}")
    print(f"largest difference from the chain of plain Python: {abs(chain[:few] - plain).max():.1e}")
    print(f"compiled: {seconds / steps * 1e6:.0f} us a step of 32 walkers; plain: {plain_seconds / few * 1e6:.0f} us")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
