"""What a node remembers besides its numbers: its label, the group it was made in, the line that made it."""

from __future__ import annotations

from typing import Any, NamedTuple

__all__ = ["UNNAMED", "Group", "Note"]

UNNAMED = "unk"


class Group:
    """A named set of nodes, drawn as a cluster; ``parent`` is the group around it, or None."""

    __slots__ = ("name", "parent")

    def __init__(self, name: str, parent: Group | None = None) -> None:
        self.name = name
        self.parent = parent

    def __reduce__(self) -> tuple[Any, ...]:
        return Group, (self.name, self.parent)

    def __repr__(self) -> str:
        return f"<group {self.name!r}>"


class Note(NamedTuple):
    """A node's label, group and source line, where it has more than one of them; and what a result was computed as,
    where its data was set by hand since."""

    label: str | None = None
    group: Group | None = None
    source: str | None = None
    computed: float | None = None

    def is_bare(self) -> bool:
        """Whether there is nothing in it but a label."""
        return self.group is None and self.source is None and self.computed is None

    @staticmethod
    def of(note: Note | Group | str | None) -> Note:
        """The note in full: a node that has only a label, or only a group, holds just that."""
        if isinstance(note, Note):
            return note
        if isinstance(note, Group):
            return Note(group=note)
        return Note(label=note)
