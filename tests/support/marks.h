/*
 * Findings against marks: a comment "expect: RULE" on a line says that there
 * is a finding of RULE, "expect: RULE=warning" of that severity; several are
 * separated by commas. What --format gcc printed must be just these findings.
 * An await that a finding crosses may be marked too, and needs no finding of
 * its own.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TESTS_SUPPORT_MARKS_H
#define TESTS_SUPPORT_MARKS_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/vec.h"

struct mark_wanted {
    const char *rule;
    const char *severity; /* NULL: any */
    unsigned line;
};

struct finding {
    const char *file;
    const char *rule;
    const char *severity;
    const char *text;
    unsigned line;
    bool is_crossing; /* not a finding, but an await that one crosses */
};

typedef VEC(struct mark_wanted) mark_list;
typedef VEC(struct finding) finding_list;

/* The marks in a file's text. */
mark_list marks_find(struct arena *arena, const char *source);

/* The lines of --format gcc, without those that only say more. */
finding_list findings_parse(struct arena *arena, const char *output);

/* A complaint a line, "file:line: …"; "" when all is as marked. `file` is the
 * name that the findings have. */
const char *marks_compare(struct arena *arena, const char *file,
                          const mark_list *marks, const finding_list *findings);

#endif
