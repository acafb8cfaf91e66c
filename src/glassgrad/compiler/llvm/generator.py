"""Generate object files with llvmlite, and work around three of its weaknesses.

Its lock is too wide. llvmlite holds one lock during each of its calls, so a long optimisation keeps every other thread
waiting. The three slow calls are made here without the lock. LLVM allows that if each thread has its own context and
its own target machines, and `Generator` provides them.

Its lock is not safe against signals. llvmlite takes the lock in Python code. A signal such as Ctrl-C at the wrong
moment leaves it locked, and then other threads wait forever. So `unlocking` makes every call, and releases the lock
afterwards. If a signal comes while an object is being closed, llvmlite frees the object twice. So nothing is closed
here: objects are left to be deleted, and each text is read once.

It leaks memory. llvmlite never frees the pipeline of passes that it builds, about 250 KB each time, and its global
context keeps each constant for good. So the pipeline is freed here, and a context is dropped after some modules.
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

__all__ = ["LOOPS", "Generator", "binding", "unlocking"]

P = ParamSpec("P")
R = TypeVar("R")
LOOPS = 4  # An optimisation level, for code with loops: level 2 with a few of its passes, in half of the time.
MODULES = 32  # This many modules share a context. A new context for each module would take 0.02 ms more.
JIT_LINK = os.name != "nt"  # llvmlite has no JITLink on Windows.


@cache
def binding() -> Any:
    """Return llvmlite's interface to LLVM, ready for this machine. A thread calls this before it takes a ``turn``."""
    with forks.whole:  # a child process that is forked during an import could never finish the import
        import llvmlite.binding as llvm

        forks.wait_for(_guard(llvm.ffi.lib))
        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
    return llvm


def _guard(library: Any) -> Any:
    """Return the object that holds llvmlite's lock as ``_lock``, or None if this version of llvmlite has none."""
    guard = getattr(library, "_lock", None)
    return guard if hasattr(guard, "_lock") else None


def unlocking(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Call ``function``, and make sure that llvmlite's lock is afterwards as it was before."""
    guard = _guard(binding().ffi.lib)
    if guard is None:
        return function(*args, **kwargs)
    lock = guard._lock
    owned = lock._is_owned()  # True if a signal handler runs during a call that holds the lock
    try:
        return function(*args, **kwargs)
    finally:
        while not owned and lock._is_owned():
            lock.release()


@cache
def _unlocked(name: str) -> Callable[..., Any]:
    """Return a function of llvmlite's library that does not take llvmlite's lock."""
    library = binding().ffi.lib
    locked = getattr(library, name)
    function = ctypes.CDLL(library._name)[name]
    function.argtypes, function.restype = locked.argtypes, locked.restype
    return function


class Generator:
    """Makes object files, for one thread at a time. Each generator has its own target machines and contexts.

    Attributes:
        turn: the lock that a thread holds while it uses LLVM.
    """

    def __init__(self) -> None:
        self.turn = forks.brief()
        self._machines: dict[tuple[Target, int], tuple[Any, str]] = {}
        self._contexts: list[Any] = []  # the context in use, once for each module that may still use it
        self._closed_by: int | None = None  # the id of the thread that closed this generator

    def close(self) -> None:
        """Wait for the current step, and let no other thread begin a new one.

        This is called when Python is about to end, because LLVM then destroys its own data.
        """
        with self.turn:
            self._closed_by = get_ident()

    def check(self) -> None:
        """Raise `RuntimeError` if another thread closed the generator. A daemon thread is ended instead.

        The thread that holds the ``turn`` calls this first.
        """
        if self._closed_by not in (None, get_ident()):
            if threading.current_thread().daemon:
                raise SystemExit  # ends the thread silently
            raise RuntimeError("Python is about to end: only its main thread can still compile functions")

    def image(self, text: str, target: Target, level: int) -> bytes:
        """Return the object file of a module, for an optimisation ``level`` from 0 to 3, or `LOOPS`."""
        return self._emit(text, target, level, assembly=False)

    def assembly(self, text: str, target: Target, level: int) -> str:
        """Return the assembly of a module, as text."""
        return self._emit(text, target, level, assembly=True).decode()

    def machine(self, target: Target, level: int) -> tuple[Any, str]:
        """Return LLVM's target machine for ``target`` and an optimisation level from 0 to 3, and its data layout."""
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
            pass  # let a waiting fork go first
        with self.turn:
            self.check()
            emitted = unlocking(self._emitted, text, target, level, assembly)
        return emitted

    def _emitted(self, text: str, target: Target, level: int, assembly: bool) -> bytes:
        machine, layout = self.machine(target, 2 if level == LOOPS else level)
        module = _parsed(f'target triple = "{target.triple}"\n{text}', self._context())
        module.data_layout = layout
        if level > 1:
            _optimise(module, machine, target, level)
        return _emitted(module, machine, assembly)


@cache
def _triple() -> str:
    return str(binding().get_process_triple())


def target_machine(target: Target, level: int) -> Any:
    """Make LLVM's target machine for ``target`` and an optimisation ``level`` from 0 to 3."""
    llvm = binding()
    if target.triple.split("-")[0] != _triple().split("-")[0]:
        llvm.initialize_all_targets()
        llvm.initialize_all_asmprinters()
    # Without JITLink, constants may lie more than 2 GB away from the code that reads them.
    model = "default" if JIT_LINK or not target.triple.startswith(X86_64) else "large"
    return llvm.Target.from_triple(target.triple).create_target_machine(
        cpu=target.cpu, features=target.features, opt=level, reloc="pic", codemodel=model
    )


def _parsed(text: str, context: Any) -> Any:
    """Parse LLVM IR, and return the module."""
    message = ctypes.c_char_p()
    pointer = _unlocked("LLVMPY_ParseAssembly")(context, ctypes.c_char_p(text.encode()), ctypes.byref(message))
    if message:
        raise RuntimeError(f"LLVM rejects the code that glassgrad wrote (a bug in glassgrad): {_text(message)}")
    return binding().ModuleRef(pointer, context)


def _optimise(module: Any, machine: Any, target: Target, level: int) -> None:
    """Run LLVM's passes for an optimisation level."""
    llvm = binding()
    options = llvm.create_pipeline_tuning_options(speed_level=2 if level == LOOPS else level)
    options.loop_vectorization = False
    options.slp_vectorization = target.lanes == 1
    options.loop_unrolling = False
    builder = llvm.create_pass_builder(machine, options)
    if level == LOOPS:
        pipeline = llvm.create_new_module_pass_manager()
        pipeline.add_sroa_pass()
        pipeline.add_simplify_cfg_pass()
        pipeline.add_instruction_combine_pass()
        pipeline.add_new_gvn_pass()
        pipeline.add_simplify_cfg_pass()
    else:
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
        raise RuntimeError(f"LLVM cannot make machine code of this module: {_text(message)}")
    try:
        return ctypes.string_at(library.LLVMPY_GetBufferStart(buffer), library.LLVMPY_GetBufferSize(buffer))
    finally:
        library.LLVMPY_DisposeMemoryBuffer(buffer)


def _text(message: ctypes.c_char_p) -> str:
    """Return a message of LLVM as text."""
    return (message.value or b"").decode(errors="replace")
