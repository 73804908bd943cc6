/*
 * A bounded channel: a queue of values between tasks. Who sends to a full one
 * or receives from an empty one suspends. Many tasks may send; if several
 * receive, each value goes to one of them.
 *
 * Values are copied in and out, `value_size` bytes each; what they point to is
 * handed on with them. They arrive in the order in which they were sent, and
 * both senders and receivers are served in the order in which they came.
 *
 * The channel is the caller's memory, must not be copied or moved once used,
 * and may be shared by tasks of any worker and any executor.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_MPSC_H
#define RT_MPSC_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rt/async.h"
#include "rt/wait_list.h"

/* `count` values lie in `ring` from `first` on. Receivers wait only while it
 * is 0, senders only while it is `capacity`. All under `lock`. */
struct mpsc {
    _Atomic uint32_t lock;
    bool is_closed;
    size_t value_size;
    size_t capacity;
    size_t first;
    size_t count;
    char *ring;
    struct rt_wait_list senders;
    struct rt_wait_list receivers;
};

/* Functions that suspend also return -ECANCELED, see cancel.h: nothing was sent
 * or received then. */

/* Makes room for `capacity` values. Returns 0, -ENOMEM, or -EINVAL when one of
 * the two numbers is 0. */
int mpsc_init(struct mpsc *channel, size_t value_size, size_t capacity);

/* Nobody may use the channel any more; values that are left are dropped. */
void mpsc_destroy(struct mpsc *channel);

/* Copies `value` into the channel, suspending while that is full. Returns 0,
 * or -EPIPE when the channel is closed, and the value still is the caller's. */
ASYNC int mpsc_send(struct mpsc *channel, const void *value);

/* The same for a limited time; -ETIMEDOUT when it was full for so long. */
ASYNC int mpsc_send_timeout_ms(struct mpsc *channel, const void *value,
                               uint64_t timeout_ms);

/* Never suspends; -EAGAIN when the channel is full. Any thread. */
int mpsc_try_send(struct mpsc *channel, const void *value);

/* Moves the first value to `value`, suspending while there is none. Returns 0,
 * or -EPIPE when the channel is closed and empty. */
ASYNC int mpsc_receive(struct mpsc *channel, void *value);

/* The same for a limited time; -ETIMEDOUT when it was empty for so long. */
ASYNC int mpsc_receive_timeout_ms(struct mpsc *channel, void *value,
                                  uint64_t timeout_ms);

/* Never suspends; -EAGAIN when the channel is empty. Any thread. */
int mpsc_try_receive(struct mpsc *channel, void *value);

/* Ends the channel from either side: all sends fail from now on, also those
 * that wait; what has been sent can still be received. Never suspends; any
 * thread. */
void mpsc_close(struct mpsc *channel);

#endif
