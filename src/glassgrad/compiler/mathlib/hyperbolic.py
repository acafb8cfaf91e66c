"""Kernels of the hyperbolic functions (being written)."""
