"""Dataclasses and attrs classes are trees of their attributes, as arguments, results and axes, without registration."""

import functools
import gc
import pickle
import weakref
from dataclasses import KW_ONLY, InitVar, dataclass, field
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar

import numpy as np
import pytest

import glassgrad as gg

T = TypeVar("T")


@dataclass
class Plain:
    w: Any
    b: Any


@dataclass(frozen=True)
class Frozen:
    w: Any
    b: Any


@dataclass(slots=True)
class Slotted:
    w: Any
    b: Any


@dataclass(frozen=True, slots=True)
class Both:
    w: Any
    b: Any


@dataclass
class Base:
    w: Any


@dataclass
class Inherited(Base):
    b: Any
    count: ClassVar[int] = 3


@dataclass
class Typed(Generic[T]):
    w: T
    b: T


@dataclass
class Named:
    w: Any
    name: str = field(metadata={"static": True})
    _: KW_ONLY
    b: Any


@dataclass
class Strict:
    """A class that refuses to be made from anything but numbers, and counts how often it is made."""

    w: Any
    b: Any
    scale: InitVar[float] = 1.0
    made: ClassVar[int] = 0

    def __post_init__(self, scale):
        type(self).made += 1
        float(self.w), float(self.b)
        self.w = self.w * scale


def of(kind, w, b):
    return kind(w=w, b=b, name="layer") if kind is Named else kind(w=w, b=b)


KINDS = [Plain, Frozen, Slotted, Both, Inherited, Typed, Named, Strict]
affine = lambda p, x: (p.w * x + p.b) ** 2


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("transform", [lambda f: f, gg.jit], ids=["eager", "jit"])
def test_the_gradient_has_the_class_of_the_argument(kind, transform):
    p = of(kind, 3.0, 1.0)
    assert transform(gg.grad(affine))(p, 2.0) == of(kind, 2 * 7 * 2.0, 2 * 7.0)
    value, slope = transform(gg.value_and_grad(affine))(p, 2.0)
    assert (value, type(slope)) == (49.0, kind)
    second = transform(gg.hessian(affine))(p, 2.0)
    assert [[second.w.w, second.w.b], [second.b.w, second.b.b]] == [[8.0, 4.0], [4.0, 2.0]]
    assert gg.jvp(affine, (p, 2.0), (of(kind, 1.0, 0.0), 0.0)) == (49.0, 28.0)
    assert gg.vjp(affine, p, 2.0)[1](1.0)[0] == of(kind, 28.0, 14.0)
    assert gg.check_grad(affine, p, 2.0)
    assert (p.w, p.b) == (3.0, 1.0)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind is not Strict], ids=lambda kind: kind.__name__)
def test_lanes_are_found_in_a_dataclass_and_so_are_axes(kind):
    lanes = of(kind, np.array([1.0, 2.0]), np.array([0.0, 1.0]))
    slope = gg.vmap(gg.grad(affine), in_axes=(0, None))(lanes, 2.0)
    assert isinstance(slope, kind)
    assert (slope.w.tolist(), slope.b.tolist()) == ([8.0, 20.0], [4.0, 10.0])
    shared = of(kind, np.array([1.0, 2.0]), 0.0)
    f = gg.vmap(affine, in_axes=(of(kind, 0, None), None))
    assert f(shared, 2.0).tolist() == [4.0, 16.0]
    assert gg.grad(lambda p: f(p, 2.0).sum())(shared).w.tolist() == [8.0, 16.0]


def test_axes_may_have_other_static_fields():
    axes = Named(w=0, b=None, name="axes")
    lanes = Named(w=np.array([1.0, 2.0]), b=0.0, name="layer")
    assert gg.vmap(affine, in_axes=(axes, None))(lanes, 2.0).tolist() == [4.0, 16.0]


def test_init_is_not_called_again():
    p = Strict(1.0, 1.0, scale=3.0)
    before = Strict.made
    gg.jit(gg.grad(affine))(p, 2.0)
    assert gg.grad(affine)(p, 2.0).w == 2 * 7 * 2.0
    assert Strict.made == before


def test_a_static_field_is_kept_and_each_value_has_code_of_its_own():
    f = gg.jit(lambda p: p.w * (2.0 if p.name == "twice" else 1.0) + 0.0 * p.b)
    assert [f(Named(w=3.0, b=1.0, name=name)) for name in ("once", "twice", "once")] == [3.0, 6.0, 3.0]
    assert gg.jit(gg.grad(f))(Named(w=3.0, b=1.0, name="twice")) == Named(w=2.0, b=0.0, name="twice")


def test_a_static_field_may_hold_what_cannot_be_compared():
    f = gg.jit(lambda p: p.w * p.name[0])
    for first in (2.0, 3.0, 2.0):
        assert f(Named(w=3.0, b=1.0, name=np.array([first, 0.0]))) == 3.0 * first


@dataclass
class Derived:
    x: Any
    twice: Any = field(init=False)

    def __post_init__(self):
        self.twice = self.x * 2


def test_a_field_that_init_computes_is_a_number_of_its_own():
    for transform in (lambda f: f, gg.jit):
        slope = transform(gg.grad(lambda p: p.x * p.twice))(Derived(3.0))
        assert (slope.x, slope.twice) == (6.0, 3.0)


@dataclass
class Circle:
    r: Any

    @functools.cached_property
    def area(self):
        return self.r * self.r


def test_a_cached_property_is_computed_again_from_the_nodes():
    circle = Circle(3.0)
    assert circle.area == 9.0  # it is in the instance now
    for transform in (lambda f: f, gg.jit):
        assert transform(gg.grad(lambda c: c.area))(circle) == Circle(6.0)


class Pair(NamedTuple):
    a: Any
    b: Any


def test_they_nest_in_each_other_and_in_everything_else():
    tree = {"layers": [Frozen(Plain(1.0, np.array([2.0, 3.0])), None), Pair(Slotted(4.0, ()), (5.0,))]}
    f = lambda t: t["layers"][0].w.w * t["layers"][0].w.b.sum() * t["layers"][1].a.w * t["layers"][1].b[0]
    for transform in (lambda f: f, gg.jit):
        slope = transform(gg.grad(f))(tree)
        assert slope["layers"][1] == Pair(Slotted(25.0, ()), (20.0,))
        assert slope["layers"][0].b is None
        assert (slope["layers"][0].w.w, slope["layers"][0].w.b.tolist()) == (100.0, [20.0, 20.0])


def test_results_and_aux_are_dataclasses_of_numbers():
    f = lambda x: Plain(x * 2.0, [Frozen(x, x * x)])
    assert gg.jit(f)(3.0) == f(3.0)
    assert gg.jacobian(f)(3.0) == Plain(2.0, [Frozen(1.0, 6.0)])
    assert gg.grad(lambda x: (x * x, f(x)), has_aux=True)(3.0) == (6.0, f(3.0))
    lanes = gg.vmap(f)(np.array([1.0, 2.0]))
    assert lanes.b[0].b.tolist() == [1.0, 4.0]
    inner = gg.jacobian(lambda x: gg.vmap(f)(x).w)(np.array([1.0, 2.0]))
    assert inner.tolist() == [[2.0, 0.0], [0.0, 2.0]]
    out = Plain(np.empty(2), [Frozen(np.empty(2), None)])
    gg.vmap(f)(np.array([1.0, 2.0]), out=out)
    assert out.w.tolist() == [2.0, 4.0]


def test_messages_name_the_attribute():
    with pytest.raises(TypeError, match=r"argument 'p\.w\.b' of affine is complex 1j.*mark the field .* as static"):
        gg.jit(named(affine, "affine"))(Plain(Plain(1.0, 1j), 1.0), 2.0)
    report = gg.explain_nan(lambda p: gg.sqrt(p.w.b), Plain(Plain(1.0, -1.0), 1.0))
    assert report.operands == (("p.w.b", -1.0),)


def named(f, name):
    g = lambda p, x: f(p, x)
    g.__name__ = name
    return g


def test_a_function_that_writes_to_a_dataclass_is_refused():
    def f(p):
        p.w = p.w * 2.0
        return p.w

    with pytest.raises(gg.TracingError, match="f changes an argument"):
        gg.jit(f)(Plain(1.0, 2.0))


@dataclass
class Measured:
    value: float
    error: float

    def __float__(self):
        return self.value


def test_a_dataclass_that_is_a_number_is_a_number():
    assert gg.jit(lambda x: x * 2.0)(Measured(1.5, 0.1)) == 3.0
    assert gg.grad(lambda x: x * x)(Measured(1.5, 0.1)) == 3.0
    assert gg.jit(lambda x: Measured(x, 0.1))(2.0) == Measured(2.0, 0.1)


def test_classes_that_are_made_and_dropped_do_not_leak():
    def use():
        @dataclass
        class Local:
            x: Any

        gg.jit(lambda p: Local(p.x * 2.0))(Local(1.0))
        gg.jit(gg.grad(lambda p: p.x * 2.0))(Local(1.0))
        gg.grad(lambda p: p.x * 2.0)(Local(1.0))
        gg.vmap(lambda p: p.x)(Local(np.ones(2)))
        return weakref.ref(Local)

    classes = [use() for _ in range(3)]
    gc.collect()
    assert [kind() for kind in classes] == [None] * 3


def test_a_compiled_function_of_a_dataclass_pickles():
    f = pickle.loads(pickle.dumps(gg.jit(affine_of_both)))
    assert f(Both(3.0, 1.0)) == Both(7.0, 1.0)


def affine_of_both(p):
    return Both(p.w * 2.0 + p.b, p.b)


def test_attrs_classes():
    attrs = pytest.importorskip("attrs")
    for define in (attrs.define, attrs.frozen, attrs.mutable(slots=False)):

        @define
        class Params:
            w: Any
            b: Any
            name: str = attrs.field(default="n", metadata={"static": True})
            twice: Any = attrs.field(init=False, default=2)

        p = Params(3.0, 1.0)
        for transform in (lambda f: f, gg.jit):
            slope = transform(gg.grad(lambda p: affine(p, 2.0) * p.twice))(p)
            assert (type(slope), slope.w, slope.b, slope.name, slope.twice) == (Params, 56.0, 28.0, "n", 49.0)


def test_attrs_classes_as_axes():
    attrs = pytest.importorskip("attrs")
    pair = attrs.make_class("Params", ["w", "b"])
    lanes = gg.vmap(lambda p: p, in_axes=(pair(0, None),))(pair(np.ones(2), 1.0))
    assert (type(lanes), lanes.b.tolist()) == (pair, [1.0, 1.0])


def test_axes_of_another_structure_name_the_class():
    with pytest.raises(ValueError, match="got an instance of Plain"):
        gg.vmap(lambda p: p.w * p.b, in_axes=({"w": 0, "b": None},))(Plain(np.ones(3), 2.0))
