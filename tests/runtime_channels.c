/*
 * mpsc, oneshot and broadcast: every value arrives, in order, and an end is
 * seen by all.
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

#define SENDERS 8
#define VALUES 500

static const struct rt_config workers_1 = {.workers = 1};
static const struct rt_config workers_4 = {.workers = 4};

/* Each sender numbers its values; each receiver sees them rise. */
struct traffic {
    struct mpsc channel;
    int receivers;
    atomic_int senders_left;
    atomic_int next_sender;
    atomic_int received;
    atomic_int disorders;
};

struct value {
    int sender;
    int number;
};

ASYNC static void *sends(void *arg)
{
    struct traffic *traffic = arg;
    int sender = atomic_fetch_add(&traffic->next_sender, 1);

    for (int i = 1; i <= VALUES; i++) {
        struct value value = {sender, i};

        if (await mpsc_send(&traffic->channel, &value) != 0)
            atomic_fetch_add(&traffic->disorders, 1);
    }
    if (atomic_fetch_sub(&traffic->senders_left, 1) == 1)
        mpsc_close(&traffic->channel);
    return NULL;
}

ASYNC static void *receives(void *arg)
{
    struct traffic *traffic = arg;
    int last[SENDERS] = {0};
    struct value value;

    while (await mpsc_receive(&traffic->channel, &value) == 0) {
        atomic_fetch_add(&traffic->received, 1);
        if (value.number <= last[value.sender])
            atomic_fetch_add(&traffic->disorders, 1);
        last[value.sender] = value.number;
    }
    return NULL;
}

ASYNC static void *traffic_run(void *arg)
{
    struct traffic *traffic = arg;
    struct rt_join_handle *handles[SENDERS * 2];
    int count = 0;

    for (int i = 0; i < traffic->receivers; i++)
        handles[count++] = rt_spawn(receives, traffic);
    for (int i = 0; i < SENDERS; i++)
        handles[count++] = rt_spawn(sends, traffic);
    while (count > 0)
        await rt_join(handles[--count], NULL);
    return NULL;
}

static void traffic_check(const struct rt_config *config, size_t capacity,
                          int receivers)
{
    struct traffic traffic = {.receivers = receivers, .senders_left = SENDERS};

    assert_int_equal(
        mpsc_init(&traffic.channel, sizeof(struct value), capacity), 0);
    assert_int_equal(rt_block_on(config, traffic_run, &traffic), 0);
    assert_int_equal(atomic_load(&traffic.received), SENDERS * VALUES);
    assert_int_equal(atomic_load(&traffic.disorders), 0);
    mpsc_destroy(&traffic.channel);
}

static void test_channel_delivers(void **state)
{
    static const size_t capacities[] = {1, 3, 1000};

    (void)state;
    for (int i = 0; i < 3; i++) {
        traffic_check(&workers_1, capacities[i], 1);
        traffic_check(&workers_4, capacities[i], 1);
        traffic_check(&workers_4, capacities[i], 5);
    }
}

struct end {
    struct mpsc channel;
    int status[8];
};

ASYNC static void *sends_in_vain(void *arg)
{
    struct end *end = arg;
    int value = 2;

    end->status[0] = await mpsc_send(&end->channel, &value);
    return NULL;
}

ASYNC static void *receives_in_vain(void *arg)
{
    struct end *end = arg;
    int value;

    end->status[1] = await mpsc_receive(&end->channel, &value);
    return NULL;
}

ASYNC static void *end_run(void *arg)
{
    struct end *end = arg;
    struct rt_join_handle *waiter;
    int value = 1;

    end->status[2] = mpsc_try_receive(&end->channel, &value);
    waiter = rt_spawn(receives_in_vain, end);
    await rt_yield();
    mpsc_close(&end->channel);
    await rt_join(waiter, NULL);
    mpsc_destroy(&end->channel);

    mpsc_init(&end->channel, sizeof(int), 1);
    end->status[3] = mpsc_try_send(&end->channel, &value);
    end->status[4] = mpsc_try_send(&end->channel, &value);
    waiter = rt_spawn(sends_in_vain, end);
    await rt_yield();
    mpsc_close(&end->channel);
    await rt_join(waiter, NULL);
    end->status[5] = await mpsc_receive(&end->channel, &value);
    end->status[6] = await mpsc_receive(&end->channel, &value);
    end->status[7] = mpsc_try_send(&end->channel, &value);
    return NULL;
}

static void test_channel_ends(void **state)
{
    static const int expected[8] = {-EPIPE,  -EPIPE, -EAGAIN, 0,
                                    -EAGAIN, 0,      -EPIPE,  -EPIPE};
    struct end end;

    (void)state;
    assert_int_equal(mpsc_init(&end.channel, sizeof(int), 0), -EINVAL);
    assert_int_equal(mpsc_init(&end.channel, sizeof(int), 2), 0);
    assert_int_equal(rt_block_on(&workers_1, end_run, &end), 0);
    assert_memory_equal(end.status, expected, sizeof expected);
    mpsc_destroy(&end.channel);
}

/* Who is asked answers from a thread of the pool. */
struct request {
    struct oneshot answer;
    bool is_refused;
    int status[3];
    void *value;
};

static void *answers(void *arg)
{
    struct request *request = arg;

    if (request->is_refused) {
        oneshot_close(&request->answer);
        return NULL;
    }
    oneshot_send(&request->answer, request);
    return NULL;
}

ASYNC static void *asks(void *arg)
{
    struct request *request = arg;
    struct rt_join_handle *job = rt_spawn_blocking(answers, request);

    request->status[0] =
        await oneshot_receive(&request->answer, &request->value);
    await rt_join(job, NULL);
    request->status[1] = oneshot_send(&request->answer, NULL);
    request->status[2] =
        await oneshot_receive(&request->answer, &request->value);
    return NULL;
}

static void test_oneshot(void **state)
{
    struct request request = {.answer = ONESHOT_INIT};

    (void)state;
    assert_int_equal(rt_block_on(&workers_1, asks, &request), 0);
    assert_int_equal(request.status[0], 0);
    assert_int_equal(request.status[1], -EALREADY);
    assert_int_equal(request.status[2], 0);
    assert_ptr_equal(request.value, &request);

    request = (struct request){.is_refused = true};
    assert_int_equal(rt_block_on(&workers_1, asks, &request), 0);
    assert_int_equal(request.status[0], -EPIPE);
    assert_int_equal(request.status[1], -EPIPE);
    assert_null(request.value);
}

/* Every receiver adds up all that it gets. */
struct audience {
    struct broadcast broadcast;
    struct broadcast_receiver receivers[SENDERS];
    atomic_int next;
    int sums[SENDERS];
    int losses[SENDERS];
};

ASYNC static void *listens(void *arg)
{
    struct audience *audience = arg;
    int number = atomic_fetch_add(&audience->next, 1);
    int status;
    int value;

    do {
        status = await broadcast_receive(&audience->receivers[number], &value);
        audience->sums[number] += status == 0 ? value : 0;
        audience->losses[number] += status == -EOVERFLOW;
    } while (status != -EPIPE);
    return NULL;
}

ASYNC static void *audience_run(void *arg)
{
    struct audience *audience = arg;
    struct rt_join_handle *handles[SENDERS];

    for (int i = 0; i < SENDERS; i++) {
        audience->receivers[i] = broadcast_subscribe(&audience->broadcast);
        handles[i] = rt_spawn(listens, audience);
    }
    for (int value = 1; value <= VALUES; value++) {
        broadcast_send(&audience->broadcast, &value);
        if (value % 10 == 0)
            await rt_yield();
    }
    broadcast_close(&audience->broadcast);
    for (int i = 0; i < SENDERS; i++)
        await rt_join(handles[i], NULL);
    return NULL;
}

static void audience_check(const struct rt_config *config, size_t capacity,
                           bool may_lose)
{
    struct audience audience = {.sums = {0}};

    assert_int_equal(broadcast_init(&audience.broadcast, sizeof(int), capacity),
                     0);
    assert_int_equal(rt_block_on(config, audience_run, &audience), 0);
    for (int i = 0; i < SENDERS; i++) {
        if (!may_lose)
            assert_int_equal(audience.losses[i], 0);
        if (audience.losses[i] == 0)
            assert_int_equal(audience.sums[i], VALUES * (VALUES + 1) / 2);
    }
    broadcast_destroy(&audience.broadcast);
}

static void test_broadcast(void **state)
{
    (void)state;
    audience_check(&workers_1, VALUES, false);
    audience_check(&workers_4, VALUES, false);
    audience_check(&workers_4, 7, true);
}

/* Five values in a ring of two: the last two are left. */
ASYNC static void *comes_late(void *arg)
{
    struct broadcast broadcast;
    struct broadcast_receiver receiver;
    int *seen = arg;

    broadcast_init(&broadcast, sizeof(int), 2);
    receiver = broadcast_subscribe(&broadcast);
    for (int value = 1; value <= 5; value++)
        broadcast_send(&broadcast, &value);
    seen[0] = await broadcast_receive(&receiver, &seen[4]);
    seen[1] = await broadcast_receive(&receiver, &seen[4]);
    seen[2] = await broadcast_receive(&receiver, &seen[5]);
    seen[3] = await broadcast_receive_timeout_ms(&receiver, &seen[5], 2);
    broadcast_destroy(&broadcast);
    return NULL;
}

static void test_broadcast_loss(void **state)
{
    static const int expected[6] = {-EOVERFLOW, 0, 0, -ETIMEDOUT, 4, 5};
    int seen[6] = {0};

    (void)state;
    assert_int_equal(rt_block_on(&workers_1, comes_late, seen), 0);
    assert_memory_equal(seen, expected, sizeof expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_channel_delivers),
        cmocka_unit_test(test_channel_ends),
        cmocka_unit_test(test_oneshot),
        cmocka_unit_test(test_broadcast),
        cmocka_unit_test(test_broadcast_loss),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
