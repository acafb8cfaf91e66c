"""Compiled code at work: calls, kernels and their tiers, the cache on disk, memory and threads."""

from glassgrad import _build

_build.extend(__path__, "compiler", "runtime")
