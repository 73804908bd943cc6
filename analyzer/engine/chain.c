/*
 * Breadth-first walks over the call graph, see chain.h. Events decide what
 * counts, not summaries: they know conditions on arguments.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/chain.h"

#include "engine/context.h"

/* How a function was got to: from which, by which edge. */
struct visit {
    const struct fn *from;
    const struct call_edge *edge;
    bool is_seen;
};

struct search {
    const struct program *program;
    struct arena *arena;
    struct visit *visits; /* by function number */
    VEC(const struct fn *) queue;
    bool is_sure; /* no step that is doubted, see sure.h */
};

static struct search search_new(const struct program *program,
                                struct arena *arena)
{
    return (struct search){
        .program = program,
        .arena = arena,
        .visits = arena_array(arena, program->fns.count, sizeof(struct visit)),
    };
}

static void visit(struct search *search, const struct fn *fn,
                  const struct fn *from, const struct call_edge *edge)
{
    struct visit *visit = &search->visits[fn->number];

    if (visit->is_seen)
        return;
    *visit = (struct visit){from, edge, true};
    vec_add(search->arena, &search->queue, fn);
}

static bool is_wanted(const struct event *event, enum chain_wanted wanted)
{
    switch (wanted) {
    case CHAIN_SUSPENDS:
        return event->kind == EVENT_SUSPEND;
    case CHAIN_BLOCKS:
        return event->kind == EVENT_BLOCK;
    case CHAIN_LOCKS:
        return event->kind == EVENT_ACQUIRE && !event->is_try &&
               !event->lock.taken_in && event->lock.kind != LOCK_ASYNC;
    case CHAIN_UNKNOWN:
        return event->kind == EVENT_UNKNOWN;
    }
    return false;
}

static const struct event *event_wanted(const struct fn *fn,
                                        enum chain_wanted wanted, ir_id op)
{
    for (uint32_t i = 0; i < fn->events.items.count; i++) {
        const struct event *event = &fn->events.items.items[i];

        if ((!op || event->op == op) && is_wanted(event, wanted))
            return event;
    }
    return NULL;
}

/* Locks that a callee takes for itself only are no event of its caller. */
static bool may_lead(const struct search *search, const struct fn *fn,
                     const struct call_edge *edge, enum chain_wanted wanted)
{
    const struct event *event;

    if (!edge_is_now(edge) || wanted == CHAIN_LOCKS)
        return edge_is_now(edge);
    event = event_wanted(fn, wanted, edge->op);
    return event && !(search->is_sure && event->is_doubted);
}

static bool edge_is_wanted(const struct call_edge *edge,
                           enum chain_wanted wanted)
{
    for (uint32_t i = 0; edge_is_now(edge) && i < edge->count; i++)
        if (event_wanted(edge->to[i], wanted, 0))
            return true;
    return false;
}

/* What an op of the function does itself, without one that it leads to; with
 * `op`, only that one. */
static const struct event *event_itself(const struct fn *fn, ir_id op,
                                        enum chain_wanted wanted)
{
    for (uint32_t i = 0; i < fn->events.items.count; i++) {
        const struct event *event = &fn->events.items.items[i];
        bool leads_on = false;

        if ((op && event->op != op) || !is_wanted(event, wanted))
            continue;
        for (uint32_t k = 0; k < fn->edges->items.count; k++) {
            const struct call_edge *edge = &fn->edges->items.items[k];

            leads_on |= edge->op == event->op && edge_is_wanted(edge, wanted);
        }
        if (!leads_on)
            return event;
    }
    return NULL;
}

/* From where the walk began to `fn`, in reverse. */
static struct chain path_back(const struct search *search, const struct fn *fn)
{
    struct chain chain = {0};

    while (search->visits[fn->number].from) {
        const struct visit *visit = &search->visits[fn->number];
        struct chain_step step = {visit->from, fn, visit->edge->op, visit->edge,
                                  NULL};

        vec_add(search->arena, &chain.steps, step);
        fn = visit->from;
    }
    return chain;
}

static void chain_reverse(struct chain *chain)
{
    for (uint32_t i = 0; i < chain->steps.count / 2; i++) {
        struct chain_step *one = &chain->steps.items[i];
        struct chain_step *two =
            &chain->steps.items[chain->steps.count - 1 - i];
        struct chain_step kept = *one;

        *one = *two;
        *two = kept;
    }
}

static struct chain walk_down(const struct program *program,
                              const struct fn *fn, ir_id op,
                              enum chain_wanted wanted, bool is_sure,
                              struct arena *arena)
{
    struct search search = search_new(program, arena);
    struct chain chain = {0};

    search.is_sure = is_sure;
    visit(&search, fn, NULL, NULL);
    for (uint32_t i = 0; i < search.queue.count; i++) {
        const struct fn *at = search.queue.items[i];
        ir_id only = i == 0 ? op : 0;
        const struct event *event = event_itself(at, only, wanted);

        if (event) {
            struct chain_step last = {at, NULL, event->op, NULL, event};

            chain = path_back(&search, at);
            chain_reverse(&chain);
            vec_add(arena, &chain.steps, last);
            return chain;
        }
        for (uint32_t k = 0; k < at->edges->items.count; k++) {
            const struct call_edge *edge = &at->edges->items.items[k];

            if (only && edge->op != only)
                continue;
            for (uint32_t to = 0;
                 may_lead(&search, at, edge, wanted) && to < edge->count; to++)
                visit(&search, edge->to[to], at, edge);
        }
    }
    return chain;
}

struct chain chain_down(const struct program *program, const struct fn *fn,
                        ir_id op, enum chain_wanted wanted, struct arena *arena)
{
    struct chain sure = walk_down(program, fn, op, wanted, true, arena);

    return sure.steps.count ? sure
                            : walk_down(program, fn, op, wanted, false, arena);
}

/* From `fn`, to which the walk came upwards, to where it began. */
static void path_down(const struct search *search, const struct fn *fn,
                      struct chain *chain)
{
    while (search->visits[fn->number].from) {
        const struct visit *visit = &search->visits[fn->number];
        struct chain_step step = {fn, visit->from, visit->edge->op, visit->edge,
                                  NULL};

        vec_add(search->arena, &chain->steps, step);
        fn = visit->from;
    }
}

/* The caller that has it run in that context, whatever runs itself. */
static const struct caller *starter_find(const struct callers *callers,
                                         const struct fn *fn, uint32_t context)
{
    for_each_caller(callers, fn, caller)
    {
        if (context_of_timing(caller->edge->timing) & context)
            return caller;
    }
    return NULL;
}

static bool passes(const struct caller *caller, uint32_t context)
{
    return edge_is_now(caller->edge) &&
           (!context || context_at(caller->fn, caller->edge->op) & context);
}

static bool has_caller(const struct callers *callers, const struct fn *fn)
{
    for_each_caller(callers, fn, caller)
    {
        if (edge_is_now(caller->edge))
            return true;
    }
    return false;
}

struct chain chain_up(const struct program *program, const struct fn *fn,
                      uint32_t context, const struct fn **root,
                      struct arena *arena)
{
    struct search search = search_new(program, arena);
    const struct callers *callers = callgraph_callers(program, arena);

    visit(&search, fn, NULL, NULL);
    for (uint32_t i = 0; i < search.queue.count; i++) {
        const struct fn *at = search.queue.items[i];
        const struct caller *starter = starter_find(callers, at, context);

        *root = at;
        if (starter || at->own_context & context ||
            (!context && !has_caller(callers, at))) {
            struct chain chain = {0};

            if (starter && !(at->own_context & context))
                vec_add(arena, &chain.steps,
                        ((struct chain_step){starter->fn, at, starter->edge->op,
                                             starter->edge, NULL}));
            path_down(&search, at, &chain);
            return chain;
        }
        for_each_caller(callers, at, caller)
        {
            if (passes(caller, context))
                visit(&search, caller->fn, at, caller->edge);
        }
    }
    *root = NULL;
    return (struct chain){0};
}
