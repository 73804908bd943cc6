/*
 * Facts on disk: the facts of one unit or of many, in one file. The units of
 * a file are sorted by the name of their main file and each is in it once, so
 * that joining files gives the same bytes in whatever order it is done.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_IR_FACTS_FILE_H
#define ASYNCLINT_IR_FACTS_FILE_H

#include "base/err.h"
#include "base/str.h"
#include "ir/ir.h"

struct facts_unit {
    const struct ir_unit *unit;
    const char *path;      /* of its main file */
    const char *from;      /* the facts file that it came from */
    struct digest content; /* of its facts */
};

struct facts_list {
    struct arena *arena;
    VEC(struct facts_unit) units;
};

/* Adds the units of a file's bytes, in which they lie from then on: see
 * facts_read. False, with a sentence that does not name the file, when it is
 * not a whole facts file of this version. */
bool facts_file_read(struct facts_list *list, const char *from, void *bytes,
                     size_t length, struct err *err);

/* Sorts, and drops what is in the list twice. False when it has two different
 * facts of one unit: nobody can know which is meant. */
bool facts_list_settle(struct facts_list *list, struct err *err);

/* The bytes of a file with these units, which are sorted and unique. */
void facts_file_write(const struct ir_unit *const *units, uint32_t count,
                      struct strbuf *out);

#endif
