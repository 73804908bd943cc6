/*
 * Structs as bytes, by a table of their fields: whoever keeps a struct says
 * once what is in it, and writing, reading and checking follow from that.
 *
 * Numbers of ops are the function's own, counted from its first, and other
 * functions have names, so that what is written of one function still holds
 * when another one has moved. There are two ways to write: for reading again,
 * where texts and functions are numbers in tables beside the bytes, and so are
 * structs of which a program has many alike (paths, locks, effects); and
 * plainly, where all is written out, so that equal bytes mean equal structs.
 *
 * Reading trusts nothing: whatever does not fit makes the reader bad.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_SHAPE_H
#define ASYNCLINT_ENGINE_SHAPE_H

#include <stddef.h>

#include "base/digest.h"
#include "base/str.h"
#include "engine/program.h"

enum shape_kind {
    SHAPE_FLAG,    /* a bool */
    SHAPE_NUMBER,  /* of `size` bytes, at most `most` if that is not 0 */
    SHAPE_TEXT,    /* never changed, or NULL */
    SHAPE_TEXTS,   /* a VEC of them */
    SHAPE_OP,      /* of the function that all is about, or 0 */
    SHAPE_OP_OF,   /* … of the one in the field at `other` */
    SHAPE_FN,      /* a struct fn *, or NULL */
    SHAPE_MEANING, /* of one of the function's calls, or NULL */
    SHAPE_INSIDE,  /* a struct, of `shape` */
    SHAPE_POINTER, /* to such a struct, or NULL */
    SHAPE_LIST,    /* a VEC of such structs */
    SHAPE_ARRAY,   /* … as many as the int at `other` says */
    SHAPE_NOTHING, /* cannot be kept, if it is not 0 */
};

struct shape_field {
    enum shape_kind kind;
    uint32_t size;
    size_t at;
    size_t other;
    uint64_t most;
    const struct shape *shape;
};

enum { MOST_SHAPE_FIELDS = 64 };

struct shape {
    size_t size;
    const struct shape_field *fields;
    uint32_t field_count;
    /* What no table can say of a struct: what is not so is not kept, and not
     * believed. NULL: nothing. */
    bool (*is_sound)(const void *item);
    /* Such structs are written once and then have a number, and who reads them
     * by a pointer shares one that is never changed. It has no op of its own
     * in it, or this says which have none. NULL: they are not shared. */
    bool (*is_shared)(const void *item);
};

/* Rows of such a table, in a file that defines SHAPED as the struct. */
#define SHAPE_SIZE(name) sizeof(((struct SHAPED *)0)->name)
#define SHAPE_ROW(shape_kind, name)                                            \
    .kind = (shape_kind), .size = (uint32_t)SHAPE_SIZE(name),                  \
    .at = offsetof(struct SHAPED, name)

/* Any VEC. */
struct shape_list {
    char *items;
    uint32_t count;
    uint32_t capacity;
};

/* More than that in one function are not kept: whoever reads believes a number
 * before he has seen what it counts. */
enum { MOST_SHAPE_ITEMS = 1 << 16 };

/* Texts, functions and shared structs of some records, by number. */
struct shape_tables {
    struct strbuf texts; /* each with its NUL */
    struct map text_at;
    VEC(const struct fn *) fns;
    struct map fn_at;
    struct map shared; /* their bytes, in the order of their numbers */
};

struct shape_writer {
    struct strbuf *out;
    const struct fn *fn;
    struct shape_tables *tables; /* NULL: write plainly */
    bool is_unfit;               /* something can't be kept */
};

/* One that is shared, once somebody has asked for it. */
struct shape_shared {
    const struct shape *shape;
    const void *item; /* NULL: it is bad */
};

/* Such tables, as they were written. */
struct shape_source {
    const char *texts; /* ends with a NUL, if it is not empty */
    uint32_t text_size;
    struct fn **fns; /* NULL among them: it is gone */
    uint32_t fn_count;
    struct shape_shared *shared;
    const char *shared_ends; /* numbers of four bytes: where each ends in … */
    const char *shared_bytes;
    uint32_t shared_count;
};

struct shape_reader {
    const unsigned char *at;
    const unsigned char *end;
    const struct fn *fn;
    struct arena *arena;
    const struct shape_source *source;
    bool is_bad;
};

void shape_tables_init(struct shape_tables *tables, struct arena *arena);
/* Their numbers there. */
uint32_t shape_tables_text(struct shape_tables *tables, const char *text);
uint32_t shape_tables_fn(struct shape_tables *tables, const struct fn *fn);

void shape_write(struct shape_writer *writer, const struct shape *shape,
                 const void *item);
void shape_number_write(struct shape_writer *writer, uint64_t number);
void shape_text_write(struct shape_writer *writer, const char *text);
void shape_fn_write(struct shape_writer *writer, const struct fn *fn);

/* Fills in a zeroed struct. */
void shape_read(struct shape_reader *reader, const struct shape *shape,
                void *item);
/* … or finds the one that is shared; never NULL. */
const void *shape_pointed_read(struct shape_reader *reader,
                               const struct shape *shape);
uint64_t shape_long_read(struct shape_reader *reader);

/* Most are below 128, and of one byte. */
static inline uint64_t shape_number_read(struct shape_reader *reader)
{
    return reader->at < reader->end && *reader->at < 0x80
               ? *reader->at++
               : shape_long_read(reader);
}

/* How many things follow; each takes a byte at least. */
uint32_t shape_count_read(struct shape_reader *reader);
const char *shape_text_read(struct shape_reader *reader);

#endif
