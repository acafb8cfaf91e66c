"""The messages of `TracingError`: why a node's value may not leave its graph, and what to write instead."""

from __future__ import annotations

import re
import sys
from types import FrameType
from typing import Any

from glassgrad.core import functions
from glassgrad.core.op import TABLE
from glassgrad.support.frames import Asked, asked, is_a_library, line_of, users_line
from glassgrad.support.naming import quoted, said

__all__ = [
    "MAKERS",
    "OF_COLUMNS",
    "SPELLED",
    "counterpart",
    "elsewhere",
    "explained",
    "frozen",
    "linear_function",
    "lost",
    "no_operation",
    "text_while_traced",
    "ufunc_name",
]

STEERS = (
    "pass a whole number as an int (3, not 3.0), which may be an index or a count, or fix it with functools.partial"
)
INDEX = "x as an index or a count (x[i], range(x))"
HASH = "x in a set, or as a key"
# The advice for each way to take a value out of the graph.
CURES = {
    "float(x)": "use glassgrad's functions on x itself (gg.sin, not math.sin)",
    "int(x)": f"use gg.floor(x), or {STEERS}",
    "copy(x)": "use x itself, because computing with a node never changes it",
    "round(x)": "use np.round(x), whose derivative is 0",
    INDEX: STEERS,
    HASH: "compare with ==, or look x up in a list; if it is an integer, int(x) may be a key",
    "x.data": "use x itself, or gg.detach(x) for a value without its derivative",
}
# SciPy's and NumPy's words for an array of dtype object that they do not take.
OF_OBJECTS = re.compile(r"object|dtype\('O'\)|No matching signature|safely coerced|complex 1j")
OTHERWISE = "leave it out of the compiled function, or run the function uncompiled"
# The names of other libraries' functions, with the names of ours.
ALIASES = {
    "gammaln": "lgamma", "loggamma": "lgamma", "psi": "digamma", "expit": "sigmoid", "log_expit": "log_sigmoid",
    "ndtr": "norm_cdf", "log_ndtr": "log_norm_cdf", "fabs": "abs", "absolute": "abs", "power": "pow",
    "arcsin": "asin", "arccos": "acos", "arctan": "atan", "arctan2": "atan2", "arcsinh": "asinh", "arccosh": "acosh",
    "arctanh": "atanh", "fsum": "total", "sum": "total", "fmod": "mod", "remainder": "mod", "subtract": "sub",
    "multiply": "mul", "divide": "div", "true_divide": "div", "negative": "neg",
}  # fmt: skip
SPELLED = {  # Replacements for functions that are spelled otherwise in glassgrad, or with Python's operators.
    "pow": "x ** y",
    "fabs": "abs(x)",
    "fmod": "x % y",
    "ldexp": "x * 2.0 ** i",
    "fsum": "gg.total(nodes)",
    "fmean": "sum(nodes) / len(nodes)",
    "sumprod": "sum(a * b for a, b in zip(p, q))",
    "dist": "gg.sqrt(sum((a - b) ** 2 for a, b in zip(p, q)))",
    "factorial": "gg.gamma(x + 1)",
    "comb": "gg.exp(gg.lgamma(n + 1) - gg.lgamma(k + 1) - gg.lgamma(n - k + 1))",
    "perm": "gg.exp(gg.lgamma(n + 1) - gg.lgamma(n - k + 1))",
    "modf": "np.modf(x)",
    "remainder": "x - np.round(x / y) * y",
    "fma": "x * y + z",
    "degrees": "x * (180 / math.pi)",
    "radians": "x * (math.pi / 180)",
}
# For a function of one of these modules, the messages suggest ours of the same name.
MATHS = {"math", "np", "numpy", "scipy", "special", "sp", "sc", "jnp", "jax", "torch", "statistics", "cupy", "autograd"}
# The names of our linear algebra, and the usual names of the modules whose functions it stands for.
LINALG = frozenset(
    "cho_factor cho_solve cholesky cond det eigh eigvalsh expm inv lstsq lu matrix_norm matrix_power matrix_rank "
    "multi_dot norm pinv qr slogdet solve solve_triangular svd svdvals tensorinv tensorsolve trace vector_norm".split()
)
LINEAR = {"linalg", "la", "sl", "sla", "slinalg", "splinalg", "spla"}
# What to write instead of functions of NumPy that make arrays of floats, and so convert nodes.
MAKERS = {
    **dict.fromkeys(["array", "asarray", "asanyarray", "ascontiguousarray"], "leave the dtype out, or use gg.array"),
    "fromiter": "use gg.array(list(...)), which keeps nodes",
    "full": "leave the dtype out, or use gg.full",
    "full_like": "use gg.full_like, which keeps nodes",
    "fill": "make the array with gg.full, which keeps nodes",
    "astype": "use the array of nodes itself",
    "arange": "compute with nodes outside, as in start + step * np.arange(n)",
}

# These methods of a column of pandas convert its nodes.
REDUCTIONS = {"mean", "std", "var", "median", "sem"}
OF_COLUMNS = "reduce the column's array, as in x.to_numpy().mean(), which keeps derivatives"


def frozen(what: str, node: Any, function: str) -> str:
    """Why ``what`` is not allowed for ``node`` while ``function`` (its name in messages) is traced for compilation."""
    here = asked()
    return (
        f"{here.line}: {_shown(what, here)} would freeze the value of {quoted(node)} into the code compiled from "
        f"{function}: {_cure(what, here) or OTHERWISE}"
    )


def explained(error: BaseException, function: str) -> str:
    """What an error of another library means, if it arose because the arguments of ``function`` are nodes; else ""."""
    return _replaced(error) or _by_index(error, function) or _by_scipy(error, function)


def _replaced(error: BaseException) -> str:
    """Return the message of our own error, if another library caught it and raised ``error`` instead; else ""."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None or not is_a_library(trace.tb_frame.f_globals) or _is_ours(error):
        return ""
    cause = error.__cause__ or error.__context__
    while cause is not None and not _is_ours(cause):
        cause = cause.__cause__ or cause.__context__
    return "" if cause is None else str(cause)


def _is_ours(error: BaseException) -> bool:
    return type(error).__name__ == "TracingError" and type(error).__module__.startswith("glassgrad")


def _by_index(error: BaseException, function: str) -> str:
    if isinstance(error, IndexError) and str(error).startswith("arrays used as indices must be"):
        return (
            f"{line_of(error)}: NumPy cannot index an array by an array of nodes, which {function} gets while "
            "it is compiled or differentiated: write gg.take(rows, i)"
        )
    if not isinstance(error, IndexError) or not str(error).startswith("only integers, slices"):
        return ""
    return (
        f"{line_of(error)}: an array's index must be a whole number, but a float argument of {function} is a node "
        f"while it is compiled or differentiated: {STEERS}"
    )


def _by_scipy(error: BaseException, function: str) -> str:
    if not isinstance(error, (TypeError, ValueError)) or not OF_OBJECTS.search(str(error)):
        return ""
    if type(error).__module__.startswith("glassgrad"):
        return ""
    trace = error.__traceback__
    while trace is not None:
        name = linear_function(trace.tb_frame)
        if name:
            return f"{line_of(error)}: {_no_nodes(name)} (the arguments of {function} are nodes here)"
        trace = trace.tb_next
    return ""


def linear_function(frame: FrameType) -> str:
    """Return the name of a function of SciPy's or NumPy's linear algebra whose code runs in ``frame``, or ""."""
    module, name = str(frame.f_globals.get("__name__", "")), frame.f_code.co_name
    for library, short in (("scipy.linalg.", "scipy.linalg"), ("numpy.linalg.", "np.linalg")):
        if module.startswith(library) and not name.startswith(("_", "<")):
            return f"{short}.{name}"
    return ""


def elsewhere(what: str, node: Any, function: str) -> str:
    """Why ``what`` is not allowed for ``node`` in a thread other than the one that traces ``function``."""
    here = asked()
    return (
        f"{here.line}: {_shown(what, here)} uses {quoted(node)} in a second thread while {function} is being compiled: "
        "tracing follows one thread only, so write a plain loop (gg.vmap itself runs its lanes on several threads)"
    )


def lost(what: str, node: Any, variable: Any) -> str:
    """Why ``what`` is not allowed for ``node`` while a derivative with respect to ``variable`` is being computed."""
    here = asked()
    cure = _cure(what, here)
    if cure is None or not _stores(what, here):
        number = "and x.data if you want only the number"
        general = f"use glassgrad's functions (gg.sin, not math.sin), {number}"
        if cure is None or "gg.sin, not" in cure:
            cure = general
        else:
            cure = f"{cure}, {number}" if "gg.sin" in cure else f"{cure}; otherwise {general}"
    return (
        f"{here.line}: {_shown(what, here)} takes {said(node)!r} out of the graph while {said(variable)!r} is being "
        f"differentiated, so its derivative would be lost: {cure}"
    )


def text_while_traced(node: Any) -> str:
    """The text of ``node`` while a function is traced for compilation. It does not depend on the node's value, so
    nothing computed from the text does either."""
    return f"{said(node)} (traced)"


def _shown(what: str, here: Asked) -> str:
    if not here.text:
        return what
    if _stores(what, here):
        return f"storing into {here.text}"
    return here.text if what not in (INDEX, HASH) else f"{here.text} ({what.partition(' (')[0]})"


def _stores(what: str, here: Asked) -> bool:
    return what == "float(x)" and here.kind == "store"


def _cure(what: str, here: Asked) -> str | None:
    if _stores(what, here):
        return "an array of floats cannot hold nodes, so make it with gg.zeros or np.zeros_like(x), or use a list"
    if what in ("float(x)", "int(x)", INDEX) and here.kind == "percent":
        return "write an f-string instead of %, such as f'{x:.3f}'"
    if what == "float(x)" and here.callee:
        return _cure_of_call(here.callee)
    if what == INDEX and here.callee.startswith("math.") and here.callee[5:] in SPELLED:
        return f"write {SPELLED[here.callee[5:]]} instead"
    return CURES.get(what)


def _cure_of_call(callee: str) -> str:
    if callee == "float":
        return CURES["float(x)"]
    library, _, name = callee.rpartition(".")
    known = not library or library.partition(".")[0] in MATHS
    if known and library == "math" and name in SPELLED:
        return f"write {SPELLED[name]} instead of {callee}"
    ours = counterpart(name, not library or library.rpartition(".")[2] in LINEAR)
    if ours and (known or ours.startswith("linalg.")):
        return f"write gg.{ours} instead of {callee}"
    if name in MAKERS:
        return MAKERS[name]
    if name.startswith("float"):  # np.float64
        return "use x itself, which computes in float64"
    if name.startswith("complex"):
        return "glassgrad differentiates real numbers only, so compute the real and the imaginary part separately"
    if name in ("isnan", "isfinite", "isinf", "isclose"):
        return "compare instead (x != x is true only for nan; abs(x - y) < 1e-9 if they are close)"
    if name in REDUCTIONS:
        return OF_COLUMNS
    return (
        f"{callee} takes only floats, so use glassgrad's functions (gg.sin, not math.sin), or make it an operation "
        "with @gg.primitive"
    )


def counterpart(name: str, linear: bool = False) -> str | None:
    """The name of our function that does the same as another library's function ``name``, or None.

    Args:
        linear: whether the other library's function may belong to its linear algebra.
    """
    if linear and name in LINALG:
        return f"linalg.{name}"
    for ours in (name, ALIASES.get(name)):
        if ours in TABLE or ours in functions.__all__:
            return ours
    return None


def no_operation(name: str, cure: str = "make it an operation of your own, with @gg.primitive") -> str:
    """The message that nodes do not support ``name``, a function of another library.

    Args:
        name: the function's full name, such as ``np.linalg.solve``.
        cure: advice to give if glassgrad has no function that does the same.
    """
    return f"{users_line()}: {_no_nodes(name, cure)}"


def _no_nodes(name: str, cure: str = "make it an operation of your own, with @gg.primitive") -> str:
    module, _, last = name.rpartition(".")
    ours = counterpart(last, "linalg" in module)
    return (
        f"nodes do not support {name}: {f'write gg.{ours} instead' if ours else cure}, "
        f"or {name}(gg.values(x)) for the numbers alone, without derivatives"
    )


def ufunc_name(ufunc: Any) -> str:
    """The name under which users know a ufunc: ``np.sin``, ``scipy.special.erf``."""
    name: str = ufunc.__name__
    for module, short in (("numpy", "np"), ("scipy.special", "scipy.special")):
        if getattr(sys.modules.get(module), name, None) is ufunc:
            return f"{short}.{name}"
    return name
