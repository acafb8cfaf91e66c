"""NumPy's functions on arrays of nodes and on bare nodes (NEP 18): our own, NumPy's on the objects, or an error.

If a function only moves elements, or adds and multiplies them, NumPy's own is used: on a plain array of objects it
calls Python's operators. If a function compares elements, converts them or uses their dtype, we have our own. Any other
function raises an error, so that no derivative is lost in a function that nobody has checked.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np

from glassgrad.core.arrays import choices, derived, linear, ordering, quantiles, rows, storing, sums
from glassgrad.core.arrays.reading import has_functions
from glassgrad.core.arrays.ufuncs import float64_only, kinds, target
from glassgrad.core.arrays.wrapping import bare, elements, is_truth, truths, wrapped
from glassgrad.core.refusals import no_operation
from glassgrad.core.scalar import Scalar
from glassgrad.support.late import late

__all__ = ["apply_function"]

Function = Callable[..., Any]

# These functions only move elements.
MOVING = (
    "reshape ravel transpose permute_dims matrix_transpose swapaxes moveaxis rollaxis squeeze expand_dims atleast_1d "
    "atleast_2d atleast_3d broadcast_to broadcast_arrays concatenate concat stack unstack hstack vstack dstack "
    "column_stack block append delete split array_split hsplit vsplit dsplit flip flipud fliplr roll rot90 tile repeat "
    "resize copy take take_along_axis compress extract choose diag diagflat diagonal tril triu meshgrid trim_zeros "
    "linalg.diagonal linalg.matrix_transpose fft.fftshift fft.ifftshift lib.stride_tricks.sliding_window_view "
    "lib.stride_tricks.as_strided ix_ array_repr array_str array2string save savez savez_compressed"
).split()
# These functions add and multiply elements.
ADDING = (
    "mean var std cumsum cumprod cumulative_sum cumulative_prod ediff1d trapezoid trace dot "
    "vdot inner outer kron cross tensordot einsum einsum_path convolve correlate vander polyval polyadd polysub "
    "polymul polyder polyint poly linspace logspace geomspace real imag linalg.multi_dot linalg.trace "
    "linalg.cross linalg.outer linalg.tensordot linalg.matmul linalg.vecdot"
).split()
# These functions of ADDING return truths if they are given truths.
PRODUCTS = (
    "dot vdot inner outer kron tensordot einsum convolve correlate linalg.outer linalg.tensordot linalg.matmul "
    "linalg.vecdot"
).split()
# These functions ignore the values, or compare them with Python's operators; then each answer is a branch.
ASKING = (
    "ndim shape size shares_memory may_share_memory result_type can_cast common_type min_scalar_type isrealobj "
    "iscomplexobj real_if_close nonzero flatnonzero argwhere isin intersect1d union1d setdiff1d setxor1d unwrap "
    "unique_all unique_counts unique_inverse unique_values packbits tril_indices_from triu_indices_from "
    "diag_indices_from"
).split()


def _take(a: Any, indices: Any, axis: Any = None, out: Any = None, mode: Any = "raise") -> Any:
    """NumPy's own function, unless the indices are nodes."""
    if (
        out is None
        and mode == "raise"
        and (isinstance(indices, Scalar) or getattr(getattr(indices, "dtype", None), "kind", "") == "O")
    ):
        return rows.take(np.ravel(a) if axis is None else a, indices, 0 if axis is None else axis)
    options = {"axis": axis, "mode": mode} | ({} if out is None else {"out": out})
    return _numpys(np.take, "take", (a, indices), options)


OURS: dict[str, Function] = {
    "max": choices.largest,
    "amax": choices.largest,
    "min": choices.smallest,
    "amin": choices.smallest,
    "nanmax": choices.nanmax,
    "nanmin": choices.nanmin,
    "any": choices.any_,
    "all": choices.all_,
    "where": choices.where,
    "select": choices.select,
    "clip": choices.clip,
    "round": choices.round_,
    "around": choices.round_,
    "take": _take,
    **{name: getattr(ordering, name) for name in ordering.__all__ if name not in ("any_nan", "in_order")},
    **{name: getattr(quantiles, name) for name in quantiles.__all__},
    **derived.FUNCTIONS,
    **linear.FUNCTIONS,
    **sums.FUNCTIONS,
    **storing.FUNCTIONS,
}
MASKS = {"compress", "extract", "delete", "packbits"}  # These index by truths, so the truths must be known.


def _named(name: str) -> Any:
    here: Any = np
    for part in name.split("."):
        here = getattr(here, part, None)
    return here


OWN = {f: function for name, function in OURS.items() if (f := _named(name)) is not None}
NUMPYS = {f: name for name in [*MOVING, *ADDING, *ASKING] if (f := _named(name)) is not None}


def apply_function(function: Any, types: Collection[type], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """The implementation of ``__array_function__``: a NumPy function has a node, an `Array` or `Truths` as argument."""
    if len(types) > 1 and any(map(has_functions, types)):
        return NotImplemented
    ours = OWN.get(function)
    if ours is not None:
        return ours(*args, **kwargs)
    name = NUMPYS.get(function)
    if name is not None:
        return _numpys(function, name, args, kwargs)
    if getattr(function, "__module__", "") == "numpy.linalg":
        ours = late("glassgrad.linalg").NUMPYS.get(function.__name__)
        if ours is not None:
            return ours(*args, **kwargs)
    raise TypeError(no_operation(_full_name(function), *_cure(function)))


def _numpys(function: Any, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    implementation = getattr(function, "_implementation", function)  # without the dispatch, which would come back here
    if name in ("var", "std") and args and np.ndim(args[0]) == 0:  # NumPy's own fails on an object of no dimensions
        args = (np.atleast_1d(wrapped(bare(args[0]))), *args[1:])
    if not kwargs and name not in MASKS:
        return _of_numpys(implementation(*map(_plain, args)), name, args)
    kwargs = dict(kwargs)
    out = kwargs.pop("out", None)
    if name not in ASKING:
        float64_only(kwargs, _full_name(function))
    sources = [*args, *kwargs.values()]
    if kwargs.get("where", True) is not True and name in ("mean", "var", "std"):
        kwargs["where"] = np.asarray(kwargs["where"], dtype=bool)
        if "correction" in kwargs:  # the methods call it ddof
            kwargs["ddof"] = kwargs.pop("correction")
        return getattr(args[0], name)(*args[1:], **kwargs)  # the method's sums take a mask
    if name in MASKS:
        args = tuple([np.asarray(x) if hasattr(x, "elements") else x for x in args])
    if out is not None:
        kwargs["out"] = target(out, _full_name(function))
    result = implementation(*map(_plain, args), **{key: _plain(x) for key, x in kwargs.items()})
    return _of_numpys(result, name, sources) if out is None else out


def _of_numpys(result: Any, name: str, sources: Sequence[Any]) -> Any:
    """Convert NumPy's result for ``sources`` for the user: arrays of objects become `Array` or `Truths`."""
    if isinstance(result, np.ndarray) and result.ndim == 0 and result.dtype == object:
        if not any(isinstance(x, np.ndarray) for x in sources):
            return result.item()
    if any(map(_holds_truths, sources)):
        if name in PRODUCTS and kinds(_operands(name, sources)) == {"b"}:  # the product of truths: is any pair true?
            return wrapped(result) != 0.0
        return _as_truths(result)
    if type(result) in (int, bool) and name in ADDING:  # a sum of no elements; NumPy gives an int for dtype object
        return float(result)
    return wrapped(result)


def _operands(product: str, sources: Sequence[Any]) -> Sequence[Any]:
    return [x for x in sources if not isinstance(x, str)] if product == "einsum" else sources[:2]


def _plain(x: Any) -> Any:
    kind = type(x)
    return kind(map(_plain_inside, x)) if kind is list or kind is tuple else bare(x)


def _plain_inside(x: Any) -> Any:
    """As `_plain`, in a list. A list in a list is an array, in which NumPy would keep arrays of no dimensions."""
    kind = type(x)
    return kind([_element(_plain_inside(one)) for one in x]) if kind is list or kind is tuple else bare(x)


def _element(x: Any) -> Any:
    return x.item() if isinstance(x, np.ndarray) and not x.ndim else x


def _holds_truths(x: Any) -> bool:
    return hasattr(x, "elements") or (type(x) in (list, tuple) and any(map(_holds_truths, x)))


def _as_truths(result: Any) -> Any:
    """Convert arrays that hold only truths to `Truths` or arrays of bool."""
    if type(result) in (list, tuple):
        return type(result)(map(_as_truths, result))
    if isinstance(result, np.ndarray) and result.dtype == object:
        if all(map(is_truth, elements(result))):
            return truths(result)
    return wrapped(result)


def _full_name(function: Any) -> str:
    module = getattr(function, "__module__", "numpy") or "numpy"
    return f"{module.replace('numpy', 'np', 1)}.{function.__name__}"


def _cure(function: Any) -> tuple[str, ...]:
    """Advice to write instead of the function, if there is better than the default of `no_operation`."""
    module = getattr(function, "__module__", "") or ""
    if module.startswith("numpy.linalg"):
        return ("its results are complex in general, so use np.linalg.eigh or eigvalsh if the matrix is symmetric",)
    if module.startswith("numpy.fft"):
        return ("its result is complex, so write the sums of sines and cosines out",)
    return ()
