"""The settings of glassgrad: ``gg.config``."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from glassgrad.core.op import describe, is_number

__all__ = ["Config", "config"]

# These are the formats of pictures, with their MIME types.
MIME = {"svg": "image/svg+xml", "html": "text/html", "png": "image/png", "pdf": "application/pdf"}
DEFAULT_FORMATS = ("svg", "html")  # Notebooks always get these formats.


class Config:
    """Settings of compiled functions, and of pictures in notebooks, for the whole process.

    Attributes:
        max_paths: how many paths through its branches a compiled function keeps, 64 by default. Inputs that take other
            paths run uncompiled. ``jit`` and ``vmap`` take the same keyword, for one function.
        threads: over how many threads a batch is split, unless ``vmap`` sets it. None, the default, means one thread
            for each processor.
        compile_budget: how many seconds a compiled function may spend on making code, beyond the time of its
            uncompiled runs. The default is 0.5. Within the budget, a new route through the function is compiled when it
            is first taken. Beyond it, a route runs uncompiled until compiling pays. ``math.inf`` compiles every route
            at once.
        cache: a folder where machine code is kept from one run of Python to the next. None, the default, keeps no
            code. True means the folder ``glassgrad`` in the system's folder for caches. The environment variable
            GLASSGRAD_CACHE sets the initial value. A folder that other users can write to is not used, and a warning
            says so.
        notebook_formats: the formats of a drawing, player or quiz that notebooks get. SVG and HTML are the default, and
            are always included. ``("png", "pdf")`` adds PNG and PDF, which converters to LaTeX and PDF need. They make
            notebooks slower and larger.

    Example:
        >>> import glassgrad as gg
        >>> gg.config.max_paths
        64
    """

    def __init__(self) -> None:
        self._max_paths = 64
        self._compile_budget = 0.5
        self._threads: int | None = None
        self._cache: Path | None = None
        self._notebook_formats: tuple[str, ...] = DEFAULT_FORMATS
        folder = os.environ.get("GLASSGRAD_CACHE")
        if folder:
            self.cache = folder

    @property
    def max_paths(self) -> int:
        return self._max_paths

    @max_paths.setter
    def max_paths(self, value: int) -> None:
        self._max_paths = whole_number(value, "max_paths")

    @property
    def compile_budget(self) -> float:
        return self._compile_budget

    @compile_budget.setter
    def compile_budget(self, value: float) -> None:
        if not is_number(value) or isinstance(value, bool) or not float(value) >= 0:
            raise ValueError(f"compile_budget must be a number of seconds, 0 or more, got {value!r}")
        self._compile_budget = float(value)

    @property
    def threads(self) -> int | None:
        return self._threads

    @threads.setter
    def threads(self, value: int | None) -> None:
        self._threads = None if value is None else whole_number(value, "threads")

    @property
    def cache(self) -> Path | None:
        return self._cache

    @cache.setter
    def cache(self, value: str | os.PathLike[str] | bool | None) -> None:
        if value is None or value is False:
            self._cache = None
        elif value is True:
            self._cache = _usual_folder()
        elif isinstance(value, (str, os.PathLike)):
            self._cache = Path(value).expanduser().absolute()
        else:
            raise TypeError(f"config.cache must be a folder, True or None, got {describe(value)}")

    @property
    def notebook_formats(self) -> tuple[str, ...]:
        return self._notebook_formats

    @notebook_formats.setter
    def notebook_formats(self, value: str | Iterable[str] | None) -> None:
        self._notebook_formats = DEFAULT_FORMATS if value is None else known_formats(value)

    def __setattr__(self, name: str, value: Any) -> None:
        if not name.startswith("_") and not hasattr(type(self), name):
            raise AttributeError(
                f"gg.config has no setting {name!r}. Its settings are cache, compile_budget, max_paths, "
                "notebook_formats and threads"
            )
        super().__setattr__(name, value)

    def __repr__(self) -> str:
        folder = str(self.cache) if self.cache else None
        return (
            f"<config max_paths={self.max_paths}, compile_budget={self.compile_budget}, threads={self.threads}, "
            f"cache={folder!r}, notebook_formats={self.notebook_formats!r}>"
        )


def known_formats(value: str | Iterable[str]) -> tuple[str, ...]:
    """Return the short names of formats, each once. They may be given by name or by MIME type.

    Raises:
        TypeError: ``value`` is not a list of names.
        ValueError: a name is not a format.
    """
    if not isinstance(value, Iterable):
        raise TypeError(f"notebook_formats must be a list of formats, such as ('png', 'pdf'), got {value!r:.60}")
    names = {mime: name for name, mime in MIME.items()} | {name: name for name in MIME}
    found = []
    for name in [value] if isinstance(value, str) else value:
        if not isinstance(name, str) or name not in names:
            raise ValueError(f"notebook_formats must be among {', '.join(map(repr, MIME))}, got {name!r:.60}")
        found.append(names[name])
    return tuple(dict.fromkeys(found))


def whole_number(value: Any, name: str) -> int:
    """Return ``value`` as an int. It must be a positive integer of Python or NumPy."""
    if isinstance(value, bool) or not hasattr(value, "__index__") or value < 1:
        raise ValueError(f"{name} must be a positive integer, got {value!r}")
    return int(value)


def processors() -> int:
    """Return the number of processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _usual_folder() -> Path:
    if os.name == "nt":
        base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    else:
        base = os.environ.get("XDG_CACHE_HOME", "")
        base = base if os.path.isabs(base) else Path.home() / ".cache"  # the XDG standard forbids relative paths
    return Path(base) / "glassgrad"


config = Config()
