"""emcee with compiled log-densities: the chain is that of the same function in plain Python, and has its moments."""

import numpy as np
import pytest

import glassgrad as gg

emcee = pytest.importorskip("emcee")

WALKERS = 16
START = np.random.default_rng(0).normal(size=(WALKERS, 2))


def log_density(t):
    return -0.5 * (t[0] ** 2 + (t[1] / 2) ** 2)


def positive(t):
    """The same with a prior, as emcee's tutorial writes it."""
    if not 0.0 < t[0] < 10.0:
        return -np.inf
    return log_density(t)


def chain(function, steps=100, start=START, **options):
    sampler = emcee.EnsembleSampler(WALKERS, 2, function, **options)
    sampler.random_state = np.random.RandomState(0).get_state()
    sampler.run_mcmc(start, steps)
    return sampler.get_chain(flat=True)


@pytest.mark.parametrize("function", [log_density, positive])
@pytest.mark.parametrize(
    ("compiled", "options"), [(gg.jit, {}), (gg.vmap, {"vectorize": True})], ids=["jit", "vmap for all walkers"]
)
def test_the_chain_is_that_of_plain_python(function, compiled, options):
    start = abs(START)
    assert chain(compiled(function), start=start, **options) == pytest.approx(chain(function, start=start), rel=1e-9)


def test_the_chain_has_the_deviations_of_the_density():
    found = chain(gg.vmap(log_density), steps=2000, vectorize=True)[200 * WALKERS :]
    assert found.std(axis=0) == pytest.approx([1, 2], rel=0.1)  # about 1,000 independent samples, so 2 % each
    assert chain(gg.vmap(positive), steps=500, start=abs(START), vectorize=True).min(axis=0)[0] > 0


def test_further_arguments_and_names():
    def shifted(t, mean, precision):
        return -0.5 * gg.total(precision * (t - mean) ** 2)

    args = (np.array([1.0, -1.0]), np.array([1.0, 0.25]))
    of_numpy = chain(lambda t, mean, precision: -0.5 * (precision * (t - mean) ** 2).sum(), args=args)
    in_lanes = gg.vmap(shifted, in_axes=(0, None, None))
    assert chain(gg.jit(shifted), args=args) == pytest.approx(of_numpy, rel=1e-9)
    assert chain(in_lanes, args=args, vectorize=True) == pytest.approx(of_numpy, rel=1e-9)
    named = gg.jit(lambda p: log_density([p["a"], p["b"]]))
    assert chain(named, parameter_names=["a", "b"]) == pytest.approx(chain(log_density), rel=1e-9)
