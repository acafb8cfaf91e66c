"""Notebooks: a live kernel in JupyterLab, whose leaves are the page's; and nbconvert's HTML, without a kernel."""

import math
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

import glassgrad as gg

pytestmark = pytest.mark.browser

SCREENSHOTS = Path(__file__).with_name("screenshots")
SOURCE = str(Path(gg.__file__).resolve().parents[1])
CELLS = [
    "import glassgrad as gg\n"
    'x, w = gg.Scalar(2.0, label="x"), gg.Scalar(-0.5, label="w")\n'
    "o = gg.tanh(x * w)\n"
    'o.label = "o"\n'
    "o.backward()\n"
    'player = gg.play(o, step="end")\n'
    "player",
    "print(x.data, o.data)",
    "x.data = 0.5",
    "print(player.error)",
    "gg.quiz(o)",
    "y = x\nfor _ in range(20):\n    y = (y * w).tanh()\ngg.draw(y)",
    "gg.draw_dot(y)",
]


def notebook(cells):
    import nbformat

    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    made.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return made


def environment(home):
    """Nobody's settings, and this glassgrad."""
    names = ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR")
    places = {f"JUPYTER_{name}": str(home / name.lower()) for name in names}
    path = os.pathsep.join(filter(None, [SOURCE, os.environ.get("PYTHONPATH")]))
    return {**os.environ, **places, "IPYTHONDIR": str(home / "ipython"), "PYTHONPATH": path}


class Server:
    def __init__(self, folder):
        self.folder, self.token = folder, secrets.token_hex(16)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        (folder / "files").mkdir()
        options = {
            "--ServerApp.port": self.port,
            "--ServerApp.port_retries": 0,
            "--ServerApp.root_dir": folder / "files",
            "--IdentityProvider.token": self.token,
            "--LabApp.workspaces_dir": folder / "workspaces",
            "--LabApp.user_settings_dir": folder / "settings",
            "--LabApp.extension_manager": "readonly",
            "--LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
            "--LabApp.news_url": "None",
        }
        command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--expose-app-in-browser"]
        with (folder / "log").open("wb") as log:
            self.process = subprocess.Popen(
                [*command, *(f"{name}={value}" for name, value in options.items())],
                env=environment(folder), stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        self._wait()

    def _wait(self):
        for _ in range(600):
            try:
                urllib.request.urlopen(f"{self.address}/api/status?token={self.token}", timeout=5).close()
                return
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.1)
        self.stop()
        pytest.fail(f"JupyterLab does not start:\n{(self.folder / 'log').read_text()[-3000:]}")

    def stop(self):
        os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


@pytest.fixture(scope="module")
def server(tmp_path_factory, browser):
    for name in ("jupyterlab", "anywidget", "nbformat"):
        if not __import__("importlib.util").util.find_spec(name):
            message = f"{name} is not installed: pip install glassgrad[browser]"
            (pytest.fail if os.environ.get("GLASSGRAD_BROWSER") == "required" else pytest.skip)(message)
    running = Server(tmp_path_factory.mktemp("lab"))
    yield running
    running.stop()


class Lab:
    """A notebook that is open in JupyterLab, with its kernel ready."""

    def __init__(self, page, server, shown_of, name, made=None):
        import nbformat

        nbformat.write(made or notebook(CELLS), server.folder / "files" / name)
        self.page = page
        page.goto(f"{server.address}/lab/tree/{name}?token={server.token}&reset")
        page.wait_for_function("() => globalThis.jupyterapp?.shell?.currentWidget?.sessionContext", timeout=60_000)
        page.evaluate(
            """async () => {
              const panel = jupyterapp.shell.currentWidget;
              await panel.context.ready;
              await panel.sessionContext.ready;
              await panel.sessionContext.session.kernel.info;
            }"""
        )
        self.shown_of = shown_of

    def run(self, index):
        """Run a cell; give the text of its outputs."""
        texts = self.page.evaluate(
            """async (index) => {
              const { content } = jupyterapp.shell.currentWidget;
              content.activeCellIndex = index;
              const late = new Promise((_, fail) => setTimeout(() => fail(new Error("the cell does not end")), 30_000));
              await Promise.race([jupyterapp.commands.execute("notebook:run-cell"), late]);
              return content.widgets[index].model.outputs.toJSON()
                .map((output) => [output.text ?? output.data?.["text/plain"] ?? output.evalue ?? ""].flat().join(""));
            }""",
            index,
        )
        return "".join(texts)

    def numbers(self):
        return [float(x) for x in self.run(1).split()]


@pytest.fixture
def lab(server, contexts, shown_class):
    page = contexts(viewport={"width": 1400, "height": 1000}).new_page()
    errors, asked = [], []
    page.on("pageerror", lambda error: errors.append(str(error)))
    ours = re.compile("glassgrad|anywidget", re.IGNORECASE)
    page.on(
        "console", lambda message: message.type == "error" and ours.search(message.text) and errors.append(message.text)
    )
    page.on("request", lambda request: asked.append(request.url))
    yield Lab(page, server, lambda index=0: shown_class(page, None, index), f"{secrets.token_hex(4)}.ipynb")
    page.close()
    assert errors == []
    near = (server.address, server.address.replace("http", "ws"), "data:", "blob:", "about:")
    assert [url for url in asked if not url.startswith(near)] == []


def test_jupyterlab_with_a_live_kernel(lab):
    output = lab.run(0)
    shown = lab.shown_of()
    shown.host.locator(".gg-box").first.wait_for()
    assert "player of 'o'" in output or output == ""
    shown.see("jupyterlab")
    value, root = lab.numbers()
    assert (value, shown.value("x")) == (2.0, 2.0)

    # the page moves Python
    shown.tab("Leaves")
    slider = shown.host.get_by_role("slider", name="x, slider")
    slider.focus()
    for _ in range(5):
        slider.press("ArrowRight")
    moved = shown.value("x")
    assert moved != 2.0
    shown.until(lambda: lab.numbers()[0] == moved, "the slider's number is in Python")
    value, root = lab.numbers()
    assert root == pytest.approx(shown.session("engine.value[engine.root]"), rel=1e-12)
    assert root == pytest.approx(math.tanh(-0.5 * moved), rel=1e-12)
    shown.see("jupyterlab moved")

    # Python moves the page, once the cell is done
    lab.run(2)
    shown.until(lambda: shown.value("x") == 0.5, "Python's number is in the page")
    field = shown.host.get_by_role("spinbutton", name="x, value")
    shown.until(lambda: field.input_value() == "0.5")
    assert lab.run(3).strip() == "None"


def test_two_views_of_one_player(lab):
    """The cell run again: the same widget, shown once more, and both follow."""
    lab.run(0)
    lab.page.evaluate(
        """async () => { const { content } = jupyterapp.shell.currentWidget;
             content.activeCellIndex = 3; content.activeCell.model.sharedModel.setSource("player"); }"""
    )
    lab.run(3)
    first, second = lab.shown_of(0), lab.shown_of(1)
    second.host.locator(".gg-box").first.wait_for()
    first.tab("Leaves")
    field = first.host.get_by_role("spinbutton", name="x, value")
    field.fill("1.25")
    field.press("Tab")
    second.until(lambda: second.value("x") == 1.25, "the other view follows")


def test_keys_stay_in_the_player(lab):
    """What is typed on the player is no command of the notebook: no cell comes or goes, none is entered."""
    lab.run(0)
    shown = lab.shown_of()
    shown.host.locator(".gg-box").first.wait_for()
    count = "() => jupyterapp.shell.currentWidget.content.widgets.length"
    before = lab.page.evaluate(count)
    steps = shown.where()
    shown.host.locator(".gg-box").first.click()
    shown.press("Home", "ArrowRight", "b", "a", "x", "d", "d", "t", "l", "Home")
    assert lab.page.evaluate(count) == before
    assert steps > 0
    assert shown.where() == 0


def test_a_number_is_taken_on_enter(lab):
    lab.run(0)
    shown = lab.shown_of()
    shown.tab("Leaves")
    shown.host.get_by_role("spinbutton", name="x, value").click()
    lab.page.keyboard.press("Control+a")
    lab.page.keyboard.type("1.25")
    lab.page.keyboard.press("Enter")
    shown.until(lambda: shown.value("x") == 1.25, "Enter takes the number")


def test_exercise_in_a_notebook(lab):
    lab.run(0)
    lab.run(4)
    shown = lab.shown_of(1)
    shown.host.locator(".gg-box").first.wait_for()
    assert "0 of 3 right" in re.sub(r"\s+", " ", shown.panel())
    shown.see("jupyterlab exercise")

    # answers come back when the cell is run again, and in code elsewhere
    field = shown.host.get_by_label("gradient of x", exact=True)
    field.fill("1/8")
    shown.button("Check").click()
    shown.host.locator(".ui-verdict", has_text="✗").first.wait_for()
    lab.run(4)
    again = lab.shown_of(1)
    again.host.locator(".ui-verdict", has_text="✗").first.wait_for()
    assert again.host.get_by_label("gradient of x", exact=True).input_value() == "1/8"
    again.button("Copy my answers").click()
    line = again.host.get_by_label("My answers as a line of text").input_value()
    lab.page.evaluate(
        """(source) => { const { content } = jupyterapp.shell.currentWidget;
             content.widgets[3].model.sharedModel.setSource(source); }""",
        f'exercise = gg.quiz(o, answers="{line}")\nprint(exercise.given)',
    )
    assert lab.run(3).strip() == "{'x': 0.125}"


def test_wide_drawings_fit_their_cells(lab):
    lab.run(0)
    for index in (5, 6):
        lab.run(index)
        output = lab.page.locator(".jp-Cell").nth(index).locator(".jp-OutputArea-output")
        picture = output.locator("img, svg").first
        picture.wait_for()
        picture.evaluate("(image) => image.decode()")
        assert output.evaluate("(one) => one.scrollWidth <= one.clientWidth")
        assert picture.bounding_box()["width"] <= output.bounding_box()["width"]
        assert picture.evaluate("(image) => image.naturalWidth") > 2000  # it was wider
    lab.page.screenshot(path=SCREENSHOTS / "jupyterlab drawings.png")


def test_nbconvert_shows_the_player_offline(contexts, tmp_path, shown_class):
    """The page that nbconvert makes of an executed notebook. Its own scripts come from elsewhere, and are missing."""
    for name in ("nbconvert", "nbclient", "anywidget"):
        pytest.importorskip(name)
    from nbclient import NotebookClient
    from nbconvert import HTMLExporter

    made = notebook(CELLS[:1])
    client = NotebookClient(made, timeout=120, kernel_name="python3")
    client.store_widget_state = False  # as notebooks save it, where nobody asks for widgets' states
    client.execute(env=environment(tmp_path))
    path = tmp_path / "notebook.html"
    path.write_text(HTMLExporter().from_notebook_node(made)[0], encoding="utf-8")
    context = contexts(viewport={"width": 1200, "height": 1000})
    context.set_offline(True)
    page = context.new_page()
    said = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(path.as_uri(), wait_until="commit")
    frame = page.frame_locator("iframe")
    box = frame.locator(".gg-box", has_text="tanh").first
    box.wait_for()
    box.click()
    frame.get_by_role("button", name="One step back (←)").click()
    frame.locator(".ui-where", has_text="step 4 of 5").wait_for()
    shown_class(page, None).see("nbconvert")
    assert [text for text in said if "require" not in text and "MathJax" not in text] == []


LESSONS = Path(__file__).parents[3] / "lessons"


@pytest.fixture
def lesson():
    jupytext = pytest.importorskip("jupytext")
    return jupytext.read(LESSONS / "06_automatic_backprop.py", fmt="py:percent")


def is_folded_away(solution):
    """Whether the code is out of sight, and a click brings it."""
    code = solution.locator("pre").first
    hidden = not code.is_visible()
    solution.locator("summary").click()
    code.wait_for()
    return hidden


def test_a_lesson_keeps_its_solution_folded_after_run_all(contexts, server, shown_class, lesson):
    (server.folder / "files" / "little_scalar.py").write_bytes((LESSONS / "little_scalar.py").read_bytes())
    page = contexts(viewport={"width": 1400, "height": 900}).new_page()
    lab = Lab(page, server, shown_class, "lesson.ipynb", lesson)
    page.evaluate("() => jupyterapp.commands.execute('notebook:run-all-cells')")
    solution = page.locator("details", has_text="A solution").last
    solution.wait_for()
    assert is_folded_away(solution)
    shown_class(page, None).see("lesson in jupyterlab")
    assert lab.page is page


def test_a_lesson_keeps_its_solution_folded_in_exported_html(contexts, tmp_path, shown_class, lesson):
    nbconvert = pytest.importorskip("nbconvert")
    path = tmp_path / "lesson.html"
    path.write_text(nbconvert.HTMLExporter().from_notebook_node(lesson)[0], encoding="utf-8")
    context = contexts(viewport={"width": 390, "height": 844})
    context.set_offline(True)
    page = context.new_page()
    page.goto(path.as_uri(), wait_until="commit")
    solution = page.locator("details", has_text="A solution")
    solution.wait_for()
    assert is_folded_away(solution)
    shown_class(page, None).see("lesson in exported HTML")


def test_jupyterlabs_wheel_and_theme(lab):
    """The wheel scrolls the notebook, also over the player; the player turns dark with JupyterLab."""
    lab.run(0)
    shown = lab.shown_of()
    view = shown.host.locator(".gg-view")
    view.locator(".gg-box").first.wait_for()
    before = shown.host.locator("svg.gg-sheet > g").first.get_attribute("transform")
    box = view.bounding_box()
    lab.page.mouse.move(box["x"] + 200, box["y"] + 100)
    shown.wheel(6)
    shown.until(lambda: view.bounding_box()["y"] < box["y"] - 50, "the notebook scrolls")
    assert shown.host.locator("svg.gg-sheet > g").first.get_attribute("transform") == before
    lab.page.evaluate("() => jupyterapp.commands.execute('apputils:change-theme', { theme: 'JupyterLab Dark' })")
    lab.page.locator(".glassgrad-player[data-dark]").first.wait_for()
    shown.see("jupyterlab dark")
