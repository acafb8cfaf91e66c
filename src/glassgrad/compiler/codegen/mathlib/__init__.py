"""The operations of the table as vector code: portable to every target of LLVM, within 2 ULP of the exact result.

A *kernel* is a Python function that writes the code of one operation in the small language of `vector`: it takes the
`Code` being written and one `F` for each argument, and returns an `F`. `kernel` enters it here under the name that the
table's column ``code`` says. What serves several kernels (double-double arithmetic, say) is a plain Python function
beside them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from importlib import import_module
from typing import NamedTuple

from glassgrad.compiler.codegen.vector import Code, F, double, kernel_name
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
    "polygamma",
)  # the modules that enter kernels


class Kernel(NamedTuple):
    """The code of one operation.

    Attributes:
        name: what the table's column ``code`` says.
        write: the function that writes it.
        arity: how many arguments it takes.
        method: how it computes, in a line.
        source: the paper or book that the method is from.
        small: it is so few instructions that they are written where it is used, without a function of its own.
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
    """Enter the decorated function as the kernel ``name``."""

    def enter(write: Callable[..., F]) -> Callable[..., F]:
        if name in _kernels:
            raise ValueError(f"there are two kernels {name!r}")
        _kernels[name] = Kernel(name, write, write.__code__.co_argcount - 1, method, source, small)
        return write

    return enter


@cache
def _load() -> None:
    with forks.whole:  # a child forked in the middle of an import could never finish it
        for home in HOMES:
            import_module(f"{__name__}.{home}")


@cache
def find(name: str) -> Kernel:
    """The kernel called ``name``; ``"polygamma:3"`` is ``polygamma`` with the whole number 3 as its first argument."""
    _load()
    base, _, number = name.partition(":")
    found = _kernels[base]
    if not number:
        return found
    write = found.write
    return found._replace(name=name, arity=found.arity - 1, write=lambda code, *xs: write(code, int(number), *xs))


def definitions(names: Iterable[str], target: Target, attributes: str = "alwaysinline") -> list[str]:
    """LLVM IR that defines the kernels ``names`` and those that they call, for ``target``."""
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
        text.append(f"define internal {code.f64} @{kernel_name(name)}({given}) {attributes} {{")
        text.extend(code.lines())
        text.append("}\n")
        declarations |= code.declarations
        tables.update(code.tables)
        wanted.extend(code.needs)
    constants = [
        f"@{name} = internal unnamed_addr constant [{len(values)} x double] "
        f"[{', '.join(f'double {double(x)}' for x in values)}], align 64"
        for name, values in sorted(tables.items())
    ]
    return [*constants, *sorted(declarations), *text]


def rows(names: Sequence[str]) -> list[tuple[str, str, str]]:
    """Name, method and source of kernels, as a table to print."""
    return [(k.name, k.method, k.source) for k in map(find, names)]
