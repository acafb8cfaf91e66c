# The C types of scalar.py, for Cython. Nothing here changes the meaning of the code.
cimport cython
from glassgrad.core.op cimport Op
from glassgrad.core.state cimport Here, State, is_over, read

cdef extern from *:
    """
    /* The operands of a node that is being freed wait in this list, so that a deep graph is freed in a loop, not by
     * recursion. Every operand waits, even if others refer to it: x * x refers to x twice, and a _backward that was set
     * by hand may refer to operands. */
    static PyObject **glass_waiting = NULL;
    static Py_ssize_t glass_count = 0, glass_room = 0;
    static int glass_freeing = 0;

    static void glass_postpone(PyObject **operand) {
        if (*operand == NULL || *operand == Py_None || PyFloat_CheckExact(*operand)) return;
        if (glass_count == glass_room) {
            Py_ssize_t room = glass_room ? 2 * glass_room : 256;
            PyObject **waiting = (PyObject **)realloc(glass_waiting, room * sizeof(PyObject *));
            if (waiting == NULL) return;  /* out of memory: this operand is freed by recursion */
            glass_waiting = waiting;
            glass_room = room;
        }
        glass_waiting[glass_count++] = *operand;
        *operand = NULL; /* the deallocator allows this */
    }

    static void glass_free(void) {
        if (glass_freeing) return;
        glass_freeing = 1;
        while (glass_count > 0) {
            PyObject *o = glass_waiting[--glass_count];
            Py_DECREF(o);
        }
        glass_freeing = 0;
    }

    #define glass_release(node) \\
        (glass_postpone(&(node)->_a), glass_postpone(&(node)->_b), glass_count ? glass_free() : (void)0)

    static int glass_set(PyObject *type, PyObject *name, PyObject *value) {
        if (PyDict_SetItem(((PyTypeObject *)type)->tp_dict, name, value) < 0) return -1;
        PyType_Modified((PyTypeObject *)type);
        return 0;
    }
    """
    int set_type_attribute "glass_set" (object, object, object) except -1

cdef extern from "slab.h":
    void use_slabs "slab_serve" (object) noexcept

cdef extern from *:
    """
    /* The places in the user's code where a node becomes a float and no warning is due: a table of the latest ones. The
     * table holds a reference to each code object. */
    static struct { PyCodeObject *code; int at; } glass_places[256];

    static inline unsigned glass_place(PyCodeObject *code, int at) {
        return (unsigned)(((size_t)code >> 4) * 31 + (size_t)at) & 255;
    }

    static int glass_is_settled(void) {
        PyFrameObject *frame = PyEval_GetFrame();
        PyCodeObject *code;
        unsigned k;
        int at;
        if (frame == NULL) return 0;
        code = PyFrame_GetCode(frame);
        at = PyFrame_GetLasti(frame);
        k = glass_place(code, at);
        Py_DECREF(code); /* the frame still refers to it */
        return glass_places[k].code == code && glass_places[k].at == at;
    }

    static void glass_settle(PyObject *code, int at) {
        unsigned k = glass_place((PyCodeObject *)code, at);
        PyObject *before = (PyObject *)glass_places[k].code;
        Py_INCREF(code);
        glass_places[k].code = (PyCodeObject *)code;
        glass_places[k].at = at;
        Py_XDECREF(before);
    }
    """
    bint is_settled "glass_is_settled" () noexcept
    void keep_place "glass_settle" (object, int) noexcept

cdef extern from *:
    """
    /* array[i] where i is a node or holds nodes. Any other index goes to NumPy at once, which takes about 2 ns. */
    static PyObject *glass_read_rows = NULL;
    static PyTypeObject *glass_array = NULL, *glass_node = NULL;
    static binaryfunc glass_numpy_subscript = NULL;

    static inline int glass_is_index_of_ours(PyObject *index) {
        return PyObject_TypeCheck(index, glass_node) || PyObject_TypeCheck(index, glass_array);
    }

    static PyObject *glass_subscript(PyObject *array, PyObject *index) {
        int ours = 0;
        if (PyTuple_CheckExact(index)) {
            Py_ssize_t i;
            for (i = 0; i < PyTuple_GET_SIZE(index) && !ours; i++) ours = glass_is_index_of_ours(PyTuple_GET_ITEM(index, i));
        } else if (!PyLong_CheckExact(index)) {
            ours = glass_is_index_of_ours(index);
        }
        if (ours) return PyObject_CallFunctionObjArgs(glass_read_rows, array, index, NULL);
        return glass_numpy_subscript(array, index);
    }

    static int glass_index_by_nodes(PyObject *array, PyObject *node, PyObject *function) {
        PyTypeObject *type = (PyTypeObject *)array;
        if (type->tp_base == NULL || type->tp_base->tp_as_mapping == NULL) return 0;
        Py_XSETREF(glass_read_rows, Py_NewRef(function));
        glass_array = type;
        glass_node = (PyTypeObject *)node;
        glass_numpy_subscript = type->tp_base->tp_as_mapping->mp_subscript;
        type->tp_as_mapping->mp_subscript = glass_subscript;
        return 0;
    }
    """
    int serve_index "glass_index_by_nodes" (object, object, object) except -1

cdef int UPDATED, TOUCHED, CONSTANT, VARIABLE, BY_HAND, INTEGER, UNSURE, FLAGS
cdef Op ADD, SUB, MUL, DIV, NEG, POW
cdef unsigned long long MADE, _mark
cdef Here HERE
cdef object STATE
cdef set TRACING, DECIDING

cdef class Scalar:
    cdef double _data, _grad, _x, _y
    cdef Op _operation
    cdef object _a, _b, _note
    cdef unsigned long long _mark
    cdef unsigned int _waiting
    cdef int _flags
    cdef object __weakref__

cdef extern from *:
    """
    #define glass_blank(type) slab_alloc((PyTypeObject *)(type), 0)
    #define glass_fill(node, op, a, b, note) \\
        (Py_INCREF((PyObject *)(op)), (node)->_operation = (op), Py_INCREF(a), (node)->_a = (a), \\
         Py_INCREF(b), (node)->_b = (b), Py_INCREF(note), (node)->_note = (note))
    """
    Scalar blank "glass_blank" (object)
    void fill "glass_fill" (Scalar, Op, object, object, object) noexcept
    void release_operands "glass_release" (Scalar) noexcept

@cython.locals(node=Scalar, state=State)
cdef Scalar _make(Op op, double data, object a, object b, double x, double y)

@cython.locals(state=State)
cdef State _state()

@cython.locals(ws=list, xs=list, i=Py_ssize_t)
cpdef weighted_sum(weights, inputs, start)

@cython.locals(tag=int)
cdef int _announce(Scalar node, State state) except -1

cdef bint _is_foreign(Scalar node, int tag) noexcept

@cython.locals(home=State)
cdef object _bring_home(Scalar node, Scalar operand, int tag)

@cython.locals(y=double)
cdef Scalar _unary(Op op, Scalar a)

@cython.locals(x=double, y=double)
cdef Scalar _binary(Op op, object a, object b)

cdef object _arithmetic(Op op, Scalar node, object other, bint reflected)
cdef object _operand(object x)

@cython.locals(node=Scalar)
cdef object _as_node(object x)

cdef double _value(object x) except? -1.5
cdef double _data_of(Scalar node) noexcept
cdef tuple _values(Scalar node)
cdef double _computed(Scalar node) except? -1.5
cdef int _set_by_hand(Scalar node, double value) except -1
cpdef bint is_same(double x, double y)
cpdef unsigned long long new_mark() except 0
cpdef int connect(Scalar node, operands, values) except -1
cdef tuple _operands(Scalar node)
cdef double _evaluate(Op op, tuple xs, tuple operands) except? -1.5
cdef object _compare(object relation, double data, object other)
cdef State _home_of(Scalar node)
cdef object _decider_of(Scalar node)
cdef object _compare_traced(object op, object relation, Scalar node, object other)
cdef object _truth_traced(Scalar node)
cdef bint _is_made(Scalar node) except -1

cdef int _unfold(Scalar node) except -1
cdef bint _has_mark(Scalar node, unsigned long long mark) noexcept

# Walks over a graph, which methods of Scalar call. They are in modules that need this file.
ctypedef int (*Walk)(Scalar root) except -1
cdef Walk run_backward, run_forward, run_zero_grad, run_step_back

cdef int use_walks(Walk backward, Walk forward, Walk zero_grad, Walk step_back) except -1
