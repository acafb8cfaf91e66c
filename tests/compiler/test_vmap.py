"""``gg.vmap``: a batch gives what each lane gives alone, whatever the arrays look like and however it is run."""

from __future__ import annotations

import itertools
import math
import random
import threading
import warnings
from pathlib import Path

import numpy as np
import pytest

import glassgrad as gg
from glassgrad import Scalar, TracingError
from glassgrad.compiler.runtime import batch_call, batch_code
from helpers.branching import bits, code_for, runnable
from helpers.ir import parsed

HERE = Path(__file__).name


def huber(r):
    return r * r / 2 if abs(r) < 1 else abs(r) - 0.5


def points(count: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-3.0, 3.0, count)


# How long a batch is


@pytest.mark.usefixtures("how")
@pytest.mark.parametrize("branching", [False, True])
def test_batches_of_every_length(branching):
    f = huber if branching else lambda r: r * r / 2 - r
    batch = gg.vmap(f)
    x = points(40)
    for count in range(1, 41):
        found = batch(x[:count])
        assert found.shape == (count,)
        assert found.tolist() == [f(r) for r in x[:count].tolist()], count


@pytest.mark.parametrize("count", [63, 64, 65, 511, 512, 513, 1023, 1025, 4097, 100_003])
def test_large_batches(count):
    x = points(count)
    found = gg.vmap(huber)(x)
    assert np.array_equal(found, np.where(np.abs(x) < 1, x * x / 2, np.abs(x) - 0.5))
    slope = gg.vmap(gg.grad(huber), threads=2)(x)
    assert np.array_equal(slope, np.where(np.abs(x) < 1, x, np.sign(x)))


def kinked(x, y):
    """Paths, loops and functions whose last bits would tell of any difference."""
    total = 0.0
    while x > 1 and total < 3:
        x, total = x * 0.5 + 0.1, total + gg.exp(-x)
    if y < 0:
        return total + gg.sin(x * y) / (1 + x * x)
    return total - x * y + gg.sqrt(y)


def test_neither_length_nor_threads_nor_the_place_of_a_lane_matter():
    x, y = points(5000), points(5000, 2)
    whole = gg.vmap(kinked, threads=1)(x, y)
    for threads in (2, 3, 7):
        assert np.array_equal(gg.vmap(kinked, threads=threads)(x, y), whole)
    for start, stop in [(0, 1), (1, 4), (7, 40), (100, 1123), (37, 4999)]:
        assert np.array_equal(gg.vmap(kinked)(x[start:stop], y[start:stop]), whole[start:stop])
    assert np.array_equal(gg.vmap(kinked)(x[::-1], y[::-1]), whole[::-1])
    again = gg.vmap(kinked)
    for _ in range(30):  # code that is warm may be made anew
        assert np.array_equal(again(x, y), whole)


@pytest.mark.parametrize("reduce", ["sum", "mean"])
def test_a_reduced_batch_does_not_depend_on_threads(reduce):
    x, y = points(70_001), points(70_001, 2)
    slope = gg.value_and_grad(kinked, argnums=(0, 1))
    one = gg.vmap(slope, reduce=reduce, threads=1)(x, y)
    for threads in (2, 3, 5):
        assert gg.vmap(slope, reduce=reduce, threads=threads)(x, y) == one


@pytest.mark.usefixtures("how")
def test_empty_batches():
    f = gg.vmap(lambda x, w: (x * w.sum(), w * x, x > 0))
    number, array, truth = f(np.empty(0), np.empty((0, 2)))
    assert (number.shape, array.shape, truth.shape) == ((0,), (0, 2), (0,))
    assert (number.dtype, truth.dtype) == (np.float64, bool)
    assert gg.vmap(lambda x: x * 2)(np.empty(0, np.float32)).dtype == np.float32
    assert gg.vmap(huber, reduce="sum")(np.empty(0)) == 0.0
    assert gg.vmap(lambda x: (x, x * np.ones(2)), reduce="sum")(np.empty(0))[1].tolist() == [0.0, 0.0]
    with pytest.raises(ValueError, match="at least one lane for a mean, got an empty batch"):
        gg.vmap(huber, reduce="mean")(np.empty(0))

    def positive(x):
        if x < 1:
            raise RuntimeError("too small")
        return x

    with pytest.raises(ValueError, match=r"the batch is empty.*trial run at 0\.5.*too small"):
        gg.vmap(positive)(np.empty(0))
    assert gg.vmap(huber)(np.empty(0)).shape == (0,)
    after = gg.vmap(huber)
    after(np.empty(0))
    assert after(np.array([0.5, 3.0])).tolist() == [0.125, 2.5]


# What goes in


@pytest.mark.usefixtures("how")
def test_arrays_of_every_kind():
    f = gg.vmap(lambda row: (row[0] - 2.0 * row[1] + row[-1], row * 2.0))
    base = np.arange(44.0).reshape(11, 4)
    read_only = base.copy()
    read_only.flags.writeable = False
    raw = np.frombuffer(b"\0" + base.tobytes(), dtype=np.uint8)[1:]
    misaligned = raw.view(float).reshape(11, 4)
    assert not misaligned.flags.aligned
    for array in [
        base,
        read_only,
        misaligned,
        np.asfortranarray(base),
        base.astype(">f8"),
        base[::-1],
        base[:, ::-1],
        base[::-1, ::-1],
        np.repeat(np.repeat(base, 2, axis=0), 3, axis=1)[::2, ::3],
        np.asfortranarray(np.repeat(base, 2, axis=1))[:, ::2],
        np.broadcast_to(base[3], (11, 4)),
        np.broadcast_to(base[:, :1], (11, 4)),
        base[:1],
        base[:2],
        np.asfortranarray(base[:1]),
        base.astype(int),
        base.astype(np.uint8),
        base.astype(bool),
        base.astype(object),
        np.concatenate([base] * 40),
        np.asfortranarray(np.concatenate([base] * 40)),
    ]:
        plain = np.array(array, dtype=float)
        number, doubled = f(array)
        assert np.array_equal(number, plain[:, 0] - 2.0 * plain[:, 1] + plain[:, -1])
        assert np.array_equal(doubled, plain * 2.0)
        assert np.array_equal(np.array(array, dtype=float), plain), "arguments stay as they are"


@pytest.mark.usefixtures("how")
def test_one_dimensional_arrays_of_every_kind():
    f = gg.vmap(lambda x: x * 3.0 if x > 4 else -x)
    base = np.arange(23.0)
    expected = np.where(base > 4, base * 3.0, -base)
    for array, wanted in [
        (base[::-1], expected[::-1]),
        (np.repeat(base, 3)[::3], expected),
        (np.repeat(base[::-1], 3)[::-3], expected),
        (np.frombuffer(b"\0\0\0" + base.tobytes(), dtype=np.uint8)[3:].view(float), expected),
        (base.astype(">f8"), expected),
        (np.broadcast_to(7.0, (9,)), np.full(9, 21.0)),
        (base.astype(np.int32), expected),
        (np.stack([base, base], axis=1)[:, 0], expected),
    ]:
        assert np.array_equal(f(array), wanted)


@pytest.mark.usefixtures("how")
def test_deep_arrays_in_every_order_of_memory():
    base = np.arange(2 * 3 * 4 * 5.0).reshape(2, 3, 4, 5)
    for order in itertools.permutations(range(4)):
        array = np.transpose(base, order)
        for axis in (0, 2, -1):
            found = gg.vmap(lambda a: a * 2.0 + 1.0, in_axes=axis)(array)
            assert np.array_equal(found, np.moveaxis(array, axis, 0) * 2.0 + 1.0)


@pytest.mark.usefixtures("how")
def test_float32():
    x = points(37).astype(np.float32)
    found = gg.vmap(lambda x: (x * 0.1, np.array([x, x * x])))(x)
    wide = x.astype(float)
    assert found[0].dtype == found[1].dtype == np.float32
    assert np.array_equal(found[0], (wide * 0.1).astype(np.float32))
    assert np.array_equal(found[1][:, 1], (wide * wide).astype(np.float32))
    for array in (x[::-1], x.astype(">f4"), np.stack([x, x], axis=1)[:, 1]):
        assert gg.vmap(lambda x: x + 1)(array).dtype == np.float32
    assert gg.vmap(lambda x, y: x + y)(x, wide).dtype == np.float64
    assert gg.vmap(lambda x, k: x * k, in_axes=(0, None))(x, 2.0).dtype == np.float32
    assert gg.vmap(gg.grad(huber))(x).dtype == np.float32
    total = gg.vmap(huber, reduce="sum")(x)
    assert type(total) is float
    assert total == pytest.approx(sum(map(huber, wide.tolist())), rel=1e-14), "sums of doubles"
    assert gg.vmap(lambda x: x * np.ones(3), reduce="mean")(x).dtype == np.float32


@pytest.mark.usefixtures("how")
def test_structures_and_in_axes():
    rows, columns = np.arange(12.0).reshape(4, 3), np.arange(8.0).reshape(2, 4)
    w, k = np.array([1.0, -1.0, 0.5]), 2.5
    expected = [rows[i] @ w + columns[:, i].sum() * k for i in range(4)]

    f = lambda row, column, w, k: row @ w + column.sum() * k
    assert gg.vmap(f, in_axes=(0, 1, None, None))(rows, columns, w, k).tolist() == expected
    assert gg.vmap(f, in_axes=[0, -1, None, None])(rows, columns, w, k).tolist() == expected

    g = lambda data, p: data["row"] @ p["w"] + data["pair"][0].sum() * p["k"] + (data["pair"][1] or 0.0)
    data = {"row": rows, "pair": (columns, None)}
    p = {"w": w, "k": k}
    assert gg.vmap(g, in_axes=({"row": 0, "pair": (1, None)}, None))(data, p).tolist() == expected
    assert gg.vmap(g, in_axes=({"row": 0, "pair": 1}, None))(data, p).tolist() == expected
    lanes_first = {"row": rows, "pair": (columns.T, None)}
    assert gg.vmap(g, in_axes=(0, {"w": None, "k": None}))(lanes_first, p).tolist() == expected
    by_name = gg.vmap(lambda x, *, y: x - y)(rows[:, 0], y=rows[:, 1])
    assert by_name.tolist() == (rows[:, 0] - rows[:, 1]).tolist()
    rest = gg.vmap(lambda *xs: xs[0] * xs[2])(rows[:, 0], rows[:, 1], rows[:, 2])
    assert rest.tolist() == (rows[:, 0] * rows[:, 2]).tolist()


@pytest.mark.usefixtures("how")
@pytest.mark.parametrize("lanes", [1, 2, 3, 7, 8, 9])
def test_few_lanes_of_arrays_of_every_kind(lanes):
    """Of fewer than the processor takes at once the last is repeated, however the array lies."""
    one = np.array([[0.3, 0.7, 1.1]])
    raw = np.zeros(lanes * 24 + 1, np.uint8)
    odd = raw[1:].view(float).reshape(lanes, 3)
    odd[...] = one
    for array in (np.broadcast_to(one, (lanes, 3)), np.asfortranarray(np.repeat(one, lanes, 0)), odd):
        found = gg.vmap(lambda a: gg.sin(a[0] + 2.0 * a[1] + 3.0 * a[2]))(array)
        np.testing.assert_allclose(found, np.full(lanes, np.sin(5.0)), rtol=1e-14)


def test_an_array_of_no_axes_in_an_odd_place():
    odd = np.frombuffer(b"-" + np.float64(2.0).tobytes(), np.uint8)[1:].view(float).reshape(())
    x = np.linspace(0.0, 1.0, 20)
    found = gg.vmap(lambda a, x: a * x, in_axes=(None, 0))(odd, x)
    assert found.shape == (20,)
    np.testing.assert_array_equal(found, 2.0 * x)
    assert float(gg.jit(lambda a: a * 3.0)(odd)) == 6.0


def test_whole_numbers_of_numpy():
    x = np.arange(12.0).reshape(3, 4)
    axes = np.array([1, 0])
    batch = gg.vmap(lambda x, y: x[0] * y, in_axes=(axes[0], None), threads=np.int64(2), max_paths=np.uint8(3))
    assert batch(x, 2.0).tolist() == (x[0] * 2.0).tolist()
    assert gg.vmap(lambda t: t["a"] + t["b"], in_axes=({"a": axes[1], "b": None},))({"a": x[:, 0], "b": 1.0}).shape == (
        3,
    )


def test_arrays_that_are_the_same_for_all_lanes():
    x = points(19)
    for w in (np.arange(6.0).reshape(2, 3), np.arange(6.0).reshape(3, 2).T, np.arange(12.0)[::2].reshape(2, 3)):
        found = gg.vmap(lambda x, w: (w * x).sum() + w[1, 0], in_axes=(0, None))(x, w)
        assert found == pytest.approx((w[None] * x[:, None, None]).sum(axis=(1, 2)) + w[1, 0], rel=1e-13)
    assert gg.vmap(lambda x, w: x * w, in_axes=(0, None))(x, np.array(2.0)).tolist() == (x * 2.0).tolist()


@pytest.mark.usefixtures("how")
def test_results_that_are_the_same_for_all_lanes():
    one, array, counts, none = gg.vmap(lambda x: (1.5, np.ones(2), np.arange(2), None))(np.zeros(3))
    assert one.tolist() == [1.5] * 3
    assert array.tolist() == [[1.0, 1.0]] * 3
    assert counts.tolist() == [[0, 1]] * 3
    assert none is None


WRONG = [
    (lambda: gg.vmap(huber)(1.0), ValueError, "argument 'r' of huber is the number 1.0, which has no axis 0"),
    (lambda: gg.vmap(huber)(np.array(1.0)), ValueError, r"argument 'r' of huber has shape \(\), so it has no axis 0"),
    (lambda: gg.vmap(huber, in_axes=1)(np.ones(3)), ValueError, "no axis 1.*in_axes"),
    (lambda: gg.vmap(huber, in_axes=-2)(np.ones(3)), ValueError, "no axis -2"),
    (lambda: gg.vmap(huber, in_axes=None)(np.ones(3)), ValueError, "no argument of huber has an axis to run over"),
    (lambda: gg.vmap(huber)(), ValueError, "no argument of huber has an axis"),
    (lambda: gg.vmap(huber, in_axes=(0, 0))(np.ones(3)), ValueError, r"an entry .* huber, 1 in all, got \(0, 0\)"),
    (lambda: gg.vmap(huber, in_axes="0")(np.ones(3)), TypeError, "in_axes must be an integer, None, or a tuple"),
    (lambda: gg.vmap(huber, in_axes=(0.0,))(np.ones(3)), TypeError, "in_axes may hold only integers and None, got 0.0"),
    (lambda: gg.vmap(huber, in_axes=True)(np.ones(3)), TypeError, "in_axes"),
    (
        lambda: gg.vmap(lambda x: x["a"], in_axes=({"b": 0},))({"a": np.ones(3)}),
        ValueError,
        "does not have the structure of the arguments",
    ),
    (
        lambda: gg.vmap(lambda x, y: x + y)(np.ones(3), np.ones(4)),
        ValueError,
        r"must have the same number of lanes, got 3 for 'x' and 4 for 'y'",
    ),
    (
        lambda: gg.vmap(lambda p: p["a"] + p["b"])({"a": np.ones(3), "b": np.ones((2, 3))}),
        ValueError,
        r"must have the same number of lanes, got 3 for .*'a'.* and 2 for .*'b'",
    ),
    (lambda: gg.vmap(huber)(np.ones(3, complex)), TypeError, "complex128, which holds no real numbers"),
    (lambda: gg.vmap(huber)(np.array(["a", "b"])), TypeError, "no real numbers"),
    (lambda: gg.vmap(huber)("text"), ValueError, "no argument of huber has an axis to run over"),
    (lambda: gg.vmap(huber)([1.0, 2.0]), (ValueError, TypeError), "no axis 0"),
    (lambda: gg.vmap(3.0), TypeError, "vmap takes a function"),
    (lambda: gg.vmap(huber, reduce="max"), ValueError, "reduce='max': choose 'sum', 'mean' or None"),
    (lambda: gg.vmap(huber, threads=0), ValueError, "threads must be a positive integer, got 0"),
    (lambda: gg.vmap(huber, max_paths=0), ValueError, "max_paths must be a positive integer, got 0"),
    (lambda: gg.vmap(lambda x: "text")(np.ones(2)), TypeError, "must return numbers and arrays.*got str 'text'"),
    (
        lambda: gg.vmap(lambda x: (x, x) if x > 0 else x)(np.array([1.0, -1.0])),
        TypeError,
        "for some lanes and.*for others",
    ),
    (
        lambda: gg.vmap(lambda x: np.array([x, x]) if x > 0 else np.array([x]))(np.array([1.0, -1.0])),
        TypeError,
        r"\(2,\).*\(1,\)",
    ),
]


@pytest.mark.parametrize(("call", "error", "message"), WRONG)
def test_what_is_wrong_is_said(call, error, message):
    with pytest.raises(error, match=message):
        call()


# out=


@pytest.mark.usefixtures("how")
@pytest.mark.parametrize("count", [1, 3, 40, 700])
def test_out_is_written_to(count):
    x = points(count)
    f = gg.vmap(lambda x: {"number": x * 2 if x > 0 else -x, "array": np.array([x, x * x, 1.0])})
    expected = f(x)
    layouts = [
        lambda *shape: np.full(shape, 9.0),
        lambda *shape: np.full(shape, 9.0, order="F"),
        lambda *shape: np.full((2 * shape[0], *shape[1:]), 9.0)[::2],
        lambda *shape: np.full(shape, 9.0)[::-1],
        lambda *shape: np.full((*shape, 2), 9.0)[..., 1],
        lambda *shape: np.full(shape, 9.0)[..., ::-1],
        lambda *shape: np.full(shape[::-1], 9.0).T,
        lambda *shape: np.frombuffer(bytearray(8 * math.prod(shape) + 1), np.uint8)[1:].view(float).reshape(shape),
    ]
    for make in layouts:
        out = {"number": make(count), "array": make(count, 3)}
        found = f(x, out=out)
        assert found["number"] is out["number"]
        assert found["array"] is out["array"]
        assert np.array_equal(out["number"], expected["number"])
        assert np.array_equal(out["array"], expected["array"])


@pytest.mark.usefixtures("how")
@pytest.mark.parametrize("count", [5, 41, 1100])
def test_out_may_overlap_the_arguments_and_itself(count):
    f = gg.vmap(lambda x: x * 2 if x > 0 else x - 1)
    x = points(count)
    expected = f(x)
    for shift in (0, 1, 3):
        buffer = np.zeros(count + 8)
        buffer[:count] = x
        given, out = buffer[:count], buffer[shift : shift + count]
        assert f(given, out=out) is out
        assert np.array_equal(out, expected), shift
    y = x.copy()
    assert np.array_equal(f(y, out=y[::-1]), expected)
    two = gg.vmap(lambda x: (x + 1, x + 2))
    a = np.empty(count)
    found = two(x, out=(a, a))
    assert np.array_equal(found[1], x + 2)
    many = np.empty((count, 2))
    pair = gg.vmap(lambda row: row[::-1] * 1.0)
    many[:] = np.stack([x, -x], axis=1)
    wanted = many[:, ::-1].copy()
    assert np.array_equal(pair(many, out=many), wanted)


@pytest.mark.usefixtures("how")
def test_out_that_does_not_fit():
    f = gg.vmap(lambda x: x * 2)
    x = np.ones(4)
    read_only = np.zeros(4)
    read_only.flags.writeable = False
    for out, error, message in [
        (np.empty(3), ValueError, "shape"),
        (np.empty((4, 1)), ValueError, "shape"),
        (np.empty(4, np.float32), ValueError, "float32"),
        (np.empty(4, ">f8"), ValueError, "dtype"),
        (np.empty(4, object), ValueError, "dtype"),
        (read_only, ValueError, "read-only"),
        ([np.empty(4)], ValueError, "structure"),
        (1.0, TypeError, "must be an array, or None"),
    ]:
        with pytest.raises(error, match=message):
            f(x, out=out)
    assert read_only.tolist() == [0.0] * 4
    assert gg.vmap(lambda x: x > 0)(x, out=np.empty(4, bool)).tolist() == [True] * 4
    total = gg.vmap(lambda x: x * np.ones(3), reduce="sum")
    out = np.empty(3)
    assert total(x, out=out) is out
    assert out.tolist() == [4.0] * 3


# reduce=


@pytest.mark.usefixtures("how")
@pytest.mark.parametrize("count", [1, 2, 7, 40, 3001])
def test_reduce(count):
    x = np.round(points(count) * 8) / 8  # sums of these are exact
    f = lambda x: (huber(x), np.array([x, 1.0]), {"truth": x * 2})
    rows = [f(r) for r in x.tolist()]
    number, array, more = gg.vmap(f, reduce="sum")(x)
    assert type(number) is float
    assert number == sum(row[0] for row in rows)
    assert array.tolist() == [x.sum(), float(count)]
    assert more == {"truth": 2 * x.sum()}
    mean = gg.vmap(f, reduce="mean")(x)
    assert mean[0] == number / count
    assert mean[1].tolist() == [x.sum() / count, 1.0]


def test_the_gradient_of_a_loss_over_rows():
    data = np.random.default_rng(3).normal(size=(2000, 3))
    w = np.array([0.5, -1.0, 2.0])
    loss = lambda w, row: huber(row @ w)
    value, slope = gg.vmap(gg.value_and_grad(loss), in_axes=(None, 0), reduce="mean")(w, data)
    r = data @ w
    assert value == pytest.approx(np.mean(np.where(np.abs(r) < 1, r * r / 2, np.abs(r) - 0.5)), rel=1e-12)
    assert slope == pytest.approx((data * np.clip(r, -1, 1)[:, None]).mean(axis=0), rel=1e-12)


@pytest.mark.usefixtures("how")
def test_reduce_with_lanes_that_run_uncompiled():
    f = lambda x: (x * 2, np.array([x])) if x > 1 else (x, np.array([-x])) if x > 0 else (-x, np.array([x * 3]))
    x = np.array([2.0, 0.5, -1.0, 3.0, -2.0])
    with pytest.warns(RuntimeWarning):
        number, array = gg.vmap(f, reduce="sum", max_paths=1)(x)
    assert number == 13.5
    assert array.tolist() == [-4.5]


def test_whole_numbers_are_summed_as_well():
    value, constant = gg.vmap(lambda x: (x, np.array([1, 2])), reduce="sum")(np.ones(3))
    assert value == 3.0
    assert constant.tolist() == [3, 6]


def test_dtype_with_reduce_is_that_without():
    w, x = np.ones(2), np.ones((4, 2), np.float32)
    slope = gg.grad(lambda w, x: w @ x)
    assert gg.vmap(slope, (None, 0))(w, x).dtype == np.float32
    assert gg.vmap(slope, (None, 0), reduce="sum")(w, x).dtype == np.float32


# Branches


@pytest.mark.usefixtures("how")
def test_each_lane_takes_its_own_way():
    def f(x, y):
        k = 0.0
        while x > 1:
            x, k = x / 2, k + 1
            if k > y:
                return -k
        return sorted([x, y, k])[1] + max(x, y)

    x, y = points(400) * 20, np.floor(points(400, 2) * 2)
    assert gg.vmap(f)(x, y).tolist() == [f(*xs) for xs in zip(x.tolist(), y.tolist())]


@pytest.mark.usefixtures("how")
def test_nan_goes_pythons_way():
    f = lambda x: 1.0 if x > 0 else 2.0 if x <= 0 else 3.0 if x != x else 4.0
    x = np.array([1.0, -1.0, math.nan, 0.0, math.inf, -math.inf, math.nan] * 5)
    assert gg.vmap(f)(x).tolist() == [1.0, 2.0, 3.0, 2.0, 1.0, 2.0, 3.0] * 5
    g = lambda x: max(x, 1.0) - min(1.0, x)
    assert list(map(bits, gg.vmap(g)(x))) == [bits(g(v)) for v in x.tolist()]


@pytest.mark.usefixtures("how")
def test_a_way_met_late_in_a_large_batch():
    f = lambda x: x * 2 if x < 5 else -x if x < 6 else x / 4
    x = np.zeros(30_000)
    x[29_998], x[20_000], x[3] = 5.5, 7.0, 1.0
    found = gg.vmap(f)(x)
    assert found[[3, 20_000, 29_998, 0]].tolist() == [2.0, 1.75, -5.5, 0.0]
    later = gg.vmap(f)
    assert later(x[:10]).tolist() == [0.0, 0.0, 0.0, 2.0, *[0.0] * 6]
    assert np.array_equal(later(x), found)


@pytest.mark.usefixtures("how")
@pytest.mark.parametrize("many", [1, 50, 3000])
def test_the_exception_is_that_of_the_lowest_lane(many):
    def f(x):
        if x < 0:
            raise ValueError(f"no root of {x}")
        if x > 10:
            raise KeyError(x)
        return x * 2 if x > 5 else x

    x = np.tile([1.0, 6.0, 2.0], many)
    f(1.0)
    for bad, worse in itertools.permutations((-1.0, -2.0, 11.0), 2):
        y = x.copy()
        y[-1], y[len(y) // 2] = bad, worse
        first = y[(y < 0) | (y > 10)][0]
        with pytest.raises(KeyError if first > 10 else ValueError, match=str(first)):
            gg.vmap(f)(y)
    batch = gg.vmap(f)
    assert batch(x).shape == x.shape
    with pytest.raises(ValueError, match=r"no root of -3\.0"):
        batch(np.append(x, [-3.0, 12.0]))
    assert batch(x).tolist() == [f(v) for v in x.tolist()]


@pytest.mark.usefixtures("how")
@pytest.mark.parametrize("count", [40, 2000])
def test_beyond_max_paths_lanes_run_uncompiled(count):
    def f(x):
        k = 0.0
        while x > 1:
            x = x / 2
            k += 1
        return k, (x, -x)[x > 0.75]

    x = 2.0 ** (np.arange(count) % 12) * 0.9
    batch = gg.vmap(f, max_paths=3)
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        for _ in range(2):
            found = batch(x)
            assert [list(pair) for pair in zip(*map(list, found))] == [list(f(v)) for v in x.tolist()]
    assert len(heard) == 1
    assert f"{HERE}:{f.__code__.co_firstlineno + 2}" in str(heard[0].message)
    assert heard[0].filename.endswith(HERE)


@pytest.mark.usefixtures("how")
def test_nodes_from_outside_are_read_at_each_call():
    w = Scalar(2.0)
    f = gg.vmap(lambda x: w * x if x > 0 else x)
    x = np.array([1.0, -1.0, 3.0])
    assert f(x).tolist() == [2.0, -1.0, 6.0]
    w.data = 5.0
    assert f(x).tolist() == [5.0, -1.0, 15.0]
    total = gg.vmap(lambda x: w * x, reduce="sum")
    assert total(x) == 15.0
    w.data = 1.0
    assert total(x) == 3.0


@pytest.mark.filterwarnings("ignore:.*draws:RuntimeWarning")
def test_random_functions_are_refused():
    draw = random.Random(1)

    def f(x):
        return x * 2 if draw.random() > 0.5 and x > 0 else x + 1 if x > 1 else -x

    with pytest.raises(gg.TracingError, match="two runs of the function differed"):
        gg.vmap(f)(np.linspace(-3, 3, 500))


# With the transforms, in every order

ORDERS = {
    "vmap(grad)": lambda f: gg.vmap(gg.grad(f)),
    "jit(vmap(grad))": lambda f: gg.jit(gg.vmap(gg.grad(f))),
    "vmap(jit(grad))": lambda f: gg.vmap(gg.jit(gg.grad(f))),
    "vmap(grad(jit))": lambda f: gg.vmap(gg.grad(gg.jit(f))),
    "jit(vmap(grad(jit)))": lambda f: gg.jit(gg.vmap(gg.jit(gg.grad(gg.jit(f))))),
    "grad of a sum": lambda f: gg.grad(lambda x: gg.vmap(f)(x).sum()),
    "grad(vmap sum)": lambda f: gg.grad(gg.vmap(f, reduce="sum")),
    "jit(grad(vmap sum))": lambda f: gg.jit(gg.grad(gg.vmap(f, reduce="sum"))),
    "value_and_grad": lambda f: lambda x: gg.vmap(gg.value_and_grad(f))(x)[1],
    "jacobian(vmap)": lambda f: lambda x: np.diag(gg.jacobian(gg.vmap(f))(x)),
    "jit(jacobian(vmap))": lambda f: lambda x: np.diag(gg.jit(gg.jacobian(gg.vmap(f)))(x)),
    "vmap(jvp)": lambda f: gg.vmap(lambda x: gg.jvp(f, (x,), (1.0,))[1]),
    "jvp(vmap)": lambda f: lambda x: gg.jvp(gg.vmap(f), (x,), (np.ones(len(x)),))[1],
    "vmap(vjp)": lambda f: gg.vmap(lambda x: gg.vjp(f, x)[1](1.0)[0]),
    "vjp(vmap)": lambda f: lambda x: gg.vjp(gg.vmap(f), x)[1](np.ones(len(x)))[0],
    "vmap in vmap": lambda f: lambda x: gg.vmap(gg.vmap(gg.grad(f)))(x.reshape(1, -1))[0],
}


@pytest.mark.usefixtures("how")
@pytest.mark.parametrize("name", ORDERS)
def test_transforms_in_every_order(name):
    x = np.array([0.5, -3.0, 0.25, 2.0, -0.75])
    found = ORDERS[name](huber)(x)
    assert np.asarray(found, dtype=float).tolist() == [0.5, -1.0, 0.25, 1.0, -0.75]


@pytest.mark.usefixtures("how")
def test_second_derivatives():
    x = np.array([0.5, -3.0, 2.0])
    cube = lambda x: x**3 if x > 0 else -(x**3)
    wanted = [3.0, 18.0, 12.0]
    assert gg.vmap(gg.grad(gg.grad(cube)))(x).tolist() == wanted
    assert gg.vmap(gg.hessian(cube))(x).tolist() == wanted
    assert gg.jit(gg.vmap(lambda x: gg.hvp(cube, x, 1.0)))(x).tolist() == wanted
    assert np.diag(gg.hessian(gg.vmap(cube, reduce="sum"))(x)).tolist() == wanted
    rows = np.arange(6.0).reshape(3, 2) + 1
    found = gg.vmap(gg.hessian(lambda r: r[0] ** 2 * r[1]))(rows)
    assert found.tolist() == [[[2 * b, 2 * a], [2 * a, 0.0]] for a, b in rows.tolist()]


def test_of_nodes_it_gives_nodes():
    x = gg.array([0.5, -3.0])
    found = gg.vmap(huber)(x)
    found.sum().backward()
    assert [node.grad for node in x] == [0.5, -1.0]
    with pytest.raises(TypeError, match="out"):
        gg.vmap(huber)(x, out=np.empty(2))
    with pytest.raises(ValueError, match=r"the same number of lanes, got 2 for .* and 3 for"):
        gg.vmap(lambda x, y: x * y)(x, np.ones(3))


@pytest.mark.usefixtures("how")
def test_a_loop_of_lanes_inside_a_compiled_function():
    f = gg.jit(lambda w, x: gg.vmap(lambda r: huber(r * w), reduce="mean")(x))
    x = np.array([0.5, -3.0])
    assert f(2.0, x) == (huber(1.0) + huber(-6.0)) / 2
    assert gg.jit(gg.grad(f))(2.0, x) == (1.0 * 0.5 + 3.0) / 2


# Threads


def test_calls_from_many_threads():
    w = Scalar(2.0)

    def f(x, k):
        if k > 3 and x > 1:
            return w * x
        return x - k if x < 0 else k * x

    batch = gg.vmap(f, in_axes=(0, None))
    x = points(3000)
    problems: list[object] = []
    start = threading.Barrier(6)

    def work(seed: int) -> None:
        draw = random.Random(seed)
        start.wait()
        for _ in range(40):
            k, count = draw.choice((1.0, 4.0)), draw.choice((1, 7, 100, 3000))
            y = x[:count]
            found = batch(y, k)
            plain = np.where(y < 0, y - k, k * y)
            wanted = np.where((y > 1) & (k > 3), 2.0 * y, plain)
            if not np.array_equal(found, wanted):
                problems.append((k, count))

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not problems


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


def test_config_threads():
    before, gg.config.threads = gg.config.threads, 2
    try:
        x = points(50_000)
        assert np.array_equal(gg.vmap(huber)(x), gg.vmap(huber, threads=1)(x))
    finally:
        gg.config.threads = before
    assert "threads=None" in repr(gg.config)


def test_lowered_code_can_be_looked_at():
    pytest.importorskip("llvmlite")
    lowered = gg.vmap(huber).lower(np.array([0.5, 3.0]))
    assert lowered.tape.paths == 2
    assert parsed(lowered.llvm)
    assert lowered.assembly
    reduced = gg.vmap(huber, reduce="sum").lower(np.empty(0))
    assert parsed(reduced.llvm)


@pytest.mark.nightly
def test_every_length_up_to_some_thousands():
    x, y = points(3000), points(3000, 2)
    batch = gg.vmap(kinked)
    whole = batch(x, y)
    for count in range(1, 3000):
        assert np.array_equal(batch(x[:count], y[:count]), whole[:count]), count


# Lanes that wait: where a list of lanes does not fill vectors, the rest of it goes on with the next block's


def ways(x, y):
    if x > 2.995:  # about one lane of 500 and more than a block apart, most of them
        return x * y
    if x > 1.0:
        return gg.exp(-y) * x + gg.sin(y)
    if x > 0.0:
        return x - y * y
    return gg.tanh(x * y) if y > 0.5 else x / y


@pytest.mark.parametrize("count", [8, 31, 33, 1023, 1024, 1025, 1055, 2047, 2049, 3111, 10_007])
def test_lanes_of_rare_and_of_even_ways(count):
    pytest.importorskip("llvmlite")

    rng = np.random.default_rng(count)
    pool = rng.uniform(-1.5, 3.0, 20_000), rng.uniform(0.1, 2.0, 20_000)
    batch = gg.vmap(gg.value_and_grad(ways, argnums=(0, 1)), threads=1)
    batch(*pool)  # which meets all ways
    for made in batch.kernels():
        made.wait()
    x, y = (column[:count].copy() for column in pool)
    value, (by_x, by_y) = batch(x, y)
    for k in range(count):
        expected, slopes = gg.value_and_grad(ways, argnums=(0, 1))(float(x[k]), float(y[k]))
        np.testing.assert_allclose([value[k], by_x[k], by_y[k]], [expected, *slopes], rtol=1e-13, atol=1e-14)


def test_lanes_of_a_way_that_is_new_among_those_that_wait(how):
    rng = np.random.default_rng(0)
    x, y = rng.uniform(-1.5, 2.9, 5_000), rng.uniform(0.1, 2.0, 5_000)
    batch = gg.vmap(ways)
    batch(x, y)
    x[[0, 1023, 1024, 2500, 4_999]] = 2.999
    np.testing.assert_allclose(batch(x, y), [ways(a, b) for a, b in zip(x.tolist(), y.tolist())], rtol=1e-13)


@pytest.mark.parametrize("target", runnable())
def test_many_blocks_of_lanes_whose_way_is_not_known(monkeypatch, target):
    """They are entered in a list too, where vectors are not packed: one that has room for a block."""
    from glassgrad.compiler.runtime import kernel

    guards = []

    class Guarded(kernel.Scratch):
        def __init__(self, size):
            super().__init__(size + 1_000_000)
            self._memory[:] = 7.0
            guards.append(self._memory[(self.address - self._memory.ctypes.data + size) // 8 + 1 :])

    def stairs(x):
        for k in range(10):
            if x < k + 0.5:
                return x * (k + 1) + gg.exp(-x)
        return -x

    monkeypatch.setattr(kernel, "Scratch", Guarded)
    x = np.random.default_rng(0).integers(0, 8, 100_000).astype(float)
    with code_for(target):
        batch = gg.vmap(stairs, threads=1)
        batch(x)
        for made in batch.kernels():
            made.wait()
        x[:] = 9.0
        np.testing.assert_allclose(batch(x), stairs(9.0), rtol=1e-14)
    assert guards
    assert all((guard == 7.0).all() for guard in guards)


# Finding ways where the code is long


def countdown(x):
    count = 0
    while x > 1.0:
        x, count = x * 0.5, count + 1
    return x + count


def test_many_long_ways_are_found_before_code_is_made(monkeypatch):
    """Not one way for each time that code is made."""
    made = []
    real = batch_code.build
    monkeypatch.setattr(batch_code, "build", lambda *given: made.append(1) or real(*given))
    x = np.exp2(np.random.default_rng(0).uniform(-1.0, 30.0, 20_000))
    batch = gg.vmap(gg.value_and_grad(countdown))
    value, slope = batch(x)
    expected = [gg.value_and_grad(countdown)(each) for each in x.tolist()]
    np.testing.assert_array_equal(value, [v for v, _ in expected])
    np.testing.assert_array_equal(slope, [s for _, s in expected])
    assert len(next(iter(batch.programs.values())).traces) == 31
    assert len(made) <= 3


@pytest.mark.filterwarnings("ignore:.*changes:RuntimeWarning")
def test_known_ways_are_not_traced_for_long():
    runs = []

    def f(x):
        runs.append(isinstance(x, gg.Scalar))  # the others are timed uncompiled
        return gg.exp(x) if x > 0.0 else -x

    gg.vmap(f)(np.linspace(-1.0, 1.0, 10_000))
    assert sum(runs) <= 2 * batch_call.SAMPLE


def test_the_ways_of_a_function_that_changes_are_none():
    """What was known before stays, and works."""
    changed = False

    def f(x):
        if x > 0.0:
            return x * 2.0
        y = gg.sin(x) if changed else x * x
        return y if y > 1.0 else -y

    x = np.array([1.0, -2.0, 3.0])
    batch = gg.vmap(f)
    wanted = batch(x)
    program = next(iter(batch.programs.values()))
    assert len(program.traces) == 2
    changed = True
    for _ in range(2):
        with pytest.raises(TracingError, match="two runs of the function differed"):
            batch(np.array([1.0, -0.5, -0.2]))
        assert [len(program.traces), len(program.results), len(program.refs)] == [2, 2, 2]
        np.testing.assert_array_equal(batch(x), wanted)
    changed = False
    np.testing.assert_array_equal(batch(np.array([1.0, -0.5, -0.2])), [2.0, -0.25, -(0.2 * 0.2)])


def test_a_transform_runs_each_lane_once():
    calls = 0

    def f(x):
        nonlocal calls
        calls += 1
        return x * x

    assert gg.grad(lambda w: gg.vmap(lambda x: f(w * x))(np.array([1.0, 2.0, 3.0])).sum())(2.0) == 2 * 2.0 * 14.0
    assert calls == 3
