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

#endif
