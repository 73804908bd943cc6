/*
 * Both mutexes: one holder at a time, first come first served, nobody
 * forgotten.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <rt.h>

#define TASKS 50
#define ROUNDS 400

static const struct rt_config workers_1 = {.workers = 1};
static const struct rt_config workers_4 = {.workers = 4};

/* `inside` would see a second holder, `value` a lost update. */
struct contest {
    struct async_mutex lock;
    atomic_int inside;
    int collisions;
    long value;
};

ASYNC static void *contends(void *arg)
{
    struct contest *contest = arg;

    for (int i = 0; i < ROUNDS; i++) {
        await guard(async_mutex)(&contest->lock);
        contest->collisions += atomic_fetch_add(&contest->inside, 1) != 0;
        contest->value++;
        if (i % 16 == 0)
            await rt_yield();
        atomic_fetch_sub(&contest->inside, 1);
    }
    return NULL;
}

ASYNC static void *contest_run(void *arg)
{
    struct rt_join_handle *handles[TASKS];

    for (int i = 0; i < TASKS; i++)
        handles[i] = rt_spawn(contends, arg);
    for (int i = 0; i < TASKS; i++)
        await rt_join(handles[i], NULL);
    return NULL;
}

static void contest_check(const struct rt_config *config)
{
    struct contest contest = {.lock = ASYNC_MUTEX_INIT};

    assert_int_equal(rt_block_on(config, contest_run, &contest), 0);
    assert_int_equal(contest.collisions, 0);
    assert_int_equal(contest.value, TASKS * ROUNDS);
    async_mutex_destroy(&contest.lock);
}

static void test_exclusion(void **state)
{
    (void)state;
    contest_check(&workers_1);
    contest_check(&workers_4);
}

/* Waiters queue one after the other, each known to wait before the next one
 * is spawned; `order` is how they were served. */
struct queue {
    struct async_mutex lock;
    atomic_int arrived;
    int served;
    int order[TASKS];
};

struct waiter {
    struct queue *queue;
    int number;
};

ASYNC static void *queues(void *arg)
{
    struct waiter *waiter = arg;
    struct queue *queue = waiter->queue;

    atomic_fetch_add(&queue->arrived, 1);
    await async_mutex_lock(&queue->lock);
    queue->order[queue->served++] = waiter->number;
    await rt_yield();
    async_mutex_unlock(&queue->lock);
    return NULL;
}

ASYNC static void *queue_run(void *arg)
{
    struct queue *queue = arg;
    struct waiter waiters[TASKS];
    struct rt_join_handle *handles[TASKS];

    await async_mutex_lock(&queue->lock);
    for (int i = 0; i < TASKS; i++) {
        waiters[i] = (struct waiter){queue, i};
        handles[i] = rt_spawn(queues, &waiters[i]);
        while (atomic_load(&queue->arrived) <= i)
            await rt_yield();
        await rt_sleep_ms(1); /* from arrived to queued */
    }
    async_mutex_unlock(&queue->lock);
    for (int i = 0; i < TASKS; i++)
        await rt_join(handles[i], NULL);
    return NULL;
}

static void queue_check(const struct rt_config *config)
{
    struct queue queue = {.lock = ASYNC_MUTEX_INIT};

    assert_int_equal(rt_block_on(config, queue_run, &queue), 0);
    assert_int_equal(queue.served, TASKS);
    for (int i = 0; i < TASKS; i++)
        assert_int_equal(queue.order[i], i);
}

static void test_first_come_first_served(void **state)
{
    (void)state;
    queue_check(&workers_1);
    queue_check(&workers_4);
}

struct trial {
    struct async_mutex lock;
    int seen[3];
};

ASYNC static void *tries(void *arg)
{
    struct trial *trial = arg;

    trial->seen[1] = async_mutex_try_lock(&trial->lock);
    return NULL;
}

ASYNC static void *trial_run(void *arg)
{
    struct trial *trial = arg;

    trial->seen[0] = async_mutex_try_lock(&trial->lock);
    await rt_join(rt_spawn(tries, trial), NULL);
    async_mutex_unlock(&trial->lock);
    trial->seen[2] = async_mutex_try_lock(&trial->lock);
    async_mutex_unlock(&trial->lock);
    return NULL;
}

static void test_try_lock(void **state)
{
    struct trial trial = {.seen = {-1, -1, -1}};

    (void)state;
    async_mutex_init(&trial.lock);
    assert_int_equal(rt_block_on(NULL, trial_run, &trial), 0);
    assert_int_equal(trial.seen[0], 1);
    assert_int_equal(trial.seen[1], 0);
    assert_int_equal(trial.seen[2], 1);
}

/* Two executors in two threads share one mutex: wake-ups cross over. */
static void *contest_in_a_thread(void *arg)
{
    return rt_block_on(&workers_1, contest_run, arg) == 0 ? arg : NULL;
}

static void test_between_executors(void **state)
{
    struct contest contest = {.lock = ASYNC_MUTEX_INIT};
    pthread_t thread;
    void *result;

    (void)state;
    pthread_create(&thread, NULL, contest_in_a_thread, &contest);
    assert_int_equal(rt_block_on(&workers_1, contest_run, &contest), 0);
    pthread_join(thread, &result);
    assert_ptr_equal(result, &contest);
    assert_int_equal(contest.collisions, 0);
    assert_int_equal(contest.value, 2 * TASKS * ROUNDS);
}

/* A mutex outlives the executor that it was at home in, and goes on to the
 * next, to one with several workers, and to no executor at all. */
static void test_from_executor_to_executor(void **state)
{
    struct contest contest = {.lock = ASYNC_MUTEX_INIT};

    (void)state;
    assert_int_equal(rt_block_on(&workers_1, contest_run, &contest), 0);
    assert_int_equal(rt_block_on(&workers_1, contest_run, &contest), 0);
    assert_true(async_mutex_try_lock(&contest.lock));
    assert_false(async_mutex_try_lock(&contest.lock));
    async_mutex_unlock(&contest.lock);
    assert_int_equal(rt_block_on(&workers_4, contest_run, &contest), 0);
    assert_int_equal(contest.collisions, 0);
    assert_int_equal(contest.value, 3 * TASKS * ROUNDS);
    async_mutex_destroy(&contest.lock);
}

/* The home is asleep when another executor comes. */
ASYNC static void *sleeps_at_home(void *arg)
{
    struct contest *contest = arg;

    await async_mutex_lock(&contest->lock);
    async_mutex_unlock(&contest->lock);
    atomic_store(&contest->inside, 1);
    while (atomic_load(&contest->inside) == 1)
        await rt_sleep_ms(300);
    return NULL;
}

static void *home_in_a_thread(void *arg)
{
    return rt_block_on(&workers_1, sleeps_at_home, arg) == 0 ? arg : NULL;
}

static void test_from_a_sleeping_executor(void **state)
{
    struct contest contest = {.lock = ASYNC_MUTEX_INIT};
    pthread_t thread;
    void *result;

    (void)state;
    pthread_create(&thread, NULL, home_in_a_thread, &contest);
    while (atomic_load(&contest.inside) == 0)
        sched_yield();
    assert_true(async_mutex_try_lock(&contest.lock));
    async_mutex_unlock(&contest.lock);
    atomic_store(&contest.inside, 0);
    pthread_join(thread, &result);
    assert_ptr_equal(result, &contest);
}

/* The home's worker waits for the other thread, which wants the mutex: asleep
 * in the kernel, or computing. Neither comes to an end before that has it. */
struct blocked_home {
    struct async_mutex lock;
    int way;
    bool computes;
    sem_t at_home;
    sem_t is_taken;
    atomic_bool is_done;
};

ASYNC static void *blocks_at_home(void *arg)
{
    struct blocked_home *blocked = arg;

    await async_mutex_lock(&blocked->lock);
    async_mutex_unlock(&blocked->lock);
    sem_post(&blocked->at_home);
    if (blocked->computes)
        while (!atomic_load(&blocked->is_done))
            continue;
    sem_wait(&blocked->is_taken);
    await async_mutex_lock(&blocked->lock);
    async_mutex_unlock(&blocked->lock);
    return NULL;
}

static void *blocked_home_in_a_thread(void *arg)
{
    return rt_block_on(&workers_1, blocks_at_home, arg) == 0 ? arg : NULL;
}

ASYNC static void *comes_from_elsewhere(void *arg)
{
    struct blocked_home *blocked = arg;
    struct rt_future future = async_mutex_lock_future(&blocked->lock);

    if (blocked->way == 0)
        await async_mutex_lock(&blocked->lock);
    else if (blocked->way == 1)
        assert_true(async_mutex_try_lock(&blocked->lock));
    else
        assert_int_equal(await rt_await(&future), 0);
    async_mutex_unlock(&blocked->lock);
    return NULL;
}

static void test_from_a_blocked_executor(void **state)
{
    (void)state;
    for (int i = 0; i < 6; i++) {
        struct blocked_home blocked = {.way = i / 2, .computes = i % 2};
        pthread_t thread;
        void *result;

        sem_init(&blocked.at_home, 0, 0);
        sem_init(&blocked.is_taken, 0, 0);
        pthread_create(&thread, NULL, blocked_home_in_a_thread, &blocked);
        sem_wait(&blocked.at_home);
        assert_int_equal(
            rt_block_on(&workers_1, comes_from_elsewhere, &blocked), 0);
        atomic_store(&blocked.is_done, true);
        sem_post(&blocked.is_taken);
        pthread_join(thread, &result);
        assert_ptr_equal(result, &blocked);
    }
}

struct thread_contest {
    struct blocking_mutex lock;
    long value;
};

static void *contends_as_thread(void *arg)
{
    struct thread_contest *contest = arg;

    for (int i = 0; i < 20000; i++) {
        blocking_mutex_lock(&contest->lock);
        contest->value++;
        blocking_mutex_unlock(&contest->lock);
    }
    return NULL;
}

static void test_blocking_mutex(void **state)
{
    struct thread_contest contest = {.lock = BLOCKING_MUTEX_INIT};
    pthread_t threads[4];

    (void)state;
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, contends_as_thread, &contest);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(contest.value, 80000);
    assert_true(blocking_mutex_try_lock(&contest.lock));
    assert_false(blocking_mutex_try_lock(&contest.lock));
    blocking_mutex_unlock(&contest.lock);
    blocking_mutex_destroy(&contest.lock);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exclusion),
        cmocka_unit_test(test_first_come_first_served),
        cmocka_unit_test(test_try_lock),
        cmocka_unit_test(test_between_executors),
        cmocka_unit_test(test_from_executor_to_executor),
        cmocka_unit_test(test_from_a_sleeping_executor),
        cmocka_unit_test(test_from_a_blocked_executor),
        cmocka_unit_test(test_blocking_mutex),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
