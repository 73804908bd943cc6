/*
 * Cancelling whoever waits, at any moment, while what they wait for is given
 * out: nothing given is lost, and nothing is had twice. One trial for each kind
 * of await; tasks take, the driver gives and cancels, and what was given has
 * to be taken in the end.
 *
 * RT_STRESS_MS sets how long each trial goes on, RT_STRESS_SEED repeats one (as
 * far as threads ever repeat anything).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include <rt.h>

#define TRIAL_MS_DEFAULT 150
#define TAKERS 8
#define LOST_AFTER_MS 10000
#define LONG_MS 1000000

struct trial {
    rt_task_fn *take;
    void (*give)(struct trial *trial);
    uint32_t random;
    uint64_t until_ms;
    uint64_t given;
    atomic_uint_fast64_t taken;

    struct semaphore semaphore;
    struct notify notify;
    struct async_mutex mutex;
    struct async_condvar condvar;
    struct async_rwlock rwlock;
    struct mpsc channel;
    int budget; /* guarded by mutex or rwlock */
    struct rt_tcp_stream near;
    struct rt_tcp_stream far;
};

static uint32_t chance(struct trial *trial, uint32_t below)
{
    trial->random = trial->random * 1664525 + 1013904223;
    return (trial->random >> 8) % below;
}

static void taken(struct trial *trial, bool is_taken)
{
    if (is_taken)
        atomic_fetch_add(&trial->taken, 1);
}

ASYNC static void *takes_permits(void *arg)
{
    struct trial *trial = arg;
    int status = 0;

    while (status != -ECANCELED) {
        status =
            await semaphore_acquire_timeout_ms(&trial->semaphore, 1, LONG_MS);
        taken(trial, status == 0);
    }
    return NULL;
}

static void gives_permit(struct trial *trial)
{
    semaphore_release(&trial->semaphore, 1);
}

ASYNC static void *takes_notifications(void *arg)
{
    struct trial *trial = arg;
    int status = 0;

    while (status != -ECANCELED) {
        status = await notify_wait(&trial->notify);
        taken(trial, status == 0);
    }
    return NULL;
}

static void gives_notification(struct trial *trial)
{
    notify_one(&trial->notify);
}

/* With the lock held, in whichever way. */
static void budget_spend(struct trial *trial)
{
    taken(trial, trial->budget > 0);
    trial->budget -= trial->budget > 0;
}

ASYNC static void *takes_by_condvar(void *arg)
{
    struct trial *trial = arg;
    int status = 0;

    await guard(async_mutex)(&trial->mutex);
    while (status == 0) {
        budget_spend(trial);
        status = await async_condvar_wait(&trial->condvar, &trial->mutex);
    }
    budget_spend(trial);
    return NULL;
}

ASYNC static void *gives_to_condvar(void *arg)
{
    struct trial *trial = arg;

    await guard(async_mutex)(&trial->mutex);
    trial->budget++;
    async_condvar_notify_one(&trial->condvar);
    return NULL;
}

ASYNC static void *takes_by_mutex(void *arg)
{
    struct trial *trial = arg;

    while (await rt_yield() == 0) {
        if (await async_mutex_lock_timeout_ms(&trial->mutex, LONG_MS) != 0)
            continue;
        budget_spend(trial);
        (void)await rt_yield();
        async_mutex_unlock(&trial->mutex);
    }
    return NULL;
}

ASYNC static void *takes_by_rwlock(void *arg)
{
    struct trial *trial = arg;

    while (await rt_yield() == 0) {
        if (await async_rwlock_read_lock_timeout_ms(&trial->rwlock, LONG_MS) ==
            0) {
            (void)await rt_yield();
            async_rwlock_read_unlock(&trial->rwlock);
        }
        if (await async_rwlock_write_lock_timeout_ms(&trial->rwlock, LONG_MS) ==
            0) {
            budget_spend(trial);
            (void)await rt_yield();
            async_rwlock_write_unlock(&trial->rwlock);
        }
    }
    return NULL;
}

/* The locks are not asked in a cancelled task's favour, but by the driver. */
ASYNC static void *gives_budget(void *arg)
{
    struct trial *trial = arg;

    await guard(async_mutex)(&trial->mutex);
    await guard(async_rwlock_write)(&trial->rwlock);
    trial->budget++;
    return NULL;
}

ASYNC static void *takes_messages(void *arg)
{
    struct trial *trial = arg;
    int status = 0;
    int value;

    while (status != -ECANCELED) {
        status = await mpsc_receive(&trial->channel, &value);
        taken(trial, status == 0);
    }
    return NULL;
}

/* One of the takers' friends sends, and is waited for. */
ASYNC static void *sends(void *arg)
{
    struct trial *trial = arg;
    int value = 1;

    assert_int_equal(await mpsc_send(&trial->channel, &value), 0);
    return NULL;
}

/* A permit, a message or a notification: exactly what it says it is. */
ASYNC static void *takes_by_select(void *arg)
{
    struct trial *trial = arg;
    int index = 0;
    int value;

    while (index != -ECANCELED) {
        struct rt_future arms[] = {
            mpsc_receive_future(&trial->channel, &value),
            semaphore_acquire_future(&trial->semaphore, 1),
            notify_wait_future(&trial->notify),
            rt_sleep_future(3),
        };

        index = await rt_select(arms, 4);
        taken(trial, index >= 0 && index < 3 && arms[index].status == 0);
    }
    return NULL;
}

static void gives_any(struct trial *trial)
{
    uint32_t kind = chance(trial, 3);
    int value = 1;

    if (kind == 0)
        semaphore_release(&trial->semaphore, 1);
    else if (kind == 1)
        notify_one(&trial->notify);
    else
        assert_int_equal(mpsc_try_send(&trial->channel, &value), 0);
}

/* All or, when cancelled, as many as there were. */
ASYNC static void *takes_all(void *arg)
{
    struct trial *trial = arg;
    int status = 0;

    while (status != -ECANCELED) {
        struct rt_future arms[] = {
            semaphore_acquire_future(&trial->semaphore, 1),
            notify_wait_future(&trial->notify),
        };

        status = await rt_join_all(arms, 2);
        taken(trial, arms[0].status == 0);
        taken(trial, arms[1].status == 0);
    }
    return NULL;
}

ASYNC static void *takes_bytes(void *arg)
{
    struct trial *trial = arg;
    ssize_t count = 0;
    char byte;

    while (count != -ECANCELED) {
        count = await rt_tcp_read(trial->near, &byte, 1);
        taken(trial, count == 1);
    }
    return NULL;
}

ASYNC static void *gives_byte(void *arg)
{
    struct trial *trial = arg;

    assert_int_equal(await rt_tcp_write(trial->far, "b", 1), 1);
    return NULL;
}

ASYNC static void *replace(struct trial *trial, struct rt_join_handle **taker)
{
    if (*taker) {
        rt_cancel(*taker);
        await rt_join(*taker, NULL);
    }
    *taker = rt_spawn(trial->take, trial);
    assert_non_null(*taker);
    return NULL;
}

/* For half of what is given, somebody is cancelled at the same time. */
ASYNC static void drive(struct trial *trial, rt_task_fn *gives)
{
    struct rt_join_handle *takers[TAKERS] = {NULL};

    for (int i = 0; i < TAKERS; i++)
        await replace(trial, &takers[i]);
    do {
        uint64_t lost_ms = rt_now_ms() + LOST_AFTER_MS;

        for (uint32_t i = chance(trial, 4); i > 0; i--)
            await rt_yield();
        if (gives)
            await rt_join(rt_spawn(gives, trial), NULL);
        else
            trial->give(trial);
        trial->given++;
        while (atomic_load(&trial->taken) < trial->given) {
            assert_true(rt_now_ms() < lost_ms);
            if (chance(trial, 2) == 0)
                await replace(trial, &takers[chance(trial, TAKERS)]);
            else
                await rt_yield();
        }
        assert_int_equal(atomic_load(&trial->taken), trial->given);
    } while (rt_now_ms() < trial->until_ms);
    for (int i = 0; i < TAKERS; i++) {
        rt_cancel(takers[i]);
        await rt_join(takers[i], NULL);
    }
    assert_int_equal(atomic_load(&trial->taken), trial->given);
}

/* What one trial is made of: `gives` awaits, `give` does not. */
struct kind {
    const char *name;
    rt_task_fn *take;
    void (*give)(struct trial *trial);
    rt_task_fn *gives;
};

struct run {
    const struct kind *kind;
    struct trial trial;
};

ASYNC static void streams_open(struct trial *trial)
{
    struct rt_tcp_listener listener;
    uint16_t port;

    assert_int_equal(rt_tcp_listen("127.0.0.1", 0, &listener), 0);
    port = (uint16_t)rt_tcp_port(listener);
    assert_int_equal(await rt_tcp_connect("127.0.0.1", port, &trial->far), 0);
    assert_int_equal(await rt_tcp_accept(listener, &trial->near), 0);
    rt_tcp_listener_close(listener);
}

ASYNC static void *run_trial(void *arg)
{
    struct run *run = arg;

    if (run->kind->take == takes_bytes)
        await streams_open(&run->trial);
    await drive(&run->trial, run->kind->gives);
    return NULL;
}

static uint64_t trial_ms(void)
{
    const char *text = getenv("RT_STRESS_MS");

    return text ? strtoull(text, NULL, 10) : TRIAL_MS_DEFAULT;
}

static void kind_check(const struct kind *kind, const struct rt_config *config,
                       uint32_t seed)
{
    struct run run = {.kind = kind};
    struct trial *trial = &run.trial;

    trial->take = kind->take;
    trial->give = kind->give;
    trial->random = seed;
    trial->until_ms = rt_now_ms() + trial_ms();
    assert_int_equal(mpsc_init(&trial->channel, sizeof(int), 1), 0);
    assert_int_equal(rt_block_on(config, run_trial, &run), 0);
    assert_true(trial->given > 0);
    assert_int_equal(semaphore_available(&trial->semaphore), 0);
    assert_true(async_mutex_try_lock(&trial->mutex));
    async_mutex_unlock(&trial->mutex);
    assert_true(async_rwlock_write_try_lock(&trial->rwlock));
    async_rwlock_write_unlock(&trial->rwlock);
    semaphore_destroy(&trial->semaphore);
    notify_destroy(&trial->notify);
    async_mutex_destroy(&trial->mutex);
    async_condvar_destroy(&trial->condvar);
    mpsc_destroy(&trial->channel);
}

/* Permit and notification in turn: a pair is one giving of two. */
static void gives_pair(struct trial *trial)
{
    semaphore_release(&trial->semaphore, 1);
    notify_one(&trial->notify);
    trial->given++;
}

static const struct kind kinds[] = {
    {"semaphore", takes_permits, gives_permit, NULL},
    {"notify", takes_notifications, gives_notification, NULL},
    {"condvar", takes_by_condvar, NULL, gives_to_condvar},
    {"mutex", takes_by_mutex, NULL, gives_budget},
    {"rwlock", takes_by_rwlock, NULL, gives_budget},
    {"channel", takes_messages, NULL, sends},
    {"select", takes_by_select, gives_any, NULL},
    {"join_all", takes_all, gives_pair, NULL},
    {"tcp", takes_bytes, NULL, gives_byte},
};

static void kinds_check(int workers, enum rt_io io)
{
    const struct rt_config config = {.workers = workers, .io = io};
    const char *text = getenv("RT_STRESS_SEED");
    uint32_t seed =
        text ? (uint32_t)strtoul(text, NULL, 10) : (uint32_t)time(NULL);

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        print_message("%s, RT_STRESS_SEED=%u\n", kinds[i].name, seed);
        kind_check(&kinds[i], &config, seed);
    }
}

static void test_one_worker(void **state)
{
    (void)state;
    kinds_check(1, RT_IO_POLL);
}

static void test_several_workers(void **state)
{
    (void)state;
    kinds_check(4, RT_IO_POLL);
}

static void test_io_uring(void **state)
{
    (void)state;
    for (int workers = 1; workers <= 4; workers += 3)
        kind_check(&kinds[8],
                   &(struct rt_config){.workers = workers, .io = RT_IO_RING},
                   1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_worker),
        cmocka_unit_test(test_several_workers),
        cmocka_unit_test(test_io_uring),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
