/*
 * Private to engine/: questions by number, from 1. One question is the same
 * text, of what is read only from there on: fields and locals that the function
 * does not set any more and nobody else can, functions whose names ask (`is_`,
 * `has_`, `test_`).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_ASKED_H
#define ASYNCLINT_ENGINE_ASKED_H

#include "engine/flow.h"

/* The question that a branch asks; 0: none. */
uint32_t asked_at(struct flow *flow, ir_id op);

/* The one that a text stands for, about what others may write. */
uint32_t asked_text(struct flow *flow, const char *text);

/* Whether it is about more than the function's own variables. */
bool asked_is_shared(struct flow *flow, uint32_t question);

/* A question that compares something with a number: `count > 1`, or `count` by
 * itself, which is another one than 0. */
struct asked_bound {
    uint32_t subject; /* what is compared: the same number is the same thing;
                         0: the question is another one */
    enum ir_operator operator;
    int64_t number;
};
struct asked_bound asked_bound(struct flow *flow, uint32_t question);
/* Whether the two answers can't both be right of one number. */
bool asked_contradict(const struct asked_bound *one, bool one_is_true,
                      const struct asked_bound *two, bool two_is_true);

#endif
