/*
 * blocking_mutex among threads: one holder at a time, nobody left asleep,
 * nobody left out, and its memory may go with its last holder; by plain stores,
 * and where the kernel can't make threads fence.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include <rt.h>

#include "support/forbid.h"

#define THREADS 4
#define ROUNDS 200000
#define NAP_EVERY 512

/* Locks so far apart share what sleepers leave for owners. */
#define APART 4096

static void nap_us(long us)
{
    const struct timespec pause = {.tv_sec = 0, .tv_nsec = us * 1000};

    nanosleep(&pause, NULL);
}

/* `value` and `copy` are equal whenever the lock is free. */
struct counted {
    struct blocking_mutex lock;
    uint64_t value;
    uint64_t copy;
    uint64_t broken;
};

union spread {
    struct counted counted;
    char bytes[APART];
};

struct crowd {
    union spread *counted; /* two */
    atomic_uint seed;
};

/* The holder sleeps now and then, so that the others do, too. */
static void count(struct counted *counted, unsigned dice)
{
    blocking_mutex_lock(&counted->lock);
    counted->broken += counted->value != counted->copy;
    counted->value++;
    if (dice % NAP_EVERY == 0)
        nap_us(50);
    else if (dice % NAP_EVERY == 1)
        sched_yield();
    counted->copy++;
    blocking_mutex_unlock(&counted->lock);
}

static void *crowd_run(void *arg)
{
    struct crowd *crowd = arg;
    unsigned dice = atomic_fetch_add(&crowd->seed, 1) + 1;

    for (int i = 0; i < ROUNDS; i++) {
        dice = dice * 1664525U + 1013904223U;
        count(&crowd->counted[dice >> 31].counted, dice >> 8);
    }
    return NULL;
}

static void crowd_check(void)
{
    union spread *counted = aligned_alloc(APART, 2 * sizeof *counted);
    struct crowd crowd = {.counted = counted};
    pthread_t threads[THREADS];
    uint64_t sum = 0;

    assert_non_null(counted);
    memset(counted, 0, 2 * sizeof *counted);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, crowd_run, &crowd),
                         0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < 2; i++) {
        blocking_mutex_destroy(&counted[i].counted.lock);
        assert_int_equal(counted[i].counted.broken, 0);
        sum += counted[i].counted.value;
    }
    assert_int_equal(sum, (uint64_t)THREADS * ROUNDS);
    free(counted);
}

static void test_one_at_a_time(void **state)
{
    (void)state;
    crowd_check();
}

/* As on a kernel without membarrier. Nobody else is running. */
static void test_without_fences(void **state)
{
    bool is_remote = rt_fence_is_remote;

    (void)state;
    rt_fence_is_remote = false;
    crowd_check();
    rt_fence_is_remote = is_remote;
}

/* An object that is gone with its last user, who learns that under its lock.
 * What is written there later shows. */
#define OBJECTS 20000
#define USERS 3
#define GONE 0xab

struct object {
    struct blocking_mutex lock;
    int users;
};

struct objects {
    struct object all[OBJECTS];
    pthread_barrier_t start;
};

static void object_leave(struct object *object)
{
    bool is_last;

    blocking_mutex_lock(&object->lock);
    is_last = --object->users == 0;
    blocking_mutex_unlock(&object->lock);
    if (is_last)
        memset((void *)object, GONE, sizeof *object);
}

static void *objects_leave(void *arg)
{
    struct objects *objects = arg;

    pthread_barrier_wait(&objects->start);
    for (int i = 0; i < OBJECTS; i++)
        object_leave(&objects->all[i]);
    return NULL;
}

static void test_goes_with_its_last_user(void **state)
{
    struct objects *objects = calloc(1, sizeof *objects);
    pthread_t threads[USERS];

    (void)state;
    assert_non_null(objects);
    pthread_barrier_init(&objects->start, NULL, USERS);
    for (int i = 0; i < OBJECTS; i++)
        objects->all[i].users = USERS;
    for (int i = 0; i < USERS; i++)
        assert_int_equal(
            pthread_create(&threads[i], NULL, objects_leave, objects), 0);
    for (int i = 0; i < USERS; i++)
        pthread_join(threads[i], NULL);
    for (size_t i = 0; i < sizeof objects->all; i++)
        assert_int_equal(((unsigned char *)objects->all)[i], GONE);
    pthread_barrier_destroy(&objects->start);
    free(objects);
}

/* One that holds the lock nearly all the time, and one that wants it. */
#define WANTED 20
#define HOG_US 200

struct hogged {
    struct blocking_mutex lock;
    atomic_bool is_over;
};

static void *hog(void *arg)
{
    struct hogged *hogged = arg;

    while (!atomic_load(&hogged->is_over)) {
        uint64_t end_us;
        struct timespec now;

        blocking_mutex_lock(&hogged->lock);
        clock_gettime(CLOCK_MONOTONIC, &now);
        end_us = (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000 +
                 HOG_US;
        do
            clock_gettime(CLOCK_MONOTONIC, &now);
        while ((uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000 <
               end_us);
        blocking_mutex_unlock(&hogged->lock);
    }
    return NULL;
}

/* Given after a millisecond or two each time; the rest is for busy machines. */
static void test_nobody_starves(void **state)
{
    struct hogged hogged = {.lock = BLOCKING_MUTEX_INIT};
    uint64_t start_ms = rt_now_ms();
    pthread_t thread;

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, hog, &hogged), 0);
    for (int i = 0; i < WANTED; i++) {
        blocking_mutex_lock(&hogged.lock);
        blocking_mutex_unlock(&hogged.lock);
        nap_us(HOG_US);
    }
    atomic_store(&hogged.is_over, true);
    pthread_join(thread, NULL);
    assert_in_range(rt_now_ms() - start_ms, 0, 10000);
}

static void test_membarrier_forbidden(void **state)
{
    pid_t child = fork();
    int status;

    (void)state;
    if (child == 0) {
        /* A program may lock itself in after it has started. */
        syscall_forbid(SYS_membarrier, EPERM);
        alarm(60);
        crowd_check();
        _exit(0);
    }
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == FORBID_FAILED)
        skip();
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_at_a_time),
        cmocka_unit_test(test_without_fences),
        cmocka_unit_test(test_goes_with_its_last_user),
        cmocka_unit_test(test_nobody_starves),
        cmocka_unit_test(test_membarrier_forbidden),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
