"""Training scripts written for a small ``Value`` class run unchanged with `Scalar`, and print the same losses.

The class is the usual one of teaching: closures and a recursive topological sort. The scripts take it as an argument
and use nothing but ``.data .grad + * ** exp log relu tanh``, ``sum()``, ``p.grad = 0``, ``p.data -= ...``.
"""

import math
import random
import re

import pytest

from glassgrad import Scalar


class Value:
    """A scalar that remembers, as it is usually written."""

    def __init__(self, data, children=()):
        self.data = data
        self.grad = 0
        self.children = children
        self.step = lambda: None

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data + other.data, (self, other))

        def step():
            self.grad += out.grad
            other.grad += out.grad

        out.step = step
        return out

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * other.data, (self, other))

        def step():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out.step = step
        return out

    def __pow__(self, n):
        return self._unary(self.data**n, lambda y: n * self.data ** (n - 1))

    def exp(self):
        return self._unary(math.exp(self.data), lambda y: y)

    def log(self):
        return self._unary(math.log(self.data), lambda y: 1 / self.data)

    def tanh(self):
        return self._unary(math.tanh(self.data), lambda y: 1 - y * y)

    def relu(self):
        return self._unary(max(self.data, 0.0), lambda y: float(y > 0))

    def _unary(self, y, slope):
        out = Value(y, (self,))

        def step():
            self.grad += slope(y) * out.grad

        out.step = step
        return out

    def backward(self):
        order, seen = [], set()

        def visit(v):
            if v not in seen:
                seen.add(v)
                for child in v.children:
                    visit(child)
                order.append(v)

        visit(self)
        self.grad = 1
        for v in reversed(order):
            v.step()

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + (-other)

    def __rsub__(self, other):
        return other + (-self)

    def __truediv__(self, other):
        return self * other**-1

    def __rtruediv__(self, other):
        return other * self**-1

    __radd__ = __add__
    __rmul__ = __mul__


def moons(count, seed):
    draw = random.Random(seed)
    points, sides = [], []
    for i in range(count):
        t, side = draw.uniform(0, math.pi), i % 2
        x, y = (math.cos(t), math.sin(t)) if side else (1 - math.cos(t), 0.5 - math.sin(t))
        points.append((x + draw.gauss(0, 0.1), y + draw.gauss(0, 0.1)))
        sides.append(2 * side - 1)
    return points, sides


def classify_moons(Value):
    """A multi-layer perceptron of relus with a hinge loss, weight decay and a falling step."""
    draw = random.Random(1337)

    class Neuron:
        def __init__(self, nin, nonlin=True):
            self.w = [Value(draw.uniform(-1, 1)) for _ in range(nin)]
            self.b = Value(0)
            self.nonlin = nonlin

        def __call__(self, x):
            act = sum((wi * xi for wi, xi in zip(self.w, x)), self.b)
            return act.relu() if self.nonlin else act

        def parameters(self):
            return [*self.w, self.b]

    sizes = [2, 8, 8, 1]
    layers = [[Neuron(sizes[i], i != 2) for _ in range(sizes[i + 1])] for i in range(3)]
    parameters = [p for layer in layers for neuron in layer for p in neuron.parameters()]

    def model(x):
        for layer in layers:
            out = [neuron(x) for neuron in layer]
            x = out[0] if len(out) == 1 else out
        return x

    points, sides = moons(30, 0)
    log = []
    for k in range(12):
        scores = [model(list(map(Value, point))) for point in points]
        losses = [(1 + -side * score).relu() for side, score in zip(sides, scores)]
        data_loss = sum(losses) * (1.0 / len(losses))
        reg_loss = 1e-4 * sum(p * p for p in parameters)
        total_loss = data_loss + reg_loss
        accuracy = [(side > 0) == (score.data > 0) for side, score in zip(sides, scores)]
        for p in parameters:
            p.grad = 0
        total_loss.backward()
        learning_rate = 1.0 - 0.9 * k / 100
        for p in parameters:
            p.data -= learning_rate * p.grad
        log.append(f"step {k} loss {total_loss.data}, accuracy {sum(accuracy) / len(accuracy) * 100}%")
    return log


def fit_a_softmax(Value):
    """Three classes by softmax and cross entropy, with exp, log and divisions."""
    draw = random.Random(7)
    centres = [(-1.0, 0.0), (1.0, 0.0), (0.0, 1.5)]
    points = [(c, [draw.gauss(m, 0.4) for m in centres[c]]) for c in (0, 1, 2) for _ in range(8)]
    W = [[Value(draw.gauss(0, 0.1)) for _ in range(2)] for _ in range(3)]
    b = [Value(0.0) for _ in range(3)]
    parameters = [*b, *[w for row in W for w in row]]
    log = []
    for k in range(20):
        loss = Value(0.0)
        for c, x in points:
            logits = [sum(w * xi for w, xi in zip(row, x)) + bias for row, bias in zip(W, b)]
            counts = [logit.exp() for logit in logits]
            probability = counts[c] / sum(counts)
            loss += -probability.log()
        loss = loss / len(points)
        for p in parameters:
            p.grad = 0.0
        loss.backward()
        for p in parameters:
            p.data += -0.5 * p.grad
        log.append(f"{k:3d} {loss.data:.12f} {math.sqrt(sum(p.grad**2 for p in parameters)):.9f}")
    return log


def fit_a_curve(Value):
    """A layer of tanh on a sine, mean squared error, momentum kept by hand, parameters inspected on the way."""
    draw = random.Random(3)
    hidden = [(Value(draw.uniform(-2, 2)), Value(draw.uniform(-2, 2)), Value(draw.uniform(-1, 1))) for _ in range(6)]
    offset = Value(0.0)
    parameters = [offset, *[p for unit in hidden for p in unit]]
    velocity = dict.fromkeys(parameters, 0.0)
    xs = [i / 5 - 2 for i in range(21)]
    log = []
    for epoch in range(15):
        outs = [sum(((w * x + b).tanh() * v for w, b, v in hidden), offset) for x in xs]
        loss = sum((out - math.sin(x)) ** 2 for out, x in zip(outs, xs)) / len(xs)
        for p in parameters:
            p.grad = 0
        loss.backward()
        for p in parameters:
            velocity[p] = 0.9 * velocity[p] - 0.05 * p.grad
            p.data += velocity[p]
        log.append((epoch, loss.data, max(abs(p.grad) for p in parameters)))
    return [f"{epoch} {loss:.6g} {steepest:.6g}" for epoch, loss, steepest in log]


def numbers(line):
    return [float(number) for number in re.findall(r"[-\d.]+(?:e[-+]?\d+)?", line)]


SCRIPTS = [classify_moons, fit_a_softmax, fit_a_curve]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.__name__)
def test_the_same_losses_to_printing_precision(script):
    theirs, ours = script(Value), script(Scalar)
    assert len(ours) == len(theirs)
    for line, expected in zip(ours, theirs):
        assert numbers(line) == pytest.approx(numbers(expected), rel=1e-9)
    if script is not classify_moons:  # which prints all digits
        assert ours == theirs


def test_training_learns():
    first, last = classify_moons(Scalar)[0], classify_moons(Scalar)[-1]
    assert numbers(first)[1] > 2 * numbers(last)[1]
