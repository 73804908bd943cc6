/*
 * TCP on loopback, by epoll and by io_uring: echo, large transfers, ends and
 * errors; and which of the two is the default.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <rt.h>

#define CLIENTS 20
#define ROUNDS 50
#define LARGE_SIZE ((size_t)8 * 1024 * 1024)

/* Every test is run like this; without io_uring some are the same again. */
static const struct rt_config configs[] = {
    {.workers = 1, .io = RT_IO_POLL},
    {.workers = 1, .io = RT_IO_RING},
    {.workers = 4, .io = RT_IO_POLL},
    {.workers = 4, .io = RT_IO_RING},
};
#define CONFIGS (sizeof configs / sizeof configs[0])

struct echo {
    struct rt_tcp_listener listener;
    const char *address;
    int echoed;
    struct async_mutex lock; /* of `echoed` */
};

/* The task owns the stream behind `arg`, and frees it. */
ASYNC static void *echo_serve(void *arg)
{
    struct rt_tcp_stream stream = *(struct rt_tcp_stream *)arg;
    char buffer[256];
    ssize_t count;

    free(arg);
    while ((count = await rt_tcp_read(stream, buffer, sizeof buffer)) > 0)
        if (await rt_tcp_write_all(stream, buffer, (size_t)count) != 0)
            break;
    rt_tcp_close(stream);
    return NULL;
}

ASYNC static void *echo_accept(void *arg)
{
    struct echo *echo = arg;
    struct rt_tcp_stream stream;

    while (await rt_tcp_accept(echo->listener, &stream) == 0) {
        struct rt_tcp_stream *copy = malloc(sizeof *copy);

        *copy = stream;
        rt_detach(rt_spawn(echo_serve, copy));
    }
    return NULL;
}

ASYNC static int echo_round(struct rt_tcp_stream stream, int round)
{
    char sent[32];
    char heard[32];

    memset(sent, 'a' + round % 26, sizeof sent);
    if (await rt_tcp_write_all(stream, sent, sizeof sent) != 0 ||
        await rt_tcp_read_all(stream, heard, sizeof heard) != 0)
        return 0;
    return memcmp(sent, heard, sizeof sent) == 0;
}

ASYNC static void *echo_ask(void *arg)
{
    struct echo *echo = arg;
    uint16_t port = (uint16_t)rt_tcp_port(echo->listener);
    struct rt_tcp_stream stream;
    int echoed = 0;

    if (await rt_tcp_connect(echo->address, port, &stream) != 0)
        return NULL;
    for (int i = 0; i < ROUNDS; i++)
        echoed += await echo_round(stream, i);
    rt_tcp_close(stream);
    await guard(async_mutex)(&echo->lock);
    echo->echoed += echoed;
    return NULL;
}

ASYNC static void *echo_run(void *arg)
{
    struct echo *echo = arg;
    struct rt_join_handle *server;
    struct rt_join_handle *clients[CLIENTS];

    if (rt_tcp_listen(echo->address, 0, &echo->listener) != 0)
        return NULL;
    server = rt_spawn(echo_accept, echo);
    for (int i = 0; i < CLIENTS; i++)
        clients[i] = rt_spawn(echo_ask, echo);
    for (int i = 0; i < CLIENTS; i++)
        await rt_join(clients[i], NULL);
    rt_tcp_listener_close(echo->listener);
    await rt_join(server, NULL);
    return NULL;
}

static void test_echo(void **state)
{
    (void)state;
    for (size_t i = 0; i < CONFIGS; i++) {
        struct echo echo = {.address = "127.0.0.1"};

        assert_int_equal(rt_block_on(&configs[i], echo_run, &echo), 0);
        assert_int_equal(echo.echoed, CLIENTS * ROUNDS);
    }
}

/* Much more than the kernel's buffers: both sides have to wait often. */
struct large {
    struct rt_tcp_listener listener;
    int sent;
    int received;
};

ASYNC static void *large_send(void *arg)
{
    struct large *large = arg;
    struct rt_tcp_stream stream;
    char *bytes = malloc(LARGE_SIZE);

    for (size_t i = 0; i < LARGE_SIZE; i++)
        bytes[i] = (char)(i * 31 >> 4);
    large->sent = await rt_tcp_accept(large->listener, &stream);
    if (large->sent == 0) {
        large->sent = await rt_tcp_write_all(stream, bytes, LARGE_SIZE);
        rt_tcp_close(stream);
    }
    free(bytes);
    return NULL;
}

ASYNC static void *large_receive(void *arg)
{
    struct large *large = arg;
    uint16_t port = (uint16_t)rt_tcp_port(large->listener);
    struct rt_tcp_stream stream;
    char *bytes = calloc(1, LARGE_SIZE);
    char more;
    size_t good = 0;

    if (await rt_tcp_connect("127.0.0.1", port, &stream) == 0 &&
        await rt_tcp_read_all(stream, bytes, LARGE_SIZE) == 0) {
        while (good < LARGE_SIZE && bytes[good] == (char)(good * 31 >> 4))
            good++;
        if (await rt_tcp_read(stream, &more, 1) == 0)
            large->received = good == LARGE_SIZE;
    }
    rt_tcp_close(stream);
    free(bytes);
    return NULL;
}

ASYNC static void *large_run(void *arg)
{
    struct large *large = arg;
    struct rt_join_handle *sender;

    if (rt_tcp_listen("127.0.0.1", 0, &large->listener) != 0)
        return NULL;
    sender = rt_spawn(large_send, large);
    await large_receive(large);
    await rt_join(sender, NULL);
    rt_tcp_listener_close(large->listener);
    return NULL;
}

static void test_large_transfer(void **state)
{
    (void)state;
    for (size_t i = 0; i < CONFIGS; i++) {
        struct large large = {.sent = -1};

        assert_int_equal(rt_block_on(&configs[i], large_run, &large), 0);
        assert_int_equal(large.sent, 0);
        assert_int_equal(large.received, 1);
    }
}

/* One pair of connected streams, and what became of the calls on it. */
struct pair {
    struct rt_tcp_listener listener;
    struct rt_tcp_stream near;
    struct rt_tcp_stream far;
    long seen[8];
};

ASYNC static void *pair_connect(void *arg)
{
    struct pair *pair = arg;
    uint16_t port = (uint16_t)rt_tcp_port(pair->listener);

    pair->seen[0] = await rt_tcp_connect("127.0.0.1", port, &pair->far);
    return NULL;
}

ASYNC static void *pair_read(void *arg)
{
    struct pair *pair = arg;
    char byte;

    pair->seen[1] = await rt_tcp_read(pair->near, &byte, 1);
    return NULL;
}

ASYNC static void *pair_accept_again(void *arg)
{
    struct pair *pair = arg;
    struct rt_tcp_stream nobody;

    pair->seen[2] = await rt_tcp_accept(pair->listener, &nobody);
    return NULL;
}

ASYNC static void *pair_run(void *arg)
{
    struct pair *pair = arg;
    struct rt_join_handle *task;
    struct rt_join_handle *acceptor;
    char byte = 0;

    if (rt_tcp_listen("127.0.0.1", 0, &pair->listener) != 0)
        return NULL;
    task = rt_spawn(pair_connect, pair);
    await rt_tcp_accept(pair->listener, &pair->near);
    await rt_join(task, NULL);
    pair->seen[7] = await rt_tcp_read(pair->near, &byte, 0);

    task = rt_spawn(pair_read, pair);
    acceptor = rt_spawn(pair_accept_again, pair);
    await rt_sleep_ms(100); /* both wait, even on a busy machine */
    rt_tcp_close(pair->near);
    rt_tcp_listener_close(pair->listener);
    await rt_join(task, NULL);
    await rt_join(acceptor, NULL);

    rt_tcp_close(pair->near); /* a second time is no harm */
    pair->seen[3] = await rt_tcp_read(pair->near, &byte, 1);
    pair->seen[4] = rt_tcp_port(pair->listener);
    pair->seen[5] = await rt_tcp_read(pair->far, &byte, 1);
    await rt_tcp_write(pair->far, &byte, 1);
    await rt_sleep_ms(10);
    pair->seen[6] = await rt_tcp_write(pair->far, &byte, 1);
    return NULL; /* `far` stays open: rt_block_on closes it */
}

static void pair_check(const struct rt_config *config)
{
    struct pair pair = {.seen = {1, 1, 1, 1, 1, 1, 1, 1}};

    assert_int_equal(rt_block_on(config, pair_run, &pair), 0);
    assert_int_equal(pair.seen[0], 0);
    assert_int_equal(pair.seen[1], -ECANCELED);
    assert_int_equal(pair.seen[2], -ECANCELED);
    assert_int_equal(pair.seen[3], -EBADF);
    assert_int_equal(pair.seen[4], -EBADF);
    assert_int_equal(pair.seen[5], 0);
    assert_true(pair.seen[6] == -EPIPE || pair.seen[6] == -ECONNRESET);
    assert_int_equal(pair.seen[7], 0);
}

static void test_ends(void **state)
{
    (void)state;
    for (size_t i = 0; i < CONFIGS; i++)
        pair_check(&configs[i]);
}

ASYNC static void *errors_run(void *arg)
{
    int *seen = arg;
    struct rt_tcp_listener listener;
    struct rt_tcp_stream stream;
    uint16_t port;

    seen[0] = rt_tcp_listen("no address", 0, &listener);
    seen[1] = await rt_tcp_connect("localhost", 1, &stream);
    if (rt_tcp_listen("127.0.0.1", 0, &listener) != 0)
        return NULL;
    port = (uint16_t)rt_tcp_port(listener);
    seen[2] = rt_tcp_listen("127.0.0.1", port, &listener);
    rt_tcp_listener_close(listener);
    seen[3] = await rt_tcp_connect("127.0.0.1", port, &stream);
    return NULL;
}

static void test_errors(void **state)
{
    struct rt_tcp_listener listener;

    (void)state;
    assert_int_equal(rt_tcp_listen("127.0.0.1", 0, &listener), -EPERM);
    for (size_t i = 0; i < CONFIGS; i++) {
        int seen[4] = {1, 1, 1, 1};

        assert_int_equal(rt_block_on(&configs[i], errors_run, seen), 0);
        assert_int_equal(seen[0], -EINVAL);
        assert_int_equal(seen[1], -EINVAL);
        assert_int_equal(seen[2], -EADDRINUSE);
        assert_int_equal(seen[3], -ECONNREFUSED);
    }
}

/* How many rings this process has. */
static int rings_count(void)
{
    DIR *folder = opendir("/proc/self/fd");
    const struct dirent *entry;
    int count = 0;

    assert_non_null(folder);
    while ((entry = readdir(folder))) {
        char name[64] = "";

        if (readlinkat(dirfd(folder), entry->d_name, name, sizeof name - 1) > 0)
            count += strstr(name, "io_uring") != NULL;
    }
    closedir(folder);
    return count;
}

/* A call has to be made for the executor to decide. */
ASYNC static void *rings_run(void *arg)
{
    struct rt_tcp_listener listener;
    struct rt_tcp_stream stream;

    if (rt_tcp_listen("127.0.0.1", 0, &listener) != 0)
        return NULL;
    *(int *)arg = -1;
    if (await rt_tcp_accept_timeout_ms(listener, &stream, 1) == -ETIMEDOUT)
        *(int *)arg = rings_count();
    rt_tcp_listener_close(listener);
    return NULL;
}

static int rings_of(int workers, enum rt_io io)
{
    const struct rt_config config = {.workers = workers, .io = io};
    int count = -1;

    assert_int_equal(rt_block_on(&config, rings_run, &count), 0);
    return count;
}

/* Where there is no io_uring the default says nothing. */
static void test_default(void **state)
{
    int rings = rings_of(1, RT_IO_RING);

    (void)state;
    unsetenv(RT_IO_ENV);
    assert_int_equal(rings_of(0, RT_IO_DEFAULT), rings);
    assert_int_equal(rings_of(1, RT_IO_DEFAULT), rings);
    assert_int_equal(rings_of(2, RT_IO_DEFAULT), 0);
    assert_int_equal(rings_of(2, RT_IO_RING), rings);
    setenv(RT_IO_ENV, "ring", 1);
    assert_int_equal(rings_of(2, RT_IO_DEFAULT), rings);
    setenv(RT_IO_ENV, "files", 1);
    assert_int_equal(rings_of(1, RT_IO_DEFAULT), 0);
    unsetenv(RT_IO_ENV);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_echo),    cmocka_unit_test(test_large_transfer),
        cmocka_unit_test(test_ends),    cmocka_unit_test(test_errors),
        cmocka_unit_test(test_default),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
