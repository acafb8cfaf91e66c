"""On paper: everything is there, nothing that can be clicked, and an exercise is a worksheet."""

import pytest

import glassgrad as gg

pytestmark = pytest.mark.browser

MARGIN = dict.fromkeys(("top", "left", "right", "bottom"), "1cm")
PAPER = 718  # CSS pixels across a page of A4 with margins of 1 cm


# Where each box of a printed picture is, in the picture's units.
BOXES = """(picture) => [...picture.querySelectorAll("g > title + g")].map((drawn) => {
  const { e, f } = drawn.parentNode.transform.baseVal.consolidate().matrix;
  const { x, y, width, height } = drawn.getBBox();
  return [e + x, f + y, e + x + width, f + y + height];
})"""


def printed(shown):
    """Show the page as it is printed, and give the pictures on it."""
    shown.page.set_viewport_size({"width": PAPER, "height": 1047})
    shown.page.emulate_media(media="print")
    pictures = shown.host.locator(".ui-paper > svg")
    pictures.first.wait_for()
    shown.settle()
    return pictures


def chain(length):
    w = gg.Scalar(0.5, label="w")
    y = w
    for _ in range(length):
        y = (y * w + 0.1).tanh()
    y.backward()
    return y


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_picture_and_the_panel_are_printed_without_controls(page_of, neuron, scheme):
    shown = page_of(neuron(), color_scheme=scheme)
    picture = printed(shown)
    assert picture.count() == 1
    box = picture.bounding_box()
    assert 0 <= box["x"]
    assert box["x"] + box["width"] <= PAPER
    texts = picture.locator("text").all_text_contents()
    assert {"x1", "w1", "x2", "w2", "b", "n", "o", "tanh"} <= set(texts)
    for role in ("button", "tab", "combobox", "slider", "spinbutton"):
        left = [one for one in shown.host.get_by_role(role).all() if one.is_visible()]
        assert [one.inner_text() for one in left if "ui-link" not in (one.get_attribute("class") or "")] == []
    assert "step 11 of 11" in shown.host.locator(".ui-panel:visible").inner_text()
    assert shown.page.evaluate("document.documentElement.scrollWidth") <= PAPER
    shown.until(lambda: not shown.host.evaluate("(host) => host.hasAttribute('data-dark')"), "paper is white")
    shown.see(f"print {scheme}", full=True)
    shown.page.emulate_media(media="screen")
    shown.host.locator(".gg-sheet").wait_for()
    shown.until(lambda: shown.host.locator(".ui-paper svg").count() == 0, "the picture for paper is gone")
    dark = "(host) => host.hasAttribute('data-dark')"
    shown.until(lambda: shown.host.evaluate(dark) == (scheme == "dark"), "the page has its theme again")


def test_a_long_graph_is_cut_into_parts_that_can_be_read(page_of):
    shown = page_of(chain(14))
    pictures = printed(shown)
    assert pictures.count() > 2
    whole = {}
    for picture in pictures.all():
        box = picture.bounding_box()
        x, y, width, height = map(float, picture.get_attribute("viewBox").split())
        assert box["width"] <= PAPER
        assert box["height"] <= 1047
        assert box["width"] / width > 0.58  # 11 px become no less than 6.4
        for left, top, right, bottom in picture.evaluate(BOXES):
            inside = x <= left and right <= x + width and y <= top and bottom <= y + height
            whole[left, top] = whole.get((left, top), False) or inside
    assert len(whole) > 40
    assert all(whole.values())


def test_a_table_is_printed_whole(page_of):
    shown = page_of(chain(12))
    shown.tab("Table")
    printed(shown)
    rows = shown.host.locator(".ui-panel:visible tbody tr")
    last = rows.last.bounding_box()
    panel = shown.host.locator(".ui-panel:visible").bounding_box()
    assert last["y"] + last["height"] <= panel["y"] + panel["height"] + 1


def test_an_exercise_is_a_worksheet(page_of, neuron):
    shown = page_of(gg.quiz(neuron(), seed=3))
    shown.tab("Node")  # whatever is open
    picture = printed(shown)
    assert shown.host.locator(".ui-names").inner_text().split() == ["Name:", "Date:"]
    fields = shown.host.locator(".ui-quiz input")
    assert fields.count() == 9
    for field in fields.all():
        assert field.is_visible()
        assert field.evaluate("(one) => getComputedStyle(one).borderBottomStyle") == "solid"
        assert field.evaluate("(one) => getComputedStyle(one).borderTopStyle") == "none"
    assert "?" not in picture.locator("text").all_text_contents()
    visible = shown.host.locator(".ui-panel:visible")
    assert visible.count() == 1
    assert "Find the gradients" in visible.inner_text()
    assert not shown.button("Check").is_visible()
    assert not shown.button("Worked solution").is_visible()
    assert not shown.host.get_by_role("button", name="Hint").first.is_visible()
    shown.see("print worksheet", full=True)


def test_the_printer_gets_all_of_it(page_of, neuron, tmp_path):
    pymupdf = pytest.importorskip("pymupdf")
    shown = page_of(neuron())
    shown.page.pdf(
        path=tmp_path / "page.pdf", format="A4", margin=dict.fromkeys(("top", "left", "right", "bottom"), "1cm")
    )
    (page,) = pymupdf.open(tmp_path / "page.pdf")
    words = {word[4] for word in page.get_text("words")}
    assert {"x1", "w2", "b", "n", "tanh", "backward"} <= words
    assert "Export" not in words
    assert all(word[2] <= page.rect.width for word in page.get_text("words"))


def test_a_drawings_page_is_no_wider_than_the_paper(file_of, tmp_path):
    path = gg.draw(chain(14), names=False).save(tmp_path / "drawing.html")
    shown = file_of(path, wait=False)
    shown.page.set_viewport_size({"width": PAPER, "height": 1047})
    assert shown.page.locator("svg").bounding_box()["width"] > 2000
    shown.page.emulate_media(media="print")
    assert shown.page.locator("svg").bounding_box()["width"] <= PAPER
