/*
 * What one pack says: its YAML in, names with their meanings out. A pack is
 * read as a whole before the model takes any of it, so that a pack with an
 * error leaves no trace.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_MODEL_PACK_READ_H
#define ASYNCLINT_MODEL_PACK_READ_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/vec.h"
#include "base/yaml.h"
#include "model/model.h"

/* How a marker is recognised: each is a table of its own. */
enum marker_sign {
    SIGN_ANNOTATION,
    SIGN_WORD,
    SIGN_NAME,   /* of the function, `Record.field` or typedef itself */
    SIGN_RESULT, /* the record to which the function returns a pointer */
    SIGN_COUNT,
};

/* The tables of names; a marker's are counted from TABLE_MARKERS. */
enum {
    TABLE_FUNCTIONS, /* struct meaning */
    TABLE_MACROS,    /* struct meaning */
    TABLE_TYPES,     /* struct type_meaning */
    TABLE_FLAGS,     /* int64_t */
    TABLE_INSTEAD,   /* char */
    TABLE_UNDER,     /* struct place */
    TABLE_HANDED,    /* char */
    TABLE_SPARED,    /* char */
    TABLE_USES,      /* NULL: who uses the name is one of the pack's */
    TABLE_HEADERS,   /* char: the path's end, by its last part */
    TABLE_FOLDERS,   /* char: the path's end, by its first part: it has a `*` */
    TABLE_MARKERS,   /* struct pack */
    TABLE_COUNT = TABLE_MARKERS + MARKER_COUNT * SIGN_COUNT,
};

static inline int table_of_marker(enum marker_kind marker,
                                  enum marker_sign sign)
{
    return TABLE_MARKERS + (int)marker * SIGN_COUNT + (int)sign;
}

struct pack_entry {
    int table;
    const char *name; /* with `*` it is a pattern */
    const void *what;
};

struct pack_content {
    struct pack *pack;
    bool has_headers; /* it counts where one of them or of its names is */
    VEC(struct pack_entry) entries;
};

/* Everything in `content` lives in the arena, or in the tree. */
bool pack_read(struct arena *arena, const struct yaml_node *root,
               struct pack_content *content, struct err *err);

#endif
