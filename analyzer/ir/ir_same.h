/*
 * What is the same: two expressions of a unit, or something and a part of one;
 * and fields and globals across units, which number them alone.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_IR_IR_SAME_H
#define ASYNCLINT_IR_IR_SAME_H

#include <stdbool.h>

#include "ir/ir.h"

/* Written alike: variables, globals, their fields, and what they point to.
 * Anything else is the same as itself only. */
bool ir_expr_is_same(const struct ir_unit *unit, ir_id one, ir_id two);

/* Whether the expression is made of that variable (VAR), or of the result of
 * that op (TEMP). */
bool ir_expr_mentions(const struct ir_unit *unit, ir_id expr,
                      enum ir_expr_kind kind, ir_id what);
/* Whether the op does, other than by giving that variable a value. */
bool ir_op_mentions(const struct ir_unit *unit, const struct ir_op *op,
                    enum ir_expr_kind kind, ir_id what);

/* Whether the expression is the result of that call, or a variable that is
 * given it. */
bool ir_is_result_of(const struct ir_unit *unit, const struct ir_fn *fn,
                     ir_id expr, ir_id call);

/* A field or a global, by the names that are the same in all units. */
struct ir_named {
    const char *record; /* NULL: a global */
    const char *name;   /* of a global: its linker name */
};

/* False when the expression is neither. */
bool ir_named_of(const struct ir_unit *unit, const struct ir_expr *expr,
                 struct ir_named *named);
bool ir_named_has(const struct ir_named *list, uint32_t count,
                  struct ir_named wanted);

#endif
