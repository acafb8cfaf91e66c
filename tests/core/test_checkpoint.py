"""A checkpointed function has the values and derivatives of the function, bit for bit. Its inner nodes are freed."""

import copy
import math
import pickle
import random
import threading
import weakref

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import glassgrad as gg
from glassgrad.core.folding import Listening


def random_program(rng, depth=0):
    """Return two functions of a list of numbers that compute the same: a plain one, and one with checkpoints. They
    return a list of nodes and numbers."""
    steps = []
    for _ in range(rng.randint(1, 6)):
        if depth < 3 and rng.random() < 0.3:
            inner = random_program(rng, depth + 1)
            steps.append(("call", inner, [rng.random() for _ in range(rng.randint(1, 3))]))
        else:
            steps.append(
                (rng.choice(["add", "mul", "sub", "div", "sin", "tanh", "maximum"]), rng.random(), rng.random())
            )
    results = [rng.random() for _ in range(rng.randint(1, 3))]

    def run(kind, xs):
        values = list(xs)

        def at(place):
            return values[int(place * len(values))]

        for op, a, b in steps:
            if op == "call":
                values += a[kind]([at(place) for place in b])
            elif op in ("sin", "tanh"):
                values.append(getattr(gg, op)(at(a)))
            else:
                values.append(getattr(gg, op)(at(a), at(b)))
        return [values[int(place * len(values))] for place in results]

    return (lambda xs: run(0, xs)), gg.checkpoint(lambda xs: run(1, xs))


def total(f):
    def summed(*xs):
        first, *rest = f(list(xs))
        result = first * xs[0] + xs[1]
        for x in rest:
            result = result + x * xs[0]
        return result

    return summed


def by_backward(f, xs):
    nodes = [gg.Scalar(x) for x in xs]
    with gg.errstate(domain="nan"):
        root = f(*nodes)
    if isinstance(root, gg.Scalar):
        root.backward()
    return [float.hex(x.grad) for x in nodes]


def exactly(structure):
    return [float.hex(float(x)) for x in np.ravel(np.array(structure, dtype=float))]


@given(st.randoms(use_true_random=False))
def test_derivatives_have_the_bits_of_the_plain_function(rng):
    plain, folded = map(total, random_program(rng))
    xs = [rng.gauss(0, 1) for _ in range(3)]
    all_three = (0, 1, 2)
    with gg.errstate(domain="nan"):
        assert exactly(folded(*xs)) == exactly(plain(*xs))
        assert by_backward(folded, xs) == by_backward(plain, xs)
        for transform in (gg.grad, gg.value_and_grad, gg.hessian):
            assert repr(transform(folded, all_three)(*xs)) == repr(transform(plain, all_three)(*xs))
        assert gg.jvp(folded, tuple(xs), (1.0, 2.0, 3.0)).__repr__() == repr(gg.jvp(plain, tuple(xs), (1.0, 2.0, 3.0)))


@given(st.randoms(use_true_random=False))
def test_jacobians_and_pullbacks_have_the_bits_of_the_plain_function(rng):
    plain, folded = random_program(rng)
    x = np.array([rng.gauss(0, 1) for _ in range(3)])
    with gg.errstate(domain="nan"):
        ones = [1.5 for _ in plain(list(x))]
        for transform in (gg.jacobian, lambda f: lambda x: gg.vjp(f, x)[1](ones)):
            found, expected = (transform(lambda x, f=f: f(list(x)))(x) for f in (folded, plain))
            assert exactly(found) == exactly(expected)


def steps(x, p, n):
    for _ in range(n):
        x = x + 0.01 * p * gg.sin(x)
    return x


class Alive:
    """Counts the nodes that are alive, of those that a function makes."""

    def __init__(self):
        self.nodes = []
        self.most = 0

    def watch(self, node):
        self.nodes.append(weakref.ref(node))
        if len(self.nodes) % 50 == 0:
            self.nodes = [one for one in self.nodes if one() is not None]
            self.most = max(self.most, len(self.nodes))


def most_alive(step):
    """The most nodes that were alive at a time during `grad` of 40 calls of ``step``."""
    alive = Alive()

    def watched(x, p):
        for _ in range(25):
            for node in (y := steps(x, p, 1), *graph_between(y, x)):
                alive.watch(node)
            x = y
        return x

    f = step(watched)

    def simulation(x, p):
        for _ in range(40):
            x = f(x, p)
        return x

    slopes = gg.grad(simulation, argnums=(0, 1))(1.0, 0.5)
    return alive.most, slopes


def graph_between(y, x):
    found, stack = [], [y]
    while stack:
        node = stack.pop()
        for operand in node.prev:
            if operand is not x and not operand.is_constant and operand.prev:
                found.append(operand)
                stack.append(operand)
    return found


def test_inner_nodes_are_freed():
    kept, expected = most_alive(lambda f: f)
    few, slopes = most_alive(gg.checkpoint)
    assert slopes == expected
    assert kept > 3000
    assert few < 400


def test_backward_opens_one_call_at_a_time():
    made = []
    nodes = []

    @gg.checkpoint
    def step(x):
        for _ in range(50):
            x = gg.sin(x)
            nodes.append(weakref.ref(x))
        made.append(sum(node() is not None for node in nodes))
        return x

    x = y = gg.Scalar(0.5)
    for _ in range(20):
        y = step(y)
    y.backward()
    assert len(made) == 40
    assert max(made) <= 50 + 20 + 50
    expected, z = 1.0, 0.5
    for _ in range(1000):
        expected, z = expected * math.cos(z), math.sin(z)
    assert x.grad == pytest.approx(expected, rel=1e-9)


def test_parameters_from_outside_get_their_gradient():
    w, x = gg.Scalar(2.0), gg.Scalar(3.0)
    y = gg.checkpoint(lambda x: gg.sin(w * x))(x)
    y.backward()
    assert w.grad == 3.0 * math.cos(6.0)
    assert x.grad == 2.0 * math.cos(6.0)


def test_gradients_are_taken_at_the_values_of_the_forward_pass():
    w = gg.Scalar(2.0)
    y = gg.checkpoint(lambda w: w * w * w)(w)
    w.data = 5.0
    y.backward()
    assert w.grad == 12.0
    assert w.data == 5.0


def test_a_second_backward_adds():
    x = gg.Scalar(2.0)
    y = gg.checkpoint(lambda x: x * x * x)(x)
    y.backward()
    y.backward()
    assert x.grad == 24.0


def test_what_the_function_keeps_stays_in_the_graph():
    """A node that leaves the call in another way than as its result has its derivative, too."""
    kept = []

    @gg.checkpoint
    def f(x):
        y = gg.sin(x)
        kept.append(y * 2.0)
        return y * y

    def g(x):
        y = f(x)
        return y + kept[0] * x

    x = 0.7
    assert gg.grad(g)(x) == pytest.approx(
        2 * math.sin(x) * math.cos(x) + 2 * math.sin(x) + 2 * math.cos(x) * x, rel=1e-14
    )


def test_results_in_any_structure():
    def f(d):
        return {"a": [d["x"] * 2.0, None, "text"], "b": np.array([d["x"], d["x"] * d["x"] * 3.0])}

    def g(f):
        def loss(x):
            r = f({"x": x})
            return r["a"][0] * r["b"][1] + r["b"][0]

        return loss

    assert gg.grad(g(gg.checkpoint(f)))(1.5) == gg.grad(g(f))(1.5)


def test_arrays():
    def f(x, w):
        return gg.tanh(w @ x) + x

    rng = np.random.default_rng(0)
    x, w = rng.standard_normal(3), rng.standard_normal((3, 3))
    for argnums in (0, 1):
        found, expected = (
            gg.grad(lambda x, w, h=h: gg.total(h(h(x, w), w) ** 2), argnums)(x, w) for h in (gg.checkpoint(f), f)
        )
        assert np.array_equal(found, expected)


def test_a_function_of_plain_numbers_gives_a_plain_number():
    assert gg.checkpoint(lambda x: x * 2.0)(3.0) == 6.0
    assert gg.checkpoint(lambda: None)() is None


def test_leaves_made_inside_stay_leaves():
    @gg.checkpoint
    def f(x):
        w = gg.Scalar(3.0, label="w")
        return w, gg.sin(w * x) * 2.0

    x = gg.Scalar(0.5)
    w, y = f(x)
    y.backward()
    assert w.grad == pytest.approx(2 * 0.5 * math.cos(1.5), rel=1e-15)


def test_its_results_look_like_those_of_a_plain_call():
    def f(x):
        return gg.sin(x * x) + 1.0

    x = gg.Scalar(0.5, label="x")
    for look in (
        gg.graph.topological,
        lambda y: gg.draw(y).to_svg() if hasattr(gg.draw(y), "to_svg") else str(gg.draw(y)),
        lambda y: y.op,
        lambda y: y.operation,
        lambda y: y.prev[0].op,
        lambda y: y.local_partials(),
        gg.graph.leaves,
    ):
        found, expected = look(gg.checkpoint(f)(x)), look(f(x))
        assert len(found) == len(expected) if isinstance(found, list) else found == expected


def test_copies_and_pickles():
    x = gg.Scalar(0.5)
    y = gg.checkpoint(lambda x: gg.sin(x * x) * 2.0)(x)
    for twin in (copy.copy(y), copy.deepcopy(y), pickle.loads(pickle.dumps(y))):
        twin.backward()
        assert twin.data == y.data
    y.backward()
    assert x.grad == pytest.approx(2 * 2 * 0.5 * math.cos(0.25) * 2, rel=1e-15)  # copy.copy shares x


def test_forward_computes_it_again():
    x = gg.Scalar(0.5)
    y = gg.checkpoint(lambda x: gg.sin(x * x))(x) * 3.0
    x.data = 2.0
    assert y.forward().data == 3.0 * math.sin(4.0)
    y.backward()
    assert x.grad == pytest.approx(3 * 4 * math.cos(4.0), rel=1e-15)


def test_second_derivatives_of_eager_nodes():
    from glassgrad.core.reverse import gradient

    def slopes(f):
        x = gg.Scalar(0.5)
        (first,) = gradient(f(x) * x, [x])
        (second,) = gradient(first, [x])
        return first.data, second.data

    def f(x):
        return gg.sin(x * x) / x

    assert slopes(gg.checkpoint(f)) == slopes(f)


def test_a_pullback_may_be_differentiated_later():
    def f(x):
        return gg.sin(x * x)

    def slopes(f):
        _, pullback = gg.vjp(f, 0.5)
        return gg.grad(lambda w: pullback(w)[0] * w)(2.0)

    assert slopes(gg.checkpoint(f)) == slopes(f)


def test_compiled_functions_do_the_same():
    def f(x):
        for _ in range(3):
            x = gg.sin(x) * x if x > 0.5 else x + 0.25
        return x

    xs = np.linspace(0.0, 2.0, 7)
    for transform in (lambda f: f, gg.grad, lambda f: gg.grad(gg.grad(f))):
        assert np.array_equal(gg.vmap(transform(gg.checkpoint(f)))(xs), gg.vmap(transform(f))(xs))
        assert gg.jit(transform(gg.checkpoint(f)))(0.75) == gg.jit(transform(f))(0.75)


def test_anomalies_are_explained():
    def f(x):
        return gg.sqrt(x * 0.0) * 2.0

    with pytest.raises(gg.AnomalyError, match="sqrt"), gg.detect_anomaly():
        gg.checkpoint(f)(gg.Scalar(1.0)).backward()
    y = gg.checkpoint(f)(gg.Scalar(1.0))
    with pytest.raises(gg.AnomalyError, match="sqrt"), gg.detect_anomaly():
        y.backward()


def test_groups_are_kept():
    x = gg.Scalar(1.0)
    with gg.group("inner"):
        y = gg.checkpoint(lambda x: gg.sin(x * x))(x)
    assert y.prev[0].group.name == "inner"


def test_an_error_inside_leaves_a_trace_whole():
    kept = []

    @gg.checkpoint
    def f(x):
        kept.append(gg.sin(x))
        raise ValueError("no")

    def g(x):
        try:
            f(x)
        except ValueError:
            return kept[-1] * 2.0

    assert gg.grad(g)(0.5) == 2.0 * math.cos(0.5)


def test_nodes_made_in_threads():
    def f(x):
        found = []
        thread = threading.Thread(target=lambda: found.append(gg.sin(x) * x))
        thread.start()
        thread.join()
        return found[0] * x

    assert gg.grad(gg.checkpoint(f))(0.5) == gg.grad(f)(0.5)
    assert by_backward(gg.checkpoint(f), [0.5]) == by_backward(f, [0.5])


@pytest.mark.parametrize("derivative", [lambda f: gg.grad(f)(1.0), lambda f: f(gg.Scalar(1.0)).backward()])
def test_a_function_that_changes_is_refused(derivative):
    rng = random.Random(0)

    @gg.checkpoint
    def noisy(x):
        return gg.sin(x * rng.random()) * 2.0

    with pytest.raises(RuntimeError, match="noisy computed something else when it ran again"):
        derivative(noisy)
    count = [3]

    @gg.checkpoint
    def growing(x):
        count[0] += 1
        for _ in range(count[0]):
            x = x * 1.0
        return x

    with pytest.raises(RuntimeError, match="growing computed something else"):
        derivative(growing)


def test_after_an_error_the_gradients_are_as_before():
    x = gg.Scalar(1.0)
    count = [0]

    @gg.checkpoint
    def f(x):
        count[0] += 1
        return x * float(count[0]) * x

    y = f(x) * 2.0 + gg.sin(x)
    with pytest.raises(RuntimeError):
        y.backward()
    assert x.grad == 0.0
    count[0] = 0
    y.backward()
    assert x.grad == 4.0 + math.cos(1.0)


def test_only_functions():
    with pytest.raises(TypeError, match="checkpoint needs a function, got"):
        gg.checkpoint(3.0)


def test_listening_is_over_after_the_block():
    made = []
    with Listening(made, None, "raise"):
        gg.Scalar(1.0) * 2.0
    gg.Scalar(1.0) * 2.0
    assert len(made) == 2
