"""Functions that SymPy's `lambdify` writes, differentiated and compiled: SymPy itself knows values and derivatives."""

import numpy as np
import pytest

import glassgrad as gg

sp = pytest.importorskip("sympy")

x, y = sp.symbols("x y", real=True)
AT = {x: 1.3, y: 0.7}
POINT = tuple(AT.values())

EXPRESSIONS = {
    "powers": x ** sp.Rational(1, 3) + x ** sp.Rational(-3, 2) + x**3 * y,
    "waves": sp.sin(x) * sp.cos(y) + sp.tan(x) + sp.sec(x) + sp.sinc(x),
    "arcs": sp.asin(x / 4) + sp.acos(x / 4) + sp.atan(x) + sp.atan2(y, x),
    "hyperbolic": sp.sinh(x) * sp.acosh(x + 1) * sp.asinh(x) + sp.atanh(x / 4) + sp.tanh(y),
    "density": sp.exp(-(x**2) / 2) / sp.sqrt(2 * sp.pi),
    "logarithms": sp.log(x) + sp.log(x, 2) * sp.log(y, 10),
    "erf": sp.erf(x) * sp.erfc(y),
    "gamma": sp.gamma(x) + sp.loggamma(y),
    "Piecewise": sp.Piecewise((x**2, x < 0), (sp.sin(x), x < 1), (sp.exp(x), True)),
    "and, or, not": sp.Piecewise((x, (x > 2) | ~(y > 0)), (x * y, (x > 1) & (y < 1)), (y, True)),
    "Max and Min": sp.Max(x, y, 1) * sp.Min(x, y),
    "Heaviside": sp.Heaviside(x - 1) * x + sp.Heaviside(y - 1),
    "Abs and sign": sp.Abs(x - 2) + sp.sign(y) * x,
    "floor and Mod": sp.floor(2 * x) * y + sp.ceiling(y) * x + sp.Mod(x * y, 1),
    "Sum": sp.Sum(x ** sp.Symbol("n", integer=True), (sp.Symbol("n", integer=True), 0, 4)),
}
MODULES = {"default": None, "gg": [gg], "gg and math": [gg, "math"]}


def number(expression):
    return float(expression.subs(AT).doit().evalf(20))


def slope(expression):
    """The derivative with respect to x. SymPy does not differentiate steps: they have none here."""
    steps = {sp.floor: lambda z: z, sp.ceiling: lambda z: z, sp.sign: lambda z: z}
    frozen = {step: step.subs(AT) for step in expression.atoms(*steps, sp.Heaviside)}
    if expression.has(sp.Mod):
        frozen |= {mod: mod.args[0] for mod in expression.atoms(sp.Mod)}
    return number(sp.diff(expression.xreplace(frozen).doit(), x))


@pytest.mark.parametrize("modules", MODULES)
@pytest.mark.parametrize("name", EXPRESSIONS)
def test_expressions_have_their_values_and_derivatives(name, modules):
    if modules == "default":
        pytest.importorskip("scipy")  # else the default is NumPy alone, without erf and gamma
    expression = EXPRESSIONS[name]
    f = sp.lambdify((x, y), expression, modules=MODULES[modules])
    value, derivative = pytest.approx(number(expression), rel=1e-13), pytest.approx(slope(expression), rel=1e-12)
    assert gg.jit(f)(*POINT) == value
    assert gg.grad(f)(*POINT) == derivative
    assert gg.jit(gg.grad(f))(*POINT) == derivative
    lanes = gg.vmap(gg.value_and_grad(f))(np.full(3, AT[x]), np.full(3, AT[y]))
    assert [part[-1] for part in lanes] == [value, derivative]


def test_matrices():
    f = sp.lambdify((x, y), sp.Matrix([[x, y], [x * y, 1]]))
    assert gg.jit(f)(*POINT).tolist() == [[1.3, 0.7], [1.3 * 0.7, 1.0]]
    slopes = gg.jacobian(f)(*POINT)
    assert np.array(slopes).tolist() == [[1.0, 0.0], [0.7, 0.0]]


def test_a_list_of_expressions_and_a_vector_of_arguments():
    f = sp.lambdify([(x, y)], [x * y, sp.sin(x)], modules=[gg])
    jacobian = gg.jit(gg.jacobian(f))(np.array(POINT))
    expected = np.array(sp.Matrix([x * y, sp.sin(x)]).jacobian([x, y]).subs(AT).evalf(), dtype=float)
    assert np.array(jacobian) == pytest.approx(expected, rel=1e-15)


def test_polygamma_is_ours():
    f = sp.lambdify(x, sp.polygamma(1, x), modules=[gg])
    assert gg.grad(f)(1.3) == pytest.approx(float(sp.polygamma(2, 1.3)), rel=1e-14)


def test_branches_are_compiled_by_choice():
    """A Piecewise of lanes in all its pieces has the values of NumPy."""
    xs = np.linspace(-2, 2, 41)
    expression = EXPRESSIONS["Piecewise"]
    expected = sp.lambdify(x, expression, "numpy")(xs)
    for modules in MODULES.values():
        f = sp.lambdify(x, expression, modules=modules)
        assert gg.vmap(f)(xs) == pytest.approx(expected, rel=1e-14)


def test_a_function_that_is_missing_is_named():
    pytest.importorskip("scipy")
    f = sp.lambdify(x, sp.besselj(0, x))
    with pytest.raises(TypeError, match=r"scipy\.special\.jv.*@gg\.primitive"):
        gg.grad(f)(1.0)
