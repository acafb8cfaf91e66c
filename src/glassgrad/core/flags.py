"""The flags of a node. The bits above `FLAGS` are the tag of the trace that the node was made in, 0 for none."""

from __future__ import annotations

from glassgrad.core.state import TAG_BITS

__all__ = ["BY_HAND", "CONSTANT", "FLAGS", "FOUND", "INTEGER", "TOUCHED", "UNSURE", "UPDATED", "VARIABLE"]

UPDATED = 1  # The gradient was set since the node was made, or since zero_grad.
TOUCHED = 2  # A gradient has arrived in the current sweep.
CONSTANT = 4  # The node stands for a plain number that was an operand.
VARIABLE = 8  # A transform differentiates with respect to this node.
FOUND = 16  # The current walk has found this node.
BY_HAND = 32  # The user set the data of this result; the node's note keeps the value that the operation gave.
INTEGER = 64  # The node stands for an argument that is an integer, so Python may use it as an index or a count.
UNSURE = 128  # The node stands for an argument that may be an integer or a float. Compiled code serves both.
FLAGS = (1 << TAG_BITS) - 1  # The mask of all the flags.
