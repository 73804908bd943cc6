/*
 * arc, rc and task-local values; guards that move and adopt; the blocking
 * condvar.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <rt.h>

#include "support/child.h"

static const struct rt_config workers_3 = {.workers = 3};

/* `finished` is what the test looks at. */
struct shared {
    atomic_int *finished;
    atomic_int uses;
};

static void shared_finish(void *value)
{
    struct shared *shared = value;

    atomic_fetch_add(shared->finished, 1);
}

ASYNC static void *uses(void *arg)
{
    arc_auto(struct shared, shared) = arg;

    for (int i = 0; i < 10; i++) {
        arc_auto(struct shared, other) = arc_clone(shared);

        atomic_fetch_add(&other->uses, 1);
        await rt_yield();
    }
    return NULL;
}

ASYNC static void *shares(void *arg)
{
    arc_auto(struct shared, shared) = arc_new(struct shared, shared_finish);
    struct rt_join_handle *handles[20];

    assert_int_equal(shared->uses, 0);
    shared->finished = arg;
    for (int i = 0; i < 20; i++)
        handles[i] = rt_spawn(uses, arc_clone(shared));
    for (int i = 0; i < 20; i++)
        assert_int_equal(await rt_join(handles[i], NULL), 0);
    assert_int_equal(arc_count(shared), 1);
    assert_int_equal(atomic_load(&shared->uses), 200);
    assert_int_equal(atomic_load(shared->finished), 0);
    return NULL;
}

static void test_arc(void **state)
{
    atomic_int finished = 0;
    struct shared *shared;

    (void)state;
    assert_int_equal(rt_block_on(&workers_3, shares, &finished), 0);
    assert_int_equal(atomic_load(&finished), 1);
    shared = arc_new(struct shared, NULL);
    {
        arc_auto(struct shared, mine) = shared;

        shared = arc_take(mine);
        assert_null(mine);
    }
    assert_int_equal(arc_count(shared), 1);
    arc_drop(shared);
    arc_drop(NULL);
    assert_null(arc_clone(NULL));
}

ASYNC static void *counts(void *arg)
{
    struct shared *shared = rc_new(struct shared, shared_finish);

    shared->finished = arg;
    for (int i = 0; i < 5; i++) {
        rc_auto(struct shared, other) = rc_clone(shared);

        assert_int_equal(rc_count(other), 2);
        await rt_yield();
    }
    rc_drop(shared);
    return NULL;
}

static void test_rc(void **state)
{
    atomic_int finished = 0;

    (void)state;
    assert_int_equal(rt_block_on(&workers_3, counts, &finished), 0);
    assert_int_equal(atomic_load(&finished), 1);
}

static atomic_int locals_finished;

static void local_finish(void *value)
{
    atomic_fetch_add(&locals_finished, 1);
    free(value);
}

static struct rt_local number = RT_LOCAL_INIT(local_finish);
static struct rt_local plain = RT_LOCAL_INIT(NULL);

ASYNC static void *has_values(void *arg)
{
    int *mine = malloc(sizeof *mine);
    int *later = malloc(sizeof *later);

    assert_null(rt_local_get(&number));
    assert_int_equal(rt_local_set(&number, mine), 0);
    assert_int_equal(rt_local_set(&plain, arg), 0);
    for (int i = 0; i < 10; i++) {
        await rt_yield();
        assert_ptr_equal(rt_local_get(&number), mine);
        assert_ptr_equal(rt_local_get(&plain), arg);
    }
    assert_int_equal(rt_local_set(&number, later), 0);
    assert_ptr_equal(rt_local_get(&number), later);
    return NULL;
}

ASYNC static void *spawns_with_values(void *arg)
{
    struct rt_join_handle *handles[20];

    for (int i = 0; i < 20; i++)
        handles[i] = rt_spawn(has_values, (char *)arg + i);
    for (int i = 0; i < 20; i++)
        await rt_join(handles[i], NULL);
    return NULL;
}

static void test_locals(void **state)
{
    char bytes[20];

    (void)state;
    assert_int_equal(rt_block_on(&workers_3, spawns_with_values, bytes), 0);
    assert_int_equal(atomic_load(&locals_finished), 40);
    assert_int_equal(rt_local_set(&number, bytes), -EPERM);
    assert_null(rt_local_get(&number));
}

/* The hold of each kind of guard moves on, and the last one gives it back. */
ASYNC static void *moves_guards(void *unused)
{
    struct async_mutex mutex = ASYNC_MUTEX_INIT;
    struct async_rwlock rwlock = ASYNC_RWLOCK_INIT;
    struct blocking_mutex blocking = BLOCKING_MUTEX_INIT;
    struct semaphore semaphore;

    (void)unused;
    semaphore_init(&semaphore, 1);
    {
        guard_var(async_mutex, one) = await async_mutex_guard_enter(&mutex);
        guard_var(async_mutex, two) = guard_move(&one);
        guard_var(async_rwlock_read, reads) =
            await async_rwlock_read_guard_enter(&rwlock);
        guard_var(async_rwlock_read, reads_on) = guard_move(&reads);
        guard_var(blocking_mutex, held) = blocking_mutex_guard_enter(&blocking);
        guard_var(blocking_mutex, held_on) = guard_move(&held);
        guard_var(semaphore, permit) = await semaphore_guard_enter(&semaphore);
        guard_var(semaphore, permit_on) = guard_move(&permit);

        guard_drop(&one);
        guard_drop(&reads);
        guard_drop(&held);
        guard_drop(&permit);
        assert_false(async_mutex_try_lock(&mutex));
        assert_false(async_rwlock_write_try_lock(&rwlock));
        assert_false(blocking_mutex_try_lock(&blocking));
        assert_int_equal(semaphore_available(&semaphore), 0);
    }
    {
        struct rt_future future = async_mutex_lock_future(&mutex);

        assert_int_equal(await rt_await(&future), 0);
        guard_var(async_mutex, adopted) = async_mutex_guard_adopt(&mutex);
        assert_false(async_mutex_try_lock(&mutex));
    }
    async_mutex_destroy(&mutex);
    async_rwlock_destroy(&rwlock);
    blocking_mutex_destroy(&blocking);
    assert_int_equal(semaphore_available(&semaphore), 1);
    return NULL;
}

static void test_guards_move(void **state)
{
    (void)state;
    assert_int_equal(rt_block_on(NULL, moves_guards, NULL), 0);
}

/* Threads that hand one number to and fro. */
struct box {
    struct blocking_mutex lock;
    struct blocking_condvar changed;
    int number;
};

#define ROUNDS 1000

static void *makes_even(void *arg)
{
    struct box *box = arg;

    for (int i = 0; i < ROUNDS; i++) {
        guard(blocking_mutex)(&box->lock);
        while (box->number % 2 == 0)
            blocking_condvar_wait(&box->changed, &box->lock);
        box->number++;
        blocking_condvar_notify_all(&box->changed);
    }
    return NULL;
}

static void test_blocking_condvar(void **state)
{
    struct box box = {.number = 0};
    pthread_t thread;

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, makes_even, &box), 0);
    for (int i = 0; i < ROUNDS; i++) {
        guard(blocking_mutex)(&box.lock);
        while (box.number % 2 == 1)
            blocking_condvar_wait(&box.changed, &box.lock);
        box.number++;
        blocking_condvar_notify_one(&box.changed);
    }
    pthread_join(thread, NULL);
    assert_int_equal(box.number, 2 * ROUNDS);
    blocking_mutex_lock(&box.lock);
    assert_int_equal(
        blocking_condvar_wait_timeout_ms(&box.changed, &box.lock, 5),
        -ETIMEDOUT);
    blocking_mutex_unlock(&box.lock);
    blocking_condvar_destroy(&box.changed);
}

/* What the watchdog says of both kinds of pointers in wrong hands. */
ASYNC static void *drops(void *arg)
{
    arc_drop(arg);
    return NULL;
}

ASYNC static void *does_not_clone(void *unused)
{
    arc_auto(struct shared, shared) = arc_new(struct shared, NULL);
    struct rt_join_handle *handle = rt_spawn(drops, shared);

    (void)unused;
    await rt_join(handle, NULL);
    return NULL;
}

ASYNC static void *drops_rc(void *arg)
{
    rc_drop(arg);
    return NULL;
}

ASYNC static void *sends_rc(void *unused)
{
    rc_auto(struct shared, shared) = rc_new(struct shared, NULL);

    (void)unused;
    await rt_join(rt_spawn(drops_rc, rc_clone(shared)), NULL);
    return NULL;
}

static void mistake_check(rt_task_fn *entry, const char *rule)
{
    struct rt_config config = {.workers = 2, .watchdog_ms = 60000};
    struct child child;
    char said[512];
    int status;

    if (!child_start(&child))
        _exit(rt_block_on(&config, entry, NULL) == 0 ? 0 : 1);
    status = child_end(&child, said, sizeof said);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), RT_WATCHDOG_EXIT);
    assert_non_null(strstr(said, rule));
}

static void test_mistakes(void **state)
{
    (void)state;
    mistake_check(does_not_clone, "arc-not-cloned: ");
    mistake_check(sends_rc, "not-send-across-spawn: ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arc),
        cmocka_unit_test(test_rc),
        cmocka_unit_test(test_locals),
        cmocka_unit_test(test_guards_move),
        cmocka_unit_test(test_blocking_condvar),
        cmocka_unit_test(test_mistakes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
