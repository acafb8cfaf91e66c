"""Compiled functions go through whatever pickler is in use, to processes that have not got the function.

Each case is a function and a call of it whose result is known. Scripts define them in ``__main__``, in another process
than the one that calls them.
"""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path
from types import FunctionType

import pytest

import glassgrad as gg

pytest.importorskip("cloudpickle")

DEFINITIONS = """
import functools, math, sys
import numpy as np
import glassgrad as gg

SCALE = 3.0

def helper(x):
    return x * SCALE

def named(x):
    return helper(x) if x > 0 else -x

@gg.jit
def decorated(x):
    return helper(x) if x > 0 else -x

@gg.vmap
def batch(x):
    return helper(x) if x > 0 else -x

@gg.jit
def factorial(n):  # it holds itself, by its name
    return n * factorial(n - 1) if n > 1 else n

@gg.primitive(partials=lambda y, x: 3 * x**2)
def cube(x):
    return x**3

@gg.primitive(partials=lambda y, x: -powered(x) + 0 * x)  # its rule holds itself
def powered(x):
    return math.exp(-x)

def make(k):
    return lambda x: k * x if x > 0 else k - x

class Model:
    def __init__(self):
        self.rate = 5.0
        self.fast = gg.jit(self.price)  # and the other way round, a cycle

    def price(self, x):
        return self.rate * x if x > 0 else x

    @gg.jit
    def method(a, b):
        return a * b

weight = gg.Scalar(2.0, label="weight")
known = gg.jit(lambda x: x * SCALE if x > 0 else -x)
known(1.0)

CASES = {  # a function, the arguments of a call, and its result
    "a lambda, on a path that it knows": (known, (2.0,), 6.0),
    "a lambda, on a new path": (known, (-2.0,), 2.0),
    "never called": (gg.jit(lambda x: x * SCALE), (2.0,), 6.0),
    "named": (gg.jit(named), (2.0,), 6.0),
    "decorated": (decorated, (2.0,), 6.0),
    "vmap": (batch, ([2.0, -1.0],), [6.0, 1.0]),
    "recursive": (factorial, (4.0,), 24.0),
    "closure": (gg.jit(make(7.0)), (2.0,), 14.0),
    "gradient of a closure": (gg.jit(gg.grad(make(7.0))), (-2.0,), -1.0),
    "gradient of vmap": (gg.jit(gg.grad(gg.vmap(make(7.0), reduce="sum"))), ([2.0, -1.0],), [7.0, -1.0]),
    "vmap of a Hessian": (gg.vmap(gg.hessian(lambda x: x**3 * SCALE)), ([1.0, 2.0],), [18.0, 36.0]),
    "jit of jit": (gg.jit(gg.jit(make(7.0))), (2.0,), 14.0),
    "options": (gg.vmap(lambda x, y: x * y, in_axes=(1, None), reduce="sum", threads=1), ([[1.0, 2.0]], 3.0), [9.0]),
    "plain grad": (gg.grad(lambda x: x**3 * SCALE), (1.0,), 9.0),
    "plain Hessian": (gg.hessian(lambda x: x**3 * SCALE), (1.0,), 18.0),
    "plain hvp": (gg.hvp(lambda x: x**3 * SCALE), (1.0, 1.0), 18.0),
    "plain jvp": (gg.jvp(lambda x: x**3 * SCALE), ([1.0], [1.0]), (3.0, 9.0)),
    "plain value and gradient": (gg.value_and_grad(lambda x: x**3 * SCALE), (1.0,), (3.0, 9.0)),
    "primitive": (gg.jit(gg.grad(lambda x: cube(x) + 1)), (2.0,), 12.0),
    "gradient of a primitive": (gg.grad(cube), (2.0,), 12.0),
    "second derivative of a primitive": (gg.grad(gg.grad(powered)), (0.0,), 1.0),
    "bound method": (Model().fast, (2.0,), 10.0),
    "method": (Model.method, (4.0, 2.0), 8.0),
    "partial": (gg.jit(functools.partial(lambda k, x: k * x, 4.0)), (2.0,), 8.0),
    "a node from outside": (gg.jit(lambda x: weight * x), (2.0,), 4.0),
    "of glassgrad": (gg.jit(gg.sqrt), (4.0,), 2.0),
}
"""

MAKE = (
    DEFINITIONS
    + """
import pickle
from pickler_in_use import dumps
pickled = {name: (bytes(dumps(f)), "jvp" in name, args, result) for name, (f, args, result) in CASES.items()}
sys.stdout.buffer.write(pickle.dumps(pickled))
"""
)

CALL = """
import json, pickle, sys
import numpy as np
found = {}
for name, (data, plain, args, wanted) in pickle.loads(sys.stdin.buffer.read()).items():
    args = args if plain else tuple([np.array(x) if isinstance(x, list) else x for x in args])
    found[name] = [np.asarray(pickle.loads(data)(*args)).tolist(), np.asarray(wanted).tolist()]
print(json.dumps(found))
"""

DUMPS = {
    "cloudpickle": "from cloudpickle import dumps",
    "joblib's loky": "from joblib.externals.loky.backend.reduction import dumps",
    "Dask": "from distributed.protocol.pickle import dumps",
    "Python's, patched by cloudpickle's reducers": """
import io, pickle, types
import cloudpickle

class ByValue(pickle.Pickler):  # in C, with no method of its own but this one
    dispatch_table = cloudpickle.Pickler.dispatch_table

    def reducer_override(self, obj):
        return cloudpickle.Pickler(io.BytesIO()).reducer_override(obj)

def dumps(obj):
    file = io.BytesIO()
    pickler = ByValue(file, 5)
    pickler.dump(obj)
    return file.getvalue()
""",
}


def python(folder: Path, code: str, data: bytes = b"") -> bytes:
    """What a script prints, run as a file in a process of its own."""
    script = folder / "script.py"
    script.write_text(code, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "error::RuntimeWarning", str(script)],
        input=data,
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(folder)},
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@pytest.mark.parametrize("pickler", DUMPS)
def test_the_function_goes_along(tmp_path, pickler):
    if "joblib" in pickler:
        pytest.importorskip("joblib")
    if "Dask" in pickler:
        pytest.importorskip("distributed")
    (tmp_path / "pickler_in_use.py").write_text(DUMPS[pickler], encoding="utf-8")
    found = json.loads(python(tmp_path, CALL, python(tmp_path, MAKE)))
    wrong = {name: pair for name, pair in found.items() if pair[0] != pair[1]}
    assert not wrong
    assert len(found) > 20


def test_dask_takes_along_a_closure_of_a_module(tmp_path):
    """Dask tries Python's own pickler first, which leaves the function behind: it must notice."""
    pytest.importorskip("distributed")
    (tmp_path / "elsewhere.py").write_text(
        "import glassgrad as gg\ndef make(k):\n    return gg.jit(lambda x: k * x if x > 0 else k - x)\n"
    )
    data = python(
        tmp_path,
        "import sys\nfrom distributed.protocol.pickle import dumps\nfrom elsewhere import make\n"
        "f = make(3.0)\nf(1.0)\nsys.stdout.buffer.write(dumps((f, 'of a task')))",
    )
    (tmp_path / "elsewhere.py").unlink()
    call = "import pickle, sys\nf, _ = pickle.loads(sys.stdin.buffer.read())\nprint(f(2.0), f(-2.0))"
    assert python(tmp_path, call, data).split() == [b"6.0", b"5.0"]


def test_modules_that_cloudpickle_takes_by_value(tmp_path):
    (tmp_path / "elsewhere.py").write_text(
        "import glassgrad as gg\n@gg.jit\ndef f(x):\n    return own(x) + 1\n"
        "@gg.primitive(partials=lambda y, x: 2 * x)\ndef own(x):\n    return x * x\n"
    )
    data = python(
        tmp_path,
        "import sys, cloudpickle, elsewhere\ncloudpickle.register_pickle_by_value(elsewhere)\n"
        "sys.stdout.buffer.write(cloudpickle.dumps(elsewhere.f))",
    )
    (tmp_path / "elsewhere.py").unlink()
    call = "import pickle, sys\nf = pickle.loads(sys.stdin.buffer.read())\nprint(f(2.0), f(3.0))"
    assert python(tmp_path, call, data).split() == [b"5.0", b"10.0"]


def test_parallel_workers_of_joblib(tmp_path):
    pytest.importorskip("joblib")
    script = (
        DEFINITIONS
        + """
if __name__ == "__main__":
    from joblib import Parallel, delayed
    work = Parallel(n_jobs=2)
    print(work(delayed(f)(x) for f in (decorated, gg.jit(make(7.0)), gg.grad(make(7.0))) for x in (2.0, -2.0)))
"""
    )
    assert json.loads(python(tmp_path, script)) == [6.0, 2.0, 14.0, 9.0, 7.0, -1.0]


def test_workers_that_run_the_main_module_again(tmp_path):
    """Python's own pickler goes by names, and in such a worker ``__main__`` has them."""
    script = (
        DEFINITIONS
        + """
if __name__ == "__main__":
    import multiprocessing
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        print([pool.map(f, (2.0, -2.0)) for f in (decorated, gg.jit(named), gg.jit(gg.grad(named)))])
"""
    )
    assert json.loads(python(tmp_path, script)) == [[6.0, 2.0], [6.0, 2.0], [3.0, -1.0]]


def test_files_of_joblib(tmp_path):
    """`joblib.dump` goes by names, too: what has none stays behind, and the paths that are known go along."""
    pytest.importorskip("joblib")
    python(
        tmp_path,
        DEFINITIONS
        + f"import joblib\njoblib.dump([known, gg.jit(gg.sqrt), {{'x': np.arange(3.0)}}], {str(tmp_path / 'f')!r})",
    )
    load = f"""
import joblib
known, root, _ = joblib.load({str(tmp_path / "f")!r})
print(known(2.0), root(4.0))
try:
    known(-2.0)
except TypeError as error:
    print(error)
"""
    values, message = python(tmp_path, load).decode().splitlines()
    assert values.split() == ["6.0", "2.0"]
    assert "came back from a pickle without its function" in message


# In this process


def test_it_is_decided_for_each_pickle_anew():
    import cloudpickle

    def local(x):
        return x * 2 if x > 0 else x

    f = gg.jit(local)
    f(1.0)
    assert cloudpickle.loads(cloudpickle.dumps(f))(-1.0) == -1.0
    left = pickle.loads(pickle.dumps(f))
    assert left(2.0) == 4.0
    with pytest.raises(gg.TracingError, match="without its function"):
        left(-1.0)
    assert pickle.loads(pickle.dumps(left))(2.0) == 4.0, "nor are the paths lost on a second way"
    assert cloudpickle.loads(cloudpickle.dumps(f))(-1.0) == -1.0


def test_the_python_pickler_is_as_pythons_own(monkeypatch):
    monkeypatch.setitem(pickle._Pickler.dispatch, FunctionType, pickle._Pickler.save_global)  # dill sets it
    f = gg.jit(lambda x: x * 2 if x > 0 else x)
    f(1.0)
    left = pickle.loads(pickle._dumps(f))
    assert left(3.0) == 6.0
    with pytest.raises(gg.TracingError, match="without its function"):
        left(-1.0)


def test_what_cloudpickle_cannot_pickle_it_says():
    import threading

    import cloudpickle

    lock = threading.Lock()
    f = gg.jit(lambda x: x * 2 if lock else x)
    with pytest.raises(TypeError, match="lock"):
        cloudpickle.dumps(f)


class Counted:
    """A model whose method is compiled, and that counts how often it is pickled."""

    pickled = 0

    def __init__(self, inner: Counted | None = None) -> None:
        self.inner = inner
        self.fast = gg.jit(self.price)

    def price(self, x):
        return 2 * x if self.inner is None else self.inner.price(x)

    def __getstate__(self):
        Counted.pickled += 1
        return dict(vars(self))


def test_a_chain_of_models_takes_time_in_proportion_to_its_square():
    """Whether a bound method pickles is tried out; no trial begins another, which would double the work each time."""
    model = None
    for _ in range(12):
        model = Counted(model)
    before = Counted.pickled
    back = pickle.loads(pickle.dumps(model))
    assert back.fast(3.0) == 6.0
    assert Counted.pickled - before <= 12 + 12 * 13 // 2
    assert back.inner.fast.function.__self__ is back.inner


def test_a_function_that_only_looks_like_a_transform():
    """`functools.wraps` copies what a transform is known by."""
    import functools

    import cloudpickle

    slope = gg.grad(gg.sin)

    @functools.wraps(slope)
    def twice(x):
        return 2 * slope(x)

    for back in (cloudpickle.loads(cloudpickle.dumps(gg.jit(twice))), gg.jit(twice)):
        assert back(0.0) == 2.0


def test_nothing_of_this_process_goes_along():
    """No machine code, locks or fast paths: a function that was called a lot pickles to the same bytes."""
    f = gg.jit(gg.sqrt)
    fresh = pickle.dumps(f)
    for _ in range(20):
        f(4.0)
    assert pickle.dumps(f) == fresh


def test_attributes_come_along():
    f = gg.jit(gg.sqrt, max_paths=5)
    f.unit = "m"
    back = pickle.loads(pickle.dumps(f))
    assert (back.unit, back.max_paths, back.__name__, back.__doc__) == ("m", 5, f.__name__, f.__doc__)
