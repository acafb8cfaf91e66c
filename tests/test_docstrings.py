"""Every public name explains itself: by a docstring with an example that runs."""

import doctest

import pytest

import glassgrad as gg
from glassgrad.core.op import define

FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def test_every_public_name_has_an_example():
    assert {name for name in gg.__all__ if ">>>" not in (getattr(gg, name).__doc__ or "")} == set()


@pytest.mark.parametrize("name", sorted(gg.TABLE))
def test_the_example_of_an_operation_runs(name):
    """Docstrings of operations are made from the table, so test_doctests.py does not find them in the source."""
    test = doctest.DocTestParser().get_doctest(gg.TABLE[name].__doc__, {}, name, "core/ops.py", 0)
    report: list[str] = []
    doctest.DocTestRunner(optionflags=FLAGS).run(test, out=report.append)
    assert test.examples
    assert not report, "".join(report)


def test_the_docstring_of_an_operation_says_all_that_a_learner_needs():
    assert (
        gg.log.__doc__
        == """log(x)

The natural logarithm of x.

Derivative with respect to x: 1 / x
Domain: x > 0 (see `errstate` for what happens elsewhere)

Example:
    >>> import glassgrad as gg
    >>> gg.log(1.0)
    0.0
    >>> gg.grad(gg.log)(2.0)
    0.5
"""
    )


def test_help_shows_the_docstring_of_an_operation(capsys):
    help(gg.tanh)
    assert "Derivative with respect to x: 1 - y**2, where y is the result" in capsys.readouterr().out


def test_an_operation_is_defined_once():
    with pytest.raises(ValueError, match="operation 'exp' is in the table already"):
        define("exp", doc="", example={}, slopes=(), value=None, partials=())
