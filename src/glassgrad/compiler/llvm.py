"""What is used of llvmlite, and how.

Two things differ from llvmlite's own interface.

llvmlite holds one lock over each of its calls, so that a long optimisation keeps every other thread waiting. The three
calls that take long are made here without it. LLVM allows that where each thread has a context and target machines of
its own, which `Generator` sees to.

llvmlite never frees the pipeline of passes that it builds, about 250 KB each time, and its global context keeps each
constant for good. So the pipeline is freed here, and each module has a context that goes with it.
"""

from __future__ import annotations

import ctypes
import os
from _thread import get_ident
from collections.abc import Callable
from functools import cache
from typing import Any

from glassgrad.compiler import forks
from glassgrad.compiler.target import X86_64, Target

__all__ = ["Generator", "binding"]

JIT_LINK = os.name != "nt"  # llvmlite has no JITLink on Windows


@cache
def binding() -> Any:
    """llvmlite's interface to LLVM, ready for this machine. This is called before a thread takes a ``turn``."""
    with forks.whole:  # a child forked in the middle of an import could never finish it
        import llvmlite.binding as llvm

        forks.wait_for(llvm.ffi.lib._lock)
        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
    return llvm


@cache
def _unlocked(name: str) -> Callable[..., Any]:
    """A function of llvmlite's library that is called without llvmlite's lock."""
    library = binding().ffi.lib
    locked = getattr(library, name)
    function = ctypes.CDLL(library._name)[name]
    function.argtypes, function.restype = locked.argtypes, locked.restype
    return function


class Generator:
    """Makes object files, for one thread at a time: each generator has target machines of its own.

    Attributes:
        turn: the lock that a thread holds while it uses LLVM.
    """

    def __init__(self) -> None:
        self.turn = forks.brief()
        self._machines: dict[tuple[Target, int], Any] = {}
        self._closed_by: int | None = None  # a thread

    def close(self) -> None:
        """Wait for the step at hand, and allow no other thread to begin another one. Python is about to end, and LLVM's
        own data will go."""
        with self.turn:
            self._closed_by = get_ident()

    def check(self) -> None:
        """Raise `RuntimeError` if another thread closed it. Whoever has the ``turn`` calls this first."""
        if self._closed_by not in (None, get_ident()):
            raise RuntimeError("Python is about to end: only its main thread may still compile")

    def image(self, text: str, target: Target, level: int) -> bytes:
        """The object file of a module, optimised by so much, from 0 to 3."""
        return self._emit(text, target, level, assembly=False)

    def assembly(self, text: str, target: Target, level: int) -> str:
        """The assembly of a module."""
        return self._emit(text, target, level, assembly=True).decode()

    def machine(self, target: Target, level: int) -> Any:
        """LLVM's description of ``target``, for code of an optimisation ``level`` from 0 to 3."""
        found = self._machines.get((target, level))
        if found is None:
            found = self._machines[target, level] = target_machine(target, level)
        return found

    def _emit(self, text: str, target: Target, level: int, assembly: bool) -> bytes:
        binding()
        with forks.gate:
            pass  # a fork that is waiting comes first
        with self.turn:
            self.check()
            machine = self.machine(target, level)
            with _parsed(f'target triple = "{target.triple}"\n{text}') as module:
                module.data_layout = str(machine.target_data)
                if level > 1:
                    _optimise(module, machine, target, level)
                return _emitted(module, machine, assembly)


def target_machine(target: Target, level: int) -> Any:
    llvm = binding()
    if target.triple.split("-")[0] != llvm.get_process_triple().split("-")[0]:
        llvm.initialize_all_targets()
        llvm.initialize_all_asmprinters()
    # Without JITLink constants may lie more than 2 GB from the code that reads them
    model = "default" if JIT_LINK or not target.triple.startswith(X86_64) else "large"
    return llvm.Target.from_triple(target.triple).create_target_machine(
        cpu=target.cpu, features=target.features, opt=level, reloc="pic", codemodel=model
    )


def _parsed(text: str) -> Any:
    """The module of a text, in a context of its own."""
    llvm = binding()
    context = llvm.create_context()
    with llvm.ffi.OutputString() as message:
        pointer = _unlocked("LLVMPY_ParseAssembly")(context, ctypes.c_char_p(text.encode()), message)
        module = llvm.ModuleRef(pointer, context)
        if message:
            module.close()
            raise RuntimeError(f"LLVM does not take the code that glassgrad wrote: {message}")
    return module


def _optimise(module: Any, machine: Any, target: Target, level: int) -> None:
    """Run LLVM's passes of that level."""
    llvm = binding()
    options = llvm.create_pipeline_tuning_options(speed_level=level)
    options.loop_vectorization = False
    options.slp_vectorization = target.lanes == 1
    options.loop_unrolling = False
    builder = llvm.create_pass_builder(machine, options)
    pipeline = builder.getModulePassManager()
    try:
        _unlocked("LLVMPY_RunNewModulePassManager")(pipeline, module, builder)
    finally:
        llvm.ffi.lib.LLVMPY_DisposeNewModulePassManger(pipeline)
        pipeline.detach()


def _emitted(module: Any, machine: Any, assembly: bool) -> bytes:
    llvm = binding()
    with llvm.ffi.OutputString() as message:
        buffer = _unlocked("LLVMPY_TargetMachineEmitToMemory")(machine, module, int(not assembly), message)
        if not buffer:
            raise RuntimeError(str(message))
    library = llvm.ffi.lib
    try:
        return ctypes.string_at(library.LLVMPY_GetBufferStart(buffer), library.LLVMPY_GetBufferSize(buffer))
    finally:
        library.LLVMPY_DisposeMemoryBuffer(buffer)
