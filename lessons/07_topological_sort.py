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
# # 7. Automatic backprop with one call: topological sort
#
# In lesson 6 we called the steps ourselves: first `o`, then `n`, then the sum, then the products.
# Now the computer should choose the order. We will see what goes wrong with a bad order,
# find the rule for a good one, and put it all into one method: `backward()`.

# %%
import math

import matplotlib.pyplot as plt

import glassgrad as gg
import little_scalar

# %% [markdown]
# We begin with the class as lesson 6 left it. The file `little_scalar.py`, beside this notebook, keeps it.

# %%
Scalar = little_scalar.after_lesson(6)

# %% [markdown]
# And with the same neuron.

# %%
# inputs
x1 = Scalar(2.0, label="x1")
x2 = Scalar(0.0, label="x2")

# weights
w1 = Scalar(-3.0, label="w1")
w2 = Scalar(1.0, label="w2")

# bias
b = Scalar(6.8813735870195432, label="b")

x1w1 = x1 * w1; x1w1.label = "x1w1"
x2w2 = x2 * w2; x2w2.label = "x2w2"
x1w1x2w2 = x1w1 + x2w2; x1w1x2w2.label = "(x1*w1 + x2*w2)"
n = x1w1x2w2 + b; n.label = "n"
o = n.tanh(); o.label = "o"

# %% [markdown]
# ## A bad order
#
# What if we run the steps in the order in which we computed the values, products first?

# %%
o.grad = 1.0
for node in (x1w1, x2w2, x1w1x2w2, n, o):
    node._backward()

gg.draw_dot(o)

# %% [markdown]
# Look at the picture: `n` has its 0.5, and all nodes to its left have 0. Why?
# When `x1w1` ran its step, its own gradient was still 0, so it passed on 0.
# `n` got the right number at the very end, when it was too late to pass it on.
#
# There was no error and no warning, just wrong numbers.

# %%
assert math.isclose(n.grad, 0.5)
assert x1.grad == w1.grad == x2.grad == w2.grad == b.grad == 0.0

# %% [markdown]
# So the rule is:
#
# > **A node may run its step only when its own gradient is complete.**
# > It is complete when every node that *uses* it has run.
#
# In the drawing: follow the arrows from a node to the right. Every node that you can reach must run
# before it.
#
# ## Line them up
#
# Turn the rule around. Put all nodes in a line so that **every node comes after its operands**.
# Such a line is called a *topological order*. If we go through it from the back,
# every node comes *before* its operands. That is just what we need.
#
# The recipe is short. To put a node into the line:
#
# 1. if it has been visited before, do nothing;
# 2. otherwise first put in its operands (by the same recipe);
# 3. then the node itself.
#
# This cannot go wrong, because a node enters the line only after all its operands.

# %%
topo = []
visited = set()


def build_topo(v):
    if v not in visited:
        visited.add(v)
        for child in v.prev:
            build_topo(child)
        topo.append(v)


build_topo(o)
print([node.label for node in topo])

# %%
for node in topo:
    for child in node.prev:
        assert topo.index(child) < topo.index(node)
assert len(topo) == 10
assert topo[-1] is o

# %% [markdown]
# Here is the line as a picture. Every arrow goes from an operand to its result, and **every arrow points
# right**.

# %% jupyter={"source_hidden": true} tags=["hide-input"]
arrow = {"arrowstyle": "->", "connectionstyle": "arc3,rad=-0.45", "color": "tab:blue", "shrinkB": 6}
fig, ax = plt.subplots(figsize=(9, 2.4))
for place, node in enumerate(topo):
    name = node.label.replace(" ", "\n")
    ax.annotate(name, (place, 0), ha="center", va="top", xytext=(0, -12), textcoords="offset points")
    for child in node.prev:
        ax.annotate("", (place, 0), xytext=(topo.index(child), 0), arrowprops=arrow)
ax.plot(range(len(topo)), [0] * len(topo), "o", color="black")
ax.set_xlim(-0.7, len(topo) - 0.3)
ax.set_ylim(-1.1, 1.4)
ax.axis("off")
plt.show()

# %% [markdown]
# (There is more than one such line: `b` could stand anywhere before `n`. They all give the same gradients.)
#
# Now run the steps from right to left.

# %%
o.grad = 1.0
for node in reversed(topo):
    node._backward()

o, n, x1, w1, x2, w2, b

# %%
for leaf, by_hand in zip((x1, x2, w1, w2, b), (-1.5, 0.5, 1.0, 0.0, 0.5), strict=True):
    assert math.isclose(leaf.grad, by_hand, abs_tol=1e-12)

# %% [markdown]
# ## One call
#
# These lines become a method. The 1 at the output goes in as well, so nobody can forget it.

# %%
def backward(self):  # new
    topo = []  # new
    visited = set()  # new

    def build_topo(v):  # new
        if v not in visited:  # new
            visited.add(v)  # new
            for child in v.prev:  # new
                build_topo(child)  # new
            topo.append(v)  # new

    build_topo(self)  # new
    self.grad = 1.0  # new
    for node in reversed(topo):  # new
        node._backward()  # new


Scalar.backward = backward  # new

# %%
# inputs
x1 = Scalar(2.0, label="x1")
x2 = Scalar(0.0, label="x2")

# weights
w1 = Scalar(-3.0, label="w1")
w2 = Scalar(1.0, label="w2")

# bias
b = Scalar(6.8813735870195432, label="b")

x1w1 = x1 * w1; x1w1.label = "x1w1"
x2w2 = x2 * w2; x2w2.label = "x2w2"
x1w1x2w2 = x1w1 + x2w2; x1w1x2w2.label = "(x1*w1 + x2*w2)"
n = x1w1x2w2 + b; n.label = "n"
o = n.tanh(); o.label = "o"

# %% [markdown]
# Before: values only. (`show_backprop=False` leaves the red arrows out.)

# %%
gg.draw_dot(o, show_backprop=False)

# %% [markdown]
# One call,

# %%
o.backward()

# %% [markdown]
# and every gradient is there.

# %%
gg.draw_dot(o, show_backprop=False)

# %%
for leaf, by_hand in zip((x1, x2, w1, w2, b), (-1.5, 0.5, 1.0, 0.0, 0.5), strict=True):
    assert math.isclose(leaf.grad, by_hand, abs_tol=1e-12)

# %% [markdown]
# In the player you can watch the order: press → for each step. The first half of the steps goes from the leaves to `o`,
# the second half goes back. No node has its turn before all the nodes that use it.

# %%
gg.play(o)

# %% [markdown]
# This is backpropagation. The same few lines work for any expression made of `+`, `*` and `tanh`…
#
# …or almost. It has a famous bug. Can you see it? It has to do with the `=` in `self.grad
# = …`. The next lesson shows it. It also returns to the order: once a node is used twice,
# even orders that look reasonable go wrong.
#
# ## What to remember
#
# - A node's step may run only when its gradient is complete: after all nodes that use it.
# - A topological order puts operands before results. Backward runs through it from the end.
#
# ## Exercise
#
# `build_topo` calls itself for every step down the graph. Python allows about 1000 such nested calls,
# and long computations are deeper than that. Run this:
#
# ```python
# x = Scalar(0.0)
# for _ in range(5000):
#     x = x + Scalar(1.0)
# x.backward()
# ```
#
# Write `topological(root)`, which returns the same order without calling itself. Hint: keep your own list
# of nodes that are still to be visited (a *stack*), and put each node on it twice: once to open it, once to
# close it.

# %% tags=["exercise"]
# Your answer here.

# %% [markdown] tags=["solution"]
# <details>
# <summary><b>A solution</b> (click to open; copy it into the cell above to run it)</summary>
#
# ```python
# def topological(root):
#     order, visited = [], set()
#     stack = [(root, False)]                     # False: to be opened. True: its operands are done
#     while stack:
#         node, done = stack.pop()
#         if done:
#             order.append(node)
#         elif node not in visited:
#             visited.add(node)
#             stack.append((node, True))          # it will come up again after everything now put above it
#             stack.extend((child, False) for child in reversed(node.prev))
#     return order
#
#
# assert [node.label for node in topological(o)] == [node.label for node in topo]     # the same order
#
# x = first = Scalar(0.0)
# for _ in range(5000):
#     x = x + Scalar(1.0)
#
# try:
#     x.backward()
# except RecursionError as error:
#     print("RecursionError:", error)
#
# x.grad = 1.0
# for node in reversed(topological(x)):
#     node._backward()
# assert first.grad == 1.0
# print("5000 steps deep, and no trouble:", first.grad)
# ```
#
# </details>

# %% [markdown]
# **Next:** lesson 8. The bug, and its cure.
