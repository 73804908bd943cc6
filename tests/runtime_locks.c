/*
 * semaphore, async_rwlock, notify and async_condvar: what they admit, in which
 * order, and that nobody is forgotten.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <rt.h>

#define TASKS 40
#define ROUNDS 200

static const struct rt_config workers_1 = {.workers = 1};
static const struct rt_config workers_4 = {.workers = 4};

/* Runs `entry` TASKS times over the same argument. */
struct crowd {
    rt_task_fn *entry;
    void *arg;
};

ASYNC static void *crowd_run(void *arg)
{
    struct crowd *crowd = arg;
    struct rt_join_handle *handles[TASKS];

    for (int i = 0; i < TASKS; i++)
        handles[i] = rt_spawn(crowd->entry, crowd->arg);
    for (int i = 0; i < TASKS; i++)
        await rt_join(handles[i], NULL);
    return NULL;
}

/* `inside` counts what is held, in units that must never exceed `limit`. */
struct contest {
    struct semaphore semaphore;
    struct async_rwlock rwlock;
    atomic_int arrived;
    atomic_int inside;
    atomic_int collisions;
    int limit;
    long value;
};

static void enter(struct contest *contest, int units)
{
    int before = atomic_fetch_add(&contest->inside, units);

    if (before + units > contest->limit)
        atomic_fetch_add(&contest->collisions, 1);
}

ASYNC static void *takes_permits(void *arg)
{
    struct contest *contest = arg;
    int number = atomic_fetch_add(&contest->arrived, 1);

    for (int i = 0; i < ROUNDS; i++) {
        uint32_t count = 1 + (uint32_t)(number + i) % 3;

        await semaphore_acquire(&contest->semaphore, count);
        enter(contest, (int)count);
        if (i % 8 == 0)
            await rt_yield();
        atomic_fetch_sub(&contest->inside, (int)count);
        semaphore_release(&contest->semaphore, count);
    }
    return NULL;
}

static void semaphore_check(const struct rt_config *config)
{
    struct contest contest = {.limit = 5};
    struct crowd crowd = {takes_permits, &contest};

    semaphore_init(&contest.semaphore, 5);
    assert_int_equal(rt_block_on(config, crowd_run, &crowd), 0);
    assert_int_equal(atomic_load(&contest.collisions), 0);
    assert_int_equal(semaphore_available(&contest.semaphore), 5);
    semaphore_destroy(&contest.semaphore);
}

static void test_semaphore_limits(void **state)
{
    (void)state;
    semaphore_check(&workers_1);
    semaphore_check(&workers_4);
}

/* Who wants three is first in line: who wants one must not overtake. */
struct line {
    struct semaphore semaphore;
    int order[2];
    int served;
    int tried;
};

ASYNC static void *wants_three(void *arg)
{
    struct line *line = arg;

    await semaphore_acquire(&line->semaphore, 3);
    line->order[line->served++] = 3;
    semaphore_release(&line->semaphore, 3);
    return NULL;
}

ASYNC static void *wants_one(void *arg)
{
    struct line *line = arg;

    line->tried = semaphore_try_acquire(&line->semaphore, 1);
    await scoped_guard(semaphore, &line->semaphore)
    {
        line->order[line->served++] = 1;
    }
    return NULL;
}

ASYNC static void *line_run(void *arg)
{
    struct line *line = arg;
    struct rt_join_handle *three = rt_spawn(wants_three, line);
    struct rt_join_handle *one;

    await rt_yield();
    one = rt_spawn(wants_one, line);
    await rt_yield();
    semaphore_release(&line->semaphore, 1);
    await rt_join(three, NULL);
    await rt_join(one, NULL);
    return NULL;
}

static void test_semaphore_order(void **state)
{
    struct line line = {.tried = -1};

    (void)state;
    semaphore_init(&line.semaphore, 2);
    assert_int_equal(rt_block_on(&workers_1, line_run, &line), 0);
    assert_int_equal(line.tried, 0);
    assert_int_equal(line.order[0], 3);
    assert_int_equal(line.order[1], 1);
    assert_int_equal(semaphore_available(&line.semaphore), 3);
}

/* A writer is worth all the readers there can be. */
ASYNC static void *reads_and_writes(void *arg)
{
    struct contest *contest = arg;
    int number = atomic_fetch_add(&contest->arrived, 1);

    for (int i = 0; i < ROUNDS; i++) {
        if ((number + i) % 5 == 0) {
            await guard(async_rwlock_write)(&contest->rwlock);
            enter(contest, TASKS);
            contest->value++;
            if (i % 8 == 0)
                await rt_yield();
            atomic_fetch_sub(&contest->inside, TASKS);
        } else {
            await guard(async_rwlock_read)(&contest->rwlock);
            enter(contest, 1);
            await rt_yield();
            atomic_fetch_sub(&contest->inside, 1);
        }
    }
    return NULL;
}

static void rwlock_check(const struct rt_config *config)
{
    struct contest contest = {.limit = TASKS, .rwlock = ASYNC_RWLOCK_INIT};
    struct crowd crowd = {reads_and_writes, &contest};

    assert_int_equal(rt_block_on(config, crowd_run, &crowd), 0);
    assert_int_equal(atomic_load(&contest.collisions), 0);
    assert_int_equal(contest.value, TASKS * ROUNDS / 5);
    async_rwlock_destroy(&contest.rwlock);
}

static void test_rwlock_exclusion(void **state)
{
    (void)state;
    rwlock_check(&workers_1);
    rwlock_check(&workers_4);
}

/* Readers that overlap for ever; the writer gets its turn all the same. */
struct library {
    struct async_rwlock lock;
    bool is_written;
    int second_reader_was_refused;
};

ASYNC static void *reads_until_written(void *arg)
{
    struct library *library = arg;

    for (;;) {
        await guard(async_rwlock_read)(&library->lock);
        if (library->is_written)
            return NULL;
        await rt_yield();
    }
}

ASYNC static void *writes_once(void *arg)
{
    struct library *library = arg;

    await async_rwlock_write_lock(&library->lock);
    library->is_written = true;
    async_rwlock_write_unlock(&library->lock);
    return NULL;
}

ASYNC static void *library_run(void *arg)
{
    struct library *library = arg;
    struct rt_join_handle *handles[4];

    for (int i = 0; i < 3; i++)
        handles[i] = rt_spawn(reads_until_written, library);
    await rt_yield();
    await async_rwlock_read_lock(&library->lock);
    handles[3] = rt_spawn(writes_once, library);
    await rt_yield();
    library->second_reader_was_refused =
        !async_rwlock_read_try_lock(&library->lock);
    async_rwlock_read_unlock(&library->lock);
    for (int i = 0; i < 4; i++)
        await rt_join(handles[i], NULL);
    return NULL;
}

static void test_rwlock_writers_do_not_starve(void **state)
{
    struct library library = {.lock = ASYNC_RWLOCK_INIT};

    (void)state;
    assert_int_equal(rt_block_on(&workers_1, library_run, &library), 0);
    assert_true(library.is_written);
    assert_true(library.second_reader_was_refused);
}

/* Two tasks hand a turn to and fro; a lost notification hangs the test. */
struct pair {
    struct notify ping;
    struct notify pong;
    int rounds;
};

ASYNC static void *answers(void *arg)
{
    struct pair *pair = arg;

    for (int i = 0; i < pair->rounds; i++) {
        await notify_wait(&pair->ping);
        notify_one(&pair->pong);
    }
    return NULL;
}

ASYNC static void *pair_run(void *arg)
{
    struct pair *pair = arg;
    struct rt_join_handle *other = rt_spawn(answers, pair);

    for (int i = 0; i < pair->rounds; i++) {
        notify_one(&pair->ping);
        await notify_wait(&pair->pong);
    }
    await rt_join(other, NULL);
    return NULL;
}

static void test_notify(void **state)
{
    struct pair pair = {.rounds = 2000};

    (void)state;
    assert_int_equal(rt_block_on(&workers_1, pair_run, &pair), 0);
    assert_int_equal(rt_block_on(&workers_4, pair_run, &pair), 0);
    notify_destroy(&pair.ping);
}

ASYNC static void *notify_remembers(void *arg)
{
    struct notify notify = NOTIFY_INIT;
    int *seen = arg;

    notify_all(&notify);
    seen[0] = await notify_wait_timeout_ms(&notify, 0);
    notify_one(&notify);
    notify_one(&notify);
    seen[1] = await notify_wait_timeout_ms(&notify, 0);
    seen[2] = await notify_wait_timeout_ms(&notify, 1);
    return NULL;
}

static void test_notify_remembers_one(void **state)
{
    int seen[3] = {1, 1, 1};

    (void)state;
    assert_int_equal(rt_block_on(&workers_1, notify_remembers, seen), 0);
    assert_int_not_equal(seen[0], 0);
    assert_int_equal(seen[1], 0);
    assert_int_not_equal(seen[2], 0);
}

/* A stock of at most three, filled by half of the crowd for the other. */
struct stock {
    struct async_mutex lock;
    struct async_condvar changed;
    atomic_int arrived;
    int count;
    int taken;
    int mistakes;
};

ASYNC static void stock_change(struct stock *stock, int by)
{
    await guard(async_mutex)(&stock->lock);
    while (stock->count + by < 0 || stock->count + by > 3)
        await async_condvar_wait(&stock->changed, &stock->lock);
    stock->count += by;
    stock->taken += by < 0;
    stock->mistakes += stock->count < 0 || stock->count > 3;
    async_condvar_notify_all(&stock->changed);
}

ASYNC static void *trades(void *arg)
{
    struct stock *stock = arg;
    int by = atomic_fetch_add(&stock->arrived, 1) % 2 == 0 ? 1 : -1;

    for (int i = 0; i < ROUNDS / 4; i++)
        await stock_change(stock, by);
    return NULL;
}

static void stock_check(const struct rt_config *config)
{
    struct stock stock = {.count = 0};
    struct crowd crowd = {trades, &stock};

    assert_int_equal(rt_block_on(config, crowd_run, &crowd), 0);
    assert_int_equal(stock.count, 0);
    assert_int_equal(stock.taken, TASKS / 2 * (ROUNDS / 4));
    assert_int_equal(stock.mistakes, 0);
    async_condvar_destroy(&stock.changed);
}

static void test_condvar(void **state)
{
    (void)state;
    stock_check(&workers_1);
    stock_check(&workers_4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_semaphore_limits),
        cmocka_unit_test(test_semaphore_order),
        cmocka_unit_test(test_rwlock_exclusion),
        cmocka_unit_test(test_rwlock_writers_do_not_starve),
        cmocka_unit_test(test_notify),
        cmocka_unit_test(test_notify_remembers_one),
        cmocka_unit_test(test_condvar),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
