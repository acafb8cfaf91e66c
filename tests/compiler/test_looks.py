"""What other libraries look for on a function: a compiled one, or a derivative, has what the function has."""

import copy
import inspect
import pickle

import numpy as np
import pytest

import glassgrad as gg

# By these, other libraries tell that an object follows a protocol of theirs
PROTOCOLS = """
_parameters errordef func_code _fields _asdict shape dtype ndim size strides itemsize __len__ __iter__ __getitem__
__array__ __array_interface__ __array_struct__ __array_ufunc__ __array_function__ __array_priority__ __dlpack__
__dataframe__ __cuda_array_interface__ __torch_function__ __jax_array__ __index__ __float__ __contains__ __next__
get_params set_params fit predict transform parameters state_dict _repr_html_ _repr_mimebundle_ _repr_svg_
_ipython_display_ _ipython_canary_method_should_not_exist_ _repr_pretty_ __rich_repr__ __rich_console__
__html__ _sympy_ __geo_interface__ __fspath__ __await__ __enter__ __dask_graph__ __dict_factory__ pytestmark
""".split()


def cost(a, b, *, k=3.0):
    return (a - 2) ** 2 + (b + 1) ** 2 * k


MADE = {
    "jit": gg.jit,
    "vmap": gg.vmap,
    "grad": gg.grad,
    "value_and_grad": gg.value_and_grad,
    "jacobian": gg.jacobian,
    "hessian": gg.hessian,
    "jit of grad": lambda f: gg.jit(gg.grad(f)),
    "grad of jit": lambda f: gg.grad(gg.jit(f)),
}


@pytest.mark.parametrize("made", MADE)
def test_nothing_of_ours_follows_a_protocol_of_others(made):
    f = MADE[made](cost)
    assert [name for name in PROTOCOLS if hasattr(f, name)] == []


@pytest.mark.parametrize("made", MADE)
def test_a_signature_is_the_functions(made):
    assert inspect.signature(MADE[made](cost)) == inspect.signature(cost)
    assert inspect.unwrap(MADE[made](cost)) is cost


@pytest.mark.parametrize("made", MADE)
def test_attributes_are_the_functions(made):
    def f(*args):
        return args[0] * args[1]

    f.errordef = 0.5
    f._parameters = {"a": (0.0, 1.0), "b": None}
    g = MADE[made](f)
    assert g.errordef == 0.5
    assert list(g._parameters) == ["a", "b"]
    with pytest.raises(AttributeError, match="other"):
        g.other  # noqa: B018


class Model:
    """A callable with attributes of its own."""

    shape = (2, 3)
    function = "its own"

    def __init__(self):
        self.k = 2.0

    def __call__(self, x):
        return x * x * self.k

    def _repr_html_(self):
        return "<b>a model</b>"


def test_of_an_object():
    compiled, slope = gg.jit(Model()), gg.grad(Model())
    assert compiled(3.0) == 18.0
    assert slope(3.0) == 12.0
    assert compiled.k == 2.0
    assert not hasattr(compiled, "_repr_html_")
    assert not hasattr(slope, "k")
    for twin in (copy.copy(compiled), copy.deepcopy(compiled), pickle.loads(pickle.dumps(compiled))):
        assert twin(3.0) == 18.0


def test_iminuit_minimizes_compiled_functions():
    iminuit = pytest.importorskip("iminuit")
    from iminuit.util import describe

    for made in MADE.values():
        assert describe(made(cost)) == ["a", "b"]
    both = gg.jit(gg.grad(cost, argnums=(0, 1)))
    fit = iminuit.Minuit(gg.jit(cost), a=0.0, b=0.0, grad=both)
    fit.migrad()
    assert fit.valid
    np.testing.assert_allclose(fit.values, [2.0, -1.0], atol=1e-4)


def test_curve_fit_finds_the_names():
    from scipy.optimize import curve_fit

    x = np.linspace(0.0, 2.0, 12)
    model = gg.vmap(lambda x, a, b: a * gg.exp(-b * x), in_axes=(0, None, None))
    found, _ = curve_fit(lambda x, a, b: model(x, a, b), x, 3.0 * np.exp(-0.7 * x))
    np.testing.assert_allclose(found, [3.0, 0.7], rtol=1e-6)
    found, _ = curve_fit(model, x, 3.0 * np.exp(-0.7 * x), p0=(1.0, 1.0))
    np.testing.assert_allclose(found, [3.0, 0.7], rtol=1e-6)
