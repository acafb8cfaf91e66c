"""Calls of every structure take the fast path, and it never serves a call that it was not made for.

Each call goes to two compiled functions. One may take its fast paths; the other forgets them before every call. Both
must return the same bits or raise the same error, and the numbers must be those of the function itself.
"""

from __future__ import annotations

import itertools
import math
from collections import OrderedDict, namedtuple
from typing import Any

import numpy as np
import optree
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import glassgrad as gg
from glassgrad.compiler.compiled import Compiled

pytest.importorskip("llvmlite")

compiled_only = pytest.mark.skipif(not gg.compiled(), reason="plain Python has no fast paths")
Pair = namedtuple("Pair", "first second")
LANES = 17


def total(leaf: Any) -> Any:
    return leaf.sum() if getattr(leaf, "ndim", 0) else leaf * 1.0


def weighted(*args: Any, **kwargs: Any) -> Any:
    """A function of any structure whose result tells its leaves apart."""
    leaves = [x for x in optree.tree_leaves((args, kwargs)) if x is not None]
    return sum([(k + 1.5) * total(leaf) for k, leaf in enumerate(leaves)], 0.25)


def several(*args: Any, **kwargs: Any) -> Any:
    leaves = [x for x in optree.tree_leaves((args, kwargs)) if x is not None]
    return weighted(*args, **kwargs), [leaf * 2.0 for leaf in leaves], {"first": total(leaves[0]) > 0.5}


# ---- Random arguments

numbers = st.one_of(
    st.floats(-4, 4),
    st.integers(-5, 5),
    st.booleans(),
    st.floats(-4, 4).map(np.float64),
    st.floats(-4, 4, width=32).map(np.float32),
    st.integers(-5, 5).map(np.int64),
    st.sampled_from([2**53 + 1, 10**400, -(2**70), math.nan, math.inf, -0.0]),
)


@st.composite
def arrays(draw: Any, lanes: int | None = None) -> Any:
    shape = draw(st.sampled_from([(), (1,), (2,), (3,), (2, 3), (3, 2), (0,)]))
    shape = shape if lanes is None else (lanes, *shape)
    kind = draw(st.sampled_from(["f8", "f8", "f8", "f4", "i4", "?", ">f8"]))
    values = np.arange(math.prod(shape), dtype=float).reshape(shape) % 7 - draw(st.integers(0, 3))
    return arranged(np.array(values, kind), draw(st.sampled_from(ARRANGEMENTS)))


ARRANGEMENTS = ["plain", "plain", "strided", "reversed", "transposed", "broadcast", "read-only", "misaligned", "sparse"]


def arranged(array: Any, how: str) -> Any:
    """The same array, in memory in another way."""
    if how == "read-only":
        array.flags.writeable = False
    if not array.ndim:
        return array
    if how == "strided":
        wide = np.zeros((2 * array.shape[0], *array.shape[1:]), array.dtype)
        wide[::2] = array
        return wide[::2]
    if how == "reversed":
        return array[::-1].copy()[::-1]
    if how == "transposed":
        return np.asfortranarray(array)
    if how == "broadcast" and array.shape[0]:
        return np.broadcast_to(array[:1], array.shape)
    if how == "misaligned":
        raw = np.zeros(array.nbytes + 1, np.uint8)[1:]
        other = raw.view(array.dtype).reshape(array.shape) if array.size else array
        if array.size:
            other[...] = array
        return other
    if how == "sparse" and array.ndim > 1:
        wide = np.zeros((*array.shape[:-1], 3 * array.shape[-1]), array.dtype)
        wide[..., ::3] = array
        return wide[..., ::3]
    return array


odd = st.sampled_from(["text", 1j, b"bytes", np.array(["a"]), np.array([1j]), object])


def trees(leaves: Any) -> Any:
    names = st.sampled_from(["a", "b", "c", "out"])
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3),
            st.lists(inner, max_size=3).map(tuple),
            st.dictionaries(names, inner, max_size=3),
            st.dictionaries(st.sampled_from([1, 2]), inner, max_size=2),
            st.tuples(inner, inner).map(lambda two: Pair(*two)),
            st.dictionaries(names, inner, max_size=2).map(OrderedDict),
        ),
        max_leaves=6,
    )


plain_leaves = st.one_of(st.floats(-4, 4), st.floats(-4, 4), st.integers(-5, 5), arrays())
any_leaf = st.one_of(numbers, arrays(), st.none(), odd, st.floats(-1, 1).map(gg.Scalar))


@st.composite
def neighbours(draw: Any, tree: Any, leaves: Any) -> Any:
    """A tree that is nearly the same: one leaf differs, a list has another length, a dict another order."""
    flat, structure = optree.tree_flatten(tree, none_is_leaf=True)
    how = draw(st.sampled_from(["same", "leaf", "leaf", "order", "grow", "shrink", "tuple"]))
    if how == "leaf" and flat:
        flat[draw(st.integers(0, len(flat) - 1))] = draw(leaves)
    tree = optree.tree_unflatten(structure, flat)
    if how == "order" and type(tree) is dict:
        return dict(reversed(list(tree.items())))
    if how == "grow" and type(tree) is list:
        return [*tree, draw(leaves)]
    if how == "shrink" and type(tree) is list:
        return tree[:-1]
    if how == "tuple" and type(tree) in (list, tuple):
        return tuple(tree) if type(tree) is list else list(tree)
    return tree


@st.composite
def call_sequences(draw: Any) -> Any:
    """Calls of one function, (args, kwargs) each: some alike, some nearly so."""
    first = draw(st.lists(trees(plain_leaves), min_size=1, max_size=3))
    named = draw(st.dictionaries(st.sampled_from(["p", "q"]), trees(plain_leaves), max_size=2))
    calls = [(tuple(first), named)]
    for _ in range(draw(st.integers(1, 5))):
        args, kwargs = draw(st.sampled_from(calls))
        args = tuple([draw(neighbours(arg, any_leaf)) for arg in args])
        kwargs = {name: draw(neighbours(arg, any_leaf)) for name, arg in kwargs.items()}
        if draw(st.booleans()):
            kwargs = dict(reversed(list(kwargs.items())))
        calls.append((args, kwargs))
    return draw(st.permutations([*calls, *calls]))


def outcome(f: Any, args: Any, kwargs: Any) -> Any:
    """What a call returns, or the error that it raises."""
    try:
        with np.errstate(all="ignore"):
            return optree.tree_flatten(f(*args, **kwargs), none_is_leaf=True)
    except Exception as error:
        return type(error), str(error)


def bits(x: Any) -> Any:
    """A result in a form that compares by type, shape and bits."""
    if isinstance(x, gg.Scalar):
        return "node", np.float64(x.data).tobytes()
    if isinstance(x, np.ndarray) and x.dtype == object:
        return "nodes", x.shape, [bits(element) for element in x.ravel()]
    return type(x), getattr(x, "shape", None), getattr(x, "dtype", None), np.asarray(x).tobytes()


def same(found: Any, wanted: Any) -> None:
    if not isinstance(wanted[0], list):
        assert found == wanted
        return
    assert isinstance(found[0], list), found
    assert found[1] == wanted[1]
    assert [bits(x) for x in found[0]] == [bits(x) for x in wanted[0]]


def converted(tree: Any) -> Any:
    return optree.tree_map(lambda x: x.astype(float) if isinstance(x, np.ndarray) else float(x), tree)


def close(found: Any, f: Any, args: Any, kwargs: Any) -> None:
    """The result of a call is that of the function itself."""
    leaves = optree.tree_leaves((args, kwargs))
    if not isinstance(found[0], list) or any(isinstance(x, gg.Scalar) for x in leaves):
        return
    with np.errstate(all="ignore"):
        wanted = optree.tree_leaves(f(*converted(args), **converted(kwargs)))
    single = any(getattr(x, "dtype", None) == np.float32 for x in found[0])
    for a, b in zip(found[0], wanted, strict=True):
        error = 1e-5 if single else 1e-12
        np.testing.assert_allclose(np.asarray(a, float), np.asarray(b, float), rtol=error, atol=error)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("f", [weighted, several])
@settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))
@given(calls=call_sequences())
def test_any_sequence_of_jit_calls(f: Any, calls: Any) -> None:
    fast, slow = gg.jit(f), gg.jit(f)
    for args, kwargs in calls:
        slow.forget()
        found = outcome(fast, args, kwargs)
        same(found, outcome(slow, args, kwargs))
        close(found, f, args, kwargs)


@st.composite
def batches(draw: Any) -> Any:
    """Arguments of ``vmap`` with in_axes (None, 0): a tree for all lanes, and one of arrays with lanes."""
    shared = draw(trees(plain_leaves))
    lanes = draw(st.sampled_from([LANES, LANES, 40, 8, 3, 1]))
    calls = [((shared, draw(trees(arrays(lanes)))), {})]
    for _ in range(draw(st.integers(1, 4))):
        (shared, batch), _ = draw(st.sampled_from(calls))
        shared = draw(neighbours(shared, any_leaf))
        batch = draw(neighbours(batch, st.one_of(arrays(lanes), arrays(lanes + 1), st.floats(0, 1))))
        calls.append(((shared, batch), {}))
    return draw(st.permutations([*calls, *calls]))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("f", "reduce"), [(weighted, None), (several, None), (weighted, "sum"), (several, "mean")])
@settings(deadline=None, max_examples=12, suppress_health_check=list(HealthCheck))
@given(calls=batches())
def test_any_sequence_of_batches(f: Any, reduce: Any, calls: Any) -> None:
    fast, slow = (gg.vmap(f, in_axes=(None, 0), reduce=reduce) for _ in range(2))
    for args, kwargs in calls:
        slow.forget()
        found = outcome(fast, args, kwargs)
        same(found, outcome(slow, args, kwargs))


# ---- What takes the fast path


@pytest.fixture
def straight(monkeypatch: Any) -> Any:
    """Within it a call that goes through Python fails."""

    class Straight:
        def __enter__(self) -> None:
            def fail(*_: Any) -> None:
                raise AssertionError("this call went through Python")

            monkeypatch.setattr(Compiled, "_call", fail)

        def __exit__(self, *_: Any) -> None:
            monkeypatch.undo()

    return Straight()


def warm(f: Any, *args: Any, **kwargs: Any) -> Any:
    """What a call returns once its code is as good as it gets and calls like it are known."""
    for _ in range(3):
        f(*args, **kwargs)
        for made in f.kernels():
            made.wait()
    return f(*args, **kwargs)


NESTED = [[1.0, 2, np.float64(3.0)], ({"b": 4.0, "a": [5.0]}, None), 6]
X = np.linspace(0.1, 1.0, LANES)
CALLS = {
    "nested": ((NESTED,), {}),
    "keywords": ((1.0,), {"p": 2.0, "q": [3.0, np.arange(3.0)]}),
    "an int": ((3, 2.5), {}),
    "float32": ((np.arange(6, dtype=np.float32).reshape(2, 3),), {}),
    "float32 and float64": ((np.arange(3, dtype=np.float32), np.arange(2.0)), {}),
    "strided": ((np.arange(12.0)[::2], np.arange(12.0).reshape(3, 4).T, np.arange(5.0)[::-1]), {}),
    "read-only": ((arranged(np.arange(4.0), "read-only"),), {}),
    "many": (([[float(k) for k in range(70)] for _ in range(30)],), {}),
    "many arrays": (([np.full(2, float(k)) for k in range(70)],), {}),
}


@compiled_only
@pytest.mark.parametrize("case", CALLS)
@pytest.mark.parametrize("f", [weighted, several])
def test_calls_of_every_structure_are_fast(straight: Any, case: str, f: Any) -> None:
    args, kwargs = CALLS[case]
    compiled = gg.jit(f)
    wanted = warm(compiled, *args, **kwargs)
    with straight:
        found = compiled(*args, **kwargs)
    same(optree.tree_flatten(found), optree.tree_flatten(wanted))
    close(optree.tree_flatten(found), f, args, kwargs)


BATCHES = {
    "nested": ((NESTED, X), (None, 0)),
    "a float": ((2.5, X), (None, 0)),
    "a list of arrays": (([X, X[::-1]], {"w": X}), 0),
    "float32": ((X.astype(np.float32), [2.0]), (0, None)),
    "strided": ((np.linspace(0.0, 1.0, 2 * LANES)[::2],), 0),
    "another axis": ((np.arange(3.0 * LANES).reshape(3, LANES),), 1),
    "the last axis": ((np.arange(3.0 * LANES).reshape(3, LANES),), -1),
    "uneven": ((np.arange(24.0 * LANES).reshape(LANES, 6, 4)[:, ::2, ::2],), 0),
    "a transposed matrix for all": ((np.arange(6.0).reshape(2, 3).T, X), (None, 0)),
}


@compiled_only
@pytest.mark.parametrize("case", BATCHES)
@pytest.mark.parametrize("reduce", [None, "sum", "mean"])
def test_batches_of_every_structure_are_fast(straight: Any, case: str, reduce: Any) -> None:
    args, axes = BATCHES[case]
    batch = gg.vmap(several if reduce is None else weighted, axes, reduce=reduce)
    wanted = warm(batch, *args)
    with straight:
        found = batch(*args)
    same(optree.tree_flatten(found), optree.tree_flatten(wanted))


@compiled_only
@pytest.mark.parametrize("kind", [np.float64, np.float32])
def test_a_structured_call_writes_to_out(straight: Any, kind: Any) -> None:
    def f(weights: Any, x: Any) -> Any:
        return {"y": [x * weights[0], x + weights[1][0]], "n": x.sum()}

    weights, x = [2.0, (np.full(3, 0.5, kind),)], np.arange(3, dtype=kind)
    compiled = gg.jit(f)
    out = {"y": [np.zeros(3, kind), None], "n": None}
    wanted = warm(compiled, weights, x)
    warm(compiled, weights, x, out=out)
    out["y"][0][:] = 0.0
    with straight:
        found = compiled(weights, x, out=out)
    assert found["y"][0] is out["y"][0]
    same(optree.tree_flatten(found), optree.tree_flatten(wanted))


@compiled_only
def test_a_batch_writes_to_a_column_of_an_array(straight: Any) -> None:
    batch = gg.vmap(lambda p, x: (x * p["w"], x - p["b"]), in_axes=(None, 0))
    p, table = {"w": 2.0, "b": np.float64(0.5)}, np.zeros((LANES, 5))
    warm(batch, p, X, out=(table[:, 1], None))
    table[:] = 0.0
    with straight:
        _, rest = batch(p, X, out=(table[:, 1], None))
    np.testing.assert_array_equal(table[:, 1], X * 2.0)
    np.testing.assert_array_equal(rest, X - 0.5)
    assert not table[:, [0, 2, 3, 4]].any()


# ---- What must not take it


def test_a_list_that_grows_is_seen() -> None:
    f, xs = gg.jit(weighted), [1.0, 2.0]
    for length in range(2, 9):
        for _ in range(3):
            assert f(xs) == pytest.approx(weighted(xs), rel=1e-15)
        xs.append(float(length))
    for _ in range(8):
        xs.pop()
        assert f(xs) == pytest.approx(weighted(xs), rel=1e-15)


class Loud(float):
    """A float whose number is another one for Python."""

    def __float__(self) -> float:
        return 7.0


@pytest.mark.parametrize(
    ("value", "wanted"),
    [(True, 1.0), (np.float64(2.5), 2.5), (np.float32(0.5), 0.5), (np.int8(3), 3.0), (Loud(1), 7.0)],
)
def test_a_number_of_another_type_counts_as_python_takes_it(value: Any, wanted: float) -> None:
    f = gg.jit(lambda p: p["x"] * 2.0)
    assert [f({"x": 1.5}) for _ in range(3)] == [3.0] * 3
    assert [f({"x": value}) for _ in range(3)] == [2.0 * wanted] * 3
    assert f({"x": 1.5}) == 3.0


@pytest.mark.parametrize("value", ["text", 10**400, 1j, object()])
def test_what_is_not_a_number_is_refused_after_fast_calls(value: Any) -> None:
    f = gg.jit(lambda p: p["x"][0] * 2.0)
    fresh = gg.jit(lambda p: p["x"][0] * 2.0)
    assert [f({"x": [1.5]}) for _ in range(3)] == [3.0] * 3
    with pytest.raises((TypeError, OverflowError)) as found:
        f({"x": [value]})
    with pytest.raises((TypeError, OverflowError)) as wanted:
        fresh({"x": [value]})
    assert found.type is wanted.type
    assert f({"x": [1.5]}) == 3.0


def test_a_node_in_a_list_is_differentiated_after_fast_calls() -> None:
    f = gg.jit(lambda xs: xs[0] * xs[1])
    assert [f([2.0, 3.0]) for _ in range(3)] == [6.0] * 3
    x = gg.Scalar(2.0)
    y = f([x, 3.0])
    y.backward()
    assert x.grad == 3.0


def test_keys_in_another_order_and_other_keys() -> None:
    f = gg.jit(lambda d: sum([(ord(key) - 96) * x for key, x in d.items()]))
    for keys in itertools.permutations("abc"):
        for _ in range(3):
            assert f({key: ord(key) / 2 for key in keys}) == sum([(ord(k) - 96) * ord(k) / 2 for k in "abc"])
    assert f({"a": 1.0, "b": 2.0, "d": 3.0}) == 17.0


class Sly(str):
    """A key that is equal to any other."""

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return hash("a")


def test_a_key_that_runs_code_is_left_to_python() -> None:
    f = gg.jit(lambda d: sum(d.values()))
    assert [f({"a": 1.0, "b": 2.0}) for _ in range(3)] == [3.0] * 3
    assert f({Sly("a"): 1.0, "b": 2.0}) == 3.0


def test_results_do_not_share_memory_between_calls() -> None:
    f = gg.jit(lambda p: [p["w"] * 2.0, p["w"] + 1.0])
    w = np.arange(3.0)
    found = [f({"w": w}) for _ in range(4)]
    for a, b in itertools.combinations([array for pair in found for array in pair], 2):
        assert not np.shares_memory(a, b)


@pytest.mark.parametrize("where", ["same", "shifted", "reversed"])
def test_out_may_overlap_the_arguments(where: str) -> None:
    """The results are those for the arguments as they were."""
    f = gg.jit(lambda p: p["x"][::-1] * 2.0)
    for _ in range(3):
        memory = np.arange(12.0)
        x = memory[2:8]
        out = {"same": x, "shifted": memory[3:9], "reversed": memory[7:1:-1]}[where]
        wanted = x[::-1] * 2.0
        assert f({"x": x}, out=out) is out
        np.testing.assert_array_equal(out, wanted)


def test_out_of_another_kind_is_refused_after_fast_calls() -> None:
    f = gg.jit(lambda p: p["x"] * 2.0)
    p = {"x": np.arange(3.0)}
    for _ in range(3):
        f(p, out=np.empty(3))
    for wrong, error in ((np.empty(4), ValueError), (np.empty(3, np.float32), ValueError), ([1.0] * 3, ValueError)):
        with pytest.raises(error):
            f(p, out=wrong)
    read_only = np.zeros(3)
    read_only.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        f(p, out=read_only)
    assert not read_only.any()


def test_values_from_outside_are_read_at_each_call() -> None:
    scale = gg.Scalar(2.0)
    batch = gg.vmap(lambda p, x: p[0] * scale * x, in_axes=(None, 0))
    for value in (2.0, 3.0, 5.0):
        scale.data = value
        for _ in range(3):
            np.testing.assert_array_equal(batch([0.5], X), 0.5 * value * X)


@pytest.mark.filterwarnings("ignore:.*different routes:RuntimeWarning")
@pytest.mark.parametrize("max_paths", [None, 1])
def test_a_batch_of_truths_becomes_one_of_numbers_when_other_lanes_return_numbers(max_paths: int | None) -> None:
    """Also where those were met in a batch that takes another fast path."""
    batch = gg.vmap(lambda x: (x > 3.0) if x > 0.0 else 2.5, max_paths=max_paths)
    positive, both = np.linspace(1.0, 5.0, LANES), np.linspace(-5.0, 5.0, 2 * LANES)[::2]
    for _ in range(3):
        assert batch(positive).dtype == bool
    assert batch(both).dtype == float
    for _ in range(3):
        np.testing.assert_array_equal(batch(positive), (positive > 3.0).astype(float), strict=True)
