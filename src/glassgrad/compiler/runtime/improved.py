"""A tape after the passes. If it is known from the disk what they would give, they run only when somebody asks for it.

What is known is enough to find the code on disk, and to decide how to use it. So the first call of a function in a new
process runs no pass, and generates no code, if an earlier process compiled the same recorded tape.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from glassgrad.compiler.codegen.layout import Form
from glassgrad.compiler.codegen.mathlib import find
from glassgrad.compiler.codegen.module import sizes_of
from glassgrad.compiler.ir.loops import Executions
from glassgrad.compiler.ir.operations import is_uncompilable, kernels_of
from glassgrad.compiler.ir.tape import Tape
from glassgrad.compiler.llvm.target import Target
from glassgrad.compiler.runtime import cache, forms
from glassgrad.compiler.runtime.cache import Facts
from glassgrad.core.settings import config

__all__ = ["PLAIN", "ImprovedTape"]

PLAIN = 60  # Code without mathlib is plain if it has at most this many operations.


class ImprovedTape:
    """What the passes make of a tape for one target and one layout of arguments and results.

    Args:
        source: the tape before the passes.
        inputs, outputs: the layout.
        target: the processor.
        kind: the kind of the kernel.
        done: the tape after the passes, if they have run.

    Attributes:
        calls_out: whether the code calls functions that are not kernels, such as the user's.
    """

    def __init__(
        self,
        source: Tape,
        inputs: Sequence[Form],
        outputs: Sequence[Form],
        target: Target,
        kind: str,
        done: Tape | None = None,
    ) -> None:
        self.source, self.target, self.kind = source, target, kind
        self._layout = list(inputs), list(outputs)
        self._done = done
        self._facts: Facts | None = None
        self.calls_out = is_uncompilable(source)

    @property
    def tape(self) -> Tape:
        """The tape after the passes."""
        if self._done is None:
            self._done = forms.chosen(forms.improved(self.source, self.target.fma), self.target, self.kind)
        return self._done

    @property
    def ran(self) -> bool:
        """Whether the passes have run."""
        return self._done is not None

    @property
    def facts(self) -> Facts:
        """What there is to know about the tape. It is read from the disk, or found out and kept there."""
        if self._facts is None:  # no `cached_property`: its frame would hide the user's line from a warning
            folder, name = config.cache, self._name()
            found = cache.load_facts(folder, name) if folder is not None and name else None
            self._facts = found or self._find_out()
            if folder is not None and name and found is None:
                cache.store_facts(folder, name, self._facts)
        return self._facts

    @property
    def contents(self) -> str:
        """The digest of the tape and the layout."""
        return self.facts.contents or cache.contents(self.tape, *self._layout)

    @property
    def called(self) -> Tape:
        """A tape that calls the same functions that are not kernels, at the same positions."""
        return self.tape if self.calls_out else Tape([])

    def _name(self) -> str:
        """Return the name of the facts on disk, or "" if they are not kept: the user's functions have no digest."""
        if config.cache is None or self._done is not None or self.calls_out:
            return ""
        made = f"passes, {self.kind}, loops {forms.choice()}"
        return cache.name_of(cache.contents(self.source, *self._layout), self.target, made)

    def _find_out(self) -> Facts:
        tape = self.tape
        kernels = kernels_of(tape)
        sizes = sizes_of(tape, self.target)
        length = max(1, sum(sizes) // tape.paths)
        executed, lines = len(kernels), length
        if tape.loops:
            executions = Executions(tape)
            executed, lines = executions.total, max(1, int(np.diff(executions.first) @ np.array(sizes)))
        return Facts(
            contents="" if config.cache is None else cache.contents(tape, *self._layout),
            operations=len(kernels),
            paths=tape.paths,
            executed=executed,
            length=length,
            lines=lines,
            loops=bool(tape.loops),
            plain=not tape.loops and len(kernels) <= PLAIN and all(map(_is_plain, kernels)),
        )


def _is_plain(kernel: str | None) -> bool:
    return kernel == "assert" or (kernel is not None and find(kernel).small)
