/*
 * Who joins a root, see joins.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/joins.h"

ir_id joins_waited(const struct meaning *meaning, const struct fn *fn, ir_id at)
{
    const struct ir_op *op = &fn->unit->ops.items[at];

    for (int i = 0; meaning && i < meaning->effect_count; i++) {
        const struct effect *effect = &meaning->effects[i];

        if (effect->kind == EFFECT_EVENT_WAIT && effect->on.base == PLACE_ARG &&
            (uint32_t)effect->on.arg < op->args.count)
            return ir_list_at(fn->unit, op->args, (uint32_t)effect->on.arg);
    }
    return 0;
}

bool joins_by(const struct joins *joins, const struct handle *handle)
{
    for (int i = 0; i < joins->shared.count; i++)
        if (handle_equal(&joins->shared.items[i], handle))
            return true;
    return false;
}

static void shared_add(struct joins *joins, struct handle handle)
{
    if (handle.kind == HANDLE_SHARED && joins->shared.count < MOST_HANDLES &&
        !joins_by(joins, &handle))
        joins->shared.items[joins->shared.count++] = handle;
}

/* Also what the callers of a wrapper around the start hand it. */
static void shared_find(struct joins *joins)
{
    const struct calls *calls = joins->calls;

    for (uint32_t i = 0; i < calls->starts.count; i++) {
        const struct start *start = &calls->starts.items[i];
        struct handles handles = {0};

        if (start->entry == joins->root)
            handles = handles_of_start(start->starter, start->op);
        for (int k = 0; k < handles.count; k++) {
            shared_add(joins, handles.items[k]);
            if (handles.items[k].kind != HANDLE_PARAM)
                continue;
            for_each_call_of(calls, start->starter, call)
            {
                shared_add(joins, handle_given(call, &handles.items[k]));
            }
        }
    }
}

static uint8_t joins_itself(const struct joins *joins, const struct fn *fn)
{
    uint8_t how = 0;

    for (uint32_t i = 0; i < fn->events.items.count; i++) {
        const struct event *event = &fn->events.items.items[i];
        ir_id waited = joins_waited(event->meaning, fn, event->op);
        struct handle handle = handle_of(fn, waited);

        if (joins_by(joins, &handle))
            how |= JOINS_SHARED;
        if (handle.kind == HANDLE_PARAM)
            how |= JOINS_GIVEN;
    }
    return how;
}

/* Functions that join by a handle which others know, too; and, of those who
 * need not hand it over, the callers. */
static void callers_find(struct joins *joins, struct arena *arena)
{
    const struct calls *calls = joins->calls;
    const struct program *program = calls->program;
    struct fn_list queue = {0};

    for (uint32_t i = 0; i < program->fns.count; i++) {
        joins->how[i] = joins_itself(joins, program->fns.items[i]);
        if (joins->how[i] & JOINS_SHARED)
            vec_add(arena, &queue.items, program->fns.items[i]);
    }
    for (uint32_t i = 0; i < queue.items.count; i++) {
        for_each_call_of(calls, queue.items.items[i], call)
        {
            uint32_t caller = call->caller->number;

            if (!(joins->how[caller] & JOINS_SHARED))
                vec_add(arena, &queue.items, program->fns.items[caller]);
            joins->how[caller] |= JOINS_SHARED;
        }
    }
}

struct joins joins_find(const struct calls *calls, const struct fn *root,
                        struct arena *arena)
{
    struct joins joins = {
        .calls = calls,
        .root = root,
        .how = arena_array(arena, calls->program->fns.count, 1),
    };

    shared_find(&joins);
    callers_find(&joins, arena);
    return joins;
}
