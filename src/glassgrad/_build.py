"""Which build of the hot modules runs: compiled by Cython, or the same files as plain Python.

A *hot module* is a `NAME.py` with a `NAME.pxd` beside it, in one of the `ROOMS`. `setup.py` compiles all of them or
none, into `_compiled/DIGEST/ROOM/`. DIGEST is taken over their sources, C headers included. `select` runs first, when
the package is imported, and chooses the build. Each room then calls `extend`, which puts the folder of the build before
the room's own. So a compiled module is found under the name of its source, and what is pickled, printed and imported is
alike in both builds. A build whose digest is not that of the files beside it is never found, so it cannot hide an edit.
"""

import os
import zlib
from importlib.machinery import EXTENSION_SUFFIXES

HERE = os.path.dirname(os.path.abspath(__file__))
ROOMS = ("core", "compiler/codegen", "compiler/runtime")  # the folders that hold hot modules

_state: dict[str, str | None] = {"folder": None}


def compiled() -> bool:
    """Say whether the hot modules run compiled (True) or as plain Python (False).

    They run as plain Python where no compiled build was made, where their source was edited since, and where
    the environment variable `GLASSGRAD_PURE` was set to anything but `0` before the first import.

    >>> import glassgrad
    >>> glassgrad.compiled() in (True, False)
    True
    """
    return _state["folder"] is not None


def select() -> None:
    """Choose the compiled build of this very source, if there is one and it is wanted.

    Warns (RuntimeWarning) where there is a build for this interpreter, but of other sources.
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
            f"{', '.join(map(os.path.basename, hot_modules(HERE)))} changed since compiled, so plain Python runs: "
            "`pip install -e .` compiles again, GLASSGRAD_PURE=1 means plain Python",
            RuntimeWarning,
            stacklevel=3,
        )


def extend(path: list[str], *room: str) -> None:
    """Put the chosen build of a room first on `path`, the room's `__path__`; nothing for plain Python."""
    folder = _state["folder"]
    if folder is not None:
        path.insert(0, os.path.join(folder, *room))


def pure_wanted() -> bool:
    """Say whether the environment asks for plain Python; `0` and the empty string do not."""
    return os.environ.get("GLASSGRAD_PURE", "") not in ("", "0")


def hot_modules(folder: str) -> list[str]:
    """Return the modules below `folder` that are compiled, those with a `.pxd` beside the `.py`: "core/scalar", …."""
    found = []
    for room in ROOMS:
        names = set(os.listdir(os.path.join(folder, room)))
        found += [f"{room}/{name[:-4]}" for name in names if name.endswith(".pxd") and f"{name[:-4]}.py" in names]
    return sorted(found)


def sources(folder: str) -> list[str]:
    """Return the files below `folder` that a build is made from: hot modules and C headers."""
    hot = [name + suffix for name in hot_modules(folder) for suffix in (".py", ".pxd")]
    headers = [
        f"{room}/{name}" for room in ROOMS for name in os.listdir(os.path.join(folder, room)) if name.endswith(".h")
    ]
    return hot + sorted(headers)


def digest(folder: str) -> str:
    """Return eight hexadecimal digits over the sources below `folder`."""
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
