/* Many callers use the pool at once, for jobs of all sizes. See test_pool_races.py. */

#define _GNU_SOURCE
#include "Python.h"
#include "atomics.h"
#include <unistd.h>

static int seen[5][5]; /* moves of slots that were made, from state to state; the last state is JOB */

static int *seen_move(int64_t from, int64_t to) { return &seen[from < 4 ? from : 4][to < 4 ? to : 4]; }

static int noted_change(atomic_word *word, int64_t from, int64_t to) {
    int made = atomic_change_acq_rel(word, from, to);
    if (made) __atomic_store_n(seen_move(from, to), 1, __ATOMIC_RELAXED);
    return made;
}

static void noted_store(atomic_word *word, int64_t to) {
    int64_t from = atomic_load_relaxed(word); /* nobody else may change it now */
    __atomic_store_n(seen_move(from, to), 1, __ATOMIC_RELAXED);
    atomic_store_release(word, to);
}

#define atomic_change_acq_rel noted_change
#define atomic_store_release noted_store
#include "pool.h"

#define MOST 40 /* parts of a job */
#define STEP 10 /* lanes of a part */
#define SUMS 1000

typedef struct {
    int run[MOST]; /* how often each part was run: written by whoever runs it, and read by the caller behind the job */
    int64_t lanes, parts;
} checked;

static void fail(const char *said) {
    puts(said);
    exit(1);
}

static int64_t kernel(int64_t start, int64_t stop, int64_t lanes, void *ins, void *outs, void *scratch, void *missed) {
    checked *job = ins;
    int64_t part = start / STEP, row = ((int64_t *)outs)[0];
    if (stop != (part + 1 == job->parts ? job->lanes : start + STEP) || lanes != job->lanes) fail("wrong lanes");
    if (missed != NULL && row != SUMS + part * 24) fail("wrong row of sums");
    if ((uintptr_t)scratch % 64) fail("scratch memory is not aligned");
    memset(scratch, (int)part, 100);
    if (start % 7 == 0) usleep(1);
    job->run[part]++;
    return part == 3;
}

static void *caller(void *argument) {
    unsigned seed = (unsigned)(uintptr_t)argument;
    int calls, part;
    for (calls = 0; calls < 400; calls++) {
        checked job = {{0}, 0, 0};
        int64_t outs[3] = {SUMS, 0, 8}, first, found;
        int64_t threads = 2 + rand_r(&seed) % 4, folds = rand_r(&seed) % 2;
        job.parts = 1 + rand_r(&seed) % MOST;
        job.lanes = (job.parts - 1) * STEP + 1 + rand_r(&seed) % (2 * STEP);
        first = rand_r(&seed) % job.parts;
        found = pool_run((uintptr_t)kernel, 100, job.lanes, STEP, job.parts, STEP, folds * 24, (uintptr_t)&job,
                         (uintptr_t)outs, (uintptr_t)(folds ? &job : NULL), first, job.parts, threads,
                         rand_r(&seed) % 3 * 20000);
        if (found != (first <= 3 && 3 < job.parts)) fail("wrong result");
        for (part = 0; part < MOST; part++)
            if (job.run[part] != (part >= first && part < job.parts)) fail("a part was not run once");
        if (rand_r(&seed) % 8 == 0) usleep(100);
    }
    return NULL;
}

int main(void) {
    static const char *names[] = {"EMPTY", "SPINNING", "SLEEPING", "WORKING", "JOB"};
    pthread_t callers[3];
    int64_t k;
    pool_begin();
    for (k = 0; k < 3; k++) pthread_create(&callers[k], NULL, caller, (void *)(uintptr_t)(k + 1));
    for (k = 0; k < 3; k++) pthread_join(callers[k], NULL);
    for (k = 0; k < POOL_SLOTS; k++)
        while (pool_state(k) != EMPTY && pool_state(k) != SLEEPING) usleep(100);
    for (k = 0; k < 25; k++)
        if (__atomic_load_n(&seen[k / 5][k % 5], __ATOMIC_RELAXED)) printf("%s %s\n", names[k / 5], names[k % 5]);
    printf("%d threads\n", __atomic_load_n(&started, __ATOMIC_RELAXED));
    return 0;
}
