"""`quiz`: the graph stays as it is, numbers are each student's own, and a miss is told its reason."""

from __future__ import annotations

import json
import math
import re

import pytest

import glassgrad as gg
from glassgrad.player import document


class Node:
    def __init__(self, data, prev=(), op="", label="unk"):
        self.data, self.prev, self.op, self.label, self.grad = data, prev, op, label, 0.0


def test_its_answers_are_the_gradients(neuron):
    exercise = gg.quiz(neuron["o"])
    o = neuron["o"]
    o.backward()
    assert set(neuron) - {"o"} < set(exercise.answers)
    for name in set(neuron) - {"o"}:
        assert exercise.answers[name] == neuron[name].grad
    assert next(iter(exercise.answers)) == "n"  # in the order of backpropagation


def test_the_graph_stays_as_it_is(neuron):
    before = [(node.data, node.grad, node.grad_updated) for node in neuron.values()]
    exercise = gg.quiz(neuron["o"], seed=1)
    exercise.grade({"n": 1.0})
    exercise.solution()
    assert [(node.data, node.grad, node.grad_updated) for node in neuron.values()] == before


def test_its_document_says_what_is_blank_and_not_what_the_gradients_are(neuron, bundle):
    neuron["o"].backward()
    exercise = gg.quiz(neuron["o"], blanks=[neuron["x1"], "n"], title="Find them")
    found = exercise.document
    titles = [found["strings"][at] for at in found["nodes"]["label"]]
    assert [titles[i] for i in found["quiz"]["blanks"]] == ["x1", "n"]
    assert found["quiz"] == {"seed": None, "blanks": found["quiz"]["blanks"], "title": "Find them"}
    assert set(found["nodes"]["grad"]) == {None}
    assert json.loads(document.dumps(found)) == found
    assert set(exercise.answers) == {"x1", "n"}
    shown = exercise._repr_mimebundle_()
    assert "gradient" not in shown["image/svg+xml"]


def test_no_blank_is_the_root_or_a_constant():
    x = gg.Scalar(2.0, label="x")
    exercise = gg.quiz(x * 3.0 + 1.0)
    kinds = exercise.document["nodes"]["kind"]
    blanks = exercise.document["quiz"]["blanks"]
    assert sorted(blanks) == [i for i, kind in enumerate(kinds) if kind != document.CONSTANT and i != len(kinds) - 1]


def test_the_same_seed_gives_the_same_numbers_and_another_others(neuron):
    def numbers(seed):
        exercise = gg.quiz(neuron["o"], seed=seed)
        return exercise.document["nodes"]["value"]

    assert numbers(7) == numbers(7)
    assert len({tuple(numbers(seed)) for seed in range(10)}) > 5
    assert numbers("ann") == numbers("ann") != numbers("bob")


def test_numbers_are_small_and_the_gradients_are_those_of_the_new_numbers(neuron):
    for seed in range(20):
        exercise = gg.quiz(neuron["o"], seed=seed)
        found = exercise.document
        values = dict(zip([found["strings"][at] for at in found["nodes"]["label"]], found["nodes"]["value"]))
        x1, x2, w1, w2, b = (values[name] for name in ("x1", "x2", "w1", "w2", "b"))
        assert all(x in [k / 2 for k in range(-8, 9) if k] for x in (x1, x2, w1, w2, b))
        n = x1 * w1 + x2 * w2 + b
        assert exercise.answers["w1"] == pytest.approx((1 - math.tanh(n) ** 2) * x1)
        assert abs(exercise.answers["b"]) > 0.005  # not saturated: nothing is to be found there


def test_numbers_stay_in_the_domain_and_off_the_kinks():
    a, b = gg.Scalar(2.0, label="a"), gg.Scalar(3.0, label="b")
    y = gg.log(a - b * b + 10.0) + gg.sqrt(a + 3.5) + gg.relu(a - b)
    for seed in range(20):
        exercise = gg.quiz(y, seed=seed)
        assert all(map(math.isfinite, exercise.answers.values()))
        values = exercise.document["nodes"]["value"]
        assert values[0] != values[1]


def test_where_no_numbers_will_do_it_says_so():
    x = gg.Scalar(1e9, label="x")
    with pytest.raises(ValueError, match="leave out the seed"):
        gg.quiz(gg.log(x - 1e8), seed=1)


def test_nodes_of_another_class_are_asked_about_too():
    a, b = Node(2.0, label="a"), Node(-3.0, label="b")
    c = Node(-6.0, (a, b), "*", "c")
    exercise = gg.quiz(Node(math.tanh(-6.0), (c,), "tanh", "o"))
    assert exercise.answers["a"] == pytest.approx(-3 * (1 - math.tanh(-6) ** 2))
    with pytest.raises(TypeError, match="the derivative of operation 'frob' is not known"):
        gg.quiz(Node(1.0, (a,), "frob"))


def test_nodes_without_names_and_with_the_same_are_told_apart():
    a, b = gg.Scalar(2.0, label="a"), gg.Scalar(5.0, label="a")
    exercise = gg.quiz((a * b) * b, names=False)
    assert set(exercise.answers) == {"a", "a (v1)", "v2"}
    assert exercise.answers["a (v1)"] == 20.0


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"blanks": ["q"]}, ValueError, "a blank must be one of x1"),
        ({"blanks": ["o"]}, ValueError, "the root, whose gradient is always 1"),
        ({"blanks": [gg.Scalar(1.0)]}, ValueError, "must be a node of this graph"),
        ({"blanks": "x1"}, TypeError, "a list of nodes or names"),
        ({"blanks": 3}, TypeError, "a list of nodes or names"),
        ({"seed": 1.5}, TypeError, "an integer or a name"),
        ({"seed": True}, TypeError, "an integer or a name"),
        ({"seed": ""}, ValueError, "seed must not be"),
        ({"title": 3}, TypeError, "title must be text"),
    ],
)
def test_bad_options_are_refused(neuron, options, error, said):
    with pytest.raises(error, match=said):
        gg.quiz(neuron["o"], **options)
    with pytest.raises(TypeError, match="make its inputs Scalars"):
        gg.quiz(2.0)


# Grading: y = tanh(a * b + a) - c ** 3


@pytest.fixture
def exercise():
    a, b, c = (gg.Scalar(x, label=name) for name, x in (("a", 0.5), ("b", -3.0), ("c", 2.0)))
    p = a * b
    s = p + a
    t = s.tanh()
    k = c**3
    y = t - k
    return gg.quiz(y)


SLOPE = 1 - math.tanh(-1.0) ** 2


@pytest.mark.parametrize(
    ("name", "answer", "slip", "said"),
    [
        ("a", -2 * SLOPE, None, "right"),
        ("a", -0.84, None, "right"),
        ("a", 2 * SLOPE, "sign", "the sign is flipped"),
        ("a", SLOPE, "one", "only one of 2 contributions, the one through s; a is used 2 times: add them all"),
        ("a", -3 * SLOPE, "one", "only one of 2 contributions, the one through p"),
        ("a", -3 * SLOPE * SLOPE, "product", "added, not multiplied"),
        ("a", -2.0, "local", "only the local derivatives: multiply each by the gradient from above"),
        ("a", 2 * SLOPE * 1.0, "sign", "flipped"),
        ("b", -3.0 * SLOPE, "factor", "multiplied by b itself: the derivative of a product is the other factor"),
        ("b", 0.5, "local", "the other factor, .* gradient from above, ∂y/∂p"),
        ("b", SLOPE, "upstream", r"the other factor of the product, ∂p/∂b"),
        ("s", 1.0, "upstream", "the derivative of tanh is missing"),
        ("s", 1 - math.tanh(-1.0), "derivative", "the square is missing"),
        ("k", 1.0, "sign", "the sign is flipped"),
        ("c", -4.0, "power", "the exponent comes down as a factor"),
        ("c", -24.0, "power", "the exponent goes down by one"),
        ("t", 2.0, "twice", "twice too much"),
        ("c", 12.0, "sign", "flipped"),
        ("c", 2.0, "value", "that is the value of c"),
        ("c", -11.6, "rounding", "rounded too much"),
        ("c", 77.0, "other", "not this number"),
        ("c", math.nan, "other", "not this number"),
    ],
)
def test_every_slip_has_its_reason(exercise, name, answer, slip, said):
    mark = exercise.grade({name: answer}).marks[name]
    assert (mark.ok, mark.slip) == (slip is None, slip)
    assert re.search(said, mark.reason), mark.reason


def test_a_grade_adds_up_and_prints(exercise):
    answers = exercise.answers
    assert exercise.grade(answers).score == 1.0
    grade = exercise.grade({"s": answers["s"]})
    assert (grade.right, len(grade.marks)) == (1, 7)
    assert repr(grade).startswith("1 of 7 right\n")
    assert grade.marks["a"] == (False, "no number yet", "empty")


def test_answers_to_what_was_not_asked_are_refused(exercise):
    with pytest.raises(ValueError, match="a name must be one of the blanks "):
        exercise.grade({"q": 1.0})
    with pytest.raises(TypeError, match="the answer for 'a'"):
        exercise.grade({"a": "two"})


def test_the_worked_solution_has_the_chain_rule_and_its_numbers(exercise):
    text = exercise.solution()
    assert (
        "∂y/∂a = ∂y/∂s · ∂s/∂a + ∂y/∂p · ∂p/∂a\n    = 0.42 · 1 + 0.42 · (−3)\n    = 0.42 + (−1.26)\n    = −0.8399"
        in text
    )
    assert text.index("∂y/∂t =") < text.index("∂y/∂s =") < text.index("∂y/∂a =")


def test_it_is_a_player(exercise, bundle, tmp_path):
    assert exercise.save(tmp_path / "quiz.html").is_file()
    assert exercise.given == {}


def test_of_a_large_graph_the_named_gradients_are_asked_for():
    x = y = gg.Scalar(1.0, label="x")
    for _ in range(30):
        y = y * 1.1 + x
    z = gg.tanh(y * 0.001)
    exercise = gg.quiz(z, names={"inner": z.prev[0]})
    assert set(exercise.answers) == {"x", "inner"}
    assert len(gg.quiz(z, names=False, blanks=[y]).answers) == 1


# What may be seen


def test_local_derivatives_can_be_hidden(bundle):
    x, w = gg.Scalar(2.0, label="x"), gg.Scalar(-7.0, label="w")
    exercise = gg.quiz((x * w + 15.5).tanh(), hide="local")
    assert exercise.document["exercise"]["hide"] == "local"
    still = exercise._repr_mimebundle_()["image/svg+xml"]
    shown = gg.quiz((x * w + 15.5).tanh())._repr_mimebundle_()["image/svg+xml"]
    assert "0.18" not in still
    assert "0.1807" in shown  # on an edge, where local derivatives are shown
    assert "-1.2649" not in shown  # a gradient, as a tooltip
    with pytest.raises(ValueError, match='"local", which also hides local derivatives'):
        gg.quiz(x * w, hide="all")


def test_the_worked_solution_can_be_withheld(neuron):
    exercise = gg.quiz(neuron["o"], solution=False)
    with pytest.raises(ValueError, match="cannot be shown: this exercise was made with solution=False"):
        exercise.solution()
    assert exercise.grade(exercise.answers).score == 1.0
    waiting = gg.quiz(neuron["o"], blanks=["n", "b"], solution="answered")
    with pytest.raises(ValueError, match="once every gradient has an answer, got none for n, b"):
        waiting.solution()
    line = waiting.line({"n": 1, "b": 2})
    assert "∂o/∂n" in gg.quiz(neuron["o"], blanks=["n", "b"], solution="answered", answers=line).solution()
    with pytest.raises(ValueError, match="solution must be True, False or"):
        gg.quiz(neuron["o"], solution="never")


def test_a_page_that_does_not_check_has_no_rules(tmp_path):
    x, w = gg.Scalar(2.0, label="x"), gg.Scalar(-0.25, label="w")
    exercise = gg.quiz((x * w + 1.1).tanh(), seed=3, check=False)
    assert exercise.document["rules"] == []
    assert set(exercise.document["nodes"]["rule"]) == {-1}
    assert exercise.document["slopes"] == {}
    assert ">∂" not in exercise._repr_mimebundle_()["image/svg+xml"]
    with pytest.raises(ValueError, match="cannot be shown: this exercise was made with solution=False or check=False"):
        exercise.solution()
    page = exercise.save(tmp_path / "page.html")
    assert gg.grade(page, exercise.line(exercise.answers)).score == 1.0  # the graph itself is there
    with pytest.raises(TypeError, match="check must be True or False, got 'no'"):
        gg.quiz(x * w, check="no")


@pytest.mark.parametrize("solution", [True, False, "answered"])
def test_no_gradient_can_be_read_in_the_pages_source(solution):
    x, w = gg.Scalar(1.7, label="x"), gg.Scalar(-0.6, label="w")
    exercise = gg.quiz((x * w + 0.3).tanh() * 3.3, blanks=[x, w], solution=solution, hide="local")
    source = exercise.html().split('id="glassgrad-document">')[1].split("</script>")[0]
    for answer in exercise.answers.values():
        assert f"{abs(answer):.5g}" not in source


def test_what_was_answered_goes_over_what_the_code_says(bundle, neuron):
    pytest.importorskip("anywidget")
    written = gg.quiz(neuron["o"], blanks=["n", "b"]).line({"n": "1/2", "b": "shown"})
    exercise = gg.quiz(neuron["o"], blanks=["n", "b"], answers=written)
    assert exercise.given == {"n": 0.5}
    assert exercise.line() == written
    filled = exercise.document["exercise"]["answers"]
    assert sorted(filled.values()) == ["1/2", "shown"]
    places = {text: place for place, text in filled.items()}
    exercise.widget().answers = {places["1/2"]: {"answer": 0.25, "ok": False, "shown": False}}
    assert exercise.given == {"n": 0.25}


def test_an_exercise_has_one_root():
    x = gg.Scalar(2.0)
    with pytest.raises(TypeError, match=r"pass a node, as in quiz\(values\[0\]\)$"):
        gg.quiz([x * 2.0, x * 3.0])
