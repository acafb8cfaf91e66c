"""Price a book of European options by Black and Scholes, with their Greeks to second order.

`price` is the price of one option, with a branch for puts. `greeks` takes its derivatives, and `gg.vmap` compiles both
for the whole book.
"""

import sys
from time import perf_counter

import numpy as np

import glassgrad as gg


def price(spot, strike, years, rate, sigma, is_call):
    d1 = (gg.log(spot / strike) + (rate + sigma**2 / 2) * years) / (sigma * gg.sqrt(years))
    d2 = d1 - sigma * gg.sqrt(years)
    discounted = strike * gg.exp(-rate * years)
    if is_call:
        return spot * gg.norm_cdf(d1) - discounted * gg.norm_cdf(d2)
    return discounted * gg.norm_cdf(-d2) - spot * gg.norm_cdf(-d1)


def greeks(*option):
    value, (delta, by_years, rho, vega) = gg.value_and_grad(price, argnums=(0, 2, 3, 4))(*option)
    (gamma, vanna), (_, volga) = gg.jacobian(gg.grad(price, argnums=(0, 4)), argnums=(0, 4))(*option)
    return {
        "price": value,
        "delta": delta,
        "gamma": gamma,
        "vega": vega,
        "theta": -by_years,  # as time passes, the time left gets shorter
        "rho": rho,
        "vanna": vanna,
        "volga": volga,
    }


def book(size):
    """Return a textbook's option (Hull, Options, Futures, and Other Derivatives: 4.76), followed by random ones."""
    rng = np.random.default_rng(0)
    strike, years = rng.uniform(30.0, 60.0, size), rng.uniform(0.1, 2.0, size)
    sigma, is_call = rng.uniform(0.1, 0.5, size), rng.integers(0, 2, size).astype(float)
    strike[0], years[0], sigma[0], is_call[0] = 40.0, 0.5, 0.2, 1.0
    return np.full(size, 42.0), strike, years, np.full(size, 0.1), sigma, is_call


def main(size=200_000):
    options = book(size)
    run = gg.vmap(greeks)
    run(*(column[:1000] for column in options))  # compiles both branches
    start = perf_counter()
    risk = run(*options)
    seconds = perf_counter() - start

    _, strike, years, _, sigma, is_call = options
    print(f"{'':4} {'strike':>8} {'years':>8} {'sigma':>8}" + "".join(f" {name:>9}" for name in risk))
    for k in range(8):
        what = f"{'call' if is_call[k] else 'put':4} {strike[k]:8.4f} {years[k]:8.4f} {sigma[k]:8.4f}"
        print(what + "".join(f" {column[k]:9.4f}" for column in risk.values()))
    print(f"{'all':31}" + "".join(f" {column.sum():9.4g}" for column in risk.values()))
    print(f"{size:,} options in {seconds * 1e3:.1f} ms: {size / seconds / 1e6:.2f} million options a second")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
