"""Find the implied volatilities of options by Newton's method, in a plain `while` loop.

Each option takes as many steps as it needs: `gg.vmap` groups the options by their number of steps. The loop is
differentiated as it is, so each volatility comes with its derivative with respect to the price.
"""

import sys
from time import perf_counter

import numpy as np
from scipy.optimize import brentq

import glassgrad as gg


def call(sigma, spot, strike, years, rate):
    d1 = (gg.log(spot / strike) + (rate + sigma**2 / 2) * years) / (sigma * gg.sqrt(years))
    d2 = d1 - sigma * gg.sqrt(years)
    return spot * gg.norm_cdf(d1) - strike * gg.exp(-rate * years) * gg.norm_cdf(d2)


def implied_volatility(price, spot, strike, years, rate):
    # Newton's method starts where vega is largest. From there it converges monotonically (Manaster, Koehler 1982).
    sigma = gg.sqrt(2 * abs(gg.log(spot / strike) + rate * years) / years)
    sigma, step = max(sigma, 0.05), 1.0
    while abs(step) > 1e-9:  # the error is then about the square of this step
        value, vega = gg.value_and_grad(call)(sigma, spot, strike, years, rate)
        step = (price - value) / vega
        sigma = sigma + step
    return sigma


def market(size):
    """Return random call options: their volatilities, and their quotes."""
    rng = np.random.default_rng(2)
    sigma, years = rng.uniform(0.15, 0.6, size), rng.uniform(0.25, 2.0, size)
    spot, rate = np.full(size, 100.0), np.full(size, 0.03)
    strike = spot * np.exp(rng.uniform(-1.0, 1.0, size) * sigma * np.sqrt(years))
    price = gg.vmap(call)(sigma, spot, strike, years, rate)
    return sigma, (price, spot, strike, years, rate)


def main(size=20_000):
    true, quotes = market(size)
    run = gg.vmap(gg.value_and_grad(implied_volatility))
    run(*quotes)  # the first call compiles the loop for each number of steps
    start = perf_counter()
    sigma, by_price = run(*quotes)
    seconds = perf_counter() - start
    print(f"{size:,} options in {seconds * 1e3:.1f} ms: {size / seconds / 1e6:.2f} million options a second")
    print(f"largest error of a volatility: {abs(sigma - true).max():.1e}")

    vega = gg.vmap(gg.grad(call))(true, *quotes[1:])
    print(f"largest error of d sigma / d price, which is 1 / vega, relative: {abs(by_price * vega - 1).max():.1e}")

    some = list(zip(*quotes))[:200]
    found = [brentq(lambda s, price, *terms: call(s, *terms) - price, 0.01, 2.0, args=option) for option in some]
    print(f"largest difference from SciPy's brentq, {len(some)} options: {abs(sigma[:200] - found).max():.1e}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
