/*
 * What stands in the way of an include. `#include "x/y.h"` takes the first
 * x/y.h on its way through the include directories, so a new file changes the
 * program without any file that was read having changed. libclang doesn't
 * tell where it looked in vain. But the name that was written is the end of
 * the path that was found: so for each file that was read, each end of its
 * path is looked for in each directory where includes of this unit may be
 * searched, and what is there is remembered. It is more than clang looks at;
 * an entry too many costs a parse, never a wrong answer.
 *
 * A file that was not found is looked for by its whole name, also where the
 * system's headers are: a package that is installed is how it comes.
 *
 * Not seen: a file that makes `__has_include` true, `#embed`, names with `..`
 * that lead elsewhere from another directory, and a new header in the
 * system's own directories (but /usr/local/include is looked at).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_SURROUNDINGS_H
#define ASYNCLINT_SURROUNDINGS_H

#include <time.h>

#include "base/map.h"
#include "input/path.h"
#include "input/source.h"
#include "ir/ir.h"

/* What was found for one file and one list of directories. */
struct surrounding {
    struct digest digest;
    bool is_young;
};

/* A file that was read. */
struct surrounded {
    const char *path; /* absolute */
    const char *folder;
};

/* What was found for one list of directories: by file, an index in found,
 * counting from 1. */
struct surrounding_list {
    VEC(uint32_t) at;
};

/* Remembers all answers of a run; most units ask the same. */
struct surroundings {
    struct arena *arena;
    const char *root;
    struct timespec start;
    struct map names; /* of files, as units have them -> index in files */
    VEC(struct surrounded) files;
    struct map directories; /* as flags name them -> index in reals */
    VEC(const char *) reals;
    struct map lists; /* directories -> index in … */
    VEC(struct surrounding_list) known;
    VEC(struct surrounding) found;
    struct map folders; /* -> whether there is such a one */
};

void surroundings_init(struct surroundings *surroundings, struct arena *arena,
                       const char *root);

/* The number of a file, by its name as units have it. */
uint32_t surroundings_file(struct surroundings *surroundings, const char *name);

/* `files` are the numbers of the unit's; `*is_young` (may be NULL): one of them
 * has come since surroundings_init, so the unit may have been parsed without
 * it. */
struct digest surroundings_digest(struct surroundings *surroundings,
                                  const struct source *source,
                                  const struct ir_unit *unit,
                                  const uint32_t *files, bool *is_young);

#endif
