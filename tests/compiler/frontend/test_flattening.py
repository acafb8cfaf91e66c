"""From the nodes of a run to arrays of references."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import numpy as np
import pytest

import glassgrad as gg
from glassgrad.compiler.frontend.tracer import CAPTURED, PathTrace, TooLong, Tracer, trace_path
from glassgrad.core import scalar


def run(f, *numbers, late=lambda: False):
    leaves = [scalar.variable(x) for x in numbers]
    return trace_path(f, leaves, tuple(leaves), {}, late), leaves


def test_references():
    outside = gg.Scalar(7.0)

    def f(x, y):
        z = x * 2.0 + outside
        return z * -0.0 + y * 0.0 + z * 2.0 + y * float("nan") + outside * float("nan")

    trace, _ = run(f, 1.0, 3.0)
    assert trace.captured == [outside]
    assert [op.name for op in trace.ops] == [
        "mul",
        "add",
        *["mul"] * 2,
        "add",
        "mul",
        "add",
        "mul",
        "add",
        "mul",
        "add",
    ]
    assert trace.args[:4] == [(0, -1), (2, CAPTURED), (3, -2), (1, -3)]
    assert trace.args[5] == (3, -1), "a constant is stored once"
    assert trace.args[7][1] == trace.args[9][1] == -4, "and so is nan"
    assert repr(trace.constants) == "[2.0, -0.0, 0.0, nan]"


def test_results_are_found_after_other_walks():
    """The numbers of nodes are written into the nodes, where the next walk writes its own."""
    trace, leaves = run(lambda x, y: [x, x * y, x * y + x, y], 2.0, 3.0)
    wanted = [trace.reference(x) for x in trace.result]
    assert wanted == [0, 3, 4, 1] or len(set(wanted)) == 4
    scalar.variable_below(*trace.result)
    trace.result[2].backward()
    gg.graph.topological(trace.result[2])
    assert [trace.reference(x) for x in trace.result] == wanted
    assert all(map(trace.has, trace.result))
    other = leaves[0] * 2.0
    other.backward()
    assert not trace.has(other)
    assert not trace.has(2.0)


def test_a_closed_run_holds_no_node():
    trace, _ = run(lambda x: gg.sin(x) * x, 0.5)
    trace.close()
    assert trace.nodes is None
    assert trace.result is None


def test_where_guards_lie():
    def f(x):
        y = x * 2.0
        if y > 1.0:
            y = y + 1.0
        if y > 100.0 or x > 0.0:
            y = gg.sin(y)
        return y

    trace, _ = run(f, 3.0)
    names = [op.name for op in trace.ops]
    assert names == ["mul", "greater", "add", "greater", "greater", "sin"]
    assert [(guard.position, guard.condition, guard.outcome) for guard in trace.guards] == [
        (2, 2, True),
        (4, 4, False),
        (5, 5, True),
    ]


def test_the_clock_is_watched():
    with pytest.raises(TooLong):
        run(lambda x: sum([x * k for k in range(1000)]), 1.0, late=lambda: True)
    tracer, made = Tracer("f", lambda: True), PathTrace(1)
    leaf = scalar.variable(1.0)
    for _ in range(600):
        tracer.made.append(leaf * 2.0)
    with pytest.raises(TooLong):
        tracer.flatten([leaf], made)


@pytest.mark.parametrize("count", [0, 1, 2, 7])
def test_one_path_with_nodes_from_outside(count):
    nodes = [gg.Scalar(float(k + 2), label=f"n{k}") for k in range(count)]

    def f(x, y):
        total = x * y
        for node in nodes:
            total = total * node + node
        if total > 0.5:
            total = total + 1.0
        return total, y, *nodes

    one = gg.jit(f)
    for x in (0.25, 1.5):
        found, wanted = one(x, 4.0), f(gg.Scalar(x), gg.Scalar(4.0))
        np.testing.assert_array_equal([float(a) for a in found], [b.data for b in wanted])
    for node in nodes:
        node.data += 1.0
    found, wanted = one(1.5, 4.0), f(gg.Scalar(1.5), gg.Scalar(4.0))
    np.testing.assert_array_equal([float(a) for a in found], [b.data for b in wanted])


MEMORY = """
import resource
import numpy
import glassgrad as gg
from glassgrad.compiler.frontend.tracer import trace_path
from glassgrad.core import scalar

def f(x, y):
    for k in range(20_000):
        x, y = x + y * 0.001, y - gg.sin(x) * 0.001
    return x

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

def operations():
    leaves = [scalar.variable(1.0), scalar.variable(0.5)]
    return len(trace_path(gg.grad(f, argnums=(0, 1)), leaves, tuple(leaves), {}).recorded.code)

before = peak()
print(operations(), peak() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads Linux's account of memory")
@pytest.mark.skipif(not gg.compiled(), reason="nodes of plain Python are larger")
def test_a_million_operations_take_a_third_of_a_gigabyte():
    """Measured on a fifth of a million."""
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(MEMORY)], capture_output=True, text=True, check=True)
    count, grown = map(int, done.stdout.split())
    assert count > 200_000
    assert grown / count < 0.33 * 2**30 / 1e6, grown / count
