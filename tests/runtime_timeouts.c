/*
 * Waits that give up: in time, without taking what they did not get, and
 * without holding up who waits behind them. And the interval's beat.
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

#define TASKS 30
#define ROUNDS 60

static const struct rt_config workers_1 = {.workers = 1, .drain = true};
static const struct rt_config workers_4 = {.workers = 4, .drain = true};

/* Each of them in vain, for 5 ms; what is held is held by this very task. */
ASYNC static void *waits_in_vain(void *arg)
{
    int *status = arg;
    struct async_mutex mutex = ASYNC_MUTEX_INIT;
    struct async_rwlock rwlock = ASYNC_RWLOCK_INIT;
    struct async_condvar condvar = ASYNC_CONDVAR_INIT;
    struct notify notify = NOTIFY_INIT;
    struct oneshot oneshot = ONESHOT_INIT;
    struct semaphore semaphore;
    struct mpsc channel;
    void *answer;
    int value = 1;

    semaphore_init(&semaphore, 1);
    mpsc_init(&channel, sizeof value, 1);
    await async_mutex_lock(&mutex);
    await async_rwlock_read_lock(&rwlock);
    status[0] = await async_mutex_lock_timeout_ms(&mutex, 5);
    status[1] = await async_rwlock_write_lock_timeout_ms(&rwlock, 5);
    status[2] = await async_condvar_wait_timeout_ms(&condvar, &mutex, 5);
    status[3] = await notify_wait_timeout_ms(&notify, 5);
    status[4] = await oneshot_receive_timeout_ms(&oneshot, &answer, 5);
    status[5] = await semaphore_acquire_timeout_ms(&semaphore, 2, 5);
    status[6] = await mpsc_receive_timeout_ms(&channel, &value, 5);
    mpsc_try_send(&channel, &value);
    status[7] = await mpsc_send_timeout_ms(&channel, &value, 5);
    async_rwlock_read_unlock(&rwlock);
    async_mutex_unlock(&mutex);
    async_rwlock_destroy(&rwlock);
    async_mutex_destroy(&mutex);
    mpsc_destroy(&channel);
    return NULL;
}

static void test_each_gives_up(void **state)
{
    uint64_t start_ms = rt_now_ms();
    int status[8] = {0};

    (void)state;
    assert_int_equal(rt_block_on(&workers_1, waits_in_vain, status), 0);
    for (int i = 0; i < 8; i++)
        assert_int_equal(status[i], -ETIMEDOUT);
    assert_in_range(rt_now_ms() - start_ms, 8 * 5, 1000);
}

/* The writer gives up; the reader behind it then has nothing to wait for, and
 * likewise with permits. */
struct line {
    struct async_rwlock lock;
    struct semaphore semaphore;
    int status[4];
    uint64_t waited_ms;
};

ASYNC static void *gives_up(void *arg)
{
    struct line *line = arg;

    line->status[0] = await async_rwlock_write_lock_timeout_ms(&line->lock, 20);
    line->status[1] =
        await semaphore_acquire_timeout_ms(&line->semaphore, 3, 20);
    return NULL;
}

ASYNC static void *waits_behind(void *arg)
{
    struct line *line = arg;

    line->status[2] =
        await async_rwlock_read_lock_timeout_ms(&line->lock, 5000);
    await rt_sleep_ms(5); /* behind the other one again */
    line->status[3] =
        await semaphore_acquire_timeout_ms(&line->semaphore, 1, 5000);
    async_rwlock_read_unlock(&line->lock);
    return NULL;
}

ASYNC static void *line_run(void *arg)
{
    struct line *line = arg;
    struct rt_join_handle *first;
    struct rt_join_handle *second;
    uint64_t start_ms = rt_now_ms();

    await async_rwlock_read_lock(&line->lock);
    first = rt_spawn(gives_up, line);
    await rt_yield();
    second = rt_spawn(waits_behind, line);
    await rt_join(first, NULL);
    await rt_join(second, NULL);
    line->waited_ms = rt_now_ms() - start_ms;
    async_rwlock_read_unlock(&line->lock);
    return NULL;
}

static void test_who_gives_up_lets_others_pass(void **state)
{
    static const int expected[4] = {-ETIMEDOUT, -ETIMEDOUT, 0, 0};
    struct line line = {.lock = ASYNC_RWLOCK_INIT};

    (void)state;
    semaphore_init(&line.semaphore, 2);
    assert_int_equal(rt_block_on(&workers_1, line_run, &line), 0);
    assert_memory_equal(line.status, expected, sizeof expected);
    assert_true(line.waited_ms < 2000);
    async_rwlock_destroy(&line.lock);
}

/* Everybody wants the same things for about as long as they are held: wakers
 * and timers race for each wait, and what is lost or had twice shows. */
struct race {
    struct async_mutex mutex;
    struct semaphore semaphore;
    struct mpsc channel;
    atomic_int inside;
    atomic_int collisions;
    atomic_int sent;
    atomic_int received;
    int value;
};

ASYNC static void *races(void *arg)
{
    struct race *race = arg;

    for (int i = 0; i < ROUNDS; i++) {
        int value = i;

        if (await async_mutex_lock_timeout_ms(&race->mutex, 1) == 0) {
            if (atomic_fetch_add(&race->inside, 1) != 0)
                atomic_fetch_add(&race->collisions, 1);
            race->value++;
            if (i % 10 == 0)
                await rt_sleep_ms(1);
            atomic_fetch_sub(&race->inside, 1);
            async_mutex_unlock(&race->mutex);
        }
        if (await semaphore_acquire_timeout_ms(&race->semaphore, 2, 1) == 0) {
            await rt_yield();
            semaphore_release(&race->semaphore, 2);
        }
        if (await mpsc_send_timeout_ms(&race->channel, &value, 1) == 0)
            atomic_fetch_add(&race->sent, 1);
        if (i % 3 != 0 &&
            await mpsc_receive_timeout_ms(&race->channel, &value, 1) == 0)
            atomic_fetch_add(&race->received, 1);
    }
    return NULL;
}

ASYNC static void *race_run(void *arg)
{
    struct race *race = arg;
    struct rt_join_handle *handles[TASKS];
    int value;

    for (int i = 0; i < TASKS; i++)
        handles[i] = rt_spawn(races, race);
    for (int i = 0; i < TASKS; i++)
        await rt_join(handles[i], NULL);
    while (mpsc_try_receive(&race->channel, &value) == 0)
        atomic_fetch_add(&race->received, 1);
    return NULL;
}

static void race_check(const struct rt_config *config)
{
    struct race race = {.value = 0};

    semaphore_init(&race.semaphore, 3);
    mpsc_init(&race.channel, sizeof(int), 2);
    assert_int_equal(rt_block_on(config, race_run, &race), 0);
    assert_int_equal(atomic_load(&race.collisions), 0);
    assert_int_equal(semaphore_available(&race.semaphore), 3);
    assert_int_equal(atomic_load(&race.sent), atomic_load(&race.received));
    async_mutex_destroy(&race.mutex);
    semaphore_destroy(&race.semaphore);
    mpsc_destroy(&race.channel);
}

static void test_wakers_race_with_timers(void **state)
{
    (void)state;
    race_check(&workers_1);
    race_check(&workers_4);
}

/* Three ticks in time, then one that comes after two were missed. */
struct beat {
    int64_t missed[4];
    uint64_t ms;
};

ASYNC static void *beats(void *arg)
{
    struct beat *beat = arg;
    struct rt_interval interval;
    uint64_t start_ms = rt_now_ms();

    rt_interval_init(&interval, 40);
    for (int i = 0; i < 3; i++)
        beat->missed[i] = await rt_interval_tick(&interval);
    await rt_sleep_ms(130);
    beat->missed[3] = await rt_interval_tick(&interval);
    await rt_interval_tick(&interval);
    beat->ms = rt_now_ms() - start_ms;
    return NULL;
}

static void test_interval(void **state)
{
    struct beat beat = {.ms = 0};

    (void)state;
    assert_int_equal(rt_block_on(&workers_1, beats, &beat), 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(beat.missed[i], 0);
    assert_in_range(beat.missed[3], 2, 4);
    assert_in_range(beat.ms, 7 * 40 - 1, 1000);
}

/* Short ones and long ones, at all places of the wheel, and some that are set
 * when it has turned. Not many: to start a task takes TSan a millisecond. */
ASYNC static void *sleeps_and_checks(void *arg)
{
    atomic_int *mistakes = arg;
    static atomic_int next;
    uint64_t ms = (uint64_t)(atomic_fetch_add(&next, 1) * 37 % 300) + 1;
    uint64_t start_ms = rt_now_ms();
    uint64_t slept_ms;

    await rt_sleep_ms(ms);
    slept_ms = rt_now_ms() - start_ms;
    if (slept_ms + 1 < ms || slept_ms > ms + 400)
        atomic_fetch_add(mistakes, 1);
    return NULL;
}

ASYNC static void *many_sleep(void *arg)
{
    for (int i = 0; i < 50; i++)
        rt_detach(rt_spawn(sleeps_and_checks, arg));
    await rt_sleep_ms(70);
    for (int i = 0; i < 50; i++)
        rt_detach(rt_spawn(sleeps_and_checks, arg));
    return NULL;
}

static void test_levels_of_the_wheel(void **state)
{
    atomic_int mistakes = 0;

    (void)state;
    assert_int_equal(rt_block_on(&workers_4, many_sleep, &mistakes), 0);
    assert_int_equal(atomic_load(&mistakes), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_gives_up),
        cmocka_unit_test(test_who_gives_up_lets_others_pass),
        cmocka_unit_test(test_wakers_race_with_timers),
        cmocka_unit_test(test_interval),
        cmocka_unit_test(test_levels_of_the_wheel),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
