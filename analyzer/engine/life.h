/*
 * Private to engine/: what happens to locks that are not held, and what is
 * known of them: made, given back, refused, destroyed, freed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_LIFE_H
#define ASYNCLINT_ENGINE_LIFE_H

#include "engine/flow.h"

/* The lock is given back, by hand; perhaps only, if that is not sure. */
void step_give(struct step *step, node_id lock, enum lock_mode mode,
               const struct lock_info *info, bool is_sure);
/* `if (threads) lock` in one callee, and `if (threads) unlock` in another: they
 * are a pair, and what they do concerns nobody else. Who gives it back at times
 * once more, where another one may have done so, adds nothing. */
bool life_give_back(struct step *step, node_id lock);
/* A lock is given back by a name that can't be followed (a choice, an address
 * that was calculated): it may be any that is held, if its class (or NULL) does
 * not say otherwise. */
void any_may_be_released(const struct step *step, node_id lock,
                         const char *class);
/* Of several that are held, one is given back by a name that does not tell
 * which; or of those that only a call's result is known by. */
void namesakes_may_be_released(const struct step *step, node_id lock,
                               const char *class);
/* A lock that is a part of the object is given back: if one is held, it. */
void part_release(struct step *step, node_id object);
void step_made(struct step *step, node_id lock, const struct lock_info *info);
void step_destroyed(struct step *step, node_id lock,
                    const struct lock_info *info);
void life_release(struct step *step, const struct effect *effect);
void life_make(struct step *step, const struct effect *effect);
void life_destroy(struct step *step, const struct effect *effect);
void life_allocate(struct step *step, const struct effect *effect);
void life_free(struct step *step, const struct effect *effect);
/* The memory has been allocated, with nothing in it. */
void life_raw(struct step *step, node_id memory);
/* At a return: whether that is what is returned. */
void life_exit(struct flow *flow, const struct state *state, ir_id op);
/* What was started, as far as the fate tells, did not start after all; or may
 * still run. */
bool life_has_not_started(struct flow *flow, const struct state *state,
                          ir_id call);
bool life_runs_on(struct flow *flow, const struct state *state,
                  const struct lock_fate *fate);
/* An attempt to take it left this state, without it. */
/* A robust mutex is had, too, by who is told that its owner has died: the state
 * in which the op's result says so; NULL: the function never asks for that. */
struct state *life_inherited(const struct step *step,
                             const struct effect *effect, struct state *failed);
void life_refused(const struct step *step, struct state *failed, node_id lock);
/* Whether it may be held though it is not known to be: taken by a callee that
 * does so at times, or by who is told that its last owner died. */
bool life_may_be_held(const struct step *step, node_id lock);
/* Taken by hand, after it was given back by hand under a guard; else false. */
bool life_regain(struct step *step, node_id lock);
/* Writes the lock's fate into an event. */
void life_record(const struct step *step, struct event *event, node_id lock);
/* A callee uses the lock, which may not be there (any more). */
void life_misuse(const struct step *step, node_id lock,
                 const struct lock_info *info);
/* What a place is a part of, by value. */
node_id life_whole(const struct values *values, node_id place);
/* From here on others may know the variable, whenever they are called. */
void life_escape(struct flow *flow, struct state *state, node_id value);
/* Whether it lies in a variable that nobody else knows. */
bool life_is_local(const struct flow *flow, node_id lock);
void life_begin(struct flow *flow, struct state *state, ir_id op);
void life_end(struct flow *flow, struct state *state, ir_id op);
void life_store(struct flow *flow, struct state *state, ir_id op, node_id place,
                node_id value);
/* ---- forget.c: after a call, what it may have changed is forgotten. */
/* Whether a function of that name may take a lock for its caller. */
bool life_is_locker(const char *name);
void life_call(struct step *step);
/* … and so is what was in the variables that it was given. */
void life_arguments_escape(const struct step *step, struct state *state);

#endif
