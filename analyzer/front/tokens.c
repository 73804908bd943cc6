/*
 * The tokens of a text, see tokens.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "front/tokens.h"

#include <ctype.h>
#include <string.h>

#include "base/str.h"

enum {
    MOST_TOKENS = 1 << 20, /* more is generated data */
    ENDS = 3,
};

static const struct token text_end = {.text = "", .kind = TOKEN_END};

struct reader {
    struct arena *arena;
    const char *text;
    size_t at;
    size_t length;
    struct tokens *tokens;
    struct map *defined;
    uint32_t else_start; /* in the code, where an #else began, or 0 */
};

static char byte_at(const struct reader *reader, size_t at)
{
    return at < reader->length ? reader->text[at] : '\0';
}

static bool is_continued(const struct reader *reader, size_t at)
{
    size_t next = at + 1 + (byte_at(reader, at + 1) == '\r');

    return byte_at(reader, at) == '\\' && byte_at(reader, next) == '\n';
}

/* To the newline that ends the line, or the text. */
static void skip_line(struct reader *reader)
{
    while (reader->at < reader->length && reader->text[reader->at] != '\n') {
        if (is_continued(reader, reader->at))
            reader->at += byte_at(reader, reader->at + 1) == '\r' ? 2 : 1;
        reader->at++;
    }
}

static void skip_comment(struct reader *reader)
{
    reader->at += 2;
    while (reader->at < reader->length &&
           !(byte_at(reader, reader->at) == '*' &&
             byte_at(reader, reader->at + 1) == '/'))
        reader->at++;
    reader->at += 2;
}

/* Blanks and comments; not newlines, if a directive ends there. */
static void skip_blanks(struct reader *reader, bool in_line)
{
    while (reader->at < reader->length) {
        char byte = reader->text[reader->at];

        if (byte == '/' && byte_at(reader, reader->at + 1) == '*')
            skip_comment(reader);
        else if (byte == '/' && byte_at(reader, reader->at + 1) == '/')
            skip_line(reader);
        else if (is_continued(reader, reader->at))
            reader->at += byte_at(reader, reader->at + 1) == '\r' ? 3 : 2;
        else if (isspace((unsigned char)byte) && !(in_line && byte == '\n'))
            reader->at++;
        else
            break;
    }
    if (reader->at > reader->length)
        reader->at = reader->length;
}

static void skip_quoted(struct reader *reader)
{
    char quote = reader->text[reader->at++];

    while (reader->at < reader->length && reader->text[reader->at] != quote &&
           reader->text[reader->at] != '\n')
        reader->at += reader->text[reader->at] == '\\' ? 2 : 1;
    reader->at++;
    if (reader->at > reader->length)
        reader->at = reader->length;
}

static void token_read(struct reader *reader, struct token *token)
{
    const char *text = reader->text + reader->at;
    size_t start = reader->at;

    *token = (struct token){.text = text, .kind = TOKEN_OTHER};
    if (str_is_word(*text) ||
        (*text == '.' && isdigit((unsigned char)text[1]))) {
        token->kind = isalpha((unsigned char)*text) || *text == '_'
                          ? TOKEN_WORD
                          : TOKEN_NUMBER;
        while (
            str_is_word(byte_at(reader, reader->at)) ||
            (token->kind == TOKEN_NUMBER && byte_at(reader, reader->at) == '.'))
            reader->at++;
    } else if (*text == '"' || *text == '\'') {
        token->kind = TOKEN_TEXT;
        skip_quoted(reader);
    } else if (*text == '-' && byte_at(reader, reader->at + 1) == '>') {
        token->kind = TOKEN_ARROW;
        reader->at += 2;
    } else {
        token->byte = *text;
        reader->at++;
    }
    token->length = (uint32_t)(reader->at - start);
}

static bool token_spells(const struct token *token, const char *text)
{
    return token->length == strlen(text) &&
           !strncmp(token->text, text, token->length);
}

/* What a macro without parameters stands for, if it is words only. */
static void words_move(struct reader *reader, const struct token *name,
                       uint32_t first)
{
    struct tokens *tokens = reader->tokens;
    uint32_t end = tokens->macros.count;

    for (uint32_t i = first; i + 1 < end; i++)
        if (tokens->macros.items[i].kind != TOKEN_WORD)
            return;
    if (end - first < 2)
        return;
    vec_add(reader->arena, &tokens->renamed, *name);
    for (uint32_t i = first; i < end; i++)
        vec_add(reader->arena, &tokens->renamed, tokens->macros.items[i]);
    tokens->macros.count = first;
}

/* Behind the name of the macro: its parameters, and what it stands for. */
static void body_read(struct reader *reader, const struct token *name)
{
    bool has_params = byte_at(reader, reader->at) == '(';
    uint32_t first = reader->tokens->macros.count;
    size_t start = reader->at;
    struct macro_text text = {*name, reader->text + start, 0};
    struct token token;

    if (byte_at(reader, reader->at) == '(')
        while (reader->at < reader->length && reader->text[reader->at] != ')' &&
               reader->text[reader->at] != '\n') {
            if (is_continued(reader, reader->at))
                reader->at += byte_at(reader, reader->at + 1) == '\r' ? 2 : 1;
            reader->at++;
        }
    if (byte_at(reader, reader->at) == ')')
        reader->at++;
    for (;;) {
        skip_blanks(reader, true);
        if (reader->at >= reader->length || reader->text[reader->at] == '\n')
            break;
        token_read(reader, &token);
        if (reader->tokens->macros.count < MOST_TOKENS)
            vec_add(reader->arena, &reader->tokens->macros, token);
    }
    token = (struct token){.text = ";", .length = 1, TOKEN_OTHER, ';'};
    vec_add(reader->arena, &reader->tokens->macros, token);
    text.length = reader->at - start;
    vec_add(reader->arena, &reader->tokens->texts, text);
    if (!has_params)
        words_move(reader, name, first);
}

/* Braces that open in both branches of a conditional would never close: what
 * stands behind #else is read for its own, unless it is balanced. */
static void else_end(struct reader *reader)
{
    struct tokens *tokens = reader->tokens;
    uint32_t start = reader->else_start;
    int depth = 0;
    bool is_balanced = true;

    if (!tokens || !start)
        return;
    reader->else_start = 0;
    for (uint32_t i = start; i < tokens->code.count; i++) {
        char byte = tokens->code.items[i].byte;

        depth += (byte == '{') - (byte == '}');
        is_balanced &= depth >= 0;
    }
    if (is_balanced && !depth)
        return;
    for (uint32_t i = start; i < tokens->code.count; i++)
        vec_add(reader->arena, &tokens->macros, tokens->code.items[i]);
    tokens->code.count = start;
}

/* `#ifdef NAME`, `#if defined(NAME) && !defined NAME`, `#if NAME`. */
static void condition_read(struct reader *reader, bool is_name, bool is_not)
{
    struct token token = {.byte = ';'};
    struct token before;
    bool is_defined = is_name;

    while (reader->at < reader->length && reader->text[reader->at] != '\n') {
        before = token;
        token_read(reader, &token);
        if (token_spells(&token, "defined")) {
            is_name = true;
            is_not = before.byte == '!';
        } else if (token.kind == TOKEN_WORD && (is_name || !is_defined)) {
            if (!is_name)
                is_not = before.byte == '!';
            *map_add(&reader->tokens->tested, token.text, token.length, 0,
                     NULL) |= is_not    ? TESTED_AGAINST
                              : is_name ? TESTED_FOR
                                        : TESTED_NUMBER;
            is_name = false;
        }
        skip_blanks(reader, true);
    }
}

static void directive_read(struct reader *reader)
{
    struct token token;

    reader->at++;
    skip_blanks(reader, true);
    if (reader->at < reader->length && reader->text[reader->at] != '\n') {
        token_read(reader, &token);
        skip_blanks(reader, true);
        if (token_spells(&token, "endif") || token_spells(&token, "elif") ||
            token_spells(&token, "else"))
            else_end(reader);
        if (reader->tokens &&
            (token_spells(&token, "else") || token_spells(&token, "elif")))
            reader->else_start = reader->tokens->code.count;
        if (reader->tokens &&
            (token_spells(&token, "if") || token_spells(&token, "elif")))
            condition_read(reader, false, false);
        else if (reader->tokens && (token_spells(&token, "ifdef") ||
                                    token_spells(&token, "ifndef")))
            condition_read(reader, true, token_spells(&token, "ifndef"));
        if (token_spells(&token, "define") && reader->at < reader->length &&
            str_is_word(reader->text[reader->at])) {
            token_read(reader, &token);
            map_add(reader->defined, token.text, token.length, 1, NULL);
            if (reader->tokens)
                body_read(reader, &token);
        }
    }
    skip_line(reader);
}

void tokens_read(struct arena *arena, const char *text, size_t length,
                 struct tokens *tokens, struct map *defined)
{
    struct reader reader = {arena, text, 0, length, tokens, defined, 0};
    struct token token = {";", 1, TOKEN_OTHER, ';'};
    size_t line = 0;

    /* Readers may look behind them. */
    vec_add(arena, &tokens->code, token);
    vec_add(arena, &tokens->macros, token);
    for (;;) {
        size_t before = reader.at;

        skip_blanks(&reader, false);
        if (memchr(text + before, '\n', reader.at - before))
            line = reader.at;
        if (reader.at >= length || tokens->code.count >= MOST_TOKENS)
            break;
        if (text[reader.at] == '#' && reader.at == line) {
            directive_read(&reader);
            continue;
        }
        token_read(&reader, &token);
        vec_add(arena, &tokens->code, token);
    }
    /* A brace that never closes spoils its own text only. */
    for (int i = 0; i < ENDS; i++)
        vec_add(arena, &tokens->code, text_end);
}

void tokens_end(struct arena *arena, struct tokens *tokens)
{
    /* Readers may look two tokens behind the end. */
    for (int i = 0; i < ENDS; i++) {
        vec_add(arena, &tokens->macros, text_end);
        vec_add(arena, &tokens->renamed, text_end);
    }
}

void tokens_defined(const char *text, size_t length, struct map *defined)
{
    struct reader reader = {NULL, text, 0, length, NULL, defined, 0};
    const char *found;

    while ((found = memchr(text + reader.at, '#', length - reader.at))) {
        reader.at = (size_t)(found - text);
        directive_read(&reader);
    }
}
