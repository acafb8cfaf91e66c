"""Finance: Heston's model, the LIBOR market model, an American put on a binomial tree."""

from __future__ import annotations

from typing import Any

import numpy as np

import glassgrad as gg

from .record import Program, generator


def heston(n: int = 252, lanes: int = 1024) -> Program:
    """The average price along a path of Heston's model, and its derivative with respect to 8 parameters."""
    dt = 1 / n
    root = dt**0.5

    def path(s: Any, v: Any, r: Any, kappa: Any, theta: Any, xi: Any, rho: Any, rho2: Any, z: Any) -> Any:
        total = 0.0
        for t in range(n):
            positive = gg.relu(v)
            deviation = gg.sqrt(positive + 1e-300)
            z2 = rho * z[t, 0] + rho2 * z[t, 1]
            s = s * gg.exp((r - 0.5 * positive) * dt + deviation * root * z[t, 0])
            v = v + kappa * (theta - positive) * dt + xi * deviation * root * z2
            total = total + s
        return total / n

    parameters = (100.0, 0.04, 0.03, 1.5, 0.04, 0.3, -0.5, 0.75**0.5)
    return Program(
        name="heston",
        function=path,
        arguments=(*parameters, generator().standard_normal((lanes, n, 2))),
        argnums=tuple(range(8)),
        in_axes=(None,) * 8 + (0,),
        sizes={"n": n},
    )


def libor(steps: int = 40, rates: int = 80, lanes: int = 1024) -> Program:
    """Giles' LIBOR market model: the value of 15 swaptions, with respect to the forward rates and their volatilities.

    After each step one rate more is fixed, so the inner loop is triangular. Source: M. B. Giles and P. Glasserman,
    "Smoking adjoints: fast Monte Carlo Greeks", Risk, January 2006. Smaller sizes have fewer swaptions.
    """
    delta = 0.25
    root = delta**0.5
    largest = rates - steps
    maturities = [m for m in (4, 4, 4, 8, 8, 8, 20, 20, 20, 28, 28, 28, 40, 40, 40) if m <= largest]
    strikes = [0.045, 0.05, 0.055] * (len(maturities) // 3)

    def portfolio(forward: Any, volatility: Any, z: Any) -> Any:
        rate = list(forward)
        for n in range(steps):
            drift = 0.0
            for i in range(n + 1, rates):
                sigma = volatility[i - n - 1]
                scaled = delta * sigma
                drift = drift + scaled * rate[i] / (1.0 + delta * rate[i])
                rate[i] = rate[i] * gg.exp(scaled * drift + sigma * (root * z[n] - 0.5 * scaled))
        bond, annuity = 1.0, 0.0
        bonds, swaps = [], []
        for i in range(steps, rates):
            bond = bond / (1.0 + delta * rate[i])
            annuity = annuity + delta * bond
            bonds.append(bond)
            swaps.append(annuity)
        value = 0.0
        for maturity, strike in zip(maturities, strikes):
            value = value + 100.0 * gg.relu(bonds[maturity - 1] + strike * swaps[maturity - 1] - 1.0)
        for n in range(steps):
            value = value / (1.0 + delta * rate[n])
        return value

    return Program(
        name="libor",
        function=portfolio,
        arguments=(np.full(rates, 0.05), np.full(rates, 0.2), generator().standard_normal((lanes, steps))),
        argnums=(0, 1),
        in_axes=(None, None, 0),
        reduce="sum",
        sizes={"steps": steps, "rates": rates},
        constants={"maturities": maturities, "strikes": strikes},
    )


def binomial(n: int = 200, lanes: int = 256) -> Program:
    """An American put on a binomial tree, and 5 Greeks. Each level of the tree is shorter by one node."""

    def put(spot: Any, strike: Any, r: Any, sigma: Any, years: Any) -> Any:
        dt = years / n
        up = gg.exp(sigma * gg.sqrt(dt))
        down = 1 / up
        discount = gg.exp(-r * dt)
        p = (gg.exp(r * dt) - down) / (up - down)
        prices = [spot * down**n]
        for _ in range(n):
            prices.append(prices[-1] * up * up)
        values = [gg.maximum(strike - s, 0.0) for s in prices]
        for i in reversed(range(n)):
            prices = [prices[j] * up for j in range(i + 1)]
            values = [
                gg.maximum(discount * (p * values[j + 1] + (1 - p) * values[j]), strike - prices[j])
                for j in range(i + 1)
            ]
        return values[0]

    return Program(
        name="binomial",
        function=put,
        arguments=(generator().uniform(90, 110, lanes), 100.0, 0.05, 0.2, 1.0),
        argnums=(0, 1, 2, 3, 4),
        in_axes=(0, None, None, None, None),
        sizes={"n": n},
    )
