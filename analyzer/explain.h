/*
 * `asynclint explain RULE` and `asynclint rules`: what a rule says, why, what
 * to do instead, and its example, which is the one that the tests lint.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_EXPLAIN_H
#define ASYNCLINT_EXPLAIN_H

#include <stdio.h>

#include "findings/check.h"

void explain_print(FILE *file, const struct rule *rule);
void explain_list_print(FILE *file);

#endif
