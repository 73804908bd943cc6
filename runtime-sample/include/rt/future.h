/*
 * Futures: waits as values, to wait for one of several, or for all of them.
 *
 *     struct rt_future arms[] = {
 *         mpsc_receive_future(inbox, &request),
 *         notify_wait_future(shutdown),
 *         rt_sleep_future(1000),
 *     };
 *
 *     switch (await rt_select(arms, 3)) {
 *     case 0:                                     arms[0].status is 0, or why
 *         ...
 *     }
 *
 * A future does nothing until it is awaited: it is not in a queue, takes no
 * lock and no message, and may be copied or forgotten at no cost. Forgetting is
 * a mistake most of the time, `async_mutex_lock_future(&m);` locks nothing, and
 * asynclint reports it. Once awaited it has a status, and what it stands for
 * has happened, once; it may be awaited again, for another time.
 *
 * An arm that loses a select has not happened: no lock is taken, no message
 * lost, no permit used, and a join handle still is the caller's. It has lost
 * its place in the queue, though: who selects for a lock in a loop starts anew
 * each time.
 *
 * A future borrows what it was made from: objects and places for results must
 * live until it has been awaited. It belongs to one task at a time.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_FUTURE_H
#define RT_FUTURE_H

#include <stddef.h>
#include <stdint.h>

#include "rt/async.h"
#include "rt/async_mutex.h"
#include "rt/async_rwlock.h"
#include "rt/broadcast.h"
#include "rt/mpsc.h"
#include "rt/notify.h"
#include "rt/oneshot.h"
#include "rt/semaphore.h"
#include "rt/task.h"
#include "rt/tcp.h"

struct rt_future_ops;
struct rt_wait_all;

#define RT_FUTURE_ROOM 20

/* `status` is -EINPROGRESS until the future has been awaited, then what the
 * function of the same name returns. The rest is the runtime's. */
struct rt_future {
    int status;
    bool is_begun;
    const struct rt_future_ops *ops;
    void *object;
    void *value;
    uint64_t number;
    struct rt_wait_all *all;
    void *room[RT_FUTURE_ROOM];
};

/* What async_mutex_lock, ... would wait for; awaited with 0, the lock is held.
 * A guard for it: NAME_guard_adopt, see guard.h. */
struct rt_future async_mutex_lock_future(struct async_mutex *mutex);
struct rt_future async_rwlock_read_lock_future(struct async_rwlock *lock);
struct rt_future async_rwlock_write_lock_future(struct async_rwlock *lock);
struct rt_future semaphore_acquire_future(struct semaphore *semaphore,
                                          uint32_t count);

/* The time begins now, not when it is awaited. */
struct rt_future rt_sleep_future(uint64_t ms);

/* What the functions of these names would wait for. `handle` is consumed when
 * the future is done, and must not be NULL. */
struct rt_future rt_join_future(struct rt_join_handle *handle, void **result);
struct rt_future notify_wait_future(struct notify *notify);
struct rt_future mpsc_send_future(struct mpsc *channel, const void *value);
struct rt_future mpsc_receive_future(struct mpsc *channel, void *value);
struct rt_future oneshot_receive_future(struct oneshot *oneshot, void **value);
struct rt_future broadcast_receive_future(struct broadcast_receiver *receiver,
                                          void *value);

/* Done with 0 when a read, a write or an accept would not have to wait, be it
 * that it fails; and with -EBADF when the socket is closed. Somebody else may
 * be faster, and that call wait after all: ask with _timeout_ms and 0. */
struct rt_future rt_tcp_readable_future(struct rt_tcp_stream stream);
struct rt_future rt_tcp_writable_future(struct rt_tcp_stream stream);
struct rt_future rt_tcp_acceptable_future(struct rt_tcp_listener listener);

/* Suspends until the future is done, and returns its status. -ECANCELED when
 * the task was cancelled before; a lock is then not taken. */
ASYNC int rt_await(struct rt_future *future);

/* The same for a limited time: -ETIMEDOUT, and it has not happened. */
ASYNC int rt_await_timeout_ms(struct rt_future *future, uint64_t timeout_ms);

/*
 * Suspends until one of the futures is done, and returns its index; its status
 * tells what came of it, and the others have not happened. Of several that are
 * done at once each has its turn to be the one, so none starves.
 *
 * Returns -ECANCELED when the task was cancelled, -EINVAL without a future.
 */
ASYNC int rt_select(struct rt_future *futures, int count);

/*
 * Suspends until all of the futures are done. Returns 0 when every status is
 * 0, else the first that is not. When the task was cancelled, those that were
 * not done have -ECANCELED, and the others have happened: locks among them are
 * held.
 */
ASYNC int rt_join_all(struct rt_future *futures, int count);

#endif
