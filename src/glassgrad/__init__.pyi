"""The public face of glassgrad, as type checkers see it. `glassgrad.typing` explains the types.

Operations are overloaded: a float gives a float, a node a node, an array an array. Transforms keep the parameters of
the function, and derive the type of their result from it.
"""

# mypy: disable-error-code="overload-overlap"

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Concatenate, Literal, ParamSpec, Protocol, SupportsIndex, TypeVar, overload

from numpy.typing import ArrayLike, DTypeLike

from glassgrad import graph as graph
from glassgrad import interop as interop
from glassgrad import linalg as linalg
from glassgrad import nn as nn
from glassgrad._build import compiled as compiled
from glassgrad._version import __version__ as __version__
from glassgrad.core.arrays.making import scalars as scalars
from glassgrad.core.arrays.nodes import Array as Array
from glassgrad.core.op import DomainError as DomainError
from glassgrad.core.op import DomainWarning as DomainWarning
from glassgrad.core.op import GraphWarning as GraphWarning
from glassgrad.core.op import errstate as errstate
from glassgrad.core.primitive import custom as custom
from glassgrad.core.primitive import primitive as primitive
from glassgrad.core.recording import AnomalyError as AnomalyError
from glassgrad.core.recording import detect_anomaly as detect_anomaly
from glassgrad.core.recording import group as group
from glassgrad.core.rerun import explain_nan as explain_nan
from glassgrad.core.scalar import Scalar as Scalar
from glassgrad.core.scalar import TracingError as TracingError
from glassgrad.core.settings import config as config
from glassgrad.core.tables.cubic import CubicSpline as CubicSpline
from glassgrad.core.tables.cubic import PchipInterpolator as PchipInterpolator
from glassgrad.draw.dot import draw_dot as draw_dot
from glassgrad.draw.drawing import draw as draw
from glassgrad.graph import CycleError as CycleError
from glassgrad.graph import trace as trace
from glassgrad.interop import least_squares as least_squares
from glassgrad.interop import minimize as minimize
from glassgrad.interop import root as root
from glassgrad.nn import optim as optim
from glassgrad.player.gradebook import grade as grade
from glassgrad.player.player import play as play
from glassgrad.player.quiz import quiz as quiz
from glassgrad.player.record import record as record
from glassgrad.plot import plot as plot
from glassgrad.transforms import check_grad as check_grad
from glassgrad.transforms.nudges import derivative as derivative
from glassgrad.transforms.nudges import partials as partials
from glassgrad.typing import (
    Batched,
    Binary,
    Compiled,
    Curved,
    Floats,
    Lanes,
    Number,
    Plain,
    Ternary,
    Transformed,
    Unary,
)

__all__: list[str]

Value = Scalar

_P = ParamSpec("_P")
_R = TypeVar("_R")
_R_co = TypeVar("_R_co", covariant=True)
_X = TypeVar("_X")  # what the value of a function with auxiliary results is beside
# Bound to Any, so that a lambda's parameter is not taken for an opaque type.
_T = TypeVar("_T", bound=Any)
_U = TypeVar("_U", bound=Any)
_V = TypeVar("_V", bound=Any)

# Arrays of nodes

_Shape = SupportsIndex | Sequence[SupportsIndex]
_Fill = ArrayLike | Sequence[Any] | Scalar

def array(data: ArrayLike | Sequence[Any] | Scalar, label: str | None = None) -> Array: ...
def values(nodes: Any) -> Floats: ...
def zeros(shape: _Shape, dtype: DTypeLike | None = None, *, label: str | None = None) -> Array: ...
def ones(shape: _Shape, dtype: DTypeLike | None = None, *, label: str | None = None) -> Array: ...
def empty(shape: _Shape, dtype: DTypeLike | None = None, *, label: str | None = None) -> Array: ...
def full(shape: _Shape, fill_value: _Fill, dtype: DTypeLike | None = None, *, label: str | None = None) -> Array: ...
def eye(
    N: SupportsIndex,
    M: SupportsIndex | None = None,
    k: int = 0,
    dtype: DTypeLike | None = None,
    *,
    label: str | None = None,
) -> Array: ...
def zeros_like(x: _Fill, dtype: DTypeLike | None = None, *, label: str | None = None) -> Array: ...
def ones_like(x: _Fill, dtype: DTypeLike | None = None, *, label: str | None = None) -> Array: ...
def empty_like(x: _Fill, dtype: DTypeLike | None = None, *, label: str | None = None) -> Array: ...
def full_like(x: _Fill, fill_value: _Fill, dtype: DTypeLike | None = None, *, label: str | None = None) -> Array: ...

# Operations

abs: Unary
abs_slope: Unary
acos: Unary
acosh: Unary
asin: Unary
asinh: Unary
atan: Unary
atanh: Unary
cbrt: Unary
ceil: Unary
cos: Unary
cosh: Unary
detach: Unary
digamma: Unary
entr: Unary
erf: Unary
erfc: Unary
erfcx: Unary
exp: Unary
exp2: Unary
exp_neg_square: Unary
expit: Unary
expm1: Unary
floor: Unary
gelu: Unary
gelu_slope: Unary
identity: Unary
gamma: Unary
lgamma: Unary
log: Unary
log10: Unary
log1mexp: Unary
log1p: Unary
log2: Unary
log_expit: Unary
log_ndtr: Unary
log_norm_cdf: Unary
log_sigmoid: Unary
logit: Unary
ndtr: Unary
neg: Unary
norm_cdf: Unary
norm_pdf: Unary
relu: Unary
sigmoid: Unary
sign: Unary
silu: Unary
silu_slope: Unary
sin: Unary
sinh: Unary
softplus: Unary
sqrt: Unary
square: Unary
tan: Unary
tanh: Unary
add: Binary
atan2: Binary
div: Binary
equal: Binary
exp_sub: Binary
floordiv: Binary
greater: Binary
greater_equal: Binary
hypot: Binary
less: Binary
less_equal: Binary
copysign: Binary
logaddexp: Binary
maximum: Binary
minimum: Binary
mod: Binary
mul: Binary
not_equal: Binary
pow: Binary
rel_entr: Binary
sub: Binary
xlog1py: Binary
xlogy: Binary
where: Ternary

@overload
def polygamma(n: int, x: Scalar, /) -> Scalar: ...
@overload
def polygamma(n: int, x: float, /) -> float: ...
@overload
def polygamma(n: int, x: Array, /) -> Array: ...
@overload
def polygamma(n: int, x: Plain, /) -> Floats: ...
@overload
def clip(x: Scalar, low: float, high: float) -> Scalar: ...
@overload
def clip(x: float, low: float, high: float) -> float: ...
@overload
def clip(x: Array, low: float, high: float) -> Array: ...
@overload
def clip(x: Plain, low: float, high: float) -> Floats: ...
@overload
def elu(x: Scalar, alpha: float = 1.0) -> Scalar: ...
@overload
def elu(x: float, alpha: float = 1.0) -> float: ...
@overload
def elu(x: Array, alpha: float = 1.0) -> Array: ...
@overload
def elu(x: Plain, alpha: float = 1.0) -> Floats: ...
@overload
def leaky_relu(x: Scalar, slope: float = 0.01) -> Scalar: ...
@overload
def leaky_relu(x: float, slope: float = 0.01) -> float: ...
@overload
def leaky_relu(x: Array, slope: float = 0.01) -> Array: ...
@overload
def leaky_relu(x: Plain, slope: float = 0.01) -> Floats: ...

# Functions of several numbers

@overload
def total(xs: Plain | Iterable[float]) -> float: ...
@overload
def total(xs: Array | Iterable[Number]) -> Scalar: ...
@overload
def mean(xs: Plain | Iterable[float]) -> float: ...
@overload
def mean(xs: Array | Iterable[Number]) -> Scalar: ...
@overload
def prod(xs: Plain | Iterable[float]) -> float: ...
@overload
def prod(xs: Array | Iterable[Number]) -> Scalar: ...
@overload
def norm(xs: Plain | Iterable[float]) -> float: ...
@overload
def norm(xs: Array | Iterable[Number]) -> Scalar: ...
@overload
def logsumexp(xs: Plain | Iterable[float]) -> float: ...
@overload
def logsumexp(xs: Array | Iterable[Number]) -> Scalar: ...
@overload
def dot(xs: Plain | Iterable[float], ys: Plain | Iterable[float]) -> float: ...
@overload
def dot(xs: Array | Plain | Iterable[Number], ys: Array | Plain | Iterable[Number]) -> Scalar: ...
@overload
def softmax(xs: Plain | Iterable[float]) -> list[float]: ...
@overload
def softmax(xs: Array | Iterable[Number]) -> list[Scalar]: ...
@overload
def log_softmax(xs: Plain | Iterable[float]) -> list[float]: ...
@overload
def log_softmax(xs: Array | Iterable[Number]) -> list[Scalar]: ...

# Rows

@overload
def take(rows: Plain | Sequence[float], index: int, axis: int = 0) -> Any: ...
@overload
def take(rows: Plain | Sequence[float], index: Plain | Sequence[int], axis: int = 0) -> Floats: ...
@overload
def take(rows: Any, index: Any, axis: int = 0) -> Any: ...

# Tables

@overload
def interp(
    x: float,
    xp: Plain | Sequence[float],
    fp: Plain | Sequence[float],
    left: float | None = None,
    right: float | None = None,
    period: float | None = None,
    *,
    extrapolate: bool | None = None,
) -> float: ...
@overload
def interp(
    x: Number,
    xp: Array | Plain | Sequence[Number],
    fp: Array | Plain | Sequence[Number],
    left: float | None = None,
    right: float | None = None,
    period: float | None = None,
    *,
    extrapolate: bool | None = None,
) -> Scalar: ...
@overload
def interp(
    x: Plain,
    xp: Plain | Sequence[float],
    fp: Plain | Sequence[float],
    left: float | None = None,
    right: float | None = None,
    period: float | None = None,
    *,
    extrapolate: bool | None = None,
) -> Floats: ...
@overload
def interp(
    x: Array | Plain,
    xp: Array | Plain | Sequence[Number],
    fp: Array | Plain | Sequence[Number],
    left: float | None = None,
    right: float | None = None,
    period: float | None = None,
    *,
    extrapolate: bool | None = None,
) -> Array: ...
@overload
def interp2(
    x: float,
    y: float,
    xp: Plain | Sequence[float],
    yp: Plain | Sequence[float],
    fp: Plain | Sequence[Sequence[float]],
    *,
    extrapolate: bool | None = None,
) -> float: ...
@overload
def interp2(
    x: Number,
    y: Number,
    xp: Array | Plain | Sequence[Number],
    yp: Array | Plain | Sequence[Number],
    fp: Array | Plain | Sequence[Sequence[Number]],
    *,
    extrapolate: bool | None = None,
) -> Scalar: ...
@overload
def interp2(
    x: float | Plain,
    y: float | Plain,
    xp: Plain | Sequence[float],
    yp: Plain | Sequence[float],
    fp: Plain | Sequence[Sequence[float]],
    *,
    extrapolate: bool | None = None,
) -> Floats: ...
@overload
def interp2(
    x: Number | Array | Plain,
    y: Number | Array | Plain,
    xp: Array | Plain | Sequence[Number],
    yp: Array | Plain | Sequence[Number],
    fp: Array | Plain | Sequence[Sequence[Number]],
    *,
    extrapolate: bool | None = None,
) -> Array: ...

# Transforms

@overload
def grad(
    f: Callable[Concatenate[_T, _P], Any], argnums: Literal[0] = 0, has_aux: Literal[False] = False
) -> Transformed[Concatenate[_T, _P], _T]: ...
@overload
def grad(
    f: Callable[Concatenate[_T, _U, _P], Any], argnums: Literal[1], has_aux: Literal[False] = False
) -> Transformed[Concatenate[_T, _U, _P], _U]: ...
@overload
def grad(
    f: Callable[Concatenate[_T, _U, _V, _P], Any], argnums: Literal[2], has_aux: Literal[False] = False
) -> Transformed[Concatenate[_T, _U, _V, _P], _V]: ...
@overload
def grad(
    f: Callable[Concatenate[_T, _P], Any], argnums: tuple[Literal[0]], has_aux: Literal[False] = False
) -> Transformed[Concatenate[_T, _P], tuple[_T]]: ...
@overload
def grad(
    f: Callable[Concatenate[_T, _U, _P], Any], argnums: tuple[Literal[0], Literal[1]], has_aux: Literal[False] = False
) -> Transformed[Concatenate[_T, _U, _P], tuple[_T, _U]]: ...
@overload
def grad(
    f: Callable[Concatenate[_T, _U, _V, _P], Any],
    argnums: tuple[Literal[0], Literal[1], Literal[2]],
    has_aux: Literal[False] = False,
) -> Transformed[Concatenate[_T, _U, _V, _P], tuple[_T, _U, _V]]: ...
@overload
def grad(
    f: Callable[Concatenate[_T, _P], tuple[Any, _X]], argnums: Literal[0] = 0, *, has_aux: Literal[True]
) -> Transformed[Concatenate[_T, _P], tuple[_T, _X]]: ...
@overload
def grad(
    f: Callable[Concatenate[_T, _U, _V, _P], Any],
    argnums: tuple[Literal[0], Literal[2]],
    has_aux: Literal[False] = False,
) -> Transformed[Concatenate[_T, _U, _V, _P], tuple[_T, _V]]: ...
@overload
def grad(
    f: Callable[Concatenate[_T, _U, _V, _P], Any],
    argnums: tuple[Literal[1], Literal[2]],
    has_aux: Literal[False] = False,
) -> Transformed[Concatenate[_T, _U, _V, _P], tuple[_U, _V]]: ...
@overload
def grad(f: Callable[_P, Any], argnums: int | Sequence[int] = 0, has_aux: bool = False) -> Transformed[_P, Any]: ...
@overload
def value_and_grad(
    f: Callable[Concatenate[_T, _P], _R], argnums: Literal[0] = 0, has_aux: Literal[False] = False
) -> Transformed[Concatenate[_T, _P], tuple[_R, _T]]: ...
@overload
def value_and_grad(
    f: Callable[Concatenate[_T, _U, _P], _R], argnums: Literal[1], has_aux: Literal[False] = False
) -> Transformed[Concatenate[_T, _U, _P], tuple[_R, _U]]: ...
@overload
def value_and_grad(
    f: Callable[Concatenate[_T, _U, _V, _P], _R], argnums: Literal[2], has_aux: Literal[False] = False
) -> Transformed[Concatenate[_T, _U, _V, _P], tuple[_R, _V]]: ...
@overload
def value_and_grad(
    f: Callable[Concatenate[_T, _P], _R], argnums: tuple[Literal[0]], has_aux: Literal[False] = False
) -> Transformed[Concatenate[_T, _P], tuple[_R, tuple[_T]]]: ...
@overload
def value_and_grad(
    f: Callable[Concatenate[_T, _U, _P], _R], argnums: tuple[Literal[0], Literal[1]], has_aux: Literal[False] = False
) -> Transformed[Concatenate[_T, _U, _P], tuple[_R, tuple[_T, _U]]]: ...
@overload
def value_and_grad(
    f: Callable[Concatenate[_T, _U, _V, _P], _R],
    argnums: tuple[Literal[0], Literal[1], Literal[2]],
    has_aux: Literal[False] = False,
) -> Transformed[Concatenate[_T, _U, _V, _P], tuple[_R, tuple[_T, _U, _V]]]: ...
@overload
def value_and_grad(
    f: Callable[Concatenate[_T, _P], tuple[_R, _X]], argnums: Literal[0] = 0, *, has_aux: Literal[True]
) -> Transformed[Concatenate[_T, _P], tuple[tuple[_R, _X], _T]]: ...
@overload
def value_and_grad(
    f: Callable[Concatenate[_T, _U, _V, _P], _R],
    argnums: tuple[Literal[0], Literal[2]],
    has_aux: Literal[False] = False,
) -> Transformed[Concatenate[_T, _U, _V, _P], tuple[_R, tuple[_T, _V]]]: ...
@overload
def value_and_grad(
    f: Callable[Concatenate[_T, _U, _V, _P], _R],
    argnums: tuple[Literal[1], Literal[2]],
    has_aux: Literal[False] = False,
) -> Transformed[Concatenate[_T, _U, _V, _P], tuple[_R, tuple[_U, _V]]]: ...
@overload
def value_and_grad(
    f: Callable[_P, Any], argnums: int | Sequence[int] = 0, has_aux: bool = False
) -> Transformed[_P, tuple[Any, Any]]: ...
@overload
def hessian(
    f: Callable[Concatenate[_T, _P], Any], argnums: Literal[0] = 0, has_aux: Literal[False] = False
) -> Curved[Concatenate[_T, _P], _T]: ...
@overload
def hessian(f: Callable[_P, Any], argnums: int | Sequence[int] = 0, has_aux: bool = False) -> Transformed[_P, Any]: ...
@overload
def jacobian(
    f: Callable[Concatenate[_T, _P], _R], argnums: Literal[0] = 0, has_aux: Literal[False] = False
) -> Curved[Concatenate[_T, _P], _T | _R]: ...
@overload
def jacobian(f: Callable[_P, Any], argnums: int | Sequence[int] = 0, has_aux: bool = False) -> Transformed[_P, Any]: ...
@overload
def jvp(
    f: Callable[..., _R], primals: Sequence[Any], tangents: Sequence[Any], has_aux: Literal[False] = False
) -> tuple[_R, _R]: ...
@overload
def jvp(
    f: Callable[..., tuple[_R, _X]], primals: Sequence[Any], tangents: Sequence[Any], *, has_aux: Literal[True]
) -> tuple[_R, _R, _X]: ...
@overload
def jvp(f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any], has_aux: bool) -> tuple[Any, ...]: ...
@overload
def jvp(
    f: Callable[..., _R], *, has_aux: Literal[False] = False
) -> Callable[[Sequence[Any], Sequence[Any]], tuple[_R, _R]]: ...
@overload
def jvp(f: Callable[..., Any], *, has_aux: bool) -> Callable[[Sequence[Any], Sequence[Any]], tuple[Any, ...]]: ...
@overload
def vjp(
    f: Callable[[_T], _R], x: _T, /, *, has_aux: Literal[False] = False
) -> tuple[_R, Callable[[Any], tuple[_T]]]: ...
@overload
def vjp(
    f: Callable[[_T, _U], _R], x: _T, y: _U, /, *, has_aux: Literal[False] = False
) -> tuple[_R, Callable[[Any], tuple[_T, _U]]]: ...
@overload
def vjp(f: Callable[..., Any], *primals: Any, has_aux: bool = False) -> Any: ...
def checkpoint(f: Callable[_P, _R]) -> Callable[_P, _R]: ...
@overload
def hvp(f: Callable[..., Any], primals: tuple[_T], tangents: tuple[_T]) -> _T: ...
@overload
def hvp(f: Callable[..., Any], primals: tuple[_T, _U], tangents: tuple[_T, _U]) -> tuple[_T, _U]: ...
@overload
def hvp(f: Callable[[_T], Any], primals: _T, tangents: _T) -> _T: ...
@overload
def hvp(f: Callable[..., Any], primals: Any = None, tangents: Any = None) -> Any: ...

# Compiled functions

def jit(
    f: Callable[_P, _R],
    *,
    max_paths: int | None = None,
    static_argnums: int | Sequence[int] | None = None,
    static_argnames: str | Sequence[str] | None = None,
) -> Compiled[_P, _R]: ...

# The parameter of a function of floats. It allows everything, because a lambda's parameter, which may be an array, gets
# this type too.
class _Lane(float):
    def __add__(self, other: Any) -> _Lane: ...
    def __radd__(self, other: Any) -> _Lane: ...
    def __sub__(self, other: Any) -> _Lane: ...
    def __rsub__(self, other: Any) -> _Lane: ...
    def __mul__(self, other: Any) -> _Lane: ...
    def __rmul__(self, other: Any) -> _Lane: ...
    def __truediv__(self, other: Any) -> _Lane: ...
    def __rtruediv__(self, other: Any) -> _Lane: ...
    def __pow__(self, other: Any, modulus: None = None, /) -> _Lane: ...
    def __rpow__(self, other: Any, modulus: None = None, /) -> _Lane: ...
    def __neg__(self) -> _Lane: ...
    def __matmul__(self, other: Any) -> Any: ...
    def __rmatmul__(self, other: Any) -> Any: ...
    def __getitem__(self, key: Any) -> Any: ...
    def __iter__(self) -> Any: ...
    def __len__(self) -> int: ...
    def __getattr__(self, name: str) -> Any: ...

# A function of floats that have defaults
class _Optional1(Protocol[_R_co]):
    @overload
    def __call__(self, a: _Lane, /) -> _R_co: ...
    @overload
    def __call__(self, a: _Lane, b: _Lane, /) -> _R_co: ...

class _Optional2(Protocol[_R_co]):
    @overload
    def __call__(self, a: _Lane, b: _Lane, /) -> _R_co: ...
    @overload
    def __call__(self, a: _Lane, b: _Lane, c: _Lane, /) -> _R_co: ...

class _Optional3(Protocol[_R_co]):
    @overload
    def __call__(self, a: _Lane, b: _Lane, c: _Lane, /) -> _R_co: ...
    @overload
    def __call__(self, a: _Lane, b: _Lane, c: _Lane, d: _Lane, /) -> _R_co: ...

# Static arguments are no lanes.
@overload
def vmap(
    f: Callable[_P, _R],
    in_axes: Any = 0,
    *,
    reduce: Literal["sum", "mean"],
    threads: int | None = None,
    max_paths: int | None = None,
    static_argnums: int | Sequence[int],
    static_argnames: str | Sequence[str] | None = None,
    on_error: Literal["raise", "nan"] = "raise",
) -> Compiled[..., _R]: ...
@overload
def vmap(
    f: Callable[_P, _R],
    in_axes: Any = 0,
    *,
    reduce: Literal["sum", "mean"],
    threads: int | None = None,
    max_paths: int | None = None,
    static_argnums: int | Sequence[int] | None = None,
    static_argnames: str | Sequence[str],
) -> Compiled[..., _R]: ...
@overload
def vmap(
    f: Callable[_P, _R],
    in_axes: Any = 0,
    *,
    reduce: None = None,
    threads: int | None = None,
    max_paths: int | None = None,
    static_argnums: int | Sequence[int],
    static_argnames: str | Sequence[str] | None = None,
    on_error: Literal["raise", "nan"] = "raise",
) -> Batched[..., _R]: ...
@overload
def vmap(
    f: Callable[_P, _R],
    in_axes: Any = 0,
    *,
    reduce: None = None,
    threads: int | None = None,
    max_paths: int | None = None,
    static_argnums: int | Sequence[int] | None = None,
    static_argnames: str | Sequence[str],
) -> Batched[..., _R]: ...

# The arguments of a batch have one axis more, so a float becomes an array. Parameters cannot be changed one by one, so
# there is an overload for each number of them.
@overload
def vmap(
    f: _Optional1[_R] | _Optional2[_R] | _Optional3[_R],
    in_axes: Any = 0,
    *,
    reduce: Literal["sum", "mean"],
    threads: int | None = None,
    max_paths: int | None = None,
    static_argnums: int | Sequence[int] | None = None,
    static_argnames: str | Sequence[str] | None = None,
    on_error: Literal["raise", "nan"] = "raise",
) -> Compiled[..., _R]: ...
@overload
def vmap(
    f: Callable[[_Lane], _R],
    in_axes: Any = 0,
    *,
    reduce: Literal["sum", "mean"],
    threads: int | None = None,
    max_paths: int | None = None,
    static_argnums: int | Sequence[int] | None = None,
    static_argnames: str | Sequence[str] | None = None,
    on_error: Literal["raise", "nan"] = "raise",
) -> Compiled[[Lanes], _R]: ...
@overload
def vmap(
    f: Callable[[_Lane, _Lane], _R],
    in_axes: Any = 0,
    *,
    reduce: Literal["sum", "mean"],
    threads: int | None = None,
    max_paths: int | None = None,
    static_argnums: int | Sequence[int] | None = None,
    static_argnames: str | Sequence[str] | None = None,
    on_error: Literal["raise", "nan"] = "raise",
) -> Compiled[[Lanes, Lanes], _R]: ...
@overload
def vmap(
    f: Callable[[_Lane, _Lane, _Lane], _R],
    in_axes: Any = 0,
    *,
    reduce: Literal["sum", "mean"],
    threads: int | None = None,
    max_paths: int | None = None,
    static_argnums: int | Sequence[int] | None = None,
    static_argnames: str | Sequence[str] | None = None,
    on_error: Literal["raise", "nan"] = "raise",
) -> Compiled[[Lanes, Lanes, Lanes], _R]: ...
@overload
def vmap(
    f: Callable[[_Lane, _Lane, _Lane, _Lane], _R],
    in_axes: Any = 0,
    *,
    reduce: Literal["sum", "mean"],
    threads: int | None = None,
    max_paths: int | None = None,
    static_argnums: int | Sequence[int] | None = None,
    static_argnames: str | Sequence[str] | None = None,
    on_error: Literal["raise", "nan"] = "raise",
) -> Compiled[[Lanes, Lanes, Lanes, Lanes], _R]: ...
@overload
def vmap(
    f: Callable[[_Lane, _Lane, _Lane, _Lane, _Lane], _R],
    in_axes: Any = 0,
    *,
    reduce: Literal["sum", "mean"],
    threads: int | None = None,
    max_paths: int | None = None,
    static_argnums: int | Sequence[int] | None = None,
    static_argnames: str | Sequence[str] | None = None,
    on_error: Literal["raise", "nan"] = "raise",
) -> Compiled[[Lanes, Lanes, Lanes, Lanes, Lanes], _R]: ...
@overload
def vmap(
    f: Callable[[_Lane, _Lane, _Lane, _Lane, _Lane, _Lane], _R],
    in_axes: Any = 0,
    *,
    reduce: Literal["sum", "mean"],
    threads: int | None = None,
    max_paths: int | None = None,
    static_argnums: int | Sequence[int] | None = None,
    static_argnames: str | Sequence[str] | None = None,
    on_error: Literal["raise", "nan"] = "raise",
) -> Compiled[[Lanes, Lanes, Lanes, Lanes, Lanes, Lanes], _R]: ...
@overload
def vmap(
    f: Callable[[Any], _R],
    in_axes: Any = 0,
    *,
    reduce: Literal["sum", "mean"],
    threads: int | None = None,
    max_paths: int | None = None,
    static_argnums: int | Sequence[int] | None = None,
    static_argnames: str | Sequence[str] | None = None,
    on_error: Literal["raise", "nan"] = "raise",
) -> Compiled[[Any], _R]: ...
@overload
def vmap(
    f: Callable[[Any, Any], _R],
    in_axes: Any = 0,
    *,
    reduce: Literal["sum", "mean"],
    threads: int | None = None,
    max_paths: int | None = None,
    static_argnums: int | Sequence[int] | None = None,
    static_argnames: str | Sequence[str] | None = None,
    on_error: Literal["raise", "nan"] = "raise",
) -> Compiled[[Any, Any], _R]: ...
@overload
def vmap(
    f: Callable[[Any, Any, Any], _R],
    in_axes: Any = 0,
    *,
    reduce: Literal["sum", "mean"],
    threads: int | None = None,
    max_paths: int | None = None,
    static_argnums: int | Sequence[int] | None = None,
    static_argnames: str | Sequence[str] | None = None,
    on_error: Literal["raise", "nan"] = "raise",
) -> Compiled[[Any, Any, Any], _R]: ...
@overload
def vmap(
    f: Callable[[Any, Any, Any, Any], _R],
    in_axes: Any = 0,
    *,
    reduce: Literal["sum", "mean"],
    threads: int | None = None,
    max_paths: int | None = None,
    static_argnums: int | Sequence[int] | None = None,
    static_argnames: str | Sequence[str] | None = None,
    on_error: Literal["raise", "nan"] = "raise",
) -> Compiled[[Any, Any, Any, Any], _R]: ...
@overload
def vmap(
    f: Callable[_P, _R],
    in_axes: Any = 0,
    *,
    reduce: Literal["sum", "mean"],
    threads: int | None = None,
    max_paths: int | None = None,
    static_argnums: int | Sequence[int] | None = None,
    static_argnames: str | Sequence[str] | None = None,
    on_error: Literal["raise", "nan"] = "raise",
) -> Compiled[..., _R]: ...
@overload
def vmap(
    f: _Optional1[_R] | _Optional2[_R] | _Optional3[_R],
    in_axes: Any = 0,
    *,
    reduce: None = None,
    threads: int | None = None,
    max_paths: int | None = None,
    static_argnums: int | Sequence[int] | None = None,
    static_argnames: str | Sequence[str] | None = None,
    on_error: Literal["raise", "nan"] = "raise",
) -> Batched[..., _R]: ...
@overload
def vmap(
    f: Callable[[_Lane], _R],
    in_axes: Any = 0,
    *,
    reduce: None = None,
    threads: int | None = None,
    max_paths: int | None = None,
    static_argnums: int | Sequence[int] | None = None,
    static_argnames: str | Sequence[str] | None = None,
    on_error: Literal["raise", "nan"] = "raise",
) -> Batched[[Lanes], _R]: ...
@overload
def vmap(
    f: Callable[[_Lane, _Lane], _R],
    in_axes: Any = 0,
    *,
    reduce: None = None,
    threads: int | None = None,
    max_paths: int | None = None,
    static_argnums: int | Sequence[int] | None = None,
    static_argnames: str | Sequence[str] | None = None,
    on_error: Literal["raise", "nan"] = "raise",
) -> Batched[[Lanes, Lanes], _R]: ...
@overload
def vmap(
    f: Callable[[_Lane, _Lane, _Lane], _R],
    in_axes: Any = 0,
    *,
    reduce: None = None,
    threads: int | None = None,
    max_paths: int | None = None,
    static_argnums: int | Sequence[int] | None = None,
    static_argnames: str | Sequence[str] | None = None,
    on_error: Literal["raise", "nan"] = "raise",
) -> Batched[[Lanes, Lanes, Lanes], _R]: ...
@overload
def vmap(
    f: Callable[[_Lane, _Lane, _Lane, _Lane], _R],
    in_axes: Any = 0,
    *,
    reduce: None = None,
    threads: int | None = None,
    max_paths: int | None = None,
    static_argnums: int | Sequence[int] | None = None,
    static_argnames: str | Sequence[str] | None = None,
    on_error: Literal["raise", "nan"] = "raise",
) -> Batched[[Lanes, Lanes, Lanes, Lanes], _R]: ...
@overload
def vmap(
    f: Callable[[_Lane, _Lane, _Lane, _Lane, _Lane], _R],
    in_axes: Any = 0,
    *,
    reduce: None = None,
    threads: int | None = None,
    max_paths: int | None = None,
    static_argnums: int | Sequence[int] | None = None,
    static_argnames: str | Sequence[str] | None = None,
    on_error: Literal["raise", "nan"] = "raise",
) -> Batched[[Lanes, Lanes, Lanes, Lanes, Lanes], _R]: ...
@overload
def vmap(
    f: Callable[[_Lane, _Lane, _Lane, _Lane, _Lane, _Lane], _R],
    in_axes: Any = 0,
    *,
    reduce: None = None,
    threads: int | None = None,
    max_paths: int | None = None,
    static_argnums: int | Sequence[int] | None = None,
    static_argnames: str | Sequence[str] | None = None,
    on_error: Literal["raise", "nan"] = "raise",
) -> Batched[[Lanes, Lanes, Lanes, Lanes, Lanes, Lanes], _R]: ...
@overload
def vmap(
    f: Callable[[Any], _R],
    in_axes: Any = 0,
    *,
    reduce: None = None,
    threads: int | None = None,
    max_paths: int | None = None,
    static_argnums: int | Sequence[int] | None = None,
    static_argnames: str | Sequence[str] | None = None,
    on_error: Literal["raise", "nan"] = "raise",
) -> Batched[[Any], _R]: ...
@overload
def vmap(
    f: Callable[[Any, Any], _R],
    in_axes: Any = 0,
    *,
    reduce: None = None,
    threads: int | None = None,
    max_paths: int | None = None,
    static_argnums: int | Sequence[int] | None = None,
    static_argnames: str | Sequence[str] | None = None,
    on_error: Literal["raise", "nan"] = "raise",
) -> Batched[[Any, Any], _R]: ...
@overload
def vmap(
    f: Callable[[Any, Any, Any], _R],
    in_axes: Any = 0,
    *,
    reduce: None = None,
    threads: int | None = None,
    max_paths: int | None = None,
    static_argnums: int | Sequence[int] | None = None,
    static_argnames: str | Sequence[str] | None = None,
    on_error: Literal["raise", "nan"] = "raise",
) -> Batched[[Any, Any, Any], _R]: ...
@overload
def vmap(
    f: Callable[[Any, Any, Any, Any], _R],
    in_axes: Any = 0,
    *,
    reduce: None = None,
    threads: int | None = None,
    max_paths: int | None = None,
    static_argnums: int | Sequence[int] | None = None,
    static_argnames: str | Sequence[str] | None = None,
    on_error: Literal["raise", "nan"] = "raise",
) -> Batched[[Any, Any, Any, Any], _R]: ...
@overload
def vmap(
    f: Callable[_P, _R],
    in_axes: Any = 0,
    *,
    reduce: None = None,
    threads: int | None = None,
    max_paths: int | None = None,
    static_argnums: int | Sequence[int] | None = None,
    static_argnames: str | Sequence[str] | None = None,
    on_error: Literal["raise", "nan"] = "raise",
) -> Batched[..., _R]: ...
