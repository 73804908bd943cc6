/*
 * Private to front/: what is written about a name where it is declared.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_FRONT_MARKS_H
#define ASYNCLINT_FRONT_MARKS_H

#include "front/lower.h"

/* An annotation, or a word: a macro that may have expanded to nothing. */
struct mark {
    ir_str text;
    bool is_word;
};
typedef VEC(struct mark) mark_list;

/* Adds it, unless it is there. */
void marks_add(struct lower *lower, mark_list *marks, struct mark mark);
/* Adds those of one declaration. */
void marks_gather(struct lower *lower, CXCursor decl, mark_list *marks);
/* Adds those of all declarations of what this one declares, the newest first,
 * with those that its head has. */
void marks_gather_all(struct lower *lower, CXCursor decl, mark_list *marks);
/* The same as lists of the unit. */
void marks_list(struct lower *lower, const mark_list *marks,
                struct ir_list *annotations, struct ir_list *words);

#endif
