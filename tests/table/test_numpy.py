"""Every operation's NumPy face: the same values, and NumPy's functions on nodes and on arrays of nodes."""

from __future__ import annotations

import math
import sys

import numpy as np
import pytest

import glassgrad as gg
from glassgrad.core.op import TABLE, Op
from helpers import exact, sampling

WITH_UFUNC = {name: op for name, op in TABLE.items() if op.numpy is not None}

ULPS = 4.0  # NumPy's own functions are right to 4 ULP (numpy/_core/src/umath/README), ours to 2 of the C library's

DIFFER = {  # where NumPy's result depends on the processor
    "maximum": lambda a, b: a == b == 0,  # of 0.0 and -0.0, which are equal, either may be the larger
    "minimum": lambda a, b: a == b == 0,
}


def same(ours: float, numpy: float) -> bool:
    if exact.same(ours, numpy):
        return True
    if not math.isfinite(ours) or not math.isfinite(numpy):
        off = sys.float_info.max * (1 - 4 * sys.float_info.epsilon)  # rounded to the last float, or beyond it
        return max(abs(ours), abs(numpy)) == math.inf and min(abs(ours), abs(numpy)) >= off and ours * numpy > 0
    return ours != 0 and abs(ours - numpy) <= ULPS * math.ulp(ours)


def ufunc(op: Op):
    return getattr(np, op.numpy)


@pytest.mark.parametrize("op", WITH_UFUNC.values(), ids=WITH_UFUNC)
def test_the_ufunc_exists_and_takes_as_many_arguments(op):
    assert isinstance(ufunc(op), np.ufunc)
    assert (ufunc(op).nin, ufunc(op).nout) == (op.arity, 1)


@pytest.mark.parametrize("op", WITH_UFUNC.values(), ids=WITH_UFUNC)
def test_values_are_numpy_s(op):
    points = [*sampling.edges(op), *sampling.arguments(op, 9, 200)]
    columns = [np.array(column) for column in zip(*points, strict=True)]
    with np.errstate(all="ignore"):
        theirs = ufunc(op)(*columns)
    ours = [op.value(*xs) for xs in points]
    deliberate = DIFFER.get(op.name, lambda *xs: False)
    for xs, y, z in zip(points, ours, theirs.tolist(), strict=True):
        assert y == z if deliberate(*xs) else same(y, z), (xs, y, z)


def test_zeros_have_the_signs_that_numpy_gives_them():
    for f in (gg.sign, gg.jit(gg.sign), np.sign):
        assert math.copysign(1.0, f(-0.0)) == 1.0
    for f in (gg.maximum, gg.minimum, gg.jit(gg.maximum), gg.jit(gg.minimum)):  # the second of two that are equal
        assert math.copysign(1.0, f(-0.0, 0.0)) == 1.0
        assert math.copysign(1.0, f(0.0, -0.0)) == -1.0


def arguments(op: Op) -> tuple[float, ...]:
    """Some point where ``op`` and all its partials are defined."""
    xs = (1.25, 0.75) if op.name == "acosh" else (0.75, 1.25)
    return (1.25,) if op.name == "acosh" else xs[: op.arity]


@pytest.mark.parametrize("op", WITH_UFUNC.values(), ids=WITH_UFUNC)
def test_the_ufunc_on_a_node_is_the_operation(op):
    xs = arguments(op)
    nodes = [gg.Scalar(x) for x in xs]
    result = ufunc(op)(*nodes)
    assert isinstance(result, gg.Scalar)
    assert result.operation is op
    assert result.prev == tuple(nodes)
    assert all(a is b for a, b in zip(result.prev, nodes, strict=True))
    assert result.data == op.value(*xs)


@pytest.mark.parametrize("op", [op for op in WITH_UFUNC.values() if op.arity == 2], ids=str)
@pytest.mark.parametrize("number", [0.75, 2, np.float64(0.75), np.float32(0.75), np.int64(2), np.array(0.75)], ids=repr)
def test_the_ufunc_on_a_node_and_a_number(op, number):
    x = gg.Scalar(1.25)
    for result, xs in ((ufunc(op)(x, number), (1.25, float(number))), (ufunc(op)(number, x), (float(number), 1.25))):
        assert result.operation is op
        assert result.data == op.value(*xs)
        result.backward()
        assert x.grad == op.partial(xs.index(1.25), result.data, xs)
        x.grad = 0.0


@pytest.mark.parametrize("op", WITH_UFUNC.values(), ids=WITH_UFUNC)
def test_the_ufunc_on_arrays_of_nodes(op):
    xs = arguments(op)
    columns = [np.array([[x, x + 0.125], [x + 0.0625, x]]) for x in xs]
    nodes = [gg.array(column) for column in columns]
    result = ufunc(op)(*nodes)
    assert result.shape == (2, 2)
    assert result.dtype == object
    for index in np.ndindex(2, 2):
        point = tuple(float(column[index]) for column in columns)
        assert float(result[index]) == op.value(*point)
        if isinstance(result[index], gg.Scalar) and result[index].operation is not None:
            result[index].backward()
            for i, column in enumerate(nodes):
                expected = op.partial(i, op.value(*point), point)
                assert column[index].grad == pytest.approx(expected, rel=1e-15, abs=0.0)


@pytest.mark.parametrize("op", [op for op in WITH_UFUNC.values() if op.arity == 2], ids=str)
def test_the_ufunc_on_a_node_and_an_array(op):
    x = gg.Scalar(1.25)
    for result, order in ((ufunc(op)(x, np.array([0.75, 2.0])), 1), (ufunc(op)(np.array([0.75, 2.0]), x), -1)):
        assert result.shape == (2,)
        for y, z in zip(result, (0.75, 2.0), strict=True):
            assert y.operation is op
            assert y.data == op.value(*(1.25, z)[::order])


@pytest.mark.parametrize("op", TABLE.values(), ids=TABLE)
def test_the_operation_on_arrays(op):
    xs = arguments(op) if op.arity <= 2 else (1.0, 0.75, 1.25)
    xs = (1.0, 0.75) if op.name == "polygamma" else xs
    columns = [np.array([x, x]) for x in xs]
    floats = op(*columns)
    assert floats.dtype == float
    assert floats.tolist() == [op.value(*xs)] * 2
    assert op(*[column.tolist() for column in columns]).tolist() == floats.tolist()
    *others, last = columns
    nodes = op(*others, gg.array(last))
    assert [node.operation for node in nodes] == [op, op]
    assert gg.values(nodes).tolist() == floats.tolist()


METHODS = [op for op in TABLE.values() if op.arity in (1, 2) and None not in op.partials]


@pytest.mark.parametrize("op", METHODS, ids=str)
def test_methods_of_both_names(op):
    xs = arguments(op)
    for name in {op.name, op.numpy or op.name}:
        nodes = [gg.Scalar(x) for x in xs]
        result = getattr(nodes[0], name)(*nodes[1:])
        assert result.operation is op
        assert result.prev == tuple(nodes)
        assert result.data == op.value(*xs)
        method = getattr(gg.Scalar, name)
        assert method.__name__ == name
        assert method.__doc__ == op.__doc__


@pytest.mark.parametrize("op", METHODS, ids=str)
def test_the_function_is_public(op):
    if op.name not in ("identity",):
        assert getattr(gg, op.name) is op
