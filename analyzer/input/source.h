/*
 * From the paths on the command line to the translation units to look at,
 * each with its directory and its compiler flags. Sorted by name and unique,
 * so that everything behind this room is in one order.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_INPUT_SOURCE_H
#define ASYNCLINT_INPUT_SOURCE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/vec.h"
#include "input/args.h"

struct source {
    const char *file;      /* as shown to people: below the current directory
                              relative to it, else absolute; opens either way */
    const char *path;      /* the same file, absolute */
    const char *directory; /* absolute; relative paths in flags start here */
    const char **flags;    /* for libclang: no compiler, file or output */
    int flag_count;
};

struct source_list {
    struct arena *arena;
    VEC(struct source) units;
    VEC(const char *) notes; /* what was left out, and why: for stderr */
    const char *database;    /* the compile_commands.json used, or NULL */
};

/* Fills in a zeroed list from args' paths, flags, build_dir and excludes.
 * False with one sentence when a path or the database is unusable, or when
 * there is nothing to look at. */
bool source_list_build(struct source_list *list, struct arena *arena,
                       const struct args *args, struct err *err);

#endif
