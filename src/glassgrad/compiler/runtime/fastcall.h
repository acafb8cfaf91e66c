/* The fast path of a call into machine code. It serves calls that look like one before: arguments of the same structure,
 * types and shapes are read where they lie, results are written where they belong, and no Python runs in between.
 *
 * A path checks everything that it assumes, at every call. If anything differs it returns NotImplemented, and Python
 * finds out what the call is. Nothing has changed by then, with one exception: if some lanes of a batch take an unknown
 * route through the branches, the results of the other lanes may be in `out` already.
 *
 * The steps of a call, in their order:
 *   fast_read     (fastargs.h) walk the arguments, note numbers, and open arrays
 *   fast_targets  (fastresults.h) find or make the arrays for the results
 *   fast_compute  run the machine code: `fast_units` for one call, `fast_lanes` and `fast_fold` for a batch
 *   fast_results  (fastresults.h) put the results into their structure
 *
 * If arguments and results are numbers only, as in `f(1.0, 2.0)`, `fast_plain` does all that in a few lines.
 */

#ifndef GLASSGRAD_FASTCALL
#define GLASSGRAD_FASTCALL

#include "fastresults.h"

/* ---- One call ---- */

static char *fast_aligned(char *scratch) { return scratch + (-(uintptr_t)scratch & 63); }

/* Run the units until one fits; it is tried first from then on. */
static int fast_units(fast_path *path, fast_leaf *ins, fast_leaf *outs) {
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
            route = unit.kernel(0, 1, 1, ins, outs, scratch, NULL);
            Py_END_ALLOW_THREADS
        } else route = unit.kernel(0, 1, 1, ins, outs, scratch, NULL);
        if (route >= 0 && i > 0 && path->unit[i].kernel == unit.kernel) {
            memmove(&path->unit[1], &path->unit[0], i * sizeof(fast_unit));
            path->unit[0] = unit;
        }
    }
    if (heap != NULL) free(heap);
    return route >= 0;
}

/* ---- A batch ---- */

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

/* ---- The call ---- */

static int fast_compute(fast_call *call) {
    const fast_path *path = call->path;
    if (!path->least) return fast_units(call->path, call->ins, call->outs);
    return path->fold ? fast_fold(call) : fast_lanes(call, call->outs);
}

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
    if (call->sums != NULL) free(call->sums);
    if (call->heap != NULL) free(call->heap);
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

/* A call whose arguments and results are numbers only: it needs no tables. */
static PyObject *fast_plain(fast_path *path, PyObject *args) {
    double numbers[FAST_PLAIN], found[FAST_PLAIN];
    fast_leaf in = {numbers, 0, 8}, into = {found, 0, 8};
    fast_call call;
    const fast_node *next = path->result;
    Py_ssize_t i;
    int status;
    if (PyTuple_GET_SIZE(args) != path->numbers) Py_RETURN_NOTIMPLEMENTED;
    numbers[0] = 0.0; /* a kernel has a place for numbers even where there are none */
    for (i = 0; i < path->numbers; i++)
        if (!fast_read_number(path, PyTuple_GET_ITEM(args, i), &numbers[i])) Py_RETURN_NOTIMPLEMENTED;
    status = fast_units(path, &in, &into);
    if (status < 0) return NULL;
    if (status == 0) Py_RETURN_NOTIMPLEMENTED;
    if (path->left > 0) path->left--;
    call.path = path;
    call.found = found;
    return fast_build(&call, &next);
}

/* Any other call. */
static PyObject *fast_full(fast_path *path, PyObject *args, PyObject *kwargs) {
    union {
        double align;
        char room[FAST_ROOM];
    } stack;
    fast_call call;
    PyObject *out, *result = NULL;
    int status;
    if (!fast_find_out(path, kwargs, &out)) Py_RETURN_NOTIMPLEMENTED;
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

/* The result of a call, or NotImplemented where the path is not for it. */
static PyObject *fast_run(fast_path *path, PyObject *args, PyObject *kwargs) {
    if (path->left == 0) Py_RETURN_NOTIMPLEMENTED;
    if (path->plain && PyDict_GET_SIZE(kwargs) == 0) return fast_plain(path, args);
    return fast_full(path, args, kwargs);
}

#endif
