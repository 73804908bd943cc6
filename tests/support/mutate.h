/*
 * Texts that are nearly what they were: what editors leave half written, what
 * merges spoil, and what nobody would write.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TESTS_SUPPORT_MUTATE_H
#define TESTS_SUPPORT_MUTATE_H

#include "base/arena.h"
#include "support/chance.h"

struct text {
    const char *bytes; /* there may be NULs among them */
    size_t length;
};

/* `text` with one to eight faults; some are pieces of `other`. It lives in
 * the arena. */
struct text mutate(struct arena *arena, struct chance *chance, struct text text,
                   struct text other);

#endif
