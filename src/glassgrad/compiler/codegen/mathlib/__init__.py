"""The operations of the table as vector code, portable to every LLVM target and within 2 ULP of the exact result.

A *kernel* is a Python function that writes the code of one operation in the small language of `vector`. It takes the
`Code` being written and one `F` for each argument, and returns an `F`. The decorator `kernel` registers it under the
name in the table's column ``code``. Code that several kernels share, such as double-double arithmetic, is in plain
Python functions.

``tools/coefficients`` computes the coefficients of the polynomials and says how each was found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from importlib import import_module
from typing import NamedTuple

from glassgrad.compiler.codegen.vector import Code, F, double, kernel_name, kernel_of
from glassgrad.compiler.llvm.target import Target
from glassgrad.support import forks

__all__ = ["Kernel", "definitions", "find", "kernel", "rows"]

HOMES = (
    "basic",
    "exponential",
    "powers",
    "hyperbolic",
    "trigonometric",
    "remainders",
    "errors",
    "special",
    "gamma",
    "polygamma",
)  # the modules that register kernels


class Kernel(NamedTuple):
    """The code of one operation.

    Attributes:
        name: the name in the table's column ``code``.
        write: the function that writes the code.
        arity: the number of arguments.
        method: how it computes, in one line.
        source: the paper or book that describes the method.
        small: True if the code is so short that it is written inline, without a function of its own.
    """

    name: str
    write: Callable[..., F]
    arity: int
    method: str
    source: str
    small: bool


_kernels: dict[str, Kernel] = {}


def kernel(
    name: str, *, method: str, source: str, small: bool = False
) -> Callable[[Callable[..., F]], Callable[..., F]]:
    """Register the decorated function as the kernel ``name``. The other arguments are those of `Kernel`."""

    def enter(write: Callable[..., F]) -> Callable[..., F]:
        if name in _kernels:
            raise ValueError(f"there is a kernel {name!r} already")
        _kernels[name] = Kernel(name, write, write.__code__.co_argcount - 1, method, source, small)
        return write

    return enter


@cache
def _load() -> None:
    with forks.whole:  # a child that is forked during an import could never finish it
        for home in HOMES:
            import_module(f"{__name__}.{home}")


@cache
def find(name: str) -> Kernel:
    """Return the kernel ``name``. ``"polygamma:3"`` is ``polygamma`` with the integer 3 as its first argument."""
    _load()
    base, _, number = name.partition(":")
    found = _kernels[base]
    if not number:
        return found
    write = found.write
    return found._replace(name=name, arity=found.arity - 1, write=lambda code, *xs: write(code, int(number), *xs))


def definitions(names: Iterable[str], target: Target, attributes: str = "alwaysinline") -> list[str]:
    """Return LLVM IR for ``target`` that defines the kernels ``names`` and the kernels that they call."""
    wanted, done, text = list(names), set(), []
    declarations: set[str] = set()
    tables: dict[str, tuple[float | int, ...]] = {}
    while wanted:
        name = wanted.pop()
        if name in done:
            continue
        done.add(name)
        code = Code(target)
        arguments = [F(code, f"%x{i}") for i in range(find(name).arity)]
        result = find(name).write(code, *arguments)
        given = ", ".join(f"{code.f64} {x.name}" for x in arguments)
        code.ret(code.f(result))
        text.append(f"define internal {code.f64} @{kernel_name(name, code.lanes)}({given}) {attributes} {{")
        text.extend(code.lines())
        text.append("}\n")
        declarations |= code.declarations
        tables.update(code.tables)
        wanted.extend([kernel_of(function)[0] for function in code.needs])
    constants = [
        f"@{name} = internal unnamed_addr constant [{len(values)} x double] "
        f"[{', '.join(f'double {double(x)}' for x in values)}], align 64"
        for name, values in sorted(tables.items())
    ]
    return [*constants, *sorted(declarations), *text]


def rows(names: Sequence[str]) -> list[tuple[str, str, str]]:
    """Return the name, method and source of each kernel, as a table to print."""
    return [(k.name, k.method, k.source) for k in map(find, names)]
