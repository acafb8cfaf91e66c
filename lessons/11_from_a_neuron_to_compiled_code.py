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
# # 11. From a neuron to compiled code
#
# A graph is good to look at. But it is made of Python objects, and making each of them takes time.
# In this last lesson one plain function is drawn, stepped through, differentiated, compiled, and run over a million
# inputs. We never change the function.

# %%
import math
import time

import matplotlib.pyplot as plt
import numpy as np

import glassgrad as gg

# %% [markdown]
# ## One plain function
#
# This is the loss of one neuron on one example. Instead of `tanh` the neuron has an activation with an `if`,
# a *leaky* unit. It passes positive numbers on, and multiplies negative ones by 0.1.

# %%
def leaky(n):
    if n > 0:
        return n
    return 0.1 * n


def loss(w1, w2, b, x1, x2, y):
    prediction = leaky(x1 * w1 + x2 * w2 + b)
    return (prediction - y) ** 2

# %% [markdown]
# It is ordinary Python. With ordinary numbers it gives an ordinary number:

# %%
loss(-1.0, 0.5, 0.5, 2.0, 1.0, 1.0)

# %% [markdown]
# At this point `n` is −1, so the prediction is −0.1, and the loss is 1.1² = 1.21.

# %%
assert math.isclose(loss(-1.0, 0.5, 0.5, 2.0, 1.0, 1.0), 1.21)

# %% [markdown]
# ## Drawn
#
# Give it Scalars, and the same function makes a graph.

# %%
w1, w2, b = gg.Scalar(-1.0, label="w1"), gg.Scalar(0.5, label="w2"), gg.Scalar(0.5, label="b")
out = loss(w1, w2, b, 2.0, 1.0, 1.0); out.label = "loss"
out.backward()
gg.draw(out)

# %% [markdown]
# The `if` is not in the picture. Python decided it while the graph was being made. Other numbers may give another
# graph: where `n` is positive, there is no `0.1 *`.
#
# ## Stepped through
#
# As in lesson 4: click into the player, and press → for each step.

# %%
gg.play(out)

# %% [markdown]
# ## Differentiated
#
# `gg.grad` takes our function and returns a new one, which computes the gradient. It builds the graph, calls
# `backward()` and throws the graph away. `argnums` says for which arguments we want the derivative.

# %%
gradient = gg.grad(loss, argnums=(0, 1, 2))
gradient(-1.0, 0.5, 0.5, 2.0, 1.0, 1.0)

# %% [markdown]
# These are the numbers of the graph:

# %%
w1.grad, w2.grad, b.grad

# %%
assert gradient(-1.0, 0.5, 0.5, 2.0, 1.0, 1.0) == (w1.grad, w2.grad, b.grad)
nudges = gg.partials(lambda w1, w2, b: loss(w1, w2, b, 2.0, 1.0, 1.0), -1.0, 0.5, 0.5)
for exact, nudge in zip(gradient(-1.0, 0.5, 0.5, 2.0, 1.0, 1.0), nudges, strict=True):
    assert math.isclose(exact, nudge, abs_tol=1e-6)

# %% [markdown]
# ## Compiled
#
# A graph lists every operation of a calculation, and the gradient's calculation has a graph of its own. A compiler can
# turn that list into *machine code*: the instructions that the processor runs, without any Python objects. `gg.jit`
# does so on the first call.

# %%
fast = gg.jit(gradient)
fast(-1.0, 0.5, 0.5, 2.0, 1.0, 1.0)

# %% [markdown]
# The numbers are the same. What about the `if`? The compiled code checks at each call that the `if` goes the same way
# as before. If it does not, glassgrad runs the Python function once more, and compiles the other branch as well. Here
# `n` is positive:

# %%
fast(1.0, 0.5, 0.5, 2.0, 1.0, 1.0)

# %%
for point in ((-1.0, 0.5, 0.5), (1.0, 0.5, 0.5)):
    for compiled, plain in zip(fast(*point, 2.0, 1.0, 1.0), gradient(*point, 2.0, 1.0, 1.0), strict=True):
        assert math.isclose(compiled, plain, rel_tol=1e-15)

# %% [markdown]
# ## Timed
#
# How much faster is it? We call each a few thousand times, and print microseconds for one call.

# %%
def microseconds(f, *args, calls=2000):
    start = time.perf_counter()
    for _ in range(calls):
        f(*args)
    return (time.perf_counter() - start) / calls * 1e6


print(f"with a graph: {microseconds(gradient, -1.0, 0.5, 0.5, 2.0, 1.0, 1.0):8.3f} µs a call")
print(f"compiled:     {microseconds(fast, -1.0, 0.5, 0.5, 2.0, 1.0, 1.0):8.3f} µs a call")

# %% [markdown]
# ## A million inputs
#
# Training needs the gradient at many examples. `gg.vmap` runs a function over arrays, one element at a time, in
# compiled code. `in_axes` says which arguments are arrays: the weights are the same for all (`None`), the
# examples have one row each (0).

# %%
rng = np.random.default_rng(0)
count = 1_000_000
x1, x2 = rng.normal(size=(2, count))
y = np.where(2.0 * x1 - x2 > -0.5, 2.0 * x1 - x2 + 0.5, 0.1 * (2.0 * x1 - x2 + 0.5))

batch = gg.vmap(gg.value_and_grad(loss, argnums=(0, 1, 2)), in_axes=(None, None, None, 0, 0, 0))
batch(0.0, 0.0, 0.1, x1, x2, y)  # the first call compiles

start = time.perf_counter()
losses, gradients = batch(0.0, 0.0, 0.1, x1, x2, y)
took = time.perf_counter() - start
print(f"{count:,} losses with their gradients in {took * 1000:.1f} ms: {took / count * 1e9:.1f} ns each")

# %% [markdown]
# Some of the million took one branch of the `if`, and some the other. Each loss is what the plain function gives:

# %%
for k in range(0, count, 100_000):
    assert math.isclose(losses[k], loss(0.0, 0.0, 0.1, x1[k], x2[k], y[k]), rel_tol=1e-12)
    for one, exact in zip(gradients, gradient(0.0, 0.0, 0.1, x1[k], x2[k], y[k]), strict=True):
        assert math.isclose(one[k], exact, rel_tol=1e-12)

# %% [markdown]
# ## It learns
#
# The targets were made with the weights 2 and −1 and the bias 0.5. Let the neuron find them. The four parts of
# lesson 10 are still here: *forward*, *zero* and *backward* are now one call.

# %%
w1, w2, b = 0.0, 0.0, 0.1
path = []
for _ in range(60):
    losses, gradients = batch(w1, w2, b, x1, x2, y)
    path.append(np.mean(losses))
    w1, w2, b = (p - 0.3 * np.mean(slope) for p, slope in zip((w1, w2, b), gradients, strict=True))

print(f"w1 = {w1:.4f}, w2 = {w2:.4f}, b = {b:.4f}")

# %%
assert math.isclose(w1, 2.0, abs_tol=0.01)
assert math.isclose(w2, -1.0, abs_tol=0.01)
assert math.isclose(b, 0.5, abs_tol=0.01)

# %%
fig, ax = plt.subplots(figsize=(6, 4))
ax.semilogy(path)
ax.set_xlabel("step")
ax.set_ylabel("mean loss of a million examples")
ax.grid(alpha=0.3)
plt.show()

# %% [markdown]
# ## What to remember
#
# - One plain function can be drawn, stepped through, differentiated and compiled.
# - `gg.grad` gives a function for the gradient, `gg.jit` compiles a function, `gg.vmap` runs it over whole arrays.
# - Compiled code gives the same numbers as the graph, on both branches of an `if`.
#
# ## Exercise
#
# Do the same with a function of your own, `bounce(height, keep)`. A ball falls from `height` metres. Each bounce
# reaches `keep` times the height of the one before: with `keep = 0.3`, a fall of 1 m is followed by a bounce of 0.3 m.
# Add up the distance that the ball covers, with a `while` loop, until a bounce stays below 1 cm. Draw the graph for
# `height = 1` and `keep = 0.3`. Then compute $\partial\,\text{distance}/\partial\,\text{keep}$ for a thousand values
# of `keep` from 0.1 to 0.7, and plot it.

# %% tags=["exercise"]
# Your answer here.

# %% [markdown] tags=["solution"]
# <details>
# <summary><b>A solution</b> (click to open; copy it into the cell above to run it)</summary>
#
# ```python
# def bounce(height, keep):
#     distance = height                           # down
#     height = height * keep
#     while height > 0.01:
#         distance = distance + 2 * height        # up and down again
#         height = height * keep
#     return distance
#
#
# h, k = gg.Scalar(1.0, label="height"), gg.Scalar(0.3, label="keep")
# distance = bounce(h, k); distance.label = "distance"
# assert math.isclose(distance.data, 1 + 2 * (0.3 + 0.09 + 0.027))
#
# keeps = np.linspace(0.1, 0.7, 1000)
# slopes = gg.vmap(gg.grad(bounce, argnums=1), in_axes=(None, 0))(1.0, keeps)
# assert math.isclose(slopes[500], gg.derivative(lambda keep: bounce(1.0, keep), keeps[500]), rel_tol=1e-6)
#
# fig, ax = plt.subplots(figsize=(6, 4))
# ax.plot(keeps, slopes)                          # at each jump the `while` loop runs once more: one more bounce
# ax.set_xlabel("keep")
# ax.set_ylabel("d distance / d keep")
# plt.show()
# gg.draw(distance)
# ```
#
# </details>

# %% [markdown]
# **That was the last lesson.** You have gone from a nudge to machine code, and there was no magic on the way.
# For a network on real data, run `glassgrad tour`.
