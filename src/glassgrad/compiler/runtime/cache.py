"""Machine code kept on disk: a file for each kernel, named by all that it depends on.

What is read here is run. So a folder is used only where no other user can write (`trust`), and a file only if it is an
ordinary one that nobody else can have written. It begins with a digest of its name and the rest, so one that is
damaged, cut short or renamed is as good as none. Files are written beside their place and then moved there: no reader
sees half of one, whoever writes at the same time.
"""

from __future__ import annotations

import atexit
import hashlib
import json
import os
import stat
import struct
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from glassgrad._version import __version__
from glassgrad.compiler.codegen.callees import Callees
from glassgrad.compiler.codegen.layout import Form
from glassgrad.compiler.ir.tape import Outputs, Tape
from glassgrad.compiler.llvm.target import Target
from glassgrad.compiler.runtime.trust import is_mine, is_trusted
from glassgrad.support import forks

__all__ = ["Kept", "digest", "load", "store"]

MAGIC = b"glassgrad kernel 2\n"
LARGEST = 1 << 28  # bytes of a file, and of the scratch memory that a kernel may want
FLAGS = ("O_BINARY", "O_CLOEXEC", "O_NOCTTY", "O_NOFOLLOW", "O_NONBLOCK")  # no link is followed, no pipe waited for

_writing = forks.brief()  # so that nothing is half written in a child, and when Python ends
_over = False  # Python is about to end


class Kept(NamedTuple):
    """What is kept of a kernel: the scratch memory it wants, the kernels of mathlib that it calls, the object file."""

    scratch: int
    needs: tuple[str, ...]
    code: bytes


def digest(tape: Tape, inputs: Sequence[Form], outputs: Sequence[Form], target: Target, kind: str) -> str:
    """A name for the kernel: of tape, layout, target and versions."""
    import llvmlite

    sha = hashlib.sha256()
    sha.update(repr((__version__, _sources(), llvmlite.__version__, target, kind)).encode())
    sha.update(repr((tape.inputs, list(inputs), list(outputs), [op.code for op in tape.ops])).encode())
    sha.update(Callees(tape).text().encode())
    sha.update(struct.pack(f"<q{len(tape.constants)}d", len(tape.constants), *tape.constants))
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
        here = Path(__file__).parents[1]
        for path in sorted(here.rglob("*.py")):
            sha.update(path.read_bytes())
        _stamp = sha.hexdigest()
    return _stamp


def load(folder: Path, name: str) -> Kept | None:
    """The kernel kept as ``name``, or None where there is none that may be run."""
    data = _read(folder / f"{name}.kernel") if is_trusted(folder) else None
    head = len(MAGIC)
    if data is None or data[:head] != MAGIC or data[head : head + 32] != _check(name, data[head + 32 :]):
        return None
    first, _, code = data[head + 32 :].partition(b"\n")
    try:
        scratch, needs = json.loads(first)
    except (ValueError, TypeError, RecursionError):
        return None
    if type(scratch) is not int or not 0 <= scratch <= LARGEST:
        return None
    if not isinstance(needs, list) or not all(isinstance(need, str) for need in needs):
        return None
    return Kept(scratch, tuple(needs), code)


def _read(path: Path) -> bytes | None:
    """What is in an ordinary file that nobody else can have written; None of anything else."""
    try:
        descriptor = os.open(path, os.O_RDONLY | sum(getattr(os, flag, 0) for flag in FLAGS))
    except (OSError, ValueError):
        return None
    try:
        state = os.fstat(descriptor)  # of what was opened, whatever the name stands for by now
        if not stat.S_ISREG(state.st_mode) or not is_mine(state) or state.st_size > LARGEST:
            return None
        with open(descriptor, "rb", closefd=False) as file:
            return file.read(LARGEST)
    except OSError:
        return None
    finally:
        os.close(descriptor)


def _check(name: str, body: bytes) -> bytes:
    """What a file begins with: another file's body is not taken for this one's."""
    return hashlib.sha256(name.encode() + b"\n" + body).digest()


def store(folder: Path, name: str, kept: Kept) -> None:
    """Keep a kernel; where that is not possible, do without."""
    body = json.dumps([kept.scratch, kept.needs]).encode() + b"\n" + kept.code
    with _writing:
        if not _over:
            _write(folder, name, body)


@atexit.register
def _rest() -> None:
    """Wait for the file that is being written: it would stay there half written."""
    global _over
    with _writing:
        _over = True


def _write(folder: Path, name: str, body: bytes) -> None:
    try:
        if not is_trusted(folder):
            return
        _make(folder)
        handle, temporary = tempfile.mkstemp(dir=folder, prefix=name[:16], suffix=".part")  # of mode 0600
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(MAGIC + _check(name, body) + body)
            os.replace(temporary, folder / f"{name}.kernel")
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary)
            raise
    except (OSError, ValueError):
        return


def _make(folder: Path) -> None:
    """Make the folder, and those on the way to it that are missing, for this user alone."""
    if not folder.is_dir():
        _make(folder.parent)
        with suppress(FileExistsError):  # another process was quicker
            folder.mkdir(mode=0o700)
