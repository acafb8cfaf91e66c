"""Every example runs from a shell, and what it prints is so."""

import math
import os
import re
import subprocess
import sys
from pathlib import Path
from statistics import NormalDist

import pytest

pytest.importorskip("scipy")

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
NUMBER = r"-?\d[\d.]*(?:e[+-]\d+)?"
CLOSE = 1e-12  # of a volatility near 1, by sums of a few dozen terms


def printed(name: str, *arguments: str) -> str:
    """What an example prints; it reads no file and needs no folder."""
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / name), *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def number_after(text: str, before: str) -> float:
    found = re.search(re.escape(before) + rf"[^:]*: ({NUMBER})", text)
    assert found, f"{before!r} is not in\n{text}"
    return float(found[1])


def test_each_example_is_tested():
    assert {path.name for path in EXAMPLES.glob("*.py")} == {
        "curve_fit.py",
        "gaussian_process.py",
        "implied_volatility.py",
        "kalman_filter.py",
        "lifetime.py",
        "option_book.py",
        "posterior.py",
    }


def test_the_option_book_has_the_textbook_option_with_its_greeks_in_closed_form():
    out = printed("option_book.py", "3000")
    names = out.splitlines()[0].split()[3:]
    row = next(line for line in out.splitlines() if line.startswith("call  40.0000   0.5000   0.2000"))
    shown = dict(zip(names, map(float, row.split()[4:]), strict=True))

    spot, strike, years, rate, sigma = 42.0, 40.0, 0.5, 0.1, 0.2
    normal, root = NormalDist(), math.sqrt(years)
    d1 = (math.log(spot / strike) + (rate + sigma**2 / 2) * years) / (sigma * root)
    d2, density = d1 - sigma * root, normal.pdf(d1)
    paid = strike * math.exp(-rate * years) * normal.cdf(d2)
    vega = spot * density * root
    assert shown == pytest.approx(
        {
            "price": 4.7594,  # Hull, Options, Futures, and Other Derivatives: 4.76
            "delta": normal.cdf(d1),
            "gamma": density / (spot * sigma * root),
            "vega": vega,
            "theta": -spot * density * sigma / (2 * root) - rate * paid,
            "rho": years * paid,
            "vanna": -density * d2 / sigma,
            "volga": vega * d1 * d2 / sigma,
        },
        abs=0.5e-4 + 1e-12,
    )
    assert re.search(r"3,000 options in [\d.]+ ms: [\d.]+ million options a second", out)


def test_the_curve_is_fitted_within_its_errors_by_fewer_evaluations():
    out = printed("curve_fit.py")
    rows = re.findall(rf"^(\w+) +({NUMBER}) +({NUMBER}) +({NUMBER})$", out, re.MULTILINE)
    assert [name for name, *_ in rows] == ["amplitude", "decay", "frequency", "offset"]
    for _, true, fitted, error in rows:
        assert abs(float(fitted) - float(true)) < 3 * float(error)  # which holds for 99.7 % of all noise
        assert 0 < float(error) < 0.05
    (cost, count), (other_cost, other_count) = re.findall(rf"cost ({NUMBER}) by (\d+) evaluations", out)
    assert float(cost) == pytest.approx(float(other_cost), rel=1e-6)
    assert 4 * int(count) < int(other_count)  # four parameters are nudged for each Jacobian


def test_implied_volatilities_and_their_derivatives_are_exact():
    out = printed("implied_volatility.py", "2000")
    assert number_after(out, "largest error of a volatility") < CLOSE
    assert number_after(out, "largest error of d sigma / d price") < 1e-9
    assert number_after(out, "largest difference from SciPy's brentq") < 1e-11  # brentq stops at 2e-12


def test_a_lifetime_is_fitted_within_its_errors_which_are_those_of_the_exact_hessian():
    pytest.importorskip("iminuit")
    out = printed("lifetime.py")
    rows = re.findall(rf"^(\w+) +({NUMBER}) +({NUMBER}) +({NUMBER}) +({NUMBER})$", out, re.MULTILINE)
    assert [name for name, *_ in rows] == ["fraction", "lifetime"]
    for _, true, fitted, error, exact in rows:
        assert abs(float(fitted) - float(true)) < 3 * float(exact)
        assert float(error) == pytest.approx(float(exact), rel=0.01)
    assert 0.5 / math.sqrt(100_000) < float(rows[0][-1]) < 5 / math.sqrt(100_000)
    sums, gradients = map(int, re.search(r"gradients: (\d+) sums of logarithms, (\d+) of gradients", out).groups())
    assert gradients > 0
    assert sums < int(re.search(r"differences: (\d+) sums", out)[1])


def test_a_posterior_holds_the_truth_and_its_chain_is_that_of_plain_python():
    pytest.importorskip("emcee")
    out = printed("posterior.py", "600")
    rows = re.findall(rf"^(\S+)((?: +{NUMBER}){{5}})$", out, re.MULTILINE)
    assert [name for name, _ in rows] == ["m", "b", "log(f)"]
    for _, numbers in rows:
        true, best, median, below, above = map(float, numbers.split())
        assert median - 3 * below < true < median + 3 * above
        assert median - below < best < median + above
    difference = re.search(r"plain Python: ([\d.e+-]+)$", out, re.MULTILINE)
    assert float(difference[1]) < 1e-9


def test_the_kalman_filter_finds_the_variances():
    out = printed("kalman_filter.py", "60")
    assert number_after(out, "log likelihood") < 0
    found = number_after(out, "variance of the observation")
    assert 0.7 < found < 3.0  # its standard error is a fifth of it


def test_the_gaussian_process_finds_the_noise():
    out = printed("gaussian_process.py", "25")
    assert number_after(out, "noise") == pytest.approx(0.2, abs=0.15)
    assert 0.5 < number_after(out, "length scale") < 5.0
