"""What a function uses besides its arguments, or does besides returning, is said or refused: never frozen silently."""

from __future__ import annotations

import collections
import contextlib
import contextvars
import dataclasses
import datetime
import functools
import itertools
import random
import secrets
import threading
import time
import types
import uuid
import warnings
from random import gauss
from typing import Any, NamedTuple

import numpy as np
import optree
import pytest

import glassgrad as gg

HERE = "test_outer_state.py"
generator = np.random.default_rng(1)
draw = np.random.default_rng(1).normal
system = random.SystemRandom()
seeds = np.random.SeedSequence(1)
local = threading.local()
local.calls = 0
context = contextvars.ContextVar("context", default=0)
numbers = itertools.count()
squares = (float(k) ** 2 for k in itertools.count())
log: list[Any] = []
memo: dict[Any, Any] = {}
seen: set[int] = set()
queue: collections.deque[Any] = collections.deque()
table = np.zeros(3)
counter = 0


def line_of(f: Any, text: str) -> int:
    """The line of ``f`` with that text."""
    import inspect

    lines, first = inspect.getsourcelines(f)
    return first + next(k for k, line in enumerate(lines) if text in line)


def ways(f: Any) -> list[Any]:
    """Calls of ``f`` compiled, in several ways."""
    return [
        lambda: gg.jit(f)(1.5),
        lambda: gg.vmap(f)(np.array([1.5, 2.5])),
        lambda: gg.jit(gg.grad(f))(1.5),
        lambda: gg.vmap(gg.value_and_grad(f))(np.array([1.5, 2.5])),
    ]


def uses_random(x):
    return x + random.gauss(0, 1)


def uses_a_name_of_random(x):
    return x * gauss(1, 1)


def uses_numpy(x):
    return x * np.random.normal()


def uses_a_generator(x):
    return x * generator.normal()


def calls_what_draws(x):
    return x + helper(x)


def helper(x):
    return x * generator.uniform()


def in_a_comprehension(x):
    return sum([x * generator.uniform() for _ in range(3)])


def uses_the_system(x):
    return x + secrets.randbelow(7) + uuid.uuid4().int * 0


def seeds_by_the_system(x):
    return x * np.random.default_rng().normal()


def uses_another_source(x):
    return x * system.random()


def uses_a_method_of_a_generator(x):
    return x * draw()


def uses_a_default(x, own=np.random.default_rng(3)):  # noqa: B008
    return x * own.normal()


def uses_a_named_default(x, *, own=random.Random(3)):  # noqa: B008
    return x * own.random()


def uses_what_an_object_holds(x):
    return x * space.held[0].model.generator.normal()


def spawns(x):
    return x * np.random.default_rng(seeds.spawn(1)[0]).normal()


def closes_over_a_generator():
    own = random.Random(3)

    def closed(x):
        return x * own.random()

    return closed


class Model:
    def __init__(self) -> None:
        self.generator = np.random.default_rng(2)
        self.calls = 0
        self.history: list[Any] = []

    def draws(self, x):
        return x * self.generator.normal()

    def counts(self, x):
        self.calls += 1
        return x * x

    def remembers(self, x):
        self.history.append(1)
        return x * x

    def __call__(self, x):
        return x + random.random()

    def draws_in_a_method(self, x):
        return self.draws(x)


class Slotted:
    __slots__ = ("model",)

    def __init__(self) -> None:
        self.model = Model()


class Caller:
    total = 0

    def __init__(self) -> None:
        self.generator = np.random.default_rng(2)
        self.calls = 0

    def __call__(self, x):
        self.calls += 1
        return x * x


class Drawer(Caller):
    def __call__(self, x):
        return x * self.generator.normal()


space = types.SimpleNamespace(held=[Slotted()], calls=0, rows=[[0.0]])


@pytest.mark.parametrize(
    ("f", "where"),
    [
        (uses_random, (uses_random, "gauss")),
        (uses_a_name_of_random, (uses_a_name_of_random, "gauss")),
        (uses_numpy, (uses_numpy, "normal")),
        (uses_a_generator, (uses_a_generator, "normal")),
        (calls_what_draws, (helper, "uniform")),
        (in_a_comprehension, (in_a_comprehension, "uniform")),
        (closes_over_a_generator(), (closes_over_a_generator, "own.random")),
        (Model().draws, (Model.draws, "self")),
        (Model(), (Model.__call__, "random.random")),
        (Model().draws_in_a_method, None),
        (Drawer(), (Drawer.__call__, "self")),
        (uses_the_system, (uses_the_system, "return")),
        (seeds_by_the_system, (seeds_by_the_system, "return")),
        (uses_another_source, (uses_another_source, "return")),
        (uses_a_method_of_a_generator, (uses_a_method_of_a_generator, "return")),
        (uses_a_default, (uses_a_default, "def")),
        (uses_a_named_default, (uses_a_named_default, "def")),
        (uses_what_an_object_holds, (uses_what_an_object_holds, "return")),
        (spawns, (spawns, "return")),
        (functools.partial(lambda g, x: x * g.normal(), generator), None),
    ],
    ids=lambda given: getattr(given, "__name__", ""),
)
def test_random_numbers_are_said_with_the_line(f, where):
    for call in ways(f):
        with pytest.warns(RuntimeWarning, match=r"draws random numbers.*pass them as an argument") as heard:
            call()
        assert len(heard) == 1
        if where is not None:
            assert str(heard[0].message).startswith(f"{__file__}:{line_of(*where)}: ")
        assert heard[0].filename == __file__


def reads_time(x):
    return x * time.time()


def reads_a_date(x):
    return x * datetime.datetime.now().year


@pytest.mark.parametrize("f", [reads_time, reads_a_date])
def test_the_clock_is_said_with_the_line(f):
    for call in ways(f):
        with pytest.warns(RuntimeWarning, match=rf"{HERE}:{line_of(f, 'return')}: `{f.__name__}` reads the clock"):
            call()


def appends(x):
    log.append(1)
    return x * x


def keeps(x):
    memo[len(memo)] = 1
    return x * x


def adds(x):
    seen.add(len(seen))
    return x * x


def queues(x):
    queue.append(1)
    return x * x


def writes(x):
    table[0] += 1.0
    return x * x


def counts(x):
    global counter
    counter += 1
    return x * x


def writes_to_a_default(x, calls=[]):  # noqa: B006
    calls.append(1)
    return x * x


def writes_to_itself(x):
    writes_to_itself.calls = getattr(writes_to_itself, "calls", 0) + 1
    return x * x


def writes_to_a_class(x):
    Caller.total += 1
    return x * x


def writes_to_a_namespace(x):
    space.calls += 1
    return x * x


def writes_to_a_nested_list(x):
    space.rows[0].append(1.0)
    return x * x


def writes_to_a_thread(x):
    local.calls += 1
    return x * x


def writes_to_a_context(x):
    context.set(context.get() + 1)
    return x * x


def counting():
    n = 0

    def nested(x):
        nonlocal n
        n += 1
        return x * x

    return nested


@pytest.mark.parametrize(
    ("f", "what"),
    [
        (appends, "the list 'log'"),
        (keeps, "the dict 'memo'"),
        (adds, "the set 'seen'"),
        (queues, "the deque 'queue'"),
        (writes, "the ndarray 'table'"),
        (counts, "the variable 'counter'"),
        (counting(), "the variable 'n'"),
        (writes_to_a_default, "the list 'calls'"),
        (writes_to_itself, "the attribute writes_to_itself.calls"),
        (writes_to_a_class, "the attribute Caller.total"),
        (writes_to_a_namespace, "the attribute space.calls"),
        (writes_to_a_nested_list, r"the list 'space.rows\[0\]'"),
        (writes_to_a_thread, "the attribute local.calls"),
        (writes_to_a_context, "the variable 'context'"),
        (Caller(), "the attribute self.calls"),
        (Model().counts, "the attribute self.calls"),
        (Model().remembers, "the list 'self.history'"),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_what_is_changed_outside_is_said(f, what):
    for call in ways(f):
        with pytest.warns(RuntimeWarning, match=rf"{HERE}:\d+: `.*` changes {what}, which is defined outside it"):
            call()


@pytest.mark.parametrize("f", [lambda x: x * next(numbers), lambda x: x * next(squares)])
def test_an_iterator_that_is_used_up_is_said(f):
    for call in ways(f):
        with pytest.warns(RuntimeWarning, match=rf"{HERE}:\d+: .* uses the iterator '(numbers|squares)'"):
            call()


def test_what_is_seeded_and_what_is_cached_are_the_same_each_time():
    class Cached:
        @functools.cached_property
        def scale(self):
            return 3.0

    cached = Cached()

    def steady(x):
        return x * np.random.default_rng(7).normal() * cached.scale * random.Random(3).random()

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for call in ways(steady):
            call()


def test_what_only_reads_is_left_in_peace():
    weights, options = [1.0, 2.0], {"deep": True}
    own = Model()

    def reads(x):
        local = []
        for w in weights:
            local.append(w * x)
        return sum(local) + own.calls + table[0] + len(memo) + (1.0 if options["deep"] else 0.0)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for call in ways(reads):
            call()


# Arguments


def stores(x):
    x[0] = 5.0
    return x.sum()


def adds_at_an_index(x):
    np.add.at(x, [0], 2.0)
    return x.sum()


def adds_in_place(x):
    x += 1.0
    return x.sum()


def sorts(x):
    x.sort()
    return x[0]


def stores_in_a_list(x):
    y = x[0]
    x[1] = y
    return y


def appends_to_an_argument(x):
    x.append(x[0])
    return x[-1] * 2


def adds_a_key(x):
    x["c"] = x["a"] * 2
    return x["c"]


def changes_deep_inside(x):
    x["b"][0][1] = x["a"]
    return x["a"]


@pytest.mark.parametrize(
    ("f", "argument", "text"),
    [
        (adds_at_an_index, np.ones(3), "np.add.at"),
        (stores, np.ones(3), "x[0] = 5.0"),
        (adds_in_place, np.ones(3), "x += 1.0"),
        (sorts, np.ones(3), "x.sort()"),
        (stores_in_a_list, [1.0, 2.0], "x[1] = y"),
        (appends_to_an_argument, [1.0, 2.0], "x.append"),
        (adds_a_key, {"a": 1.0, "b": 2.0}, 'x["c"] ='),
        (changes_deep_inside, {"a": 1.0, "b": [[1.0, 2.0]]}, 'x["b"]'),
    ],
    ids=lambda given: getattr(given, "__name__", ""),
)
def test_writing_to_an_argument_is_refused_with_the_line(f, argument, text):
    place = rf"{HERE}:{line_of(f, text)}: {f.__name__} changes an argument"
    with pytest.raises(gg.TracingError, match=place):
        gg.jit(f)(argument)
    lanes = optree.tree_map(lambda x: np.stack([np.asarray(x)] * 3), argument)
    with pytest.raises(gg.TracingError, match=place):
        gg.vmap(f)(lanes)


@pytest.mark.parametrize("transform", [gg.grad, gg.value_and_grad, gg.hessian])
def test_writing_to_an_argument_of_a_transform_is_refused_with_the_line(transform):
    for f, text in ((stores, "x[0] = 5.0"), (adds_in_place, "x += 1.0"), (stores_in_a_list, "x[1] = y")):
        argument = [1.0, 2.0] if f is stores_in_a_list else np.ones(3)
        summed = functools.wraps(f)(lambda x, f=f: gg.Array(f(x)).sum())
        place = rf"{HERE}:{line_of(f, text)}: {f.__name__} changes an argument"
        with pytest.raises(gg.TracingError, match=place):
            gg.jit(transform(summed))(argument)
        with pytest.raises(gg.TracingError, match=place):
            gg.vmap(transform(summed))(np.ones((4, len(argument))) if f is not stores_in_a_list else [np.ones(4)] * 2)


def writes_on_one_path(x):
    if x[0] > 0.0:
        x[1] = 5.0
    return x[0] * x[1]


@pytest.mark.filterwarnings("ignore:.*different routes:RuntimeWarning")
@pytest.mark.parametrize("kind", [list, np.array])
def test_writing_is_refused_in_a_run_without_code_too(kind):
    place = rf"{HERE}:{line_of(writes_on_one_path, 'x[1] = 5.0')}: writes_on_one_path changes an argument"
    f = gg.jit(writes_on_one_path, max_paths=1)
    assert f(kind([-1.0, 2.0])) == -2.0
    argument = kind([1.0, 2.0])
    with pytest.raises(gg.TracingError, match=place):
        f(argument)
    assert list(argument) == [1.0, 2.0]
    g = gg.vmap(writes_on_one_path, max_paths=1)
    lanes = kind([np.array([-1.0, 1.0]), np.array([2.0, 2.0])]) if kind is list else np.array([[-1.0, 2.0], [1.0, 2.0]])
    with pytest.raises(gg.TracingError, match=place):
        g(lanes)


def test_writing_to_a_copy_is_fine():
    def f(x, p):
        y, q = x.copy(), list(p)
        y[0], q[0] = 5.0, x[1]
        return (y * y).sum() + q[0]

    x = np.array([1.0, 2.0, 3.0])
    assert gg.jit(f)(x, [7.0]) == 25.0 + 4.0 + 9.0 + 2.0
    assert gg.jit(gg.grad(f))(x, [7.0]).tolist() == [0.0, 5.0, 6.0]


# Results


@dataclasses.dataclass(frozen=True)
class Quote:
    bid: Any
    ask: Any


@dataclasses.dataclass(slots=True)
class Greeks:
    delta: Any
    quotes: list[Quote]


class Pair(NamedTuple):
    a: Any
    b: Any


class Holder:
    def __init__(self, value: Any) -> None:
        self.value = value


def test_dataclasses_are_trees():
    f = gg.jit(lambda x: Greeks(x * 2, [Quote(x, x + 1), Quote(-x, 0.0)]))
    for x in (1.0, 4.0, 9.0):
        assert f(x) == Greeks(x * 2, [Quote(x, x + 1), Quote(-x, 0.0)])
    lanes = gg.vmap(lambda x: Quote(x, Pair(x * x, 1.0)))(np.array([1.0, 2.0]))
    assert isinstance(lanes, Quote)
    assert isinstance(lanes.ask, Pair)
    assert lanes.ask.a.tolist() == [1.0, 4.0]
    slope, quote = gg.jit(gg.grad(lambda x: (x * x, Quote(x, x)), has_aux=True))(3.0)
    assert (slope, quote) == (6.0, Quote(3.0, 3.0))


@pytest.mark.parametrize(
    "f",
    [
        Holder,
        lambda x: [Holder([x])],
        lambda x: (x * k for k in range(3)),
        lambda x: lambda: x,
        lambda x: map(x.__mul__, [1, 2]),
        lambda x: zip([x], [x]),
        lambda x: {"a": x}.values(),
        lambda x: {"a": x}.items(),
        lambda x: iter([x, x]),
        lambda x: reversed([x]),
        lambda x: functools.partial(pow, x).__call__,
        lambda x: (1.0, Holder(np.array([x, x]))),
        lambda x: enumerate([1, 2]),
        lambda x: contextlib.closing(Holder(x)),
        lambda x: type("Made", (), {"held": x}),
        lambda x: local_class(x)(),
        lambda x: [x].append,
        lambda x: {"a": x}.get,
        lambda x: (1.0, collections.deque([x]).popleft),
    ],
)
def test_an_object_that_holds_a_traced_value_is_refused(f):
    calls = [
        lambda: gg.jit(f)(1.0),
        lambda: gg.vmap(f)(np.ones(2)),
        lambda: gg.jit(gg.grad(lambda x: (x, f(x)), has_aux=True))(1.0),
    ]
    for call in calls:
        with pytest.raises(gg.TracingError, match=MESSAGES) as caught:
            call()
        assert "unk" not in str(caught.value)


MESSAGES = "that holds values of its first call|whose elements can be read only once: return a list|view of a dict"


@pytest.mark.parametrize("f", [lambda x: {1, 2}, lambda x: (x, frozenset("ab")), lambda x: {"a": {1.0}}])
def test_a_set_is_refused(f):
    calls = [
        lambda: gg.jit(f)(1.0),
        lambda: gg.vmap(f)(np.ones(2)),
        lambda: gg.grad(lambda x: (x, f(x)), has_aux=True)(1.0),
        lambda: gg.vjp(f, 1.0),
    ]
    for call in calls:
        with pytest.raises(TypeError, match=r"whose elements have no order: return a list.*sorted|list\(x\)"):
            call()


@pytest.mark.parametrize("f", [lambda x: {"a": x}.values(), lambda x: (x for _ in range(2)), lambda x: map(abs, [x])])
def test_views_and_iterators_in_aux_are_refused_uncompiled_too(f):
    for call in (gg.grad(lambda x: (x, [f(x)]), has_aux=True), gg.value_and_grad(lambda x: (x, f(x)), has_aux=True)):
        with pytest.raises(gg.TracingError, match=MESSAGES):
            call(1.0)


def local_class(x):
    class Local:
        held = x

    return Local


@dataclasses.dataclass
class Made:
    """With an attribute that ``__init__`` does not take, and one that is no field."""

    value: Any
    twice: Any = dataclasses.field(init=False)

    def __post_init__(self):
        self.twice = self.value * 2
        self.thrice = self.value * 3


def test_a_dataclass_comes_back_with_all_its_attributes():
    f = gg.jit(Made)
    for x in (1.0, 4.0):
        assert vars(f(x)) == {"value": x, "twice": 2 * x, "thrice": 3 * x}
    lanes = gg.vmap(lambda x: Made(x))(np.array([1.0, 2.0]))
    assert {name: lane.tolist() for name, lane in vars(lanes).items()} == {
        "value": [1.0, 2.0],
        "twice": [2.0, 4.0],
        "thrice": [3.0, 6.0],
    }


def test_what_is_the_same_at_every_call_is_returned():
    kind = Holder(3)
    f = gg.jit(lambda x: (x, "text", None, kind, len, Holder, np.ndarray))
    assert f(1.0) == (1.0, "text", None, kind, len, Holder, np.ndarray)
    assert f(2.0)[0] == 2.0
