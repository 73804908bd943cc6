/*
 * Field-based points-to for function pointers, see pointer.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/pointer.h"

#include <stdio.h>
#include <string.h>

#include "engine/callee.h"

enum {
    LONGEST_KEY = 512, /* names are shorter; a longer one is cut, and equal
                          cuts only make one more possible target */
    MOST_COPIED = 32,  /* targets that come by way of parameters: what more
                          callers hand over is one of many, which tells nothing
                          of any */
};

struct key {
    char text[LONGEST_KEY];
};

/* What is stored in one place is stored in the other, too. */
struct copy {
    uint32_t from; /* in program->targets */
    uint32_t to;
};

struct copies {
    struct arena arena;
    VEC(struct copy) items;
};

/* Behind what is there; too long a name is cut. */
static size_t key_put(struct key *key, size_t length, const char *text)
{
    const char *end =
        memccpy(key->text + length, text, '\0', sizeof(key->text) - length);

    if (end)
        return (size_t)(end - 1 - key->text);
    key->text[sizeof(key->text) - 1] = '\0';
    return sizeof(key->text) - 1;
}

/* Names the storage that a place is part of; false: none that is shared. */
static bool key_of(const struct ir_unit *unit, ir_id place, struct key *key)
{
    const struct ir_expr *expr = &unit->exprs.items[place];
    const struct ir_field *field;
    size_t length;

    while (expr->kind == IR_EXPR_INDEX)
        expr = &unit->exprs.items[expr->a];
    if (expr->kind == IR_EXPR_FIELD) {
        field = &unit->fields.items[expr->field];
        length = key_put(
            key, 0, ir_text(unit, unit->records.items[field->record].name));
        length = key_put(key, length, ".");
        key_put(key, length, ir_text(unit, field->name));
        return true;
    }
    if (expr->kind == IR_EXPR_GLOBAL) {
        key_put(key, 0, ir_text(unit, unit->symbols.items[expr->symbol].usr));
        return true;
    }
    return false;
}

/* Of an array's element it is the array and the number, where that is known;
 * else the array and `?`. False: the place is no element. */
static bool element_key(const struct ir_unit *unit, ir_id place, bool is_known,
                        struct key *key)
{
    const struct ir_expr *expr = &unit->exprs.items[place];
    const struct ir_expr *index = &unit->exprs.items[expr->b];
    size_t length;

    if (expr->kind != IR_EXPR_INDEX || !key_of(unit, expr->a, key))
        return false;
    length = strlen(key->text);
    if (!is_known || index->kind != IR_EXPR_CONST ||
        unit->exprs.items[expr->a].kind == IR_EXPR_INDEX)
        snprintf(key->text + length, sizeof(key->text) - length, "[?]");
    else
        snprintf(key->text + length, sizeof(key->text) - length, "[%lld]",
                 (long long)index->value);
    return true;
}

static uint32_t storage(struct program *program, const struct key *key)
{
    struct fn_list none = {0};
    bool is_new;
    uint32_t at = *map_add_str(&program->pointers, key->text,
                               program->targets.count, &is_new);

    if (is_new)
        vec_add(program->arena, &program->targets, none);
    return at;
}

static void target_add(struct program *program, const struct key *key,
                       struct fn *fn)
{
    uint32_t at = storage(program, key);

    fn_list_add(program->arena, &program->targets.items[at], fn);
}

static bool points_to_function(const struct ir_unit *unit, ir_id type)
{
    const struct ir_type *pointer = ir_type_strip(unit, type);

    return pointer->kind == IR_TYPE_POINTER &&
           ir_type_strip(unit, pointer->of)->kind == IR_TYPE_FUNCTION;
}

/* What is stored there has no body here. */
static void outside_add(struct program *program, const struct key *key,
                        const struct ir_unit *unit, ir_id expr)
{
    const struct ir_expr *given = &unit->exprs.items[expr];
    uint32_t at = storage(program, key);
    struct fn_list *list = &program->targets.items[at];
    const char *name;

    if (given->kind == IR_EXPR_CONST)
        return;
    name = given->kind == IR_EXPR_FN
               ? ir_text(unit, unit->symbols.items[given->symbol].name)
               : NULL;
    list->has_others |=
        !name || (list->outside && strcmp(list->outside, name) != 0);
    list->outside = name;
}

static void stored_add(struct program *program, const struct key *key,
                       const struct ir_unit *unit, const struct ir_op *assign)
{
    struct fn *fn = program_fn_named(program, unit, assign->b);

    if (fn)
        target_add(program, key, fn);
    else
        outside_add(program, key, unit, assign->b);
}

static void unit_gather(struct program *program, const struct ir_unit *unit)
{
    for (uint32_t i = 1; i < unit->ops.count; i++) {
        const struct ir_op *op = &unit->ops.items[i];
        struct key key;

        if (op->kind != IR_ASSIGN ||
            (!program_fn_named(program, unit, op->b) &&
             !points_to_function(unit, unit->exprs.items[op->a].type)))
            continue;
        if (key_of(unit, op->a, &key))
            stored_add(program, &key, unit, op);
        if (element_key(unit, op->a, true, &key))
            stored_add(program, &key, unit, op);
    }
}

int pointer_param(const struct fn *fn, ir_id expr)
{
    const struct ir_expr *found = &fn->unit->exprs.items[expr];
    int param = found->kind == IR_EXPR_VAR ? ir_param(fn->ir, found->var) : -1;

    return param < MOST_PARAMS ? param : -1;
}

enum timing pointer_param_timing(const struct fn *fn, uint32_t param)
{
    return param < MOST_PARAMS ? (enum timing)fn->param_timings[param]
                               : TIMING_UNKNOWN;
}

/* What runs now runs now, whatever else happens to it. */
static bool param_learn(struct fn *fn, int param, enum timing timing)
{
    uint8_t *known = param >= 0 ? &fn->param_timings[param] : NULL;

    if (!known || timing == TIMING_UNKNOWN || *known == TIMING_NOW ||
        *known == (uint8_t)timing ||
        (*known != TIMING_UNKNOWN && timing != TIMING_NOW))
        return false;
    *known = (uint8_t)timing;
    return true;
}

static bool params_learn(const struct program *program, struct fn *fn)
{
    const struct ir_unit *unit = fn->unit;
    bool has_grown = false;

    for (uint32_t i = 0; i < fn->ir->op_count; i++) {
        const struct ir_op *op = &unit->ops.items[fn->ir->first_op + i];

        if (op->kind != IR_CALL)
            continue;
        has_grown |= param_learn(fn, pointer_param(fn, op->a), TIMING_NOW);
        for (uint32_t arg = 0; arg < op->args.count; arg++) {
            int param = pointer_param(fn, ir_list_at(unit, op->args, arg));

            if (param >= 0) {
                struct callee callee = callee_find(program, fn, op);

                has_grown |= param_learn(fn, param, callee_runs(&callee, arg));
            }
        }
    }
    return has_grown;
}

bool pointer_takes_functions(const struct fn *fn)
{
    for (uint32_t i = 0; i < fn->ir->param_count; i++) {
        if (points_to_function(
                fn->unit, fn->unit->vars.items[fn->ir->first_var + i].type))
            return true;
    }
    return false;
}

/* A parameter is a storage of its own, named by its function's number; so is
 * what the program shares. */
static bool storage_key(const struct fn *fn, ir_id expr, struct key *key)
{
    int param = pointer_param(fn, expr);

    if (param < 0)
        return key_of(fn->unit, expr, key);
    snprintf(key->text, sizeof(key->text), "#%u.%d", fn->number, param);
    return true;
}

/* What `expr` holds is given to the storage. */
static void copy_add(struct program *program, struct copies *copies,
                     const struct fn *fn, ir_id expr, const struct key *to)
{
    struct fn *given = program_fn_named(program, fn->unit, expr);
    struct key from;

    if (given)
        target_add(program, to, given);
    else if (points_to_function(fn->unit, fn->unit->exprs.items[expr].type) &&
             storage_key(fn, expr, &from))
        vec_add(&copies->arena, &copies->items,
                ((struct copy){storage(program, &from), storage(program, to)}));
}

/* Of what a pack knows, the pack says what becomes of its arguments. */
static void call_gather(struct program *program, struct copies *copies,
                        const struct fn *fn, const struct ir_op *op)
{
    struct callee callee = callee_find(program, fn, op);
    struct key to;

    if (callee.meaning || !callee.body || !ir_call_symbol(fn->unit, op))
        return;
    for (uint32_t arg = 0;
         arg < op->args.count && arg < callee.body->ir->param_count &&
         arg < MOST_PARAMS;
         arg++) {
        snprintf(to.text, sizeof(to.text), "#%u.%u", callee.body->number, arg);
        copy_add(program, copies, fn, ir_list_at(fn->unit, op->args, arg), &to);
    }
}

static bool gives_functions(const struct fn *fn, const struct ir_op *op)
{
    const struct ir_unit *unit = fn->unit;

    for (uint32_t i = 0; op->kind == IR_CALL && i < op->args.count; i++) {
        ir_id arg = ir_list_at(unit, op->args, i);

        if (unit->exprs.items[arg].kind == IR_EXPR_FN ||
            points_to_function(unit, unit->exprs.items[arg].type))
            return true;
    }
    return false;
}

static void fn_gather(struct program *program, struct copies *copies,
                      const struct fn *fn)
{
    const struct ir_unit *unit = fn->unit;
    struct key to;

    for (uint32_t i = 0; i < fn->ir->op_count; i++) {
        const struct ir_op *op = &unit->ops.items[fn->ir->first_op + i];

        if (gives_functions(fn, op))
            call_gather(program, copies, fn, op);
        if (op->kind != IR_ASSIGN ||
            !points_to_function(unit, unit->exprs.items[op->a].type))
            continue;
        if (key_of(unit, op->a, &to))
            copy_add(program, copies, fn, op->b, &to);
        if (element_key(unit, op->a, true, &to))
            copy_add(program, copies, fn, op->b, &to);
    }
}

static bool copy_apply(struct program *program, const struct copy *copy)
{
    const struct fn_list *from = &program->targets.items[copy->from];
    struct fn_list *to = &program->targets.items[copy->to];
    bool has_grown = false;

    for (uint32_t i = 0; i < from->items.count && to->items.count < MOST_COPIED;
         i++)
        has_grown |= fn_list_add(program->arena, to, from->items.items[i]);
    to->is_handed |= has_grown;
    return has_grown;
}

static void copies_solve(struct program *program)
{
    struct copies copies = {0};
    bool has_grown = true;

    for (uint32_t i = 0; i < program->fns.count; i++)
        fn_gather(program, &copies, program->fns.items[i]);
    while (has_grown) {
        has_grown = false;
        for (uint32_t i = 0; i < copies.items.count; i++)
            has_grown |= copy_apply(program, &copies.items.items[i]);
    }
    arena_finish(&copies.arena);
}

void pointer_solve(struct program *program)
{
    bool has_grown = true;

    program->pointers.arena = program->arena;
    for (uint32_t i = 0; i < program->units.count; i++)
        unit_gather(program, program->units.items[i].ir);
    copies_solve(program);
    while (has_grown) {
        has_grown = false;
        for (uint32_t i = 0; i < program->fns.count; i++)
            if (pointer_takes_functions(program->fns.items[i]))
                has_grown |= params_learn(program, program->fns.items[i]);
    }
}

ir_id pointer_symbol(const struct fn *fn, ir_id expr)
{
    const struct ir_unit *unit = fn->unit;
    const struct ir_expr *found = &unit->exprs.items[expr];
    ir_id symbol = 0;

    if (found->kind != IR_EXPR_VAR || pointer_param(fn, expr) >= 0)
        return 0;
    for (uint32_t i = 0; i < fn->ir->op_count; i++) {
        const struct ir_op *op = &unit->ops.items[fn->ir->first_op + i];
        const struct ir_expr *given;

        if (!ir_op_sets(unit, op, found->var))
            continue;
        given = &unit->exprs.items[op->b];
        if ((given->kind != IR_EXPR_FN && given->kind != IR_EXPR_GLOBAL) ||
            (symbol && symbol != given->symbol))
            return 0;
        symbol = given->symbol;
    }
    return symbol;
}

struct fn_list pointer_given(const struct program *program, const struct fn *fn,
                             ir_id expr)
{
    struct fn *given = program_fn_named(program, fn->unit, expr);
    struct fn_list list = {0};

    if (!given)
        return points_to_function(fn->unit, fn->unit->exprs.items[expr].type)
                   ? pointer_targets(program, fn, expr)
                   : list;
    vec_add(program->arena, &list.items, given);
    return list;
}

/* What one element of an array holds, if whatever is stored there is stored by
 * a known number. */
static const uint32_t *element_find(const struct program *program,
                                    const struct ir_unit *unit, ir_id expr)
{
    struct key any, known;

    if (!element_key(unit, expr, true, &known) ||
        !element_key(unit, expr, false, &any))
        return NULL;
    return map_find_str(&program->pointers, any.text)
               ? NULL
               : map_find_str(&program->pointers, known.text);
}

/* What is known of the storage that the pointer is read from, or NULL. */
static const struct fn_list *stored_find(const struct program *program,
                                         const struct fn *fn, ir_id expr)
{
    const uint32_t *at = element_find(program, fn->unit, expr);
    struct key key;

    if (!at && key_of(fn->unit, expr, &key))
        at = map_find_str(&program->pointers, key.text);
    return at ? &program->targets.items[*at] : NULL;
}

const char *pointer_outside(const struct program *program, const struct fn *fn,
                            ir_id expr)
{
    const struct fn_list *stored = stored_find(program, fn, expr);

    return stored && !stored->items.count && !stored->has_others
               ? stored->outside
               : NULL;
}

struct fn_list pointer_targets(const struct program *program,
                               const struct fn *fn, ir_id expr)
{
    const struct ir_expr *found = &fn->unit->exprs.items[expr];
    const struct fn_list *stored;
    struct fn_list list = {0};
    struct fn *target;
    ir_id symbol;

    if (found->kind == IR_EXPR_VAR) {
        symbol = pointer_symbol(fn, expr);
        target = symbol ? program_fn_find(program, fn->unit, symbol) : NULL;
        if (target)
            vec_add(program->arena, &list.items, target);
        return list;
    }
    stored = stored_find(program, fn, expr);
    if (!stored)
        return list;
    list = *stored;
    list.is_shared = true;
    return list;
}
