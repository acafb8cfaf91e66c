"""Why a node's value may not leave its graph, and what to write instead."""

from __future__ import annotations

import sys
from typing import Any

from glassgrad.core import functions
from glassgrad.core.op import TABLE
from glassgrad.support.frames import Asked, asked, line_of, users_line
from glassgrad.support.naming import quoted, said

__all__ = ["counterpart", "elsewhere", "frozen", "index", "lost", "no_operation", "text_while_traced", "ufunc_name"]

STEERS = "fix whole numbers that steer the function with functools.partial"
INDEX = "x as an index or a count (x[i], range(x))"
HASH = "x in a set, or as a key"
CURES = {
    "float(x)": "use glassgrad's functions on x itself (gg.sin, not math.sin)",
    "int(x)": f"use gg.floor(x), or {STEERS}",
    "copy(x)": "use x itself, as a node is not changed by what is computed from it",
    "round(x)": "use gg.floor(x + 0.5)",
    INDEX: STEERS,
    HASH: "compare by ==, or keep what is looked up in a list",
    "x.data": "use x itself, or gg.detach(x) for a value without its derivative",
}
OTHERWISE = "leave it out of the function that is compiled, or run that uncompiled"
ALIASES = {  # functions of other libraries, by the name that ours has
    "gammaln": "lgamma", "loggamma": "lgamma", "psi": "digamma", "expit": "sigmoid", "log_expit": "log_sigmoid",
    "ndtr": "norm_cdf", "log_ndtr": "log_norm_cdf", "fabs": "abs", "absolute": "abs", "power": "pow",
    "arcsin": "asin", "arccos": "acos", "arctan": "atan", "arctan2": "atan2", "arcsinh": "asinh", "arccosh": "acosh",
    "arctanh": "atanh", "fsum": "total", "sum": "total", "fmod": "mod", "remainder": "mod", "subtract": "sub",
    "multiply": "mul", "divide": "div", "true_divide": "div", "negative": "neg",
}  # fmt: skip
MATHS = {"math", "np", "numpy", "scipy", "special", "sp", "sc", "jnp", "jax", "torch", "statistics", "cupy", "autograd"}
ARRAYS = {"array", "asarray", "asanyarray", "ascontiguousarray", "full", "full_like", "fromiter", "astype", "fill"}


def frozen(what: str, node: Any, function: str) -> str:
    """Why ``what`` is refused of ``node`` while ``function``, as a message names it, is traced to be compiled."""
    here = asked()
    return (
        f"{here.line}: {_shown(what, here)} would freeze the value of {quoted(node)} into the code compiled from "
        f"{function}: {_cure(what, here) or OTHERWISE}"
    )


def index(error: Exception, function: str) -> str:
    """Why an array could not be indexed by a node, of which ``error`` says nothing; "" if it is another error."""
    if not isinstance(error, IndexError) or not str(error).startswith("only integers, slices"):
        return ""
    return (
        f"{line_of(error)}: arrays take only whole numbers as indices, but the arguments of {function} are nodes while "
        f"it is compiled or differentiated: {STEERS}"
    )


def elsewhere(what: str, node: Any, function: str) -> str:
    """Why ``what`` is refused of ``node`` in another thread than the one in which ``function`` is traced."""
    here = asked()
    return (
        f"{here.line}: {_shown(what, here)} uses {quoted(node)} in a second thread while {function} is being compiled: "
        "a trace follows one thread, so write a plain loop (gg.vmap runs its lanes on several threads by itself)"
    )


def lost(what: str, node: Any, variable: Any) -> str:
    """Why ``what`` is refused of ``node`` while there is a derivative by ``variable`` to be found."""
    here = asked()
    cure = _cure(what, here)
    if cure is None or not _stores(what, here):
        number = "and x.data where you do want just the number"
        general = f"use glassgrad's functions (gg.sin, not math.sin), {number}"
        if cure is None or "gg.sin, not" in cure:
            cure = general
        else:
            cure = f"{cure}, {number}" if "gg.sin" in cure else f"{cure}; in general {general}"
    return (
        f"{here.line}: {_shown(what, here)} takes {said(node)!r} out of the graph while {said(variable)!r} is being "
        f"differentiated, so its derivative would be lost: {cure}"
    )


def text_while_traced(node: Any) -> str:
    """The text of ``node`` while a function is traced to be compiled: the same whatever its value is, so that nothing
    that is made of it depends on that."""
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
        return "an array of floats holds no nodes, so make it np.zeros_like(x) of an array argument x, or use a list"
    if what in ("float(x)", "int(x)", INDEX) and here.kind == "percent":
        return "write an f-string instead of %, such as f'{x:.3f}'"
    if what == "float(x)" and here.callee:
        return _cure_of_call(here.callee)
    return CURES.get(what)


def _cure_of_call(callee: str) -> str:
    if callee == "float":
        return CURES["float(x)"]
    library, _, name = callee.rpartition(".")
    ours = counterpart(name)
    if ours and (not library or library.partition(".")[0] in MATHS):
        return f"write gg.{ours} instead of {callee}"
    if name in ARRAYS:
        return "leave the dtype out, so that the array holds the nodes themselves"
    if name.startswith("float"):  # np.float64
        return "use x itself, which is computed with as a float64"
    if name.startswith("complex"):
        return "glassgrad differentiates real numbers, so compute with the real and the imaginary part apart"
    if name in ("isnan", "isfinite", "isinf", "isclose"):
        return "compare instead (x != x is true of nan alone, abs(x - y) < 1e-9 of what is close)"
    return (
        f"{callee} knows only floats, so use glassgrad's functions (gg.sin, not math.sin), or make it an operation "
        "with @gg.primitive"
    )


def counterpart(name: str) -> str | None:
    """Our function that does what another library's function of that name does, or None."""
    for ours in (name, ALIASES.get(name)):
        if ours in TABLE or ours in functions.__all__:
            return ours
    return None


def no_operation(name: str, cure: str = "make it an operation of your own, with @gg.primitive") -> str:
    """The message that nodes have no operation ``name``, a function of another library.

    Args:
        cure: what to write instead, where glassgrad has no function that does the same.
    """
    ours = counterpart(name.rpartition(".")[2])
    return (
        f"{users_line()}: {name} is not an operation that nodes have: {f'write gg.{ours} instead' if ours else cure}, "
        f"or, for the numbers alone, without derivatives, {name}(gg.values(x))"
    )


def ufunc_name(ufunc: Any) -> str:
    """What users call a ufunc: ``np.sin``, ``scipy.special.erf``."""
    name: str = ufunc.__name__
    for module, short in (("numpy", "np"), ("scipy.special", "scipy.special")):
        if getattr(sys.modules.get(module), name, None) is ufunc:
            return f"{short}.{name}"
    return name
