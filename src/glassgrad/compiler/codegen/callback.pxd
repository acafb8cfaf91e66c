# C types for callback.py, which Cython compiles with them.
cdef extern from "callback.h":
    void callback_begin (object)
    unsigned long long callback_one_address ()
    unsigned long long callback_many_address ()
