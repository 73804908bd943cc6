/*
 * Words of declarations that need no declaration of their own, see usage.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/str.h"
#include "front/usage.h"

bool token_is_type_word(const struct token *token)
{
    static const char *const words[] = {
        "void",     "char",   "short",      "int",         "long", "float",
        "double",   "signed", "unsigned",   "_Bool",       "bool", "__int128",
        "_Complex", "size_t", "__signed__", "__auto_type", NULL,
    };

    return token_is_one_of(token, words);
}

bool token_is_specifier(const struct token *token)
{
    static const char *const words[] = {
        "const",         "volatile",  "static",       "extern",
        "inline",        "register",  "typedef",      "restrict",
        "auto",          "__inline",  "__inline__",   "__restrict",
        "__const",       "_Noreturn", "__volatile__", "__extension__",
        "_Thread_local", "__thread",  "__restrict__", NULL,
    };

    return token_is_one_of(token, words);
}

bool token_is_reserved(const struct token *token)
{
    return str_starts_with(token->text, "__");
}
