# The C types of legality.py, for Cython. Nothing here changes the meaning of the code.
cimport cython

@cython.locals(end="long long", first_op="long long", i=Py_ssize_t, place="long long", row=tuple, a="long long")
cpdef illegal_in_lists(list ops, list args, Py_ssize_t start, Py_ssize_t stop, bytearray known, long long constants)

@cython.locals(
    code="int[::1]", operands="long long[:, ::1]", rest="long long[::1]", starts="long long[::1]",
    positions="long long[::1]", arities=list, end="long long", first_op="long long", width=Py_ssize_t, wide=Py_ssize_t,
    pad="long long", i=Py_ssize_t, at=Py_ssize_t, count=Py_ssize_t, place="long long", arity=Py_ssize_t,
)
cpdef illegal_in_columns(columns, Py_ssize_t start, Py_ssize_t stop, bytearray known, long long constants)
