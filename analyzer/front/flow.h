/*
 * Private to front/: one function under construction. Ops are emitted into
 * the current block; blocks are made in any order and come out in the order
 * in which they were started, without those that nothing leads to.
 *
 * Scopes: every local variable whose end of life counts (it has a cleanup
 * attribute, or is a record) is on a chain. Whatever leaves it (the end of
 * its block, return, break, continue, goto) emits what leaving does: the
 * cleanup's call, then SCOPE_EXIT.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_FRONT_FLOW_H
#define ASYNCLINT_FRONT_FLOW_H

#include "front/lower.h"

/* A local variable whose end of life counts, linked to the one around it. */
struct scope {
    struct scope *outer;
    ir_id var;
    ir_id cleanup; /* symbol, or 0 */
    uint32_t depth;
};

/* An op with its number in the order of emission, which TEMPs refer to until
 * the function is finished. */
struct built_op {
    struct ir_op op;
    uint32_t number;
};

struct block_build {
    VEC(struct built_op) ops;
    VEC(struct ir_edge) edges;
    uint32_t flags;
    bool is_started;
    bool is_ended;
};

struct label {
    uint32_t block;
    struct scope *scope;
    bool is_placed;
    bool is_address_taken;
};

/* A goto whose label may stand further down. */
struct pending_goto {
    uint32_t from;
    uint32_t label;
    struct scope *scope;
    struct ir_loc loc;
};

struct jump_target {
    uint32_t block;
    struct scope *scope;
    const struct jump_target *outer; /* what a break around it would mean */
    bool is_hidden;                  /* of a loop that a macro hides */
    bool is_last; /* nothing follows that loop in the one around it */
};

struct switch_build {
    uint32_t dispatch; /* the block that ends in SWITCH */
    bool has_default;
    VEC(struct ir_edge) cases;
    struct scope *scope;
};

/* An expansion that is open while its pieces are lowered. */
struct open_macro {
    struct text_point at; /* of its name, in the file */
    ir_id macro;
    bool is_begun;    /* its MACRO_BEGIN has been emitted */
    text_ranges args; /* where they stand */
    unsigned *found;  /* by argument: where the expression ends that was met for
                         it; 0: none was */
    struct open_macro *outer;
};

/* Where what is being lowered stands. Most cursors lead to no op, and asking
 * libclang for lines and columns is dear: it is asked when that is wanted. */
struct where {
    struct ir_loc loc;
    CXSourceRange range;
    bool is_due; /* `loc` has to be read from `range` */
};

/* One function under construction. */
struct fn_build {
    struct arena arena;
    struct ir_fn fn;
    VEC(struct block_build) blocks;
    VEC(uint32_t) order; /* blocks as they were started */
    VEC(struct label) labels;
    VEC(struct pending_goto) gotos;
    struct map var_by_decl;
    struct map label_by_decl;
    ir_id first_expr;
    uint32_t current; /* block */
    struct scope *scope;
    struct jump_target *break_target;
    struct jump_target *continue_target;
    struct switch_build *switch_build;
    bool is_last; /* nothing follows this statement in the loop's body */
    struct open_macro *macro;
    ir_id macro_context; /* for ops: 0 in code written by hand */
    struct where where;  /* of what is being lowered */
    uint32_t depth;
    uint32_t op_total;
    const char *trouble; /* why it is not analysed, or NULL */
};

void flow_init(struct lower *lower, struct fn_build *build);
/* Where ops are from now on, and where they are. */
void flow_loc_set(struct lower *lower, struct ir_loc loc);
struct ir_loc flow_loc(struct lower *lower);
/* The op that was emitted, good until the next one; its id in the function
 * being built counts from 0. Unreachable code is lowered all the same. */
struct ir_op *flow_emit(struct lower *lower, struct ir_op op, ir_id *id);
uint32_t flow_block_new(struct lower *lower, uint32_t flags);
void flow_block_start(struct lower *lower, uint32_t block);
void flow_jump(struct lower *lower, uint32_t to, uint32_t flags);
void flow_branch(struct lower *lower, ir_id condition, uint32_t if_true,
                 uint32_t if_false);
void flow_end(struct lower *lower, enum ir_op_kind kind, ir_id value,
              uint32_t flags);
void flow_edge_add(struct lower *lower, uint32_t from, struct ir_edge edge);
void scope_push(struct lower *lower, ir_id var, ir_id cleanup);
/* Emits what leaving scopes does, innermost first; they stay open. */
void scope_leave(struct lower *lower, const struct scope *until);
/* The same, and closes them; falls through. */
void scope_pop(struct lower *lower, struct scope *until);
uint32_t label_get(struct lower *lower, CXCursor label);
void label_place(struct lower *lower, uint32_t label);
void label_goto(struct lower *lower, uint32_t label);
void label_goto_any(struct lower *lower, ir_id address);
/* Whether nothing can follow in the current block. */
bool flow_has_ended(const struct lower *lower);
/* Moves the finished function into the unit's tables. */
void flow_finish(struct lower *lower);

/* ---- macro.c */
struct macro_mark {
    struct open_macro *outer;
    ir_id context;
    struct where where;
    bool is_pushed;
    bool is_statement;
};
/* Around the lowering of every cursor: opens the expansion it came out of,
 * if that is not open yet, and sets the place for its ops. */
struct macro_mark macro_enter(struct lower *lower, CXCursor cursor,
                              bool is_statement);
void macro_leave(struct lower *lower, struct macro_mark mark);
/* Remembers that this expression is what an argument became. */
void macro_argument(struct lower *lower, CXCursor cursor, ir_id expr);
/* Emits the MACRO_BEGINs that are due. */
void macro_flush(struct lower *lower);
/* A `;` behind an expansion to nothing at all. */
void macro_nothing(struct lower *lower, CXCursor null_stmt);

#endif
