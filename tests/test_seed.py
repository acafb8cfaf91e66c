"""The notebook that glassgrad grew from, cell by cell on `Scalar`, its own class definitions left out.

Its numbers follow from the chain rule by hand: with o = (a b + c) f at a = 2, b = -3, c = 10, f = -2 the gradients are
6, -4, -2 and 4; the neuron's bias makes 1 - tanh(n)^2 one half.
"""

import math

import pytest

BIAS = 6.8813735870195432


class Notebook:
    """Cells share one namespace, as in a notebook; a cell's last line is shown where it is an expression."""

    def __init__(self):
        self.names = {}
        self.run(
            "import math, matplotlib\nimport numpy as np\nmatplotlib.use('Agg')\nimport matplotlib.pyplot as plt\n"
            "from glassgrad import Scalar, draw_dot, trace"
        )

    def run(self, cell):
        *lines, last = cell.strip().split("\n")
        try:
            code = compile(last, "cell", "eval")
        except SyntaxError:
            exec(compile(cell, "cell", "exec"), self.names)
            return None
        exec(compile("\n".join(lines), "cell", "exec"), self.names)
        return eval(code, self.names)

    def __getitem__(self, name):
        return self.names[name]

    def gradients(self, labels):
        return {name: self[name].grad for name in labels.split()}


@pytest.fixture
def cells():
    notebook = Notebook()
    yield notebook
    notebook.run("plt.close('all')")


EXPRESSION = """
a = Scalar(2.0, label='a')
b = Scalar(-3.0, label='b')
c = Scalar(10.0, label='c')
d = a*b; d.label = 'd'
e = d+c; e.label = 'e'
f = Scalar(-2.0, label='f')
o = e*f; o.label = 'o'
o"""

NEURON = """
# inputs
x1 = Scalar(2.0, label='x1')
x2 = Scalar(0.0, label='x2')

# weights
w1 = Scalar(-3.0, label='w1')
w2 = Scalar(1.0, label='w2')

# bias
b = Scalar(6.8813735870195432, label='b')

x1w1 = x1*w1; x1w1.label = 'x1w1'
x2w2 = x2*w2; x2w2.label = 'x2w2'
x1w1x2w2 = x1w1 + x2w2; x1w1x2w2.label = '(x1*w1 + x2*w2)'
n = x1w1x2w2 + b; n.label = 'n'
o = n.tanh(); o.label = 'o'
"""

TWICE = """
a = Scalar(-2.0, label='a')
b = Scalar(3.0, label='b')
d = a*b; d.label='d'
e = a+b; e.label='e'
o = d*e; o.label='f'
o.backward()
draw_dot(o, show_backprop=False)"""


def test_what_is_a_derivative(cells):
    cells.run("def f(x):\n  return 3*x**2 - 4*x + 5")
    cells.run("xs  = np.arange(-5, 5, 0.25)\nys = f(xs)")
    cells.run("fig, ax = plt.subplots(1,1,figsize=(5, 4))\nax.plot(xs, ys)")
    cells.run("h = 0.000001")
    for x, slope in [("3.0", 14.0), ("-3.0", -22.0), ("-3.0", -22.0), ("2/3", 0.0)]:
        assert cells.run(f"x = {x}\n(f(x + h) - f(x)) / h") == pytest.approx(slope, abs=1e-4)
    assert cells.run("f(Scalar(3.0))").data == 20.0  # the very function runs on nodes
    assert [y.data for y in cells.run("f(np.array([Scalar(x) for x in xs]))")] == pytest.approx(list(cells["ys"]))


def test_partial_derivatives_with_multiple_variables(cells, capsys):
    cells.run("h = 0.000001")
    cells.run("""
a = 2.0
b = -3.0
c = 10.0
d1 = a*b + c

c += h
d2 = a*b + c

print(f'{d1 = }')
print(f'{d2 = }')
print(f'{(d2-d1)/h = }')""")
    printed = capsys.readouterr().out.split("\n")
    assert printed[0] == "d1 = 4.0"
    assert printed[2] == "(d2-d1)/h = 0.9999999992515995"
    cells.run("a, b, c = Scalar(2.0), Scalar(-3.0), Scalar(10.0)\nd1 = a*b + c\nc += h\nd2 = a*b + c")
    assert cells.run("((d2-d1)/h).data") == pytest.approx(1.0)


def test_forward_pass(cells):
    assert repr(cells.run(EXPRESSION)) == "o|-8.000|0.000"
    source = cells.run("draw_dot(o)").source
    for record in ("{a|2.000}", "{b|-3.000}", "{c|10.000}", "{d|-6.000}", "{e|4.000}", "{f|-2.000}", "{o|-8.000}"):
        assert record in source
    assert "red" not in source
    assert "blue" not in source


def test_backward_pass_by_hand(cells, capsys):
    assert repr(cells.run(EXPRESSION)) == "o|-8.000|0.000"
    cells.run("draw_dot(o)")
    cells.run("o.grad = 1.0")
    cells.run("e.grad = f.data\nf.grad = e.data")
    cells.run("c.grad = e.grad * 1.0\nd.grad = e.grad * 1.0")
    cells.run("a.grad = (-2.0) * -3.0\nb.grad = (-2.0) * 2")
    by_hand = cells.gradients("a b c d e f o")
    assert by_hand == {"a": 6.0, "b": -4.0, "c": -2.0, "d": -2.0, "e": -2.0, "f": 4.0, "o": 1.0}
    assert all(cells[name].grad_updated for name in by_hand)
    source = cells.run("draw_dot(o)").source
    assert "{a|2.000}|{do/da|6.000}" in source
    assert source.count("dashed") == 6  # back along each of six edges
    assert "blue" in source
    assert "purple" in source

    nudged = cells.run("""
a.data += 0.01 * a.grad
b.data += 0.01 * b.grad
c.data += 0.01 * c.grad
f.data += 0.01 * f.grad

d = a*b; d.label = 'd'
e = d+c; e.label = 'e'
o = e*f; o.label = 'o'
o""")
    assert repr(nudged) == "o|-7.286|0.000"
    assert nudged.data == pytest.approx((2.06 * -3.04 + 9.98) * -1.96, rel=1e-15)

    cells.run("o.backward()")  # the same, by the engine, at the point moved to
    assert cells["b"].grad == pytest.approx(-4.0 + 2.06 * -1.96)

    foo = EXPRESSION.strip().removesuffix("\no")
    indented = "\n".join("  " + line for line in foo.split("\n"))
    again = indented.replace("b = Scalar(-3.0, label='b')", "b = Scalar(-3.0, label='b')\n  b.data+=h")
    body = f"  h = 0.000001\n\n{indented}\n  o1 = o.data\n\n{again}\n  o2 = o.data\n\n  print((o2-o1)/h)"
    cells.run(f"def foo():\n{body}\n\nfoo()")
    assert float(capsys.readouterr().out) == pytest.approx(-4.0, abs=1e-5)


def test_manual_backprop_with_a_neuron(cells):
    cells.run("""
fig,ax = plt.subplots(1,1,figsize=(5,4))
ax.plot(np.arange(-5,5,0.2), np.tanh(np.arange(-5,5,0.2)))
ax.grid()""")
    cells.run(NEURON.replace("'(x1*w1 + x2*w2)'", "'x1*w1 + x2*w2'"))
    assert "{x1*w1 + x2*w2|-6.000}" in cells.run("draw_dot(o)").source
    cells.run("o.grad = 1.0")
    cells.run("n.grad = 1 - o.data**2")
    cells.run("x1w1x2w2.grad = n.grad\nb.grad = n.grad")
    cells.run("x1w1.grad = x1w1x2w2.grad\nx2w2.grad = x1w1x2w2.grad")
    cells.run("""
x2.grad = w2.data * x2w2.grad
w2.grad = (x2.data * x2w2.grad)

x1.grad = w1.data * x1w1.grad
w1.grad = x1.data * x1w1.grad""")
    expected = {"x1": -1.5, "w1": 1.0, "x2": 0.5, "w2": 0.0, "b": 0.5}
    assert cells.gradients("x1 w1 x2 w2 b") == pytest.approx(expected)


def test_automatic_backprop_node_by_node(cells):
    cells.run(NEURON)
    assert cells["o"].data == pytest.approx(math.sqrt(0.5))
    cells.run("draw_dot(o)")
    cells.run("o.grad = 1.0\no._backward()")
    assert cells["n"].grad == pytest.approx(0.5)
    assert cells["b"].grad == 0.0
    cells.run("n._backward()")
    assert cells.gradients("x1w1x2w2 b") == pytest.approx({"x1w1x2w2": 0.5, "b": 0.5})
    cells.run("b._backward()")  # a leaf has nothing to do
    cells.run("x1w1x2w2._backward()")
    cells.run("x1w1._backward()\nx2w2._backward()")
    expected = {"x1": -1.5, "w1": 1.0, "x2": 0.5, "w2": 0.0, "b": 0.5}
    assert cells.gradients("x1 w1 x2 w2 b") == pytest.approx(expected)


def test_automatic_backprop_with_one_function_call(cells):
    cells.run(NEURON)
    before = cells.run("draw_dot(o, show_backprop=False)").source
    assert "{(x1*w1 + x2*w2)|-6.000}" in before
    cells.run("o.backward()")
    expected = {"x1": -1.5, "w1": 1.0, "x2": 0.5, "w2": 0.0, "b": 0.5, "n": 0.5, "o": 1.0, "x1w1": 0.5, "x2w2": 0.5}
    assert cells.gradients(" ".join(expected)) == pytest.approx(expected)


def test_the_commented_out_topological_sort_runs_too(cells):
    cells.run(NEURON)
    cells.run("""
topo = []
visited = set()
def build_topo(v):
  if v not in visited:
    visited.add(v)
    for child in v.prev:
      build_topo(child)
    topo.append(v)
build_topo(o)
print(topo)

o.grad = 1.0
for node in reversed(topo):
  node._backward()
""")
    assert len(cells["topo"]) == 10
    assert cells["topo"][-1] is cells["o"]
    assert cells.gradients("x1 w1 x2 w2 b") == pytest.approx({"x1": -1.5, "w1": 1.0, "x2": 0.5, "w2": 0.0, "b": 0.5})


def test_a_node_used_twice(cells):
    dot = cells.run("""
a = Scalar(3.0, label='a')
o = a + a; o.label = 'o'
o.backward()
draw_dot(o, show_backprop=False)""")
    assert cells["a"].grad == 2.0
    assert "{a|3.000}|{do/da|2.000}" in dot.source


def test_two_nodes_used_twice(cells):
    for _ in range(2):  # the notebook shows it before and after the cure
        dot = cells.run(TWICE)
        assert cells.gradients("a b d e o") == {"a": -3.0, "b": -8.0, "d": 1.0, "e": -6.0, "o": 1.0}
        assert "{a|-2.000}|{do/da|-3.000}" in dot.source
        assert "red" not in dot.source


def test_trace_gives_the_nodes_and_edges_of_the_drawing(cells):
    cells.run(TWICE)
    nodes, edges = cells.run("trace(o)")
    assert [node.label for node in nodes] == ["a", "b", "d", "e", "f"]
    assert [(a.label, b.label) for a, b in edges] == [
        ("a", "d"), ("b", "d"), ("a", "e"), ("b", "e"), ("d", "f"), ("e", "f"),
    ]  # fmt: skip
