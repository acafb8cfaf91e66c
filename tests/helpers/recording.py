"""Record a function as a tape, without compiling it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import glassgrad as gg
from glassgrad.compiler.compiled import taken
from glassgrad.compiler.ir.tape import Tape
from glassgrad.compiler.marshal.arguments import Arguments


def recorded(f: Callable[..., Any], *args: Any) -> Tape:
    """The tape of ``f``, recorded at ``args``."""
    compiled = gg.jit(f)
    _, _, leaves, structure = taken(compiled._user, args, {})
    program = compiled.program(Arguments(compiled._user, leaves, structure, None))
    program.trace([float(x) for k in program.order for x in np.ravel(leaves[k])])
    return program.tape
