"""glassgrad: write plain Python maths on numbers, see every step of backpropagation, run the gradients fast.

>>> import glassgrad as gg
>>> x = gg.Scalar(3.0, label="x")
>>> y = x * x + gg.sin(x)
>>> y.backward()
>>> round(x.grad, 6)
5.010008
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

from glassgrad._build import compiled, select
from glassgrad._version import __version__ as __version__

select()
del select  # SymPy's lambdify takes functions from all names here, and NumPy has another select

from glassgrad import graph  # noqa: E402
from glassgrad.core.arrays import (  # noqa: E402
    array,
    empty,
    empty_like,
    eye,
    full,
    full_like,
    ones,
    ones_like,
    scalars,
    values,
    zeros,
    zeros_like,
)
from glassgrad.core.checkpoint import checkpoint  # noqa: E402
from glassgrad.core.functions import (  # noqa: E402
    clip,
    copysign,
    dot,
    elu,
    entr,
    expit,
    leaky_relu,
    log1mexp,
    log_expit,
    log_ndtr,
    log_norm_cdf,
    log_sigmoid,
    log_softmax,
    logaddexp,
    logit,
    logsumexp,
    mean,
    ndtr,
    norm,
    prod,
    rel_entr,
    sigmoid,
    softmax,
    softplus,
    total,
    xlog1py,
    xlogy,
)
from glassgrad.core.op import TABLE, DomainError, DomainWarning, GraphWarning, errstate  # noqa: E402
from glassgrad.core.ops import (  # noqa: E402
    abs,  # noqa: F401
    abs_slope,
    acos,
    acosh,
    add,
    asin,
    asinh,
    atan,
    atan2,
    atanh,
    cbrt,
    ceil,
    cos,
    cosh,
    detach,
    digamma,
    div,
    equal,
    erf,
    erfc,
    erfcx,
    exp,
    exp2,
    exp_neg_square,
    exp_sub,
    expm1,
    floor,
    floordiv,
    gamma,
    gelu,
    gelu_slope,
    greater,
    greater_equal,
    hypot,
    less,
    less_equal,
    lgamma,
    log,
    log1p,
    log2,
    log10,
    maximum,
    minimum,
    mod,
    mul,
    neg,
    norm_cdf,
    norm_pdf,
    not_equal,
    polygamma,
    pow,  # noqa: F401
    relu,
    sign,
    silu,
    silu_slope,
    sin,
    sinh,
    sqrt,
    square,
    sub,
    tan,
    tanh,
    where,
)
from glassgrad.core.primitive import custom, primitive  # noqa: E402
from glassgrad.core.recording import AnomalyError, detect_anomaly, group  # noqa: E402
from glassgrad.core.scalar import Scalar, TracingError  # noqa: E402
from glassgrad.graph import CycleError, trace  # noqa: E402
from glassgrad.transforms import (  # noqa: E402
    check_grad,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    value_and_grad,
    vjp,
)
from glassgrad.transforms.nudges import derivative, partials  # noqa: E402

Value = Scalar  # Karpathy's lecture and micrograd call it Value.

if TYPE_CHECKING:
    from glassgrad import interop, linalg, nn, optim
    from glassgrad.compiler import config, jit, vmap
    from glassgrad.core.arrays import Array, take
    from glassgrad.core.rerun import explain_nan
    from glassgrad.core.tables.cubic import CubicSpline, PchipInterpolator
    from glassgrad.core.tables.grid import interp2
    from glassgrad.core.tables.linear import interp
    from glassgrad.draw import draw, draw_dot
    from glassgrad.interop import least_squares, minimize, root
    from glassgrad.player.gradebook import grade
    from glassgrad.player.player import play
    from glassgrad.player.quiz import quiz
    from glassgrad.player.record import record
    from glassgrad.plot import plot

# These names are imported on first use, so that `import glassgrad` stays fast.
_LAZY = {
    "Array": "glassgrad.core.arrays",
    "CubicSpline": "glassgrad.core.tables.cubic",
    "PchipInterpolator": "glassgrad.core.tables.cubic",
    "take": "glassgrad.core.arrays",
    "draw": "glassgrad.draw",
    "draw_dot": "glassgrad.draw",
    "explain_nan": "glassgrad.core.rerun",
    "grade": "glassgrad.player",
    "interop": "glassgrad.interop",
    "config": "glassgrad.core.settings",
    "interp": "glassgrad.core.tables.linear",
    "interp2": "glassgrad.core.tables.grid",
    "jit": "glassgrad.compiler",
    "least_squares": "glassgrad.interop",
    "minimize": "glassgrad.interop",
    "play": "glassgrad.player",
    "plot": "glassgrad.plot",
    "quiz": "glassgrad.player",
    "record": "glassgrad.player",
    "root": "glassgrad.interop",
    "vmap": "glassgrad.compiler",
    "linalg": "glassgrad.linalg",
    "nn": "glassgrad.nn",
    "optim": "glassgrad.optim",
}

# abs and pow are not listed, because a star import must not hide Python's own.
__all__ = [
    "AnomalyError",
    "Array",
    "CubicSpline",
    "CycleError",
    "DomainError",
    "DomainWarning",
    "GraphWarning",
    "PchipInterpolator",
    "Scalar",
    "TracingError",
    "Value",
    "abs_slope",
    "acos",
    "acosh",
    "add",
    "array",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "cbrt",
    "ceil",
    "check_grad",
    "checkpoint",
    "clip",
    "compiled",
    "config",
    "copysign",
    "cos",
    "cosh",
    "custom",
    "derivative",
    "detach",
    "detect_anomaly",
    "digamma",
    "div",
    "dot",
    "draw",
    "draw_dot",
    "elu",
    "empty",
    "empty_like",
    "entr",
    "equal",
    "erf",
    "erfc",
    "erfcx",
    "errstate",
    "exp",
    "exp2",
    "exp_neg_square",
    "exp_sub",
    "expit",
    "explain_nan",
    "expm1",
    "eye",
    "floor",
    "floordiv",
    "full",
    "full_like",
    "gamma",
    "gelu",
    "gelu_slope",
    "grad",
    "grade",
    "graph",
    "greater",
    "greater_equal",
    "group",
    "hessian",
    "hvp",
    "hypot",
    "interop",
    "interp",
    "interp2",
    "jacobian",
    "jit",
    "jvp",
    "leaky_relu",
    "least_squares",
    "less",
    "less_equal",
    "lgamma",
    "linalg",
    "log",
    "log1mexp",
    "log1p",
    "log2",
    "log10",
    "log_expit",
    "log_ndtr",
    "log_norm_cdf",
    "log_sigmoid",
    "log_softmax",
    "logaddexp",
    "logit",
    "logsumexp",
    "maximum",
    "mean",
    "minimize",
    "minimum",
    "mod",
    "mul",
    "ndtr",
    "neg",
    "nn",
    "norm",
    "norm_cdf",
    "norm_pdf",
    "not_equal",
    "ones",
    "ones_like",
    "optim",
    "partials",
    "play",
    "plot",
    "polygamma",
    "primitive",
    "prod",
    "quiz",
    "record",
    "rel_entr",
    "relu",
    "root",
    "scalars",
    "sigmoid",
    "sign",
    "silu",
    "silu_slope",
    "sin",
    "sinh",
    "softmax",
    "softplus",
    "sqrt",
    "square",
    "sub",
    "take",
    "tan",
    "tanh",
    "total",
    "trace",
    "value_and_grad",
    "values",
    "vjp",
    "vmap",
    "where",
    "xlog1py",
    "xlogy",
    "zeros",
    "zeros_like",
]


def __getattr__(name: str) -> Any:
    if name in TABLE:  # operations that type checkers do not see above exist all the same
        return TABLE[name]
    if name not in _LAZY:
        raise AttributeError(f"module 'glassgrad' has no attribute {name!r}")
    from importlib import import_module

    module = import_module(_LAZY[name])
    found = globals()[name] = module if name in ("interop", "linalg", "nn", "optim") else getattr(module, name)
    return found


def __dir__() -> list[str]:
    """The public names only, for tab completion; subpackages such as `glassgrad.core` are private."""
    return sorted({*__all__, *TABLE, "__all__", "__doc__", "__file__", "__name__", "__path__", "__version__"})


class _Package(ModuleType):
    """This package. Its attributes `draw` and `plot` stay functions, although modules of these names exist.

    When Python imports such a module, it sets it as an attribute of the package.
    """

    def __setattr__(self, name: str, value: Any) -> None:
        if name in ("draw", "plot") and isinstance(value, ModuleType):
            value = getattr(value, name)
        super().__setattr__(name, value)

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        """Pickle by name, as cloudpickle does with plain modules: functions in a notebook refer to this one."""
        from importlib import import_module

        return import_module, (self.__name__,)


sys.modules[__name__].__class__ = _Package
