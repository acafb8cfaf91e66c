"""Solvers of other libraries on glassgrad's functions. Each library is imported when it is first needed."""

from glassgrad.interop.with_scipy import least_squares, minimize, root

__all__ = ["least_squares", "minimize", "root"]
