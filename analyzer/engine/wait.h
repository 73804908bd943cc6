/*
 * Private to engine/: what wait.c knows of a call that waits, for who else
 * writes down events.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_WAIT_H
#define ASYNCLINT_ENGINE_WAIT_H

#include "engine/flow.h"

/* A condition says that it does not wait after all. */
bool wait_is_exempt(const struct step *step);
bool wait_is_acquisition(const struct meaning *meaning);
/* What the effect waits for or wakes, named as the class of a lock is. */
void wait_subject(const struct step *step, const struct effect *effect,
                  struct event *event);

#endif
