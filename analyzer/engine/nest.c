/*
 * One lock inside another, where their classes don't tell them apart: both
 * are of one class (two accounts), or a function is handed them by address.
 * Such pairs are written down with the places that they are, and handed on to
 * callers, who know more of them: `transfer(&mine, &yours)`.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "engine/info.h"
#include "engine/inherit.h"
#include "engine/nest.h"
#include "engine/path.h"

enum {
    MOST_NESTINGS = 32, /* written down for one function: more is a table */
    MOST_HANDED_ON = 16,
    DEEPEST_CONDITION = 12,
};

static bool is_pointer(const struct flow *flow, const struct ir_expr *expr)
{
    return ir_type_is_pointer(flow->fn->unit, expr->type);
}

/* `a < b` or `a == b` of two addresses, or of what two objects have for a
 * number. */
static bool is_comparison(const struct flow *flow, const struct ir_expr *expr)
{
    const struct ir_expr *one = flow_expr(flow, expr->a);
    const struct ir_expr *two = flow_expr(flow, expr->b);

    if (expr->operator<IR_EQ || expr->operator> IR_GE)
        return false;
    return (is_pointer(flow, one) && is_pointer(flow, two) &&
            !ir_is_constant(one) && !ir_is_constant(two)) ||
           (one->kind == IR_EXPR_FIELD && two->kind == IR_EXPR_FIELD &&
            one->field == two->field) ||
           (one->kind == IR_EXPR_VAR && two->kind == IR_EXPR_VAR &&
            one->var != two->var &&
            ir_type_strip(flow->fn->unit, one->type)->kind == IR_TYPE_INT);
}

static void comparisons_note(struct flow *flow, ir_id id, int depth)
{
    const struct ir_expr *expr = flow_expr(flow, id);

    if (!id || depth > DEEPEST_CONDITION ||
        (expr->kind != IR_EXPR_UNARY && expr->kind != IR_EXPR_BINARY))
        return;
    comparisons_note(flow, expr->a, depth + 1);
    if (expr->kind == IR_EXPR_UNARY)
        return;
    comparisons_note(flow, expr->b, depth + 1);
    if (!is_comparison(flow, expr))
        return;
    if (expr->operator<IR_LT)
        flow->tells_apart = true;
    else
        flow->compares = true;
}

/* Who asks which of two things comes first takes them in that order; that it
 * really does is not looked at. A loop's bound is no such question. */
static bool compares(struct flow *flow)
{
    const struct fn *fn = flow->fn;

    for (uint32_t i = 0; !flow->knows_order && i < fn->ir->block_count; i++) {
        const struct ir_block *block = ir_block(fn->unit, fn->ir, i);
        bool is_loop = block->flags & IR_BLOCK_LOOP;

        for (uint32_t k = 0; k < block->op_count; k++) {
            const struct ir_op *op = &fn->unit->ops.items[block->first_op + k];
            ir_id expr = op->kind == IR_ASSIGN               ? op->b
                         : op->kind == IR_BRANCH && !is_loop ? op->a
                                                             : 0;

            comparisons_note(flow, expr, 0);
        }
    }
    flow->knows_order = true;
    return flow->compares;
}

/* What the lock is a part of, or the lock itself. */
static node_id owner_of(const struct flow *flow, node_id lock)
{
    const struct node *node = node_get(&flow->values, lock);

    while (node->kind == NODE_FIELD) {
        lock = node->a;
        node = node_get(&flow->values, lock);
    }
    return node->kind == NODE_MEMORY ? node->a : lock;
}

/* Elements of one array, or their locks, each with its number: as the text has
 * them. */
static bool are_numbered(const struct flow *flow, node_id outer, node_id inner)
{
    const struct node *one = node_get(&flow->values, owner_of(flow, outer));
    const struct node *two = node_get(&flow->values, owner_of(flow, inner));
    int64_t number;

    return one->kind == NODE_INDEX && two->kind == NODE_INDEX &&
           one->a == two->a && value_is_const(&flow->values, one->b, &number) &&
           value_is_const(&flow->values, two->b, &number);
}

/* A child is found in its parent: an order that the data has. */
static bool is_ordered(struct flow *flow, node_id outer, node_id inner)
{
    node_id first = owner_of(flow, outer);
    node_id second = owner_of(flow, inner);

    return compares(flow) || are_numbered(flow, outer, inner) ||
           node_has(&flow->values, outer, second) ||
           node_has(&flow->values, inner, first);
}

/* By who does not name the two, but compares what he is given. */
static bool is_compared(struct flow *flow, const struct nesting *nesting)
{
    return !(nesting->outer.instance && nesting->inner.instance) &&
           compares(flow);
}

/* Behind a null pointer, on a path that the callee does not take. */
static bool is_nowhere(const struct flow *flow, node_id lock)
{
    return node_get(&flow->values, owner_of(flow, lock))->kind == VALUE_CONST;
}

static bool same_nesting(const struct nesting *one, const struct nesting *two)
{
    return one->op == two->op && one->acquired == two->acquired &&
           str_is_same(one->outer.class, two->outer.class) &&
           str_is_same(one->inner.class, two->inner.class) &&
           str_is_same(one->outer.instance, two->outer.instance) &&
           str_is_same(one->inner.instance, two->inner.instance);
}

/* Seen in another state: what is held around both is held in each. */
static void gates_meet(struct nesting *known, const struct nesting *other)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < known->gates.count; i++)
        for (uint32_t k = 0; k < other->gates.count; k++)
            if (!strcmp(known->gates.items[i], other->gates.items[k])) {
                known->gates.items[kept++] = known->gates.items[i];
                break;
            }
    known->gates.count = kept;
}

static void keep(struct flow *flow, struct fn *fn,
                 const struct nesting *nesting)
{
    for (uint32_t i = 0; i < fn->nestings.count; i++)
        if (same_nesting(&fn->nestings.items[i], nesting)) {
            gates_meet(&fn->nestings.items[i], nesting);
            return;
        }
    if (fn->nestings.count < MOST_NESTINGS)
        vec_add(flow->program->arena, &fn->nestings, *nesting);
}

/* Callers may know more of the two. */
static void hand_on(struct flow *flow, struct nesting *nesting, node_id outer,
                    node_id inner)
{
    struct lock_effects *effects = &flow->fn->summary.locks;
    struct lock_nesting handed = {
        .outer = path_of_place(flow, outer, flow->program->arena),
        .inner = path_of_place(flow, inner, flow->program->arena),
        .nesting = *nesting,
    };

    if (!handed.outer || !handed.inner ||
        (nesting->outer.instance && nesting->inner.instance) ||
        effects->nestings.count >= MOST_HANDED_ON)
        return;
    nesting->is_handed_on = true;
    for (uint32_t i = 0; i < effects->nestings.count; i++)
        if (path_equal(effects->nestings.items[i].outer, handed.outer) &&
            path_equal(effects->nestings.items[i].inner, handed.inner))
            return;
    vec_add(flow->program->arena, &effects->nestings, handed);
}

void nest_gates(const struct step *step, struct nesting *nesting)
{
    struct flow *flow = step->flow;

    for (uint32_t i = 0; i < step->state->held.count; i++) {
        const struct held_lock *held = &step->state->held.items[i];
        const char *class = info_of(flow, held)->class;

        if (held->depth && !held->may && !held->is_many &&
            held->mode != LOCK_SHARED && held->acquired != nesting->acquired)
            vec_add(flow->program->arena, &nesting->gates, class);
    }
}

/* One that is inside here is outside there, taken by another op: who takes two
 * either way round has thought about it. */
static void alternation_note(struct flow *flow, ir_id acquired, node_id outer,
                             node_id inner)
{
    struct taken_pair pair = {acquired, outer, inner};

    for (uint32_t i = 0; i < flow->pairs.count; i++) {
        const struct taken_pair *known = &flow->pairs.items[i];

        if (known->acquired != acquired &&
            (known->inner == outer || known->outer == inner))
            flow->alternates = true;
        if (known->acquired == acquired && known->inner == inner)
            return;
    }
    if (flow->pairs.count < MOST_NESTINGS)
        vec_add(flow->arena, &flow->pairs, pair);
}

/* Found by a pointer that lies somewhere: who put it there knows more. */
static bool is_pointed_at(const struct flow *flow, node_id lock)
{
    const struct node *node = node_get(&flow->values, lock);

    return node->kind == NODE_MEMORY &&
           node_get(&flow->values, node->a)->kind == VALUE_INIT;
}

static void pair_record(const struct step *step, const struct held_lock *held,
                        node_id lock, const struct lock_info *info,
                        bool is_told_by_class)
{
    struct flow *flow = step->flow;
    struct nesting nesting = {
        .op = step->op,
        .acquired = held->acquired,
        .outer = *info_of(flow, held),
        .inner = *info,
        .is_ordered = is_ordered(flow, held->lock, lock),
    };

    if (!nesting.outer.instance && !nesting.inner.instance &&
        are_numbered(flow, held->lock, lock)) {
        nesting.outer.instance = name_numbered(flow, held->lock);
        nesting.inner.instance = name_numbered(flow, lock);
    }
    nesting.outer.mode = (enum lock_mode)held->mode;
    if (!nesting.outer.instance || !nesting.inner.instance)
        alternation_note(flow, held->acquired, held->lock, lock);
    nesting.is_compared = is_compared(flow, &nesting);
    nesting.is_told_apart = flow->tells_apart || flow->compares;
    nest_gates(step, &nesting);
    hand_on(flow, &nesting, held->lock, lock);
    if (!is_told_by_class)
        keep(flow, flow->fn, &nesting);
}

void nest_finish(struct flow *flow)
{
    struct lock_effects *effects = &flow->fn->summary.locks;

    for (uint32_t i = 0; flow->alternates && i < flow->fn->nestings.count; i++)
        flow->fn->nestings.items[i].is_ordered = true;
    for (uint32_t i = 0; flow->alternates && i < effects->nestings.count; i++)
        effects->nestings.items[i].nesting.is_ordered = true;
}

static bool holds(const struct state *state, node_id lock)
{
    for (uint32_t i = 0; i < state->held.count; i++)
        if (state->held.items[i].lock == lock && state->held.items[i].depth)
            return true;
    return false;
}

/* Of those held, the ones that classes don't tell apart from this one. */
static void pairs_record(const struct step *step, node_id lock,
                         const struct lock_info *info, bool is_handed)
{
    struct flow *flow = step->flow;

    if (info->is_try || node_is_stale(&flow->values, lock) ||
        holds(step->state, lock) || is_nowhere(flow, lock))
        return;
    for (uint32_t i = 0; i < step->state->held.count; i++) {
        const struct held_lock *held = &step->state->held.items[i];
        const struct lock_info *outer = info_of(flow, held);
        bool is_told_by_class = !is_handed && !outer->is_parameter &&
                                !str_is_same(outer->class, info->class);

        if (!held->depth || held->may || held->is_many || !held->lock ||
            node_is_stale(&flow->values, held->lock))
            continue;
        if (!is_told_by_class || is_pointed_at(flow, lock) ||
            is_pointed_at(flow, held->lock))
            pair_record(step, held, lock, info, is_told_by_class);
    }
}

void nest_acquired(const struct step *step, node_id lock,
                   const struct lock_info *info)
{
    if (step->flow->is_recording && lock)
        pairs_record(step, lock, info, info->is_parameter);
}

void nest_used(const struct step *step, node_id lock,
               const struct lock_info *info, bool was_handed)
{
    struct nesting taken = {.op = step->op, .inner = *info};

    if (!lock)
        return;
    pairs_record(step, lock, info, was_handed);
    if (was_handed && !info->is_parameter && !info->is_try &&
        !holds(step->state, lock))
        keep(step->flow, step->flow->fn, &taken);
}

static struct lock_info info_here(const struct flow *flow, node_id lock,
                                  const struct lock_info *there)
{
    struct lock_info info = *there;

    info.class = name_class(flow, lock);
    info.instance = name_instance(flow, lock);
    info.is_parameter = name_is_parameter(flow, lock);
    return info;
}

/* Our caller's locks are one and the same, though the callee has two names for
 * it: it takes the lock again. */
static void again_record(const struct step *step,
                         const struct lock_nesting *theirs, node_id lock)
{
    const struct nesting *nesting = &theirs->nesting;
    bool is_inside = nesting->nested_in != NULL;
    struct flow *flow = step->flow;
    struct event *event;

    if (nesting->is_told_apart || nesting->outer.is_recursive ||
        nesting->inner.is_recursive || holds(step->state, lock) ||
        (nesting->outer.mode == LOCK_SHARED &&
         nesting->inner.mode == LOCK_SHARED) ||
        map_find_str(&flow->program->recursive, name_class(flow, lock)))
        return;
    event = record_event(flow, step->state, EVENT_RETAKE, step->op, step->site);
    event->lock = info_here(flow, lock, &nesting->inner);
    event->lock.name = inherit_name(step, theirs->inner, &nesting->inner);
    event->held_before++;
    event->fate_at = is_inside ? nesting->outer_at : nesting->acquired;
    if (is_inside) {
        event->callee = nesting->nested_in;
        return;
    }
    event->lock.taken_in = step->site->callee.body;
    event->lock.taken_at = nesting->op;
}

void nest_join(const struct step *step, const struct lock_nesting *theirs)
{
    struct flow *flow = step->flow;
    node_id outer = path_place(flow, step->state, step->site, theirs->outer);
    node_id inner = path_place(flow, step->state, step->site, theirs->inner);
    struct nesting nesting = theirs->nesting;

    if (!outer || !inner || node_is_stale(&flow->values, outer) ||
        node_is_stale(&flow->values, inner))
        return;
    if (outer == inner)
        again_record(step, theirs, inner);
    if (outer == inner || holds(step->state, inner))
        return;
    if (!nesting.nested_in) {
        nesting.nested_in = step->site->callee.body;
        nesting.outer_at = nesting.acquired;
        nesting.inner.taken_in = step->site->callee.body;
        nesting.inner.taken_at = nesting.op;
    }
    nesting.op = step->op;
    nesting.acquired = step->op;
    nesting.is_handed_on = false;
    nesting.outer = info_here(flow, outer, &nesting.outer);
    nesting.inner = info_here(flow, inner, &nesting.inner);
    nesting.is_ordered |= is_ordered(flow, outer, inner);
    nesting.is_compared |= is_compared(flow, &nesting);
    nesting.is_told_apart |= flow->tells_apart || flow->compares;
    nesting.gates.items = NULL;
    nesting.gates.count = nesting.gates.capacity = 0;
    for (uint32_t i = 0; i < theirs->nesting.gates.count; i++)
        vec_add(flow->program->arena, &nesting.gates,
                theirs->nesting.gates.items[i]);
    nest_gates(step, &nesting);
    hand_on(flow, &nesting, outer, inner);
    keep(flow, flow->fn, &nesting);
}

void nest_start(const struct step *step, struct fn *started,
                const struct lock_nesting *theirs)
{
    struct flow *flow = step->flow;
    node_id outer = path_place(flow, step->state, step->site, theirs->outer);
    node_id inner = path_place(flow, step->state, step->site, theirs->inner);
    struct nesting nesting = theirs->nesting;

    if (!outer || !inner || outer == inner || nesting.is_compared ||
        node_is_stale(&flow->values, outer) ||
        node_is_stale(&flow->values, inner))
        return;
    nesting.is_handed_on = false;
    nesting.outer = info_here(flow, outer, &nesting.outer);
    nesting.inner = info_here(flow, inner, &nesting.inner);
    if (!nesting.outer.is_parameter && !nesting.inner.is_parameter)
        keep(flow, started, &nesting);
}

void nest_inherit(const struct step *step)
{
    const struct fn *callee = step->site->callee.body;

    for (uint32_t i = 0;
         step->flow->is_recording && i < callee->summary.locks.nestings.count;
         i++)
        nest_join(step, &callee->summary.locks.nestings.items[i]);
}
