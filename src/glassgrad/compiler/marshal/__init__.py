"""Between the user and a kernel: arguments on the way in, results on the way out.

`arguments` flattens and converts the arguments of a call, `axes` finds their lanes, and `leaves` says how arrays lie in
memory. `assemble` puts results back into their structure, and `out` writes them to arrays of the user's.
"""
