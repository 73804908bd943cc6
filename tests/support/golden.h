/*
 * Golden files: what a program printed, compared with a file, or written there
 * when BLESS is set in the environment.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TESTS_SUPPORT_GOLDEN_H
#define TESTS_SUPPORT_GOLDEN_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"

/* Fails the test where the two part. */
void golden_compare(struct arena *arena, const char *path, const char *got);

/* One test for each file that the pattern finds, called by its name without the
 * folder, which is the test's state. Returns how many have failed. */
int golden_run(const char *group, const char *pattern, CMUnitTestFunction test);

#endif
