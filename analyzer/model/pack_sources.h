/*
 * The packs of rules/packs/, built into the program (see
 * cmake/generated.cmake), so that it finds them wherever it is installed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_MODEL_PACK_SOURCES_H
#define ASYNCLINT_MODEL_PACK_SOURCES_H

#include <stddef.h>

struct pack_source {
    const char *name; /* "rules/packs/pthread.yaml": what errors say */
    const char *text; /* the file, and a NUL that `length` doesn't count */
    size_t length;
};

/* Sorted by name; an entry of NULLs follows the last. */
extern const struct pack_source pack_sources[];
extern const int pack_source_count;

#endif
