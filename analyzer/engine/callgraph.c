/*
 * The call graph, see callgraph.h. Its order is a depth-first walk without
 * recursion: call chains are as deep as programs are.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/callgraph.h"

#include "engine/callee.h"
#include "engine/pointer.h"

struct gather {
    struct program *program;
    const struct fn *fn;
    struct call_edges *edges;
};

static void edge_add(struct gather *gather, struct call_edge edge)
{
    vec_add(gather->program->arena, &gather->edges->items, edge);
}

/* Where a function stands for as long as the program does. */
static struct fn *const *lasting(const struct program *program,
                                 const struct fn *fn)
{
    return &program->fns.items[fn->number];
}

static void arguments_gather(struct gather *gather,
                             const struct callee_site *site)
{
    const struct ir_unit *unit = gather->fn->unit;
    const struct ir_op *op = &unit->ops.items[site->op];

    for (uint32_t i = 0; i < op->args.count; i++) {
        struct fn_list given = pointer_given(gather->program, gather->fn,
                                             ir_list_at(unit, op->args, i));

        if (given.items.count)
            edge_add(gather, (struct call_edge){
                                 .to = given.items.items,
                                 .count = given.items.count,
                                 .group = group_get(gather->program, &given),
                                 .op = site->op,
                                 .timing = callee_runs(&site->callee, i),
                                 .by_callback = true,
                             });
    }
}

static void site_gather(struct gather *gather, const struct callee_site *site)
{
    const struct callee *callee = &site->callee;
    const struct ir_op *op = &gather->fn->unit->ops.items[site->op];
    struct call_edge edge = {.op = site->op, .timing = TIMING_NOW};

    if (!callee->is_call)
        return;
    if (!ir_call_symbol(gather->fn->unit, op)) {
        edge.by_pointer = true;
        edge.is_handed = callee->now.is_handed;
        edge.to = callee->now.items.items;
        edge.count = callee->now.items.count;
        edge.group = callee->group;
    } else if (callee->body) {
        edge.to = lasting(gather->program, callee->body);
        edge.count = 1;
        edge.is_opaque = callee->meaning != NULL;
    }
    if (edge.count)
        edge_add(gather, edge);
    arguments_gather(gather, site);
}

static void edge_link(struct callers *callers, struct arena *arena,
                      struct caller caller)
{
    uint32_t links = caller.edge->group ? 1 : caller.edge->count;

    for (uint32_t to = 0; to < links; to++) {
        vec_add(arena, &callers->items, caller);
        links_add(&callers->links, arena, caller.edge->to[to],
                  caller.edge->group);
    }
}

struct callers *callgraph_callers(const struct program *program,
                                  struct arena *arena)
{
    struct callers *callers = arena_alloc(arena, sizeof(*callers));

    for (uint32_t i = 0; i < program->fns.count; i++) {
        struct fn *fn = program->fns.items[i];

        for (uint32_t k = 0; k < fn->edges->items.count; k++)
            edge_link(callers, arena,
                      (struct caller){fn, &fn->edges->items.items[k]});
    }
    links_sort(&callers->links, program, arena);
    return callers;
}

struct frame {
    uint32_t fn;
    uint32_t next_edge;
    uint32_t next_target; /* of that edge */
};

struct walk {
    const struct program *program;
    struct arena *arena;
    VEC(struct frame) stack;
    bool *is_seen;
    uint32_t *seen_of; /* by group: of the functions before it all are seen */
    struct fn **order;
    uint32_t count;
};

static void walk_enter(struct walk *walk, uint32_t fn)
{
    struct frame frame = {.fn = fn};

    walk->is_seen[fn] = true;
    vec_add(walk->arena, &walk->stack, frame);
}

/* Where in the edge's list there may be one that has not been seen. */
static uint32_t target_next(struct walk *walk, const struct call_edge *edge,
                            uint32_t at)
{
    uint32_t *seen = edge->group ? &walk->seen_of[edge->group->number] : NULL;

    if (seen && at < *seen)
        at = *seen;
    while (at < edge->count && walk->is_seen[edge->to[at]->number])
        at++;
    if (seen && at > *seen)
        *seen = at;
    return at;
}

/* The next callee that has not been seen; false when there is none left. */
static bool callee_next(struct walk *walk, struct frame *frame, uint32_t *next)
{
    const struct call_edges *edges = walk->program->fns.items[frame->fn]->edges;

    for (; frame->next_edge < edges->items.count; frame->next_edge++) {
        const struct call_edge *edge = &edges->items.items[frame->next_edge];
        uint32_t at = edge->timing == TIMING_NOW
                          ? target_next(walk, edge, frame->next_target)
                          : edge->count;

        if (at < edge->count) {
            frame->next_target = at + 1;
            *next = edge->to[at]->number;
            return true;
        }
        frame->next_target = 0;
    }
    return false;
}

static void walk_from(struct walk *walk, uint32_t fn)
{
    uint32_t next;

    walk_enter(walk, fn);
    while (walk->stack.count) {
        struct frame *frame = vec_last(&walk->stack);

        if (callee_next(walk, frame, &next)) {
            walk_enter(walk, next);
        } else {
            walk->order[walk->count++] = walk->program->fns.items[frame->fn];
            walk->stack.count--;
        }
    }
}

static struct fn **order_find(const struct program *program)
{
    struct arena *arena = program->arena;
    struct walk walk = {
        .program = program,
        .arena = arena,
        .is_seen = arena_array(arena, program->fns.count, sizeof(bool)),
        .seen_of = arena_array(arena, program->groups.count, sizeof(uint32_t)),
        .order = arena_array(arena, program->fns.count, sizeof(*walk.order)),
    };

    for (uint32_t i = 0; i < program->fns.count; i++)
        if (!walk.is_seen[i])
            walk_from(&walk, i);
    return walk.order;
}

void callgraph_solve(struct program *program)
{
    for (uint32_t i = 0; i < program->fns.count; i++) {
        struct fn *fn = program->fns.items[i];
        struct call_edges *edges = arena_alloc(program->arena, sizeof(*edges));
        struct gather gather = {program, fn, edges};

        for (uint32_t k = 0; k < fn->callees->items.count; k++)
            site_gather(&gather, &fn->callees->items.items[k]);
        fn->edges = edges;
    }
    program->callees_first = order_find(program);
}
