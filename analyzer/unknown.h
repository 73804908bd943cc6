/*
 * `asynclint unknown`: calls in async code that lead where nothing is known,
 * the ones that the summary counts, by what is called. Who describes the first
 * few in a pack has told asynclint most of what it misses.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_UNKNOWN_H
#define ASYNCLINT_UNKNOWN_H

#include <stdio.h>

#include "base/err.h"
#include "engine/program.h"

/* How many such calls there are. */
uint32_t unknown_count(const struct program *program);

/* The most frequent first. False: it can't be written. */
bool unknown_print(FILE *file, const struct program *program, struct err *err);

#endif
