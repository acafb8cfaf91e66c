"""Numbers for a seed: thirty seeds are thirty exercises, which differ, teach something, and can be done with a pen."""

from __future__ import annotations

from collections import Counter

import pytest

import glassgrad as gg
from glassgrad.player.exercise import Exercise
from glassgrad.player.seeds import digits

CLASS = range(30)
PROGRAMS = {
    "tanh": lambda a, b, c: ((a * b + c) * a).tanh(),
    "neuron": lambda x1, x2, w1, w2, b: (x1 * w1 + x2 * w2 + b).tanh(),
    "sums and products": lambda a, b, c, d: a * b + c * d + a * c,
    "product": lambda a, b: a * b,
    "exp": lambda a, b, c: (a * b + c).exp() * a,
    "division": lambda a, b, c: (a + b) / c,
    "powers": lambda a, b, c: (a * b) ** 3 + c**2,
    "relu": lambda a, b, c, d: gg.relu(a * b + c) * d,
    "log": lambda a, b: gg.log(a * b),
    "sigmoid": lambda a, b, c: gg.sigmoid(a * b + c),
    "one leaf": lambda a: a.tanh(),
}
EXACT = {"sums and products", "product", "division", "powers", "relu"}  # whose gradients can be short decimals


def root_of(name):
    program = PROGRAMS[name]
    count = program.__code__.co_argcount
    return program(*(gg.Scalar(1.0 + k, label=label) for k, label in enumerate(program.__code__.co_varnames[:count])))


@pytest.mark.parametrize("name", PROGRAMS)
def test_thirty_seeds_give_thirty_exercises(name):
    root = root_of(name)
    exercises = [gg.quiz(root, seed=seed) for seed in CLASS]
    assert len({tuple(one.document["nodes"]["value"]) for one in exercises}) == 30
    answers = [tuple(float(f"{x:.3g}") for x in one.answers.values()) for one in exercises]
    assert len(set(answers)) == 30  # also to the digits that are asked for
    assert len({tuple(one.answers) for one in exercises}) == 1
    for column in zip(*answers):
        assert Counter(map(abs, column)).most_common(1)[0][1] <= 15  # no answer is right for most of the class
        assert len(set(column)) > 2


@pytest.mark.parametrize("name", PROGRAMS)
def test_answers_have_a_sensible_size_and_few_digits(name):
    root = root_of(name)
    for seed in [*range(0, 30, 5), "ada"]:
        exercise = gg.quiz(root, seed=seed)
        for answer in exercise.answers.values():
            assert 0.1 <= abs(answer) <= 30
            assert name not in EXACT or digits(answer) <= 3
        kinds, values = exercise.document["nodes"]["kind"], exercise.document["nodes"]["value"]
        leaves = [x for x, kind in zip(values, kinds) if kind == 1]
        assert all(0 < abs(x) <= 4 and digits(x) <= 3 for x in leaves)


def test_no_blank_is_0_or_1_whatever_the_numbers():
    a, b, c = (gg.Scalar(x, label=name) for name, x in (("a", 2.0), ("b", 3.0), ("c", 4.0)))
    product = a * b
    product.label = "p"
    assert list(gg.quiz(product + c, seed=1).answers) == ["b", "a"]
    assert list(gg.quiz(product + c).answers) == ["c", "p", "b", "a"]  # with its own numbers, all are asked for
    assert list(gg.quiz(product + c, seed=1, blanks=["c", "a"]).answers) == ["c", "a"]  # as the teacher chooses
    assert list(gg.quiz(a + c, seed=1).answers) == ["c", "a"]  # else there would be nothing


def test_a_choice_that_no_leaf_decides_is_no_kink():
    a, b = gg.Scalar(2.0, label="a"), gg.Scalar(3.0, label="b")
    assert list(gg.quiz(gg.where(a > b, a, b) * a, seed=1).answers)  # of a > b the graph has the result alone
    c = gg.Scalar(0.0, label="c")
    for seed in range(10):
        exercise = gg.quiz(gg.where(c, a, b) * gg.relu(a), seed=seed)
        assert all(
            x for x, kind in zip(exercise.document["nodes"]["value"], exercise.document["nodes"]["kind"]) if kind
        )


def test_digits_of_a_seed_are_the_number(neuron):
    def numbers(seed):
        return gg.quiz(neuron["o"], seed=seed).document["nodes"]["value"]

    assert numbers("7") == numbers(7)  # as from a command line
    assert numbers(-3) == numbers("-3")
    assert numbers("07a") != numbers(7)
    assert numbers(2**60) == numbers(str(2**60))
    assert gg.quiz(neuron["o"], seed=2**60).document["quiz"]["seed"] == str(2**60)  # JavaScript would round it


def test_seeds_of_larger_classes_differ_too(neuron):
    found = {tuple(gg.quiz(neuron["o"], seed=seed).document["nodes"]["value"]) for seed in range(40, 100)}
    assert len(found) >= 58


def test_the_numbers_of_a_seed_do_not_depend_on_those_of_the_graph():
    def product(x, w):
        x, w = gg.Scalar(x, label="x"), gg.Scalar(w, label="w")
        return Exercise.of((x * w).tanh(), {}, blanks=None, title=None)

    first, second = product(1.0, 2.5), product(-0.3, 7.0)
    assert first.key == second.key
    for seed in (0, 5, "ann"):
        values = [one.draw(seed).document["nodes"]["value"] for one in (first, second)]
        assert values[0] == values[1]
