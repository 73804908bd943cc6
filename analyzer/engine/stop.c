/*
 * The ways to what stops a thread, see stop.h. Breadth first from the calls
 * themselves, so that each function is reached on its shortest way first; in
 * the order of functions and ops, so that ties go the same way each time.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/stop.h"

#include "engine/callgraph.h"

/* A call by which a caller leads to another function. */
struct step {
    struct fn *caller;
    const struct event *event;
    uint32_t older; /* the next one that leads there, counted from 1 */
};

struct search {
    struct program *program;
    struct arena arena;
    VEC(struct step) steps;
    uint32_t *newest; /* by number of the function they lead to, from 1 */
    VEC(struct fn *) queue;
};

enum stop_kind stop_kind_of(const struct event *event)
{
    if (event->meaning && event->meaning->is_bridge)
        return STOP_COUNT;
    if (!event->meaning)
        return event->is_indirect ? STOP_CALL : STOP_COUNT;
    if (event->meaning->blocks != ANSWER_MAY &&
        event->meaning->blocks != ANSWER_MUST)
        return STOP_COUNT; /* what it calls back does */
    return event->meaning->is_wait ? STOP_THREAD : STOP_CALL;
}

static void step_add(struct search *search, struct fn *caller,
                     const struct event *event, const struct fn *callee)
{
    struct step step = {caller, event, search->newest[callee->number]};

    vec_add(&search->arena, &search->steps, step);
    search->newest[callee->number] = search->steps.count;
}

static void edge_steps_add(struct search *search, struct fn *fn,
                           const struct event *event,
                           const struct call_edge *edge)
{
    for (uint32_t i = edge->count; edge_is_now(edge) && i > 0; i--)
        step_add(search, fn, event, edge->to[i - 1]);
}

/* Edges are in the order of ops, as events are. */
static void steps_list(struct search *search, struct fn *fn)
{
    const struct call_edges *edges = fn->edges;
    uint32_t at = edges->items.count;

    for (uint32_t i = fn->events.items.count; i > 0; i--) {
        const struct event *event = &fn->events.items.items[i - 1];

        if (event->kind != EVENT_BLOCK)
            continue;
        while (at > 0 && edges->items.items[at - 1].op > event->op)
            at--;
        for (uint32_t k = at;
             k > 0 && edges->items.items[k - 1].op == event->op; k--)
            edge_steps_add(search, fn, event, &edges->items.items[k - 1]);
    }
}

/* What only happens outside tasks stops none. */
static bool is_in_a_task(const struct event *event)
{
    return !event->is_offloaded && event->states_outside < event->states;
}

static void fn_reach(struct search *search, struct fn *fn, struct stop stop,
                     enum stop_kind kind)
{
    if (fn->stops[kind].event)
        return;
    fn->stops[kind] = stop;
    vec_add(&search->arena, &search->queue, fn);
}

static void sources_reach(struct search *search, enum stop_kind kind)
{
    for (uint32_t i = 0; i < search->program->fns.count; i++) {
        struct fn *fn = search->program->fns.items[i];

        for (uint32_t k = 0; k < fn->events.items.count; k++) {
            const struct event *event = &fn->events.items.items[k];

            if (event->kind == EVENT_BLOCK && is_in_a_task(event) &&
                stop_kind_of(event) == kind)
                fn_reach(search, fn, (struct stop){.event = event}, kind);
        }
    }
}

static void search_run(struct search *search, enum stop_kind kind)
{
    search->queue.count = 0;
    sources_reach(search, kind);
    for (uint32_t i = 0; i < search->queue.count; i++) {
        const struct fn *next = search->queue.items[i];

        if (fn_begins_tasks(next))
            continue;
        for (uint32_t at = search->newest[next->number]; at;
             at = search->steps.items[at - 1].older) {
            const struct step *step = &search->steps.items[at - 1];

            if (is_in_a_task(step->event))
                fn_reach(search, step->caller,
                         (struct stop){.event = step->event,
                                       .next = next,
                                       .length = next->stops[kind].length + 1},
                         kind);
        }
    }
}

void stop_solve(struct program *program)
{
    struct search search = {.program = program};

    search.newest =
        arena_array(&search.arena, program->fns.count, sizeof(*search.newest));
    for (uint32_t i = program->fns.count; i > 0; i--)
        steps_list(&search, program->fns.items[i - 1]);
    for (enum stop_kind kind = 0; kind < STOP_COUNT; kind++)
        search_run(&search, kind);
    arena_finish(&search.arena);
}

static const struct fn *nearer(const struct fn *one, const struct fn *two,
                               enum stop_kind kind)
{
    if (!two->stops[kind].event || fn_begins_tasks(two))
        return one;
    return !one || two->stops[kind].length < one->stops[kind].length ? two
                                                                     : one;
}

const struct fn *stop_next(const struct fn *fn, const struct event *event,
                           enum stop_kind kind)
{
    const struct fn *best = NULL;

    for (uint32_t i = 0; i < fn->edges->items.count; i++) {
        const struct call_edge *edge = &fn->edges->items.items[i];

        if (edge->op != event->op || !edge_is_now(edge))
            continue;
        for (uint32_t to = 0; to < edge->count; to++)
            best = nearer(best, edge->to[to], kind);
    }
    return best;
}
