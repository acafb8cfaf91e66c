"""SciPy's solvers on plain functions: `minimize`, `least_squares` and `root`, compiled, with exact derivatives.

Each is SciPy's function of the same name, with its arguments, methods, options and results. It compiles the user's
function (with `glassgrad.jit`), and the derivatives that the method uses, unless the user passes them. And x may be
nested (`flat`).
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from glassgrad.core.op import describe
from glassgrad.interop.flat import Flat, Start, flattened, number, numbers
from glassgrad.transforms.api import hessian, hvp, jacobian, value_and_grad
from glassgrad.transforms.tracing import Function

if TYPE_CHECKING:
    from scipy.optimize import OptimizeResult

__all__ = ["least_squares", "minimize", "root"]

# The derivatives that the methods of SciPy's minimize use. All others, the default ones too, use only the gradient.
VALUES_ALONE = {"nelder-mead", "powell", "cobyla", "cobyqa"}
HESSIANS_ALONE = {"dogleg", "trust-exact"}
HESSIANS_OR_PRODUCTS = {"newton-cg", "trust-ncg", "trust-krylov", "trust-constr"}

ROOT_BY_JACOBIAN = {"hybr", "lm"}  # The methods of SciPy's root that use the Jacobian.

MANY = 20  # With more variables than this, compiling the dense Hessian takes several times as long as its product.


def minimize(
    fun: Function,
    x0: Any,
    args: Any = (),
    method: str | Callable[..., Any] | None = None,
    jac: Any = None,
    hess: Any = None,
    hessp: Function | None = None,
    bounds: Any = None,
    constraints: Any = (),
    tol: float | None = None,
    callback: Callable[..., Any] | None = None,
    options: Mapping[str, Any] | None = None,
    *,
    progress: bool = False,
) -> OptimizeResult:
    """As `scipy.optimize.minimize`, but ``fun`` is compiled, and so are the derivatives that the method uses.

    Nelder-Mead, Powell, COBYLA and COBYQA use only values. BFGS, L-BFGS-B, CG, TNC and SLSQP use value and gradient,
    which one call computes. dogleg and trust-exact also use the Hessian. Newton-CG, trust-ncg, trust-krylov and
    trust-constr use the Hessian, or its product with a vector if there are more than 20 variables.

    Args:
        fun: a plain function whose result is one number.
        x0: the starting point. ``fun`` receives x in the same form: a number; an array of any shape; or numbers and
            arrays in nested lists, tuples and dicts. But a list or tuple that holds only numbers becomes an array.
        args: further arguments of ``fun``, ``jac``, ``hess`` and ``hessp``. Floats and arrays of floats are inputs of
            the compiled code, as for `jit`. All others (whole numbers, strings, functions) are fixed in it.
        method, tol, callback, options: as in SciPy; the callback receives the flat x.
        jac, hess, hessp: your own derivatives, instead of the compiled ones. They receive x in the form of ``x0``.
            ``jac`` returns a gradient, flat or nested; ``hess`` returns a matrix; ``hessp`` also receives the vector,
            nested, and returns its product, flat or nested. SciPy's other values work too: ``False`` or ``"2-point"``
            for finite differences, a `scipy.optimize.BFGS`. With ``jac=True``, ``fun`` returns ``(value, gradient)``
            and is not compiled again. Use that for many problems that differ only in ``args``: compile once with
            ``gg.jit(gg.value_and_grad(f))``.
        bounds: as in SciPy, in the order of the result's ``x``: dicts by sorted keys, arrays row by row.
        constraints: as in SciPy. Their functions receive x in the form of ``x0``, and are compiled. So are their
            Jacobians, and for trust-constr their Hessians, if the constraint has SciPy's defaults (differences, BFGS).
        progress: whether to show a progress bar that counts the calls of ``fun`` and shows its latest value.

    Returns:
        SciPy's OptimizeResult, with ``x`` flat; its ``tree`` has x in the form of ``x0``.

    Raises:
        TypeError: ``x0`` holds anything but numbers, or ``fun`` returns anything but one number.
        TracingError: ``fun`` cannot be compiled; the message names the line and the cure.
        ValueError: there is no such method, or ``x0`` holds no number.
        ImportError: SciPy is not installed.

    Example:
        >>> import glassgrad as gg
        >>> def rosenbrock(x):
        ...     return sum(100 * (b - a * a) ** 2 + (1 - a) ** 2 for a, b in zip(x, x[1:]))
        >>> result = gg.minimize(rosenbrock, [-1.2, 1.0, 1.0], method="Newton-CG")
        >>> result.success, result.x.round(4)
        (True, array([1., 1., 1.]))
        >>> def misfit(p, target):
        ...     return (p["scale"] * 2.0 + p["shift"] - target) ** 2 + p["shift"] ** 2
        >>> result = gg.minimize(misfit, {"scale": 0.0, "shift": 1.0}, args=(6.0,))
        >>> {name: round(value, 4) + 0.0 for name, value in result.tree.items()}
        {'scale': 3.0, 'shift': 0.0}
    """
    optimize, start = _scipy("gg.minimize"), Start(x0, "gg.minimize")
    kind = "custom" if callable(method) else str(method).lower()
    flat = Flat(fun, start, number, "gg.minimize", args)
    if jac is True:
        objective = _own_pair(flat, flattened)
        flat = Flat(lambda *args: fun(*args)[0], start, number, "gg.minimize", args)
    elif jac is None and kind not in VALUES_ALONE:
        objective, jac = flat.derived(value_and_grad), True
    else:
        objective = flat.value()
        if callable(jac):
            slope = flat.own(jac)
            jac = lambda x: flattened(slope(x))
    if hess is None and hessp is None:
        hess, hessp = _curvature(flat, kind)
    else:
        hess = flat.own(hess) if callable(hess) else hess
        if hessp is not None:
            product = flat.own(hessp)
            hessp = lambda x, p: flattened(product(x, start.nested(p)))
    limits = options or {}
    with _watched(objective, "minimize", progress, limits.get("maxfev") or limits.get("maxfun"), float) as watched:
        result = optimize.minimize(
            watched,
            start.flat,
            method=method,
            jac=jac,
            hess=hess,
            hessp=hessp,
            bounds=bounds,
            constraints=_constraints(constraints, start, kind),
            tol=tol,
            callback=callback,
            options=options,
        )
    return _with_tree(result, start)


def least_squares(
    fun: Function,
    x0: Any,
    jac: Any = None,
    bounds: Any = (-np.inf, np.inf),
    method: str = "trf",
    *,
    args: Any = (),
    kwargs: Mapping[str, Any] | None = None,
    progress: bool = False,
    **options: Any,
) -> OptimizeResult:
    """As `scipy.optimize.least_squares`, but ``fun`` and its Jacobian are compiled.

    Args:
        fun: a plain function that returns the residuals: an array, or numbers and arrays in nested lists, tuples and
            dicts. The size of the compiled code grows with the number of residuals. For very many, pass a ``gg.vmap``
            of one residual, and a ``gg.vmap`` of its gradient as ``jac``; these are compiled already, and are called
            as they are.
        x0: as for `minimize`.
        jac: your own Jacobian, instead of the compiled one. It receives x in the form of ``x0``, and returns a matrix.
            Or ``"2-point"`` or ``"3-point"`` for finite differences.
        bounds, method: as in SciPy.
        args, kwargs: further arguments of ``fun`` and ``jac``, as for `minimize`.
        progress: as for `minimize`; the bar shows the cost, half the sum of squares.
        options: all other arguments of SciPy's function: ``loss``, ``f_scale``, ``x_scale``, ``ftol``, ``max_nfev``, …

    Returns:
        SciPy's OptimizeResult, with ``x``, ``fun`` and ``jac`` flat; its ``tree`` has x in the form of ``x0``.

    Raises:
        TypeError: ``x0`` holds anything but numbers, or ``fun`` returns anything but numbers.
        TracingError, ValueError, ImportError: as for `minimize`.

    Example:
        >>> import numpy as np, glassgrad as gg
        >>> t = np.array([0.0, 1.0, 2.0, 3.0])
        >>> y = np.array([3.0, 1.5, 1.0, 0.75])
        >>> result = gg.least_squares(lambda p, t, y: p[0] / (p[1] + t) - y, [1.0, 2.0], args=(t, y))
        >>> result.x.round(6)
        array([3., 1.])
        >>> result.njev, result.nfev
        (6, 6)
    """
    optimize, start = _scipy("gg.least_squares"), Start(x0, "gg.least_squares")
    flat = Flat(fun, start, numbers, "gg.least_squares", args, kwargs)
    if jac is None:
        jac = flat.derived(jacobian)
    elif callable(jac):
        jac = flat.own(jac)
    total = options.get("max_nfev")
    with _watched(
        flat.value(), "least_squares", progress, total, lambda residuals: residuals @ residuals / 2
    ) as watched:
        result = optimize.least_squares(watched, start.flat, jac=jac, bounds=bounds, method=method, **options)
    return _with_tree(result, start)


def root(
    fun: Function,
    x0: Any,
    args: Any = (),
    method: str = "hybr",
    jac: Any = None,
    tol: float | None = None,
    callback: Callable[..., Any] | None = None,
    options: Mapping[str, Any] | None = None,
    *,
    progress: bool = False,
) -> OptimizeResult:
    """As `scipy.optimize.root`, but ``fun`` is compiled, and for the methods hybr and lm also its Jacobian.

    Args:
        fun: a plain function whose result, an array or a structure, has as many numbers as x.
        x0, args: as for `minimize`.
        method, tol, callback, options: as in SciPy; the callback receives flat arrays.
        jac: your own Jacobian, instead of the compiled one. It receives x in the form of ``x0``, and returns a matrix.
            ``False`` means finite differences. ``True`` means that ``fun`` returns ``(values, jacobian)``, and is not
            compiled again.
        progress: as for `minimize`; the bar shows the largest absolute value.

    Returns:
        SciPy's OptimizeResult, with ``x`` and ``fun`` flat; its ``tree`` has x in the form of ``x0``.

    Raises:
        TypeError: ``x0`` holds anything but numbers, or ``fun`` returns anything else, or fewer or more numbers.
        TracingError, ValueError, ImportError: as for `minimize`.

    Example:
        >>> import glassgrad as gg
        >>> def circle_meets_parabola(x, radius):
        ...     return [x[0] ** 2 + x[1] ** 2 - radius**2, x[1] - x[0] ** 2]
        >>> gg.root(circle_meets_parabola, [1.0, 1.0], args=(6.0**0.5,)).x.round(6)
        array([1.414214, 2.      ])
        >>> round(gg.root(lambda x: x * x - 2, 1.0).tree, 6)
        1.414214
    """
    optimize, start = _scipy("gg.root"), Start(x0, "gg.root")
    flat = Flat(fun, start, numbers, "gg.root", args)
    if jac is True:
        objective = _own_pair(flat, np.asarray)
    else:
        objective = flat.value()
        if jac is None and str(method).lower() in ROOT_BY_JACOBIAN:
            jac = flat.derived(jacobian)
        elif callable(jac):
            jac = flat.own(jac)
    total = (options or {}).get("maxfev")
    with _watched(objective, "root", progress, total, lambda values: abs(values).max()) as watched:
        result = optimize.root(watched, start.flat, method=method, jac=jac, tol=tol, callback=callback, options=options)
    return _with_tree(result, start)


def _scipy(solver: str) -> Any:
    try:
        from scipy import optimize
    except ImportError as error:
        raise ImportError(f"{solver} needs SciPy: pip install glassgrad[scipy]") from error
    return optimize


def _with_tree(result: OptimizeResult, start: Start) -> OptimizeResult:
    result.tree = start.nested(result.x)
    return result


def _own_pair(flat: Flat, derivative: Callable[[Any], Any]) -> Function:
    """The user's function that returns a value and a derivative, both converted for SciPy."""
    own = flat.own(flat.fun)

    def pair(x: Any) -> tuple[Any, Any]:
        result = own(x)
        if not isinstance(result, (tuple, list)) or len(result) != 2:
            raise TypeError(f"with jac=True the function must return (value, derivative), got {describe(result)}")
        return flat.result(result[0]), derivative(result[1])

    return pair


def _curvature(flat: Flat, kind: str) -> tuple[Function | None, Function | None]:
    """The Hessian and its product with a vector; None for each that the method does not use."""
    if kind == "custom":
        return flat.derived(hessian), flat.derived(hvp)
    if kind in HESSIANS_ALONE or (kind in HESSIANS_OR_PRODUCTS and flat.start.flat.size <= MANY):
        return flat.derived(hessian), None
    return None, flat.derived(hvp) if kind in HESSIANS_OR_PRODUCTS else None


def _constraints(constraints: Any, start: Start, kind: str) -> list[Any]:
    """SciPy's constraints, with their functions compiled, and with the derivatives that the method uses."""
    from scipy.optimize import LinearConstraint, NonlinearConstraint

    if isinstance(constraints, (Mapping, LinearConstraint, NonlinearConstraint)):
        constraints = [constraints]
    made = []
    for constraint in constraints:
        if isinstance(constraint, Mapping) and "fun" in constraint:
            made.append(_from_dict(constraint, start, kind))
        elif isinstance(constraint, NonlinearConstraint):
            made.append(_from_object(constraint, start, kind))
        else:
            made.append(constraint)
    return made


def _from_dict(constraint: Mapping[str, Any], start: Start, kind: str) -> Any:
    from scipy.optimize import NonlinearConstraint

    flat = Flat(constraint["fun"], start, numbers, "gg.minimize", tuple(constraint.get("args", ())))
    made = {key: value for key, value in constraint.items() if key != "args"} | {"fun": flat.value()}
    if constraint.get("jac") is None and kind not in VALUES_ALONE:
        made["jac"] = flat.derived(jacobian)
    elif callable(constraint.get("jac")):
        made["jac"] = flat.own(constraint["jac"])
    if kind == "trust-constr" and constraint.get("type") in ("eq", "ineq"):  # a dict cannot hold a Hessian
        upper = 0 if constraint["type"] == "eq" else np.inf
        return NonlinearConstraint(made["fun"], 0, upper, jac=made["jac"], hess=_weighted_hessian(flat))
    return made


def _from_object(constraint: Any, start: Start, kind: str) -> Any:
    from scipy.optimize import BFGS

    flat = Flat(constraint.fun, start, numbers, "gg.minimize")
    made = copy.copy(constraint)
    made.fun = flat.value()
    by_default = constraint.jac == "2-point" and constraint.finite_diff_jac_sparsity is None
    if by_default and kind not in VALUES_ALONE:
        made.jac = flat.derived(jacobian)
    elif callable(constraint.jac):
        made.jac = flat.own(constraint.jac)
    if type(constraint.hess) is BFGS and kind == "trust-constr":
        made.hess = _weighted_hessian(flat)
    elif callable(constraint.hess):
        made.hess = flat.own(constraint.hess)
    return made


def _weighted_hessian(flat: Flat) -> Function:
    """The Hessian of the weighted sum of the results, as a function of x and the weights."""
    from scipy.sparse.linalg import LinearOperator

    size = flat.start.flat.size
    if size <= MANY:
        return flat.derived(lambda g: lambda x, weights: hessian(lambda z: weights @ g(z))(x))
    product = flat.derived(lambda g: lambda x, p, weights: hvp(lambda z: weights @ g(z), x, p))
    return lambda x, weights: LinearOperator((size, size), matvec=lambda p: product(x, p.ravel(), weights))


@contextmanager
def _watched(
    fun: Function, name: str, progress: bool, total: int | None, measure: Callable[[Any], float]
) -> Iterator[Function]:
    """Yield ``fun``; if ``progress``, with a bar that counts its calls and shows the measure of its latest result."""
    if not progress:
        yield fun
        return
    from tqdm.auto import tqdm

    with tqdm(desc=name, total=total, unit=" calls", dynamic_ncols=True) as bar:

        def watched(x: Any) -> Any:
            result = fun(x)
            value = result[0] if isinstance(result, tuple) else result  # a tuple also has the derivative
            bar.set_postfix_str(f"{measure(value):.6g}", refresh=False)
            bar.update()
            return result

        yield watched
