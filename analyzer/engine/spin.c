/*
 * Finding loops that spin, see spin.h. Of a loop those blocks count that lie on
 * a way round on which nothing suspends. What such a way asks for, to leave
 * the loop, tells whether it gets on: a variable that it changes, the answer
 * of a call; or memory that it does not touch, which is up to others. Where
 * that is not clear, the loop is taken to get on.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/spin.h"

#include <string.h>

#include "base/str.h"
#include "engine/callee.h"
#include "engine/cfg.h"
#include "engine/spin_loop.h"

static bool is_in(const struct fn *fn, uint32_t block, ir_id op)
{
    return op - ir_block(fn->unit, fn->ir, block)->first_op <
           ir_block(fn->unit, fn->ir, block)->op_count;
}

/* Where a macro hides its block in a loop, no way leads past the block, though
 * the loop's head has one: it goes round once. */
static void rounds_mark(const struct fn *fn, bool *waits)
{
    for (uint32_t at = 0; at < fn->ir->block_count; at++) {
        const struct ir_block *head = ir_block(fn->unit, fn->ir, at);

        if (head->edge_count != 2 ||
            !cfg_begins_body(
                fn->unit, ir_block(fn->unit, fn->ir, cfg_edge_to(fn, head, 0))))
            continue;
        for (uint32_t k = cfg_edge_to(fn, head, 0);
             k < cfg_edge_to(fn, head, 1); k++)
            waits[at] = waits[at] || waits[k];
    }
}

static void waits_mark(const struct fn *fn, bool *waits)
{
    for (uint32_t i = 0; i < fn->events.items.count; i++) {
        const struct event *event = &fn->events.items.items[i];

        if (event->kind != EVENT_SUSPEND && event->kind != EVENT_BLOCK &&
            event->kind != EVENT_UNKNOWN)
            continue;
        for (uint32_t at = 0; at < fn->ir->block_count; at++)
            waits[at] = waits[at] || is_in(fn, at, event->op);
    }
    rounds_mark(fn, waits);
}

/* Blocks from which a back edge to the head is reached, in `marks`; with
 * `calm`, past none that waits. */
static void backwards_mark(const struct loop *loop, bool *marks, bool calm)
{
    const struct cfg *cfg = loop->fn->cfg;
    bool has_grown = true;

    while (has_grown) {
        has_grown = false;
        for (uint32_t i = cfg->block_count; i > cfg->rank[loop->head]; i--) {
            uint32_t at = cfg->order[i - 1];
            const struct ir_block *block =
                ir_block(loop->fn->unit, loop->fn->ir, at);

            for (uint32_t k = 0;
                 k < cfg_edge_count(loop->fn, block) && !marks[at]; k++) {
                uint32_t to = cfg_edge_to(loop->fn, block, k);

                if ((calm && loop->waits[at]) ||
                    (to == loop->head
                         ? !cfg_edge_is_back(cfg, at, to)
                         : !marks[to] ||
                               cfg->rank[to] <= cfg->rank[loop->head]))
                    continue;
                marks[at] = true;
                has_grown = true;
            }
        }
    }
}

static void from_mark(const struct loop *loop)
{
    const struct cfg *cfg = loop->fn->cfg;
    bool has_grown = true;

    loop->from[loop->head] = !loop->waits[loop->head];
    while (has_grown) {
        has_grown = false;
        for (uint32_t at = 0; at < cfg->block_count; at++) {
            const struct ir_block *block =
                ir_block(loop->fn->unit, loop->fn->ir, at);

            for (uint32_t k = 0;
                 k < cfg_edge_count(loop->fn, block) && loop->from[at]; k++) {
                uint32_t to = cfg_edge_to(loop->fn, block, k);

                if (loop->from[to] || loop->waits[to] || !loop->whole[to])
                    continue;
                loop->from[to] = true;
                has_grown = true;
            }
        }
    }
}

/* A variable that the loop only ever sets to numbers: it counts nothing, but
 * says that the one round of a block in hiding is over. */
static bool is_switch(const struct loop *loop, const struct ir_expr *asked)
{
    const struct ir_unit *unit = loop->fn->unit;

    if (asked->kind == IR_EXPR_UNARY)
        asked = &unit->exprs.items[asked->a];
    if (asked->kind != IR_EXPR_VAR)
        return false;
    for (uint32_t at = 0; at < loop->fn->ir->block_count; at++) {
        const struct ir_block *block =
            ir_block(loop->fn->unit, loop->fn->ir, at);

        for (uint32_t i = 0; loop->whole[at] && i < block->op_count; i++) {
            const struct ir_op *op = &unit->ops.items[block->first_op + i];

            if (ir_op_sets(unit, op, asked->var) &&
                !ir_is_constant(&unit->exprs.items[op->b]))
                return false;
        }
    }
    return true;
}

/* Whether a branch by which the loop is left compares with a constant: then
 * its rounds are as many as the code says. */
static bool has_constant_bound(const struct loop *loop)
{
    const struct fn *fn = loop->fn;
    const struct ir_unit *unit = fn->unit;

    for (uint32_t at = 0; at < fn->ir->block_count; at++) {
        const struct ir_block *block = ir_block(fn->unit, fn->ir, at);
        const struct ir_op *last = ir_block_end(unit, block);
        const struct ir_expr *asked = &unit->exprs.items[last->a];
        bool leaves = false;

        for (uint32_t k = 0;
             loop->whole[at] && k < cfg_edge_count(loop->fn, block); k++)
            leaves = leaves || !loop->whole[cfg_edge_to(fn, block, k)];
        if (leaves && last->kind == IR_BRANCH &&
            (is_switch(loop, asked) ||
             (asked->kind == IR_EXPR_BINARY &&
              (unit->exprs.items[asked->a].kind == IR_EXPR_CONST ||
               unit->exprs.items[asked->b].kind == IR_EXPR_CONST))))
            return true;
    }
    return false;
}

/* Whether rounds of the inner loop are on a way round of the outer one. */
static bool goes_round(const struct loop *loop, const struct loop *inner)
{
    for (uint32_t at = 0; at < loop->fn->ir->block_count; at++) {
        const struct ir_block *block =
            ir_block(loop->fn->unit, loop->fn->ir, at);

        for (uint32_t k = 0; inner->whole[at] && loop->round[at] &&
                             k < cfg_edge_count(loop->fn, block);
             k++)
            if (cfg_edge_to(loop->fn, block, k) == inner->head)
                return true;
    }
    return false;
}

/* Whether rounds of a loop within it, without a number of their own, are part
 * of its rounds; and it has no number either. */
static bool is_long(const struct loop *loop, struct arena *arena)
{
    const struct cfg *cfg = loop->fn->cfg;

    if (has_constant_bound(loop))
        return false;
    for (uint32_t at = 0; at < cfg->block_count; at++) {
        struct loop inner = {.fn = loop->fn, .head = at};

        if (!loop->round[at] || !cfg->is_loop_head[at] || at == loop->head)
            continue;
        inner.whole = arena_array(arena, cfg->block_count, sizeof(bool));
        backwards_mark(&inner, inner.whole, false);
        inner.whole[at] = true;
        if (goes_round(loop, &inner) && !has_constant_bound(&inner))
            return true;
    }
    return false;
}

/* What is found already, and by block on whose way round it is: its index and
 * 1, or 0. */
struct search {
    struct spin_list list;
    uint32_t *found;
};

/* A worse loop within a long one is told in its place; what else is in there is
 * looked at anew. */
static void spin_add(struct search *search, struct arena *arena,
                     const struct loop *loop, const struct spin *spin)
{
    uint32_t count = loop->fn->ir->block_count;
    uint32_t at = search->found[loop->head];

    for (uint32_t i = 0; at && i < count; i++)
        if (search->found[i] == at)
            search->found[i] = 0;
    if (at)
        search->list.items.items[at - 1] = *spin;
    else
        vec_add(arena, &search->list.items, *spin);
    at = at ? at : search->list.items.count;
    for (uint32_t i = 0; i < count; i++)
        if (loop->round[i])
            search->found[i] = at;
}

/* The one that it is part of, or NULL. */
static const struct spin *outer_spin(const struct search *search, uint32_t head)
{
    uint32_t at = search->found[head];

    return at ? &search->list.items.items[at - 1] : NULL;
}

static void head_check(struct search *search, struct arena *arena,
                       struct loop *loop)
{
    uint32_t count = loop->fn->ir->block_count;
    const struct spin *outer = outer_spin(search, loop->head);
    struct spin spin = {
        .op = ir_block(loop->fn->unit, loop->fn->ir, loop->head)->first_op,
        .block = loop->head};
    enum progress progress;
    bool has_round = false;

    loop->whole = arena_array(arena, count, sizeof(bool));
    loop->round = arena_array(arena, count, sizeof(bool));
    loop->from = arena_array(arena, count, sizeof(bool));
    backwards_mark(loop, loop->whole, false);
    loop->whole[loop->head] = true;
    from_mark(loop);
    backwards_mark(loop, loop->round, true);
    for (uint32_t i = 0; i < count; i++) {
        loop->round[i] = loop->round[i] && loop->from[i];
        has_round = has_round || loop->round[i];
    }
    if (!has_round || (outer && outer->kind != SPIN_LONG))
        return;
    progress = loop_progress(loop);
    if (progress == PROGRESS_MADE && (outer || !is_long(loop, arena)))
        return;
    spin.kind = progress == PROGRESS_MADE   ? SPIN_LONG
                : progress == PROGRESS_NONE ? SPIN_ENDLESS
                                            : SPIN_WAITS;
    spin_add(search, arena, loop, &spin);
}

/* It is of a macro that a pack knows, as what waits for others. */
static bool is_explained(const struct fn *fn, uint32_t head)
{
    const struct ir_op *op =
        &fn->unit->ops.items[ir_block(fn->unit, fn->ir, head)->first_op];

    return callee_is_covered(fn, op->macro);
}

struct spin_list spin_list_find(const struct fn *fn, struct arena *arena)
{
    struct search search = {0};
    struct loop loop = {.fn = fn};

    if (!fn->cfg || !fn->cfg->has_loops || fn->trouble)
        return search.list;
    search.found =
        arena_array(arena, fn->ir->block_count, sizeof(*search.found));
    loop.waits = arena_array(arena, fn->ir->block_count, sizeof(bool));
    waits_mark(fn, loop.waits);
    for (uint32_t i = 0; i < fn->cfg->block_count; i++) {
        loop.head = fn->cfg->order[i];
        if (fn->cfg->is_loop_head[loop.head] && !is_explained(fn, loop.head))
            head_check(&search, arena, &loop);
    }
    return search.list;
}
