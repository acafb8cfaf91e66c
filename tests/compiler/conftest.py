"""These tests are about code, and all code that they make is checked."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import pytest

from helpers.slots import check_slots

SHORT = 50  # lines, instead of hundreds, from which code is cut in pieces
LARGE = 2_000_000  # characters of a module beyond which checking takes too long


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


@pytest.fixture(params=["code", "interpreter"])
def how(request, monkeypatch):
    """Both ways to run a tape."""
    if request.param == "interpreter":
        monkeypatch.setenv("GLASSGRAD_TARGET", "none")
    else:
        pytest.importorskip("llvmlite")
    return request.param


@pytest.fixture
def all_code_is_long(monkeypatch):
    """So that it is cut in pieces, and so on: work leaps where short code becomes long."""
    from glassgrad.compiler.codegen import access, module, region_kernel, regions, scalar_kernel
    from glassgrad.compiler.runtime import forms

    for one in (region_kernel, scalar_kernel):
        monkeypatch.setattr(one, "WHOLE", SHORT)
    monkeypatch.setattr(module, "PIECE", SHORT)
    monkeypatch.setattr(forms, "ROLL_FROM", 10**9)  # code without loops, as work leaps where code gets loops
    monkeypatch.setattr(access, "ALTOGETHER", 10)
    monkeypatch.setattr(regions, "LONGER", 100)
