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
# # 6. Automatic backprop
#
# By hand we did the same few things over and over: at a sum, pass the gradient on;
# at a product, scale it by the other factor; at a tanh, scale it by $1 - o^2$.
# None of these steps needs to know the rest of the graph. So let every operation do its own step.

# %%
import math

import glassgrad as gg
import little_scalar

# %% [markdown]
# We begin with the class as lesson 5 left it. The file `little_scalar.py`, beside this notebook, keeps it.

# %%
Scalar = little_scalar.after_lesson(5)

# %% [markdown]
# ## Each result knows its step
#
# When an operation makes a result, it also makes a little function, `_backward`, and attaches it to the result.
# The function does this one operation's piece of the chain rule:
#
# > gradient of the operand = local derivative × gradient of the result
#
# The function can use everything it needs: `self` and `other` are the operands, `out` is the
# result. Python lets an inner function remember such variables. Such a function is called a *closure*.
#
# A leaf was not made by an operation, so it has nothing to do: its `_backward` is `lambda: None`,
# a function that does nothing.

# %%
def __init__(self, data, children=(), op="", label="unk"):
    self.data = data
    self._grad = 0.0
    self.grad_updated = False
    self._backward = lambda: None  # new
    self.prev = tuple(children)
    self.op = op
    self.label = label


def __add__(self, other):
    out = Scalar(self.data + other.data, (self, other), "+")  # new

    def _backward():  # new
        self.grad = 1.0 * out.grad  # new
        other.grad = 1.0 * out.grad  # new

    out._backward = _backward  # new
    return out  # new


def __mul__(self, other):
    out = Scalar(self.data * other.data, (self, other), "*")  # new

    def _backward():  # new
        self.grad = other.data * out.grad  # new
        other.grad = self.data * out.grad  # new

    out._backward = _backward  # new
    return out  # new


def tanh(self):
    n = self.data
    t = (math.exp(2 * n) - 1) / (math.exp(2 * n) + 1)
    out = Scalar(t, (self,), "tanh")  # new

    def _backward():  # new
        self.grad = (1 - t**2) * out.grad  # new

    out._backward = _backward  # new
    return out  # new


Scalar.__init__ = __init__
Scalar.__add__ = __add__
Scalar.__mul__ = __mul__
Scalar.tanh = tanh

# %% [markdown]
# Note that the forward pass only *makes* `_backward`. It runs later, when we call it.
# It has to wait, because `out.grad` is not known in the forward pass.
#
# ## The neuron again

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

# %%
gg.draw_dot(o)

# %% [markdown]
# ## One step at a time
#
# We still set the 1 at the output by hand. If we forgot it, every step would multiply by 0.

# %%
o.grad = 1.0
o._backward()

# %% [markdown]
# The tanh has done its step: `n` has its gradient.

# %%
n

# %%
assert math.isclose(n.grad, 0.5)

# %% [markdown]
# `n` was made by a plus. Its step routes the gradient on, to the sum and to the bias.

# %%
n._backward()

# %% [markdown]
# `b` is a leaf. Calling its `_backward` is allowed and does nothing.

# %%
b._backward()

# %%
assert b.grad == n.grad

# %% [markdown]
# The sum is a plus too, and hands its gradient to both products.

# %%
x1w1x2w2._backward()

# %% [markdown]
# Last, the two products.

# %%
x1w1._backward()
x2w2._backward()

# %%
gg.draw_dot(o)

# %% [markdown]
# The same numbers as by hand in lesson 5. This time we wrote no derivative; we only said *when*.

# %%
leaves = (x1, x2, w1, w2, b)
for leaf, by_hand in zip(leaves, (-1.5, 0.5, 1.0, 0.0, 0.5), strict=True):
    print(f"{leaf.label}: {leaf.grad:7.4f}")
    assert math.isclose(leaf.grad, by_hand, abs_tol=1e-12)

# %% [markdown]
# The player makes the same calls, in the same order, one for each press of →.
# Its panel shows the work of each `_backward`: which node got how much.

# %%
gg.play(o)

# %% [markdown]
# ## What to remember
#
# - Every result carries its own step of the chain rule, `_backward`.
# - A leaf's `_backward` does nothing.
# - Before a step runs, its result must have its gradient.
#
# ## Exercise
#
# Write an operation of your own: a function `exp(x)` for our `Scalar`, with its `_backward`.
# What is the local derivative of $e^x$, and do you have that number already?
#
# Then take `o = exp(a * b)` with `a = 2`, `b = -0.5`, call the steps one by one, and check with
# `gg.partials`.

# %% tags=["exercise"]
# Your answer here.

# %% [markdown] tags=["solution"]
# <details>
# <summary><b>A solution</b> (click to open; copy it into the cell above to run it)</summary>
#
# ```python
# def exp(x):
#     out = Scalar(math.exp(x.data), (x,), "exp")
#
#     def _backward():
#         x.grad = out.data * out.grad            # e**x is its own derivative, and out.data is e**x
#
#     out._backward = _backward
#     return out
#
#
# a = Scalar(2.0, label="a")
# b = Scalar(-0.5, label="b")
# ab = a * b; ab.label = "ab"
# o = exp(ab); o.label = "o"
#
# o.grad = 1.0
# o._backward()
# ab._backward()
#
# by_nudge = gg.partials(lambda a, b: math.exp(a * b), 2.0, -0.5)
# assert math.isclose(a.grad, by_nudge[0], abs_tol=1e-6)
# assert math.isclose(b.grad, by_nudge[1], abs_tol=1e-6)
# gg.draw_dot(o)
# ```
#
# </details>

# %% [markdown]
# **Next:** lesson 7. One call that runs all the steps, in the right order.
