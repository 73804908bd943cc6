/*
 * Private to engine/: locks that are held around a parameter that is run.
 * What it takes inside is known where it is given: by the function's callers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_RUN_H
#define ASYNCLINT_ENGINE_RUN_H

#include "engine/flow.h"

/* At a call: of a parameter, written down for callers; of a function that runs
 * what it is given here, applied to that; of one that starts a thread or task,
 * applied to what that takes. In the last sweep only. */
void run_notice(const struct step *step);

#endif
