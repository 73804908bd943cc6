/*
 * What a rule may ask about the function it is looking at: its events, its
 * contexts, and what the whole program does with a class of locks. Read-only.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_FINDINGS_QUERY_H
#define ASYNCLINT_FINDINGS_QUERY_H

#include "engine/callgraph.h"
#include "engine/class.h"
#include "engine/cycle.h"
#include "engine/program.h"
#include "engine/state.h"
#include "engine/sure.h"
#include "engine/victim.h"
#include "findings/diag.h"

struct check;

struct query {
    const struct program *program;
    const struct class_table *classes;
    struct order *order;
    struct overlap *overlap;
    const struct callers *callers;       /* of all functions */
    const struct signals *signals;       /* see query_wait.h */
    const struct interrupts *interrupts; /* see query_interrupt.h */
    const uint8_t *victims; /* by number of the function, see victim.h */
    const struct fn *fn;    /* NULL: the rule is asked about the program */
    enum short_sections short_sections; /* of the config, or unsaid */
    bool reports_all;                   /* what packs allow is reported, too */
};

static inline const struct ir_op *query_op(const struct query *query, ir_id op)
{
    return &query->fn->unit->ops.items[op];
}

/* `for_each_event(query, event, EVENT_SUSPEND)`: those of one kind, in the
 * order of the text. */
#define for_each_event(query, item, wanted)                                    \
    for (const struct event *item = query_event_next(query, NULL, wanted);     \
         item; item = query_event_next(query, item, wanted))
const struct event *event_of_kind(const struct event_list *events,
                                  const struct event *first,
                                  enum event_kind kind);

/* Every rule asks for some kinds in every function, and there are few. */
static inline const struct event *query_event_next(const struct query *query,
                                                   const struct event *after,
                                                   enum event_kind kind)
{
    const struct event_list *events = &query->fn->events;

    return events->kinds >> kind & 1
               ? event_of_kind(events, after ? after + 1 : events->items.items,
                               kind)
               : NULL;
}

/* `for_each_acquisition(query, event)`: each lock that an op takes, once. */
#define for_each_acquisition(query, item)                                      \
    for_each_event(query, item, EVENT_ACQUIRE)

/* The lock that was taken in `acquired`, an ACQUIRE, as it is held at the
 * event, or NULL. */
const struct held *query_held(const struct event *event,
                              const struct event *acquired);
/* What is held at another event, as it is held at this one, or NULL. */
const struct held *query_held_too(const struct event *event,
                                  const struct held *held);

/* Whether the event may happen in a task: the function may run in one, and no
 * test before it said otherwise. */
bool query_is_async(const struct query *query, const struct event *event);

/* Whether it may happen outside all tasks, as far as that is known. */
bool query_is_sync(const struct query *query, const struct event *event);

/* Whether a task that runs the function may go on, after it was suspended, on
 * another thread. */
bool query_may_migrate(const struct query *query);

/* Whether a SUSPEND event counts where the function runs: behind a test of the
 * context it does only in a task. */
bool query_suspends(const struct query *query, const struct event *event);

/* Whether a lock that is held at the event is never given back because the
 * task or thread may be cancelled there; of an ACQUIRE: the one that it takes,
 * since the thread may be cancelled anywhere. */
enum cancel_answer {
    CANCEL_NEVER,
    CANCEL_BY_HAND, /* what is given back by a plain call */
    CANCEL_ALWAYS,  /* what a guard holds, too: cleanups don't run */
};
enum cancel_answer query_cancel(const struct query *query,
                                const struct event *event);

/* Whether a cleanup of the function gives that lock back, guard or not. */
bool query_cleans_up(const struct query *query, const struct lock_info *lock);

/* Of an ACQUIRE event of a blocking lock: the typedef or macro by which the
 * code calls it, if that could be any lock, in a file that defines async
 * functions, where it is met first; else NULL. */
const char *query_lock_alias(const struct query *query,
                             const struct event *event);

/* What a lock of that class goes through anywhere in the program. */
const struct class_info *query_class(const struct query *query,
                                     const char *class);

/* Whether somebody may wait for who holds it: readers of a lock that a pack
 * names and nobody ever writes under (RCU) make nobody wait. */
bool query_makes_wait(const struct query *query, const struct lock_info *lock);

/* Whether the function may have been called with the lock of a RELEASE held,
 * as far as is known; what it releases without having it is then its
 * caller's. */
bool query_callers_may_hold(const struct query *query,
                            const struct event *release);

/* Whether what the op starts as a thread or task takes a lock of that class. */
bool query_starts_taker(const struct query *query, ir_id op,
                        const struct lock_info *lock);

/* What the event's call should be in a task, as a pack puts it, or NULL. */
const char *query_instead(const struct query *query, const struct event *event);

/* Whether nobody looks at what the call returned. */
bool query_is_unused(const struct query *query, ir_id call);

/* Whether a branch asks what the call returned for its truth, or compares it
 * with 0, and nothing else does: `if (rc == EBUSY)` tells more than two. */
bool query_is_plainly_asked(const struct query *query, ir_id call);
/* Whether the function never returns after the one op without the other. */
bool query_always_comes(const struct query *query, ir_id first, ir_id then);
/* Whether the op is in a loop. */
bool query_comes_back(const struct query *query, ir_id op);

/* Whether every critical section of the class, wherever it is, reads or writes
 * one and the same number or pointer and does nothing else. Some read it
 * and some write: of one section alone nobody can tell. */
bool query_could_be_atomic(const struct class_info *info);

/* How a section of such a class would be written without its lock:
 * `atomic_fetch_add(&stats->hits, 1)`. */
const char *query_atomic_words(struct check *check,
                               const struct evidence *section);

/* Whether short critical sections under blocking locks are to be reported in
 * this function: the config's word, else that of the lock's pack, else that
 * of the packs whose tasks it may run in. */
bool query_reports_short(const struct query *query, const struct event *event);

/* Whether a pack says that code runs under that lock, as an emulator does
 * under its big one: who takes it may keep it, wait and call what he likes. */
bool query_is_ambient(const struct query *query, const struct lock_info *lock);

/* Whether the function gives back its caller's lock of that name, and so may
 * return with it when it has taken it again. */
bool query_is_borrowed(const struct query *query, const struct event *taken);

/* What the pack of the lock that `event` takes says of such sections. */
enum policy query_policy(const struct query *query, const struct event *event,
                         enum section_kind sections);

/* Circles in the lock order of the program; and functions that take two locks
 * of one class as their callers name them. Each of these has one leg. */
lock_cycle_list query_lock_cycles(const struct query *query);
lock_cycle_list query_lock_pairs(const struct query *query);

/* Whether the function is what a pack calls a lock's: how it is made is in its
 * body, and who takes a lock with it has to give it back. */
bool query_is_acquisition(const struct query *query);

/* A blocking lock of any kind: the thread stops. */
bool lock_is_blocking(const struct lock_info *lock);

/* The paths on which a may-held lock is held, in words: ", when 'hit' is
 * false", or ", on some paths"; "" when it is held on all. */
const char *query_witness(struct check *check, const struct query *query,
                          const struct held *held);

struct span query_span(const struct query *query, ir_id op);

#endif
