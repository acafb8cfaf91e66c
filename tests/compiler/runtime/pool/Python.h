/* The part of Python's C interface that pool.h uses, for test_pool_races.py: with checks, and with threads that the
 * system now and then refuses to start. */

#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>

#define WAIT_LOCK 1
#define PYTHREAD_INVALID_THREAD_ID ((unsigned long)-1)
#define Py_BEGIN_ALLOW_THREADS
#define Py_END_ALLOW_THREADS
#define PyErr_NoMemory() abort()

typedef sem_t *PyThread_type_lock;

static int started, refusals = 2; /* how many threads there are, and how many of the next are refused */

static PyThread_type_lock PyThread_allocate_lock(void) {
    sem_t *lock = malloc(sizeof *lock);
    sem_init(lock, 0, 1);
    return lock;
}

static void PyThread_acquire_lock(PyThread_type_lock lock, int wait) {
    (void)wait;
    while (sem_wait(lock) != 0) {
    }
}

static void PyThread_release_lock(PyThread_type_lock lock) {
    int open;
    sem_getvalue(lock, &open);
    if (open) {
        puts("a bell rings twice");
        exit(1);
    }
    sem_post(lock);
}

struct start {
    void (*function)(void *);
    void *argument;
};

static void *run_start(void *argument) {
    struct start start = *(struct start *)argument;
    free(argument);
    start.function(start.argument);
    return NULL;
}

static unsigned long PyThread_start_new_thread(void (*function)(void *), void *argument) {
    pthread_t thread;
    struct start *start;
    if (__atomic_fetch_sub(&refusals, 1, __ATOMIC_RELAXED) > 0) return PYTHREAD_INVALID_THREAD_ID;
    start = malloc(sizeof *start);
    start->function = function;
    start->argument = argument;
    if (pthread_create(&thread, NULL, run_start, start) != 0) abort();
    __atomic_fetch_add(&started, 1, __ATOMIC_RELAXED);
    pthread_detach(thread);
    return 1;
}
