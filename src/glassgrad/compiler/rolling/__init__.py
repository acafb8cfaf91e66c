"""Roll tapes: find the loops in the operations of a path, and write a tape with loops that expands to them.

`roll` does it all. `pieces` cuts paths at branches, `finder` finds the loops in a piece, `unroll` removes those that do
not pay, and `operands` names the operands of a body. `strings`, `periods`, `scan` and `nodes` serve the finder.
"""

from glassgrad import _build

_build.extend(__path__, "compiler", "rolling")
