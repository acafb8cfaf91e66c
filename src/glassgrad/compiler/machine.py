"""LLVM at work: a module's text becomes machine code in this process."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import cache, wraps
from typing import Any, ParamSpec, TypeVar

from glassgrad.compiler.target import Target
from glassgrad.compiler.vector import Code, kernel_name

__all__ = ["Loaded", "assembly", "image", "load", "load_image", "once", "optimised", "shared"]

P = ParamSpec("P")
R = TypeVar("R")
_serial = itertools.count()
_lock = threading.RLock()


def once(make: Callable[P, R]) -> Callable[P, R]:
    """Like `cache`; but where two threads come at once, or a signal comes meanwhile, all get what is kept: machine code
    that is not would go while it runs. What is there is found without the lock, under which LLVM works."""
    kept: dict[Any, R] = {}

    @wraps(make)
    def made(*args: P.args, **kwargs: P.kwargs) -> R:
        key = args, *kwargs.items()
        try:
            return kept[key]
        except KeyError:
            with _lock:
                return kept[key] if key in kept else kept.setdefault(key, make(*args, **kwargs))

    return made


class Loaded:
    """Machine code in memory, for as long as this object lives; ``address`` is that of its function."""

    def __init__(self, tracker: Any, address: int, image: bytes | None = None) -> None:
        self._tracker = tracker
        self.address = address
        self.image = image


@cache
def _ready() -> Any:
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm


@cache
def machine(target: Target, level: int) -> Any:
    """LLVM's description of ``target``, for code of an optimisation ``level`` from 0 to 3."""
    llvm = _ready()
    if target.triple.split("-")[0] != llvm.get_process_triple().split("-")[0]:
        llvm.initialize_all_targets()
        llvm.initialize_all_asmprinters()
    return llvm.Target.from_triple(target.triple).create_target_machine(
        cpu=target.cpu, features=target.features, opt=level, reloc="pic", codemodel="default"
    )


def optimised(text: str, target: Target, level: int) -> Any:
    """The parsed module, after LLVM's passes of that level (none at 0)."""
    llvm = _ready()
    module = llvm.parse_assembly(f'target triple = "{target.triple}"\n{text}')
    tm = machine(target, level)
    module.data_layout = str(tm.target_data)
    if level > 1:
        options = llvm.create_pipeline_tuning_options(speed_level=level)
        options.loop_vectorization = False
        options.slp_vectorization = target.lanes == 1
        options.loop_unrolling = False
        builder = llvm.create_pass_builder(tm, options)
        builder.getModulePassManager().run(module, builder)
    return module


def assembly(text: str, target: Target, level: int) -> str:
    """The assembly of a module."""
    with _lock:
        return str(machine(target, level).emit_assembly(optimised(text, target, level)))


def image(text: str, target: Target, level: int) -> bytes:
    """The object file of a module."""
    with _lock:
        return bytes(machine(target, level).emit_object(optimised(text, target, level)))


@cache
def _jit() -> Any:
    llvm = _ready()
    return llvm.create_lljit_compiler(machine(_host_machine(), 2), use_jit_link=False, suppress_errors=False)


def _host_machine() -> Target:
    from glassgrad.compiler.target import host

    return host()


def load(
    text: str, target: Target, level: int, symbol: str, needs: Sequence[str] = (), others: Mapping[str, int] = {}
) -> Loaded:
    """The function ``symbol`` of a module, as machine code; ``needs`` names the kernels of mathlib that it calls,
    ``others`` has the addresses of what else it refers to."""
    return load_image(image(text, target, level), target, symbol, needs, others)


def load_image(
    code: bytes, target: Target, symbol: str, needs: Sequence[str] = (), others: Mapping[str, int] = {}
) -> Loaded:
    """The function ``symbol`` of an object file that `image` made."""
    llvm = _ready()
    used = [shared(name, target) for name in needs]
    with _lock:
        builder = llvm.JITLibraryBuilder().add_object_img(code).export_symbol(symbol)
        for name, kernel in zip(needs, used):
            builder.import_symbol(kernel_name(name), kernel.address)
        for name, address in others.items():
            builder.import_symbol(name, address)
        tracker = builder.link(_jit(), f"glassgrad{next(_serial)}")
        return Loaded(tracker, tracker[symbol], code)


@once
def shared(name: str, target: Target) -> Loaded:
    """The kernel ``name`` of mathlib as a function, made once, for all the code that calls it."""
    from glassgrad.compiler import mathlib

    inner = mathlib.definitions([name], target, "")
    text = "\n".join(inner)
    head = f"define internal {Code(target).f64} @{kernel_name(name)}("
    return load_image(image(text.replace(head, head.replace("internal ", "")), target, 2), target, kernel_name(name))
