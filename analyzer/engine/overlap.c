/*
 * Which roots lead to a place, and which of them run at the same time, see
 * overlap.h. All of it is found when it is asked for: few places ever are.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/overlap.h"

#include <string.h>

#include "engine/alive.h"

enum {
    MOST_ROOTS = 32,  /* of one function: those further away don't count */
    MOST_ALIVE = 128, /* roots that are followed; others may always be alive */
};

struct roots {
    const struct fn *items[MOST_ROOTS];
    uint32_t count;
};

struct overlap {
    const struct calls *calls;
    struct arena *arena;
    uint8_t *kinds;       /* by function: enum root_kind */
    bool has_starts;      /* of tasks or threads */
    bool *is_started;     /* by function: a start says when it begins */
    struct roots **roots; /* by function, found when asked for */
    uint32_t followed;
    struct alive **alive; /* by root, likewise */
};

static enum root_kind kind_of_timing(enum timing timing)
{
    switch (timing) {
    case TIMING_TASK:
        return ROOT_TASK;
    case TIMING_THREAD:
        return ROOT_THREAD;
    case TIMING_POOL:
        return ROOT_JOB;
    case TIMING_LATER:
    case TIMING_ATOMIC:
    case TIMING_INTERRUPT:
        return ROOT_CALLBACK;
    default:
        return ROOT_NONE;
    }
}

/* A root that no start of the program's makes one. */
static enum root_kind kind_alone(const struct calls *calls, const struct fn *fn)
{
    bool is_called = calls_lead_to(calls, fn);
    bool is_static = fn->symbol->flags & IR_SYMBOL_STATIC;

    if (fn->ir->flags & IR_FN_INITS)
        return ROOT_NONE;
    if (!strcmp(fn->name, "main"))
        return ROOT_MAIN;
    if (!is_called && fn->async_pack)
        return ROOT_TASK;
    if (!is_called && fn->context == CONTEXT_THREAD)
        return ROOT_THREAD;
    if (is_called)
        return is_static || calls->has_main ? ROOT_NONE : ROOT_OUTSIDE;
    return !is_static || calls->escapes[fn->number] ? ROOT_OUTSIDE : ROOT_NONE;
}

static void starts_find(struct overlap *overlap)
{
    const struct calls *calls = overlap->calls;

    for (uint32_t i = 0; i < calls->starts.count; i++) {
        const struct start *start = &calls->starts.items[i];
        uint32_t number = start->entry->number;

        overlap->kinds[number] = (uint8_t)kind_of_timing(start->timing);
        overlap->is_started[number] = overlap->kinds[number] != ROOT_CALLBACK;
        overlap->has_starts |= overlap->is_started[number];
    }
}

struct overlap *overlap_new(const struct calls *calls, struct arena *arena)
{
    const struct program *program = calls->program;
    uint32_t count = program->fns.count;
    struct overlap *overlap = arena_alloc(arena, sizeof(*overlap));

    overlap->calls = calls;
    overlap->arena = arena;
    overlap->kinds = arena_array(arena, count, sizeof(*overlap->kinds));
    overlap->is_started = arena_array(arena, count, sizeof(bool));
    overlap->roots = arena_array(arena, count, sizeof(*overlap->roots));
    overlap->alive = arena_array(arena, count, sizeof(*overlap->alive));
    for (uint32_t i = 0; i < count; i++)
        overlap->kinds[i] = (uint8_t)kind_alone(calls, program->fns.items[i]);
    starts_find(overlap);
    return overlap;
}

enum root_kind overlap_root(const struct overlap *overlap, const struct fn *fn)
{
    return (enum root_kind)overlap->kinds[fn->number];
}

/* Backwards from a function to all roots that lead to it, nearest first. */
static struct roots *roots_find(struct overlap *overlap, const struct fn *fn)
{
    const struct calls *calls = overlap->calls;
    struct arena arena = {0};
    bool *is_seen =
        arena_array(&arena, calls->program->fns.count, sizeof(*is_seen));
    struct roots *roots = arena_alloc(overlap->arena, sizeof(*roots));
    struct fn_list queue = {0};

    vec_add(&arena, &queue.items, calls->program->fns.items[fn->number]);
    is_seen[fn->number] = true;
    for (uint32_t i = 0; i < queue.items.count && roots->count < MOST_ROOTS;
         i++) {
        uint32_t at = queue.items.items[i]->number;

        if (overlap->kinds[at] != ROOT_NONE)
            roots->items[roots->count++] = queue.items.items[i];
        for_each_call_of(calls, queue.items.items[i], call)
        {
            uint32_t caller = call->caller->number;

            if (!is_seen[caller])
                vec_add(&arena, &queue.items,
                        calls->program->fns.items[caller]);
            is_seen[caller] = true;
        }
    }
    arena_finish(&arena);
    return roots;
}

static const struct roots *roots_of(struct overlap *overlap,
                                    const struct fn *fn)
{
    struct roots **roots = &overlap->roots[fn->number];

    if (!*roots)
        *roots = roots_find(overlap, fn);
    return *roots;
}

static bool is_alive(struct overlap *overlap, const struct fn *root,
                     struct place_run at)
{
    struct alive **alive = &overlap->alive[root->number];

    if (!*alive && overlap->followed == MOST_ALIVE)
        return true;
    if (!*alive) {
        *alive = alive_find(overlap->calls, root, overlap->arena);
        overlap->followed++;
    }
    return alive_at(*alive, at.fn, at.op);
}

/* Started while another of its kind is alive. */
static bool is_many(struct overlap *overlap, const struct fn *root)
{
    const struct calls *calls = overlap->calls;

    for (uint32_t i = 0; i < calls->starts.count; i++) {
        const struct start *start = &calls->starts.items[i];
        struct place_run there = {start->starter, start->op};

        if (start->entry == root && is_alive(overlap, root, there))
            return true;
    }
    return false;
}

/* One thread runs all of these, one after the other. */
static bool is_serial(enum root_kind kind)
{
    return kind == ROOT_MAIN || kind == ROOT_CALLBACK;
}

static bool overlap_outside(const struct overlap *overlap, enum root_kind other)
{
    if (!overlap->calls->has_main)
        return true;
    return overlap->has_starts && !is_serial(other);
}

static bool roots_overlap(struct overlap *overlap, const struct fn *one,
                          const struct fn *two, struct place_run first,
                          struct place_run second)
{
    enum root_kind kind = overlap->kinds[one->number];
    enum root_kind other = overlap->kinds[two->number];
    bool is_known = overlap->is_started[one->number];
    bool is_other_known = overlap->is_started[two->number];

    if (is_serial(kind) && is_serial(other))
        return false;
    if (kind == ROOT_OUTSIDE)
        return overlap_outside(overlap, other);
    if (other == ROOT_OUTSIDE)
        return overlap_outside(overlap, kind);
    if ((kind == ROOT_CALLBACK && other == ROOT_TASK) ||
        (kind == ROOT_TASK && other == ROOT_CALLBACK))
        return false;
    if (one == two)
        return !is_known || is_many(overlap, one);
    if ((!is_known && kind != ROOT_MAIN) ||
        (!is_other_known && other != ROOT_MAIN))
        return true;
    return (is_known && is_alive(overlap, one, second)) ||
           (is_other_known && is_alive(overlap, two, first));
}

bool overlap_find(struct overlap *overlap, struct place_run first,
                  struct place_run second, const struct fn **one,
                  const struct fn **two)
{
    const struct roots *roots = roots_of(overlap, first.fn);
    const struct roots *others = roots_of(overlap, second.fn);
    bool is_found = false;

    for (uint32_t i = 0; i < roots->count; i++)
        for (uint32_t k = 0; k < others->count; k++) {
            const struct fn *root = roots->items[i];
            const struct fn *other = others->items[k];
            bool is_outside = overlap->kinds[root->number] == ROOT_OUTSIDE ||
                              overlap->kinds[other->number] == ROOT_OUTSIDE;

            if ((is_found && is_outside) ||
                !roots_overlap(overlap, root, other, first, second))
                continue;
            *one = root;
            *two = other;
            is_found = true;
            if (!is_outside)
                return true;
        }
    return is_found;
}
