"""Read the arrays of other libraries, and other holders of numbers, as NumPy arrays.

Whatever NumPy can read comes in: columns and tables of pandas, polars and PyArrow, xarray, tensors of PyTorch, arrays
of JAX and Dask, buffers, ranges. What would lose its meaning is refused, with the cure: a unit, a missing value, a
label, a date, a tensor that requires grad. Each library is recognised by its protocols and by the name of its module.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from typing import Any, NoReturn

import numpy as np

from glassgrad.core.arrays.foreign import DATES, plain_numbers
from glassgrad.core.op import as_float
from glassgrad.core.scalar import Scalar
from glassgrad.support.frames import levels_to_the_user
from glassgrad.support.protocols import OURS, belongs_to, has_units, is_foreign

__all__ = ["computes_itself", "decides_itself", "has_functions", "read"]

RAW = ("B", "b", "c")  # the formats of the elements of raw bytes
NATIVE = "fiub"  # the kinds of the dtypes of real numbers
# The ufuncs that are operators of Python.
OPERATORS = {
    *(np.add, np.subtract, np.multiply, np.divide, np.floor_divide, np.remainder, np.divmod, np.power, np.matmul),
    *(np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal),
    *(np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.negative, np.positive, np.absolute),
}
MISSING = "has missing values, which are not numbers"


def read(x: Any, who: Any) -> Any:
    """Return the numbers of ``x`` as a NumPy array; as a float if it has no axes.

    Args:
        x: an array of another library: `glassgrad.support.protocols.is_foreign` holds for it.
        who: its name for the error, such as ``"argument 'x' of f"``.

    Raises:
        TypeError: it holds anything but real numbers, or means more than its numbers.

    Warns:
        RuntimeWarning: it is a Dask array, which is computed now.
    """
    if belongs_to(x, "xarray") and hasattr(x, "dims") and hasattr(x, "data"):
        return read(x.data, who) if is_foreign(x.data) else _settled(x.data, who)
    if belongs_to(x, "dask") and hasattr(x, "compute"):
        return _computed(x, who)
    if has_units(x):
        return _without_unit(x, who)
    _require_a_readable_tensor(x, who)
    for column, dtype in _columns(x):
        if not isinstance(dtype, np.dtype) or dtype.kind not in NATIVE:
            _require_numbers(x, column, str(dtype), who)
    _require_nothing_missing(x, who)
    if not hasattr(type(x), "__array__"):
        _require_no_bytes(x, who)
    return _settled(_as_numpy(x, who), who)


def decides_itself(x: Any) -> bool:
    """Whether ``x``, as an operand beside a node, does the operation itself, so that its labels and units are kept.

    pandas, xarray and pint do. Their results hold nodes. polars and Dask cannot hold any.
    """
    return hasattr(type(x), "__array_ufunc__") and not belongs_to(x, "polars", "dask")


def computes_itself(x: Any, ufunc: Any, method: str, inputs: Sequence[Any]) -> bool:
    """As `decides_itself`, for one of the inputs of a ufunc.

    pandas computes only the operators of Python, and xarray only with arrays of nodes. Both leave the rest to us.
    """
    if not is_foreign(x) and (isinstance(x, (np.ndarray, np.generic)) or any(hasattr(type(x), name) for name in OURS)):
        return False
    if not decides_itself(x):
        return False
    if belongs_to(x, "pandas"):
        return method == "__call__" and ufunc in OPERATORS
    return not (belongs_to(x, "xarray") and any(isinstance(one, Scalar) for one in inputs))


def has_functions(kind: type) -> bool:
    """Whether a class of another library, such as pint's quantities, defines NumPy's functions for itself."""
    if issubclass(kind, np.ndarray) or any(hasattr(kind, name) for name in OURS):
        return False
    return kind.__module__.partition(".")[0] not in ("polars", "dask")


# What is refused


def _computed(x: Any, who: Any) -> Any:
    warnings.warn(
        f"{who} is a Dask {type(x).__name__}, and all of it is computed now. Call its compute() yourself to compute it "
        "once only, without this warning",
        RuntimeWarning,
        stacklevel=levels_to_the_user(),
    )
    found = x.compute()
    return read(found, who) if is_foreign(found) else _settled(found, who)


def _without_unit(x: Any, who: Any) -> Any:
    """The number of a quantity that is one number without a dimension; other quantities are refused."""
    try:
        if getattr(x, "ndim", 0) == 0:
            return float(x)
    except (TypeError, ValueError):
        pass
    _refuse(who, f"is a {type(x).__name__} in {x.units}, whose unit would be lost", "pass {0}.magnitude")


def _require_a_readable_tensor(x: Any, who: Any) -> None:
    if belongs_to(x, "torch"):
        if getattr(x, "requires_grad", False):
            reason = "is a tensor that requires grad, and its gradient would be lost"
            cure = "wrap the function with gg.interop.torch.function(f), or pass the numbers alone, {0}.detach()"
            _refuse(who, reason, cure)
        if getattr(getattr(x, "device", None), "type", "cpu") != "cpu":
            _refuse(who, f"is a tensor on the device {x.device}, whose memory cannot be read here", "pass {0}.cpu()")
        if str(getattr(x, "layout", "torch.strided")) != "torch.strided":
            _refuse(who, f"is a tensor of the layout {x.layout}", "pass {0}.to_dense()")
    elif any(base.__name__ == "Tracer" for base in type(x).__mro__) and belongs_to(x, "jax", "jaxlib"):
        cure = "wrap the function with gg.interop.jax.function(f)"
        _refuse(who, "is a tracer of JAX, which has no value yet", cure)


def _columns(x: Any) -> Iterator[tuple[Any, Any]]:
    """The name and dtype of each column of a table; for a single column, None and its dtype."""
    if not belongs_to(x, "pandas", "polars"):
        return
    if hasattr(x, "columns") and hasattr(x, "dtypes"):
        yield from zip(x.columns, x.dtypes)
    elif hasattr(x, "dtype"):
        yield None, x.dtype


def _require_numbers(x: Any, column: Any, dtype: str, who: Any) -> None:
    """Refuse a column of categories, text, dates or quantities, of which NumPy would make numbers or objects."""
    kind = dtype.lower()
    where = "" if column is None else f" in its column {column!r}"
    select = "" if column is None else ", or select the columns of numbers"
    pandas = belongs_to(x, "pandas")
    if kind.startswith(("category", "categorical", "enum")):
        cure = "their codes, {0}.cat.codes" if pandas else "their codes, {0}.to_physical()"
        _refuse(who, f"holds categories{where}, which are labels and not numbers", f"pass {cure}{select}")
    if kind.startswith("pint["):
        _refuse(who, f"holds quantities{where}, whose unit would be lost", f"pass {{0}}.pint.magnitude{select}")
    if kind.startswith(("timedelta", "duration")):
        _refuse(who, f"holds durations{where}, which are not numbers", f"pass {{0}}.dt.total_seconds(){select}")
    if kind.startswith(("datetime", "date", "time", "period", "interval")):
        reason = f"holds elements of dtype {dtype}{where}, which are not numbers"
        _refuse(who, reason, f"pass numbers, such as the years{select}")
    if kind.startswith(("str", "utf8", "binary", "large_string")):
        cure = "pass {0}.astype(float)" if pandas else "pass {0}.cast(float)"
        _refuse(who, f"holds text{where}", f"{cure}{select}")


def _require_nothing_missing(x: Any, who: Any) -> None:
    """Refuse missing values. A nan among floats is a number like any other."""
    if belongs_to(x, "polars"):
        count = x.null_count()
        if (count if isinstance(count, int) else sum(count.row(0))) > 0:
            _refuse(who, MISSING, "pass {0}.fill_null(0.0) or {0}.drop_nulls()")
    elif belongs_to(x, "pyarrow"):
        parts = x.columns if hasattr(x, "columns") else [x]
        if sum([getattr(part, "null_count", 0) for part in parts]):
            _refuse(who, MISSING, "pass {0}.fill_null(0.0) or {0}.drop_null()")
    elif belongs_to(x, "pandas"):
        for column, dtype in _columns(x):
            nullable = not isinstance(dtype, np.dtype) and not str(dtype).startswith("Sparse")
            if nullable and np.any((x if column is None else x[column]).isna()):
                where = "" if column is None else f", in its column {column!r}"
                cure = "pass {0}.fillna(0.0) or {0}.dropna(), or {0}.astype(float) to compute with nan"
                _refuse(who, MISSING + where, cure)


def _require_no_bytes(x: Any, who: Any) -> None:
    try:
        view = memoryview(x)
    except (TypeError, ValueError, BufferError):
        return
    with view:
        if view.format in RAW and not isinstance(view.obj, np.ndarray) and type(view.obj).__module__ != "array":
            cure = "pass np.frombuffer({0}, dtype), which says what the bytes mean"
            _refuse(who, f"is a {type(x).__name__} of raw bytes", cure)


# The numbers


def _as_numpy(x: Any, who: Any) -> Any:
    """``x`` as NumPy reads it."""
    try:
        if belongs_to(x, "torch"):
            narrow = "float" in str(x.dtype) and x.dtype.itemsize < 4  # NumPy does not know all of these dtypes
            return (x.float() if narrow else x.resolve_neg().resolve_conj()).numpy()
        if hasattr(type(x), "__array__") or not hasattr(type(x), "__dlpack__"):
            return np.asarray(x)
        return np.from_dlpack(x)
    except Exception as error:
        reason = " ".join(str(error).split("\n")[0].split())
        raise TypeError(f"{who} is a {type(x).__name__}, which cannot be read as an array: {reason}") from error


def _settled(array: Any, who: Any) -> Any:
    """A plain array of numbers or of nodes; a float or a node if ``array`` has no axes."""
    array = plain_numbers(np.asanyarray(array), who)
    kind = array.dtype.kind
    if kind == "V" and array.dtype.names is None:  # bfloat16 and its like, which NumPy does not know
        array, kind = array.astype(float), "f"
    if kind == "O":
        array = _of_objects(array, who)
    elif kind == "c":
        _refuse(who, "holds complex numbers, and derivatives are of real ones", "pass {0}.real or {0}.imag")
    elif kind == "V":
        _refuse(who, "holds records, which are not numbers", "pass one of its fields")
    elif kind not in NATIVE and kind not in DATES:
        _refuse(who, f"holds text (dtype {array.dtype})", "pass numbers")
    return array if array.ndim else array.item() if array.dtype == object else float(array)


def _of_objects(array: Any, who: Any) -> Any:
    """An array of floats; or ``array`` itself, if nodes are among its objects."""
    elements = array.ravel().tolist()
    if any(isinstance(x, Scalar) for x in elements):
        return array
    found = []
    for k, x in enumerate(elements):
        if x is None or type(x).__name__ in ("NAType", "NaTType"):
            _refuse(who, f"{MISSING}, the first at {_place(array, k)}", "fill it, or leave it out")
        found.append(as_float(x, f"{who}, at {_place(array, k)},"))
    return np.array(found, dtype=float).reshape(array.shape)


def _place(array: Any, k: int) -> str:
    return f"[{', '.join(map(str, np.unravel_index(k, array.shape)))}]"


def _refuse(who: Any, reason: str, cure: str) -> NoReturn:
    """Raise TypeError. ``{0}`` in the cure stands for the name of the argument, or for ``x`` if it has none."""
    quoted = str(who).split("'")
    raise TypeError(f"{who} {reason}: {cure.format(quoted[1] if len(quoted) > 1 else 'x')}")
