"""IEEE 754 at every edge, and DomainError exactly outside the domain."""

from __future__ import annotations

import copy
import itertools
import math
import pickle
import random
import warnings

import pytest

import glassgrad as gg
from glassgrad.core.op import TABLE, DomainError, DomainWarning, Op
from helpers import exact, sampling

DOMAINS = {name: op for name, op in TABLE.items() if op.domain is not None}

IEEE = [  # IEEE 754-2019, section 9.2.1, and C's annex F
    ("exp", (-math.inf,), 0.0),
    ("exp", (math.inf,), math.inf),
    ("exp", (710.0,), math.inf),
    ("exp", (-750.0,), 0.0),
    ("expm1", (-math.inf,), -1.0),
    ("expm1", (-0.0,), -0.0),
    ("exp2", (1024.0,), math.inf),
    ("exp2", (-1074.0,), math.ulp(0.0)),
    ("log", (0.0,), -math.inf),
    ("log", (-0.0,), -math.inf),
    ("log", (math.inf,), math.inf),
    ("log", (-1.0,), math.nan),
    ("log1p", (-1.0,), -math.inf),
    ("log1p", (-0.0,), -0.0),
    ("log2", (math.ulp(0.0),), -1074.0),
    ("sqrt", (-0.0,), -0.0),
    ("sqrt", (-1.0,), math.nan),
    ("cbrt", (-8.0,), -2.0),
    ("cbrt", (-math.inf,), -math.inf),
    ("cbrt", (-0.0,), -0.0),
    ("sin", (-0.0,), -0.0),
    ("sin", (math.inf,), math.nan),
    ("tan", (-0.0,), -0.0),
    ("atan", (math.inf,), math.pi / 2),
    ("atan2", (0.0, -0.0), math.pi),
    ("atan2", (-0.0, -0.0), -math.pi),
    ("atan2", (-0.0, 1.0), -0.0),
    ("atan2", (math.inf, -math.inf), 3 * math.pi / 4),
    ("sinh", (-800.0,), -math.inf),
    ("cosh", (-800.0,), math.inf),
    ("tanh", (-math.inf,), -1.0),
    ("tanh", (800.0,), 1.0),
    ("asinh", (-math.inf,), -math.inf),
    ("acosh", (math.inf,), math.inf),
    ("acosh", (1.0,), 0.0),
    ("atanh", (1.0,), math.inf),
    ("atanh", (-1.0,), -math.inf),
    ("atanh", (-0.0,), -0.0),
    ("erf", (-math.inf,), -1.0),
    ("erfc", (-math.inf,), 2.0),
    ("lgamma", (math.inf,), math.inf),
    ("lgamma", (-3.0,), math.inf),
    ("div", (1.0, -0.0), -math.inf),
    ("div", (0.0, 0.0), math.nan),
    ("div", (-5.0, math.inf), -0.0),
    ("pow", (math.nan, 0.0), 1.0),
    ("pow", (1.0, math.nan), 1.0),
    ("pow", (-1.0, math.inf), 1.0),
    ("pow", (-0.0, -3.0), -math.inf),
    ("pow", (-0.0, -2.0), math.inf),
    ("pow", (0.0, -math.inf), math.inf),
    ("pow", (-8.0, 1 / 3), math.nan),
    ("pow", (-2.0, math.nan), math.nan),
    ("pow", (-2.0, 1025.0), -math.inf),
    ("pow", (-math.inf, 0.5), math.inf),
    ("pow", (-math.inf, -3.0), -0.0),
    ("hypot", (math.inf, math.nan), math.inf),
    ("hypot", (3 * 2.0**700, 4 * 2.0**700), 5 * 2.0**700),
    ("maximum", (math.nan, 1.0), math.nan),
    ("maximum", (1.0, math.nan), math.nan),
    ("minimum", (1.0, math.nan), math.nan),
    ("floor", (-0.5,), -1.0),
    ("floor", (-0.0,), -0.0),
    ("ceil", (-0.5,), -0.0),
    ("ceil", (math.inf,), math.inf),
    ("sub", (math.inf, math.inf), math.nan),
    ("mul", (0.0, math.inf), math.nan),
    ("add", (1e308, 1e308), math.inf),
    ("mod", (-1.0, math.inf), math.inf),
    ("mod", (5.5, -2.0), -0.5),
    ("mod", (1.0, math.inf), 1.0),
    ("mod", (1.0, 0.1), 0.09999999999999995),
    ("floordiv", (5.5, -2.0), -3.0),
    ("floordiv", (1.0, 0.1), 9.0),  # though 1.0 / 0.1 is 10.0
    ("floordiv", (-1.0, math.inf), -1.0),
    ("relu", (-math.inf,), 0.0),
    ("abs", (-0.0,), 0.0),
]

COMPARISONS = {"less", "less_equal", "greater", "greater_equal", "equal", "not_equal"}


@pytest.mark.parametrize(("name", "xs", "expected"), IEEE, ids=str)
def test_values_at_the_edges(name, xs, expected):
    assert exact.same(TABLE[name].value(*xs), expected)


@pytest.mark.parametrize("op", TABLE.values(), ids=TABLE)
def test_values_are_floats_and_never_raise(op):
    for xs in sampling.edges(op):
        assert isinstance(op.value(*xs), float), xs


@pytest.mark.parametrize("op", TABLE.values(), ids=TABLE)
def test_nan_goes_in_and_comes_out(op):
    """But where the result does not depend on the argument, or is a truth: to nan, all is unequal."""
    if op.name in COMPARISONS:
        for xs in sampling.edges(op):
            if any(map(math.isnan, xs)):
                assert op.value(*xs) == op(*xs) == (op.name == "not_equal"), xs
        return
    for xs in sampling.edges(op):
        known = op.name == "where" or (op.name, *xs[: op.arity]) in {("pow", 1.0, xs[-1]), ("pow", xs[0], 0.0)}
        known = known or (op.name == "hypot" and any(map(math.isinf, xs)))
        if any(map(math.isnan, xs)) and not known:
            assert math.isnan(op.value(*xs)), xs
            assert math.isnan(op(*xs)), xs


@pytest.mark.parametrize("op", TABLE.values(), ids=TABLE)
def test_an_operation_of_bools_and_ints_is_one_of_floats(op):
    for xs in itertools.product((True, False, 2), repeat=op.arity):
        with gg.errstate(domain="nan"):
            y = op(*xs)
        assert type(y) is float
        assert y == (expected := op.value(*map(float, xs))) or (y != y and expected != expected)


@pytest.mark.parametrize("op", DOMAINS.values(), ids=DOMAINS)
def test_domain_error_exactly_outside_the_domain(op):
    draw = random.Random(op.name)
    points = [xs for xs in sampling.edges(op) if not any(map(math.isnan, xs))]
    points += [tuple(sampling.one(draw) for _ in range(op.arity)) for _ in range(300)]
    inside = 0
    for xs in points:
        if op.domain.holds(*xs):
            inside += 1
            y = op(*xs)
            if all(map(math.isfinite, xs)):
                assert y == y, f"{op.name}{xs} is nan, though inside the domain"
            op(*map(gg.Scalar, xs[:1]), *xs[1:])
        else:
            assert not math.isfinite(op.value(*xs)), f"{op.name}{xs} has a value, though outside the domain"
            with pytest.raises(DomainError):
                op(*xs)
            with pytest.raises(DomainError):
                op(*xs[:-1], gg.Scalar(xs[-1]))
    assert 0 < inside < len(points)


@pytest.mark.parametrize("op", [op for op in TABLE.values() if op.domain is None], ids=str)
def test_operations_without_a_domain_are_defined_everywhere(op):
    for xs in sampling.edges(op):
        if all(map(math.isfinite, xs)):
            assert op(*xs) == op(*xs), xs


def outside(op: Op) -> tuple[float, ...]:
    """Arguments outside the domain of ``op``."""
    spots = (-2.5, -3.0, 0.0, 1.5, math.inf)
    return next(xs for xs in itertools.product(spots, repeat=op.arity) if not op.domain.holds(*xs))


@pytest.mark.parametrize("op", DOMAINS.values(), ids=DOMAINS)
def test_domain_error_says_what_where_and_why(op):
    xs = outside(op)
    nodes = [gg.Scalar(x, label=f"node_{i}") for i, x in enumerate(xs)]
    for args in (xs, nodes):
        with pytest.raises(DomainError) as caught:
            op(*args)
        text = str(caught.value)
        assert op.name in text or f" {op.symbol} " in text
        assert all(repr(x) in text for x in xs)
        assert op.domain.text in text
        assert "errstate" in text
        assert ("node_0" in text) == (args is nodes)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize("op", DOMAINS.values(), ids=DOMAINS)
def test_errstate(op):
    xs = outside(op)
    for args in (xs, [gg.Scalar(x) for x in xs]):
        with gg.errstate(domain="nan"), warnings.catch_warnings():
            warnings.simplefilter("error")
            silent = op(*args)
        with gg.errstate(domain="warn"), pytest.warns(DomainWarning, match="is undefined: needs"):
            warned = op(*args)
        value = op.value(*xs)
        assert exact.same(float(silent), value)
        assert exact.same(float(warned), value)
        with gg.errstate(domain="nan"), gg.errstate(domain="raise"), pytest.raises(DomainError):
            op(*args)
        with pytest.raises(DomainError):
            op(*args)


def test_division_by_zero_is_also_python_s():
    for op, xs in ((gg.div, (1.0, 0.0)), (gg.mod, (1.0, 0.0)), (gg.floordiv, (1.0, 0.0)), (gg.pow, (0.0, -1.0))):
        with pytest.raises(ZeroDivisionError):
            op(*xs)
        with pytest.raises(ZeroDivisionError):
            op(gg.Scalar(xs[0]), gg.Scalar(xs[1]))
    with pytest.raises(DomainError) as caught:
        gg.log(0.0)
    assert not isinstance(caught.value, ZeroDivisionError)


def test_what_raises_makes_no_node_and_changes_none():
    x = gg.Scalar(-2.0, label="x")
    x.grad = 5.0
    with pytest.raises(DomainError):
        gg.log(x * 1.0)
    assert (x.data, x.grad, x.prev) == (-2.0, 5.0, ())


def test_a_leaf_that_leaves_the_domain_leaves_all_values_as_they_were():
    x = gg.Scalar(2.0, label="x")
    y = gg.log(x * 1.0) * 3.0
    before = y.data
    x.data = -1.0
    with pytest.raises(DomainError, match="log"):
        y.forward()
    assert y.data == before
    with gg.errstate(domain="nan"):
        assert math.isnan(y.forward().data)


# An entry is one object


@pytest.mark.parametrize("op", TABLE.values(), ids=TABLE)
def test_copies_and_pickles_are_the_entry_itself(op):
    assert copy.copy(op) is op
    assert copy.deepcopy([op])[0] is op
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(op, protocol)) is op


@pytest.mark.parametrize("op", TABLE.values(), ids=TABLE)
def test_entries_say_who_they_are(op):
    assert TABLE[op.name] is op
    assert op.__name__ == op.name == op.name.strip() != ""
    assert op.name in repr(op)
    assert op.symbol == op.symbol.strip() != ""
    assert len(op.symbol) <= 12
    assert op.__doc__
    assert len(op.__doc__) >= 5 or op.name in ("neg",)
    assert len(op.partials) == op.arity >= 1
    for condition in (op.domain, op.kinks):
        assert condition is None or (condition.text and callable(condition.holds))


@pytest.mark.parametrize("op", TABLE.values(), ids=TABLE)
def test_latex_takes_the_arguments(op):
    names = [rf"\alpha_{{{i}}}" for i in range(op.arity)]
    text = op.latex.format(*names)
    assert all(name in text for name in names)
    depth = 0
    for char in text:
        depth += (char == "{") - (char == "}")
        assert depth >= 0
    assert depth == 0
    assert text.count(r"\left") == text.count(r"\right")
    with pytest.raises(IndexError):
        op.latex.format(*names[:-1])


@pytest.mark.parametrize("op", TABLE.values(), ids=TABLE)
def test_a_wrong_number_of_arguments(op):
    for count in (op.arity - 1, op.arity + 1):
        for x in (0.5, gg.Scalar(0.5)):
            with pytest.raises(TypeError, match=f"{op.name} takes {op.arity} argument"):
                op(*[x] * count)


@pytest.mark.parametrize("bad", ["1", None, 1j, {}, gg], ids=repr)
@pytest.mark.parametrize("op", TABLE.values(), ids=TABLE)
def test_what_is_not_a_number(op, bad):
    for other in (0.5, gg.Scalar(0.5)):
        for args in ([bad, *[other] * (op.arity - 1)], [*[other] * (op.arity - 1), bad]):
            with pytest.raises(TypeError):
                op(*args)


def test_ints_too_large_for_floats_and_other_numbers():
    from decimal import Decimal
    from fractions import Fraction

    assert gg.exp(0) == gg.exp(False) == gg.exp(Fraction(0)) == gg.exp(Decimal(0)) == 1.0
    with pytest.raises(OverflowError, match="too large"):
        gg.exp(10**400)
    with pytest.raises(OverflowError, match="too large"):
        gg.Scalar(1.0) + 10**400
