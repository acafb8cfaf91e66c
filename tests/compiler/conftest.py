"""These tests are about code: it is made at once, whatever it costs, and all of it is checked."""

from __future__ import annotations

import math
from importlib.util import find_spec
from typing import Any

import pytest

import glassgrad as gg
from helpers.slots import check_slots

LARGE = 2_000_000  # characters of a module beyond which checking takes too long


@pytest.fixture(autouse=True)
def _code_is_made_at_once():
    before, gg.config.compile_budget = gg.config.compile_budget, math.inf
    yield
    gg.config.compile_budget = before


@pytest.fixture(autouse=True)
def _slots_are_checked(monkeypatch):
    if find_spec("llvmlite") is None:
        return
    from glassgrad.compiler.runtime import kernel

    def checked(make: Any) -> Any:
        def made(*args: Any, **kwargs: Any) -> Any:
            text = make(*args, **kwargs)
            if len(text.text) <= LARGE:
                check_slots(text.text)
            return text

        return made

    for name in ("batch_module", "scalar_module"):
        monkeypatch.setattr(kernel, name, checked(getattr(kernel, name)))
