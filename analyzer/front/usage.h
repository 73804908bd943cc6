/*
 * Private to front/: what a text says about the names that it uses. When
 * headers are missing, C can't be parsed: `a * b;` is a declaration or a
 * product, `int w f(void)` is an error or has a marker. Usage guesses as a
 * reader would, from the tokens around a name; prelude.c makes declarations
 * of it. A wrong guess costs what was lost anyway.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_FRONT_USAGE_H
#define ASYNCLINT_FRONT_USAGE_H

#include "base/map.h"
#include "base/vec.h"
#include "front/tokens.h"

/* How a name was seen. */
enum {
    USE_TYPE = 1 << 0,        /* names a type, without struct */
    USE_STRUCT = 1 << 1,      /* stands behind struct */
    USE_UNION = 1 << 2,       /* … union */
    USE_ENUM = 1 << 3,        /* … enum */
    USE_VALUE = 1 << 4,       /* in an expression */
    USE_CALL = 1 << 5,        /* … and called */
    USE_DECLARED = 1 << 6,    /* as a function, variable or parameter */
    USE_MARKER = 1 << 7,      /* a word too many in a declaration */
    USE_BLOCK = 1 << 8,       /* a call with a statement behind it */
    USE_DECLARES = 1 << 9,    /* a call with the name of a variable behind it */
    USE_DESIGNATED = 1 << 10, /* initialised with designators */
    USE_CONSTANT = 1 << 11,   /* behind case */
    USE_FIELD = 1 << 12,      /* declared as a field */
    USE_RECORD = 1 << 13,     /* a call where a record's type should be */
    USE_NOTHING = 1 << 14,    /* a call where a declaration should be */
    USE_BODY = 1 << 15,       /* a call with a body as its argument */
    USE_TEXT = 1 << 16,       /* next to a string */
    USE_INITIAL = 1 << 17,    /* behind = */
    USE_INDEX = 1 << 18,      /* behind [ */
    USE_TABLE = 1 << 19,      /* tables are made of it */
    USE_HEADER = 1 << 20,     /* a call that is all of a for's header */
    USE_WRAPS = 1 << 21,      /* a call around the type of a result */
    USE_FUNCTION = 1 << 22,   /* a call with a body, outside of functions */
    USE_AGAIN = 1 << 23,      /* … twice with the same first name */
    USE_NAMES = 1 << 24,      /* a call around the name of a function */
};

/* What is done with a value, or with the field of that name. */
struct touch {
    uint32_t arrow; /* x-> */
    uint32_t dot;   /* x. */
    uint32_t call;  /* x() */
    uint32_t index; /* x[] */
    uint32_t plain;
    uint32_t result;  /* x()-> */
    uint32_t address; /* &x, of which no constant has one */
    uint32_t number;  /* x & 1, x |= 1 */
};

struct name {
    const char *text;
    uint32_t uses;
    uint32_t is_member; /* in the main file, as is `is_main` */
    bool is_main;
    uint32_t is_designated;   /* .x = */
    struct touch value;       /* as a variable or function */
    struct touch member;      /* as a field */
    const struct token *call; /* of the first one; the rest looks like it */
};

/* `type name` or `type *name` somewhere. */
struct typed {
    uint32_t type; /* indices into names */
    uint32_t name;
    bool is_pointer;
    bool is_result; /* of the function of that name */
};

struct usage {
    struct arena *arena;
    struct map by_text; /* → index into names */
    VEC(struct name) names;
    VEC(struct typed) typed;
    const char *main_text; /* where the main file's tokens lie */
    size_t main_length;
    /* Cursor of the reading. */
    const struct token *at;
    const struct token *end;
    uint32_t depth;
    uint32_t records; /* that are open */
};

/* Reads all tokens. They must outlive the usage. */
void usage_read(struct usage *usage, const struct token *tokens, uint32_t count,
                bool is_body);

/* Names that stand for words only, as in `tokens->renamed`: `API` for `EXPORTED
 * CDECL`. The words of a marker are markers, any others are a body. */
void usage_renamed(struct usage *usage, const struct token *tokens);

/* What stands in a macro that the main file uses, it uses. */
void usage_through_macros(struct usage *usage, const struct macro_text *texts,
                          uint32_t count);

/* `g_autoptr(Type) name`, whose type the headers would have. */
void usage_typed_call(struct usage *usage, const struct token *type,
                      const struct token *variable);

/* Which argument of a call, from the given one on, is a name that may be that
 * of a function, or -1. */
int usage_name_argument(const struct token *call, int from);

/* ---- usage_body.c, usage_decl.c and usage_define.c, for each other */
struct name *usage_name(struct usage *usage, const struct token *token);
bool token_is(const struct token *token, const char *text);
/* The list ends in NULL. */
bool token_is_one_of(const struct token *token, const char *const *words);
bool token_is_byte(const struct token *token, char byte);
bool token_is_keyword(const struct token *token);
bool token_is_specifier(const struct token *token);
bool token_is_type_word(const struct token *token);
/* A name that the language keeps for itself: `__init`. */
bool token_is_reserved(const struct token *token);
/* `(3, 4)`, `(x)`, `()`, and not `(int x)`, `(void)` or `(x *)`. */
bool token_are_arguments(const struct token *open);
/* Behind the bracket that closes the one at `token`, or the end. */
const struct token *token_behind(const struct token *token);
/* The comma that ends the argument at `token`, or else `end`. */
const struct token *token_argument_end(const struct token *token,
                                       const struct token *end);
/* One declaration with all its declarators, up to `;` or its body's end. */
void usage_declaration(struct usage *usage, bool is_local);
/* `NAME(…)` where a declaration should be, with all that belongs to it. */
void usage_defining_call(struct usage *usage, const struct token *call);
/* `HELPER(name)(…)`, the cursor being at the first parenthesis. */
void usage_naming_call(struct usage *usage);
/* Between parentheses, the cursor being at the first one; and the words
 * behind them, which are markers. */
void usage_parameters(struct usage *usage);
void usage_trailer(struct usage *usage);
/* What stands between braces, the cursor being at the opening one. */
void usage_block(struct usage *usage);
/* An expression, up to the token, which is not eaten. */
void usage_expression(struct usage *usage, const struct token *until);

#endif
