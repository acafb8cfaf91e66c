"""The widget: its leaves are Python's, both ways, and nothing is lost or kept too long."""

from __future__ import annotations

import gc
import math
import weakref
from types import SimpleNamespace

import pytest

pytest.importorskip("anywidget")

import glassgrad as gg
from glassgrad.player import widget

VIEW = "application/vnd.jupyter.widget-view+json"


class Events:
    """IPython's, as far as they are needed."""

    def __init__(self):
        self.functions = []

    def register(self, event, function):
        assert event == "post_run_cell"
        self.functions.append(function)

    def unregister(self, event, function):
        self.functions.remove(function)

    def run_cell(self):
        for function in list(self.functions):
            function(SimpleNamespace(success=True))


@pytest.fixture
def events(monkeypatch):
    """A notebook's kernel, as far as the widget looks."""
    shell = SimpleNamespace(events=Events(), kernel=object())
    monkeypatch.setattr(widget, "_shell", lambda: shell)
    return shell.events


@pytest.fixture
def sheet(bundle, events):
    """x * w, played in a notebook: the nodes, the player, its widget, and the leaves' ids in the page."""
    x, w = gg.Scalar(2.0, label="x"), gg.Scalar(-3.0, label="w")
    y = x * w
    player = gg.play(y)
    return SimpleNamespace(x=x, w=w, y=y, player=player, widget=player.widget(), ids={"x": "0", "w": "1"})


def test_the_widget_holds_the_document_and_the_script(sheet, bundle):
    from glassgrad.player import document, page

    assert sheet.widget.document == document.dumps(sheet.player.document)
    assert sheet.widget._esm == page.bundle()
    assert {"document", "values", "answers", "stamp", "message"} <= set(sheet.widget.get_state())
    assert sheet.player.widget() is sheet.widget


def test_what_moves_in_the_page_moves_in_python(sheet):
    sheet.widget.values = {sheet.ids["x"]: 5.0}
    assert (sheet.x.data, sheet.w.data, sheet.y.data) == (5.0, -3.0, -15.0)
    sheet.widget.values = {sheet.ids["x"]: 5.0, sheet.ids["w"]: "inf"}
    assert sheet.y.data == math.inf


def test_what_a_cell_sets_moves_in_the_page(sheet, events):
    sheet.w.data = 4.0
    assert sheet.widget.values == {}
    events.run_cell()
    assert sheet.widget.values == {sheet.ids["w"]: 4.0}
    assert sheet.widget.stamp == 1
    events.run_cell()
    assert sheet.widget.stamp == 1
    assert sheet.y.data == -6.0  # the cell's own affair


def test_both_ways_in_turn(sheet, events):
    sheet.widget.values = {sheet.ids["x"]: 5.0}
    events.run_cell()
    assert sheet.widget.stamp == 0  # the page knows that
    sheet.x.data = 7.0
    events.run_cell()
    assert sheet.widget.values == {sheet.ids["x"]: 7.0}
    sheet.widget.values = {sheet.ids["x"]: 8.0}
    assert (sheet.x.data, sheet.y.data) == (8.0, -24.0)
    sheet.x.data = math.nan
    events.run_cell()
    assert sheet.widget.values == {sheet.ids["x"]: "nan"}


def test_refresh_does_it_where_there_are_no_cells(sheet):
    sheet.x.data = 1.0
    sheet.player.refresh()
    assert sheet.widget.values == {sheet.ids["x"]: 1.0}


def test_outside_of_a_domain_python_says_so_and_follows_the_page(bundle, events):
    x = gg.Scalar(2.0, label="x")
    y = gg.log(x)
    player = gg.play(y)
    player.widget().values = {"0": -1.0}
    assert x.data == -1.0
    assert math.isnan(y.data)
    assert isinstance(player.error, gg.DomainError)
    assert player.widget().message.startswith("DomainError: log(-1.0) is undefined")
    player.widget().values = {"0": 1.0}
    assert (y.data, player.error, player.widget().message) == (0.0, None, "")


def test_an_operation_that_python_cannot_recompute_is_told_of(bundle, events):
    x = gg.Scalar(2.0, label="x")
    y = gg.Scalar(5.0, (x,), "frob")
    player = gg.play(y)
    player.widget().values = {"0": 3.0}
    assert isinstance(player.error, TypeError)
    assert "frob" in player.widget().message


def test_nodes_of_another_class_are_set_too(bundle, events):
    class Node:
        __slots__ = ("data", "grad", "label", "op", "prev")

        def __init__(self, data, prev=(), op=""):
            self.data, self.prev, self.op, self.label, self.grad = data, prev, op, "", 0.0

    a = Node(2.0)
    player = gg.play(Node(4.0, (a, a), "+"))
    player.widget().values = {"0": 3.0}
    assert a.data == 3.0
    assert player.error is None


def test_ids_that_are_no_leaves_are_left_alone(sheet):
    sheet.widget.values = {"2": 1.0, "77": 1.0}
    assert (sheet.x.data, sheet.w.data, sheet.y.data) == (2.0, -3.0, -6.0)
    assert sheet.player.error is None


def test_a_closed_widget_is_no_longer_called(sheet, events):
    assert len(events.functions) == 1
    sheet.widget.close()
    events.run_cell()
    assert events.functions == []


def test_a_widget_keeps_no_graph_alive(bundle, events):
    x = gg.Scalar(2.0, label="x")
    y = x * 3.0
    held = weakref.ref(y)
    player = gg.play(y, names=False)  # a look at this function's variables would hold them
    shown = player.widget()
    del y, player
    gc.collect()
    assert held() is None
    shown.values = {"0": 7.0}
    assert x.data == 7.0
    x.data = 1.0
    events.run_cell()
    assert shown.values == {"0": 1.0}


def test_a_notebook_gets_the_widget_and_what_stands_in_for_it(sheet):
    shown = sheet.player._repr_mimebundle_()
    assert set(shown) == {VIEW, "text/html", "image/svg+xml", "text/plain"}
    assert shown[VIEW]["model_id"] == sheet.widget.model_id
    assert shown["text/plain"] == repr(sheet.player)
    assert sheet.player._display_() is sheet.widget


def test_outside_of_a_kernel_no_widget_is_shown(bundle, neuron):
    assert VIEW not in gg.play(neuron["o"])._repr_mimebundle_()


def test_where_nobody_could_be_asked_no_widget_is_shown_but_the_page(sheet, events, monkeypatch):
    shell = SimpleNamespace(events=events, kernel=SimpleNamespace(_allow_stdin=False))
    monkeypatch.setattr(widget, "_shell", lambda: shell)
    assert set(sheet.player._repr_mimebundle_()) == {"text/html", "image/svg+xml", "text/plain"}
    shell.kernel._allow_stdin = True
    assert VIEW in sheet.player._repr_mimebundle_()


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning")  # Jupyter's own
def test_a_notebook_that_nobody_looks_at_keeps_the_page():
    nbclient = pytest.importorskip("nbclient")
    nbformat = pytest.importorskip("nbformat")
    code = "import glassgrad as gg\nx = gg.Scalar(2.0)\ny = x * x\ngg.play(y)"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    nbclient.NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
    (output,) = notebook.cells[0].outputs
    assert set(output.data) == {"text/html", "image/svg+xml", "text/plain"}
    assert "widgets" not in notebook.metadata


def test_an_exercise_hands_in_its_answers(bundle, events, neuron):
    exercise = gg.quiz(neuron["o"])
    shown = exercise.widget()
    n = list(exercise.document["nodes"]["label"]).index(exercise.document["strings"].index("n"))
    shown.answers = {str(n): {"answer": 0.5, "ok": True, "tries": 1}, "0": {"answer": None, "ok": False}}
    assert exercise.given == {"n": 0.5}
    assert exercise.grade(exercise.given).marks["n"].ok
    shown.values = {"0": 9.0}
    assert neuron["x1"].data == 2.0


def test_a_recorded_run_is_not_moved(bundle, events):
    w = gg.Scalar(3.0, label="w")
    with gg.record() as run:
        (w * w).backward()
    run.play().widget().values = {"0": 9.0}
    assert w.data == 3.0


def test_a_leaf_that_was_moved_before_reaches_the_page_with_the_next_move(bundle, events):
    x, w = gg.Scalar(2.0, label="x"), gg.Scalar(-3.0, label="w")
    y = x * w
    w.data = 5.0
    player = gg.play(y)
    page = player.widget()
    events.run_cell()
    assert page.values == {}  # the page shows the numbers as they were computed
    page.values = {"0": 4.0}
    assert (x.data, w.data, y.data) == (4.0, 5.0, 20.0)
    assert page.values == {"0": 4.0, "1": 5.0}
    assert page.stamp == 1


def test_a_cell_that_moves_a_leaf_sends_those_that_were_moved_before(bundle, events):
    x, w = gg.Scalar(2.0, label="x"), gg.Scalar(-3.0, label="w")
    y = x * w
    w.data = 5.0
    page = gg.play(y).widget()
    x.data = 7.0
    events.run_cell()
    assert page.values == {"0": 7.0, "1": 5.0}
