"""A page says when its graph is out of date, and accuses nobody."""

import xml.etree.ElementTree as ET

import pytest

import glassgrad as gg
from helpers.stale import WAS, textbook

pytestmark = pytest.mark.browser


@pytest.fixture
def stale(page_of):
    loss, _ = textbook()
    return page_of(loss)


def test_the_banner_says_what_happened_until_a_leaf_is_moved(stale):
    banner = stale.host.locator(".ui-changed")
    stale.host.locator(".ui-changed", has_text=WAS).wait_for()
    assert "Call forward() on loss" in banner.inner_text()
    assert stale.host.locator(".gg-box.gg-stale").count() == 3
    stale.see("stale graph")
    stale.session("session.setValue(argument, 3)", stale.node("w"))
    banner.wait_for(state="hidden")
    assert stale.host.locator(".gg-box.gg-stale").count() == 0
    stale.session("session.reset()")
    stale.host.locator(".ui-changed", has_text=WAS).wait_for()


def test_gradients_are_judged_at_the_forward_pass(stale):
    for label in ("w", "loss"):
        stale.session("session.select(argument)", stale.node(label))
        stale.tab("Node")
        panel = stale.panel()
        assert "agrees with the central difference" in panel
        assert "more than once" not in panel
        assert "out of date" in panel
    assert stale.value("w") == 2.024


def test_the_picture_that_is_exported_says_so(stale):
    stale.host.locator("summary", has_text="Export").click()
    with stale.page.expect_download() as event:
        stale.button("Picture as SVG").click()
    file = event.value.path()
    picture = ET.fromstring(file.read_bytes())
    assert WAS in "".join(picture.itertext())


def test_a_run_says_at_which_steps(page_of):
    w = gg.Scalar(3.0, label="w")
    loss = (w - 1) ** 2

    def step():
        w.grad = 0
        loss.backward()
        w.data -= 0.1 * w.grad

    with gg.record() as run:
        step()
        with pytest.warns(UserWarning, match="without a new forward pass"):
            step()
        step()
    shown = page_of(run.play())
    shown.host.locator(".ui-changed", has_text="it was 3, and is now 2.2").wait_for()
    shown.tab("Time")
    scrubber = shown.host.get_by_role("slider", name="Recorded step")
    scrubber.fill("0")
    shown.host.locator(".ui-changed").wait_for(state="hidden")
    scrubber.fill("1")
    shown.host.locator(".ui-changed", has_text="it was 3, and is now 2.6").wait_for()
