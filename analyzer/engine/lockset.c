/*
 * The solver behind lockset.h.
 *
 * Blocks wait in the order of the work (rounds.c), so that a loop is settled
 * before what comes behind it is looked at. It ends
 * because values come from the function's own text: there are finitely many
 * states, and their number per block is bounded.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/lockset.h"
#include "engine/anew.h"

#include "engine/access.h"
#include "engine/carry.h"
#include "engine/group.h"
#include "engine/ignored.h"
#include "engine/info.h"
#include "engine/nest.h"
#include "engine/question.h"
#include "engine/spin.h"
#include "engine/summarise.h"
#include "engine/worth.h"
#include "ir/ir_print.h"

enum {
    MOST_STATES = 32,      /* per block; then they are merged by force */
    VISITS_PER_BLOCK = 40, /* loops settle in a handful */
    VISITS_AT_LEAST = 4000,
};

/* What the states of one function may take. */
static const size_t MANY_BYTES = (size_t)512
                                 << 20; /* one per block from then */
static const size_t MOST_BYTES = (size_t)1024 << 20; /* … and no more at all */

struct point {
    state_list states;
    bool is_dirty[MOST_STATES];
    bool is_merged; /* the bound was hit: one state for all from now on */
};

struct solver {
    struct flow flow;
    struct point *points;
    bool *is_waiting; /* by rank */
    uint32_t first;   /* no block of a smaller rank waits */
    uint32_t visits;
};

static const struct ir_block *block_get(const struct solver *solver,
                                        uint32_t at)
{
    const struct fn *fn = solver->flow.fn;

    return ir_block(fn->unit, fn->ir, at);
}

static void states_merge_all(struct solver *solver, uint32_t block,
                             struct point *point)
{
    struct flow *flow = &solver->flow;
    struct state *all = point->states.items[0];

    for (uint32_t i = 1; i < point->states.count; i++)
        all = state_join(&flow->values, flow->arena, all,
                         point->states.items[i], block, true);
    point->states.items[0] = all;
    point->states.count = 1;
    point->is_dirty[0] = true;
    point->is_merged = true;
    flow->fn->is_bounded = true;
}

/* The state at the block's start that this one can share, or -1. */
static int partner_find(const struct point *point, const struct state *state)
{
    if (point->is_merged && point->states.count)
        return 0;
    for (uint32_t i = 0; i < point->states.count; i++)
        if (state_same_locks(point->states.items[i], state))
            return (int)i;
    return -1;
}

static void state_arrive(struct solver *solver, uint32_t block,
                         struct state *state)
{
    struct flow *flow = &solver->flow;
    struct point *point = &solver->points[block];
    struct state *joined;
    uint32_t rank;
    int partner;

    if (flow->arena->allocated > MANY_BYTES && !point->is_merged &&
        point->states.count)
        states_merge_all(solver, block, point);
    partner = partner_find(point, state);
    if (partner < 0) {
        if (point->states.count == MOST_STATES) {
            states_merge_all(solver, block, point);
            state_arrive(solver, block, state);
            return;
        }
        vec_add(flow->arena, &point->states, state);
        point->is_dirty[point->states.count - 1] = true;
    } else {
        if (state_adds_nothing(point->states.items[partner], state))
            return;
        joined =
            state_join(&flow->values, flow->arena, point->states.items[partner],
                       state, block, point->is_merged);
        if (state_equal(joined, point->states.items[partner]))
            return;
        point->states.items[partner] = joined;
        point->is_dirty[partner] = true;
    }
    rank = flow->fn->cfg->round_rank[block];
    solver->is_waiting[rank] = true;
    if (rank < solver->first)
        solver->first = rank;
}

/* PHIs of the round before are older now, unless their places hold them. */
static void phis_age(struct flow *flow, struct state *state, uint32_t block)
{
    for (uint32_t i = 0; i < flow->values.nodes.count; i++) {
        const struct node *node = node_get(&flow->values, i);

        if (node->kind != VALUE_PHI || node->a != block ||
            state_load(state, &flow->values, node->b) == i)
            continue;
        state_age(state, &flow->values, flow->arena, i);
    }
}

/* By default: none of the cases. */
static bool default_assume(struct solver *solver, struct state *state,
                           node_id value, const struct ir_block *block)
{
    struct flow *flow = &solver->flow;

    for (uint32_t i = 0; i < block->edge_count; i++) {
        const struct ir_edge *edge =
            &flow->fn->unit->edges.items[block->first_edge + i];
        struct fact fact = state_fact(state, &flow->values, value);

        if (edge->kind != IR_EDGE_CASE)
            continue;
        if (fact.low >= edge->low && fact.high <= edge->high)
            return false;
        if (edge->low == edge->high &&
            !state_assume_not(state, &flow->values, flow->arena, value,
                              edge->low))
            return false;
    }
    return true;
}

static bool edge_assume(struct solver *solver, struct state *state,
                        const struct ir_block *block,
                        const struct ir_edge *edge)
{
    const struct ir_op *last = ir_block_end(solver->flow.fn->unit, block);
    struct flow *flow = &solver->flow;
    node_id value;

    if (last->a && edge->kind != IR_EDGE_NEXT)
        anew_asked(flow, state, block);
    value = last->a ? eval_value(flow, state, last->a) : 0;
    switch ((enum ir_edge_kind)edge->kind) {
    case IR_EDGE_TRUE:
    case IR_EDGE_FALSE:
        return eval_assume(flow, state, value, edge->kind == IR_EDGE_TRUE);
    case IR_EDGE_CASE:
        return state_assume_range(state, &flow->values, flow->arena, value,
                                  edge->low, edge->high);
    case IR_EDGE_DEFAULT:
        return default_assume(solver, state, value, block);
    case IR_EDGE_NEXT:
        return true;
    }
    return true;
}

static void edge_follow(struct solver *solver, uint32_t from,
                        const struct state *state, const struct ir_edge *edge)
{
    struct flow *flow = &solver->flow;
    const struct ir_block *block = block_get(solver, from);
    ir_id last = block->first_op + block->op_count - 1;
    uint32_t to = edge->block - flow->fn->ir->first_block;
    struct state *next = state_copy(flow->arena, state);

    if (!edge_assume(solver, next, block, edge) ||
        ignored_ends(flow, next, from, to))
        return;
    if (edge->kind == IR_EDGE_TRUE || edge->kind == IR_EDGE_FALSE) {
        next->branch = last;
        next->branch_taken = edge->kind == IR_EDGE_TRUE;
        question_answered(flow, next, last, next->branch_taken);
        question_entered(flow, next, to);
    }
    if (cfg_edge_is_back(flow->fn->cfg, from, to)) {
        loop_mark_many(flow, next, from, to);
        phis_age(flow, next, to);
        state_shared_forget(next, &flow->values, flow->arena, to);
    }
    state_arrive(solver, to, next);
}

static void block_run(struct solver *solver, uint32_t at,
                      const struct state *start, state_list *out)
{
    struct flow *flow = &solver->flow;
    const struct ir_block *block = block_get(solver, at);
    state_list states = {0};
    state_list next = {0};

    vec_add(flow->arena, &states, state_copy(flow->arena, start));
    for (uint32_t i = 0; i < block->op_count; i++) {
        state_list done = states;

        next.count = 0;
        for (uint32_t k = 0; k < states.count; k++) {
            if (flow->is_recording)
                access_record(flow, states.items[k], block->first_op + i);
            effect_op(flow, states.items[k], block->first_op + i, &next);
        }
        for (uint32_t k = 0; k < next.count; k++)
            escape_settle(flow, next.items[k], block->first_op + i);
        if (!states_thin(&next, &flow->values, flow->arena, at))
            flow->fn->is_bounded = true;
        states = next;
        next = done;
    }
    *out = states;
}

static void block_visit(struct solver *solver, uint32_t at)
{
    const struct fn *fn = solver->flow.fn;
    const struct ir_block *block = block_get(solver, at);
    struct point *point = &solver->points[at];

    for (uint32_t i = 0; i < point->states.count; i++) {
        state_list out = {0};

        if (!point->is_dirty[i])
            continue;
        point->is_dirty[i] = false;
        block_run(solver, at, point->states.items[i], &out);
        for (uint32_t k = 0; k < out.count; k++)
            for (uint32_t edge = 0; edge < block->edge_count; edge++)
                edge_follow(solver, at, out.items[k],
                            &fn->unit->edges.items[block->first_edge + edge]);
    }
}

static uint32_t next_waiting(struct solver *solver, uint32_t count)
{
    while (solver->first < count && !solver->is_waiting[solver->first])
        solver->first++;
    return solver->first;
}

static void solve(struct solver *solver)
{
    struct fn *fn = solver->flow.fn;
    uint32_t count = fn->cfg->block_count;
    uint32_t most = count * VISITS_PER_BLOCK + VISITS_AT_LEAST;
    uint32_t rank;

    if (!fn->cfg->round_order)
        cfg_rounds_order(fn, solver->flow.program->arena);
    state_arrive(solver, 0,
                 arena_alloc(solver->flow.arena, sizeof(struct state)));
    while ((rank = next_waiting(solver, count)) < count) {
        solver->is_waiting[rank] = false;
        if (solver->visits++ >= most)
            fn->trouble = "its lock states do not settle";
        if (solver->flow.arena->allocated > MOST_BYTES)
            fn->trouble = "its lock states take too much memory";
        if (fn->trouble)
            return;
        block_visit(solver, fn->cfg->round_order[rank]);
    }
}

static void solve_trivially(struct solver *solver)
{
    struct flow *flow = &solver->flow;

    for (uint32_t i = 0; i < flow->fn->cfg->block_count; i++)
        vec_add(flow->arena, &solver->points[flow->fn->cfg->order[i]].states,
                arena_alloc(flow->arena, sizeof(struct state)));
}

static bool holds_any(const struct state *state)
{
    for (uint32_t i = 0; i < state->held.count; i++)
        if (state->held.items[i].depth)
            return true;
    return false;
}

static bool loops_with_locks(const struct solver *solver)
{
    const struct cfg *cfg = solver->flow.fn->cfg;

    for (uint32_t at = 0; at < cfg->block_count; at++)
        for (uint32_t k = 0;
             cfg->is_loop_head[at] && k < solver->points[at].states.count; k++)
            if (holds_any(solver->points[at].states.items[k]))
                return true;
    return false;
}

/* Loops that may go round for ever while a lock is held. They are found by
 * the other events, so this comes behind those. */
static void loops_record(struct solver *solver)
{
    struct flow *flow = &solver->flow;
    struct spin_list spins;

    if (!loops_with_locks(solver))
        return;
    spins = spin_list_find(flow->fn, flow->arena);
    for (uint32_t i = 0; i < spins.items.count; i++) {
        const struct spin *spin = &spins.items.items[i];
        const struct point *point = &solver->points[spin->block];

        if (spin->kind == SPIN_LONG)
            continue; /* it ends by itself */
        for (uint32_t k = 0; k < point->states.count; k++)
            record_event(flow, point->states.items[k], EVENT_LOOP, spin->op,
                         NULL);
    }
}

static void record(struct solver *solver)
{
    struct flow *flow = &solver->flow;

    if (worth_contexts(flow))
        flow->fn->seen_where =
            arena_array(flow->program->arena, flow->fn->ir->op_count, 1);
    flow->is_recording = true;
    for (uint32_t i = 0; i < flow->fn->cfg->block_count; i++) {
        uint32_t at = flow->fn->cfg->order[i];
        const struct point *point = &solver->points[at];

        for (uint32_t k = 0; k < point->states.count; k++) {
            state_list out = {0};

            block_run(solver, at, point->states.items[k], &out);
        }
    }
    loops_record(solver);
    record_finish(flow);
    nest_finish(flow);
    summarise_exits(flow);
    group_member_changed(flow->fn);
}

static void state_print(const struct flow *flow, const struct state *state,
                        struct strbuf *out)
{
    static const char *const kinds[] = {"blocking", "spin", "async", "unknown"};

    strbuf_add(out, "{");
    for (uint32_t i = 0; i < state->held.count; i++) {
        const struct held_lock *held = &state->held.items[i];
        const struct ir_op *op = &flow->fn->unit->ops.items[held->acquired];

        strbuf_printf(out, "%s%s %s %s@%u%s%s", i ? ", " : "",
                      held->may     ? "may"
                      : held->depth ? "must"
                                    : "deferred",
                      kinds[held->kind], info_of(flow, held)->name,
                      op->loc.line, held->guard ? " guarded" : "",
                      held->mode == LOCK_SHARED ? " shared" : "");
    }
    strbuf_add(out, "}");
}

static void dump_print(const struct solver *solver, struct strbuf *out)
{
    const struct flow *flow = &solver->flow;

    ir_fn_head_print(flow->fn->unit, flow->fn->ir, out);
    for (uint32_t i = 0; i < flow->fn->cfg->block_count; i++) {
        uint32_t at = flow->fn->cfg->order[i];
        const struct point *point = &solver->points[at];

        strbuf_printf(out, "  b%u:", at);
        for (uint32_t k = 0; k < point->states.count; k++) {
            strbuf_add(out, " ");
            state_print(flow, point->states.items[k], out);
        }
        strbuf_add(out, point->states.count ? "\n" : " unreached\n");
    }
}

static bool solver_start(struct solver *solver, struct arena *arena,
                         struct program *program, struct fn *fn)
{
    *solver = (struct solver){
        .flow = {.program = program, .fn = fn, .arena = arena},
    };
    if (fn->ir->flags & (IR_FN_NOT_ANALYSED | IR_FN_INITS))
        return false;
    if (!fn->cfg)
        fn->cfg = cfg_build(fn, program->arena);
    values_init(&solver->flow.values, arena);
    solver->points =
        arena_array(arena, fn->ir->block_count, sizeof(*solver->points));
    solver->is_waiting =
        arena_array(arena, fn->ir->block_count, sizeof(*solver->is_waiting));
    solver->flow.escapes = arena_array(arena, fn->ir->var_count, sizeof(bool));
    site_find_all(&solver->flow);
    solver->flow.follows_threads = carry_matters(&solver->flow);
    solver->flow.spawns = share_matters(&solver->flow);
    return true;
}

static bool makes_recursive(const struct fn *fn)
{
    for (uint32_t i = 0; i < fn->callees->items.count; i++) {
        const struct callee *callee = &fn->callees->items.items[i].callee;

        for (int k = 0; callee->is_call && callee->meaning &&
                        k < callee->meaning->effect_count;
             k++) {
            const struct effect *effect = &callee->meaning->effects[k];

            if (effect->kind == EFFECT_LOCK_INIT &&
                (effect->is_recursive || effect->attributes.base != PLACE_NONE))
                return true;
        }
    }
    return false;
}

void lockset_prepare(struct program *program, struct fn *fn)
{
    struct arena arena = {0};
    struct solver solver;

    if (makes_recursive(fn) && solver_start(&solver, &arena, program, fn)) {
        solve(&solver);
        fn->trouble = NULL; /* told when it is analysed for good */
    }
    arena_finish(&arena);
}

void lockset_solve(struct program *program, struct fn *fn, struct strbuf *dump)
{
    struct arena arena = {0};
    struct solver solver;

    if (!solver_start(&solver, &arena, program, fn))
        return;
    if (worth_solving(&solver.flow))
        solve(&solver);
    else
        solve_trivially(&solver);
    if (dump)
        dump_print(&solver, dump);
    else if (!fn->trouble)
        record(&solver);
    arena_finish(&arena);
}
