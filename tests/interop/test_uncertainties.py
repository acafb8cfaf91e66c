"""Numbers with uncertainties: refused as operands, and propagated by `uncertainties.wrap` with our derivatives."""

import math

import pytest

import glassgrad as gg

uncertainties = pytest.importorskip("uncertainties")
ufloat = uncertainties.ufloat


def area(x, y):
    return x * gg.sin(y)


@pytest.mark.parametrize("compiled", [lambda f: f, gg.jit], ids=["eager", "jit"])
def test_wrap_propagates_uncertainties_by_our_derivatives(compiled):
    slopes = [compiled(gg.grad(area, argnums=i)) for i in (0, 1)]
    found = uncertainties.wrap(compiled(area), slopes)(ufloat(2.0, 0.1), ufloat(1.0, 0.2))
    assert found.nominal_value == pytest.approx(2 * math.sin(1), rel=1e-15)
    assert found.std_dev == pytest.approx(math.hypot(math.sin(1) * 0.1, 2 * math.cos(1) * 0.2), rel=1e-14)


def test_correlations_are_kept():
    x = ufloat(2.0, 0.1)
    square = uncertainties.wrap(gg.jit(lambda x: x * x), [gg.jit(gg.grad(lambda x: x * x))])
    assert (square(x) - 4 * x).std_dev == pytest.approx(0, abs=1e-15)  # the slope of x² at 2 is 4


@pytest.mark.parametrize(
    "use",
    [
        gg.Scalar,
        gg.sin,
        lambda x: gg.Scalar(3.0) * x,
        lambda x: x / gg.Scalar(3.0),
        lambda x: gg.array([1.0, 2.0]) + x,
        gg.grad(lambda x: x * x),
        gg.jit(lambda x: x * x),
        lambda x: gg.grad(lambda w: w * x)(2.0),
    ],
    ids=["Scalar", "sin", "operand", "reflected", "array", "grad", "jit", "inside"],
)
def test_a_number_with_an_uncertainty_is_refused(use):
    with pytest.raises(TypeError, match=r"Variable 2\.0\+/-0\.1.*x\.nominal_value"):
        use(ufloat(2.0, 0.1))
