"""Pages that MkDocs and Jupyter Book make of a player: no configuration, the wheel is theirs, so is the theme.

Their programs are taken from the path, or from ``GLASSGRAD_MKDOCS`` (with mkdocs-material beside it) and
``GLASSGRAD_JUPYTER_BOOK``, as they had better be installed in environments of their own.
"""

import functools
import http.server
import os
import shutil
import subprocess
import threading

import pytest

import glassgrad as gg

pytestmark = [pytest.mark.browser, pytest.mark.nightly]

FRAME = '<iframe src="{}" title="A neuron" width="100%" height="480" style="border: 0"></iframe>'
PALETTE = """theme:
  name: material
  font: false
  palette:
    - scheme: default
      toggle: {icon: material/weather-night, name: dark}
    - scheme: slate
      toggle: {icon: material/weather-sunny, name: light}
"""
BOOKS = {  # the sources of each, its program, where its page comes to lie, and how a reader turns it dark
    "MkDocs": (
        {
            "mkdocs.yml": "site_name: A book\ntheme: {name: mkdocs, user_color_mode_toggle: true}\n",
            "docs/index.md": FRAME.format("neuron.html"),
        },
        ("GLASSGRAD_MKDOCS", "mkdocs", "build", "-q"),
        ("docs/neuron.html", "site/index.html"),
        "document.querySelector('[data-bs-theme-value=dark]').click()",
    ),
    "Material for MkDocs": (
        {"mkdocs.yml": f"site_name: A book\n{PALETTE}", "docs/index.md": FRAME.format("neuron.html")},
        ("GLASSGRAD_MKDOCS", "mkdocs", "build", "-q"),
        ("docs/neuron.html", "site/index.html"),
        "document.querySelectorAll('input[name=__palette]')[1].click()",
    ),
    "Jupyter Book": (
        {
            "_config.yml": "title: A book\nexecute: {execute_notebooks: 'off'}\n",
            "_toc.yml": "format: jb-book\nroot: index\n",
            "index.md": f"# A neuron\n\n```{{raw}} html\n{FRAME.format('_static/neuron.html')}\n```\n",
        },
        ("GLASSGRAD_JUPYTER_BOOK", "jupyter-book", "build", "."),
        ("_static/neuron.html", "_build/html/index.html"),
        "document.documentElement.dataset.theme = 'dark'",
    ),
}
MORE = "\n\nMore text.\n" * 60


@pytest.fixture
def served(tmp_path):
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    class Patient(http.server.ThreadingHTTPServer):
        request_queue_size = 100  # a book's page asks for thirty files at once

    server = Patient(("127.0.0.1", 0), functools.partial(Quiet, directory=str(tmp_path)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("size", [(1400, 900), (390, 844)], ids=["desk", "phone"])
@pytest.mark.parametrize("name", BOOKS)
def test_a_book(name, size, served, contexts, tmp_path, neuron, shown_class):
    sources, (variable, program, *arguments), (player, made), darken = BOOKS[name]
    command = os.environ.get(variable) or shutil.which(program)
    if not command:
        pytest.skip(f"there is no {program}: install it, or say in {variable} where it is")
    for path, text in sources.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text + MORE * path.endswith("index.md"), encoding="utf-8")
    (tmp_path / player).parent.mkdir(exist_ok=True)
    gg.play(neuron()).save(tmp_path / player)
    built = subprocess.run([command, *arguments], cwd=tmp_path, capture_output=True, text=True)
    if name.startswith("Material") and "Unrecognised theme name" in built.stderr:
        pytest.skip("mkdocs-material is not installed beside mkdocs")
    assert built.returncode == 0, built.stderr

    page = contexts(viewport={"width": size[0], "height": size[1]}).new_page()
    page.route("**/*", lambda route: route.continue_() if route.request.url.startswith(served) else route.abort())
    page.goto(f"{served}/{made}", wait_until="domcontentloaded")
    frame = page.frame_locator("iframe")
    frame.locator(".gg-box").first.wait_for()
    frame.locator(".glassgrad-player:not([data-dark])").wait_for()
    page.evaluate(f"() => {{ {darken} }}")
    frame.locator(".glassgrad-player[data-dark]").wait_for()
    shown_class(page, None).see(f"{name} {size[0]}")
    frame.get_by_role("button", name="One step on").click()
    frame.locator(".ui-where", has_text="step 1 of 11").wait_for()

    top = page.evaluate("() => scrollY")
    box = page.locator("iframe").bounding_box()
    page.mouse.move(box["x"] + 100, box["y"] + 150)
    shown = shown_class(page, None)
    shown.wheel(14)
    shown.until(lambda: page.evaluate("() => scrollY") > top + 300, "the page scrolls")
