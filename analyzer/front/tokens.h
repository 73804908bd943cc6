/*
 * Private to front/: C's text as tokens, before the preprocessor. It is for
 * files that don't compile because headers are missing (see usage.h), so it
 * takes whatever comes. Of directives only the bodies of #define are kept;
 * they are read as statements, because that is what most of them are.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_FRONT_TOKENS_H
#define ASYNCLINT_FRONT_TOKENS_H

#include "base/map.h"
#include "base/vec.h"

enum token_kind {
    TOKEN_END,
    TOKEN_WORD,
    TOKEN_NUMBER,
    TOKEN_TEXT,  /* a string or a character */
    TOKEN_ARROW, /* -> */
    TOKEN_OTHER, /* one byte of punctuation: `byte` */
};

struct token {
    const char *text;
    uint32_t length;
    uint8_t kind;
    char byte; /* 0 unless TOKEN_OTHER */
};

/* Where in the file the text of a macro stands, behind its name. */
struct macro_text {
    struct token name;
    const char *text;
    size_t length;
};

/* What a conditional asks of a name. */
enum {
    TESTED_FOR = 1,     /* #ifdef, #if defined() */
    TESTED_AGAINST = 2, /* #ifndef, #if !defined() */
    TESTED_NUMBER = 4,  /* #if NAME */
};

struct tokens {
    VEC(struct token) code;   /* text after text, the end of each marked */
    VEC(struct token) macros; /* bodies of #define, a `;` behind each */
    VEC(struct token)
    renamed;                      /* … of those that stand for words only: the
                                     name, the words, a `;` */
    VEC(struct macro_text) texts; /* of all macros */
    struct map tested;            /* names → how conditionals ask for them */
};

/* Adds the tokens of a text. Names that it defines as macros are added to
 * `defined`. */
void tokens_read(struct arena *arena, const char *text, size_t length,
                 struct tokens *tokens, struct map *defined);

/* After the last text. */
void tokens_end(struct arena *arena, struct tokens *tokens);

/* Only the names that a text defines as macros. */
void tokens_defined(const char *text, size_t length, struct map *defined);

#endif
