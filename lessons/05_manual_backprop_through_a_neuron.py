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
# # 5. Manual backprop through a neuron
#
# A neural network is made of neurons. A neuron is a small expression, only a little larger than the one
# we have just worked through, so we can do the same again: forward, then backward by hand.

# %%
import math

import matplotlib.pyplot as plt
import numpy as np

import glassgrad as gg
import little_scalar

# %% [markdown]
# We begin with the class as lesson 4 left it. The file `little_scalar.py`, beside this notebook, keeps it.

# %%
Scalar = little_scalar.after_lesson(4)

# %% [markdown]
# ## What a neuron does
#
# - It has inputs `x1, x2, …`, and a **weight** for each: `w1, w2, …`.
# - It multiplies each input by its weight and adds everything up. That is the *dot product* of `x` and `w`.
# - It adds a **bias** `b`: how ready this neuron is to fire, whatever comes in.
# - It squashes the result into a fixed range with an **activation function**. Ours is `tanh`.
#
# $$o = \tanh(x_1 w_1 + x_2 w_2 + b)$$
#
# `tanh` leaves small numbers nearly unchanged, and takes large ones close to −1 or 1.

# %%
fig, ax = plt.subplots(figsize=(5, 4))
xs = np.arange(-5, 5, 0.2)
ax.plot(xs, np.tanh(xs))
ax.set_xlabel("n")
ax.set_ylabel("tanh(n)")
ax.grid(alpha=0.3)

# %% [markdown]
# ## The class learns `tanh`
#
# We could build `tanh` out of `exp`, minus and divide. But an operation may be as large as we like,
# as long as we know its local derivative. So we make `tanh` one operation. The formula is
#
# $$\tanh n = \frac{e^{2n} - 1}{e^{2n} + 1}$$

# %%
def tanh(self):  # new
    n = self.data  # new
    t = (math.exp(2 * n) - 1) / (math.exp(2 * n) + 1)  # new
    return Scalar(t, (self,), "tanh")  # new


Scalar.tanh = tanh  # new

# %% [markdown]
# ## Forward
#
# The bias looks strange. It is chosen so that the gradients will be simple numbers.

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
x1w1x2w2 = x1w1 + x2w2; x1w1x2w2.label = "x1*w1 + x2*w2"
n = x1w1x2w2 + b; n.label = "n"
o = n.tanh(); o.label = "o"

# %%
gg.draw_dot(o)

# %%
assert math.isclose(n.data, 0.8813735870195432)
assert math.isclose(o.data, math.sqrt(0.5))

# %% [markdown]
# ## Backward, by hand
#
# As always, the output comes first.

# %%
o.grad = 1.0

# %% [markdown]
# ### Through the tanh
#
# We need the local derivative of `tanh`. Calculus says
#
# $$\frac{d \tanh n}{dn} = 1 - \tanh^2 n$$
#
# The output itself is all we need to compute it. Here is `tanh` with its derivative:

# %%
gg.plot(gg.tanh)
plt.show()

# %% [markdown]
# Where `tanh` is steepest, at 0, its derivative is 1: the gradient passes through untouched.
# Far out, where `tanh` is flat, the derivative is close to 0: hardly any gradient comes through.
# Such a neuron is called *saturated*, and it learns slowly.
#
# In our neuron `o` is $\sqrt{1/2}$, and so $1 - o^2$ is one half. That is why we chose this strange bias.

# %%
n.grad = 1 - o.data**2
n.grad

# %%
assert math.isclose(n.grad, 0.5)

# %% [markdown]
# ### Through the two sums
#
# Plus just routes the gradient. So the bias and the first sum both get one half,

# %%
x1w1x2w2.grad = n.grad
b.grad = n.grad

# %% [markdown]
# and the sum hands it on to both products.

# %%
x1w1.grad = x1w1x2w2.grad
x2w2.grad = x1w1x2w2.grad

# %% [markdown]
# ### Through the two products
#
# Each factor gets the *other* factor times the gradient of the product.

# %%
x2.grad = w2.data * x2w2.grad
w2.grad = x2.data * x2w2.grad

x1.grad = w1.data * x1w1.grad
w1.grad = x1.data * x1w1.grad

# %%
gg.draw_dot(o)

# %% [markdown]
# ## Read the result
#
# `w1.grad` is 1. If `w1` rises a little, the output rises by the same amount.
#
# `w2.grad` is 0. Its input `x2` is 0, and `w2` is multiplied by it: **while `x2` is 0, no change of `w2`
# changes the output**. A weight learns only while its input is active.
#
# Look closely, though: `x2.grad` is not zero but one half. `x2` adds nothing *now*, because it is 0, but
# if it were nudged away from 0 the output would move, since its weight is 1. A value of zero and a
# gradient of zero are two different things.
#
# We do not have to believe any of this. We can nudge.

# %%
def neuron(x1, x2, w1, w2, b):
    return math.tanh(x1 * w1 + x2 * w2 + b)


leaves = (x1, x2, w1, w2, b)
by_nudge = gg.partials(neuron, *(leaf.data for leaf in leaves))
for leaf, slope in zip(leaves, by_nudge, strict=True):
    print(f"{leaf.label}: by hand {leaf.grad:7.4f}    by nudge {slope:9.6f}")
    assert math.isclose(leaf.grad, slope, abs_tol=1e-6)

# %%
for leaf, expected in zip(leaves, (-1.5, 0.5, 1.0, 0.0, 0.5), strict=True):
    assert math.isclose(leaf.grad, expected, abs_tol=1e-12)

# %% [markdown]
# ## Turn the knobs
#
# Here is the neuron in the player. Move the bias `b` and look at the gradients: how far must `n` go
# until hardly any gradient comes through the `tanh`? And what must change for `w2` to get a gradient at all?

# %%
gg.play(o)

# %% [markdown]
# ## A warning: this `tanh` breaks
#
# The formula is right, but the code is not. Try a large number.

# %%
try:
    Scalar(355.0).tanh()
except OverflowError as error:
    print("OverflowError:", error)

# %% [markdown]
# `tanh(355)` is so close to 1 that a float cannot tell them apart. But on the way there we compute $e^{710}$, which is
# larger than the largest number a float can hold, about $1.8 \cdot 10^{308}$. It happens from `n = 355`
# on.
#
# The cure is to use only powers that *shrink*. Divide top and bottom of the formula by $e^{2n}$:
#
# $$\tanh n = \frac{1 - e^{-2n}}{1 + e^{-2n}} \quad \text{for } n \ge 0, \qquad \tanh(-n) = -\tanh n$$
#
# A number too small for a float just becomes 0, and 0 does no harm here.

# %%
def safe_tanh(n):
    shrinking = math.exp(-2 * abs(n))
    return math.copysign((1 - shrinking) / (1 + shrinking), n)


safe_tanh(400.0), safe_tanh(-400.0), safe_tanh(0.5)

# %%
Scalar(354.0).tanh()                            # still works
assert safe_tanh(400.0) == 1.0
assert safe_tanh(-1e300) == -1.0
for n_ in (-3.0, -0.5, 0.0, 0.5, 3.0, 354.0):
    assert math.isclose(safe_tanh(n_), Scalar(n_).tanh().data, abs_tol=1e-15)

# %% [markdown]
# Python's own `math.tanh` never overflows either, and it is more exact close to 0.
# glassgrad uses that one. In these lessons we keep the formula, because it shows how `tanh` is computed.
#
# ## What to remember
#
# - A neuron is a weighted sum, plus a bias, through an activation function.
# - An operation can be any size, if you know its local derivative. For `tanh` it is $1 - o^2$.
# - A zero input gives its weight a zero gradient.
#
# ## Exercise
#
# Wake up the second input: let `x2 = 0.5`, keep `x1 = 2`, `w1 = -3`, `w2 = 1`, and set `b = 5.5`.
# The neuron's sum `n` is then exactly 0.
#
# What is the derivative of `tanh` there? From that, find all five leaf gradients without a computer.
# Then check them with `gg.partials`.

# %% tags=["exercise"]
# Your answer here.

# %% [markdown] tags=["solution"]
# <details>
# <summary><b>A solution</b> (click to open; copy it into the cell above to run it)</summary>
#
# ```python
# x1, x2, w1, w2, b = (Scalar(v, label=name) for v, name in
#                      ((2.0, "x1"), (0.5, "x2"), (-3.0, "w1"), (1.0, "w2"), (5.5, "b")))
# x1w1 = x1 * w1; x1w1.label = "x1w1"
# x2w2 = x2 * w2; x2w2.label = "x2w2"
# x1w1x2w2 = x1w1 + x2w2; x1w1x2w2.label = "x1*w1 + x2*w2"
# n = x1w1x2w2 + b; n.label = "n"
# o = n.tanh(); o.label = "o"
#
# o.grad = 1.0
# n.grad = 1 - o.data**2                          # n is 0, tanh(0) is 0: the derivative is 1
# for routed in (x1w1x2w2, b, x1w1, x2w2):
#     routed.grad = n.grad                        # so 1 goes through both sums
# x1.grad, w1.grad = w1.data, x1.data             # and each factor gets the other one
# x2.grad, w2.grad = w2.data, x2.data
#
# assert (x1.grad, x2.grad, w1.grad, w2.grad, b.grad) == (-3.0, 1.0, 2.0, 0.5, 1.0)
# leaves = (x1, x2, w1, w2, b)
# for leaf, slope in zip(leaves, gg.partials(neuron, *(leaf.data for leaf in leaves)), strict=True):
#     assert math.isclose(leaf.grad, slope, abs_tol=1e-6)
# gg.draw_dot(o)
# ```
#
# </details>

# %% [markdown]
# **Next:** lesson 6. We teach every operation to do its own step.
