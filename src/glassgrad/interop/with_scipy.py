"""SciPy's solvers on plain functions: `minimize`, `least_squares` and `root`, compiled, with exact derivatives.

Each is SciPy's function of that name, with its arguments, methods, options and results. What it adds: the function is
compiled (`glassgrad.jit`), so are the derivatives that the method works with, unless they are given, and x may be
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

# What the methods of SciPy's minimize work with; all others, its default ones too, with the gradient alone.
VALUES_ALONE = {"nelder-mead", "powell", "cobyla", "cobyqa"}
HESSIANS_ALONE = {"dogleg", "trust-exact"}
HESSIANS_OR_PRODUCTS = {"newton-cg", "trust-ncg", "trust-krylov", "trust-constr"}

ROOT_BY_JACOBIAN = {"hybr", "lm"}

MANY = 20  # variables: to compile a dense Hessian of more takes several times as long as its product with a vector


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
    """`scipy.optimize.minimize`, with ``fun`` compiled and the derivatives that the method works with.

    Nelder-Mead, Powell, COBYLA and COBYQA get values alone; BFGS, L-BFGS-B, CG, TNC and SLSQP value and gradient from
    one call; dogleg and trust-exact the Hessian, too; Newton-CG, trust-ncg, trust-krylov and trust-constr the Hessian,
    or its product with a vector where there are more than 20 variables.

    Args:
        fun: a plain function with one number as its result.
        x0: where to start, and what ``fun`` gets: a number; an array of any shape; a list or tuple of numbers, which
            reaches ``fun`` as an array; or numbers and arrays in nested lists, tuples and dicts.
        args: further arguments of ``fun``, ``jac``, ``hess``, ``hessp``. Floats and arrays of floats are inputs of the
            compiled code, as for `jit`; all else (whole numbers, text, functions) is bound.
        method, tol, callback, options: as in SciPy; the callback gets the flat x.
        jac, hess, hessp: derivatives of your own, instead of compiled ones, or what SciPy takes in their place
            (``False`` or ``"2-point"`` for differences; a `scipy.optimize.BFGS`). They get x nested as ``fun`` does;
            ``jac`` returns a gradient flat or nested, ``hess`` a matrix, and ``hessp``, which gets the vector nested,
            too, its product flat or nested. With ``jac=True`` ``fun`` returns ``(value, gradient)`` and is called as
            it is: compile it once by ``gg.jit(gg.value_and_grad(f))`` for many problems that differ in ``args``.
        bounds: as in SciPy, in the order of the result's ``x``: dicts by sorted keys, arrays row by row.
        constraints: as in SciPy. Their functions get x nested and are compiled, and so are their Jacobians, and for
            trust-constr their Hessians, where a constraint leaves them at SciPy's defaults (differences, BFGS).
        progress: whether to show a progress bar, which counts calls of ``fun`` and shows its latest value.

    Returns:
        SciPy's OptimizeResult, ``x`` flat; its ``tree`` is ``x`` nested as ``x0`` is.

    Raises:
        TypeError: ``x0`` holds something else than numbers, or ``fun`` returns something else than one number.
        TracingError: ``fun`` cannot be compiled; the message has the line and the cure.
        ValueError: there is no such method, or ``x0`` holds no number.
        ImportError: SciPy is missing.

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
    """`scipy.optimize.least_squares`, with ``fun`` compiled, and its Jacobian.

    Args:
        fun: a plain function whose results are the residuals: an array, or numbers and arrays in nested lists, tuples
            and dicts. For very many of them, which would be as much code, hand over a ``gg.vmap`` of one residual, and
            as ``jac`` a ``gg.vmap`` of its gradient: what is compiled already is called as it is.
        x0: as for `minimize`.
        jac: a Jacobian of your own, instead of the compiled one, or ``"2-point"``, ``"3-point"`` for differences. It
            gets x nested as ``fun`` does, and returns a matrix.
        bounds, method: as in SciPy.
        args, kwargs: further arguments of ``fun`` and ``jac``, as for `minimize`.
        progress: as for `minimize`; it shows the cost, half of the sum of squares.
        options: all else that SciPy takes: ``loss``, ``f_scale``, ``x_scale``, ``ftol``, ``max_nfev`` …

    Returns:
        SciPy's OptimizeResult, ``x``, ``fun`` and ``jac`` flat; its ``tree`` is ``x`` nested as ``x0`` is.

    Raises:
        TypeError: ``x0`` holds something else than numbers, or ``fun`` returns something else.
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
    """`scipy.optimize.root`, with ``fun`` compiled, and its Jacobian for the methods that work with it, hybr and lm.

    Args:
        fun: a plain function with as many numbers in its results, an array or a structure, as there are in x.
        x0, args: as for `minimize`.
        method, tol, callback, options: as in SciPy; the callback gets what SciPy gives it, flat.
        jac: a Jacobian of your own, instead of the compiled one; it gets x nested as ``fun`` does, and returns a
            matrix. ``False``: differences. ``True``: ``fun`` returns ``(values, jacobian)``, and is called as it is.
        progress: as for `minimize`; it shows the largest of the values, without sign.

    Returns:
        SciPy's OptimizeResult, ``x`` and ``fun`` flat; its ``tree`` is ``x`` nested as ``x0`` is.

    Raises:
        TypeError: ``x0`` holds something else than numbers, or ``fun`` returns something else, or fewer or more.
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
    """The user's function that returns its value and its derivative, both made as SciPy wants them."""
    own = flat.own(flat.fun)

    def pair(x: Any) -> tuple[Any, Any]:
        result = own(x)
        if not isinstance(result, (tuple, list)) or len(result) != 2:
            raise TypeError(f"with jac=True the function returns (value, derivative), but it gave {describe(result)}")
        return flat.result(result[0]), derivative(result[1])

    return pair


def _curvature(flat: Flat, kind: str) -> tuple[Function | None, Function | None]:
    """The Hessian and its product with a vector, or that of the two that the method is to work with."""
    if kind == "custom":
        return flat.derived(hessian), flat.derived(hvp)
    if kind in HESSIANS_ALONE or (kind in HESSIANS_OR_PRODUCTS and flat.start.flat.size <= MANY):
        return flat.derived(hessian), None
    return None, flat.derived(hvp) if kind in HESSIANS_OR_PRODUCTS else None


def _constraints(constraints: Any, start: Start, kind: str) -> list[Any]:
    """SciPy's constraints with the functions in them compiled, and with the derivatives that the method works with."""
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
    if kind == "trust-constr" and constraint.get("type") in ("eq", "ineq"):  # a dict has no place for the Hessian
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
    """The Hessian of the sum of the results, each times its weight, as a function of x and the weights."""
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
    """``fun``, with a progress bar, if wanted, that counts its calls and shows the measure of its latest result."""
    if not progress:
        yield fun
        return
    from tqdm.auto import tqdm

    with tqdm(desc=name, total=total, unit=" calls", dynamic_ncols=True) as bar:

        def watched(x: Any) -> Any:
            result = fun(x)
            value = result[0] if isinstance(result, tuple) else result  # with its derivative, or alone
            bar.set_postfix_str(f"{measure(value):.6g}", refresh=False)
            bar.update()
            return result

        yield watched
