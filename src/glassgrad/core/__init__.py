"""The heart of glassgrad: nodes, the table of operations, and the sweeps over a graph.

An operation is an entry (`op`, `ops`), or composed of entries (`functions`). A `Scalar` (`scalar`) is a node; arrays of
nodes are in `arrays`. `sweep`, `backward` and `trace_sweep` compute derivatives as numbers; `reverse` and `forward`
compute them as new nodes. Most of these are hot modules, compiled by Cython.
"""

from glassgrad import _build

_build.extend(__path__, "core")
