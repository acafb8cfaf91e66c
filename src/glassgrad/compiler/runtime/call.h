/* The way of a call into machine code: arguments that look like those that the plan was made for are read where they
 * lie, results are written where they belong, and nothing of Python runs between. Anything else is left to Python,
 * by returning NotImplemented: before anything was changed, but that of a batch with lanes that go a way which is not
 * known the others' results may be in `out` already. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CALL_ARRAYS 16 /* arrays among the arguments, or among the results */
#define CALL_NUMBERS 32 /* numbers, likewise */
#define CALL_AXES 8
#define CALL_UNITS 64 /* kernels of one function, each for other routes through its branches */
#define CALL_STACK 4096 /* bytes of scratch memory up to which it is taken from the stack */
#define CALL_LARGE (1 << 20) /* bytes of a result from which its memory is such as is kept: LARGE of memory.py */
#define CALL_RELEASED 100000 /* lines of code times lanes from which the interpreter is let go while they run */

typedef int64_t (*call_kernel)(int64_t, int64_t, int64_t, void *, void *, void *, void *);

typedef struct {
    void *base;
    int64_t lane, element;
} call_leaf;

typedef struct {
    int axes; /* of an array; -1 for a number; -2 for a truth */
    Py_ssize_t shape[CALL_AXES]; /* over a batch: of a lane, from place 1 on if there is an axis of lanes */
    PyObject *tuple; /* the shape as Python has it */
    int lanes; /* whether its first axis is that of the batch */
    char code; /* 'd' or 'f' */
    int64_t lane, element; /* from lane to lane and from number to number, in bytes */
    PyObject *dtype;
    int leaf; /* which leaf of the results it is */
} call_value;

typedef struct {
    call_kernel kernel;
    Py_ssize_t scratch;
    int release; /* whether the interpreter is let go while the kernel runs */
    int64_t *version, made; /* of the kernel's code: another one means that there is better code */
} call_unit;

typedef struct {
    call_kernel kernel; /* over a batch */
    Py_ssize_t scratch;
    call_unit unit[CALL_UNITS]; /* for one call, the one that fitted last first */
    int units;
    int64_t *version, made; /* likewise of a batch's kernel */
    Py_ssize_t left; /* calls until Python is to look whether there is better code; below 0: never */
    PyObject *captured; /* nodes from outside of the function, whose values are its last arguments: a tuple */
    int arguments, results;
    int arrays_in, numbers_in, arrays_out, numbers_out;
    int form; /* of the results: 0 one value, 1 a tuple, 2 what `assemble` makes of them */
    call_value argument[CALL_ARRAYS + CALL_NUMBERS], result[CALL_ARRAYS + CALL_NUMBERS];
    int owns_out; /* `out` is a parameter of the function's own */
    PyObject *assemble; /* of nested tuples: they, with the numbers of the leaves in their places; else a function */
    PyObject *empty, *array, *owner; /* the owner of the machine code */
    /* Over a batch */
    Py_ssize_t least; /* lanes that the kernel takes at once; 0: this is no plan for a batch */
    call_kernel wide; /* for so many lanes and more, or NULL */
    Py_ssize_t many, wide_scratch;
    Py_ssize_t lines; /* of code for a lane */
    Py_ssize_t split; /* lines times lanes that may be worth a second thread */
    int branches;
    int fold; /* results are summed over the batch: 1, or 2 for their mean */
    Py_ssize_t width, chunk; /* how many numbers a lane gives, and how many lanes have a row of sums */
    PyObject *large, *threaded, *leaves; /* memory of much size; a run in threads; the leaves of `out` */
} call_plan_t;

static PyObject *call_out = NULL; /* the string */

static void call_plan_free(PyObject *capsule) {
    call_plan_t *plan = (call_plan_t *)PyCapsule_GetPointer(capsule, "glassgrad.plan");
    int i;
    if (plan == NULL) return;
    for (i = 0; i < CALL_ARRAYS + CALL_NUMBERS; i++) {
        Py_XDECREF(plan->result[i].tuple);
        Py_XDECREF(plan->result[i].dtype);
    }
    Py_XDECREF(plan->captured);
    Py_XDECREF(plan->large);
    Py_XDECREF(plan->threaded);
    Py_XDECREF(plan->leaves);
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
    value->code = 'd';
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

/* A plan, or None where the call is too large for one. `units` holds for each kernel (address, scratch, release, where
 * the version of its code is, which that is). */
static PyObject *call_make_plan(PyObject *units, Py_ssize_t left, PyObject *captured, PyObject *arguments,
                                PyObject *results, int form, PyObject *empty, PyObject *array, PyObject *assemble,
                                PyObject *owner, int owns_out) {
    call_plan_t *plan;
    PyObject *capsule;
    Py_ssize_t i;
    int fits = 1;
    if (PyList_GET_SIZE(arguments) > CALL_ARRAYS + CALL_NUMBERS ||
        PyList_GET_SIZE(results) > CALL_ARRAYS + CALL_NUMBERS || PyList_GET_SIZE(units) > CALL_UNITS ||
        PyTuple_GET_SIZE(captured) > CALL_NUMBERS)
        Py_RETURN_NONE;
    plan = (call_plan_t *)calloc(1, sizeof(call_plan_t));
    if (plan == NULL) return PyErr_NoMemory();
    plan->units = (int)PyList_GET_SIZE(units);
    for (i = 0; i < plan->units; i++) {
        unsigned long long address, version;
        long long made;
        call_unit *unit = &plan->unit[i];
        if (!PyArg_ParseTuple(PyList_GET_ITEM(units, i), "KnpKL", &address, &unit->scratch, &unit->release, &version,
                              &made)) {
            free(plan);
            return NULL;
        }
        unit->kernel = (call_kernel)(uintptr_t)address;
        unit->version = (int64_t *)(uintptr_t)version;
        unit->made = made;
    }
    plan->left = left;
    plan->captured = Py_NewRef(captured);
    plan->numbers_in = (int)PyTuple_GET_SIZE(captured);
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
    if (view->ndim == value->axes && view->format != NULL && view->format[0] == value->code && view->format[1] == 0 &&
        (uintptr_t)view->buf % view->itemsize == 0) {
        for (i = value->lanes; i < value->axes && view->shape[i] == value->shape[i]; i++) {}
        if (i == value->axes) return 1;
    }
    PyBuffer_Release(view);
    return 0;
}

static int call_overlap(Py_buffer *a, Py_buffer *b) {
    char *p = (char *)a->buf, *q = (char *)b->buf;
    return p < q + b->len && q < p + a->len;
}

/* What `out` is, borrowed, or NULL; 0 where the call is none for the plan. */
static int call_find_out(call_plan_t *plan, PyObject *kwargs, PyObject **out) {
    *out = NULL;
    if (kwargs == NULL || PyDict_GET_SIZE(kwargs) == 0) return 1;
    if (plan->owns_out || PyDict_GET_SIZE(kwargs) > 1) return 0;
    if (call_out == NULL) call_out = PyUnicode_InternFromString("out");
    *out = PyDict_GetItemWithError(kwargs, call_out);
    if (*out == NULL) return 0;
    if (*out == Py_None) *out = NULL;
    return 1;
}

/* How many numbers a lane of it has. */
static Py_ssize_t call_size(call_value *value) {
    Py_ssize_t size = 1;
    int i;
    for (i = value->lanes; i < value->axes; i++) size *= value->shape[i];
    return size;
}

/* A plan for a batch, or None where it is too large for one. `arguments` and `results` hold for each array (shape of a
 * lane, whether there is an axis of lanes, 'd' or 'f', distance from lane to lane, from number to number, dtype, which
 * leaf of the results). */
static int call_read_array(call_value *value, PyObject *row) {
    PyObject *shape, *dtype;
    const char *code;
    long long lane, element;
    Py_ssize_t i, axes;
    if (!PyArg_ParseTuple(row, "O!psLLOi", &PyTuple_Type, &shape, &value->lanes, &code, &lane, &element, &dtype,
                          &value->leaf))
        return -1;
    axes = PyTuple_GET_SIZE(shape);
    if (axes + value->lanes > CALL_AXES) return 0;
    value->axes = (int)axes + value->lanes;
    value->code = code[0];
    value->lane = lane;
    value->element = element;
    for (i = 0; i < axes; i++) value->shape[i + value->lanes] = PyLong_AsSsize_t(PyTuple_GET_ITEM(shape, i));
    value->tuple = Py_NewRef(shape);
    value->dtype = Py_NewRef(dtype);
    return 1;
}

static PyObject *call_make_batch(unsigned long long address, Py_ssize_t scratch, unsigned long long wide,
                                 Py_ssize_t wide_scratch, unsigned long long version, long long made, Py_ssize_t many, Py_ssize_t least, Py_ssize_t lines, Py_ssize_t split,
                                 int branches, int fold, Py_ssize_t chunk, Py_ssize_t left, PyObject *arguments,
                                 PyObject *results, int form, int owns_out, PyObject *helpers) {
    call_plan_t *plan;
    PyObject *capsule;
    Py_ssize_t i;
    int fits = 1;
    if (PyList_GET_SIZE(arguments) > CALL_ARRAYS || PyList_GET_SIZE(results) > CALL_ARRAYS) Py_RETURN_NONE;
    plan = (call_plan_t *)calloc(1, sizeof(call_plan_t));
    if (plan == NULL) return PyErr_NoMemory();
    capsule = PyCapsule_New(plan, "glassgrad.plan", call_plan_free);
    if (capsule == NULL) {
        free(plan);
        return NULL;
    }
    plan->kernel = (call_kernel)(uintptr_t)address;
    plan->scratch = scratch;
    plan->wide = (call_kernel)(uintptr_t)wide;
    plan->wide_scratch = wide_scratch;
    plan->version = (int64_t *)(uintptr_t)version;
    plan->made = made;
    plan->many = many;
    plan->least = least;
    plan->lines = lines;
    plan->split = split;
    plan->branches = branches;
    plan->fold = fold;
    plan->chunk = chunk;
    plan->left = left;
    plan->form = form;
    plan->owns_out = owns_out;
    if (!PyArg_ParseTuple(helpers, "OOOOOOO", &plan->empty, &plan->array, &plan->assemble, &plan->owner, &plan->large,
                          &plan->threaded, &plan->leaves)) {
        plan->empty = plan->array = plan->assemble = plan->owner = NULL;
        plan->large = plan->threaded = plan->leaves = NULL;
        Py_DECREF(capsule);
        return NULL;
    }
    Py_INCREF(plan->empty);
    Py_INCREF(plan->array);
    Py_INCREF(plan->assemble);
    Py_INCREF(plan->owner);
    Py_INCREF(plan->large);
    Py_INCREF(plan->threaded);
    Py_INCREF(plan->leaves);
    for (i = 0; i < PyList_GET_SIZE(arguments) && fits == 1; i++) {
        fits = call_read_array(&plan->argument[i], PyList_GET_ITEM(arguments, i));
        Py_CLEAR(plan->argument[i].tuple);
        Py_CLEAR(plan->argument[i].dtype);
        plan->arguments++;
    }
    for (i = 0; i < PyList_GET_SIZE(results) && fits == 1; i++) {
        fits = call_read_array(&plan->result[i], PyList_GET_ITEM(results, i));
        plan->width += call_size(&plan->result[i]);
        plan->results++;
    }
    if (fits == 1) return capsule;
    Py_DECREF(capsule);
    if (fits < 0) return NULL;
    Py_RETURN_NONE;
}

/* Nested tuples like `places`, in which the numbers of the leaves stand, with the leaves in their places. */
static PyObject *call_nested(PyObject *places, PyObject *leaves) {
    Py_ssize_t i;
    PyObject *made, *one;
    if (!PyTuple_CheckExact(places)) return Py_NewRef(PyTuple_GET_ITEM(leaves, PyLong_AsSsize_t(places)));
    made = PyTuple_New(PyTuple_GET_SIZE(places));
    for (i = 0; made != NULL && i < PyTuple_GET_SIZE(places); i++) {
        one = call_nested(PyTuple_GET_ITEM(places, i), leaves);
        if (one == NULL) Py_CLEAR(made);
        else PyTuple_SET_ITEM(made, i, one);
    }
    return made;
}

/* The leaves of `out`, if it is nested as `places` is: borrowed, by their numbers. */
static int call_leaves(PyObject *places, PyObject *out, PyObject **leaves) {
    Py_ssize_t i;
    if (!PyTuple_CheckExact(places)) {
        leaves[PyLong_AsSsize_t(places)] = out;
        return 1;
    }
    if (!PyTuple_CheckExact(out) || PyTuple_GET_SIZE(out) != PyTuple_GET_SIZE(places)) return 0;
    for (i = 0; i < PyTuple_GET_SIZE(out); i++)
        if (!call_leaves(PyTuple_GET_ITEM(places, i), PyTuple_GET_ITEM(out, i), leaves)) return 0;
    return 1;
}

/* What the function returns, of the tuple of its leaves, which is taken. */
static PyObject *call_assembled(call_plan_t *plan, PyObject *leaves) {
    PyObject *result = leaves;
    if (leaves == NULL || plan->form != 2) return leaves;
    result = PyTuple_Check(plan->assemble) ? call_nested(plan->assemble, leaves)
                                           : PyObject_CallOneArg(plan->assemble, leaves);
    Py_DECREF(leaves);
    return result;
}

/* A new array for result `value` of so many lanes. */
static PyObject *call_new(call_plan_t *plan, call_value *value, Py_ssize_t lanes) {
    Py_ssize_t i, inner = PyTuple_GET_SIZE(value->tuple);
    PyObject *shape = PyTuple_New(inner + 1), *count = PyLong_FromSsize_t(lanes), *array;
    if (shape == NULL || count == NULL) {
        Py_XDECREF(shape);
        Py_XDECREF(count);
        return NULL;
    }
    PyTuple_SET_ITEM(shape, 0, count);
    for (i = 0; i < inner; i++) PyTuple_SET_ITEM(shape, i + 1, Py_NewRef(PyTuple_GET_ITEM(value->tuple, i)));
    array = PyObject_CallFunctionObjArgs(value->lane * lanes >= CALL_LARGE ? plan->large : plan->empty, shape,
                                         value->dtype, NULL);
    Py_DECREF(shape);
    return array;
}

/* The kernel over so many lanes; `left` says whether any go a way that is not known. -1 is an error. */
static int call_over_lanes(call_plan_t *plan, Py_ssize_t lanes, call_leaf *ins, call_leaf *outs, int64_t *left) {
    int wide = plan->wide != NULL && lanes >= plan->many;
    call_kernel kernel = wide ? plan->wide : plan->kernel;
    Py_ssize_t size = wide ? plan->wide_scratch : plan->scratch;
    char stack[CALL_STACK + 64], *heap = NULL, *scratch = stack, *missed = NULL;
    PyObject *result;
    if (plan->branches && (missed = (char *)calloc(lanes, 1)) == NULL) goto memory;
    if (lanes >= plan->split / plan->lines) {
        result = PyObject_CallFunction(plan->threaded, "nKKK", lanes, (unsigned long long)(uintptr_t)ins,
                                       (unsigned long long)(uintptr_t)outs, (unsigned long long)(uintptr_t)missed);
        free(missed);
        if (result == NULL) return -1;
        *left = PyObject_IsTrue(result);
        Py_DECREF(result);
        return 0;
    }
    if (size > CALL_STACK && (scratch = heap = (char *)malloc(size + 64)) == NULL) goto memory;
    scratch += -(uintptr_t)scratch & 63;
    if (lanes >= CALL_RELEASED / plan->lines) {
        Py_BEGIN_ALLOW_THREADS
        *left = kernel(0, lanes, lanes, ins, outs, scratch, missed);
        Py_END_ALLOW_THREADS
    } else *left = kernel(0, lanes, lanes, ins, outs, scratch, missed);
    free(missed);
    free(heap);
    return 0;
memory:
    free(missed);
    PyErr_NoMemory();
    return -1;
}

/* Result `value` of a batch that is summed, from the sums of its numbers. */
static PyObject *call_summed(call_plan_t *plan, call_value *value, double *sums) {
    Py_buffer view;
    PyObject *array;
    Py_ssize_t i, size = call_size(value);
    if (value->dtype == Py_None) return PyFloat_FromDouble(sums[0]);
    array = PyObject_CallFunctionObjArgs(plan->empty, value->tuple, value->dtype, NULL);
    if (array == NULL) return NULL;
    if (PyObject_GetBuffer(array, &view, PyBUF_C_CONTIGUOUS | PyBUF_WRITABLE) < 0) {
        Py_DECREF(array);
        return NULL;
    }
    if (value->code == 'f') for (i = 0; i < size; i++) ((float *)view.buf)[i] = (float)sums[i];
    else memcpy(view.buf, sums, 8 * size);
    PyBuffer_Release(&view);
    return array;
}

/* The results of a batch that is summed, in their structure. */
static PyObject *call_fold(call_plan_t *plan, Py_ssize_t lanes, call_leaf *ins, int64_t *left) {
    Py_ssize_t whole = lanes / plan->chunk, rest = lanes % plan->chunk, rows = whole + (rest >= plan->least), i, j;
    double few[64], *sums = few;
    call_leaf outs[1];
    PyObject *result = NULL, *one;
    if (rows < 1) rows = 1;
    if (rows * plan->width > 64 && (sums = (double *)malloc(8 * rows * plan->width)) == NULL) return PyErr_NoMemory();
    outs[0].base = sums;
    outs[0].lane = 0;
    outs[0].element = 8;
    if (call_over_lanes(plan, lanes, ins, outs, left) == 0 && !*left) {
        for (i = 1; i < rows; i++)
            for (j = 0; j < plan->width; j++) sums[j] += sums[i * plan->width + j];
        if (plan->fold == 2) for (j = 0; j < plan->width; j++) sums[j] /= (double)lanes;
        if (plan->form == 0) result = call_summed(plan, &plan->result[0], sums);
        else {
            result = PyTuple_New(plan->results);
            for (i = j = 0; i < plan->results && result != NULL; i++) {
                one = call_summed(plan, &plan->result[i], sums + j);
                if (one == NULL) Py_CLEAR(result);
                else PyTuple_SET_ITEM(result, plan->result[i].leaf, one);
                j += call_size(&plan->result[i]);
            }
            result = call_assembled(plan, result);
        }
    }
    if (sums != few) free(sums);
    return result;
}

static PyObject *call_batch(call_plan_t *plan, PyObject *args, PyObject *out) {
    Py_buffer in[CALL_ARRAYS], into[CALL_ARRAYS];
    call_leaf ins[CALL_ARRAYS + 1], outs[CALL_ARRAYS];
    PyObject *made[CALL_ARRAYS], *given_leaf[CALL_ARRAYS], *leaves = NULL, *result = NULL;
    int opened_in = 0, opened_out = 0, i, j;
    Py_ssize_t lanes = -1;
    int64_t left = 0;
    double nothing[1] = {0.0};

    if (*plan->version != plan->made) Py_RETURN_NOTIMPLEMENTED;
    for (i = 0; i < plan->arguments; i++) {
        call_value *value = &plan->argument[i];
        if (!call_open(plan, PyTuple_GET_ITEM(args, i), value, &in[opened_in], 0)) goto other;
        ins[opened_in].base = in[opened_in].buf;
        ins[opened_in].lane = value->lane;
        ins[opened_in].element = value->element;
        opened_in++;
        if (value->lanes) {
            if (lanes < 0) lanes = in[i].shape[0];
            if (lanes != in[i].shape[0]) goto other;
        }
    }
    if (lanes < plan->least) goto other;
    ins[opened_in].base = nothing;
    ins[opened_in].lane = 0;
    ins[opened_in].element = 8;
    if (plan->fold) {
        if (out != NULL) goto other;
        result = call_fold(plan, lanes, ins, &left);
        if (left) goto other;
        if (plan->left > 0) plan->left--;
        goto failed; /* or done: nothing else is to be let go */
    }
    if (out != NULL && plan->form == 0) given_leaf[0] = out;
    else if (out != NULL && !(PyTuple_Check(plan->assemble) && call_leaves(plan->assemble, out, given_leaf))) {
        leaves = PyObject_CallOneArg(plan->leaves, out);
        if (leaves == NULL) goto failed;
        if (!PyList_CheckExact(leaves) || PyList_GET_SIZE(leaves) != plan->results) goto other;
        for (i = 0; i < plan->results; i++) given_leaf[i] = PyList_GET_ITEM(leaves, i);
    }
    for (i = 0; i < plan->results; i++) {
        call_value *value = &plan->result[i];
        PyObject *given = out == NULL || given_leaf[value->leaf] == Py_None ? NULL : given_leaf[value->leaf];
        PyObject *array = given == NULL ? call_new(plan, value, lanes) : Py_NewRef(given);
        if (array == NULL) goto failed;
        if (!call_open(plan, array, value, &into[opened_out], PyBUF_WRITABLE)) {
            Py_DECREF(array);
            goto other;
        }
        made[opened_out] = array;
        outs[opened_out].base = into[opened_out].buf;
        outs[opened_out].lane = value->lane;
        outs[opened_out].element = value->element;
        opened_out++;
        if (into[i].shape[0] != lanes) goto other;
        if (given != NULL) { /* it must not be read while it is written */
            for (j = 0; j < opened_in; j++)
                if (call_overlap(&into[i], &in[j])) goto other;
            for (j = 0; j < i; j++)
                if (call_overlap(&into[i], &into[j])) goto other;
        }
    }
    if (call_over_lanes(plan, lanes, ins, outs, &left) < 0) goto failed;
    if (left) goto other; /* lanes that go a way that is not known */
    if (plan->left > 0) plan->left--;
    Py_XDECREF(leaves);
    for (i = 0; i < opened_in; i++) PyBuffer_Release(&in[i]);
    for (i = 0; i < opened_out; i++) PyBuffer_Release(&into[i]);
    if (plan->form == 0) return made[0];
    result = PyTuple_New(plan->results);
    for (i = 0; i < plan->results; i++) {
        if (result == NULL) Py_DECREF(made[i]);
        else PyTuple_SET_ITEM(result, plan->result[i].leaf, made[i]);
    }
    return call_assembled(plan, result);

other:
    result = Py_NewRef(Py_NotImplemented);
failed:
    Py_XDECREF(leaves);
    for (i = 0; i < opened_in; i++) PyBuffer_Release(&in[i]);
    for (i = 0; i < opened_out; i++) {
        PyBuffer_Release(&into[i]);
        Py_DECREF(made[i]);
    }
    return result;
}

static PyObject *call_data(void) {
    static PyObject *data = NULL;
    if (data == NULL) data = PyUnicode_InternFromString("data");
    return data;
}

/* Run the units until one fits; it is tried first from then on. The path, -1 if none fits, -2 for an error. */
static int64_t call_units(call_plan_t *plan, call_leaf *ins, call_leaf *outs) {
    char stack[CALL_STACK + 64], *heap = NULL, *scratch;
    Py_ssize_t room = CALL_STACK;
    int64_t path = -1;
    int i;
    for (i = 0; i < plan->units; i++) {
        call_unit unit = plan->unit[i]; /* another thread may reorder them meanwhile */
        if (*unit.version != unit.made) {
            path = -1;
            break;
        }
        if (unit.scratch > room) {
            free(heap);
            heap = (char *)malloc(unit.scratch + 64);
            if (heap == NULL) {
                PyErr_NoMemory();
                return -2;
            }
            room = unit.scratch;
        }
        scratch = heap == NULL ? stack : heap;
        scratch += -(uintptr_t)scratch & 63;
        if (unit.release) {
            Py_BEGIN_ALLOW_THREADS
            path = unit.kernel(0, 1, 1, ins, outs, scratch, NULL);
            Py_END_ALLOW_THREADS
        } else path = unit.kernel(0, 1, 1, ins, outs, scratch, NULL);
        if (path >= 0) {
            if (i > 0 && plan->unit[i].kernel == unit.kernel) {
                memmove(&plan->unit[1], &plan->unit[0], i * sizeof(call_unit));
                plan->unit[0] = unit;
            }
            break;
        }
    }
    free(heap);
    return path;
}

/* How many calls it serves until Python is asked again; -1: for ever. */
static Py_ssize_t call_left(PyObject *capsule) {
    call_plan_t *plan = (call_plan_t *)PyCapsule_GetPointer(capsule, "glassgrad.plan");
    return plan == NULL ? -2 : plan->left;
}

static PyObject *call_run(PyObject *capsule, PyObject *args, PyObject *kwargs) {
    call_plan_t *plan = (call_plan_t *)PyCapsule_GetPointer(capsule, "glassgrad.plan");
    Py_buffer in[CALL_ARRAYS], into[CALL_ARRAYS];
    call_leaf ins[CALL_ARRAYS + 1], outs[CALL_ARRAYS + 1];
    double numbers[CALL_NUMBERS], found[CALL_NUMBERS];
    PyObject *made[CALL_ARRAYS], *out = NULL, *result = NULL;
    int opened_in = 0, opened_out = 0, count = 0, written = 0, i, j, k;
    int64_t path;

    if (plan == NULL) return NULL;
    if (PyTuple_GET_SIZE(args) != plan->arguments || !call_find_out(plan, kwargs, &out)) Py_RETURN_NOTIMPLEMENTED;
    if (plan->left == 0) Py_RETURN_NOTIMPLEMENTED;
    if (plan->least) return call_batch(plan, args, out);
    if (out != NULL &&
        (plan->form == 2 || (plan->form == 1 && !(PyTuple_CheckExact(out) && PyTuple_GET_SIZE(out) == plan->results))))
        Py_RETURN_NOTIMPLEMENTED;
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
    for (i = 0; i < PyTuple_GET_SIZE(plan->captured); i++) {
        PyObject *value = PyObject_GetAttr(PyTuple_GET_ITEM(plan->captured, i), call_data());
        if (value == NULL) goto failed;
        numbers[count++] = PyFloat_AsDouble(value);
        Py_DECREF(value);
        if (PyErr_Occurred()) goto failed;
    }
    ins[opened_in].base = numbers;
    ins[opened_in].lane = 0;
    ins[opened_in].element = 8;
    for (i = 0; i < plan->results; i++) {
        PyObject *array, *given = out == NULL ? NULL : plan->form == 0 ? out : PyTuple_GET_ITEM(out, i);
        if (given == Py_None) given = NULL; /* a new array, or a number */
        if (plan->result[i].axes < 0) {
            if (given != NULL) goto other;
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
    path = call_units(plan, ins, outs);
    if (path == -2) goto failed;
    if (path < 0) goto other;
    if (plan->left > 0) plan->left--;
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
    return call_assembled(plan, result);

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
