"""glassgrad: the plain function, compiled."""

from __future__ import annotations

from typing import Any

import native
from family import About, Call, Read
from programs import Program


def make(program: Program, threads: int) -> tuple[Call, Read, About]:
    from glassgrad.compiler.llvm.machine import unpacked

    compiled = program.compiled() if program.in_axes is None else program.compiled(threads=threads)

    def about() -> dict[str, int]:
        kernels = compiled.kernels()
        codes = [code for kernel in kernels for code in (kernel.code, kernel.wide) if code is not None]
        images = [image for _, _, loaded in codes for image in unpacked(loaded.image or b"\0" * 8)]
        return {
            "code": sum(map(native.code_bytes, images)),
            "scratch": max([kernel.scratch for kernel in kernels], default=0),
        }

    def call() -> Any:
        return compiled(*program.arguments)

    return call, lambda results: results, about
