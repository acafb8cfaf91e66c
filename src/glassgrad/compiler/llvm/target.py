"""What code is made for: the processor, how many doubles it takes at once, whether it multiplies and adds in one
step."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["LEVELS", "Target", "level"]

X86_64, AARCH64 = "x86_64", "aarch64"
AVX512 = ("avx512f", "avx512dq", "avx512bw", "avx512vl", "avx512cd")  # what LLVM's x86-64-v4 has


class Target(NamedTuple):
    """A processor that code is made for.

    Attributes:
        name: what it is called here: a key of `LEVELS`, or ``"host"``.
        triple, cpu, features: as LLVM names them.
        lanes: how many doubles one instruction takes.
        fma: whether ``a * b + c`` is one instruction, rounded once.
    """

    name: str
    triple: str
    cpu: str
    features: str
    lanes: int
    fma: bool

    @property
    def packs(self) -> bool:
        """Whether it packs the chosen elements of a vector in one instruction."""
        return "+avx512f" in self.features or self.cpu == LEVELS["avx512"][1]

    @property
    def registers(self) -> int:
        """How many vectors it holds."""
        return 32 if self.packs or self.triple.startswith((AARCH64, "arm64")) else 16

    def scalar(self) -> Target:
        """The same processor, one double at a time."""
        return self._replace(lanes=1)


LEVELS = {  # by the names of the x86-64 psABI's levels; cpu, features, lanes, fma
    "sse2": (X86_64, "x86-64", "", 2, False),
    "avx2": (X86_64, "x86-64-v3", "", 4, True),
    "avx512": (X86_64, "x86-64-v4", "-prefer-256-bit", 8, True),
    "neon": (AARCH64, "generic", "+neon", 2, True),
}


def level(name: str, triple: str) -> Target:
    """The processor of `LEVELS` called ``name``, on the system of ``triple``."""
    if name not in LEVELS:
        raise ValueError(f"GLASSGRAD_TARGET={name!r} is no target: choose from {', '.join(LEVELS)}")
    architecture, cpu, features, lanes, fma = LEVELS[name]
    system = triple.split("-", 1)[1] if "-" in triple else "unknown-linux-gnu"
    return Target(name, f"{architecture}-{system}", cpu, features, lanes, fma)
