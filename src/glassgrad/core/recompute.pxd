# The C types of recompute.py, for Cython. Nothing here changes the meaning of the code.
cimport cython
from glassgrad.core.op cimport Op
from glassgrad.core.scalar cimport (
    Scalar, _computed, _evaluate, _operands, _set_by_hand, _value, _values, connect, is_same,
)
from glassgrad.core.walks cimport walk, walk_unfolded

cdef int UPDATED, TOUCHED, BY_HAND
cdef Op ADD, SUB, MUL

@cython.locals(node=Scalar)
cdef int forward(Scalar root) except -1

@cython.locals(i=Py_ssize_t, node=Scalar)
cdef int _renew(list order, list before, bint changed) except -1

cdef int _recompute(Scalar node) except -1
cdef int _take_values(Scalar node) except -1

@cython.locals(node=Scalar)
cdef tuple _stale_below(tuple roots)

cdef object _add_new(list values, value)
cdef bint _is_up_to_date(Scalar node) except -1
