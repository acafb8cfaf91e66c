"""The minimum cut of a network is that of a search through all cuts."""

import itertools
import random

import pytest

from glassgrad.compiler.ir.memory.mincut import NEVER, Network


def by_search(count: int, edges: list[tuple[int, int, int]]) -> int:
    """The value of a minimum cut between nodes 0 and 1, of all cuts."""
    sides = itertools.product([False, True], repeat=count - 2)
    return min(sum(c for a, b, c in edges if (True, False, *s)[a] and not (True, False, *s)[b]) for s in sides)


@pytest.mark.parametrize("seed", range(50))
def test_it_is_the_least_of_all_cuts(seed):
    rng = random.Random(seed)
    network, count = Network(), rng.randint(2, 9)
    for _ in range(count - 2):
        network.node()
    edges = [
        (rng.randrange(count), rng.randrange(count), rng.choice([0, 1, 2, 5, 9])) for _ in range(rng.randint(0, 25))
    ]
    for edge in edges:
        network.edge(*edge)
    value, side = network.cut()
    assert value == by_search(count, edges)
    assert (side[0], side[1]) == (True, False)
    assert value == sum(c for a, b, c in edges if side[a] and not side[b])


def test_a_long_chain_is_cut_at_its_narrowest_edge():
    network, last = Network(), 0
    for k in range(5000):
        node = network.node()
        network.edge(last, node, 3 if k == 2500 else NEVER)
        last = node
    network.edge(last, 1, 7)
    value, side = network.cut()
    assert value == 3
    assert sum(side) == 1 + 2500


def test_it_agrees_with_networkx():
    networkx = pytest.importorskip("networkx")
    rng = random.Random(0)
    graph, network = networkx.DiGraph(), Network()
    for _ in range(300):
        network.node()
    for _ in range(1500):
        a, b, c = rng.randrange(302), rng.randrange(302), rng.randint(1, 100)
        if a != b and not graph.has_edge(a, b):
            graph.add_edge(a, b, capacity=c)
            network.edge(a, b, c)
    assert network.cut()[0] == networkx.minimum_cut_value(graph, 0, 1)
