"""Each row of the benchmark as a family of contenders: C by hand, glassgrad, and the peers that have the program."""

from __future__ import annotations

from typing import Any

import c_by_hand
import casadi_programs
import heyoka_programs
import jax_programs
import ours
import torch_programs
from family import Case, Family
from programs import ROWS, Program, Row, small

SMALL = "small"
LANES = {"lanes": 16}  # of the small sizes: as many as C by hand can take


def load(title: str) -> Family:
    """Return the family of the row of that title."""
    row = next(row for row in ROWS if row.title == title)
    program = row.program()
    family = Family(
        title=row.title,
        about=" ".join((program.maker.__doc__ or "").split("\n")[0].split()),
        unit="lane" if program.in_axes else "call",
        axis="lanes",
        cases=[Case(row.title, program.lanes, program.lanes)],
        quick=[Case(SMALL, 1)],
        data=lambda case: small_of(row) if case.series == SMALL else program,
        agreement=program.agreement,
    )
    family.contender("C by hand")(c_by_hand.make)
    family.contender("glassgrad", "glassgrad")(ours.make)
    for peer, module in PEERS.items():
        for title, make in module.contenders(program.name).items():
            family.contender(title, peer)(make)
    return family


def small_of(row: Row) -> Program:
    """Return the row's program at a small size."""
    return small(row.name)


PEERS: dict[str, Any] = {
    "jax": jax_programs, "casadi": casadi_programs, "heyoka": heyoka_programs, "torch": torch_programs,
}  # fmt: skip
