# The C types of trace_sweep.py, for Cython. Nothing here changes the meaning of the code.
cimport cython
from glassgrad.core.folded cimport sweep_through_calls
from glassgrad.core.scalar cimport Scalar, _has_mark, _operands, new_mark
from glassgrad.core.sweep cimport require_rule, sweep_list

cdef int TOUCHED, VARIABLE, FOUND

@cython.locals(mark="unsigned long long", node=Scalar, root=Scalar, folded=bint)
cpdef list sweep_trace(list nodes, list sweeps, list variables)

@cython.locals(node=Scalar)
cdef int _forget_gradients(list nodes) except -1

@cython.locals(i="unsigned int", node=Scalar)
cdef int _number(list nodes) except -1

@cython.locals(node=Scalar)
cdef list _below(list roots, list nodes, unsigned long long mark)

cdef int _find(Scalar node, list found, unsigned long long mark) except -1

@cython.locals(mark="unsigned long long", node=Scalar)
cpdef refuse_leaks(list nodes, list variables)

cdef int _refuse_if_leaked(Scalar node, unsigned long long mark) except -1

@cython.locals(node=Scalar)
cpdef release(variables)
