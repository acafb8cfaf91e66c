"""An exercise's answers: kept over a reload, copied as a line of text, saved, withheld where that was asked for."""

import re

import pytest

import glassgrad as gg

pytestmark = pytest.mark.browser

CLOSED = """
document.execCommand = () => false;
Object.defineProperty(navigator, "clipboard", { value: { writeText: () => Promise.reject(new Error("denied")) } });
"""
REFUSED = """
Object.defineProperty(window, "localStorage", { get() { throw new DOMException("no", "SecurityError"); } });
"""


def product(**options):
    """o = n² + x with n = x w: ∂o/∂n = -12, ∂o/∂x = 37, ∂o/∂w = -24."""
    x, w = gg.Scalar(2.0, label="x"), gg.Scalar(-3.0, label="w")
    n = x * w
    n.label = "n"
    o = n * n + x
    o.label = "o"
    return gg.quiz(o, blanks=["n", "w", "x"], **options)


def field(panel, name):
    return panel.get_by_label(f"gradient of {name}", exact=True)


def fill(panel, **answers):
    for name, text in answers.items():
        field(panel, name).fill(text)


def check(shown, panel, expected):
    panel.get_by_role("button", name="Check").click()
    panel.locator("[role=status]", has_text=expected).wait_for()


def line_of(panel):
    panel.get_by_role("button", name="Copy my answers").click()
    area = panel.get_by_label("My answers as a line of text")
    area.wait_for()
    return area.input_value()


def reload(shown):
    """Reload until the page has its storage: Chromium gives a reloaded file an empty one about once in 100 times."""
    kept = shown.page.evaluate("localStorage.length")

    def reloaded():
        shown.page.reload()
        return shown.page.evaluate("localStorage.length") == kept

    shown.until(reloaded, "the storage is there again")
    shown.host.locator("svg").first.wait_for()
    return shown.tab("Exercise")


def test_answers_come_back_after_a_reload(page_of):
    shown = page_of(product(title="Find them"))
    panel = shown.tab("Exercise")
    fill(panel, n="-12", w="24")
    check(shown, panel, "1 of 3 right")
    fill(panel, x="74/2")  # typed, and not checked
    shown.see("answers before the reload")
    panel = reload(shown)
    panel.locator("[role=status]", has_text="1 of 3 right").wait_for()
    assert [field(panel, name).input_value() for name in ("n", "w", "x")] == ["-12", "24", "74/2"]
    panel.locator("li[data-verdict=wrong]", has_text="the sign is flipped").wait_for()
    assert "−12" in shown.picture()
    assert "37" not in shown.picture()
    fill(panel, w="-24,0")
    check(shown, panel, "3 of 3 right")
    shown.see("answers after the reload")


def test_start_over_asks_once_and_forgets(page_of):
    shown = page_of(product())
    panel = shown.tab("Exercise")
    fill(panel, n="-12")
    check(shown, panel, "1 of 3 right")
    panel.get_by_role("button", name="Start over").click()
    panel.get_by_role("button", name="Erase all answers?").click()
    panel.locator("[role=status]", has_text="0 of 3 right").wait_for()
    assert field(panel, "n").is_editable()
    panel = reload(shown)
    panel.locator("[role=status]", has_text="0 of 3 right").wait_for()
    assert field(panel, "n").input_value() == ""


def test_another_seed_has_a_memory_of_its_own(page_of, tmp_path):
    first = page_of(product(seed=1))
    panel = first.tab("Exercise")
    fill(panel, n="5")
    product(seed=2).save(tmp_path / "other.html")
    product(seed=1).save(tmp_path / "same.html")
    for name, expected in (("other", ""), ("same", "5")):
        first.watch.asked.clear()
        first.page.goto((tmp_path / f"{name}.html").as_uri())
        first.host.locator("svg").first.wait_for()
        assert field(first.tab("Exercise"), "n").input_value() == expected
    first.watch.asked.clear()


@pytest.mark.parametrize("size", [{"width": 1280, "height": 800}, {"width": 390, "height": 844}])
def test_the_copied_line_is_graded_in_python(page_of, size):
    exercise = product(seed="zoë; 1")
    shown = page_of(exercise, viewport=size)
    panel = shown.tab("Exercise")
    n, w, x = (exercise.answers[name] for name in ("n", "w", "x"))
    fill(panel, n=f"{n:g}".replace(".", ","), w=f"{2 * w:g}/2", x=f"{-x:g}")
    line = line_of(panel)
    panel.locator("[role=status]", has_text="Copied").wait_for()
    assert re.fullmatch(r"gg1:[!-~]+", line)
    grade = exercise.grade(line)
    assert {name: mark.ok for name, mark in grade.marks.items()} == {"n": True, "w": True, "x": False}
    assert grade.marks["x"].reason == "the sign is flipped"
    if size["width"] < 400:
        assert shown.page.evaluate("document.documentElement.scrollWidth") <= 390
    shown.see(f"answers copied {size['width']}")


def test_a_closed_clipboard_leaves_the_line_selected(page_of):
    shown = page_of(product())
    shown.page.evaluate(CLOSED)
    panel = shown.tab("Exercise")
    fill(panel, n="-12")
    line = line_of(panel)
    panel.locator("[role=status]", has_text="may not use the clipboard").wait_for()
    area = panel.get_by_label("My answers as a line of text")
    assert area.evaluate("(it) => it.value.slice(it.selectionStart, it.selectionEnd)") == line
    shown.see("answers selected")


def test_save_writes_what_the_command_grades_without_more(page_of, tmp_path, capsys):
    from glassgrad import cli

    shown = page_of(product(seed=4))
    panel = shown.tab("Exercise")
    fill(panel, w="1/8")
    with shown.page.expect_download() as saving:
        panel.get_by_role("button", name="Save", exact=True).click()
    folder = tmp_path / "handed in"
    folder.mkdir()
    assert saving.value.suggested_filename == "answers-4.txt"
    saving.value.save_as(folder / "ann.txt")
    assert cli.main(["grade", str(folder)]) == 0
    assert re.search(r"ann +4 +\d/3", capsys.readouterr().out)


@pytest.mark.parametrize("where", ["frame", "refused"])
def test_where_nothing_may_be_kept_it_works_for_the_day(file_of, tmp_path, where):
    exercise = product()
    page = tmp_path / "page.html"
    if where == "frame":
        page.write_text(f"<!DOCTYPE html><title>frame</title>{exercise._frame()}", encoding="utf-8")
    else:
        exercise.save(page)
    shown = file_of(page, wait=False)
    if where == "refused":
        shown.page.add_init_script(REFUSED)
        shown.page.reload()
    frame = shown.page.frame_locator("iframe") if where == "frame" else shown.page
    panel = frame.locator("[role=tabpanel]:visible")
    field(panel, "n").fill("-12")
    check(shown, panel, "1 of 3 right")
    assert line_of(panel).startswith("gg1::")


def test_a_notebooks_code_has_the_answers(page_of):
    line = product().line({"n": "-24/2", "w": 24})
    shown = page_of(product(answers=line))
    panel = shown.tab("Exercise")
    panel.locator("[role=status]", has_text="1 of 3 right").wait_for()
    assert field(panel, "n").input_value() == "-24/2"
    fill(panel, w="-24")
    check(shown, panel, "2 of 3 right")
    panel = reload(shown)  # what was typed since is newer than the code
    panel.locator("[role=status]", has_text="2 of 3 right").wait_for()


def test_the_solution_can_be_withheld(page_of):
    shown = page_of(product(solution=False))
    panel = shown.tab("Exercise")
    assert panel.get_by_role("button", name="Worked solution").count() == 0
    fill(panel, n="-12")
    check(shown, panel, "1 of 3 right")
    for _ in range(4):
        panel.get_by_role("button", name="Hint for w").click()
    assert "−24" not in panel.inner_text()
    shown.see("answers solution withheld")


def test_the_solution_can_wait_for_the_answers(page_of):
    shown = page_of(product(solution="answered"))
    panel = shown.tab("Exercise")
    solution = panel.get_by_role("button", name="Worked solution")
    assert solution.is_disabled()
    fill(panel, n="-12", w="1")
    check(shown, panel, "1 of 3 right")
    assert solution.is_disabled()
    shown.see("answers solution waits")
    fill(panel, x="5")
    check(shown, panel, "1 of 3 right")
    shown.until(solution.is_enabled, "the solution may be seen")
    solution.click()
    panel.locator("[role=status]", has_text="2 shown").wait_for()
    assert re.search(r"~shown.*~shown", line_of(panel))
    panel = reload(shown)  # a reload does not make it unseen
    panel.locator("[role=status]", has_text="2 shown").wait_for()
    panel.get_by_role("heading", name="Worked solution").wait_for()


def test_a_page_that_does_not_check_only_takes_answers(page_of):
    exercise = product(seed=5, check=False)
    shown = page_of(exercise)
    panel = shown.tab("Exercise")
    for name in ("Check", "Worked solution", "Hint for w"):
        assert panel.get_by_role("button", name=name).count() == 0
    fill(panel, n=f"{exercise.answers['n']:g}", w="1/3")
    panel.locator("[role=status]", has_text="2 of 3 answered").wait_for()
    field(panel, "w").press("Enter")
    assert panel.locator("li[data-verdict]").count() == 0
    for tab in ("Step", "Table", "Leaves", "Paths", "Node"):
        if tab in ("Paths", "Node"):
            shown.select("w")
        assert "NaN" not in shown.tab(tab).inner_text()
        shown.see(f"answers unchecked {tab}")
    panel = reload(shown)
    panel.locator("[role=status]", has_text="2 of 3 answered").wait_for()
    assert exercise.grade(line_of(panel)).right == 1


def test_local_derivatives_can_be_hidden(page_of):
    x, w = gg.Scalar(2.0, label="x"), gg.Scalar(-7.0, label="w")
    o = (x * w + 15.5).tanh()  # ∂o/∂n = 1 - tanh(1.5)² = 0.1807
    shown = page_of(gg.quiz(o, hide="local", names={"n": o.prev[0], "p": o.prev[0].prev[0], "o": o}))
    assert "0.181" not in shown.picture()
    for tab in ("Table", "Step", "Node"):
        if tab == "Node":
            shown.select("n")
        assert "0.1807" not in shown.tab(tab).inner_text()
    shown.see("answers local hidden")
    panel = shown.tab("Exercise")
    fill(panel, n="0,1807")
    check(shown, panel, "1 of 4 right")
    shown.until(lambda: "0.181" in shown.picture(), "the edge is shown")


def test_answers_are_those_for_the_exercises_numbers(page_of):
    shown = page_of(product())
    shown.session("session.setValue(0, 5)")
    panel = shown.tab("Exercise")
    panel.get_by_text("You moved a leaf").wait_for()
    fill(panel, n="-12")
    check(shown, panel, "1 of 3 right")
    panel.get_by_role("button", name="Put them back").click()
    shown.until(lambda: shown.value("x") == 2, "the leaf is back")
