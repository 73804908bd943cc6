/*
 * Calls that matter for more than their own effects: who is woken, who gets
 * to run with our locks held, who may be called by tasks or by others only.
 * Written down in the last sweep.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/run.h"
#include "engine/stored_fn.h"
#include "engine/wait.h"

static const struct ir_symbol *symbol_of(const struct step *step)
{
    const struct ir_unit *unit = step->flow->fn->unit;
    const struct ir_op *op = &unit->ops.items[step->op];
    ir_id id = op->kind == IR_CALL ? ir_call_symbol(unit, op) : 0;

    return id ? &unit->symbols.items[id] : NULL;
}

static bool is_marked(const struct fn *fn, const struct ir_symbol *symbol,
                      enum marker_kind marker)
{
    return symbol && model_symbol_marker(fn->view, marker, fn->unit, symbol);
}

static bool is_for_tasks(const struct fn *fn, const struct ir_symbol *symbol)
{
    return is_marked(fn, symbol, MARKER_ASYNC) &&
           !is_marked(fn, symbol, MARKER_MIXED);
}

/* A function for tasks that is called by a pointer, or as a callback: of the
 * functions that the pointer may be, all have to be for tasks. */
static const struct fn *pointed_for_tasks(const struct callee *callee)
{
    const struct fn *first = NULL;
    bool is_callback = callee->meaning || callee->body;

    for (uint32_t i = 0; i < callee->now.items.count; i++) {
        const struct fn *fn = callee->now.items.items[i];

        if (!is_for_tasks(fn, fn->symbol)) {
            if (is_callback && fn != callee->body)
                continue;
            return NULL;
        }
        first = first ? first : fn;
    }
    return callee->now.is_handed ? NULL : first;
}

static void side_notice(struct step *step)
{
    const struct callee *callee = &step->site->callee;
    const struct meaning *meaning = callee->meaning;
    const struct ir_symbol *symbol = symbol_of(step);
    const struct fn *fn = step->flow->fn;
    const struct fn *pointed = NULL;
    struct event *event;

    if (wait_is_exempt(step))
        return;
    if ((meaning && meaning->is_bridge) ||
        (is_marked(fn, symbol, MARKER_SYNC_ONLY) &&
         !is_marked(fn, symbol, MARKER_MIXED))) {
        record_event(step->flow, step->state, EVENT_SYNC_ONLY, step->op,
                     step->site);
        return;
    }
    if (!(meaning && meaning->suspends == ANSWER_MUST) &&
        !is_for_tasks(fn, symbol)) {
        pointed = pointed_for_tasks(callee);
        if (!pointed)
            return;
    }
    event = record_event(step->flow, step->state, EVENT_ASYNC_ONLY, step->op,
                         step->site);
    event->is_acquisition = wait_is_acquisition(meaning);
    if (pointed)
        event->callee_name = pointed->name;
}

/* What a call returns is known by where it is kept. */
static const char *kept_subject(const struct step *step)
{
    struct flow *flow = step->flow;
    const struct ir_unit *unit = flow->fn->unit;
    const struct ir_fn *ir = flow->fn->ir;

    for (ir_id at = step->op + 1; at < ir->first_op + ir->op_count; at++) {
        const struct ir_op *op = &unit->ops.items[at];
        const struct ir_expr *value = &unit->exprs.items[op->b];

        if (op->kind == IR_ASSIGN && value->kind == IR_EXPR_TEMP &&
            value->op == step->op)
            return name_class(flow, eval_place(flow, step->state, op->a));
    }
    return NULL;
}

/* `queue_work(wq, work)`: whoever waits for the queue waits for the work. What
 * is known by a pointer is called as what runs is, without its star. */
static void queue_notice(struct step *step, const struct effect *effect)
{
    struct flow *flow = step->flow;
    node_id queued =
        effect_place(flow, step->state, step->site, step->op, &effect->queued);
    const char *in = name_around(flow, queued);
    struct event *event =
        record_event(flow, step->state, EVENT_SIGNAL, step->op, step->site);

    wait_subject(step, effect, event);
    event->subject += *event->subject == '*';
    event->queued = arena_printf(flow->program->arena, "%s\n%s",
                                 name_class(flow, queued), in ? in : "");
    event->by_callback = true;
}

static void signals_notice(struct step *step)
{
    const struct meaning *meaning = step->site->callee.meaning;
    struct event *event;

    for (int i = 0; meaning && i < meaning->effect_count; i++) {
        enum effect_kind kind = meaning->effects[i].kind;

        if (kind == EFFECT_EVENT_QUEUE)
            queue_notice(step, &meaning->effects[i]);
        if (kind != EFFECT_EVENT_SIGNAL && kind != EFFECT_EVENT_RUN)
            continue;
        event = record_event(step->flow, step->state, EVENT_SIGNAL, step->op,
                             step->site);
        if (meaning->effects[i].on.base == PLACE_RESULT)
            event->subject = kept_subject(step);
        else
            wait_subject(step, &meaning->effects[i], event);
        event->by_callback = kind == EFFECT_EVENT_RUN;
    }
}

/* What is not to be called with a lock held: what it waits for wants it. */
static void excluded_notice(struct step *step)
{
    const struct meaning *meaning = step->site->callee.meaning;
    struct flow *flow = step->flow;

    for (int i = 0; meaning && i < meaning->effect_count; i++) {
        const struct effect *effect = &meaning->effects[i];
        node_id lock;

        if (effect->kind != EFFECT_EXCLUDES)
            continue;
        lock =
            effect_place(flow, step->state, step->site, step->op, &effect->on);
        record_event(flow, step->state, EVENT_EXCLUDED, step->op, step->site)
            ->lock = name_lock(flow, step->site, effect, lock);
    }
}

/* `timer->function = tick`: whoever waits for the timer waits for `tick`. */
void store_notice(struct step *step)
{
    struct flow *flow = step->flow;
    const struct ir_unit *unit = flow->fn->unit;
    const struct ir_op *op = &unit->ops.items[step->op];
    struct stored_fn stored;
    struct event *event;

    if (!flow->is_recording || unit->exprs.items[op->b].kind != IR_EXPR_FN)
        return;
    stored = stored_fn_find(flow->program, flow->fn, step->op);
    if (!stored.fn || !stored_fn_is_marked(&stored, flow->fn, MARKER_ATOMIC))
        return;
    event = record_event(flow, step->state, EVENT_SIGNAL, step->op, NULL);
    event->subject = name_class(
        flow, eval_place(flow, step->state, unit->exprs.items[op->a].a));
    event->by_callback = true;
    event->starts = stored.fn;
}

/* A thread that ends wakes whoever waits for it; it is known by the handle that
 * is written through the first argument, unless a pack says otherwise. */
static void thread_notice(struct step *step)
{
    const struct meaning *meaning = step->site->callee.meaning;
    struct flow *flow = step->flow;
    node_id handle;
    struct event *event;

    for (int i = 0; meaning && i < meaning->callback_count; i++) {
        if (meaning->callbacks[i].timing != TIMING_THREAD ||
            meaning_has(meaning, EFFECT_EVENT_RUN))
            continue;
        handle = eval_arg(flow, step->state, step->site, 0);
        if (!handle)
            return;
        event =
            record_event(flow, step->state, EVENT_SIGNAL, step->op, step->site);
        event->subject = name_class(flow, place_at(&flow->values, handle));
        event->by_callback = true;
    }
}

static bool is_called(const struct step *step, enum marker_kind marker)
{
    const struct fn *fn = step->flow->fn;
    const struct ir_list none = {0};

    return model_marker_find(fn->view, marker, fn->unit, none, none,
                             step->site->callee.name) != NULL;
}

/* How the thread may be cancelled from now on. */
static void cancel_mode_notice(struct step *step)
{
    const struct meaning *meaning = step->site->callee.meaning;
    struct summary *summary = &step->flow->fn->summary;

    for (int i = 0; meaning && i < meaning->effect_count; i++) {
        const struct effect *effect = &meaning->effects[i];

        if (effect->kind == EFFECT_CANCEL_SHIELD &&
            step_conditions_may_hold(step, effect))
            summary->shields = summary->defers = true;
        else if (effect->kind == EFFECT_CANCEL_ANYWHERE)
            summary->cancels |= step_conditions_hold(step, effect)
                                    ? CANCELS_ANYWHERE
                                    : CANCELS_AT_POINTS;
    }
}

/* Cancellation points, by the call itself or in the callee. */
static void cancel_notice(struct step *step)
{
    const struct callee *callee = &step->site->callee;
    struct summary *summary = &step->flow->fn->summary;
    uint8_t cancels = 0;

    if (!callee->name || callee->is_indirect)
        return;
    if (callee->body && !callee->meaning) {
        cancels =
            callee->body->summary.shields ? 0 : callee->body->summary.cancels;
    } else {
        cancel_mode_notice(step);
        summary->shields |= is_called(step, MARKER_CANCEL_SHIELD);
        if (is_called(step, MARKER_CANCEL_POINT))
            cancels |= CANCELS_THREAD;
        if (callee->meaning && callee->meaning->is_cancel_point)
            cancels |= CANCELS_TASK;
    }
    summary->cancels |= cancels;
    if (cancels & (CANCELS_TASK | CANCELS_THREAD))
        record_event(step->flow, step->state, EVENT_CANCEL, step->op,
                     step->site)
            ->cancels |= cancels;
}

void call_notice(struct step *step)
{
    const struct callee *callee = &step->site->callee;

    if (!step->flow->is_recording || callee->is_covered)
        return;
    side_notice(step);
    signals_notice(step);
    excluded_notice(step);
    thread_notice(step);
    cancel_notice(step);
    run_notice(step);
    if ((step->state->held.count || step->state->dropped.count) &&
        ((callee->body && !callee->meaning) || callee->now.items.count ||
         (callee->meaning && callee->meaning->needs_interrupts)))
        record_event(step->flow, step->state, EVENT_HANDS_LOCK, step->op,
                     step->site);
}
