/*
 * Answers for rules, see query.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "findings/query_leak.h"

#include <string.h>

#include "findings/check.h"

#include "base/str.h"
#include "engine/cfg.h"
#include "ir/ir_print.h"

const struct event *event_of_kind(const struct event_list *events,
                                  const struct event *first,
                                  enum event_kind kind)
{
    const struct event *end = events->items.items + events->items.count;

    for (const struct event *event = first; event < end; event++)
        if (event->kind == kind)
            return event;
    return NULL;
}

static const struct held *held_get(const struct event *event, ir_id acquired,
                                   uint8_t slot)
{
    for (uint32_t i = 0; i < event->held.count; i++)
        if (event->held.items[i].acquired == acquired &&
            event->held.items[i].slot == slot)
            return &event->held.items[i];
    return NULL;
}

const struct held *query_held(const struct event *event,
                              const struct event *acquired)
{
    return held_get(event, acquired->op, acquired->slot);
}

const struct held *query_held_too(const struct event *event,
                                  const struct held *held)
{
    return held_get(event, held->acquired, held->slot);
}

bool query_is_async(const struct query *query, const struct event *event)
{
    return event_is_async(query->fn, event);
}

bool query_may_migrate(const struct query *query)
{
    const struct pack *own = query->fn->async_pack;
    int count;
    const struct pack *const *packs = model_packs(query->fn->view, &count);

    if (own && own->has_async)
        return own->is_multithread;
    for (int i = 0; i < count; i++)
        if (packs[i]->has_async && packs[i]->is_multithread)
            return true;
    return false;
}

bool query_is_sync(const struct query *query, const struct event *event)
{
    return event_is_sync(query->fn, event);
}

bool query_suspends(const struct query *query, const struct event *event)
{
    return event_suspends(query->fn, event);
}

/* `x == y` or `!x`: the answer to a question, though it may be an int. `x != 0`
 * and `!!x` may well stand for an error. */
static bool is_answer(const struct ir_unit *unit, ir_id id)
{
    const struct ir_expr *expr = &unit->exprs.items[id];

    if (expr->kind == IR_EXPR_UNARY && expr->operator== IR_NOT)
        return unit->exprs.items[expr->a].kind != IR_EXPR_UNARY;
    return expr->kind == IR_EXPR_BINARY && expr->operator== IR_EQ;
}

static bool returns_answers(const struct fn *fn)
{
    uint32_t count = 0;

    for (ir_id at = fn->ir->first_op; at < fn->ir->first_op + fn->ir->op_count;
         at++) {
        const struct ir_op *op = &fn->unit->ops.items[at];

        if (op->kind == IR_RETURN && op->a && !is_answer(fn->unit, op->a))
            return false;
        count += op->kind == IR_RETURN && op->a;
    }
    return count > 0;
}

/* `gboolean`, `BOOL`, `krb5_boolean`: an int by a name that says what it is. */
static bool returns_truth(const struct fn *fn)
{
    const struct ir_unit *unit = fn->unit;
    const struct ir_type *type = &unit->types.items[fn->symbol->type];

    if (type->kind == IR_TYPE_FUNCTION)
        type = &unit->types.items[type->of];
    for (; type->kind == IR_TYPE_TYPEDEF; type = &unit->types.items[type->of]) {
        const char *name =
            ir_text(unit, unit->symbols.items[type->symbol].name);

        if (strcasestr(name, "bool"))
            return true;
    }
    return type->kind == IR_TYPE_BOOL;
}

bool query_returns_truth(const struct query *query)
{
    return returns_truth(query->fn);
}

enum exit_bucket query_failure(const struct query *query)
{
    const struct ir_unit *unit = query->fn->unit;
    const struct ir_type *type =
        ir_type_returned(unit, query->fn->symbol->type);

    return type->kind == IR_TYPE_POINTER || returns_truth(query->fn) ||
                   returns_answers(query->fn)
               ? EXIT_ZERO
               : EXIT_NEGATIVE;
}

const struct class_info *query_class(const struct query *query,
                                     const char *class)
{
    return class_find(query->classes, class);
}

bool query_could_be_atomic(const struct class_info *info)
{
    return info->datum && info->loads.fn && info->changes.fn &&
           !info->more.fn && !info->kept.fn && !info->released_alone.fn &&
           !info->unsure.fn && !info->suspends.fn && !info->blocks.fn &&
           !info->doubted.fn;
}

static const char *fetch_name(enum ir_operator operator)
{
    switch (operator) {
    case IR_ADD:
        return "atomic_fetch_add";
    case IR_SUB:
        return "atomic_fetch_sub";
    case IR_AND:
        return "atomic_fetch_and";
    case IR_OR:
        return "atomic_fetch_or";
    default:
        return "atomic_fetch_xor";
    }
}

const char *query_atomic_words(struct check *check,
                               const struct evidence *section)
{
    const struct fn *fn = section->fn;
    const struct touch *touch = &section_find(fn, section->event->op)->touch;
    const struct ir_op *op = &fn->unit->ops.items[touch->op];
    struct strbuf text = {.arena = check_arena(check)};

    strbuf_add(&text, touch->kind == TOUCH_LOAD ? "atomic_load"
                      : touch->kind == TOUCH_STORE
                          ? "atomic_store"
                          : fetch_name(touch->operator));
    strbuf_add(&text, "(&");
    ir_expr_print(fn->unit, fn->ir, touch->place, &text);
    if (touch->kind != TOUCH_LOAD) {
        strbuf_add(&text, ", ");
        ir_expr_print(fn->unit, fn->ir,
                      touch->kind == TOUCH_CHANGE
                          ? fn->unit->exprs.items[op->b].b
                          : op->b,
                      &text);
    }
    strbuf_add(&text, ")");
    return strbuf_text(&text);
}

bool query_reports_short(const struct query *query, const struct event *event)
{
    const struct pack *lock_pack = event->meaning ? event->meaning->pack : NULL;
    int count;
    const struct pack *const *packs = model_packs(query->fn->view, &count);

    if (query->short_sections != SHORT_UNSAID)
        return query->short_sections == SHORT_REPORT;
    if (lock_pack && lock_pack->short_sections != SHORT_UNSAID)
        return lock_pack->short_sections == SHORT_REPORT;
    for (int i = 0; i < count; i++)
        if (packs[i]->has_async && packs[i]->short_sections != SHORT_UNSAID)
            return packs[i]->short_sections == SHORT_REPORT;
    return false;
}

const char *query_instead(const struct query *query, const struct event *event)
{
    return event->meaning ? model_instead_find(query->fn->view, event->meaning)
                          : NULL;
}

bool query_is_ambient(const struct query *query, const struct lock_info *lock)
{
    int count;
    const struct pack *const *packs = model_packs(query->fn->view, &count);

    for (int i = 0; i < count; i++)
        for (uint32_t k = 0; k < packs[i]->ambient.count; k++)
            if (!strcmp(packs[i]->ambient.items[k], lock->class))
                return true;
    return false;
}

bool query_is_unused(const struct query *query, ir_id call)
{
    return query->fn->unit->ops.items[call].flags &
           (IR_OP_UNUSED | IR_OP_VOIDED);
}

/* Of a lock that no pack knows, any that the unit uses may say it. */
enum policy query_policy(const struct query *query, const struct event *event,
                         enum section_kind sections)
{
    enum policy policy = POLICY_REPORT;
    int count;
    const struct pack *const *packs = model_packs(query->fn->view, &count);

    if (query->reports_all)
        return POLICY_REPORT;
    if (event->meaning)
        return event->meaning->pack->policies[sections];
    for (int i = 0; policy == POLICY_REPORT && i < count; i++)
        policy = packs[i]->policies[sections];
    return policy;
}

lock_cycle_list query_lock_cycles(const struct query *query)
{
    return cycles_find(query->order, query->overlap);
}

lock_cycle_list query_lock_pairs(const struct query *query)
{
    return cycles_of_pairs(query->order, query->overlap);
}

bool query_is_acquisition(const struct query *query)
{
    return meaning_has(model_function_find(query->fn->view, query->fn->name),
                       EFFECT_ACQUIRE);
}

bool lock_is_blocking(const struct lock_info *lock)
{
    return lock->kind == LOCK_BLOCKING || lock->kind == LOCK_SPIN;
}

const char *query_witness(struct check *check, const struct query *query,
                          const struct held *held)
{
    const struct ir_unit *unit = query->fn->unit;
    const struct ir_op *branch = &unit->ops.items[held->branch];
    struct arena *arena = check_arena(check);
    const char *text;

    if (held->must)
        return "";
    if (!held->branch)
        return ", on some paths";
    text = ir_expr_text(unit, query->fn->ir, branch->a, arena);
    if (strstr(text, "…"))
        return arena_printf(arena, ", on a path through line %u",
                            branch->loc.line);
    return arena_printf(arena, ", when '%s' is %s", text,
                        held->branch_taken ? "true" : "false");
}

struct span query_span(const struct query *query, ir_id op)
{
    const struct ir_unit *unit = query->fn->unit;
    const struct ir_loc *loc = &unit->ops.items[op].loc;

    return (struct span){
        .file = ir_text(unit, unit->files.items[loc->file].path),
        .line = loc->line,
        .column = loc->column,
        .end_line = loc->end_line,
        .end_column = loc->end_column,
    };
}

bool query_is_plainly_asked(const struct query *query, ir_id call)
{
    const struct ir_unit *unit = query->fn->unit;
    const struct ir_fn *ir = query->fn->ir;

    for (ir_id at = ir->first_op; at < ir->first_op + ir->op_count; at++) {
        const struct ir_expr *expr = &unit->exprs.items[unit->ops.items[at].a];

        if (unit->ops.items[at].kind != IR_BRANCH)
            continue;
        while (expr->kind == IR_EXPR_UNARY ||
               (expr->kind == IR_EXPR_BINARY &&
                unit->exprs.items[expr->b].kind == IR_EXPR_CONST &&
                !unit->exprs.items[expr->b].value))
            expr = &unit->exprs.items[expr->a];
        if (expr->kind == IR_EXPR_TEMP && expr->op == call)
            return true;
    }
    return false;
}

bool query_always_comes(const struct query *query, ir_id first, ir_id then)
{
    return cfg_always_leads_to(query->fn, first, then);
}

bool query_comes_back(const struct query *query, ir_id op)
{
    return cfg_comes_back(query->fn, op);
}
