"""LLVM IR, as LLVM itself reads it."""

from __future__ import annotations

from typing import Any

__all__ = ["parsed"]


def parsed(text: str) -> Any:
    """The module that LLVM makes of ``text``.

    Raises:
        RuntimeError: ``text`` is not valid LLVM IR.
    """
    import llvmlite.binding as llvm

    module = llvm.parse_assembly(text)
    module.verify()
    return module
