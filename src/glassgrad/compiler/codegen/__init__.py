"""From a tape to LLVM IR: a kernel for one call, a kernel for a batch, and the vector functions of `mathlib`."""

from glassgrad import _build

_build.extend(__path__, "compiler", "codegen")
