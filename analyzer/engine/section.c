/*
 * Looking at what a critical section touches, see section.h. It is small if
 * one op of it reads or writes one number or pointer; everything else, a call
 * above all, makes it more.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/section.h"

#include <string.h>

#include "engine/flow.h"
#include "ir/ir_same.h"

/* The data that one op touches. */
struct finder {
    const struct ir_unit *unit;
    ir_id loaded; /* the only place that is read, or 0 */
    bool has_more;
};

/* Of locals, addresses and constants only: it touches no shared memory. */
static bool is_private(const struct ir_unit *unit, ir_id at)
{
    const struct ir_expr *expr = &unit->exprs.items[at];

    switch ((enum ir_expr_kind)expr->kind) {
    case IR_EXPR_NONE:
    case IR_EXPR_CONST:
    case IR_EXPR_STRING:
    case IR_EXPR_FN:
    case IR_EXPR_VAR:
    case IR_EXPR_TEMP:
    case IR_EXPR_ZERO:
        return true;
    case IR_EXPR_UNARY:
        return is_private(unit, expr->a);
    case IR_EXPR_BINARY:
        return is_private(unit, expr->a) && is_private(unit, expr->b);
    default:
        return false;
    }
}

/* The object that a place is in is found without touching shared memory. */
static bool is_direct(const struct ir_unit *unit, ir_id at)
{
    const struct ir_expr *expr = &unit->exprs.items[at];

    while (expr->kind == IR_EXPR_FIELD)
        expr = &unit->exprs.items[expr->a];
    if (expr->kind == IR_EXPR_GLOBAL)
        return true;
    return expr->kind == IR_EXPR_DEREF && is_private(unit, expr->a);
}

static void load_add(struct finder *finder, ir_id at)
{
    if (!ir_type_is_scalar(finder->unit, finder->unit->exprs.items[at].type) ||
        !is_direct(finder->unit, at) ||
        (finder->loaded && !ir_expr_is_same(finder->unit, finder->loaded, at)))
        finder->has_more = true;
    finder->loaded = at;
}

static void loads_find(struct finder *finder, ir_id at)
{
    const struct ir_expr *expr = &finder->unit->exprs.items[at];

    switch ((enum ir_expr_kind)expr->kind) {
    case IR_EXPR_GLOBAL:
    case IR_EXPR_FIELD:
    case IR_EXPR_DEREF:
        load_add(finder, at);
        break;
    case IR_EXPR_UNARY:
        loads_find(finder, expr->a);
        break;
    case IR_EXPR_BINARY:
        loads_find(finder, expr->a);
        loads_find(finder, expr->b);
        break;
    default:
        finder->has_more |= !is_private(finder->unit, at);
        break;
    }
}

/* Whether the machine has one instruction for it. */
static bool is_fetch(enum ir_operator operator)
{
    return operator== IR_ADD || operator== IR_SUB || operator== IR_AND ||
    operator== IR_OR ||
    operator== IR_XOR;
}

static void store_find(struct finder *finder, const struct ir_op *op,
                       struct touch *touch)
{
    const struct ir_unit *unit = finder->unit;
    const struct ir_expr *value = &unit->exprs.items[op->b];
    bool is_local = unit->exprs.items[op->a].kind == IR_EXPR_VAR;

    loads_find(finder, op->b);
    touch->kind = TOUCH_LOAD;
    touch->place = finder->loaded;
    if (is_local)
        return;
    touch->kind = finder->loaded ? TOUCH_CHANGE : TOUCH_STORE;
    touch->place = op->a;
    finder->has_more |=
        !is_direct(unit, op->a) ||
        !ir_type_is_scalar(unit, unit->exprs.items[op->a].type) ||
        (finder->loaded && !ir_expr_is_same(unit, finder->loaded, op->a));
    if (touch->kind != TOUCH_CHANGE || finder->has_more)
        return;
    touch->operator=(enum ir_operator) value->operator;
    finder->has_more =
        value->kind != IR_EXPR_BINARY || !is_fetch(touch->operator) ||
        !ir_expr_is_same(unit, value->a, op->a) || !is_private(unit, value->b);
}

static bool only_releases(const struct site *site)
{
    const struct meaning *meaning = site->callee.meaning;

    if (site->callee.is_covered)
        return true;
    if (!meaning || !meaning->effect_count || answer_can_be(meaning->blocks))
        return false;
    for (int i = 0; i < meaning->effect_count; i++)
        if (meaning->effects[i].kind != EFFECT_RELEASE &&
            meaning->effects[i].kind != EFFECT_GUARD_DROP)
            return false;
    return true;
}

static struct touch op_touch(struct flow *flow, const struct site *site,
                             ir_id at, bool *has_more)
{
    const struct ir_op *op = &flow->fn->unit->ops.items[at];
    struct finder finder = {.unit = flow->fn->unit};
    struct touch touch = {0};

    switch ((enum ir_op_kind)op->kind) {
    case IR_CALL:
        finder.has_more = !only_releases(site);
        break;
    case IR_ASM:
    case IR_INDIRECT:
        finder.has_more = true;
        break;
    case IR_ASSIGN:
        store_find(&finder, op, &touch);
        break;
    case IR_EVAL:
    case IR_BRANCH:
    case IR_SWITCH:
    case IR_RETURN:
        loads_find(&finder, op->a);
        touch.place = finder.loaded;
        break;
    default:
        break;
    }
    touch.op = touch.place ? at : 0;
    *has_more = finder.has_more;
    return touch;
}

static const char *datum_name(const struct flow *flow, ir_id place)
{
    const struct ir_unit *unit = flow->fn->unit;
    const struct ir_expr *expr = &unit->exprs.items[place];

    if (expr->kind == IR_EXPR_FIELD)
        return name_field(unit, expr->field, flow->program->arena);
    if (expr->kind == IR_EXPR_GLOBAL)
        return ir_text(unit, unit->symbols.items[expr->symbol].usr);
    return NULL;
}

static struct section *section_get(struct flow *flow, ir_id acquired)
{
    struct fn *fn = flow->fn;
    struct section section = {.acquired = acquired};

    for (uint32_t i = 0; i < fn->sections.count; i++)
        if (fn->sections.items[i].acquired == acquired)
            return &fn->sections.items[i];
    vec_add(flow->program->arena, &fn->sections, section);
    return vec_last(&fn->sections);
}

static void touch_add(struct section *section, const struct touch *touch)
{
    if (!section->touch.op)
        section->touch = *touch;
    else if (section->touch.op != touch->op)
        section->has_more = true;
}

void section_note(struct flow *flow, const struct state *state,
                  const struct site *site, ir_id op)
{
    bool has_more;
    struct touch touch;

    if (!flow->is_recording || !state->held.count)
        return;
    touch = op_touch(flow, site, op, &has_more);
    if (!touch.op && !has_more)
        return;
    if (touch.op)
        touch.datum = datum_name(flow, touch.place);
    for (uint32_t i = 0; i < state->held.count; i++) {
        const struct held_lock *held = &state->held.items[i];
        struct section *section;

        if (!held->depth)
            continue;
        section = section_get(flow, held->acquired);
        section->has_more |= has_more || (touch.op && !touch.datum);
        if (touch.op)
            touch_add(section, &touch);
    }
}

const struct section *section_find(const struct fn *fn, ir_id acquired)
{
    for (uint32_t i = 0; i < fn->sections.count; i++)
        if (fn->sections.items[i].acquired == acquired)
            return &fn->sections.items[i];
    return NULL;
}
