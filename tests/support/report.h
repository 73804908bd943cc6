/*
 * Diagnostics made by hand, and what a printer makes of them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TESTS_SUPPORT_REPORT_H
#define TESTS_SUPPORT_REPORT_H

#include "output/output.h"

struct report {
    struct arena arena;
    struct diag_list list;
    struct diag *diag; /* the last one added */
};

void diag_new(struct report *report, enum severity severity,
              const char *message);

/* On one line. */
void mark_add(struct report *report, enum mark_role role, const char *file,
              uint32_t line, uint32_t column, uint32_t length,
              const char *text);

typedef bool (*printer)(const struct output *, const struct diag_list *,
                        struct err *);

/* What it prints; to be freed. */
char *printed(struct report *report, struct output output, printer print);

/* The report prints as that, and is finished. */
void prints_as(struct report *report, struct output output, printer print,
               const char *expected);

#endif
