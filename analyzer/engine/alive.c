/*
 * Where a root may be alive, see alive.h. Functions that start it, themselves
 * or in what they call, are followed op by op; through all others it is alive
 * from the beginning to the end, or not at all.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/alive.h"

#include "engine/inside.h"

enum { ROUNDS = 8 }; /* calls in circles settle in two or three */

struct alive {
    const struct calls *calls;
    const struct fn *root;
    struct arena *arena;
    bool *is_entered; /* by function: called or started while alive */
    bool *outlives;   /* by function: it returns while alive */
    struct joins joins;
    struct inside **inside; /* by function; NULL: it is followed as a whole */
    VEC(struct inside *) followed; /* callees first, mostly */
};

static bool follow(struct alive *alive, const struct fn *fn)
{
    struct inside *inside;

    if (alive->inside[fn->number] || !fn->cfg)
        return false;
    inside = arena_alloc(alive->arena, sizeof(*inside));
    inside->fn = fn;
    inside->before =
        arena_array(alive->arena, fn->ir->op_count, sizeof(uint32_t));
    inside->at_block =
        arena_array(alive->arena, fn->ir->block_count, sizeof(uint32_t));
    alive->inside[fn->number] = inside;
    vec_add(alive->arena, &alive->followed, inside);
    return true;
}

/* All that start it, and their callers, and who starts those. */
static void followed_find(struct alive *alive)
{
    const struct calls *calls = alive->calls;

    for (uint32_t i = 0; i < calls->starts.count; i++)
        if (calls->starts.items[i].entry == alive->root)
            follow(alive, calls->starts.items[i].starter);
    for (uint32_t i = 0; i < alive->followed.count; i++) {
        const struct fn *fn = alive->followed.items[i]->fn;

        for_each_call_of(calls, fn, call)
        {
            follow(alive, call->caller);
        }
        for (uint32_t k = 0; k < calls->starts.count; k++)
            if (calls->starts.items[k].entry == fn)
                follow(alive, calls->starts.items[k].starter);
    }
}

static void ends_find(struct alive *alive, struct inside *inside)
{
    const struct fn *fn = inside->fn;

    for (uint32_t i = 0; i < fn->events.items.count; i++) {
        const struct event *event = &fn->events.items.items[i];
        ir_id waited = joins_waited(event->meaning, fn, event->op);
        struct end end = {.op = event->op};

        if (!waited)
            continue;
        end.handle = handle_of(fn, waited);
        vec_add(alive->arena, &inside->ends, end);
    }
    for_each_call(alive->calls, fn, call)
    {
        struct end end = {.op = call->op, .via = call->callee};

        if (alive->joins.how[call->callee->number])
            vec_add(alive->arena, &inside->ends, end);
    }
}

static bool begin_add(struct inside *inside, ir_id op, struct handles handles)
{
    for (uint32_t i = 0; i < inside->begin_count; i++)
        if (inside->begins[i].op == op)
            return false;
    if (inside->begin_count == MOST_BEGINS)
        return false;
    inside->begins[inside->begin_count++] = (struct begin){op, handles};
    return true;
}

/* How the caller calls what the callee started: by its arguments. */
static struct handles handles_here(const struct alive *alive,
                                   const struct call *call)
{
    const struct inside *theirs = alive->inside[call->callee->number];
    struct handles handles = {0};

    for (uint32_t i = 0; theirs && i < theirs->begin_count; i++)
        for (int k = 0; k < theirs->begins[i].handles.count; k++) {
            struct handle handle = theirs->begins[i].handles.items[k];

            if (handle.kind == HANDLE_PARAM)
                handle = handle_given(call, &handle);
            else if (handle.kind != HANDLE_SHARED)
                continue;
            if (handles.count < MOST_HANDLES)
                handles.items[handles.count++] = handle;
        }
    return handles;
}

/* False: nothing is new. */
static bool begins_find(struct alive *alive, struct inside *inside)
{
    const struct fn *fn = inside->fn;
    bool has_grown = false;

    for_each_start(alive->calls, fn,
                   start) if (!start->is_bridge &&
                              (start->entry == alive->root ||
                               alive->inside[start->entry->number]))
        has_grown |=
        begin_add(inside, start->op, handles_of_start(fn, start->op));
    for_each_call(alive->calls, fn,
                  call) if (alive->outlives[call->callee->number]) has_grown |=
        begin_add(inside, call->op, handles_here(alive, call));
    return has_grown;
}

static void upwards(struct alive *alive)
{
    bool has_grown = true;

    for (int round = 0; has_grown && round < ROUNDS; round++) {
        has_grown = false;
        for (uint32_t i = 0; i < alive->followed.count; i++) {
            struct inside *inside = alive->followed.items[i];
            bool *known = &alive->outlives[inside->fn->number];

            if (!begins_find(alive, inside))
                continue;
            inside_solve(&alive->joins, inside, false);
            has_grown = true;
            *known = inside_outlives(inside);
        }
    }
}

static void enter(struct alive *alive, struct fn_list *queue,
                  const struct fn *fn)
{
    if (alive->is_entered[fn->number])
        return;
    alive->is_entered[fn->number] = true;
    vec_add(alive->arena, &queue->items,
            alive->calls->program->fns.items[fn->number]);
    if (alive->joins.how[fn->number] & JOINS_SHARED && follow(alive, fn))
        ends_find(alive, alive->inside[fn->number]);
    if (alive->inside[fn->number])
        inside_solve(&alive->joins, alive->inside[fn->number], true);
}

/* What is called and started from there on. */
static void downwards(struct alive *alive, struct fn_list *queue,
                      const struct fn *fn)
{
    for_each_call(alive->calls, fn, call) if (alive_at(alive, fn, call->op))
        enter(alive, queue, call->callee);
    for_each_start(alive->calls, fn, start) if (alive_at(alive, fn, start->op))
        enter(alive, queue, start->entry);
}

struct alive *alive_find(const struct calls *calls, const struct fn *root,
                         struct arena *arena)
{
    uint32_t count = calls->program->fns.count;
    struct alive *alive = arena_alloc(arena, sizeof(*alive));
    struct fn_list queue = {0};

    alive->calls = calls;
    alive->root = root;
    alive->arena = arena;
    alive->is_entered = arena_array(arena, count, sizeof(bool));
    alive->outlives = arena_array(arena, count, sizeof(bool));
    alive->inside = arena_array(arena, count, sizeof(*alive->inside));
    followed_find(alive);
    alive->joins = joins_find(calls, root, arena);
    for (uint32_t i = 0; i < alive->followed.count; i++)
        ends_find(alive, alive->followed.items[i]);
    upwards(alive);
    for (uint32_t i = 0; i < alive->followed.count; i++)
        downwards(alive, &queue, alive->followed.items[i]->fn);
    for (uint32_t i = 0; i < queue.items.count; i++)
        downwards(alive, &queue, queue.items.items[i]);
    return alive;
}

bool alive_at(const struct alive *alive, const struct fn *fn, ir_id op)
{
    const struct inside *inside = alive->inside[fn->number];

    return inside ? inside->before[op - fn->ir->first_op] != 0
                  : alive->is_entered[fn->number];
}
