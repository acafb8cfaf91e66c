# C functions for pool.py, which Cython compiles with them.
from libc.stdint cimport int64_t

cdef extern from "pool.h":
    int pool_run (
        unsigned long long, int64_t, int64_t, int64_t, int64_t, int64_t, int64_t, unsigned long long,
        unsigned long long, unsigned long long, int64_t, int64_t, int64_t, int64_t
    ) except -1
    int64_t pool_state (int64_t)
    void pool_begin ()
