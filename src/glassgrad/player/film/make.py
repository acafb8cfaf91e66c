"""`film`: writes the steps of a player as an animation."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from glassgrad.draw.compose import compose_film
from glassgrad.draw.drawing import RANKDIRS, check_choice
from glassgrad.draw.files import write_whole
from glassgrad.draw.metrics import clip, number, printable
from glassgrad.draw.picture import Choices, Item, Picture, Wire, look
from glassgrad.draw.scene import Scene
from glassgrad.player.document import CONSTANT, forward_at, nodes_of, slopes_at
from glassgrad.player.film.files import FORMATS, encoded
from glassgrad.player.film.moments import Moment, Settled, of_graph, of_run

if TYPE_CHECKING:
    from glassgrad.player.player import Player

__all__ = ["film"]

BOXES = 100  # The largest number of boxes in a picture. A summary stands for the rest of larger graphs.
CAPTION = 110  # The largest number of characters in a caption.
MOST = 300  # The largest number of frames, unless the caller chooses the steps.
PAUSE = 2.0  # The last frame is shown for this many more seconds.
LEAST, LARGEST = 64, 4096  # The smallest and the largest width in pixels.


def film(
    player: Player,
    path: str | os.PathLike[str],
    *,
    size: int | None = None,
    speed: float = 1.0,
    steps: range | slice | Sequence[int] | None = None,
    rankdir: str = "LR",
    theme: str = "light",
    loop: bool = True,
    progress: bool | None = None,
) -> Path:
    """Write the steps of a player as an animation. See `Player.film`."""
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise ValueError(f"a film's file name must end in one of {', '.join(FORMATS)}, got {path.name!r}")
    check_choice("rankdir", rankdir, RANKDIRS)
    check_choice("theme", theme, ("light", "dark", "auto"))
    if theme == "auto" and suffix != ".svg":
        raise ValueError(f'theme must be "light" or "dark" for a {suffix} film, got "auto", which only .svg films have')
    _check(size, speed)
    if player.document["quiz"] is not None:
        raise ValueError("a film of an exercise would show its answers: make a film of gg.play(root) instead")
    moments = _chosen(_moments(player), steps)
    scenes = _scenes(player, moments, rankdir, theme)
    shown = [1 / speed] * len(scenes)
    shown[-1] += PAUSE
    width = size or min(LARGEST, max(LEAST, round(2 * scenes[0].width)))
    write_whole(path, encoded(scenes, suffix, shown, width, bool(loop), _watched(progress)))
    return path


def _check(size: Any, speed: Any) -> None:
    if size is not None and (isinstance(size, bool) or not isinstance(size, int) or not LEAST <= size <= LARGEST):
        raise ValueError(f"size must be a width in pixels, an integer from {LEAST} to {LARGEST}, got {size!r:.60}")
    if isinstance(speed, bool) or not isinstance(speed, (int, float)) or not 0.05 <= speed <= 50:
        raise ValueError(f"speed must be a number of steps per second, from 0.05 to 50, got {speed!r:.60}")


def _moments(player: Player) -> list[Moment]:
    document, graph = player.document, nodes_of(*player._roots)
    names = _names(document)
    nodes = document["nodes"]
    ops = ["" if at < 0 else document["ops"][at]["symbol"] for at in nodes["op"]]

    def steps(values: Sequence[float]) -> list[Moment]:
        columns = {**nodes, "value": values}
        return of_graph(columns, document["root"], names, ops, slopes_at(graph, values), document["unknown"])

    def settled(values: Sequence[float], changes: Mapping[str, Any] | None) -> Settled:
        """Return the numbers of one forward pass, lines about them, and the stale nodes."""
        if changes is None:
            return values, _unknown(graph, names), frozenset()
        *story, _ = changes["text"]
        if changes["mixed"]:
            told = (*story, "The film shows the numbers that forward() computes.")
            return forward_at(graph, values), told, frozenset()
        return values, tuple(changes["text"]), frozenset(map(int, changes["notes"]))

    if document["run"] is not None:
        return of_run(document["run"]["steps"], names[-1], partial(slopes_at, graph), settled, steps)
    values, story, stale = settled([float(x) for x in nodes["value"]], document["changes"])
    return [replace(moment, story=story, stale=stale) for moment in steps(values)]


def _unknown(graph: Sequence[Any], names: Sequence[str]) -> tuple[str, ...]:
    """Return lines about the first node of another class whose derivatives are not known."""
    for node, name in zip(graph, names):
        if getattr(node, "trouble", ""):
            return tuple(wrap(f"The derivatives of {name} are not known: {printable(node.trouble)}.", CAPTION))
    return ()


def _names(document: Mapping[str, Any]) -> list[str]:
    """Return the names of the nodes. A node without a name is called as in the player's page; constants have none."""
    nodes, strings = document["nodes"], document["strings"]
    return [
        strings[label] or ("" if kind == CONSTANT else f"v{i}")
        for i, (label, kind) in enumerate(zip(nodes["label"], nodes["kind"]))
    ]


def _chosen(moments: list[Moment], steps: Any) -> list[Moment]:
    count = len(moments)
    if steps is None:
        return moments if count <= MOST else [moments[round(k * (count - 1) / (MOST - 1))] for k in range(MOST)]
    wanted = list(range(count))[steps] if isinstance(steps, slice) else steps
    try:
        places = [range(count)[step] for step in wanted]
    except (TypeError, IndexError):
        raise ValueError(
            f"steps must be a list, range or slice of the steps 0 to {count - 1}, got {steps!r:.60}"
        ) from None
    if not places:
        raise ValueError(f"steps must choose at least one of the steps 0 to {count - 1}, got {steps!r:.60}")
    return [moments[place] for place in places]


# -- frames ----------------------------------------------------------------------------------------


def _scenes(player: Player, moments: list[Moment], rankdir: str, theme: str) -> list[Scene]:
    roots = player._roots
    picture = look(roots, Choices(True, True, True, False, False, BOXES), player._names)
    places = {id(node): place for place, node in enumerate(nodes_of(*roots))}
    reel = _Frames(picture, places, player.document, _names(player.document))
    return compose_film([reel.whole(moments[-1]), *map(reel.frame, moments)], rankdir, theme)[1:]


class _Frames:
    def __init__(
        self, picture: Picture, places: Mapping[int, int], document: Mapping[str, Any], names: Sequence[str]
    ) -> None:
        self.picture, self.names = picture, names
        self.start, self.unknown = document["nodes"]["start"], document["unknown"]
        self.places = [places[id(node)] for node in picture.nodes]  # the place of each box's node in the document
        self.forward = [wire for wire in picture.wires if not wire.backward]

    def whole(self, last: Moment) -> Picture:
        """Return a picture with the wires of all frames, and room for all numbers."""
        back = [replace(wire, label="", backward=True) for wire in self.forward if self._is_of_nodes(wire)]
        return replace(self.frame(last), wires=[*self.forward, *back])

    def frame(self, moment: Moment) -> Picture:
        items = list(self.picture.items)
        for k, place in enumerate(self.places):
            items[k] = self._item(items[k], place, moment)
        wires = []
        for wire in self.forward:
            edge = self._edge(wire)
            now = edge in moment.edges
            label = ""
            if wire.label and edge is not None and moment.values[self.places[wire.head]] is not None:
                slope = moment.slopes[edge]
                label = "?" if self._is_open(slope) else number(slope, ".3g")
            wires.append(replace(wire, label=label, title="", now=now and not moment.is_backward))
            if now and moment.is_backward:
                wires.append(replace(wire, label="", title="", backward=True))
        return replace(
            self.picture, items=items, wires=wires, caption=clip(moment.text, CAPTION), story=list(moment.story)
        )

    def _item(self, item: Item, place: int, moment: Moment) -> Item:
        value, grad = moment.values[place], moment.grads[place]
        frame = "" if value is not None else "stub"
        if place == moment.node:
            frame = "giving" if moment.is_backward else "now"
        name = item.name or self.names[place]
        text = "" if value is None else number(value)
        stale = place in moment.stale
        grad = None if grad is not None and self._is_open(grad) else grad
        return replace(item, name=name, value=text, grad=grad, frame=frame, stale=stale, now="", title=name)

    def _is_open(self, x: float) -> bool:
        """Whether a derivative is not known."""
        return bool(self.unknown) and math.isnan(x)

    def _edge(self, wire: Wire) -> int | None:
        return self.start[self.places[wire.head]] + wire.port if self._is_of_nodes(wire) else None

    def _is_of_nodes(self, wire: Wire) -> bool:
        return max(wire.tail, wire.head) < len(self.places)


# -- progress --------------------------------------------------------------------------------------


def _watched(progress: bool | None) -> Callable[[Iterable[Scene]], Iterable[Scene]]:
    wanted = progress if progress is not None else bool(sys.stderr and sys.stderr.isatty())
    if not wanted:
        return lambda scenes: scenes

    def watched(scenes: Iterable[Scene]) -> Iterable[Scene]:
        from tqdm import tqdm

        yield from tqdm(scenes, desc="film", unit=" frames")

    return watched
