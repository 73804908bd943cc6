/*
 * `asynclint why FUNCTION`: why it runs in a task, why it may suspend, why it
 * may block, each as the shortest chain of calls that shows it; or why not.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_WHY_H
#define ASYNCLINT_WHY_H

#include <stdio.h>

#include "base/err.h"
#include "engine/program.h"

/* `name` may say which of several: `helper`, or `src/a.c:helper`. False: there
 * is no such function. */
bool why_print(FILE *file, const struct program *program, const char *name,
               struct err *err);

/* Whether the name, as above, means this function. */
bool why_is_meant(const struct fn *fn, const char *name);

/* "there is no function …", with what was perhaps meant. */
bool why_name_fail(const struct program *program, const char *name,
                   struct err *err);

#endif
