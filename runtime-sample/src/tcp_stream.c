/*
 * Reading from streams, writing to them, and closing: each call tries at once
 * and waits only if the kernel says so.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "rt/tcp.h"

#include <errno.h>
#include <sys/socket.h>

#include "runtime.h"

#define NOINLINE __attribute__((noinline))

/* One of the two pointers is used. */
struct transfer {
    void *to;
    const void *from;
    size_t size;
};

NOINLINE static ssize_t try_receive(int fd, void *arg)
{
    const struct transfer *transfer = arg;
    ssize_t count = recv(fd, transfer->to, transfer->size, 0);

    return count < 0 ? -errno : count;
}

NOINLINE static ssize_t try_send(int fd, void *arg)
{
    const struct transfer *transfer = arg;
    ssize_t count = send(fd, transfer->from, transfer->size, MSG_NOSIGNAL);

    return count < 0 ? -errno : count;
}

ASYNC static ssize_t stream_transfer(struct rt_tcp_stream stream,
                                     enum direction direction,
                                     struct transfer transfer)
{
    struct source *source = rt_source_find(stream.slot, stream.generation);
    source_try_fn *try = direction == DIRECTION_READ ? try_receive : try_send;
    ssize_t count;

    if (!source)
        return -EBADF;
    count = await rt_source_do(source, direction, try, &transfer);
    rt_source_put(source);
    return count;
}

ASYNC ssize_t rt_tcp_read(struct rt_tcp_stream stream, void *buffer,
                          size_t size)
{
    struct transfer transfer = {.to = buffer, .size = size};

    return await stream_transfer(stream, DIRECTION_READ, transfer);
}

ASYNC ssize_t rt_tcp_write(struct rt_tcp_stream stream, const void *bytes,
                           size_t size)
{
    struct transfer transfer = {.from = bytes, .size = size};

    return await stream_transfer(stream, DIRECTION_WRITE, transfer);
}

ASYNC int rt_tcp_read_all(struct rt_tcp_stream stream, void *buffer,
                          size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t count =
            await rt_tcp_read(stream, (char *)buffer + done, size - done);

        if (count <= 0)
            return count < 0 ? (int)count : -ENODATA;
        done += (size_t)count;
    }
    return 0;
}

ASYNC int rt_tcp_write_all(struct rt_tcp_stream stream, const void *bytes,
                           size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t count =
            await rt_tcp_write(stream, (const char *)bytes + done, size - done);

        if (count < 0)
            return (int)count;
        done += (size_t)count;
    }
    return 0;
}

int rt_tcp_set_send_buffer(struct rt_tcp_stream stream, int bytes)
{
    struct source *source = rt_source_find(stream.slot, stream.generation);
    int status;

    if (!source)
        return -EBADF;
    status =
        setsockopt(source->fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes) == 0
            ? 0
            : -errno;
    rt_source_put(source);
    return status;
}

void rt_tcp_close(struct rt_tcp_stream stream)
{
    struct runtime *runtime = rt_runtime_current();
    struct source_name name = {stream.slot, stream.generation};

    if (runtime)
        rt_source_close(&runtime->sources, name);
}

void rt_tcp_listener_close(struct rt_tcp_listener listener)
{
    rt_tcp_close((struct rt_tcp_stream){listener.slot, listener.generation});
}
