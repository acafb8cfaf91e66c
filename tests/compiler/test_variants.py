"""Static arguments: strings, flags, functions, and those that the user names. Each value gets code of its own."""

import dataclasses
import enum
import functools
import math
import pickle
import types

import numpy as np
import pytest

import glassgrad as gg


class Mode(enum.Enum):
    SQUARE = 1
    CUBE = 2


class Order(enum.IntEnum):
    ONE = 1
    TWO = 2


@dataclasses.dataclass(frozen=True)
class Options:
    power: float = 2
    name: str = "a"


def steered(x, mode="square", negate=False):
    y = x * x if mode == "square" else x * x * x
    return -y if negate is True else y


FORMS = {
    "jit": lambda f, x, *args, **kwargs: gg.jit(f)(x, *args, **kwargs),
    "grad": lambda f, x, *args, **kwargs: gg.grad(f)(x, *args, **kwargs),
    "jit of grad": lambda f, x, *args, **kwargs: gg.jit(gg.grad(f))(x, *args, **kwargs),
    "value_and_grad": lambda f, x, *args, **kwargs: gg.jit(gg.value_and_grad(f))(x, *args, **kwargs)[1],
    "grad of jit": lambda f, x, *args, **kwargs: gg.grad(gg.jit(f))(x, *args, **kwargs),
    "vmap": lambda f, x, *args, **kwargs: gg.vmap(f)(np.full(3, x), *args, **kwargs)[1],
    "vmap of grad": lambda f, x, *args, **kwargs: gg.vmap(gg.grad(f))(np.full(3, x), *args, **kwargs)[1],
    "jit of vmap": lambda f, x, *args, **kwargs: gg.jit(gg.vmap(f))(np.full(3, x), *args, **kwargs)[1],
    "hessian": lambda f, x, *args, **kwargs: gg.jit(gg.hessian(f))(x, *args, **kwargs),
}
ORDER = {name: 2 if name == "hessian" else "grad" in name for name in FORMS}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("args", [(), ("square",), ("cube",), ("square", True), ("cube", False)])
def test_strings_and_flags_steer(form, args):
    power, sign = 2 + ("cube" in args), -1 if True in args else 1
    wanted = sign * [3.0**power, power * 3.0 ** (power - 1), power * (power - 1) * 3.0 ** (power - 2)][ORDER[form]]
    assert FORMS[form](steered, 3.0, *args) == wanted
    assert FORMS[form](steered, 3.0, **dict(zip(("mode", "negate"), args))) == wanted


@pytest.mark.parametrize("form", ["jit", "grad", "vmap of grad"])
@pytest.mark.parametrize(
    "value",
    ["text", True, False, None, Mode.CUBE, Order.TWO, gg.sin, math.sin, np.sin, abs, steered, float, Options, math,
     np.dtype("float32"), functools.partial(steered, negate=True), Options().__repr__, slice(1, 2), ...,
     gg.jit(steered), gg.grad(steered)],
    ids=lambda x: getattr(x, "__name__", None) or repr(x)[:30],
)  # fmt: skip
def test_the_function_gets_the_value_itself(form, value):
    def f(x, value_given):
        assert value_given is value
        return x * x

    wanted = [9.0, 6.0, 2.0][ORDER[form]]
    assert FORMS[form](f, 3.0, value) == FORMS[form](f, 3.0, value_given=value) == wanted
    tree = {"a": {"x": value}, "y": 3.0}
    assert gg.jit(lambda x, tree: f(x, tree["a"]["x"]) + tree["y"])(3.0, tree) == 12.0


def test_a_tree_that_grad_differentiates_may_hold_options():
    def f(tree):
        return tree["x"] * tree["w"].sum() if tree["mode"] == "fast" else tree["f"](tree["x"])

    tree = {"mode": "fast", "x": 3.0, "w": np.ones(2), "f": gg.sin}
    for slope in (gg.grad(f), gg.jit(gg.grad(f))):
        found = slope(tree)
        assert (found["mode"], found["f"], found["x"], found["w"].tolist()) == (None, None, 2.0, [3.0, 3.0])
        assert slope({**tree, "mode": ""})["x"] == pytest.approx(math.cos(3.0))
    assert gg.hessian(lambda t: t["x"] ** 2)({"m": "a", "x": 3.0}) == {"m": None, "x": {"m": None, "x": 2.0}}
    assert gg.check_grad(f, tree)
    assert gg.check_grad(steered, 2.0, "cube", True)


@pytest.mark.parametrize(
    ("values", "variants"),
    [
        ([True, 1, 1.0], 3),
        ([(1, True), (1.0, True), (1, 1), (True, True)], 4),
        ([0.0, -0.0], 2),
        ([math.nan, float("nan"), -math.inf * 0], 1),
        ([Options(2), Options(2.0), Options(2), Options(True)], 3),
        ([frozenset([1]), frozenset([True])], 2),
        ([functools.partial(pow, 2), functools.partial(pow, 2), functools.partial(pow, 2.0)], 2),
        (["a", "a" + "", b"a"], 2),
        ([Order.ONE, 1], 2),
        ([Options().__repr__] * 2, 1),
    ],
)
def test_static_values_are_compared_by_value_and_type(values, variants):
    compiled = gg.jit(lambda x, value: x * 2.0, static_argnums=1)
    for _ in range(2):
        assert [compiled(3.0, value) for value in values] == [6.0] * len(values)
    assert len(compiled._variants.every()) == variants


@pytest.mark.parametrize("options", [{"static_argnums": 1}, {"static_argnums": (-1,)}, {"static_argnames": "n"},
                                     {"static_argnums": np.int64(1), "static_argnames": ["n"]}])  # fmt: skip
def test_named_arguments_are_static(options):
    def f(x, n):
        return x**n * len([0] * n) if isinstance(n, int) else -x

    compiled = gg.jit(f, **options)
    assert [compiled(2.0, 3), compiled(2.0, n=3), compiled(2.0, 3.0), compiled(x=2.0, n=1)] == [24.0, 24.0, -2.0, 2.0]
    assert gg.vmap(f, **options)(np.ones(2), 3).tolist() == [3.0, 3.0]
    assert gg.jit(gg.grad(f), **options)(2.0, 3) == 36.0


def test_a_method_may_be_static_in_self():
    class Model:
        def __init__(self, w):
            self.w = w

        @functools.partial(gg.jit, static_argnums=0)
        def __call__(self, x):
            return self.w * x

    one, other = Model(2.0), Model(3.0)
    assert [one(4.0), other(4.0), one(5.0)] == [8.0, 12.0, 10.0]


@pytest.mark.parametrize("value", [[1], {"a": 1}, {1}, np.zeros(2), ([],), Options([1])])
def test_what_is_not_hashable_is_refused(value):
    compiled = gg.jit(lambda x, steps: x, static_argnames="steps")
    with pytest.raises(
        TypeError, match=r"argument 'steps' of .* is static, so it must be hashable, got .*make it a tuple"
    ):
        compiled(1.0, value)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"static_argnums": 2}, ValueError, "static_argnums=2, but the function has 2 positional parameters"),
        ({"static_argnums": -3}, ValueError, "static_argnums=-3"),
        ({"static_argnums": 0.5}, TypeError, "static_argnums must be the position of an argument"),
        ({"static_argnums": True}, TypeError, "static_argnums must be"),
        ({"static_argnames": "z"}, ValueError, "the function has no parameter 'z'"),
        ({"static_argnames": [1]}, TypeError, "static_argnames must be the name of an argument"),
    ],
)
@pytest.mark.parametrize("compile", [gg.jit, gg.vmap])
def test_wrong_options(compile, options, error, message):
    with pytest.raises(error, match=rf"^{compile.__name__}: .*{message}"):
        compile(lambda x, y: x, **options)


def test_lists_hold_data():
    def f(xs, mask):
        return sum(x * k for x, k in zip(xs, mask))

    compiled = gg.jit(f)
    assert compiled([1.0, 2.0], [True, False]) == 1.0
    assert compiled([1.0, 2.0], [False, True]) == 2.0
    assert len(compiled._variants.every()) == 0
    with pytest.raises(TypeError, match=r"xs\[1\].* is str '2'.*static_argnums"):
        compiled([1.0, "2"], [1, 0])


def test_too_many_values_warn_and_name_the_argument():
    compiled = gg.jit(lambda scale, f, x: f(x) * scale, max_paths=4)
    with pytest.warns(RuntimeWarning, match=r"65 different values of 'f'.*Define the function once") as caught:
        found = [compiled(2.0, lambda x, k=k: x * k, 3.0) for k in range(100)]
    assert found == [6.0 * k for k in range(100)]
    assert len(caught) == 1
    assert len(compiled._variants.every()) == 64
    compiled = gg.jit(lambda x, n: x * n, static_argnames="n")
    with pytest.warns(RuntimeWarning, match=r"65 different values of 'n', the last of them int 64.*ordinary arguments"):
        assert [compiled(1.0, n) for n in range(70)] == [*range(70)]


def test_variants_share_one_account():
    compiled = gg.jit(lambda x, name: x * len(name))
    assert [compiled(2.0, "a" * k) for k in range(5)] == [0.0, 2.0, 4.0, 6.0, 8.0]
    assert {id(variant.account) for variant in compiled._variants.every()} == {id(compiled.account)}


def test_what_a_static_function_reads_is_looked_at():
    seen = []

    def noted(x):
        seen.append(1)
        return x

    with pytest.warns(RuntimeWarning, match="seen"):
        gg.jit(lambda f, x: f(x))(noted, 1.0)


def test_out_lower_anomalies_and_pickles():
    compiled = gg.vmap(steered)
    out = np.empty(2)
    assert compiled(np.array([1.0, 2.0]), "cube", out=out) is out
    assert out.tolist() == [1.0, 8.0]
    assert "x * x" in str(gg.jit(steered).lower(2.0, "square").tape)
    assert compiled.kernels()
    with gg.detect_anomaly(), pytest.raises(gg.AnomalyError, match=r"log\(x=-1.0\)"):
        gg.jit(lambda x, mode: gg.log(x) if mode == "log" else x)(-1.0, "log")
    assert gg.explain_nan(gg.jit(lambda x, mode: gg.log(x)), -1.0, "log").operation == "log"
    back = pickle.loads(pickle.dumps(gg.jit(steered, static_argnames=("mode",))))
    assert back(2.0, "cube") == 8.0


def test_objects_are_still_refused():
    for value in (object(), 1j, types.SimpleNamespace(a=1), b"a"):
        with pytest.raises(TypeError, match=r"is not a number.*static_argnums"):
            gg.jit(lambda x, y: x)(1.0, value)
