"""The families of programs, by the names of their modules in `programs`."""

from __future__ import annotations

import importlib
from pathlib import Path

from family import Family

SOURCES = Path(__file__).parent / "c"
FAMILIES = (
    "black_scholes",
    "rosenbrock",
    "speelpenning",
    "bundle",
    "mixture",
    "implied_vol",
    "american_put",
    "eight_paths",
    "compile_time",
)


def load(name: str) -> Family:
    """Return the family of the module of that name."""
    family: Family = importlib.import_module(f"programs.{name}").FAMILY
    return family
