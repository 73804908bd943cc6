/*
 * TCP on loopback: 100 connections, each with one small request under way; the
 * clients are tasks of the same process.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <rt.h>

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench.h"

#define CONNECTIONS 100
#define MESSAGE 64
#define ECHO_MS 1000

struct echo {
    struct rt_tcp_listener listener;
    uint16_t port;
    uint64_t end_ns;
    atomic_uint_fast64_t requests;
};

ASYNC static void *serve(void *arg)
{
    struct rt_tcp_stream *stream = arg;
    char bytes[MESSAGE];
    ssize_t count;

    while ((count = await rt_tcp_read(*stream, bytes, sizeof bytes)) > 0)
        if (await rt_tcp_write_all(*stream, bytes, (size_t)count) != 0)
            break;
    rt_tcp_close(*stream);
    free(stream);
    return NULL;
}

ASYNC static void *accept_all(void *arg)
{
    struct echo *echo = arg;

    for (int i = 0; i < CONNECTIONS; i++) {
        struct rt_tcp_stream *stream = malloc(sizeof *stream);

        if (!stream || await rt_tcp_accept(echo->listener, stream) != 0)
            abort();
        rt_detach(rt_spawn(serve, stream));
    }
    rt_tcp_listener_close(echo->listener);
    return NULL;
}

ASYNC static void *request(void *arg)
{
    struct echo *echo = arg;
    struct rt_tcp_stream stream;
    char bytes[MESSAGE] = {0};
    uint64_t requests = 0;

    if (await rt_tcp_connect("127.0.0.1", echo->port, &stream) != 0)
        abort();
    while (bench_now_ns() < echo->end_ns) {
        if (await rt_tcp_write_all(stream, bytes, sizeof bytes) != 0 ||
            await rt_tcp_read_all(stream, bytes, sizeof bytes) != 0)
            abort();
        requests++;
    }
    atomic_fetch_add(&echo->requests, requests);
    rt_tcp_close(stream);
    return NULL;
}

ASYNC static void *echo_run(void *arg)
{
    struct echo *echo = arg;

    if (rt_tcp_listen("127.0.0.1", 0, &echo->listener) != 0)
        abort();
    echo->port = (uint16_t)rt_tcp_port(echo->listener);
    echo->end_ns = bench_now_ns() + (uint64_t)ECHO_MS * 1000000;
    rt_detach(rt_spawn(accept_all, echo));
    for (int i = 0; i < CONNECTIONS; i++)
        rt_detach(rt_spawn(request, echo));
    return NULL;
}

static void echo_measure(const char *name, const struct rt_config *config)
{
    struct echo echo = {.requests = 0};

    if (rt_block_on(config, echo_run, &echo) != 0)
        return;
    bench_print(name, ECHO_MS * 1e6 / (double)atomic_load(&echo.requests));
}

/* By default, and by what is not the default. */
void bench_echo(void)
{
    for (int workers = 1; workers <= 2; workers++) {
        struct rt_config config = {.workers = workers, .drain = true};
        char measure[32];

        snprintf(measure, sizeof measure, "echo_%d_workers", workers);
        echo_measure(measure, &config);
        config.io = workers == 1 ? RT_IO_POLL : RT_IO_RING;
        snprintf(measure, sizeof measure, "echo_%s_%d_workers",
                 workers == 1 ? "epoll" : "uring", workers);
        echo_measure(measure, &config);
    }
}
