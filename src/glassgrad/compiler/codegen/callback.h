/* Machine code calls Python functions through callback_one and callback_many. The caller may or may not hold the
 * interpreter's lock. No exception reaches it: a result is written to its place; if there is none, the place keeps the
 * mark that the code put there before the call.
 *
 * An Exception is dropped, because the lane is run again in Python, which raises it. Any other exception, such as an
 * interrupt, is kept for `reraise`; until then, no further function is called in that thread. */

#include <stdint.h>

static PyObject *callback_pending = NULL; /* a list of (thread, exception) */

static void callback_begin(PyObject *pending) { callback_pending = Py_NewRef(pending); }

static int callback_interrupted(void) {
    Py_ssize_t i;
    unsigned long here;
    if (PyList_GET_SIZE(callback_pending) == 0) return 0;
    here = PyThread_get_thread_ident();
    for (i = 0; i < PyList_GET_SIZE(callback_pending); i++) {
        PyObject *pair = PyList_GET_ITEM(callback_pending, i);
        if (PyLong_AsUnsignedLong(PyTuple_GET_ITEM(pair, 0)) == here) return 1;
    }
    return 0;
}

static void callback_failed(void) {
    PyObject *type, *error, *trace, *pair = NULL;
    PyErr_Fetch(&type, &error, &trace);
    if (!PyErr_GivenExceptionMatches(type, PyExc_Exception)) {
        PyErr_NormalizeException(&type, &error, &trace);
        if (trace != NULL) PyException_SetTraceback(error, trace);
        pair = Py_BuildValue("(kO)", PyThread_get_thread_ident(), error);
        if (pair == NULL || PyList_Append(callback_pending, pair) < 0) PyErr_Clear();
        Py_XDECREF(pair);
    }
    Py_XDECREF(type);
    Py_XDECREF(error);
    Py_XDECREF(trace);
}

/* `values[arity] = function(*values[:arity])` */
static void callback_one(PyObject *function, double *values, int64_t arity) {
    PyGILState_STATE state = PyGILState_Ensure();
    PyObject *args = NULL, *result = NULL, *number;
    double y;
    int64_t i;
    if (callback_interrupted()) goto end;
    args = PyTuple_New((Py_ssize_t)arity);
    for (i = 0; i < arity && args != NULL; i++) {
        number = PyFloat_FromDouble(values[i]);
        if (number == NULL) Py_CLEAR(args);
        else PyTuple_SET_ITEM(args, (Py_ssize_t)i, number);
    }
    if (args != NULL) result = PyObject_Call(function, args, NULL);
    if (result == NULL) callback_failed();
    else {
        y = PyFloat_AsDouble(result);
        if (y == -1.0 && PyErr_Occurred()) callback_failed();
        else values[arity] = y;
    }
    Py_XDECREF(args);
    Py_XDECREF(result);
end:
    PyGILState_Release(state);
}

/* `function(address of block, stride, lanes)`: the block has a column for each operand, then one for the results. */
static void callback_many(PyObject *function, double *block, int64_t stride, int64_t lanes) {
    PyGILState_STATE state = PyGILState_Ensure();
    PyObject *result;
    if (!callback_interrupted()) {
        result = PyObject_CallFunction(function, "KLL", (unsigned long long)(uintptr_t)block, (long long)stride,
                                       (long long)lanes);
        if (result == NULL) callback_failed();
        Py_XDECREF(result);
    }
    PyGILState_Release(state);
}

static unsigned long long callback_one_address(void) { return (unsigned long long)(uintptr_t)callback_one; }
static unsigned long long callback_many_address(void) { return (unsigned long long)(uintptr_t)callback_many; }
