"""Writes files all at once, so that a failure never leaves half a file."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import tempfile
from pathlib import Path

__all__ = ["write_whole"]


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file, completely or not at all.

    Links are followed and permissions kept, as with ``open``. The content goes to a new file in the same folder, which
    then replaces the old one. That is not possible for a device, a pipe, a file with several names or another owner,
    or in a folder without write permission. Such files are written in place.

    Raises:
        OSError: the file cannot be written.
    """
    data = content.encode("utf-8", "replace") if isinstance(content, str) else content
    target = Path(os.path.realpath(path))
    if target.is_symlink():
        raise OSError(errno.ELOOP, "cannot save: the link leads back to itself", str(path))
    if not target.parent.is_dir():  # otherwise the error would name the temporary file
        raise FileNotFoundError(f"cannot save {str(path)!r}: the folder {str(target.parent)!r} does not exist")
    known = target.stat() if target.exists() else None
    temporary = None if known is not None and not _is_plain(known) else _beside(target, known)
    if temporary is None:
        target.write_bytes(data)
        return
    try:
        temporary.write_bytes(data)
        os.chmod(temporary, 0o666 & ~_umask() if known is None else stat.S_IMODE(known.st_mode))
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _is_plain(known: os.stat_result) -> bool:
    """Whether it is an ordinary file with one name, and not a device or a pipe."""
    return stat.S_ISREG(known.st_mode) and known.st_nlink == 1


def _beside(target: Path, known: os.stat_result | None) -> Path | None:
    """Make a new file beside ``target``. Return None if it cannot replace it without changing the owner or group."""
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.name[:40]}.", dir=target.parent)
    except PermissionError:
        if known is None:
            raise PermissionError(errno.EACCES, "cannot save: the folder may not be written to", str(target)) from None
        return None
    made = os.fstat(handle)
    os.close(handle)
    if known is None or (made.st_uid, made.st_gid) == (known.st_uid, known.st_gid):
        return Path(name)
    os.unlink(name)
    return None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
