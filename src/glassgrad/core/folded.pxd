# The C types of folded.py, for Cython. Nothing here changes the meaning of the code.
cimport cython
from glassgrad.core.scalar cimport Scalar, _computed, _operands, _value, is_same
from glassgrad.core.sweep cimport apply_chain_rule, is_due, is_new, pass_by, require_rule, sweep_list

cdef int UPDATED, TOUCHED

cpdef list fold(list made, call)

cdef list _kept(list made)

@cython.locals(node=Scalar)
cdef dict _uses_as_operands(list made)

@cython.locals(node=Scalar)
cdef tuple _used_from_outside(list made, list places)

@cython.locals(node=Scalar)
cdef bint _has_leaf(list made, list places) except -1

@cython.locals(node=Scalar)
cdef int _close(object call, list made, list places, tuple outside) except -1

@cython.locals(node=Scalar, x=Scalar, twin=Scalar)
cdef tuple _run_again(object call)

@cython.locals(x=Scalar, twin=Scalar)
cdef list _unfold_call(object call)

@cython.locals(node=Scalar)
cpdef list unfold(list nodes)

@cython.locals(due=list, node=Scalar)
cdef int flow_through_calls(Scalar root) except -1

cdef object _with_twins(object operand, dict twins)

@cython.locals(node=Scalar, x=Scalar, twin=Scalar, mark="unsigned long long")
cdef int _enter(Scalar node, dict twins, dict entered, list due) except -1

@cython.locals(x=Scalar)
cdef bint _is_still_due(Scalar node, dict twins) except -1

@cython.locals(node=Scalar, x=Scalar, twin=Scalar)
cdef int sweep_through_calls(list order, unsigned long long mark) except -1
