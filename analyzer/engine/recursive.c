/*
 * Static initialisers, see recursive.h. Behind
 * PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP and its like the IR only has what
 * glibc makes of it: a number in a field of the mutex.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/recursive.h"

#include <string.h>

#include "engine/attribute.h"

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
                ? attribute_class(unit->ir, lock, program->arena)
                : NULL;
    if (class)
        map_add_str(&program->recursive, class,
                    value->value == KIND_ERRORCHECK ? RECURSIVE_REFUSES
                                                    : RECURSIVE_COUNTS,
                    NULL);
}

void recursive_find(struct program *program)
{
    for (uint32_t i = 0; i < program->units.count; i++) {
        const struct unit *unit = &program->units.items[i];

        for (uint32_t k = 1; k < unit->ir->ops.count; k++)
            if (unit->ir->ops.items[k].kind == IR_ASSIGN)
                assignment_look(program, unit, &unit->ir->ops.items[k]);
    }
    attribute_find(program);
}
