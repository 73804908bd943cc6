/*
 * Who sleeps, and how they are woken.
 *
 * A worker registers as a sleeper, then looks at all queues once more, then
 * sleeps. Who makes a task ready adds it to a queue, then looks for sleepers.
 * Between its two steps each has a full fence, or the lock of the shared queue:
 * whichever comes second sees the first, so no task is overlooked. Only a task
 * that is alone in a worker's queue is added without, as nobody is woken for
 * it: that worker is awake.
 *
 * While some worker searches, nobody is woken: the searcher will find the
 * task, or will look again after it has stopped to count as one. The last
 * searcher that finds something wakes the next, as there may be more.
 *
 * Stolen work that takes less time than waking somebody for it was not worth
 * it, and more of the kind is likely to follow: a worker that has had such work
 * takes a nap, from which nobody wakes it. So does one whose stolen tasks only
 * went on to wait for a mutex that is fought for where they came from. To
 * everybody else it seems to run a task, so this is no part of the protocol
 * above.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_IDLE_H
#define RT_IDLE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "lock.h"

struct runtime;
struct worker;

/* `sleepers` counts the registered: those in the `parked` list and the one at
 * the poller. All is changed under the lock, but `searchers`; the counters are
 * read without it. */
struct idle {
    lock_word lock;
    struct worker *parked;
    struct worker *at_poller;
    _Atomic int sleepers;
    _Atomic int searchers;
};

struct idle_place {
    struct worker *next;
    bool is_registered;
    _Atomic uint32_t woken; /* the futex of a parked worker */
    unsigned stolen;        /* tasks, the last time since it was asleep */
    unsigned wasted;        /* so often one went on to wait since then */
    unsigned caution;       /* halves what is stolen, so many times */
    uint64_t resumed_ns;    /* when that was */
};

/* Sleeps until there may be work. A worker that was woken by rt_idle_wake_one
 * counts as searching on return. */
void rt_idle_sleep(struct worker *worker);

/* After adding a task to a queue: wakes a sleeper unless somebody searches. */
void rt_idle_wake_one(struct runtime *runtime);

/* After adding a timer that is earlier than all others. */
void rt_idle_wake_poller(struct runtime *runtime);
void rt_idle_wake_all(struct runtime *runtime);

/* Should the worker take a nap before it steals again? */
bool rt_idle_has_wasted(const struct worker *worker);

/* The worker has stolen so many tasks; the running one is going to wait for
 * what is fought for on another worker. */
void rt_idle_note_steal(struct worker *worker, unsigned count);
void rt_idle_note_waste(void);

/* How many tasks to steal: one after a waste, then more and more. */
unsigned rt_idle_steal_most(struct worker *worker);

/* The worker begins to search, or stops because it found something or not. */
void rt_idle_search_begin(struct worker *worker);
void rt_idle_search_end(struct worker *worker, bool has_found);

#endif
