/*
 * Private to front/: what was written in the files, which libclang does not
 * tell, and what was already asked of it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_FRONT_TEXT_H
#define ASYNCLINT_FRONT_TEXT_H

#include "base/libclang.h"
#include "base/vec.h"

struct lower;

/* A position in a file's text. */
struct text_point {
    CXFile file;
    unsigned offset;
};

/* Where a cursor starts, as the preprocessor sees it. */
struct origin {
    struct text_point expansion; /* in the file, after expansion */
    struct text_point spelling;  /* where its first token was written */
    bool in_macro;               /* came out of an expansion at all */
    bool in_argument;            /* … but was written as its argument */
};

/* A file's text. libclang looks through all expansions of the unit for a file,
 * so it is asked once. */
struct text_seen {
    CXFile file;
    const char *text;
    size_t length;
};

/* An extent that was asked for. libclang lexes its last token each time. */
struct extent_seen {
    CXCursor cursor;
    CXSourceRange range;
};

enum { EXTENTS_SEEN = 4 }; /* a cursor, and what stands around it */

bool text_same_point(struct text_point one, struct text_point two);
/* clang_getCursorExtent, remembered. */
CXSourceRange text_extent(struct lower *lower, CXCursor cursor);
/* Whether its first token came out of an expansion. */
bool text_is_expanded(CXSourceRange range);
struct origin text_origin(struct lower *lower, CXCursor cursor);
struct origin text_origin_of(CXSourceRange range);
/* A file's text and length; never NULL. */
const char *text_of(struct lower *lower, CXFile file, size_t *length);
/* The identifier at a place, "" if none; in the unit's arena. */
const char *text_word_at(struct lower *lower, struct text_point at);
/* The identifier just before a place, looking past blanks and `(`. */
const char *text_word_before(struct lower *lower, struct text_point at);
/* The arguments of the function-like macro whose name stands at `at`: their
 * trimmed ranges. False when no `(` follows. */
struct text_range {
    unsigned start;
    unsigned end;
};
typedef VEC(struct text_range) text_ranges;
bool text_macro_args(struct lower *lower, struct text_point at,
                     text_ranges *args, unsigned *end);
/* Words of a declaration, from its start to `;`, `{` or `=`, without what
 * stands inside the parameter list; see ir_symbol.words. */
void text_decl_words(struct lower *lower, CXCursor decl, text_ranges *words,
                     CXFile *file);

#endif
