"""Time drawings and the import: ``python benchmarks/drawing.py``, in any environment that has glassgrad.

It draws graphs of random sums and products with 500 to 5,000 nodes as SVG, and a chain of a million nodes, of which the
drawing shows 500. It imports glassgrad in processes of their own. It prints medians of processor time and their range.
"""

import platform
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import glassgrad as gg

ROUNDS = 5


def random_graph(size: int) -> gg.Scalar:
    """Return a graph of about ``size`` nodes. Each is a product of one of the thirty nodes before it and any other."""
    rng = random.Random(0)
    nodes = [gg.Scalar(rng.random()) for _ in range(size // 10)]
    while len(nodes) < size // 2:
        nodes.append(rng.choice(nodes[-30:]) * rng.choice(nodes))
    return gg.total(nodes)


def timed(job: Callable[[], object]) -> list[float]:
    """Return the processor time of ``job`` in seconds, for each round."""
    spent = []
    for _ in range(ROUNDS):
        start = time.process_time()
        job()
        spent.append(time.process_time() - start)
    return spent


def row(what: str, seconds: list[float]) -> None:
    """Print a line of the table."""
    print(f"{what:<44}{statistics.median(seconds):8.3f} s  ({min(seconds):.3f}-{max(seconds):.3f})")


def import_seconds() -> float:
    """Return the processor time of ``import glassgrad`` in a fresh process."""
    code = "import time; start = time.process_time(); import glassgrad; print(time.process_time() - start)"
    return float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)


if __name__ == "__main__":
    build = "compiled" if gg.compiled() else "plain Python"
    print(
        f"glassgrad {gg.__version__} ({build}), CPython {platform.python_version()}, {platform.platform()}, one thread"
    )
    row("import glassgrad", [import_seconds() for _ in range(ROUNDS)])
    for size in (500, 1_600, 5_000):
        root = random_graph(size)
        count = len(gg.trace(root)[0])
        row(f"draw, {count} nodes, as SVG", timed(lambda root=root: gg.draw(root, max_nodes=10_000).svg()))
    chain = gg.Scalar(1.0)
    for _ in range(1_000_000):
        chain = chain * 1.000001
    row("draw, a million nodes, 500 of them shown", timed(lambda: gg.draw(chain).svg()))
