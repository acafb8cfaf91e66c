"""Convert the arguments of a call for a kernel, and the output of the kernel to results.

`arguments` flattens and converts the arguments of a call, `axes` finds their lanes, and `leaves` describes the memory
layout of arrays. `assemble` puts results back into their structure, and `out` writes them to the user's arrays.
"""
