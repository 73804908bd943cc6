/*
 * TCP on sources: each call tries at once and waits only if the kernel says
 * so.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "rt/tcp.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime.h"

/* Linux cuts it to net.core.somaxconn itself. */
#define BACKLOG 4096

#define NOINLINE __attribute__((noinline))

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static bool address_parse(const char *text, uint16_t port,
                          union address *address, socklen_t *length)
{
    *address = (union address){0};
    if (inet_pton(AF_INET, text, &address->v4.sin_addr) == 1) {
        address->v4.sin_family = AF_INET;
        address->v4.sin_port = htons(port);
        *length = sizeof address->v4;
        return true;
    }
    if (inet_pton(AF_INET6, text, &address->v6.sin6_addr) == 1) {
        address->v6.sin6_family = AF_INET6;
        address->v6.sin6_port = htons(port);
        *length = sizeof address->v6;
        return true;
    }
    return false;
}

static int socket_open(int family)
{
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    return fd < 0 ? -errno : fd;
}

/* Registers the socket with this thread's runtime, or closes it. */
static int name_make(int fd, struct source_name *name)
{
    struct runtime *runtime = rt_runtime_current();

    assert(runtime);
    return rt_source_open(&runtime->sources, &runtime->poller, fd, name);
}

static struct source *source_find(uint32_t slot, uint32_t generation)
{
    struct runtime *runtime = rt_runtime_current();
    struct source_name name = {slot, generation};

    return runtime ? rt_source_get(&runtime->sources, name) : NULL;
}

static int listener_open(const union address *address, socklen_t length)
{
    int fd = socket_open(address->any.sa_family);
    int on = 1;
    int err;

    if (fd < 0)
        return fd;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, &address->any, length) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    err = errno;
    close(fd);
    return -err;
}

int rt_tcp_listen(const char *text, uint16_t port,
                  struct rt_tcp_listener *listener)
{
    union address address;
    struct source_name name;
    socklen_t length;
    int status;

    if (!rt_runtime_current())
        return -EPERM;
    if (!address_parse(text, port, &address, &length))
        return -EINVAL;
    status = listener_open(&address, length);
    if (status < 0)
        return status;
    status = name_make(status, &name);
    if (status == 0)
        *listener = (struct rt_tcp_listener){name.slot, name.generation};
    return status;
}

int rt_tcp_port(struct rt_tcp_listener listener)
{
    struct source *source = source_find(listener.slot, listener.generation);
    union address address = {0};
    socklen_t length = sizeof address;
    int status;

    if (!source)
        return -EBADF;
    status = getsockname(source->fd, &address.any, &length) == 0 ? 0 : -errno;
    rt_source_put(source);
    if (status != 0)
        return status;
    return ntohs(address.any.sa_family == AF_INET ? address.v4.sin_port
                                                  : address.v6.sin6_port);
}

/* An accepted connection that is gone already is nobody's error. */
NOINLINE static ssize_t try_accept(int fd, void *unused)
{
    (void)unused;
    for (;;) {
        int accepted = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

        if (accepted >= 0)
            return accepted;
        if (errno != ECONNABORTED && errno != EINTR)
            return -errno;
    }
}

ASYNC int rt_tcp_accept(struct rt_tcp_listener listener,
                        struct rt_tcp_stream *stream)
{
    struct source *source = source_find(listener.slot, listener.generation);
    struct source_name name;
    int status;

    if (!source)
        return -EBADF;
    status = (int)await rt_source_do(source, DIRECTION_READ, try_accept, NULL);
    rt_source_put(source);
    if (status < 0)
        return status;
    status = name_make(status, &name);
    if (status == 0)
        *stream = (struct rt_tcp_stream){name.slot, name.generation};
    return status;
}

/* The first try finds the connection still on its way; the next one comes
 * after the socket has become writable, for better or worse. */
NOINLINE static ssize_t try_connected(int fd, void *unused)
{
    union address peer;
    socklen_t length = sizeof peer;
    int err = 0;
    socklen_t err_size = sizeof err;

    (void)unused;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &err_size) != 0)
        return -errno;
    if (err != 0)
        return -err;
    if (getpeername(fd, &peer.any, &length) == 0)
        return 0;
    return errno == ENOTCONN ? -EAGAIN : -errno;
}

NOINLINE static int connect_begin(const union address *address,
                                  socklen_t length)
{
    int fd = socket_open(address->any.sa_family);
    int err;

    if (fd < 0)
        return fd;
    if (connect(fd, &address->any, length) == 0 || errno == EINPROGRESS)
        return fd;
    err = errno;
    close(fd);
    return -err;
}

ASYNC int rt_tcp_connect(const char *text, uint16_t port,
                         struct rt_tcp_stream *stream)
{
    union address address;
    struct source_name name;
    struct source *source;
    socklen_t length;
    int status;

    if (!rt_runtime_current())
        return -EPERM;
    if (!address_parse(text, port, &address, &length))
        return -EINVAL;
    status = connect_begin(&address, length);
    if (status < 0)
        return status;
    status = name_make(status, &name);
    if (status != 0)
        return status;
    *stream = (struct rt_tcp_stream){name.slot, name.generation};
    source = source_find(name.slot, name.generation);
    assert(source);
    status =
        (int)await rt_source_do(source, DIRECTION_WRITE, try_connected, NULL);
    rt_source_put(source);
    if (status != 0)
        rt_tcp_close(*stream);
    return status;
}

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
    struct source *source = source_find(stream.slot, stream.generation);
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
    struct source *source = source_find(stream.slot, stream.generation);
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
