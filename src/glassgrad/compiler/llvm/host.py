"""The target for the processor of this machine."""

from __future__ import annotations

import os
from functools import cache

from glassgrad.compiler.llvm.generator import binding
from glassgrad.compiler.llvm.target import AARCH64, AVX512, X86_64, Target, level

__all__ = ["host"]


@cache
def host() -> Target:
    """Return the target for the processor of this machine, as LLVM describes it.

    If the environment variable ``GLASSGRAD_TARGET`` names one of `LEVELS`, that target is returned instead.
    """
    llvm = binding()
    triple = llvm.get_process_triple()
    wanted = os.environ.get("GLASSGRAD_TARGET", "")
    if wanted:
        return level(wanted, triple)
    features = llvm.get_host_cpu_features()
    architecture = triple.split("-")[0]
    if architecture in (X86_64, "amd64"):
        if all(features.get(name) for name in AVX512):
            lanes = 8
        else:
            lanes = 4 if features.get("avx2") else 2
        fma = bool(features.get("fma")) and lanes >= 4
        text = ",".join(f"{'+' if on else '-'}{name}" for name, on in sorted(features.items()))
        return Target("host", triple, llvm.get_host_cpu_name(), text + ",-prefer-256-bit" * (lanes == 8), lanes, fma)
    return Target("host", triple, llvm.get_host_cpu_name(), "", 2, architecture in (AARCH64, "arm64"))
