/*
 * A diagnostic: what we say about one place in the code. Made by rules, sorted
 * and filtered by check.c, printed by output/. Texts are lower case without a
 * full stop and live in the run's arena, as the diagnostic does.
 *
 * A finding shows the whole path: where the lock was taken, through which
 * calls, where the task suspends, who else wants it. Each of these is a mark:
 * a place with a few words. The mark at index 0 is the finding's own place.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_FINDINGS_DIAG_H
#define ASYNCLINT_FINDINGS_DIAG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/vec.h"

enum severity {
    SEVERITY_OFF,
    SEVERITY_NOTE,
    SEVERITY_WARNING,
    SEVERITY_ERROR,
};

/* Half-open; lines and columns count from 1, columns in bytes. */
struct span {
    const char *file;
    uint32_t line;
    uint32_t column;
    uint32_t end_line;
    uint32_t end_column;
};

enum mark_role {
    MARK_PRIMARY,  /* what the finding is about */
    MARK_ACQUIRED, /* where the lock was taken */
    MARK_AWAIT,    /* an await that is crossed */
    MARK_RELEASED, /* where the held region ends */
    MARK_STEP,     /* a step on the way: a call, a branch, another holder */
};

struct mark {
    enum mark_role role;
    struct span span;
    const char *text;
};

struct diag {
    const char *rule; /* id */
    enum severity severity;
    const char *message;
    const char *function; /* in which it stands, or NULL */
    VEC(struct mark) marks;
    struct span held;  /* the region in which the lock is held; file NULL:
                          nothing to show */
    struct span cause; /* notes with the same one are folded, see
                          diag_list_fold; file NULL: it stands for itself */
    const char *why;   /* what happens at run time */
    const char *help;  /* what to do about it, or NULL */
};

struct diag_list {
    struct arena *arena;
    VEC(struct diag *) items;
    VEC(const char *) notes; /* what was given up, a sentence each */
};

const char *severity_text(enum severity severity);

/* By file, line, column, rule, message: the one order of all output. */
void diag_list_sort(struct diag_list *list);

/* Drops all but one of equal diagnostics (a header seen by many units). The
 * list must be sorted. */
void diag_list_unique(struct diag_list *list);

/* Of more than three notes of a rule that have one cause (a helper that blocks,
 * called under fifty locks), keeps the first, which names some of the others.
 * The list must be sorted. */
void diag_list_fold(struct diag_list *list);

#endif
