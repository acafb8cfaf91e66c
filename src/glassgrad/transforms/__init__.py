"""Functions in, derivatives out: `grad`, `jacobian`, `hessian`, `vjp` and the others, over nested arguments.

`api` has the transforms. `trees` lays nested arguments out flat, `tracing` runs a function once on nodes, `given` tells
whether it wrote to an argument. `nudges` estimates derivatives by finite differences, and imports nothing of the rest.
"""

from glassgrad.transforms.api import check_grad, grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp

__all__ = ["check_grad", "grad", "hessian", "hvp", "jacobian", "jvp", "value_and_grad", "vjp"]
