/* The way of a call into machine code: arguments that look like those that the plan was made for are read where they
 * lie, results are written where they belong, and nothing of Python runs between. Anything else is left to Python,
 * by returning NotImplemented before anything was changed. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CALL_ARRAYS 16 /* arrays among the arguments, or among the results */
#define CALL_NUMBERS 32 /* numbers, likewise */
#define CALL_AXES 8
#define CALL_STACK 4096 /* bytes of scratch memory up to which it is taken from the stack */

typedef int64_t (*call_kernel)(int64_t, int64_t, int64_t, void *, void *, void *, void *);

typedef struct {
    void *base;
    int64_t lane, element;
} call_leaf;

typedef struct {
    int axes; /* of an array; -1 for a number; -2 for a truth */
    Py_ssize_t shape[CALL_AXES];
    PyObject *tuple; /* the shape as Python has it */
} call_value;

typedef struct {
    call_kernel kernel;
    Py_ssize_t scratch;
    int release; /* whether the interpreter is let go while the kernel runs */
    int arguments, results;
    int arrays_in, numbers_in, arrays_out, numbers_out;
    int form; /* of the results: 0 one value, 1 a tuple, 2 what `assemble` makes of them */
    call_value argument[CALL_ARRAYS + CALL_NUMBERS], result[CALL_ARRAYS + CALL_NUMBERS];
    int owns_out; /* `out` is a parameter of the function's own */
    PyObject *empty, *array, *assemble, *owner; /* the owner of the machine code */
} call_plan_t;

static PyObject *call_out = NULL; /* the string */

static void call_plan_free(PyObject *capsule) {
    call_plan_t *plan = (call_plan_t *)PyCapsule_GetPointer(capsule, "glassgrad.plan");
    int i;
    if (plan == NULL) return;
    for (i = 0; i < plan->results; i++) Py_XDECREF(plan->result[i].tuple);
    Py_XDECREF(plan->empty);
    Py_XDECREF(plan->array);
    Py_XDECREF(plan->assemble);
    Py_XDECREF(plan->owner);
    free(plan);
}

/* `shape` is None for a number, True for a truth, a tuple for an array. */
static int call_read_value(call_value *value, PyObject *shape, int *arrays, int *numbers) {
    Py_ssize_t i;
    value->tuple = NULL;
    if (shape == Py_None || shape == Py_True) {
        value->axes = shape == Py_None ? -1 : -2;
        return ++*numbers <= CALL_NUMBERS;
    }
    if (PyTuple_GET_SIZE(shape) > CALL_AXES) return 0;
    value->axes = (int)PyTuple_GET_SIZE(shape);
    for (i = 0; i < value->axes; i++) value->shape[i] = PyLong_AsSsize_t(PyTuple_GET_ITEM(shape, i));
    Py_INCREF(shape);
    value->tuple = shape;
    return ++*arrays <= CALL_ARRAYS;
}

/* A plan, or None where the call is too large for one. */
static PyObject *call_make_plan(unsigned long long address, Py_ssize_t scratch, int release, PyObject *arguments,
                                PyObject *results, int form, PyObject *empty, PyObject *array, PyObject *assemble,
                                PyObject *owner, int owns_out) {
    call_plan_t *plan;
    PyObject *capsule;
    Py_ssize_t i;
    int fits = 1;
    if (PyList_GET_SIZE(arguments) > CALL_ARRAYS + CALL_NUMBERS || PyList_GET_SIZE(results) > CALL_ARRAYS + CALL_NUMBERS)
        Py_RETURN_NONE;
    plan = (call_plan_t *)calloc(1, sizeof(call_plan_t));
    if (plan == NULL) return PyErr_NoMemory();
    plan->kernel = (call_kernel)(uintptr_t)address;
    plan->scratch = scratch;
    plan->release = release;
    plan->form = form;
    plan->empty = Py_NewRef(empty);
    plan->array = Py_NewRef(array);
    plan->assemble = Py_NewRef(assemble);
    plan->owner = Py_NewRef(owner);
    plan->owns_out = owns_out;
    for (i = 0; i < PyList_GET_SIZE(arguments) && fits; i++) {
        fits = call_read_value(&plan->argument[i], PyList_GET_ITEM(arguments, i), &plan->arrays_in, &plan->numbers_in);
        Py_CLEAR(plan->argument[i].tuple);
        plan->arguments++;
    }
    for (i = 0; i < PyList_GET_SIZE(results) && fits; i++) {
        fits = call_read_value(&plan->result[i], PyList_GET_ITEM(results, i), &plan->arrays_out, &plan->numbers_out);
        plan->results++;
    }
    capsule = PyCapsule_New(plan, "glassgrad.plan", call_plan_free);
    if (capsule == NULL || fits) return capsule;
    Py_DECREF(capsule);
    Py_RETURN_NONE;
}

/* Whether `object` is an array like `value`, whose memory is then `view`. */
static int call_open(call_plan_t *plan, PyObject *object, call_value *value, Py_buffer *view, int flags) {
    int i;
    if ((PyObject *)Py_TYPE(object) != plan->array) return 0;
    if (PyObject_GetBuffer(object, view, PyBUF_FORMAT | PyBUF_C_CONTIGUOUS | flags) < 0) {
        PyErr_Clear();
        return 0;
    }
    if (view->itemsize == 8 && view->ndim == value->axes && view->format != NULL && strcmp(view->format, "d") == 0 &&
        (uintptr_t)view->buf % 8 == 0) {
        for (i = 0; i < value->axes && view->shape[i] == value->shape[i]; i++) {}
        if (i == value->axes) return 1;
    }
    PyBuffer_Release(view);
    return 0;
}

static int call_overlap(Py_buffer *a, Py_buffer *b) {
    char *p = (char *)a->buf, *q = (char *)b->buf;
    return p < q + b->len && q < p + a->len;
}

static PyObject *call_run(PyObject *capsule, PyObject *args, PyObject *kwargs) {
    call_plan_t *plan = (call_plan_t *)PyCapsule_GetPointer(capsule, "glassgrad.plan");
    Py_buffer in[CALL_ARRAYS], into[CALL_ARRAYS];
    call_leaf ins[CALL_ARRAYS + 1], outs[CALL_ARRAYS + 1];
    double numbers[CALL_NUMBERS], found[CALL_NUMBERS];
    PyObject *made[CALL_ARRAYS], *out = NULL, *result = NULL;
    char stack[CALL_STACK + 64], *heap = NULL, *scratch;
    int opened_in = 0, opened_out = 0, count = 0, written = 0, i, j, k;
    int64_t path;

    if (plan == NULL) return NULL;
    if (PyTuple_GET_SIZE(args) != plan->arguments) Py_RETURN_NOTIMPLEMENTED;
    if (kwargs != NULL && PyDict_GET_SIZE(kwargs) > 0) {
        if (plan->owns_out || PyDict_GET_SIZE(kwargs) > 1) Py_RETURN_NOTIMPLEMENTED;
        if (call_out == NULL) call_out = PyUnicode_InternFromString("out");
        out = PyDict_GetItemWithError(kwargs, call_out); /* borrowed */
        if (out == NULL) Py_RETURN_NOTIMPLEMENTED;
        if (out == Py_None) out = NULL;
        else if (plan->form == 2 || (plan->form == 1 && !(PyTuple_CheckExact(out) && PyTuple_GET_SIZE(out) == plan->results)))
            Py_RETURN_NOTIMPLEMENTED;
    }
    for (i = 0; i < plan->arguments; i++) {
        PyObject *argument = PyTuple_GET_ITEM(args, i);
        if (plan->argument[i].axes == -1) {
            if (PyFloat_Check(argument)) numbers[count++] = PyFloat_AS_DOUBLE(argument);
            else if (PyLong_CheckExact(argument)) {
                double x = PyLong_AsDouble(argument);
                if (x == -1.0 && PyErr_Occurred()) {
                    PyErr_Clear();
                    goto other;
                }
                numbers[count++] = x;
            } else goto other;
        } else {
            if (!call_open(plan, argument, &plan->argument[i], &in[opened_in], 0)) goto other;
            ins[opened_in].base = in[opened_in].buf;
            ins[opened_in].lane = 0;
            ins[opened_in].element = 8;
            opened_in++;
        }
    }
    ins[opened_in].base = numbers;
    ins[opened_in].lane = 0;
    ins[opened_in].element = 8;
    for (i = 0; i < plan->results; i++) {
        PyObject *array, *given = out == NULL ? NULL : plan->form == 0 ? out : PyTuple_GET_ITEM(out, i);
        if (plan->result[i].axes < 0) {
            if (given != NULL && given != Py_None) goto other;
            continue;
        }
        if (given != NULL) array = Py_NewRef(given);
        else {
            array = PyObject_CallOneArg(plan->empty, plan->result[i].tuple);
            if (array == NULL) goto failed;
        }
        if (!call_open(plan, array, &plan->result[i], &into[opened_out], PyBUF_WRITABLE)) {
            Py_DECREF(array);
            goto other;
        }
        made[opened_out] = array;
        outs[opened_out].base = into[opened_out].buf;
        outs[opened_out].lane = 0;
        outs[opened_out].element = 8;
        opened_out++;
        if (given != NULL) { /* it must not be read while it is written */
            for (j = 0; j < opened_in; j++)
                if (call_overlap(&into[opened_out - 1], &in[j])) goto other;
            for (j = 0; j < opened_out - 1; j++)
                if (call_overlap(&into[opened_out - 1], &into[j])) goto other;
        }
    }
    outs[opened_out].base = found;
    outs[opened_out].lane = 0;
    outs[opened_out].element = 8;
    scratch = stack;
    if (plan->scratch > CALL_STACK) {
        scratch = heap = (char *)malloc(plan->scratch + 64);
        if (heap == NULL) {
            PyErr_NoMemory();
            goto failed;
        }
    }
    scratch += -(uintptr_t)scratch & 63;
    if (plan->release) {
        Py_BEGIN_ALLOW_THREADS
        path = plan->kernel(0, 1, 1, ins, outs, scratch, NULL);
        Py_END_ALLOW_THREADS
    } else path = plan->kernel(0, 1, 1, ins, outs, scratch, NULL);
    free(heap);
    if (path < 0) goto other;
    for (i = 0; i < opened_in; i++) PyBuffer_Release(&in[i]);
    for (i = 0; i < opened_out; i++) PyBuffer_Release(&into[i]);
    opened_in = 0;
    if (plan->form == 0) {
        if (plan->result[0].axes >= 0) return made[0];
        return plan->result[0].axes == -1 ? PyFloat_FromDouble(found[0]) : PyBool_FromLong(found[0] != 0);
    }
    result = PyTuple_New(plan->results);
    for (i = j = k = 0; i < plan->results; i++) {
        PyObject *value;
        if (plan->result[i].axes >= 0) value = made[j++];
        else value = plan->result[i].axes == -1 ? PyFloat_FromDouble(found[k++]) : PyBool_FromLong(found[k++] != 0);
        if (result == NULL || value == NULL) {
            Py_XDECREF(value);
            written = 1;
        } else PyTuple_SET_ITEM(result, i, value);
    }
    if (written || result == NULL) {
        Py_XDECREF(result);
        return NULL;
    }
    if (plan->form == 2) Py_SETREF(result, PyObject_CallOneArg(plan->assemble, result));
    return result;

other:
    result = Py_NewRef(Py_NotImplemented);
failed:
    for (i = 0; i < opened_in; i++) PyBuffer_Release(&in[i]);
    for (i = 0; i < opened_out; i++) {
        PyBuffer_Release(&into[i]);
        Py_DECREF(made[i]);
    }
    return result;
}
