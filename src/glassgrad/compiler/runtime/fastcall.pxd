# C types for fastcall.py, which Cython compiles with them.
from glassgrad.core.state cimport Here

cdef extern from "fastcall.h":
    object fast_make(list, list, tuple, int, list, object, list, list, int, Py_ssize_t, tuple)
    Py_ssize_t fast_left(object) except? -2
    object fast_run(object, tuple, dict)
    object fast_describe(object)

cdef Here HERE

cdef class FastCallable:
    cdef tuple _paths
    cdef dict _known
