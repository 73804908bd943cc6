/*
 * Private to engine/: descriptors of which only the code around a call tells
 * that they don't block. Whoever asks, behind a call that failed, whether it
 * would have had to wait (`errno == EAGAIN`) reckons with one.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_EXPECTS_H
#define ASYNCLINT_ENGINE_EXPECTS_H

#include "engine/flow.h"

/* Whether somebody asks that of the call, before another one is made that
 * could have had to wait. */
bool expects_not_to_block(struct flow *flow, ir_id call);

#endif
