/*
 * Whom the program cancels, see victim.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/victim.h"

#include "engine/callee.h"
#include "engine/handle.h"

/* What a cancellation names, in the function that does. */
struct blow {
    const struct fn *fn;
    struct handle handle;
};

struct blows {
    const struct calls *calls;
    struct arena *arena;
    VEC(struct blow) items;
};

static void blow_add(struct blows *blows, const struct fn *fn,
                     struct handle handle)
{
    struct blow blow = {fn, handle};

    if (handle.kind != HANDLE_NONE)
        vec_add(blows->arena, &blows->items, blow);
}

/* `pthread_t id = worker->thread;`: what the variable was filled from. */
static void sources_add(struct blows *blows, const struct fn *fn,
                        const struct handle *var)
{
    const struct ir_unit *unit = fn->unit;

    for (uint32_t i = 0; i < fn->ir->op_count; i++) {
        const struct ir_op *op = &unit->ops.items[fn->ir->first_op + i];
        struct handle to;

        if (op->kind != IR_ASSIGN)
            continue;
        to = handle_of(fn, op->a);
        if (handle_equal(&to, var))
            blow_add(blows, fn, handle_of(fn, op->b));
    }
}

/* One call of pthread_cancel and its like: the first argument says whom. */
static void call_look(struct blows *blows, const struct fn *fn,
                      const struct ir_op *op)
{
    const struct calls *calls = blows->calls;
    struct handle handle =
        op->args.count ? handle_of(fn, ir_list_at(fn->unit, op->args, 0))
                       : (struct handle){0};

    blow_add(blows, fn, handle);
    if (handle.kind == HANDLE_VAR)
        sources_add(blows, fn, &handle);
    if (handle.kind != HANDLE_PARAM)
        return;
    for_each_call_of(calls, fn, call)
    {
        blow_add(blows, call->caller, handle_given(call, &handle));
    }
}

static void blows_find(struct blows *blows)
{
    const struct program *program = blows->calls->program;

    for (uint32_t i = 0; i < program->fns.count; i++) {
        const struct fn *fn = program->fns.items[i];

        for (uint32_t k = 0; fn->callees && k < fn->callees->items.count; k++) {
            const struct callee_site *site = &fn->callees->items.items[k];

            if (site->callee.is_call && site->callee.name &&
                model_marker_find(fn->view, MARKER_CANCELS, fn->unit,
                                  (struct ir_list){0}, (struct ir_list){0},
                                  site->callee.name))
                call_look(blows, fn, &fn->unit->ops.items[site->op]);
        }
    }
}

static bool is_hit(const struct blows *blows, const struct fn *fn,
                   const struct handle *handle)
{
    for (uint32_t i = 0; i < blows->items.count; i++)
        if (handle_equal(&blows->items.items[i].handle, handle) &&
            (handle->kind == HANDLE_SHARED || blows->items.items[i].fn == fn))
            return true;
    return false;
}

/* By what whoever starts it gives or gets; of a wrapper, also by what the
 * wrapper is given. */
static bool is_victim(const struct blows *blows, const struct start *start)
{
    const struct calls *calls = blows->calls;
    const struct fn *starter = start->starter;
    struct handles handles = handles_of_start(starter, start->op);

    for (int i = 0; i < handles.count; i++) {
        if (is_hit(blows, starter, &handles.items[i]))
            return true;
        if (handles.items[i].kind != HANDLE_PARAM)
            continue;
        for_each_call_of(calls, starter, call)
        {
            struct handle given = handle_given(call, &handles.items[i]);

            if (is_hit(blows, call->caller, &given))
                return true;
        }
    }
    return false;
}

struct spread {
    const struct calls *calls;
    struct arena *arena;
    uint8_t *victims;
    const struct fn *
        *reached_for; /* by function: who asked, see nearest_mark */
    VEC(const struct fn *) queue;
};

static bool asks_for_anywhere(const struct fn *fn)
{
    const uint8_t both = CANCELS_ANYWHERE | CANCELS_AT_POINTS;

    return (fn->summary.cancels & both) == CANCELS_ANYWHERE;
}

static bool takes_by_hand(const struct fn *fn)
{
    for (uint32_t i = 0; i < fn->events.items.count; i++) {
        const struct event *event = &fn->events.items.items[i];

        if (event->kind == EVENT_ACQUIRE && !event->by_guard)
            return !fn->summary.shields;
    }
    return false;
}

/* The function nearest to the one that asks which takes a lock. */
static void nearest_mark(struct spread *spread, const struct fn *asker)
{
    VEC(const struct fn *) queue = {0};

    vec_add(spread->arena, &queue, asker);
    spread->reached_for[asker->number] = asker;
    for (uint32_t i = 0; i < queue.count; i++) {
        const struct fn *fn = queue.items[i];

        if (takes_by_hand(fn)) {
            spread->victims[fn->number] |= VICTIM_ANYWHERE;
            return;
        }
        if (fn->summary.defers)
            continue;
        for_each_call(spread->calls, fn, call)
        {
            if (spread->reached_for[call->callee->number] == asker)
                continue;
            spread->reached_for[call->callee->number] = asker;
            vec_add(spread->arena, &queue, call->callee);
        }
    }
}

static void hit(struct spread *spread, const struct fn *fn)
{
    if (asks_for_anywhere(fn)) {
        if (spread->reached_for[fn->number] != fn)
            nearest_mark(spread, fn);
        return;
    }
    if (spread->victims[fn->number] & VICTIM_AT_POINTS)
        return;
    spread->victims[fn->number] |= VICTIM_AT_POINTS;
    vec_add(spread->arena, &spread->queue, fn);
}

/* Whether the thread is as good as sure to get there: not by one of many
 * functions that a pointer may hold, nor in what the log does, by everybody. */
static bool is_followed(const struct call *call)
{
    return call->choices <= FEW_CHOICES && !call->is_report;
}

/* What a function calls that puts its cancellation off is safe, too. */
static void spread_calls(struct spread *spread)
{
    for (uint32_t i = 0; i < spread->queue.count; i++) {
        const struct fn *fn = spread->queue.items[i];

        if (fn->summary.defers)
            continue;
        for_each_call(spread->calls, fn, call)
        {
            if (is_followed(call))
                hit(spread, call->callee);
        }
    }
}

const uint8_t *victims_find(const struct calls *calls, struct arena *arena)
{
    uint32_t count = calls->program->fns.count;
    struct blows blows = {.calls = calls, .arena = arena};
    struct spread spread = {
        .calls = calls,
        .arena = arena,
        .victims = arena_array(arena, count, sizeof(*spread.victims)),
        .reached_for = arena_array(arena, count, sizeof(*spread.reached_for)),
    };

    blows_find(&blows);
    for (uint32_t i = 0; blows.items.count && i < calls->starts.count; i++) {
        const struct start *start = &calls->starts.items[i];

        if (start->timing == TIMING_THREAD && is_victim(&blows, start))
            hit(&spread, start->entry);
    }
    spread_calls(&spread);
    return spread.victims;
}
