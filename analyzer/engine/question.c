/*
 * Questions that are asked twice, see question.h. One question is the same
 * text, of what is read only: fields that the function does not write, locals
 * that it sets once and nobody else can, functions whose names ask (`is_`,
 * `has_`, `test_`).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/question.h"

#include <string.h>
#include <strings.h>

#include "engine/path.h"
#include "ir/ir_print.h"

enum {
    DEEPEST_QUESTION = 8,
    MOST_ANSWERS = 16, /* in one state; the oldest stay */
};

struct doubts {
    uint32_t *of_op; /* the number of the question, and 1; 0: not yet known */
    struct map by_text;
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

static uint32_t times_set(const struct flow *flow, ir_id var)
{
    const struct ir_unit *unit = flow->fn->unit;
    const struct ir_fn *ir = flow->fn->ir;
    uint32_t count = ir_param(ir, var) >= 0;

    for (uint32_t i = 0; i < ir->op_count; i++)
        count += ir_op_sets(unit, &unit->ops.items[ir->first_op + i], var);
    return count;
}

/* `&var`, and not only what it points to. */
static bool is_address_of(const struct ir_unit *unit, ir_id id, ir_id var)
{
    const struct ir_expr *expr = &unit->exprs.items[id];

    if (expr->kind != IR_EXPR_ADDR)
        return false;
    expr = &unit->exprs.items[expr->a];
    return expr->kind == IR_EXPR_VAR && expr->var == var;
}

/* Whether others may set it, since they are given its address. */
static bool is_lent(const struct flow *flow, ir_id var)
{
    const struct ir_unit *unit = flow->fn->unit;
    const struct ir_fn *ir = flow->fn->ir;

    for (uint32_t i = 0; i < ir->op_count; i++) {
        const struct ir_op *op = &unit->ops.items[ir->first_op + i];

        if (op->kind == IR_ASSIGN && is_address_of(unit, op->b, var))
            return true;
        for (uint32_t k = 0; k < op->args.count; k++)
            if (is_address_of(unit, unit->lists.items[op->args.first + k], var))
                return true;
    }
    return false;
}

static bool is_written(const struct flow *flow, ir_id field)
{
    const struct ir_unit *unit = flow->fn->unit;
    const struct ir_fn *ir = flow->fn->ir;

    for (uint32_t i = 0; i < ir->op_count; i++) {
        const struct ir_op *op = &unit->ops.items[ir->first_op + i];
        const struct ir_expr *place = &unit->exprs.items[op->a];

        if (op->kind == IR_ASSIGN && place->kind == IR_EXPR_FIELD &&
            place->field == field)
            return true;
    }
    return false;
}

static bool is_steady(const struct flow *flow, ir_id id, int depth,
                      struct strbuf *variables);

static bool is_steady_call(const struct flow *flow, ir_id op, int depth,
                           struct strbuf *variables)
{
    const struct ir_unit *unit = flow->fn->unit;
    const struct site *site = site_at(flow, op);

    if (!site->callee.name || !asks(site->callee.name))
        return false;
    for (uint32_t i = 0; i < site->args.count; i++)
        if (!is_steady(flow, unit->lists.items[site->args.first + i], depth,
                       variables))
            return false;
    return true;
}

/* A flat switch over the kinds. Two variables may have one name. */
static bool is_steady(const struct flow *flow, ir_id id, int depth,
                      struct strbuf *variables)
{
    const struct ir_unit *unit = flow->fn->unit;
    const struct ir_expr *expr = &unit->exprs.items[id];

    if (depth == DEEPEST_QUESTION)
        return false;
    switch ((enum ir_expr_kind)expr->kind) {
    case IR_EXPR_CONST:
    case IR_EXPR_ZERO:
    case IR_EXPR_STRING:
    case IR_EXPR_FN:
    case IR_EXPR_GLOBAL:
        return true;
    case IR_EXPR_VAR:
        strbuf_printf(variables, "#%u", expr->var);
        return times_set(flow, expr->var) < 2 && !is_lent(flow, expr->var);
    case IR_EXPR_FIELD:
        return !is_written(flow, expr->field) &&
               is_steady(flow, expr->a, depth + 1, variables);
    case IR_EXPR_TEMP:
        return is_steady_call(flow, expr->op, depth + 1, variables);
    case IR_EXPR_DEREF:
    case IR_EXPR_ADDR:
    case IR_EXPR_UNARY:
        return is_steady(flow, expr->a, depth + 1, variables);
    case IR_EXPR_BINARY:
        return is_steady(flow, expr->a, depth + 1, variables) &&
               is_steady(flow, expr->b, depth + 1, variables);
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

static uint32_t number_of(struct doubts *doubts, const char *text)
{
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

    if (*known)
        return *known - 1;
    *known = 1;
    if (condition && is_steady(flow, condition, 0, &text)) {
        ir_expr_write(flow->fn->unit, ir, condition, &text);
        *known = number_of(doubts, strbuf_text(&text)) + 1;
    }
    return *known - 1;
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
        return;
    }
    if (state->answers.count < MOST_ANSWERS)
        vec_add(flow->arena, &state->answers, answer);
}

void question_answered(struct flow *flow, struct state *state, ir_id op,
                       bool is_true)
{
    uint32_t question = question_of(flow, op);

    if (question)
        answer_note(flow, state, (struct told){question, op, is_true});
}

void question_flagged(const struct step *step, struct state *state,
                      const struct path *flag, bool is_true)
{
    struct flow *flow = step->flow;
    struct strbuf text = {.arena = flow->arena};
    struct path kept_in = *flag;
    node_id place;

    kept_in.step_count--;
    place = path_place(flow, state, step->site, &kept_in);
    if (!place || node_is_stale(&flow->values, place))
        return;
    strbuf_printf(&text, "@%u", place);
    answer_note(flow, state,
                (struct told){number_of(doubts_get(flow), strbuf_text(&text)),
                              step->op, is_true});
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
}

bool questions_equal(const struct state *one, const struct state *two)
{
    if (one->answers.count != two->answers.count)
        return false;
    for (uint32_t i = 0; i < one->answers.count; i++)
        if (one->answers.items[i].question != two->answers.items[i].question ||
            one->answers.items[i].is_true != two->answers.items[i].is_true)
            return false;
    return true;
}
