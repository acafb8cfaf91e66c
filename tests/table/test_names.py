"""Every operation of the table is a public name, and a method that type checkers know."""

from __future__ import annotations

from pathlib import Path

import pytest

import glassgrad as gg
from glassgrad.core.op import TABLE

STUB = (Path(__file__).parents[2] / "src" / "glassgrad" / "core" / "scalar.pyi").read_text()
NOT_STARRED = {"abs", "pow", "identity"}  # Python's own names; identity is what transforms wrap an argument in
NO_METHOD = {"where", "polygamma"}  # what they differentiate by is not their first argument


@pytest.mark.parametrize("name", TABLE)
def test_operation_is_public(name):
    assert name in NOT_STARRED or name in gg.__all__, f"add {name!r} to the names in glassgrad/__init__.py"


@pytest.mark.parametrize("name", TABLE)
def test_method_is_known_to_type_checkers(name):
    assert name in NO_METHOD or f"def {name}(" in STUB, f"add the method {name!r} to scalar.pyi"
