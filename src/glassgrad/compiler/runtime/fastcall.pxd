# C types for calling.py, which Cython compiles with them.
from glassgrad.core.state cimport Here

cdef extern from "call.h":
    object make_plan "call_make_plan" (
        list, Py_ssize_t, tuple, list, list, int, object, object, object, object, bint
    )
    object make_batch_plan "call_make_batch" (
        unsigned long long, Py_ssize_t, unsigned long long, Py_ssize_t, unsigned long long, long long, Py_ssize_t,
        Py_ssize_t, Py_ssize_t, Py_ssize_t, bint, int, Py_ssize_t, Py_ssize_t, list, list, int, bint, tuple
    )
    Py_ssize_t plan_left "call_left" (object) except? -2
    object call_plan "call_run" (object, tuple, dict)

cdef Here HERE

cdef class Entry:
    cdef tuple _plans
    cdef dict _known
