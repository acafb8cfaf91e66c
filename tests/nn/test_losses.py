"""Losses against scikit-learn's and closed forms, their gradients against closed forms, their edges."""

import math

import numpy as np
import pytest

import glassgrad as gg
from glassgrad.nn import binary_cross_entropy, cross_entropy, hinge, mse

metrics = pytest.importorskip("sklearn.metrics")

LOGITS = [-2.0, 0.5, 3.0, 0.0]


def nodes(values):
    return [gg.Scalar(value) for value in values]


def test_mse_is_the_mean_squared_error():
    targets = [1.0, -0.5, 2.0, 0.0]
    predictions = nodes(LOGITS)
    loss = mse(predictions, targets)
    assert loss.data == pytest.approx(metrics.mean_squared_error(targets, LOGITS), rel=1e-15)
    loss.backward()
    assert [p.grad for p in predictions] == pytest.approx(
        [2 * (p - t) / 4 for p, t in zip(LOGITS, targets, strict=True)]
    )


def test_hinge_is_the_hinge_loss():
    targets = [-1, 1, -1, 1]
    scores = nodes(LOGITS)
    loss = hinge(scores, targets)
    assert loss.data == pytest.approx(metrics.hinge_loss(targets, LOGITS), rel=1e-15)
    loss.backward()
    assert [s.grad for s in scores] == [0.0, -0.25, 0.25, -0.25]


def test_binary_cross_entropy_is_the_log_loss_and_its_gradient_is_probability_minus_target():
    targets = [0, 1, 1, 0]
    logits = nodes(LOGITS)
    loss = binary_cross_entropy(logits, targets)
    probabilities = 1 / (1 + np.exp(-np.array(LOGITS)))
    assert loss.data == pytest.approx(metrics.log_loss(targets, probabilities), rel=1e-14)
    loss.backward()
    assert [z.grad for z in logits] == pytest.approx((probabilities - targets) / 4, rel=1e-14)


@pytest.mark.parametrize(
    ("logit", "target", "loss", "gradient"),
    [(1000.0, 0, 1000.0, 1.0), (-1000.0, 1, 1000.0, -1.0), (1000.0, 1, 0.0, 0.0), (-800.0, 0, 0.0, 0.0)],
)
def test_binary_cross_entropy_is_right_where_the_sigmoid_saturates(logit, target, loss, gradient):
    z = gg.Scalar(logit)
    out = binary_cross_entropy(z, target)
    out.backward()
    assert (out.data, z.grad) == (loss, gradient)


def test_cross_entropy_is_the_log_loss_and_its_gradient_is_softmax_minus_one_hot():
    table, classes = [[1.0, -2.0, 0.5], [0.0, 0.0, 4.0]], [0, 2]
    rows = [nodes(row) for row in table]
    loss = cross_entropy(rows, classes)
    softmax = np.exp(table) / np.exp(table).sum(axis=1, keepdims=True)
    assert loss.data == pytest.approx(metrics.log_loss(classes, softmax, labels=[0, 1, 2]), rel=1e-14)
    loss.backward()
    expected = (softmax - np.eye(3)[classes]) / 2
    assert np.array([[z.grad for z in row] for row in rows]) == pytest.approx(expected, rel=1e-13, abs=1e-16)


def test_cross_entropy_takes_one_row_and_does_not_overflow():
    assert cross_entropy(nodes([1000.0, 0.0]), 1).data == 1000.0
    assert cross_entropy(nodes([0.0, 0.0]), np.int64(1)).data == pytest.approx(math.log(2))


def test_losses_take_numpy_targets_and_single_predictions():
    assert mse(gg.Scalar(3.0), 1).data == 4.0
    assert mse(nodes([1.0, 2.0]), np.array([0.0, 0.0])).data == 2.5
    assert mse(gg.array([1.0, 2.0]), np.array([0, 0])).data == 2.5


@pytest.mark.parametrize(
    ("wrong", "error", "said"),
    [
        (lambda: mse(nodes([1.0, 2.0]), [1.0]), ValueError, "got 2 predictions and 1 targets"),
        (lambda: mse([], []), ValueError, "at least one"),
        (lambda: hinge(gg.Scalar(1.0), 0), ValueError, r"must be -1 or 1, got 0: 2\*y - 1"),
        (
            lambda: binary_cross_entropy(gg.Scalar(1.0), -1),
            ValueError,
            r"from 0 to 1, got -1: \(y \+ 1\) / 2",
        ),
        (lambda: binary_cross_entropy(gg.Scalar(1.0), math.nan), ValueError, "from 0 to 1, got nan"),
        (
            lambda: cross_entropy(nodes([1.0, 2.0]), 2),
            ValueError,
            "class must be from 0 to 1 for a row of 2 logits, got 2",
        ),
        (lambda: cross_entropy(nodes([1.0, 2.0]), -1), ValueError, "class must be .*, got -1"),
        (lambda: cross_entropy(nodes([1.0, 2.0]), 0.5), TypeError, "an int counted from 0, got 0.5"),
        (lambda: cross_entropy(gg.Scalar(1.0), 0), ValueError, "a row with one logit for each class"),
        (lambda: cross_entropy([], []), ValueError, "a row with one logit for each class"),
    ],
)
def test_bad_input_is_told_what_to_do(wrong, error, said):
    with pytest.raises(error, match=said):
        wrong()
