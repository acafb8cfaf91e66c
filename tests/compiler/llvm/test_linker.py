"""Machine code is linked wherever there is memory for it, and is gone with its last user."""

from __future__ import annotations

import math
import platform
import subprocess
import sys
import threading
import time

import pytest

pytest.importorskip("llvmlite")

from glassgrad.compiler.llvm import machine

SCATTERED = r'''
import ctypes, sys
import glassgrad as gg
import llvmlite.binding
from glassgrad.compiler.llvm import linker, generator, machine
from glassgrad.compiler.llvm.host import host
from glassgrad.compiler.llvm.target import level
from glassgrad.compiler.codegen.mathlib.machine_code import shared
from glassgrad.compiler.codegen.vector import kernel_name

how, wanted = sys.argv[1:]
generator.JIT_LINK = how != "large"
FREE, FAR = 1 << 18, 1 << 34  # bytes of the only hole, and how far away the next free memory is

libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
NOTHING, PRIVATE, EXACTLY = 0, 0x4022, 0x100000  # PROT_NONE; PRIVATE | ANONYMOUS | NORESERVE; FIXED_NOREPLACE

def gaps(above):
    end = above
    for line in open("/proc/self/maps"):
        start, stop = (int(x, 16) for x in line.split()[0].split("-"))
        if start >= end and start - end >= 4096:
            yield end, start
        end = max(end, stop)
        if "[stack]" in line:
            return

def occupy(start, stop):
    if stop > start:
        libc.mmap(start, stop - start, NOTHING, PRIVATE | EXACTLY, -1, 0)

def scatter():
    """Take all memory that mmap would give within 16 GB, but for one hole."""
    libc.mallopt(-3, 1 << 30)  # malloc gets its memory from the heap, not from mmap
    top = libc.mmap(None, 4096, NOTHING, PRIVATE, -1, 0)
    (start, stop), *others = gaps(top - FAR)
    occupy(start, stop - FREE)  # below all that there is
    for start, stop in others:
        occupy(start, stop)

values = [k * 0.5 for k in range(1 << 10)]  # 8 KB, which lie in the hole; the code, of 320 KB, is too long for it
text = f"""
@table = internal constant [1024 x double] [{', '.join(f'double {x}' for x in values)}]
declare double @{kernel_name('exp', 1)}(double)
define double @kernel(i64 %i) {{
  %at = getelementptr [1024 x double], ptr @table, i64 0, i64 %i
  %x = load double, ptr %at
  %y = fmul double %x, 0.125
  %z = call double @{kernel_name('exp', 1)}(double %y)
  ret double %z
}}
define void @long(ptr %p) {{
  {chr(10).join(f'%v{i} = load volatile double, ptr %p' for i in range(80_000))}
  ret void
}}
"""
here = host().scalar()
target = here if wanted == "host" else level(wanted, here.triple).scalar()
code = machine.image(text, target, 0)
exp = shared("exp", here).address
gg.jit(lambda x: gg.sin(x))(1.0)
generator.JIT_LINK = how == "jitlink"
jit = llvmlite.binding.create_lljit_compiler(generator.target_machine(target, 2), use_jit_link=generator.JIT_LINK)
scatter()
builder = llvmlite.binding.JITLibraryBuilder().add_object_img(code).export_symbol("kernel")
tracker = builder.import_symbol(kernel_name("exp", 1), exp).link(jit, "scattered")
print(abs(tracker["kernel"] - exp) >> 31)
if wanted != "host":
    sys.exit()
print(ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_int64)(tracker["kernel"])(80))

def f(x):
    for k in range(400):
        x = gg.exp(-x) + gg.sin(x) * 0.5
    return x

print(gg.jit(f)(0.3))
'''


def scattered(how: str, target: str = "host") -> subprocess.CompletedProcess[str]:
    """What comes of linking where memory is far apart: with JITLink, by RuntimeDyld with the large code model (as on
    Windows), or with the small one."""
    return subprocess.run(
        [sys.executable, "-c", SCATTERED, how, target], capture_output=True, text=True, timeout=120, check=False
    )


linux = pytest.mark.skipif(sys.platform != "linux", reason="lays out memory as Linux does")
x86 = pytest.mark.skipif(platform.machine() != "x86_64", reason="the large code model is for x86-64")


@linux
@pytest.mark.parametrize("how", ["jitlink", pytest.param("large", marks=x86)])
def test_code_is_linked_where_memory_is_far_apart(how):
    """Its constants, and what it calls, are further away than an instruction reaches."""
    done = scattered(how)
    assert done.returncode == 0, done.stderr
    distance, value, long = done.stdout.split()
    assert int(distance) >= 1
    assert float(value) == pytest.approx(math.exp(5.0), rel=1e-15)
    x = 0.3
    for _ in range(400):
        x = math.exp(-x) + math.sin(x) * 0.5
    assert float(long) == pytest.approx(x, rel=1e-12)


@linux
@x86
def test_code_for_other_processors_is_linked_there_as_well():
    """AArch64's instructions reach 4 GB for data, 128 MB for calls. The code is linked, not run."""
    done = scattered("jitlink", "neon")
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 1


@linux
@x86
@pytest.mark.parametrize("target", ["host", "neon"])
def test_memory_is_far_apart_in_these_tests(target):
    """A loader that does not care for it ends the process, if LLVM was built with its assertions."""
    done = scattered("small", target)
    assert done.returncode < 0 or done.stdout.split()[1:2] != [str(math.exp(5.0))]


def test_two_threads_make_it_once():
    """Each has machine code that stays, however many come first at once."""
    made, all_of_them = [], threading.Barrier(8, timeout=30)

    @machine.once
    def make(k):
        time.sleep(0.01)
        return object()

    def come():
        all_of_them.wait()
        made.append(make(1))

    threads = [threading.Thread(target=come) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(map(id, made))) == 1
    assert make(2) is not make(1)


def test_nobody_waits_for_what_another_thread_makes_of_another_kind():
    making, done = threading.Event(), threading.Event()

    @machine.once
    def make(k):
        if k == 1:
            making.set()
            done.wait(30)
        return k

    thread = threading.Thread(target=make, args=(1,))
    thread.start()
    making.wait(30)
    assert make(2) == 2
    assert thread.is_alive()
    done.set()
    thread.join()
