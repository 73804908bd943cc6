/*
 * Who is called, and what does that mean? One answer for each call and each
 * macro expansion of a function, from the model and the linked program,
 * independent of any state; found once, in the same table for everyone who
 * asks.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_CALLEE_H
#define ASYNCLINT_ENGINE_CALLEE_H

#include "engine/program.h"

struct callee {
    const char *name;              /* as called: `ops->flush` */
    const struct meaning *meaning; /* what a pack says, or NULL */
    struct fn *body;               /* its body, or NULL */
    struct fn_list now;            /* what else it runs before it returns: the
                                      other targets of a pointer, callbacks */
    struct fn_group *group; /* … as one, if others share them; or NULL */
    const struct pack *async_pack; /* marked async, or may suspend by marker */
    bool is_call;                  /* a CALL (not a macro or another op) */
    bool is_indirect;              /* through a pointer nothing is known of */
    bool is_awaited;               /* an await marker stands before it */
    bool is_last;      /* nothing comes back from it: it ends the program */
    bool is_covered;   /* inside a macro whose meaning a pack gives */
    bool is_offloaded; /* … or in a body that one runs on the pool */
    bool may_block;    /* the field or type of the pointer says so */
};

/* A call, or an expansion of a macro that a pack knows, of one function. */
struct callee_site {
    ir_id op;
    struct callee callee;
};

/* All of a function's sites in the order of its ops. */
struct callee_table {
    VEC(struct callee_site) items;
};

/* Answers for every call of the program once and for all: `fn->callees`; and
 * notes what each function stores in fields: `fn->stores`. To be called when
 * function pointers are solved, which they are by asking here. */
void callee_solve(struct program *program);

/* The answer for one op; `name` lives in the program's arena. */
struct callee callee_find(const struct program *program, const struct fn *fn,
                          const struct ir_op *op);

/* `Record.field`, without `struct`: how packs name a field. */
const char *callee_field_name(struct arena *arena, const struct ir_unit *unit,
                              const struct ir_field *field);

/* Whether an expansion around an op of `macro` says already what happens. */
bool callee_is_covered(const struct fn *fn, ir_id macro);

/* How sure a call is to suspend, or to block, by what is known of its callee;
 * conditions on its arguments are not looked at. */
enum tristate callee_suspends(const struct callee *callee);
/* The same for a caller that is in no task. */
enum tristate callee_suspends_outside(const struct callee *callee);
enum tristate callee_blocks(const struct callee *callee);

/* When the call has its argument `arg` run, if that is a function. */
enum timing callee_runs(const struct callee *callee, uint32_t arg);

#endif
