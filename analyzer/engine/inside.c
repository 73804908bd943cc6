/*
 * Following a thread through one function, see inside.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/inside.h"

#include "engine/cfg.h"

static bool is_given(const struct fn *fn, ir_id call,
                     const struct handle *handle)
{
    const struct ir_op *op = &fn->unit->ops.items[call];

    for (uint32_t i = 0; i < op->args.count; i++) {
        struct handle given = handle_of(fn, ir_list_at(fn->unit, op->args, i));

        if (handle_equal(&given, handle))
            return true;
    }
    return false;
}

static bool is_ended(const struct joins *joins, const struct inside *inside,
                     const struct end *end, const struct begin *begin)
{
    uint8_t how = end->via ? joins->how[end->via->number] : 0;

    for (int i = 0; i < begin->handles.count; i++) {
        const struct handle *handle = &begin->handles.items[i];

        if ((how & JOINS_SHARED && handle->kind == HANDLE_SHARED) ||
            (how & JOINS_GIVEN && is_given(inside->fn, end->op, handle)) ||
            handle_equal(&end->handle, handle))
            return true;
    }
    return false;
}

/* What is left alive behind a join. */
static uint32_t after_end(const struct joins *joins,
                          const struct inside *inside, const struct end *end,
                          uint32_t bits)
{
    for (uint32_t i = 0; i < inside->begin_count; i++)
        if (is_ended(joins, inside, end, &inside->begins[i]))
            bits &= ~(1u << i);
    if (end->via ? joins->how[end->via->number] & JOINS_SHARED
                 : joins_by(joins, &end->handle))
        bits &= ~BEFORE_US;
    return bits;
}

static uint32_t rank_of(const struct fn *fn, ir_id op)
{
    for (uint32_t i = 0; i < fn->cfg->block_count; i++) {
        const struct ir_block *block =
            ir_block(fn->unit, fn->ir, fn->cfg->order[i]);

        if (op - block->first_op < block->op_count)
            return i;
    }
    return 0;
}

/* A loop that joins each of many has joined them all: what its body ends that
 * it did not begin has ended at its head, so that leaving it at once counts
 * as well. `last` is the rank of its last block. */
static uint32_t after_loop(const struct joins *joins,
                           const struct inside *inside, uint32_t head,
                           uint32_t last, uint32_t bits)
{
    const struct fn *fn = inside->fn;

    for (uint32_t i = 0; i < inside->ends.count; i++) {
        const struct end *end = &inside->ends.items[i];
        uint32_t rank = rank_of(fn, end->op);
        uint32_t kept = after_end(joins, inside, end, bits);

        if (rank < head || rank > last)
            continue;
        for (uint32_t k = 0; k < inside->begin_count; k++) {
            uint32_t at = rank_of(fn, inside->begins[k].op);

            if (at >= head && at <= last)
                kept |= bits & 1u << k;
        }
        bits = kept;
    }
    return bits;
}

static uint32_t loop_last(const struct fn *fn, uint32_t block)
{
    uint32_t last = fn->cfg->rank[block];

    for (uint32_t i = fn->cfg->rank[block]; i < fn->cfg->block_count; i++) {
        const struct ir_block *from =
            ir_block(fn->unit, fn->ir, fn->cfg->order[i]);

        for (uint32_t k = 0; k < cfg_edge_count(fn, from); k++)
            if (fn->unit->edges.items[from->first_edge + k].block ==
                fn->ir->first_block + block)
                last = i;
    }
    return last;
}

static uint32_t block_pass(const struct joins *joins, struct inside *inside,
                           uint32_t block, uint32_t bits)
{
    const struct fn *fn = inside->fn;
    const struct ir_block *found = ir_block(fn->unit, fn->ir, block);

    if (fn->cfg->is_loop_head[block])
        bits = after_loop(joins, inside, fn->cfg->rank[block],
                          loop_last(fn, block), bits);
    for (ir_id op = found->first_op; op < found->first_op + found->op_count;
         op++) {
        inside->before[op - fn->ir->first_op] |= bits;
        for (uint32_t i = 0; i < inside->ends.count; i++)
            if (inside->ends.items[i].op == op)
                bits = after_end(joins, inside, &inside->ends.items[i], bits);
        for (uint32_t i = 0; i < inside->begin_count; i++)
            if (inside->begins[i].op == op)
                bits |= 1u << i;
    }
    return bits;
}

/* Until nothing changes; bits are only ever added. */
void inside_solve(const struct joins *joins, struct inside *inside,
                  bool is_entered)
{
    const struct fn *fn = inside->fn;
    bool has_grown = true;

    if (is_entered)
        inside->at_block[0] |= BEFORE_US;
    while (has_grown) {
        has_grown = false;
        for (uint32_t i = 0; i < fn->cfg->block_count; i++) {
            uint32_t block = fn->cfg->order[i];
            const struct ir_block *found = ir_block(fn->unit, fn->ir, block);
            uint32_t bits =
                block_pass(joins, inside, block, inside->at_block[block]);

            for (uint32_t k = 0; k < cfg_edge_count(fn, found); k++) {
                uint32_t to = cfg_edge_to(fn, found, k);

                has_grown |= (bits & ~inside->at_block[to]) != 0;
                inside->at_block[to] |= bits;
            }
        }
    }
}

bool inside_outlives(const struct inside *inside)
{
    const struct fn *fn = inside->fn;
    uint32_t bits = 0;

    for (uint32_t i = 0; i < fn->ir->op_count; i++)
        if (fn->unit->ops.items[fn->ir->first_op + i].kind == IR_RETURN)
            bits |= inside->before[i];
    return bits & ~BEFORE_US;
}
