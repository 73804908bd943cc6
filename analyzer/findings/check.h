/*
 * Checking: every rule that is on is asked about every function, and its
 * diagnostics are collected. Adding a rule is adding one file to rules/; CMake
 * writes the list from the file names.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_FINDINGS_CHECK_H
#define ASYNCLINT_FINDINGS_CHECK_H

#include "engine/program.h"
#include "findings/diag.h"

struct check;
struct query;

struct rule {
    const char *id;         /* also its file's name */
    enum severity severity; /* at most, and by default unless … */
    bool is_off;            /* … it is off until somebody asks for it */
    const char *summary;    /* one line, for lists */
    const char *why;        /* what happens at run time */
    const char *instead;    /* what to do about it */
    /* Either may be NULL. Asked about each function … */
    void (*check)(struct check *check, const struct query *query);
    /* … and once about the whole program, when `query->fn` is NULL: for what
     * is seen in no function alone. It tells with diag_in. */
    void (*check_program)(struct check *check, const struct query *query);
};

/* Every rule, sorted by id. */
extern const struct rule *const rules[];
extern const int rule_count;

/* The rule of that id, or NULL. */
const struct rule *rule_find(const char *id);

struct check_options {
    /* By index in `rules`: what the user wants at most; SEVERITY_OFF is off. */
    const enum severity *severities;
    enum short_sections short_sections; /* of the config */
    bool reports_all;    /* whatever a pack allows is told, too */
    enum severity least; /* what is less than that is dropped */
};

/* What a rule is set to when nobody says anything. */
enum severity rule_default(const struct rule *rule);

/* Asks the rules about every function; the list is sorted and unique. */
void check_run(struct program *program, const struct check_options *options,
               struct diag_list *out);

/* ---- for rules: telling */

/* A new diagnostic of the rule that is running, at an op of the function that
 * is being asked about. It is dropped if its severity is off. */
struct diag *diag_at(struct check *check, ir_id op, enum severity severity,
                     const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* A new diagnostic at an op of any function. */
struct diag *diag_in(struct check *check, const struct fn *fn, ir_id op,
                     enum severity severity, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* … at the name of a function. */
struct diag *diag_of_fn(struct check *check, const struct fn *fn,
                        enum severity severity, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* One more place on its path; an op of the function that is being asked about,
 * for a diagnostic of diag_at. */
void diag_mark(struct check *check, struct diag *diag, enum mark_role role,
               ir_id op, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* … in another function. */
void diag_mark_in(struct check *check, struct diag *diag, enum mark_role role,
                  const struct fn *fn, ir_id op, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

/* Instead of the rule's own words, when more can be said. */
void diag_why(struct check *check, struct diag *diag, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void diag_help(struct check *check, struct diag *diag, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Where a lock was taken: by the op, or in a function that the op calls. */
void diag_mark_taken(struct check *check, struct diag *diag, ir_id acquired,
                     const struct lock_info *lock);

/* Another place made it worse. */
void diag_raise(struct check *check, struct diag *diag, enum severity severity);

/* That a lock is one is only guessed: it is told as less sure. */
void diag_doubt(struct check *check, struct diag *diag,
                const struct lock_info *lock);

/* Where texts of diagnostics live. */
struct arena *check_arena(struct check *check);

/* The region from one op to another in which the lock is held, in the function
 * that is being asked about. */
void diag_held(struct check *check, struct diag *diag, ir_id from, ir_id to);

/* Where the reason is, if other findings have the same one: notes of one cause
 * are folded. */
void diag_cause(struct check *check, struct diag *diag, const struct fn *fn,
                ir_id op);

#endif
