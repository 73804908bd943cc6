/*
 * Usage in statements and expressions, see usage.h, and what both halves
 * read tokens with.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "front/usage.h"

enum { DEEPEST_BLOCK = 200 };

static bool is_in_main(const struct usage *usage, const struct token *token)
{
    return token->text >= usage->main_text &&
           token->text < usage->main_text + usage->main_length;
}

struct name *usage_name(struct usage *usage, const struct token *token)
{
    bool is_new;
    uint32_t *at = map_add(&usage->by_text, token->text, token->length,
                           usage->names.count, &is_new);

    if (is_new) {
        struct name name = {0};

        name.text = arena_strndup(usage->arena, token->text, token->length);
        vec_add(usage->arena, &usage->names, name);
    }
    if (is_in_main(usage, token))
        usage->names.items[*at].is_main = true;
    return &usage->names.items[*at];
}

bool token_is(const struct token *token, const char *text)
{
    return token->kind == TOKEN_WORD && token->length == strlen(text) &&
           !strncmp(token->text, text, token->length);
}

bool token_is_one_of(const struct token *token, const char *const *words)
{
    for (; *words; words++)
        if (token_is(token, *words))
            return true;
    return false;
}

bool token_is_byte(const struct token *token, char byte)
{
    return token->kind == TOKEN_OTHER && token->byte == byte;
}

static bool is_statement_word(const struct token *token)
{
    static const char *const words[] = {
        "if",     "else",  "while", "for",      "do",      "switch", "case",
        "return", "break", "goto",  "continue", "default", NULL,
    };

    return token_is_one_of(token, words);
}

static bool is_type_start(const struct token *token)
{
    static const char *const words[] = {
        "struct",      "union",    "enum",           "const",
        "volatile",    "static",   "extern",         "int",
        "char",        "long",     "short",          "unsigned",
        "signed",      "float",    "double",         "void",
        "_Bool",       "register", "bool",           "typeof",
        "__typeof__",  "typedef",  "_Static_assert", "size_t",
        "__auto_type", NULL,
    };

    return token_is_one_of(token, words);
}

bool token_is_keyword(const struct token *token)
{
    return is_statement_word(token) || is_type_start(token) ||
           token_is(token, "sizeof") || token_is(token, "_Generic") ||
           token_is(token, "_Alignof") || token_is(token, "asm") ||
           token_is(token, "inline") || token_is(token, "offsetof") ||
           token_is(token, "__attribute__") ||
           token_is(token, "__extension__") || token_is(token, "__asm__");
}

static bool opens(const struct token *token)
{
    return token_is_byte(token, '(') || token_is_byte(token, '[') ||
           token_is_byte(token, '{');
}

const struct token *token_behind(const struct token *token)
{
    uint32_t depth = 0;

    for (; token->kind != TOKEN_END; token++) {
        if (opens(token))
            depth++;
        else if ((token_is_byte(token, ')') || token_is_byte(token, ']') ||
                  token_is_byte(token, '}')) &&
                 depth && !--depth)
            return token + 1;
        if (!depth)
            return token + 1;
    }
    return token;
}

const struct token *token_argument_end(const struct token *token,
                                       const struct token *end)
{
    while (token < end && !token_is_byte(token, ','))
        token = token_is_byte(token, '(') || token_is_byte(token, '[') ||
                        token_is_byte(token, '{')
                    ? token_behind(token)
                    : token + 1;
    return token;
}

/* An operator that no pointer is a left side of. */
static bool is_for_numbers(const struct token *token)
{
    bool is_twice =
        token[1].kind == TOKEN_OTHER && token->byte == token[1].byte;

    if (token->kind != TOKEN_OTHER || !token->byte)
        return false;
    if (strchr("&|", token->byte))
        return !is_twice;
    if (strchr("<>", token->byte))
        return is_twice;
    return strchr("*/%^", token->byte) != NULL;
}

/* What stands behind a name: how it is used. */
static void touch_add(struct touch *touch, const struct token *token)
{
    bool is_indexed = false;

    for (token++; token_is_byte(token, '[');) {
        token = token_behind(token);
        is_indexed = true;
    }
    touch->index += is_indexed;
    if (token->kind == TOKEN_ARROW) {
        touch->arrow++;
    } else if (token_is_byte(token, '.')) {
        touch->dot++;
    } else if (token_is_byte(token, '(')) {
        touch->call++;
        touch->result += token_behind(token)->kind == TOKEN_ARROW;
    } else {
        touch->plain++;
        touch->number += is_for_numbers(token);
    }
}

static void word_read(struct usage *usage)
{
    const struct token *token = usage->at;
    struct name *name = usage_name(usage, token);

    if (token[-1].kind == TOKEN_ARROW || token_is_byte(token - 1, '.')) {
        name->is_member |= is_in_main(usage, token);
        name->is_designated |=
            token_is_byte(token - 2, '{') || token_is_byte(token - 2, ',');
        touch_add(&name->member, token);
        return;
    }
    name->uses |= USE_VALUE;
    if (token_is_byte(token - 1, '='))
        name->uses |= USE_INITIAL;
    if (token_is_byte(token - 1, '['))
        name->uses |= USE_INDEX;
    if (token_is_byte(token + 1, '(')) {
        if (token_is_byte(token + 2, '{') &&
            token_behind(token + 2) == token_behind(token + 1) - 1)
            name->uses |= USE_BODY;
        name->uses |= USE_CALL;
        name->call = token;
    }
    touch_add(&name->value, token);
    name->value.address +=
        token_is_byte(token - 1, '&') &&
        (token_is_byte(token - 2, '(') || token_is_byte(token - 2, ',') ||
         token_is_byte(token - 2, '='));
}

/* `(type *)` and `(type)value`, the cursor being at the parenthesis. */
static bool cast_read(struct usage *usage)
{
    const struct token *token = usage->at + 1;
    const struct token *word = token;
    bool is_pointer = false;

    if (token_is(token, "const"))
        word = ++token;
    if (word->kind != TOKEN_WORD || token_is_keyword(word))
        return false;
    for (token++; token_is_byte(token, '*') || token_is(token, "const");
         token++)
        is_pointer = true;
    if (!token_is_byte(token, ')') || usage->at[-1].kind == TOKEN_WORD)
        return false;
    if (!is_pointer && token[1].kind != TOKEN_WORD &&
        token[1].kind != TOKEN_NUMBER && !token_is_byte(token + 1, '{'))
        return false;
    usage_name(usage, word)->uses |= USE_TYPE;
    if (token_is_byte(token + 1, '{'))
        usage_name(usage, word)->uses |= USE_DESIGNATED;
    usage->at = token;
    return true;
}

/* `(void word *)`: a word behind a type. */
static void marker_read(struct usage *usage)
{
    while (usage->at[1].kind == TOKEN_WORD && !token_is_keyword(usage->at + 1))
        usage_name(usage, ++usage->at)->uses |= USE_MARKER;
}

/* `= word call()`: two words in a row are no expression. */
static bool is_prefix(const struct token *token)
{
    return token[1].kind == TOKEN_WORD && !token_is_keyword(token + 1) &&
           token[-1].kind != TOKEN_ARROW && !token_is_byte(token - 1, '.') &&
           (token[-1].kind != TOKEN_WORD || token_is(token - 1, "return"));
}

static void tag_read(struct usage *usage)
{
    uint32_t use = token_is(usage->at, "enum")    ? USE_ENUM
                   : token_is(usage->at, "union") ? USE_UNION
                                                  : USE_STRUCT;

    if (usage->at[1].kind == TOKEN_WORD)
        usage_name(usage, ++usage->at)->uses |= use;
    marker_read(usage);
}

/* `"…" WORD "…"`: strings are joined. */
static bool is_text(const struct token *token)
{
    return token[-1].kind == TOKEN_TEXT ||
           (token[1].kind == TOKEN_TEXT && !token_is(token, "L") &&
            !token_is(token, "u8"));
}

static void expression_word_read(struct usage *usage)
{
    if (is_text(usage->at) && !token_is_keyword(usage->at))
        usage_name(usage, usage->at)->uses |= USE_TEXT;
    else if (is_prefix(usage->at))
        usage_name(usage, usage->at)->uses |= USE_MARKER;
    else
        word_read(usage);
}

/* Up to `until`; if that is NULL, to the `;` or `,` outside of brackets. */
void usage_expression(struct usage *usage, const struct token *until)
{
    uint32_t depth = 0;

    for (; usage->at < usage->end && usage->at != until; usage->at++) {
        const struct token *token = usage->at;

        if (!until && !depth &&
            (token_is_byte(token, ';') || token_is_byte(token, ',')))
            return;
        if (token_is_byte(token, '{') && token_is_byte(token - 1, '(')) {
            usage_block(usage);
            usage->at--;
            continue;
        }
        if (opens(token))
            depth++;
        else if (token_is_byte(token, ')') || token_is_byte(token, ']') ||
                 token_is_byte(token, '}')) {
            if (!depth--)
                return;
        }
        if (token_is(token, "__attribute__") && token_is_byte(token + 1, '('))
            usage->at = token_behind(token + 1) - 1;
        else if (token_is(token, "struct") || token_is(token, "union") ||
                 token_is(token, "enum"))
            tag_read(usage);
        else if (is_type_start(token))
            marker_read(usage);
        else if (token_is_byte(token, '(') && cast_read(usage))
            depth--;
        else if (token->kind == TOKEN_WORD && !token_is_keyword(token))
            expression_word_read(usage);
    }
}

/* A declaration begins with two words in a row, or `word * word` and then
 * what no product is followed by. */
static bool is_declaration(const struct usage *usage)
{
    const struct token *token = usage->at;
    bool has_star = false;

    if (is_type_start(token))
        return true;
    if (token->kind != TOKEN_WORD || token_is_keyword(token))
        return false;
    for (token++; token_is_byte(token, '*') || token_is(token, "const");
         token++)
        has_star = true;
    if (token->kind != TOKEN_WORD || token_is_keyword(token))
        return false;
    token++;
    if (!has_star && !token_is_byte(token, '('))
        return true;
    return token_is_byte(token, ';') || token_is_byte(token, '=') ||
           token_is_byte(token, ',') || token_is_byte(token, '[') ||
           token->kind == TOKEN_WORD;
}

/* `LIST_HEAD(, type)`, and not `for_each(x, list)`. */
static bool is_list(const struct token *call)
{
    static const char head[] = "_HEAD";
    size_t length = strlen(head);

    return token_is_byte(call + 2, ',') ||
           (call->length > length &&
            !memcmp(call->text + call->length - length, head, length));
}

/* `NAME(…) {`, `NAME(…) statement` or `NAME(…) name = …;`. The arguments are
 * read by who calls. */
static void macro_call_read(struct usage *usage)
{
    const struct token *behind = token_behind(usage->at + 1);
    struct name *name = usage_name(usage, usage->at);

    if (token_is_byte(behind, '{') || is_statement_word(behind)) {
        name->uses |= USE_BLOCK;
        name->call = usage->at;
    } else if (behind->kind == TOKEN_WORD && !token_is_keyword(behind)) {
        bool is_simple = behind == usage->at + 4;
        bool is_declared =
            token_is_byte(behind + 1, '=') || token_is_byte(behind + 1, ';');

        name->call = usage->at;
        name->uses |= is_declared && is_simple            ? USE_DECLARES
                      : is_declared && is_list(usage->at) ? USE_RECORD
                                                          : USE_BLOCK;
        if (name->uses & USE_DECLARES)
            usage_typed_call(usage, usage->at + 2, behind);
    }
}

/* What a case compares with has to be a constant. */
static void case_read(struct usage *usage)
{
    const struct token *colon = usage->at;

    while (colon < usage->end && !token_is_byte(colon, ':'))
        colon++;
    for (const struct token *token = usage->at + 1; token < colon; token++)
        if (token->kind == TOKEN_WORD && !token_is_keyword(token))
            usage_name(usage, token)->uses |= USE_VALUE | USE_CONSTANT;
    usage->at = colon + 1;
}

/* Behind the parenthesis; and whether one call is all of the header. */
static void header_read(struct usage *usage)
{
    const struct token *end = token_behind(usage->at + 1);
    struct name *name;

    usage->at += 2;
    if (usage->at->kind != TOKEN_WORD || !token_is_byte(usage->at + 1, '(') ||
        token_behind(usage->at + 1) + 1 != end)
        return;
    name = usage_name(usage, usage->at);
    name->uses |= USE_HEADER;
    name->call = usage->at;
}

static void expressions_read(struct usage *usage)
{
    while (usage->at < usage->end && !token_is_byte(usage->at, ';') &&
           !token_is_byte(usage->at, '}')) {
        const struct token *before = usage->at;

        usage_expression(usage, NULL);
        /* The end of a condition or header: its body comes next. */
        if (token_is_byte(usage->at, ')')) {
            usage->at++;
            return;
        }
        if (token_is_byte(usage->at, ',') || usage->at == before)
            usage->at++;
    }
    if (token_is_byte(usage->at, ';'))
        usage->at++;
}

static void statement_read(struct usage *usage)
{
    const struct token *token = usage->at;

    if (token_is_byte(token, '{')) {
        usage_block(usage);
        return;
    }
    if (is_declaration(usage)) {
        usage_declaration(usage, true);
        return;
    }
    if (token_is(token, "goto")) {
        usage->at += 2;
        return;
    }
    if (token_is(token, "for") && token_is_byte(token + 1, '(')) {
        header_read(usage);
        return;
    }
    if (token_is(token, "case")) {
        case_read(usage);
        return;
    }
    if (is_statement_word(token)) {
        bool has_condition = token_is_byte(token + 1, '(');

        usage->at++;
        if (!has_condition)
            return;
        usage->at++;
        usage_expression(usage, token_behind(token + 1));
        return;
    }
    if (token->kind == TOKEN_WORD && token_is_byte(token + 1, ':')) {
        usage->at += 2;
        return;
    }
    if (token->kind == TOKEN_WORD && token_is_byte(token + 1, '(')) {
        const struct token *behind = token_behind(token + 1);

        macro_call_read(usage);
        usage_expression(usage, behind);
        if (usage_name(usage, token)->uses & (USE_BLOCK | USE_DECLARES) &&
            (behind->kind == TOKEN_WORD || token_is_byte(behind, '{')))
            return;
    }
    expressions_read(usage);
}

void usage_block(struct usage *usage)
{
    const struct token *end = token_behind(usage->at);

    usage->at++;
    if (++usage->depth < DEEPEST_BLOCK)
        while (usage->at + 1 < end) {
            const struct token *before = usage->at;

            statement_read(usage);
            if (usage->at == before)
                usage->at++;
        }
    usage->depth--;
    usage->at = end;
}

void usage_read(struct usage *usage, const struct token *tokens, uint32_t count,
                bool is_body)
{
    usage->at = tokens;
    usage->end = tokens + count;
    while (usage->at < usage->end && usage->at->kind != TOKEN_END) {
        const struct token *before = usage->at;

        /* `extern "C" {`: what is in it is C, too. */
        if (token_is(usage->at, "extern") && usage->at[1].kind == TOKEN_TEXT)
            usage->at += token_is_byte(usage->at + 2, '{') ? 3 : 2;
        else if (is_body)
            statement_read(usage);
        else
            usage_declaration(usage, false);
        if (usage->at == before)
            usage->at++;
    }
}
