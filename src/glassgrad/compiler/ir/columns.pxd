# The C types of columns.py, for Cython. Nothing here changes the meaning of the code.
cimport cython

@cython.locals(
    count=Py_ssize_t, width=Py_ssize_t, wide=Py_ssize_t, size=Py_ssize_t, at=Py_ssize_t, i=Py_ssize_t, j=Py_ssize_t,
    row=tuple, places=dict, code="int[::1]", operands="long long[:, ::1]", rest="long long[::1]",
)
cpdef columns_of(list ops, list args)

cpdef blank(Py_ssize_t count, Py_ssize_t width, Py_ssize_t wide, Py_ssize_t size)

@cython.locals(rows=list, i=Py_ssize_t, j=Py_ssize_t, width=Py_ssize_t, pad="long long")
cdef list _rows(long long[:, ::1] operands)
