/*
 * Top-down contexts, see context.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/context.h"

#include <string.h>

#include "engine/callee.h"
#include "engine/callgraph.h"
#include "engine/state.h"
#include "engine/stored_fn.h"

/* A pointer to so many functions is followed after all others: who begins a
 * task is then known by the way with the fewest of them. One table of handlers
 * is what programs are made of; of a way through several, one after the other,
 * nobody knows whether the same object goes it. */
enum { FEW_FUNCTIONS = 3, SURE_TABLES = 1 };

struct step {
    struct fn *fn;
    const struct call_edge *edge;
};

struct spread {
    struct program *program;
    struct arena arena;
    VEC(struct fn *) queue;
    VEC(struct step)
    later;      /* through a table, to be followed when all that is
                               reached with less of them is done */
    int tables; /* that lead to where the walk is */
};

/* A task that calls what no task may call has made its mistake there, and so
 * has a thread that calls what only tasks may. */
static uint32_t context_allowed(const struct fn *fn, uint32_t context)
{
    if (fn->is_sync_only)
        return context & ~(uint32_t)CONTEXT_ASYNC;
    if (fn->async_pack && !(fn->own_context & CONTEXT_SYNC))
        return context & CONTEXT_ASYNC;
    return context;
}

static void reach(struct spread *spread, struct fn *fn, uint32_t context,
                  struct fn *from, ir_id op)
{
    uint32_t added = context_allowed(fn, context) & ~fn->context;

    if (!added)
        return;
    fn->context |= added;
    if (added & CONTEXT_ASYNC) {
        fn->context_from = from;
        fn->context_from_op = op;
        fn->is_doubted = spread->tables > SURE_TABLES;
    }
    vec_add(&spread->arena, &spread->queue, fn);
}

uint32_t context_of_timing(enum timing timing)
{
    switch (timing) {
    case TIMING_TASK:
        return CONTEXT_ASYNC;
    case TIMING_POOL:
        return CONTEXT_POOL;
    case TIMING_THREAD:
        return CONTEXT_THREAD;
    case TIMING_NOW: /* the caller's */
    case TIMING_LATER:
    case TIMING_ATOMIC:
    case TIMING_INTERRUPT:
    case TIMING_UNKNOWN:
        return 0;
    }
    return 0;
}

uint32_t context_at(const struct fn *fn, ir_id op)
{
    uint8_t seen = fn->seen_where ? fn->seen_where[op - fn->ir->first_op] : 0;

    if (fn->context & CONTEXT_ASYNC && fn_is_offloaded(fn, op))
        return (fn->context & ~(uint32_t)CONTEXT_ASYNC) | CONTEXT_POOL;
    if (seen == 1u << WHERE_OUTSIDE)
        return fn->context & ~(uint32_t)CONTEXT_ASYNC;
    if (seen == 1u << WHERE_IN_TASK)
        return fn->context & CONTEXT_ASYNC;
    return fn->context;
}

/* A task, a thread, a job that a runtime starts ends, and nobody goes on from
 * there; what a wrapper of ours starts may be followed by more of it. */
static void start(struct spread *spread, const struct fn *fn,
                  const struct call_edge *edge)
{
    const struct ir_op *op = &fn->unit->ops.items[edge->op];
    uint32_t context = context_of_timing(edge->timing);
    bool is_call =
        edge->timing == TIMING_NOW && !edge->by_callback && !edge->is_handed;

    if (edge->group && !context && (!is_call || edge->group->is_called))
        return;
    if (edge->group)
        edge->group->is_called |= is_call;
    for (uint32_t i = 0; i < edge->count; i++) {
        edge->to[i]->is_called |= is_call;
        if (context && callee_find(spread->program, fn, op).meaning)
            edge->to[i]->is_entry = true;
        reach(spread, edge->to[i], context, NULL, 0);
    }
}

static bool is_marked(const struct fn *fn, enum marker_kind marker)
{
    return model_symbol_marker(fn->view, marker, fn->unit, fn->symbol);
}

static void seed(struct spread *spread, struct fn *fn)
{
    if (fn->async_pack)
        fn->own_context |= CONTEXT_ASYNC;
    if (is_marked(fn, MARKER_MIXED))
        fn->own_context |= CONTEXT_ASYNC | CONTEXT_SYNC;
    if (is_marked(fn, MARKER_THREAD))
        fn->own_context |= CONTEXT_THREAD;
    if (fn->is_sync_only || !strcmp(fn->name, "main"))
        fn->own_context |= CONTEXT_SYNC;
    reach(spread, fn, fn->own_context, NULL, 0);
    for (uint32_t i = 0; i < fn->edges->items.count; i++)
        start(spread, fn, &fn->edges->items.items[i]);
}

/* Whether some of the context has not been handed on to all of the group. */
static bool group_needs(struct fn_group *group, uint32_t context)
{
    if (!group)
        return true;
    if (!(context & ~group->spread))
        return false;
    group->spread |= context;
    return true;
}

/* Of what comes by way of parameters it is only guessed that it is called
 * here: enough to ask it to behave in a task, not to say that it never gets
 * into one. */
static void edge_spread(struct spread *spread, struct fn *fn,
                        const struct call_edge *edge)
{
    uint32_t context = context_at(fn, edge->op);

    if (edge->is_handed)
        context &= CONTEXT_ASYNC;
    if (!group_needs(edge->group, context))
        return;
    for (uint32_t to = 0; to < edge->count; to++)
        reach(spread, edge->to[to], context, fn, edge->op);
}

static void calls_spread(struct spread *spread, struct fn *fn)
{
    for (uint32_t i = 0; i < fn->edges->items.count; i++) {
        const struct call_edge *edge = &fn->edges->items.items[i];
        struct step step = {fn, edge};

        if (!edge_is_now(edge))
            continue;
        if (edge->by_pointer && edge->count > FEW_FUNCTIONS &&
            spread->tables <= SURE_TABLES)
            vec_add(&spread->arena, &spread->later, step);
        else
            edge_spread(spread, fn, edge);
    }
}

static void all_spread(struct spread *spread)
{
    uint32_t done = 0;
    uint32_t followed = 0;

    for (;;) {
        for (; done < spread->queue.count; done++)
            calls_spread(spread, spread->queue.items[done]);
        if (followed == spread->later.count)
            return;
        spread->tables++;
        for (uint32_t end = spread->later.count; followed < end; followed++)
            edge_spread(spread, spread->later.items[followed].fn,
                        spread->later.items[followed].edge);
    }
}

/* What is stored in a field whose functions run in tasks, or on threads. */
static void stores_seed(const struct fn *fn)
{
    static const struct {
        enum marker_kind marker;
        uint32_t context;
    } marks[] = {{MARKER_ASYNC, CONTEXT_ASYNC},
                 {MARKER_THREAD, CONTEXT_THREAD}};

    for (uint32_t i = 0; i < fn->stores.count; i++) {
        const struct stored_fn *stored = &fn->stores.items[i];

        for (size_t k = 0; k < sizeof(marks) / sizeof(*marks); k++) {
            if (!stored_fn_is_marked(stored, fn, marks[k].marker))
                continue;
            stored->fn->own_context |= marks[k].context;
            stored->fn->is_entry = true;
        }
    }
}

void context_solve(struct program *program)
{
    struct spread spread = {.program = program};

    for (uint32_t i = 0; i < program->fns.count; i++)
        stores_seed(program->fns.items[i]);
    for (uint32_t i = 0; i < program->fns.count; i++)
        seed(&spread, program->fns.items[i]);
    all_spread(&spread);
    arena_finish(&spread.arena);
}

bool fn_begins_tasks(const struct fn *fn)
{
    return fn->context & CONTEXT_ASYNC && !fn->context_from;
}

bool fn_is_offloaded(const struct fn *fn, ir_id op)
{
    return fn->offloaded && fn->offloaded[op - fn->ir->first_op];
}

bool event_is_async(const struct fn *fn, const struct event *event)
{
    return fn->context & CONTEXT_ASYNC && !event->is_offloaded &&
           event->states_outside < event->states;
}

bool event_is_sync(const struct fn *fn, const struct event *event)
{
    return fn->context & ~(uint32_t)CONTEXT_ASYNC &&
           event->states_in_task < event->states;
}

bool event_suspends(const struct fn *fn, const struct event *event)
{
    /* Known to run on threads of its own only: what it calls polls there. In
     * sync code nobody can be sure: main may be a task, too. */
    if (fn->context && !(fn->context & (CONTEXT_ASYNC | CONTEXT_SYNC)))
        return false;
    return event->outside_too || fn->context & CONTEXT_ASYNC;
}
