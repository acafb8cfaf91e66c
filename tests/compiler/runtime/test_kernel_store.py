"""Programs that compute the same share one kernel, none is kept for longer than it is wanted, and an endless stream of
new functions or shapes takes no more and more memory."""

from __future__ import annotations

import gc
import math
import subprocess
import sys
import textwrap
import threading
import weakref

import numpy as np
import pytest

import glassgrad as gg

pytest.importorskip("llvmlite")

from glassgrad.compiler import compiled
from glassgrad.compiler.codegen import module
from glassgrad.compiler.llvm import machine
from glassgrad.compiler.runtime import kernel_store
from glassgrad.compiler.runtime.scalar_call import ScalarCall


def kernels_of(*functions):
    return [kernel for one in functions for kernel in one.kernels()]


@pytest.fixture
def images(monkeypatch):
    """The modules that are compiled to first code, those of mathlib not counted."""
    made: list[str] = []
    original = machine.image

    def image(text, *rest):
        if "@kernel(" in text and machine.generator() is machine.first:
            made.append(text)
        return original(text, *rest)

    monkeypatch.setattr(machine, "image", image)
    return made


def test_the_same_function_is_compiled_once(images, monkeypatch):
    """However often it is given to `jit`, whatever its arguments are called and wherever it stands."""
    monkeypatch.setattr(ScalarCall, "merge", lambda *_: None)  # which would come at its own time
    functions = [gg.jit(lambda x: gg.exp(x) * x if x > 0.25 else x) for _ in range(20)]
    functions.append(gg.jit(lambda other: gg.exp(other) * other if other > 0.25 else other))
    for one in functions:
        assert one(0.5) == pytest.approx(math.exp(0.5) * 0.5, rel=1e-15)
    assert len(images) == len(set(kernels_of(*functions))) == 1
    for one in functions:
        assert one(0.125) == 0.125
    assert len(images) == len(set(kernels_of(*functions))) == 2, "each route has code of its own"
    batches = [gg.vmap(lambda x: gg.exp(x) * x) for _ in range(5)]
    for one in batches:
        np.testing.assert_allclose(one(np.full(20, 0.5)), math.exp(0.5) * 0.5, rtol=1e-15)
    assert len(set(kernels_of(*batches))) == 1


def test_what_differs_is_not_shared():
    """In an operation, a constant (of which -0.0 is another than 0.0), a branch, a result, an argument or its kind."""
    functions = [
        lambda x, y: x + y,
        lambda x, y: y + x,
        lambda x, y: x - y,
        lambda x, y: x * 2.0,
        lambda x, y: x * 3.0,
        lambda x, y: x * 0.0,
        lambda x, y: x * -0.0,
        lambda x, y: (x, y),
        lambda x, y: (y, x),
        lambda x, y: x if x > y else y,
        lambda x, y: x if x < y else y,
        lambda x, y: x if x >= y else y,
    ]
    some = [(1.5, 4.0), (4.0, 1.5), (-3.0, 2.0), (0.0, 0.0)]
    compiled = [gg.jit(f) for f in functions]
    batched = [gg.vmap(f) for f in functions]
    columns = [np.array(column * 8) for column in zip(*some)]
    for f, one, batch in zip(functions, compiled, batched):
        wanted = [f(*given) for given in some]
        found = [one(*given) for given in some]
        assert repr([np.array(x, float).tolist() for x in found]) == repr([np.array(x, float).tolist() for x in wanted])
        rows = np.array(batch(*columns)).T.reshape(32, -1)[: len(some)]
        assert repr(rows.tolist()) == repr(np.array(wanted, float).reshape(len(some), -1).tolist())
    assert len({frozenset(one.kernels()) for one in compiled}) == len(functions) - 1  # y + x is no other than x + y
    one = gg.jit(lambda x: x * 2.0)
    kinds = [3.0, np.array([3.0]), np.array([3.0], np.float32), np.array([3.0, 4.0])]
    for given in kinds:
        np.testing.assert_array_equal(one(given), given * 2.0)
    assert len(set(kernels_of(one))) == len(kinds)
    batch, summed = gg.vmap(lambda x: x * 2.0), gg.vmap(lambda x: x * 2.0, reduce="sum")
    x = np.linspace(0.0, 1.0, 64)
    np.testing.assert_array_equal(batch(x), x * 2.0)
    assert summed(x) == pytest.approx(x.sum() * 2.0, rel=1e-15)


def test_functions_that_share_code_have_their_own_nodes():
    """A node from outside is read at each call."""
    nodes = [gg.Scalar(2.0), gg.Scalar(5.0)]
    functions = [gg.jit(lambda x, node=node: x * node) for node in nodes]
    first, second = (gg.jit(lambda x, k=k: x * nodes[k] + nodes[1 - k]) for k in (0, 1))
    assert [first(3.0), second(3.0)] == [3.0 * 2.0 + 5.0, 3.0 * 5.0 + 2.0]
    nodes[0].data = 7.0
    assert [first(3.0), second(3.0)] == [3.0 * 7.0 + 5.0, 3.0 * 5.0 + 7.0]
    assert len(set(kernels_of(first, second))) == 1
    del functions


def test_code_goes_with_its_last_user():
    functions = [gg.jit(lambda x: gg.sin(x) * 0.375) for _ in range(3)]
    for one in functions:
        one(0.5)
    kernel = weakref.ref(kernels_of(functions[0])[0])
    loaded = weakref.ref(kernel().code[2])
    del functions[:2], one
    gc.collect()
    assert functions[0](0.5) == pytest.approx(math.sin(0.5) * 0.375, rel=1e-15)
    assert kernel() is not None
    functions.clear()
    gc.collect()
    assert kernel() is None
    assert loaded() is None
    assert gg.jit(lambda x: gg.sin(x) * 0.375)(0.5) == pytest.approx(math.sin(0.5) * 0.375, rel=1e-15)


def test_code_outlives_its_kernel_while_a_thread_runs_it():
    """A call releases the interpreter's lock while it runs; another thread may drop its kernel meanwhile."""

    def f(x):
        s = 0.0
        for i in range(12_000):
            s = s * 0.5 + x[0] * (i * 0.001)
        if x[1] > 0:
            return s + 1.0
        return s + 2.0 if x[1] > -1 else s - 1.0

    compiled = gg.jit(f)
    at = np.array([1.0, 1.0])
    expected = compiled(at)
    compiled.kernels()[-1].wait()
    found = []

    def work():
        for _ in range(200):
            found.append(compiled(at))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for y in (-0.5, -2.0):  # each a new path, so a new kernel
        compiled(np.array([1.0, y]))
    for thread in threads:
        thread.join()
    assert set(found) == {expected}


@pytest.mark.parametrize("transform", [gg.jit, gg.vmap], ids=["jit", "vmap"])
def test_new_kinds_of_arguments_without_end(transform, monkeypatch):
    """Those used longest ago are forgotten, and come back when they are used again."""
    monkeypatch.setattr(compiled, "PROGRAMS", 20)
    one = transform(lambda d: sum(d.values()) * float(next(iter(d))[1:]))
    x = 1.5 if transform is gg.jit else np.full(20, 1.5)

    def check(k):
        np.testing.assert_array_equal(one({f"a{k}": x, "z": x}), 3.0 * k)

    check(0)
    (kept,) = one.programs.values()
    for k in range(1, 60):
        check(k)
        check(0)
        if k % 10 == 0:
            check(k // 2)
    assert kept in one.programs.values()
    assert len(one.programs) == 20
    assert len(one.kernels()) <= 20
    for k in range(0, 60, 7):
        check(k)


def test_new_shapes_of_a_lane_without_end(monkeypatch):
    monkeypatch.setattr(compiled, "PROGRAMS", 20)
    batch = gg.vmap(lambda v: v[0] + v[-1])
    for n in range(1, 50):
        np.testing.assert_array_equal(batch(np.full((3, n), 2.0)), 4.0)
    assert len(batch.programs) == sum(len(program.batch_code) for program in batch.programs.values()) == 20


MEMORY = """
import gc, sys
import numpy as np
import glassgrad as gg

x = np.ones(64)
forever = gg.jit(lambda d: sum(d.values()) * float(next(iter(d))[1:]))

def same(k):
    gg.jit(lambda x: gg.exp(x) * x)(0.5)

def fresh(k):
    gg.jit(lambda x: gg.exp(x) * x + k)(0.5)

def batch(k):
    gg.vmap(lambda x: x * x + k)(x)

def better(k):
    one = gg.jit(lambda x: gg.exp(x) * x + k)
    one(0.5)
    (kernel,) = one.kernels()
    kernel.wait()

def structures(k):
    forever({f"a{k}": 0.5, "z": 0.5})

def resident():
    gc.collect()
    return int(open("/proc/self/statm").read().split()[1]) * 4

for step, count in ((same, 200), (fresh, 200), (batch, 100), (better, 60), (structures, 800)):
    for k in range(count):
        step(k)
    before = resident()
    for k in range(count, 2 * count):
        step(k)
    print((resident() - before) / count)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads Linux's account of memory")
def test_memory_does_not_grow():
    """By more KB a time than llvmlite leaks (1.5 for a run of LLVM's passes), and some for what lies about."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(MEMORY)], capture_output=True, text=True, timeout=150, check=True
    )
    found = list(map(float, done.stdout.split()))
    assert len(found) == 5
    assert all(grown < most for grown, most in zip(found, (3.0, 3.0, 12.0, 60.0, 3.0))), found


def long(x, y):
    for k in range(5):
        x = x + 0.01 * gg.sin(y) * y
        y = y - 0.01 * gg.exp(-x * x) + gg.lgamma(x * x + k + 1.0) * 0.01
    return x * y


def branching(x, y):
    for k in range(3):
        x = x + 0.1 * gg.sin(y) if x > y else x - gg.tanh(x * x + k) * 0.01
        y = y * 0.75 + gg.exp(-x * x)
    return x * y if y > 0.4 else x - y


@pytest.mark.parametrize(("function", "reduce"), [(long, "sum"), (branching, None)])
def test_a_module_in_parts_gives_the_same(monkeypatch, function, reduce):
    """To the bit."""
    pairs = np.random.default_rng(0).uniform(0.1, 2.0, (2, 300))
    f = gg.value_and_grad(function, argnums=(0, 1))

    def results():
        kernel_store._kernels.clear()
        one, batch = gg.jit(f), gg.vmap(f, reduce=reduce)
        found = [one(*pair) for pair in pairs[:, :8].T.tolist()]
        found.append(batch(*pairs))
        for kernel in kernels_of(one, batch):
            kernel.wait()
        found += [one(*pair) for pair in pairs[:, :8].T.tolist()]
        found.append(batch(*pairs))
        return [np.concatenate([np.ravel(x) for x in (value, *slopes)]) for value, slopes in found]

    whole = results()
    monkeypatch.setattr(module, "PIECE", 40)
    monkeypatch.setattr("glassgrad.compiler.codegen.scalar_kernel.WHOLE", 40)
    monkeypatch.setattr("glassgrad.compiler.codegen.region_kernel.WHOLE", 40)
    monkeypatch.setattr(module.Module.parts, "__defaults__", (50,))
    monkeypatch.setattr("glassgrad.compiler.runtime.kernel.SHORT", 50)
    made = []
    monkeypatch.setattr(
        machine, "packed", lambda images, packed=machine.packed: made.append(len(images)) or packed(images)
    )
    for a, b in zip(whole, results(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert max(made) > 3


def test_packed_object_files_come_back():
    for some in ([b"a"], [b"", b"abc", b"\0" * 100], []):
        assert machine.unpacked(machine.packed(some)) == some
    for wrong in (b"", b"\1", machine.packed([b"abc"])[:-1], machine.packed([b"abc"]) + b"x", b"\xff" * 64):
        with pytest.raises(ValueError, match="not packed"):
            machine.unpacked(wrong)
