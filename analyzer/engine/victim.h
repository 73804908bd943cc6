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

enum victim {
    VICTIM_NEVER,
    VICTIM_AT_POINTS,
    VICTIM_ANYWHERE, /* the thread has asked for it */
};

/* By number of the function. */
const enum victim *victims_find(const struct calls *calls, struct arena *arena);

#endif
