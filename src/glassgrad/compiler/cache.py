"""Machine code kept on disk: a file for each kernel, named by all that it depends on.

A file is written beside its place and then moved there, so that no reader sees half of one, whoever writes at the same
time; it begins with a digest of the rest, and one that does not fit is as good as none.
"""

from __future__ import annotations

import hashlib
import json
import os
import struct
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from glassgrad.compiler.callees import Callees
from glassgrad.compiler.layout import Form
from glassgrad.compiler.tape import Outputs, Tape
from glassgrad.compiler.target import Target

__all__ = ["Kept", "digest", "load", "store"]

MAGIC = b"glassgrad kernel 1\n"


class Kept(NamedTuple):
    """What is kept of a kernel: the scratch memory it wants, the kernels of mathlib that it calls, the object file."""

    scratch: int
    needs: tuple[str, ...]
    code: bytes


def digest(tape: Tape, inputs: Sequence[Form], outputs: Sequence[Form], target: Target, kind: str) -> str:
    """A name for the kernel: of tape, layout, target and versions."""
    import llvmlite

    import glassgrad

    sha = hashlib.sha256()
    sha.update(repr((glassgrad.__version__, _sources(), llvmlite.__version__, target, kind)).encode())
    sha.update(repr((tape.inputs, list(inputs), list(outputs), [op.code for op in tape.ops])).encode())
    sha.update(Callees(tape).text().encode())
    sha.update(struct.pack(f"<{len(tape.constants)}d", *tape.constants))
    sha.update(repr(tape.args).encode())
    for start, stop, parent, exit in tape.segments:
        sha.update(repr((start, stop, parent, exit.refs if isinstance(exit, Outputs) else exit[:3])).encode())
        sha.update(repr(exit.path if isinstance(exit, Outputs) else "").encode())
    return sha.hexdigest()


_stamp = ""


def _sources() -> str:
    """A digest of the compiler's own source, so that code made by another state of it is not taken for this one's."""
    global _stamp
    if not _stamp:
        sha = hashlib.sha256()
        here = Path(__file__).parent
        for path in sorted(here.rglob("*.py")):
            sha.update(path.read_bytes())
        _stamp = sha.hexdigest()
    return _stamp


def load(folder: Path, name: str) -> Kept | None:
    """The kernel kept as ``name``, or None where there is none, or none that is whole."""
    try:
        data = (folder / f"{name}.kernel").read_bytes()
    except OSError:
        return None
    head = len(MAGIC)
    body = data[head + 32 :]
    if data[:head] != MAGIC or hashlib.sha256(body).digest() != data[head : head + 32]:
        return None
    first, _, code = body.partition(b"\n")
    scratch, needs = json.loads(first)
    return Kept(scratch, tuple(needs), code)


def store(folder: Path, name: str, kept: Kept) -> None:
    """Keep a kernel; where that is not possible, do without."""
    body = json.dumps([kept.scratch, kept.needs]).encode() + b"\n" + kept.code
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=folder, prefix=name[:16], suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(MAGIC + hashlib.sha256(body).digest() + body)
            os.replace(temporary, folder / f"{name}.kernel")
        except BaseException:
            os.unlink(temporary)
            raise
    except OSError:
        return
