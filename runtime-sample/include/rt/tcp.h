/*
 * TCP for tasks: a call that cannot go on suspends the task, never the worker.
 *
 * Listeners and streams are small values, copied freely. They name a socket
 * of the executor in which they were made, and stop naming it when it is
 * closed: a copy that is left over gets -EBADF, never somebody else's socket.
 * All functions are for tasks of that executor; several tasks may use one
 * stream at a time, but writes of different tasks may then mix.
 *
 * Functions that suspend return -ECANCELED also when the task was cancelled,
 * see cancel.h: rt_is_cancelled tells that from a socket that was closed.
 *
 * Addresses are numeric ("127.0.0.1", "::1"). Sockets that are still open when
 * rt_block_on returns are closed by it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_TCP_H
#define RT_TCP_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "rt/async.h"

struct rt_tcp_listener {
    uint32_t slot;
    uint32_t generation;
};

struct rt_tcp_stream {
    uint32_t slot;
    uint32_t generation;
};

/* Opens a listening socket; never suspends. Port 0 lets the kernel choose,
 * rt_tcp_port tells what it chose. Returns 0 or a negative errno (-EINVAL for
 * an address that is not numeric). The caller closes the listener. */
int rt_tcp_listen(const char *address, uint16_t port,
                  struct rt_tcp_listener *listener);

/* The port on which `listener` listens (1 to 65535), or -EBADF. */
int rt_tcp_port(struct rt_tcp_listener listener);

/* Suspends until a client has come; the caller closes `stream`. Returns 0,
 * -ECANCELED when the listener was closed meanwhile, or a negative errno. */
ASYNC int rt_tcp_accept(struct rt_tcp_listener listener,
                        struct rt_tcp_stream *stream);

/* Suspends until the connection stands; the caller closes `stream`. Returns 0
 * or a negative errno (-ECONNREFUSED, ...). */
ASYNC int rt_tcp_connect(const char *address, uint16_t port,
                         struct rt_tcp_stream *stream);

/* Suspends until at least one byte is there. Returns how many were read, 0
 * when the peer has finished sending, -ECANCELED when the stream was closed
 * meanwhile, or a negative errno. */
ASYNC ssize_t rt_tcp_read(struct rt_tcp_stream stream, void *buffer,
                          size_t size);

/* Suspends until at least one byte could be passed on. Returns how many were
 * written (maybe fewer than `size`) or a negative errno; never SIGPIPE. */
ASYNC ssize_t rt_tcp_write(struct rt_tcp_stream stream, const void *bytes,
                           size_t size);

/* Reads exactly `size` bytes. Returns 0, -ENODATA when the peer stopped
 * before, or what rt_tcp_read returns. */
ASYNC int rt_tcp_read_all(struct rt_tcp_stream stream, void *buffer,
                          size_t size);

/* Writes all bytes. Returns 0 or what rt_tcp_write returns; how much was
 * written before an error is then unknown. */
ASYNC int rt_tcp_write_all(struct rt_tcp_stream stream, const void *bytes,
                           size_t size);

/* Asks the kernel to keep at most about `bytes` of unsent data; small buffers
 * let a server have many idle clients. Returns 0 or a negative errno. */
int rt_tcp_set_send_buffer(struct rt_tcp_stream stream, int bytes);

/* Closes at once; tasks that wait on it go on with -ECANCELED. Never suspend,
 * accept a stale value. */
void rt_tcp_close(struct rt_tcp_stream stream);
void rt_tcp_listener_close(struct rt_tcp_listener listener);

#endif
