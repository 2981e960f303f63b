# %% [markdown]
# # Backpropagation, from the chain rule to a network that learns
#
# The lecture's way, in a notebook: a performance function P, how it changes when one weight changes, and the climb along its
# gradient. Everything below is computed; nothing is typed in that can be derived. Open it as a notebook by
# `jupytext --to ipynb lecture.py`, or in an editor that knows cells.

# %%
import numpy as np

import uphill
from uphill import nn

# %% [markdown]
# ## How does P change when w1 changes?
#
# The slides' example: two values between the weights and P.

# %%
p = uphill.formula("P = 3*o1 - 7*o2; o1 = w1 - 2*w2 + 5*w3; o2 = 2*w1 - w2 - 6")
w = np.array([1.0, 1.0, 1.0])
print(p(w), p.gradient()(w))
#> 47.0 [-11.   1.  15.]

# %% [markdown]
# The chain rule, as a lecturer tells it.

# %%
print(p.explain("w1", w))
#> ∂P/∂w1, where
#>   o1 = w1 − 2·w2 + 5·w3
#>   o2 = 2·w1 − w2 − 6
#>   P = 3·o1 − 7·o2
#>
#> ∂P/∂o1 = 3
#>
#> ∂P/∂o2 = −7
#>
#> ∂P/∂w1 = ∂P/∂o1·∂o1/∂w1 + ∂P/∂o2·∂o2/∂w1
#>        = 3·1 + (−7)·2
#>        = −11

# %% [markdown]
# A step uphill, of length r times the gradient: the rate r says how far.

# %%
for r in (1, 2):
    print(r, r * p.gradient()(w), p(w + r * p.gradient()(w)))
#> 1 [-11.   1.  15.] 394.0
#> 2 [-22.   2.  30.] 741.0

# %% [markdown]
# The same in a picture of the graph, with values and slopes at each node. In a notebook a function shows its formula, and a
# trace is a table.

# %%
p.picture(w)

# %%
trace = p.trace(w)
print(trace)
#> uphill trace 1
#> forward
#>   w1 = 1
#>   w2 = 1
#>   w3 = 1
#>   o1 = w1 - 2*w2 + 5*w3 = 4
#>   o2 = 2*w1 - w2 - 6 = -5
#>   P  = 3*o1 - 7*o2 = 47
#> backward
#>   dP/do2 = -7
#>   dP/do1 = 3
#>   dP/dw1 = dP/do1 * 1 + dP/do2 * 2 = 3*1 + -7*2 = -11
#>   dP/dw2 = dP/do1 * -2 + dP/do2 * -1 = 3*-2 + -7*-1 = 1
#>   dP/dw3 = dP/do1 * 5 = 3*5 = 15

# %% [markdown]
# ## One sigmoid node
#
# What is do/dσ? The blank on the slide: o(1 − o). uphill has the sigmoid as one operation, and its slope as another.

# %%
o = uphill.record(lambda sigma: uphill.sigmoid(sigma).named("o"))
sigma = np.linspace(-3, 3, 7)
outputs = o.compile().samples(sigma)
slopes = o.gradient().compile().samples(sigma)[:, 0]
print(np.abs(slopes - outputs * (1 - outputs)).max() < 1e-15)
#> True

# %% [markdown]
# ## A network of two inputs, as plain code
#
# Nothing to learn: numpy's functions on arrays of recorded values. P is -(d - z)², the lecture's performance, with d = 1.


# %%
def performance(W, v, x):
    y = uphill.sigmoid(W @ x)
    z = uphill.sigmoid(v @ y)
    return -((1 - z) ** 2)


P = uphill.record(performance, {"W": (2, 2), "v": 2, "x": 2}, parameters="x")
W, v, x = np.array([[0.1, -0.2], [0.3, 0.4]]), np.array([0.5, -0.6]), np.array([1.0, 0.5])
print(P.gradient()(W, v, x).round(6))

# %% [markdown]
# Backpropagation by hand, β by β, gives the same numbers.

# %%
y = 1 / (1 + np.exp(-W @ x))
z = 1 / (1 + np.exp(-v @ y))
beta_z = 2 * (1 - z)
beta_y = v * z * (1 - z) * beta_z
by_hand = np.concatenate([np.outer(y * (1 - y) * beta_y, x).ravel(), y * z * (1 - z) * beta_z])
print(np.allclose(P.gradient()(W, v, x), by_hand, rtol=1e-14))
#> True

# %% [markdown]
# The blanks of the slides as formulas, without a point: P by the output of a node, the output by its sum.

# %%
print(uphill.formula("P = -(d - o)^2").gradient_formulas().ascii())
print(uphill.formula("o = sigmoid(sigma); sigma = w1*x1 + w2*x2 - t").gradient_formulas().ascii())

# %% [markdown]
# ## The Acquaintance/Sibling network of the book
#
# Two families of three. Of a pair of people one output says whether they are acquaintances, from different families, the other
# whether they are siblings. The network first learns who are acquaintances, then siblings too, at rate 1 from the book's
# weights.

# %%
families = [["Robert", "Raquel", "Romeo"], ["Joan", "James", "Juliet"]]
people = families[0] + families[1]
nodes = [("H1", families[0]), ("H2", families[1]), ("A", ["H1", "H2"]), ("S", ["H1", "H2"])]
fed_by = [(name, source) for name, sources in nodes for source in ["threshold", *sources]]

pairs = [(one, other) for one in range(6) for other in range(one + 1, 6)]
inputs = np.array([[float(k in pair) for k in range(6)] for pair in pairs])
siblings = np.array([float(one // 3 == other // 3) for one, other in pairs])
desired = np.stack([1 - siblings, siblings], axis=1)

first, both = nn.wired(people, nodes, ["A"]), nn.wired(people, nodes, ["A", "S"])
start = first.weights_from({f"{source}->{name}": 0.1 * (k + 1) for k, (name, source) in enumerate(fed_by)})
rules = dict(rate=1, convention="book", outputs_within=0.1, looked_at_every=25)
acquaintances = nn.train(first, inputs, desired[:, :1], weights=start, **rules)
trained = nn.train(both, inputs, desired, weights=acquaintances.weights, **rules)
print(acquaintances.changes, "changes for acquaintances,", trained.changes, "more for siblings too")
#> 225 changes for acquaintances, 175 more for siblings too

# %%
for name in ("threshold→H1", "Robert→H1"):
    print(name, round(acquaintances.named_weights[name], 4), round(trained.named_weights[name], 4))
#> threshold→H1 1.9918 2.7163
#> Robert→H1 4.6473 6.0215

# %% [markdown]
# ## Exclusive or, and the hill that it climbs
#
# Two hidden nodes do. The curve of the training is the notebook's view of it; the surface is P over two of its weights, with
# the others as they were found.

# %%
network = nn.layered([2, 2, 1], offset="bias")
inputs, desired = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([[0], [1], [1], [0]])
training = nn.train(network, inputs, desired, start=("uniform", 1), seed=1, rate=2, outputs_within=0.1, changes=20_000)
print(training(inputs).round().ravel())
#> [0. 1. 1. 0.]
training

# %%
hill = nn.performance(network, inputs, desired)
one, other = network.weight_names[:2]
uphill.surface(hill, one, other, at=training.weights, solid=True, title="P of exclusive or")

# %% [markdown]
# On the summit the gradient is short, and nothing was taken on trust: differences say the same.

# %%
print(np.linalg.norm(hill.gradient()(training.weights)) < 0.1, uphill.check(hill, training.weights).passed)
#> True True
