"""A gradient beside its nudge, and whether the two agree."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass

# A central difference with the step at which truncation balances rounding errs by about EPS^(2/3), times the
# size of what it differentiates; 100 covers functions whose third derivative is larger than their value.
TOLERANCE: float = 100 * sys.float_info.epsilon ** (2 / 3)


@dataclass(frozen=True)
class Check:
    """One gradient from backward() beside the same one from a nudge."""

    name: str
    value: float
    gradient: float
    nudge: float

    @property
    def difference(self) -> float:
        return abs(self.gradient - self.nudge)

    @property
    def right(self) -> bool:
        """Whether they agree to what a central difference can tell; NaN agrees with nothing."""
        return self.difference <= TOLERANCE * max(1.0, abs(self.nudge))


def table(checks: Iterable[Check]) -> str:
    """The checks as text, a line each, for a terminal."""
    rows = [("node", "value", "backward()", "nudge", "difference", "")]
    rows += [
        (
            check.name,
            f"{check.value:.6f}",
            f"{check.gradient:.10f}",
            f"{check.nudge:.10f}",
            f"{check.difference:.1e}",
            "ok" if check.right else "WRONG",
        )
        for check in checks
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  "
        + f"{row[0]:<{widths[0]}}  "
        + "  ".join(f"{cell:>{width}}" for cell, width in zip(row[1:], widths[1:], strict=True)).rstrip()
        for row in rows
    )
