/*
 * Gathering the edges of the lock order, see order.h. In the order of the
 * program, so that the same place is told each time.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/order.h"

#include <string.h>

#include "engine/callgraph.h"

uint32_t order_class(struct order *order, const char *class)
{
    bool is_new;
    uint32_t *at =
        map_add_str(&order->numbers, class, order->classes.count, &is_new);

    if (is_new)
        vec_add(order->arena, &order->classes, class);
    return *at;
}

static struct order_edge *edge_get(struct order *order, struct order_edge edge)
{
    const uint32_t key[] = {edge.from, edge.to, edge.is_held_shared,
                            edge.is_taken_shared, edge.is_guess};
    bool is_new;
    uint32_t *at =
        map_add(&order->by_pair, key, sizeof(key), order->edges.count, &is_new);

    if (is_new)
        vec_add(order->arena, &order->edges, edge);
    return &order->edges.items[*at];
}

/* One site of each function is enough; a sure one is better. */
static void site_add(struct order *order, struct order_edge *edge,
                     struct order_site site)
{
    for (uint32_t i = 0; i < edge->sites.count; i++) {
        struct order_site *known = &edge->sites.items[i];

        if (known->fn != site.fn || known->gates != site.gates ||
            known->outer->instance != site.outer->instance)
            continue;
        if (!known->must && site.must)
            *known = site;
        return;
    }
    if (edge->sites.count < MOST_SITES)
        vec_add(order->arena, &edge->sites, site);
}

enum { MOST_HELD = 24 }; /* as the lock sets have it */

/* What is held at one event, by number. */
struct holding {
    const struct fn *fn;
    const struct event *event;
    uint32_t classes[MOST_HELD];
    uint32_t count;
    set_id gates;
};

static struct holding holding_at(struct order *order, const struct fn *fn,
                                 const struct event *event)
{
    struct holding holding = {.fn = fn, .event = event};

    while (holding.count < event->held.count && holding.count < MOST_HELD) {
        holding.classes[holding.count] =
            order_class(order, event->held.items[holding.count].lock.class);
        holding.count++;
    }
    holding.gates = set_union(&order->sets, order->entry[fn->number],
                              gates_at(order, event), UINT32_MAX);
    return holding;
}

static bool is_held(const struct holding *holding, uint32_t class)
{
    for (uint32_t i = 0; i < holding->count; i++)
        if (holding->classes[i] == class)
            return true;
    return false;
}

/* A task that suspends under a blocking lock is another rule's to tell; and
 * who is only guessed to be a lock may not be one that anyone waits for. */
static bool counts(const struct held *held, const struct lock_info *inner)
{
    if (held->lock.kind == LOCK_UNKNOWN ||
        (inner && inner->kind == LOCK_UNKNOWN))
        return false;
    return !held->is_weak && !held->lock.is_parameter &&
           (!inner || inner->kind != LOCK_ASYNC ||
            held->lock.kind == LOCK_ASYNC);
}

/* `.object`: a part of what a pointer to void leads to, of any record. */
static bool is_of_anything(const struct order *order, uint32_t class)
{
    return *order->classes.items[class] == '.';
}

/* Each lock held, and the class that is taken. */
static void held_add(struct order *order, const struct holding *holding,
                     struct take take, const struct lock_info *inner)
{
    for (uint32_t i = 0; i < holding->count; i++) {
        const struct held *held = &holding->event->held.items[i];
        struct order_edge edge = {
            .from = holding->classes[i],
            .to = take.class,
            .is_held_shared = held->lock.mode == LOCK_SHARED,
            .is_taken_shared = take.is_shared,
            .is_guess = take.is_guess,
        };
        struct order_site site = {
            .fn = holding->fn,
            .acquired = held->acquired,
            .op = holding->event->op,
            .outer = &held->lock,
            .inner = inner,
            .must = held->must,
            .gates = holding->gates,
        };

        if (!counts(held, inner) || is_of_anything(order, edge.from) ||
            is_of_anything(order, edge.to) ||
            set_has(&order->sets, take.dropped, edge.from))
            continue;
        site_add(order, edge_get(order, edge), site);
    }
}

static void acquisition_add(struct order *order, const struct fn *fn,
                            const struct event *event)
{
    struct take take = {.is_shared = event->lock.mode == LOCK_SHARED};
    struct holding holding;

    if (event->is_try || event->lock.is_parameter || !event->held.count)
        return;
    take.class = order_class(order, event->lock.class);
    holding = holding_at(order, fn, event);
    if (!is_held(&holding, take.class))
        held_add(order, &holding, take, &event->lock);
}

static void taken_add(struct order *order, const struct holding *holding,
                      set_id takes, bool is_guess)
{
    for (uint32_t i = 0; i < set_get(&order->sets, takes)->count; i++) {
        struct take take = take_unpack(set_get(&order->sets, takes)->items[i]);

        take.is_guess |= is_guess;
        if (!is_held(holding, take.class))
            held_add(order, holding, take, NULL);
    }
}

/* What is held at a call is the same for all that it may run. */
static void calls_add(struct order *order, const struct fn *fn)
{
    struct holding holding = {0};

    for_each_call(order->calls, fn, call)
    {
        set_id takes = order->takes[call->callee->number];

        if (!call->event || !call->event->held.count)
            skip_others(call);
        if (!call->event || !call->event->held.count || !takes ||
            !order_follows(call))
            continue;
        if (holding.event != call->event)
            holding = holding_at(order, fn, call->event);
        taken_add(order, &holding, takes, call_is_guess(call));
    }
}

/* Of two classes, once both are known; of one, it is a pair of its own kind. */
static void nesting_add(struct order *order, const struct fn *fn,
                        const struct nesting *nesting)
{
    struct order_site site = {
        .fn = fn,
        .acquired = nesting->acquired,
        .op = nesting->op,
        .outer = &nesting->outer,
        .inner = &nesting->inner,
        .nesting = nesting,
        .must = true,
    };
    const char *from = nesting->outer.class;
    const char *to = nesting->inner.class;
    struct order_edge edge = {
        .is_held_shared = nesting->outer.mode == LOCK_SHARED,
        .is_taken_shared = nesting->inner.mode == LOCK_SHARED,
    };

    if (!nesting->acquired)
        return;
    if (!strcmp(from, to)) {
        from = nesting->outer.instance;
        to = nesting->inner.instance;
    }
    if (!from || !to) {
        vec_add(order->arena, &order->pairs, site);
        return;
    }
    if (nesting->outer.is_parameter || nesting->inner.is_parameter ||
        nesting->is_compared)
        return;
    site.gates = set_union(&order->sets, order->entry[fn->number],
                           gates_around(order, nesting), UINT32_MAX);
    edge.from = order_class(order, from);
    edge.to = order_class(order, to);
    if (is_of_anything(order, edge.from) || is_of_anything(order, edge.to))
        return;
    site_add(order, edge_get(order, edge), site);
}

static void fn_add(struct order *order, const struct fn *fn)
{
    for (uint32_t i = 0; i < fn->events.items.count; i++)
        if (fn->events.items.items[i].kind == EVENT_ACQUIRE)
            acquisition_add(order, fn, &fn->events.items.items[i]);
    for (uint32_t i = 0; i < fn->nestings.count; i++)
        nesting_add(order, fn, &fn->nestings.items[i]);
    calls_add(order, fn);
}

struct order *order_find(const struct program *program, struct arena *arena)
{
    struct order *order = arena_alloc(arena, sizeof(*order));
    uint32_t count = program->fns.count;

    order->arena = arena;
    order->program = program;
    order->numbers.arena = arena;
    order->by_pair.arena = arena;
    sets_init(&order->sets, arena);
    order->calls = calls_find(program, arena);
    order->takes = arena_array(arena, count, sizeof(*order->takes));
    order->is_wanted = arena_array(arena, count, sizeof(*order->is_wanted));
    order->entry = arena_array(arena, count, sizeof(*order->entry));
    takes_solve(order);
    gates_solve(order);
    for (uint32_t i = 0; i < count; i++)
        fn_add(order, program->fns.items[i]);
    return order;
}
