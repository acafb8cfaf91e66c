"""The tape, which is the compiler's intermediate representation, and the passes over it.

`tape` defines and verifies it, `interpret` runs it with NumPy, and `passes` make it smaller. `operations` tells how an
operation is computed, and `fused_ops` holds the operations that only passes write.
"""

from glassgrad import _build

_build.extend(__path__, "compiler", "ir")
