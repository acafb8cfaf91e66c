"""Gradients of everybody's classes, judged: right ones are never accused, and wrong ones found."""

import math
import random

import pytest
from micrograd.engine import Value
from micrograd.nn import MLP

import glassgrad as gg
from glassgrad.graph import topological
from glassgrad.transforms import nudges
from helpers import homework
from helpers.homework import Base, Lists, Plain, Sets, Slots, Tuples, Unhashable


def judged(root):
    return gg.play(root, names=False).judgement


def random_graph(kind, seed):
    chance = random.Random(seed)
    nodes = [kind(chance.choice([-2.0, -1.0, 0.5, 1.0, 2.0, 3.0])) for _ in range(3)]
    for _ in range(12):
        a, b = chance.choice(nodes), chance.choice(nodes[-4:])
        step = chance.choice(["+", "*", "-", "tanh", "**2", "relu"])
        if abs(a.data * b.data) > 50 and step in ("*", "**2"):
            step = "tanh"
        made = {
            "+": lambda: a + b,
            "*": lambda: a * b,
            "-": lambda: a - b,
            "tanh": lambda: b.tanh() if hasattr(b, "tanh") else b + 1.0,
            "**2": lambda: b**2,
            "relu": lambda: b.relu(),
        }
        nodes.append(made[step]())
    return nodes[-1]


@pytest.mark.parametrize("kind", [Tuples, Lists, Sets, Unhashable, Value])
@pytest.mark.parametrize("seed", range(30))
def test_right_gradients_are_never_accused(kind, seed):
    root = random_graph(kind, seed)
    root.backward()
    found = judged(root)
    assert found.right, found
    assert found.mistakes == ()
    if kind in (Tuples, Lists, Unhashable):
        assert all("jumps" in reason or "is not" in reason for reason in found.reasons.values())


@pytest.mark.parametrize("seed", range(10))
def test_a_wrong_gradient_is_found_wherever_it_is(seed):
    root = random_graph(Tuples, seed)
    root.backward()
    for node in topological(root):
        right = node.grad
        node.grad = right + 1.5
        before = judged(root)
        assert not before.right or (-1 not in before.marks and 0 in before.marks)
        node.grad = right


def test_the_gradients_that_judge_are_those_of_finite_differences():
    def f(x, w):
        return math.tanh(x * w + x) * w

    x, w = Tuples(0.7), Tuples(-0.4)
    root = (x * w + x).tanh() * w
    x.grad, w.grad, root.grad = *nudges.partials(f, 0.7, -0.4), 1.0
    found = judged(root)
    assert [found.marks[topological(root).index(node)] for node in (x, w)] == [1, 1]


def test_micrograds_network():
    random.seed(1)
    out = MLP(3, [4, 4, 1])([1.0, -2.0, 3.0])
    out.backward()
    found = judged(out)
    assert found.right
    assert found.marks.count(1) > 100


def graph(kind):
    a, b = kind(2.0), kind(-0.3)
    c = a * b
    d = c + a
    e = d * c
    return (e + c).tanh()


@pytest.mark.parametrize(
    ("kind", "mistake"),
    [
        (homework.Overwrites, "= instead of +="),
        (homework.BreadthFirst, "not visited in topological order"),
        (homework.Recursive, "visits a node once for each path"),
        (homework.NoStart, "must start at 1"),
        (homework.WrongTanh, "the _backward of tanh has a wrong local derivative"),
        (homework.SilentTanh, "the _backward of tanh does not pass a gradient on"),
    ],
)
def test_the_mistake_is_named(kind, mistake):
    root = graph(kind)
    root.backward()
    found = judged(root)
    assert not found.right
    assert mistake in found.mistakes[0]
    assert mistake in repr(found)
    right = graph(Tuples)
    right.backward()
    assert judged(right).right


@pytest.mark.parametrize("kind", [Value, Tuples])
@pytest.mark.parametrize("f", [lambda x: x + x, lambda x: x * x])
def test_the_lectures_bug_an_operand_used_twice(kind, f):
    x = kind(3.0)
    y = f(x)
    y.backward()
    assert judged(y).right
    x.grad /= 2
    found = judged(y)
    assert found.marks == (-1, 1)
    assert "= instead of +=" in found.mistakes[0]


def test_backward_twice_and_gradients_of_an_earlier_step():
    root = graph(Tuples)
    root.backward()
    root.backward()
    assert "ran 2 times" in judged(root).mistakes[0]
    w = Tuples(2.0)
    for _ in range(2):
        loss = (w * 3.0 - 1.0) ** 2
        loss.backward()
        w.data -= 0.01
        loss_now = loss
    w.data += 0.01
    assert "gradients of an earlier backward" in judged(loss_now).mistakes[0]


def test_a_leaf_moved_after_the_forward_pass_is_no_mistake_of_the_learners():
    for kind in (Value, Tuples):
        w = kind(3.0)
        for loss in ((w - 1.0) ** 2, w * w, w + w, w * w * w):
            w.grad = 0
            loss.backward()
            w.data -= 0.1 * w.grad
            found = judged(loss)
            assert -1 not in found.marks, found
            assert any("a leaf was changed after the forward pass" in reason for reason in found.reasons.values())
            w.data = 3.0


def test_nothing_is_judged_below_what_a_set_leaves_open():
    a, b, c = Slots(3.0), Slots(3.0), Slots(2.0)
    d = Slots(0.0, {a, b}, "-")
    e = Slots(0.0, (d, c), "*")
    for node, grad in ((a, 2.0), (b, -2.0), (c, 0.0), (d, 2.0), (e, 1.0)):
        node.grad = grad
    for swap in (1, -1):
        a.grad, b.grad = 2.0 * swap, -2.0 * swap
        found = judged(e)
        assert sorted(found.marks) == [0, 0, 1, 1, 1]
        assert any("either way round" in reason for reason in found.reasons.values())
    d.grad = 5.0  # what is determined is judged all the same
    assert judged(e).marks.count(-1) == 1


def test_sets_are_spoken_of():
    x = Value(3.0)
    y = x + x
    y.backward()
    assert any("in a set" in note for note in judged(y).notes)
    assert judged(Slots(3.0, (Slots(3.0),), "relu")).notes[-1].startswith("No gradient")


def test_at_a_kink_more_than_one_gradient_is_right():
    for slope, mark in ((0.0, 1), (0.5, 1), (1.0, 1), (7.0, 0)):
        x, w = Slots(0.0), Slots(3.0)
        y = Slots(0.0, (Slots(0.0, (x, w), "*"),), "relu")
        y.grad, y._prev[0].grad, x.grad, w.grad = 1.0, slope, 3.0 * slope, 0.0
        found = judged(y)
        assert set(found.marks[:-1]) == {mark}
        assert mark or any("jumps" in reason for reason in found.reasons.values())


def test_scalars_are_not_judged_so():
    x = gg.Scalar(2.0)
    player = gg.play(x * x)
    assert player.judgement is None
    assert player.document["judged"] is None
    assert gg.play(Plain(4.0, (Plain(2.0),), "**2")).judgement.marks == (0, 0)


def test_the_page_gets_what_was_found():
    root = graph(homework.Overwrites)
    root.backward()
    player = gg.play(root)
    told = player.document["judged"]
    assert told["class"] == "Overwrites"
    assert told["marks"] == list(player.judgement.marks)
    assert told["mistakes"] == list(player.judgement.mistakes)
    assert set(told["reasons"]) == {str(i) for i in player.judgement.reasons}
    assert "= instead of +=" in player.html()


def test_a_deep_graph_is_judged():
    node = x = Base(1.0)
    for _ in range(5_000):
        node = node + x
    node.backward()
    assert judged(node).right


def test_an_input_that_wants_no_gradient_is_not_asked_for_one():
    class Input(Tuples):
        requires_grad = False

    x, w = Input(2.0), Tuples(3.0)
    y = Tuples(6.0, (x, w), "*")
    y.grad, w.grad = 1.0, 2.0
    assert judged(y).marks == (0, 1, 1)
    assert gg.play(y).document["nodes"]["kind"] == [2, 1, 0]


def test_a_leaf_whose_change_does_not_show_is_not_relied_on():
    """w * x is 0 at x = 0 whatever w is; the derivative by x is w, as it was."""
    w, x, v = Tuples(3.0), Tuples(0.0), Tuples(2.0)
    y = w * x + w * v
    y.backward()
    assert judged(y).right
    w.data = 2.5
    assert -1 not in judged(y).marks


@pytest.mark.parametrize("seed", range(5))
def test_a_step_of_training_is_no_mistake(seed):
    random.seed(seed)
    model = MLP(2, [3, 2, 1])
    loss = sum(((model(x) - y) ** 2 for x, y in (([1.0, 2.0], 1.0), ([0.5, 0.0], -1.0))), Value(0.0))
    loss.backward()
    for p in model.parameters():
        p.data -= 0.05 * p.grad
    found = judged(loss)
    assert -1 not in found.marks, found
