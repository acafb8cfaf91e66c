"""What is used of llvmlite, and how.

Three things are not left to llvmlite.

llvmlite holds one lock over each of its calls, so that a long optimisation keeps every other thread waiting. The three
calls that take long are made here without it. LLVM allows that where each thread has a context and target machines of
its own, which `Generator` sees to.

llvmlite takes that lock in Python code. A signal that comes in between, Ctrl-C say, leaves it locked, and other threads
wait for ever. So whatever uses llvmlite is called by `unlocking`, which opens the lock again. It also frees twice what
is closed while a signal comes; so nothing is closed here, but left to be deleted, and texts are asked for once.

llvmlite never frees the pipeline of passes that it builds, about 250 KB each time, and its global context keeps each
constant for good. So the pipeline is freed here, and a context is left behind after some modules.
"""

from __future__ import annotations

import ctypes
import os
import threading
from _thread import get_ident
from collections.abc import Callable
from functools import cache
from typing import Any, ParamSpec, TypeVar

from glassgrad.compiler.llvm.target import X86_64, Target
from glassgrad.support import forks

__all__ = ["Generator", "binding", "unlocking"]

P = ParamSpec("P")
R = TypeVar("R")
MODULES = 32  # that share a context: a new one for each would take 0.02 ms more
JIT_LINK = os.name != "nt"  # llvmlite has no JITLink on Windows


@cache
def binding() -> Any:
    """llvmlite's interface to LLVM, ready for this machine. This is called before a thread takes a ``turn``."""
    with forks.whole:  # a child forked in the middle of an import could never finish it
        import llvmlite.binding as llvm

        forks.wait_for(_guard(llvm.ffi.lib))
        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
    return llvm


def _guard(library: Any) -> Any:
    """What holds llvmlite's lock, as ``_lock``; None where an llvmlite of another version has no such thing."""
    guard = getattr(library, "_lock", None)
    return guard if hasattr(guard, "_lock") else None


def unlocking(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Call ``function``, and leave llvmlite's lock as it was before."""
    guard = _guard(binding().ffi.lib)
    if guard is None:
        return function(*args, **kwargs)
    lock = guard._lock
    owned = lock._is_owned()  # a signal's handler may come in the middle of a call that holds it
    try:
        return function(*args, **kwargs)
    finally:
        while not owned and lock._is_owned():
            lock.release()


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
        self._machines: dict[tuple[Target, int], tuple[Any, str]] = {}
        self._contexts: list[Any] = []  # the one in use, as often as it may still be used
        self._closed_by: int | None = None  # a thread

    def close(self) -> None:
        """Wait for the step at hand, and allow no other thread to begin another one. Python is about to end, and LLVM's
        own data will go."""
        with self.turn:
            self._closed_by = get_ident()

    def check(self) -> None:
        """Raise `RuntimeError` if another thread closed it; end a daemon thread. Whoever has the ``turn`` calls this
        first."""
        if self._closed_by not in (None, get_ident()):
            if threading.current_thread().daemon:
                raise SystemExit  # ends the thread, without a word
            raise RuntimeError("Python is about to end: only its main thread may still compile")

    def image(self, text: str, target: Target, level: int) -> bytes:
        """The object file of a module, optimised by so much, from 0 to 3."""
        return self._emit(text, target, level, assembly=False)

    def assembly(self, text: str, target: Target, level: int) -> str:
        """The assembly of a module."""
        return self._emit(text, target, level, assembly=True).decode()

    def machine(self, target: Target, level: int) -> tuple[Any, str]:
        """LLVM's description of ``target``, for code of an optimisation ``level`` from 0 to 3, and its layout of
        data."""
        found = self._machines.get((target, level))
        if found is None:
            machine = target_machine(target, level)
            found = self._machines[target, level] = machine, str(machine.target_data)
        return found

    def _context(self) -> Any:
        if not self._contexts:
            self._contexts = [binding().create_context()] * MODULES
        return self._contexts.pop()

    def _emit(self, text: str, target: Target, level: int, assembly: bool) -> bytes:
        binding()
        with forks.gate:
            pass  # a fork that is waiting comes first
        with self.turn:
            self.check()
            emitted = unlocking(self._emitted, text, target, level, assembly)
        return emitted

    def _emitted(self, text: str, target: Target, level: int, assembly: bool) -> bytes:
        machine, layout = self.machine(target, level)
        module = _parsed(f'target triple = "{target.triple}"\n{text}', self._context())
        module.data_layout = layout
        if level > 1:
            _optimise(module, machine, target, level)
        return _emitted(module, machine, assembly)


@cache
def _triple() -> str:
    return str(binding().get_process_triple())


def target_machine(target: Target, level: int) -> Any:
    llvm = binding()
    if target.triple.split("-")[0] != _triple().split("-")[0]:
        llvm.initialize_all_targets()
        llvm.initialize_all_asmprinters()
    # Without JITLink constants may lie more than 2 GB from the code that reads them
    model = "default" if JIT_LINK or not target.triple.startswith(X86_64) else "large"
    return llvm.Target.from_triple(target.triple).create_target_machine(
        cpu=target.cpu, features=target.features, opt=level, reloc="pic", codemodel=model
    )


def _parsed(text: str, context: Any) -> Any:
    """The module of a text."""
    message = ctypes.c_char_p()
    pointer = _unlocked("LLVMPY_ParseAssembly")(context, ctypes.c_char_p(text.encode()), ctypes.byref(message))
    if message:
        raise RuntimeError(f"LLVM does not take the code that glassgrad wrote: {_text(message)}")
    return binding().ModuleRef(pointer, context)


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
    library, message = binding().ffi.lib, ctypes.c_char_p()
    buffer = _unlocked("LLVMPY_TargetMachineEmitToMemory")(machine, module, int(not assembly), ctypes.byref(message))
    if not buffer:
        raise RuntimeError(f"LLVM makes no code: {_text(message)}")
    try:
        return ctypes.string_at(library.LLVMPY_GetBufferStart(buffer), library.LLVMPY_GetBufferSize(buffer))
    finally:
        library.LLVMPY_DisposeMemoryBuffer(buffer)


def _text(message: ctypes.c_char_p) -> str:
    """What LLVM says."""
    return (message.value or b"").decode(errors="replace")
