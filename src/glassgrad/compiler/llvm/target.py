"""The target of code: the processor, its number of lanes, and whether it has fused multiply-add."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["LEVELS", "Target", "level"]

X86_64, AARCH64 = "x86_64", "aarch64"
AVX512 = ("avx512f", "avx512dq", "avx512bw", "avx512vl", "avx512cd")  # LLVM's x86-64-v4 has these features.


class Target(NamedTuple):
    """A processor that code is made for.

    Attributes:
        name: its name in glassgrad: a key of `LEVELS`, or ``"host"``.
        triple, cpu, features: LLVM's names.
        lanes: how many doubles one vector holds.
        fma: whether one instruction computes ``a * b + c``, rounded once.
    """

    name: str
    triple: str
    cpu: str
    features: str
    lanes: int
    fma: bool

    @property
    def packs(self) -> bool:
        """Whether one instruction stores the chosen elements of a vector side by side."""
        return "+avx512f" in self.features or self.cpu == LEVELS["avx512"][1]

    @property
    def registers(self) -> int:
        """The number of vector registers."""
        return 32 if self.packs or self.triple.startswith((AARCH64, "arm64")) else 16

    def scalar(self) -> Target:
        """Return the target for the same processor with one lane."""
        return self._replace(lanes=1)


# For each name: architecture, cpu, features, lanes and fma. The cpus of x86-64 are levels of its psABI.
LEVELS = {
    "sse2": (X86_64, "x86-64", "", 2, False),
    "avx2": (X86_64, "x86-64-v3", "", 4, True),
    "avx512": (X86_64, "x86-64-v4", "-prefer-256-bit", 8, True),
    "neon": (AARCH64, "generic", "+neon", 2, True),
}


def level(name: str, triple: str) -> Target:
    """Return the target called ``name`` in `LEVELS`, for the operating system of ``triple``."""
    if name not in LEVELS:
        raise ValueError(f"GLASSGRAD_TARGET must be one of {', '.join(LEVELS)}, got {name!r}")
    architecture, cpu, features, lanes, fma = LEVELS[name]
    system = triple.split("-", 1)[1] if "-" in triple else "unknown-linux-gnu"
    return Target(name, f"{architecture}-{system}", cpu, features, lanes, fma)
