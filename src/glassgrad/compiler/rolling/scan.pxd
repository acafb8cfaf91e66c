# C types for scan.py, which Cython compiles with them.
cdef extern from "scan.h":
    int scan_distances (unsigned long long, long long, long long, unsigned long long)
    long long scan_stretches (
        unsigned long long, unsigned long long, long long, long long, long long, long long, unsigned long long
    )
