/*
 * Findings in the form of gcc's messages, one a line, for editors and problem
 * matchers: `file:line:col: warning: message [rule-id]`.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_OUTPUT_GCC_H
#define ASYNCLINT_OUTPUT_GCC_H

#include "output/output.h"

/* Prints a sorted list. False with the reason when it can't be written. */
bool gcc_print(const struct output *output, const struct diag_list *list,
               struct err *err);

#endif
