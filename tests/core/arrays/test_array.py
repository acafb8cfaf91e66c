"""`gg.Array` itself: what makes one, what it keeps, copies and pickles, and what other kinds of arrays it refuses."""

from __future__ import annotations

import copy
import os
import pickle
import sys

import numpy as np
import pytest

import glassgrad as gg
from glassgrad import Scalar

A = np.array([[1.0, 2.0], [3.0, 4.0]])


@pytest.mark.filterwarnings("ignore:.*changes:RuntimeWarning")
def test_what_is_an_array_of_nodes():
    seen = []

    def f(x, p):
        seen.extend([x, p["w"], x * 2.0, x[0], x.T, np.exp(x), gg.exp(x), np.stack([x, x]), x @ np.ones(2)])
        return x.sum() + p["w"].sum()

    gg.grad(f, argnums=(0, 1))(A, {"w": A})
    gg.jit(f)(A, {"w": A})
    gg.vmap(f)(A[None], {"w": A[None]})
    seen += [gg.array(A), gg.array([1.0]), Scalar(2.0) * A, A * Scalar(2.0), np.maximum(A, Scalar(1.0))]
    seen += [A + gg.array(A), np.array([Scalar(1.0), Scalar(2.0)]) + gg.array(A), gg.exp([Scalar(1.0), 2.0])]
    assert all(type(x) is gg.Array and x.dtype == object for x in seen)
    assert gg.Array([1.0, 2.0], label="w")[1].label == "w[1]"


def test_elements_are_nodes_rows_are_arrays():
    x = gg.array(A)
    assert [type(row) for row in x] == [gg.Array, gg.Array]
    assert [type(t) for t in x[0]] == [Scalar, Scalar]
    assert type(x.sum()) is type(np.max(x)) is type(x[0] @ x[1]) is Scalar
    with pytest.raises(TypeError, match="0-d"):
        iter(gg.array(1.0))


def test_copies_and_pickles():
    x = gg.array(A, label="x")
    y = x * 2.0
    for twin in (copy.deepcopy([x, y]), pickle.loads(pickle.dumps([x, y]))):
        assert type(twin[0]) is type(twin[1]) is gg.Array
        twin[1].sum().backward()
        assert [t.grad for t in twin[0].ravel()] == [2.0] * 4
    assert copy.copy(x)[0, 0] is x[0, 0]
    assert type(x.copy()) is gg.Array


def test_numpy_s_own_assertions_and_text():
    x = gg.array([1.0, 2.0])
    np.testing.assert_allclose(x, [1.0, 2.0])
    np.testing.assert_array_equal(x, [1.0, 2.0])
    with pytest.raises(AssertionError):
        np.testing.assert_allclose(x, [1.0, 2.5])
    assert str(x) == "[unk|1.000|0.000 unk|2.000|0.000]"
    assert repr(x) == "Array([unk|1.000|0.000, unk|2.000|0.000], dtype=object)"


@pytest.mark.filterwarnings("ignore:.*encountered in:RuntimeWarning")  # NumPy's, as of floats
def test_numbers_among_the_nodes_are_numbers_of_the_table():
    x = gg.array([2.0, 3.0])
    x[1] = 0.0
    with pytest.raises(gg.DomainError):
        1.0 / x
    with gg.errstate(domain="nan"):
        assert gg.values(1.0 / x).tolist() == [0.5, np.inf]
        x[1] = -1.0
        assert np.isnan(gg.values(x**0.5)[1])  # Python's own would be complex


class Own(np.ndarray):
    """A subclass with a meaning that nobody here knows."""


class Quantity(np.ndarray):
    """As astropy's."""


FOREIGN = {
    "np.matrix": (A.view(np.matrix), r"an np.matrix, whose \* is the matrix product: pass np.asarray"),
    "masked": (np.ma.masked_array(A, A > 3), "a masked array, whose mask would be lost: pass .*filled"),
    "recarray": (np.rec.array(A), "an np.recarray, whose fields would be lost"),
    "a unit": (A.view(Quantity), r"a Quantity, whose unit would be lost: pass its numbers alone, .*\.value"),
    "unknown": (A.view(Own), r"Own, whose own meaning, such as a unit or a mask, would be lost: .*np.asarray"),
}


def total(x):
    return (x * 2.0).sum()


DOORS = {
    "grad": lambda m: gg.grad(total)(m),
    "value_and_grad": lambda m: gg.value_and_grad(total)(m),
    "jacobian": lambda m: gg.jacobian(total)(m),
    "hessian": lambda m: gg.hessian(total)(m),
    "jvp": lambda m: gg.jvp(total, (m,), (A,)),
    "a tangent": lambda m: gg.jvp(total, (A,), (m,)),
    "vjp": lambda m: gg.vjp(total, m),
    "a cotangent": lambda m: gg.vjp(lambda x: x * 2.0, A)[1](m),
    "hvp": lambda m: gg.hvp(total, m, A),
    "check_grad": lambda m: gg.check_grad(total, m),
    "jit": lambda m: gg.jit(total)(m),
    "jit of grad": lambda m: gg.jit(gg.grad(total))(m),
    "vmap": lambda m: gg.vmap(total)(m),
    "vmap, for all lanes": lambda m: gg.vmap(lambda x, m: x * m.sum(), in_axes=(0, None))(A[0], m),
    "in a structure": lambda m: gg.grad(lambda p: total(p["w"][0]))({"w": [m]}),
    "a result": lambda m: gg.jacobian(lambda x: (m, x))(2.0),
    "a result of jit": lambda m: gg.jit(lambda x: m)(2.0),
    "gg.array": lambda m: gg.array(m),
    "gg.array of a list": lambda m: gg.array([m, m]),
    "gg.scalars": lambda m: gg.scalars(m),
    "gg.values": lambda m: gg.values(m),
    "an operation": lambda m: gg.maximum(m, Scalar(1.0)),
    "the right operand": lambda m: gg.array(A) * m,
    "np.dot": lambda m: np.dot(gg.array(A), m),
    "np.concatenate": lambda m: np.concatenate([gg.array(A), m]),
    "np.where": lambda m: np.where(A > 2, gg.array(A), m),
    "a ufunc": lambda m: np.multiply(m, Scalar(2.0)),
}


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
@pytest.mark.parametrize("kind", FOREIGN)
def test_a_subclass_is_refused_at_every_door(kind, door):
    array, message = FOREIGN[kind]
    with pytest.raises(TypeError, match=message):
        door(array)


@pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning")
def test_as_a_left_operand_a_matrix_means_what_it_means():
    x = gg.array(A)
    assert gg.values(np.asarray(A.view(np.matrix) * x)).tolist() == (A @ A).tolist()


def test_a_file_of_numbers_is_an_array(tmp_path):
    stored = np.memmap(tmp_path / "numbers", dtype=float, mode="w+", shape=(2, 2))
    stored[:] = A
    assert gg.grad(total)(stored).tolist() == gg.jit(gg.grad(total))(stored).tolist() == [[2.0, 2.0], [2.0, 2.0]]
    assert gg.values(gg.array(A) * stored).tolist() == (A * A).tolist()


def test_an_array_of_another_library_decides_for_itself():
    class Series:
        """As pandas has it: NumPy asks it what its functions mean."""

        def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
            return "the other library's"

    assert np.add(gg.array(A), Series()) == "the other library's"


def test_sums_and_products_of_nothing_are_floats_as_numpy_s():
    for reduce in (np.sum, np.prod, lambda a: a.sum(), lambda a: a.prod(), lambda a: np.add.reduce(a, axis=0)):
        truth = reduce(np.zeros(0))
        for found in (reduce(gg.array([])), gg.vmap(reduce)(np.zeros((1, 0)))[0]):
            assert isinstance(found, float)
            assert found == truth
    assert gg.vmap(lambda a: a.sum(axis=0))(np.zeros((3, 0, 2))).dtype == np.float64


def test_bytes_would_be_those_of_addresses():
    x = gg.array([1.0, 2.0])
    for taken in (x.tobytes, lambda: x.tofile(os.devnull), x.byteswap, lambda: x.getfield(float), lambda: bytes(x)):
        with pytest.raises(TypeError, match=r"nodes do not support x\.\w+, .* or gg.values\(x\)\.\w+ for the numbers"):
            taken()
    if sys.version_info >= (3, 12):
        with pytest.raises(TypeError, match="addresses"):
            np.frombuffer(x)
    with pytest.raises(TypeError, match="tobytes"):
        gg.jit(lambda x: (x.tobytes(), x.sum())[1])(np.ones(2))
