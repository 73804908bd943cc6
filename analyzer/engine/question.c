/*
 * Questions that are asked twice, see question.h. One question is the same
 * text, of what is read only from there on: fields and locals that the function
 * does not set any more and nobody else can, functions whose names ask (`is_`,
 * `has_`, `test_`).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/question.h"

#include <string.h>
#include <strings.h>

#include "engine/cfg.h"
#include "engine/path.h"
#include "ir/ir_print.h"

enum {
    DEEPEST_QUESTION = 8,
    MOST_ANSWERS = 16, /* in one state; the oldest stay */
    MOST_EITHERS = 4,
};

/* A block that nothing leads to but answers, each another way: what stands in
 * it is done if one of them was given. `if (a || b) lock(…)` */
struct either {
    VEC(struct told) ways;
    uint32_t first_block; /* … which is asked at the end of it */
};

struct doubts {
    struct either *eithers; /* by block; NULL: not yet looked for */
    uint32_t *of_op; /* the number of the question, and 1; 0: not yet known */
    struct map by_text;
    VEC(bool) is_shared; /* by question: it is about more than variables */
    uint32_t count;
};

static bool has_word(const char *name, const char *const *words, size_t count)
{
    while (*name) {
        size_t length = strcspn(name, "_");

        for (size_t i = 0; i < count; i++)
            if (strlen(words[i]) == length &&
                !strncasecmp(name, words[i], length))
                return true;
        name += length;
        name += strspn(name, "_");
    }
    return false;
}

/* A function that only answers, by its name. */
static bool asks(const char *name)
{
    static const char *const questions[] = {
        "is",   "has",    "test", "enabled", "supported", "needs", "supports",
        "uses", "should", "can",  "allowed", "capable",   "same",
    };
    static const char *const deeds[] = {
        "and", "set", "clear", "try", "trylock", "wait", "next", "empty",
    };

    return has_word(name, questions, sizeof(questions) / sizeof(*questions)) &&
           !has_word(name, deeds, sizeof(deeds) / sizeof(*deeds));
}

/* Whether others may set it, since they are given its address. */
static bool is_lent(const struct flow *flow, ir_id var)
{
    const struct ir_unit *unit = flow->fn->unit;
    const struct ir_fn *ir = flow->fn->ir;

    for (uint32_t i = 0; i < ir->op_count; i++) {
        const struct ir_op *op = &unit->ops.items[ir->first_op + i];

        if (op->kind == IR_ASSIGN && ir_is_var_address(unit, op->b, var))
            return true;
        for (uint32_t k = 0; k < op->args.count; k++)
            if (ir_is_var_address(unit, ir_list_at(unit, op->args, k), var))
                return true;
    }
    return false;
}

/* The variable or field of `expr` may be set behind `op`. */
static bool is_set_behind(const struct flow *flow, const struct ir_expr *expr,
                          ir_id op)
{
    const struct ir_unit *unit = flow->fn->unit;
    const struct ir_fn *ir = flow->fn->ir;

    for (uint32_t i = 0; i < ir->op_count; i++) {
        const struct ir_op *set = &unit->ops.items[ir->first_op + i];
        const struct ir_expr *place = &unit->exprs.items[set->a];

        if (set->kind == IR_ASSIGN && place->kind == expr->kind &&
            (expr->kind == IR_EXPR_VAR ? place->var == expr->var
                                       : place->field == expr->field) &&
            cfg_leads_to(unit, ir, op, ir->first_op + i))
            return true;
    }
    return false;
}

/* What is asked, and where. */
struct asking {
    const struct flow *flow;
    ir_id op;
    struct strbuf *variables; /* two may have one name */
    bool *is_shared;
};

static bool is_steady(const struct asking *asking, ir_id id, int depth);

static bool is_steady_call(const struct asking *asking, ir_id op, int depth)
{
    const struct flow *flow = asking->flow;
    const struct ir_unit *unit = flow->fn->unit;
    const struct site *site = site_at(flow, op);

    if (!site->callee.name || !asks(site->callee.name))
        return false;
    for (uint32_t i = 0; i < site->args.count; i++)
        if (!is_steady(asking, ir_list_at(unit, site->args, i), depth))
            return false;
    return true;
}

/* A flat switch over the kinds. */
static bool is_steady(const struct asking *asking, ir_id id, int depth)
{
    const struct flow *flow = asking->flow;
    const struct ir_unit *unit = flow->fn->unit;
    const struct ir_expr *expr = &unit->exprs.items[id];

    if (depth == DEEPEST_QUESTION)
        return false;
    switch ((enum ir_expr_kind)expr->kind) {
    case IR_EXPR_CONST:
    case IR_EXPR_ZERO:
    case IR_EXPR_STRING:
    case IR_EXPR_FN:
        return true;
    case IR_EXPR_GLOBAL:
        *asking->is_shared = true;
        return true;
    case IR_EXPR_VAR:
        strbuf_printf(asking->variables, "#%u", expr->var);
        return !is_set_behind(flow, expr, asking->op) &&
               !is_lent(flow, expr->var);
    case IR_EXPR_FIELD:
        return !is_set_behind(flow, expr, asking->op) &&
               is_steady(asking, expr->a, depth + 1);
    case IR_EXPR_TEMP:
        *asking->is_shared = true;
        return is_steady_call(asking, expr->op, depth + 1);
    case IR_EXPR_DEREF:
        *asking->is_shared = true;
        return is_steady(asking, expr->a, depth + 1);
    case IR_EXPR_ADDR:
    case IR_EXPR_UNARY:
        return is_steady(asking, expr->a, depth + 1);
    case IR_EXPR_BINARY:
        return is_steady(asking, expr->a, depth + 1) &&
               is_steady(asking, expr->b, depth + 1);
    default:
        return false;
    }
}

static struct doubts *doubts_get(struct flow *flow)
{
    struct doubts *doubts = flow->doubts;

    if (doubts)
        return doubts;
    doubts = arena_alloc(flow->arena, sizeof(*doubts));
    *doubts = (struct doubts){
        .of_op =
            arena_array(flow->arena, flow->fn->ir->op_count, sizeof(uint32_t)),
        .by_text.arena = flow->arena,
    };
    flow->doubts = doubts;
    return doubts;
}

static uint32_t number_of(struct flow *flow, const char *text, bool is_shared)
{
    struct doubts *doubts = doubts_get(flow);

    vec_add(flow->arena, &doubts->is_shared, is_shared);
    return *map_add_str(&doubts->by_text, text, ++doubts->count, NULL);
}

/* The question that a branch asks, by number from 1; 0: none. */
static uint32_t question_of(struct flow *flow, ir_id op)
{
    const struct ir_fn *ir = flow->fn->ir;
    ir_id condition = flow->fn->unit->ops.items[op].a;
    struct strbuf text = {.arena = flow->arena};
    struct doubts *doubts = doubts_get(flow);
    uint32_t *known = &doubts->of_op[op - ir->first_op];
    bool is_shared = false;

    if (*known)
        return *known - 1;
    *known = 1;
    if (condition && is_steady(&(struct asking){flow, op, &text, &is_shared},
                               condition, 0)) {
        ir_expr_write(flow->fn->unit, ir, condition, &text);
        *known = number_of(flow, strbuf_text(&text), is_shared) + 1;
    }
    return *known - 1;
}

static bool takes_locks(const struct flow *flow, const struct ir_block *block)
{
    for (uint32_t i = 0; i < block->op_count; i++) {
        const struct callee *callee =
            &flow->sites[block->first_op + i - flow->fn->ir->first_op].callee;

        if (callee->meaning
                ? meaning_has(callee->meaning, EFFECT_ACQUIRE)
                : callee->body && callee->body->summary.locks.items.count)
            return true;
    }
    return false;
}

/* An edge into a block. `if (a && b) lock;` goes on from the lock without a
 * question: that is not one of the ways then. */
static void way_add(struct flow *flow, struct either *either, uint32_t from,
                    const struct ir_edge *edge)
{
    const struct ir_fn *ir = flow->fn->ir;
    const struct ir_block *block = ir_block(flow->fn->unit, ir, from);
    ir_id op = block->first_op + block->op_count - 1;
    bool is_answer = edge->kind == IR_EDGE_TRUE || edge->kind == IR_EDGE_FALSE;
    struct told way = {
        .question = is_answer ? question_of(flow, op) : 0,
        .op = op,
        .is_true = edge->kind == IR_EDGE_TRUE,
    };

    if (edge->kind == IR_EDGE_NEXT && either->ways.count &&
        from < edge->block - ir->first_block)
        return;
    if (!either->ways.count)
        either->first_block = from;
    vec_add(flow->arena, &either->ways, way);
}

/* Whether locks are taken in the block, or in one that is left out. */
static bool is_about_locks(const struct flow *flow, const struct either *either,
                           uint32_t block)
{
    for (uint32_t i = block; i > either->first_block; i--)
        if (takes_locks(flow, ir_block(flow->fn->unit, flow->fn->ir, i)))
            return true;
    return false;
}

static bool is_either(struct flow *flow, const struct either *either,
                      uint32_t block)
{
    for (uint32_t i = 0; i < either->ways.count; i++)
        if (!either->ways.items[i].question)
            return false;
    return either->ways.count > 1 && is_about_locks(flow, either, block);
}

/* Of a block that is entered in one way only, facts say all there is. */
static void eithers_find(struct flow *flow)
{
    const struct ir_unit *unit = flow->fn->unit;
    const struct ir_fn *ir = flow->fn->ir;
    struct doubts *doubts = doubts_get(flow);

    doubts->eithers =
        arena_array(flow->arena, ir->block_count, sizeof(*doubts->eithers));
    for (uint32_t i = 0; i < ir->block_count; i++) {
        const struct ir_block *from = ir_block(unit, ir, i);

        for (uint32_t k = 0; k < from->edge_count; k++) {
            const struct ir_edge *edge =
                &unit->edges.items[from->first_edge + k];

            way_add(flow, &doubts->eithers[edge->block - ir->first_block], i,
                    edge);
        }
    }
    for (uint32_t i = 0; i < ir->block_count; i++)
        if (!is_either(flow, &doubts->eithers[i], i))
            doubts->eithers[i].ways.count = 0;
}

void question_entered(struct flow *flow, struct state *state, uint32_t block)
{
    const struct doubts *doubts = doubts_get(flow);

    if (!doubts->eithers)
        eithers_find(flow);
    if (doubts->eithers[block].ways.count &&
        state->eithers.count < MOST_EITHERS)
        node_list_add(&state->eithers, flow->arena, block);
}

static bool is_denied(const struct state *state, const struct told *way)
{
    for (uint32_t i = 0; i < state->answers.count; i++) {
        const struct told *answer = &state->answers.items[i];

        if (answer->question == way->question)
            return answer->op != way->op && answer->is_true != way->is_true;
    }
    return false;
}

/* Whether what has been asked since says that none of its ways was taken. */
static bool is_impossible(const struct state *state,
                          const struct either *either)
{
    for (uint32_t i = 0; i < either->ways.count; i++)
        if (!is_denied(state, &either->ways.items[i]))
            return false;
    return true;
}

static void eithers_check(struct flow *flow, struct state *state)
{
    for (uint32_t i = 0; i < state->eithers.count; i++)
        if (is_impossible(state,
                          &flow->doubts->eithers[state->eithers.items[i]]))
            state->is_doubtful = true;
}

static void answer_note(struct flow *flow, struct state *state,
                        struct told answer)
{
    for (uint32_t i = 0; i < state->answers.count; i++) {
        struct told *known = &state->answers.items[i];

        if (known->question != answer.question)
            continue;
        if (known->op != answer.op && known->is_true != answer.is_true)
            state->is_doubtful = true;
        *known = answer;
        eithers_check(flow, state);
        return;
    }
    if (state->answers.count == MOST_ANSWERS)
        return;
    vec_add(flow->arena, &state->answers, answer);
    eithers_check(flow, state);
}

void question_answered(struct flow *flow, struct state *state, ir_id op,
                       bool is_true)
{
    uint32_t question = question_of(flow, op);
    node_id under = state->held.count ? vec_last(&state->held)->lock : 0;

    if (question)
        answer_note(flow, state,
                    (struct told){question, op, is_true, under, false});
}

void question_flagged(const struct step *step, struct state *state,
                      const struct path *flag, int64_t mask, bool is_true)
{
    struct flow *flow = step->flow;
    struct strbuf text = {.arena = flow->arena};
    struct path kept_in = *flag;
    node_id place;

    kept_in.step_count--;
    place = path_place(flow, state, step->site, &kept_in);
    if (!place || node_is_stale(&flow->values, place))
        return;
    strbuf_printf(&text, "@%u&%lld", place, (long long)mask);
    answer_note(flow, state,
                (struct told){number_of(flow, strbuf_text(&text), true),
                              step->op, is_true, 0, false});
}

void question_given_back(struct state *state, node_id lock)
{
    for (uint32_t i = 0; i < state->answers.count; i++)
        if (state->answers.items[i].under == lock)
            state->answers.items[i].is_old = true;
}

/* What an op makes of memory, beside what blocks make of it. */
static uint32_t number_behind_blocks(const struct flow *flow, ir_id op)
{
    return flow->fn->ir->block_count + (op - flow->fn->ir->first_op);
}

void question_retaken(const struct step *step, node_id lock)
{
    struct flow *flow = step->flow;
    struct state *state = step->state;
    const struct doubts *doubts = doubts_get(flow);
    uint32_t kept = 0;
    bool is_asked_anew;

    for (uint32_t i = 0; i < state->answers.count; i++) {
        const struct told *answer = &state->answers.items[i];

        if (!answer->is_old || answer->under != lock ||
            !doubts->is_shared.items[answer->question - 1])
            state->answers.items[kept++] = *answer;
    }
    is_asked_anew = kept < state->answers.count;
    state->answers.count = kept;
    if (is_asked_anew)
        state_shared_forget(state, &flow->values, flow->arena,
                            number_behind_blocks(flow, step->op));
}

bool question_is_believed(const struct flow *flow, const struct state *exit)
{
    for (uint32_t i = 0; i < flow->exits.count && exit->is_doubtful; i++)
        if (!flow->exits.items[i].state->is_doubtful)
            return false;
    return true;
}

static const struct told *answer_find(const struct state *state,
                                      uint32_t question)
{
    for (uint32_t i = 0; i < state->answers.count; i++)
        if (state->answers.items[i].question == question)
            return &state->answers.items[i];
    return NULL;
}

void questions_join(struct state *one, const struct state *two)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < one->answers.count; i++) {
        const struct told *answer = &one->answers.items[i];
        const struct told *other = answer_find(two, answer->question);

        if (other && other->is_true == answer->is_true)
            one->answers.items[kept++] = *answer;
    }
    one->answers.count = kept;
    node_lists_intersect(&one->eithers, &two->eithers);
}

bool questions_equal(const struct state *one, const struct state *two)
{
    if (one->answers.count != two->answers.count ||
        !node_lists_equal(&one->eithers, &two->eithers))
        return false;
    for (uint32_t i = 0; i < one->answers.count; i++)
        if (one->answers.items[i].question != two->answers.items[i].question ||
            one->answers.items[i].is_true != two->answers.items[i].is_true)
            return false;
    return true;
}
