/*
 * YAML that people write by hand, read into a tree whose every node knows its
 * line and column, so that each complaint can name its place. The tree and
 * its texts live in the arena. Only what a configuration needs: one document,
 * no aliases (a few lines of them expand to gigabytes), no tags, no key twice
 * in a map, and bounds on size, depth and number of nodes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_BASE_YAML_H
#define ASYNCLINT_BASE_YAML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/vec.h"

enum yaml_kind {
    YAML_TEXT,
    YAML_LIST,
    YAML_MAP,
};

struct yaml_node {
    enum yaml_kind kind;
    const char *text; /* of a TEXT, without control characters; else "" */
    VEC(struct yaml_node *) keys;  /* of a MAP, one to an item; TEXTs */
    VEC(struct yaml_node *) items; /* of a LIST or a MAP, in its order */
    const char *file;              /* as messages shall name it */
    uint32_t line;                 /* lines and columns count from 1 */
    uint32_t column;
};

/* Reads a regular file of at most 1 MiB. An empty one is an empty map. */
bool yaml_file_read(struct arena *arena, const char *file,
                    struct yaml_node **root, struct err *err);

/* The same from memory; `file` is only for messages. */
bool yaml_text_read(struct arena *arena, const char *file, const char *text,
                    size_t length, struct yaml_node **root, struct err *err);

/* The value under the key, or NULL. */
const struct yaml_node *yaml_find(const struct yaml_node *map, const char *key);

/* "FILE:LINE:COLUMN: " and the sentence. Returns false. */
bool yaml_fail(const struct yaml_node *node, struct err *err,
               const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Fails unless the node is of that kind; `what` names it: "'packs'". */
bool yaml_kind_check(const struct yaml_node *node, enum yaml_kind kind,
                     const char *what, struct err *err);

/* Fails unless the node is a map whose every key is among `known`
 * (NULL-terminated), with a "did you mean". */
bool yaml_keys_check(const struct yaml_node *map, const char *const *known,
                     const char *what, struct err *err);

/* Which of `words` (NULL-terminated) the node says. */
bool yaml_word_get(const struct yaml_node *node, const char *const *words,
                   const char *what, uint32_t *index, struct err *err);

#endif
