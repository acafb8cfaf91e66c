/* Atomic 64-bit words, and a pause for loops that wait for one.
 *
 * C11's atomics where the compiler has them. Older gcc and clang, and MSVC, have functions of their own instead. MSVC's
 * have one order for all, the strictest.
 *
 * The name of each operation ends in its memory order:
 *     relaxed   no order: other memory may be seen before or after it
 *     acquire   after this, the thread sees everything that another thread wrote before its release
 *     release   a thread that acquires the word sees everything that was written before this
 *     acq_rel   both
 */

#ifndef GLASSGRAD_ATOMICS_H
#define GLASSGRAD_ATOMICS_H

#include <stdint.h>

#if defined(_MSC_VER)
#include <windows.h>

typedef volatile LONG64 atomic_word;

static __inline int64_t atomic_load_acquire(atomic_word *word) { return InterlockedOr64(word, 0); }
static __inline int64_t atomic_load_relaxed(atomic_word *word) { return InterlockedOr64(word, 0); }
static __inline void atomic_store_release(atomic_word *word, int64_t value) { InterlockedExchange64(word, value); }
static __inline void atomic_store_relaxed(atomic_word *word, int64_t value) { InterlockedExchange64(word, value); }
static __inline int64_t atomic_add_relaxed(atomic_word *word, int64_t value) {
    return InterlockedExchangeAdd64(word, value);
}
static __inline int64_t atomic_add_release(atomic_word *word, int64_t value) {
    return InterlockedExchangeAdd64(word, value);
}
static __inline void atomic_or_relaxed(atomic_word *word, int64_t value) { InterlockedOr64(word, value); }
static __inline int atomic_change_acq_rel(atomic_word *word, int64_t from, int64_t to) {
    return InterlockedCompareExchange64(word, to, from) == from;
}
static __inline void atomic_pause(void) { YieldProcessor(); }

#else

#if defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L && !defined(__STDC_NO_ATOMICS__)
#include <stdatomic.h>

typedef _Atomic int64_t atomic_word;

#define ATOMIC_LOAD(word, order) atomic_load_explicit(word, memory_order_##order)
#define ATOMIC_STORE(word, value, order) atomic_store_explicit(word, value, memory_order_##order)
#define ATOMIC_ADD(word, value, order) atomic_fetch_add_explicit(word, value, memory_order_##order)
#define ATOMIC_OR(word, value, order) atomic_fetch_or_explicit(word, value, memory_order_##order)
#define ATOMIC_CHANGE(word, from, to) \
    atomic_compare_exchange_strong_explicit(word, from, to, memory_order_acq_rel, memory_order_relaxed)

#else

typedef int64_t atomic_word;

#define memory_order_relaxed __ATOMIC_RELAXED
#define memory_order_acquire __ATOMIC_ACQUIRE
#define memory_order_release __ATOMIC_RELEASE
#define ATOMIC_LOAD(word, order) __atomic_load_n(word, memory_order_##order)
#define ATOMIC_STORE(word, value, order) __atomic_store_n(word, value, memory_order_##order)
#define ATOMIC_ADD(word, value, order) __atomic_fetch_add(word, value, memory_order_##order)
#define ATOMIC_OR(word, value, order) __atomic_fetch_or(word, value, memory_order_##order)
#define ATOMIC_CHANGE(word, from, to) \
    __atomic_compare_exchange_n(word, from, to, 0, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)

#endif

static inline int64_t atomic_load_acquire(atomic_word *word) { return ATOMIC_LOAD(word, acquire); }
static inline int64_t atomic_load_relaxed(atomic_word *word) { return ATOMIC_LOAD(word, relaxed); }
static inline void atomic_store_release(atomic_word *word, int64_t value) { ATOMIC_STORE(word, value, release); }
static inline void atomic_store_relaxed(atomic_word *word, int64_t value) { ATOMIC_STORE(word, value, relaxed); }
/* Add to the word, and return what it was before. */
static inline int64_t atomic_add_relaxed(atomic_word *word, int64_t value) { return ATOMIC_ADD(word, value, relaxed); }
static inline int64_t atomic_add_release(atomic_word *word, int64_t value) { return ATOMIC_ADD(word, value, release); }
static inline void atomic_or_relaxed(atomic_word *word, int64_t value) { (void)ATOMIC_OR(word, value, relaxed); }
/* Compare and swap: change the word to `to` if it is `from`; return whether it was. */
static inline int atomic_change_acq_rel(atomic_word *word, int64_t from, int64_t to) {
    return ATOMIC_CHANGE(word, &from, to);
}

static inline void atomic_pause(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__) || defined(__arm__)
    __asm__ __volatile__("yield");
#endif
}

#endif
#endif
