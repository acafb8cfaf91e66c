"""A real browser for the player's tests: pages from files, offline, whose every complaint and request fails the test.

Where there is no browser, or not what drives it, the tests are skipped; with ``GLASSGRAD_BROWSER=required`` they fail.
``GLASSGRAD_CHROMIUM`` names a browser that is not on the path. What was seen is kept in ``screenshots/``.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import glassgrad as gg

REQUIRED = os.environ.get("GLASSGRAD_BROWSER") == "required"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUIET = ["--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update"]
QUIET += ["--disable-sync"]
SCREENSHOTS = Path(__file__).with_name("screenshots")
PATIENCE = 30_000  # ms that anything may take to appear

# Properties are assigned under their names in the bundle too: so sessions are found that the page keeps to itself.
FIND_SESSIONS = """
const found = [];
Object.defineProperty(globalThis, "sessions", { get: () => found.filter((one) => one.engine && one.whole) });
Object.defineProperty(Object.prototype, "breakpoints", {
  configurable: true,
  set(value) {
    Object.defineProperty(this, "breakpoints", { value, writable: true, enumerable: true, configurable: true });
    found.push(this);
  },
});
"""


def missing(what: str) -> Any:
    """Skip the test, or fail it where a browser is required."""
    if REQUIRED:
        pytest.fail(what, pytrace=False)
    pytest.skip(what)


def installed() -> str:
    """The browser's path."""
    wanted = os.environ.get("GLASSGRAD_CHROMIUM")
    for name in [wanted] if wanted else BROWSERS:
        path = shutil.which(name)
        if path:
            return path
    return missing(f"there is no browser: {wanted or ' or '.join(BROWSERS)}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    path = installed()
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing("playwright is not installed: pip install glassgrad[browser]")
    root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=root + QUIET)
        yield launched
        launched.close()


def until(holds: Callable[[], Any], what: str = "", patience: float = PATIENCE / 1000) -> Any:
    """Wait until ``holds()`` gives something true, and give that."""
    end = time.monotonic() + patience
    while True:
        found = holds()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"waited in vain: {what or holds}")
        time.sleep(0.02)


def drawn(page: Any) -> None:
    """Wait until what happened to the page is drawn."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def wheel(page: Any, times: int, step: int = 100) -> None:
    """Turn the wheel, each time once the page has shown what the last turn did."""
    for _ in range(times):
        page.mouse.wheel(0, step)
        drawn(page)


def at_rest(frame: Any) -> bool:
    """Whether no gesture, and no glide that follows one, still moves the picture of a player in ``frame``."""
    return str(frame.locator("svg.gg-sheet").first.evaluate("(sheet) => sheet.style.transform")) == ""


class Watch:
    """What a page says and asks for."""

    def __init__(self, page: Any) -> None:
        self.said: list[str] = []
        self.asked: list[str] = []
        page.on("console", lambda message: message.type in ("error", "warning") and self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("request", lambda request: self.asked.append(request.url))

    def forgive(self, pattern: str) -> list[str]:
        """Take out what was expected, and give it."""
        found = [text for text in self.said if re.search(pattern, text)]
        self.said = [text for text in self.said if text not in found]
        return found


class Shown:
    """A player on a page: its elements by what people call them, and its session."""

    def __init__(self, page: Any, watch: Watch | None, index: int = 0) -> None:
        self.page, self.watch, self.index = page, watch, index
        self.host = page.locator(".glassgrad-player").nth(index)
        self.until = until
        self.wheel = partial(wheel, page)
        self.at_rest = at_rest

    # -- reading

    def session(self, expression: str, argument: Any = None) -> Any:
        """Evaluate JavaScript of ``session``, ``engine`` and ``argument``."""
        code = "([index, argument]) => { const session = sessions[index], engine = session.engine; return %s; }"
        return self.page.evaluate(code % expression, [self.index, argument])

    def node(self, label: str) -> int:
        """The id of the node with that label."""
        found = self.session("Array.from(engine.value.keys()).find((i) => engine.label(i) === argument)", label)
        assert found is not None, f"no node is called {label!r}"
        return int(found)

    def value(self, label: str) -> float:
        return float(self.session("engine.value[argument]", self.node(label)))

    def grad(self, label: str) -> float:
        return float(self.session("engine.grad[argument]", self.node(label)))

    def text(self) -> str:
        """All that can be read."""
        self.settle()
        return self.host.locator(".ui").inner_text()

    def picture(self) -> str:
        """What the picture of the graph says."""
        self.settle()
        return self.host.locator("svg.gg-sheet").text_content()

    def panel(self) -> str:
        """The text of the panel that is open."""
        self.settle()
        return self.host.locator("[role=tabpanel]:visible").inner_text()

    def where(self) -> int:
        return int(self.session("session.t"))

    def settle(self) -> None:
        """Wait until what happened is drawn."""
        drawn(self.page)

    # -- doing

    def button(self, name: str | re.Pattern[str], exact: bool = False) -> Any:
        return self.host.get_by_role("button", name=name, exact=exact)

    def tab(self, title: str) -> Any:
        """Open a panel by a click, and give it."""
        self.host.get_by_role("tab", name=title, exact=True).click()
        panel = self.host.locator("[role=tabpanel]:visible")
        panel.wait_for()
        self.blur()
        return panel

    def blur(self) -> None:
        """Take the focus from where it is: arrow keys are then the player's."""
        self.page.evaluate("() => document.activeElement?.shadowRoot?.activeElement?.blur()")
        self.settle()

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
        self.settle()

    def select(self, label: str) -> int:
        """Select a node as a user does: by its name in the search box; give its id."""
        node = self.node(label)
        find = self.host.get_by_role("combobox", name=re.compile("Find a node"))
        find.fill(label)
        find.press("Enter")
        find.press("Escape")
        until(lambda: self.session("session.selected") == node, f"{label} is selected")
        self.blur()
        return node

    def see(self, name: str, full: bool = False) -> Path:
        """Keep a picture of the page."""
        SCREENSHOTS.mkdir(exist_ok=True)
        self.settle()
        path = SCREENSHOTS / f"{name}.png"
        self.page.screenshot(path=path, full_page=full)
        return path


@pytest.fixture(scope="session")
def shown_class() -> type[Shown]:
    """`Shown`, for a player on a page that something else has made."""
    return Shown


@pytest.fixture
def contexts(browser: Any) -> Iterator[Callable[..., Any]]:
    made = []

    def make(**options: Any) -> Any:
        options = {"viewport": {"width": 1280, "height": 800}} | options
        context = browser.new_context(**options)
        context.set_default_timeout(PATIENCE)
        context.add_init_script(FIND_SESSIONS)
        made.append(context)
        return context

    yield make
    for context in made:
        context.close()


@pytest.fixture
def file_of(contexts: Callable[..., Any]) -> Iterator[Callable[..., Shown]]:
    """``file_of(path)`` opens an HTML file of the disk, offline; options are those of a browser's context."""
    watches = []

    def show(path: Path, wait: bool = True, **options: Any) -> Shown:
        context = contexts(**options)
        context.set_offline(True)
        page = context.new_page()
        watch = Watch(page)
        watches.append((watch, path.as_uri()))
        page.goto(path.as_uri())
        shown = Shown(page, watch)
        if wait:
            shown.host.locator("svg").first.wait_for()
            shown.settle()
        return shown

    yield show
    for watch, address in watches:
        assert watch.said == [], "the page complained"
        others = [url for url in watch.asked if url != address and not url.startswith(("data:", "blob:", "about:"))]
        assert others == [], "the page asked for more than itself"


@pytest.fixture
def page_of(file_of: Callable[..., Shown], tmp_path: Path) -> Callable[..., Shown]:
    """``page_of(root)`` saves the player of a graph, at its last step, (or a player) as a file and opens that."""
    count = 0

    def show(player: Any, **options: Any) -> Shown:
        nonlocal count
        count += 1
        path = tmp_path / f"page {count}.html"
        (player if hasattr(player, "save") else gg.play(player, step="end")).save(path)
        return file_of(path, **options)

    return show


@pytest.fixture
def neuron() -> Callable[[], Any]:
    """Karpathy's neuron: o = tanh(x1 w1 + x2 w2 + b) = 0.7071, with its gradients."""

    def make() -> Any:
        x1, x2 = gg.Scalar(2.0, label="x1"), gg.Scalar(0.0, label="x2")
        w1, w2 = gg.Scalar(-3.0, label="w1"), gg.Scalar(1.0, label="w2")
        b = gg.Scalar(6.8813735870195432, label="b")
        x1w1, x2w2 = x1 * w1, x2 * w2
        x1w1.label, x2w2.label = "x1w1", "x2w2"
        both = x1w1 + x2w2
        both.label = "x1w1 + x2w2"
        n = both + b
        n.label = "n"
        o = gg.tanh(n)
        o.label = "o"
        o.backward()
        return o

    return make
