/*
 * Usage of macros that stand where a declaration should be, see usage.h: they
 * declare, they define a function whose body stands behind them, or they are
 * a part of what is declared: its type or its name.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <ctype.h>
#include <string.h>

#include "front/usage.h"

/* `(3, 4)`, `(x)`, `()`, and not `(int x)`, `(void)` or `(x *)`. */
bool token_are_arguments(const struct token *open)
{
    const struct token *end = token_behind(open) - 1;

    for (const struct token *token = open + 1; token < end; token++)
        if (token_is_byte(token, '*') || token_is_keyword(token) ||
            (token->kind == TOKEN_WORD && token[1].kind == TOKEN_WORD))
            return false;
    return true;
}

/* A word with a small letter, and nothing else. */
static bool is_name(const struct token *token, const struct token *end)
{
    if (end != token + 1 || token->kind != TOKEN_WORD ||
        token_is_keyword(token))
        return false;
    for (size_t i = 0; i < token->length; i++)
        if (islower((unsigned char)token->text[i]))
            return true;
    return false;
}

int usage_name_argument(const struct token *call, int from)
{
    const struct token *end = token_behind(call + 1) - 1;
    const struct token *token = call + 2;

    for (int at = 0; token < end; at++) {
        const struct token *start = token;

        token = token_argument_end(start, end);
        if (at >= from && is_name(start, token))
            return at;
        token++;
    }
    return -1;
}

static const struct token *argument(const struct token *call, int at)
{
    const struct token *end = token_behind(call + 1) - 1;
    const struct token *token = call + 2;

    for (; at > 0; at--)
        token = token_argument_end(token, end) + 1;
    return token;
}

static bool is_same_name(const struct token *one, const struct token *two)
{
    int at = usage_name_argument(one, 0);
    const struct token *first;
    const struct token *second;

    if (at < 0 || usage_name_argument(two, 0) != at)
        return false;
    first = argument(one, at);
    second = argument(two, at);
    return first->length == second->length &&
           !memcmp(first->text, second->text, first->length);
}

/* `COMMAND(name, "help") {`, the cursor being at the brace. */
static void body_read(struct usage *usage, const struct token *call)
{
    struct name *name = usage_name(usage, call);

    if (name->uses & USE_FUNCTION && is_same_name(call, name->call))
        name->uses |= USE_AGAIN;
    else
        name->call = call;
    name->uses |= USE_FUNCTION;
    usage_block(usage);
}

/* `API(char *) name(int size)`, the cursor being at the name. */
static bool wrapped_read(struct usage *usage, const struct token *call)
{
    const struct token *type = call + 2;

    if (!is_name(usage->at, usage->at + 1) ||
        !token_is_byte(usage->at + 1, '(') ||
        token_are_arguments(usage->at + 1))
        return false;
    usage_name(usage, call)->uses |= USE_WRAPS;
    while (token_is_specifier(type))
        type++;
    if (type->kind == TOKEN_WORD && !token_is_keyword(type) &&
        !token_is_type_word(type))
        usage_name(usage, type)->uses |= USE_TYPE;
    usage_name(usage, usage->at)->uses |= USE_DECLARED;
    usage->at++;
    usage_parameters(usage);
    usage_trailer(usage);
    return true;
}

static bool is_capitals(const struct token *token)
{
    for (size_t i = 0; i < token->length; i++)
        if (islower((unsigned char)token->text[i]))
            return false;
    return token->kind == TOKEN_WORD && token->length > 1;
}

/* `ATTRIBUTE(name, MODE, show, NULL)`: what it stands for may use them. */
static void constants_read(struct usage *usage, const struct token *call)
{
    const struct token *end = token_behind(call + 1) - 1;

    for (const struct token *token = call + 2; token < end; token++)
        if (is_capitals(token) && !token_is_byte(token + 1, '('))
            usage_name(usage, token)->uses |= USE_VALUE;
}

void usage_defining_call(struct usage *usage, const struct token *call)
{
    struct name *name = usage_name(usage, call);
    bool is_wrapped;

    name->uses |= USE_CALL;
    if (!(name->uses & USE_FUNCTION))
        name->call = call;
    usage->at = token_behind(call + 1);
    is_wrapped = wrapped_read(usage, call);
    if (token_is_byte(usage->at, '{')) {
        if (is_wrapped)
            usage_block(usage);
        else
            body_read(usage, call);
        return;
    }
    if (!is_wrapped) {
        usage_name(usage, call)->uses |= USE_NOTHING;
        constants_read(usage, call);
    }
    if (token_is_byte(usage->at, ';'))
        usage->at++;
}

void usage_naming_call(struct usage *usage)
{
    struct name *name = usage_name(usage, usage->at - 1);

    name->uses |= USE_CALL | USE_NAMES;
    name->call = usage->at - 1;
    usage->at = token_behind(usage->at);
    usage_parameters(usage);
    usage_trailer(usage);
    if (token_is_byte(usage->at, '{'))
        usage_block(usage);
    else if (token_is_byte(usage->at, ';'))
        usage->at++;
}
