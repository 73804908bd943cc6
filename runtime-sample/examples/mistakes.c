/*
 * Mistakes that asynclint has a rule for, each next to its repair. What the
 * analyser finds in this file, the watchdog sees when it runs:
 *
 *     RT_WATCHDOG_MS=300 example_mistakes lock-leak bad; echo $?      86
 *     RT_WATCHDOG_MS=300 example_mistakes lock-leak good; echo $?     0
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <rt.h>

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What the functions below share; `value` is what the locks guard. */
struct shared {
    struct blocking_mutex blocking;
    struct async_mutex lock;
    pthread_mutex_t thread_lock;
    pthread_cond_t thread_condition;
    struct async_condvar condition;
    int value;
};

ASYNC static void *lock_across_bad(void *arg)
{
    struct shared *shared = arg;

    guard(blocking_mutex)(&shared->blocking);
    shared->value++;
    await rt_sleep_ms(10);
    return NULL;
}

ASYNC static void *lock_across_good(void *arg)
{
    struct shared *shared = arg;

    await scoped_guard(async_mutex, &shared->lock) shared->value++;
    await rt_sleep_ms(10);
    return NULL;
}

ASYNC static void *self_deadlock_bad(void *arg)
{
    struct shared *shared = arg;

    await guard(async_mutex)(&shared->lock);
    shared->value++;
    await async_mutex_lock(&shared->lock);
    shared->value++;
    async_mutex_unlock(&shared->lock);
    return NULL;
}

ASYNC static void *self_deadlock_good(void *arg)
{
    struct shared *shared = arg;

    await scoped_guard(async_mutex, &shared->lock) shared->value++;
    await async_mutex_lock(&shared->lock);
    shared->value++;
    async_mutex_unlock(&shared->lock);
    return NULL;
}

/* The early way out keeps the lock. */
ASYNC static int leak_bad(struct shared *shared)
{
    await async_mutex_lock(&shared->lock);
    if (shared->value == 0)
        return -1;
    shared->value--;
    async_mutex_unlock(&shared->lock);
    return 0;
}

ASYNC static int leak_good(struct shared *shared)
{
    await guard(async_mutex)(&shared->lock);
    if (shared->value == 0)
        return -1;
    shared->value--;
    return 0;
}

ASYNC static void *lock_leak_bad(void *arg)
{
    await leak_bad(arg);
    return NULL;
}

ASYNC static void *lock_leak_good(void *arg)
{
    await leak_good(arg);
    return NULL;
}

ASYNC static void *blocking_call_bad(void *arg)
{
    sleep(2);
    return arg;
}

ASYNC static void *blocking_call_good(void *arg)
{
    await rt_sleep_ms(20);
    return arg;
}

ASYNC static void *condvar_bad(void *arg)
{
    struct shared *shared = arg;

    pthread_mutex_lock(&shared->thread_lock);
    while (shared->value == 0)
        pthread_cond_wait(&shared->thread_condition, &shared->thread_lock);
    pthread_mutex_unlock(&shared->thread_lock);
    return NULL;
}

ASYNC static void *condvar_good(void *arg)
{
    struct shared *shared = arg;

    await guard(async_mutex)(&shared->lock);
    while (shared->value == 0)
        if (await async_condvar_wait_timeout_ms(&shared->condition,
                                                &shared->lock, 20) != 0)
            break;
    return NULL;
}

ASYNC static void *block_on_bad(void *arg)
{
    rt_block_on(NULL, blocking_call_good, arg);
    return NULL;
}

ASYNC static void *block_on_good(void *arg)
{
    await rt_join(rt_spawn(blocking_call_good, arg), NULL);
    return NULL;
}

ASYNC static void *async_lock_bad(void *arg)
{
    struct shared *shared = arg;

    await guard(async_mutex)(&shared->lock);
    shared->value++;
    await rt_sleep_ms(2000);
    return NULL;
}

ASYNC static void *async_lock_good(void *arg)
{
    struct shared *shared = arg;

    await scoped_guard(async_mutex, &shared->lock) shared->value++;
    await rt_sleep_ms(20);
    return NULL;
}

ASYNC static void *number_print(void *arg)
{
    arc_auto(int, number) = arg;

    printf("%d\n", *number);
    return NULL;
}

ASYNC static void *arc_bad(void *unused)
{
    int *number = arc_new(int, NULL);
    struct rt_join_handle *printer = rt_spawn(number_print, number);

    (void)unused;
    arc_drop(number);
    await rt_join(printer, NULL);
    return NULL;
}

ASYNC static void *arc_good(void *unused)
{
    int *number = arc_new(int, NULL);
    struct rt_join_handle *printer = rt_spawn(number_print, arc_clone(number));

    (void)unused;
    arc_drop(number);
    await rt_join(printer, NULL);
    return NULL;
}

static const struct {
    const char *rule;
    rt_task_fn *bad;
    rt_task_fn *good;
} mistakes[] = {
    {"blocking-lock-across-await", lock_across_bad, lock_across_good},
    {"self-deadlock", self_deadlock_bad, self_deadlock_good},
    {"lock-leak", lock_leak_bad, lock_leak_good},
    {"blocking-call-in-async", blocking_call_bad, blocking_call_good},
    {"condvar-wait-in-async", condvar_bad, condvar_good},
    {"block-on-in-async", block_on_bad, block_on_good},
    {"async-lock-across-await", async_lock_bad, async_lock_good},
    {"arc-not-cloned", arc_bad, arc_good},
};

#define COUNT ((int)(sizeof mistakes / sizeof mistakes[0]))

int main(int argc, char **argv)
{
    struct shared shared = {
        .thread_lock = PTHREAD_MUTEX_INITIALIZER,
        .thread_condition = PTHREAD_COND_INITIALIZER,
    };

    for (int i = 0; argc == 3 && i < COUNT; i++)
        if (strcmp(argv[1], mistakes[i].rule) == 0)
            return rt_block_on(NULL,
                               strcmp(argv[2], "bad") == 0 ? mistakes[i].bad
                                                           : mistakes[i].good,
                               &shared) == 0
                       ? 0
                       : 1;
    fprintf(stderr, "usage: example_mistakes RULE bad|good, where RULE is\n");
    for (int i = 0; i < COUNT; i++)
        fprintf(stderr, "  %s\n", mistakes[i].rule);
    return 2;
}
