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
# # 1. What is a derivative?
#
# Everything in these lessons grows out of one question:
#
# > If I change the input a tiny bit, how much does the output change?
#
# The answer is a number, and that number is the derivative.
# You do not need to remember any calculus to read on. We will *measure* derivatives first
# and meet the formulas afterwards.
#
# Run the cells one after another, with Shift+Enter. A cell that begins with `assert` checks the text
# above it. If the text were wrong, the notebook would stop there with an error.

# %%
import math

import matplotlib.pyplot as plt
import numpy as np

import glassgrad as gg

# %% [markdown]
# ## A function to look at
#
# Take some function `f`. It is a quadratic, so its graph is a parabola.

# %%
def f(x):
    return 3 * x**2 - 4 * x + 5

# %% [markdown]
# Give it a number and it gives one back.

# %%
f(3.0)

# %%
assert f(3.0) == 20.0

# %% [markdown]
# Give it many numbers at once, and we can plot it.

# %%
xs = np.arange(-5, 5, 0.25)
ys = f(xs)

# %%
fig, ax = plt.subplots(figsize=(5, 4))
ax.plot(xs, ys)
ax.set_xlabel("x")
ax.set_ylabel("f(x)")
ax.grid(alpha=0.3)

# %% [markdown]
# On the left the curve falls, on the right it rises, and somewhere in between it is flat.
# The derivative at a point says whether it rises or falls *there*, and how steeply.
#
# ## Measure it: the nudge
#
# At school you may have found derivatives with rules. We go back to what a derivative means:
#
# $$f'(x) = \lim_{h \to 0} \frac{f(x + h) - f(x)}{h}$$
#
# Read it aloud: *nudge* the input by a small `h`, see how far the output moved, and divide by the nudge.
# The result says how many times as far the output moves as the input.
#
# A computer cannot take a limit, but it can take a small `h`.

# %%
h = 0.000001

# %% [markdown]
# At `x = 3` the curve goes up steeply.

# %%
x = 3.0
(f(x + h) - f(x)) / h

# %% [markdown]
# About 14: near `x = 3` the output moves 14 times as far as the input, in the same direction.
#
# At `x = -3` the curve goes down, so we expect a negative number.

# %%
x = -3.0
(f(x + h) - f(x)) / h

# %% [markdown]
# And at `x = 2/3` the parabola is at its lowest point. There a small nudge changes (almost) nothing.

# %%
x = 2 / 3
(f(x + h) - f(x)) / h

# %% [markdown]
# ## See it
#
# Here is the same measurement as a picture, at `x = 1.5`, with nudges large enough to see.
# The triangle is the nudge: go `h` to the right, see how far the curve rises. Rise divided by `h` is a slope.
#
# On the left the nudge is large, and its slope, 9.5, is far from the slope of the *tangent*, the line that
# just touches the curve. On the right the nudge is smaller, and its slope, 6.5, is closer to the tangent's 5.
# As the nudge shrinks, the two become the same. That common slope is the derivative.

# %%
fig, (left, right) = plt.subplots(1, 2, figsize=(10, 4.5), layout="constrained")
gg.plot(f, at=1.5, h=1.5, span=(-0.5, 3.5), ax=left)
gg.plot(f, at=1.5, h=0.5, span=(-0.5, 3.5), ax=right)
plt.show()

# %%
assert (f(1.5 + 1.5) - f(1.5)) / 1.5 == 9.5
assert (f(1.5 + 0.5) - f(1.5)) / 0.5 == 6.5
assert math.isclose(gg.derivative(f, 1.5), 5.0)

# %% [markdown]
# ## What calculus says
#
# For this `f` the rules of calculus give $f'(x) = 6x - 4$. So the exact slopes are
#
# | x | exact, $6x - 4$ | our nudge |
# | --- | --- | --- |
# | 3 | 14 | 14.000003 |
# | −3 | −22 | −21.999997 |
# | 2/3 | 0 | 0.000003 |
#
# The nudge is off by about 0.000003 every time. That is no accident. Work it out on paper:
#
# $$\frac{f(x+h) - f(x)}{h} = 6x - 4 + 3h$$
#
# The error is $3h$, and it shrinks as `h` does.

# %%
for x, exact in [(3.0, 14.0), (-3.0, -22.0), (2 / 3, 0.0)]:
    nudge = (f(x + h) - f(x)) / h
    print(f"x = {x:6.3f}   nudge = {nudge:12.6f}   exact = {exact:5.1f}   error = {nudge - exact:.1e}")
    assert math.isclose(nudge, exact + 3 * h, abs_tol=1e-7)

# %% [markdown]
# ## Smaller is not always better
#
# So why not take the smallest `h` the computer knows? Because a computer keeps only about 16 digits of
# a number. When `h` is tiny, `f(x + h)` and `f(x)` agree in nearly all of those digits,
# and the subtraction leaves mostly rounding error.

# %%
steps = 10.0 ** np.arange(-15, 0.5, 0.5)
errors = [abs((f(3.0 + step) - f(3.0)) / step - 14.0) for step in steps]

fig, ax = plt.subplots(figsize=(5, 4))
ax.loglog(steps, errors, marker="o", markersize=4)
ax.set_xlabel("size of the nudge, h")
ax.set_ylabel("error of the slope at x = 3")
ax.grid(alpha=0.3)

# %% [markdown]
# Read it from the right. Shrinking `h` helps at first: the error falls along a straight line.
# Then, near `h = 1e-8`, rounding takes over and the error climbs again.
# Our `h = 0.000001` is a sensible choice.

# %%
error = dict(zip(np.round(np.log10(steps), 1), errors, strict=True))
assert error[-8.0] < error[-2.0]
assert error[-8.0] < error[-14.0]

# %% [markdown]
# glassgrad has the nudge built in. `gg.derivative` nudges in both directions, with steps of many sizes, and combines
# the results. It gets every digit right. You will find one of its tricks yourself in the exercise.

# %%
gg.derivative(f, 3.0)

# %%
assert math.isclose(gg.derivative(f, 3.0), 14.0, rel_tol=1e-12)

# %% [markdown]
# ## What to remember
#
# - A derivative is *how much the output moves for a tiny move of the input*.
# - Positive: they move the same way. Negative: opposite ways. Zero: the output does not care.
# - You can always measure it with a nudge. We will use the nudge to check everything else.
#
# ## Exercise
#
# Our nudge only goes to the right. Write `central(f, x, h)`, which nudges **both** ways:
# it evaluates `f` at `x + h` and at `x - h`. Careful: how far apart are those two points?
#
# Then take `g(x) = x**3` at `x = 2`, where calculus says 12, and `h = 0.001`.
# Which nudge is closer, the one-sided or the central one, and by how much?

# %% tags=["exercise"]
# Your answer here.

# %% [markdown] tags=["solution"]
# <details>
# <summary><b>A solution</b> (click to open; copy it into the cell above to run it)</summary>
#
# ```python
# def central(f, x, h):
#     return (f(x + h) - f(x - h)) / (2 * h)      # the two points are 2h apart
#
#
# def g(x):
#     return x**3
#
#
# one_sided = (g(2 + 0.001) - g(2)) / 0.001
# both_sides = central(g, 2, 0.001)
# print(f"one-sided: {one_sided:.7f}   error {one_sided - 12:.7f}")
# print(f"central:   {both_sides:.7f}   error {both_sides - 12:.7f}")
#
# # One-sided: the error is 6h + h**2, about h. Central: h**2, six thousand times smaller here.
# assert math.isclose(one_sided - 12, 0.006001, abs_tol=1e-9)
# assert math.isclose(both_sides - 12, 0.000001, abs_tol=1e-9)
# ```
#
# </details>

# %% [markdown]
# **Next:** lesson 2. Functions with several inputs, and a derivative for each of them.
