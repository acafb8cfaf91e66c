"""From a Python function to a tape: runs are recorded, and the paths through the branches are merged.

`tracer` records one run, `comparison` makes branches visible, `inline` traces primitives. `outer_state` finds what a
function uses besides its arguments. `paths` merges runs to one tape, and `program` keeps what is known of a function.
"""
