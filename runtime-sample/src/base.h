/*
 * What every part of the runtime stands on: giving up, time, futexes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_BASE_H
#define RT_BASE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* For the compiler: which way is to be the straight one. */
#define OFTEN(condition) __builtin_expect(!!(condition), 1)
#define SELDOM(condition) __builtin_expect(!!(condition), 0)

#define NS_PER_MS UINT64_C(1000000)

/* The machine is out of something, or the caller broke the manual in a way
 * that cannot be answered by an error: prints one line and aborts. */
_Noreturn void rt_die(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* Nanoseconds of the monotonic clock. */
uint64_t rt_now_ns(void);

/* Sleeps while *word is `seen`. May return early: callers look again. */
void rt_futex_wait(_Atomic uint32_t *word, uint32_t seen);
void rt_futex_wait_ms(_Atomic uint32_t *word, uint32_t seen, uint64_t ms);
void rt_futex_wake(_Atomic uint32_t *word, int count);

/*
 * A fence between a store and a load, of which one side comes often and the
 * other seldom: if both fence, at least one of the loads sees the other's
 * store. The light one is free where the kernel can make all threads fence
 * (membarrier). It is prepared when the program starts; again is no harm.
 *
 * Each program may later forbid itself the system call: rt_fence_others then is
 * false, and rt_fence_heavy ends the process.
 */
void rt_fence_prepare(void);
void rt_fence_heavy(void);
bool rt_fence_others(void);
void rt_fence_slow(void);

extern bool rt_fence_is_remote;

static inline void rt_fence_light(void)
{
    if (OFTEN(rt_fence_is_remote))
        atomic_signal_fence(memory_order_seq_cst);
    else
        rt_fence_slow();
}

#endif
