/*
 * Which classes of locks a function may take, itself or in what it calls; only
 * for functions that are called while a lock is held. A lock that is taken
 * after the caller's own was given back is none that the caller's lock is held
 * around, so each class goes with those that were given back before.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/order.h"

enum {
    MOST_TAKES = 96,   /* a function that may take more is the main loop */
    MOST_DROPPED = 16, /* classes given back at one point */
    ROUNDS = 12,       /* calls in circles settle in two or three */
};

struct queue {
    VEC(const struct fn *) items;
};

static void want(struct order *order, struct queue *queue, const struct fn *fn)
{
    if (order->is_wanted[fn->number])
        return;
    order->is_wanted[fn->number] = true;
    vec_add(order->arena, &queue->items, fn);
}

/* What is called under a lock, and all that it calls. */
static void wanted_find(struct order *order, struct queue *queue)
{
    const struct program *program = order->program;

    for (uint32_t i = 0; i < program->fns.count; i++)
        for_each_call(order->calls, program->fns.items[i], call)
        {
            if (call->event && call->event->held.count)
                want(order, queue, call->callee);
            else
                skip_others(call);
        }
    for (uint32_t i = 0; i < queue->items.count; i++)
        for_each_call(order->calls, queue->items.items[i], call)
            want(order, queue, call->callee);
}

static set_id dropped_set(struct order *order, const struct event *event)
{
    uint64_t items[MOST_DROPPED];
    uint32_t count = 0;

    for (uint32_t i = 0; i < event->dropped.count && count < MOST_DROPPED; i++)
        items[count++] = order_class(order, event->dropped.items[i]);
    return set_make(&order->sets, items, count);
}

static uint64_t take_of(struct order *order, const struct lock_info *lock,
                        const struct event *event)
{
    return take_pack((struct take){
        .class = order_class(order, lock->class),
        .is_shared = lock->mode == LOCK_SHARED,
        .dropped = event ? dropped_set(order, event) : 0,
    });
}

static set_id one_add(struct order *order, set_id set, uint64_t take)
{
    return set_union(&order->sets, set, set_make(&order->sets, &take, 1),
                     MOST_TAKES);
}

/* By the function itself. A lock that it is handed is its callers' to name:
 * they have a nesting for it. */
static set_id own_takes(struct order *order, const struct fn *fn)
{
    set_id set = 0;

    for (uint32_t i = 0; i < fn->events.items.count; i++) {
        const struct event *event = &fn->events.items.items[i];

        if (event->kind == EVENT_ACQUIRE && !event->is_try &&
            !event->lock.is_parameter && event->held_before < event->states &&
            !last_has(fn, event->op))
            set = one_add(order, set, take_of(order, &event->lock, event));
    }
    for (uint32_t i = 0; i < fn->nestings.count; i++) {
        const struct nesting *nesting = &fn->nestings.items[i];

        if (!nesting->acquired && !last_has(fn, nesting->op))
            set = one_add(
                order, set,
                take_of(order, &nesting->inner, call_event(fn, nesting->op)));
    }
    return set;
}

/* What a callee takes, seen from where it is called: more may have been given
 * back there, and it may not be the one that is called. */
static set_id callee_takes(struct order *order, const struct call *call)
{
    const struct event *event = call->event;
    set_id theirs = order->takes[call->callee->number];
    set_id dropped = event ? dropped_set(order, event) : 0;
    set_id set = 0;

    if (!dropped && !call_is_guess(call))
        return theirs;
    for (uint32_t i = 0; i < set_get(&order->sets, theirs)->count; i++) {
        struct take take = take_unpack(set_get(&order->sets, theirs)->items[i]);

        take.dropped =
            set_union(&order->sets, dropped, take.dropped, MOST_DROPPED);
        take.is_guess |= call_is_guess(call);
        set = one_add(order, set, take_pack(take));
    }
    return set;
}

static bool fn_solve(struct order *order, const struct fn *fn)
{
    set_id set = order->takes[fn->number];

    for_each_call(order->calls, fn, call)
    {
        if (order_follows(call))
            set = set_union(&order->sets, set, callee_takes(order, call),
                            MOST_TAKES);
    }
    if (set == order->takes[fn->number])
        return false;
    order->takes[fn->number] = set;
    return true;
}

void takes_solve(struct order *order)
{
    struct fn *const *callees_first = order->program->callees_first;
    uint32_t count = order->program->fns.count;
    struct queue queue = {0};
    bool has_grown = true;

    wanted_find(order, &queue);
    for (uint32_t i = 0; i < queue.items.count; i++) {
        const struct fn *fn = queue.items.items[i];

        order->takes[fn->number] = own_takes(order, fn);
    }
    for (int round = 0; has_grown && round < ROUNDS; round++) {
        has_grown = false;
        for (uint32_t i = 0; i < count; i++)
            if (order->is_wanted[callees_first[i]->number])
                has_grown |= fn_solve(order, callees_first[i]);
    }
}
