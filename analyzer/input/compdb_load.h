/*
 * The half of compdb.h that runs in a child process.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_INPUT_COMPDB_LOAD_H
#define ASYNCLINT_INPUT_COMPDB_LOAD_H

#include "base/str.h"
#include "input/compdb.h"

/* What the child tells: records of texts, each of which ends with a NUL. The
 * first text is one of these letters. */
#define COMPDB_ERROR "e"    /* a sentence; nothing else follows */
#define COMPDB_NOTE "n"     /* a sentence */
#define COMPDB_ENTRY "u"    /* path, directory, number of flags, flags */
#define COMPDB_INFERRED "i" /* the same */

struct compdb_request {
    const char *file; /* absolute */
    const char *shown;
    const struct path_list *wanted;
    bool trusts_flags;
};

/* Appends the records. */
void compdb_load(const struct compdb_request *request, struct strbuf *answer);

/* Checks the JSON. `*cleaned` is NULL when all entries are good, else the
 * text of a database without the bad ones, for each of which a note is
 * appended. */
bool compdb_check(const struct compdb_request *request, struct arena *arena,
                  struct strbuf *answer, char **cleaned, struct err *err);

/* Appends one text of a record, with its NUL. */
void compdb_text_add(struct strbuf *answer, const char *text);

#endif
