/*
 * A pack's YAML as a tree in which every node knows where it stands, so that
 * every complaint can say so. Of YAML it takes what a person writes by hand:
 * no aliases (nobody needs them here, and they are how a small file becomes a
 * large one), no tags, one document, no key twice.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_MODEL_PACK_YAML_H
#define ASYNCLINT_MODEL_PACK_YAML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/vec.h"

enum pack_node_kind {
    PACK_TEXT,
    PACK_LIST,
    PACK_MAP,
};

struct pack_node {
    enum pack_node_kind kind;
    const char *text;              /* of a TEXT, without control characters */
    VEC(struct pack_node *) keys;  /* of a MAP, one to an item; TEXTs */
    VEC(struct pack_node *) items; /* of a LIST or a MAP, in its order */
    const char *file;
    uint32_t line;
    uint32_t column;
};

/* The tree and everything in it live in the arena. */
bool pack_yaml_read(struct arena *arena, const char *file, const char *text,
                    size_t length, struct pack_node **root, struct err *err);

/* What stands under the key of a MAP, or NULL. */
const struct pack_node *pack_node_find(const struct pack_node *map,
                                       const char *key);

/* Says "FILE:LINE:COLUMN: …" of the node. Returns false. */
bool pack_node_err(const struct pack_node *node, struct err *err,
                   const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
