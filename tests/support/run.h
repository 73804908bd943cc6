/*
 * Running programs, above all asynclint itself: with arguments, in a
 * directory, and never for longer than we have patience.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TESTS_SUPPORT_RUN_H
#define TESTS_SUPPORT_RUN_H

#include <stdbool.h>

#include "base/arena.h"

enum { RUN_PATIENCE_MS = 60000 };

struct ran {
    int status; /* what it exited with, or 128 + the signal that killed it */
    const char *out;
    const char *err;
};

/* Runs argv[0] (found in PATH) with argv, up to a NULL, in `directory` (NULL:
 * the current one). The environment has $ASYNCLINT, the program under test,
 * and nothing that changes how it prints. A program that takes too long is
 * killed and fails the test. */
struct ran run(struct arena *arena, const char *directory,
               const char *const *argv);

/* The same for a shell's script: `"$ASYNCLINT" x.c | head -n 1`. */
struct ran run_script(struct arena *arena, const char *directory,
                      const char *script);

/* Whether asynclint said that it could not analyse something, or not all. */
bool ran_incompletely(const struct ran *ran);

/* A whole file as text; fails the test when there is none. */
char *run_file_text(struct arena *arena, const char *path);

#endif
