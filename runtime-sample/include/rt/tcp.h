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
 * see cancel.h: rt_is_cancelled tells that from a socket that was closed. Those
 * that end in _timeout_ms return -ETIMEDOUT when the time was over before
 * anything was done, see time.h; nothing is lost then: what arrives a moment
 * later is for the next call.
 *
 * In an executor with one worker calls go through io_uring where there is one:
 * they are handed to the kernel together, when the worker has run out of tasks
 * or after some sixty of them. With several workers, and where io_uring is not,
 * each call is one of the system, and waits by epoll. rt_config.io chooses
 * otherwise; results are the same.
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
 * -ECANCELED when the listener was closed meanwhile, or a negative errno. After
 * -EMFILE, -ENFILE or -ENOMEM the client still waits: close something, or sleep
 * a while, before the next call, which will find it. */
ASYNC int rt_tcp_accept(struct rt_tcp_listener listener,
                        struct rt_tcp_stream *stream);
ASYNC int rt_tcp_accept_timeout_ms(struct rt_tcp_listener listener,
                                   struct rt_tcp_stream *stream,
                                   uint64_t timeout_ms);

/* Suspends until the connection stands; the caller closes `stream`. Returns 0
 * or a negative errno (-ECONNREFUSED, -ENETUNREACH, -EMFILE, ...), and there is
 * nothing to close. The kernel gives up with -ETIMEDOUT after two minutes or
 * so; the second form is for who will not wait so long. */
ASYNC int rt_tcp_connect(const char *address, uint16_t port,
                         struct rt_tcp_stream *stream);
ASYNC int rt_tcp_connect_timeout_ms(const char *address, uint16_t port,
                                    struct rt_tcp_stream *stream,
                                    uint64_t timeout_ms);

/* Suspends until at least one byte is there. Returns how many were read (never
 * more than 1 GiB), 0 when the peer has finished sending, -ECANCELED when the
 * stream was closed meanwhile, or a negative errno (-ECONNRESET, ...). With a
 * `size` of 0 it is 0 at once. */
ASYNC ssize_t rt_tcp_read(struct rt_tcp_stream stream, void *buffer,
                          size_t size);
ASYNC ssize_t rt_tcp_read_timeout_ms(struct rt_tcp_stream stream, void *buffer,
                                     size_t size, uint64_t timeout_ms);

/* Suspends until at least one byte could be passed on; with a `size` of 0 not
 * at all. Returns how many were written (maybe fewer than `size`) or a negative
 * errno; never SIGPIPE. */
ASYNC ssize_t rt_tcp_write(struct rt_tcp_stream stream, const void *bytes,
                           size_t size);
ASYNC ssize_t rt_tcp_write_timeout_ms(struct rt_tcp_stream stream,
                                      const void *bytes, size_t size,
                                      uint64_t timeout_ms);

/* Reads exactly `size` bytes. Returns 0, -ENODATA when the peer stopped
 * before, or what rt_tcp_read returns. */
ASYNC int rt_tcp_read_all(struct rt_tcp_stream stream, void *buffer,
                          size_t size);

/* Writes all bytes. Returns 0 or what rt_tcp_write returns; how much was
 * written before an error is then unknown. */
ASYNC int rt_tcp_write_all(struct rt_tcp_stream stream, const void *bytes,
                           size_t size);

/* Says that no more will be sent: the peer reads what is under way, then 0.
 * Reading goes on. Returns 0 or a negative errno; writing then is -EPIPE. Never
 * suspends. */
int rt_tcp_finish(struct rt_tcp_stream stream);

/* Asks the kernel to keep at most about `bytes` of unsent data; small buffers
 * let a server have many idle clients. Returns 0 or a negative errno. */
int rt_tcp_set_send_buffer(struct rt_tcp_stream stream, int bytes);

/* Closes at once; tasks that wait on it go on with -ECANCELED. Never suspend,
 * accept a stale value. */
void rt_tcp_close(struct rt_tcp_stream stream);
void rt_tcp_listener_close(struct rt_tcp_listener listener);

#endif
