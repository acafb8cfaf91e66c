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
# # 8. The accumulation bug, and its cure
#
# Our `backward()` works on the neuron. But in the neuron every node is used *once*.
# Let us use one twice.

# %%
import math

import glassgrad as gg
import little_scalar

# %% [markdown]
# We begin with the class as lesson 7 left it. The file `little_scalar.py`, beside this notebook, keeps it.

# %%
Scalar = little_scalar.after_lesson(7)

# %% [markdown]
# ## The bug, in its smallest form

# %%
a = Scalar(3.0, label="a")
o = a + a; o.label = "o"
o.backward()
gg.draw_dot(o, show_backprop=False)

# %% [markdown]
# `a + a` is `2a`, so its derivative is 2. The nudge says so too. Our class says 1.

# %%
print("nudge:    ", round(gg.derivative(lambda a: a + a, 3.0), 6))
print("our class:", a.grad)

# %%
assert math.isclose(gg.derivative(lambda a: a + a, 3.0), 2.0, rel_tol=1e-12)
assert a.grad == 1.0

# %% [markdown]
# What happened? In `a + a`, `self` and `other` are *the same object*. So the step of `+` did this:
#
# ```python
# a.grad = 1.0 * out.grad      # from the left side
# a.grad = 1.0 * out.grad      # from the right side: overwrites the first
# ```
#
# ## The bug, in a larger form
#
# It also strikes when a node is used in two different places.

# %%
a = Scalar(-2.0, label="a")
b = Scalar(3.0, label="b")
d = a * b; d.label = "d"
e = a + b; e.label = "e"
o = d * e; o.label = "o"
o.backward()
gg.draw_dot(o, show_backprop=False)

# %%
def diamond(a, b):
    return (a * b) * (a + b)


print("nudge:    ", [round(slope, 6) for slope in gg.partials(diamond, -2.0, 3.0)])
print("our class:", [a.grad, b.grad])

# %%
for slope, exact in zip(gg.partials(diamond, -2.0, 3.0), (-3.0, -8.0), strict=True):
    assert math.isclose(slope, exact, abs_tol=1e-6)
assert (a.grad, b.grad) == (3.0, -2.0)

# %% [markdown]
# `e` ran first and set `a.grad = -6`. Then `d` ran, and overwrote it with 3.
# The −6 from `e` was lost. How do the two belong together? Look: −6 + 3 = −3, and that is the
# nudge's answer.
#
# ## Why add?
#
# Nudge `a` a little. The nudge reaches the output on two paths, one through `d` and one through `e`.
# Along each path we multiply the slopes. Both moves happen at once, so they **add up**:
#
# $$\frac{\partial o}{\partial a} =
# \underbrace{\frac{\partial o}{\partial d} \frac{\partial d}{\partial a}}_{1 \,\cdot\, 3} +
# \underbrace{\frac{\partial o}{\partial e} \frac{\partial e}{\partial a}}_{-6 \,\cdot\, 1} = -3$$
#
# This is the chain rule for several variables: *multiply along a path, add over the paths*.
#
# ## The cure
#
# It takes one more character: `+=` instead of `=`. Gradients start at 0, and everything that arrives is *added*.

# %%
def __add__(self, other):
    out = Scalar(self.data + other.data, (self, other), "+")

    def _backward():
        self.grad += 1.0 * out.grad  # new
        other.grad += 1.0 * out.grad  # new

    out._backward = _backward
    return out


def __mul__(self, other):
    out = Scalar(self.data * other.data, (self, other), "*")

    def _backward():
        self.grad += other.data * out.grad  # new
        other.grad += self.data * out.grad  # new

    out._backward = _backward
    return out


def tanh(self):
    n = self.data
    t = (math.exp(2 * n) - 1) / (math.exp(2 * n) + 1)
    out = Scalar(t, (self,), "tanh")

    def _backward():
        self.grad += (1 - t**2) * out.grad  # new

    out._backward = _backward
    return out


Scalar.__add__ = __add__
Scalar.__mul__ = __mul__
Scalar.tanh = tanh

# %%
a = Scalar(3.0, label="a")
o = a + a; o.label = "o"
o.backward()
gg.draw_dot(o, show_backprop=False)

# %%
assert a.grad == 2.0

# %%
a = Scalar(-2.0, label="a")
b = Scalar(3.0, label="b")
d = a * b; d.label = "d"
e = a + b; e.label = "e"
o = d * e; o.label = "o"
o.backward()
gg.draw_dot(o, show_backprop=False)

# %%
assert (a.grad, b.grad) == (-3.0, -8.0)

# %% [markdown]
# Both are right now.
#
# The player can make the mistake for you: open its panel *Bug lab* and switch on `= instead of +=`. It marks the
# first node that goes wrong, with the right gradient beside it. Then select `a`, and open *Paths*:
# every path to the output, the product along each, and their sum.

# %%
gg.play(o)

# %% [markdown]
# ## Now the order matters even more
#
# Lesson 7 said: a node may run only when its gradient is *complete*. Now we see why the word matters.
# A node that is used twice gets its gradient in two parts, and must wait for both.
#
# Here `d` is used by `o` directly, and once more by `e`:

# %%
def shortcut():
    a = Scalar(2.0, label="a")
    b = Scalar(-3.0, label="b")
    c = Scalar(10.0, label="c")
    d = a * b; d.label = "d"
    e = d * c; e.label = "e"
    o = d + e; o.label = "o"
    return a, d, e, o


a, d, e, o = shortcut()
o.backward()
gg.draw_dot(o, show_backprop=False)

# %% [markdown]
# In numbers: $o = d + 10d = 11d$ and $d = -3a$, so $\partial o / \partial a = -33$. Topological order
# gets it right.

# %%
assert d.grad == 11.0
assert a.grad == -33.0
assert math.isclose(gg.partials(lambda a, b, c: a * b + a * b * c, 2.0, -3.0, 10.0)[0], -33.0, abs_tol=1e-5)

# %% [markdown]
# Here are two orders that many people try first.
#
# **Ring by ring:** the output, then its operands, then theirs.
# `d` is an operand of `o`, so its turn comes in the first ring, *before* `e` has sent its part.

# %%
a, d, e, o = shortcut()
o.grad = 1.0
for node in (o, d, e):
    node._backward()
    print(f"after {node.label} has run:   d.grad = {d.grad:4.0f}   a.grad = {a.grad:4.0f}")
gg.draw_dot(o, show_backprop=False)

# %% [markdown]
# In the end `d` has the right gradient, 11. But when it ran, it had only 1, and passed on 1 × −3. So `a` ends up
# with −3. **`d` ran too early.**

# %%
assert (d.grad, a.grad) == (11.0, -3.0)

# %% [markdown]
# **Recursion right away:** run a node's step, then do the same for each of its operands.
# Now `d` is run twice: once when `o` calls it, and again when `e` calls it.

# %%
def run_and_descend(node):
    node._backward()
    for child in node.prev:
        run_and_descend(child)


a, d, e, o = shortcut()
o.grad = 1.0
run_and_descend(o)
print(f"d.grad = {d.grad:.0f}   a.grad = {a.grad:.0f}")

# %% [markdown]
# `d` passed on its first part, 1, and later the whole, 11, which includes that 1. So `a` got
# −3 × (1 + 11) = −36. **`d` ran once too often.**

# %%
assert (d.grad, a.grad) == (11.0, -36.0)

# %% [markdown]
# A topological order avoids both mistakes: each node runs once, and not before its gradient is complete.
#
# ## `backward()` twice
#
# `+=` has a price. Gradients stay until someone clears them. Let us call `backward()` a second time.

# %%
a = Scalar(-2.0, label="a")
b = Scalar(3.0, label="b")
d = a * b; d.label = "d"
e = a + b; e.label = "e"
o = d * e; o.label = "o"

o.backward()
print("after one call: ", a.grad, b.grad)
o.backward()
print("after two calls:", a.grad, b.grad)

# %% [markdown]
# The gradients are three times as large as before, not twice!
# The first call left gradients in the *inner* nodes `d` and `e`. The second call added to them,
# so `d` and `e` held twice their gradient when they passed it on. On a deeper graph it would be worse still.

# %%
assert (a.grad, b.grad) == (3 * -3.0, 3 * -8.0)

# %% [markdown]
# Two cures, for two kinds of nodes:
#
# - **Inner nodes** must not keep anything from one call to the next.
#   So `backward()` sets their gradients to 0 before it begins.
# - **Leaves** keep adding up, on purpose. You may want the gradient of several outputs together
#   (the loss of many examples, say). To start again from 0, call `zero_grad()`.
#
# PyTorch does the same, and so does glassgrad.

# %%
def topological(self):  # new
    topo = []
    visited = set()

    def build_topo(v):
        if v not in visited:
            visited.add(v)
            for child in v.prev:
                build_topo(child)
            topo.append(v)

    build_topo(self)
    return topo  # new


def zero_grad(self):  # new
    for node in self.topological():  # new
        node.grad = 0.0  # new


def backward(self):
    topo = self.topological()  # new
    for node in topo:  # new
        if node.prev:  # new
            node.grad = 0.0  # new
    self.grad = 1.0
    for node in reversed(topo):
        node._backward()


Scalar.topological = topological  # new
Scalar.zero_grad = zero_grad  # new
Scalar.backward = backward

# %%
a = Scalar(-2.0, label="a")
b = Scalar(3.0, label="b")
d = a * b; d.label = "d"
e = a + b; e.label = "e"
o = d * e; o.label = "o"

o.backward()
print("after one call:             ", a.grad, b.grad)
o.backward()
print("after two calls:            ", a.grad, b.grad)
o.zero_grad()
o.backward()
print("after zero_grad and one call:", a.grad, b.grad)

# %%
assert (a.grad, b.grad) == (-3.0, -8.0)
o.backward()
assert (a.grad, b.grad) == (-6.0, -16.0)

# %% [markdown]
# After one call the gradients are right. After two calls the leaves have them twice, as promised. After `zero_grad()`
# they are right again.
#
# The little class is complete. It fits on a page, and it is a full automatic differentiation engine.
#
# <details>
# <summary><b>The whole class on one page</b> (click to open)</summary>
#
# ```python
# class Scalar:
#     """A single number and what we know about it."""
#
#     def __init__(self, data, children=(), op="", label="unk"):
#         self.data = data
#         self._grad = 0.0
#         self.grad_updated = False
#         self._backward = lambda: None
#         self.prev = tuple(children)
#         self.op = op
#         self.label = label
#
#     @property
#     def grad(self):
#         return self._grad
#
#     @grad.setter
#     def grad(self, val):
#         self.grad_updated = True
#         self._grad = val
#
#     def __add__(self, other):
#         out = Scalar(self.data + other.data, (self, other), "+")
#
#         def _backward():
#             self.grad += 1.0 * out.grad
#             other.grad += 1.0 * out.grad
#
#         out._backward = _backward
#         return out
#
#     def __mul__(self, other):
#         out = Scalar(self.data * other.data, (self, other), "*")
#
#         def _backward():
#             self.grad += other.data * out.grad
#             other.grad += self.data * out.grad
#
#         out._backward = _backward
#         return out
#
#     def tanh(self):
#         n = self.data
#         t = (math.exp(2 * n) - 1) / (math.exp(2 * n) + 1)
#         out = Scalar(t, (self,), "tanh")
#
#         def _backward():
#             self.grad += (1 - t**2) * out.grad
#
#         out._backward = _backward
#         return out
#
#     def topological(self):
#         topo = []
#         visited = set()
#
#         def build_topo(v):
#             if v not in visited:
#                 visited.add(v)
#                 for child in v.prev:
#                     build_topo(child)
#                 topo.append(v)
#
#         build_topo(self)
#         return topo
#
#     def zero_grad(self):
#         for node in self.topological():
#             node.grad = 0.0
#
#     def backward(self):
#         topo = self.topological()
#         for node in topo:
#             if node.prev:
#                 node.grad = 0.0
#         self.grad = 1.0
#         for node in reversed(topo):
#             node._backward()
#
#     def __repr__(self):
#         return f"{self.label}|{self.data:0.3f}|{self.grad:0.3f}"
# ```
#
# </details>
#
# ## What to remember
#
# - Multiply along a path, add over the paths. That is why it must be `+=`.
# - A node must wait until all parts of its gradient have arrived, and then pass it on once.
# - `backward()` clears inner nodes; leaves add up until `zero_grad()`.
#
# ## Exercise
#
# We look for the `x` that makes `loss = (x + b) * (x + b)` as small as possible, with `b = -3` held fixed.
# (You can see the answer. The computer cannot.)
#
# Start at `x = 0`. Repeat 30 times: compute the loss, call `backward()`, then `x.data -= 0.1 * x.grad`.
# Do it once with `x.grad = 0.0` before each `backward()`, and once without. What happens, and why?

# %% tags=["exercise"]
# Your answer here.

# %% [markdown] tags=["solution"]
# <details>
# <summary><b>A solution</b> (click to open; copy it into the cell above to run it)</summary>
#
# ```python
# def descend(clear):
#     x, b = Scalar(0.0, label="x"), Scalar(-3.0, label="b")
#     path = [x.data]
#     for _ in range(30):
#         distance = x + b
#         loss = distance * distance              # the same node twice: += at work
#         if clear:
#             x.grad = 0.0
#         loss.backward()
#         x.data -= 0.1 * x.grad
#         path.append(x.data)
#     return path
#
#
# cleared, kept = descend(clear=True), descend(clear=False)
# print("cleared:    ", [round(x, 2) for x in cleared[::6]])
# print("not cleared:", [round(x, 2) for x in kept[::6]])
#
# # If the gradient is cleared, x goes to 3 and stays there. If not, each step still contains all the gradients
# # before it: x overshoots 3, turns back, overshoots again, and never settles.
# assert math.isclose(cleared[-1], 3.0, abs_tol=0.01)
# assert max(kept) > 5.0
# assert min(kept[10:]) < 1.0
# ```
#
# </details>

# %% [markdown]
# **Next:** lesson 9. The same class, grown up.
