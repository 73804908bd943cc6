/*
 * Which questions are one, see asked.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/asked.h"

#include <string.h>
#include <strings.h>

#include "engine/cfg.h"
#include "ir/ir_print.h"
#include "ir/ir_same.h"

enum { DEEPEST_QUESTION = 8 };

struct asked {
    uint32_t *of_op; /* the number of the question, and 1; 0: not yet known */
    struct map by_text;
    VEC(bool) is_shared; /* by question: it is about more than variables */
    VEC(struct asked_bound) bounds; /* … and which number it asks for */
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
            cfg_leads_to(flow->fn, op, ir->first_op + i))
            return true;
    }
    return false;
}

/* Whether a branch is about that place. */
static bool is_asked(const struct flow *flow, ir_id place)
{
    const struct ir_unit *unit = flow->fn->unit;
    const struct ir_fn *ir = flow->fn->ir;

    for (uint32_t i = 0; i < ir->op_count; i++) {
        const struct ir_op *op = &unit->ops.items[ir->first_op + i];
        const struct ir_expr *expr = &unit->exprs.items[op->a];

        if (op->kind == IR_BRANCH &&
            ir_expr_is_same(unit, place,
                            expr->kind == IR_EXPR_BINARY ? expr->a : op->a))
            return true;
    }
    return false;
}

/* What the variable is a copy of, if it is given nothing else on
 * the way to the op: a field that the function does not set, and asks for, too.
 */
static ir_id copied_from(const struct flow *flow, ir_id id, ir_id at)
{
    const struct ir_unit *unit = flow->fn->unit;
    const struct ir_fn *ir = flow->fn->ir;
    const struct ir_expr *expr = &unit->exprs.items[id];
    ir_id found = id;

    for (uint32_t i = 0; expr->kind == IR_EXPR_VAR && i < ir->op_count; i++) {
        const struct ir_op *op = &unit->ops.items[ir->first_op + i];

        if (!ir_op_sets(unit, op, expr->var) ||
            !cfg_leads_to(flow->fn, ir->first_op + i, at))
            continue;
        if (found != id || unit->exprs.items[op->b].kind != IR_EXPR_FIELD ||
            is_set_behind(flow, &unit->exprs.items[op->b], ir->first_op))
            return id;
        found = op->b;
    }
    return found != id && is_asked(flow, found) ? found : id;
}

/* What is asked, and where. */
struct asking {
    const struct flow *flow;
    ir_id op;
    struct strbuf *variables; /* two may have one name */
    bool *is_shared;
};

/* `args.flags`, and calls are given `&args`: as good as `args->flags`. */
static bool is_lent_record(const struct asking *asking,
                           const struct ir_expr *expr)
{
    if (expr->kind != IR_EXPR_VAR ||
        is_set_behind(asking->flow, expr, asking->op))
        return false;
    *asking->is_shared = true;
    return true;
}

static bool is_steady(const struct asking *asking, ir_id id, int depth);

static bool is_steady_call(const struct asking *asking, ir_id op, int depth)
{
    const struct flow *flow = asking->flow;
    const struct ir_unit *unit = flow->fn->unit;
    const struct site *site = site_at(flow, op);

    if (!site->callee.name ||
        (!asks(site->callee.name) &&
         !(site->callee.meaning && site->callee.meaning->has_same_result)))
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
    ir_id from;

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
        if (is_set_behind(flow, expr, asking->op) || is_lent(flow, expr->var))
            return false;
        from = copied_from(flow, id, asking->op);
        if (from != id)
            return is_steady(asking, from, depth + 1);
        strbuf_printf(asking->variables, "#%u", expr->var);
        return true;
    case IR_EXPR_FIELD:
        return !is_set_behind(flow, expr, asking->op) &&
               (is_steady(asking, expr->a, depth + 1) ||
                is_lent_record(asking, &unit->exprs.items[expr->a]));
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

static struct asked *asked_get(struct flow *flow)
{
    struct asked *asked = flow->asked;

    if (asked)
        return asked;
    asked = arena_alloc(flow->arena, sizeof(*asked));
    *asked = (struct asked){
        .of_op =
            arena_array(flow->arena, flow->fn->ir->op_count, sizeof(uint32_t)),
        .by_text.arena = flow->arena,
    };
    flow->asked = asked;
    return asked;
}

static uint32_t number_of(struct flow *flow, const char *text, bool is_shared)
{
    struct asked *asked = asked_get(flow);
    struct asked_bound none = {0};

    vec_add(flow->arena, &asked->is_shared, is_shared);
    vec_add(flow->arena, &asked->bounds, none);
    return *map_add_str(&asked->by_text, text, ++asked->count, NULL);
}

/* `variables` is what both texts begin with: see is_steady. */
static struct asked_bound bound_of(struct flow *flow, ir_id op, ir_id condition,
                                   const char *variables)
{
    const struct ir_unit *unit = flow->fn->unit;
    const struct ir_expr *expr = &unit->exprs.items[condition];
    struct asked_bound bound = {.operator= IR_NE };
    struct strbuf text = {.arena = flow->arena};
    ir_id subject = condition;

    if (expr->kind == IR_EXPR_BINARY && expr->operator>= IR_EQ) {
        if (unit->exprs.items[expr->b].kind != IR_EXPR_CONST)
            return bound;
        bound.operator= expr->operator;
        bound.number = unit->exprs.items[expr->b].value;
        subject = expr->a;
    } else if (expr->kind != IR_EXPR_VAR && expr->kind != IR_EXPR_FIELD &&
               expr->kind != IR_EXPR_GLOBAL) {
        return bound;
    }
    strbuf_printf(&text, "=%s", variables);
    ir_expr_write(unit, flow->fn->ir, copied_from(flow, subject, op), &text);
    bound.subject = number_of(flow, strbuf_text(&text), false);
    return bound;
}

/* `kind = header->kind; if (header->kind == JOIN) …; if (kind == JOIN) …` */
static void question_write(const struct flow *flow, ir_id op, ir_id condition,
                           struct strbuf *text)
{
    const struct ir_unit *unit = flow->fn->unit;
    const struct ir_expr *expr = &unit->exprs.items[condition];
    ir_id from = copied_from(
        flow, expr->kind == IR_EXPR_BINARY ? expr->a : condition, op);

    ir_expr_write(unit, flow->fn->ir, from, text);
    if (expr->kind != IR_EXPR_BINARY)
        return;
    strbuf_printf(text, " %u ", expr->operator);
    ir_expr_write(unit, flow->fn->ir, expr->b, text);
}

uint32_t asked_at(struct flow *flow, ir_id op)
{
    const struct ir_fn *ir = flow->fn->ir;
    ir_id condition = flow->fn->unit->ops.items[op].a;
    struct strbuf text = {.arena = flow->arena};
    struct asked *asked = asked_get(flow);
    uint32_t *known = &asked->of_op[op - ir->first_op];
    bool is_shared = false;
    struct asked_bound bound;

    if (*known)
        return *known - 1;
    *known = 1;
    if (condition && is_steady(&(struct asking){flow, op, &text, &is_shared},
                               condition, 0)) {
        bound = bound_of(flow, op, condition, strbuf_text(&text));
        question_write(flow, op, condition, &text);
        *known = number_of(flow, strbuf_text(&text), is_shared) + 1;
        asked->bounds.items[*known - 2] = bound;
    }
    return *known - 1;
}

uint32_t asked_text(struct flow *flow, const char *text)
{
    return number_of(flow, text, true);
}

bool asked_is_shared(struct flow *flow, uint32_t question)
{
    return asked_get(flow)->is_shared.items[question - 1];
}

struct asked_bound asked_bound(struct flow *flow, uint32_t question)
{
    return asked_get(flow)->bounds.items[question - 1];
}

/* The numbers of which the answer is right: a range, or all but `number`. */
struct numbers {
    int64_t low;
    int64_t high;
    bool is_without;
};

static struct numbers numbers_of(const struct asked_bound *bound, bool is_true)
{
    struct numbers numbers = {INT64_MIN, INT64_MAX, false};
    enum ir_operator operator= bound->operator;
    bool is_less = operator== IR_LT || operator== IR_LE;
    bool has_number = (operator== IR_LE || operator== IR_GE) == is_true;

    if (operator== IR_EQ || operator== IR_NE) {
        if ((operator== IR_EQ) == is_true)
            numbers.low = numbers.high = bound->number;
        else
            numbers.is_without = true;
    } else if (is_less == is_true) {
        numbers.high = bound->number - !has_number;
    } else {
        numbers.low = bound->number + !has_number;
    }
    return numbers;
}

bool asked_contradict(const struct asked_bound *one, bool one_is_true,
                      const struct asked_bound *two, bool two_is_true)
{
    struct numbers first = numbers_of(one, one_is_true);
    struct numbers second = numbers_of(two, two_is_true);
    int64_t low = first.low > second.low ? first.low : second.low;
    int64_t high = first.high < second.high ? first.high : second.high;

    return low > high ||
           (low == high && ((first.is_without && one->number == low) ||
                            (second.is_without && two->number == low)));
}
