"""Decides which nodes of a graph are drawn, under which names, and which are summed up. There is no geometry yet.

`look` walks breadth first from the roots and stops at ``max_nodes`` boxes, so drawing a graph of a million nodes costs
no more than drawing a small one. The nodes that it does not reach are counted by operation, and become the line
"… 999,500 more nodes".
"""

from collections import Counter, deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from glassgrad.draw.counting import left_out, rounded, symbol
from glassgrad.draw.metrics import clip, number, printable
from glassgrad.draw.stale import Changes, changes
from glassgrad.draw.tangles import tangled
from glassgrad.graph import CycleError, operands

NAME_LIMIT = 32
_FEW = 4  # Up to this many boxes with undrawn operands are joined to the summary. With more, each gets a stub.
_VISITS = 50_000  # The walk stops at this many nodes if collapsed groups hide many of them.


@dataclass(slots=True)
class Item:
    """One box: a node, a collapsed group, a stub (``⋯``), or the summary of all nodes that are not drawn."""

    kind: str
    region: int = 0
    name: str = ""
    value: str = ""
    stale: bool = False  # something that it was computed from has been moved since
    now: str = ""  # the present value of a node that was moved
    grad: float | None = None
    op: str = ""
    leaf: bool = False
    root: bool = False
    lines: list[str] = field(default_factory=list)
    title: str = ""
    ports: int = 0
    frame: str = ""  # a style instead of the usual one


@dataclass(slots=True)
class Wire:
    """An edge to a box from one of its operands: from item ``tail`` to item ``head``, where it enters at ``port``."""

    tail: int
    head: int
    port: int
    label: str = ""
    title: str = ""
    backward: bool = False
    now: bool = False  # a film marks it, because this step uses it
    returning: bool = False  # the value goes back to an earlier box, for the next round of a loop


@dataclass
class Cluster:
    """An open group: its name, and the number of its parent. Number 0 is the whole drawing."""

    name: str
    parent: int


@dataclass
class Picture:
    """All boxes, wires and clusters of a drawing, before they are laid out."""

    roots: list[Any] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    wires: list[Wire] = field(default_factory=list)
    clusters: list[Cluster] = field(default_factory=lambda: [Cluster("", -1)])
    nodes: list[Any] = field(default_factory=list)
    names: dict[int, str] = field(default_factory=dict)
    more: str = ""
    caption: str = ""
    note: str = ""
    changes: Changes = field(default_factory=lambda: Changes(()))
    story: list[str] = field(default_factory=list)  # sentences about changes since the forward pass
    title: str = ""
    show_grad: bool = True


@dataclass(frozen=True)
class Choices:
    """The options of `draw` that change the contents of the picture."""

    show_grad: bool = True
    show_backprop: bool = False
    local_derivatives: bool = True
    fold_constants: bool = False
    collapse: bool | frozenset[str] = False
    max_nodes: int = 500


def look(roots: Sequence[Any], choices: Choices, variables: Mapping[int, str]) -> Picture:
    """Return the picture of the graph below ``roots``. Nodes that several roots share are in it once.

    If a path leaves a collapsed group and comes back to it, the group would be its own operand. It is then drawn open.
    """
    opened: set[int] = set()
    while True:
        view = _Look(roots, choices, variables, opened)
        picture = view.picture()
        onward = ((wire.tail, wire.head) for wire in picture.wires if not wire.returning)
        tangles = set(tangled(len(picture.items), onward))
        closed = {group for group, item in view.item_of.items() if item in tangles and group in view.groups}
        if not closed:
            return picture
        opened |= closed


def returning(node: Any) -> tuple[Any, ...]:
    """Return the nodes whose values ``node`` takes in the rounds of a loop after the first."""
    found = getattr(node, "returning", ())
    return found if type(found) is tuple else ()


def nearest(roots: Sequence[Any], count: int) -> tuple[list[Any], bool]:
    """Return the ``count`` nodes nearest to ``roots``, operands first, and whether these are all nodes."""
    walk = _Look(roots, Choices(max_nodes=count), {})
    walk.walk()
    return walk.order(), not walk.cut


def display_name(node: Any, variables: Mapping[int, str]) -> str:
    """Return the node's label, or else the variable that holds it, or else ``""``."""
    label = getattr(node, "label", None)
    if getattr(node, "is_constant", False) is True:
        return ""
    if label is not None and getattr(node, "named", label not in ("unk", "")):
        return printable(label)
    return printable(variables.get(id(node), ""))


def gradient(node: Any) -> float | None:
    """Return the gradient of a node, or None if it has none."""
    if not getattr(node, "grad_updated", True):
        return None
    try:
        grad = float(node.grad)
    except (AttributeError, TypeError, ValueError):
        return None
    return grad if grad or hasattr(node, "grad_updated") else None


def _unknown(unsure: Sequence[Any]) -> str:
    """Return a sentence on what is unknown of nodes whose class keeps operands in a set, or ``""``."""
    if any(node.lost for node in unsure):
        return "a value does not follow from the one operand in its set: a leaf was moved, or a number is not kept"
    told = "an operation's operands are" if len(unsure) == 1 else f"the operands of {len(unsure):,} operations are"
    return f"{told} in a set: their order, and whether one was used twice, are not known" if unsure else ""


class _Look:
    def __init__(
        self, roots: Sequence[Any], choices: Choices, variables: Mapping[int, str], opened: Collection[int] = ()
    ) -> None:
        self.choices, self.variables, self.opened = choices, variables, opened
        self.roots = {id(root): root for root in roots}
        self.result = Picture(list(self.roots.values()), show_grad=choices.show_grad)
        self.seen: dict[int, Any] = {}  # nodes that are drawn, or are inside a collapsed group that is drawn
        self.folded: dict[int, Any] = {}
        self.closed: dict[int, Any] = {}  # the outermost collapsed group around each group, by id; or None
        self.groups: set[int] = set()  # ids of the collapsed groups that are drawn
        self.cut = False
        self.item_of: dict[int, int] = {}  # by id of node or collapsed group
        self.cluster_of: dict[int, int] = {}
        self.adopted: dict[int, Any] = {}  # the group of the node that uses a constant, by the id of the constant

    def picture(self) -> Picture:
        self.walk()
        order = self.order()
        picture = self.result
        picture.nodes = order
        picture.changes = changes(self.result.roots)
        picture.names = {id(node): display_name(node, self.variables) for node in order}
        members: dict[int, list[Any]] = {}
        for node in order:
            group = self._closed(node)
            if group is None:
                self.item_of[id(node)] = self._add(self._node_item(node))
            else:
                if id(group) not in members:
                    region = self._cluster(group.parent)
                    self.item_of[id(group)] = self._add(Item("group", region, clip(printable(group.name), NAME_LIMIT)))
                members.setdefault(id(group), []).append(node)
                self.item_of[id(node)] = self.item_of[id(group)]
        for group_id, inside in members.items():
            self._describe_group(picture.items[self.item_of[group_id]], inside)
        self._wire(order)
        if self.cut:
            self._summarise(order)
        what = _unknown([node for node in order if getattr(node, "trouble", "") and node.is_set and not node.misfit])
        if what:
            picture.note = what
            picture.caption = f"{picture.caption}; {what}" if picture.caption else what
        names = [picture.names.get(root, "") or "a result" for root in self.roots]
        picture.story = picture.changes.story({**self.variables, **picture.names})
        picture.title = f"Graph of {', '.join(names)}: {self._size()}{'; stale' if picture.story else ''}"
        return picture

    def _size(self) -> str:
        count = len(self.seen) + len(self.folded)
        drawn = f"{count:,} node{'s' if count != 1 else ''}"
        return f"{drawn} drawn, {self.result.more}" if self.result.more else drawn

    # -- walking -----------------------------------------------------------------------------------

    def walk(self) -> None:
        """Walk breadth first from the roots, until ``max_nodes`` boxes are used."""
        boxes = 0
        groups = self.groups
        queue = deque(self.roots.values())
        self.seen.update(self.roots)
        fold = self.choices.fold_constants
        while queue:
            node = queue.popleft()
            group = self._closed(node)
            if group is None or id(group) not in groups:
                boxes += 1
                if group is not None:
                    groups.add(id(group))
            for operand in (*operands(node), *returning(node)):
                if id(operand) in self.seen:
                    continue
                if fold and getattr(operand, "is_constant", False) is True:
                    self.folded[id(operand)] = operand
                    continue
                if getattr(operand, "is_constant", False) is True:
                    self.adopted[id(operand)] = self._group(node)
                inner = self._closed(operand)
                known = inner is not None and (id(inner) in groups or inner is group)
                room = boxes + len(queue) < self.choices.max_nodes if inner is None or not known else True
                if room and len(self.seen) < max(_VISITS, self.choices.max_nodes):
                    self.seen[id(operand)] = operand
                    queue.append(operand)
                else:
                    self.cut = True

    def _group(self, node: Any) -> Any:
        """Return the group to draw a node in. A constant belongs to the group of the operation that uses it."""
        group = getattr(node, "group", None)
        return self.adopted.get(id(node)) if group is None else group

    def _closed(self, node: Any) -> Any:
        """Return the outermost collapsed group that a node is in, or None."""
        collapse = self.choices.collapse
        group = self._group(node)
        if not collapse or group is None:
            return None
        if id(group) in self.closed:
            return self.closed[id(group)]
        outermost, inner = None, group
        while inner is not None:
            if (collapse is True or inner.name in collapse) and id(inner) not in self.opened:
                outermost = inner
            inner = inner.parent
        self.closed[id(group)] = outermost
        return outermost

    def order(self) -> list[Any]:
        """Return the nodes that are drawn, operands before results."""
        order: list[Any] = []
        state: dict[int, int] = {}
        back = [node for other in self.seen.values() for node in returning(other) if id(node) in self.seen]
        stack = [*reversed(back), *reversed(self.roots.values())]
        while stack:
            node = stack[-1]
            if id(node) not in state:
                state[id(node)] = 1
                for operand in reversed(operands(node)):
                    if state.get(id(operand)) == 1:
                        name = repr(getattr(operand, "label", operand))
                        raise CycleError(
                            f"node {name:.80} depends on itself, so there is no order to compute in: "
                            "make a new node for the new value"
                        )
                    if id(operand) in self.seen and id(operand) not in state:
                        stack.append(operand)
            else:
                stack.pop()
                if state[id(node)] == 1:
                    state[id(node)] = 2
                    order.append(node)
        return order

    # -- boxes -------------------------------------------------------------------------------------

    def _add(self, item: Item) -> int:
        self.result.items.append(item)
        return len(self.result.items) - 1

    def _cluster(self, group: Any) -> int:
        """Return the number of a group's cluster. The cluster and its parents are made on first use."""
        missing = []
        while group is not None and id(group) not in self.cluster_of:
            missing.append(group)
            group = group.parent
        number_ = self.cluster_of[id(group)] if group is not None else 0
        for new in reversed(missing):
            self.result.clusters.append(Cluster(clip(printable(new.name), 2 * NAME_LIMIT), number_))
            number_ = self.cluster_of[id(new)] = len(self.result.clusters) - 1
        return number_

    def _node_item(self, node: Any) -> Item:
        name = self.result.names[id(node)]
        item = Item("node", self._cluster(self._group(node)), clip(name, NAME_LIMIT))
        item.value = number(self.result.changes.value(node))
        moved = self.result.changes.moved.get(id(node))
        item.stale, item.now = node in self.result.changes, "" if moved is None else moved.now
        item.leaf = not node.op
        item.root = id(node) in self.roots
        item.grad = self._gradient(node) if self.choices.show_grad else None
        item.op, item.ports = self._operation(node)
        item.title = self._describe(node, name)
        return item

    def _operation(self, node: Any) -> tuple[str, int]:
        """Return the text of the operation's badge, and the number of edges that enter it."""
        if not node.op:
            return "", 0
        text = clip(symbol(node.op), NAME_LIMIT)
        below = (*operands(node), *returning(node))
        folded = [id(operand) in self.folded for operand in below]
        if any(folded):
            words = [number(self.result.changes.value(o)) if f else "" for o, f in zip(below, folded, strict=True)]
            if len(below) == 2 and not text[0].isalpha():
                text = f"{words[0]} {text} {words[1]}".strip()
            else:
                text = f"{text}({', '.join(word or '·' for word in words)})"
        return text, len(below) - sum(folded)

    def _describe(self, node: Any, name: str) -> str:
        value = self.result.changes.value(node)
        lines = [f"{name or 'node'} = {printable(repr(value))}" if value != "" else name or "node"]
        note = self.result.changes.note(node)
        if note:
            lines.append(note)
        if node.op:
            lines.append(f"operation: {printable(node.op)}")
        if getattr(node, "trouble", ""):
            lines.append(f"its derivatives are not known: {printable(node.trouble)}")
        grad = self._gradient(node)
        if grad is not None and self.choices.show_grad:
            lines.append(f"{self._derivative(name)} = {grad!r}")
        if getattr(node, "source", None):
            lines.append(f"made at {printable(node.source)}")
        return "\n".join(lines)

    def _derivative(self, name: str) -> str:
        """Return a name for the gradient of a node. With several roots, nobody knows which was differentiated."""
        if len(self.roots) > 1:
            return "gradient"
        top = self.result.names.get(next(iter(self.roots))) or "result"
        return f"d {top} / d {name or 'node'}"

    def _describe_group(self, item: Item, inside: list[Any]) -> None:
        counts = Counter(str(node.op) for node in inside if node.op)
        ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
        item.lines = [f"{len(inside):,} node{'s' if len(inside) != 1 else ''}"]
        if ranked:
            item.lines.append(", ".join(f"{rounded(n)} {clip(symbol(op), 12)}" for op, n in ranked[:3]))
            if len(ranked) > 3:
                item.lines[-1] += ", …"
        item.stale = any(node in self.result.changes for node in inside)
        item.root = any(id(node) in self.roots for node in inside)
        item.title = "\n".join([item.name or "group", *item.lines])

    # -- wires -------------------------------------------------------------------------------------

    def _wire(self, order: list[Any]) -> None:
        merged: dict[tuple[int, int, bool], Wire] = {}
        times: Counter[tuple[int, int, bool]] = Counter()
        items, wires = self.result.items, self.result.wires
        for node in order:
            head = self.item_of[id(node)]
            partials = self._partials(node)
            port, below = 0, operands(node)
            for i, operand in enumerate((*below, *returning(node))):
                if id(operand) in self.folded:
                    continue
                tail, back = self.item_of.get(id(operand)), i >= len(below)
                if items[head].kind == "node":
                    at, port = port, port + 1
                else:
                    at = 0
                if tail is None or (tail == head and (not back or items[head].kind == "group")):
                    continue
                if items[head].kind == "group" or items[tail].kind == "group":
                    times[tail, head, back] += 1
                    if (tail, head, back) not in merged:
                        merged[tail, head, back] = Wire(tail, head, at, returning=back)
                        wires.append(merged[tail, head, back])
                    continue
                wire = Wire(tail, head, at, returning=back)
                if back:
                    wire.title = f"{self._name(operand)} of the round before"
                elif partials is not None and getattr(operand, "is_constant", False) is not True:
                    wire.label = number(partials[i], ".3g")
                    wire.title = self._edge_title(node, operand, partials[i])
                wires.append(wire)
                if self.choices.show_backprop and gradient(node):
                    wires.append(Wire(tail, head, at, "", f"gradient back to {self._name(operand)}", True))
        entering: Counter[int] = Counter()
        for key, wire in merged.items():
            if items[wire.head].kind == "group":
                wire.port = entering[wire.head]
                entering[wire.head] += 1
                items[wire.head].ports = entering[wire.head]
            count = times[key]
            wire.label = f"×{count}" if count > 1 else ""
            wire.title = f"{count} edge{'s' if count > 1 else ''}"

    def _partials(self, node: Any) -> tuple[float, ...] | None:
        """Return the local derivatives of a node, or None if they are not known. Its edges then have no labels."""
        ask = getattr(node, "local_partials", None)
        if not self.choices.local_derivatives or not node.op or not callable(ask):
            return None
        try:
            partials = tuple(float(partial) for partial in ask())
        except (ArithmeticError, TypeError, ValueError, NotImplementedError):
            return None
        return partials if len(partials) == len(operands(node)) else None

    def _gradient(self, node: Any) -> float | None:
        return None if id(node) in self.result.changes.disowned else gradient(node)

    def _name(self, node: Any) -> str:
        return self.result.names.get(id(node)) or number(self.result.changes.value(node))

    def _edge_title(self, node: Any, operand: Any, partial: float) -> str:
        return f"∂ {self._name(node)} / ∂ {self._name(operand)} = {partial!r}"

    # -- what is not drawn -------------------------------------------------------------------------

    def _summarise(self, order: list[Any]) -> None:
        self.result.more = left_out(self.result.roots, [*order, *self.folded.values()])
        loose: dict[int, list[int]] = {}
        for node in order:
            head = self.item_of[id(node)]
            port = 0
            for operand in operands(node):
                if id(operand) in self.folded:
                    continue
                if id(operand) not in self.seen:
                    loose.setdefault(head, []).append(port)
                port += 1
        few = len(loose) <= _FEW
        shared = self._add(Item("summary", 0, "… " + self.result.more, title=self.result.more)) if few else -1
        for head, ports in loose.items():
            item = self.result.items[head]
            if item.kind == "group":
                ports = [item.ports]
                item.ports += 1
            title = f"{len(ports)} operand{'s' if len(ports) > 1 else ''} not drawn"
            tail = shared if few else self._add(Item("stub", item.region, "⋯", title=title))
            for port in ports:
                self.result.wires.append(Wire(tail, head, port, title=title))
        if not few:
            self.result.caption = "… " + self.result.more
