"""C for the benchmarks: compiled once by gcc, and called through ctypes with the addresses of NumPy arrays."""

from __future__ import annotations

import ctypes
import hashlib
import os
import shutil
import struct
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FLAGS = ("-O3", "-march=native", "-ffast-math", "-fopenmp", "-fopenmp-simd", "-mprefer-vector-width=512")
COMPILER = os.environ.get("CC", "gcc")


def library(source: Path, *flags: str) -> ctypes.CDLL:
    """Compile `source` to a shared library, with `flags` or the best ones, again in each process; return it."""
    return loaded(compiled(source, *(flags or FLAGS)))


def loaded(path: Path) -> ctypes.CDLL:
    return ctypes.CDLL(str(path))


def compiled(source: Path, *flags: str) -> Path:
    """Compile `source` with `flags`; return the path of its shared library."""
    if shutil.which(COMPILER) is None:
        raise ModuleNotFoundError(f"no {COMPILER}")
    name = hashlib.sha256(source.read_bytes() + " ".join(flags).encode()).hexdigest()[:16]
    target = Path(tempfile.mkdtemp(prefix="glassgrad-benchmark-")) / f"{name}.so"
    command = [COMPILER, *flags, "-shared", "-fPIC", str(source), "-o", str(target), "-lmvec", "-lm"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
    return target


def code_bytes(image: bytes) -> int:
    """Return the bytes of machine code in an ELF file, a library or an object: of all sections that are executable."""
    start, size, count = *struct.unpack_from("<Q", image, 40), *struct.unpack_from("<HH", image, 58)
    sections = [struct.unpack_from("<IIQQQQ", image, start + k * size) for k in range(count)]
    return sum(length for _, _, flags, _, _, length in sections if flags & 4)


def bind(function: ctypes._FuncPointer, *arguments: int | float | NDArray[np.float64]) -> Callable[[], object]:
    """Return a call of a C function with these arguments, converted once for C. It returns None."""
    function.restype = None
    ready = [
        argument.ctypes.data_as(ctypes.c_void_p)
        if isinstance(argument, np.ndarray)
        else ctypes.c_long(argument)
        if isinstance(argument, int)
        else ctypes.c_double(argument)
        for argument in arguments
    ]

    def call(keep: object = arguments) -> object:  # keeps the arrays alive while their addresses are in use
        return function(*ready)

    return call


def aligned(*shape: int) -> NDArray[np.float64]:
    """Return zeros that start at a cache line and whose pages have been touched."""
    count = int(np.prod(shape))
    memory = np.zeros(count + 8)
    skip = -memory.ctypes.data % 64 // 8
    result = memory[skip : skip + count].reshape(shape)
    result[...] = 0.0
    return result
