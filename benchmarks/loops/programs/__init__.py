"""Programs with loops, each a plain Python function of nodes: `find("heston")(n=10)` is a `Program`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from . import algebra, fields, finance, mechanics, networks, series
from .record import Program

__all__ = ["MAKERS", "ROWS", "SMALL", "Program", "Row", "find", "small"]

Maker = Callable[..., Program]

MAKERS: dict[str, Maker] = {
    maker.__name__: maker
    for maker in (
        finance.heston, finance.libor, mechanics.lorenz, mechanics.kepler, networks.lstm, networks.rnn, networks.mlp,
        networks.mlp_arrays, series.kalman, series.hmm, fields.heat, fields.brusselator, series.soft_dtw,
        finance.binomial, algebra.matmul, algebra.mixture, algebra.log_sum_exp, algebra.dot, series.garch,
        mechanics.nbody, algebra.cholesky,
    )
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """A row of the benchmark: a program at one size.

    Attributes:
        title: what the tables call it.
        name: the name of the program.
        sizes: the sizes that differ from the program's own.
    """

    title: str
    name: str
    sizes: Mapping[str, int | None] = field(default_factory=dict)

    def program(self) -> Program:
        return MAKERS[self.name](**self.sizes)


def solver(name: str) -> list[Row]:
    steps = (100, 1_000, 10_000)
    one = [Row(f"{name} {n:,}, one call", name, {"n": n, "lanes": None}) for n in steps]
    return one + [Row(f"{name} {n:,}, 1,000 lanes", name, {"n": n, "lanes": 1000}) for n in steps]


ROWS = [
    Row("heston 252", "heston"),
    Row("heston 1,000", "heston", {"n": 1000}),
    Row("libor 40, 80", "libor"),
    *solver("lorenz"),
    *solver("kepler"),
    *(Row(f"lstm {n}", "lstm", {"n": n}) for n in (16, 64, 256)),
    Row("rnn 100", "rnn"),
    Row("mlp 16, lists", "mlp"),
    Row("mlp 64, lists", "mlp", {"hidden": 64}),
    Row("mlp 16, @", "mlp_arrays"),
    Row("mlp 64, @", "mlp_arrays", {"hidden": 64}),
    Row("kalman 200", "kalman"),
    Row("hmm 5, 300", "hmm"),
    Row("heat 200, 200", "heat"),
    Row("brusselator 256", "brusselator"),
    Row("soft-dtw 60, 60", "soft_dtw"),
    Row("binomial 200", "binomial"),
    Row("matmul 30", "matmul"),
    Row("mixture d20 k25", "mixture"),
    Row("log-sum-exp 10,000", "log_sum_exp"),
    Row("dot 100,000", "dot"),
    Row("garch 1,000", "garch"),
    Row("n-body 8, 20", "nbody"),
    Row("cholesky 20", "cholesky"),
]

# For tests: sizes at which a program still has all its loops, and its record has at most some thousand operations.
SMALL: dict[str, Mapping[str, int]] = {
    "heston": {"n": 12, "lanes": 9},
    "libor": {"steps": 6, "rates": 14, "lanes": 9},
    "lorenz": {"n": 12, "lanes": 9},
    "kepler": {"n": 12, "lanes": 9},
    "lstm": {"n": 5, "hidden": 4, "lanes": 9},
    "rnn": {"n": 8, "hidden": 4, "lanes": 9},
    "mlp": {"hidden": 5, "lanes": 9},
    "mlp_arrays": {"hidden": 5, "lanes": 9},
    "kalman": {"n": 16, "lanes": 9},
    "hmm": {"n": 16, "states": 3, "lanes": 9},
    "heat": {"n": 12, "steps": 10, "lanes": 9},
    "brusselator": {"n": 12, "steps": 6, "lanes": 9},
    "soft_dtw": {"n": 7, "lanes": 9},
    "binomial": {"n": 12, "lanes": 9},
    "matmul": {"n": 6, "lanes": 9},
    "mixture": {"d": 4, "k": 3, "lanes": 9},
    "log_sum_exp": {"n": 50},
    "dot": {"n": 100},
    "garch": {"n": 30, "lanes": 9},
    "nbody": {"n": 4, "steps": 4, "lanes": 9},
    "cholesky": {"n": 6, "lanes": 9},
}


def find(name: str) -> Maker:
    """Return the function that makes a program, which takes the sizes that shall differ from its own."""
    if name not in MAKERS:
        raise KeyError(f"no program is called {name!r}; there are {', '.join(MAKERS)}")
    return MAKERS[name]


def small(name: str, **sizes: int | None) -> Program:
    """Return a program at its size for tests, but for the sizes that are given."""
    return find(name)(**{**SMALL[name], **sizes})
