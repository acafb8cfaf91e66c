# The C types of flattening.py, for Cython. Nothing here changes the meaning of the code.
cimport cython
from glassgrad.core.op cimport Op
from glassgrad.core.scalar cimport CONSTANT, Scalar, new_mark

cdef class Recorder:
    cdef readonly list made
    cdef object _without_code, _late
    @cython.locals(op=Op)
    cpdef hear(self, Scalar node)
    cpdef close(self)

cdef class Flattened:
    cdef public object columns
    cdef public list before
    cdef list _leaves, _made
    cdef long long[::1] _refs
    cdef unsigned long long _mark
    cdef dict _by_id, _numbers
    @cython.locals(i=Py_ssize_t)
    cpdef find(self, Scalar node)
    @cython.locals(count=Py_ssize_t)
    cdef Scalar _at(self, Py_ssize_t i)
    cdef void _number(self, Scalar node, unsigned int i, long long ref) noexcept
    @cython.locals(node=Scalar)
    cdef long long _reference(self, x, trace) except? -1
    cdef long long _constant(self, double x, trace) except? -1

@cython.locals(run=Flattened)
cpdef Flattened flattened(Recorder recorder, leaves, trace, dict inlined, turns, refuse)

@cython.locals(i=int, leaf=Scalar)
cdef void _number_leaves(Flattened run) except *

@cython.locals(node=Scalar, count=Py_ssize_t, wide=Py_ssize_t, size=Py_ssize_t, width=Py_ssize_t)
cdef _blank(list made, dict inlined)

@cython.locals(
    code="int[::1]", operands="long long[:, ::1]", ops=list, places=dict, node=Scalar, op=Op, first=Py_ssize_t,
    i=Py_ssize_t, j=Py_ssize_t, k=Py_ssize_t, wide=Py_ssize_t, turn=Py_ssize_t, next_turn=Py_ssize_t,
)
cdef void _write(Flattened run, trace, dict inlined, turns, late, refuse) except *

@cython.locals(at=Py_ssize_t)
cdef void _write_wide(Flattened run, trace, tuple args, Py_ssize_t k, Py_ssize_t wide) except *
