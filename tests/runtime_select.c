/*
 * Futures: each kind done at once and after waiting, alone, in a select and in
 * a join_all; who loses a select has lost nothing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <rt.h>

#define FOREVER_MS (1000 * 1000)

static const struct rt_config workers_3 = {.workers = 3};

enum kind { LOCK, READ, WRITE, PERMIT, NOTE, SEND, RECEIVE, ASK, HEAR, JOIN };
#define KINDS 10

/* One object of each kind; nothing is to be had of any. */
struct world {
    struct async_mutex mutex;
    struct async_rwlock rwlock;
    struct semaphore semaphore;
    struct notify notify;
    struct mpsc full;
    struct mpsc empty;
    struct oneshot oneshot;
    struct broadcast broadcast;
    struct broadcast_receiver receiver;
    struct semaphore job_gate;
    struct rt_join_handle *handle;
    int sent;
    int received;
    int heard;
    void *answer;
    void *result;
    enum kind kind;
    struct notify is_waiting;
};

ASYNC static void *job(void *arg)
{
    struct world *world = arg;

    await semaphore_acquire(&world->job_gate, 1);
    return world;
}

ASYNC static void world_init(struct world *world)
{
    int value = 1;

    *world = (struct world){.sent = 2};
    await async_mutex_lock(&world->mutex);
    await async_rwlock_write_lock(&world->rwlock);
    assert_int_equal(mpsc_init(&world->full, sizeof(int), 1), 0);
    assert_int_equal(mpsc_try_send(&world->full, &value), 0);
    assert_int_equal(mpsc_init(&world->empty, sizeof(int), 1), 0);
    assert_int_equal(broadcast_init(&world->broadcast, sizeof(int), 1), 0);
    world->receiver = broadcast_subscribe(&world->broadcast);
    world->handle = rt_spawn(job, world);
}

static struct rt_future future_of(struct world *world, enum kind kind)
{
    switch (kind) {
    case LOCK:
        return async_mutex_lock_future(&world->mutex);
    case READ:
        return async_rwlock_read_lock_future(&world->rwlock);
    case WRITE:
        return async_rwlock_write_lock_future(&world->rwlock);
    case PERMIT:
        return semaphore_acquire_future(&world->semaphore, 2);
    case NOTE:
        return notify_wait_future(&world->notify);
    case SEND:
        return mpsc_send_future(&world->full, &world->sent);
    case RECEIVE:
        return mpsc_receive_future(&world->empty, &world->received);
    case ASK:
        return oneshot_receive_future(&world->oneshot, &world->answer);
    case HEAR:
        return broadcast_receive_future(&world->receiver, &world->heard);
    default:
        return rt_join_future(world->handle, &world->result);
    }
}

/* Makes it possible; any thread or task. */
ASYNC static void grant(struct world *world, enum kind kind)
{
    int value = 3;

    switch (kind) {
    case LOCK:
        async_mutex_unlock(&world->mutex);
        return;
    case READ:
    case WRITE:
        async_rwlock_write_unlock(&world->rwlock);
        return;
    case PERMIT:
        semaphore_release(&world->semaphore, 2);
        return;
    case NOTE:
        notify_one(&world->notify);
        return;
    case SEND:
        assert_int_equal(mpsc_try_receive(&world->full, &value), 0);
        return;
    case RECEIVE:
        assert_int_equal(mpsc_try_send(&world->empty, &value), 0);
        return;
    case ASK:
        assert_int_equal(oneshot_send(&world->oneshot, world), 0);
        return;
    case HEAR:
        assert_int_equal(broadcast_send(&world->broadcast, &value), 0);
        return;
    default:
        semaphore_release(&world->job_gate, 1);
    }
}

/* It has happened, once; and is undone, as world_finish wants it. */
ASYNC static void had_check(struct world *world, enum kind kind)
{
    int value = 0;

    if (kind == LOCK)
        assert_false(async_mutex_try_lock(&world->mutex));
    if (kind == READ || kind == WRITE)
        assert_false(async_rwlock_write_try_lock(&world->rwlock));
    if (kind == READ) {
        async_rwlock_read_unlock(&world->rwlock);
        assert_true(async_rwlock_write_try_lock(&world->rwlock));
    }
    if (kind == PERMIT)
        assert_int_equal(semaphore_available(&world->semaphore), 0);
    if (kind == NOTE)
        assert_int_equal(await notify_wait_timeout_ms(&world->notify, 0),
                         -ETIMEDOUT);
    if (kind == SEND) {
        assert_int_equal(mpsc_try_receive(&world->full, &value), 0);
        assert_int_equal(value, 2);
    }
    if (kind == RECEIVE)
        assert_int_equal(world->received, 3);
    if (kind == ASK)
        assert_ptr_equal(world->answer, world);
    if (kind == HEAR)
        assert_int_equal(world->heard, 3);
    if (kind == JOIN)
        assert_ptr_equal(world->result, world);
}

ASYNC static void world_finish(struct world *world, enum kind kind)
{
    async_mutex_unlock(&world->mutex);
    async_rwlock_write_unlock(&world->rwlock);
    async_mutex_destroy(&world->mutex);
    async_rwlock_destroy(&world->rwlock);
    semaphore_destroy(&world->semaphore);
    notify_destroy(&world->notify);
    mpsc_destroy(&world->full);
    mpsc_destroy(&world->empty);
    broadcast_destroy(&world->broadcast);
    if (kind == JOIN)
        return;
    semaphore_release(&world->job_gate, 1);
    assert_int_equal(await rt_join(world->handle, NULL), 0);
}

ASYNC static void *grants_later(void *arg)
{
    struct world *world = arg;

    await rt_sleep_ms(1);
    await grant(world, world->kind);
    return NULL;
}

/* All kinds in one select, in which one is granted: before, or later. */
ASYNC static void select_check(enum kind kind, bool is_granted_before)
{
    struct rt_future arms[KINDS + 1];
    struct rt_join_handle *granter = NULL;
    struct world world;
    int index;

    await world_init(&world);
    world.kind = kind;
    for (int i = 0; i < KINDS; i++)
        arms[i] = future_of(&world, (enum kind)i);
    arms[KINDS] = rt_sleep_future(FOREVER_MS);
    if (is_granted_before && kind != JOIN)
        await grant(&world, kind);
    else
        granter = rt_spawn(grants_later, &world);
    index = await rt_select(arms, KINDS + 1);
    if (kind == READ || kind == WRITE)
        assert_true(index == READ || index == WRITE);
    else
        assert_int_equal(index, kind);
    assert_int_equal(arms[index].status, 0);
    for (int i = 0; i <= KINDS; i++)
        if (i != index)
            assert_int_equal(arms[i].status, -EINPROGRESS);
    await rt_join(granter, NULL);
    await had_check(&world, (enum kind)index);
    await world_finish(&world, kind);
}

ASYNC static void *selects(void *unused)
{
    (void)unused;
    for (int kind = 0; kind < KINDS; kind++) {
        await select_check((enum kind)kind, true);
        await select_check((enum kind)kind, false);
    }
    return NULL;
}

static void test_select(void **state)
{
    (void)state;
    assert_int_equal(rt_block_on(NULL, selects, NULL), 0);
    assert_int_equal(rt_block_on(&workers_3, selects, NULL), 0);
}

/* Alone; in vain for some time, cancelled, then granted. */
ASYNC static void *awaits(void *arg)
{
    struct world *world = arg;
    struct rt_future future = future_of(world, world->kind);

    assert_int_equal(await rt_await_timeout_ms(&future, 1), -ETIMEDOUT);
    assert_int_equal(await rt_await_timeout_ms(&future, 0), -ETIMEDOUT);
    notify_one(&world->is_waiting);
    assert_int_equal(await rt_await(&future), -ECANCELED);
    rt_shielded() {
        assert_int_equal(await rt_await(&future), 0);
        await had_check(world, world->kind);
        await world_finish(world, world->kind);
    }
    return NULL;
}

ASYNC static void *awaits_each(void *unused)
{
    (void)unused;
    for (int kind = 0; kind < KINDS; kind++) {
        struct rt_join_handle *handle;
        struct world world;

        await world_init(&world);
        world.kind = (enum kind)kind;
        handle = rt_spawn(awaits, &world);
        await notify_wait(&world.is_waiting);
        rt_cancel(handle);
        await rt_sleep_ms(1);
        await grant(&world, world.kind);
        assert_int_equal(await rt_join(handle, NULL), -ECANCELED);
    }
    return NULL;
}

static void test_await(void **state)
{
    (void)state;
    assert_int_equal(rt_block_on(NULL, awaits_each, NULL), 0);
    assert_int_equal(rt_block_on(&workers_3, awaits_each, NULL), 0);
}

ASYNC static void *grants_all(void *arg)
{
    for (int kind = 0; kind < KINDS; kind++) {
        if (kind == READ)
            continue;
        await rt_yield();
        await grant(arg, (enum kind)kind);
    }
    return NULL;
}

ASYNC static void *joins_all(void *unused)
{
    struct rt_future all[KINDS];
    struct rt_join_handle *granter;
    struct world world;
    int count = 0;

    (void)unused;
    await world_init(&world);
    for (int kind = 0; kind < KINDS; kind++)
        if (kind != READ)
            all[count++] = future_of(&world, (enum kind)kind);
    all[count++] = rt_sleep_future(2);
    granter = rt_spawn(grants_all, &world);
    assert_int_equal(await rt_join_all(all, count), 0);
    for (int i = 0; i < count; i++)
        assert_int_equal(all[i].status, 0);
    await rt_join(granter, NULL);
    for (int kind = 0; kind < KINDS; kind++)
        if (kind != READ)
            await had_check(&world, (enum kind)kind);
    await world_finish(&world, JOIN);
    return NULL;
}

/* Half of it is granted, then comes the cancellation: what was had is kept. */
ASYNC static void *joins_half(void *arg)
{
    struct world *world = arg;
    struct rt_future all[] = {
        async_mutex_lock_future(&world->mutex),
        mpsc_receive_future(&world->empty, &world->received),
        rt_sleep_future(FOREVER_MS),
    };

    assert_int_equal(await rt_join_all(all, 3), -ECANCELED);
    assert_int_equal(all[0].status, 0);
    assert_int_equal(all[1].status, -ECANCELED);
    assert_int_equal(all[2].status, -ECANCELED);
    rt_shielded() {
        await had_check(world, LOCK);
        await world_finish(world, LOCK);
    }
    return NULL;
}

ASYNC static void *cancels_join(void *unused)
{
    struct rt_join_handle *handle;
    struct world world;

    (void)unused;
    await world_init(&world);
    handle = rt_spawn(joins_half, &world);
    await rt_sleep_ms(50);
    await grant(&world, LOCK);
    rt_cancel(handle);
    assert_int_equal(await rt_join(handle, NULL), -ECANCELED);
    return NULL;
}

static void test_join_all(void **state)
{
    (void)state;
    assert_int_equal(rt_block_on(NULL, joins_all, NULL), 0);
    assert_int_equal(rt_block_on(NULL, cancels_join, NULL), 0);
    for (int i = 0; i < 20; i++)
        assert_int_equal(rt_block_on(&workers_3, joins_all, NULL), 0);
    assert_int_equal(rt_block_on(&workers_3, cancels_join, NULL), 0);
}

/* Consumers that select between two channels, a mutex and a short time lose no
 * message; the sums tell. */
struct race {
    struct mpsc one;
    struct mpsc two;
    struct async_mutex mutex;
    long sum;
};

#define MESSAGES 3000

ASYNC static void *produces(void *arg)
{
    for (int i = 1; i <= MESSAGES; i++)
        assert_int_equal(await mpsc_send(arg, &i), 0);
    return NULL;
}

ASYNC static void *consumes(void *arg)
{
    struct race *race = arg;
    int values[2];

    for (;;) {
        struct rt_future arms[] = {
            mpsc_receive_future(&race->one, &values[0]),
            mpsc_receive_future(&race->two, &values[1]),
            async_mutex_lock_future(&race->mutex),
            rt_sleep_future(1),
        };
        int index = await rt_select(arms, 4);

        if (index < 0 || arms[index].status != 0)
            return NULL;
        if (index < 2)
            __atomic_fetch_add(&race->sum, values[index], __ATOMIC_RELAXED);
        if (index == 2) {
            await rt_yield();
            async_mutex_unlock(&race->mutex);
        }
    }
}

ASYNC static void *races(void *arg)
{
    struct race *race = arg;
    struct rt_join_handle *producers[2];
    struct rt_join_handle *consumers[4];

    producers[0] = rt_spawn(produces, &race->one);
    producers[1] = rt_spawn(produces, &race->two);
    for (int i = 0; i < 4; i++)
        consumers[i] = rt_spawn(consumes, race);
    for (int i = 0; i < 2; i++)
        await rt_join(producers[i], NULL);
    await rt_sleep_ms(5);
    mpsc_close(&race->one);
    mpsc_close(&race->two);
    for (int i = 0; i < 4; i++)
        await rt_join(consumers[i], NULL);
    return NULL;
}

static void test_nothing_is_lost(void **state)
{
    const struct rt_config *configs[] = {NULL, &workers_3};

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct race race = {.sum = 0};

        assert_int_equal(mpsc_init(&race.one, sizeof(int), 2), 0);
        assert_int_equal(mpsc_init(&race.two, sizeof(int), 1), 0);
        assert_int_equal(rt_block_on(configs[i], races, &race), 0);
        assert_int_equal(race.sum, (long)MESSAGES * (MESSAGES + 1));
        async_mutex_destroy(&race.mutex);
        mpsc_destroy(&race.one);
        mpsc_destroy(&race.two);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_select),
        cmocka_unit_test(test_await),
        cmocka_unit_test(test_join_all),
        cmocka_unit_test(test_nothing_is_lost),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
