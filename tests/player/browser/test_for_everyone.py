"""Keyboard, screen readers, themes, motion, small screens; axe-core finds nothing serious."""

from pathlib import Path

import pytest

import glassgrad as gg

pytestmark = pytest.mark.browser

AXE = Path(gg.__file__).parent / "player" / "js" / "node_modules" / "axe-core" / "axe.min.js"
PANELS = ["Step", "Node", "Leaves", "Paths", "Bug lab", "Table"]
FOCUS = """() => {
  const element = document.querySelector(".glassgrad-player").shadowRoot.activeElement;
  if (!element) return null;
  const style = getComputedStyle(element), inner = element.querySelector(".gg-frame, .gg-plate");
  const seen = (globalThis.seen ??= []);
  if (!seen.includes(element)) seen.push(element);
  return { id: seen.indexOf(element),
           name: element.getAttribute("aria-label") || element.textContent.trim().slice(0, 40), tag: element.localName,
           outline: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0,
           stroke: inner ? parseFloat(getComputedStyle(inner).strokeWidth) : 0 };
}"""


def rich():
    """A graph with all that panels show: groups, constants, a node used twice, a relu."""
    a, b = gg.Scalar(1.5, label="a"), gg.Scalar(-2.0, label="b")
    with gg.group("inside"):
        c = gg.relu(a + 3.0)
        c.label = "c"
    o = gg.tanh(a * b + 0.25 * c)
    o.label = "o"
    o.backward()
    return o


def run():
    w = gg.Scalar(0.0, label="w")
    with gg.record() as kept:
        for _ in range(5):
            w.grad = 0.0
            loss = (w - 1.0) ** 2
            loss.label = "loss"
            loss.backward()
            w.data -= 0.1 * w.grad
    return gg.play(kept)


def axe(shown):
    """What axe-core finds serious or critical, in words."""
    if not AXE.exists():
        pytest.fail("axe-core is missing: make test-player installs it")
    shown.page.evaluate(AXE.read_text(encoding="utf-8"))
    shown.settle()
    found = shown.page.evaluate("() => axe.run(document, { resultTypes: ['violations'] })")
    return [
        f"{one['id']} ({one['impact']}): {one['help']}: {node['target']} {node['html'][:120]} "
        f"{[check['message'] for check in node['any']][:1]}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


def light_and_dark(page_of, player, name, panels):
    findings = {}
    for scheme in ("light", "dark"):
        shown = page_of(player, color_scheme=scheme)
        for panel in panels:
            if panel == "Node":
                shown.select(shown.session("engine.label(engine.root)"))
            shown.tab(panel)
            shown.see(f"{name} {panel} {scheme}")
            findings[f"{panel}, {scheme}"] = axe(shown)
    assert {place: found for place, found in findings.items() if found} == {}


def test_axe_on_every_panel(page_of):
    light_and_dark(page_of, rich(), "panel", PANELS)


def test_axe_on_the_time_machine(page_of):
    light_and_dark(page_of, run(), "panel", ["Time"])


def test_axe_on_an_exercise(page_of):
    light_and_dark(page_of, gg.quiz(rich()), "panel", ["Exercise"])


def test_axe_elsewhere(page_of):
    """In the middle of stepping, with a mistake on, in a closed-up network, with the help open."""
    shown = page_of(rich(), color_scheme="dark")
    found = {}
    shown.press("Home", "ArrowRight", "ArrowRight", "b")
    found["breakpoint"] = axe(shown)
    shown.tab("Bug lab")
    shown.host.get_by_role("switch", name="= instead of +=").click()
    found["bug"] = axe(shown)
    shown.press("?")
    found["help"] = axe(shown)
    from glassgrad.nn import MLP

    loss = MLP(2, [16, 16, 1], seed=0)([1.0, 2.0])
    loss.backward()
    big = page_of(loss)
    found["network"] = axe(big)
    big.tab("Table")
    found["network's table"] = axe(big)
    assert {place: text for place, text in found.items() if text} == {}


def test_all_keys_are_listed(page_of, neuron):
    shown = page_of(neuron())
    shown.press("?")
    help = shown.host.get_by_role("dialog")
    help.wait_for()
    text = help.inner_text()
    for key in ("→", "←", "Space", "Home", "End", "Esc", "Enter", "?"):
        assert key in text
    shown.see("help")
    shown.page.keyboard.press("Escape")
    assert not help.is_visible()
    shown.press("ArrowLeft")
    assert shown.where() == 10  # keys are the player's again


def test_every_panel_by_keys(page_of):
    shown = page_of(rich())
    for number, title in enumerate(PANELS, 1):
        shown.press(str(number))
        tab = shown.host.get_by_role("tab", name=title, exact=True)
        assert tab.get_attribute("aria-selected") == "true"
        assert shown.host.locator("[role=tabpanel]:visible").count() == 1
    shown.host.get_by_role("tab", name="Step", exact=True).click()
    for title in PANELS[1:]:
        shown.press("ArrowRight")
        assert shown.host.get_by_role("tab", name=title, exact=True).get_attribute("aria-selected") == "true"


def test_tab_reaches_everything_and_focus_is_seen(page_of):
    shown = page_of(rich())
    for number, panel in enumerate(PANELS, 1):
        shown.blur()
        shown.press(str(number))
        seen = []
        for _ in range(120):
            shown.page.keyboard.press("Tab")
            focus = shown.page.evaluate(FOCUS)
            if focus is None:
                continue  # the browser's own
            if seen and focus["id"] == seen[0]["id"]:
                break
            seen.append(focus)
        blind = [focus["name"] for focus in seen if not focus["outline"] and focus["stroke"] < 3]
        assert blind == [], f"focus cannot be seen, in {panel}"
        names = " | ".join(focus["name"] for focus in seen)
        assert any(focus["tag"] == "g" for focus in seen), f"no box of the graph is reached, from {panel}"
        for wanted in ("Find a node", "Export", "Theme", "Help", "One step", "Step", "Breakpoints", "Zoom in", panel):
            assert wanted in names, f"{wanted} is not reached by Tab, from {panel}: {names}"


def test_a_leaf_is_moved_by_keys_alone(page_of):
    """From the open page: the panel, the field, the number, nothing clicked."""
    shown = page_of(rich())
    shown.press("l")
    for _ in range(40):
        shown.page.keyboard.press("Tab")
        if shown.page.evaluate(FOCUS)["name"] == "a, value":
            break
    shown.page.keyboard.press("Control+a")
    shown.page.keyboard.type("2.5")
    shown.page.keyboard.press("Enter")
    shown.settle()
    assert shown.value("a") == 2.5
    shown.page.keyboard.press("Tab")
    shown.page.keyboard.press("ArrowRight")  # the slider
    shown.settle()
    assert shown.value("a") > 2.5


def test_the_graph_by_keys(page_of, neuron):
    shown = page_of(neuron())
    shown.host.locator(".gg-box[tabindex='0']").focus()
    shown.press("Enter")
    assert shown.session("session.selected") == shown.session("engine.root")
    shown.press("ArrowLeft", "Enter")
    assert shown.session("session.selected") == shown.node("n")
    assert "n = 0.88" in shown.page.evaluate(FOCUS)["name"]
    assert shown.where() == 11  # the arrow was the graph's, not a step


def test_table_says_it_all(page_of, neuron):
    shown = page_of(neuron())
    shown.press("t")
    table = shown.host.get_by_role("table")
    rows = table.get_by_role("row")
    assert rows.count() == 11
    assert table.get_by_role("columnheader").count() == 6
    row = rows.filter(has=shown.page.get_by_role("rowheader", name="x1w1", exact=True))
    cells = row.get_by_role("cell").all_inner_texts()
    assert cells == ["×", "x1, w1", "−6", "0.5", "−3, 2"] or cells == ["*", "x1, w1", "−6", "0.5", "−3, 2"]
    table.get_by_role("button", name="gradient").click()
    shown.settle()
    assert table.locator("[aria-sort=descending]").inner_text().startswith("gradient")
    numbers = [float(text.replace("−", "-")) for text in table.locator("tbody tr td:nth-child(5)").all_inner_texts()]
    assert numbers == sorted(numbers, reverse=True)
    shown.see("table")


def test_what_happens_is_announced(page_of, neuron):
    shown = page_of(neuron())
    shown.press("Home", "ArrowRight")
    live = shown.host.locator("[aria-live=polite]").first
    shown.until(lambda: "step 1 of 11" in live.text_content(), "the first step is announced")
    assert "value" in live.text_content()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_theme_follows_the_system_and_can_be_chosen(page_of, neuron, scheme):
    shown = page_of(neuron(), color_scheme=scheme)
    paper = """() => getComputedStyle(
      document.querySelector(".glassgrad-player").shadowRoot.querySelector(".ui")).backgroundColor"""

    def light():
        shown.settle()
        return sum(map(int, shown.page.evaluate(paper).strip("rgb()").split(", "))) > 380

    assert light() == (scheme == "light")
    shown.button("Theme").click()
    assert light()
    shown.button("Theme").click()
    assert not light()
    shown.button("Theme").click()
    assert light() == (scheme == "light")
    other = "dark" if scheme == "light" else "light"
    shown.page.emulate_media(color_scheme=other)
    assert light() == (other == "light")


def test_reduced_motion(page_of, neuron):
    """Nothing moves by itself, and everything is at once where it goes."""
    shown = page_of(neuron(), reduced_motion="reduce")
    shown.press("Home", "ArrowRight", "g", "+")
    moving = """() => [document, document.querySelector(".glassgrad-player").shadowRoot]
                        .reduce((count, root) => count + root.getAnimations().length, 0)"""
    assert shown.page.evaluate(moving) == 0
    shown.select("o")
    assert shown.page.evaluate(moving) == 0
    assert shown.at_rest(shown.host)
    box = shown.host.locator(".gg-box.gg-selected")
    before = box.bounding_box()
    shown.settle()
    assert box.bounding_box() == before


@pytest.mark.parametrize("width", [360, 768])
def test_small_screens(page_of, width):
    shown = page_of(rich(), viewport={"width": width, "height": 740}, has_touch=True)
    for title in PANELS:
        shown.tab(title)
        shown.see(f"{width} px {title}", full=True)
        over = shown.page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert over <= 0, f"{title} is {over} px too wide"
        wide = shown.page.evaluate(
            """() => { const root = document.querySelector(".glassgrad-player").shadowRoot;
              const elsewhere = ".ui-scroll, .ui-tabs, .ui-hidden, [role=tabpanel]"; // they scroll by themselves
              return [...root.querySelectorAll("button, input, select, summary")].filter((element) => {
                if (!element.checkVisibility() || element.closest(elsewhere)) return false;
                const box = element.getBoundingClientRect();
                return box.width && (box.right > innerWidth + 1 || box.left < -1);
              }).map((element) => element.getAttribute("aria-label") || element.textContent); }"""
        )
        assert wide == [], f"out of the screen, with {title}"
    view = shown.host.locator(".gg-view").bounding_box()
    assert view["height"] > 150
    shown.button("Fit").tap()  # before, part of the graph is out of sight
    shown.settle()
    box = shown.host.locator(f'.gg-box[data-key="n{shown.node("a")}"]').bounding_box()
    shown.page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    shown.until(lambda: shown.session("session.selected") == shown.node("a"), "a tap selects")


def test_two_hundred_percent(page_of, neuron):
    """Text twice as large, as a browser's zoom makes it: the same as a screen half as wide."""
    shown = page_of(neuron(), viewport={"width": 640, "height": 400}, device_scale_factor=2)
    shown.see("zoomed")
    assert shown.page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    assert shown.button("One step back (←)").is_visible()


def test_picture_by_touch(page_of, neuron):
    shown = page_of(neuron(), viewport={"width": 400, "height": 800}, has_touch=True)
    box = shown.host.locator(".gg-box[data-key]").first
    box.tap()
    shown.until(lambda: shown.session("session.selected") is not None)
