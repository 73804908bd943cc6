/*
 * Random programs of which the truth is known: functions that take, give back
 * and guard two locks, branch, loop, jump, call helpers and await. Each is
 * also walked along all of its paths, by the meaning of C and by nothing that
 * the analyzer knows; so the two can be compared.
 *
 * A function that gives back on some path what is not held there is not made:
 * it would be a fault of its own, and what holds after it is anybody's guess.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TESTS_SUPPORT_RANDOM_PROGRAM_H
#define TESTS_SUPPORT_RANDOM_PROGRAM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "base/vec.h"

enum { LOCKS = 2, CONDITIONS = 2 };

enum statement_kind {
    STATEMENT_WORK,
    STATEMENT_LOCK,
    STATEMENT_UNLOCK,
    STATEMENT_GUARD, /* a scope, `body`, whose guard holds the lock */
    STATEMENT_AWAIT,
    STATEMENT_TAKE, /* a helper locks */
    STATEMENT_DROP, /* a helper unlocks */
    STATEMENT_USE,  /* a helper locks, works and unlocks */
    STATEMENT_NAP,  /* a helper unlocks, awaits and locks again */
    STATEMENT_BOTH, /* a helper locks both, one after the other */
    STATEMENT_IF,   /* `body`, or else `other` */
    STATEMENT_LOOP, /* `body`, any number of times */
    STATEMENT_BREAK,
    STATEMENT_CONTINUE,
    STATEMENT_RETURN,
    STATEMENT_GOTO, /* to the end */
    STATEMENT_KINDS,
};

struct statement {
    enum statement_kind kind;
    int lock;      /* 0 or 1 */
    int condition; /* of IF: which parameter, or CONDITIONS: anything */
    int line;      /* where it is printed */
    struct statement *body;
    struct statement *other;
    struct statement *next;
};

typedef VEC(int) line_list; /* sorted */

/* What is true of one function. */
struct truth {
    line_list crossing; /* locks taken there are held at some await */
    line_list deadlock; /* the lock is held there already, on some path */
    bool is_unbalanced; /* gives back what is not held */
};

struct known_function {
    int first_line;
    int last_line;
    struct truth truth;
};

struct random_program {
    const char *text;
    VEC(struct known_function) functions;
};

/* The same seed makes the same program. */
void random_program_make(struct arena *arena, uint64_t seed, int functions,
                         struct random_program *out);

/* Walks all paths of a function's body; `truth` starts zeroed. */
void truth_find(struct arena *arena, const struct statement *body,
                struct truth *truth);

#endif
