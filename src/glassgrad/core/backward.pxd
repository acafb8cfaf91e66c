# The C types of backward.py, for Cython. Nothing here changes the meaning of the code.
cimport cython
from glassgrad.core.folded cimport flow_through_calls
from glassgrad.core.recompute cimport forward
from glassgrad.core.scalar cimport Scalar, _state, _unfold, use_walks
from glassgrad.core.state cimport Here
from glassgrad.core.sweep cimport apply_chain_rule, flow, get_ready, require_rule, sweep_list
from glassgrad.core.walks cimport has_folded, leaves_of, walk, walk_unfolded

cdef int UPDATED, TOUCHED
cdef Here HERE

cdef int backward(Scalar root) except -1

@cython.locals(leaf=Scalar)
cdef int _flow_or_undo(Scalar root) except -1

@cython.locals(node=Scalar)
cdef int zero_grad(Scalar root) except -1

cdef inline void _forget_gradient(Scalar node) noexcept

cdef int step_back(Scalar node) except -1

cpdef step(Scalar node)
