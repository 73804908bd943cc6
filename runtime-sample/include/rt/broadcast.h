/*
 * A broadcast: every receiver gets every value. Senders never wait; the last
 * `capacity` values are kept, and a receiver that is slower than that loses
 * the oldest and is told so.
 *
 * Values are copied, `value_size` bytes each. The broadcast is the caller's
 * memory, must not be copied or moved once used, and may be shared by tasks of
 * any worker and any executor. A receiver is a place in the stream of values;
 * it belongs to one task at a time, and there is nothing to undo.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_BROADCAST_H
#define RT_BROADCAST_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rt/async.h"
#include "rt/wait_list.h"

/* Value number n lies in the ring at n % capacity until n + capacity is
 * sent. All under `lock`. */
struct broadcast {
    _Atomic uint32_t lock;
    bool is_closed;
    size_t value_size;
    size_t capacity;
    uint64_t sent;
    char *ring;
    struct rt_wait_list receivers;
};

struct broadcast_receiver {
    struct broadcast *broadcast;
    uint64_t next;
};

/* Returns 0, -ENOMEM, or -EINVAL when one of the two numbers is 0. */
int broadcast_init(struct broadcast *broadcast, size_t value_size,
                   size_t capacity);

/* Nobody may use the broadcast or its receivers any more. */
void broadcast_destroy(struct broadcast *broadcast);

/* A receiver of all that is sent from now on. Never suspends. */
struct broadcast_receiver broadcast_subscribe(struct broadcast *broadcast);

/* Copies `value` to whom it may concern, maybe nobody. Returns 0, or -EPIPE
 * when the broadcast is closed. Never suspends; any thread. */
int broadcast_send(struct broadcast *broadcast, const void *value);

/* Suspends until there is a value that this receiver has not had. Returns 0;
 * -EOVERFLOW when values were lost: the next call goes on with the oldest that
 * is left; -EPIPE when the broadcast is closed and all values were had;
 * -ECANCELED when the task was cancelled. */
ASYNC int broadcast_receive(struct broadcast_receiver *receiver, void *value);

/* The same for a limited time; -ETIMEDOUT when nothing was sent. */
ASYNC int broadcast_receive_timeout_ms(struct broadcast_receiver *receiver,
                                       void *value, uint64_t timeout_ms);

/* All sends fail from now on. Never suspends; any thread. */
void broadcast_close(struct broadcast *broadcast);

#endif
