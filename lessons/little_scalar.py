"""The little class `Scalar` as it is at the end of each lesson. The next lesson starts with it.

The lessons write all of this step by step. `after_lesson(6)` applies the steps of lessons 3 to 6.
"""

import math


def after_lesson(number):
    """Return a new class, as it is at the end of lesson `number` (3 to 8)."""
    if number not in range(3, 9):
        raise ValueError(f"lessons 3 to 8 work on the class, not lesson {number}")
    Scalar = lesson_3()
    for step, change in ((4, lesson_4), (5, lesson_5), (6, lesson_6), (7, lesson_7), (8, lesson_8)):
        if step <= number:
            change(Scalar)
    return Scalar


def lesson_3():
    class Scalar:
        """A single number and what we know about it."""

        def __init__(self, data, children=(), op="", label="unk"):
            self.data = data
            self.prev = tuple(children)
            self.op = op
            self.label = label

        def __add__(self, other):
            return Scalar(self.data + other.data, (self, other), "+")

        def __mul__(self, other):
            return Scalar(self.data * other.data, (self, other), "*")

        def __repr__(self):
            return f"{self.label}|{self.data}"

    Scalar.__qualname__ = "Scalar"
    return Scalar


def lesson_4(Scalar):
    """Room for the gradient."""

    def __init__(self, data, children=(), op="", label="unk"):
        self.data = data
        self._grad = 0.0
        self.grad_updated = False
        self.prev = tuple(children)
        self.op = op
        self.label = label

    def get_grad(self):
        return self._grad

    def set_grad(self, val):
        self.grad_updated = True
        self._grad = val

    def __repr__(self):
        return f"{self.label}|{self.data:0.3f}|{self.grad:0.3f}"

    Scalar.__init__ = __init__
    Scalar.grad = property(get_grad, set_grad)
    Scalar.__repr__ = __repr__


def lesson_5(Scalar):
    """An activation function."""

    def tanh(self):
        n = self.data
        t = (math.exp(2 * n) - 1) / (math.exp(2 * n) + 1)
        return Scalar(t, (self,), "tanh")

    Scalar.tanh = tanh


def lesson_6(Scalar):
    """Each result has its own backward step."""

    def __init__(self, data, children=(), op="", label="unk"):
        self.data = data
        self._grad = 0.0
        self.grad_updated = False
        self._backward = lambda: None
        self.prev = tuple(children)
        self.op = op
        self.label = label

    def __add__(self, other):
        out = Scalar(self.data + other.data, (self, other), "+")

        def _backward():
            self.grad = 1.0 * out.grad
            other.grad = 1.0 * out.grad

        out._backward = _backward
        return out

    def __mul__(self, other):
        out = Scalar(self.data * other.data, (self, other), "*")

        def _backward():
            self.grad = other.data * out.grad
            other.grad = self.data * out.grad

        out._backward = _backward
        return out

    def tanh(self):
        n = self.data
        t = (math.exp(2 * n) - 1) / (math.exp(2 * n) + 1)
        out = Scalar(t, (self,), "tanh")

        def _backward():
            self.grad = (1 - t**2) * out.grad

        out._backward = _backward
        return out

    Scalar.__init__ = __init__
    Scalar.__add__ = __add__
    Scalar.__mul__ = __mul__
    Scalar.tanh = tanh


def lesson_7(Scalar):
    """Run all steps in the right order, with one call."""

    def backward(self):
        topo = []
        visited = set()

        def build_topo(v):
            if v not in visited:
                visited.add(v)
                for child in v.prev:
                    build_topo(child)
                topo.append(v)

        build_topo(self)
        self.grad = 1.0
        for node in reversed(topo):
            node._backward()

    Scalar.backward = backward


def lesson_8(Scalar):
    """Gradients add up; `backward()` clears the inner nodes."""

    def __add__(self, other):
        out = Scalar(self.data + other.data, (self, other), "+")

        def _backward():
            self.grad += 1.0 * out.grad
            other.grad += 1.0 * out.grad

        out._backward = _backward
        return out

    def __mul__(self, other):
        out = Scalar(self.data * other.data, (self, other), "*")

        def _backward():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out._backward = _backward
        return out

    def tanh(self):
        n = self.data
        t = (math.exp(2 * n) - 1) / (math.exp(2 * n) + 1)
        out = Scalar(t, (self,), "tanh")

        def _backward():
            self.grad += (1 - t**2) * out.grad

        out._backward = _backward
        return out

    Scalar.__add__ = __add__
    Scalar.__mul__ = __mul__
    Scalar.tanh = tanh

    def topological(self):
        topo = []
        visited = set()

        def build_topo(v):
            if v not in visited:
                visited.add(v)
                for child in v.prev:
                    build_topo(child)
                topo.append(v)

        build_topo(self)
        return topo

    def zero_grad(self):
        for node in self.topological():
            node.grad = 0.0

    def backward(self):
        topo = self.topological()
        for node in topo:
            if node.prev:
                node.grad = 0.0
        self.grad = 1.0
        for node in reversed(topo):
            node._backward()

    Scalar.topological = topological
    Scalar.zero_grad = zero_grad
    Scalar.backward = backward
