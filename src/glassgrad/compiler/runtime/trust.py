"""Decide whether the files in a folder may be run as code. They may only if no other user can have written them.

Anyone who can write to the folder, or to a folder above it, can put code there. So all of these folders must belong to
this user or to root, and nobody else may have permission to write to them. There is one exception: a folder above may
be open to all if it is sticky, like /tmp, because there nobody can rename or remove the files of other users.
"""

from __future__ import annotations

import os
import stat
import warnings
from collections.abc import Iterator
from pathlib import Path

from glassgrad.support.frames import levels_to_the_user

__all__ = ["is_mine", "is_trusted", "weakness"]

LINKS = 40  # At most this many symbolic links are followed on the way to a folder, as on Linux.
OTHERS = stat.S_IWGRP | stat.S_IWOTH  # The permission to write, for the group and for everyone.
_warned: set[Path] = set()


def is_trusted(folder: Path) -> bool:
    """Whether files in ``folder`` may be run. If not, a warning says so once, with the cure."""
    reason = weakness(folder)
    if reason is not None and folder not in _warned:
        _warned.add(folder)
        warnings.warn(
            f"gg.config.cache = {str(folder)!r} is not used, so code is compiled without a cache: {reason}",
            RuntimeWarning,
            stacklevel=levels_to_the_user(),
        )
    return reason is None


def weakness(folder: Path) -> str | None:
    """Say who else could put code into ``folder``, and the cure. Return None if nobody can.

    A folder that does not exist yet is no weakness. On Windows nothing is checked, because permissions work in other
    ways there.
    """
    if not hasattr(os, "geteuid"):
        return None
    for place, state, is_last in _way(folder):
        mode = stat.S_IMODE(state.st_mode)
        if not _owned(state):
            return (
                f"{place!r} belongs to user {state.st_uid} (mode {mode:04o}), who could put code there that this "
                f"process, of user {os.geteuid()}, would run. Choose a folder of your own"
            )
        sticky = mode & stat.S_ISVTX and not is_last
        if mode & OTHERS and not sticky and not stat.S_ISLNK(state.st_mode):
            return (
                f"other users may write to {place!r} (owner {state.st_uid}, mode {mode:04o}), and could put code there "
                f"that this process would run. Run `chmod go-w {place}`, or choose a folder that only you can write to"
            )
    return None


def is_mine(state: os.stat_result) -> bool:
    """Whether a file belongs to this user or root, nobody else may write to it, and it has no other name."""
    if not hasattr(os, "geteuid"):
        return True
    return _owned(state) and not state.st_mode & OTHERS and state.st_nlink == 1


def _owned(state: os.stat_result) -> bool:
    return state.st_uid in (0, os.geteuid())


def _way(path: Path) -> Iterator[tuple[str, os.stat_result, bool]]:
    """Yield each existing folder and link on the way to ``path``: its name, its state, and whether it is the last."""
    here = os.sep
    left = list(reversed(path.absolute().parts[1:]))
    links = 0
    try:
        yield here, os.lstat(here), not left
        while left:
            part = left.pop()
            if part == os.pardir:
                here = os.path.dirname(here)
                continue
            place = os.path.join(here, part)
            state = os.lstat(place)
            is_link = stat.S_ISLNK(state.st_mode)
            yield place, state, not left and not is_link
            if not is_link:
                here = place
                continue
            links += 1
            target = os.readlink(place)
            if links > LINKS:
                return
            here = os.sep if target.startswith(os.sep) else here
            left += [part for part in reversed(target.split(os.sep)) if part not in ("", os.curdir)]
    except (OSError, ValueError):  # the rest of the path does not exist
        return
