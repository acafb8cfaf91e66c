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
# # 3. Forward pass
#
# To find gradients by something cleverer than nudging, a program must know
# *how* each number was computed: from which numbers, and by which operation.
# An ordinary Python `float` forgets that at once. We will write a class that remembers.
#
# We build it in the smallest steps there are. Each version adds one thing, marked `# new`.

# %%
import glassgrad as gg

# %% [markdown]
# ## Step 1: a box with a number in it
#
# `__repr__` returns the text that Python shows for the object.

# %%
class Scalar:
    """A single number and what we know about it."""

    def __init__(self, data):
        self.data = data

    def __repr__(self):
        return f"{self.data}"


a = Scalar(2.0)
b = Scalar(-3.0)
a, b

# %% [markdown]
# It holds a number, but it cannot do arithmetic yet.

# %%
try:
    a + b
except TypeError as error:
    print(error)

# %% [markdown]
# ## Step 2: plus and times
#
# When Python sees `a + b`, it calls `a.__add__(b)`. For `a * b` it calls `a.__mul__(b)`.
# Names with two underscores on either side are called *dunder* methods, from "double underscore".
# We write those two.

# %%
class Scalar:
    """A single number and what we know about it."""

    def __init__(self, data):
        self.data = data

    def __add__(self, other):  # new
        return Scalar(self.data + other.data)  # new

    def __mul__(self, other):  # new
        return Scalar(self.data * other.data)  # new

    def __repr__(self):
        return f"{self.data}"


a = Scalar(2.0)
b = Scalar(-3.0)
c = Scalar(10.0)
d = a * b + c
d

# %%
assert d.data == 4.0

# %% [markdown]
# The result is right. But `d` does not know that it came from `a`, `b` and `c`.
#
# ## Step 3: remember the operands
#
# We want to keep the *expression graph*: which scalars produced which.
# So each result keeps the scalars it was made from. We call them `prev`, because they came before it.
# A scalar that we type in ourselves was not made from others: its `prev` is empty. Such a scalar is a **leaf**.
#
# `prev` is a tuple. It keeps the operands in order. If the same scalar is on both sides,
# as in `a + a`, the tuple has it twice. Both will matter.

# %%
class Scalar:
    """A single number and what we know about it."""

    def __init__(self, data, children=()):  # new
        self.data = data
        self.prev = tuple(children)  # new

    def __add__(self, other):
        return Scalar(self.data + other.data, (self, other))  # new

    def __mul__(self, other):
        return Scalar(self.data * other.data, (self, other))  # new

    def __repr__(self):
        return f"{self.data}"


a = Scalar(2.0)
b = Scalar(-3.0)
c = Scalar(10.0)
d = a * b + c
d.prev

# %% [markdown]
# `d` was made from −6 (that is `a * b`) and 10 (that is `c`).

# %%
assert [p.data for p in d.prev] == [-6.0, 10.0]
assert d.prev[1] is c
assert c.prev == ()

# %% [markdown]
# ## Step 4: remember the operation
#
# Now `d` knows that it was made from −6 and 10, but not by which operation. We add `op`.

# %%
class Scalar:
    """A single number and what we know about it."""

    def __init__(self, data, children=(), op=""):  # new
        self.data = data
        self.prev = tuple(children)
        self.op = op  # new

    def __add__(self, other):
        return Scalar(self.data + other.data, (self, other), "+")  # new

    def __mul__(self, other):
        return Scalar(self.data * other.data, (self, other), "*")  # new

    def __repr__(self):
        return f"{self.data}"


a = Scalar(2.0)
b = Scalar(-3.0)
c = Scalar(10.0)
d = a * b + c
print(d.op, d.prev)
print(d.prev[0].op, d.prev[0].prev)

# %%
assert d.op == "+"
assert d.prev[0].op == "*"

# %% [markdown]
# ## Step 5: give it a name
#
# Last, we add a `label`, so that we can tell one scalar from another in a picture.

# %%
class Scalar:
    """A single number and what we know about it."""

    def __init__(self, data, children=(), op="", label="unk"):  # new
        self.data = data
        self.prev = tuple(children)
        self.op = op
        self.label = label  # new

    def __add__(self, other):
        return Scalar(self.data + other.data, (self, other), "+")

    def __mul__(self, other):
        return Scalar(self.data * other.data, (self, other), "*")

    def __repr__(self):
        return f"{self.label}|{self.data}"  # new

# %% [markdown]
# (`unk` stands for "unknown".) Now a larger expression, with a name for everything.
# A result has no label at first, so we set it right after.

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
assert (d.data, e.data, o.data) == (-6.0, 4.0, -8.0)

# %% [markdown]
# ## Walk the graph
#
# Everything is there now. Start at `o`, look at its `prev`, then at theirs, and so on,
# and you have seen the whole computation. A short function collects all **nodes** (the scalars)
# and all **edges** (which scalar went into which).

# %%
def trace(root):
    nodes, edges = [], []

    def build(v):
        if v not in nodes:
            nodes.append(v)
            for child in v.prev:
                edges.append((child, v))
                build(child)

    build(root)
    return nodes, edges


nodes, edges = trace(o)
print("nodes:", nodes)
print("edges:", [f"{child.label} -> {parent.label}" for child, parent in edges])

# %%
assert len(nodes) == 7
assert len(edges) == 6

# %% [markdown]
# ## Draw the graph
#
# `gg.draw_dot` does the same walk and draws what it finds. It works on our own little class:
# all it needs is `prev` and `op`.

# %%
gg.draw_dot(o)

# %% [markdown]
# Read it from left to right. Boxes are scalars: name and value. Ovals are operations.
# `a` and `b` go into a `*`, out comes `d`. Then `c` joins in, and so on, until `o`.
#
# Computing the values from the leaves to the output, left to right, is called the **forward pass**.
#
# ## What to remember
#
# - A scalar keeps its operands (`prev`), its operation (`op`) and a name (`label`).
# - With those, an expression is a graph, and the output is its root.
# - The forward pass goes from the leaves to the output.
#
# ## Exercise
#
# Our class cannot subtract. Write `__sub__`, and draw `(a - b) * c` with `a = 2`, `b = -3`, `c = 10`.
#
# You need not repeat the class: a function can be put into a class afterwards, `Scalar.__sub__ = subtract`.

# %% tags=["exercise"]
# Your answer here.

# %% [markdown] tags=["solution"]
# <details>
# <summary><b>A solution</b> (click to open; copy it into the cell above to run it)</summary>
#
# ```python
# def subtract(self, other):
#     return Scalar(self.data - other.data, (self, other), "-")
#
#
# Scalar.__sub__ = subtract
#
# difference = a - b; difference.label = "a - b"
# product = difference * c; product.label = "product"
# assert product.data == 50.0
# assert difference.prev == (a, b)                # in order: a - b is not b - a
# gg.draw_dot(product)
# ```
#
# </details>

# %% [markdown]
# **Next:** lesson 4. We walk the same graph the other way, and fill in the gradients by hand.
