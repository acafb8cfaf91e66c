# ops.py has no C types: Cython compiles it as it is, which makes its rules faster.
