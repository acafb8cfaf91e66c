"""The page: self-contained, strict, and no text in a graph gets out of its place."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import pytest

import glassgrad as gg
from glassgrad.player import page

EVIL = "</script><script>alert(1)</script><!-- <script> \"'><img src=x onerror=alert(1)> \u2028 ]]>"


class Read(HTMLParser):
    """What a browser would see of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.texts, self.links = [], {}, []
        self.open = None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        self.links += [value for name, value in attributes if name in ("src", "href")]
        self.open = tag + str(sum(one == tag for one, _ in self.tags))

    def handle_endtag(self, tag):
        self.open = None

    def handle_data(self, data):
        if self.open:
            self.texts[self.open] = self.texts.get(self.open, "") + data

    def only(self, tag):
        (found,) = [attributes for name, attributes in self.tags if name == tag]
        return found


@pytest.fixture
def text(bundle, neuron):
    return gg.play(neuron["o"]).html()


def test_it_is_a_page_that_people_and_machines_can_read(text):
    read = Read(text)
    assert text.startswith("<!DOCTYPE html>")
    assert read.only("html") == {"lang": "en", "data-glassgrad": "page"}
    assert read.texts["title1"] == "o"
    assert any(attributes.get("name") == "viewport" for tag, attributes in read.tags if tag == "meta")
    assert read.only("main") == {}


def test_it_asks_for_nothing(text):
    assert Read(text).links == ["data:,"]


def test_its_policy_lets_only_the_players_script_run(text):
    (policy,) = [a["content"] for tag, a in Read(text).tags if a.get("http-equiv") == "Content-Security-Policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    script = re.search(r'<script type="module">(.*?)</script>', text, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert rules == {
        "default-src": "'none'",
        "script-src": f"'sha256-{digest}'",
        "style-src": "'none'",
        "img-src": "data: blob:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }


def test_the_script_cannot_end_its_own_element(text, bundle):
    assert "</script>" in bundle.read_text()
    assert sum(tag == "script" for tag, _ in Read(text).tags) == 2
    assert 'const end = "<\\/script>";' in text


def test_the_document_is_in_it(text, neuron):
    player = gg.play(neuron["o"])
    assert json.loads(Read(text).texts["script1"]) == json.loads(json.dumps(player.document))


def test_without_scripts_there_is_the_graph_as_text(text):
    assert "o = 0.7071  [tanh]" in Read(text).texts["pre1"]


@pytest.mark.parametrize("where", ["label", "title", "group"])
def test_no_text_of_the_graph_becomes_markup(bundle, where):
    with gg.group(EVIL if where == "group" else "g"):
        y = gg.Scalar(2.0, label=EVIL if where == "label" else "x") * 2.0
    text = gg.play(y, title=EVIL if where == "title" else None).html()
    read = Read(text)
    harmless = Read(gg.play(gg.Scalar(2.0, label="x") * 2.0, title="y").html())
    assert [tag for tag, _ in read.tags] == [tag for tag, _ in harmless.tags]
    assert EVIL.split("\u2028")[0] in json.dumps(json.loads(read.texts["script1"]), ensure_ascii=False).replace(
        '\\"', '"'
    )


def test_the_frame_holds_the_page_and_lets_it_do_nothing_else(text):
    frame = Read(page.frame(text, 'a "b" <c>')).only("iframe")
    assert frame["srcdoc"] == text
    assert frame["sandbox"] == "allow-scripts allow-downloads"
    assert frame["title"] == 'a "b" <c>'
    assert int(frame["height"]) >= 400


def test_a_missing_bundle_names_its_cure(bundle, neuron):
    bundle.unlink()
    with pytest.raises(FileNotFoundError, match=r"bundle\.js' is missing: install glassgrad again, or .*npm run build"):
        gg.play(neuron["o"]).html()


def test_a_bundle_that_is_built_anew_is_read_anew(bundle, neuron):
    player = gg.play(neuron["o"])
    player.html()
    bundle.write_text("export default 1234567;", encoding="utf-8")
    assert "1234567" in player.html()


def test_the_projects_own_bundle_is_there_and_small():
    import gzip

    assert len(gzip.compress(page.BUNDLE.read_bytes())) <= 150_000
