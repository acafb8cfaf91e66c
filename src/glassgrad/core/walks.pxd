# The C types of walks.py, for Cython. Nothing here changes the meaning of the code.
cimport cython
from glassgrad.core.scalar cimport Scalar, _operands, _unfold, new_mark

@cython.locals(entered="unsigned long long", done="unsigned long long", order=list, stack=list, node=Scalar)
cdef list walk(Scalar root)

@cython.locals(node=Scalar)
cdef int _visit(object operand, list stack, unsigned long long entered) except -1

@cython.locals(node=Scalar)
cdef list walk_unfolded(Scalar root)

@cython.locals(node=Scalar)
cdef bint has_folded(list order) noexcept

@cython.locals(node=Scalar, leaf=Scalar)
cdef list leaves_of(list order)

@cython.locals(node=Scalar)
cpdef dict count_operations(Scalar root)
