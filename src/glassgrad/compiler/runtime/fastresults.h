/* The results of a call: memory before the kernel runs, and their structure after it.
 *
 * `fast_targets` finds an array for each array among the results: one that the user gave as `out`, or a new one.
 * `fast_results` puts arrays and numbers into tuples, along the nodes of the results. A structure of another kind, such
 * as a dict, is made by a function of Python's.
 */

#ifndef GLASSGRAD_FASTRESULTS
#define GLASSGRAD_FASTRESULTS

#include "fastargs.h"

/* ---- Memory ---- */

/* Walk `out` along the nodes of the results, and note what is given for each target. 0: it is nested in another way, or
 * has something in the place of a number. */
static int fast_walk_out(const fast_call *call, PyObject *out, const fast_node **next) {
    const fast_node *node = (*next)++;
    Py_ssize_t i;
    if (node->kind == FAST_ARRAY) {
        call->given[node->size] = out;
        return 1;
    }
    if (node->kind != FAST_TUPLE) return out == Py_None;
    if (!PyTuple_CheckExact(out) || PyTuple_GET_SIZE(out) != node->size) return 0;
    for (i = 0; i < node->size; i++)
        if (!fast_walk_out(call, PyTuple_GET_ITEM(out, i), next)) return 0;
    return 1;
}

/* Note what `out` gives, whatever its structure. */
static int fast_given(fast_call *call, PyObject *out) {
    const fast_path *path = call->path;
    const fast_node *next = path->result;
    Py_ssize_t i, leaves;
    if (path->finish != Py_None) return 0;
    if (path->assemble == Py_None) return fast_walk_out(call, out, &next);
    leaves = next++->size;
    call->kept = PyObject_CallOneArg(path->out_leaves, out);
    if (call->kept == NULL) return -1;
    if (!PyList_CheckExact(call->kept) || PyList_GET_SIZE(call->kept) != leaves) return 0;
    for (i = 0; i < leaves; i++)
        if (!fast_walk_out(call, PyList_GET_ITEM(call->kept, i), &next)) return 0;
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
    for (k = 0; k < path->targets; k++) {
        const fast_array *array = &path->target[k];
        PyObject *given = out == NULL ? Py_None : call->given[k];
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

/* ---- Structure ---- */

/* The result `array` of a batch that is summed. */
static PyObject *fast_sum(const fast_call *call, const fast_array *array) {
    const double *sums = call->sums + array->offset;
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

/* The results as Python puts them together. */
static PyObject *fast_finished(const fast_call *call) {
    const fast_path *path = call->path;
    PyObject *numbers = path->fold ? fast_floats(call->sums, path->width) : fast_floats(call->found, path->smalls);
    PyObject *arrays = PyTuple_New(path->fold ? 0 : path->targets), *result = NULL;
    Py_ssize_t k;
    if (numbers != NULL && arrays != NULL) {
        for (k = 0; k < PyTuple_GET_SIZE(arrays); k++)
            PyTuple_SET_ITEM(arrays, k, Py_NewRef((PyObject *)call->into[k].array));
        result = PyObject_CallFunction(path->finish, "OOn", arrays, numbers, call->lanes);
    }
    Py_XDECREF(numbers);
    Py_XDECREF(arrays);
    return result;
}

/* Make results along their nodes, from the one at `next` on. */
static PyObject *fast_build(const fast_call *call, const fast_node **next) {
    const fast_node *node = (*next)++;
    PyObject *made, *one;
    Py_ssize_t i;
    switch (node->kind) {
    case FAST_NUMBER: return PyFloat_FromDouble(call->found[node->size]);
    case FAST_TRUTH: return PyBool_FromLong(call->found[node->size] != 0);
    case FAST_ARRAY:
        if (call->path->fold) return fast_sum(call, &call->path->target[node->size]);
        return Py_NewRef((PyObject *)call->into[node->size].array);
    }
    made = PyTuple_New(node->size);
    for (i = 0; made != NULL && i < node->size; i++) {
        one = fast_build(call, next);
        if (one == NULL) Py_CLEAR(made);
        else PyTuple_SET_ITEM(made, i, one);
    }
    return made;
}

/* The results, in their structure. */
static PyObject *fast_results(const fast_call *call) {
    const fast_path *path = call->path;
    const fast_node *next = path->result;
    PyObject *leaves, *result;
    if (path->finish != Py_None) return fast_finished(call);
    leaves = fast_build(call, &next);
    if (leaves == NULL || path->assemble == Py_None) return leaves;
    result = PyObject_CallOneArg(path->assemble, leaves);
    Py_DECREF(leaves);
    return result;
}

#endif
