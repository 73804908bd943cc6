/*
 * Private to engine/: locks that a callee takes inside, whatever happens to
 * them then.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_INHERIT_USE_H
#define ASYNCLINT_ENGINE_INHERIT_USE_H

#include "engine/flow.h"

/* What was asked of the call last, for a callee takes many locks of one
 * argument under one condition; zeroed, nothing was. It holds until the step's
 * state changes. */
struct asked {
    int param; /* counting from 1 */
    node_id value;
    bool is_plain;                    /* it is handed on, see pass_on.h */
    const struct lock_effect *effect; /* … whose conditions hold … */
    const struct state *there;        /* … here, see when_used_by */
};

/* Of `effect`, a USES: what is wrong with it here, and our callers are told. */
void inherit_use(struct step *step, struct lock_effect *effect,
                 struct asked *asked);

/* What is wrong with it here, of one that a pointer's function takes; how sure
 * it is that this one runs. */
void inherit_retake(struct step *step, const struct lock_effect *effect,
                    enum tristate answer);

#endif
