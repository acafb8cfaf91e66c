# The C types of sweep.py, for Cython. Nothing here changes the meaning of the code.
cimport cython
from glassgrad.core.op cimport Op
from glassgrad.core.scalar cimport Scalar, _computed, _operands, _state, _values, new_mark
from glassgrad.core.state cimport Here

cdef int UPDATED, TOUCHED, CONSTANT
cdef Op ADD, SUB, MUL, DIV, NEG
cdef Here HERE

@cython.locals(mark="unsigned long long", cautious=bint, found=list, node=Scalar)
cdef bint get_ready(Scalar root) except -1

cdef bint is_new(Scalar node, unsigned long long mark) noexcept

@cython.locals(due=list, node=Scalar)
cdef void flow(Scalar root) except *

cdef bint is_due(Scalar node) noexcept

@cython.locals(i=Py_ssize_t, node=Scalar)
cdef int sweep_list(list order, unsigned long long mark) except -1

@cython.locals(operand=Scalar)
cdef int pass_by(Scalar node, unsigned long long mark) except -1

@cython.locals(g=double)
cdef int apply_chain_rule(Scalar node, object a, object b, unsigned long long mark) except -1

cdef int _step_in_silence(Scalar node, double g, unsigned long long mark) except -1

@cython.locals(i=Py_ssize_t, y=double, partial=double, xs=tuple, operands=tuple, operand=Scalar)
cdef void _step_by_table(Scalar node, Op op, double g, unsigned long long mark) except *

cdef inline bint _wants(Scalar node, unsigned long long mark) noexcept
cdef void _pass_on(Op op, Scalar operand, double g, double partial, unsigned long long mark) noexcept

cdef inline void _send(object operand, double g, unsigned long long mark) noexcept
cdef inline void _receive(Scalar node, double g, unsigned long long mark) noexcept

cdef object require_rule(Scalar node)
