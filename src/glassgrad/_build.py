"""Choose the build of the hot modules: compiled by Cython, or the same files as plain Python.

A *hot module* is a `NAME.py` with a `NAME.pxd` beside it, in one of the `ROOMS`. `setup.py` compiles all of them or
none, into `_compiled/DIGEST/ROOM/`. DIGEST is a checksum of their sources, C headers included. On import, the package
first calls `select`, which chooses the build. Each room then calls `extend`, which puts the build's folder in front of
the room's own. Python then finds a compiled module under the name of its source, so pickles, printed names and imports
are the same in both builds. A build whose digest differs from that of the sources is never found, so it cannot hide an
edit.
"""

import os
import zlib
from importlib.machinery import EXTENSION_SUFFIXES

HERE = os.path.dirname(os.path.abspath(__file__))
ROOMS = ("core", "compiler/codegen", "compiler/rolling", "compiler/runtime")  # These folders hold the hot modules.

_state: dict[str, str | None] = {"folder": None}


def compiled() -> bool:
    """Say whether the hot modules run compiled (True) or as plain Python (False).

    They run as plain Python if no compiled build was made, if their source has been edited since, or if the
    environment variable `GLASSGRAD_PURE` was set to anything but `0` before the first import.

    >>> import glassgrad
    >>> glassgrad.compiled() in (True, False)
    True
    """
    return _state["folder"] is not None


def select() -> None:
    """Choose the compiled build, if there is one for these sources.

    Do nothing if plain Python is wanted. Warn (RuntimeWarning) if this interpreter has a build, but only of other
    sources.
    """
    if pure_wanted():
        return
    builds = os.path.join(HERE, "_compiled")
    if not os.path.isdir(builds):
        return
    folder = os.path.join(builds, digest(HERE))
    if _is_build(folder):
        _state["folder"] = folder
    elif any(_is_build(os.path.join(builds, other)) for other in os.listdir(builds)):
        import warnings

        warnings.warn(
            f"plain Python runs, because {', '.join(map(os.path.basename, hot_modules(HERE)))} or a C header changed "
            "since they were compiled: run `pip install -e .` to compile them again, or set GLASSGRAD_PURE=1 to keep "
            "plain Python",
            RuntimeWarning,
            stacklevel=3,
        )


def extend(path: list[str], *room: str) -> None:
    """Put the chosen build of a room first on `path`, the room's `__path__`; do nothing for plain Python."""
    folder = _state["folder"]
    if folder is not None:
        path.insert(0, os.path.join(folder, *room))


def pure_wanted() -> bool:
    """Say whether the environment asks for plain Python: `GLASSGRAD_PURE` is set, and neither `0` nor empty."""
    return os.environ.get("GLASSGRAD_PURE", "") not in ("", "0")


def hot_modules(folder: str) -> list[str]:
    """Return the hot modules below `folder`, those with a `.pxd` beside the `.py`, such as "core/scalar"."""
    found = []
    for room in ROOMS:
        names = set(os.listdir(os.path.join(folder, room)))
        found += [f"{room}/{name[:-4]}" for name in names if name.endswith(".pxd") and f"{name[:-4]}.py" in names]
    return sorted(found)


def sources(folder: str) -> list[str]:
    """Return the files below `folder` that make up a build: the hot modules and the C headers."""
    hot = [name + suffix for name in hot_modules(folder) for suffix in (".py", ".pxd")]
    headers = [
        f"{room}/{name}" for room in ROOMS for name in os.listdir(os.path.join(folder, room)) if name.endswith(".h")
    ]
    return hot + sorted(headers)


def digest(folder: str) -> str:
    """Return a checksum of the sources below `folder`, as eight hexadecimal digits."""
    check = 0
    for name in sources(folder):
        with open(os.path.join(folder, name), "rb") as file:
            check = zlib.crc32(file.read(), check)
    return f"{check:08x}"


def _is_build(folder: str) -> bool:
    """Say whether `folder` holds every hot module, compiled for this interpreter."""
    modules = hot_modules(HERE)
    return bool(modules) and all(
        any(os.path.exists(os.path.join(folder, name + suffix)) for suffix in EXTENSION_SUFFIXES) for name in modules
    )
