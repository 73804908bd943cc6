/*
 * Giving up, time, and the futex system call.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base.h"

#include <linux/futex.h>
#include <linux/membarrier.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "rt/time.h"
#include "sanitizer.h"

void rt_die(const char *format, ...)
{
    va_list args;

    fputs("rt: ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    abort();
}

uint64_t rt_now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 * NS_PER_MS + (uint64_t)now.tv_nsec;
}

uint64_t rt_now_ms(void)
{
    return rt_now_ns() / NS_PER_MS;
}

#if defined(RT_TSAN)
/* TSan knows no fences, and gcc says so. */
static _Atomic int fence_word;
#define FENCE_FULL() atomic_fetch_add(&fence_word, 0)
#else
#define FENCE_FULL() atomic_thread_fence(memory_order_seq_cst)
#endif

bool rt_fence_is_remote;

static void fence_register(void)
{
    rt_fence_is_remote =
        syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0,
                0) == 0;
}

/* Early, as it takes the kernel some time where there are threads already. */
__attribute__((constructor)) void rt_fence_prepare(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, fence_register);
}

void rt_fence_slow(void)
{
    FENCE_FULL();
}

bool rt_fence_others(void)
{
    FENCE_FULL();
    return !rt_fence_is_remote ||
           syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) == 0;
}

void rt_fence_heavy(void)
{
    if (!rt_fence_others())
        rt_die("membarrier has stopped to work");
}

void rt_futex_wait(_Atomic uint32_t *word, uint32_t seen)
{
    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, seen, NULL, NULL, 0);
}

void rt_futex_wait_ms(_Atomic uint32_t *word, uint32_t seen, uint64_t ms)
{
    const struct timespec pause = {
        .tv_sec = (time_t)(ms / 1000 % INT32_MAX),
        .tv_nsec = (long)(ms % 1000 * NS_PER_MS),
    };

    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, seen, &pause, NULL, 0);
}

void rt_futex_wake(_Atomic uint32_t *word, int count)
{
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, count, NULL, NULL, 0);
}
