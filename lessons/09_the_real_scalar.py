# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 9. Swapping in `glassgrad.Scalar`
#
# Our little class is complete. Now we put glassgrad's own `Scalar` in its place.
# It has the same constructor and the same attributes, so nothing else needs to change.
# First we make sure that every number is the same. Then we look at what the real one does better.

# %%
import math

import glassgrad as gg
import little_scalar

# %% [markdown]
# We begin with the class as lesson 8 left it. The file `little_scalar.py`, beside this notebook, keeps it.

# %%
Scalar = little_scalar.after_lesson(8)

# %% [markdown]
# ## Every number is the same
#
# These are the expressions of the lessons so far. Each is a function that takes the class to use,
# and returns all of its nodes.

# %%
def expression(Scalar):
    """Lessons 3 and 4."""
    a = Scalar(2.0, label="a")
    b = Scalar(-3.0, label="b")
    c = Scalar(10.0, label="c")
    d = a * b; d.label = "d"
    e = d + c; e.label = "e"
    f = Scalar(-2.0, label="f")
    o = e * f; o.label = "o"
    return a, b, c, d, e, f, o


def neuron(Scalar):
    """Lessons 5, 6 and 7."""
    x1 = Scalar(2.0, label="x1")
    x2 = Scalar(0.0, label="x2")
    w1 = Scalar(-3.0, label="w1")
    w2 = Scalar(1.0, label="w2")
    b = Scalar(6.8813735870195432, label="b")
    x1w1 = x1 * w1; x1w1.label = "x1w1"
    x2w2 = x2 * w2; x2w2.label = "x2w2"
    x1w1x2w2 = x1w1 + x2w2; x1w1x2w2.label = "(x1*w1 + x2*w2)"
    n = x1w1x2w2 + b; n.label = "n"
    o = n.tanh(); o.label = "o"
    return x1, x2, w1, w2, b, x1w1, x2w2, x1w1x2w2, n, o


def twice(Scalar):
    """Lesson 8: a node used twice by one operation."""
    a = Scalar(3.0, label="a")
    o = a + a; o.label = "o"
    return a, o


def diamond(Scalar):
    """Lesson 8: nodes used in two places."""
    a = Scalar(-2.0, label="a")
    b = Scalar(3.0, label="b")
    d = a * b; d.label = "d"
    e = a + b; e.label = "e"
    o = d * e; o.label = "o"
    return a, b, d, e, o


def shortcut(Scalar):
    """Lesson 8: a node used at two distances from the output."""
    a = Scalar(2.0, label="a")
    b = Scalar(-3.0, label="b")
    c = Scalar(10.0, label="c")
    d = a * b; d.label = "d"
    e = d * c; e.label = "e"
    o = d + e; o.label = "o"
    return a, b, c, d, e, o

# %% [markdown]
# We run each with both classes and compare node by node: value and gradient.

# %%
for build in (expression, neuron, twice, diamond, shortcut):
    ours, glass = build(Scalar), build(gg.Scalar)
    ours[-1].backward()                         # the output is the last one
    glass[-1].backward()
    print(f"{build.__name__}:")
    for mine, theirs in zip(ours, glass, strict=True):
        print(f"    {mine!r:32} {theirs!r}")
        assert repr(mine) == repr(theirs)
        assert math.isclose(mine.data, theirs.data, rel_tol=1e-15)
        assert math.isclose(mine.grad, theirs.grad, rel_tol=1e-15)

# %% [markdown]
# They agree to the last digits of a float.
#
# ## Swap it in
#
# One line.

# %%
from glassgrad import Scalar

# %% [markdown]
# From here on, `Scalar` is glassgrad's. Everything we did with ours still works. The neuron, by hand:

# %%
x1, x2, w1, w2, b, x1w1, x2w2, x1w1x2w2, n, o = neuron(Scalar)

o.grad = 1.0
n.grad = 1 - o.data**2
x1w1x2w2.grad = n.grad
b.grad = n.grad
x1w1.grad = x1w1x2w2.grad
x2w2.grad = x1w1x2w2.grad
x2.grad = w2.data * x2w2.grad
w2.grad = x2.data * x2w2.grad
x1.grad = w1.data * x1w1.grad
w1.grad = x1.data * x1w1.grad

by_hand = [leaf.grad for leaf in (x1, x2, w1, w2, b)]
by_hand

# %% [markdown]
# Step by step:

# %%
x1, x2, w1, w2, b, x1w1, x2w2, x1w1x2w2, n, o = neuron(Scalar)

o.grad = 1.0
for node in (o, n, x1w1x2w2, x1w1, x2w2):
    node._backward()

by_steps = [leaf.grad for leaf in (x1, x2, w1, w2, b)]
by_steps

# %% [markdown]
# And with one call:

# %%
x1, x2, w1, w2, b, x1w1, x2w2, x1w1x2w2, n, o = neuron(Scalar)

o.backward()
gg.draw_dot(o)

# %%
by_call = [leaf.grad for leaf in (x1, x2, w1, w2, b)]
for one, two, three, expected in zip(by_hand, by_steps, by_call, (-1.5, 0.5, 1.0, 0.0, 0.5), strict=True):
    assert math.isclose(one, expected, rel_tol=1e-14)
    assert math.isclose(two, expected, rel_tol=1e-14)
    assert math.isclose(three, expected, rel_tol=1e-14)

# %% [markdown]
# ## What it does better
#
# ### It takes plain numbers, and knows many more operations
#
# With our class, `a + 1` was an error: a plain `1` has no `.data`. Now numbers may stand on either side.

# %%
x = Scalar(2.0, label="x")
y = 3 * x**2 - 4 * x + 5; y.label = "y"         # the parabola of lesson 1
y.backward()
y, x

# %% [markdown]
# At `x = 2` the parabola's slope is 6x − 4 = 8, and `x.grad` agrees.

# %%
assert (y.data, x.grad) == (9.0, 8.0)

# %% [markdown]
# ### Its `tanh` does not overflow
#
# Ours broke at 355 (lesson 5).

# %%
Scalar(400.0).tanh()

# %%
assert Scalar(400.0).tanh().data == 1.0
assert Scalar(-400.0).tanh().data == -1.0

# %% [markdown]
# ### Depth is no limit
#
# Ours called itself, and broke at a depth of about 1000 (the exercise in lesson 7).

# %%
x = total = Scalar(0.0)
for _ in range(100_000):
    total = total + 1.0
total.backward()
total.data, x.grad

# %%
assert (total.data, x.grad) == (100_000.0, 1.0)

# %% [markdown]
# ### `backward()` twice, and `zero_grad()`
#
# As in lesson 8, inner nodes start from 0 each time, and leaves add up until they are cleared.

# %%
a, b, d, e, o = diamond(Scalar)
o.backward()
print("once: ", a.grad, b.grad)
o.backward()
print("twice:", a.grad, b.grad)
o.zero_grad()
o.backward()
print("after zero_grad:", a.grad, b.grad)

# %%
assert (a.grad, b.grad) == (-3.0, -8.0)

# %% [markdown]
# ### It can run forward again
#
# In lesson 4 we changed the leaves and then typed the whole expression again.
# A graph knows how it was computed, so `forward()` does that for us.

# %%
a, b, c, d, e, f, o = expression(Scalar)
o.backward()
for leaf in (a, b, c, f):
    leaf.data += 0.01 * leaf.grad
o.forward()

# %%
assert math.isclose(o.data, -7.286496)

# %% [markdown]
# ### It tells you what is wrong

# %%
try:
    Scalar(-1.0, label="price").log()
except ValueError as error:
    print(error)

# %% [markdown]
# ### It nudges for you
#
# `gg.check_grad` computes each derivative both ways, by backpropagation and by nudging, and compares.

# %%
def tiny_neuron(x1, x2, w1, w2, b):
    return gg.tanh(x1 * w1 + x2 * w2 + b)


report = gg.check_grad(tiny_neuron, 2.0, 0.0, -3.0, 1.0, 6.8813735870195432)
print(report)
assert report.ok

# %% [markdown]
# ### It draws more
#
# `gg.draw` writes the local derivative on each edge and shows the gradient as colour.
# A `gg.group` puts a frame around the nodes made inside it.

# %%
x1, x2 = Scalar(2.0, label="x1"), Scalar(0.0, label="x2")
with gg.group("neuron"):
    w1, w2 = Scalar(-3.0, label="w1"), Scalar(1.0, label="w2")
    b = Scalar(6.8813735870195432, label="b")
    o = (x1 * w1 + x2 * w2 + b).tanh(); o.label = "o"
o.backward()
gg.draw(o)

# %% [markdown]
# Follow any path from `o` to a leaf and multiply the numbers on its edges: you get that leaf's gradient.
# That is the chain rule in a picture.

# %%
local_tanh, = o.local_partials()
assert math.isclose(local_tanh * 1.0 * 1.0 * x1.data, w1.grad)

# %% [markdown]
# ## What to remember
#
# - `glassgrad.Scalar` is our little class, with the same names and the same numbers.
# - It takes numbers on either side, its `tanh` does not overflow, and graphs may be deep.
# - `gg.check_grad` checks its derivatives by nudging.
#
# ## Exercise
#
# We made `tanh` one operation. Now take it apart. Write the neuron's output as
#
# $$o = \frac{E - 1}{E + 1}, \qquad E = e^{2n}$$
#
# with the operators of `Scalar` and its `.exp()`. The graph gets larger. Do the gradients of the leaves
# change?

# %% tags=["exercise"]
# Your answer here.

# %% [markdown] tags=["solution"]
# <details>
# <summary><b>A solution</b> (click to open; copy it into the cell above to run it)</summary>
#
# ```python
# x1, x2, w1, w2, b, x1w1, x2w2, x1w1x2w2, n, _ = neuron(Scalar)
# E = (2 * n).exp(); E.label = "E"
# o = (E - 1) / (E + 1); o.label = "o"            # E is used twice, so this needs the += of lesson 8
# o.backward()
#
# # The same gradients, apart from the last digit or two: a function may be cut into operations in any way.
# for leaf, expected in zip((x1, x2, w1, w2, b), (-1.5, 0.5, 1.0, 0.0, 0.5), strict=True):
#     assert math.isclose(leaf.grad, expected, rel_tol=1e-14)
# gg.draw_dot(o, show_backprop=False)
# ```
#
# </details>

# %% [markdown]
# **Next:** lesson 10. From one neuron to a small network that learns.
