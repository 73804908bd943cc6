/*
 * What the tests of input/source ask: from paths to units, as text.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TESTS_SUPPORT_UNITS_H
#define TESTS_SUPPORT_UNITS_H

#include "input/source.h"
#include "support/place.h"

/* Paths are split at blanks. */
struct args units_args(struct place *place, const char *paths);

struct source_list units_build(struct place *place, const struct args *args);

/* "file|flags" of each unit, a line each. */
const char *units_text(struct place *place, const struct source_list *list);

/* The paths give these units, and these notes, a line each. */
void units_expect(struct place *place, const char *paths, const char *units,
                  const char *notes);

/* The paths give this error. */
void units_refuse(struct place *place, const char *paths, const char *sentence);

#endif
