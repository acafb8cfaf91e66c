"""What a sceptical reading of the compiler found, kept found."""

from __future__ import annotations

import copy
import pickle
import sys
import textwrap
import threading

import numpy as np
import pytest

import glassgrad as gg


def test_a_plan_keeps_its_code_alive():
    """Another thread may drop the kernel that a call without the interpreter's lock is in."""

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


def test_a_parameter_called_out_is_the_functions_own():
    def f(x, out=None):
        return x * 2 if out is None else x * out

    compiled = gg.jit(f)
    x, y = np.arange(3.0), np.full(3, 10.0)
    for _ in range(20):
        compiled(x)
    assert compiled(x, out=y).tolist() == [0.0, 10.0, 20.0]
    assert y.tolist() == [10.0] * 3


def test_kinds_of_results_are_joined_over_the_paths():
    def f(x):
        return False if x < 0 else x * 2

    for x in ([-1.0, 2.0, 3.0], [2.0, -1.0, 3.0]):
        found = gg.vmap(f)(np.array(x))
        assert found.dtype == float
        assert found.tolist() == [float(f(a)) for a in x]
    mixed = gg.vmap(lambda x: np.zeros(2, np.float32) if x > 0 else x * np.ones(2))
    assert mixed(np.array([1.0, -1.25])).dtype == np.float64


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
def test_transformed_functions_pickle_as_what_they_are_of_what(module, transform):
    compiled = gg.jit(transform(module.plain))
    compiled(1.0)
    assert pickle.loads(pickle.dumps(compiled))(-1.0) == transform(module.plain)(-1.0)
    again = pickle.loads(pickle.dumps(gg.jit(transform(module.decorated))))
    assert again(-1.0) == transform(module.decorated)(-1.0)


def test_copies_are_the_function_itself():
    compiled = gg.jit(lambda x: x * 2 if x > 0 else x * 3)
    compiled(1.0)
    assert copy.copy(compiled) is copy.deepcopy(compiled) is compiled
    assert compiled(-1.0) == -3.0


def test_many_shapes_in_many_threads():
    f = gg.vmap(lambda x: x * x)
    errors = []

    def work(seed):
        rng = np.random.default_rng(seed)
        try:
            for _ in range(150):
                x = rng.random(rng.integers(1, 60))
                assert np.array_equal(f(x), x * x)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors


def test_whole_numbers_are_summed_as_well():
    value, constant = gg.vmap(lambda x: (x, np.array([1, 2])), reduce="sum")(np.ones(3))
    assert value == 3.0
    assert constant.tolist() == [3, 6]


def test_a_refusal_that_the_function_catches_is_raised():
    def f(x):
        try:
            return float(x)
        except Exception:
            return 5.0

    with pytest.raises(gg.TracingError, match=r"test_reviewed\.py:\d+: float"):
        gg.jit(f)(1.0)


def test_dtype_with_reduce_is_that_without():
    w, x = np.ones(2), np.ones((4, 2), np.float32)
    slope = gg.grad(lambda w, x: w @ x)
    assert gg.vmap(slope, (None, 0))(w, x).dtype == np.float32
    assert gg.vmap(slope, (None, 0), reduce="sum")(w, x).dtype == np.float32


def test_lanes_that_differ_are_named():
    with pytest.raises(TypeError, match="None for some lanes and a number for others"):
        gg.vmap(lambda x: None if x > 0 else x)(np.array([1.0, -1.0]))


def test_a_mask_is_not_lost():
    with pytest.raises(TypeError, match="masked"):
        gg.jit(lambda x: x)(np.ma.array([1.0, 2.0], mask=[0, 1]))


def test_numbers_of_numpy_and_whole_ones_go_the_short_way_too():
    f = gg.jit(lambda x: x * 2.5)
    for x in (2.0, np.float64(2.0), 2):
        for _ in range(20):
            assert f(x) == 5.0


def test_code_for_one_call_is_made_again_after_a_few_calls_however_long_it_is():
    def f(x):
        for _ in range(350):
            x = x * 0.5 + 1.25
        return x

    compiled = gg.jit(f)
    for _ in range(10):
        assert compiled(3.0) == f(3.0)
    kernel = compiled.kernels()[-1]
    assert kernel._asked
    kernel.wait()
    assert kernel.final
    assert compiled(3.0) == f(3.0)
