/*
 * Private to waits.c and waits_read.c: what a branch of a function asks that
 * may decide whether it waits.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_WAITS_READ_H
#define ASYNCLINT_ENGINE_WAITS_READ_H

#include "engine/flow.h"

enum { MOST_DECIDING = 16 }; /* parameters: the masks have as many bits */

enum wait_condition { IF_NONZERO, IF_ZERO, IF_LAST };

struct condition {
    enum wait_condition kind;
    uint32_t param;           /* but of IF_LAST */
    int64_t bits;             /* … these of it; 0: all */
    const struct path *field; /* what is kept there; NULL: the parameter */
    const char *memory;       /* … see flag.h */
};

/* One function that is asked. */
struct asked {
    struct flow *flow;
    enum event_kind kind;      /* what counts as a wait */
    struct waits *waits;       /* what is found */
    const struct state *entry; /* nothing has happened yet */
    uint32_t *block_of;        /* by op: the block it is in */
    uint16_t kept;             /* parameters that keep their values */
    ir_id *only;               /* by variable: all that it ever is, or 0 */
};

/* Which parameter of the function an expression is, or -1: none that keeps its
 * value. */
int waits_param(const struct asked *asked, ir_id expr);

/* What stands behind `!` and `== 0`, each of which turns `is_true` round, and
 * behind variables that are one thing only: `bool waits = !is_quick`. */
ir_id waits_strip(const struct asked *asked, ir_id expr, bool *is_true);

/* `flags & 4`: which bits of what. */
int64_t waits_bits(const struct ir_unit *unit, enum ir_operator operator,
                   ir_id * expr);

/* Whether the path is a field of what a parameter points to, which stays what
 * it was; then it is the condition's. */
bool waits_keeps_field(const struct asked *asked, const struct path *path,
                       struct condition *condition);

/* What it means that control goes that way; false: nothing here. */
bool waits_edge_says(const struct asked *asked, const struct ir_block *block,
                     const struct ir_edge *edge, struct condition *condition);

bool waits_is_same(const struct condition *one, const struct condition *two);

#endif
