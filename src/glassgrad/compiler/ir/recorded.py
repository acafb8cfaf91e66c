"""The tape of a recorded run, whose operations are in arrays until somebody asks for lists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from glassgrad.compiler.ir.columns import Columns, lists_of
from glassgrad.compiler.ir.tape import Tape

__all__ = ["RecordedTape"]


class RecordedTape(Tape):
    """A tape that nobody changes. Its lists ``ops`` and ``args`` are made when they are first read."""

    def __init__(self, names: Sequence[str], columns: Columns) -> None:
        super().__init__(names)
        self.recorded = columns
        del self.ops, self.args

    def __getattr__(self, name: str) -> Any:
        if name not in ("ops", "args"):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        assert self.recorded is not None
        self.ops, self.args = lists_of(self.recorded)
        return self.__dict__[name]

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name not in ("ops", "args")}
