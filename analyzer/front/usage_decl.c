/*
 * Usage in declarations, see usage.h. Words are told apart by number and
 * place: one is the type, the last is what is declared, others are markers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "base/str.h"
#include "front/usage.h"

enum {
    MOST_WORDS = 12,
    DEEPEST_USAGE = 200, /* as deep as clang lets brackets nest, nearly */
};

/* The words of a declarator and what stands before it. */
struct head {
    const struct token *tag; /* of the record or enum, or NULL */
    const struct token *words[MOST_WORDS];
    bool has_star[MOST_WORDS]; /* behind the word */
    uint32_t count;
    bool has_type;
    bool is_typedef;
    bool is_function; /* what it declares */
};

static bool takes_parentheses(const struct token *token)
{
    static const char *const words[] = {
        "__attribute__",  "__attribute", "_Alignas",
        "__declspec",     "asm",         "__asm__",
        "__asm",          "typeof",      "__typeof__",
        "__typeof",       "_Atomic",     "alignas",
        "_Static_assert", NULL,
    };

    return token_is_one_of(token, words);
}

static bool is_typeof(const struct token *token)
{
    static const char *const words[] = {
        "typeof", "__typeof__", "__typeof", "_Atomic", NULL,
    };

    return token_is_one_of(token, words);
}

static void words_of_enum(struct usage *usage)
{
    const struct token *end = token_behind(usage->at);

    for (usage->at++; usage->at < end; usage->at++)
        if (usage->at->kind == TOKEN_WORD &&
            (token_is_byte(usage->at - 1, '{') ||
             token_is_byte(usage->at - 1, ',')))
            usage_name(usage, usage->at)->uses |= USE_DECLARED;
    usage->at = end;
}

static void fields_read(struct usage *usage)
{
    const struct token *end = token_behind(usage->at);

    usage->at++;
    usage->records++;
    while (usage->at + 1 < end)
        usage_declaration(usage, false);
    usage->records--;
    usage->at = end;
}

/* struct, union or enum, its tag and what is between its braces. */
static void record_read(struct usage *usage)
{
    bool is_enum = token_is(usage->at, "enum");
    uint32_t use = is_enum                        ? USE_ENUM
                   : token_is(usage->at, "union") ? USE_UNION
                                                  : USE_STRUCT;

    usage->at++;
    while (takes_parentheses(usage->at))
        usage->at = token_behind(usage->at + 1);
    if (usage->at->kind == TOKEN_WORD) {
        usage_name(usage, usage->at)->uses |= use;
        usage->at++;
    }
    if (!token_is_byte(usage->at, '{'))
        return;
    if (is_enum)
        words_of_enum(usage);
    else
        fields_read(usage);
}

static void head_star(struct head *head)
{
    if (head->count)
        head->has_star[head->count - 1] = true;
}

/* A word with arguments in a head, that is: more words behind it. Behind a
 * type it is a marker (`int PRINTF_LIKE(1, 2) say(…)`), before a name it
 * stands for a type (`LIST_HEAD(, item) items;`). False: it is neither. */
static bool marker_call_read(struct usage *usage, struct head *head)
{
    const struct token *call = usage->at;
    const struct token *behind = token_behind(call + 1);
    struct name *name = usage_name(usage, call);
    bool is_end =
        token_is_byte(behind + 1, ';') || token_is_byte(behind + 1, '=') ||
        token_is_byte(behind + 1, ',') || token_is_byte(behind + 1, '[');

    if (behind->kind != TOKEN_WORD && !token_is_byte(behind, '*'))
        return false;
    if (!head->has_type && !head->count) {
        if (!is_end || token_is_keyword(behind))
            return false;
        name->uses |= USE_RECORD;
        head->has_type = true;
    } else if (token_are_arguments(call + 1)) {
        name->uses |= USE_MARKER | USE_CALL;
    } else {
        return false;
    }
    name->call = call;
    usage->at = behind - 1;
    return true;
}

/* `static struct family family __read_mostly = …`: what is declared stands
 * before its markers. */
static void markers_behind_read(struct usage *usage, struct head *head)
{
    uint32_t least = head->has_type ? 1 : 2;

    if (token_is_byte(usage->at, '('))
        return;
    while (head->count > least &&
           token_is_reserved(head->words[head->count - 1]) &&
           !token_is_reserved(head->words[head->count - 2]) &&
           !head->has_star[head->count - 2]) {
        head->count--;
        usage_name(usage, head->words[head->count])->uses |= USE_MARKER;
    }
}

/* Up to the first token that is not part of it: ( ) ; = , [ { : */
static struct head head_read(struct usage *usage)
{
    struct head head = {0};

    for (; usage->at < usage->end; usage->at++) {
        if (token_is(usage->at, "struct") || token_is(usage->at, "union") ||
            token_is(usage->at, "enum")) {
            head.tag = usage->at + 1;
            record_read(usage);
            usage->at--;
            head.has_type = true;
        } else if (takes_parentheses(usage->at)) {
            head.has_type |= is_typeof(usage->at);
            if (token_is_byte(usage->at + 1, '('))
                usage->at = token_behind(usage->at + 1) - 1;
        } else if (token_is_type_word(usage->at)) {
            head.has_type = true;
        } else if (token_is_byte(usage->at, '*')) {
            head_star(&head);
        } else if (usage->at->kind == TOKEN_WORD) {
            if (token_is_byte(usage->at + 1, '(') &&
                marker_call_read(usage, &head))
                continue;
            head.is_typedef |= token_is(usage->at, "typedef");
            if (!token_is_specifier(usage->at) && head.count < MOST_WORDS)
                head.words[head.count++] = usage->at;
        } else {
            break;
        }
    }
    markers_behind_read(usage, &head);
    return head;
}

static bool ends_in_t(const struct token *token)
{
    return token->length > 2 &&
           !strncmp(token->text + token->length - 2, "_t", 2);
}

/* Which of the first `count` words is the type: the one with a star behind
 * it, or that is called one elsewhere; the first else. */
static uint32_t type_of(struct usage *usage, const struct head *head,
                        uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (head->has_star[i])
            return i;
    for (uint32_t i = 0; i < count; i++)
        if (ends_in_t(head->words[i]) ||
            usage_name(usage, head->words[i])->uses & USE_TYPE)
            return i;
    for (uint32_t i = 0; i < count; i++)
        if (!(usage_name(usage, head->words[i])->uses & USE_MARKER))
            return i;
    return 0;
}

static uint32_t use_of_name(const struct usage *usage)
{
    return usage->records ? USE_FIELD : USE_DECLARED;
}

static void name_declared(struct usage *usage, const struct head *head,
                          uint32_t type, bool has_named_type)
{
    uint32_t last = head->count - 1;
    struct typed typed = {0};

    usage_name(usage, head->words[last])->uses |=
        head->is_typedef ? USE_TYPE : use_of_name(usage);
    if (!has_named_type || head->is_typedef)
        return;
    typed.type =
        (uint32_t)(usage_name(usage, head->words[type]) - usage->names.items);
    typed.name =
        (uint32_t)(usage_name(usage, head->words[last]) - usage->names.items);
    typed.is_pointer = head->has_star[type];
    typed.is_result = head->is_function;
    vec_add(usage->arena, &usage->typed, typed);
}

static void head_tell(struct usage *usage, const struct head *head,
                      bool has_name)
{
    uint32_t count = head->count - (has_name && head->count ? 1 : 0);
    uint32_t type = 0;

    if (count && !head->has_type) {
        type = type_of(usage, head, count);
        usage_name(usage, head->words[type])->uses |= USE_TYPE;
    }
    for (uint32_t i = 0; i < count; i++)
        if (head->has_type || i != type)
            usage_name(usage, head->words[i])->uses |=
                ends_in_t(head->words[i]) ? USE_TYPE : USE_MARKER;
    if (has_name && head->count)
        name_declared(usage, head, type, count && !head->has_type);
}

/* `(*name)(…)`, the cursor being at the first parenthesis. */
static void pointer_read(struct usage *usage)
{
    const struct token *end = token_behind(usage->at);

    for (; usage->at < end; usage->at++)
        if (usage->at->kind == TOKEN_WORD && !token_is_specifier(usage->at))
            usage_name(usage, usage->at)->uses |=
                usage->at[1].kind == TOKEN_WORD ? USE_MARKER
                                                : use_of_name(usage);
    usage->at = end;
    if (!token_is_byte(usage->at, '('))
        return;
    if (++usage->depth < DEEPEST_USAGE)
        usage_parameters(usage);
    else
        usage->at = token_behind(usage->at);
    usage->depth--;
}

static bool is_param_named(const struct head *head)
{
    uint32_t last = head->count - 1;

    if (!head->count || head->has_star[last])
        return false;
    return head->has_type || head->count > 1;
}

void usage_parameters(struct usage *usage)
{
    const struct token *end = token_behind(usage->at) - 1;

    for (usage->at++; usage->at < end; usage->at++) {
        struct head head = head_read(usage);
        bool is_pointer = token_is_byte(usage->at, '(') && usage->at < end;

        head_tell(usage, &head, !is_pointer && is_param_named(&head));
        if (is_pointer)
            pointer_read(usage);
        while (usage->at < end && !token_is_byte(usage->at, ','))
            usage->at = strchr("([{", usage->at->byte) && usage->at->byte
                            ? token_behind(usage->at)
                            : usage->at + 1;
    }
    usage->at = end + 1;
}

/* Words between the parameters and what follows: markers. */
void usage_trailer(struct usage *usage)
{
    while (usage->at < usage->end) {
        if (takes_parentheses(usage->at)) {
            usage->at = token_behind(usage->at + 1);
        } else if (usage->at->kind == TOKEN_WORD &&
                   !token_is_keyword(usage->at)) {
            struct name *name = usage_name(usage, usage->at);

            name->uses |= USE_MARKER;
            if (token_is_byte(++usage->at, '(')) {
                name->uses |= USE_CALL;
                name->call = usage->at - 1;
                usage->at = token_behind(usage->at);
            }
        } else {
            break;
        }
    }
}

/* Between brackets, the cursor being at the first one. */
static void size_read(struct usage *usage)
{
    const struct token *end = token_behind(usage->at);

    for (; usage->at < end; usage->at++)
        if (usage->at->kind == TOKEN_WORD && !token_is_keyword(usage->at))
            usage_name(usage, usage->at)->uses |=
                USE_INDEX | USE_VALUE | USE_CONSTANT;
}

static void tag_has_table(struct usage *usage, const struct head *head)
{
    if (head->tag && head->tag->kind == TOKEN_WORD)
        usage_name(usage, head->tag)->uses |= USE_TABLE;
}

static void name_has_designators(struct usage *usage, const struct head *head)
{
    if (head->count)
        usage_name(usage, head->words[head->count - 1])->uses |= USE_DESIGNATED;
}

/* Behind the name: arrays, a bit-field's width, an initialiser. */
static void declarator_end(struct usage *usage, const struct head *head)
{
    while (token_is_byte(usage->at, '['))
        size_read(usage);
    usage_trailer(usage);
    if (token_is_byte(usage->at, ':'))
        while (usage->at < usage->end && !token_is_byte(usage->at, ',') &&
               !token_is_byte(usage->at, ';'))
            usage->at++;
    if (!token_is_byte(usage->at, '='))
        return;
    usage->at++;
    if (token_is_byte(usage->at, '{') && token_is_byte(usage->at + 1, '.'))
        name_has_designators(usage, head);
    if (token_is_byte(usage->at, '{') && (token_is_byte(usage->at + 1, '[') ||
                                          token_is_byte(usage->at + 1, '{')))
        tag_has_table(usage, head);
    usage_expression(usage, NULL);
}

/* `, name`, `, *name = …` after the first declarator. */
static void others_read(struct usage *usage, const struct head *first)
{
    while (token_is_byte(usage->at, ',')) {
        struct head head = *first;

        for (usage->at++; token_is_byte(usage->at, '*'); usage->at++)
            ;
        if (usage->at->kind != TOKEN_WORD || !head.count)
            return;
        head.words[head.count - 1] = usage->at++;
        head_tell(usage, &head, true);
        declarator_end(usage, &head);
    }
}

/* `(*name)` or `(CALL *name)(…)`. */
static bool is_pointer_declarator(const struct token *open)
{
    return token_is_byte(open + 1, '*') ||
           (open[1].kind == TOKEN_WORD && token_is_byte(open + 2, '*') &&
            token_is_byte(token_behind(open), '('));
}

static void function_read(struct usage *usage, struct head *head)
{
    if (is_pointer_declarator(usage->at) &&
        head->has_type | (head->count > 0)) {
        head_tell(usage, head, false);
        pointer_read(usage);
    } else {
        head->is_function = true;
        head_tell(usage, head, true);
        usage_parameters(usage);
    }
    usage_trailer(usage);
}

/* `void HELPER(name)(int size)`, and not `int (*(f)(void))(int)`. */
static bool is_named_by_macro(const struct usage *usage,
                              const struct head *head)
{
    const struct token *open = usage->at;

    return head->count && head->has_type | (head->count > 1) &&
           open[-1].kind == TOKEN_WORD && open[1].kind == TOKEN_WORD &&
           !token_is_keyword(open + 1) && token_is_byte(open + 2, ')') &&
           token_is_byte(open + 3, '(') && !token_are_arguments(open + 3);
}

static void markers_tell(struct usage *usage, const struct head *head)
{
    for (uint32_t i = 0; i + 1 < head->count; i++)
        usage_name(usage, head->words[i])->uses |= USE_MARKER;
}

/* `static __aligned DEFINE_LOCK(name);`, or its name alone. */
static bool is_declaring_macro(const struct usage *usage,
                               const struct head *head)
{
    const char *name = head->count ? usage->at[-1].text : "";

    if (token_is_byte(usage->at + 1, '*') &&
        token_is_byte(token_behind(usage->at), '('))
        return false;
    if (head->count <= 1 || head->has_type)
        return head->count && !head->has_type;
    return token_is_byte(token_behind(usage->at), ';') &&
           token_are_arguments(usage->at) &&
           (str_starts_with(name, "DEFINE_") ||
            str_starts_with(name, "DECLARE_"));
}

static void declaration_read(struct usage *usage, bool is_local)
{
    const struct token *start = usage->at;
    struct head head = head_read(usage);

    if (token_is_byte(usage->at, '(')) {
        if (!is_local && is_declaring_macro(usage, &head)) {
            markers_tell(usage, &head);
            usage_defining_call(usage, head.words[head.count - 1]);
            return;
        }
        if (!is_local && is_named_by_macro(usage, &head)) {
            head.count--;
            head_tell(usage, &head, false);
            usage_naming_call(usage);
            return;
        }
        function_read(usage, &head);
    } else {
        head_tell(usage, &head, true);
    }
    declarator_end(usage, &head);
    others_read(usage, &head);
    if (token_is_byte(usage->at, '{')) {
        usage_block(usage);
        return;
    }
    while (usage->at < usage->end && !token_is_byte(usage->at, ';') &&
           !token_is_byte(usage->at, '}'))
        usage->at = token_is_byte(usage->at, '{') ? token_behind(usage->at)
                                                  : usage->at + 1;
    if (token_is_byte(usage->at, ';') || usage->at == start)
        usage->at++;
}

/* Records in records, and parameters of parameters. */
void usage_declaration(struct usage *usage, bool is_local)
{
    if (usage->depth >= DEEPEST_USAGE) {
        usage->at = token_behind(usage->at);
        return;
    }
    usage->depth++;
    declaration_read(usage, is_local);
    usage->depth--;
}
