/*
 * Finding what never returns, see ends.h: callees first, and again as long as
 * one more is found, since functions may call each other. It begins with "all
 * return", so functions that only call each other for ever do.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/ends.h"

#include <string.h>

#include "base/str.h"
#include "engine/cfg.h"

/* Of what is not seen, by its name: `UNREACHABLE()`, `vm_panic(…)`. */
static bool is_named_last(const char *name)
{
    static const char *const names[] = {"abort", "ABORT", "panic", "PANIC",
                                        "fatal", "FATAL", "die",   NULL};
    static const char *const ends[] = {"_panic", "_panicf", NULL};

    for (int i = 0; ends[i]; i++)
        if (str_ends_with(name, ends[i]))
            return true;
    return str_is_one_of(name, names) ||
           (strcasestr(name, "reach") && (strcasestr(name, "unreachable") ||
                                          strcasestr(name, "notreached") ||
                                          strcasestr(name, "not_reached")));
}

bool ends_call(const struct callee *callee)
{
    if (callee->is_covered)
        return false;
    if (callee->meaning)
        return callee->meaning->is_noreturn;
    if (callee->body)
        return callee->body->summary.never_returns;
    return callee->is_call && callee->name && is_named_last(callee->name);
}

struct finder {
    struct arena arena;
    const struct fn *fn;
    bool *ends;    /* by op: control does not get past it */
    bool *reached; /* by op */
    bool *is_seen; /* by block */
    bool returns;
};

/* Marks the ops of a block that are run; false: control ends in it. */
static bool block_run(struct finder *finder, const struct ir_block *block)
{
    const struct fn *fn = finder->fn;
    uint32_t first = block->first_op - fn->ir->first_op;

    for (uint32_t at = first; at < first + block->op_count; at++) {
        finder->reached[at] = true;
        if (finder->ends[at])
            return false;
    }
    finder->returns |= ir_block_end(fn->unit, block)->kind == IR_RETURN;
    return true;
}

static void blocks_run(struct finder *finder)
{
    const struct fn *fn = finder->fn;
    VEC(uint32_t) queue = {0};

    finder->is_seen[0] = true;
    vec_add(&finder->arena, &queue, 0);
    for (uint32_t i = 0; i < queue.count; i++) {
        const struct ir_block *block =
            ir_block(fn->unit, fn->ir, queue.items[i]);
        bool goes_on = block_run(finder, block);

        for (uint32_t k = 0; goes_on && k < block->edge_count; k++) {
            uint32_t to = cfg_edge_to(fn, block, k);

            if (!finder->is_seen[to])
                vec_add(&finder->arena, &queue, to);
            finder->is_seen[to] = true;
        }
    }
}

/* Whether some call of the function ends it. */
static bool has_end(const struct fn *fn)
{
    for (uint32_t i = 0; i < fn->callees->items.count; i++)
        if (ends_call(&fn->callees->items.items[i].callee))
            return true;
    return false;
}

static void ends_find(struct finder *finder)
{
    const struct fn *fn = finder->fn;

    for (uint32_t i = 0; i < fn->callees->items.count; i++) {
        const struct callee_site *site = &fn->callees->items.items[i];

        if (ends_call(&site->callee))
            finder->ends[site->op - fn->ir->first_op] = true;
    }
}

/* Whether there is another way to go than to a return: control is lost, or
 * comes by the same place twice, for ever perhaps. */
static bool may_stay(const struct fn *fn)
{
    for (uint32_t i = 0; i < fn->ir->block_count; i++) {
        const struct ir_block *block = ir_block(fn->unit, fn->ir, i);

        if (!block->edge_count &&
            ir_block_end(fn->unit, block)->kind != IR_RETURN)
            return true;
        for (uint32_t k = 0; k < block->edge_count; k++)
            if (cfg_edge_to(fn, block, k) <= i)
                return true;
    }
    return false;
}

/* Whether it is known only now that it never returns. Without a call that ends
 * it, it does or doesn't by itself. */
static bool fn_solve(const struct program *program, struct fn *fn,
                     bool is_first)
{
    const struct ir_fn *ir = fn->ir;
    struct finder finder = {.fn = fn};
    bool has_ends;

    if (ir->flags & (IR_FN_NOT_ANALYSED | IR_FN_INITS))
        return false;
    has_ends = has_end(fn);
    if (!has_ends && !(is_first && may_stay(fn)))
        return false;
    finder.ends = arena_array(&finder.arena, ir->op_count, sizeof(bool));
    finder.reached = arena_array(&finder.arena, ir->op_count, sizeof(bool));
    finder.is_seen = arena_array(&finder.arena, ir->block_count, sizeof(bool));
    ends_find(&finder);
    blocks_run(&finder);
    if (has_ends && !fn->unreached)
        fn->unreached = arena_array(program->arena, ir->op_count, sizeof(bool));
    for (uint32_t i = 0; has_ends && i < ir->op_count; i++)
        fn->unreached[i] = !finder.reached[i];
    arena_finish(&finder.arena);
    if (finder.returns || fn->summary.never_returns)
        return false;
    fn->summary.never_returns = true;
    return true;
}

void ends_solve(const struct program *program)
{
    bool has_grown = true;

    for (uint32_t round = 0; has_grown; round++) {
        has_grown = false;
        for (uint32_t i = 0; i < program->fns.count; i++)
            has_grown |= fn_solve(program, program->callees_first[i], !round);
    }
}
