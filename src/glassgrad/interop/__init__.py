"""Other libraries at work on glassgrad's functions; each is imported when it is first needed."""

from glassgrad.interop.with_scipy import least_squares, minimize, root

__all__ = ["least_squares", "minimize", "root"]
