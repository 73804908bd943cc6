/*
 * `asynclint locks`: one entry for each class of locks, with what the whole
 * program does to it: where it is taken and by whom, what happens meanwhile,
 * which other locks stand before and behind it, and which kind would do.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_LOCKS_H
#define ASYNCLINT_LOCKS_H

#include <stdio.h>

#include "base/err.h"
#include "findings/query.h"

/* By name of the class, so that two runs can be compared. False: it can't be
 * written. */
bool locks_print(FILE *file, struct program *program,
                 enum short_sections short_sections, struct err *err);

#endif
