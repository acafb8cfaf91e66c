"""Everybody's homework: graphs of other classes, such as micrograd's ``Value``, as nodes like ours.

`adopt` reads such a graph once: each node's numbers, what it was made by (`operations`), and of which operands.
Drawings and the player then see nodes with the attributes of a `Scalar`, and know nothing of other classes.
"""

from glassgrad.homework.nodes import Adopted, adopt, adopt_all, number_of
from glassgrad.homework.operations import Composed, with_tape

__all__ = ["Adopted", "Composed", "adopt", "adopt_all", "number_of", "with_tape"]
