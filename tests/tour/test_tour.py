"""The tour: what it finds; its page needs nothing from outside; its folder is whole or untouched."""

import json
import math
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import numpy as np
import pytest

import glassgrad as gg

pytest.importorskip("sklearn")

from glassgrad import tour as tour_package  # after the check that its data are there
from glassgrad.tour import MissingPackage, network, run, tour
from glassgrad.tour import page as page_module
from glassgrad.tour.curve import curve
from glassgrad.transforms.nudges import compare

ROOT_HALF = math.sqrt(0.5)
DRAWINGS = {"neuron-forward.svg", "neuron-backward.svg", "neuron.svg", "network.svg", "loss.svg"}
PLAYER = "neuron.html"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("tour") / "page"


@pytest.fixture(scope="module")
def report(folder):
    return tour(folder, seed=0, epochs=2)


@pytest.fixture(scope="module")
def results(folder, report):
    return json.loads((folder / "results.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def page(folder, report):
    return (folder / "index.html").read_text(encoding="utf-8")


def test_the_neuron_is_the_seeds_and_its_gradients_are_those_of_paper_and_pencil(report):
    assert report.output == pytest.approx(ROOT_HALF, rel=1e-14)
    gradients = {row.name: row.analytic for row in report.neuron.rows}
    assert gradients == pytest.approx(
        {
            "x1": -1.5,
            "x2": 0.5,
            "w1": 1.0,
            "w2": 0.0,
            "b": 0.5,
            "x1w1": 0.5,
            "x2w2": 0.5,
            "x1*w1 + x2*w2": 0.5,
            "n": 0.5,
        }
    )
    assert [row.numeric for row in report.neuron.rows] == pytest.approx(list(gradients.values()), abs=1e-9)


def test_every_gradient_agrees_with_its_nudge(report):
    assert report.wrong == []
    assert all(row.verdict == "ok" for row in report.rows)
    assert len({row.name for row in report.network.rows}) == len(report.network.rows) == 20


def test_two_epochs_already_learn(report):
    assert report.history.train_loss[-1] < 0.3 * report.history.train_loss[0]
    assert report.test.accuracy > 0.9
    assert len(report.history.train_loss) == len(report.history.test_loss) == 3
    assert report.history.steps == 2 * math.ceil(len(report.data.train_rows) / network.BATCH)


def test_the_held_out_part_is_apart_stratified_and_standardised_by_the_other(report):
    data = report.data
    assert len(data.train_rows) + len(data.test_rows) == 569
    assert not set(map(tuple, data.train_rows)) & set(map(tuple, data.test_rows))
    assert np.mean(data.train_classes) == pytest.approx(np.mean(data.test_classes), abs=0.01)
    rows = np.array(data.train_rows)
    assert rows.mean(axis=0) == pytest.approx(np.zeros(30), abs=1e-12)
    assert rows.std(axis=0) == pytest.approx(np.ones(30))
    assert np.abs(np.array(data.test_rows).mean(axis=0)).max() > 1e-3


def test_accuracy_and_loss_are_those_of_the_same_network_in_numpy(report):
    data, model = report.data, report.model
    x = np.array(data.test_rows)
    for layer in model.layers:
        weights = np.array([[w.data for w in n.w] for n in layer.neurons])
        x = x @ weights.T + [n.b.data for n in layer.neurons]
        x = x if layer is model.layers[-1] else np.tanh(x)
    logits, classes = x[:, 0], np.array(data.test_classes)
    assert report.test.accuracy == np.mean((logits > 0) == classes)
    assert report.test.loss == pytest.approx(np.mean(np.logaddexp(0, logits) - classes * logits), rel=1e-12)
    assert sum(map(sum, report.test.confusion)) == len(classes)


def test_results_hold_the_exact_numbers(results, report):
    assert results["seed"] == 0
    assert results["epochs"] == 2
    assert results["network"]["test"]["accuracy"] == report.test.accuracy
    assert results["network"]["train_loss"] == report.history.train_loss
    gradients = [row["gradient"] for row in results["network"]["gradients"]]
    assert gradients == [row.analytic for row in report.network.rows]
    assert results["all_gradients_right"] is True
    assert results["timing"]["record_ns_per_node"] > 0
    assert results["machine"]["glassgrad"] == gg.__version__


def test_the_same_seed_gives_the_same_numbers(results, tmp_path):
    tour(tmp_path / "again", seed=0, epochs=2)
    again = json.loads((tmp_path / "again" / "results.json").read_text(encoding="utf-8"))
    measured = {"timing", "machine"}
    assert {key: again[key] for key in again if key not in measured} == {
        key: results[key] for key in results if key not in measured
    }


def test_another_seed_splits_and_starts_otherwise(report):
    assert network.load(1).test_rows != report.data.test_rows
    assert [p.data for p in run.untrained(1).parameters()] != [p.data for p in run.untrained(0).parameters()]


class Links(HTMLParser):
    """Everything in a page that could make a browser fetch, run or send something."""

    def __init__(self):
        super().__init__()
        self.targets, self.tags, self.handlers, self.open = [], [], [], []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        for name, value in attributes:
            if name in ("href", "src", "xlink:href", "srcset", "action", "data", "poster"):
                self.targets.append(value)
            if name.startswith("on"):
                self.handlers.append((tag, name))


@pytest.fixture(scope="module")
def links(page):
    parser = Links()
    parser.feed(page)
    return parser


def test_the_page_asks_for_nothing_from_outside(page, links):
    assert not [target for target in links.targets if re.match(r"(?i)\s*([a-z]+:|//)", target)]
    assert not {"script", "link", "iframe", "object", "embed", "form", "base"} & set(links.tags)
    assert not links.handlers
    assert not re.search(r"(?i)@import|url\(\s*['\"]?(?!#)", page)
    assert "default-src 'none'" in page


def test_every_link_leads_somewhere(folder, page, links):
    names = set(re.findall(r'\bid="([^"]+)"', page))
    for target in links.targets:
        assert target[1:] in names if target.startswith("#") else (folder / target).is_file()
    assert {*DRAWINGS, PLAYER, "results.json"} <= set(links.targets)


def test_identifiers_in_the_page_are_unique(page):
    names = re.findall(r'\bid="([^"]+)"', page)
    assert len(names) == len(set(names))


def test_the_page_shows_what_was_found(page, report):
    text = re.sub(r"<[^>]+>", " ", page)
    assert f"{report.test.accuracy:.1%}" in text
    assert "29 of 29" in text
    assert "−1.5000000000" in text
    assert page.count('class="ok"') == 29
    assert '<td class="wrong"' not in page
    for row in report.network.rows:
        assert row.name in text


def test_the_page_is_for_phones_and_for_the_dark(page):
    assert 'name="viewport"' in page
    assert "prefers-color-scheme: dark" in page
    assert page.startswith("<!DOCTYPE html>")
    assert '<html lang="en">' in page


def test_drawings_are_svg_files_of_their_own(folder, report):
    assert {path.name for path in folder.iterdir()} == {*DRAWINGS, PLAYER, "results.json", "index.html"}
    for name in DRAWINGS:
        assert ElementTree.parse(folder / name).getroot().tag == "{http://www.w3.org/2000/svg}svg"
    assert "do/dx1" in (folder / "neuron-backward.svg").read_text(encoding="utf-8")
    assert "do/dx1" not in (folder / "neuron-forward.svg").read_text(encoding="utf-8")


def test_the_neurons_player_is_beside_the_page_and_asks_for_nothing(folder):
    text = (folder / PLAYER).read_text(encoding="utf-8")
    assert "default-src 'none'" in text
    document = json.loads(re.search(r'id="glassgrad-document">(.*?)</script>', text)[1])
    assert document["title"] == "One neuron"
    assert {"x1", "w1", "n", "o"} <= set(document["strings"])
    assert pytest.approx(-1.5) in [grad for grad in document["nodes"]["grad"] if grad is not None]


def test_a_wrong_gradient_is_seen_and_shown(tmp_path, monkeypatch):
    def skewed(analytic, *rest, **names):
        return compare(tuple(gradient + 1e-6 for gradient in analytic), *rest, **names)

    monkeypatch.setattr(network, "compare", skewed)
    report = tour(tmp_path / "wrong", epochs=1)
    assert len(report.wrong) == 20
    page = (tmp_path / "wrong" / "index.html").read_text(encoding="utf-8")
    assert page.count('<td class="wrong"') == 20
    assert "9 of 29" in re.sub(r"<[^>]+>", "", page)


def test_the_code_on_the_page_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    exec(page_module.NEURON_CODE, {})
    gradient, nudge = map(float, capsys.readouterr().out.split())
    assert gradient == pytest.approx(-1.5) == nudge
    assert (tmp_path / "neuron.svg").is_file()
    assert (tmp_path / "neuron.html").is_file()
    scope = {"batches": [([[0.1] * 30, [-0.2] * 30], [0, 1])]}
    exec(page_module.NETWORK_CODE.format(sizes=network.SIZES, seed=0, batch=network.BATCH), scope)
    first = scope["loss"].data
    exec(page_module.NETWORK_CODE.format(sizes=network.SIZES, seed=0, batch=network.BATCH).split("\n\n")[2], scope)
    assert scope["loss"].data < first


def test_nothing_is_left_behind_when_it_fails(tmp_path, monkeypatch):
    def fail(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(network, "train", fail)
    with pytest.raises(KeyboardInterrupt):
        tour(tmp_path / "page", epochs=1)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def quick(monkeypatch, report):
    """A tour that skips the work: what is tested is the folder."""
    monkeypatch.setattr(
        run, "_findings", lambda seed, epochs: (report, dict.fromkeys(sorted({*DRAWINGS, PLAYER}), "<svg/>"))
    )


def test_a_former_tour_is_replaced_and_other_files_in_it_are_left_alone(tmp_path, quick):
    tour(tmp_path / "page")
    (tmp_path / "page" / "notes.txt").write_text("mine")
    (tmp_path / "page" / "index.html").write_text("old")
    tour(tmp_path / "page")
    assert (tmp_path / "page" / "notes.txt").read_text() == "mine"
    assert "glassgrad" in (tmp_path / "page" / "index.html").read_text(encoding="utf-8")
    assert [path.name for path in tmp_path.iterdir()] == ["page"]


def test_an_empty_folder_and_one_with_missing_parents_are_filled(tmp_path, quick):
    (tmp_path / "empty").mkdir()
    tour(tmp_path / "empty")
    tour(str(tmp_path / "a" / "b" / "c"))
    assert (tmp_path / "empty" / "index.html").is_file()
    assert (tmp_path / "a" / "b" / "c" / "index.html").is_file()


def test_the_current_folder_may_be_filled(tmp_path, quick, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    tour(".")
    assert (tmp_path / "here" / "index.html").is_file()
    assert [path.name for path in tmp_path.iterdir()] == ["here"]


def test_a_folder_that_holds_anything_else_is_refused_and_left_alone(tmp_path, quick):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "index.html").write_text("mine")
    with pytest.raises(FileExistsError, match=r"thesis holds files that are not from a tour.*another --folder"):
        tour(tmp_path / "thesis")
    (tmp_path / "thesis" / "results.json").write_text('{"made_by": "me"}')
    with pytest.raises(FileExistsError, match="not from a tour"):
        tour(tmp_path / "thesis")
    assert (tmp_path / "thesis" / "index.html").read_text() == "mine"
    with pytest.raises(FileExistsError, match=r"index.html is a file"):
        tour(tmp_path / "thesis" / "index.html")
    (tmp_path / "broken").symlink_to(tmp_path / "nowhere")
    with pytest.raises(FileExistsError, match="a broken link"):
        tour(tmp_path / "broken")


def test_without_scikit_learn_it_says_what_to_install_before_it_starts(tmp_path, monkeypatch):
    find = run.importlib.util.find_spec
    monkeypatch.setattr(run.importlib.util, "find_spec", lambda name: None if name == "sklearn" else find(name))
    with pytest.raises(MissingPackage, match=r'pip install "glassgrad\[tour\]"'):
        tour(tmp_path / "page")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("epochs", [0, -1, 1.5, "2", None, True])
def test_epochs_are_a_whole_number_of_one_or_more(tmp_path, epochs):
    with pytest.raises((TypeError, ValueError), match="epochs must be a whole number of 1 or more"):
        tour(tmp_path / "page", epochs=epochs)
    assert list(tmp_path.iterdir()) == []


def test_the_curve_is_drawn_for_one_epoch_and_for_many():
    for epochs in (1, 2, 37, 400):
        losses = [0.9 / (i + 1) for i in range(epochs + 1)]
        drawing = ElementTree.fromstring(curve(losses, losses[::-1], ("a < b", "c & d")))
        lines = [element for element in drawing if element.tag.endswith("polyline")]
        assert [len(line.get("points").split()) for line in lines] == [epochs + 1] * 2
        assert {"a < b", "c & d"} <= {element.text for element in drawing}


def test_the_package_says_what_it_offers():
    assert all(hasattr(tour_package, name) for name in tour_package.__all__)


def test_the_page_and_its_player_are_in_the_language_asked_for(tmp_path, report):
    folder = tmp_path / "tour"
    tour(folder, epochs=1, lang="de")
    text = (folder / "index.html").read_text(encoding="utf-8")
    assert text.startswith('<!DOCTYPE html>\n<html lang="de">')
    for words in ("Eine Tour durch glassgrad", "in 1 Epoche ", "als gutartig erkannt", "--epochs 1 --lang de</code>"):
        assert words in text
    prose = re.sub(r"<(pre|style|svg|code)\b.*?</\1>", "", text, flags=re.DOTALL)
    assert not re.search(r"\b(the|and|of|with|which|by|pure)\b", prose)
    assert "Epoche" in (folder / "loss.svg").read_text(encoding="utf-8")
    assert '<html lang="de"' in (folder / PLAYER).read_text(encoding="utf-8")


def test_a_tour_in_an_unknown_language_does_not_start(tmp_path):
    with pytest.raises(ValueError, match="'en', 'de', 'es' or 'fr'"):
        tour(tmp_path / "tour", lang="xx")
    assert not (tmp_path / "tour").exists()


@pytest.mark.parametrize("lang", ["fr", "es"])
def test_the_page_can_be_written_in_every_language(report, lang):
    text = page_module.page(report, dict.fromkeys(sorted({*DRAWINGS, PLAYER}), "<svg></svg>"), lang)
    assert f'<html lang="{lang}">' in text
