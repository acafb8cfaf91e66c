# C types for fastcall.py, which Cython compiles with them.
from glassgrad.core.state cimport Here

cdef extern from "fastcall.h":
    ctypedef struct fast_path:
        pass
    fast_path *fast_make(list, list, tuple, int, list, object, list, list, Py_ssize_t, Py_ssize_t, tuple) except NULL
    void fast_free(fast_path *)
    Py_ssize_t fast_left(fast_path *)
    object fast_run(fast_path *, tuple, dict)
    object fast_describe(object)

cdef Here HERE

cdef class Path:
    cdef fast_path *_path

cdef class FastCallable:
    cdef tuple _paths
    cdef dict _known
