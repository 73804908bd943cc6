/*
 * Critical sections: what is touched while a lock is held, where that is next
 * to nothing. One for each op that takes a lock; written down in the last
 * sweep.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_SECTION_H
#define ASYNCLINT_ENGINE_SECTION_H

#include "engine/event.h"

struct flow;
struct state;
struct site;

enum touch_kind {
    TOUCH_LOAD,
    TOUCH_STORE,
    TOUCH_CHANGE, /* loads, changes and stores: ++, +=, |= and the like */
};

/* The only thing that a section touches, apart from locals. */
struct touch {
    ir_id op; /* 0: nothing */
    enum touch_kind kind;
    enum ir_operator operator; /* of a CHANGE */
    ir_id place;               /* the expression */
    const char *datum;         /* named as the class of a lock there would be */
};

struct section {
    ir_id acquired;
    struct touch touch;
    bool has_more; /* other data, calls, or the same twice */
};

/* Before the op happens, in a state with locks held. */
void section_note(struct flow *flow, const struct state *state,
                  const struct site *site, ir_id op);

/* What is known of the section that begins with the op, or NULL: nothing
 * happens in it. */
const struct section *section_find(const struct fn *fn, ir_id acquired);

#endif
