"""Labelled arrays of xarray in functions that are differentiated and compiled, compared with NumPy on their values."""

import numpy as np
import pytest

import glassgrad as gg

xr = pytest.importorskip("xarray")

TABLE = np.array([[1.0, 2.0, 4.0], [0.5, 3.0, 0.25]])
DATA = xr.DataArray(TABLE, dims=("time", "place"), coords={"time": [10, 20]})

both = pytest.mark.parametrize("compiled", [lambda f: f, gg.jit], ids=["eager", "jit"])


@both
@pytest.mark.parametrize(
    ("function", "slope"),
    [
        (lambda w: ((DATA * w) ** 2).sum(), lambda w: 2 * w * (TABLE**2).sum()),
        (lambda w: np.exp(w * DATA).sum(), lambda w: (TABLE * np.exp(w * TABLE)).sum()),
        (lambda w: ((DATA * w).sum("place") ** 2).sum(), lambda w: 2 * w * (TABLE.sum(1) ** 2).sum()),
        (lambda w: (DATA.sel(time=20) * w).mean(skipna=False), lambda w: TABLE[1].mean()),
        (lambda w: (DATA * w).mean() ** 2, lambda w: 2 * w * TABLE.mean() ** 2),
        (lambda w: xr.where(DATA > 2, DATA * w, 0.0).sum(), lambda w: TABLE[TABLE > 2].sum()),
        (lambda w: (DATA.values * w).mean(), lambda w: TABLE.mean()),
    ],
    ids=["squares", "exp", "sum over a dimension", "mean of a selection", "square of the mean", "where", "values"],
)
def test_functions_of_labelled_arrays_have_their_derivatives(function, slope, compiled):
    assert compiled(gg.grad(function))(0.7) == pytest.approx(slope(0.7), rel=1e-14)


def test_dimensions_are_matched_by_name():
    weights = np.array([1.0, -2.0, 0.5])
    gradient = gg.grad(lambda w: (DATA * xr.DataArray(w, dims="place")).sum() ** 2)(weights)
    assert gradient == pytest.approx(2 * (TABLE @ weights).sum() * TABLE.sum(0), rel=1e-14)


def test_apply_ufunc_keeps_the_labels():
    slopes = xr.apply_ufunc(gg.vmap(gg.vmap(gg.grad(gg.sin))), DATA)
    assert slopes.dims == DATA.dims
    assert slopes.time.to_numpy().tolist() == [10, 20]
    assert slopes.to_numpy() == pytest.approx(np.cos(TABLE), abs=1e-15)
    one_by_one = xr.apply_ufunc(gg.jit(gg.grad(gg.sin)), DATA, vectorize=True)
    assert one_by_one.to_numpy() == pytest.approx(np.cos(TABLE), abs=1e-15)


def test_a_model_of_ours_is_fitted_along_a_dimension():
    pytest.importorskip("scipy")
    time = np.linspace(0.0, 3.0, 20)
    data = xr.DataArray(2.0 * np.exp(-0.5 * time), dims="time", coords={"time": time})
    found = data.curvefit("time", gg.jit(lambda time, a, k: a * np.exp(-k * time)), p0={"a": 1.0, "k": 1.0})
    assert found.curvefit_coefficients.to_numpy() == pytest.approx([2.0, 0.5], rel=1e-8)
