/*
 * Private to spin.c and spin_progress.c: one loop, and whether its rounds on
 * which nothing waits get on.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_SPIN_LOOP_H
#define ASYNCLINT_ENGINE_SPIN_LOOP_H

#include "engine/program.h"
#include "ir/ir_ask.h"

struct loop {
    const struct fn *fn;
    uint32_t head;
    bool *waits; /* by block: a call there suspends, blocks, or may do it */
    bool *whole; /* is part of the loop */
    bool *round; /* … of a way round on which nothing waits */
    bool *from;  /* can be reached from the head on such a way */
};

enum progress { PROGRESS_NONE, PROGRESS_BY_OTHERS, PROGRESS_MADE };

/* Over all branches on the way round by which it, or the loop, is left. */
enum progress loop_progress(const struct loop *loop);

#endif
