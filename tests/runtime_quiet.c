/*
 * A task that does nothing but lock and unlock, so that its worker is quiet
 * (see mutex_home.h): it keeps nobody waiting, whatever they wait for, and what
 * it has taken without counting is taken for everybody.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include <rt.h>

/* The worker is quiet after the first of them, if nobody else needs it. */
#define ROUNDS_BEFORE 300
#define PAUSE_MS 20
#define PATIENCE_MS 20000

struct quiet {
    struct async_mutex lock;
    atomic_bool is_done;
    bool loop_has_seen;
    rt_task_fn *other; /* begins to wait before the loop, sets `is_done` */
    void (*disturb)(struct quiet *quiet); /* in the loop, or NULL */
    void *(*thread)(void *quiet);         /* beside the loop, or NULL */
    struct mpsc channel;
    struct rt_join_handle *handle;
    struct rt_tcp_listener listener;
    uint16_t port;
};

ASYNC static void round_make(struct quiet *quiet)
{
    await async_mutex_lock(&quiet->lock);
    async_mutex_unlock(&quiet->lock);
}

static void pause_ms(long ms)
{
    const struct timespec pause = {.tv_nsec = ms * 1000000};

    nanosleep(&pause, NULL);
}

/* Never waits, nor yields, but for what locking does by itself. */
ASYNC static void *loops(void *arg)
{
    struct quiet *quiet = arg;
    uint64_t end_ms = rt_now_ms() + PATIENCE_MS;

    for (int i = 0; i < ROUNDS_BEFORE; i++)
        await round_make(quiet);
    if (quiet->disturb)
        quiet->disturb(quiet);
    while (!atomic_load(&quiet->is_done) && rt_now_ms() < end_ms)
        await round_make(quiet);
    quiet->loop_has_seen = atomic_load(&quiet->is_done);
    return NULL;
}

ASYNC static void *quiet_run(void *arg)
{
    struct quiet *quiet = arg;
    pthread_t thread;

    assert_int_equal(mpsc_init(&quiet->channel, sizeof(int), 1), 0);
    quiet->handle = rt_spawn(quiet->other, quiet);
    await rt_yield();
    if (quiet->thread)
        pthread_create(&thread, NULL, quiet->thread, quiet);
    await rt_join(rt_spawn(loops, quiet), NULL);
    assert_true(quiet->loop_has_seen);
    if (quiet->thread)
        pthread_join(thread, NULL);
    await rt_join(quiet->handle, NULL);
    mpsc_destroy(&quiet->channel);
    return NULL;
}

static void quiet_check(struct quiet quiet, enum rt_io io)
{
    struct rt_config config = {.workers = 1, .io = io};

    assert_int_equal(rt_block_on(&config, quiet_run, &quiet), 0);
}

ASYNC static void *receives(void *arg)
{
    struct quiet *quiet = arg;
    int value;

    assert_int_equal(await mpsc_receive(&quiet->channel, &value), 0);
    atomic_store(&quiet->is_done, true);
    return NULL;
}

static void sends(struct quiet *quiet)
{
    int value = 1;

    assert_int_equal(mpsc_try_send(&quiet->channel, &value), 0);
}

static void test_task_that_the_loop_wakes(void **state)
{
    (void)state;
    quiet_check((struct quiet){.other = receives, .disturb = sends}, 0);
}

static void *sends_in_a_thread(void *arg)
{
    pause_ms(PAUSE_MS);
    sends(arg);
    return NULL;
}

static void test_task_that_a_thread_wakes(void **state)
{
    (void)state;
    quiet_check((struct quiet){.other = receives, .thread = sends_in_a_thread},
                0);
}

ASYNC static void *never_receives(void *arg)
{
    struct quiet *quiet = arg;
    int value;

    assert_int_equal(await mpsc_receive(&quiet->channel, &value), -ECANCELED);
    atomic_store(&quiet->is_done, true);
    return NULL;
}

static void *cancels_in_a_thread(void *arg)
{
    struct quiet *quiet = arg;

    pause_ms(PAUSE_MS);
    rt_cancel(quiet->handle);
    return NULL;
}

static void test_task_that_a_thread_cancels(void **state)
{
    (void)state;
    quiet_check(
        (struct quiet){.other = never_receives, .thread = cancels_in_a_thread},
        0);
}

ASYNC static void *sleeps(void *arg)
{
    struct quiet *quiet = arg;

    await rt_sleep_ms(PAUSE_MS);
    atomic_store(&quiet->is_done, true);
    return NULL;
}

ASYNC static void *times_out(void *arg)
{
    struct quiet *quiet = arg;
    int value;

    assert_int_equal(
        await mpsc_receive_timeout_ms(&quiet->channel, &value, PAUSE_MS),
        -ETIMEDOUT);
    atomic_store(&quiet->is_done, true);
    return NULL;
}

static void test_timers(void **state)
{
    (void)state;
    quiet_check((struct quiet){.other = sleeps}, 0);
    quiet_check((struct quiet){.other = times_out}, 0);
}

static void *job(void *arg)
{
    pause_ms(PAUSE_MS);
    return arg;
}

ASYNC static void *joins_a_job(void *arg)
{
    struct quiet *quiet = arg;

    assert_int_equal(await rt_join(rt_spawn_blocking(job, NULL), NULL), 0);
    atomic_store(&quiet->is_done, true);
    return NULL;
}

static void test_job_of_the_pool(void **state)
{
    (void)state;
    quiet_check((struct quiet){.other = joins_a_job}, 0);
}

ASYNC static void *accepts(void *arg)
{
    struct quiet *quiet = arg;
    struct rt_tcp_stream stream;
    char byte;

    assert_int_equal(rt_tcp_listen("127.0.0.1", 0, &quiet->listener), 0);
    quiet->port = (uint16_t)rt_tcp_port(quiet->listener);
    assert_int_equal(await rt_tcp_accept(quiet->listener, &stream), 0);
    assert_int_equal(await rt_tcp_read_all(stream, &byte, 1), 0);
    rt_tcp_close(stream);
    rt_tcp_listener_close(quiet->listener);
    atomic_store(&quiet->is_done, true);
    return NULL;
}

ASYNC static void *connects(void *arg)
{
    const uint16_t *port = arg;
    struct rt_tcp_stream stream;

    await rt_sleep_ms(PAUSE_MS);
    assert_int_equal(await rt_tcp_connect("127.0.0.1", *port, &stream), 0);
    await rt_sleep_ms(PAUSE_MS);
    assert_int_equal(await rt_tcp_write_all(stream, "x", 1), 0);
    rt_tcp_close(stream);
    return NULL;
}

static void *connects_in_a_thread(void *arg)
{
    struct quiet *quiet = arg;

    assert_int_equal(rt_block_on(NULL, connects, &quiet->port), 0);
    return NULL;
}

ASYNC static void *writes_a_file(void *arg)
{
    struct quiet *quiet = arg;
    struct rt_file file;

    assert_int_equal(await rt_file_open("/dev/null", O_WRONLY, 0, &file), 0);
    assert_int_equal(await rt_file_write(file, "x", 1), 1);
    assert_int_equal(await rt_file_close(file), 0);
    atomic_store(&quiet->is_done, true);
    return NULL;
}

static void test_sockets_and_files(void **state)
{
    (void)state;
    for (enum rt_io io = RT_IO_POLL; io <= RT_IO_RING; io++) {
        quiet_check(
            (struct quiet){.other = accepts, .thread = connects_in_a_thread},
            io);
        quiet_check((struct quiet){.other = writes_a_file}, io);
    }
}

/* Taken without counting, and then others of this worker come. */
ASYNC static void *queues(void *arg)
{
    struct quiet *quiet = arg;
    int value;

    assert_int_equal(await mpsc_receive(&quiet->channel, &value), 0);
    assert_false(async_mutex_try_lock(&quiet->lock));
    atomic_store(&quiet->is_done, true);
    await async_mutex_lock(&quiet->lock);
    async_mutex_unlock(&quiet->lock);
    return NULL;
}

ASYNC static void takes_and_sends(struct quiet *quiet)
{
    await async_mutex_lock(&quiet->lock);
    sends(quiet);
    for (int i = 0; i < 3; i++)
        await rt_yield();
    assert_true(atomic_load(&quiet->is_done));
    async_mutex_unlock(&quiet->lock);
}

static void test_waiter_at_home(void **state)
{
    (void)state;
    quiet_check((struct quiet){.other = queues, .disturb = takes_and_sends}, 0);
}

/* Taken without counting, and then another thread comes. */
static void *tries_in_a_thread(void *arg)
{
    struct quiet *quiet = arg;

    assert_false(async_mutex_try_lock(&quiet->lock));
    return NULL;
}

ASYNC static void takes_beside_a_thread(struct quiet *quiet)
{
    pthread_t thread;

    await async_mutex_lock(&quiet->lock);
    pthread_create(&thread, NULL, tries_in_a_thread, quiet);
    pthread_join(thread, NULL);
    assert_false(async_mutex_try_lock(&quiet->lock));
    async_mutex_unlock(&quiet->lock);
    assert_true(async_mutex_try_lock(&quiet->lock));
    async_mutex_unlock(&quiet->lock);
    atomic_store(&quiet->is_done, true);
}

ASYNC static void *does_nothing(void *arg)
{
    return arg;
}

static void test_held_when_it_moves_out(void **state)
{
    (void)state;
    quiet_check(
        (struct quiet){.other = does_nothing, .disturb = takes_beside_a_thread},
        0);
}

/* Two executors of one worker: what the first has had for itself the second
 * wants, too, at any moment. Whoever is the last to have it frees it. */
#define OBJECTS 3000
#define OBJECT_ROUNDS 200

struct object {
    struct async_mutex lock;
    int users;
    int inside;
};

struct exchange {
    _Atomic(struct object *) offered;
    atomic_int collisions; /* of all objects, so not under their locks */
};

ASYNC static void object_round(struct exchange *exchange, struct object *object)
{
    await async_mutex_lock(&object->lock);
    atomic_fetch_add(&exchange->collisions, object->inside++);
    object->inside--;
    async_mutex_unlock(&object->lock);
}

ASYNC static void object_leave(struct object *object)
{
    bool is_last;

    await async_mutex_lock(&object->lock);
    is_last = --object->users == 0;
    async_mutex_unlock(&object->lock);
    if (is_last)
        free(object);
}

ASYNC static void *has_for_itself(void *arg)
{
    struct exchange *exchange = arg;

    for (int i = 0; i < OBJECTS; i++) {
        struct object *object = calloc(1, sizeof *object);

        object->users = 2;
        await object_round(exchange, object);
        atomic_store(&exchange->offered, object);
        for (int j = 0; j < OBJECT_ROUNDS; j++)
            await object_round(exchange, object);
        await object_leave(object);
        while (atomic_load(&exchange->offered))
            sched_yield();
    }
    return NULL;
}

ASYNC static void *wants(void *arg)
{
    struct exchange *exchange = arg;

    for (int i = 0; i < OBJECTS; i++) {
        struct object *object;

        while (!(object = atomic_load(&exchange->offered)))
            sched_yield();
        atomic_store(&exchange->offered, NULL);
        for (volatile int j = 0; j < i % 256; j++)
            continue;
        await object_round(exchange, object);
        await object_leave(object);
    }
    return NULL;
}

static void *wants_in_a_thread(void *arg)
{
    assert_int_equal(rt_block_on(NULL, wants, arg), 0);
    return NULL;
}

static void test_two_homes(void **state)
{
    struct exchange exchange = {.collisions = 0};
    pthread_t thread;

    (void)state;
    pthread_create(&thread, NULL, wants_in_a_thread, &exchange);
    assert_int_equal(rt_block_on(NULL, has_for_itself, &exchange), 0);
    pthread_join(thread, NULL);
    assert_int_equal(atomic_load(&exchange.collisions), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_task_that_the_loop_wakes),
        cmocka_unit_test(test_task_that_a_thread_wakes),
        cmocka_unit_test(test_task_that_a_thread_cancels),
        cmocka_unit_test(test_timers),
        cmocka_unit_test(test_job_of_the_pool),
        cmocka_unit_test(test_sockets_and_files),
        cmocka_unit_test(test_waiter_at_home),
        cmocka_unit_test(test_held_when_it_moves_out),
        cmocka_unit_test(test_two_homes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
