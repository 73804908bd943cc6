/*
 * A depth-first walk along direct calls, without recursion: call chains are
 * as deep as programs are.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/callgraph.h"

struct frame {
    uint32_t fn;
    uint32_t next_op;
};

struct walk {
    const struct program *program;
    struct arena *arena;
    VEC(struct frame) stack;
    bool *is_seen;
    struct fn **order;
    uint32_t count;
};

static void walk_enter(struct walk *walk, uint32_t fn)
{
    struct frame frame = {fn, 0};

    walk->is_seen[fn] = true;
    vec_add(walk->arena, &walk->stack, frame);
}

/* The next callee that has not been seen; false when there is none left. */
static bool callee_next(struct walk *walk, struct frame *frame, uint32_t *next)
{
    const struct fn *fn = walk->program->fns.items[frame->fn];
    const struct ir_unit *unit = fn->unit;

    while (frame->next_op < fn->ir->op_count) {
        const struct ir_op *op =
            &unit->ops.items[fn->ir->first_op + frame->next_op++];
        ir_id symbol = op->kind == IR_CALL ? ir_call_symbol(unit, op) : 0;
        const struct fn *callee =
            symbol ? program_fn_find(walk->program, unit, symbol) : NULL;

        if (callee && !walk->is_seen[callee->number]) {
            *next = callee->number;
            return true;
        }
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

struct fn **callgraph_order(const struct program *program, struct arena *arena)
{
    struct walk walk = {
        .program = program,
        .arena = arena,
        .is_seen = arena_array(arena, program->fns.count, sizeof(bool)),
        .order = arena_array(arena, program->fns.count, sizeof(*walk.order)),
    };

    for (uint32_t i = 0; i < program->fns.count; i++)
        if (!walk.is_seen[i])
            walk_from(&walk, i);
    return walk.order;
}
