"""The rules that the player explains: every partial of the table has one, and says what the partial computes."""

from __future__ import annotations

import itertools
import math
import re

import pytest

import glassgrad as gg
from glassgrad.core.op import TABLE, errstate
from glassgrad.player.document import of

POINTS = [0.4, 1.7, -0.6, 2.0, 3.0, 1.0]
FUNCTIONS = {name: getattr(gg, name) for name in ("exp", "sqrt", "sin", "cos", "sinh", "cosh", "digamma", "polygamma")}
FUNCTIONS |= {"ln": math.log, "π": math.pi, "sign": lambda x: (x > 0) - (x < 0), "sigmoid": gg.sigmoid}
FUNCTIONS |= {name: TABLE[name] for name in ("norm_pdf", "norm_cdf")}
SIGNS = {"−": "-", "·": "*", "²": "**2", "^": "**", "½ if": "0.5 if", " = ": " == ", ", else": " else"}
PARTIALS = [
    (op, i)
    for op in TABLE.values()
    for i, rule in enumerate(op.partials or ())
    if rule is not None
]  # fmt: skip


def evaluated(text, y, xs):
    """The number that a rule's text stands for."""
    text = re.sub(r"(\(1 if [^,]*), ", r"\1 else ", text)  # three cases
    for sign, python in SIGNS.items():
        text = text.replace(sign, python)
    names = {"y": "y", **{str(k): f"x{k}" for k in range(len(xs))}}
    for key, name in names.items():
        text = text.replace(f"{{{key}}}", name)
    return float(eval(text, {**FUNCTIONS, "y": y, **{f"x{k}": x for k, x in enumerate(xs)}}))


@pytest.mark.parametrize(("op", "i"), PARTIALS, ids=[f"{op.name}-{i}" for op, i in PARTIALS])
def test_what_is_said_of_a_partial_is_what_it_computes(op, i):
    entry = f"slopes= of {op.name} in core/ops.py"
    assert len(op.slopes or ()) == op.arity, (
        f"{entry} must be {op.arity} formulas, one for each argument, got {op.slopes!r}: write them as people do, with "
        "{y} for the result and {0}, {1}, … for the arguments"
    )
    text = op.slopes[i]
    checked = 0
    for xs in itertools.product(POINTS, repeat=op.arity):
        if op.name == "polygamma" and not (xs[0] in (1.0, 2.0) and xs[1] > 0):
            continue
        with errstate(domain="nan"):
            y = op.value(*xs)
            partial = op.partial(i, y, list(xs))
        if not math.isfinite(y) or not math.isfinite(partial):
            continue
        try:
            said = evaluated(text, y, xs)
        except (SyntaxError, NameError) as error:
            pytest.fail(
                f"{entry}: {text!r} cannot be computed ({error}): write it with the signs and functions of SIGNS and "
                "FUNCTIONS in this file, or add what is missing there"
            )
        assert said == pytest.approx(partial, rel=1e-9, abs=1e-12), (
            f"{entry}: {text!r} is not what partials[{i}] computes at {xs}: correct whichever of the two is wrong"
        )
        checked += 1
    assert checked >= 2, f"{entry}: {text!r} was checked at {checked} points: add some of its domain to POINTS"


def test_they_are_in_the_document_and_only_there_where_they_are():
    @gg.primitive(partials=lambda y, x: 2 * x)
    def own(x):
        return x * x

    x = gg.Scalar(0.5, label="x")
    tanh, mine = of(own(x.tanh()))["ops"]
    assert tanh["slopes"] == ["1 − {y}²"]
    assert "slopes" not in mine
