"""Other libraries and glassgrad's functions: SciPy's solvers, and functions for PyTorch and JAX.

Each library is imported when it is first needed.

>>> import glassgrad as gg
>>> gg.interop.torch.function(lambda x: x * x)
<gg.interop.torch.function of ...>
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from glassgrad.interop.with_scipy import least_squares, minimize, root

if TYPE_CHECKING:
    from glassgrad.interop import jax, torch

__all__ = ["jax", "least_squares", "minimize", "root", "torch"]


if not TYPE_CHECKING:  # so that type checkers report other names

    def __getattr__(name: str) -> Any:
        if name not in ("jax", "torch"):
            raise AttributeError(f"module 'glassgrad.interop' has no attribute {name!r}")
        from importlib import import_module

        return import_module(f"glassgrad.interop.{name}")


def __dir__() -> list[str]:
    return sorted(__all__)
