/* The operating system's part in the pool: the clock, a short sleep, signals, and where a thread runs. */

#ifndef GLASSGRAD_SYSTEM_H
#define GLASSGRAD_SYSTEM_H

#include <stdint.h>

#ifdef _WIN32
#include <windows.h>

/* Nanoseconds since some moment. */
static int64_t system_now(void) {
    LARGE_INTEGER ticks, each;
    QueryPerformanceCounter(&ticks);
    QueryPerformanceFrequency(&each);
    return (int64_t)((double)ticks.QuadPart * 1e9 / (double)each.QuadPart);
}

static void system_rest(void) { Sleep(0); }
static void system_block_signals(void) {}

#else
#include <signal.h>
#include <time.h>

static int64_t system_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Let other threads run for a moment. */
static void system_rest(void) {
    struct timespec moment = {0, 50000};
    nanosleep(&moment, NULL);
}

/* Leave signals to Python's threads: one that comes while the main thread sleeps must wake that thread. Faults are not
 * blocked, since they come from this thread's own instructions. */
static void system_block_signals(void) {
    static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT};
    size_t i;
    sigset_t all;
    sigfillset(&all);
    for (i = 0; i < sizeof faults / sizeof *faults; i++) sigdelset(&all, faults[i]);
    pthread_sigmask(SIG_BLOCK, &all, NULL);
}

#endif

#ifdef __linux__
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

typedef struct {
    cpu_set_t set;
    int known;
} system_places;

static int64_t system_thread(void) { return (int64_t)syscall(SYS_gettid); }

/* The processors that the caller may use, without the one that it is on, unless that is the only one. */
static void system_beside_caller(system_places *places) {
    int here = sched_getcpu();
    places->known = here >= 0 && sched_getaffinity(0, sizeof places->set, &places->set) == 0;
    if (places->known && here < CPU_SETSIZE && CPU_COUNT(&places->set) > 1) CPU_CLR(here, &places->set);
}

/* Have a thread run on one of these processors. Where that is not allowed, it runs anywhere. */
static void system_place(int64_t thread, const system_places *places) {
    if (thread != 0 && places->known) (void)sched_setaffinity((pid_t)thread, sizeof places->set, &places->set);
}

#else

typedef int system_places;

static int64_t system_thread(void) { return 0; }
static void system_beside_caller(system_places *places) { *places = 0; }
static void system_place(int64_t thread, const system_places *places) { (void)thread, (void)places; }

#endif
#endif
