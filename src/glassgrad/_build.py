"""Choose the build of the hot modules: compiled by Cython, or the same files as plain Python.

A *hot module* is a `NAME.py` with a `NAME.pxd` beside it. `setup.py` compiles all of them or none, into
`_compiled/DIGEST/`. DIGEST is a checksum of their sources, C headers included. On import, the package first calls
`select`, which puts that folder in front of the package's own. Python then finds `glassgrad.NAME` there, under the
same name, so pickles, printed names and imports are the same in both builds. A build whose digest differs from that
of the sources is never found, so it cannot hide an edit.
"""

import os
import zlib
from importlib.machinery import EXTENSION_SUFFIXES

HERE = os.path.dirname(os.path.abspath(__file__))

_state = {"compiled": False}


def compiled() -> bool:
    """Say whether the hot modules run compiled (True) or as plain Python (False).

    They run as plain Python if no compiled build was made, if their source has been edited since, or if the
    environment variable `GLASSGRAD_PURE` was set to anything but `0` before the first import.

    >>> import glassgrad
    >>> glassgrad.compiled() in (True, False)
    True
    """
    return _state["compiled"]


def select(path: list[str]) -> None:
    """Put the compiled build first on `path`, the package's `__path__`, if there is one for these sources.

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
        path.insert(0, folder)
        _state["compiled"] = True
    elif any(_is_build(os.path.join(builds, other)) for other in os.listdir(builds)):
        import warnings

        warnings.warn(
            f"plain Python runs, because {', '.join(hot_modules(HERE))} or a C header changed since they were "
            "compiled: run `pip install -e .` to compile them again, or set GLASSGRAD_PURE=1 to keep plain Python",
            RuntimeWarning,
            stacklevel=3,
        )


def pure_wanted() -> bool:
    """Say whether the environment asks for plain Python: `GLASSGRAD_PURE` is set, and neither `0` nor empty."""
    return os.environ.get("GLASSGRAD_PURE", "") not in ("", "0")


def hot_modules(folder: str) -> list[str]:
    """Return the names of the hot modules in `folder`: those with a `.pxd` beside the `.py`."""
    names = set(os.listdir(folder))
    return sorted(name[:-4] for name in names if name.endswith(".pxd") and f"{name[:-4]}.py" in names)


def sources(folder: str) -> list[str]:
    """Return the names of the files in `folder` that make up a build: the hot modules and the C headers."""
    hot = [name + suffix for name in hot_modules(folder) for suffix in (".py", ".pxd")]
    return hot + sorted(name for name in os.listdir(folder) if name.endswith(".h"))


def digest(folder: str) -> str:
    """Return a checksum of the sources in `folder`, as eight hexadecimal digits."""
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
