# The C types of forward.py, for Cython. Nothing here changes the meaning of the code.
cimport cython
from glassgrad.core.op cimport Op
from glassgrad.core.reverse cimport Active, gather, inputs_of, partial_of, passed_on
from glassgrad.core.scalar cimport Scalar, _operands, _value
from glassgrad.core.state cimport State

@cython.locals(graph=Active, k=Py_ssize_t, i=int, found=list)
cpdef list tangents(order, wrt, seeds, roots, bint symbolic=*)

@cython.locals(op=Op, own=int, number=int, at=Py_ssize_t, i=Py_ssize_t, inputs=tuple)
cdef void _send(
    Active graph, Py_ssize_t k, Scalar node, list found, dict reached, State state, bint symbolic
) except *

cdef object _tangent(list found, int i)
