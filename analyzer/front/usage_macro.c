/*
 * Usage through macros, see usage.h: what a marker's name stands for, and what
 * the main file uses without naming it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <ctype.h>
#include <string.h>

#include "front/usage.h"

enum { MOST_ROUNDS = 4 };

/* `#define load atomic_load`: what is called by the one name is a function by
 * the other, though no text calls it so. */
static void calls_pass_on(struct usage *usage, const struct token *from,
                          const struct token *to)
{
    struct name name = *usage_name(usage, from);
    struct name *word = usage_name(usage, to);

    if (!(name.uses & USE_CALL) || token_is_keyword(to))
        return;
    word->uses |= USE_CALL | (name.uses & USE_VALUE);
    word->is_main |= name.is_main;
    word->value.call += name.value.call;
    word->value.result += name.value.result;
    if (!word->call)
        word->call = name.call;
}

void usage_renamed(struct usage *usage, const struct token *tokens)
{
    while (tokens->kind != TOKEN_END) {
        const struct name *name = usage_name(usage, tokens);
        bool is_main = name->is_main;
        bool is_marker =
            !(name->uses & ~(uint32_t)(USE_MARKER | USE_CALL)) && name->uses;
        const struct token *renamed = tokens;
        const struct token *first = ++tokens;

        while (!token_is_byte(tokens, ';'))
            tokens++;
        tokens++;
        if (!is_marker && tokens - first == 2)
            calls_pass_on(usage, renamed, first);
        if (!is_marker) {
            usage_read(usage, first, (uint32_t)(tokens - first), true);
            continue;
        }
        for (; first + 1 < tokens; first++) {
            struct name *word = usage_name(usage, first);

            word->uses |= token_is_keyword(first) ? 0 : USE_MARKER;
            word->is_main |= is_main;
        }
    }
}

static bool is_word_byte(char byte)
{
    return isalnum((unsigned char)byte) || byte == '_';
}

/* Every word, those in strings and comments too: they do no harm. */
static bool words_are_main(struct usage *usage, const struct macro_text *macro)
{
    const char *end = macro->text + macro->length;
    bool is_news = false;

    for (const char *at = macro->text; at < end;) {
        const char *start = at;
        uint32_t *number;

        while (at < end && is_word_byte(*at))
            at++;
        number = at > start
                     ? map_find(&usage->by_text, start, (size_t)(at - start))
                     : NULL;
        if (number && !usage->names.items[*number].is_main) {
            usage->names.items[*number].is_main = true;
            is_news = true;
        }
        at += at == start;
    }
    return is_news;
}

void usage_through_macros(struct usage *usage, const struct macro_text *texts,
                          uint32_t count)
{
    bool is_news = true;

    /* One macro leads to another, mostly to one that stands before it. */
    for (int round = 0; is_news && round < MOST_ROUNDS; round++) {
        is_news = false;
        for (uint32_t i = count; i-- > 0;) {
            const uint32_t *at = map_find(&usage->by_text, texts[i].name.text,
                                          texts[i].name.length);

            if (at && usage->names.items[*at].is_main)
                is_news |= words_are_main(usage, &texts[i]);
        }
    }
}

/* Named as types are: GMutexLocker, job_t. */
static bool is_type_name(const struct token *token)
{
    bool has_small = false;

    if (token->kind != TOKEN_WORD)
        return false;
    for (size_t i = 0; i < token->length; i++)
        has_small |= islower((unsigned char)token->text[i]) != 0;
    return has_small && (isupper((unsigned char)token->text[0]) ||
                         (token->length > 2 &&
                          !memcmp(token->text + token->length - 2, "_t", 2)));
}

void usage_typed_call(struct usage *usage, const struct token *type,
                      const struct token *variable)
{
    struct name *of;
    struct typed typed = {.is_pointer = true};

    if (!is_type_name(type))
        return;
    of = usage_name(usage, type);
    of->uses |= USE_TYPE;
    typed.type = (uint32_t)(of - usage->names.items);
    of = usage_name(usage, variable);
    typed.name = (uint32_t)(of - usage->names.items);
    vec_add(usage->arena, &usage->typed, typed);
}
