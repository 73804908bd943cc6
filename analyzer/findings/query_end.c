/*
 * Answers about what waits for an end, see query_end.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "findings/query_end.h"

#include "engine/calls.h"
#include "findings/loop.h"

enum { CALLEES_LOOKED_AT = 3 }; /* below what is started */

/* Whether it is done whenever the function is called: nothing is asked before,
 * and there is one of it. */
static bool is_always_done(const struct fn *fn, ir_id op)
{
    for (ir_id at = fn->ir->first_op; at < op; at++)
        if (fn->unit->ops.items[at].kind == IR_BRANCH ||
            fn->unit->ops.items[at].kind == IR_SWITCH)
            return false;
    return true;
}

/* Whether it calls the other one, so many calls deep. */
static bool calls_it(const struct fn *fn, const struct fn *other, int depth)
{
    for (uint32_t i = 0; depth > 0 && i < fn->edges->items.count; i++) {
        const struct call_edge *edge = &fn->edges->items.items[i];

        for (uint32_t k = 0; edge_is_now(edge) && k < edge->count; k++)
            if (edge->to[k] == other ||
                (is_always_done(fn, edge->op) &&
                 calls_it(edge->to[k], other, depth - 1)))
                return true;
    }
    return false;
}

/* A callee may be told that it is not called by what it is to end. */
static bool starts_it(const struct evidence *signal, const struct fn *fn,
                      bool is_always)
{
    const struct fn *stored = signal->event->starts;

    if (stored)
        return stored == fn ||
               (is_always && calls_it(stored, fn, CALLEES_LOOKED_AT));
    for (uint32_t i = 0; i < signal->fn->edges->items.count; i++) {
        const struct call_edge *edge = &signal->fn->edges->items.items[i];

        if (edge->op != signal->event->op || !edge->by_callback ||
            (edge->timing != TIMING_ATOMIC &&
             edge->timing != TIMING_INTERRUPT && edge->timing != TIMING_LATER))
            continue;
        for (uint32_t k = 0; k < edge->count; k++)
            if (edge->to[k] == fn ||
                (is_always && calls_it(edge->to[k], fn, CALLEES_LOOKED_AT)))
                return true;
    }
    return false;
}

bool query_waits_for(const struct query *query, const struct event *wait,
                     const struct fn *started)
{
    for (uint32_t i = 0; i < query->signals->items.count; i++) {
        const struct evidence *signal = &query->signals->items.items[i];

        if (signal->event->by_callback && query_is_about(signal->event, wait) &&
            starts_it(signal, started, false))
            return true;
    }
    return false;
}

struct evidence query_waits_for_itself(const struct query *query,
                                       const struct event *wait)
{
    const struct signals *signals = query->signals;
    bool is_always = is_always_done(query->fn, wait->op);

    /* In a loop: for others of its kind. */
    for (uint32_t i = 0; wait->subject && !loop_has(query->fn, wait->op) &&
                         i < signals->items.count;
         i++) {
        const struct evidence *signal = &signals->items.items[i];

        if (signal->event->by_callback && query_is_about(signal->event, wait) &&
            starts_it(signal, query->fn, is_always))
            return *signal;
    }
    return (struct evidence){0};
}
