"""The page's engine, in the browser: its values and gradients are Python's, for every operation of the table."""

import math
import random

import pytest

import glassgrad as gg
from glassgrad.core.op import TABLE
from glassgrad.player import document
from glassgrad.player.rules import rule_of
from helpers import sampling

pytestmark = pytest.mark.browser

TOLERANCE = 1e-12  # relative: what is promised
POINTS = 25
EACH = "Array.from(engine.value, (x, i) => [x, engine.grad[i], engine.kind[i] === 2, engine.frozen(i)])"


def far(found: float, expected: float) -> bool:
    if found == expected or (found != found and expected != expected):
        return False
    if not (math.isfinite(found) and math.isfinite(expected)):
        return True
    return abs(found - expected) > TOLERANCE * max(abs(expected), 1e-300)


def programs(seed: int):
    """Every operation at many points, times 3, as one sum, whose slope by each is 1: ``(root, leaves, names)``."""
    root, leaves, names = gg.Scalar(0.0), [], {}
    with gg.errstate(domain="nan"):
        for op in TABLE.values():
            movable = [rule_of(op, i) is not None for i in range(op.arity)]
            for xs in sampling.arguments(op, seed if all(movable) else 0, POINTS):
                mine = [gg.Scalar(x) if moves else x for x, moves in zip(xs, movable)]
                made = op(*mine)
                names[id(made)] = f"{op.name}{xs}"
                for operand in made.prev:
                    names.setdefault(id(operand), f"an operand of {op.name}{xs}")
                leaves += [x for x, moves in zip(mine, movable) if moves]
                root = root + made * 3.0
        root.backward()
    return root, leaves, names


def compare(root, names, numbers):
    wrong = []
    for node, (value, grad, constant, frozen) in zip(document.nodes_of(root), numbers, strict=True):
        name = names.get(id(node), "the sum")
        if far(value, node.data) or frozen:
            wrong.append(f"{name}: value {value!r}, Python has {node.data!r}")
        if not constant and far(grad, node.grad):
            wrong.append(f"{name}: gradient {grad!r}, Python has {node.grad!r}")
    assert wrong == []


def test_every_operation_has_pythons_numbers(page_of):
    """As the page recomputes them when it opens, and again at other points, to which its leaves are moved."""
    root, leaves, names = programs(1)
    shown = page_of(root)
    compare(root, names, shown.session(EACH))
    other, others, other_names = programs(2)
    places = {id(node): i for i, node in enumerate(document.nodes_of(root))}
    pairs = [[places[id(leaf)], x.data] for leaf, x in zip(leaves, others, strict=True)]
    shown.session("session.setValues(argument)", pairs)
    compare(other, other_names, shown.session(EACH))


def test_edges_have_pythons_numbers(page_of):
    """Infinities, nan, -0.0, the largest and the smallest numbers."""
    draw = random.Random("edges")
    root, names = gg.Scalar(0.0), {}
    with gg.errstate(domain="nan"):
        for op in TABLE.values():
            every = list(sampling.edges(op))
            for xs in draw.sample(every, min(40, len(every))):
                try:
                    made = op(*[gg.Scalar(x) if rule_of(op, i) is not None else x for i, x in enumerate(xs)])
                except (gg.GlassgradError, ValueError, TypeError):
                    continue  # no such node in Python
                names[id(made)] = f"{op.name}{xs}"
                for operand in made.prev:
                    names.setdefault(id(operand), f"an operand of {op.name}{xs}")
                root = root + made * 3.0
        root.backward()
    compare(root, names, page_of(root).session(EACH))
