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
# # 2. Partial derivatives with multiple variables
#
# A neural network has not one input but thousands.
# So we ask the question of lesson 1 once for each input:
# *if I change only this one, and hold all the others still, how much does the output change?*
#
# The answer is called a **partial derivative**. There is one for each input.

# %%
import math

import matplotlib.pyplot as plt
import numpy as np

import glassgrad as gg

# %% [markdown]
# ## Three inputs, one output
#
# We will come to neural networks. First, a simple expression with three variables.

# %%
h = 0.000001

# %%
a = 2.0
b = -3.0
c = 10.0
d = a * b + c
d

# %% [markdown]
# Before you run the next cells, guess: if `c` grows by a little, how does `d` move?
# And `a`? And `b`?
#
# ## Nudge `c`
#
# We compute `d` twice: once as it is, once with `c` nudged. Nothing else changes.

# %%
a = 2.0
b = -3.0
c = 10.0
d1 = a * b + c

c += h
d2 = a * b + c

print(f"{d1 = }")
print(f"{d2 = }")
print(f"{(d2 - d1) / h = }")

# %%
assert math.isclose((d2 - d1) / h, 1.0, abs_tol=1e-6)

# %% [markdown]
# The slope is 1. That makes sense: `c` is simply added, so whatever `c` gains, `d` gains too.
#
# (Not *exactly* 1: the last digits are rounding, as in lesson 1.)
#
# ## Nudge `a`

# %%
a = 2.0
b = -3.0
c = 10.0
d1 = a * b + c

a += h
d2 = a * b + c

print(f"{d1 = }")
print(f"{d2 = }")
print(f"{(d2 - d1) / h = }")

# %%
assert math.isclose((d2 - d1) / h, -3.0, abs_tol=1e-6)

# %% [markdown]
# The slope is −3, which is the value of `b`. In `a * b` any change of `a` is multiplied by `b`,
# and `b` is negative, so `d` goes *down*.
#
# ## Nudge `b`

# %%
a = 2.0
b = -3.0
c = 10.0
d1 = a * b + c

b += h
d2 = a * b + c

print(f"{d1 = }")
print(f"{d2 = }")
print(f"{(d2 - d1) / h = }")

# %%
assert math.isclose((d2 - d1) / h, 2.0, abs_tol=1e-6)

# %% [markdown]
# By the same reasoning the slope is 2, the value of `a`.
#
# ## See it
#
# Here are all three at once. Each line moves one input and holds the other two still.
# They meet where nothing has moved, and each has its own slope.

# %%
moves = np.linspace(-1, 1, 21)

fig, ax = plt.subplots(figsize=(5, 4))
ax.plot(moves, (2.0 + moves) * -3.0 + 10.0, label="move a: slope −3")
ax.plot(moves, 2.0 * (-3.0 + moves) + 10.0, "--", label="move b: slope 2")
ax.plot(moves, 2.0 * -3.0 + (10.0 + moves), ":", label="move c: slope 1")
ax.plot(0, 4, "o", color="black")
ax.set_xlabel("how far the input has moved")
ax.set_ylabel("d")
ax.grid(alpha=0.3)
ax.legend()
plt.show()

# %% [markdown]
# ## What calculus says
#
# A partial derivative is written with a round ∂. For $d = ab + c$:
#
# $$\frac{\partial d}{\partial a} = b = -3 \qquad
# \frac{\partial d}{\partial b} = a = 2 \qquad
# \frac{\partial d}{\partial c} = 1$$
#
# All the partial derivatives together are called the **gradient**.
# Remember these two rules. They are half of what backpropagation needs:
#
# - **plus** passes a change on as it is: its partial derivatives are 1 and 1;
# - **times** scales a change by *the other* factor.
#
# glassgrad measures all partial derivatives in one call, by nudging the inputs in turn.

# %%
def expression(a, b, c):
    return a * b + c


gg.partials(expression, 2.0, -3.0, 10.0)

# %%
for measured, exact in zip(gg.partials(expression, 2.0, -3.0, 10.0), (-3.0, 2.0, 1.0), strict=True):
    assert math.isclose(measured, exact, abs_tol=1e-6)

# %% [markdown]
# ## The trouble with nudging
#
# Each nudge runs the whole function again, once for every input.
# For three inputs that is fine. But a network with a million weights would have to run a million times
# for a single gradient.
#
# Backpropagation gives all million partial derivatives for about the price of a few runs.
# That is why we are going to build it.
#
# ## What to remember
#
# - A partial derivative nudges one input and holds the others still.
# - All of them together are the gradient.
# - `+` passes a change on; `*` scales it by the other factor.
#
# ## Exercise
#
# Write `partial(f, inputs, i)`: the slope of `f` with respect to input number `i`, by a nudge.
# Try it on `g(a, b, c) = (a + b) * c` at `a = 2, b = -3, c = 10`.
# First say which three numbers you expect. The two rules are all you need.

# %% tags=["exercise"]
# Your answer here.

# %% [markdown] tags=["solution"]
# <details>
# <summary><b>A solution</b> (click to open; copy it into the cell above to run it)</summary>
#
# ```python
# def partial(f, inputs, i):
#     nudged = list(inputs)                       # a copy: the caller's list stays as it was
#     nudged[i] += h
#     return (f(*nudged) - f(*inputs)) / h
#
#
# def g(a, b, c):
#     return (a + b) * c
#
#
# slopes = [partial(g, [2.0, -3.0, 10.0], i) for i in range(3)]
# print(slopes)
#
# # The product scales by the other factor: c = 10 for the sum, and the sum passes it on to a and b alike.
# # For c the other factor is the sum, 2 - 3 = -1.
# for slope, expected in zip(slopes, (10.0, 10.0, -1.0), strict=True):
#     assert math.isclose(slope, expected, abs_tol=1e-6)
# ```
#
# </details>

# %% [markdown]
# **Next:** lesson 3. A little class that remembers how a number was computed.
