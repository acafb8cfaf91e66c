"""The facts that a node keeps besides its numbers: its label, its group, and the line that made it."""

from __future__ import annotations

from typing import Any, NamedTuple

__all__ = ["UNNAMED", "Group", "Note"]

UNNAMED = "unk"


class Group:
    """A named set of nodes, which is drawn as a cluster. ``parent`` is the group around it, or None."""

    __slots__ = ("name", "parent")

    def __init__(self, name: str, parent: Group | None = None) -> None:
        self.name = name
        self.parent = parent

    def __reduce__(self) -> tuple[Any, ...]:
        return Group, (self.name, self.parent)

    def __repr__(self) -> str:
        return f"<group {self.name!r}>"


class Note(NamedTuple):
    """The facts about a node that has more than one of them.

    Attributes:
        label: its label, or None.
        group: its group, or None.
        source: the line that made it, or None.
        computed: the value that it was computed with, if its data was set by hand later; otherwise None.
    """

    label: str | None = None
    group: Group | None = None
    source: str | None = None
    computed: float | None = None

    def is_bare(self) -> bool:
        """Whether it has nothing but a label."""
        return self.group is None and self.source is None and self.computed is None

    @staticmethod
    def of(note: Note | Group | str | None) -> Note:
        """Return a full note. A node with only a label or only a group keeps just that."""
        if isinstance(note, Note):
            return note
        if isinstance(note, Group):
            return Note(group=note)
        return Note(label=note)
