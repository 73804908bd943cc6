/*
 * Writing out the call graph, see calls.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/calls.h"

#include <string.h>

#include "engine/callee.h"
#include "engine/pointer.h"

enum { MANY_PLACES = 32 }; /* call a log; few call what formats a command */

struct finder {
    struct calls *calls;
    struct arena *arena;
    const struct fn *fn;
    const struct ir_op *op;
    const struct event *event;
    ir_id at;
};

/* Events are sorted by op. */
const struct event *call_event(const struct fn *fn, ir_id op)
{
    uint32_t low = 0;
    uint32_t high = fn->events.items.count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (fn->events.items.items[middle].op < op)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < fn->events.items.count && fn->events.items.items[low].op == op;
         low++)
        if (fn->events.items.items[low].kind == EVENT_HANDS_LOCK)
            return &fn->events.items.items[low];
    return NULL;
}

static void call_add(struct finder *finder, const struct fn *callee)
{
    struct call_place place = {finder->fn, callee, finder->event, finder->at};

    vec_add(finder->arena, &finder->calls->places, place);
    links_add(&finder->calls->links, finder->arena, callee, NULL);
}

static void group_add(struct finder *finder, const struct fn_group *group,
                      const struct fn *but)
{
    struct call_place place = {finder->fn, but, finder->event, finder->at};

    vec_add(finder->arena, &finder->calls->places, place);
    links_add(&finder->calls->links, finder->arena, NULL, group);
}

/* The functions that an argument may be. */
static struct fn_list argument_fns(const struct finder *finder, uint32_t arg)
{
    const struct ir_unit *unit = finder->fn->unit;
    const struct program *program = finder->calls->program;
    ir_id expr = ir_list_at(unit, finder->op->args, arg);
    struct fn_list list = {0};
    struct fn *fn;

    if (unit->exprs.items[expr].kind != IR_EXPR_FN)
        return pointer_targets(program, finder->fn, expr);
    fn = program_fn_find(program, unit, unit->exprs.items[expr].symbol);
    if (fn)
        vec_add(finder->arena, &list.items, fn);
    return list;
}

static bool is_written_out(const struct finder *finder, uint32_t arg)
{
    const struct ir_unit *unit = finder->fn->unit;

    return unit->exprs.items[ir_list_at(unit, finder->op->args, arg)].kind ==
           IR_EXPR_FN;
}

/* What runs now is one of the calls; of what nothing is known, only what is
 * named there is taken for a function that escapes. */
static void argument_find(struct finder *finder, const struct callee *callee,
                          uint32_t arg)
{
    enum timing timing = callee_runs(callee, arg);
    struct fn_list given;
    struct start start = {
        .starter = finder->fn,
        .op = finder->at,
        .timing = timing,
        .is_bridge = callee->meaning && callee->meaning->is_bridge,
    };

    if (timing == TIMING_NOW ||
        (timing == TIMING_UNKNOWN && !is_written_out(finder, arg)))
        return;
    given = argument_fns(finder, arg);
    for (uint32_t i = 0; i < given.items.count; i++) {
        start.entry = given.items.items[i];
        if (timing != TIMING_UNKNOWN)
            vec_add(finder->arena, &finder->calls->starts, start);
        else
            finder->calls->escapes[start.entry->number] = true;
    }
}

static void call_find(struct finder *finder, const struct callee *callee)
{
    bool has_body = callee->body && !callee->meaning && !callee->is_covered;

    if (has_body)
        call_add(finder, callee->body);
    if (callee->group)
        group_add(finder, callee->group, has_body ? callee->body : NULL);
    for (uint32_t i = 0; !callee->group && i < callee->now.items.count; i++)
        if (!has_body || callee->now.items.items[i] != callee->body)
            call_add(finder, callee->now.items.items[i]);
    for (uint32_t i = 0; i < finder->op->args.count; i++)
        argument_find(finder, callee, i);
}

/* A function whose address is stored or returned: who calls it through that
 * is found elsewhere, if at all. */
static void address_find(struct finder *finder, ir_id expr)
{
    const struct ir_unit *unit = finder->fn->unit;
    const struct fn *fn = program_fn_named(finder->calls->program, unit, expr);

    if (fn)
        finder->calls->escapes[fn->number] = true;
}

static void fn_find(struct finder *finder)
{
    const struct fn *fn = finder->fn;

    for (uint32_t i = 0; i < fn->callees->items.count; i++) {
        const struct callee_site *site = &fn->callees->items.items[i];

        finder->at = site->op;
        finder->op = &fn->unit->ops.items[site->op];
        finder->event = call_event(fn, site->op);
        if (site->callee.is_call)
            call_find(finder, &site->callee);
    }
    for (uint32_t i = 0; i < fn->ir->op_count; i++) {
        const struct ir_op *op = &fn->unit->ops.items[fn->ir->first_op + i];

        if (op->kind == IR_ASSIGN)
            address_find(finder, op->b);
        else if (op->kind == IR_RETURN)
            address_find(finder, op->a);
    }
}

/* `log`, `my_log_safe`, `logf` */
static bool is_named_log(const char *name)
{
    for (const char *at = strstr(name, "log"); at; at = strstr(at + 1, "log"))
        if ((at == name || at[-1] == '_') &&
            (!at[3] || at[3] == '_' || at[3] == 'f'))
            return true;
    return false;
}

/* What takes a format and is called all over the program, or says by its name
 * what it is. */
static void reports_find(struct calls *calls, struct arena *arena)
{
    uint32_t count = calls->program->fns.count;
    uint32_t *places = arena_array(arena, count, sizeof(uint32_t));

    calls->reports = arena_array(arena, count, sizeof(bool));
    for (uint32_t i = 0; i < calls->places.count; i++)
        if (calls->places.items[i].body)
            places[calls->places.items[i].body->number]++;
    for (uint32_t i = 0; i < count; i++)
        calls->reports[i] =
            calls->program->fns.items[i]->symbol->flags & IR_SYMBOL_VARIADIC &&
            (places[i] >= MANY_PLACES ||
             is_named_log(calls->program->fns.items[i]->name));
}

struct calls *calls_find(const struct program *program, struct arena *arena)
{
    struct calls *calls = arena_alloc(arena, sizeof(*calls));
    struct finder finder = {.calls = calls, .arena = arena};
    uint32_t count = program->fns.count;

    calls->program = program;
    calls->escapes = arena_array(arena, count, sizeof(bool));
    calls->first_out = arena_array(arena, count + 1, sizeof(uint32_t));
    calls->first_start = arena_array(arena, count + 1, sizeof(uint32_t));
    for (uint32_t i = 0; i < count; i++) {
        calls->first_out[i] = calls->places.count;
        calls->first_start[i] = calls->starts.count;
        finder.fn = program->fns.items[i];
        calls->has_main |= !strcmp(finder.fn->name, "main");
        fn_find(&finder);
    }
    calls->first_out[count] = calls->places.count;
    calls->first_start[count] = calls->starts.count;
    links_sort(&calls->links, program, arena);
    reports_find(calls, arena);
    return calls;
}

struct call_walk calls_out(const struct calls *calls, const struct fn *fn)
{
    return (struct call_walk){
        .calls = calls,
        .place = calls->first_out[fn->number],
        .end = calls->first_out[fn->number + 1],
    };
}

/* The next function that is called where the walk is, or NULL. */
static const struct fn *target_next(struct call_walk *walk)
{
    const struct calls *calls = walk->calls;
    const struct fn *body = calls->places.items[walk->place].body;
    const struct fn_group *group = calls->links.ends.items[walk->place].group;

    if (!group)
        return walk->target++ ? NULL : body;
    if (walk->target < group->count && group->items[walk->target] == body)
        walk->target++;
    return walk->target < group->count ? group->items[walk->target++] : NULL;
}

/* All of the call but which function it is. */
static void place_get(struct call_walk *walk, uint32_t number)
{
    const struct call_place *place = &walk->calls->places.items[number];
    const struct fn_group *group = walk->calls->links.ends.items[number].group;

    walk->call.caller = place->caller;
    walk->call.op = place->op;
    walk->call.event = place->event;
    walk->call.choices = group ? group->count : 1;
}

const struct call *calls_out_next(struct call_walk *walk)
{
    for (; walk->place < walk->end; walk->place++) {
        place_get(walk, walk->place);
        walk->call.callee = target_next(walk);
        if (walk->call.callee) {
            walk->call.is_report =
                walk->calls->reports[walk->call.callee->number];
            return &walk->call;
        }
        walk->target = 0;
    }
    return NULL;
}

struct call_walk calls_in(const struct calls *calls, const struct fn *fn)
{
    return (struct call_walk){
        .calls = calls,
        .call.callee = fn,
        .call.is_report = calls->reports[fn->number],
        .links = links_walk(&calls->links, fn, NULL),
    };
}

const struct call *calls_in_next(struct call_walk *walk)
{
    const struct calls *calls = walk->calls;

    while (links_next(&walk->links)) {
        uint32_t number = walk->links.number;

        place_get(walk, number);
        if (!calls->links.ends.items[number].group ||
            calls->places.items[number].body != walk->call.callee)
            return &walk->call;
    }
    return NULL;
}

bool calls_lead_to(const struct calls *calls, const struct fn *fn)
{
    struct call_walk walk = calls_in(calls, fn);

    return calls_in_next(&walk) != NULL;
}
