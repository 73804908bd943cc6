/*
 * Spawn, join, detach, yield, and many tasks at a time.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <rt.h>

/* TSan counts a fiber as a thread and can have 8128 of them. */
#if defined(__SANITIZE_THREAD__)
#define MANY 2000
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define MANY 2000
#endif
#endif
#ifndef MANY
#define MANY 10000
#endif

static const struct rt_config four_workers = {.workers = 4};

ASYNC static void *doubles(void *arg)
{
    await rt_yield();
    return (void *)((uintptr_t)arg * 2);
}

struct joining {
    int status[4];
    void *result[2];
};

ASYNC static void *joins(void *arg)
{
    struct joining *joining = arg;
    struct rt_join_handle *early = rt_spawn(doubles, (void *)21);
    struct rt_join_handle *late = rt_spawn(doubles, (void *)4);

    joining->status[0] = await rt_join(early, &joining->result[0]);
    await rt_sleep_ms(5);
    joining->status[1] = await rt_join(late, &joining->result[1]);
    joining->status[2] = await rt_join(rt_spawn(doubles, NULL), NULL);
    joining->status[3] = await rt_join(NULL, NULL);
    return NULL;
}

static void joins_check(const struct rt_config *config)
{
    struct joining joining = {{1, 1, 1, 1}, {NULL, NULL}};

    assert_int_equal(rt_block_on(config, joins, &joining), 0);
    assert_int_equal(joining.status[0], 0);
    assert_int_equal(joining.status[1], 0);
    assert_int_equal(joining.status[2], 0);
    assert_int_equal(joining.status[3], -EINVAL);
    assert_int_equal((uintptr_t)joining.result[0], 42);
    assert_int_equal((uintptr_t)joining.result[1], 8);
}

static void test_join(void **state)
{
    (void)state;
    joins_check(NULL);
    joins_check(&four_workers);
}

struct self_joining {
    struct rt_join_handle *handle;
    int status;
};

ASYNC static void *joins_itself(void *arg)
{
    struct self_joining *self = arg;

    self->status = await rt_join(self->handle, NULL);
    return NULL;
}

/* One worker: the other runs when this one waits, and then has its handle. */
ASYNC static void *spawns_self_joiner(void *arg)
{
    struct self_joining *self = arg;

    self->handle = rt_spawn(joins_itself, self);
    await rt_join(self->handle, NULL);
    return NULL;
}

static void test_join_itself(void **state)
{
    struct self_joining self = {NULL, 0};

    (void)state;
    assert_int_equal(rt_block_on(NULL, spawns_self_joiner, &self), 0);
    assert_int_equal(self.status, -EDEADLK);
}

ASYNC static void *adds_one(void *arg)
{
    atomic_int *count = arg;

    await rt_sleep_ms(5);
    atomic_fetch_add(count, 1);
    return NULL;
}

ASYNC static void *detaches(void *arg)
{
    for (int i = 0; i < 20; i++)
        rt_detach(rt_spawn(adds_one, arg));
    rt_detach(NULL);
    return NULL;
}

static void test_block_on_waits_for_the_detached(void **state)
{
    atomic_int count = 0;

    (void)state;
    assert_int_equal(rt_block_on(NULL, detaches, &count), 0);
    assert_int_equal(atomic_load(&count), 20);
    assert_int_equal(rt_block_on(&four_workers, detaches, &count), 0);
    assert_int_equal(atomic_load(&count), 40);
}

/* Each spawns one and waits for it: all of them are alive at a time. */
ASYNC static void *waits_for_gate(void *arg)
{
    struct async_mutex *gate = arg;

    await guard(async_mutex)(gate);
    return arg;
}

struct crowd {
    struct async_mutex gate;
    int finished;
};

ASYNC static void *spawns_many(void *arg)
{
    struct crowd *crowd = arg;
    struct rt_join_handle **handles = calloc(MANY, sizeof *handles);
    void *result;

    await scoped_guard(async_mutex, &crowd->gate)
    {
        for (int i = 0; i < MANY; i++)
            handles[i] = rt_spawn(waits_for_gate, &crowd->gate);
        await rt_sleep_ms(50);
    }
    for (int i = 0; i < MANY; i++)
        if (await rt_join(handles[i], &result) == 0 && result == &crowd->gate)
            crowd->finished++;
    free(handles);
    return NULL;
}

static void test_many_tasks_at_a_time(void **state)
{
    struct crowd crowd = {.gate = ASYNC_MUTEX_INIT};

    (void)state;
    assert_int_equal(rt_block_on(NULL, spawns_many, &crowd), 0);
    assert_int_equal(crowd.finished, MANY);
    assert_int_equal(rt_block_on(&four_workers, spawns_many, &crowd), 0);
    assert_int_equal(crowd.finished, 2 * MANY);
}

struct fork_arg {
    int depth;
    atomic_int *leaves;
};

#define BATCHES 100
#define BATCH 100

/* On several workers the joined one often finishes while the joiner is going
 * off its stack: it then goes on at once, and the task that was to begin in its
 * place must not be forgotten. */
ASYNC static void *joins_batches(void *arg)
{
    struct rt_join_handle *handles[BATCH];
    int *joined = arg;

    for (int i = 0; i < BATCHES; i++) {
        for (int j = 0; j < BATCH; j++)
            handles[j] = rt_spawn(doubles, NULL);
        for (int j = 0; j < BATCH; j++)
            *joined += await rt_join(handles[j], NULL) == 0;
    }
    return NULL;
}

static void test_batches_on_workers(void **state)
{
    (void)state;
    for (int workers = 1; workers <= 4; workers++) {
        struct rt_config config = {.workers = workers};
        int joined = 0;

        assert_int_equal(rt_block_on(&config, joins_batches, &joined), 0);
        assert_int_equal(joined, BATCHES * BATCH);
    }
}

ASYNC static void *forks(void *arg)
{
    struct fork_arg *self = arg;
    struct fork_arg child = {self->depth - 1, self->leaves};
    struct rt_join_handle *left;
    struct rt_join_handle *right;

    if (self->depth == 0) {
        atomic_fetch_add(self->leaves, 1);
        return NULL;
    }
    left = rt_spawn(forks, &child);
    right = rt_spawn(forks, &child);
    await rt_join(left, NULL);
    await rt_join(right, NULL);
    return NULL;
}

static void test_tree_of_tasks(void **state)
{
    atomic_int leaves = 0;
    struct fork_arg root = {9, &leaves};

    (void)state;
    assert_int_equal(rt_block_on(&four_workers, forks, &root), 0);
    assert_int_equal(atomic_load(&leaves), 512);
    assert_int_equal(rt_block_on(NULL, forks, &root), 0);
    assert_int_equal(atomic_load(&leaves), 1024);
}

struct writing {
    char text[64];
    size_t length;
};

struct writer {
    struct writing *writing;
    char letter;
};

ASYNC static void *writes_letters(void *arg)
{
    struct writer *writer = arg;

    for (int i = 0; i < 3; i++) {
        writer->writing->text[writer->writing->length++] = writer->letter;
        await rt_yield();
    }
    return NULL;
}

ASYNC static void *writes_in_turn(void *arg)
{
    struct writer writers[3] = {{arg, 'a'}, {arg, 'b'}, {arg, 'c'}};
    struct rt_join_handle *handles[3];

    for (int i = 0; i < 3; i++)
        handles[i] = rt_spawn(writes_letters, &writers[i]);
    for (int i = 0; i < 3; i++)
        await rt_join(handles[i], NULL);
    return NULL;
}

static void test_yield_takes_turns(void **state)
{
    struct writing writing = {"", 0};

    (void)state;
    assert_int_equal(rt_block_on(NULL, writes_in_turn, &writing), 0);
    assert_string_equal(writing.text, "abcabcabc");
}

ASYNC static void *blocks_on(void *arg)
{
    int *seen = arg;

    seen[0] = rt_in_task();
    seen[1] = rt_block_on(NULL, doubles, NULL);
    return NULL;
}

static void test_misuse_is_answered(void **state)
{
    struct rt_config negative = {.workers = -1};
    int seen[2] = {0, 0};

    (void)state;
    assert_false(rt_in_task());
    errno = 0;
    assert_null(rt_spawn(doubles, NULL));
    assert_int_equal(errno, EPERM);
    errno = 0;
    assert_null(rt_spawn_blocking(doubles, NULL));
    assert_int_equal(errno, EPERM);
    assert_int_equal(rt_block_on(&negative, doubles, NULL), -EINVAL);
    assert_int_equal(rt_block_on(NULL, blocks_on, seen), 0);
    assert_int_equal(seen[0], 1);
    assert_int_equal(seen[1], -EDEADLK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_join),
        cmocka_unit_test(test_join_itself),
        cmocka_unit_test(test_block_on_waits_for_the_detached),
        cmocka_unit_test(test_many_tasks_at_a_time),
        cmocka_unit_test(test_batches_on_workers),
        cmocka_unit_test(test_tree_of_tasks),
        cmocka_unit_test(test_yield_takes_turns),
        cmocka_unit_test(test_misuse_is_answered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
