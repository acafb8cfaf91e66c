"""From a Python function to a tape: record runs, and merge the paths through the branches.

`tracer` records one run, `comparison` makes branches visible, and `inline` traces primitives. `locations` finds the
user's line, and `structures` flattens results. `outer_state` finds the state that a function uses besides its
arguments, and `snapshots` compares it before and after a run. `paths` merges runs into one tape, and `results`
describes what a function returns. `program` keeps everything that is known about a function for one kind of arguments,
and `user_function` everything that does not depend on the arguments. `advice` writes the warning about functions with
many routes.
"""

from glassgrad import _build

_build.extend(__path__, "compiler", "frontend")
