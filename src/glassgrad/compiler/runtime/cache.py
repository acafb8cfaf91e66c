"""Keep machine code on disk: one file for each kernel, named by a digest of everything that the kernel depends on.

Another file for each recorded tape tells which tape the passes make of it. So a process that records the same tape
finds the code without running them.

The code in these files is run. So a folder is used only if no other user can write to it (`trust`), and a file only if
it is a regular file that nobody else can have written. Each file contains a digest of its name and its contents, so
damaged, truncated and renamed files are ignored. A file is written under a temporary name and then renamed. So no
reader sees half a file, even if several processes write at once.
"""

from __future__ import annotations

import atexit
import hashlib
import json
import os
import stat
import struct
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from glassgrad._version import __version__
from glassgrad.compiler.codegen.callees import Callees
from glassgrad.compiler.codegen.layout import Form
from glassgrad.compiler.ir.loops import add_loops, told_apart
from glassgrad.compiler.ir.operations import is_uncompilable
from glassgrad.compiler.ir.tape import Outputs, Tape
from glassgrad.compiler.llvm.target import Target
from glassgrad.compiler.runtime.trust import is_mine, is_trusted
from glassgrad.core.op import TABLE, Op
from glassgrad.support import forks

__all__ = ["Facts", "Kept", "contents", "digest", "load", "load_facts", "name_of", "store", "store_facts"]

MAGIC = b"glassgrad kernel 3\n"
LARGEST = 1 << 28  # Neither a file nor the scratch memory of a kernel may be larger than this many bytes.
# Files are opened with these flags where the system has them. No link is followed, and no pipe is waited for.
FLAGS = ("O_BINARY", "O_CLOEXEC", "O_NOCTTY", "O_NOFOLLOW", "O_NONBLOCK")

_writing = forks.brief()  # This lock is held while a file is written. A fork and the end of Python wait for it.
_over = False  # True when Python is about to end.


class Kept(NamedTuple):
    """A kernel on disk.

    Attributes:
        scratch: the size of its scratch memory, in bytes.
        needs: the names of the functions of mathlib that it calls.
        code: its object files.
        data: by its symbol, memory that the code reads.
    """

    scratch: int
    needs: tuple[str, ...]
    code: bytes
    data: Mapping[str, bytes] = MappingProxyType({})


class Facts(NamedTuple):
    """What a kernel has to know about a tape after the passes, apart from the tape.

    Attributes:
        contents: the digest of the tape and the layout, or "" if nobody asked for it.
        operations, paths: how many the tape has.
        executed: how many operations a lane executes.
        length: the estimated number of lines of IR of a path, at least 1.
        lines: the estimated number of lines of IR that a lane executes, at least 1.
        loops: whether the tape has loops.
        plain: whether its code is short and free of mathlib.
    """

    contents: str
    operations: int
    paths: int
    executed: int
    length: int
    lines: int
    loops: bool
    plain: bool


def digest(tape: Tape, inputs: Sequence[Form], outputs: Sequence[Form], target: Target, kind: str) -> str:
    """Return a name for a kernel: a digest of its tape, layout, target and versions."""
    return name_of(contents(tape, inputs, outputs), target, kind)


def name_of(contents: str, target: Target, kind: str) -> str:
    """Return a name for something made from a tape with these `contents`."""
    import llvmlite

    key = (__version__, _sources(), llvmlite.__version__, target, kind, contents)
    return hashlib.sha256(repr(key).encode()).hexdigest()


def contents(tape: Tape, inputs: Sequence[Form], outputs: Sequence[Form]) -> str:
    """Return a digest of a tape and the layout of its arguments and results."""
    columns = tape.columns()
    sha = hashlib.sha256()
    ops = [op if isinstance(op, str) else _identity(op) for op in told_apart(columns.ops)]
    sha.update(repr((tape.inputs, list(inputs), list(outputs), ops, columns.operands.shape)).encode())
    for array in columns[1:]:
        sha.update(array)
    add_loops(sha, tape)
    if is_uncompilable(tape):
        sha.update(Callees(tape).text().encode())
    sha.update(struct.pack(f"<q{len(tape.constants)}d", len(tape.constants), *tape.constants))
    for start, stop, parent, exit in tape.segments:
        sha.update(repr((start, stop, parent, exit.refs if isinstance(exit, Outputs) else exit[:3])).encode())
        sha.update(repr(exit.path if isinstance(exit, Outputs) else "").encode())
    return sha.hexdigest()


def _identity(op: Op) -> tuple[str, str | None, bool]:
    """Return what tells operations apart. The user's own functions are alike, as each process gives the code its own."""
    return op.name if op.code is not None else "", op.code, TABLE.get(op.name) is op


_stamp = ""


def _sources() -> str:
    """Return a digest of the source that code depends on, so that code from another version of it is not used.

    This is the compiler, and the table of operations, whose values become constants in the code.
    """
    global _stamp
    if not _stamp:
        sha = hashlib.sha256()
        compiler = Path(__file__).parents[1]
        for path in (*sorted(compiler.rglob("*.py")), *sorted((compiler.parent / "core").glob("*.py"))):
            sha.update(path.read_bytes())
        _stamp = sha.hexdigest()
    return _stamp


def load(folder: Path, name: str) -> Kept | None:
    """Return the kernel that is kept as ``name``, or None if there is none that may be run."""
    body = _load(folder, name, "kernel")
    if body is None:
        return None
    first, _, code = body.partition(b"\n")
    try:
        scratch, needs, lengths = json.loads(first)
    except (ValueError, TypeError, RecursionError):
        return None
    if type(scratch) is not int or not 0 <= scratch <= LARGEST:
        return None
    if not isinstance(needs, list) or not all(isinstance(need, str) for need in needs):
        return None
    if not isinstance(lengths, dict) or not all(type(x) is int and 0 <= x <= len(code) for x in lengths.values()):
        return None
    data = {}
    for symbol, length in lengths.items():
        data[symbol], code = code[:length], code[length:]
    return Kept(scratch, tuple(needs), code, data)


def load_facts(folder: Path, name: str) -> Facts | None:
    """Return the facts that are kept as ``name``, or None."""
    body = _load(folder, name, "facts")
    try:
        facts = Facts(*json.loads(body or b""))
    except (ValueError, TypeError, RecursionError):
        return None
    kinds = [str, int, int, int, int, int, bool, bool]
    return facts if [*map(type, facts)] == kinds and min(facts.paths, facts.length, facts.lines) > 0 else None


def _load(folder: Path, name: str, kind: str) -> bytes | None:
    """Return the body of a file, or None if it is not whole or may not be trusted."""
    data = _read(folder / f"{name}.{kind}") if is_trusted(folder) else None
    head = len(MAGIC)
    if data is None or data[:head] != MAGIC or data[head : head + 32] != _check(name, data[head + 32 :]):
        return None
    return data[head + 32 :]


def _read(path: Path) -> bytes | None:
    """Return the contents of a regular file that nobody else can have written, or None for any other file."""
    try:
        descriptor = os.open(path, os.O_RDONLY | sum(getattr(os, flag, 0) for flag in FLAGS))
    except (OSError, ValueError):
        return None
    try:
        state = os.fstat(descriptor)  # the state of the opened file, even if the name now stands for another
        if not stat.S_ISREG(state.st_mode) or not is_mine(state) or state.st_size > LARGEST:
            return None
        with open(descriptor, "rb", closefd=False) as file:
            return file.read(LARGEST)
    except OSError:
        return None
    finally:
        os.close(descriptor)


def _check(name: str, body: bytes) -> bytes:
    """Return the digest at the start of a file. It covers the name, so the body of another file does not match."""
    return hashlib.sha256(name.encode() + b"\n" + body).digest()


def store(folder: Path, name: str, kept: Kept) -> None:
    """Keep a kernel. If that is not possible, do nothing."""
    lengths = {symbol: len(data) for symbol, data in kept.data.items()}
    head = json.dumps([kept.scratch, kept.needs, lengths]).encode()
    _store(folder, name, "kernel", head + b"\n" + b"".join(kept.data.values()) + kept.code)


def store_facts(folder: Path, name: str, facts: Facts) -> None:
    """Keep facts. If that is not possible, do nothing."""
    _store(folder, name, "facts", json.dumps(facts).encode())


def _store(folder: Path, name: str, kind: str, body: bytes) -> None:
    with _writing:
        if not _over:
            _write(folder, name, kind, body)


@atexit.register
def _rest() -> None:
    """Wait for the file that is being written, which would otherwise be left half written."""
    global _over
    with _writing:
        _over = True


def _write(folder: Path, name: str, kind: str, body: bytes) -> None:
    try:
        if not is_trusted(folder):
            return
        _make(folder)
        handle, temporary = tempfile.mkstemp(dir=folder, prefix=name[:16], suffix=".part")  # has mode 0600
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(MAGIC + _check(name, body) + body)
            os.replace(temporary, folder / f"{name}.{kind}")
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary)
            raise
    except (OSError, ValueError):
        return


def _make(folder: Path) -> None:
    """Make the folder, and the missing folders above it, for this user alone."""
    if not folder.is_dir():
        _make(folder.parent)
        with suppress(FileExistsError):  # another process has just made it
            folder.mkdir(mode=0o700)
