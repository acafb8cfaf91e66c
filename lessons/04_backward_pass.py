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
# # 4. Backward pass
#
# In the forward pass we went from the leaves to the output `o`.
# Now we go back. For every scalar on the way we ask: *if this one is nudged, how does `o` move?*
# In other words: what is the derivative of `o` with respect to it?
#
# Why would we want that? In a neural network the output at the very end is the **loss**,
# a number that says how wrong the network is.
#
# - Some leaves are **weights**: numbers that we are free to change. Their derivatives tell us
#   in which direction to change each weight to make the loss smaller. That is how a network learns.
# - Other leaves are **data**. They are fixed, so we usually do not care about their derivatives.
#   (There are exceptions: *adversarial* attacks such as FGSM change the data to make the loss worse,
#   and these derivatives say how.)

# %%
import math

import glassgrad as gg
import little_scalar

# %% [markdown]
# We begin with the class as lesson 3 left it. The file `little_scalar.py`, beside this notebook, keeps it.

# %%
Scalar = little_scalar.after_lesson(3)

# %% [markdown]
# ## Room for the gradient
#
# We give the class one more number, `grad`: the derivative of the output with respect to this scalar.
# It starts at 0, which means: "as far as we know, this has no influence on the output".
#
# `grad_updated` remembers whether `grad` has been set. The drawing shows only gradients that were.
# The `property` is Python's way to run a bit of code when someone writes `x.grad = ...`.
#
# We need not write the whole class again. As in the exercise of lesson 3, we write functions and put them into the
# class. New lines are marked `# new`; all other lines, and all methods that do not appear here, stay as they were.

# %%
def __init__(self, data, children=(), op="", label="unk"):
    self.data = data
    self._grad = 0.0  # new
    self.grad_updated = False  # new
    self.prev = tuple(children)
    self.op = op
    self.label = label


def get_grad(self):  # new
    return self._grad  # new


def set_grad(self, val):  # new
    self.grad_updated = True  # new
    self._grad = val  # new


def __repr__(self):
    return f"{self.label}|{self.data:0.3f}|{self.grad:0.3f}"  # new


Scalar.__init__ = __init__
Scalar.grad = property(get_grad, set_grad)  # new
Scalar.__repr__ = __repr__

# %%
a = Scalar(2.0, label="a")
b = Scalar(-3.0, label="b")
c = Scalar(10.0, label="c")
d = a * b; d.label = "d"
e = d + c; e.label = "e"
f = Scalar(-2.0, label="f")
o = e * f; o.label = "o"
o

# %%
gg.draw_dot(o)

# %% [markdown]
# No gradient is known yet, so the picture shows values only. We will fill in the gradients from right to
# left.
#
# ## The output itself
#
# If `o` is nudged by `h`, then `o` moves by `h`. So the derivative of `o` with respect to itself is 1.
# It sounds silly, but it is where every backward pass begins.

# %%
o.grad = 1.0

# %% [markdown]
# ## Through the product: `e` and `f`
#
# `o = e * f`. Lesson 2 told us: a product scales a change by *the other* factor.
#
# $$\frac{\partial o}{\partial e} = f = -2 \qquad \frac{\partial o}{\partial f} = e = 4$$

# %%
e.grad = f.data
f.grad = e.data

# %%
assert (e.grad, f.grad) == (-2.0, 4.0)

# %% [markdown]
# ## Through the sum: `c` and `d`
#
# **This is the most important step. If you understand it, you understand all of backpropagation.**
#
# We want $\partial o / \partial c$. But `c` does not touch `o` directly. It goes into `e`, and `e` goes
# into `o`. We know two things:
#
# 1. how `e` reacts to `c`. From `e = d + c` that is 1, since plus passes a change on as it is.
#    This is the **local derivative**: it needs only the one operation, nothing of the rest of the graph;
# 2. how `o` reacts to `e`. We have just found it: −2. It is waiting in `e.grad`.
#
# If `e` moves 1 times as fast as `c`, and `o` moves −2 times as fast as `e`,
# then `o` moves 1 × −2 times as fast as `c`. We multiply. That is the **chain rule**:
#
# $$\frac{\partial o}{\partial c} = \frac{\partial o}{\partial e} \cdot \frac{\partial e}{\partial c}$$
#
# Think of gears. If one turn of the first wheel turns the second 3 times, and one turn of the second
# turns the third twice, then one turn of the first turns the third 3 × 2 = 6 times. Rates along a chain
# multiply.
#
# The same holds for `d`. Notice what happened: **`+` just routes the gradient**.
# It hands the gradient of its result to both operands, unchanged.

# %%
c.grad = e.grad * 1.0
d.grad = e.grad * 1.0

# %%
assert (c.grad, d.grad) == (-2.0, -2.0)

# %% [markdown]
# ## Through the product again: `a` and `b`
#
# `d = a * b`. Local derivatives: $\partial d/\partial a = b = -3$ and $\partial d/\partial b = a = 2$.
# The gradient of `d` is −2. Multiply.

# %%
a.grad = (-2.0) * -3.0
b.grad = (-2.0) * 2

# %%
assert (a.grad, b.grad) == (6.0, -4.0)

# %%
gg.draw_dot(o)

# %% [markdown]
# Each box now shows its gradient as well. The red dashed arrows show the way the gradient took, from right to left.
#
# That was backpropagation, by hand: **go back through the graph, and at each operation
# multiply the gradient of the result by the local derivative.**
#
# ## Watch it once more
#
# `gg.play` goes through the same graph one step at a time. Click into it, then press → for
# each step (and ← to go back). Watch how the chain rule is written out, with symbols and with numbers.
# Then move the slider of a leaf, and see which gradients change. Press ? for all other keys.

# %%
gg.play(o)

# %% [markdown]
# ## Is it true? Ask the nudge
#
# The function `foo` computes the whole expression twice, the second time with `b` a little larger.

# %%
def foo():
    h = 0.000001

    a = Scalar(2.0, label="a")
    b = Scalar(-3.0, label="b")
    c = Scalar(10.0, label="c")
    d = a * b; d.label = "d"
    e = d + c; e.label = "e"
    f = Scalar(-2.0, label="f")
    o = e * f; o.label = "o"
    o1 = o.data

    a = Scalar(2.0, label="a")
    b = Scalar(-3.0, label="b")
    b.data += h
    c = Scalar(10.0, label="c")
    d = a * b; d.label = "d"
    e = d + c; e.label = "e"
    f = Scalar(-2.0, label="f")
    o = e * f; o.label = "o"
    o2 = o.data

    return (o2 - o1) / h


foo()

# %% [markdown]
# The nudge says −4. Our chain rule said `b.grad = -4`. They agree.
#
# And the others? We write the expression as a plain function, and nudge each input in turn.

# %%
def expression(a, b, c, f):
    return (a * b + c) * f


assert math.isclose(foo(), b.grad, abs_tol=1e-6)

by_nudge = gg.partials(expression, 2.0, -3.0, 10.0, -2.0)
for leaf, slope in zip((a, b, c, f), by_nudge, strict=True):
    print(f"{leaf.label}: by hand {leaf.grad:5.1f}    by nudge {slope:9.6f}")
    assert math.isclose(leaf.grad, slope, abs_tol=1e-6)

# %% [markdown]
# ## Use it: make the output larger
#
# A gradient is a direction. If we move each leaf a small step *along* its gradient, the output must rise.
# We can only change the leaves. The rest depends on them, so we then run the forward pass again.

# %%
before = o.data

a.data += 0.01 * a.grad
b.data += 0.01 * b.grad
c.data += 0.01 * c.grad
f.data += 0.01 * f.grad

d = a * b; d.label = "d"
e = d + c; e.label = "e"
o = e * f; o.label = "o"
o

# %% [markdown]
# It rose, from −8 to about −7.286. The gradients even told us by how much, roughly:
# each leaf moved by `0.01 * grad`, and each move counts `grad` times, so the rise should be near
# 0.01 × (6² + 4² + 2² + 4²) = 0.72.

# %%
rise = o.data - before
print(f"predicted 0.72, got {rise:.4f}")
assert math.isclose(o.data, -7.286496)
assert math.isclose(rise, 0.72, abs_tol=0.01)

# %% [markdown]
# With a minus sign it would fall instead. That one line, `data -= step * grad`, is how neural networks
# are trained. We come back to it in lesson 10.
#
# ## What to remember
#
# - Start with 1 at the output, and go back.
# - At each operation: gradient of the operand = local derivative × gradient of the result. That is the
#   chain rule.
# - `+` routes the gradient. `*` scales it by the other factor.
#
# ## Exercise
#
# Change `f` from −2 to 3 and keep `a = 2`, `b = -3`, `c = 10`.
# Before computing anything: which gradients change their sign? Which one stays the same?
# Then fill in all seven gradients by hand, and check the four leaves with `gg.partials`.

# %% tags=["exercise"]
# Your answer here.

# %% [markdown] tags=["solution"]
# <details>
# <summary><b>A solution</b> (click to open; copy it into the cell above to run it)</summary>
#
# ```python
# a = Scalar(2.0, label="a")
# b = Scalar(-3.0, label="b")
# c = Scalar(10.0, label="c")
# d = a * b; d.label = "d"
# e = d + c; e.label = "e"
# f = Scalar(3.0, label="f")
# o = e * f; o.label = "o"
#
# o.grad = 1.0
# e.grad = f.data * o.grad                        # 3: this is f, so the sign changes
# f.grad = e.data * o.grad                        # 4: as before, because it does not depend on f
# c.grad = 1.0 * e.grad                           # all that e was made from changes sign with e
# d.grad = 1.0 * e.grad
# a.grad = b.data * d.grad
# b.grad = a.data * d.grad
#
# assert (a.grad, b.grad, c.grad, f.grad) == (-9.0, 6.0, 3.0, 4.0)
# for leaf, slope in zip((a, b, c, f), gg.partials(expression, 2.0, -3.0, 10.0, 3.0), strict=True):
#     assert math.isclose(leaf.grad, slope, abs_tol=1e-6)
# gg.draw_dot(o)
# ```
#
# </details>

# %% [markdown]
# **Next:** lesson 5. The same by hand, through a neuron.
