"""Compiled functions pickle, and compute the same in another process, with their function or without."""

from __future__ import annotations

import copy
import os
import pickle
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

import glassgrad as gg

SCRIPT = """
import pickle, sys
import numpy as np
import glassgrad as gg
things = pickle.loads(sys.stdin.buffer.read())
found = []
for f, args in things:
    try:
        found.append(f(*args))
    except Exception as error:
        found.append(f"{type(error).__name__}: {error}")
sys.stdout.buffer.write(pickle.dumps(found))
"""


def elsewhere(things, folder: Path, **environment: str):
    """Call each ``f(*args)`` in a fresh process."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", SCRIPT],
        input=pickle.dumps(things),
        capture_output=True,
        cwd=folder,
        env={**os.environ, **environment},
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return pickle.loads(done.stdout)


def local():
    """A function that does not pickle."""
    w = np.array([1.0, -2.0])
    return lambda x: (w * x).sum() if x[0] > 0 else x[1] * 3.0


X = np.array([[1.0, 2.0], [-1.0, 5.0], [3.0, 0.5]])


def test_without_its_function_it_computes_what_it_knows(tmp_path):
    one, batch, total = gg.jit(local()), gg.vmap(local()), gg.vmap(local(), reduce="sum")
    slope = gg.vmap(gg.value_and_grad(local()))
    known = [one(x) for x in X]
    assert known == [-3.0, 15.0, 2.0]
    wanted = batch(X).tolist()
    total(X)
    value, gradient = slope(X)
    things = [(one, (X[0],)), (one, (X[1],)), (batch, (X,)), (total, (X,)), (slope, (X,)), (batch, (X[:1],))]
    for setting in ({}, {"GLASSGRAD_TARGET": "none"}):
        first, second, all_of_them, summed, pair, single = elsewhere(things, tmp_path, **setting)
        assert [first, second] == known[:2]
        assert all_of_them.tolist() == wanted
        assert summed == 14.0
        assert pair[0].tolist() == value.tolist()
        assert pair[1].tolist() == gradient.tolist()
        assert single.tolist() == wanted[:1]


def test_what_it_does_not_know_it_says(tmp_path):
    one, batch = gg.jit(local()), gg.vmap(local())
    one(X[0])
    batch(X[:1])
    never = gg.jit(local())
    new_path, new_shape, in_a_batch, untraced = elsewhere(
        [(one, (X[1],)), (one, (np.ones(3),)), (batch, (X,)), (never, (X[0],))], tmp_path
    )
    for text in (new_path, new_shape, in_a_batch, untraced):
        assert "TracingError" in text
        assert "came back from a pickle without its function" in text
        assert "top level of a module" in text


def test_with_its_function_it_learns_on(tmp_path):
    one = gg.jit(gg.sqrt)
    one(4.0)
    same, other = elsewhere([(one, (9.0,)), (one, (np.array([4.0, 9.0]),))], tmp_path)
    assert same == 3.0
    assert other.tolist() == [2.0, 3.0]
    (fresh,) = elsewhere([(gg.jit(gg.sqrt), (16.0,))], tmp_path)
    assert fresh == 4.0


def test_a_gradient_without_picklable_function_and_inside_a_transform():
    f = gg.jit(gg.grad(lambda x: x**3 if x > 0 else x))
    f(2.0)
    back = pickle.loads(pickle.dumps(f))
    assert back(3.0) == 27.0
    assert back.__name__ == f.__name__
    with pytest.raises(gg.TracingError, match="without its function"):
        back(-1.0)
    with pytest.raises(TypeError, match="without its function, so it cannot be traced"):
        gg.grad(back)(2.0)
    with pytest.raises(TypeError, match="without its function, so it cannot be traced"):
        gg.vmap(pickle.loads(pickle.dumps(gg.vmap(local()))))(np.ones((2, 3, 2)))


def test_nodes_from_outside_come_along():
    w = gg.Scalar(2.0, label="w")
    f = gg.jit(lambda x: w * x if x > 0 else x)
    f(1.0)
    back, node = pickle.loads(pickle.dumps((f, w)))
    assert back(3.0) == 6.0
    node.data = 5.0
    assert back(3.0) == 15.0
    assert f(3.0) == 6.0


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_every_protocol(protocol):
    f = gg.vmap(local(), in_axes=(1,), threads=1, max_paths=7)
    f(X.T)
    back = pickle.loads(pickle.dumps(f, protocol))
    assert back(X.T).tolist() == f(X.T).tolist()
    assert back.max_paths == 7
    assert str(back.lower(X.T).tape) == str(f.lower(X.T).tape)


def test_copies():
    f = gg.jit(gg.hypot)
    f(3.0, 4.0)
    for twin in (copy.copy(f), copy.deepcopy(f)):
        assert twin(5.0, 12.0) == 13.0
        assert twin(np.array([3.0]), 4.0).tolist() == [5.0]


def test_copies_are_the_function_itself():
    compiled = gg.jit(lambda x: x * 2 if x > 0 else x * 3)
    compiled(1.0)
    assert copy.copy(compiled) is copy.deepcopy(compiled) is compiled
    assert compiled(-1.0) == -3.0


# Functions of a module, which pickle by name


@pytest.fixture
def module(tmp_path, monkeypatch):
    source = """
        import glassgrad as gg

        @gg.jit
        def decorated(x):
            return x * 2 if x > 0 else -x

        @gg.vmap
        def batched(x):
            return x * 2 if x > 0 else -x

        def plain(x):
            return x * x if x > 0 else x * 3
    """
    (tmp_path / "compiled_things.py").write_text(textwrap.dedent(source))
    monkeypatch.syspath_prepend(tmp_path)
    yield __import__("compiled_things")
    del sys.modules["compiled_things"]


def test_decorated_functions_pickle_by_name(module):
    module.decorated(1.0)
    assert pickle.loads(pickle.dumps(module.decorated)) is module.decorated
    assert pickle.loads(pickle.dumps(module.batched))(np.array([-2.0])).tolist() == [2.0]


@pytest.mark.parametrize("transform", [gg.grad, gg.value_and_grad, gg.hessian, gg.jacobian])
def test_a_transformed_function_pickles_as_its_transform_and_its_function(module, transform):
    compiled = gg.jit(transform(module.plain))
    compiled(1.0)
    assert pickle.loads(pickle.dumps(compiled))(-1.0) == transform(module.plain)(-1.0)
    again = pickle.loads(pickle.dumps(gg.jit(transform(module.decorated))))
    assert again(-1.0) == transform(module.decorated)(-1.0)
