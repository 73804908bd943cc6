/*
 * The EXAMPLE block of every rule, lifted out of rules/ by the build (see
 * cmake/generated.cmake). `explain` prints it, and a test lints it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_FINDINGS_RULE_EXAMPLES_H
#define ASYNCLINT_FINDINGS_RULE_EXAMPLES_H

struct rule_example {
    const char *id;   /* "blocking-lock-across-await" */
    const char *text; /* what stands between #ifdef EXAMPLE and #else */
    int first_line;   /* of the text, in rules/ID.c */
};

/* Sorted by id; an entry of NULLs follows the last. */
extern const struct rule_example rule_examples[];
extern const int rule_example_count;

#endif
