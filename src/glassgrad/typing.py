"""Types for annotations: of numbers, of operations, and of the functions that transforms return.

Type checkers see the public face in ``__init__.pyi``, which uses these types. A program needs them only to annotate its
own functions:

>>> import glassgrad as gg
>>> from glassgrad.typing import Number
>>> def energy(x: Number) -> Number:  # a float or a node
...     return gg.exp(-x) + 1.0
>>> energy(0.0)
2.0
"""

# mypy: disable-error-code="overload-overlap"

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, Protocol, TypeAlias, TypeVar, overload

from glassgrad.core.scalar import Scalar

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from glassgrad.compiler.account import Account
    from glassgrad.compiler.lowered import Lowered
    from glassgrad.core.arrays import Array

__all__ = ["Batched", "Binary", "Compiled", "Curved", "Number", "Ternary", "Transformed", "Unary"]

P = ParamSpec("P")
R_co = TypeVar("R_co", covariant=True)

Number: TypeAlias = float | Scalar
Floats: TypeAlias = "NDArray[np.float64]"
Plain: TypeAlias = "NDArray[np.floating[Any]] | NDArray[np.integer[Any]] | NDArray[np.bool_]"  # an array of numbers

Leaf: TypeAlias = "float | NDArray[Any]"  # a number or an array among results
Lanes: TypeAlias = "float | Plain"  # an argument of a batch: numbers for the lanes, or one number for all of them


class Unary(Protocol):
    """An operation of one argument: a float gives a float, a node a node, an array an array."""

    @overload
    def __call__(self, x: Scalar, /) -> Scalar: ...
    @overload
    def __call__(self, x: float, /) -> float: ...
    @overload
    def __call__(self, x: Array, /) -> Array: ...
    @overload
    def __call__(self, x: Plain, /) -> Floats: ...


class Binary(Protocol):
    """An operation of two arguments. A node among them gives a node, an array gives an array."""

    @overload
    def __call__(self, a: float, b: float, /) -> float: ...
    @overload
    def __call__(self, a: Scalar, b: Number, /) -> Scalar: ...
    @overload
    def __call__(self, a: float, b: Scalar, /) -> Scalar: ...
    @overload
    def __call__(self, a: Array, b: Number | Array | Plain, /) -> Array: ...
    @overload
    def __call__(self, a: Number | Plain, b: Array, /) -> Array: ...
    @overload
    def __call__(self, a: Scalar, b: Plain, /) -> Array: ...
    @overload
    def __call__(self, a: Plain, b: Scalar, /) -> Array: ...
    @overload
    def __call__(self, a: Plain, b: float | Plain, /) -> Floats: ...
    @overload
    def __call__(self, a: float, b: Plain, /) -> Floats: ...


class Ternary(Protocol):
    """An operation of a condition and two arguments."""

    @overload
    def __call__(self, c: float, a: float, b: float, /) -> float: ...
    @overload
    def __call__(self, c: Number, a: Number, b: Number, /) -> Scalar: ...
    @overload
    def __call__(self, c: float | Plain, a: float | Plain, b: float | Plain, /) -> Floats: ...
    @overload
    def __call__(self, c: Number | Array | Plain, a: Number | Array | Plain, b: Number | Array | Plain, /) -> Array: ...


class Transformed(Generic[P, R_co]):
    """A function that a transform such as `glassgrad.grad` returned. It has the parameters of the user's function."""

    __name__: str

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R_co:
        raise NotImplementedError


class Curved(Generic[P, R_co]):
    """A function that `glassgrad.hessian` or `glassgrad.jacobian` returned: floats give a float, arrays an array."""

    __name__: str

    @overload
    def __call__(self: Curved[P, float], *args: P.args, **kwargs: P.kwargs) -> float: ...
    @overload
    def __call__(self: Curved[P, float | Floats], *args: P.args, **kwargs: P.kwargs) -> Floats: ...
    @overload
    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Any: ...
    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Any:
        raise NotImplementedError


class Function(Protocol[P]):
    """What functions that `glassgrad.jit` and `glassgrad.vmap` return have in common."""

    __name__: str

    @property
    def function(self) -> Callable[..., Any]: ...
    @property
    def max_paths(self) -> int | None: ...
    @property
    def account(self) -> Account: ...
    def lower(self, *args: P.args, **kwargs: P.kwargs) -> Lowered: ...
    def kernels(self) -> list[Any]: ...


class Compiled(Function[P], Protocol[P, R_co]):
    """A function that `glassgrad.jit` returned, or `glassgrad.vmap` with ``reduce``. It also takes ``out=``."""

    @overload
    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R_co: ...
    @overload
    def __call__(self, *args: Any, out: Any, **kwargs: Any) -> R_co: ...


class Batched(Function[P], Protocol[P, R_co]):
    """A function that `glassgrad.vmap` returned. Its results are arrays: one number for each lane."""

    @overload
    def __call__(self: Batched[P, float], *args: P.args, **kwargs: P.kwargs) -> Floats: ...
    @overload
    def __call__(self: Batched[P, NDArray[Any]], *args: P.args, **kwargs: P.kwargs) -> Floats: ...
    @overload
    def __call__(self: Batched[P, tuple[Leaf, Leaf]], *args: P.args, **kwargs: P.kwargs) -> tuple[Floats, Floats]: ...
    @overload
    def __call__(
        self: Batched[P, tuple[Leaf, Leaf, Leaf]], *args: P.args, **kwargs: P.kwargs
    ) -> tuple[Floats, Floats, Floats]: ...
    @overload
    def __call__(
        self: Batched[P, tuple[Leaf, tuple[Leaf, Leaf]]], *args: P.args, **kwargs: P.kwargs
    ) -> tuple[Floats, tuple[Floats, Floats]]: ...
    @overload
    def __call__(
        self: Batched[P, tuple[Leaf, tuple[Leaf, Leaf, Leaf]]], *args: P.args, **kwargs: P.kwargs
    ) -> tuple[Floats, tuple[Floats, Floats, Floats]]: ...
    @overload
    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Any: ...
    @overload
    def __call__(self, *args: Any, out: Any, **kwargs: Any) -> Any: ...
