/*
 * The whole program, one call a stage.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_PIPELINE_H
#define ASYNCLINT_PIPELINE_H

#include "input/args.h"

enum exit_status {
    STATUS_CLEAN,
    STATUS_FINDINGS, /* at or above the fail level */
    STATUS_UNUSABLE, /* usage, configuration, internal error */
    STATUS_PARTIAL,  /* --strict: something was not analysed */
};

/* The stages that `--dump` can print, NULL-terminated. */
extern const char *const pipeline_stages[];

/* Checks what the arguments name, sources or (`link`) facts of sources, and
 * prints what it finds. */
enum exit_status pipeline_run(const struct args *args);

/* One line on stderr for people: "asynclint: KIND" and the text, which may
 * hold names from the tree and is made harmless. */
void pipeline_tell(const char *kind, const char *text);

#endif
