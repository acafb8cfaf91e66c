"""Compile the hot modules and put the lessons into the package; everything else is in pyproject.toml.

`src/glassgrad/_build.py` defines which modules are hot and where their builds go. The environment variable
`GLASSGRAD_PURE` decides whether to compile:

    unset   compile; if that fails (there is no compiler, say), install plain Python
    1       install plain Python without trying to compile
    0       compile; if that fails, the installation fails (for publishing wheels)
"""

import atexit
import contextlib
import glob
import os
import runpy
import shutil
import sys
import tempfile
from collections.abc import Iterator
from importlib.machinery import EXTENSION_SUFFIXES

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext as _build_ext
from setuptools.command.build_py import build_py as _build_py

PACKAGE = os.path.join("src", "glassgrad")
LESSONS = "lessons"

_build = runpy.run_path(os.path.join(PACKAGE, "_build.py"))

# Compiled and plain Python give the same numbers: no contraction to fused multiply-adds, no reordering.
# Nothing reads errno after a call of the C library; not setting it lets sqrt be one instruction.
FLAGS = ["/O2", "/fp:precise"] if os.name == "nt" else ["-O3", "-g0", "-ffp-contract=off", "-fno-math-errno"]

# Others change what code means (boundscheck, wraparound, cdivision): a module says at its top what it bears.
DIRECTIVES = {"language_level": 3}


def extensions() -> list[Extension]:
    """Return an extension for each hot module, or an empty list if plain Python is wanted."""
    if _build["pure_wanted"]():
        return []
    return [
        Extension(
            f"glassgrad.{name.replace('/', '.')}",
            [os.path.join(PACKAGE, f"{name}.py")],
            include_dirs=[os.path.join(PACKAGE, room) for room in _build["ROOMS"]],
            extra_compile_args=FLAGS,
            depends=["setup.py", *(os.path.join(PACKAGE, name) for name in _build["sources"](PACKAGE))],
        )
        for name in _build["hot_modules"](PACKAGE)
    ]


class build_ext(_build_ext):
    """Compiles all the hot modules; if one fails, builds a package of plain Python instead."""

    def finalize_options(self) -> None:
        super().finalize_options()
        self.parallel = self.parallel or True  # one C compiler for each processor

    def run(self) -> None:
        try:
            self.translate()
            super().run()
        except Exception as error:
            if os.environ.get("GLASSGRAD_PURE") == "0":
                raise
            print(f"glassgrad: not compiled, plain Python instead ({error!r})", file=sys.stderr)
            self.fall_back()

    def translate(self) -> None:
        """Translate each extension's Python file to C."""
        from Cython.Build import cythonize

        made = cythonize(
            [Extension(ext.name, list(ext.sources)) for ext in self.extensions],
            build_dir=self.build_temp,
            include_path=["src"],
            compiler_directives=DIRECTIVES,
        )
        sources = {ext.name: ext.sources for ext in made}
        for ext in self.extensions:
            ext.sources = sources[ext.name]

    def fall_back(self) -> None:
        """Go on as if there were nothing to compile; the wheel then fits every platform."""
        shutil.rmtree(os.path.join(self.build_lib, "glassgrad", "_compiled"), ignore_errors=True)
        self.extensions = []
        self.distribution.ext_modules = []
        wheel = self.distribution.command_obj.get("bdist_wheel")
        if wheel is not None:
            wheel.root_is_pure = True

    def get_ext_filename(self, fullname: str) -> str:
        """Return the extension's path: `glassgrad/_compiled/DIGEST/ROOM/NAME.SUFFIX`."""
        package, place = super().get_ext_filename(fullname).split(os.sep, 1)
        return os.path.join(package, "_compiled", _build["digest"](PACKAGE), place)

    def get_ext_fullpath(self, ext_name: str) -> str:
        """Return the same path inside the build folder."""
        return os.path.join(self.build_lib, self.get_ext_filename(ext_name))

    def copy_extensions_to_source(self) -> None:
        """Copy the built extensions into the checkout, for an editable install."""
        for built, place in self.places():
            self.mkpath(os.path.dirname(place))
            self.copy_file(built, place, level=self.verbose)

    def get_outputs(self) -> list[str]:
        return [built for built, _ in self.places()]

    def get_output_mapping(self) -> dict[str, str]:
        return dict(self.places()) if self.inplace else {}

    def places(self) -> Iterator[tuple[str, str]]:
        """Yield each extension's built file and its place in the checkout."""
        for ext in self.extensions:
            name = self.get_ext_filename(ext.name)
            yield os.path.join(self.build_lib, name), os.path.join("src", name)


class build_py(_build_py):
    """Adds the lessons to the package. They lie at the root of the checkout, where an editable install finds them."""

    def run(self) -> None:
        # Otherwise, files of an earlier build would be packed again, or run in place of plain Python.
        if self.editable_mode:
            for build in glob.glob(
                os.path.join(PACKAGE, "_compiled", "**", "*" + EXTENSION_SUFFIXES[0]), recursive=True
            ):
                os.remove(build)
                with contextlib.suppress(OSError):  # the folder holds other builds
                    os.removedirs(os.path.dirname(build))
        else:
            shutil.rmtree(os.path.join(self.build_lib, "glassgrad"), ignore_errors=True)
        super().run()
        for source, target in self.lessons():
            self.mkpath(os.path.dirname(target))
            self.copy_file(source, target, preserve_mode=False)

    def get_outputs(self, include_bytecode: bool = True) -> list[str]:
        return [*super().get_outputs(include_bytecode), *(target for _, target in self.lessons())]

    def lessons(self) -> Iterator[tuple[str, str]]:
        """Yield each file of the lessons and its place in the build; nothing for an editable install."""
        if self.editable_mode:
            return
        for folder, subfolders, names in os.walk(LESSONS):
            subfolders[:] = sorted(name for name in subfolders if not name.startswith((".", "__")))
            for name in sorted(names):
                if not name.startswith(".") and not name.endswith((".ipynb", ".pyc")):
                    source = os.path.join(folder, name)
                    yield source, os.path.join(self.build_lib, "glassgrad", source)


def options() -> dict[str, dict[str, str]]:
    """Return where to build: beside the sources, or in a temporary folder if the sources cannot be written to."""
    if os.access(".", os.W_OK) and os.access("src", os.W_OK):
        return {}
    folder = tempfile.mkdtemp(prefix="glassgrad-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return {"build": {"build_base": folder}, "egg_info": {"egg_base": folder}}


setup(
    ext_modules=extensions(),
    cmdclass={"build_ext": build_ext, "build_py": build_py},
    options=options(),
)
