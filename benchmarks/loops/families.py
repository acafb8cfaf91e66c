"""Each row of the benchmark as a family of contenders: C by hand, glassgrad, and the peers that have the program."""

from __future__ import annotations

from typing import Any

import c_by_hand
import casadi_programs
import heyoka_programs
import jax_programs
import numba_programs
import ours
import torch_programs
from family import Case, Family
from programs import ROWS, SMALL, Program, Row, find, small

PEERS: dict[str, Any] = {
    "jax": jax_programs, "casadi": casadi_programs, "heyoka": heyoka_programs, "torch": torch_programs,
    "numba": numba_programs,
}  # fmt: skip
QUICK = "small"  # the name of a row's case at a small size
LANES = 40  # of small sizes: a multiple of 8, because C by hand computes 8 lanes or more side by side


def load(title: str) -> Family:
    """Return the family of the row of that title."""
    row = next(row for row in ROWS if row.title == title)
    program = row.program()
    family = Family(
        title=row.title,
        about=" ".join((find(row.name).__doc__ or "").split("\n\n")[0].split()),
        unit="lane" if program.in_axes else "call",
        axis="lanes",
        cases=[Case(row.title, program.lanes, program.lanes)],
        quick=[Case(QUICK, LANES if program.in_axes else 1, LANES if program.in_axes else 1)],
        data=lambda case: small_of(row) if case.series == QUICK else program,
        agreement=program.agreement,
    )
    family.contender("C by hand")(c_by_hand.make)
    family.contender("glassgrad", "glassgrad")(ours.make)
    for package, module in PEERS.items():
        for name, make in module.contenders(row.name).items():
            agreement = heyoka_programs.agreement(program) if module is heyoka_programs else None
            family.contender(name, package, agreement=agreement)(make)
    return family


def small_of(row: Row) -> Program:
    """Return the row's program at a small size."""
    if "lanes" not in SMALL[row.name]:
        return small(row.name)
    return small(row.name, lanes=LANES if row.sizes.get("lanes", LANES) else None)
