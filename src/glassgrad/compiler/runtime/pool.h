/* A pool of threads that share the work of a batch. They never run Python code and never hold Python's lock.
 *
 * A batch is a *job*: a kernel, and parts, each a range of lanes. The thread that calls, the *caller*, posts the job to
 * *slots*, one for each other thread. It then runs parts itself until none is left, takes the job back from slots whose
 * threads have not begun, and waits for the others. Only then does it return. So no use of a job outlives its call.
 *
 * A slot's state is one atomic word. It says:
 *
 *     EMPTY        the slot has no thread yet
 *     SPINNING     the thread reads the word again and again
 *     SLEEPING     the thread waits for its bell
 *     WORKING      the thread runs parts of a job
 *     JOB          (the job's address) the job is posted, and the thread has not begun it
 *
 * These are all moves from one state to another, each by one atomic operation on the word:
 *
 *     move      who      from      to        operation  order    then
 *     hire      caller   EMPTY     JOB       change     acq_rel  start the thread
 *     dismiss   caller   JOB       EMPTY     store      release  (only where the thread could not be started)
 *     post      caller   SPINNING  JOB       change     acq_rel  -
 *     wake      caller   SLEEPING  JOB       change     acq_rel  ring the bell
 *     recall    caller   JOB       SPINNING  change     acq_rel  -
 *     take      thread   JOB       WORKING   change     acq_rel  work on the job
 *     finish    thread   WORKING   SPINNING  store      release  add 1 to the job's `finished`, in order release
 *     doze      thread   SPINNING  SLEEPING  change     acq_rel  wait for the bell
 *
 * A `change` is a compare-and-swap: it fails if the state is no longer `from`. A forked child has no threads, so all
 * its slots become EMPTY.
 *
 * What must always hold, and why:
 *
 *   - A thread reads a job only while the caller waits for it. Before `take` it knows only the address; after `take` the
 *     caller's `recall` fails, and the caller waits until `finished` counts this thread.
 *   - The bell rings once for each `doze`. Only `wake` leaves SLEEPING, and it rings once.
 *   - No part is run twice: a part is taken by adding 1 to its share's `next`.
 *   - The caller sees all results: a thread adds to `finished` after its work, in order release, and the caller reads it
 *     in order acquire.
 *
 * tests/compiler/runtime/test_pool_model.py tries all interleavings of these moves, and test_pool_races.py runs this
 * file under a detector of data races. */

#ifndef GLASSGRAD_POOL_H
#define GLASSGRAD_POOL_H

#include "atomics.h"
#include "system.h"
#include <stdlib.h>
#include <string.h>

#ifndef _WIN32
#include <pthread.h>
#endif

#define POOL_SLOTS 255 /* the number of slots: with the caller, a job has at most 256 threads */
#define POOL_LINE 64   /* the bytes of a cache line */
#define POOL_LOOKS 64  /* how often a thread reads a word before it looks at the clock */
#define POOL_APART 8   /* up to this many threads keep off the caller's processor; with more, the system finds an idle one */

enum { EMPTY, SPINNING, SLEEPING, WORKING };

typedef int64_t (*pool_kernel)(int64_t start, int64_t stop, int64_t lanes, void *ins, void *outs, void *scratch,
                               void *unmatched);

typedef struct {
    atomic_word state;
    atomic_word thread;      /* its number in the system, once it runs */
    PyThread_type_lock bell; /* locked, until it rings */
    char *scratch;           /* memory for kernels to work in: the thread's own */
    int64_t size;            /* bytes of it */
    char apart[POOL_LINE];   /* no two slots share a line */
} pool_slot;

/* A range of a job's parts, for one thread to begin with. */
typedef struct {
    atomic_word next; /* the part to be taken next */
    int64_t end;
    pool_slot *slot; /* where the job was posted for this share, or NULL */
    char apart[POOL_LINE];
} pool_share;

typedef struct {
    pool_kernel kernel;
    int64_t space;       /* bytes of scratch memory */
    int64_t lanes, step; /* how many lanes there are, and how many a part has: the last part has all that are left */
    int64_t parts;       /* how many there are in all */
    int64_t chunk, row;  /* the lanes that share a row of sums, and its bytes: 0 if results are not summed */
    void *ins, *outs, *unmatched;
    int64_t spin; /* nanoseconds for which a thread spins behind the job */
    int64_t threads;
    pool_share *shares; /* as many as threads */
    char apart[POOL_LINE];
    atomic_word arrived;  /* how many threads have come, with the caller */
    atomic_word found;    /* all that the kernel returned, by bitwise or */
    atomic_word finished; /* how many threads have gone, without the caller */
} pool_job;

static pool_slot pool_slots[POOL_SLOTS];

/* ---- Work on a job */

static void pool_run_part(pool_job *job, int64_t part, void *scratch, int64_t *found) {
    int64_t start = part * job->step, stop = part + 1 == job->parts ? job->lanes : start + job->step, row[3];
    void *outs = job->outs;
    if (job->row != 0) { /* the first leaf, with the address of this part's first row */
        memcpy(row, outs, sizeof row);
        row[0] += start / job->chunk * job->row;
        outs = row;
    }
    *found |= job->kernel(start, stop, job->lanes, job->ins, outs, scratch, job->unmatched);
}

/* Run the parts of share `mine`, then the remaining parts of the others. So threads seldom write near each other. */
static void pool_work(pool_job *job, int64_t mine, void *scratch) {
    int64_t found = 0, part, k;
    for (k = 0; k < job->threads; k++) {
        pool_share *share = &job->shares[(mine + k) % job->threads];
        while ((part = atomic_add_relaxed(&share->next, 1)) < share->end) pool_run_part(job, part, scratch, &found);
    }
    if (found != 0) atomic_or_relaxed(&job->found, found);
}

/* Memory in which the slot's thread can run kernels, or NULL if there is none. */
static void *pool_scratch(pool_slot *slot, int64_t space) {
    if (space + POOL_LINE > slot->size) {
        free(slot->scratch);
        slot->scratch = malloc((size_t)(space + POOL_LINE));
        slot->size = slot->scratch == NULL ? 0 : space + POOL_LINE;
        if (slot->scratch == NULL) return NULL;
    }
    return slot->scratch + (POOL_LINE - (uintptr_t)slot->scratch % POOL_LINE);
}

/* ---- A thread's moves */

/* Wait for a job, for `spin` nanoseconds awake; `doze` and `take`. */
static pool_job *pool_take(pool_slot *slot, int64_t spin) {
    int64_t end = system_now() + spin, looks = 0;
    for (;;) {
        int64_t state = atomic_load_acquire(&slot->state);
        if (state != SPINNING) {
            if (atomic_change_acq_rel(&slot->state, state, WORKING)) return (pool_job *)(uintptr_t)state;
        } else if (++looks % POOL_LOOKS != 0 || system_now() < end) {
            atomic_pause();
        } else if (atomic_change_acq_rel(&slot->state, SPINNING, SLEEPING)) {
            PyThread_acquire_lock(slot->bell, WAIT_LOCK);
        }
    }
}

static void pool_serve(void *argument) {
    pool_slot *slot = argument;
    int64_t spin = 0;
    system_block_signals();
    atomic_store_relaxed(&slot->thread, system_thread());
    for (;;) {
        pool_job *job = pool_take(slot, spin);
        void *scratch = pool_scratch(slot, job->space);
        if (scratch != NULL) pool_work(job, atomic_add_relaxed(&job->arrived, 1) % job->threads, scratch);
        spin = job->spin;
        atomic_store_release(&slot->state, SPINNING); /* finish */
        atomic_add_release(&job->finished, 1);        /* from here on the job may be gone */
    }
}

/* ---- The caller's moves */

/* Start the thread of a slot that is no longer EMPTY; return whether there is one. */
static int pool_start(pool_slot *slot) {
    if (slot->bell == NULL) {
        slot->bell = PyThread_allocate_lock();
        if (slot->bell == NULL) return 0;
        PyThread_acquire_lock(slot->bell, WAIT_LOCK);
    }
    return PyThread_start_new_thread(pool_serve, slot) != PYTHREAD_INVALID_THREAD_ID;
}

/* `hire`, `post` or `wake`; return whether the slot has the job now. */
static int pool_offer(pool_slot *slot, pool_job *job, const system_places *places) {
    int64_t state = atomic_load_relaxed(&slot->state), address = (int64_t)(uintptr_t)job;
    if (state != EMPTY && state != SPINNING && state != SLEEPING) return 0; /* it is busy */
    if (!atomic_change_acq_rel(&slot->state, state, address)) return 0;
    if (state == EMPTY) {
        if (pool_start(slot)) return 1;
        atomic_store_release(&slot->state, EMPTY); /* dismiss */
        return 0;
    }
    if (places != NULL) system_place(atomic_load_relaxed(&slot->thread), places);
    if (state == SLEEPING) PyThread_release_lock(slot->bell);
    return 1;
}

/* Post the job to slots; return to how many. */
static int64_t pool_post(pool_job *job) {
    int64_t posted = 0, k;
    system_places places;
    int apart = job->threads - 1 <= POOL_APART;
    if (apart) system_beside_caller(&places);
    for (k = 0; k < job->threads - 1; k++) {
        if (!pool_offer(&pool_slots[k], job, apart ? &places : NULL)) continue;
        job->shares[posted++].slot = &pool_slots[k];
    }
    return posted;
}

/* `recall` the job where no thread has begun it, and wait for the other threads. */
static void pool_wait(pool_job *job, int64_t posted) {
    int64_t awaited = posted, end, looks = 0, k;
    for (k = 0; k < posted; k++)
        if (atomic_change_acq_rel(&job->shares[k].slot->state, (int64_t)(uintptr_t)job, SPINNING)) awaited--;
    end = system_now() + job->spin;
    while (atomic_load_acquire(&job->finished) != awaited) {
        if (++looks % POOL_LOOKS != 0 || system_now() < end) atomic_pause();
        else system_rest();
    }
}

/* Run the parts from `first` up to `last` of a job whose kernel, sizes and addresses are given. Return 1 if the kernel
 * returned anything but 0, 0 if it did not, and -1 if there is no memory. */
static int64_t pool_run_job(pool_job *job, int64_t first, int64_t last) {
    size_t shares = (size_t)job->threads * sizeof(pool_share);
    char *memory = malloc(shares + (size_t)job->space + 2 * POOL_LINE), *scratch;
    int64_t posted, k;
    if (memory == NULL) return -1;
    job->shares = (pool_share *)(memory + (POOL_LINE - (uintptr_t)memory % POOL_LINE));
    scratch = (char *)job->shares + shares;
    scratch += POOL_LINE - (uintptr_t)scratch % POOL_LINE;
    for (k = 0; k < job->threads; k++) {
        atomic_store_relaxed(&job->shares[k].next, first + (last - first) * k / job->threads);
        job->shares[k].end = first + (last - first) * (k + 1) / job->threads;
        job->shares[k].slot = NULL;
    }
    atomic_store_relaxed(&job->arrived, 1);
    atomic_store_relaxed(&job->found, 0);
    atomic_store_relaxed(&job->finished, 0);
    posted = pool_post(job);
    Py_BEGIN_ALLOW_THREADS
    pool_work(job, 0, scratch);
    pool_wait(job, posted);
    Py_END_ALLOW_THREADS
    free(memory);
    return atomic_load_relaxed(&job->found) != 0;
}

/* ---- For pool.py */

static int pool_run(unsigned long long kernel, int64_t space, int64_t lanes, int64_t step, int64_t parts, int64_t chunk,
                    int64_t row, unsigned long long ins, unsigned long long outs, unsigned long long unmatched,
                    int64_t first, int64_t last, int64_t threads, int64_t spin) {
    pool_job job;
    int64_t found;
    job.kernel = (pool_kernel)(uintptr_t)kernel;
    job.space = space;
    job.lanes = lanes;
    job.step = step;
    job.parts = parts;
    job.chunk = chunk;
    job.row = row;
    job.ins = (void *)(uintptr_t)ins;
    job.outs = (void *)(uintptr_t)outs;
    job.unmatched = (void *)(uintptr_t)unmatched;
    job.spin = spin;
    job.threads = threads <= POOL_SLOTS ? threads : POOL_SLOTS + 1;
    found = pool_run_job(&job, first, last);
    if (found < 0) PyErr_NoMemory();
    return (int)found;
}

/* The state of slot k, or -1 if there is no such slot. */
static int64_t pool_state(int64_t k) {
    int64_t state = k < POOL_SLOTS ? atomic_load_acquire(&pool_slots[k].state) : -1;
    return state <= WORKING ? state : WORKING + 1;
}

/* ---- Forks */

#ifdef _WIN32

static void pool_begin(void) {}

#else

/* Start again with no threads: they are another process's. */
static void pool_forget(void) {
    int64_t k;
    for (k = 0; k < POOL_SLOTS; k++) {
        pool_slot *slot = &pool_slots[k];
        slot->bell = NULL;
        slot->scratch = NULL;
        slot->size = 0;
        atomic_store_relaxed(&slot->thread, 0);
        atomic_store_relaxed(&slot->state, EMPTY);
    }
}

static void pool_begin(void) { pthread_atfork(NULL, NULL, pool_forget); }

#endif

#endif
