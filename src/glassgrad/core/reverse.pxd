# The C types of reverse.py, for Cython. Nothing here changes the meaning of the code.
cimport cython
from glassgrad.core.op cimport Op
from glassgrad.core.scalar cimport ADD, CONSTANT, MUL, Scalar, _binary, new_mark
from glassgrad.core.state cimport State

@cython.locals(graph=Active, adjoints=list, reached=dict, i=int, k=Py_ssize_t)
cpdef list gradients(sweeps, wrt, order)

cdef class Active:
    cdef readonly list nodes, variables
    cdef readonly int count
    cdef int[::1] own, first, operands, place
    cdef bytearray _seen
    cdef unsigned long long _mark
    cpdef int number(self, Scalar node)
    cdef int _enter(self, Scalar node) except -1
    cdef bint _is_active(self, x)
    @cython.locals(size=Py_ssize_t, node=Scalar)
    cdef Py_ssize_t _find(self, list order) except -1
    @cython.locals(k=Py_ssize_t, at=Py_ssize_t, node=Scalar)
    cdef int _fill(self) except -1
    cdef int _number_of(self, x)
    @cython.locals(i=int, k=Py_ssize_t, at=Py_ssize_t, found=list)
    cpdef list below(self, numbers)
    @cython.locals(k=Py_ssize_t)
    cdef int _see(self, int i, list found) except -1

@cython.locals(k=Py_ssize_t, i=int, node=Scalar)
cdef int _sweep(Active graph, places, list adjoints, dict reached, State state, root) except -1

@cython.locals(at=Py_ssize_t, i=int, j=int)
cdef int _send_by_product_or_sum(Active graph, Py_ssize_t k, Scalar node, list adjoints, dict reached) except -1

@cython.locals(op=Op, own=int, at=Py_ssize_t, i=Py_ssize_t, number=int, inputs=tuple)
cdef int _send(Active graph, Py_ssize_t k, Scalar node, list adjoints, dict reached, State state, root) except -1

@cython.locals(i=Py_ssize_t, number=int, inputs=tuple)
cdef int _send_to_rows(Active graph, Py_ssize_t k, Scalar node, list adjoints, dict reached, State state, root) except -1

cpdef tuple inputs_of(Scalar node)

@cython.locals(rule=object)
cpdef object partial_of(Op op, Py_ssize_t i, Scalar node, tuple inputs)

cpdef tuple passed_on(op, derivative, partial, when)
cpdef bint bounded(partial) except -1
cpdef int gather(list sums, dict reached, int i, share, when) except -1
cdef int _add(list sums, int i, share) except -1

@cython.locals(node=Scalar)
cpdef object plain(x)

cpdef object selected(adjoint, partial)
cpdef object times(a, b)
cdef bint _are_simple(a, b)
