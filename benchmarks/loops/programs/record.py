"""The record of a program: a plain Python function with loops, and how it is differentiated and called."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import glassgrad as gg

__all__ = ["Program", "generator"]


@dataclass(frozen=True)
class Program:
    """A program with loops.

    Attributes:
        name: its name, by which C and the peers find their own form of it.
        function: a plain Python function of nodes, with ``for`` loops. It returns a number.
        arguments: the arguments. Those that differ between lanes are arrays whose first axis is that of the lanes.
        argnums: the arguments with respect to which the function is differentiated.
        in_axes: for each argument 0 if it differs between lanes, else None. The value None alone means one call.
        reduce: ``"sum"`` if the results of all lanes are added up.
        transform: the name of the transform of `function`, in glassgrad.
        sizes: the sizes that were chosen, such as the number of steps.
        constants: the numbers that are fixed in the function, such as the step of time, for C and the peers.
        agreement: how far results may differ, relative to the larger of 1 and the value.
    """

    name: str
    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    argnums: int | tuple[int, ...]
    in_axes: tuple[int | None, ...] | None = None
    reduce: str | None = None
    transform: str = "value_and_grad"
    sizes: Mapping[str, int] = field(default_factory=dict)
    constants: Mapping[str, Any] = field(default_factory=dict)
    agreement: float = 1e-9

    @property
    def lanes(self) -> int:
        """The number of lanes; 1 for one call."""
        return len(next(self._batched())) if self.in_axes else 1

    def _batched(self) -> Iterator[Any]:
        assert self.in_axes
        return (argument for argument, axis in zip(self.arguments, self.in_axes, strict=True) if axis == 0)

    @property
    def transformed(self) -> Callable[..., Any]:
        """The function of one lane to its value and gradient."""
        transformed: Callable[..., Any] = getattr(gg, self.transform)(self.function, self.argnums)
        return transformed

    def compiled(self, **options: Any) -> Any:
        """The compiled function: ``jit`` for one call, else ``vmap``, which takes ``options``."""
        if self.in_axes is None:
            return gg.jit(self.transformed)
        return gg.vmap(self.transformed, in_axes=self.in_axes, reduce=self.reduce, **options)

    def lane(self, number: int) -> tuple[Any, ...]:
        """The arguments of one lane."""
        if self.in_axes is None:
            return self.arguments
        return tuple(
            argument if axis is None else as_python(argument[number])
            for argument, axis in zip(self.arguments, self.in_axes, strict=True)
        )

    def uncompiled(self) -> list[Any]:
        """The results of every lane, computed without the compiler."""
        return [self.transformed(*self.lane(number)) for number in range(self.lanes)]

    def tape(self) -> Any:
        """The tape of one lane's value and gradient as it is recorded, before any pass and without compiling."""
        from glassgrad.compiler.marshal.arguments import Arguments, taken

        compiled: Any = gg.jit(self.transformed)
        _, _, leaves, structure = taken(compiled._user, self.lane(0), {})
        arguments = Arguments(compiled._user, leaves, structure)
        record = compiled.program(arguments)
        values = [arguments.values[k] for k in record.order]
        record.trace([x for value in values for x in (value.array.ravel() if hasattr(value, "array") else [value])])
        return record.tape


def as_python(x: Any) -> Any:
    return x if np.ndim(x) else float(x)


def generator() -> np.random.Generator:
    """Random numbers, the same in every run and every process."""
    return np.random.default_rng(0)
