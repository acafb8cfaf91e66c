/* An allocator for nodes: blocks of one size, in slabs of 2 MB.
 *
 * Why: Python's own allocator returns memory to the system page by page, and then asks for it again. If a program
 * builds and drops graphs of millions of nodes in turn, these page faults cost more than the nodes. A slab is one huge
 * page where the system has them, so one page fault serves 20,000 nodes.
 *
 * How: slabs are aligned to their size, so a node's address gives its slab. A slab starts with its header. Its free
 * nodes form a linked list. Up to SPARE empty slabs are kept for reuse; any others are returned to the system.
 *
 * All of this runs while the interpreter's lock is held. */

#include <string.h>
#if defined(_WIN32)
#include <malloc.h>
#else
#include <stdlib.h>
#include <sys/mman.h>
#endif

#define SLAB_BYTES ((size_t)1 << 21)
#define SPARE 64

typedef struct slab {
    struct slab *next, *before; /* neighbours in the list of slabs with room; the current slab is not in it */
    void *free;                 /* the first free node; each free node holds the address of the next */
    char *fresh, *end;          /* the memory that no node has used yet */
    size_t live;                /* the number of nodes in use */
    int has_room;               /* whether it is in the list of slabs with room */
} slab;

static size_t slab_node_bytes = 0;
static slab *slab_current = NULL, *slab_roomy = NULL, *slab_spare = NULL;
static int slab_spares = 0;

static slab *slab_map(void) {
#if defined(__linux__)
    char *raw = (char *)mmap(NULL, 2 * SLAB_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *aligned;
    if (raw == (char *)MAP_FAILED) return NULL;
    aligned = (char *)(((size_t)raw + SLAB_BYTES - 1) & ~(SLAB_BYTES - 1));
    if (aligned > raw) munmap(raw, aligned - raw);
    if (raw + SLAB_BYTES > aligned) munmap(aligned + SLAB_BYTES, raw + SLAB_BYTES - aligned);
#if defined(MADV_HUGEPAGE)
    madvise(aligned, SLAB_BYTES, MADV_HUGEPAGE);
#endif
    return (slab *)aligned;
#elif defined(_WIN32)
    return (slab *)_aligned_malloc(SLAB_BYTES, SLAB_BYTES);
#else
    void *aligned = NULL;
    return posix_memalign(&aligned, SLAB_BYTES, SLAB_BYTES) ? NULL : (slab *)aligned;
#endif
}

static void slab_unmap(slab *s) {
#if defined(__linux__)
    munmap(s, SLAB_BYTES);
#elif defined(_WIN32)
    _aligned_free(s);
#else
    free(s);
#endif
}

static void slab_list(slab *s) {
    s->next = slab_roomy;
    s->before = NULL;
    if (slab_roomy) slab_roomy->before = s;
    slab_roomy = s;
    s->has_room = 1;
}

static void slab_unlist(slab *s) {
    if (s->before) s->before->next = s->next;
    else slab_roomy = s->next;
    if (s->next) s->next->before = s->before;
    s->has_room = 0;
}

static int slab_next(void) { /* make a slab that has room the current one */
    slab *s = slab_roomy;
    if (s) {
        slab_unlist(s);
    } else {
        if (slab_spare) {
            s = slab_spare;
            slab_spare = s->next;
            slab_spares--;
        } else if ((s = slab_map()) == NULL) {
            return 0;
        }
        s->free = NULL;
        s->fresh = (char *)s + ((sizeof(slab) + 63) & ~(size_t)63);
        s->end = (char *)s + SLAB_BYTES;
        s->live = 0;
        s->has_room = 0;
    }
    slab_current = s;
    return 1;
}

static PyObject *slab_alloc(PyTypeObject *type, Py_ssize_t items) {
    slab *s = slab_current;
    void *node;
    (void)items;
    if (s == NULL || (s->free == NULL && s->fresh + slab_node_bytes > s->end)) {
        if (!slab_next()) return PyErr_NoMemory();
        s = slab_current;
    }
    if (s->free) {
        node = s->free;
        s->free = *(void **)node;
    } else {
        node = s->fresh;
        s->fresh += slab_node_bytes;
    }
    s->live++;
    memset(node, 0, slab_node_bytes);
    return PyObject_Init((PyObject *)node, type);
}

static void slab_free(void *node) {
    slab *s = (slab *)((size_t)node & ~(SLAB_BYTES - 1));
    *(void **)node = s->free;
    s->free = node;
    if (--s->live == 0 && s != slab_current) {
        if (s->has_room) slab_unlist(s);
        if (slab_spares < SPARE) {
            s->next = slab_spare;
            slab_spare = s;
            slab_spares++;
        } else {
            slab_unmap(s);
        }
    } else if (!s->has_room && s != slab_current) {
        slab_list(s);
    }
}

static void slab_serve(PyObject *type) { /* allocate instances of `type`, but not of its subclasses, in slabs */
    slab_node_bytes = (size_t)((PyTypeObject *)type)->tp_basicsize;
    ((PyTypeObject *)type)->tp_alloc = slab_alloc;
    ((PyTypeObject *)type)->tp_free = slab_free;
    PyType_Modified((PyTypeObject *)type);
}
