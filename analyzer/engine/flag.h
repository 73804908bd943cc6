/*
 * Private to engine/: flags that decide whether a function does to a lock what
 * its summary says: `if (threaded) lock(…)`. A flag is a parameter, or it is
 * kept in a global or a field, and then it must be the same all the time: who
 * writes it, or calls who does, knows nothing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_FLAG_H
#define ASYNCLINT_ENGINE_FLAG_H

#include "engine/flow.h"
#include "engine/when.h"

/* For TAKES and GIVES: whether a parameter (or `of_memory`: a global or field)
 * is set at all exits that do it, and at no other; or the other way round. */
bool flag_find(const struct flow *flow, const enum at_exit *exits,
               struct lock_effect *effect, bool of_memory);

/* For USES: what is known in this state of a global or field that is one. */
struct flag flag_here(const struct flow *flow, const struct state *state);
/* … and a callee's, as our callers would say it. */
struct flag flag_handed(const struct step *step, const struct flag *flag);
bool flag_is_same(const struct flag *one, const struct flag *two);

/* In the caller: adds states until each of them says what the flags are, by
 * which locks are taken and given back. */
void flag_split(const struct step *step, const struct lock_effects *effects,
                state_list *states);

/* In the caller, after that: whether it is known to be what it must not, … */
bool flag_rules_out(const struct step *step, const struct state *state,
                    const struct flag *flag);
/* … or it is, whoever may write it: for USES, where doubt is silent, … */
bool flag_contradicts(const struct step *step, const struct state *state,
                      const struct flag *flag);
/* … or nobody can tell what it is. */
bool flag_is_vague(const struct step *step, const struct flag *flag);

#endif
