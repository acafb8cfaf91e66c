"""The table of operations: one entry for each.

A rule takes the result ``y`` and the arguments and returns a partial derivative. It is written with the operations of
this table, so it returns a float for floats, a node for nodes (when a derivative is differentiated again), and an
instruction when it is compiled. Rules choose with `where` instead of ``if``, so a traced rule has only one path. Values
follow IEEE 754: they never raise.

At a *kink*, where a derivative jumps, it has the value that JAX and PyTorch agree on. It is 0 for ``abs``, ``relu``,
``sign``, ``floor`` and ``ceil``, and one half for each side of a ``maximum`` or ``minimum`` at a tie. JAX and PyTorch
return nan for ``hypot(0, 0)``; here it is 0, as for ``abs``. `relu` and `maximum` pass gradients on if their argument
is nan, as PyTorch does, so that the nan is noticed.

The second derivatives of ``abs`` and ``hypot`` at a kink are nan. Otherwise the chain rule would return a wrong number
for smooth functions such as ``abs(x) ** 2``. Those of ``relu``, ``maximum`` and ``minimum`` are 0, as in JAX and
PyTorch: a network made of them is piecewise linear, and its Hessian is wanted on the pieces.
"""

from __future__ import annotations

import math
import operator
import sys
from collections.abc import Callable
from typing import Any

from glassgrad.core import accurate, special
from glassgrad.core.op import Condition, Op, define, divided

LN2 = math.log(2.0)
LOG2E = 1 / LN2
LOG10E = 1 / math.log(10.0)
TWO_OVER_SQRT_PI = 2 / math.sqrt(math.pi)

ENORMOUS = 2.0**540  # The square of a larger number overflows; twice this number does not.
FAR = 1e6  # For larger x, e**-x is 0, even after multiplication by a power of x.
CANCELS = 0.5  # Beyond this x, the two terms of the derivative of erfcx nearly cancel.

FINITE = Condition("finite x", math.isfinite)
POSITIVE = Condition("x > 0", lambda x: x > 0)
NOT_NEGATIVE = Condition("x >= 0", lambda x: x >= 0)
UNIT = Condition("-1 <= x <= 1", lambda x: -1 <= x <= 1)
INSIDE_UNIT = Condition("-1 < x < 1", lambda x: -1 < x < 1)
ABOVE_MINUS_ONE = Condition("x > -1", lambda x: x > -1)
FROM_ONE = Condition("x >= 1", lambda x: x >= 1)
NO_POLE = Condition("x other than 0, -1, -2, ...", lambda x: x > 0 or (x > -math.inf and x != math.floor(x)))
NONZERO_DIVISOR = Condition("a divisor other than 0", lambda a, b: b != 0)
REAL_POWER = Condition(
    "a base > 0, or a whole exponent (not below 0 for a base of 0)",
    lambda a, b: a > 0 or (a == 0 and b >= 0) or (a < 0 and (math.isinf(a) or math.isinf(b) or b == math.floor(b))),
)
AT_ZERO = Condition("x == 0", lambda x: x == 0)
AT_INTEGERS = Condition("x a whole number", lambda x: math.isfinite(x) and x == math.floor(x))
AT_TIE = Condition("a == b", lambda a, b: a == b)
NOWHERE_STEEP = (lambda y, a, b: 0.0, lambda y, a, b: 0.0)


def ieee(
    function: Callable[[float], float], *, overflow: Callable[[float], float] = math.fabs
) -> Callable[[float], float]:
    """Return ``function`` of the math module with IEEE 754's results where it raises.

    A ValueError becomes nan. An OverflowError becomes ``overflow(inf)`` or, for negative x, ``overflow(-inf)``.
    """

    def value(x: float) -> float:
        try:
            return function(x)
        except ValueError:
            return math.nan
        except OverflowError:
            return overflow(math.copysign(math.inf, x))

    return value


def log_like(function: Callable[[float], float], pole: float) -> Callable[[float], float]:
    """Return a logarithm that is -inf at its ``pole`` and nan below it, as IEEE 754 says."""

    def value(x: float) -> float:
        if x > pole:
            return function(x)
        return -math.inf if x == pole else math.nan

    return value


# Arithmetic. The engine has C code of its own for these four, for neg, and for their partials. Everything else reads
# the entries.

add: Op = define(
    "add",
    symbol="+",
    latex="{0} + {1}",
    numpy="add",
    code="add",
    js="a + b",
    value=operator.add,
    partials=(lambda y, a, b: 1.0, lambda y, a, b: 1.0),
    slopes=("1", "1"),
    doc="a + b",
    example={"gg.add(2.0, 3.0)": "5.0", "gg.grad(gg.add, argnums=(0, 1))(2.0, 3.0)": "(1.0, 1.0)"},
)
sub: Op = define(
    "sub",
    symbol="-",
    latex="{0} - {1}",
    numpy="subtract",
    code="sub",
    js="a - b",
    value=operator.sub,
    partials=(lambda y, a, b: 1.0, lambda y, a, b: -1.0),
    slopes=("1", "−1"),
    doc="a - b",
    example={"gg.sub(2.0, 3.0)": "-1.0", "gg.grad(gg.sub, argnums=(0, 1))(2.0, 3.0)": "(1.0, -1.0)"},
)
mul: Op = define(
    "mul",
    symbol="*",
    latex=r"{0} \cdot {1}",
    numpy="multiply",
    code="mul",
    js="a * b",
    value=operator.mul,
    partials=(lambda y, a, b: b, lambda y, a, b: a),
    slopes=("{1}", "{0}"),
    doc="a * b",
    example={"gg.mul(2.0, 3.0)": "6.0", "gg.grad(gg.mul, argnums=(0, 1))(2.0, 3.0)": "(3.0, 2.0)"},
)
div: Op = define(
    "div",
    symbol="/",
    latex=r"\frac{{{0}}}{{{1}}}",
    numpy="divide",
    code="div",
    js="a / b",
    value=divided,
    domain=NONZERO_DIVISOR,
    partials=(lambda y, a, b: div(1.0, b), lambda y, a, b: -y * div(1.0, b)),  # both partials share one division
    slopes=("1 / {1}", "−{0} / {1}²"),
    doc="a / b",
    example={"gg.div(1.0, 4.0)": "0.25", "gg.grad(gg.div, argnums=(0, 1))(1.0, 4.0)": "(0.25, -0.0625)"},
)
neg: Op = define(
    "neg",
    latex="-{0}",
    numpy="negative",
    code="neg",
    js="-x",
    value=operator.neg,
    partials=(lambda y, x: -1.0,),
    slopes=("−1",),
    doc="-x, the negative of x",
    example={"gg.neg(2.0)": "-2.0", "gg.grad(gg.neg)(2.0)": "-1.0"},
)


def _pow(a: float, b: float) -> float:
    try:
        return math.pow(a, b)
    except OverflowError:
        return -math.inf if a < 0 and math.fmod(b, 2) else math.inf
    except ValueError:
        if a == 0:
            return math.copysign(math.inf, a) if math.fmod(b, 2) in (1, -1) else math.inf
        return math.nan


def _pow_by_base(y: Any, a: Any, b: Any) -> Any:
    if isinstance(b, (float, int)):
        if b == 0:
            return 0.0
        slope = b * pow(a, b - 1)
        if (b - 1) + 1 == b and -(2**53) < b <= 2**53:  # b - 1 is exact
            return slope
        return slope * _pow_to_what_was_lost(a, _less_1(float(b))[1])
    base = where(b == 0, where(a == 0, 1.0, a), a)  # 0 ** 0 is 1 by convention, and flat
    less, lost = _less_1(b)
    return b * pow(base, less) * _pow_to_what_was_lost(a, detach(lost))


def _less_1(b: Any) -> tuple[Any, Any]:
    """Return ``b - 1`` and its rounding error (Knuth, TAOCP 2, 4.2.2)."""
    less = b - 1.0
    part = less - b
    lost = (b - (less - part)) - (1.0 + part)
    return less, where(lost == lost, lost, 0.0)  # nan where b is infinite


def _pow_to_what_was_lost(a: Any, lost: Any) -> Any:
    """Return ``a ** lost`` for a tiny ``lost``, and the factor to correct a power by when ``lost`` is 1 or -1.

    The latter happens for exponents beyond 2 ** 53. The factor then is the sign of a. If a is so near 1 or -1 that its
    power is neither 0 nor infinite, the factor also corrects the size.
    """
    whole = abs(lost) > 0.5
    size = where(a < 0, -a, a)
    logged = where(whole, abs(size - 1.0) < 1e-12, (a > sys.float_info.min) * (a < math.inf))  # 1 / a must not overflow
    return where(whole * (a < 0), -1.0, 1.0) * (1.0 + lost * log(where(logged, size, 1.0)))


def _pow_by_exponent(y: Any, a: Any, b: Any) -> Any:
    return y * log(where(a == 0, 1.0, a))  # 0 ** b is 0 for every b > 0, so the slope is 0


pow: Op = define(
    "pow",
    symbol="**",
    latex="{{{0}}}^{{{1}}}",
    numpy="power",
    code="pow",
    js="pow(a, b)",
    value=_pow,
    domain=REAL_POWER,
    partials=(_pow_by_base, _pow_by_exponent),
    slopes=("{1} · {0}^({1} − 1)", "{y} · ln({0})"),
    doc="a ** b. At 0 ** 0 the value is 1 and both derivatives are 0, as in JAX and PyTorch. With a negative base the\n"
    "derivative with respect to the exponent is nan",
    example={"gg.pow(3.0, 2.0)": "9.0", "gg.grad(gg.pow)(3.0, 2.0)": "6.0"},
)


def _mod(a: float, b: float) -> float:
    return operator.mod(a, b) if b else math.nan  # compiled, a % b would be C's, which handles infinity differently


def _floordiv(a: float, b: float) -> float:
    return operator.floordiv(a, b) if b else divided(a, b)


mod: Op = define(
    "mod",
    symbol="%",
    latex=r"{0} \bmod {1}",
    numpy="remainder",
    code="mod",
    js="mod(a, b)",
    value=_mod,
    domain=NONZERO_DIVISOR,
    kinks=Condition("a / b a whole number", lambda a, b: b != 0 and a % b == 0),
    partials=(lambda y, a, b: 1.0, lambda y, a, b: -floordiv(a, b)),
    slopes=("1", "−({0} // {1})"),
    doc="a % b. The result has the sign of b, as in Python",
    example={"gg.mod(-7.0, 3.0)": "2.0", "gg.grad(gg.mod, argnums=(0, 1))(-7.0, 3.0)": "(1.0, 3.0)"},
)
floordiv: Op = define(
    "floordiv",
    symbol="//",
    latex=r"\left\lfloor {0} / {1} \right\rfloor",
    numpy="floor_divide",
    code="floordiv",
    js="floordiv(a, b)",
    value=_floordiv,
    domain=NONZERO_DIVISOR,
    kinks=Condition("a / b a whole number", lambda a, b: b != 0 and a % b == 0),
    selects=True,
    partials=(lambda y, a, b: 0.0, lambda y, a, b: 0.0),
    slopes=("0", "0"),
    doc="a // b, the quotient rounded down",
    example={"gg.floordiv(-7.0, 3.0)": "-3.0", "gg.grad(gg.floordiv)(-7.0, 3.0)": "0.0"},
)

identity: Op = define(
    "identity",
    symbol="=",
    latex="{0}",
    numpy="positive",
    code="identity",
    js="x",
    value=operator.pos,
    partials=(lambda y, x: 1.0,),
    slopes=("1",),
    doc="x itself, as a new node",
    example={'gg.TABLE["identity"](2.0)': "2.0"},
)

detach: Op = define(
    "detach",
    latex=r"\operatorname{{detach}}\left({0}\right)",
    code="detach",
    js="x",
    value=operator.pos,
    selects=True,
    partials=(lambda y, x: 0.0,),
    slopes=("0",),
    doc="x as a constant: no gradient flows through it (JAX calls it stop_gradient)",
    example={"gg.grad(lambda x: x * gg.detach(x))(3.0)": "3.0"},
)

# Exponentials, logarithms, roots

exp: Op = define(
    "exp",
    latex="e^{{{0}}}",
    numpy="exp",
    code="exp",
    js="Math.exp(x)",
    value=ieee(math.exp),
    partials=(lambda y, x: y,),
    slopes=("{y}",),
    doc="e ** x",
    example={"gg.exp(0.0)": "1.0", "gg.grad(gg.exp)(0.0)": "1.0"},
)
exp_sub: Op = define(
    "exp_sub",
    latex="e^{{{0} - {1}}}",
    code="exp_sub",
    js="exp_sub(a, b)",
    value=accurate.exp_sub,
    partials=(lambda y, a, b: y, lambda y, a, b: -y),
    slopes=("{y}", "−{y}"),
    doc="exp(a - b) without the rounding error of the difference. It is 1 where a and b are the same infinity",
    example={"gg.exp_sub(1e300, 1e300)": "1.0", "gg.grad(gg.exp_sub, argnums=(0, 1))(1e300, 1e300)": "(1.0, -1.0)"},
)
expm1: Op = define(
    "expm1",
    latex="e^{{{0}}} - 1",
    numpy="expm1",
    code="expm1",
    js="Math.expm1(x)",
    value=ieee(math.expm1),
    partials=(lambda y, x: exp(x),),
    slopes=("exp({0})",),
    doc="exp(x) - 1, accurate near 0",
    example={"gg.expm1(1e-20)": "1e-20", "gg.grad(gg.expm1)(0.0)": "1.0"},
)
exp2: Op = define(
    "exp2",
    latex="2^{{{0}}}",
    numpy="exp2",
    code="exp2",
    js="pow(2, x)",
    value=ieee(math.exp2),
    partials=(lambda y, x: y * LN2,),
    slopes=("ln(2) · {y}",),
    doc="2 ** x",
    example={"gg.exp2(3.0)": "8.0", "round(gg.grad(gg.exp2)(3.0), 6)": "5.545177"},
)
log: Op = define(
    "log",
    symbol="ln",
    latex=r"\ln\left({0}\right)",
    numpy="log",
    code="log",
    js="Math.log(x)",
    value=log_like(math.log, 0),
    domain=POSITIVE,
    partials=(lambda y, x: 1 / x,),
    slopes=("1 / {0}",),
    doc="The natural logarithm of x",
    example={"gg.log(1.0)": "0.0", "gg.grad(gg.log)(2.0)": "0.5"},
)
log1p: Op = define(
    "log1p",
    latex=r"\ln\left(1 + {0}\right)",
    numpy="log1p",
    code="log1p",
    js="Math.log1p(x)",
    value=log_like(math.log1p, -1),
    domain=ABOVE_MINUS_ONE,
    partials=(lambda y, x: 1 / (1 + x),),
    slopes=("1 / (1 + {0})",),
    doc="log(1 + x), accurate near 0",
    example={"gg.log1p(1e-20)": "1e-20", "gg.grad(gg.log1p)(1.0)": "0.5"},
)
log2: Op = define(
    "log2",
    latex=r"\log_2\left({0}\right)",
    numpy="log2",
    code="log2",
    js="Math.log2(x)",
    value=log_like(math.log2, 0),
    domain=POSITIVE,
    partials=(lambda y, x: LOG2E / x,),
    slopes=("1 / (ln(2) · {0})",),
    doc="The logarithm of x to base 2",
    example={"gg.log2(8.0)": "3.0", "round(gg.grad(gg.log2)(8.0), 6)": "0.180337"},
)
log10: Op = define(
    "log10",
    latex=r"\log_{{10}}\left({0}\right)",
    numpy="log10",
    code="log10",
    js="Math.log10(x)",
    value=log_like(math.log10, 0),
    domain=POSITIVE,
    partials=(lambda y, x: LOG10E / x,),
    slopes=("1 / (ln(10) · {0})",),
    doc="The logarithm of x to base 10",
    example={"gg.log10(100.0)": "2.0", "round(gg.grad(gg.log10)(100.0), 6)": "0.004343"},
)
sqrt: Op = define(
    "sqrt",
    latex=r"\sqrt{{{0}}}",
    numpy="sqrt",
    code="sqrt",
    js="Math.sqrt(x)",
    value=ieee(math.sqrt),
    domain=NOT_NEGATIVE,
    kinks=AT_ZERO,
    partials=(lambda y, x: 0.5 / y,),
    slopes=("1 / (2 · {y})",),
    doc="The square root of x. Its derivative at 0 is inf",
    example={"gg.sqrt(4.0)": "2.0", "gg.grad(gg.sqrt)(4.0)": "0.25"},
)
cbrt: Op = define(
    "cbrt",
    latex=r"\sqrt[3]{{{0}}}",
    numpy="cbrt",
    code="cbrt",
    js="Math.cbrt(x)",
    value=accurate.cbrt,
    kinks=AT_ZERO,
    partials=(lambda y, x: where(abs(x) == math.inf, 0.0, 1 / (3 * square(y))),),
    slopes=("1 / (3 · {y}²)",),
    doc="The real cube root of x, negative for negative x. Its derivative at 0 is inf",
    example={"gg.cbrt(-8.0)": "-2.0", "round(gg.grad(gg.cbrt)(-8.0), 6)": "0.083333"},
)
square: Op = define(
    "square",
    latex="{{{0}}}^2",
    numpy="square",
    code="square",
    js="x * x",
    value=lambda x: x * x,
    partials=(lambda y, x: 2 * x,),
    slopes=("2 · {0}",),
    doc="x * x",
    example={"gg.square(3.0)": "9.0", "gg.grad(gg.square)(3.0)": "6.0"},
)

# Trigonometry

sin: Op = define(
    "sin",
    latex=r"\sin\left({0}\right)",
    numpy="sin",
    code="sin",
    js="Math.sin(x)",
    value=ieee(math.sin),
    domain=FINITE,
    partials=(lambda y, x: cos(x),),
    slopes=("cos({0})",),
    doc="The sine of x in radians",
    example={"gg.sin(0.0)": "0.0", "gg.grad(gg.sin)(0.0)": "1.0"},
)
cos: Op = define(
    "cos",
    latex=r"\cos\left({0}\right)",
    numpy="cos",
    code="cos",
    js="Math.cos(x)",
    value=ieee(math.cos),
    domain=FINITE,
    partials=(lambda y, x: -sin(x),),
    slopes=("−sin({0})",),
    doc="The cosine of x in radians",
    example={"gg.cos(0.0)": "1.0", "gg.grad(gg.cos)(0.0)": "0.0"},
)
tan: Op = define(
    "tan",
    latex=r"\tan\left({0}\right)",
    numpy="tan",
    code="tan",
    js="Math.tan(x)",
    value=ieee(math.tan),
    domain=FINITE,
    partials=(lambda y, x: 1 + square(y),),
    slopes=("1 + {y}²",),
    doc="The tangent of x in radians",
    example={"gg.tan(0.0)": "0.0", "gg.grad(gg.tan)(0.0)": "1.0"},
)
asin: Op = define(
    "asin",
    latex=r"\arcsin\left({0}\right)",
    numpy="arcsin",
    code="asin",
    js="Math.asin(x)",
    value=ieee(math.asin),
    domain=UNIT,
    partials=(lambda y, x: 1 / sqrt((1 - x) * (1 + x)),),
    slopes=("1 / sqrt(1 − {0}²)",),
    doc="The inverse sine of x, in radians",
    example={"round(gg.asin(1.0), 6)": "1.570796", "gg.grad(gg.asin)(0.0)": "1.0"},
)
acos: Op = define(
    "acos",
    latex=r"\arccos\left({0}\right)",
    numpy="arccos",
    code="acos",
    js="Math.acos(x)",
    value=ieee(math.acos),
    domain=UNIT,
    partials=(lambda y, x: -1 / sqrt((1 - x) * (1 + x)),),
    slopes=("−1 / sqrt(1 − {0}²)",),
    doc="The inverse cosine of x, in radians",
    example={"gg.acos(1.0)": "0.0", "gg.grad(gg.acos)(0.0)": "-1.0"},
)
atan: Op = define(
    "atan",
    latex=r"\arctan\left({0}\right)",
    numpy="arctan",
    code="atan",
    js="Math.atan(x)",
    value=math.atan,
    partials=(lambda y, x: where(abs(x) > ENORMOUS, 0.0, 1 / (1 + square(x))),),
    slopes=("1 / (1 + {0}²)",),
    doc="The inverse tangent of x, in radians",
    example={"round(gg.atan(1.0), 6)": "0.785398", "gg.grad(gg.atan)(1.0)": "0.5"},
)


def _over_hypot_twice(part: Any, other: Any) -> Any:
    """Return ``part / (part**2 + other**2)`` without overflow of the squares."""
    radius = hypot(part, other)
    return where(radius == math.inf, 0.0, part / radius / radius)


atan2: Op = define(
    "atan2",
    latex=r"\operatorname{{atan2}}\left({0}, {1}\right)",
    numpy="arctan2",
    code="atan2",
    js="Math.atan2(a, b)",
    value=math.atan2,
    kinks=Condition("a == b == 0, or a == 0 and b < 0", lambda a, b: a == 0 and b <= 0),
    partials=(lambda y, a, b: _over_hypot_twice(b, a), lambda y, a, b: -_over_hypot_twice(a, b)),
    slopes=("{1} / ({0}² + {1}²)", "−{0} / ({0}² + {1}²)"),
    doc="The angle in radians of the point (b, a), in the right quadrant",
    example={"round(gg.atan2(1.0, -1.0), 6)": "2.356194", "gg.grad(gg.atan2, argnums=(0, 1))(0.0, 2.0)": "(0.5, 0.0)"},
)
sinh: Op = define(
    "sinh",
    latex=r"\sinh\left({0}\right)",
    numpy="sinh",
    code="sinh",
    js="Math.sinh(x)",
    value=ieee(math.sinh, overflow=float),
    partials=(lambda y, x: cosh(x),),
    slopes=("cosh({0})",),
    doc="The hyperbolic sine of x",
    example={"gg.sinh(0.0)": "0.0", "gg.grad(gg.sinh)(0.0)": "1.0"},
)
cosh: Op = define(
    "cosh",
    latex=r"\cosh\left({0}\right)",
    numpy="cosh",
    code="cosh",
    js="Math.cosh(x)",
    value=ieee(math.cosh),
    partials=(lambda y, x: sinh(x),),
    slopes=("sinh({0})",),
    doc="The hyperbolic cosine of x",
    example={"gg.cosh(0.0)": "1.0", "gg.grad(gg.cosh)(0.0)": "0.0"},
)


def _sech_squared(y: Any, x: Any) -> Any:
    """Return 1 - tanh(x) ** 2, accurate also where tanh(x) is nearly 1. All its derivatives are finite."""
    e = exp(x * where(x > 0, -2.0, 2.0))
    above = 1.0 + e
    return 4.0 * e / (above * above)


tanh: Op = define(
    "tanh",
    latex=r"\tanh\left({0}\right)",
    numpy="tanh",
    code="tanh",
    js="Math.tanh(x)",
    value=accurate.tanh,
    partials=(_sech_squared,),
    slopes=("1 − {y}²",),
    doc="The hyperbolic tangent of x",
    example={"gg.tanh(0.0)": "0.0", "gg.grad(gg.tanh)(0.0)": "1.0"},
)
asinh: Op = define(
    "asinh",
    latex=r"\operatorname{{arsinh}}\left({0}\right)",
    numpy="arcsinh",
    code="asinh",
    js="Math.asinh(x)",
    value=math.asinh,
    partials=(lambda y, x: 1 / hypot(1.0, x),),
    slopes=("1 / sqrt({0}² + 1)",),
    doc="The inverse hyperbolic sine of x",
    example={"gg.asinh(0.0)": "0.0", "gg.grad(gg.asinh)(0.0)": "1.0"},
)
acosh: Op = define(
    "acosh",
    latex=r"\operatorname{{arcosh}}\left({0}\right)",
    numpy="arccosh",
    code="acosh",
    js="Math.acosh(x)",
    value=ieee(math.acosh),
    domain=FROM_ONE,
    partials=(lambda y, x: where(x == math.inf, 0.0, 1 / (sqrt(x - 1) * sqrt(x + 1))),),
    slopes=("1 / sqrt({0}² − 1)",),
    doc="The inverse hyperbolic cosine of x",
    example={"gg.acosh(1.0)": "0.0", "round(gg.grad(gg.acosh)(2.0), 6)": "0.57735"},
)
atanh: Op = define(
    "atanh",
    latex=r"\operatorname{{artanh}}\left({0}\right)",
    numpy="arctanh",
    code="atanh",
    js="Math.atanh(x)",
    value=lambda x: math.atanh(x) if -1 < x < 1 else divided(x, 0.0) if x in (1, -1) else math.nan,
    domain=INSIDE_UNIT,
    partials=(lambda y, x: 1 / ((1 - x) * (1 + x)),),
    slopes=("1 / (1 − {0}²)",),
    doc="The inverse hyperbolic tangent of x",
    example={"round(gg.atanh(0.5), 6)": "0.549306", "gg.grad(gg.atanh)(0.0)": "1.0"},
)

# Special functions


def _near(x: Any) -> Any:
    """Return x, or 0 where x is so large that e**-|x| times any power of x is 0."""
    return where(abs(x) > FAR, 0.0, x)


exp_neg_square: Op = define(
    "exp_neg_square",
    symbol="exp(-x^2)",
    latex="e^{{-{0}^2}}",
    code="exp_neg_square",
    js="exp_neg_square(x)",
    value=accurate.exp_neg_square,
    partials=(lambda y, x: -2.0 * _near(x) * y,),
    slopes=("−2 · {0} · {y}",),
    doc="exp(-x * x), corrected for the rounding of x * x, which can cost 400 units in the last place",
    example={"gg.exp_neg_square(0.0)": "1.0", "round(gg.grad(gg.exp_neg_square)(1.0), 6)": "-0.735759"},
)
erf: Op = define(
    "erf",
    latex=r"\operatorname{{erf}}\left({0}\right)",
    code="erf",
    js="erf(x)",
    value=math.erf,
    partials=(lambda y, x: TWO_OVER_SQRT_PI * exp_neg_square(x),),
    slopes=("2 / sqrt(π) · exp(−({0}²))",),
    doc="The error function",
    example={"round(gg.erf(1.0), 6)": "0.842701", "round(gg.grad(gg.erf)(0.0), 6)": "1.128379"},
)
erfc: Op = define(
    "erfc",
    latex=r"\operatorname{{erfc}}\left({0}\right)",
    code="erfc",
    js="erfc(x)",
    value=accurate.erfc,
    partials=(lambda y, x: -TWO_OVER_SQRT_PI * exp_neg_square(x),),
    slopes=("−2 / sqrt(π) · exp(−({0}²))",),
    doc="1 - erf(x), accurate in the right tail too",
    example={"gg.erfc(0.0)": "1.0", "1.0 - gg.erf(10.0), gg.erfc(10.0) > 0.0": "(0.0, True)"},
)


def _erfcx_slope(y: Any, x: Any) -> Any:
    """Return ``2 x y - 2 / sqrt(pi)``.

    Where the two terms nearly cancel, it is ``-y`` divided by ``x + s``, where s is positive and falls like ``1 / x``.
    """
    large = x > CANCELS
    near = where(large, 0.0, x)
    far = where(large, x, CANCELS)
    r = 1.0 / (far + accurate.DECLINE_K)
    v = r - accurate.DECLINE_MIDDLE
    s = accurate.DECLINE[-1]
    for c in accurate.DECLINE[-2::-1]:
        s = s * v + c
    return where(large, -y / (far + s * r), 2.0 * near * y - TWO_OVER_SQRT_PI)


erfcx: Op = define(
    "erfcx",
    latex=r"\operatorname{{erfcx}}\left({0}\right)",
    code="erfcx",
    js="erfcx(x)",
    value=accurate.erfcx,
    partials=(_erfcx_slope,),
    slopes=("2 · {0} · {y} − 2 / sqrt(π)",),
    doc="exp(x * x) * erfc(x). For positive x it neither overflows nor underflows",
    example={"gg.erfcx(0.0)": "1.0", "round(gg.erfcx(100.0), 6)": "0.005642"},
)
norm_pdf: Op = define(
    "norm_pdf",
    latex=r"\varphi\left({0}\right)",
    code="norm_pdf",
    js="norm_pdf(x)",
    value=accurate.norm_pdf,
    partials=(lambda y, x: -_near(x) * y,),
    slopes=("−{0} · {y}",),
    doc="The density of the standard normal distribution",
    example={"round(gg.norm_pdf(0.0), 6)": "0.398942", "gg.grad(gg.norm_pdf)(0.0)": "0.0"},
)
norm_cdf: Op = define(
    "norm_cdf",
    latex=r"\Phi\left({0}\right)",
    code="norm_cdf",
    js="norm_cdf(x)",
    value=accurate.norm_cdf,
    partials=(lambda y, x: norm_pdf(x),),
    slopes=("norm_pdf({0})",),
    doc="The distribution function of the standard normal distribution, accurate in the left tail too",
    example={"gg.norm_cdf(0.0)": "0.5", "round(gg.grad(gg.norm_cdf)(0.0), 6)": "0.398942"},
)
gelu: Op = define(
    "gelu",
    latex=r"\operatorname{{gelu}}\left({0}\right)",
    code="gelu",
    js="gelu(x)",
    value=accurate.gelu,
    partials=(lambda y, x: gelu_slope(x),),
    slopes=("norm_cdf({0}) + {0} · norm_pdf({0})",),
    doc="x * norm_cdf(x), the exact form of GELU (Hendrycks and Gimpel, 2016)",
    example={"round(gg.gelu(1.0), 6)": "0.841345", "gg.grad(gg.gelu)(0.0)": "0.5"},
)
gelu_slope: Op = define(
    "gelu_slope",
    latex=r"\operatorname{{gelu}}'\left({0}\right)",
    code="gelu_slope",
    js="gelu_slope(x)",
    value=accurate.gelu_slope,
    partials=(lambda y, x: (2.0 - square(_near(x))) * norm_pdf(x),),
    slopes=("(2 − {0}²) · norm_pdf({0})",),
    doc="The derivative of gelu, norm_cdf(x) + x * norm_pdf(x), accurate also where the two terms cancel",
    example={"gg.gelu_slope(0.0)": "0.5", "round(gg.grad(gg.gelu_slope)(0.0), 6)": "0.797885"},
)


def _silu_curve(y: Any, x: Any) -> Any:
    """Return ``s (1 - s) (2 + x (1 - 2 s))`` with s = sigmoid(x).

    The function is even, so -|x| is used, for which the exponential does not overflow.
    """
    near = _near(x)
    size = near * where(x > 0, 1.0, -1.0)
    e = exp(-size)
    whole = 1.0 + e
    return where(near == x, e / square(whole) * (2.0 - size * ((1.0 - e) / whole)), 0.0 * y)


silu: Op = define(
    "silu",
    latex=r"\operatorname{{silu}}\left({0}\right)",
    code="silu",
    js="silu(x)",
    value=accurate.silu,
    partials=(lambda y, x: silu_slope(x),),
    slopes=("sigmoid({0}) + {y} · (1 − sigmoid({0}))",),
    doc="x * sigmoid(x), also called swish (Elfwing et al., 2017). It is 0 at minus infinity",
    example={"round(gg.silu(1.0), 6)": "0.731059", "gg.grad(gg.silu)(0.0)": "0.5"},
)
silu_slope: Op = define(
    "silu_slope",
    latex=r"\operatorname{{silu}}'\left({0}\right)",
    code="silu_slope",
    js="silu_slope(x)",
    value=accurate.silu_slope,
    partials=(_silu_curve,),
    slopes=("sigmoid({0}) · (1 − sigmoid({0})) · (2 + {0} · (1 − 2 · sigmoid({0})))",),
    doc="The derivative of silu, s * (1 + x * (1 - s)) with s = sigmoid(x), accurate also where it is nearly 0",
    example={"gg.silu_slope(0.0)": "0.5", "gg.grad(gg.silu_slope)(0.0)": "0.5"},
)
gamma: Op = define(
    "gamma",
    latex=r"\Gamma\left({0}\right)",
    code="gamma",
    js="gamma(x)",
    value=special.gamma,
    domain=NO_POLE,
    slow=True,
    partials=(lambda y, x: y * digamma(x),),
    slopes=("{y} · digamma({0})",),
    doc="The gamma function, (x - 1)! for whole x",
    example={"gg.gamma(5.0)": "24.0", "round(gg.grad(gg.gamma)(1.0), 6)": "-0.577216"},
)
lgamma: Op = define(
    "lgamma",
    latex=r"\ln\left|\Gamma\left({0}\right)\right|",
    code="lgamma",
    js="lgamma(x)",
    value=special.lgamma,
    domain=NO_POLE,
    slow=True,
    partials=(lambda y, x: digamma(x),),
    slopes=("digamma({0})",),
    doc="The logarithm of the absolute value of the gamma function",
    example={"gg.lgamma(2.0)": "0.0", "round(gg.grad(gg.lgamma)(1.0), 6)": "-0.577216"},
)
digamma: Op = define(
    "digamma",
    latex=r"\psi\left({0}\right)",
    code="digamma",
    js="digamma(x)",
    value=special.digamma,
    domain=NO_POLE,
    slow=True,
    partials=(lambda y, x: polygamma(1, x),),
    slopes=("polygamma(1, {0})",),
    doc="The derivative of lgamma",
    example={"round(gg.digamma(1.0), 6)": "-0.577216", "round(gg.grad(gg.digamma)(1.0), 6)": "1.644934"},
)


def _is_order(n: float) -> bool:
    return 0 <= n <= 100 and n == math.floor(n)  # larger orders may take seconds a value


polygamma: Op = define(
    "polygamma",
    latex=r"\psi^{{({0})}}\left({1}\right)",
    code="polygamma",
    js="polygamma(a, b)",
    value=lambda n, x: special.polygamma(int(n), x) if _is_order(n) else math.nan,
    domain=Condition(
        "a whole order n from 0 to 100, and x other than 0, -1, -2, ...", lambda n, x: _is_order(n) and NO_POLE.holds(x)
    ),
    slow=True,
    partials=(None, lambda y, n, x: polygamma(n + 1, x)),
    slopes=(None, "polygamma({0} + 1, {1})"),
    doc="The n-th derivative of digamma at x. The order n is a plain number, at most 100",
    operands=("n", "x"),
    example={
        "round(gg.polygamma(1, 1.0), 6)": "1.644934",
        "round(gg.grad(gg.polygamma, argnums=1)(1, 1.0), 6)": "-2.404114",
    },
)

# Choices and steps

where: Op = define(
    "where",
    latex=r"\left({1} \text{{ if }} {0} \text{{ else }} {2}\right)",
    code="where",
    js="a !== 0 ? b : c",
    value=lambda c, a, b: a if c else b,
    kinks=Condition("c == 0", lambda c, a, b: c == 0),
    selects=True,
    partials=(lambda y, c, a, b: 0.0, lambda y, c, a, b: where(c, 1.0, 0.0), lambda y, c, a, b: where(c, 0.0, 1.0)),
    slopes=("0", "(1 if {0} else 0)", "(0 if {0} else 1)"),
    doc="a where c is true, else b. The branch not taken gets no gradient, not even a nan",
    example={"gg.where(True, 2.0, 3.0)": "2.0", "gg.grad(gg.where, argnums=(1, 2))(1.0, 2.0, 3.0)": "(1.0, 0.0)"},
)
abs: Op = define(
    "abs",
    latex=r"\left|{0}\right|",
    numpy="absolute",
    code="abs",
    js="Math.abs(x)",
    value=math.fabs,
    kinks=AT_ZERO,
    partials=(lambda y, x: abs_slope(x),),
    slopes=("sign({0})",),
    doc="The absolute value of x. Its derivative at 0 is 0; its second derivative there is nan",
    example={"gg.abs(-3.0)": "3.0", "gg.grad(gg.abs)(-3.0)": "-1.0"},
)
abs_slope: Op = define(
    "abs_slope",
    latex=r"\left|{0}\right|'",
    code="abs_slope",
    js="Math.sign(x)",
    value=lambda x: math.copysign(1.0, x) if x > 0 or x < 0 else x,
    kinks=AT_ZERO,
    selects=True,
    partials=(lambda y, x: where(x == 0, math.nan, 0.0),),
    slopes=("0",),
    doc="The derivative of abs: -1, 0 or 1, as sign gives. Its own derivative at 0, where it jumps, is nan",
    example={"gg.abs_slope(-3.0)": "-1.0", "gg.grad(gg.abs_slope)(0.0)": "nan"},
)
relu: Op = define(
    "relu",
    latex=r"\operatorname{{relu}}\left({0}\right)",
    code="relu",
    js="x <= 0 ? 0 : x",
    value=lambda x: 0.0 if x <= 0 else x,
    kinks=AT_ZERO,
    selects=True,
    partials=(lambda y, x: where(x <= 0, 0.0, 1.0),),
    slopes=("(1 if {0} > 0 else 0)",),
    doc="x where x > 0, else 0. Its derivative at 0 is 0",
    example={
        "gg.relu(-2.0), gg.relu(2.0)": "(0.0, 2.0)",
        "gg.grad(gg.relu)(-2.0), gg.grad(gg.relu)(2.0)": "(0.0, 1.0)",
    },
)


def _larger(a: float, b: float) -> float:
    return a if a > b or a != a else b  # of two zeros the second, as in NumPy


def _smaller(a: float, b: float) -> float:
    return a if a < b or a != a else b


maximum: Op = define(
    "maximum",
    symbol="max",
    latex=r"\max\left({0}, {1}\right)",
    numpy="maximum",
    code="maximum",
    js="a > b || a !== a ? a : b",
    value=_larger,
    kinks=AT_TIE,
    selects=True,
    partials=(
        lambda y, a, b: where(a == b, 0.5, where(a < b, 0.0, 1.0)),
        lambda y, a, b: where(a == b, 0.5, where(b < a, 0.0, 1.0)),
    ),
    slopes=("(1 if {0} > {1}, ½ if {0} = {1}, else 0)", "(1 if {1} > {0}, ½ if {1} = {0}, else 0)"),
    doc="The larger of a and b, or nan if either is nan. At a tie each gets half of the gradient",
    example={"gg.maximum(2.0, 3.0)": "3.0", "gg.grad(gg.maximum, argnums=(0, 1))(2.0, 2.0)": "(0.5, 0.5)"},
)
minimum: Op = define(
    "minimum",
    symbol="min",
    latex=r"\min\left({0}, {1}\right)",
    numpy="minimum",
    code="minimum",
    js="a < b || a !== a ? a : b",
    value=_smaller,
    kinks=AT_TIE,
    selects=True,
    partials=(
        lambda y, a, b: where(a == b, 0.5, where(a > b, 0.0, 1.0)),
        lambda y, a, b: where(a == b, 0.5, where(b > a, 0.0, 1.0)),
    ),
    slopes=("(1 if {0} < {1}, ½ if {0} = {1}, else 0)", "(1 if {1} < {0}, ½ if {1} = {0}, else 0)"),
    doc="The smaller of a and b, or nan if either is nan. At a tie each gets half of the gradient",
    example={"gg.minimum(2.0, 3.0)": "2.0", "gg.grad(gg.minimum, argnums=(0, 1))(2.0, 3.0)": "(1.0, 0.0)"},
)


def _whole(function: Callable[[float], int]) -> Callable[[float], float]:
    def value(x: float) -> float:
        return math.copysign(float(function(x)), x) if math.isfinite(x) else x

    return value


sign: Op = define(
    "sign",
    latex=r"\operatorname{{sgn}}\left({0}\right)",
    numpy="sign",
    code="sign",
    js="Math.sign(x) + 0",
    value=lambda x: math.copysign(1.0, x) if x > 0 or x < 0 else x + 0.0,  # 0.0 for -0.0
    kinks=AT_ZERO,
    selects=True,
    partials=(lambda y, x: 0.0,),
    slopes=("0",),
    doc="-1, 0 or 1, the sign of x. Its derivative is 0 everywhere",
    example={"gg.sign(-3.0)": "-1.0", "gg.grad(gg.sign)(-3.0)": "0.0"},
)
floor: Op = define(
    "floor",
    latex=r"\left\lfloor {0} \right\rfloor",
    numpy="floor",
    code="floor",
    js="Math.floor(x)",
    value=_whole(math.floor),
    kinks=AT_INTEGERS,
    selects=True,
    partials=(lambda y, x: 0.0,),
    slopes=("0",),
    doc="The largest whole number not above x. Its derivative is 0 everywhere",
    example={"gg.floor(-1.5)": "-2.0", "gg.grad(gg.floor)(-1.5)": "0.0"},
)
ceil: Op = define(
    "ceil",
    latex=r"\left\lceil {0} \right\rceil",
    numpy="ceil",
    code="ceil",
    js="Math.ceil(x)",
    value=_whole(math.ceil),
    kinks=AT_INTEGERS,
    selects=True,
    partials=(lambda y, x: 0.0,),
    slopes=("0",),
    doc="The smallest whole number not below x. Its derivative is 0 everywhere",
    example={"gg.ceil(-1.5)": "-1.0", "gg.grad(gg.ceil)(-1.5)": "0.0"},
)


def _over_length(y: Any, part: Any, other: Any) -> Any:
    """Return ``part / y``: 0 with derivative nan where y is 0, and 1 or -1 where only ``part`` is infinite."""
    alone = where(abs(part) == math.inf, abs(other) < math.inf, 0.0)
    share = part / where(y == 0, math.inf, y) * abs_slope(y)
    return where(alone, where(part < 0, -1.0, 1.0), share)


hypot: Op = define(
    "hypot",
    latex=r"\sqrt{{{{{0}}}^2 + {{{1}}}^2}}",
    numpy="hypot",
    code="hypot",
    js="Math.hypot(a, b)",
    value=math.hypot,
    kinks=Condition("a == b == 0", lambda a, b: a == b == 0),
    partials=(lambda y, a, b: _over_length(y, a, b), lambda y, a, b: _over_length(y, b, a)),
    slopes=("{0} / {y}", "{1} / {y}"),
    doc="The length of the vector (a, b), without overflow on the way. At (0, 0) its first derivatives are 0 and its\n"
    "second derivatives nan",
    example={"gg.hypot(3.0, 4.0)": "5.0", "gg.grad(gg.hypot, argnums=(0, 1))(3.0, 4.0)": "(0.6, 0.8)"},
)


# Comparisons as numbers: 1 if they hold, else 0. The operators of nodes return Python's bool, except while a function
# is traced for the compiler: then they return these.

less: Op = define(
    "less",
    symbol="<",
    latex="[{0} < {1}]",
    code="less",
    js="a < b ? 1 : 0",
    value=lambda a, b: 1.0 if a < b else 0.0,
    kinks=AT_TIE,
    selects=True,
    partials=NOWHERE_STEEP,
    slopes=("0", "0"),
    doc="1 where a < b, else 0",
    example={"gg.less(1.0, 2.0)": "1.0"},
)
less_equal: Op = define(
    "less_equal",
    symbol="<=",
    latex=r"[{0} \le {1}]",
    code="less_equal",
    js="a <= b ? 1 : 0",
    value=lambda a, b: 1.0 if a <= b else 0.0,
    kinks=AT_TIE,
    selects=True,
    partials=NOWHERE_STEEP,
    slopes=("0", "0"),
    doc="1 where a <= b, else 0",
    example={"gg.less_equal(2.0, 2.0)": "1.0"},
)
greater: Op = define(
    "greater",
    symbol=">",
    latex="[{0} > {1}]",
    code="greater",
    js="a > b ? 1 : 0",
    value=lambda a, b: 1.0 if a > b else 0.0,
    kinks=AT_TIE,
    selects=True,
    partials=NOWHERE_STEEP,
    slopes=("0", "0"),
    doc="1 where a > b, else 0",
    example={"gg.greater(1.0, 2.0)": "0.0"},
)
greater_equal: Op = define(
    "greater_equal",
    symbol=">=",
    latex=r"[{0} \ge {1}]",
    code="greater_equal",
    js="a >= b ? 1 : 0",
    value=lambda a, b: 1.0 if a >= b else 0.0,
    kinks=AT_TIE,
    selects=True,
    partials=NOWHERE_STEEP,
    slopes=("0", "0"),
    doc="1 where a >= b, else 0",
    example={"gg.greater_equal(2.0, 2.0)": "1.0"},
)
equal: Op = define(
    "equal",
    symbol="==",
    latex="[{0} = {1}]",
    code="equal",
    js="a === b ? 1 : 0",
    value=lambda a, b: 1.0 if a == b else 0.0,
    kinks=AT_TIE,
    selects=True,
    partials=NOWHERE_STEEP,
    slopes=("0", "0"),
    doc="1 where a == b, else 0",
    example={"gg.equal(2.0, 2.0)": "1.0"},
)
not_equal: Op = define(
    "not_equal",
    symbol="!=",
    latex=r"[{0} \ne {1}]",
    code="not_equal",
    js="a !== b ? 1 : 0",
    value=lambda a, b: 1.0 if a != b else 0.0,
    kinks=AT_TIE,
    selects=True,
    partials=NOWHERE_STEEP,
    slopes=("0", "0"),
    doc="1 where a != b, else 0",
    example={"gg.not_equal(2.0, 2.0)": "0.0"},
)
