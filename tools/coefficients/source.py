"""Read the numbers that the source of glassgrad holds."""

from __future__ import annotations

import ast
import math
from functools import cache
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).resolve().parents[2] / "src" / "glassgrad"


@cache
def constants(module: str) -> dict[str, Any]:
    """Return the constants that ``module`` assigns, by name, as `eval` computes them from one another.

    The file is read, not imported: in the compiled build some of these names exist in C only.
    Assignments that need more than `math` and floats are left out.

    Args:
        module: a path below ``src/glassgrad`` without its suffix, such as ``"core/accurate"``.
    """
    tree = ast.parse((PACKAGE / f"{module}.py").read_text(encoding="utf-8"))
    known: dict[str, Any] = {"math": math}
    for statement in tree.body:
        if isinstance(statement, ast.Assign):
            code = compile(ast.Module([statement], []), module, "exec")
            try:
                exec(code, known)
            except (NameError, AttributeError):
                continue
    return known
