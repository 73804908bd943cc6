/*
 * Which classes of locks are held wherever a function is called: what two
 * functions both run under keeps them from running at the same time, and no
 * matter in which order they take others. Callers first, by what all of them
 * have in common; what anybody may call runs under nothing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/order.h"

enum {
    MOST_GATES = 32,
    ROUNDS = 12, /* calls in circles settle in two or three */
};

static const set_id ANYTHING = UINT32_MAX; /* nobody has called it so far */

set_id gates_at(struct order *order, const struct event *event)
{
    uint64_t items[MOST_GATES];
    uint32_t count = 0;

    for (uint32_t i = 0; i < event->held.count && count < MOST_GATES; i++) {
        const struct held *held = &event->held.items[i];

        if (held->must && !held->is_weak && held->lock.mode != LOCK_SHARED)
            items[count++] = order_class(order, held->lock.class);
    }
    return set_make(&order->sets, items, count);
}

set_id gates_around(struct order *order, const struct nesting *nesting)
{
    uint64_t items[MOST_GATES];
    uint32_t count = 0;

    for (uint32_t i = 0; i < nesting->gates.count && count < MOST_GATES; i++)
        items[count++] = order_class(order, nesting->gates.items[i]);
    return set_make(&order->sets, items, count);
}

/* Without what is given back there. */
static set_id without(struct order *order, set_id set,
                      const struct event *event)
{
    uint64_t items[MOST_GATES];
    uint32_t count = 0;
    const struct set *all = set_get(&order->sets, set);

    for (uint32_t i = 0; i < all->count && count < MOST_GATES; i++) {
        bool is_dropped = false;

        for (uint32_t k = 0; k < event->dropped.count; k++)
            is_dropped |=
                order_class(order, event->dropped.items[k]) == all->items[i];
        if (!is_dropped)
            items[count++] = all->items[i];
    }
    return set_make(&order->sets, items, count);
}

static set_id at_call(struct order *order, const struct call *call)
{
    const struct event *event = call->event;
    set_id set = order->entry[call->caller->number];

    if (!event || set == ANYTHING)
        return set;
    return set_union(&order->sets, without(order, set, event),
                     gates_at(order, event), MOST_GATES);
}

static set_id entry_meet(struct order *order, const struct fn *fn)
{
    set_id set = ANYTHING;

    for_each_call_of(order->calls, fn, call)
    {
        set_id there = at_call(order, call);

        if (there != ANYTHING)
            set = set == ANYTHING ? there : set_meet(&order->sets, set, there);
        if (!set)
            break;
    }
    return set;
}

static bool may_be_called_bare(const struct order *order, const struct fn *fn)
{
    const struct calls *calls = order->calls;

    return !calls_lead_to(calls, fn) || calls->escapes[fn->number] ||
           fn->is_entry ||
           (!(fn->symbol->flags & IR_SYMBOL_STATIC) && !calls->has_main);
}

static bool fn_solve(struct order *order, const struct fn *fn)
{
    set_id set = may_be_called_bare(order, fn) ? 0 : entry_meet(order, fn);

    if (set == order->entry[fn->number])
        return false;
    order->entry[fn->number] = set;
    return true;
}

void gates_solve(struct order *order)
{
    uint32_t count = order->program->fns.count;
    bool has_shrunk = true;

    for (uint32_t i = 0; i < count; i++)
        order->entry[i] = ANYTHING;
    for (int round = 0; has_shrunk && round < ROUNDS; round++) {
        has_shrunk = false;
        for (uint32_t i = count; i > 0; i--)
            has_shrunk |= fn_solve(order, order->program->callees_first[i - 1]);
    }
    for (uint32_t i = 0; i < count; i++)
        if (order->entry[i] == ANYTHING)
            order->entry[i] = 0;
}
