/*
 * Static initialisers and helpers, see recursive.h. Behind
 * PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP and its like the IR only has what
 * glibc makes of it: a number in a field of the mutex.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/recursive.h"

#include <string.h>

#include "engine/callee.h"
#include "engine/name.h"

/* glibc's, and what it holds in a mutex that its owner may lock again or is
 * refused to: PTHREAD_MUTEX_RECURSIVE_NP, PTHREAD_MUTEX_ERRORCHECK_NP. */
static const char KIND_FIELD[] = "__kind";
enum { KIND_RECURSIVE = 1, KIND_ERRORCHECK = 2 };

static bool is_lock(const struct unit *unit, ir_id type)
{
    const struct ir_type *found = &unit->ir->types.items[type];
    const struct type_meaning *meaning =
        found->kind == IR_TYPE_TYPEDEF
            ? model_type_find(unit->view, ir_text(unit->ir, found->name))
            : NULL;

    return meaning && meaning->traits & TYPE_LOCK;
}

/* Named as a lock in that place is; NULL: it is no one's but a function's. */
static const char *class_of(const struct unit *unit, ir_id place,
                            struct arena *arena)
{
    const struct ir_unit *ir = unit->ir;
    const struct ir_expr *expr = &ir->exprs.items[place];
    const char *base;

    switch ((enum ir_expr_kind)expr->kind) {
    case IR_EXPR_GLOBAL:
        return ir_text(ir, ir->symbols.items[expr->symbol].usr);
    case IR_EXPR_FIELD:
        return name_field(ir, expr->field, arena);
    case IR_EXPR_INDEX:
        base = class_of(unit, expr->a, arena);
        return base ? arena_printf(arena, "%s[]", base) : NULL;
    default:
        return NULL;
    }
}

static void assignment_look(struct program *program, const struct unit *unit,
                            const struct ir_op *op)
{
    const struct ir_unit *ir = unit->ir;
    const struct ir_expr *place = &ir->exprs.items[op->a];
    const struct ir_expr *value = &ir->exprs.items[op->b];
    const char *class;
    ir_id lock = op->a;

    if (place->kind != IR_EXPR_FIELD || value->kind != IR_EXPR_CONST ||
        (value->value != KIND_RECURSIVE && value->value != KIND_ERRORCHECK) ||
        strcmp(ir_text(ir, ir->fields.items[place->field].name), KIND_FIELD) !=
            0)
        return;
    while (ir->exprs.items[lock].kind == IR_EXPR_FIELD &&
           !is_lock(unit, ir->exprs.items[lock].type))
        lock = ir->exprs.items[lock].a;
    class = is_lock(unit, ir->exprs.items[lock].type)
                ? class_of(unit, lock, program->arena)
                : NULL;
    if (class)
        map_add_str(&program->recursive, class, 1, NULL);
}

static ir_id argument(const struct ir_unit *ir, const struct ir_op *op,
                      const struct place *place)
{
    if (place->base != PLACE_ARG || place->arg < 0 ||
        (uint32_t)place->arg >= op->args.count)
        return 0;
    return ir->lists.items[op->args.first + (uint32_t)place->arg];
}

/* The call makes an attribute that says so, with the number written out. */
static bool sets_attribute(const struct ir_unit *ir, const struct ir_op *op,
                           const struct effect *effect)
{
    const struct exemption *condition = effect->conditions;
    struct place value = {.base = PLACE_ARG};
    const struct ir_expr *expr;

    if (effect->kind != EFFECT_LOCK_ATTRIBUTE || effect->condition_count != 1 ||
        condition->kind != UNLESS_ARG_EQUALS)
        return false;
    value.arg = condition->arg;
    expr = &ir->exprs.items[argument(ir, op, &value)];
    return expr->kind == IR_EXPR_CONST && expr->value == condition->value;
}

/* The parameter that a helper makes recursive for its caller, or -1: it sets
 * an attribute and initialises with attributes what it was handed. */
static int helper_param(const struct fn *fn)
{
    const struct ir_unit *ir = fn->unit;
    bool is_set = false;
    int param = -1;

    for (uint32_t i = 0; i < fn->callees->items.count; i++) {
        const struct callee_site *site = &fn->callees->items.items[i];
        const struct meaning *meaning =
            site->callee.is_call ? site->callee.meaning : NULL;
        const struct ir_op *op = &ir->ops.items[site->op];

        for (int k = 0; meaning && k < meaning->effect_count; k++) {
            const struct effect *effect = &meaning->effects[k];
            const struct ir_expr *lock =
                &ir->exprs.items[argument(ir, op, &effect->on)];

            is_set |= sets_attribute(ir, op, effect);
            if (effect->kind == EFFECT_LOCK_INIT &&
                argument(ir, op, &effect->attributes) &&
                lock->kind == IR_EXPR_VAR &&
                lock->var - fn->ir->first_var < fn->ir->param_count)
                param = (int)(lock->var - fn->ir->first_var);
        }
    }
    return is_set ? param : -1;
}

/* What the function hands to such helpers. */
static void helpers_look(struct program *program, const int *params,
                         const struct fn *fn)
{
    const struct ir_unit *ir = fn->unit;
    const struct unit *unit = &program->units.items[fn->unit_number];

    for (uint32_t i = 0; i < fn->callees->items.count; i++) {
        const struct callee_site *site = &fn->callees->items.items[i];
        const struct fn *body = site->callee.body;
        struct place handed = {.base = PLACE_ARG, .arg = -1};
        const struct ir_expr *lock;
        const char *class;

        if (body)
            handed.arg = params[body->number];
        lock =
            &ir->exprs.items[argument(ir, &ir->ops.items[site->op], &handed)];
        class = lock->kind == IR_EXPR_ADDR
                    ? class_of(unit, lock->a, program->arena)
                    : NULL;
        if (class)
            map_add_str(&program->recursive, class, 1, NULL);
    }
}

static void helpers_find(struct program *program)
{
    uint32_t count = program->fns.count;
    int *params = arena_array(program->arena, count, sizeof(*params));

    for (uint32_t i = 0; i < count; i++)
        params[i] = helper_param(program->fns.items[i]);
    for (uint32_t i = 0; i < count; i++)
        helpers_look(program, params, program->fns.items[i]);
}

void recursive_find(struct program *program)
{
    for (uint32_t i = 0; i < program->units.count; i++) {
        const struct unit *unit = &program->units.items[i];

        for (uint32_t k = 1; k < unit->ir->ops.count; k++)
            if (unit->ir->ops.items[k].kind == IR_ASSIGN)
                assignment_look(program, unit, &unit->ir->ops.items[k]);
    }
    helpers_find(program);
}
