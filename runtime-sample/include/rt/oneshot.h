/*
 * One value, once: the answer to a request.
 *
 * The oneshot is the memory of who asks, must not be copied or moved, and must
 * live until both sides have finished with it. Who asks waits in
 * oneshot_receive; who answers calls oneshot_send or oneshot_close exactly
 * once, and does not touch it afterwards.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_ONESHOT_H
#define RT_ONESHOT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "rt/async.h"
#include "rt/wait_list.h"

/* All under `lock`. */
struct oneshot {
    _Atomic uint32_t lock;
    bool is_sent;
    bool is_closed;
    void *value;
    struct rt_wait_list receivers;
};

/* clang-format off */
#define ONESHOT_INIT {0}
/* clang-format on */

/* Nothing to undo; a zeroed one is initialised. */
void oneshot_init(struct oneshot *oneshot);

/* Hands the value over and wakes the receiver; what the value points to is
 * the receiver's now. Returns 0, or -EPIPE when either side has closed, or
 * -EALREADY when a value was sent: it then is still the caller's. Never
 * suspends; any thread. */
int oneshot_send(struct oneshot *oneshot, void *value);

/* Suspends until the value is there. Returns 0 (as often as it is called), or
 * -EPIPE when there will be none, or -ECANCELED when the task was cancelled.
 * `value` is untouched on errors. */
ASYNC int oneshot_receive(struct oneshot *oneshot, void **value);

/* The same for a limited time; -ETIMEDOUT leaves everything as it was. */
ASYNC int oneshot_receive_timeout_ms(struct oneshot *oneshot, void **value,
                                     uint64_t timeout_ms);

/* The sender will send nothing, or the receiver will not wait (longer). What
 * has been sent can still be received. Never suspends; any thread. */
void oneshot_close(struct oneshot *oneshot);

#endif
