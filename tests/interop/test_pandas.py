"""Columns of pandas in functions that are differentiated and compiled, with least squares in closed form."""

import numpy as np
import pytest

import glassgrad as gg

pd = pytest.importorskip("pandas")

FRAME = pd.DataFrame({"x": [0.0, 1.0, 2.0, 4.0], "y": [1.1, 2.9, 5.2, 8.7], "city": ["a", "b", "a", "b"]})
X, Y = FRAME["x"].to_numpy(), FRAME["y"].to_numpy()
SLOPE = ((X - X.mean()) @ (Y - Y.mean())) / ((X - X.mean()) @ (X - X.mean()))
BEST = np.array([Y.mean() - SLOPE * X.mean(), SLOPE])  # the normal equations


def mean_square(w):
    return ((w[0] + w[1] * FRAME.x - FRAME.y) ** 2).sum() / len(FRAME)


def slope_of_mean_square(w):
    misfit = w[0] + w[1] * X - Y
    return np.array([2 * misfit.mean(), 2 * (misfit * X).mean()])


@pytest.mark.parametrize("compiled", [lambda f: f, gg.jit], ids=["eager", "jit"])
def test_a_loss_written_with_columns_has_its_gradient(compiled):
    gradient = compiled(gg.grad(mean_square))
    w = np.array([0.5, 3.0])
    assert gradient(w) == pytest.approx(slope_of_mean_square(w), rel=1e-14)
    assert gradient(BEST) == pytest.approx([0, 0], abs=1e-14)


def test_a_fit_to_columns_is_that_of_the_normal_equations():
    pytest.importorskip("scipy")
    fit = gg.least_squares(lambda w: w[0] + w[1] * FRAME.x - FRAME.y, [0.0, 0.0])
    assert fit.x == pytest.approx(BEST, rel=1e-9)


@pytest.mark.parametrize("compiled", [lambda f: f, gg.jit], ids=["eager", "jit"])
def test_numpy_and_groups_work_on_columns_of_nodes(compiled):
    w = 0.3
    of_exp = compiled(gg.grad(lambda w: np.exp(w * FRAME.x).sum()))
    assert of_exp(w) == pytest.approx((X * np.exp(w * X)).sum(), rel=1e-14)
    of_groups = compiled(gg.grad(lambda w: (w * FRAME.x).groupby(FRAME.city).sum().prod()))
    assert of_groups(w) == pytest.approx(2 * w * (0 + 2) * (1 + 4), rel=1e-14)  # (2 w) (5 w)


def test_a_compiled_function_is_applied_to_a_column():
    square_of_sine = gg.jit(gg.grad(lambda x: gg.sin(x) ** 2))
    assert FRAME.x.apply(square_of_sine).to_numpy() == pytest.approx(np.sin(2 * X), abs=1e-15)
    made = FRAME.assign(slope=gg.vmap(square_of_sine)(FRAME.x.to_numpy()))
    assert made["slope"].to_numpy() == pytest.approx(np.sin(2 * X), abs=1e-15)


@pytest.mark.parametrize("transform", [gg.grad, lambda f: gg.jit(gg.grad(f))], ids=["grad", "jit"])
def test_text_is_refused(transform):
    with pytest.raises(TypeError, match="argument 'x' of"):
        transform(lambda x: (x * x).sum())(FRAME.city)


@pytest.mark.parametrize("name", ["mean", "std", "var", "median", "sem"])
def test_a_reduction_of_pandas_that_loses_the_graph_says_so(name):
    """pandas converts the sum of a column of nodes to a float: no derivative is lost in silence."""
    w = gg.Scalar(2.0, label="w")
    column = w * FRAME.x
    with pytest.warns(gg.GraphWarning, match=r"takes the value of .*x\.to_numpy\(\)\.mean\(\)"):
        found = getattr(column, name)()
    assert float(found) == pytest.approx(getattr(2 * FRAME.x, name)())
    with pytest.raises(TypeError):
        gg.grad(lambda w: getattr(w * FRAME.x, name)())(2.0)


def test_the_cure_keeps_derivatives():
    assert gg.grad(lambda w: (w * FRAME.x).to_numpy().mean())(2.0) == X.mean()
    assert gg.grad(lambda w: (w * FRAME.x).to_numpy().std())(2.0) == pytest.approx(X.std(), rel=1e-14)


REDUCTIONS = {
    "mean": lambda x: (x * pd.Series(X)).mean(),
    "std": lambda x: (x * pd.Series(X)).std(),
    "median": lambda x: (x * pd.Series(X)).median(),
}


@pytest.mark.parametrize("name", REDUCTIONS)
@pytest.mark.parametrize("transform", [gg.grad, gg.jit, lambda f: gg.jit(gg.grad(f))], ids=["grad", "jit", "both"])
def test_a_transform_names_the_cure_although_pandas_replaces_the_error(transform, name):
    with pytest.raises(gg.TracingError, match=r"x\.to_numpy\(\)\.mean\(\)"):
        transform(REDUCTIONS[name])(2.0)
