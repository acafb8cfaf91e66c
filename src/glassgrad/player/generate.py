"""Writes JavaScript from Python's tables, as the command ``python -m glassgrad.player.generate``.

``js/operations.js`` comes from the column ``js`` of the table of operations, and ``js/catalogue.js`` from the files of
messages. With ``--check`` nothing is written, and the exit code says whether the files are up to date.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from glassgrad.core.op import TABLE, Op
from glassgrad.messages import ENGLISH, LANGUAGES, messages

__all__ = ["CATALOGUE", "OPERATIONS", "catalogue", "main", "operations"]

OPERATIONS = Path(__file__).with_name("js") / "operations.js"
CATALOGUE = Path(__file__).with_name("js") / "catalogue.js"
ELSEWHERE = ("tour.", "page.", "text.")  # Messages that Python writes itself.
BROUGHT = ("judge.", "stale.", "trouble.")  # Messages that are stored in the documents that use them.
ARGUMENTS = {1: ("x",), 2: ("a", "b"), 3: ("a", "b", "c")}  # The names of the operands in the column, by their number.


def operations(table: Iterable[Op]) -> str:
    """Return the text of ``operations.js``: a function for each operation of the ``table`` with the column ``js``."""
    entries = [(op.name, ARGUMENTS[op.arity], op.js) for op in table if op.js is not None and op.arity is not None]
    needed = sorted({name for _, _, js in entries for name in needs(js)})
    lines = [
        "// Made by `python -m glassgrad.player.generate` from the table in core/ops.py: change it there.",
        *([f'import {{ {", ".join(needed)} }} from "./maths.js";'] if needed else []),
        "",
        "/** The operations by name, as functions of numbers. They never throw, and follow IEEE 754 as Python's do. */",
        "export const OPERATIONS = {",
        *(f"  {name}: ({', '.join(arguments)}) => {js}," for name, arguments, js in entries),
        "};",
    ]
    return "\n".join(lines) + "\n"


def needs(js: str) -> list[str]:
    """Return the functions that an expression calls without a dot. JavaScript itself does not have these."""
    return re.findall(r"(?<![\w.])[A-Za-z_]\w*(?=\()", js)


def catalogue() -> str:
    """Return the text of ``catalogue.js``: the player's messages in all languages."""
    known = [messages(lang) for lang in LANGUAGES]
    keys = [key for key in messages(ENGLISH) if not key.startswith((*ELSEWHERE, *BROUGHT))]
    lines = [
        "// Made by `python -m glassgrad.player.generate` from the files in src/glassgrad/messages: change them there.",
        "",
        f"export const LANGUAGES = {json.dumps(LANGUAGES)};",
        "",
        "/** By key: the message in each of the languages, in their order. */",
        "export const MESSAGES = {",
        *(f"  {json.dumps(key)}: {_json([one[key] for one in known])}," for key in keys),
        "};",
    ]
    return "\n".join(lines) + "\n"


def _json(texts: Sequence[str]) -> str:
    return json.dumps(texts, ensure_ascii=False)


def main(arguments: Sequence[str]) -> int:
    """Write the two modules, or with ``--check`` compare them, and return the exit code."""
    made = {OPERATIONS: operations(TABLE.values()), CATALOGUE: catalogue()}
    if list(arguments) == ["--check"]:
        wrong = [path for path, text in made.items() if path.read_text(encoding="utf-8") != text]
        for path in wrong:
            print(f"{path} is out of date: run python -m glassgrad.player.generate", file=sys.stderr)
        return int(bool(wrong))
    if arguments:
        print(f"the only option is --check, got {' '.join(arguments)}", file=sys.stderr)
        return 2
    for path, text in made.items():
        path.write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
