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
# # 10. From a neuron to a small network that learns
#
# We have all the parts. Now we put neurons side by side into *layers*,
# layers one after another into a *network*, and let the gradients teach it something.

# %%
import matplotlib.pyplot as plt
import numpy as np

import glassgrad as gg

# %% [markdown]
# ## A neuron
#
# `gg.nn.Neuron(n)` is the neuron of lesson 5, with `n` inputs: one weight for each and a bias.
# The weights start out random. (`seed` makes them the same random numbers every time, so that you see
# what we see.)

# %%
neuron = gg.nn.Neuron(2, "tanh", seed=1)
neuron.parameters()

# %%
o = neuron([2.0, 0.0])
o.label = "o"
o.backward()
gg.draw(o)

# %% [markdown]
# The numbers that learning may change are called **parameters**. This neuron has three: two weights and a
# bias. The inputs are data, and stay as they are.
#
# ## A layer, and a network
#
# A **layer** is several neurons that look at the same inputs. A **network** of layers feeds the outputs
# of each layer into the next. The traditional name for this kind is *multi-layer perceptron*, MLP.
#
# Ours takes 3 numbers, has two layers of 4 neurons, and one neuron at the end.

# %%
network = gg.nn.MLP(3, [4, 4, 1], "tanh", "tanh", seed=2)
network

# %% [markdown]
# Count its parameters: each neuron has one weight for each of its inputs, and one bias.
# So (3 + 1)·4 + (4 + 1)·4 + (4 + 1)·1 = 41.

# %%
assert len(network.parameters()) == (3 + 1) * 4 + (4 + 1) * 4 + (4 + 1) * 1 == 41

# %% [markdown]
# Here it is as a picture, with three numbers at its inputs. Each neuron is folded into one box;
# inside each is a graph like the one above.

# %%
gg.draw(network([1.0, 2.0, -1.0]), collapse=["neuron 1", "neuron 2", "neuron 3", "neuron 4"])

# %% [markdown]
# ## Something to learn
#
# Four examples. For each row of three numbers we want one number, 1 or −1.

# %%
xs = [
    [1.0, 2.0, -1.0],
    [2.5, -0.5, 1.0],
    [-1.0, 0.5, 2.0],
    [0.5, 1.5, 1.5],
]
ys = [1.0, -1.0, -1.0, 1.0]

# %% [markdown]
# What does the untrained network say?

# %%
predictions = [network(x) for x in xs]
for prediction, y in zip(predictions, ys, strict=True):
    print(f"wanted {y:4.0f}, got {prediction.data:6.3f}")

# %% [markdown]
# Nonsense, of course: its weights are random.
#
# ## One number that says how wrong it is
#
# We take the difference between what we got and what we wanted, and square it: that makes it positive,
# and large errors count more. Then we add up. This number is the **loss**. Zero would be perfect.

# %%
def loss_of(network):
    return sum((network(x) - y) ** 2 for x, y in zip(xs, ys, strict=True))


loss = loss_of(network); loss.label = "loss"
loss

# %% [markdown]
# The loss is one `Scalar`, and it was computed from all 41 parameters, by some hundreds of operations.
# It is the root of one large graph:

# %%
nodes, edges = gg.trace(loss)
len(nodes), len(edges)

# %% [markdown]
# One call to `backward()` gives the derivative of the loss with respect to every parameter.

# %%
loss.backward()
weight = network.layers[0].neurons[0].w[0]
weight

# %% [markdown]
# Is that right? Nudge that one weight and see.

# %%
h = 1e-6
before = loss_of(network).data
weight.data += h
after = loss_of(network).data
weight.data -= h

nudge = (after - before) / h
print(f"nudge {nudge:.6f}, backward {weight.grad:.6f}")

# %%
assert abs(nudge - weight.grad) < 1e-4

# %% [markdown]
# ## One step of learning
#
# The gradient says which way the loss *rises*. We want it to fall, so each parameter takes a small step
# the other way. That is lesson 4's nudge of the leaves, with a minus sign.

# %%
for p in network.parameters():
    p.data -= 0.05 * p.grad

print(f"loss before {before:.4f}, after {loss_of(network).data:.4f}")

# %%
assert loss_of(network).data < before

# %% [markdown]
# It fell. The network has learned something!
#
# ## Many steps
#
# Now we repeat. Each round has four parts. You will find them in every training program, however large:
#
# 1. **forward**: compute the predictions and the loss;
# 2. **zero**: clear the old gradients, or they would add up (lesson 8);
# 3. **backward**: compute the new gradients;
# 4. **step**: move the parameters a little against the gradient.

# %%
def train(network, steps, rate, clear=True):
    losses = []
    for _ in range(steps):
        loss = loss_of(network)                 # forward
        if clear:
            network.zero_grad()                 # zero
        loss.backward()                         # backward
        for p in network.parameters():          # step
            p.data -= rate * p.grad
        losses.append(loss.data)
    return losses


losses = train(network, steps=100, rate=0.05)

for x, y in zip(xs, ys, strict=True):
    print(f"wanted {y:4.0f}, got {network(x).data:6.3f}")

# %%
assert losses[-1] < 0.1 < losses[0]
assert all((network(x).data > 0) == (y > 0) for x, y in zip(xs, ys, strict=True))

# %% [markdown]
# That is learning. Nobody told the network *how* to tell the rows apart.
#
# ## Look at it again: the time machine
#
# `gg.record` keeps every step of a training loop. `run.play()` opens a player with one more panel, *Time*:
# its slider goes through the steps, and the whole graph shows the numbers of that step. The graph of 41 parameters is
# large, so we train one neuron on one example.

# %%
small = gg.nn.Neuron(2, "tanh", seed=1)
with gg.record() as run:
    for _ in range(30):
        loss = (small([2.0, 1.0]) - 1.0) ** 2; loss.label = "loss"
        small.zero_grad()
        loss.backward()
        for p in small.parameters():
            p.data -= 0.1 * p.grad

print(run)
assert run[-1].loss < run[0].loss

# %%
run.play()

# %% [markdown]
# The player opens at the last step. Pull the slider to the far left, and move it slowly to the right. The loss falls at
# every step. After three steps most of the work is done. From there on the gradients of the weights are small, and so
# are the steps: the closer the neuron comes to its target, the less it moves.
#
# ## Now you
#
# `gg.quiz` hides the gradients of a graph and asks you for them. (`gg.quiz(loss, seed=7)` asks with other numbers.)

# %%
x, w, b = gg.Scalar(2.0, label="x"), gg.Scalar(-1.0, label="w"), gg.Scalar(3.0, label="b")
error = x * w + b - 2.0; error.label = "error"
loss = error**2; loss.label = "loss"
exercise = gg.quiz(loss)
exercise

# %% [markdown]
# Type your answers into its panel and press *Check*: each miss is explained. The same can be done in code,
# with the names of the nodes. Here two answers are right, two are wrong, and two are missing:

# %%
exercise.grade({"error": -2.0, "w": -4.0, "x": -1.0, "b": 1.0})

# %% [markdown]
# ## The most common mistake
#
# What if we forget part 2? Let us train two networks that start out equal, one with `zero_grad()` and one
# without.

# %%
def fresh():
    return gg.nn.MLP(3, [4, 4, 1], "tanh", "tanh", seed=2)


cleared = train(fresh(), steps=60, rate=0.05)
kept = train(fresh(), steps=60, rate=0.05, clear=False)

fig, ax = plt.subplots(figsize=(6, 4))
ax.plot(cleared, label="gradients cleared each round")
ax.plot(kept, "--", label="zero_grad() forgotten")
ax.set_xlabel("step")
ax.set_ylabel("loss")
ax.grid(alpha=0.3)
ax.legend()
plt.show()

# %% [markdown]
# Without clearing, each step still contains all the gradients before it. The steps grow and grow. Here the
# loss falls even faster at first, and then it is stuck at 4: one of the four answers is −1 where it
# should be 1. The weights have become so large that the `tanh`s are *saturated* (lesson 5), and no
# gradient comes through any more.
#
# There was no error message, and at first it looked fine. That is what makes this bug hard to find.

# %%
assert cleared[-1] < 0.1
assert kept[-1] > 1.0

# %% [markdown]
# ## Two moons
#
# Four rows are a toy. Here is a harder task: points on a plane, in two crescents that reach into each other.
# No straight line can separate them. We make the points ourselves, with a little noise.

# %%
def two_moons(count, rng):
    """`count` points on each of two crescents; targets are 1 for the upper one and -1 for the lower one."""
    angle = np.pi * rng.uniform(size=count)
    upper = np.column_stack([np.cos(angle), np.sin(angle)])
    angle = np.pi * rng.uniform(size=count)
    lower = np.column_stack([1 - np.cos(angle), 0.5 - np.sin(angle)])
    points = np.vstack([upper, lower]) + rng.normal(scale=0.1, size=(2 * count, 2))
    return points, np.repeat([1.0, -1.0], count)


rng = np.random.default_rng(0)
points, targets = two_moons(30, rng)
test_points, test_targets = two_moons(30, rng)

# %%
def scatter(ax, points, targets):
    for target, color, marker in ((1, "tab:orange", "o"), (-1, "tab:blue", "s")):
        chosen = points[targets == target]
        ax.scatter(*chosen.T, c=color, marker=marker, edgecolor="black", label=f"target {target}")
    ax.set_xlabel("x1")
    ax.set_ylabel("x2")
    ax.set_aspect("equal")


fig, ax = plt.subplots(figsize=(6, 4))
scatter(ax, points, targets)
ax.legend()
plt.show()

# %% [markdown]
# We train on these 60 points. Another 60 are kept aside. The network never learns from those, so they
# show whether it has learned the shape, or only its own points by heart.
#
# ## The network, the loss, the optimiser
#
# - The network takes a point's two coordinates. The last neuron has no `tanh`: it gives a **score**, any
#   number. A positive score stands for target 1, a negative one for −1.
# - The loss is the *hinge* loss. It is zero for a point whose score lies on the right side and at least 1
#   away from 0. Otherwise it grows with the distance. So the network need not care about points that it
#   already has right.
# - The **optimiser** does the step for us. `gg.optim.SGD` does the same `p.data -= lr * p.grad` as above.
#   (SGD is short for *stochastic gradient descent*, `lr` for *learning rate*.) We give it *momentum*:
#   like a rolling ball it keeps some of its speed from step to step, and gets down a valley sooner.

# %%
def fit(network, epochs, lr=0.2):
    sgd = gg.optim.SGD(network.parameters(), lr=lr, momentum=0.9)
    losses = []
    for _ in range(epochs):
        scores = [network(point) for point in points]  # forward
        loss = gg.nn.hinge(scores, targets)
        sgd.zero_grad()                                # zero
        loss.backward()                                # backward
        sgd.step()                                     # step
        losses.append(loss.data)
    return losses


def accuracy(network, points, targets):
    scores = np.array([network(point).data for point in points])
    return np.mean((scores > 0) == (targets > 0))


model = gg.nn.MLP(2, [8, 8, 1], "tanh", seed=1)
model

# %%
print(f"before training: {accuracy(model, test_points, test_targets):.0%} of the points kept aside are right")
losses = fit(model, epochs=60)
print(f"after training:  {accuracy(model, test_points, test_targets):.0%}")

# %% [markdown]
# (Before training it is right less than half of the time, which is worse than guessing: its random boundary
# happens to have the two sides the wrong way around.)

# %%
assert accuracy(model, points, targets) > 0.95
assert accuracy(model, test_points, test_targets) > 0.95

# %%
fig, ax = plt.subplots(figsize=(6, 4))
ax.plot(losses)
ax.set_xlabel("epoch")
ax.set_ylabel("loss")
ax.grid(alpha=0.3)

# %% [markdown]
# (An *epoch* is one round over all the points.)
#
# ## What it has learned
#
# Ask the network for its score at every place on the plane, not only at the points.
# The **decision boundary** is the line where the score changes its sign.

# %%
def boundary(ax, network):
    across, up = np.linspace(-1.6, 2.6, 32), np.linspace(-1.2, 1.7, 24)
    score = [[network([x, y]).data for x in across] for y in up]
    ax.contourf(across, up, score, levels=[-np.inf, 0, np.inf], colors=["tab:blue", "tab:orange"], alpha=0.25)
    ax.contour(across, up, score, levels=[0], colors="black")
    scatter(ax, test_points, test_targets)


fig, ax = plt.subplots(figsize=(6, 4))
boundary(ax, model)
ax.set_title("the points kept aside, and the network's answer everywhere on the plane")
plt.show()

# %% [markdown]
# The line follows the crescents, though nobody drew it. It is the result of 60 repetitions of the four parts,
# and you have built each of these parts yourself in these lessons.
#
# ## What to remember
#
# - A network is one large expression. Its parameters are leaves, its loss is the root.
# - Training repeats: forward, zero, backward, step.
# - Test a network on points that it was not trained on.
#
# ## Exercise
#
# Is the hidden part of the network needed at all? Train `gg.nn.MLP(2, [1])`, a single neuron without an
# activation, on the same points. What shape can its boundary have? How many of the points kept aside does
# it get right?

# %% tags=["exercise"]
# Your answer here.

# %% [markdown] tags=["solution"]
# <details>
# <summary><b>A solution</b> (click to open; copy it into the cell above to run it)</summary>
#
# ```python
# single = gg.nn.MLP(2, [1], seed=1)
# fit(single, epochs=60)
# right = accuracy(single, test_points, test_targets)
# print(f"one neuron: {right:.0%}, the network: {accuracy(model, test_points, test_targets):.0%}")
#
# # w1*x1 + w2*x2 + b = 0 is a straight line: it gets most points, and never the tips of the crescents.
# assert 0.7 < right < 0.95
# fig, ax = plt.subplots(figsize=(6, 4))
# boundary(ax, single)
# ax.set_title("a single neuron draws a straight line")
# plt.show()
# ```
#
# </details>

# %% [markdown]
# You have gone from a nudge to a network that learns, and there was no magic on the way.
#
# **Next:** lesson 11. The same functions, at the speed of the machine.
