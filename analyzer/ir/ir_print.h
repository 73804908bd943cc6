/*
 * The IR as text: what `--dump=ir` shows, and how messages name things.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_IR_IR_PRINT_H
#define ASYNCLINT_IR_IR_PRINT_H

#include "base/str.h"
#include "ir/ir.h"

/* For messages, the expression as the code writes it: `room->lock`,
 * `&queue[i].mutex`, `lock_of(room)->word`; `…` where it is too long. */
void ir_expr_write(const struct ir_unit *unit, const struct ir_fn *fn,
                   ir_id expr, struct strbuf *out);

/* The same as a text in the arena. */
const char *ir_expr_text(const struct ir_unit *unit, const struct ir_fn *fn,
                         ir_id expr, struct arena *arena);

/* The same for dumps: call results print as `%7`, numbered inside the function
 * that `fn` starts, and what has no name as `$4`. */
void ir_expr_print(const struct ir_unit *unit, const struct ir_fn *fn,
                   ir_id expr, struct strbuf *out);

/* One op, without its newline. */
void ir_op_print(const struct ir_unit *unit, const struct ir_fn *fn,
                 const struct ir_op *op, struct strbuf *out);

/* `-> b3 if true, b4 if false`: the ways out of a block. */
void ir_edges_print(const struct ir_unit *unit, const struct ir_fn *fn,
                    const struct ir_block *block, struct strbuf *out);

/* `static void f(struct s *p) async` and the like: the first line. */
void ir_fn_head_print(const struct ir_unit *unit, const struct ir_fn *fn,
                      struct strbuf *out);

void ir_unit_print(const struct ir_unit *unit, struct strbuf *out);

#endif
