"""Quantities with units: refused as arguments, because their units would be lost; pint strips and adds them."""

import numpy as np
import pytest

import glassgrad as gg

pint = pytest.importorskip("pint")

UNITS = pint.UnitRegistry()


@pytest.mark.parametrize("quantity", [2.0 * UNITS.meter, np.array([1.0, 2.0]) * UNITS.meter], ids=["one", "array"])
@pytest.mark.parametrize("use", [gg.sin, gg.grad(lambda x: x * x), gg.jit(lambda x: x * x)], ids=["sin", "grad", "jit"])
def test_a_quantity_is_refused_as_an_argument(use, quantity):
    with pytest.raises(TypeError, match=r"Quantity.*met"):
        use(quantity)


def test_wraps_gives_numbers_to_compiled_functions_and_units_to_their_results():
    square = UNITS.wraps("m^2", "m")(gg.jit(lambda x: x * x))
    slope = UNITS.wraps("m", "m")(gg.jit(gg.grad(lambda x: x * x)))
    lanes = UNITS.wraps("m", "m")(gg.vmap(gg.grad(lambda x: x * x)))
    assert square(200 * UNITS.cm) == 4.0 * UNITS.meter**2
    assert slope(200 * UNITS.cm) == 4.0 * UNITS.meter
    found = lanes(np.array([100.0, 300.0]) * UNITS.cm)
    assert found.magnitude.tolist() == [2.0, 6.0]
    assert found.units == UNITS.meter


def test_units_convert_nodes_inside_a_function():
    length = 2.0 * UNITS.meter
    assert gg.grad(lambda x: (length * x).to("cm").magnitude)(3.0) == pytest.approx(200.0, rel=1e-15)
    quantity = UNITS.Quantity(gg.Scalar(2.0, label="x"), "m")
    area = (quantity * quantity).to("cm^2")
    area.magnitude.backward()
    assert quantity.magnitude.grad == pytest.approx(2 * 2.0 * 1e4, rel=1e-14)


@pytest.mark.parametrize("transform", [gg.grad, gg.jit], ids=["grad", "jit"])
def test_a_quantity_is_refused_as_a_result(transform):
    length = 2.0 * UNITS.meter
    with pytest.raises(TypeError, match="Quantity"):
        transform(lambda x: length * x)(3.0)
