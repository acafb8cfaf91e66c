"""Reads the DOT text of a `graphviz.Digraph`, for machines without Graphviz.

A `graphviz.Digraph` is a list of lines of DOT, and users may add lines of their own. So the text is read, and not the
graph that `draw_dot` started from. The reader understands nodes, edges, defaults and subgraphs. It keeps all
attributes; `dotscene` uses a few of them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

Attributes = dict[str, str]

_TOKEN = re.compile(
    r'"(?P<string>(?:[^"\\]|\\.)*)"'
    r"|(?P<mark>->|--|[{}\[\]=;,:])"
    r"|(?P<word>[\w.\x80-\U0010ffff]+|-[\w.]+)"
    r"|(?P<comment>//[^\n]*|/\*.*?\*/|(?<=\n)\#[^\n]*)"
    r"|(?P<html><)",
    re.DOTALL,
)


@dataclass
class Graph:
    """The graph that was read.

    Attributes:
        attributes: those of the graph itself.
        nodes: the attributes of each node by its name, in the order in which the text first mentions them.
        edges: ``(tail, head, attributes)``, in the order of the text.
        clusters: the parent and the attributes of each cluster. The first is the whole drawing.
        home: the cluster of each node, as an index of ``clusters``.
    """

    attributes: Attributes = field(default_factory=dict)
    nodes: dict[str, Attributes] = field(default_factory=dict)
    edges: list[tuple[str, str, Attributes]] = field(default_factory=list)
    clusters: list[tuple[int, Attributes]] = field(default_factory=lambda: [(-1, {})])
    home: dict[str, int] = field(default_factory=dict)


@dataclass
class _Scope:
    cluster: int
    node: Attributes = field(default_factory=dict)
    edge: Attributes = field(default_factory=dict)


def read(source: str) -> Graph:
    """Return the graph that ``source`` describes.

    >>> g = read('digraph { a [label="A"] a -> b }')
    >>> list(g.nodes), [(tail, head) for tail, head, _ in g.edges]
    (['a', 'b'], [('a', 'b')])
    """
    return _Reader(source).graph


def _tokens(source: str) -> Iterator[tuple[str, str]]:
    at = 0
    while True:
        match = _TOKEN.search(source, at)
        if match is None:
            return
        at = match.end()
        kind = match.lastgroup or ""
        if kind == "string":
            # DOT itself uses a backslash only before a quote. All others belong to the label.
            text = re.sub(r'\\(["\\])', lambda m: '"' if m[1] == '"' else m[0], match["string"])
            yield "id", text.replace("\\\n", "")
        elif kind == "html":
            depth, end = 1, at
            while end < len(source) and depth:
                depth += {"<": 1, ">": -1}.get(source[end], 0)
                end += 1
            yield "id", re.sub(r"<[^>]*>", "", source[at : end - 1])
            at = end
        elif kind != "comment":
            yield ("mark" if kind == "mark" else "id"), match[0]


class _Reader:
    def __init__(self, source: str) -> None:
        self.graph = Graph()
        self.tokens = list(_tokens(source))
        self.at = 0
        while self.at < len(self.tokens) and not self._next("{"):
            self.at += 1
        self._statements()

    def _next(self, mark: str) -> bool:
        """Step over ``mark`` if it comes next, and say whether it did."""
        if self.at < len(self.tokens) and self.tokens[self.at] == ("mark", mark):
            self.at += 1
            return True
        return False

    def _word(self) -> str | None:
        if self.at < len(self.tokens) and self.tokens[self.at][0] == "id":
            self.at += 1
            return self.tokens[self.at - 1][1]
        return None

    def _attributes(self) -> Attributes:
        found: Attributes = {}
        while self._next("["):
            while self.at < len(self.tokens) and not self._next("]"):
                name = self._word()
                if name is None:
                    self.at += 1
                elif self._next("="):
                    found[name] = self._word() or ""
        return found

    def _statements(self) -> None:
        scopes = [_Scope(0)]
        while self.at < len(self.tokens) and scopes:
            scope = scopes[-1]
            if self._next("}"):
                scopes.pop()
            elif self._next("{"):
                scopes.append(_Scope(scope.cluster, dict(scope.node), dict(scope.edge)))
            else:
                word = self._word()
                if word is None:
                    self.at += 1
                elif word == "subgraph":
                    name = self._word() or ""
                    if self._next("{"):
                        scopes.append(_Scope(self._open(name, scope.cluster), dict(scope.node), dict(scope.edge)))
                else:
                    self._statement(word, scope)

    def _open(self, name: str, parent: int) -> int:
        if not name.startswith("cluster"):
            return parent
        self.graph.clusters.append((parent, {}))
        return len(self.graph.clusters) - 1

    def _statement(self, word: str, scope: _Scope) -> None:
        cluster = self.graph.clusters[scope.cluster][1] if scope.cluster else self.graph.attributes
        if self._next("="):
            cluster[word] = self._word() or ""
        elif word in ("graph", "node", "edge"):
            {"graph": cluster, "node": scope.node, "edge": scope.edge}[word].update(self._attributes())
        else:
            chain = [self._node(word, scope)]
            while self._next("->") or self._next("--"):
                other = self._word()
                if other is not None:
                    chain.append(self._node(other, scope))
            attributes = self._attributes()
            if len(chain) == 1:
                self.graph.nodes[word].update(attributes)
            for tail, head in pairwise(chain):
                self.graph.edges.append((tail, head, {**scope.edge, **attributes}))

    def _node(self, name: str, scope: _Scope) -> str:
        if name not in self.graph.nodes:
            self.graph.nodes[name] = dict(scope.node)
            self.graph.home[name] = scope.cluster
        while self._next(":"):  # a port
            self._word()
        return name
