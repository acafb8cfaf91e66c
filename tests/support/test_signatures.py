"""`inspect.signature` sees the parameters of what Cython compiles."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import pytest

import glassgrad as gg
from glassgrad.core.op import TABLE


def text(function) -> str:
    return str(inspect.signature(function))


def test_a_node():
    assert text(gg.Scalar) == "(data, children=(), op='', label='unk')"


def test_a_node_has_the_parameters_of_its_source():
    tree = ast.parse((Path(gg.__file__).parent / "core" / "scalar.py").read_text(encoding="utf-8"))
    (init,) = [
        method
        for node in tree.body
        if isinstance(node, ast.ClassDef) and node.name == "Scalar"
        for method in node.body
        if isinstance(method, ast.FunctionDef) and method.name == "__init__"
    ]
    assert [argument.arg for argument in init.args.args] == ["self", *inspect.signature(gg.Scalar).parameters]


@pytest.mark.parametrize("name", sorted(TABLE))
def test_an_operation(name):
    op = TABLE[name]
    signature = inspect.signature(op)
    assert len(signature.parameters) == op.arity
    assert {p.kind for p in signature.parameters.values()} == {inspect.Parameter.POSITIONAL_ONLY}
    assert f"{op.name}({', '.join(signature.parameters)})" == op.__doc__.splitlines()[0]


def test_a_users_primitive():
    op = gg.primitive(lambda s, t: s * t, name="area", partials=(lambda y, s, t: t, lambda y, s, t: s))
    assert text(op) == "(a, b, /)"


@pytest.mark.parametrize("transform", [gg.grad, gg.value_and_grad, gg.hessian, gg.jacobian, gg.jit, gg.vmap])
def test_a_transformed_function(transform):
    def f(x, y=2.0, *, scale=1.0):
        return x * y * scale

    assert text(transform(f)) == "(x, y=2.0, *, scale=1.0)"
    assert text(gg.jit(transform(f))) == "(x, y=2.0, *, scale=1.0)"


@pytest.mark.parametrize("name", ["draw", "plot"])
def test_a_function_named_as_its_module(name):
    import importlib
    import pydoc

    importlib.import_module(f"glassgrad.{name}")  # which sets an attribute of the package
    function = getattr(gg, name)
    assert inspect.isfunction(function)
    assert pydoc.render_doc(function).startswith(f"Python Library Documentation: function {name}")
