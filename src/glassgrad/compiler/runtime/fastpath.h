/* What a fast path is: everything that a call checks and does on its way into machine code, in tables.
 *
 * Python describes a path by lists and tuples, as FastPath in fastcall.py says. `fast_make` copies them into the struct
 * `fast_path` once, so that a call reads plain C tables: the nodes of the arguments, the arrays among them, the kernels,
 * the arrays among the results, and the nodes of the results.
 */

#ifndef GLASSGRAD_FASTPATH
#define GLASSGRAD_FASTPATH

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define FAST_AXES 8 /* of an array, at most */
#define FAST_PLAIN 64 /* numbers of a plain call, at most */
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

/* The arguments are described by a list of nodes, each before its children, and so are the results. `size` is the number
 * of children of a container, and the place of a number or array among the others. Results are made of tuples, arrays,
 * numbers, and truths: numbers that Python gets as True or False. */
enum { FAST_NONE, FAST_NUMBER, FAST_ARRAY, FAST_TUPLE, FAST_LIST, FAST_DICT, FAST_TRUTH, FAST_INTEGER };

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
    Py_ssize_t offset; /* the place of its first number among all numbers of a lane */
} fast_array;

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
    int plain; /* arguments and results are numbers only, with no names, no more than FAST_PLAIN of either */
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
    fast_node *result; /* the nodes of the results */
    fast_array *target; /* the arrays among them */
    Py_ssize_t results, targets, smalls, width; /* how many nodes, arrays, numbers; `width`: all numbers of a lane */
    PyObject *assemble; /* assemble(leaves), for a structure that is not made of tuples; else None */
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

static void fast_free(fast_path *path) {
    Py_ssize_t i;
    if (path == NULL) return; /* making it failed */
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
    free(path->result);
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

static int fast_make_result(fast_node *node, PyObject *row) {
    return PyArg_ParseTuple(row, "in", &node->kind, &node->size);
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
    if (!PyArg_ParseTuple(row, "O!ipsO", &PyTuple_Type, &shape, &array->axis, &array->contiguous, &code, &dtype))
        return 0;
    array->code = code[0];
    array->width = code[0] == 'f' ? 4 : 8;
    array->tuple = Py_NewRef(shape);
    array->dtype = Py_NewRef(dtype);
    if (!fast_make_array(array, shape)) return 0;
    array->offset = path->width;
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

/* Whether a call needs no more than `fast_plain`. */
static int fast_is_plain(const fast_path *path) {
    Py_ssize_t i, positional = path->node[0].size; /* a node each, and one for the dict of the others */
    for (i = 0; i < path->nodes; i++)
        if (path->node[i].kind == FAST_INTEGER) return 0;
    return !path->least && path->finish == Py_None && path->assemble == Py_None && !path->arrays && !path->targets &&
           PyTuple_GET_SIZE(path->captured) == 0 && path->numbers == positional && path->nodes == positional + 2 &&
           path->numbers <= FAST_PLAIN && path->smalls <= FAST_PLAIN;
}

/* Fill in the tables; 0 is an error. */
static int fast_fill(fast_path *path, PyObject *nodes, PyObject *arguments, PyObject *units, PyObject *batch,
                     PyObject *results, PyObject *targets, PyObject *helpers) {
    Py_ssize_t i;
    int fine;
    path->node = (fast_node *)fast_table(PyList_GET_SIZE(nodes), sizeof(fast_node));
    path->array = (fast_array *)fast_table(PyList_GET_SIZE(arguments), sizeof(fast_array));
    path->unit = (fast_unit *)fast_table(PyList_GET_SIZE(units), sizeof(fast_unit));
    path->result = (fast_node *)fast_table(PyList_GET_SIZE(results), sizeof(fast_node));
    path->target = (fast_array *)fast_table(PyList_GET_SIZE(targets), sizeof(fast_array));
    if (!path->node || !path->array || !path->unit || !path->result || !path->target) {
        PyErr_NoMemory();
        return 0;
    }
    fine = fast_make_helpers(path, helpers) && fast_make_batch(path, batch);
    for (i = 0; fine && i < PyList_GET_SIZE(nodes); i++, path->nodes++)
        fine = fast_make_node(path, &path->node[i], PyList_GET_ITEM(nodes, i));
    for (i = 0; fine && i < PyList_GET_SIZE(arguments); i++, path->arrays++)
        fine = fast_make_argument(&path->array[i], PyList_GET_ITEM(arguments, i));
    for (i = 0; fine && i < PyList_GET_SIZE(units); i++, path->units++)
        fine = fast_make_unit(&path->unit[i], PyList_GET_ITEM(units, i));
    for (i = 0; fine && i < PyList_GET_SIZE(results); i++, path->results++)
        fine = fast_make_result(&path->result[i], PyList_GET_ITEM(results, i));
    for (i = 0; fine && i < PyList_GET_SIZE(targets); i++, path->targets++)
        fine = fast_make_target(path, &path->target[i], PyList_GET_ITEM(targets, i));
    return fine;
}

/* A path, or NULL for an error. FastPath in fastcall.py says what the lists hold. */
static fast_path *fast_make(PyObject *nodes, PyObject *arguments, PyObject *captured, int out, PyObject *units,
                            PyObject *batch, PyObject *results, PyObject *targets, Py_ssize_t smalls, Py_ssize_t left,
                            PyObject *helpers) {
    fast_path *path = (fast_path *)calloc(1, sizeof(fast_path));
    if (path == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    path->out = out;
    path->left = left;
    path->captured = Py_NewRef(captured);
    path->numbers = PyTuple_GET_SIZE(captured);
    path->smalls = smalls;
    if (!fast_fill(path, nodes, arguments, units, batch, results, targets, helpers)) {
        fast_free(path);
        return NULL;
    }
    path->plain = fast_is_plain(path);
    path->room = (path->arrays + path->targets) * (sizeof(fast_view) + sizeof(fast_leaf)) + 2 * sizeof(fast_leaf) +
                 (path->numbers + path->smalls + 2) * sizeof(double) + (path->targets + 1) * sizeof(PyObject *);
    return path;
}

/* How many calls a path serves until Python looks for better code; -1: for ever. */
static Py_ssize_t fast_left(const fast_path *path) { return path->left; }

#endif
