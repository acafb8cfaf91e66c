"""The pages' messages: none is missing in any language, none is unused, and no other words are in the JavaScript."""

import copy
import json
import pickle
import re
from pathlib import Path

import pytest

import glassgrad as gg
from glassgrad import cli
from glassgrad.messages import LANGUAGES, Message, checked, messages, say
from glassgrad.player import generate

PACKAGE = Path(gg.__file__).parent
JAVASCRIPT = sorted(
    path for folder in (".", "panels") for path in (PACKAGE / "player" / "js" / folder).glob("*.js")
)  # fmt: skip
OWN = [path for path in JAVASCRIPT if path.name != "catalogue.js"]
PYTHON = [
    PACKAGE / "draw" / "stale.py",
    *(path for room in ("homework", "player", "player/film", "tour") for path in (PACKAGE / room).glob("*.py")),
]
FORMS = (".one", ".other")
MADE = re.compile(r"\$\{[^{}]*\}")
PLACE = re.compile(r"\{(\w+)\}")
COMMENT = re.compile(r"/\*.*?\*/|(?<!:)//[^\n]*", re.DOTALL)
LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`')

# What a reader never sees though it has words: names of the browser and of elements, code, errors for programmers.
NOT_SAID = re.compile(
    r"(Arrow(Left|Right|Up|Down)?|Enter|Escape|Home|End|Backspace|Canvas)$|(ui|gg)[- ]|glassgrad quiz|for node in "
    r"|root\.grad = |no mistake is called|node .* is computed: move a leaf|rect, path, text, circle$"
)
SENTENCE = re.compile(r"[A-Za-z]{2,},? [A-Za-z]{2,}|[A-Za-z]+ [a-z]+ [A-Za-z]+|^[A-Z][a-z]+…?$")
SHOWN = re.compile(
    r"""(?:"aria-(?:label|valuetext|roledescription)"|\btitle|\bplaceholder):\s*["`][^"`$]*[A-Za-z]"""
    r"""|\b(?:button|heading|paragraph|legend|caption)\(\s*["`][^"`]*[A-Za-z]"""
    r"""|\bsetText\(\w+, ["`][A-Za-z]|\btextContent = ["`][A-Za-z]"""
    r"""|\bh\("\w+", \{[^{}]*\}, ["`][A-Za-z]"""
)


def source(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def literals(text: str) -> list[str]:
    return [double or MADE.sub("", template) for double, template in LITERAL.findall(text)]


def stem(key: str) -> str:
    """The key as it is used in the sources: without the form for one or for several."""
    return next((key.removesuffix(form) for form in FORMS if key.endswith(form)), key)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_language_has_every_message_with_the_same_places(lang):
    english, own = messages("en"), messages(lang)
    assert list(own) == list(english)
    for key, text in own.items():
        assert text.strip(), key
        assert set(PLACE.findall(text)) == set(PLACE.findall(english[key])), key
        assert (text[-1] == " ") == (english[key][-1] == " "), key


@pytest.mark.parametrize("lang", [lang for lang in LANGUAGES if lang != "en"])
def test_sentences_are_translated(lang):
    english, own = messages("en"), messages(lang)
    same = [key for key, text in english.items() if own[key] == text and len(PLACE.sub("", text).split()) > 3]
    assert same == []


def test_both_forms_are_there():
    for key in messages("en"):
        if key.endswith(FORMS):
            assert {stem(key) + form for form in FORMS} <= set(messages("en"))


def test_every_message_is_used_and_every_one_that_is_used_is_there():
    keys = {stem(key) for key in messages("en")}
    javascript = "\n".join(COMMENT.sub("", source(path)) for path in OWN)
    python = "\n".join(source(path) for path in PYTHON)
    asked = set(re.findall(r'\bt\(\s*"([^"]+)"', javascript))
    asked |= set(re.findall(r'\b(?:Message|say)\(\s*(?:lang(?: or ENGLISH)?,\s*)?"([^"]+)"', python))
    assert len(asked) > 300
    assert asked <= keys
    made = re.findall(r"\bt\(`([^`]*\$\{[^`]*)`", javascript) + re.findall(r'\bf"(tour\.\{\w+\})"', python)
    patterns = [re.compile(".+".join(map(re.escape, re.split(r"\$?\{.*?\}", one)))) for one in made]
    named = asked | set(re.findall(r'"([a-z]+\.\w+)"', javascript + python))
    assert {key for key in keys - named if not any(pattern.fullmatch(key) for pattern in patterns)} == set()


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.stem)
def test_the_javascript_has_no_words_of_its_own(path):
    text = COMMENT.sub("", source(path))
    said = [one for one in literals(text) if SENTENCE.search(one) and not NOT_SAID.match(one)]
    assert said == []
    assert SHOWN.findall(text) == []


@pytest.mark.parametrize(
    "words",
    ['button("Put back", undo)', '{ "aria-label": "Steps" }', 'setText(said, "copied")', 'const A = "Choose a leaf.";'],
)
def test_words_in_the_javascript_would_be_seen(words):
    assert SHOWN.search(words) or any(SENTENCE.search(one) for one in literals(words))


def test_the_catalogue_of_the_page_is_made_of_the_files():
    assert source(generate.CATALOGUE) == generate.catalogue()


def test_a_message_reads_as_english_and_remembers_what_it_was_made_of():
    inner = Message("stale.a_leaf")
    message = Message("stale.several", n=2, list=[Message("stale.one_of_them", node=inner, before="1", now="2"), "b"])
    assert message == "2 nodes were changed after the forward pass: a leaf was 1, and is now 2; b."
    assert message.in_language("es").endswith(": una hoja era 1 y ahora es 2; b.")
    for twin in (pickle.loads(pickle.dumps(message)), copy.deepcopy(message)):
        assert twin == message
        assert twin.in_language("de") == message.in_language("de")


@pytest.mark.parametrize(
    ("lang", "n", "text"),
    [("en", 0, "0 nodes"), ("en", 1, "1 node"), ("fr", 0, "0 nœud"), ("fr", 2, "2 nœuds"), ("es", 0, "0 nodos")],
)
def test_a_number_chooses_the_form(lang, n, text):
    assert say(lang, "count.node", n=n, count=str(n)) == text


@pytest.mark.parametrize("ask", [gg.play, gg.quiz], ids=["play", "quiz"])
def test_an_unknown_language_is_refused_with_those_there_are(ask):
    x = gg.Scalar(2.0, label="x")
    with pytest.raises(ValueError, match="lang must be 'en', 'de', 'es' or 'fr', got 'it'"):
        ask(x * x, lang="it")
    with pytest.raises(TypeError, match=r"lang must be 'en', .* got 3"):
        ask(x * x, lang=3)
    assert checked(None) is None


def test_play_quiz_and_a_run_say_their_language_to_the_page():
    x = gg.Scalar(2.0, label="x")
    with gg.record() as run:
        (x * x).backward()
    players = [gg.play(x * x, lang="de"), gg.quiz(x * x, lang="de"), run.play(lang="de"), gg.play(run, lang="de")]
    for player in players:
        assert player.document["view"]["lang"] == "de"
        assert '<html lang="de"' in player.html()
        assert "braucht dafür JavaScript" in player.html()
    assert "lang" not in gg.play(x * x).document["view"]
    assert '<html lang="en"' in gg.play(x * x).html()


def test_reasons_and_the_solution_of_a_quiz_are_in_its_language():
    x, w = gg.Scalar(2.0, label="x"), gg.Scalar(-3.0, label="w")
    exercise = gg.quiz(x * w, lang="de")
    grade = exercise.grade({"x": 3, "w": -3})
    assert grade.marks["x"].reason == "das Vorzeichen ist verkehrt"
    assert str(grade.marks["w"].reason).startswith("mit w selbst multipliziert")
    assert repr(grade).startswith("0 von 2 richtig")
    assert exercise.solution().startswith("Werte:")
    assert exercise.grade(exercise.line({"x": 3, "w": 2})).marks["x"].reason == "das Vorzeichen ist verkehrt"


def test_a_class_is_graded_in_the_language_of_its_page(tmp_path):
    x, w = gg.Scalar(2.0, label="x"), gg.Scalar(-3.0, label="w")
    exercise = gg.quiz(x * w, lang="fr", seed=3)
    exercise.save(tmp_path / "page.html")
    wrong = {name: -answer for name, answer in exercise.answers.items()}
    (tmp_path / "ann.txt").write_text(exercise.line(wrong), encoding="utf-8")
    assert "le signe est inversé" in repr(gg.grade(tmp_path))


def test_what_python_says_in_a_document_can_be_said_in_every_language():
    w = gg.Scalar(3.0, label="w")
    loss = (w - 1.0) ** 2
    w.data = 2.5
    player = gg.play(loss)
    assert player.document["changes"]["text"][0] == "w was moved after the forward pass: it was 3, and is now 2.5."
    text = re.search(r'id="glassgrad-document">(.*?)</script>', player.html(), re.DOTALL)
    document = json.loads(text[1])
    assert document["changes"]["text"][0] == {
        "key": "stale.moved",
        "values": {"node": "w", "before": "3", "now": "2.5"},
    }
    assert document["messages"]["stale.moved"] == [messages(lang)["stale.moved"] for lang in LANGUAGES]


def test_the_command_takes_a_language(tmp_path, capsys):
    page = tmp_path / "seite.html"
    assert cli.main(["play", "a*b", "a=1", "b=2", "--lang", "de", "-o", str(page)]) == 0
    assert '<html lang="de"' in page.read_text(encoding="utf-8")
    assert cli.main(["play", "a*b", "a=1", "b=2", "--quiz", "--lang", "es", "-o", str(page)]) == 0
    assert '<html lang="es"' in page.read_text(encoding="utf-8")
    with pytest.raises(SystemExit):
        cli.main(["play", "a", "a=1", "--lang", "xx"])
    assert "'de'" in capsys.readouterr().err
