"""JavaScript of the table: ``python -m glassgrad.player.generate`` writes ``js/operations.js`` from its column ``js``.

With ``--check`` nothing is written: the exit code says whether the file is what the table makes of it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from glassgrad.op import TABLE, Op

__all__ = ["OPERATIONS", "main", "operations"]

OPERATIONS = Path(__file__).with_name("js") / "operations.js"
ARGUMENTS = {1: ("x",), 2: ("a", "b"), 3: ("a", "b", "c")}  # what the column calls them, by their number


def operations(table: Iterable[Op]) -> str:
    """The text of ``operations.js``: a function for each operation of the ``table`` that has the column."""
    entries = [(op.name, ARGUMENTS[op.arity], op.js) for op in table if op.js is not None and op.arity is not None]
    needed = sorted({name for _, _, js in entries for name in needs(js)})
    lines = [
        "// Made by `python -m glassgrad.player.generate` from the table in src/glassgrad/ops.py: change it there.",
        *([f'import {{ {", ".join(needed)} }} from "./maths.js";'] if needed else []),
        "",
        "/** The operations by name, as functions of numbers. They never throw, and follow IEEE 754 as Python's do. */",
        "export const OPERATIONS = {",
        *(f"  {name}: ({', '.join(arguments)}) => {js}," for name, arguments, js in entries),
        "};",
    ]
    return "\n".join(lines) + "\n"


def needs(js: str) -> list[str]:
    """The functions that the expression calls by name alone: those that JavaScript does not have."""
    return re.findall(r"(?<![\w.])[A-Za-z_]\w*(?=\()", js)


def main(arguments: Sequence[str]) -> int:
    text = operations(TABLE.values())
    if list(arguments) == ["--check"]:
        if OPERATIONS.read_text(encoding="utf-8") == text:
            return 0
        print(f"{OPERATIONS} is not what the table says: run python -m glassgrad.player.generate", file=sys.stderr)
        return 1
    if arguments:
        print(f"generate takes --check or nothing, not {' '.join(arguments)}", file=sys.stderr)
        return 2
    OPERATIONS.write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
