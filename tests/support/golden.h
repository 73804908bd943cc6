/*
 * Golden files: what a program printed, compared with a file, or written there
 * when BLESS is set in the environment.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TESTS_SUPPORT_GOLDEN_H
#define TESTS_SUPPORT_GOLDEN_H

#include "base/arena.h"

/* Fails the test where the two part. */
void golden_compare(struct arena *arena, const char *path, const char *got);

#endif
