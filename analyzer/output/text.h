/*
 * Findings for people: a sentence, the source lines that matter with what
 * happens at them, then why and what to do.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_OUTPUT_TEXT_H
#define ASYNCLINT_OUTPUT_TEXT_H

#include "output/output.h"

/* Prints a sorted list. False with the reason when it can't be written. */
bool text_print(const struct output *output, const struct diag_list *list,
                struct err *err);

/* "3 findings (1 error, 2 warnings) in 2 of 6 files". */
bool text_summary_print(const struct output *output,
                        const struct diag_list *list, struct err *err);

#endif
