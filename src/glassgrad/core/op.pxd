# C types for op.py, which Cython compiles with them: calling an operation then costs half.

cdef class Op:
    cdef public object name, symbol, latex, arity, value, partials, slopes, numpy, code, js, domain, kinks, home, pullback
    cdef public bint selects, trusted
    cdef dict __dict__
