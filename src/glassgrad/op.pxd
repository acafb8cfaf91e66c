# op.py has no C types: Cython compiles it as it is, which halves the cost of calling an operation.
