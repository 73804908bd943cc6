/*
 * Writing out one leg of a circle, see leg.h. Paths are searched for when they
 * are told, breadth first, so that the shortest is.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/leg.h"

#include <string.h>

/* A function, and how a search along calls got there. */
struct reached {
    const struct fn *fn;
    bool is_start;  /* there: … */
    struct call by; /* … else */
};

struct search {
    const struct calls *calls;
    struct arena arena;
    struct map numbers;          /* function → index into reached */
    VEC(struct reached) reached; /* in the order of the search */
};

static void search_init(struct search *search, const struct calls *calls)
{
    *search = (struct search){.calls = calls};
    search->numbers.arena = &search->arena;
}

static void search_add(struct search *search, const struct fn *fn,
                       const struct call *by)
{
    struct reached reached = {.fn = fn, .is_start = !by};
    bool is_new;

    if (by)
        reached.by = *by;
    map_add(&search->numbers, &fn->number, sizeof(fn->number),
            search->reached.count, &is_new);
    if (is_new)
        vec_add(&search->arena, &search->reached, reached);
}

/* NULL: the search has not been there. */
static const struct reached *search_find(const struct search *search,
                                         const struct fn *fn)
{
    const uint32_t *at =
        map_find(&search->numbers, &fn->number, sizeof(fn->number));

    return at ? &search->reached.items[*at] : NULL;
}

/* Where a function takes a lock of that class itself, or 0. */
static ir_id taken_at(const struct fn *fn, const char *class,
                      const struct lock_info **lock)
{
    for (uint32_t i = 0; i < fn->events.items.count; i++) {
        const struct event *event = &fn->events.items.items[i];

        if (event->kind == EVENT_ACQUIRE && !event->is_try &&
            !strcmp(event->lock.class, class)) {
            *lock = &event->lock;
            return event->op;
        }
    }
    for (uint32_t i = 0; i < fn->nestings.count; i++) {
        const struct nesting *nesting = &fn->nestings.items[i];

        if (!nesting->acquired && !strcmp(nesting->inner.class, class)) {
            *lock = &nesting->inner;
            return nesting->op;
        }
    }
    return 0;
}

static void steps_add(struct order *order, struct lock_leg *leg,
                      const struct search *search, const struct fn *end)
{
    VEC(struct call) backwards = {0};
    const struct reached *at = search_find(search, end);

    for (; !at->is_start; at = search_find(search, at->by.caller)) {
        vec_add(order->arena, &backwards, at->by);
        if (at->by.caller == leg->fn)
            break;
    }
    for (uint32_t i = backwards.count; i > 0; i--)
        vec_add(order->arena, &leg->steps, backwards.items[i - 1]);
}

static bool is_on_the_way(const struct call *call,
                          const struct order_edge *edge)
{
    return order_follows(call) && (edge->is_guess || !call_is_guess(call));
}

/* The nearest function below the call that takes the lock itself. */
static void inner_find(struct order *order, struct lock_leg *leg, ir_id op,
                       const struct order_edge *edge)
{
    const char *class = order->classes.items[edge->to];
    const struct lock_info *lock = NULL;
    struct search search;
    bool is_found = false;

    search_init(&search, order->calls);
    leg->inner_at = op;
    leg->inner = class;
    for_each_call(order->calls, leg->fn, call)
    {
        if (call->op == op && is_on_the_way(call, edge))
            search_add(&search, call->callee, call);
    }
    for (uint32_t i = 0; i < search.reached.count && !is_found; i++) {
        const struct fn *fn = search.reached.items[i].fn;
        ir_id at = taken_at(fn, class, &lock);

        if (at) {
            leg->inner_fn = fn;
            leg->inner_at = at;
            leg->inner = lock->name;
            steps_add(order, leg, &search, fn);
            is_found = true;
        }
        for_each_call(order->calls, fn, call)
        {
            if (is_on_the_way(call, edge))
                search_add(&search, call->callee, call);
        }
    }
    arena_finish(&search.arena);
}

/* A global by its name alone: `main.c:lobby.lock`. */
static const char *called_instance(const struct lock_info *lock)
{
    const char *colon = strrchr(lock->instance, ':');

    return colon ? colon + 1 : lock->instance;
}

/* A helper's name for what it was handed says nothing to its callers. */
static const char *called(const struct lock_info *lock)
{
    return lock->taken_in && lock->instance ? called_instance(lock)
                                            : lock->name;
}

/* The lock is taken here, or in a function that is called here. */
static void inner_here(struct order *order, struct lock_leg *leg,
                       const struct lock_info *inner, ir_id op)
{
    leg->inner = called(inner);
    leg->inner_fn = leg->fn;
    leg->inner_at = op;
    if (!inner->taken_in)
        return;
    vec_add(order->arena, &leg->steps,
            ((struct call){
                .caller = leg->fn, .callee = inner->taken_in, .op = op}));
    leg->inner_fn = inner->taken_in;
    leg->inner_at = inner->taken_at;
}

static void outer_here(struct lock_leg *leg, const struct order_site *site)
{
    leg->outer = called(site->outer);
    leg->outer_at = site->acquired;
    leg->outer_in = site->outer->taken_in;
    leg->outer_in_at = site->outer->taken_at;
    if (site->nesting && site->nesting->nested_in) {
        leg->outer_in = site->nesting->nested_in;
        leg->outer_in_at = site->nesting->outer_at;
        if (site->outer->instance)
            leg->outer = called_instance(site->outer);
    }
}

/* Backwards to the root, nearest callers first. */
static void route_find(struct order *order, struct lock_leg *leg)
{
    const struct calls *calls = order->calls;
    struct search search;
    const struct reached *at_root;

    search_init(&search, calls);
    search_add(&search, leg->fn, NULL);
    for (uint32_t i = 0;
         i < search.reached.count && search.reached.items[i].fn != leg->root;
         i++) {
        for_each_call_of(calls, search.reached.items[i].fn, call)
        {
            search_add(&search, call->caller, call);
        }
    }
    for (at_root = search_find(&search, leg->root); at_root;) {
        vec_add(order->arena, &leg->route.items,
                calls->program->fns.items[at_root->fn->number]);
        at_root =
            at_root->is_start ? NULL : search_find(&search, at_root->by.callee);
    }
    arena_finish(&search.arena);
}

static const struct start *start_find(const struct calls *calls,
                                      const struct fn *root)
{
    for (uint32_t i = 0; i < calls->starts.count; i++)
        if (calls->starts.items[i].entry == root)
            return &calls->starts.items[i];
    return NULL;
}

struct lock_leg leg_make(struct order *order, struct overlap *overlap,
                         const struct order_site *site,
                         const struct order_edge *edge, const struct fn *root)
{
    struct lock_leg leg = {
        .root = root,
        .kind = overlap_root(overlap, root),
        .start = start_find(order->calls, root),
        .fn = site->fn,
    };

    outer_here(&leg, site);
    if (site->inner)
        inner_here(order, &leg, site->inner, site->op);
    else
        inner_find(order, &leg, site->op, edge);
    if (!leg.inner_fn)
        leg.inner_fn = leg.fn;
    route_find(order, &leg);
    return leg;
}
