"""Classes as learners write them after the lecture, each in another way, and the mistakes that they make."""

import math


class Base:
    """The lecture's class; the variants change where things are kept."""

    store = tuple

    def __init__(self, data, _children=(), _op="", label=""):
        self.data = data
        self.grad = 0.0
        self._backward = lambda: None
        self._prev = self.store(_children)
        self._op = _op
        self.label = label

    def wrap(self, other):
        return other if isinstance(other, Base) else type(self)(other)

    def made(self, data, children, op, *slopes):
        out = type(self)(data, children, op)
        out._backward = lambda: self.send(out, children, slopes)
        return out

    @staticmethod
    def send(out, children, slopes):
        for child, slope in zip(children, slopes):
            child.grad += slope * out.grad

    def __add__(self, other):
        other = self.wrap(other)
        return self.made(self.data + other.data, (self, other), "+", 1.0, 1.0)

    def __mul__(self, other):
        other = self.wrap(other)
        return self.made(self.data * other.data, (self, other), "*", other.data, self.data)

    def __sub__(self, other):
        other = self.wrap(other)
        return self.made(self.data - other.data, (self, other), "-", 1.0, -1.0)

    def __truediv__(self, other):
        other = self.wrap(other)
        return self.made(self.data / other.data, (self, other), "/", 1 / other.data, -self.data / other.data**2)

    def __pow__(self, n):
        return self.made(self.data**n, (self,), f"**{n}", n * self.data ** (n - 1))

    def __neg__(self):
        return self.made(-self.data, (self,), "neg", -1.0)

    def tanh(self):
        y = math.tanh(self.data)
        return self.made(y, (self,), "tanh", 1 - y * y)

    def relu(self):
        return self.made(max(self.data, 0), (self,), "ReLU", float(self.data > 0))

    def exp(self):
        y = math.exp(self.data)
        return self.made(y, (self,), "exp", y)

    def log(self):
        return self.made(math.log(self.data), (self,), "log", 1 / self.data)

    def sigmoid(self):
        y = 1 / (1 + math.exp(-self.data))
        return self.made(y, (self,), "sigmoid", y * (1 - y))

    def order(self):
        order, seen, stack = [], set(), [(self, False)]
        while stack:
            node, done = stack.pop()
            if done:
                order.append(node)
            elif id(node) not in seen:
                seen.add(id(node))
                stack.append((node, True))
                stack.extend((child, False) for child in node._prev)
        return order[::-1]

    def backward(self):
        self.grad = 1.0
        for node in self.order():
            node._backward()


class Tuples(Base):
    """Operands in a tuple."""


class Lists(Base):
    store = list


class Sets(Base):
    store = set


class Unhashable(Base):
    """Compares by value, which takes away its hash."""

    def __eq__(self, other):
        return self.data == getattr(other, "data", other)

    __hash__ = None


class Plain:
    """Without underscores, as in the lessons, and without a gradient."""

    def __init__(self, data, prev=(), op=""):
        self.data, self.prev, self.op = data, prev, op


class Slots:
    __slots__ = ("_op", "_prev", "data", "grad")

    def __init__(self, data, _prev=(), _op=None):
        self.data, self._prev, self._op, self.grad = data, _prev, _op, None


class Overwrites(Tuples):
    """= instead of +=."""

    @staticmethod
    def send(out, children, slopes):
        for child, slope in zip(children, slopes):
            child.grad = slope * out.grad


class BreadthFirst(Tuples):
    """In the order of a walk in breadth."""

    def order(self):
        order, seen = [self], {id(self)}
        for node in order:
            for child in node._prev:
                if id(child) not in seen:
                    seen.add(id(child))
                    order.append(child)
        return order


class Recursive(Tuples):
    """Each node calls backward() of its operands."""

    def backward(self, grad=1.0):
        self.grad = grad
        self.down()

    def down(self):
        self._backward()
        for child in self._prev:
            child.down()


class NoStart(Tuples):
    """The root's gradient starts at 2."""

    def backward(self):
        self.grad = 2.0
        for node in self.order():
            node._backward()


class WrongTanh(Tuples):
    """The derivative of tanh without its square."""

    def tanh(self):
        y = math.tanh(self.data)
        return self.made(y, (self,), "tanh", 1 - y)


class SilentTanh(Tuples):
    """A _backward that was forgotten."""

    def tanh(self):
        return type(self)(math.tanh(self.data), (self,), "tanh")
