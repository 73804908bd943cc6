/*
 * Markers: which calls and functions say that they may suspend, and which
 * should. See query_marker.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "findings/query_marker.h"
#include "engine/callee.h"

/* The marker stands before a macro as a whole, and is its user's business. */
static bool is_written_here(const struct ir_op *op)
{
    return op->kind == IR_CALL && !op->macro && !(op->flags & IR_OP_CLEANUP);
}

/* Whose task suspends: the runtime's that is called, or that of the function
 * around. */
static const struct pack *runtime_of(const struct query *query,
                                     const struct callee *callee)
{
    if (callee->meaning && callee->meaning->pack->has_async)
        return callee->meaning->pack;
    if (callee->async_pack)
        return callee->async_pack;
    return query->fn->async_pack;
}

const struct pack *query_await_lacks(const struct query *query,
                                     const struct event *event)
{
    const struct ir_op *op = query_op(query, event->op);
    struct callee callee;
    const struct pack *pack;

    if (!is_written_here(op))
        return NULL;
    callee = callee_find(query->program, query->fn, op);
    pack = runtime_of(query, &callee);
    return !callee.is_awaited && pack && pack->requires_await ? pack : NULL;
}

/* Whether a pack's words on a function make it one for tasks: it suspends for
 * sure, or takes a task's lock, or is called so. What merely may suspend is a
 * thread's, too. */
static bool is_for_tasks(const struct meaning *meaning)
{
    if (meaning->only_in_task || !answer_can_be(meaning->suspends))
        return false;
    return meaning->suspends == ANSWER_MUST || meaning->is_assumed ||
           meaning_has(meaning, EFFECT_ACQUIRE);
}

/* A call, by name and outside macros, of what is marked or known to be for
 * tasks; not where the function has asked whether it is in one. */
static bool shows_marked(const struct query *query, const struct event *event,
                         const struct pack *pack)
{
    const struct ir_op *op = query_op(query, event->op);
    struct callee callee;

    if (!is_written_here(op) || event->states_in_task == event->states)
        return false;
    callee = callee_find(query->program, query->fn, op);
    return callee.async_pack == pack ||
           (callee.meaning && callee.meaning->pack == pack &&
            is_for_tasks(callee.meaning));
}

/* The first of these calls, of a pack that asks for no more. */
static const struct pack *marked_called(const struct query *query, ir_id *at)
{
    static const enum event_kind kinds[] = {EVENT_ASYNC_ONLY, EVENT_SUSPEND};
    int count;
    const struct pack *const *packs = model_packs(query->fn->view, &count);

    for (int i = 0; i < count; i++)
        for (int k = 0;
             packs[i]->requires_async == ASYNC_REQUIRED_OF_CALLERS && k < 2;
             k++)
            for_each_event(query, event, kinds[k])
                if (shows_marked(query, event, packs[i])) {
                    *at = event->op;
                    return packs[i];
                }
    return NULL;
}

/* What suspends in a task only, and asks whether it is in one, may be called
 * anywhere. */
static const struct pack *suspension_shown(const struct query *query, ir_id *at)
{
    const struct fn *fn = query->fn;
    const struct summary *summary = &fn->summary;
    const struct pack *pack;
    struct callee callee;

    if (!summary->suspends_at || !answer_can_be(summary->suspends) ||
        summary->suspends_outside == ANSWER_NEVER)
        return NULL;
    *at = summary->suspends_at;
    callee = callee_find(query->program, fn, query_op(query, *at));
    pack = runtime_of(query, &callee);
    for (int i = 0, count; !pack; i++) {
        const struct pack *const *packs = model_packs(fn->view, &count);

        if (i == count)
            return NULL;
        if (packs[i]->requires_async == ASYNC_REQUIRED)
            pack = packs[i];
    }
    return pack->requires_async == ASYNC_REQUIRED ? pack : NULL;
}

const struct pack *query_async_lacks(const struct query *query, ir_id *at)
{
    const struct fn *fn = query->fn;
    const struct pack *pack;

    /* What is known to run outside tasks makes another mistake. */
    if ((fn->context && !(fn->context & CONTEXT_ASYNC)) || fn->async_pack ||
        model_symbol_marker(fn->view, MARKER_MIXED, fn->unit, fn->symbol) ||
        model_symbol_marker(fn->view, MARKER_SYNC_ONLY, fn->unit, fn->symbol))
        return NULL;
    pack = suspension_shown(query, at);
    return pack ? pack : marked_called(query, at);
}

const char *query_marker_word(const struct query *query,
                              enum marker_kind marker, const struct pack *pack)
{
    return model_marker_word(query->fn->view, marker, pack);
}

/* What is known never to suspend. What says that it may is believed, whatever
 * its body does today. */
static bool is_vain(const struct callee *callee)
{
    const struct meaning *meaning = callee->meaning;

    if (!callee->is_awaited || callee->async_pack || callee->now.items.count)
        return false;
    if (meaning)
        return meaning->suspends == ANSWER_NEVER && !meaning->must_await;
    return callee->body && callee->body->summary.suspends == ANSWER_NEVER;
}

ir_id query_vain_await(const struct query *query, ir_id after)
{
    const struct ir_fn *ir = query->fn->ir;

    for (ir_id op = after ? after + 1 : ir->first_op;
         op < ir->first_op + ir->op_count; op++) {
        const struct ir_op *call = query_op(query, op);
        struct callee callee;

        if (!is_written_here(call))
            continue;
        callee = callee_find(query->program, query->fn, call);
        if (is_vain(&callee))
            return op;
    }
    return 0;
}

const char *query_callee_name(const struct query *query, ir_id op)
{
    return callee_find(query->program, query->fn, query_op(query, op)).name;
}
