/*
 * Making connections: listen, accept, connect. What happens on them is in
 * tcp_stream.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "rt/tcp.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ring.h"
#include "runtime.h"
#include "wait.h"

/* Linux cuts it to net.core.somaxconn itself. */
#define BACKLOG 4096

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
    return rt_source_open(&runtime->sources, fd, name);
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
    struct source *source = rt_source_find(listener.slot, listener.generation);
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

ASYNC int rt_tcp_accept_timeout_ms(struct rt_tcp_listener listener,
                                   struct rt_tcp_stream *stream,
                                   uint64_t timeout_ms)
{
    struct source *source = rt_source_find(listener.slot, listener.generation);
    struct ring_call call = {
        .kind = RING_ACCEPT,
        .flags = SOCK_CLOEXEC | SOCK_NONBLOCK,
    };
    struct source_name name;
    int status;

    if (!source)
        return -EBADF;
    status = (int)await rt_source_call(source, &call, timeout_ms);
    rt_source_put(source);
    if (status < 0)
        return status;
    status = name_make(status, &name);
    if (status == 0)
        *stream = (struct rt_tcp_stream){name.slot, name.generation};
    return status;
}

ASYNC int rt_tcp_accept(struct rt_tcp_listener listener,
                        struct rt_tcp_stream *stream)
{
    return await rt_tcp_accept_timeout_ms(listener, stream, WAIT_FOREVER);
}

ASYNC int rt_tcp_connect_timeout_ms(const char *text, uint16_t port,
                                    struct rt_tcp_stream *stream,
                                    uint64_t timeout_ms)
{
    union address address;
    struct ring_call call = {.kind = RING_CONNECT, .address = &address.any};
    struct source_name name;
    struct source *source;
    int status;

    if (!rt_runtime_current())
        return -EPERM;
    if (!address_parse(text, port, &address, &call.address_size))
        return -EINVAL;
    status = socket_open(address.any.sa_family);
    if (status < 0)
        return status;
    status = name_make(status, &name);
    if (status != 0)
        return status;
    source = rt_source_find(name.slot, name.generation);
    assert(source);
    status = (int)await rt_source_call(source, &call, timeout_ms);
    rt_source_put(source);
    *stream = (struct rt_tcp_stream){name.slot, name.generation};
    if (status != 0)
        rt_tcp_close(*stream);
    return status;
}

ASYNC int rt_tcp_connect(const char *address, uint16_t port,
                         struct rt_tcp_stream *stream)
{
    return await rt_tcp_connect_timeout_ms(address, port, stream, WAIT_FOREVER);
}
