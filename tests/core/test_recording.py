"""Groups, and the search for the node where a gradient went wrong."""

import inspect
import math
import threading

import pytest

import glassgrad as gg
from glassgrad import AnomalyError, Scalar


def here():
    """This file and the line of the caller."""
    frame = inspect.currentframe().f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"


# Groups


def test_nodes_belong_to_the_innermost_group():
    x = Scalar(1.0)
    with gg.group("layer") as layer:
        a = x * 2.0
        with gg.group("neuron") as neuron:
            b = Scalar(3.0) + a
        c = -b
    d = c * 2.0
    assert [node.group for node in (x, a, b, c, d)] == [None, layer, neuron, layer, None]
    assert b.prev[0].group is neuron
    assert neuron.parent is layer
    assert layer.parent is None
    assert (neuron.name, repr(layer)) == ("neuron", "<group 'layer'>")
    assert (b.label, b.named) == ("unk", False)


def test_each_block_is_a_group_of_its_own():
    block = gg.group("neuron")
    seen = []
    for _ in range(2):
        with block:
            seen.append((Scalar(1.0) * 2.0).group)
    assert seen[0] is not seen[1]
    assert seen[0].name == seen[1].name == "neuron"
    with block as outer, block as inner:
        assert inner.parent is outer
    assert (Scalar(1.0)).group is None


def test_a_label_and_a_group_go_together():
    with gg.group("g") as g:
        a = Scalar(1.0, label="a")
        b = a * 2.0
        b.label = "b"
    for node, label in ((a, "a"), (b, "b")):
        assert (node.label, node.named, node.group) == (label, True, g)
        node.label = "new"
        assert (node.label, node.group) == ("new", g)


def test_a_group_closes_when_its_block_fails():
    with pytest.raises(ZeroDivisionError), gg.group("g"):
        Scalar(1.0) / 0.0
    assert Scalar(1.0).group is None


def test_groups_hold_under_transforms():
    seen = []

    def f(x):
        with gg.group("inside"):
            y = x * x
        seen.append(y.group.name)
        return y

    with gg.group("outside"):
        assert gg.grad(gg.grad(f))(3.0) == 2.0
    assert set(seen) == {"inside"}


@pytest.mark.parametrize("name", [None, 3, b"bytes", ["a"]])
def test_a_groups_name_is_text(name):
    with pytest.raises(TypeError, match="name must be a string"):
        gg.group(name)


# Anomalies


def test_the_first_node_its_operands_and_its_line_are_named():
    x, w = Scalar(0.0, label="x"), Scalar(2.0, label="w")
    with gg.detect_anomaly():
        before = x * w
        y, line = before.sqrt(), here()
        y.label = "root"
        loss = (y * 3.0 + w).exp()
        with pytest.raises(AnomalyError, match="gradient becomes inf") as caught:
            loss.backward()
    message = str(caught.value)
    assert caught.value.node is y
    assert y.source == line
    for part in ("sqrt", line, "'root'", "operand 0"):
        assert part in message, (part, message)
    assert (x.grad, w.grad) == (0.0, 0.0)


def test_a_nan_is_found_where_it_arises():
    x = Scalar(0.0, label="x")
    with gg.detect_anomaly():
        root = gg.sqrt(x)
        product = root * 0.0  # 0 times the infinite slope of the root
        with pytest.raises(AnomalyError, match=r"becomes nan at sqrt\(x=0\.0\)") as caught:
            (product + x).backward()
    assert caught.value.node is root


@pytest.mark.parametrize("f", [lambda x: abs(x) ** 2, lambda x: gg.hypot(x, 0.0) ** 2, lambda x: gg.norm([x]) ** 2])
def test_a_second_derivative_at_a_kink_is_named(f):
    x = Scalar(0.0, label="x")
    with gg.detect_anomaly():
        slope = gg.grad(f)(x)
        with pytest.raises(AnomalyError, match=r"becomes nan at abs_slope\(.*has a kink where x == 0") as caught:
            slope.backward()
    assert f"{__file__}:{f.__code__.co_firstlineno}:" in str(caught.value)
    assert x.grad == 0.0


def test_the_first_value_that_is_not_finite_is_named():
    x = Scalar(1000.0, label="x")
    with gg.detect_anomaly():
        big, line = gg.exp(x), here()
        with pytest.raises(AnomalyError, match="first value that is not finite is inf") as caught:
            (big * 2.0).backward()
    assert line in str(caught.value)
    assert caught.value.node is big


def test_nodes_made_before_have_no_line():
    y = gg.sqrt(Scalar(0.0, label="x"))
    with gg.detect_anomaly(), pytest.raises(AnomalyError, match="a line outside detect_anomaly"):
        y.backward()
    assert y.source is None


def test_what_is_finite_passes_with_the_usual_gradients():
    def build():
        x, y = gg.scalars(1.5, -0.5)
        return (x, y), gg.maximum(x * y, y) + gg.tanh(x) ** 2 / (1 + y * y) + gg.where(True, x, y)

    with gg.detect_anomaly():
        nodes, loss = build()
        loss.backward()
        assert loss.source is not None
    plain, other = build()
    other.backward()
    assert [x.grad for x in nodes] == [x.grad for x in plain]
    assert other.source is None


def test_a_gradient_that_was_infinite_before_is_no_news():
    x, y = Scalar(2.0), Scalar(3.0)
    x.grad = math.inf
    with gg.detect_anomaly():
        (x * y).backward()
    assert y.grad == 2.0
    assert x.grad == math.inf


def test_outside_the_block_nothing_is_watched():
    x = Scalar(0.0)
    with gg.detect_anomaly():
        pass
    gg.sqrt(x).backward()
    assert x.grad == math.inf


def test_the_block_ends_with_its_exception():
    with pytest.raises(KeyError), gg.detect_anomaly():
        raise KeyError
    x = Scalar(0.0)
    y = gg.sqrt(x)
    y.backward()
    assert y.source is None


def test_blocks_nest():
    x = Scalar(0.0)
    with gg.detect_anomaly():
        with gg.detect_anomaly():
            y = gg.sqrt(x)
        with pytest.raises(AnomalyError):
            y.backward()
        z = x * 2.0
    assert y.source is not None
    assert z.source is not None
    assert (x * 2.0).source is None


def test_the_line_is_known_together_with_label_and_group():
    with gg.detect_anomaly(), gg.group("g") as g:
        x = Scalar(1.0, label="x")
        y, line = x + 1.0, here()
        y.label = "y"
    assert (y.label, y.group, y.source) == ("y", g, line)
    assert x.group is g


def test_lines_inside_functions_of_ours_are_the_callers():
    with gg.detect_anomaly():
        y, line = gg.sigmoid(Scalar(1.0)), here()
    assert {node.source for node in gg.graph.topological(y) if node.op} == {line}


def test_under_a_transform_lines_are_known_too():
    lines = []

    def f(x):
        y = x * x
        lines.append(y.source)
        return y

    with gg.detect_anomaly():
        assert gg.grad(f)(3.0) == 6.0
    assert lines[0].startswith(__file__)
    assert gg.grad(f)(3.0) == 6.0
    assert lines[1] is None


def test_another_threads_nodes_get_no_lines():
    made = []
    with gg.detect_anomaly():
        thread = threading.Thread(target=lambda: made.append(Scalar(1.0) * 2.0))
        thread.start()
        thread.join()
    assert made[0].source is None


def test_a_hand_written_step_is_watched():
    x = Scalar(1.0, label="x")
    out = Scalar(2.0, (x,), "mine")
    out._backward = lambda: setattr(x, "grad", math.nan)
    with gg.detect_anomaly(), pytest.raises(AnomalyError, match="mine") as caught:
        (out * 2.0).backward()
    assert caught.value.node is out
    assert x.grad == 0.0
