/*
 * The ways to what stops a thread, see stop.h. Breadth first from the calls
 * themselves, so that each function is reached on its shortest way first, and
 * once more for those that only doubted steps lead from; in the order of
 * functions and ops, so that ties go the same way each time.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/stop.h"

#include <string.h>

#include "engine/callgraph.h"

/* A call by which a caller leads to another function. */
struct step {
    struct fn *caller;
    const struct event *event;
};

struct search {
    struct program *program;
    struct arena arena;
    VEC(struct step) steps; /* by number of the link */
    struct links links;
    bool *is_through; /* by group: its callers have been reached */
    VEC(struct fn *) queue;
};

enum stop_kind stop_kind_of(const struct event *event)
{
    if (event->meaning && event->meaning->is_bridge)
        return STOP_COUNT;
    if (!event->meaning)
        return event->is_indirect ? STOP_CALL : STOP_COUNT;
    if (!answer_can_be(event->meaning->blocks))
        return STOP_COUNT; /* what it calls back does */
    return event->meaning->is_wait ? STOP_THREAD : STOP_CALL;
}

static void edge_steps_add(struct search *search, struct fn *fn,
                           const struct event *event,
                           const struct call_edge *edge)
{
    uint32_t links = edge->group ? 1 : edge->count;
    struct step step = {fn, event};

    for (uint32_t i = 0; edge_is_now(edge) && i < links; i++) {
        vec_add(&search->arena, &search->steps, step);
        links_add(&search->links, &search->arena, edge->to[i], edge->group);
    }
}

/* Edges are in the order of ops, as events are. */
static void steps_list(struct search *search, struct fn *fn)
{
    const struct call_edges *edges = fn->edges;
    uint32_t at = 0;

    for (uint32_t i = 0; i < fn->events.items.count; i++) {
        const struct event *event = &fn->events.items.items[i];

        if (event->kind != EVENT_BLOCK)
            continue;
        while (at < edges->items.count && edges->items.items[at].op < event->op)
            at++;
        for (uint32_t k = at;
             k < edges->items.count && edges->items.items[k].op == event->op;
             k++)
            edge_steps_add(search, fn, event, &edges->items.items[k]);
    }
}

/* What only happens outside tasks stops none, and so does what is short. */
static bool is_in_a_task(const struct event *event)
{
    return !event->is_offloaded && !event->is_spared &&
           event->states_outside < event->states;
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

/* Who calls one function of a group calls all, and is reached by the first. */
static void callers_reach(struct search *search, const struct fn *next,
                          enum stop_kind kind, bool is_doubted)
{
    struct links_walk walk =
        links_walk(&search->links, next, search->is_through);
    struct stop stop = {.next = next,
                        .length = next->stops[kind].length + 1,
                        .is_doubted = is_doubted};

    while (links_next(&walk)) {
        const struct step *step = &search->steps.items[walk.number];

        stop.event = step->event;
        if (is_in_a_task(step->event) &&
            (is_doubted || !step->event->is_doubted))
            fn_reach(search, step->caller, stop, kind);
    }
    for (uint32_t i = 0; i < next->groups.count; i++)
        search->is_through[next->groups.items[i]->number] = true;
}

/* From all that has been reached. */
static void queue_walk(struct search *search, enum stop_kind kind,
                       bool is_doubted)
{
    search->is_through = arena_array(
        &search->arena, search->program->groups.count, sizeof(bool));
    for (uint32_t i = 0; i < search->queue.count; i++)
        if (!fn_begins_tasks(search->queue.items[i]))
            callers_reach(search, search->queue.items[i], kind, is_doubted);
}

static void search_run(struct search *search, enum stop_kind kind)
{
    search->queue.count = 0;
    sources_reach(search, kind);
    queue_walk(search, kind, false);
    queue_walk(search, kind, true);
}

void stop_solve(struct program *program)
{
    struct search search = {.program = program};

    for (uint32_t i = 0; i < program->fns.count; i++)
        steps_list(&search, program->fns.items[i]);
    links_sort(&search.links, program, &search.arena);
    for (enum stop_kind kind = 0; kind < STOP_COUNT; kind++)
        search_run(&search, kind);
    arena_finish(&search.arena);
}

static const struct fn *nearer(const struct fn *one, const struct fn *two,
                               enum stop_kind kind)
{
    const struct stop *way = &two->stops[kind];

    if (!way->event || fn_begins_tasks(two))
        return one;
    if (!one || way->is_doubted != one->stops[kind].is_doubted)
        return !one || !way->is_doubted ? two : one;
    return way->length < one->stops[kind].length ? two : one;
}

/* The nearest of those that the edge leads to. */
static const struct fn *nearest(const struct call_edge *edge,
                                enum stop_kind kind)
{
    struct fn_group *group = edge->group;
    const struct fn *best[STOP_COUNT] = {0};

    if (group && group->is_nearest_known)
        return group->nearest[kind];
    for (uint32_t to = 0; to < edge->count; to++)
        for (enum stop_kind each = 0; each < STOP_COUNT; each++)
            best[each] = nearer(best[each], edge->to[to], each);
    if (group) {
        memcpy(group->nearest, best, sizeof(best));
        group->is_nearest_known = true;
    }
    return best[kind];
}

const struct fn *stop_next(const struct fn *fn, const struct event *event,
                           enum stop_kind kind)
{
    const struct fn *best = NULL;

    for (uint32_t i = 0; i < fn->edges->items.count; i++) {
        const struct call_edge *edge = &fn->edges->items.items[i];
        const struct fn *next = edge->op == event->op && edge_is_now(edge)
                                    ? nearest(edge, kind)
                                    : NULL;

        if (next)
            best = nearer(best, next, kind);
    }
    return best;
}
