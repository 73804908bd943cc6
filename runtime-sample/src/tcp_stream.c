/*
 * Reading from streams, writing to them, and closing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "rt/tcp.h"

#include <errno.h>
#include <sys/socket.h>

#include "cancel.h"
#include "ring.h"
#include "runtime.h"
#include "wait.h"

ASYNC static ssize_t stream_call(struct rt_tcp_stream stream,
                                 struct ring_call call, uint64_t timeout_ms)
{
    struct source *source = rt_source_find(stream.slot, stream.generation);
    ssize_t count;

    if (!source)
        return -EBADF;
    count = call.size == 0 ? await rt_cancel_point()
                           : await rt_source_call(source, &call, timeout_ms);
    rt_source_put(source);
    return count;
}

ASYNC ssize_t rt_tcp_read_timeout_ms(struct rt_tcp_stream stream, void *buffer,
                                     size_t size, uint64_t timeout_ms)
{
    struct ring_call call = {
        .kind = RING_RECEIVE,
        .buffer = buffer,
        .size = ring_transfer_size(size),
    };

    return await stream_call(stream, call, timeout_ms);
}

ASYNC ssize_t rt_tcp_read(struct rt_tcp_stream stream, void *buffer,
                          size_t size)
{
    return await rt_tcp_read_timeout_ms(stream, buffer, size, WAIT_FOREVER);
}

ASYNC ssize_t rt_tcp_write_timeout_ms(struct rt_tcp_stream stream,
                                      const void *bytes, size_t size,
                                      uint64_t timeout_ms)
{
    struct ring_call call = {
        .kind = RING_SEND,
        .buffer = (void *)(uintptr_t)bytes,
        .size = ring_transfer_size(size),
        .flags = MSG_NOSIGNAL,
    };

    return await stream_call(stream, call, timeout_ms);
}

ASYNC ssize_t rt_tcp_write(struct rt_tcp_stream stream, const void *bytes,
                           size_t size)
{
    return await rt_tcp_write_timeout_ms(stream, bytes, size, WAIT_FOREVER);
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

int rt_tcp_finish(struct rt_tcp_stream stream)
{
    struct source *source = rt_source_find(stream.slot, stream.generation);
    int status;

    if (!source)
        return -EBADF;
    status = shutdown(source->fd, SHUT_WR) == 0 ? 0 : -errno;
    rt_source_put(source);
    return status;
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
