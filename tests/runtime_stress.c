/*
 * Random schedules with injected delays: a signal stops whichever thread it
 * hits, wherever that is, for a while. What the models prove of each protocol
 * by itself is tried here on all of them together, with the real memory.
 *
 * A wake-up that gets lost shows as a test that never ends. RT_STRESS_MS sets
 * how long each test tries, RT_STRESS_SEED repeats one (as far as threads ever
 * repeat anything).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

#include <cmocka.h>

#include <rt.h>

#define TRY_MS_DEFAULT 2000
#define SIGNAL_PERIOD_US 300

static const struct rt_config workers_1 = {.workers = 1};
static const struct rt_config workers_4 = {.workers = 4};

static _Atomic uint64_t seed;

/* From a sequence that all threads share: who draws what is left to chance
 * anyway. */
static uint32_t chance(uint32_t below)
{
    uint64_t drawn = atomic_fetch_add(&seed, 0x9e3779b97f4a7c15);

    drawn = (drawn ^ (drawn >> 30)) * 0xbf58476d1ce4e5b9;
    drawn = (drawn ^ (drawn >> 27)) * 0x94d049bb133111eb;
    return (uint32_t)((drawn ^ (drawn >> 31)) >> 32) % below;
}

static void linger(uint32_t rounds)
{
    for (volatile uint32_t i = 0; i < rounds; i++)
        continue;
}

/* Mostly a few microseconds; sometimes long enough for all others to notice. */
static void on_signal(int signal)
{
    const struct timespec pause = {.tv_sec = 0, .tv_nsec = 300000};

    (void)signal;
    if (chance(8) == 0)
        nanosleep(&pause, NULL);
    else
        linger(chance(20000));
}

static uint64_t try_until_ms(void)
{
    const char *text = getenv("RT_STRESS_MS");
    uint64_t ms = text ? strtoull(text, NULL, 10) : TRY_MS_DEFAULT;

    return rt_now_ms() + ms;
}

/* Locks in all ways, holds it for nothing, for a while, or over a yield. */
#define LOCKERS 24

struct contest {
    struct async_mutex lock;
    uint64_t until_ms;
    atomic_int inside;
    atomic_int collisions;
    atomic_long taken;
    long value;
};

ASYNC static bool lock_somehow(struct async_mutex *lock)
{
    switch (chance(4)) {
    case 0:
        return async_mutex_try_lock(lock);
    case 1:
        return await async_mutex_lock_timeout_ms(lock, chance(3)) == 0;
    default:
        await async_mutex_lock(lock);
        return true;
    }
}

ASYNC static void *locks(void *arg)
{
    struct contest *contest = arg;

    while (rt_now_ms() < contest->until_ms) {
        if (!await lock_somehow(&contest->lock)) {
            await rt_yield();
            continue;
        }
        if (atomic_fetch_add(&contest->inside, 1) != 0)
            atomic_fetch_add(&contest->collisions, 1);
        contest->value++;
        atomic_fetch_add(&contest->taken, 1);
        if (chance(16) == 0)
            await rt_yield();
        else if (chance(16) == 0)
            linger(chance(2000));
        atomic_fetch_sub(&contest->inside, 1);
        async_mutex_unlock(&contest->lock);
        if (chance(64) == 0)
            await rt_sleep_ms(1);
    }
    return NULL;
}

ASYNC static void *locks_as_many(void *arg)
{
    struct rt_join_handle *handles[LOCKERS];

    for (int i = 0; i < LOCKERS; i++)
        handles[i] = rt_spawn(locks, arg);
    for (int i = 0; i < LOCKERS; i++)
        await rt_join(handles[i], NULL);
    return NULL;
}

static void *locks_in_a_thread(void *arg)
{
    return rt_block_on(&workers_1, locks_as_many, arg) == 0 ? arg : NULL;
}

/* Two executors share the mutex. */
static void test_mutex(void **state)
{
    struct contest contest = {.until_ms = try_until_ms()};
    pthread_t thread;
    void *result;

    (void)state;
    pthread_create(&thread, NULL, locks_in_a_thread, &contest);
    assert_int_equal(rt_block_on(&workers_4, locks_as_many, &contest), 0);
    pthread_join(thread, &result);
    assert_ptr_equal(result, &contest);
    assert_int_equal(atomic_load(&contest.collisions), 0);
    assert_int_equal(contest.value, atomic_load(&contest.taken));
    async_mutex_destroy(&contest.lock);
}

/* Mutexes that live for three locks: the first waiters of each have to be
 * heard, and whoever was last frees its memory as soon as it has unlocked. */
#define OWNERS 3

struct shared_thing {
    struct async_mutex lock;
    int owners;
};

ASYNC static void *gives_up_a_share(void *arg)
{
    struct shared_thing *thing = arg;
    bool is_last;

    for (uint32_t yields = chance(3); yields > 0; yields--)
        await rt_yield();
    while (!await lock_somehow(&thing->lock))
        await rt_yield();
    is_last = --thing->owners == 0;
    if (chance(4) == 0)
        await rt_yield();
    async_mutex_unlock(&thing->lock);
    if (is_last)
        free(thing);
    return NULL;
}

ASYNC static void *shares(void *arg)
{
    const uint64_t *until_ms = arg;
    struct rt_join_handle *handles[OWNERS];

    while (rt_now_ms() < *until_ms) {
        struct shared_thing *thing = calloc(1, sizeof *thing);

        thing->owners = OWNERS;
        for (int i = 0; i < OWNERS; i++)
            handles[i] = rt_spawn(gives_up_a_share, thing);
        for (int i = 0; i < OWNERS; i++)
            await rt_join(handles[i], NULL);
    }
    return NULL;
}

ASYNC static void *shares_as_many(void *arg)
{
    struct rt_join_handle *handles[LOCKERS];

    for (int i = 0; i < LOCKERS; i++)
        handles[i] = rt_spawn(shares, arg);
    for (int i = 0; i < LOCKERS; i++)
        await rt_join(handles[i], NULL);
    return NULL;
}

static void test_short_lived_mutexes(void **state)
{
    uint64_t until_ms = try_until_ms();

    (void)state;
    assert_int_equal(rt_block_on(&workers_4, shares_as_many, &until_ms), 0);
}

/* Bursts of children make queues grow, be stolen from, and run dry. */
#define CHILDREN_MAX 700

struct family {
    uint64_t until_ms;
    atomic_long born;
    atomic_long died;
};

ASYNC static void *lives(void *arg)
{
    struct family *family = arg;

    for (uint32_t yields = chance(4); yields > 0; yields--)
        await rt_yield();
    if (chance(8) == 0)
        linger(chance(5000));
    atomic_fetch_add(&family->died, 1);
    return NULL;
}

ASYNC static void *has_children(void *arg)
{
    struct family *family = arg;
    struct rt_join_handle *handles[CHILDREN_MAX];

    while (rt_now_ms() < family->until_ms) {
        uint32_t children = 1 + chance(chance(4) == 0 ? CHILDREN_MAX : 8);

        for (uint32_t i = 0; i < children; i++)
            handles[i] = rt_spawn(lives, family);
        atomic_fetch_add(&family->born, children);
        for (uint32_t i = 0; i < children; i++)
            await rt_join(handles[i], NULL);
    }
    return NULL;
}

ASYNC static void *is_ancestor(void *arg)
{
    struct rt_join_handle *handles[3];

    for (int i = 0; i < 3; i++)
        handles[i] = rt_spawn(has_children, arg);
    for (int i = 0; i < 3; i++)
        await rt_join(handles[i], NULL);
    return NULL;
}

static void test_stealing(void **state)
{
    struct family family = {.until_ms = try_until_ms()};

    (void)state;
    assert_int_equal(rt_block_on(&workers_4, is_ancestor, &family), 0);
    assert_int_equal(atomic_load(&family.born), atomic_load(&family.died));
}

/* Workers fall asleep between calls from outside, and must hear each. */
#define CALLERS 3

struct call {
    struct semaphore asked;
    uint64_t until_ms;
    atomic_bool is_over;
    atomic_long answers;
    long calls;
};

static void *calls_from_outside(void *arg)
{
    struct call *call = arg;

    while (rt_now_ms() < call->until_ms) {
        long seen = atomic_load(&call->answers);

        call->calls++;
        semaphore_release(&call->asked, 1);
        while (atomic_load(&call->answers) == seen)
            sched_yield();
        linger(chance(chance(4) == 0 ? 100000 : 1000));
    }
    atomic_store(&call->is_over, true);
    semaphore_release(&call->asked, 1);
    return NULL;
}

ASYNC static void *answers(void *arg)
{
    struct call *call = arg;
    struct rt_join_handle *caller = rt_spawn_blocking(calls_from_outside, call);

    for (;;) {
        await semaphore_acquire(&call->asked, 1);
        if (atomic_load(&call->is_over))
            break;
        if (chance(2) == 0)
            await rt_yield();
        atomic_fetch_add(&call->answers, 1);
    }
    await rt_join(caller, NULL);
    return NULL;
}

ASYNC static void *answer_all(void *arg)
{
    struct call *calls = arg;
    struct rt_join_handle *handles[CALLERS];

    for (int i = 0; i < CALLERS; i++)
        handles[i] = rt_spawn(answers, &calls[i]);
    for (int i = 0; i < CALLERS; i++)
        await rt_join(handles[i], NULL);
    return NULL;
}

static void test_parking(void **state)
{
    struct call calls[CALLERS];

    (void)state;
    for (int i = 0; i < CALLERS; i++)
        calls[i] = (struct call){.until_ms = try_until_ms()};
    assert_int_equal(rt_block_on(&workers_4, answer_all, calls), 0);
    for (int i = 0; i < CALLERS; i++)
        assert_int_equal(atomic_load(&calls[i].answers), calls[i].calls);
}

static int signals_start(void **state)
{
    const char *text = getenv("RT_STRESS_SEED");
    struct sigaction action = {.sa_flags = SA_RESTART | SA_ONSTACK};
    struct itimerval period = {
        .it_interval = {.tv_usec = SIGNAL_PERIOD_US},
        .it_value = {.tv_usec = SIGNAL_PERIOD_US},
    };

    (void)state;
    atomic_store(&seed, text ? strtoull(text, NULL, 10) : (uint64_t)time(NULL));
    printf("RT_STRESS_SEED=%llu\n", (unsigned long long)atomic_load(&seed));
    action.sa_handler = on_signal;
    sigemptyset(&action.sa_mask);
    return sigaction(SIGALRM, &action, NULL) != 0 ||
           setitimer(ITIMER_REAL, &period, NULL) != 0;
}

static int signals_stop(void **state)
{
    const struct itimerval never = {.it_value = {0}};

    (void)state;
    return setitimer(ITIMER_REAL, &never, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mutex),
        cmocka_unit_test(test_short_lived_mutexes),
        cmocka_unit_test(test_stealing),
        cmocka_unit_test(test_parking),
    };

    return cmocka_run_group_tests(tests, signals_start, signals_stop);
}
