/*
 * What the checks found: complaints, which fail the test, and sizes above
 * their aim, which are only told.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_TESTS_CONVENTIONS_REPORT_H
#define ASYNCLINT_TESTS_CONVENTIONS_REPORT_H

#include <stddef.h>

/* A file that need not pass one check, with the reason why not. */
struct exception {
    const char *check;
    const char *path;
    const char *reason;
};

struct report {
    const char *check; /* the check that is running */
    const struct exception
        *exceptions; /* ends with a NULL check; may be NULL */
    char **complaints;
    size_t complaint_count;
    char **overruns; /* sizes above their aim and below their stop */
    size_t overrun_count;
};

/* Adds "path:line: message", unless the path is an exception. */
void report_complain(struct report *report, const char *path, int line,
                     const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void report_overrun(struct report *report, const char *path, int line,
                    const char *format, ...)
    __attribute__((format(printf, 4, 5)));

void report_print(const struct report *report);
void report_finish(struct report *report);

#endif
