/*
 * How calls on sockets end that do not go well, by epoll and by io_uring: the
 * time is over, the task is cancelled, the socket is closed under them, the
 * peer is gone, there are no more descriptors, or there is no io_uring.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <rt.h>

#include "support/forbid.h"

static const struct rt_config configs[] = {
    {.workers = 1, .io = RT_IO_POLL},
    {.workers = 1, .io = RT_IO_RING},
    {.workers = 3, .io = RT_IO_POLL},
    {.workers = 3, .io = RT_IO_RING},
};

static void each_config(rt_task_fn *run)
{
    for (size_t i = 0; i < sizeof configs / sizeof configs[0]; i++) {
        bool is_done = false;

        assert_int_equal(rt_block_on(&configs[i], run, &is_done), 0);
        assert_true(is_done);
    }
}

/* Two connected streams, and the listener they have met at. */
struct pair {
    struct rt_tcp_listener listener;
    struct rt_tcp_stream near;
    struct rt_tcp_stream far;
};

ASYNC static struct pair pair_open(void)
{
    struct pair pair;
    uint16_t port;

    assert_int_equal(rt_tcp_listen("127.0.0.1", 0, &pair.listener), 0);
    port = (uint16_t)rt_tcp_port(pair.listener);
    assert_int_equal(await rt_tcp_connect("127.0.0.1", port, &pair.far), 0);
    assert_int_equal(await rt_tcp_accept(pair.listener, &pair.near), 0);
    return pair;
}

static void pair_close(struct pair *pair)
{
    rt_tcp_close(pair->near);
    rt_tcp_close(pair->far);
    rt_tcp_listener_close(pair->listener);
}

/* Until the kernel takes no more: it is told not to let its buffer grow. */
ASYNC static void stream_fill(struct rt_tcp_stream stream)
{
    static const char bytes[65536];
    ssize_t count;

    assert_int_equal(rt_tcp_set_send_buffer(stream, 4096), 0);
    do
        count = await rt_tcp_write_timeout_ms(stream, bytes, sizeof bytes, 100);
    while (count > 0);
    assert_int_equal(count, -ETIMEDOUT);
}

ASYNC static void *times_out(void *arg)
{
    struct pair pair = await pair_open();
    struct rt_tcp_stream other;
    uint64_t before_ms = rt_now_ms();
    char byte = 'x';

    assert_int_equal(await rt_tcp_read_timeout_ms(pair.near, &byte, 1, 0),
                     -ETIMEDOUT);
    assert_int_equal(await rt_tcp_accept_timeout_ms(pair.listener, &other, 0),
                     -ETIMEDOUT);
    assert_int_equal(await rt_tcp_read_timeout_ms(pair.near, &byte, 1, 10),
                     -ETIMEDOUT);
    assert_int_equal(await rt_tcp_accept_timeout_ms(pair.listener, &other, 10),
                     -ETIMEDOUT);
    assert_true(rt_now_ms() - before_ms >= 20);

    /* Nothing was lost by that, and nobody still waits for the byte. */
    assert_int_equal(await rt_tcp_write(pair.far, "1", 1), 1);
    assert_int_equal(await rt_tcp_read_timeout_ms(pair.near, &byte, 1, 1000),
                     1);
    assert_int_equal(byte, '1');
    await stream_fill(pair.far);
    pair_close(&pair);
    *(bool *)arg = true;
    return NULL;
}

static void test_time_is_over(void **state)
{
    (void)state;
    each_config(times_out);
}

/* A call that waits in a task of its own, to be cancelled or cut off. */
struct caller {
    struct pair *pair;
    ssize_t result;
    char byte;
};

ASYNC static void *reads(void *arg)
{
    struct caller *caller = arg;

    caller->result = await rt_tcp_read(caller->pair->near, &caller->byte, 1);
    return NULL;
}

ASYNC static void *accepts(void *arg)
{
    struct caller *caller = arg;
    struct rt_tcp_stream stream;

    caller->result = await rt_tcp_accept(caller->pair->listener, &stream);
    return NULL;
}

ASYNC static void *writes(void *arg)
{
    struct caller *caller = arg;

    caller->result = await rt_tcp_write(caller->pair->far, "2", 1);
    return NULL;
}

ASYNC static void call_is_cancelled(struct pair *pair, rt_task_fn *call)
{
    struct caller caller = {.pair = pair};
    struct rt_join_handle *handle = rt_spawn(call, &caller);

    await rt_sleep_ms(5);
    rt_cancel(handle);
    assert_int_equal(await rt_join(handle, NULL), -ECANCELED);
    assert_int_equal(caller.result, -ECANCELED);
}

ASYNC static void *is_cancelled(void *arg)
{
    struct pair pair = await pair_open();
    uint16_t port = (uint16_t)rt_tcp_port(pair.listener);
    struct rt_tcp_stream far;
    struct rt_tcp_stream near;
    char byte;

    await call_is_cancelled(&pair, reads);
    await call_is_cancelled(&pair, accepts);
    assert_int_equal(await rt_tcp_write(pair.far, "3", 1), 1);
    assert_int_equal(await rt_tcp_read(pair.near, &byte, 1), 1);
    assert_int_equal(byte, '3');
    assert_int_equal(await rt_tcp_connect("127.0.0.1", port, &far), 0);
    assert_int_equal(await rt_tcp_accept(pair.listener, &near), 0);
    await stream_fill(pair.far);
    await call_is_cancelled(&pair, writes);
    pair_close(&pair);
    *(bool *)arg = true;
    return NULL;
}

static void test_task_is_cancelled(void **state)
{
    (void)state;
    each_config(is_cancelled);
}

ASYNC static void *is_cut_off(void *arg)
{
    struct pair pair = await pair_open();
    struct caller callers[3] = {
        {.pair = &pair}, {.pair = &pair}, {.pair = &pair}};
    struct rt_join_handle *handles[3];

    await stream_fill(pair.far);
    handles[0] = rt_spawn(writes, &callers[0]);
    handles[1] = rt_spawn(accepts, &callers[1]);
    await rt_sleep_ms(100);
    rt_tcp_close(pair.far);
    rt_tcp_listener_close(pair.listener);
    assert_int_equal(await rt_join(handles[0], NULL), 0);
    assert_int_equal(await rt_join(handles[1], NULL), 0);
    pair_close(&pair);

    pair = await pair_open();
    handles[2] = rt_spawn(reads, &callers[2]);
    await rt_sleep_ms(100);
    rt_tcp_close(pair.near);
    assert_int_equal(await rt_join(handles[2], NULL), 0);
    pair_close(&pair);
    for (int i = 0; i < 3; i++)
        assert_int_equal(callers[i].result, -ECANCELED);
    *(bool *)arg = true;
    return NULL;
}

static void test_socket_is_closed(void **state)
{
    (void)state;
    each_config(is_cut_off);
}

/* One side has finished and the other has not; then neither is there. */
ASYNC static void *peer_goes(void *arg)
{
    struct pair pair = await pair_open();
    char bytes[4] = "";

    assert_int_equal(await rt_tcp_write_all(pair.far, "ask", 3), 0);
    assert_int_equal(rt_tcp_finish(pair.far), 0);
    assert_int_equal(await rt_tcp_write(pair.far, "?", 1), -EPIPE);
    assert_int_equal(await rt_tcp_read_all(pair.near, bytes, 3), 0);
    assert_int_equal(await rt_tcp_read(pair.near, bytes, 1), 0);
    assert_int_equal(await rt_tcp_write_all(pair.near, "yes", 3), 0);
    assert_int_equal(await rt_tcp_read_all(pair.far, bytes, 3), 0);
    assert_string_equal(bytes, "yes");
    pair_close(&pair);
    assert_int_equal(rt_tcp_finish(pair.far), -EBADF);

    /* What was not read when it closed makes it a reset. */
    pair = await pair_open();
    assert_int_equal(await rt_tcp_write_all(pair.far, "lost", 4), 0);
    await rt_sleep_ms(5);
    rt_tcp_close(pair.near);
    await rt_sleep_ms(5);
    assert_int_equal(await rt_tcp_read(pair.far, bytes, 1), -ECONNRESET);
    assert_int_equal(await rt_tcp_write(pair.far, "?", 1), -EPIPE);
    pair_close(&pair);
    *(bool *)arg = true;
    return NULL;
}

static void test_peer_goes(void **state)
{
    (void)state;
    each_config(peer_goes);
}

ASYNC static void *nobody_answers(void *arg)
{
    struct rt_tcp_stream stream;
    int status;

    assert_int_equal(await rt_tcp_connect("127.0.0.1", 1, &stream),
                     -ECONNREFUSED);
    /* By what the machine has for a network, it is one of these. */
    status = await rt_tcp_connect_timeout_ms("192.0.2.1", 9, &stream, 20);
    assert_true(status == -ETIMEDOUT || status == -ENETUNREACH ||
                status == -EHOSTUNREACH || status == -ECONNREFUSED ||
                status == -EACCES || status == -EPERM);
    *(bool *)arg = true;
    return NULL;
}

static void test_nobody_answers(void **state)
{
    (void)state;
    each_config(nobody_answers);
}

/* Sockets as arms of a select, beside a notification and a time. */
ASYNC static int select_once(struct pair *pair, struct notify *notify,
                             uint64_t limit_ms)
{
    struct rt_future arms[] = {
        rt_tcp_readable_future(pair->near),
        rt_tcp_acceptable_future(pair->listener),
        notify_wait_future(notify),
        rt_sleep_future(limit_ms),
    };
    int index = await rt_select(arms, 4);

    assert_true(index < 0 || arms[index].status == 0);
    return index;
}

struct later {
    struct pair *pair;
    struct notify *notify;
};

/* While the other one selects. */
ASYNC static void *writes_later(void *arg)
{
    struct later *later = arg;

    assert_int_equal(await rt_sleep_ms(5), 0);
    assert_int_equal(await rt_tcp_write(later->pair->far, "6", 1), 1);
    return NULL;
}

ASYNC static void *selects(void *arg)
{
    struct pair pair = await pair_open();
    uint16_t port = (uint16_t)rt_tcp_port(pair.listener);
    struct notify notify = NOTIFY_INIT;
    struct later later = {.pair = &pair, .notify = &notify};
    struct rt_join_handle *writer;
    struct rt_tcp_stream client;
    struct rt_tcp_stream other;
    struct rt_future future;
    char byte;

    assert_int_equal(await select_once(&pair, &notify, 5), 3);
    writer = rt_spawn(writes_later, &later);
    assert_int_equal(await select_once(&pair, &notify, 5000), 0);
    assert_int_equal(await rt_join(writer, NULL), 0);
    assert_int_equal(await rt_tcp_read_timeout_ms(pair.near, &byte, 1, 0), 1);
    assert_int_equal(await select_once(&pair, &notify, 5), 3);
    assert_int_equal(await rt_tcp_connect("127.0.0.1", port, &client), 0);
    assert_int_equal(await select_once(&pair, &notify, 5000), 1);
    assert_int_equal(await rt_tcp_accept(pair.listener, &other), 0);
    notify_one(&notify);
    assert_int_equal(await select_once(&pair, &notify, 5000), 2);
    assert_int_equal(rt_tcp_finish(pair.far), 0);
    assert_int_equal(await select_once(&pair, &notify, 5000), 0);
    assert_int_equal(await rt_tcp_read(pair.near, &byte, 1), 0);

    future = rt_tcp_writable_future(pair.near);
    assert_int_equal(await rt_await(&future), 0);
    await stream_fill(pair.near);
    assert_int_equal(await rt_await_timeout_ms(&future, 5), -ETIMEDOUT);
    rt_tcp_close(client);
    rt_tcp_close(other);
    pair_close(&pair);
    assert_int_equal(await rt_await(&future), -EBADF);
    *(bool *)arg = true;
    return NULL;
}

/* Beside a task that reads: it may have read before we are told. */
ASYNC static void *selects_with_a_reader(void *arg)
{
    struct pair pair = await pair_open();
    struct notify notify = NOTIFY_INIT;
    struct caller caller = {.pair = &pair};
    struct rt_join_handle *reader = rt_spawn(reads, &caller);
    struct later later = {.pair = &pair, .notify = &notify};
    struct rt_join_handle *writer = rt_spawn(writes_later, &later);
    int index = await select_once(&pair, &notify, 50);

    assert_true(index == 0 || index == 3);
    assert_int_equal(await rt_join(reader, NULL), 0);
    assert_int_equal(caller.result, 1);
    assert_int_equal(await rt_join(writer, NULL), 0);
    pair_close(&pair);
    *(bool *)arg = true;
    return NULL;
}

static void test_selects(void **state)
{
    (void)state;
    each_config(selects);
    each_config(selects_with_a_reader);
}

/* With a client at the door, and no descriptor to let it in. */
ASYNC static void *runs_out(void *arg)
{
    struct pair pair = await pair_open();
    uint16_t port = (uint16_t)rt_tcp_port(pair.listener);
    struct rt_tcp_stream waiting;
    struct rt_tcp_stream accepted;
    struct rlimit old;
    struct rlimit none;

    assert_int_equal(await rt_tcp_connect("127.0.0.1", port, &waiting), 0);
    getrlimit(RLIMIT_NOFILE, &old);
    none = (struct rlimit){.rlim_cur = 3, .rlim_max = old.rlim_max};
    setrlimit(RLIMIT_NOFILE, &none);
    assert_int_equal(await rt_tcp_accept(pair.listener, &accepted), -EMFILE);
    assert_int_equal(await rt_tcp_connect("127.0.0.1", port, &accepted),
                     -EMFILE);
    setrlimit(RLIMIT_NOFILE, &old);
    assert_int_equal(await rt_tcp_accept(pair.listener, &accepted), 0);
    rt_tcp_close(waiting);
    rt_tcp_close(accepted);
    pair_close(&pair);
    *(bool *)arg = true;
    return NULL;
}

static void test_no_descriptors(void **state)
{
    (void)state;
    each_config(runs_out);
}

ASYNC static void *works_without(void *arg)
{
    struct pair pair = await pair_open();
    struct rt_file file;
    char byte = 0;

    if (await rt_tcp_write(pair.far, "4", 1) == 1 &&
        await rt_tcp_read(pair.near, &byte, 1) == 1 && byte == '4' &&
        await rt_file_open("/dev/null", O_RDWR, 0, &file) == 0 &&
        await rt_file_write(file, "5", 1) == 1 &&
        await rt_file_close(file) == 0)
        *(bool *)arg = true;
    pair_close(&pair);
    return NULL;
}

static int works_without_io_uring(unsigned error)
{
    pid_t child = fork();
    int status;

    if (child == 0) {
        const struct rt_config config = {.workers = 2, .io = RT_IO_RING};
        bool is_done = false;

        /* As many containers do. */
        syscall_forbid(SYS_io_uring_setup, error);
        if (rt_block_on(&config, works_without, &is_done) != 0 || !is_done)
            _exit(1);
        _exit(0);
    }
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void test_no_io_uring(void **state)
{
    const unsigned errors[] = {EPERM, ENOSYS, ENOMEM};

    (void)state;
    for (int i = 0; i < 3; i++) {
        int status = works_without_io_uring(errors[i]);

        if (status == FORBID_FAILED)
            skip();
        assert_int_equal(status, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_time_is_over),
        cmocka_unit_test(test_task_is_cancelled),
        cmocka_unit_test(test_socket_is_closed),
        cmocka_unit_test(test_peer_goes),
        cmocka_unit_test(test_nobody_answers),
        cmocka_unit_test(test_selects),
        cmocka_unit_test(test_no_descriptors),
        cmocka_unit_test(test_no_io_uring),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
