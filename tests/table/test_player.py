"""Every operation in the player: its page computes the values and gradients that Python has, by the rules of the table.

The engine of the page runs in node, without a browser; `tests/player/browser` runs it in one.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
from pathlib import Path

import pytest

import glassgrad as gg
from glassgrad.core.op import TABLE, Op
from glassgrad.player import document
from glassgrad.player.rules import rule_of
from helpers import sampling

PLAYER = Path(__file__).resolve().parents[2] / "src/glassgrad/player/js"
NODE = shutil.which("node")
REQUIRED = os.environ.get("GLASSGRAD_NODE") == "required"
TOLERANCE = 1e-12  # relative: what is promised
POINTS = 60

RUN = """
import { Engine } from %s;
import { readFileSync } from "node:fs";
const told = (x) => (Number.isFinite(x) ? x : String(x).replace("Infinity", "inf").toLowerCase());
const found = JSON.parse(readFileSync(0, "utf8")).map((document) => {
  const engine = new Engine(document);
  return [Array.from(engine.value, told), Array.from(engine.grad, told)];
});
process.stdout.write(JSON.stringify(found));
"""

every_operation = pytest.mark.parametrize("op", TABLE.values(), ids=TABLE)
needs_node = pytest.mark.skipif(NODE is None and not REQUIRED, reason="needs Node.js")


def graphs(op: Op) -> list[gg.Scalar]:
    """The operation at many points, times 3, with its gradients."""
    found = []
    with gg.errstate(domain="nan"):
        for xs in sampling.arguments(op, 5, POINTS):
            leaves = [x if rule_of(op, i) is None else gg.Scalar(x) for i, x in enumerate(xs)]
            root = op(*leaves) * 3.0
            root.backward()
            found.append(root)
    return found


def in_the_page(documents: list[dict]) -> list:
    assert NODE is not None, "GLASSGRAD_NODE=required, but there is no node"
    script = RUN % json.dumps((PLAYER / "engine.js").as_uri())
    done = subprocess.run(
        [NODE, "--input-type=module", "-e", script], input=json.dumps(documents), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def off(found: float, expected: float) -> float:
    """How far one float is from the other, relatively; infinities and nans are far from all but themselves."""
    if found == expected or (found != found and expected != expected):
        return 0.0
    if not (math.isfinite(found) and math.isfinite(expected)):
        return math.inf
    return abs(found - expected) / max(abs(expected), 1e-300)


@every_operation
def test_each_derivative_is_a_tape(op):
    """No rule of the table does what a page could not."""
    for i, rule in enumerate(op.partials):
        assert (rule is None) == (rule_of(op, i) is None), f"the derivative of {op.name} by operand {i}"


@needs_node
@every_operation
def test_values_and_gradients_are_pythons(op):
    roots = graphs(op)
    for root, (values, grads) in zip(roots, in_the_page([document.of(root) for root in roots]), strict=True):
        for node, value, grad in zip(document.nodes_of(root), map(float, values), map(float, grads), strict=True):
            where = f"{op.name}{tuple(x.data for x in root.prev[0].prev)}, node {node!r}"
            assert off(value, node.data) <= TOLERANCE, where
            if not node.is_constant:
                assert off(grad, node.grad) <= TOLERANCE, where
