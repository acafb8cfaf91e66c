/* The fast path of a call into machine code. It serves calls that look like one before: arguments of the same structure,
 * types and shapes are read where they lie, results are written where they belong, and no Python runs in between.
 *
 * A path checks everything that it assumes, at every call. If anything differs it returns NotImplemented, and Python
 * finds out what the call is. Nothing has changed by then, with one exception: if some lanes of a batch take an unknown
 * route through the branches, the results of the other lanes may be in `out` already.
 *
 * The steps of a call, in the order of this file:
 *   fast_read     walk the arguments, note numbers, and open arrays
 *   fast_targets  find or make the arrays for the results
 *   fast_compute  run the machine code
 *   fast_results  put the results into their structure
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define FAST_AXES 8 /* of an array, at most */
#define FAST_ROOM 2048 /* bytes of tables up to which they lie on the stack */
#define FAST_SCRATCH 4096 /* bytes of scratch memory up to which it lies on the stack */
#define FAST_LARGE (1 << 20) /* bytes of a result from which its memory is kept for later calls: LARGE of memory.py */
#define FAST_RELEASED 100000 /* lines of code times lanes from which other Python threads may run meanwhile */

typedef int64_t (*fast_kernel)(int64_t, int64_t, int64_t, void *, void *, void *, void *);

/* One leaf as the kernel sees it. The distances are in bytes: from lane to lane, and from number to number. */
typedef struct {
    void *base;
    int64_t lane, element;
} fast_leaf;

/* The first fields of a NumPy array and of its dtype, as the ABI has had them from NumPy 1.0 to 2. Reading them takes a
 * tenth of the time that the buffer protocol takes; pybind11 does the same. `fast_describe` lets Python check them. */
typedef struct {
    PyObject_HEAD
    char *data;
    int axes;
    Py_ssize_t *shape, *strides;
    PyObject *base;
    struct fast_dtype *dtype;
    int flags;
} fast_ndarray;

struct fast_dtype {
    PyObject_HEAD
    PyObject *type;
    char kind, code, order;
};

#define FAST_WRITEABLE 0x0400 /* a flag of an array */
#define FAST_WARNS (1u << 31) /* another one: writing to it warns */

/* The signature is a list of nodes, each before its children. `size` is the number of children of a container, and the
 * place of a number or array among the others. */
enum { FAST_NONE, FAST_NUMBER, FAST_ARRAY, FAST_TUPLE, FAST_LIST, FAST_DICT, FAST_INTEGER };

typedef struct {
    int kind;
    Py_ssize_t size;
    PyObject *keys; /* of a dict, in its own order: a tuple of strings */
} fast_node;

typedef struct {
    int axes; /* of a lane; `shape` is that of a lane, too, and `size` is how many numbers it has */
    Py_ssize_t shape[FAST_AXES], size;
    int axis; /* the axis of the lanes, or -1 */
    int contiguous; /* neighbouring lanes lie side by side in memory */
    char code; /* 'd' or 'f' */
    int width; /* bytes of a number */
    /* Of a result: */
    PyObject *tuple, *dtype; /* its shape and dtype; a dtype of None: it is a number, not an array */
    Py_ssize_t leaf; /* its place among the leaves of the results */
} fast_array;

typedef struct {
    Py_ssize_t leaf;
    int truth; /* it is True or False */
} fast_number;

typedef struct {
    fast_kernel kernel;
    Py_ssize_t scratch; /* bytes */
    int release; /* other Python threads may run meanwhile */
    int64_t *version, made; /* of the kernel's code: where it stands, and for which this path was made */
} fast_unit;

typedef struct {
    /* Arguments */
    fast_node *node;
    Py_ssize_t nodes, arrays, numbers;
    fast_array *array;
    PyObject *captured; /* nodes from outside the function, whose values follow the numbers: a tuple */
    int out; /* what `out` is: 0 where results go; 1 the same, but only Python may do it; 2 an argument */
    /* Code */
    fast_unit *unit; /* for one call, the one that fitted last first; over a batch there is one */
    Py_ssize_t units;
    Py_ssize_t left; /* calls until Python looks for better code; below 0: never */
    fast_kernel wide; /* for `many` lanes or more, or NULL */
    Py_ssize_t wide_scratch, many;
    Py_ssize_t least; /* lanes that the kernel takes at once; 0: this is no batch */
    Py_ssize_t lines; /* of code for a lane */
    Py_ssize_t split; /* lines times lanes from which threads may pay */
    int branches;
    int fold; /* 1: results are summed over the batch; 2: their mean */
    Py_ssize_t chunk; /* lanes that share a row of sums */
    /* Results */
    fast_array *target;
    fast_number *number;
    Py_ssize_t targets, smalls, leaves, width; /* `width`: all numbers of a lane */
    int form; /* 0 one value; 1 a tuple of values; 2 as `assemble` says */
    PyObject *assemble; /* nested tuples with the numbers of leaves, or a function of the tuple of leaves */
    PyObject *finish; /* finish(arrays, numbers, lanes), for results that C cannot put together; else None */
    PyObject *out_leaves; /* out_leaves(out): the list of its leaves; may raise an error */
    PyObject *empty, *large; /* make an array: of little memory, of much */
    PyObject *threaded; /* threaded(lanes, ins, outs, unmatched) runs the kernel in threads */
    PyObject *ndarray, *float64; /* types */
    PyObject *owner; /* keeps the machine code alive */
    size_t room; /* bytes of the tables of a call */
} fast_path;

typedef struct {
    fast_ndarray *array; /* NULL until it is open */
    void *copy; /* contiguous, where the kernel cannot read the array itself */
} fast_view;

typedef struct {
    fast_path *path;
    Py_ssize_t lanes; /* 1 where this is no batch */
    fast_view *in, *into;
    fast_leaf *ins, *outs;
    double *numbers, *found;
    PyObject **given; /* the leaves of `out`, borrowed */
    PyObject *kept; /* the list that holds them, or NULL */
    double *sums;
    void *heap;
} fast_call;

/* ---- Making a path ---- */

static void fast_free(PyObject *capsule) {
    fast_path *path = (fast_path *)PyCapsule_GetPointer(capsule, NULL);
    Py_ssize_t i;
    if (path == NULL) return;
    for (i = 0; i < path->nodes; i++) Py_XDECREF(path->node[i].keys);
    for (i = 0; i < path->targets; i++) {
        Py_XDECREF(path->target[i].tuple);
        Py_XDECREF(path->target[i].dtype);
    }
    Py_XDECREF(path->captured);
    Py_XDECREF(path->assemble);
    Py_XDECREF(path->finish);
    Py_XDECREF(path->out_leaves);
    Py_XDECREF(path->empty);
    Py_XDECREF(path->large);
    Py_XDECREF(path->threaded);
    Py_XDECREF(path->ndarray);
    Py_XDECREF(path->float64);
    Py_XDECREF(path->owner);
    free(path->node);
    free(path->array);
    free(path->unit);
    free(path->target);
    free(path->number);
    free(path);
}

/* Each of these reads a row of a list; 0 is an error. */

static int fast_make_node(fast_path *path, fast_node *node, PyObject *row) {
    PyObject *keys;
    if (!PyArg_ParseTuple(row, "inO", &node->kind, &node->size, &keys)) return 0;
    node->keys = keys == Py_None ? NULL : Py_NewRef(keys);
    if (node->kind == FAST_NUMBER || node->kind == FAST_INTEGER) path->numbers++;
    return 1;
}

static int fast_make_array(fast_array *array, PyObject *shape) {
    Py_ssize_t i;
    array->axes = (int)PyTuple_GET_SIZE(shape);
    array->size = 1;
    for (i = 0; i < array->axes; i++) {
        array->shape[i] = PyLong_AsSsize_t(PyTuple_GET_ITEM(shape, i));
        array->size *= array->shape[i];
    }
    return !PyErr_Occurred();
}

static int fast_make_argument(fast_array *array, PyObject *row) {
    PyObject *shape;
    const char *code;
    if (!PyArg_ParseTuple(row, "O!ips", &PyTuple_Type, &shape, &array->axis, &array->contiguous, &code)) return 0;
    array->code = code[0];
    array->width = code[0] == 'f' ? 4 : 8;
    return fast_make_array(array, shape);
}

static int fast_make_target(fast_path *path, fast_array *array, PyObject *row) {
    PyObject *shape, *dtype;
    const char *code;
    if (!PyArg_ParseTuple(row, "O!ipsOn", &PyTuple_Type, &shape, &array->axis, &array->contiguous, &code, &dtype,
                          &array->leaf))
        return 0;
    array->code = code[0];
    array->width = code[0] == 'f' ? 4 : 8;
    array->tuple = Py_NewRef(shape);
    array->dtype = Py_NewRef(dtype);
    if (!fast_make_array(array, shape)) return 0;
    path->width += array->size;
    return 1;
}

static int fast_make_unit(fast_unit *unit, PyObject *row) {
    unsigned long long address, version;
    long long made;
    if (!PyArg_ParseTuple(row, "KnpKL", &address, &unit->scratch, &unit->release, &version, &made)) return 0;
    unit->kernel = (fast_kernel)(uintptr_t)address;
    unit->version = (int64_t *)(uintptr_t)version;
    unit->made = made;
    return 1;
}

static int fast_make_batch(fast_path *path, PyObject *row) {
    unsigned long long wide;
    if (row == Py_None) return 1;
    if (!PyArg_ParseTuple(row, "Knnnnnpin", &wide, &path->wide_scratch, &path->many, &path->least, &path->lines,
                          &path->split, &path->branches, &path->fold, &path->chunk))
        return 0;
    path->wide = (fast_kernel)(uintptr_t)wide;
    return 1;
}

static int fast_make_helpers(fast_path *path, PyObject *row) {
    PyObject **helper[9];
    Py_ssize_t i;
    helper[0] = &path->empty;
    helper[1] = &path->large;
    helper[2] = &path->ndarray;
    helper[3] = &path->float64;
    helper[4] = &path->assemble;
    helper[5] = &path->finish;
    helper[6] = &path->out_leaves;
    helper[7] = &path->threaded;
    helper[8] = &path->owner;
    if (PyTuple_GET_SIZE(row) != 9) {
        PyErr_SetString(PyExc_TypeError, "a fast path needs nine helpers");
        return 0;
    }
    for (i = 0; i < 9; i++) *helper[i] = Py_NewRef(PyTuple_GET_ITEM(row, i));
    return 1;
}

static void *fast_table(Py_ssize_t count, size_t size) { return calloc(count ? count : 1, size); }

/* A path; FastPath in fastcall.py says what the lists hold. */
static PyObject *fast_make(PyObject *nodes, PyObject *arguments, PyObject *captured, int out, PyObject *units,
                           PyObject *batch, PyObject *targets, PyObject *numbers, int form, Py_ssize_t left,
                           PyObject *helpers) {
    fast_path *path = (fast_path *)calloc(1, sizeof(fast_path));
    PyObject *capsule;
    Py_ssize_t i, fine;
    if (path == NULL) return PyErr_NoMemory();
    capsule = PyCapsule_New(path, NULL, fast_free);
    if (capsule == NULL) {
        free(path);
        return NULL;
    }
    path->out = out;
    path->form = form;
    path->left = left;
    path->captured = Py_NewRef(captured);
    path->numbers = PyTuple_GET_SIZE(captured);
    path->node = (fast_node *)fast_table(PyList_GET_SIZE(nodes), sizeof(fast_node));
    path->array = (fast_array *)fast_table(PyList_GET_SIZE(arguments), sizeof(fast_array));
    path->unit = (fast_unit *)fast_table(PyList_GET_SIZE(units), sizeof(fast_unit));
    path->target = (fast_array *)fast_table(PyList_GET_SIZE(targets), sizeof(fast_array));
    path->number = (fast_number *)fast_table(PyList_GET_SIZE(numbers), sizeof(fast_number));
    if (!path->node || !path->array || !path->unit || !path->target || !path->number) {
        Py_DECREF(capsule);
        return PyErr_NoMemory();
    }
    fine = fast_make_helpers(path, helpers) && fast_make_batch(path, batch);
    for (i = 0; fine && i < PyList_GET_SIZE(nodes); i++, path->nodes++)
        fine = fast_make_node(path, &path->node[i], PyList_GET_ITEM(nodes, i));
    for (i = 0; fine && i < PyList_GET_SIZE(arguments); i++, path->arrays++)
        fine = fast_make_argument(&path->array[i], PyList_GET_ITEM(arguments, i));
    for (i = 0; fine && i < PyList_GET_SIZE(units); i++, path->units++)
        fine = fast_make_unit(&path->unit[i], PyList_GET_ITEM(units, i));
    for (i = 0; fine && i < PyList_GET_SIZE(targets); i++, path->targets++)
        fine = fast_make_target(path, &path->target[i], PyList_GET_ITEM(targets, i));
    for (i = 0; fine && i < PyList_GET_SIZE(numbers); i++, path->smalls++)
        fine = PyArg_ParseTuple(PyList_GET_ITEM(numbers, i), "np", &path->number[i].leaf, &path->number[i].truth);
    if (!fine) {
        Py_DECREF(capsule);
        return NULL;
    }
    path->leaves = path->targets + path->smalls;
    path->room = (path->arrays + path->targets) * (sizeof(fast_view) + sizeof(fast_leaf)) + 2 * sizeof(fast_leaf) +
                 (path->numbers + path->smalls + 2) * sizeof(double) +
                 (path->leaves + 1) * sizeof(PyObject *);
    return capsule;
}

/* ---- Reading arguments ---- */

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
static int fast_read_number(const fast_call *call, PyObject *object, double *number) {
    if (PyFloat_CheckExact(object) || (PyObject *)Py_TYPE(object) == call->path->float64) {
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
    return fast_read_number(call, object, &call->numbers[node->size]);
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

/* ---- Memory for the results ---- */

/* The leaves of `out`, which must be nested as `places` is: borrowed, by their numbers. */
static int fast_leaves(PyObject *places, PyObject *out, PyObject **leaves) {
    Py_ssize_t i;
    if (!PyTuple_CheckExact(places)) {
        leaves[PyLong_AsSsize_t(places)] = out;
        return 1;
    }
    if (!PyTuple_CheckExact(out) || PyTuple_GET_SIZE(out) != PyTuple_GET_SIZE(places)) return 0;
    for (i = 0; i < PyTuple_GET_SIZE(out); i++)
        if (!fast_leaves(PyTuple_GET_ITEM(places, i), PyTuple_GET_ITEM(out, i), leaves)) return 0;
    return 1;
}

/* The leaves of `out`, whatever its structure. */
static int fast_given(fast_call *call, PyObject *out) {
    const fast_path *path = call->path;
    Py_ssize_t i;
    if (path->finish != Py_None) return 0;
    if (path->form == 0) {
        call->given[0] = out;
        return 1;
    }
    if (PyTuple_Check(path->assemble)) return fast_leaves(path->assemble, out, call->given);
    call->kept = PyObject_CallOneArg(path->out_leaves, out);
    if (call->kept == NULL) return -1;
    if (!PyList_CheckExact(call->kept) || PyList_GET_SIZE(call->kept) != path->leaves) return 0;
    for (i = 0; i < path->leaves; i++) call->given[i] = PyList_GET_ITEM(call->kept, i);
    return 1;
}

static PyObject *fast_call_two(PyObject *function, PyObject *one, PyObject *two) {
    PyObject *args[3];
    args[0] = NULL; /* a place that the callee may use */
    args[1] = one;
    args[2] = two;
    return PyObject_Vectorcall(function, args + 1, 2 | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
}

static PyObject *fast_new(const fast_call *call, const fast_array *array) {
    const fast_path *path = call->path;
    Py_ssize_t i, inner = array->axes;
    PyObject *shape, *count, *made;
    if (array->axis < 0 && array->code == 'd') return PyObject_CallOneArg(path->empty, array->tuple);
    if (array->axis < 0) return fast_call_two(path->empty, array->tuple, array->dtype);
    shape = PyTuple_New(inner + 1);
    count = PyLong_FromSsize_t(call->lanes);
    if (shape == NULL || count == NULL) {
        Py_XDECREF(shape);
        Py_XDECREF(count);
        return NULL;
    }
    PyTuple_SET_ITEM(shape, 0, count);
    for (i = 0; i < inner; i++) PyTuple_SET_ITEM(shape, i + 1, Py_NewRef(PyTuple_GET_ITEM(array->tuple, i)));
    made = fast_call_two(array->size * array->width * call->lanes >= FAST_LARGE ? path->large : path->empty, shape,
                         array->dtype);
    Py_DECREF(shape);
    return made;
}

static void fast_span(const fast_ndarray *array, const char **low, const char **high) {
    int i;
    *low = *high = array->data;
    for (i = 0; i < array->axes; i++) {
        if (array->shape[i] == 0) {
            *low = *high = array->data;
            return;
        }
        if (array->strides[i] < 0) *low += (array->shape[i] - 1) * array->strides[i];
        else *high += (array->shape[i] - 1) * array->strides[i];
    }
    *high += array->dtype->code == 'f' ? 4 : 8;
}

static int fast_overlap(const fast_ndarray *a, const fast_ndarray *b) {
    const char *low, *high, *begin, *end;
    fast_span(a, &low, &high);
    fast_span(b, &begin, &end);
    return low < end && begin < high;
}

static int64_t fast_far(int64_t x) { return x < 0 ? -x : x; }

/* Whether the kernel may write to target `k`, an array of the user's: no two of its numbers share memory, and nothing
 * else that is read or written lies there. */
static int fast_in_place(const fast_call *call, Py_ssize_t k) {
    const fast_array *array = &call->path->target[k];
    const fast_leaf *leaf = &call->outs[k];
    Py_ssize_t i;
    if (array->axis >= 0) {
        if (leaf->element == array->width) {
            if (fast_far(leaf->lane) < array->size * array->width) return 0;
        } else if (fast_far(leaf->element) < call->lanes * array->width) return 0;
    }
    for (i = 0; i < call->path->arrays; i++)
        if (call->in[i].copy == NULL && fast_overlap(call->into[k].array, call->in[i].array)) return 0;
    for (i = 0; i < k; i++)
        if (fast_overlap(call->into[k].array, call->into[i].array)) return 0;
    return 1;
}

static int fast_targets(fast_call *call, PyObject *out) {
    const fast_path *path = call->path;
    Py_ssize_t k, lanes;
    int status;
    if (path->fold) return out == NULL;
    if (out != NULL && (status = fast_given(call, out)) <= 0) return status;
    for (k = 0; k < path->smalls; k++)
        if (out != NULL && call->given[path->number[k].leaf] != Py_None) return 0;
    for (k = 0; k < path->targets; k++) {
        const fast_array *array = &path->target[k];
        PyObject *given = out == NULL ? Py_None : call->given[array->leaf];
        PyObject *made = given == Py_None ? fast_new(call, array) : Py_NewRef(given);
        if (made == NULL) return -1;
        status = fast_open(call, array, made, 1, &call->into[k], &call->outs[k], &lanes);
        Py_DECREF(made); /* the view holds it now, if it fits */
        if (status != 1 || lanes != call->lanes) return 0;
        if (given != Py_None && !fast_in_place(call, k)) return 0;
    }
    call->outs[path->targets].base = call->found;
    call->outs[path->targets].lane = 0;
    call->outs[path->targets].element = 8;
    return 1;
}

/* ---- Running the code ---- */

static char *fast_aligned(char *scratch) { return scratch + (-(uintptr_t)scratch & 63); }

/* Run the units until one fits; it is tried first from then on. */
static int fast_units(fast_call *call) {
    fast_path *path = call->path;
    char stack[FAST_SCRATCH + 64], *heap = NULL, *scratch;
    Py_ssize_t room = FAST_SCRATCH, i;
    int64_t route = -1;
    for (i = 0; i < path->units && route < 0; i++) {
        fast_unit unit = path->unit[i]; /* a copy, as another thread may reorder them meanwhile */
        if (*unit.version != unit.made) break;
        if (unit.scratch > room) {
            free(heap);
            heap = (char *)malloc(unit.scratch + 64);
            if (heap == NULL) {
                PyErr_NoMemory();
                return -1;
            }
            room = unit.scratch;
        }
        scratch = fast_aligned(heap == NULL ? stack : heap);
        if (unit.release) {
            Py_BEGIN_ALLOW_THREADS
            route = unit.kernel(0, 1, 1, call->ins, call->outs, scratch, NULL);
            Py_END_ALLOW_THREADS
        } else route = unit.kernel(0, 1, 1, call->ins, call->outs, scratch, NULL);
        if (route >= 0 && i > 0 && path->unit[i].kernel == unit.kernel) {
            memmove(&path->unit[1], &path->unit[0], i * sizeof(fast_unit));
            path->unit[0] = unit;
        }
    }
    free(heap);
    return route >= 0;
}

static int fast_threaded(fast_call *call, fast_leaf *outs, char *unmatched) {
    PyObject *result = PyObject_CallFunction(call->path->threaded, "nKKK", call->lanes,
                                             (unsigned long long)(uintptr_t)call->ins,
                                             (unsigned long long)(uintptr_t)outs,
                                             (unsigned long long)(uintptr_t)unmatched);
    int some;
    if (result == NULL) return -1;
    some = PyObject_IsTrue(result);
    Py_DECREF(result);
    return !some;
}

/* Run the kernel over all lanes; 0 where some take an unknown route. */
static int fast_lanes(fast_call *call, fast_leaf *outs) {
    const fast_path *path = call->path;
    int wide = path->wide != NULL && call->lanes >= path->many, status;
    fast_kernel kernel = wide ? path->wide : path->unit[0].kernel;
    Py_ssize_t size = wide ? path->wide_scratch : path->unit[0].scratch, lanes = call->lanes;
    char stack[FAST_SCRATCH + 64], *heap = NULL, *scratch = stack, *unmatched = NULL;
    int64_t some;
    if (path->branches && (unmatched = (char *)calloc(lanes, 1)) == NULL) goto memory;
    if (lanes >= path->split / path->lines) {
        status = fast_threaded(call, outs, unmatched);
        free(unmatched);
        return status;
    }
    if (size > FAST_SCRATCH && (scratch = heap = (char *)malloc(size + 64)) == NULL) goto memory;
    scratch = fast_aligned(scratch);
    if (lanes >= FAST_RELEASED / path->lines) {
        Py_BEGIN_ALLOW_THREADS
        some = kernel(0, lanes, lanes, call->ins, outs, scratch, unmatched);
        Py_END_ALLOW_THREADS
    } else some = kernel(0, lanes, lanes, call->ins, outs, scratch, unmatched);
    free(unmatched);
    free(heap);
    return some == 0;
memory:
    free(unmatched);
    PyErr_NoMemory();
    return -1;
}

/* Run the kernel over all lanes, and add up their results, row after row. */
static int fast_fold(fast_call *call) {
    const fast_path *path = call->path;
    Py_ssize_t rest = call->lanes % path->chunk, rows = call->lanes / path->chunk + (rest >= path->least), i, j;
    fast_leaf outs[1];
    int status;
    if (rows < 1) rows = 1;
    call->sums = (double *)malloc(sizeof(double) * (rows * path->width + 1));
    if (call->sums == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    outs[0].base = call->sums;
    outs[0].lane = 0;
    outs[0].element = 8;
    if ((status = fast_lanes(call, outs)) <= 0) return status;
    for (i = 1; i < rows; i++)
        for (j = 0; j < path->width; j++) call->sums[j] += call->sums[i * path->width + j];
    if (path->fold == 2)
        for (j = 0; j < path->width; j++) call->sums[j] /= (double)call->lanes;
    return 1;
}

static int fast_compute(fast_call *call) {
    const fast_path *path = call->path;
    if (!path->least) return fast_units(call);
    return path->fold ? fast_fold(call) : fast_lanes(call, call->outs);
}

/* ---- Results ---- */

/* Result `k` of a batch that is summed. */
static PyObject *fast_sum(const fast_call *call, const fast_array *array, const double *sums) {
    PyObject *made;
    char *data;
    Py_ssize_t i;
    if (array->dtype == Py_None) return PyFloat_FromDouble(sums[0]);
    made = fast_call_two(call->path->empty, array->tuple, array->dtype);
    if (made == NULL) return NULL;
    data = ((fast_ndarray *)made)->data;
    for (i = 0; i < array->size; i++) {
        if (array->code == 'f') ((float *)data)[i] = (float)sums[i];
        else ((double *)data)[i] = sums[i];
    }
    return made;
}

/* Numbers as a tuple of floats. */
static PyObject *fast_floats(const double *numbers, Py_ssize_t count) {
    PyObject *found = PyTuple_New(count), *one;
    Py_ssize_t i;
    for (i = 0; found != NULL && i < count; i++) {
        one = PyFloat_FromDouble(numbers[i]);
        if (one == NULL) Py_CLEAR(found);
        else PyTuple_SET_ITEM(found, i, one);
    }
    return found;
}

static PyObject *fast_finished(fast_call *call) {
    const fast_path *path = call->path;
    PyObject *numbers = path->fold ? fast_floats(call->sums, path->width) : fast_floats(call->found, path->smalls);
    PyObject *arrays = PyTuple_New(path->fold ? 0 : path->targets), *result = NULL;
    Py_ssize_t k;
    if (numbers != NULL && arrays != NULL) {
        for (k = 0; k < path->targets && !path->fold; k++) PyTuple_SET_ITEM(arrays, k, Py_NewRef((PyObject *)call->into[k].array));
        result = PyObject_CallFunction(path->finish, "OOn", arrays, numbers, call->lanes);
    }
    Py_XDECREF(numbers);
    Py_XDECREF(arrays);
    return result;
}

static PyObject *fast_number_of(const fast_number *number, double x) {
    return number->truth ? PyBool_FromLong(x != 0) : PyFloat_FromDouble(x);
}

/* Nested tuples like `places`, in which the numbers of the leaves stand, with the leaves in their places. */
static PyObject *fast_nested(PyObject *places, PyObject *leaves) {
    Py_ssize_t i;
    PyObject *made, *one;
    if (!PyTuple_CheckExact(places)) return Py_NewRef(PyTuple_GET_ITEM(leaves, PyLong_AsSsize_t(places)));
    made = PyTuple_New(PyTuple_GET_SIZE(places));
    for (i = 0; made != NULL && i < PyTuple_GET_SIZE(places); i++) {
        one = fast_nested(PyTuple_GET_ITEM(places, i), leaves);
        if (one == NULL) Py_CLEAR(made);
        else PyTuple_SET_ITEM(made, i, one);
    }
    return made;
}

/* The leaves of the results, in a tuple. */
static PyObject *fast_leaves_made(fast_call *call) {
    const fast_path *path = call->path;
    PyObject *leaves = PyTuple_New(path->leaves), *one;
    const double *sums = call->sums;
    Py_ssize_t k;
    if (leaves == NULL) return NULL;
    for (k = 0; k < path->targets; k++) {
        if (path->fold) {
            one = fast_sum(call, &path->target[k], sums);
            if (one == NULL) goto failed;
            sums += path->target[k].size;
        } else one = Py_NewRef((PyObject *)call->into[k].array);
        PyTuple_SET_ITEM(leaves, path->target[k].leaf, one);
    }
    for (k = 0; k < path->smalls; k++) {
        one = fast_number_of(&path->number[k], call->found[k]);
        if (one == NULL) goto failed;
        PyTuple_SET_ITEM(leaves, path->number[k].leaf, one);
    }
    return leaves;
failed:
    Py_DECREF(leaves);
    return NULL;
}

/* The results, in their structure. */
static PyObject *fast_results(fast_call *call) {
    const fast_path *path = call->path;
    PyObject *leaves, *result;
    if (path->finish != Py_None) return fast_finished(call);
    if (path->form == 0) {
        if (path->smalls) return fast_number_of(&path->number[0], call->found[0]);
        return path->fold ? fast_sum(call, &path->target[0], call->sums) : Py_NewRef((PyObject *)call->into[0].array);
    }
    leaves = fast_leaves_made(call);
    if (leaves == NULL || path->form == 1) return leaves;
    result = PyTuple_Check(path->assemble) ? fast_nested(path->assemble, leaves)
                                           : PyObject_CallOneArg(path->assemble, leaves);
    Py_DECREF(leaves);
    return result;
}

/* ---- The call ---- */

static int fast_begin(fast_call *call, fast_path *path, char *stack) {
    char *room = stack;
    Py_ssize_t k;
    call->path = path;
    call->kept = NULL;
    call->sums = NULL;
    call->heap = NULL;
    if (path->room > FAST_ROOM && (room = (char *)(call->heap = malloc(path->room))) == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    call->in = (fast_view *)room;
    call->into = call->in + path->arrays;
    call->ins = (fast_leaf *)(call->into + path->targets);
    call->outs = call->ins + path->arrays + 1;
    call->numbers = (double *)(call->outs + path->targets + 1);
    call->found = call->numbers + path->numbers + 1;
    call->given = (PyObject **)(call->found + path->smalls + 1);
    call->numbers[0] = 0.0; /* a kernel has a place for numbers even where there are none */
    for (k = 0; k < path->arrays + path->targets; k++) {
        call->in[k].array = NULL;
        call->in[k].copy = NULL;
    }
    return 1;
}

static void fast_end(fast_call *call) {
    const fast_path *path = call->path;
    Py_ssize_t k;
    for (k = 0; k < path->arrays + path->targets; k++) {
        Py_XDECREF((PyObject *)call->in[k].array);
        if (call->in[k].copy != NULL) free(call->in[k].copy);
    }
    Py_XDECREF(call->kept);
    free(call->sums);
    free(call->heap);
}

/* What `out` is, borrowed; NULL where it is not given, or where it is an argument. 0: Python must look at it. */
static int fast_find_out(const fast_path *path, PyObject *kwargs, PyObject **out) {
    static PyObject *name = NULL;
    *out = NULL;
    if (path->out == 2 || kwargs == NULL || PyDict_GET_SIZE(kwargs) == 0) return 1;
    *out = PyDict_GetItemWithError(kwargs, fast_name(&name, "out"));
    if (*out == NULL && PyErr_Occurred()) PyErr_Clear();
    return *out == NULL || *out == Py_None || path->out == 0;
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

/* How many calls a path serves until Python looks for better code; -1: for ever. */
static Py_ssize_t fast_left(PyObject *capsule) {
    fast_path *path = (fast_path *)PyCapsule_GetPointer(capsule, NULL);
    return path == NULL ? -2 : path->left;
}

/* The result of a call, or NotImplemented where the path is not for it. */
static PyObject *fast_run(PyObject *capsule, PyObject *args, PyObject *kwargs) {
    fast_path *path = (fast_path *)PyCapsule_GetPointer(capsule, NULL);
    union {
        double align;
        char room[FAST_ROOM];
    } stack;
    fast_call call;
    PyObject *out, *result = NULL;
    int status;
    if (path == NULL) return NULL;
    if (path->left == 0 || !fast_find_out(path, kwargs, &out)) Py_RETURN_NOTIMPLEMENTED;
    if (path->least && *path->unit[0].version != path->unit[0].made) Py_RETURN_NOTIMPLEMENTED;
    if (fast_begin(&call, path, stack.room) < 0) return NULL;
    status = fast_read(&call, args, kwargs, out);
    if (status > 0) status = fast_targets(&call, out == Py_None ? NULL : out);
    if (status > 0) status = fast_compute(&call);
    if (status > 0) {
        if (path->left > 0) path->left--;
        result = fast_results(&call);
    } else if (status == 0) result = Py_NewRef(Py_NotImplemented);
    fast_end(&call);
    return result;
}
