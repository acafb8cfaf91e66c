"""A player inside another page: it leaves the wheel to that page, opens as it is asked to, and can be read at once."""

import re

import pytest
from micrograd.engine import Value

import glassgrad as gg
from glassgrad.nn import MLP

pytestmark = pytest.mark.browser

FRAMES = """<!DOCTYPE html><body style="height: 3000px"><p>Some text of the page around.</p>
<iframe src="player.html" width="640" height="480"></iframe>{}</body>"""
# The size in CSS pixels of each text in the picture, and how many of them are in sight.
SIZES = """() => { const root = document.querySelector(".glassgrad-player").shadowRoot;
  const texts = [...root.querySelectorAll("svg.gg-sheet text")].filter((text) => text.textContent.trim());
  const window = root.querySelector(".gg-view").getBoundingClientRect();
  const seen = texts.filter((text) => { const box = text.getBoundingClientRect();
    return box.right > window.left && box.left < window.right && box.bottom > window.top && box.top < window.bottom; });
  return [Math.min(...texts.map((text) => parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a)),
          seen.length]; }"""


def training_step(rows=4):
    model = MLP(3, [4, 4, 1], seed=1)
    loss = sum(((model([0.5, -1.0, 0.1 * k]) - 1.0) ** 2 for k in range(rows)), gg.Scalar(0.0, label="zero"))
    loss.label = "loss"
    loss.backward()
    return loss


def chain(count=15):
    y = gg.Scalar(0.5, label="x")
    for _ in range(count):
        y = gg.sin(y * 1.1)
    y.backward()
    return y


@pytest.fixture
def framed(contexts, tmp_path, neuron):
    """A tall page with a player's page and a notebook's player in frames."""
    player = gg.play(neuron())
    player.save(tmp_path / "player.html")
    path = tmp_path / "around.html"
    path.write_text(FRAMES.format(player._frame()), encoding="utf-8")
    page = contexts().new_page()
    page.goto(path.as_uri())
    for k in range(2):
        page.frame_locator("iframe").nth(k).locator(".gg-view").wait_for()
    return page


def scale(frame):
    matrix = frame.locator("svg.gg-sheet > g").first.evaluate("(world) => world.getScreenCTM().a")
    return round(matrix, 4)


@pytest.mark.parametrize("which", [0, 1], ids=["a page in a frame", "a notebook's frame"])
def test_the_wheel_scrolls_the_page_around(framed, shown_class, which):
    frame = framed.frame_locator("iframe").nth(which)
    view = frame.locator(".gg-view")
    view.scroll_into_view_if_needed()
    box = view.bounding_box()
    before, top = scale(frame), framed.evaluate("() => scrollY")
    framed.mouse.move(box["x"] + 200, box["y"] + 100)
    shown = shown_class(framed, None)
    shown.wheel(8, 120)
    shown.until(lambda: framed.evaluate("() => scrollY") > top, "the page scrolls")
    assert scale(frame) == before
    frame.locator(".gg-told").filter(has_text="wheel zooms").wait_for()


def test_the_wheel_zooms_with_ctrl_or_after_a_click(framed, shown_class):
    frame = framed.frame_locator("iframe").nth(0)
    shown = shown_class(framed, None)
    until = shown.until
    box = frame.locator(".gg-view").bounding_box()
    middle = (box["x"] + 300, box["y"] + 170)
    framed.mouse.move(*middle)
    before = scale(frame)
    framed.keyboard.down("Control")
    framed.mouse.wheel(0, -120)
    framed.keyboard.up("Control")
    until(lambda: scale(frame) > before, "Ctrl and the wheel zoom")
    until(lambda: shown.at_rest(frame), "the zoom is over")
    before = scale(frame)
    framed.mouse.click(*middle)
    framed.mouse.wheel(0, -120)
    until(lambda: scale(frame) > before, "the wheel zooms after a click")
    assert framed.evaluate("() => scrollY") == 0
    framed.mouse.move(5, 5)  # away from it
    framed.mouse.move(*middle)
    until(lambda: shown.at_rest(frame), "the zoom is over")
    before = scale(frame)
    shown.wheel(8, 120)
    until(lambda: framed.evaluate("() => scrollY") > 0, "the page scrolls again")
    assert scale(frame) == before


def test_a_finger_scrolls_the_page_and_moves_the_graph_aside(contexts, tmp_path, neuron, shown_class):
    gg.play(neuron(), layout="LR", compact=True).save(tmp_path / "player.html")
    path = tmp_path / "around.html"
    text = FRAMES.format("").replace('width="640"', 'width="360"')
    path.write_text(f'<meta name="viewport" content="width=device-width">{text}', encoding="utf-8")
    context = contexts(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(path.as_uri())
    frame = page.frame_locator("iframe")
    frame.locator(".gg-box").first.wait_for()
    until = shown_class(page, None).until
    left = "(world) => world.getScreenCTM().e"
    before = frame.locator("svg.gg-sheet > g").first.evaluate(left)
    finger = {"x": 250, "y": 250, "speed": 600, "gestureSourceType": "touch"}
    session = context.new_cdp_session(page)
    session.send("Input.synthesizeScrollGesture", {**finger, "xDistance": -100})
    until(lambda: frame.locator("svg.gg-sheet > g").first.evaluate(left) < before - 50, "the graph moves")
    assert page.evaluate("() => scrollY") == 0
    action = "(view) => getComputedStyle(view).touchAction"  # no tool makes a touch that scrolls: ask what it would do
    assert frame.locator(".gg-view").evaluate(action) == "pan-y"
    frame.locator(".gg-box").first.tap()
    until(lambda: frame.locator(".gg-view").evaluate(action) == "none", "a tap takes hold of the graph")


def test_a_page_of_its_own_keeps_the_plain_wheel(page_of, neuron):
    shown = page_of(neuron())
    before = scale(shown.host)
    box = shown.host.locator(".gg-view").bounding_box()
    shown.page.mouse.move(box["x"] + 200, box["y"] + 200)
    shown.page.mouse.wheel(0, -120)
    shown.until(lambda: scale(shown.host) > before, "the wheel zooms")


def opened(shown):
    """How the player opened: step, direction, panel and notice."""
    shown.settle()
    box = shown.host.locator(".gg-box:has(.gg-op)").first
    badge, body = box.locator(".gg-op").bounding_box(), box.locator(".gg-frame").bounding_box()
    across = badge["x"] < body["x"]
    panel = shown.host.locator("[aria-selected=true]").text_content()
    return (
        shown.where(),
        "LR" if across else "TB",
        panel,
        shown.host.locator(".ui-notice:not(.ui-changed)").text_content(),
    )


def test_play_and_the_address_say_how_it_opens(page_of, neuron):
    size = {"viewport": {"width": 1400, "height": 900}}
    assert opened(page_of(gg.play(neuron()), **size))[0] == 0
    shown = page_of(gg.play(neuron(), step=6, layout="TB", panel="leaves", height=500), **size)
    assert opened(shown) == (6, "TB", "Leaves", "")
    assert shown.host.locator(".ui").bounding_box()["height"] == 500
    address = shown.page.url
    shown.page.goto(f"{address}?step=end&layout=LR&panel=table&height=400&compact=1&other=7")
    shown.watch.asked.clear()
    assert opened(shown) == (11, "LR", "Table", "")
    assert shown.host.locator(".ui").bounding_box()["height"] == 400
    assert shown.host.get_by_role("table").is_visible()
    assert not shown.button("Theme").is_visible()
    shown.page.goto(f"{address}?step=99&layout=up&panel=time&height=4&compact=maybe")
    shown.watch.asked.clear()
    step, layout, panel, notice = opened(shown)
    assert (step, layout, panel) == (6, "TB", "Leaves")  # as Python asked
    assert "step=99: use start, end or a whole number from 0 to 11" in notice
    for said in ("layout=up: use LR, TB or auto", "panel=time: use step", "height=4: use", "compact=maybe: use 1 or 0"):
        assert said in notice


def test_compact_is_the_graph_and_its_steps(page_of, neuron):
    shown = page_of(gg.play(neuron(), compact=True, step=2), viewport={"width": 640, "height": 300})
    assert shown.button("One step on").is_visible()
    assert not shown.host.get_by_role("tab").first.is_visible()
    assert shown.page.evaluate("() => document.documentElement.scrollHeight") == 300
    shown.see("compact")
    shown.press("t")  # a panel is still a key away
    shown.host.get_by_role("table").wait_for()


@pytest.mark.parametrize("size", [(640, 480), (1400, 900), (390, 844)], ids="{0[0]}x{0[1]}".format)
def test_everything_can_be_read_at_first_sight(page_of, neuron, size):
    graphs = {"neuron": (neuron(), "light"), "training step": (training_step(), "dark"), "chain": (chain(), "light")}
    for name, (root, scheme) in graphs.items():
        shown = page_of(gg.play(root), viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)
        least, seen = shown.page.evaluate(SIZES)
        assert least >= 9, name
        assert seen >= 6, name
        shown.see(f"first sight, {name} {size[0]}")
        shown.page.close()


def test_a_training_step_opens_as_groups(page_of):
    shown = page_of(gg.play(training_step(1)), viewport={"width": 640, "height": 480})
    assert shown.host.locator(".gg-group").count() == 3
    assert "layer 1" in shown.picture()


def test_more_of_a_graph_is_hinted_at_and_a_click_away(page_of, neuron):
    shown = page_of(gg.play(neuron(), layout="LR"), viewport={"width": 390, "height": 844}, has_touch=True)
    more = shown.button("Show more to the right")
    assert more.is_visible()
    assert not shown.button("Show more to the left").is_visible()
    end = shown.host.locator(f"[data-key=n{shown.node('o')}]")
    for _ in range(5):
        if not more.is_visible():
            break
        before = end.bounding_box()
        more.tap()
        shown.until(lambda: end.bounding_box() != before and shown.at_rest(shown.host), "the picture has moved")
    assert not more.is_visible()
    box = end.bounding_box()
    assert box["x"] > 0
    assert box["x"] + box["width"] < 390
    assert shown.button("Show more to the left").is_visible()


def test_the_table_leaves_the_graph_readable(page_of, neuron):
    shown = page_of(gg.play(neuron()), viewport={"width": 1000, "height": 700})
    shown.tab("Table")
    shown.until(lambda: shown.page.evaluate(SIZES)[0] >= 9, "the letters are large enough")


def test_it_says_how_to_begin_and_keys_of_every_keyboard_step(page_of, neuron):
    shown = page_of(gg.play(neuron()))
    begin = shown.host.locator(".ui-begin")
    assert "Press n" in begin.inner_text()
    shown.press("n")
    assert shown.where() == 1
    assert not begin.is_visible()
    shown.press("p")
    assert shown.where() == 0
    shown.press("e")
    assert shown.where() == 11
    shown.press("0")
    assert shown.where() == 0


def test_names_that_the_text_uses_stand_in_the_boxes(page_of):
    x = gg.Scalar(2.0, label="x")
    y = (x * 3.0).tanh()
    y.label = "y"
    y.backward()
    shown = page_of(y)
    shown.select("y")
    (name,) = set(re.findall(r"\bv\d+\b", shown.panel()))
    assert name in shown.host.locator(".gg-box .gg-faint").all_text_contents()


def test_the_chain_rule_is_set_in_fractions_and_reads_as_before(page_of, neuron):
    shown = page_of(gg.play(neuron(), step=7))
    assert "∂o/∂n = ∂o/∂o · ∂o/∂n = 1 · 0.5 = 0.5" in shown.panel()
    assert "∂o/∂n = 1 − o² = 0.5" in shown.panel()
    above, _, below = shown.host.locator(".ui-fraction").first.locator("span").all()
    high, low = above.bounding_box(), below.bounding_box()
    assert high["y"] + high["height"] <= low["y"] + 1
    assert abs(high["x"] + high["width"] / 2 - low["x"] - low["width"] / 2) <= 1
    shown.see("fractions")


def test_tabs_stand_in_one_row_and_names_in_one_line(page_of):
    w = [gg.Scalar(0.5) for _ in range(12)]
    with gg.record() as run:
        for _ in range(3):
            loss = sum(w[1:], w[0]) ** 2
            loss.backward()
    for width in (1000, 390):
        shown = page_of(gg.play(run), viewport={"width": width, "height": 800})
        tabs = shown.host.get_by_role("tab")
        assert tabs.count() == 7
        assert len({round(tab.bounding_box()["y"]) for tab in tabs.all()}) == 1
        shown.tab("Leaves")
        names = shown.host.locator("tbody th button.ui-link")
        heights = {round(name.bounding_box()["height"]) for name in names.all()}
        assert max(heights) < 34
        texts = names.all_inner_texts()
        assert texts == [f"w[{k}]" for k in range(12)]


def test_the_time_machine_charts_what_changes(page_of):
    w = gg.Scalar(0.0, label="w")
    with gg.record() as run:
        for _ in range(5):
            w.grad = 0.0
            loss = (w - 1.0) ** 2
            loss.label = "loss"
            loss.backward()
            w.data -= 0.1 * w.grad
    shown = page_of(gg.play(run))
    panel = shown.panel()
    assert "w: gradient over the steps" in panel
    assert "training step 4, 5 of 5 kept" in panel
    assert shown.host.locator(".ui-chart-grad").get_attribute("aria-label").startswith("gradient of w: from −2 to")


def test_a_player_leaves_the_page_around_where_it_is(contexts, tmp_path, neuron):
    gg.play(neuron()).save(tmp_path / "player.html")
    path = tmp_path / "around.html"
    frame = '<iframe src="player.html?panel=table" width="640" height="480"></iframe>'
    path.write_text(f'<!DOCTYPE html><body style="padding-top: 3000px">{frame}</body>', encoding="utf-8")
    page = contexts().new_page()
    page.goto(path.as_uri())
    page.frame_locator("iframe").get_by_role("tab", name="Table").wait_for()
    assert page.evaluate("scrollY") == 0
    inside = page.frames[1]
    assert inside.evaluate("document.scrollingElement.scrollTop") == 0


def test_seven_tabs_fit(page_of):
    x = Value(2.0)
    shown = page_of(gg.play(x * 3.0), viewport={"width": 1400, "height": 900})
    tabs = shown.host.get_by_role("tablist")
    assert tabs.evaluate("list => list.scrollWidth - list.clientWidth") == 0
