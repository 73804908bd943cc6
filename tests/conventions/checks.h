/*
 * The conventions, one function each. Those that take a source look at one
 * file and are silent about files that they don't concern; those that take a
 * tree compare files with one another.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_TESTS_CONVENTIONS_CHECKS_H
#define ASYNCLINT_TESTS_CONVENTIONS_CHECKS_H

#include "conventions/report.h"
#include "conventions/source.h"

/* The arrows between the rooms of DESIGN §1, and who sees which library. */
void check_includes(struct report *report, const struct source *source);

/* File and function lengths: the table of sizes in CONTRIBUTING.md. */
void check_sizes(struct report *report, const struct source *source);
void check_width(struct report *report, const struct source *source);

/* How a file opens, that what is left to do has an issue, which words stay
 * out of the tree. */
void check_purpose(struct report *report, const struct source *source);
void check_todo(struct report *report, const struct source *source);
void check_places(struct report *report, const struct source *source);

/* How messages are spelled, and that a rule has one name in three places. */
void check_messages(struct report *report, const struct source *source);
void check_rule_names(struct report *report, const struct source *source);

/* Every folder that holds something explains itself. */
void check_readmes(struct report *report, const struct tree *tree);

/* `commands` is the text of compile_commands.json, in which every source of
 * the analyzer must occur. */
void check_built(struct report *report, const struct tree *tree,
                 const char *commands);

#endif
