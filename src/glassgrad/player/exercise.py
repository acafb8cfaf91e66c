"""`Exercise`: a graph whose gradients a learner has to find, before numbers are drawn for a seed.

It is made from a graph, or read from a page. Its `key` depends only on the operations and constants of the graph. So
the key is the same in all thirty pages of a class, and on the teacher's machine.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from glassgrad.core import scalar
from glassgrad.core.op import TABLE, Op
from glassgrad.core.scalar import Scalar
from glassgrad.core.state import Within
from glassgrad.draw.stale import changes
from glassgrad.graph import operands
from glassgrad.homework import with_tape
from glassgrad.messages import LANGUAGES, Message
from glassgrad.player import seeds
from glassgrad.player.document import CONSTANT, FORMAT, VERSION, nodes_of, of, value_of, written
from glassgrad.player.rules import tape_of

__all__ = ["Drawn", "Exercise", "Unreadable", "documents_in", "key_of", "numbers_key", "titles_of"]

MANY = 20  # If there are more gradients, only those of named nodes are asked for by default.
MARK = f'{{"format":"{FORMAT}"'


class Unreadable(ValueError):
    """Raised if the exercise in a page cannot be read. The message says why."""


@dataclass(frozen=True)
class Drawn:
    """An exercise with the numbers of one seed.

    Attributes:
        nodes: the graph with its gradients, operands before results.
        document: the document of the page, without the gradients.
        labels: the names of nodes without a label, by id.
    """

    nodes: list[Scalar]
    document: dict[str, Any]
    labels: dict[int, str]


@dataclass(frozen=True)
class Exercise:
    """A graph whose gradients a learner has to find.

    Attributes:
        nodes: the graph with its original numbers, operands before results.
        names: the names of nodes without a label, by their places.
        blanks: the places of the nodes whose gradients are asked for, or None for the default.
        title: the title, or None.
        hide: ``"local"`` if the local derivatives are hidden too, or None.
        solution: whether the page shows the worked solution: True, ``"answered"`` or False.
        check: whether the page checks answers. If not, it does not have the rules for computing gradients.
        lang: the language of its texts, or None for the reader's.
    """

    nodes: list[Scalar]
    names: Mapping[int, str]
    blanks: list[int] | None
    title: str | None
    hide: str | None = None
    solution: bool | str = True
    check: bool = True
    lang: str | None = None
    changes: Mapping[str, Any] | None = None  # a note on leaves that were moved after the forward pass

    @classmethod
    def of(cls, root: Any, names: Mapping[int, str], **options: Any) -> Exercise:
        """Return the exercise on the graph of ``root``. ``names`` holds names of nodes by id."""
        originals = nodes_of(root)
        places = {place: names[id(node)] for place, node in enumerate(originals) if id(node) in names}
        nodes = copied(originals)
        said = _settle(nodes, {id(nodes[place]): name for place, name in places.items()})
        return cls(nodes, places, changes=said, **options)

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Exercise:
        """Return the exercise in a page's document.

        Raises:
            Unreadable: the document has no exercise, is broken, or has an operation that only Python code knows.
        """
        try:
            return _read(document)
        except Unreadable:
            raise
        except (KeyError, IndexError, TypeError, AttributeError, ValueError) as error:
            raise Unreadable(f"the exercise in it cannot be read: {type(error).__name__}: {error}") from None

    @property
    def key(self) -> str:
        """A key that tells this graph from others."""
        return key_of(self.document())

    def draw(self, seed: int | str | None) -> Drawn:
        """Return the exercise with the numbers of a seed, or with its own numbers for None.

        Raises:
            ValueError: no suitable numbers were found.
        """
        nodes = copied(self.nodes)
        document = self.document(nodes)
        usual = _usual(document)
        asked = usual if self.blanks is None else self.blanks
        if seed is not None:
            key = key_of(document)
            always = seeds.trivial(nodes, asked, key)
            found = [i for i in asked if i not in always] or asked
            asked = found if self.blanks is None else asked
            seeds.set_numbers(nodes, seeds.numbers_for(nodes, found, key, seed))
        else:
            seeds.differentiate(nodes)
        document = self.document(nodes)
        labels = {id(nodes[place]): name for place, name in self.names.items()}
        columns = {**document["nodes"], "grad": [None] * len(nodes)}  # otherwise the page's source would show them
        document = {
            **document,
            "nodes": columns,
            "changes": self.changes if seed is None else None,
            "quiz": {"seed": _exact(seed), "blanks": asked, "title": self.title},
            "exercise": {
                "id": f"{key_of(document)}-{numbers_key(document)}",
                "usual": self.blanks is None,
                "hide": self.hide,
                "solution": self.solution,
                "check": self.check,
                "answers": None,
            },
        }
        return Drawn(nodes, document if self.check else _sealed(document), labels)

    def document(self, copies: list[Scalar] | None = None) -> dict[str, Any]:
        """Return the document of its graph, or of copies of its nodes, without the exercise."""
        nodes = self.nodes if copies is None else copies
        names = {id(nodes[place]): name for place, name in self.names.items()}
        return of(nodes[-1], names, self.title)


def _sealed(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document without the rules of local derivatives, so that a page cannot compute gradients."""
    columns = document["nodes"]
    ops = [{key: value for key, value in op.items() if key != "slopes"} for op in document["ops"]]
    columns = {**columns, "rule": [-1] * len(columns["rule"])}
    return {**document, "ops": ops, "rules": [], "slopes": {}, "nodes": columns}


def titles_of(document: Mapping[str, Any]) -> list[str]:
    """Return a different name for each node, as in the page: its label, or ``v`` and its place."""
    labels = [document["strings"][at] for at in document["nodes"]["label"]]
    taken: set[str] = set()
    titles = []
    for i, label in enumerate(labels):
        title = label or f"v{i}"
        titles.append(title if title not in taken else f"{title} (v{i})")
        taken.add(titles[-1])
    return titles


def copied(originals: list[Any]) -> list[Scalar]:
    """Copy the graph, node by node. Nodes of another class become Scalars."""
    twins: dict[int, Scalar] = {}
    with Within(heard=()):  # nothing hears of the copies
        for node in originals:
            below = [twins[id(x)] for x in operands(node)]
            own = getattr(node, "original", node)
            if isinstance(own, Scalar):
                parts = scalar.take_apart(own)
                twin = scalar.rebuild((*parts[:5], Scalar), below, scalar.used(own))
            else:
                if node.trouble:
                    raise TypeError(
                        f"the derivative of operation {node.op!r} is not known (node {node!r:.60}): {node.trouble}"
                    )
                label = node.label if node.named else None
                twin = scalar.rebuild((value_of(node), 0.0, node.operation, label, 0, Scalar), below)
            twins[id(node)] = twin
    return [twins[id(node)] for node in originals]


def _settle(nodes: list[Scalar], names: Mapping[int, str]) -> dict[str, Any] | None:
    """Set the leaves of a stale copy back to their values in the forward pass, and say so in the document.

    If the graph mixes several forward passes, compute it again instead.
    """
    found = changes(nodes[-1:])
    if not found:
        return None
    if found.mixed:
        nodes[-1].forward()
        kept = Message("stale.exercise_computes")
    else:
        for moved in found.moved.values():
            moved.node.data = moved.shown
        kept = Message("stale.exercise_keeps")
    return {"text": [*found.story(names)[:-1], kept], "notes": {}, "mixed": False}


def key_of(document: Mapping[str, Any]) -> str:
    """Return a key of a document's graph. It depends on the operations and constants, and not on the leaves."""
    columns = document["nodes"]
    operations = [None if op < 0 else _what(document["ops"][op]) for op in columns["op"]]
    constants = [x for x, kind in zip(columns["value"], columns["kind"]) if kind == CONSTANT]
    return _digest([operations, columns["kind"], columns["start"], columns["args"], constants])


def _what(entry: Mapping[str, Any]) -> Any:
    tape = entry.get("tape")  # the name of such an operation does not tell the number in it
    return entry["name"] if tape is None else [entry["name"], tape]


def numbers_key(document: Mapping[str, Any]) -> str:
    """Return a key of the numbers of a document's leaves."""
    columns = document["nodes"]
    return _digest([x for x, op in zip(columns["value"], columns["op"]) if op < 0])


def documents_in(text: str) -> list[dict[str, Any]]:
    """Return the exercises in a page, or in a file that a page has saved."""
    found = []
    start = text.find(MARK)
    while start >= 0:
        try:
            document, end = json.JSONDecoder().raw_decode(text, start)
        except (ValueError, RecursionError):
            end = start + len(MARK)
        else:
            parts = [document.get(name) for name in ("nodes", "quiz", "exercise")]
            if all(parts) and all(isinstance(part, dict) for part in parts):
                found.append(document)
        start = text.find(MARK, end)
    return found


def _exact(seed: int | str | None) -> int | str | None:
    """Return a seed in the form of documents. Large integers are text, because JavaScript's numbers have 53 bits."""
    return str(seed) if isinstance(seed, int) and abs(seed) >= 2**53 else seed


def _digest(facts: Any) -> str:
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:6]


def _usual(document: Mapping[str, Any]) -> list[int]:
    """Return the places of the gradients that are asked for by default."""
    columns, root = document["nodes"], document["root"]
    every = [i for i, kind in enumerate(columns["kind"]) if kind != CONSTANT and i != root]
    named = [i for i in every if columns["label"][i]]
    return named if len(every) > MANY and named else every


def _read(document: Mapping[str, Any]) -> Exercise:
    if document.get("version") != VERSION or not document.get("exercise"):
        raise Unreadable("the exercise in it was made by another version of glassgrad")
    columns = document["nodes"]
    if len({len(columns[name]) for name in ("op", "kind", "value", "label")}) > 1:
        raise Unreadable("the exercise in it cannot be read: its columns have different lengths")
    nodes: list[Scalar] = []
    with Within(heard=()):
        for i, op in enumerate(columns["op"]):
            value = float(columns["value"][i])
            if op >= 0:
                args = columns["args"][columns["start"][i] : columns["start"][i + 1]]
                parts = (value, 0.0, _known(document["ops"][op], len(args)), None, 0, Scalar)
                nodes.append(scalar.rebuild(parts, [nodes[at] for at in args]))
            else:
                nodes.append(_constant(value) if columns["kind"][i] == CONSTANT else Scalar(value))
    if len(nodes_of(nodes[-1])) != len(nodes):
        raise Unreadable("the exercise in it cannot be read: it has more than one graph")
    strings = document["strings"]
    names = {i: str(strings[at]) for i, at in enumerate(columns["label"]) if strings[at]}
    options, asked = document["exercise"], document["quiz"]
    if not isinstance(asked["seed"], (str, int, type(None))):
        raise TypeError(f"its seed must be an integer or a name, got {asked['seed']!r:.60}")
    blanks = None if options["usual"] else [range(len(nodes))[i] for i in asked["blanks"]]
    lang = (document.get("view") or {}).get("lang")
    return Exercise(
        nodes,
        names,
        blanks,
        asked["title"],
        options["hide"],
        options["solution"],
        options["check"],
        lang if lang in LANGUAGES else None,
    )


def _known(entry: Mapping[str, Any], arity: int) -> Op:
    """Return the operation of an entry in a page: one of the table, or one whose tape is the same."""
    name, tape = str(entry["name"]), entry.get("tape")
    op = None
    if tape is not None:
        found = with_tape(name, tape["arity"], [float(x) for x in tape["constants"]], tape["code"])
        op = found if found is not None and written(tape_of(found)) == tape else None
    elif entry["live"]:
        op = TABLE.get(name)
    if op is not None and op.arity == arity:
        return op
    raise Unreadable(
        f"the exercise in it has the operation {name!r}, which only your own Python code knows: "
        "grade it with that code, by gg.quiz(...).grade(folder)"
    )


def _constant(x: float) -> Scalar:
    return (Scalar(0.0) + x).prev[1]
