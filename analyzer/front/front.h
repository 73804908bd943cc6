/*
 * The front end: C becomes our IR. libclang lives in this room and dies here;
 * what leaves is a `struct ir_unit` that points to nothing outside itself.
 *
 * One call does one translation unit. It is made in a child process (base/
 * jobs.h), because a hostile unit can hang or crash libclang, and that must
 * cost only the unit.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_FRONT_FRONT_H
#define ASYNCLINT_FRONT_FRONT_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "ir/ir.h"

struct front_head;  /* what several units begin with; see front_share */
struct front_heads; /* all of these */

struct front_request {
    const char *file;         /* the unit's main file */
    const char *directory;    /* relative paths count from here */
    const char *const *flags; /* already sifted through the allowlist */
    int flag_count;
    const char *root;        /* absolute; paths below it are stored relative */
    struct front_head *head; /* or NULL */
};

/* Finds what enough of the units begin with, the same includes read in the
 * same way, and tells them: one of the workers will parse that, and not all of
 * them again for each unit. It changes no unit's facts. To be called before
 * workers are started, and closed when they are gone; NULL: there is none. */
struct front_heads *front_share(struct arena *arena,
                                struct front_request *requests, uint32_t count);
void front_unshare(struct front_heads *heads);

/* In which order the requests are best made, as their numbers: what others
 * wait for first, and what takes long before what is short, so that workers
 * end at the same time. */
const uint32_t *front_order(struct arena *arena,
                            const struct front_request *requests,
                            uint32_t count);

/* Parses and lowers one unit into the arena. Returns false with one sentence
 * when there is nothing to analyse at all (no such file, libclang refuses);
 * a unit with syntax errors is analysed as far as it parsed and carries its
 * `problems`. Needs about 100 times the source's size in memory while it
 * runs; not thread-safe in one process. */
bool front_lower(const struct front_request *request, struct arena *arena,
                 struct ir_unit *unit, struct err *err);

/* The directory of clang's own headers (stddef.h), or NULL: not found. */
const char *front_resource_dir(void);

#endif
