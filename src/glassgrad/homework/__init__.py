"""Reads graphs of other classes, such as micrograd's ``Value`` or a learner's homework, into nodes like ours.

`adopt` reads such a graph once: the numbers of each node, its operation (see `operations`), and its operands. Drawings
and the player then work with nodes that have the attributes of a `Scalar`. They need not know other classes.
"""

from glassgrad.homework.nodes import Adopted, adopt, adopt_all, number_of
from glassgrad.homework.operations import Composed, with_tape

__all__ = ["Adopted", "Composed", "adopt", "adopt_all", "number_of", "with_tape"]
