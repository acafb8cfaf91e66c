/* The arguments of a call: compared with the nodes of its path, and handed to the kernel where they lie.
 *
 * `fast_read` walks the arguments along the nodes. It copies numbers to one table. Of an array it notes the address, the
 * distance from lane to lane, and the distance from number to number; only an array with numbers at uneven distances
 * is copied. If an argument is not as the path expects, the answer is 0, and Python looks at the call.
 */

#ifndef GLASSGRAD_FASTARGS
#define GLASSGRAD_FASTARGS

#include "fastpath.h"

typedef struct {
    fast_path *path;
    Py_ssize_t lanes; /* 1 where this is no batch */
    fast_view *in, *into;
    fast_leaf *ins, *outs;
    double *numbers, *found;
    PyObject **given; /* for each target what `out` has in its place, borrowed */
    PyObject *kept; /* the list that holds them, or NULL */
    double *sums;
    void *heap;
} fast_call;

/* Open `object`, which must be an array like `array`. 0: it is not; 1: the kernel can use it as it lies; 2: its numbers
 * are not evenly spaced, so the kernel needs a copy. The rules are those of ArrayLeaf in leaves.py. */
static int fast_open(const fast_call *call, const fast_array *array, PyObject *object, int write, fast_view *view,
                     fast_leaf *leaf, Py_ssize_t *lanes) {
    fast_ndarray *given = (fast_ndarray *)object;
    Py_ssize_t inner[FAST_AXES], step = array->width, expected = 0, lane = 0;
    const size_t unaligned = array->width - 1; /* bits that no address may have */
    int i, k = 0, even = 1, known = 0;
    *lanes = 1;
    if ((PyObject *)Py_TYPE(object) != call->path->ndarray) return 0;
    if (given->axes != array->axes + (array->axis >= 0) || given->dtype->code != array->code ||
        given->dtype->order != '=' || (uintptr_t)given->data & unaligned)
        return 0;
    if (write && (!(given->flags & FAST_WRITEABLE) || given->flags & FAST_WARNS)) return 0;
    for (i = 0; i < given->axes; i++) {
        if ((size_t)given->strides[i] & unaligned) return 0;
        if (i == array->axis) {
            *lanes = given->shape[i];
            lane = given->strides[i];
            continue;
        }
        if (given->shape[i] != array->shape[k]) return 0;
        inner[k++] = given->strides[i];
    }
    for (i = array->axes - 1; i >= 0; i--) {
        if (array->shape[i] == 1) continue;
        if (!known) step = expected = inner[i];
        else if (inner[i] != expected) even = 0;
        known = 1;
        expected *= array->shape[i];
    }
    view->array = (fast_ndarray *)Py_NewRef(object);
    leaf->base = given->data;
    leaf->lane = lane;
    leaf->element = step;
    if (array->axis < 0) return (even && step == array->width) || array->size == 0 ? 1 : 2;
    if ((even && (lane == array->width || (*lanes == 1 && !write))) != array->contiguous) return 0;
    return array->contiguous || (even && step == array->width) ? 1 : 2;
}

static char *fast_pack(char *to, const char *from, int axes, const Py_ssize_t *shape, const Py_ssize_t *strides,
                       int width) {
    Py_ssize_t i;
    if (axes == 0) {
        if (width == 8) memcpy(to, from, 8);
        else memcpy(to, from, 4);
        return to + width;
    }
    for (i = 0; i < shape[0]; i++) to = fast_pack(to, from + i * strides[0], axes - 1, shape + 1, strides + 1, width);
    return to;
}

/* Copy an array that is open in `view`, its lanes first. */
static int fast_copy(const fast_array *array, fast_view *view, fast_leaf *leaf) {
    const fast_ndarray *given = view->array;
    Py_ssize_t shape[FAST_AXES + 1], strides[FAST_AXES + 1], size = array->size * array->width;
    int i, k = 0;
    if (array->axis >= 0) {
        size *= shape[k] = given->shape[array->axis];
        strides[k++] = given->strides[array->axis];
    }
    for (i = 0; i < given->axes; i++) {
        if (i == array->axis) continue;
        shape[k] = given->shape[i];
        strides[k++] = given->strides[i];
    }
    view->copy = malloc(size + 1);
    if (view->copy == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    fast_pack((char *)view->copy, given->data, given->axes, shape, strides, array->width);
    leaf->base = view->copy;
    leaf->lane = array->axis < 0 ? 0 : array->size * array->width;
    leaf->element = array->width;
    return 1;
}

static int fast_read_array(fast_call *call, PyObject *object, Py_ssize_t place) {
    const fast_array *array = &call->path->array[place];
    fast_view *view = &call->in[place];
    Py_ssize_t lanes;
    int status = fast_open(call, array, object, 0, view, &call->ins[place], &lanes);
    if (status == 0) return 0;
    if (array->axis >= 0) {
        if (call->lanes < 0) call->lanes = lanes;
        else if (call->lanes != lanes) return 0;
    }
    return status == 1 ? 1 : fast_copy(array, view, &call->ins[place]);
}

/* Subclasses of float and int, bool among them, may mean something else: Python looks at them. */
static inline int fast_read_number(const fast_path *path, PyObject *object, double *number) {
    if (PyFloat_CheckExact(object) || (PyObject *)Py_TYPE(object) == path->float64) {
        *number = PyFloat_AS_DOUBLE(object);
        return 1;
    }
    if (!PyLong_CheckExact(object)) return 0;
    *number = PyLong_AsDouble(object);
    if (*number == -1.0 && PyErr_Occurred()) { /* it is too large */
        PyErr_Clear();
        return 0;
    }
    return 1;
}

static int fast_walk_other(fast_call *call, PyObject *object, const fast_node **next);
static inline int fast_walk(fast_call *call, PyObject *object, const fast_node **next);

/* The items of a dict, which must have the keys of `node` in the same order, except for `skipped`. */
static int fast_walk_dict(fast_call *call, PyObject *dict, const fast_node *node, const fast_node **next,
                          PyObject *skipped) {
    PyObject *key, *value;
    Py_ssize_t place = 0, i = 0;
    int status;
    while (PyDict_Next(dict, &place, &key, &value)) {
        PyObject *known;
        if (skipped != NULL && value == skipped && PyUnicode_CheckExact(key) &&
            PyUnicode_CompareWithASCIIString(key, "out") == 0)
            continue;
        if (i == node->size) return 0;
        known = PyTuple_GET_ITEM(node->keys, i++);
        if (key != known && !(PyUnicode_CheckExact(key) && PyUnicode_Compare(key, known) == 0)) return 0;
        if ((status = fast_walk(call, value, next)) <= 0) return status;
    }
    return i == node->size;
}

/* Walk an argument along the signature. No Python code runs in here, so lists and dicts stay as they are. */
static inline int fast_walk(fast_call *call, PyObject *object, const fast_node **next) {
    const fast_node *node = *next;
    if (node->kind != FAST_NUMBER) return fast_walk_other(call, object, next);
    ++*next;
    return fast_read_number(call->path, object, &call->numbers[node->size]);
}

static int fast_walk_other(fast_call *call, PyObject *object, const fast_node **next) {
    const fast_node *node = (*next)++;
    Py_ssize_t i;
    int status = 1;
    switch (node->kind) {
    case FAST_ARRAY: return fast_read_array(call, object, node->size);
    case FAST_NONE: return object == Py_None;
    case FAST_INTEGER: return PyLong_CheckExact(object) && fast_read_number(call, object, &call->numbers[node->size]);
    case FAST_TUPLE:
        if (!PyTuple_CheckExact(object) || PyTuple_GET_SIZE(object) != node->size) return 0;
        for (i = 0; i < node->size && status > 0; i++) status = fast_walk(call, PyTuple_GET_ITEM(object, i), next);
        return status;
    case FAST_LIST:
        if (!PyList_CheckExact(object) || PyList_GET_SIZE(object) != node->size) return 0;
        for (i = 0; i < node->size && status > 0; i++) status = fast_walk(call, PyList_GET_ITEM(object, i), next);
        return status;
    default:
        if (!PyDict_CheckExact(object) || PyDict_GET_SIZE(object) != node->size) return 0;
        return fast_walk_dict(call, object, node, next, NULL);
    }
}

static PyObject *fast_name(PyObject **name, const char *text) {
    if (*name == NULL) *name = PyUnicode_InternFromString(text);
    return *name;
}

/* All arguments, and the values of nodes from outside. 1: they fit; 0: they do not; -1: an error. */
static int fast_read(fast_call *call, PyObject *args, PyObject *kwargs, PyObject *out) {
    static PyObject *data = NULL;
    const fast_path *path = call->path;
    const fast_node *next = path->node;
    Py_ssize_t i, captured = PyTuple_GET_SIZE(path->captured);
    int status;
    call->lanes = path->least ? -1 : 1;
    if (PyTuple_GET_SIZE(args) != next++->size) return 0;
    for (i = 0; i < PyTuple_GET_SIZE(args); i++)
        if ((status = fast_walk(call, PyTuple_GET_ITEM(args, i), &next)) <= 0) return status;
    if (kwargs == NULL || PyDict_GET_SIZE(kwargs) == (out != NULL)) { /* nothing but `out` */
        if (next->size) return 0;
    } else {
        const fast_node *keywords = next++;
        if ((status = fast_walk_dict(call, kwargs, keywords, &next, out)) <= 0) return status;
    }
    if (call->lanes < path->least) return 0;
    for (i = 0; i < captured; i++) {
        PyObject *value = PyObject_GetAttr(PyTuple_GET_ITEM(path->captured, i), fast_name(&data, "data"));
        if (value == NULL) return -1;
        call->numbers[path->numbers - captured + i] = PyFloat_AsDouble(value);
        Py_DECREF(value);
        if (PyErr_Occurred()) return -1;
    }
    call->ins[path->arrays].base = call->numbers;
    call->ins[path->arrays].lane = 0;
    call->ins[path->arrays].element = 8;
    return 1;
}

/* What C sees of an array: (address, shape, strides, code, order, whether it is writeable). */
static PyObject *fast_describe(PyObject *object) {
    fast_ndarray *array = (fast_ndarray *)object;
    PyObject *shape = PyTuple_New(array->axes), *strides = PyTuple_New(array->axes);
    int i;
    for (i = 0; shape != NULL && strides != NULL && i < array->axes; i++) {
        PyTuple_SET_ITEM(shape, i, PyLong_FromSsize_t(array->shape[i]));
        PyTuple_SET_ITEM(strides, i, PyLong_FromSsize_t(array->strides[i]));
    }
    return Py_BuildValue("KNNCCN", (unsigned long long)(uintptr_t)array->data, shape, strides, array->dtype->code,
                         array->dtype->order, PyBool_FromLong(array->flags & FAST_WRITEABLE));
}

#endif
