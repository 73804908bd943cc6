/*
 * Cancellation: every kind of await ends with -ECANCELED, cleanups run, locks
 * and messages are neither lost nor kept, and rt_block_on comes to its end.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include <rt.h>

#define FOREVER_MS (1000 * 1000)

/* What tasks wait for, in vain: everything is taken, empty or full. */
struct world {
    struct async_mutex mutex;
    struct async_mutex condition_mutex;
    struct async_rwlock rwlock;
    struct semaphore semaphore;
    struct notify notify;
    struct async_condvar condvar;
    struct oneshot oneshot;
    struct mpsc empty;
    struct mpsc full;
    struct broadcast broadcast;
    struct rt_tcp_listener listener;
    int stopped;
};

static struct world world_make(void)
{
    struct world world = {.stopped = 0};
    int value = 1;

    assert_true(async_mutex_try_lock(&world.mutex));
    assert_true(async_rwlock_write_try_lock(&world.rwlock));
    assert_int_equal(mpsc_init(&world.empty, sizeof(int), 1), 0);
    assert_int_equal(mpsc_init(&world.full, sizeof(int), 1), 0);
    assert_int_equal(mpsc_try_send(&world.full, &value), 0);
    assert_int_equal(broadcast_init(&world.broadcast, sizeof(int), 1), 0);
    return world;
}

static void world_finish(struct world *world)
{
    async_mutex_unlock(&world->mutex);
    async_rwlock_write_unlock(&world->rwlock);
    async_mutex_destroy(&world->mutex);
    async_mutex_destroy(&world->condition_mutex);
    async_rwlock_destroy(&world->rwlock);
    semaphore_destroy(&world->semaphore);
    notify_destroy(&world->notify);
    async_condvar_destroy(&world->condvar);
    mpsc_destroy(&world->empty);
    mpsc_destroy(&world->full);
    broadcast_destroy(&world->broadcast);
}

ASYNC static int wait_condvar(struct world *world)
{
    await guard(async_mutex)(&world->condition_mutex);
    return await async_condvar_wait(&world->condvar, &world->condition_mutex);
}

ASYNC static int wait_broadcast(struct world *world)
{
    struct broadcast_receiver receiver = broadcast_subscribe(&world->broadcast);
    int value;

    return await broadcast_receive(&receiver, &value);
}

ASYNC static int wait_accept(struct world *world)
{
    struct rt_tcp_stream stream;

    return await rt_tcp_accept(world->listener, &stream);
}

ASYNC static int wait_interval(void)
{
    struct rt_interval interval;

    rt_interval_init(&interval, FOREVER_MS);
    return (int)await rt_interval_tick(&interval);
}

ASYNC static void *sleeps_for_ever(void *arg)
{
    (void)await rt_sleep_ms(FOREVER_MS);
    return arg;
}

/* Of these two neither comes; the status of both says so in the end. */
ASYNC static int wait_futures(struct world *world, bool for_all)
{
    struct rt_future futures[] = {
        async_mutex_lock_future(&world->mutex),
        async_rwlock_read_lock_future(&world->rwlock),
        rt_sleep_future(FOREVER_MS),
    };
    int status;

    if (!for_all)
        return await rt_select(futures, 3);
    status = await rt_join_all(futures, 3);
    for (int i = 0; i < 3; i++)
        assert_int_equal(futures[i].status, -ECANCELED);
    return status;
}

ASYNC static int wait_future(struct world *world)
{
    struct rt_future future = semaphore_acquire_future(&world->semaphore, 1);

    return await rt_await(&future);
}

#define WAYS 18

/* One of the ways to wait, all in vain. */
ASYNC static int wait_somehow(struct world *world, int way)
{
    int value = 1;
    void *pointer;

    switch (way) {
    case 0:
        return await rt_sleep_ms(FOREVER_MS);
    case 1:
        return await async_mutex_lock_timeout_ms(&world->mutex, FOREVER_MS);
    case 2:
        return await async_rwlock_read_lock_timeout_ms(&world->rwlock,
                                                       FOREVER_MS);
    case 3:
        return await semaphore_acquire_timeout_ms(&world->semaphore, 1,
                                                  FOREVER_MS);
    case 4:
        return await notify_wait(&world->notify);
    case 5:
        return await wait_condvar(world);
    case 6:
        return await oneshot_receive(&world->oneshot, &pointer);
    case 7:
        return await mpsc_receive(&world->empty, &value);
    case 8:
        return await mpsc_send(&world->full, &value);
    case 9:
        return await wait_broadcast(world);
    case 10:
        return await wait_accept(world);
    case 11:
        return await wait_interval();
    case 12:
        return await async_rwlock_write_lock_timeout_ms(&world->rwlock,
                                                        FOREVER_MS);
    case 13:
        return await rt_join(rt_spawn(sleeps_for_ever, world), NULL);
    case 14:
        return await wait_futures(world, false);
    case 15:
        return await wait_futures(world, true);
    case 16:
        return await wait_future(world);
    default:
        while (await rt_yield() == 0)
            continue;
        return -ECANCELED;
    }
}

struct waiter {
    struct world *world;
    int way;
    int first;
    int second;
};

/* The second time it does not even begin to wait. */
ASYNC static void *waits(void *arg)
{
    struct waiter *waiter = arg;

    waiter->first = await wait_somehow(waiter->world, waiter->way);
    waiter->second = await wait_somehow(waiter->world, waiter->way);
    return waiter;
}

ASYNC static void way_check(struct world *world, int way, uint64_t pause_ms)
{
    struct waiter waiter = {.world = world, .way = way};
    struct rt_join_handle *handle = rt_spawn(waits, &waiter);
    void *result = NULL;

    await rt_sleep_ms(pause_ms);
    assert_int_equal(rt_cancel(handle), 0);
    assert_int_equal(await rt_join(handle, &result), -ECANCELED);
    assert_ptr_equal(result, &waiter);
    assert_int_equal(waiter.first, -ECANCELED);
    assert_int_equal(waiter.second, -ECANCELED);
}

ASYNC static void *every_way(void *arg)
{
    struct world *world = arg;

    assert_int_equal(rt_tcp_listen("127.0.0.1", 0, &world->listener), 0);
    for (int way = 0; way < WAYS; way++) {
        await way_check(world, way, 2); /* while it waits */
        await way_check(world, way, 0); /* about when it begins */
    }
    return NULL;
}

static void ways_check(int workers)
{
    struct rt_config config = {.workers = workers};
    struct world world = world_make();

    assert_int_equal(rt_block_on(&config, every_way, &world), 0);
    world_finish(&world);
}

static void test_every_await_ends(void **state)
{
    (void)state;
    ways_check(1);
    ways_check(3);
}

/* Many tasks in one queue are cancelled while the lock goes round: whoever got
 * it gives it back, and nobody has it in the end. */
struct contest {
    struct async_mutex mutex;
    struct semaphore semaphore;
    int inside;
    int held[40];
};

ASYNC static void *contends(void *arg)
{
    struct contest *contest = arg;

    while (!rt_is_cancelled()) {
        if (await async_mutex_lock_timeout_ms(&contest->mutex, 1000) == 0) {
            assert_int_equal(contest->inside++, 0);
            await rt_yield();
            contest->inside--;
            async_mutex_unlock(&contest->mutex);
        }
        if (await semaphore_acquire_timeout_ms(&contest->semaphore, 2, 1000) ==
            0) {
            await rt_yield();
            semaphore_release(&contest->semaphore, 2);
        }
    }
    return NULL;
}

ASYNC static void *cancels_contenders(void *arg)
{
    struct rt_join_handle *handles[40];

    for (int round = 0; round < 20; round++) {
        for (int i = 0; i < 40; i++)
            handles[i] = rt_spawn(contends, arg);
        await rt_sleep_ms(1);
        for (int i = 0; i < 40; i++)
            rt_cancel(handles[(i * 7 + round) % 40]);
        for (int i = 0; i < 40; i++)
            assert_int_equal(await rt_join(handles[i], NULL), -ECANCELED);
    }
    return NULL;
}

static void test_no_lock_is_lost(void **state)
{
    struct rt_config config = {.workers = 3};
    struct contest contest = {.inside = 0};

    (void)state;
    semaphore_init(&contest.semaphore, 3);
    assert_int_equal(rt_block_on(&config, cancels_contenders, &contest), 0);
    assert_int_equal(rt_block_on(NULL, cancels_contenders, &contest), 0);
    assert_true(async_mutex_try_lock(&contest.mutex));
    assert_int_equal(semaphore_available(&contest.semaphore), 3);
}

/* The child is cancelled through its parent, and its arg is on the parent's
 * stack: the parent must not go before the child. */
ASYNC static void *child(void *arg)
{
    int *number = arg;

    await rt_sleep_ms(FOREVER_MS);
    rt_shielded() {
        assert_false(rt_is_cancelled());
        assert_int_equal(await rt_sleep_ms(5), 0);
    }
    *number = 7;
    return NULL;
}

ASYNC static void *parent(void *arg)
{
    struct rt_join_handle *handle;
    int number = 0;

    handle = rt_spawn(child, &number);
    assert_int_equal(await rt_join(handle, NULL), -ECANCELED);
    *(int *)arg = number;
    return NULL;
}

static void *job(void *arg)
{
    const struct timespec pause = {.tv_sec = 0, .tv_nsec = 1000 * 1000};

    while (!rt_is_cancelled())
        nanosleep(&pause, NULL);
    return arg;
}

ASYNC static void *cancels_relatives(void *arg)
{
    struct rt_join_handle *handle = rt_spawn(parent, arg);
    void *result = NULL;

    await rt_sleep_ms(2);
    rt_cancel(handle);
    assert_int_equal(await rt_join(handle, NULL), -ECANCELED);

    handle = rt_spawn_blocking(job, arg);
    assert_int_equal(await rt_join_timeout_ms(handle, NULL, 5), -ETIMEDOUT);
    rt_cancel(handle);
    assert_int_equal(await rt_join(handle, &result), -ECANCELED);
    assert_ptr_equal(result, arg);

    handle = rt_spawn(job, arg); /* ended before it was cancelled */
    rt_cancel(handle);
    rt_detach(handle);
    assert_int_equal(rt_cancel(NULL), -EINVAL);
    return NULL;
}

static void test_children_and_jobs(void **state)
{
    int number = 0;

    (void)state;
    assert_int_equal(rt_block_on(NULL, cancels_relatives, &number), 0);
    assert_int_equal(number, 7);
}

/* Tasks that would never end, in every way to wait, detached. */
ASYNC static void *stops(void *arg)
{
    struct waiter *waiter = arg;
    struct world *world = waiter->world;

    waiter->first = await wait_somehow(world, waiter->way);
    rt_shielded() {
        await rt_sleep_ms(1);
    }
    __atomic_fetch_add(&world->stopped, 1, __ATOMIC_RELAXED);
    return NULL;
}

static struct waiter left_behind[WAYS * 4];

ASYNC static void *leaves_early(void *arg)
{
    struct world *world = arg;

    assert_int_equal(rt_tcp_listen("127.0.0.1", 0, &world->listener), 0);
    for (int i = 0; i < WAYS * 4; i++) {
        left_behind[i] = (struct waiter){.world = world, .way = i % WAYS};
        rt_detach(rt_spawn(stops, &left_behind[i]));
        if (i == WAYS * 2)
            await rt_sleep_ms(5); /* the others have not even begun */
    }
    rt_detach(rt_spawn_blocking(job, world));
    return NULL;
}

static void drain_check(int workers)
{
    struct rt_config config = {.workers = workers};
    struct world world = world_make();

    assert_int_equal(rt_block_on(&config, leaves_early, &world), 0);
    assert_int_equal(world.stopped, WAYS * 4);
    for (int i = 0; i < WAYS * 4; i++)
        assert_int_equal(left_behind[i].first, -ECANCELED);
    world_finish(&world);
}

static void test_block_on_ends_with_its_task(void **state)
{
    (void)state;
    drain_check(1);
    drain_check(4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_await_ends),
        cmocka_unit_test(test_no_lock_is_lost),
        cmocka_unit_test(test_children_and_jobs),
        cmocka_unit_test(test_block_on_ends_with_its_task),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
