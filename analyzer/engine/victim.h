/*
 * Which functions may run in a thread that the program cancels: those that a
 * thread leads to whose handle is cancelled somewhere. A handle that leads to
 * no thread that is known cancels nobody.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_VICTIM_H
#define ASYNCLINT_ENGINE_VICTIM_H

#include "engine/calls.h"

enum {
    VICTIM_AT_POINTS = 1,
    VICTIM_ANYWHERE = 2, /* the thread has asked for it, and here it takes its
                            first lock, as calls go: what is behind that is the
                            same mistake */
};

/* What is so, by number of the function. */
const uint8_t *victims_find(const struct calls *calls, struct arena *arena);

#endif
