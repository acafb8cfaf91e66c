"""SGD against its own recurrence written out, on closed forms, and in a training run against NumPy."""

import math

import numpy as np
import pytest

import glassgrad as gg
from glassgrad.nn import MLP, Neuron, mse
from glassgrad.optim import SGD


@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_steps_follow_the_recurrence(momentum, decay):
    x = gg.Scalar(3.0, label="x")
    sgd = SGD([x], lr=0.05, momentum=momentum, weight_decay=decay)
    value, velocity = 3.0, 0.0
    for _ in range(20):
        sgd.zero_grad(set_to_none=True)  # PyTorch's argument
        ((x - 1) ** 2).backward()
        sgd.step()
        velocity = momentum * velocity + 2 * (value - 1) + decay * value
        value -= 0.05 * velocity
        assert x.data == pytest.approx(value, rel=1e-13)


def test_weight_decay_moves_the_minimum_where_algebra_puts_it():
    x = gg.Scalar(3.0)
    sgd = SGD([x], lr=0.1, momentum=0.5, weight_decay=0.5)
    for _ in range(300):
        sgd.zero_grad()
        ((x - 1) ** 2).backward()
        sgd.step()
    assert x.data == pytest.approx(0.8)  # 2 (x - 1) + x / 2 = 0


def test_the_learning_rate_may_change_between_steps():
    x = gg.Scalar(1.0)
    sgd = SGD([x], lr=0.1)
    x.grad = 1.0
    sgd.step()
    sgd.lr *= 0.5
    sgd.step()
    assert x.data == pytest.approx(1 - 0.1 - 0.05)


def test_a_line_is_fitted():
    neuron = Neuron(1, None, seed=0)
    sgd = SGD(neuron.parameters(), lr=0.1, momentum=0.5)
    xs = [-1.0, 0.0, 1.0, 2.0]
    for _ in range(200):
        sgd.zero_grad()
        mse([neuron([x]) for x in xs], [2 * x - 3 for x in xs]).backward()
        sgd.step()
    assert [p.data for p in neuron.parameters()] == pytest.approx([2.0, -3.0])


def test_training_takes_the_same_course_as_backpropagation_written_out_in_numpy():
    """Two layers of relu on a nonlinear problem: every loss of 30 steps, to rounding."""
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(20, 2))
    targets = np.sign(rows[:, 0] * rows[:, 1])
    model = MLP(2, [8, 8, 1], seed=0)
    layers = [
        [
            np.array([[w.data for w in n.w] for n in layer.neurons]),
            np.array([n.b.data for n in layer.neurons]),
        ]
        for layer in model.layers
    ]
    sgd = SGD(model.parameters(), lr=0.05)
    losses, expected = [], []
    for _ in range(30):
        sgd.zero_grad()
        loss = mse([model(row) for row in rows], targets)
        loss.backward()
        sgd.step()
        losses.append(loss.data)

        (w1, b1), (w2, b2), (w3, b3) = layers
        h1 = np.maximum(rows @ w1.T + b1, 0)
        h2 = np.maximum(h1 @ w2.T + b2, 0)
        error = (h2 @ w3.T + b3)[:, 0] - targets
        expected.append(np.mean(error**2))
        d3 = (2 * error / len(rows))[:, None]
        d2 = (d3 @ w3) * (h2 > 0)
        d1 = (d2 @ w2) * (h1 > 0)
        for (w, b), d, h in zip(layers, (d1, d2, d3), (rows, h1, h2), strict=True):
            w -= 0.05 * d.T @ h
            b -= 0.05 * d.sum(axis=0)
    assert losses == pytest.approx(expected, rel=1e-9)
    assert losses[-1] < 0.7 * losses[0]


def test_a_gradient_that_is_not_finite_is_named_and_nothing_moves():
    a, b = gg.Scalar(1.0, label="a"), gg.Scalar(2.0, label="b")
    sgd = SGD([a, b], lr=0.1)
    a.grad, b.grad = 1.0, math.nan
    with pytest.raises(FloatingPointError, match=r"parameter 1 \(b\) is nan: no parameter was moved. .*detect_anomaly"):
        sgd.step()
    assert (a.data, b.data) == (1.0, 2.0)
    b.grad = -math.inf
    with pytest.raises(FloatingPointError, match="is -inf"):
        sgd.step()


def test_repr_says_what_it_is():
    assert (
        repr(SGD([gg.Scalar(1.0)], lr=0.1, momentum=0.9)) == "SGD(1 parameters, lr=0.1, momentum=0.9, weight_decay=0)"
    )


X = gg.Scalar(1.0, label="x")


@pytest.mark.parametrize(
    ("wrong", "error", "said"),
    [
        (lambda: SGD([X], lr=0), ValueError, "lr must be a finite number above 0, got 0"),
        (lambda: SGD([X], lr=-0.1), ValueError, "above 0, got -0.1"),
        (lambda: SGD([X], lr=math.nan), ValueError, "got nan"),
        (lambda: SGD([X], lr=math.inf), ValueError, "got inf"),
        (lambda: setattr(SGD([X], lr=0.1), "lr", 0), ValueError, "above 0"),
        (lambda: SGD([X], lr="fast"), TypeError, "lr must be a finite number above 0, got 'fast'"),
        (lambda: SGD([X], lr=0.1, momentum=1), ValueError, "at least 0 and below 1, got 1"),
        (
            lambda: SGD([X], lr=0.1, weight_decay=-1),
            ValueError,
            "weight_decay must be a finite number of 0 or more",
        ),
        (lambda: SGD([], lr=0.1), ValueError, r"got no parameters: .* model.parameters\(\)"),
        (lambda: SGD(X, lr=0.1), TypeError, r"needs a list of Scalars such as model.parameters\(\)"),
        (lambda: SGD(MLP(2, [1]), lr=0.1), TypeError, r"model.parameters\(\), got MLP\(2"),
        (lambda: SGD([1.0], lr=0.1), TypeError, "parameter 0 must be a Scalar, got 1.0: wrap it in gg.Scalar"),
        (lambda: SGD([X * 2], lr=0.1), ValueError, r"parameter 0 is the result of '\*': SGD needs leaves"),
        (lambda: SGD([X, gg.Scalar(2.0), X], lr=0.1), ValueError, r"parameters 0 and 2 \(x\) are the same Scalar"),
    ],
)
def test_bad_input_is_told_what_to_do(wrong, error, said):
    with pytest.raises(error, match=said):
        wrong()
