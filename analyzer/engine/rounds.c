/*
 * The order in which the solver goes round. Reverse post-order says nothing
 * about what comes behind a loop: it may come before the loop's body, and be
 * done anew each time that the body has something new to say. Here each loop
 * is kept together, the inner ones in the outer ones, so that it is settled
 * before anything behind it is looked at (the weak topological order of
 * Bourdoncle, 1993). Where gotos lead into loops it is some order, which is
 * enough: the solver comes back to what has changed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/cfg.h"

enum { NOBODY = -1 };

/* Items of a loop, or of the whole function, in reverse post-order; an inner
 * loop is one item, its head. */
struct list {
    int32_t first;
    int32_t last;
};

struct rounds {
    const struct fn *fn;
    struct cfg *cfg;
    uint32_t *preds;      /* of all blocks, one after the other */
    uint32_t *pred_start; /* of each block, and the end */
    int32_t *loop;        /* of a block: the head of the innermost one */
    int32_t *outer;       /* of a loop, by its head */
    struct list *lists;   /* of a loop, by its head */
    struct list all;
    int32_t *next;     /* of an item */
    uint32_t *pending; /* a stack */
};

static const struct ir_block *block_get(const struct rounds *rounds,
                                        uint32_t at)
{
    return ir_block(rounds->fn->unit, rounds->fn->ir, at);
}

static void preds_find(struct rounds *rounds, struct arena *arena)
{
    const struct cfg *cfg = rounds->cfg;
    const struct fn *fn = rounds->fn;
    uint32_t blocks = fn->ir->block_count;
    uint32_t *filled = arena_array(arena, blocks, sizeof(*filled));
    uint32_t total = 0;

    rounds->pred_start =
        arena_array(arena, blocks + 1, sizeof(*rounds->pred_start));
    for (uint32_t i = 0; i < cfg->block_count; i++) {
        const struct ir_block *block = block_get(rounds, cfg->order[i]);

        for (uint32_t k = 0; k < cfg_edge_count(fn, block); k++)
            rounds->pred_start[cfg_edge_to(fn, block, k) + 1]++;
        total += cfg_edge_count(fn, block);
    }
    for (uint32_t at = 0; at < blocks; at++)
        rounds->pred_start[at + 1] += rounds->pred_start[at];
    rounds->preds = arena_array(arena, total, sizeof(*rounds->preds));
    for (uint32_t i = 0; i < cfg->block_count; i++) {
        const struct ir_block *block = block_get(rounds, cfg->order[i]);

        for (uint32_t k = 0; k < cfg_edge_count(fn, block); k++) {
            uint32_t to = cfg_edge_to(fn, block, k);

            rounds->preds[rounds->pred_start[to] + filled[to]++] =
                cfg->order[i];
        }
    }
}

/* All from which the head can be reached again. Loops further in come later,
 * and take from this one what is theirs. */
static void loop_mark(struct rounds *rounds, uint32_t head)
{
    const struct cfg *cfg = rounds->cfg;
    uint32_t count = 0;

    rounds->outer[head] = rounds->loop[head];
    rounds->loop[head] = (int32_t)head;
    rounds->pending[count++] = head;
    while (count) {
        uint32_t at = rounds->pending[--count];

        for (uint32_t i = rounds->pred_start[at];
             i < rounds->pred_start[at + 1]; i++) {
            uint32_t pred = rounds->preds[i];
            bool is_inside = at == head ? cfg_edge_is_back(cfg, pred, at)
                                        : cfg->rank[pred] > cfg->rank[head];

            if (!is_inside || rounds->loop[pred] == (int32_t)head)
                continue;
            rounds->loop[pred] = (int32_t)head;
            rounds->pending[count++] = pred;
        }
    }
}

static struct list *list_of(struct rounds *rounds, int32_t loop)
{
    return loop == NOBODY ? &rounds->all : &rounds->lists[loop];
}

static void item_add(struct rounds *rounds, int32_t loop, uint32_t item)
{
    struct list *list = list_of(rounds, loop);

    if (list->last == NOBODY)
        list->first = (int32_t)item;
    else
        rounds->next[list->last] = (int32_t)item;
    list->last = (int32_t)item;
}

static void items_list(struct rounds *rounds)
{
    const struct cfg *cfg = rounds->cfg;

    for (uint32_t i = 0; i < cfg->block_count; i++) {
        uint32_t at = cfg->order[i];
        bool is_head = rounds->loop[at] == (int32_t)at;

        item_add(rounds, is_head ? rounds->outer[at] : rounds->loop[at], at);
    }
}

/* Writes the lists out, each loop behind its head. */
static void ranks_write(struct rounds *rounds)
{
    struct cfg *cfg = rounds->cfg;
    uint32_t depth = 0;
    uint32_t rank = 0;
    int32_t item = rounds->all.first;

    while (item != NOBODY || depth) {
        if (item == NOBODY) {
            item = rounds->next[rounds->pending[--depth]];
            continue;
        }
        cfg->round_order[rank] = (uint32_t)item;
        cfg->round_rank[item] = rank++;
        if (rounds->loop[item] == item) {
            rounds->pending[depth++] = (uint32_t)item;
            item = rounds->lists[item].first;
        } else {
            item = rounds->next[item];
        }
    }
}

void cfg_rounds_order(const struct fn *fn, struct arena *arena)
{
    struct cfg *cfg = fn->cfg;
    struct rounds rounds = {.fn = fn, .cfg = cfg};
    uint32_t count = fn->ir->block_count;
    struct arena scratch = {0};

    cfg->round_order = arena_array(arena, count, sizeof(*cfg->round_order));
    cfg->round_rank = arena_array(arena, count, sizeof(*cfg->round_rank));
    rounds.loop = arena_array(&scratch, count, sizeof(*rounds.loop));
    rounds.outer = arena_array(&scratch, count, sizeof(*rounds.outer));
    rounds.next = arena_array(&scratch, count, sizeof(*rounds.next));
    rounds.lists = arena_array(&scratch, count, sizeof(*rounds.lists));
    rounds.pending = arena_array(&scratch, count, sizeof(*rounds.pending));
    rounds.all = (struct list){NOBODY, NOBODY};
    for (uint32_t at = 0; at < count; at++) {
        rounds.loop[at] = rounds.next[at] = NOBODY;
        rounds.lists[at] = (struct list){NOBODY, NOBODY};
    }
    preds_find(&rounds, &scratch);
    for (uint32_t i = 0; i < cfg->block_count; i++)
        if (cfg->is_loop_head[cfg->order[i]])
            loop_mark(&rounds, cfg->order[i]);
    items_list(&rounds);
    ranks_write(&rounds);
    arena_finish(&scratch);
}
