"""A leaf that is moved after the forward pass changes the next pass, not the derivatives of the last."""

import copy
import math
import pickle

import pytest

import glassgrad as gg
from glassgrad.core import ops
from glassgrad.core.op import TABLE
from glassgrad.core.recompute import find_stale
from glassgrad.core.scalar import record

POINTS = {1: (0.4,), 2: (1.25, 0.75), 3: (1.0, 0.3, 0.7)}
RULED = [op for op in TABLE.values() if op.arity in POINTS and op.partials and None not in op.partials]


def test_the_gradient_is_that_of_the_forward_pass():
    x = gg.Scalar(2.0)
    y = (x * x).exp()
    x.data = 1.0
    y.backward()
    assert x.grad == 4.0 * math.exp(4.0)
    assert x.data == 1.0


@pytest.mark.parametrize("op", RULED, ids=lambda op: op.name)
def test_of_every_operation(op):
    def gradients(move):
        leaves = [gg.Scalar(x) for x in POINTS[op.arity]]
        root = record(op, leaves) * 3.0
        if move:
            for leaf in leaves:
                leaf.data += 0.125
        root.backward()
        return [leaf.grad for leaf in leaves], root.prev[0].local_partials()

    with gg.errstate(domain="nan"):
        assert repr(gradients(move=True)) == repr(gradients(move=False))


def test_of_an_operation_of_ones_own_with_many_operands():
    a, c = gg.Scalar(2.0), gg.Scalar(5.0)
    rules = [lambda y, a, b, c: b * c, lambda y, a, b, c: a * c, lambda y, a, b, c: a * b]
    y = gg.custom(lambda a, b, c: a * b * c, [a, 3.0, c], rules)
    a.data = c.data = 7.0
    y.backward()
    assert (a.grad, c.grad) == (15.0, 6.0)
    a.grad = 0.0
    y.forward()
    y.backward()
    assert (y.data, a.grad) == (147.0, 21.0)


def test_an_optimisers_step_leaves_older_graphs_alone():
    w, x = gg.Scalar(3.0), gg.Scalar(2.0)
    older = (w * x) ** 2
    newer = (w - 1.0) ** 2
    newer.backward()
    w.data -= 0.1 * w.grad
    w.grad = 0.0
    older.backward()
    assert (w.grad, x.grad) == (2 * 6.0 * 2.0, 2 * 6.0 * 3.0)


def test_a_node_of_an_old_graph_in_a_new_one():
    w = gg.Scalar(3.0)
    square = w * w
    w.data = 2.0
    loss = square + 10.0 * w
    loss.backward()
    assert (loss.data, w.grad) == (9.0 + 20.0, 6.0 + 10.0)


def test_twice_accumulates_as_ever():
    w = gg.Scalar(3.0)
    loss = w * w
    loss.backward()
    w.data = 1.0
    loss.backward()
    assert w.grad == 12.0


def test_the_value_of_a_result_set_by_hand():
    x = gg.Scalar(0.5)
    h = x.tanh()
    y = h * 3.0
    h.label = "h"
    h.data = 9.0
    assert (h.data, h.label, y.data) == (9.0, "h", 3.0 * math.tanh(0.5))
    y.backward()
    assert x.grad == 3.0 * ops.tanh.partials[0](math.tanh(0.5), 0.5)
    assert y.forward().data == 3.0 * math.tanh(0.5)
    assert (h.data, h.label) == (math.tanh(0.5), "h")
    assert find_stale(y) == ({}, {})


def test_what_was_set_by_hand_is_what_new_results_use():
    x = gg.Scalar(2.0)
    h = x * x
    h.data = 10.0
    y = h * h
    y.backward()
    assert (y.data, x.grad) == (100.0, 2 * 10.0 * 4.0)


def test_the_same_number_is_no_change():
    x, y = gg.Scalar(2.0), gg.Scalar(math.nan)
    z = x * y + 0.0 * x
    x.data, y.data = 2, math.nan
    z.data = z.data
    assert find_stale(z) == ({}, {})
    x.data = 3.0
    assert find_stale(z) != ({}, {})
    x.data = 2.0
    assert find_stale(z) == ({}, {})


def test_minus_zero_is_another_number():
    x = gg.Scalar(0.0)
    y = x * 2.0
    x.data = -0.0
    assert set(find_stale(y)[1]) == {id(y)}


def test_forward_forgets_gradients_of_results_if_a_number_is_another():
    w = gg.Scalar(3.0)
    h = w * w
    loss = h + 1.0
    loss.backward()
    loss.forward()
    assert (h.grad, loss.grad, w.grad) == (1.0, 1.0, 6.0)
    w.data = 2.0
    loss.forward()
    assert (h.grad, h.grad_updated, loss.grad_updated) == (0.0, False, False)
    assert (w.grad, w.grad_updated) == (6.0, True)


def test_a_forward_that_fails_leaves_the_numbers_that_were_used():
    x = gg.Scalar(4.0)
    y = (x * x).sqrt() + x.log()
    x.data = -1.0
    with pytest.raises(gg.DomainError):
        y.forward()
    y.backward()
    assert x.grad == 1.0 + 0.25


@pytest.mark.parametrize("twin", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_copies_and_pickles_keep_the_numbers(twin):
    x, c = gg.Scalar(2.0, label="x"), gg.Scalar(1.0)
    y = gg.where(c, x * x, x).exp()
    y.prev[0].data = 5.0
    x.data = 1.0
    other = twin(y)
    other.backward()
    (leaf,) = [node for node, _ in find_stale(other)[0].values() if node.label == "x"]
    assert leaf.grad == 4.0 * math.exp(4.0)
    assert leaf.data == 1.0


def test_an_anomaly_is_explained_by_the_numbers_of_the_forward_pass():
    x = gg.Scalar(0.0, label="x")
    with gg.detect_anomaly():
        y = x.sqrt()
        x.data = 4.0
        with pytest.raises(gg.AnomalyError, match=r"sqrt\(x=0.0\) = 0.0"):
            y.backward()


def test_training_is_as_with_graphs_of_ones_own():
    def losses(anew):
        w, b = gg.Scalar(0.5), gg.Scalar(-0.25)
        found, loss = [], None
        for _ in range(5):
            if anew or loss is None:
                loss = ((w * 1.5 + b).tanh() - 0.75) ** 2
            else:
                loss.forward()
            w.grad = b.grad = 0.0
            loss.backward()
            found.append((loss.data, w.grad, b.grad))
            for p in (w, b):
                p.data += -0.1 * p.grad
        return found

    assert losses(anew=True) == losses(anew=False)
