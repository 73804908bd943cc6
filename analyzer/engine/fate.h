/*
 * Private to engine/: what is known of locks that are not held, a part of each
 * state.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_FATE_H
#define ASYNCLINT_ENGINE_FATE_H

#include "engine/event.h"
#include "engine/value.h"

struct state;

struct lock_fate {
    node_id lock;
    ir_id op; /* where it happened */
    uint8_t fate;
};

void fate_put(struct state *state, struct arena *arena, node_id lock,
              enum fate fate, ir_id op);
const struct lock_fate *fate_find(const struct state *state, node_id lock);
bool fate_is(const struct state *state, node_id lock, enum fate fate);
void fate_forget(struct state *state, node_id lock);
/* Forgets what lies in a variable that begins or ends. */
void fate_forget_inside(struct state *state, const struct values *values,
                        node_id place);
void fates_rename(struct state *state, struct values *values,
                  struct arena *arena, node_id from, node_id to);
bool fates_mention(const struct state *state, const struct values *values,
                   node_id value);
bool fates_equal(const struct state *one, const struct state *two);
/* Keeps in `one` what both know. */
void fates_join(struct state *one, const struct state *two,
                struct values *values, struct arena *arena);

#endif
