/*
 * The compilation database, compile_commands.json. libclang's own reader does
 * the work (it unquotes commands, expands response files and infers commands
 * for files that aren't listed), in a child process with limits, and only
 * after the JSON was checked: by itself it gives up on the whole database for
 * one bad entry, and says little about why.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_INPUT_COMPDB_H
#define ASYNCLINT_INPUT_COMPDB_H

#include "input/args.h"
#include "input/path.h"

struct compdb_entry {
    const char *path;      /* of the file: absolute and real */
    const char *directory; /* absolute */
    const char **flags;    /* those that passed, see flags.h */
    uint32_t flag_count;
    bool is_inferred; /* not listed: flags of the nearest file that is */
};

struct compdb {
    const char *file;                 /* its own path, as shown to people */
    VEC(struct compdb_entry) entries; /* C files only, one for each */
    struct path_list notes;
};

/* The database for `start` (absolute): in it, above it, and in `build/` and
 * `build/X/` of each of these. NULL: none. */
const char *compdb_find(struct arena *arena, const char *start);

/* Reads the database at the absolute path `file`. The `wanted` files get an
 * inferred entry when they aren't listed. Uses of args: trusts_flags and the
 * limits. */
bool compdb_read(struct compdb *compdb, struct arena *arena, const char *file,
                 const struct path_list *wanted, const struct args *args,
                 struct err *err);

#endif
