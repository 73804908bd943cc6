/*
 * The packs of rules/packs/, built into the program (see
 * cmake/generated.cmake), so that it finds them wherever it is installed. They
 * are parsed when it is built (cmake/lift_packs.c): that is half of what
 * reading them takes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_MODEL_PACK_SOURCES_H
#define ASYNCLINT_MODEL_PACK_SOURCES_H

struct pack_source {
    const char *name;          /* "rules/packs/pthread.yaml": what errors say */
    const unsigned char *tree; /* see base/yaml_flat.h */
};

/* Sorted by name; an entry of NULLs follows the last. */
extern const struct pack_source pack_sources[];
extern const int pack_source_count;

#endif
