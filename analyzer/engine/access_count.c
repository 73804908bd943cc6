/*
 * From uses to counts, see access.h: what all callers of a function hold, it
 * holds; what a function does that makes or destroys locks says nothing, for
 * nobody else has what it works on.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>

#include "engine/access_table.h"
#include "engine/callgraph.h"

/* Chains of helpers that are longer, all called with the lock held, count as
 * without it. */
enum { MOST_ROUNDS = 16 };

/* ---- what callers hold */

static int access_order(const void *one, const void *two)
{
    const struct access *first = one;
    const struct access *second = two;

    return (first->op > second->op) - (first->op < second->op);
}

/* The calls are sorted by then. */
static set_id held_at(const struct fn *fn, ir_id op)
{
    const struct access wanted = {.op = op};
    const struct access *call =
        fn->uses && fn->uses->calls.count
            ? bsearch(&wanted, fn->uses->calls.items, fn->uses->calls.count,
                      sizeof(wanted), access_order)
            : NULL;

    return call ? call->locks : 0;
}

static struct uses *uses_get(struct program *program, struct fn *fn)
{
    if (!fn->uses)
        fn->uses = arena_alloc(program->arena, sizeof(*fn->uses));
    return fn->uses;
}

static bool callee_learn(struct program *program, struct fn *fn, set_id held)
{
    struct sets *sets = &program->accesses->sets;
    struct uses *uses = uses_get(program, fn);
    struct uses before = *uses;

    uses->held_by_callers =
        before.is_settled ? set_meet(sets, before.held_by_callers, held) : held;
    uses->is_settled = true;
    if (before.is_settled && before.held_by_callers == uses->held_by_callers)
        return false;
    uses->is_told = false;
    return true;
}

static bool edge_follow(struct program *program, struct fn *from,
                        const struct call_edge *edge)
{
    struct sets *sets = &program->accesses->sets;
    bool has_changed = false;
    set_id held = 0;

    if (edge->timing == TIMING_NOW)
        held =
            set_union(sets, held_at(from, edge->op),
                      uses_get(program, from)->held_by_callers, MOST_CLASSES);
    for (uint32_t i = 0; i < edge->count; i++)
        has_changed |= callee_learn(program, edge->to[i], held);
    return has_changed;
}

/* What is called through a pointer may be called by anybody. The functions of
 * one table are the same array in all edges. */
static void callees_mark(struct program *program, struct map *seen,
                         const struct call_edge *edge)
{
    bool is_new = true;

    if (edge->by_pointer)
        map_add(seen, &edge->to, sizeof(edge->to), 0, &is_new);
    for (uint32_t i = 0; is_new && i < edge->count; i++) {
        uses_get(program, edge->to[i])->has_callers = true;
        if (edge->by_pointer)
            callee_learn(program, edge->to[i], 0);
    }
}

static bool fn_follow(struct program *program, struct fn *fn)
{
    struct uses *uses = uses_get(program, fn);
    bool has_changed = false;

    if (!fn->edges || uses->is_told || (uses->has_callers && !uses->is_settled))
        return false;
    uses->is_told = true;
    for (uint32_t i = 0; i < fn->edges->items.count; i++)
        if (!fn->edges->items.items[i].by_pointer)
            has_changed |= edge_follow(program, fn, &fn->edges->items.items[i]);
    return has_changed;
}

/* From those that nobody calls, down. A set only ever gets smaller, once there
 * is one; who calls each other only has none. */
static void callers_solve(struct program *program)
{
    struct map seen = {.arena = program->arena};
    bool has_changed = true;

    for (uint32_t i = 0; i < program->fns.count; i++) {
        const struct call_edges *edges = program->fns.items[i]->edges;
        struct uses *uses = uses_get(program, program->fns.items[i]);

        if (uses->calls.count)
            qsort(uses->calls.items, uses->calls.count,
                  sizeof(*uses->calls.items), access_order);
        for (uint32_t k = 0; edges && k < edges->items.count; k++)
            callees_mark(program, &seen, &edges->items.items[k]);
    }
    for (int round = 0; has_changed && round < MOST_ROUNDS; round++) {
        has_changed = false;
        for (uint32_t i = program->fns.count; i-- > 0;)
            has_changed |= fn_follow(program, program->callees_first[i]);
    }
}

/* ---- counting */

static struct guard_entry *entry_get(struct access_table *table, thing_id thing,
                                     uint32_t class)
{
    const uint32_t key[] = {thing, class};
    const struct guard_entry empty = {0};
    bool is_new;
    uint32_t *at = map_add(&table->guards, key, sizeof(key),
                           table->entries.count, &is_new);

    if (is_new)
        vec_add(table->arena, &table->entries, empty);
    return &table->entries.items[*at];
}

static void access_count_up(struct access_table *table, const struct fn *fn,
                            const struct access *access)
{
    const struct set *set = set_get(
        &table->sets, set_union(&table->sets, access->locks,
                                fn->uses->held_by_callers, MOST_CLASSES));

    table->all[access->thing]++;
    for (uint32_t i = 0; i < set->count; i++) {
        struct guard_entry *entry =
            entry_get(table, access->thing, (uint32_t)set->items[i]);

        entry->count.held++;
        entry->count.written += access->is_write;
        entry->count.functions += entry->last != fn;
        entry->last = fn;
    }
}

void access_finish(struct program *program)
{
    struct access_table *table = program->accesses;

    callers_solve(program);
    table->guards.arena = table->arena;
    table->all =
        arena_array(table->arena, table->things.count, sizeof(*table->all));
    for (uint32_t i = 0; i < program->fns.count; i++) {
        const struct fn *fn = program->fns.items[i];

        for (uint32_t k = 0;
             !fn->uses->makes_locks && k < fn->uses->items.count; k++)
            access_count_up(table, fn, &fn->uses->items.items[k]);
    }
}

struct guard_count access_count(const struct program *program, thing_id thing,
                                const char *class)
{
    const struct access_table *table = program->accesses;
    const uint32_t *number = map_find_str(&table->classes, class);
    const uint32_t key[] = {thing, number ? *number : 0};
    const uint32_t *at =
        number ? map_find(&table->guards, key, sizeof(key)) : NULL;
    struct guard_count count = {0};

    if (at)
        count = table->entries.items[*at].count;
    count.all = table->all[thing];
    return count;
}

/* ---- annotations */

/* `lock` in GUARDED_BY(&self->lock) for the class `cache.lock`. */
static bool words_name(const struct thing *thing, struct ir_list words,
                       const char *class)
{
    const char *last = class;

    for (const char *at = class; *at; at++)
        if (strchr(".:@*", *at))
            last = at + 1;
    return ir_list_has_str(thing->unit, words, last);
}

bool access_is_said(const struct program *program, thing_id id,
                    const char *class)
{
    const struct thing *thing = access_thing(program, id);

    return words_name(thing, thing->said, class) ||
           words_name(thing, thing->pointee, class);
}
