# The C types of state.py, for Cython.
cimport cython

cdef extern from *:
    """
    static inline PyObject *glass_read(PyObject *variable) {
        PyObject *value = NULL;
        return PyContextVar_Get(variable, NULL, &value) < 0 ? NULL : value;
    }
    #define glass_is_over(state) ((state)->over || ((PyObject *)(state)->within != Py_None && (state)->within->over))
    """
    State read "glass_read" (object)
    bint is_over "glass_is_over" (State) noexcept
    unsigned long ident "PyThread_get_thread_ident" () noexcept

cdef int NUMBERS

cdef int _new_tag(unsigned long long number)

cdef object _keep_while_alive(object x, set references)

cdef class Tracing:
    cdef readonly int tag
    cdef readonly unsigned long thread
    cdef public object refused
    cpdef bint is_elsewhere(self)

cdef class State:
    cdef public State outer, within
    cdef public object hold, note, deriving, watcher, policy, decider
    cdef public Tracing tracing
    cdef public tuple heard
    cdef public int depth, tag
    cdef public bint folds, over, traces, warns, watches, lines
    cdef object __weakref__
    cpdef take_over(self, State outer)

cdef class Here:
    cdef public Py_ssize_t live
    cdef readonly set tracing, deciding
    @cython.locals(found=State)
    cpdef State state(self)
    @cython.locals(state=State, innermost=State)
    cpdef State home(self, int tag)

cdef Here _here

cdef class Hold:
    cdef Block block
    cdef State state

cdef inline Hold hold_of(Block block, State state):
    return Hold(block, state)

cdef class _Exit:
    pass

cdef class Block:
    cdef State _found
    cdef unsigned long _finder
    cdef list _by_hand
    cpdef _hold(self)
    @cython.locals(state=State)
    cpdef State inner(self)
    @cython.locals(found=State)
    cdef inline State _waiting(self)
    cpdef list _holds(self)
    cpdef enter(self, State state)
