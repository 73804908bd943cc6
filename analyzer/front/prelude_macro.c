/*
 * Macros that a unit uses and nobody defines, see prelude.h: those that are
 * known far and wide, from the stand-ins, and those that only a macro can be.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <ctype.h>
#include <string.h>

#include "front/prelude_write.h"
#include "front/standins.h"

enum { MOST_ARGS = 16 };

static const char define[] = "#define ";

static bool is_missing(const struct prelude *prelude, const char *text,
                       size_t length)
{
    const uint32_t *at = map_find(&prelude->usage.by_text, text, length);

    return at && !(prelude->usage.names.items[*at].uses & USE_DECLARED) &&
           (prelude->usage.names.items[*at].is_main ||
            map_find(&prelude->wanted, text, length)) &&
           !map_find(&prelude->known, text, length) &&
           !prelude_is_defined(prelude,
                               arena_strndup(prelude->arena, text, length)) &&
           !map_find(&prelude->wrong, text, length);
}

/* Of a paragraph: whether it defines a name that is used and missing. */
static bool is_wanted(const struct prelude *prelude, const char *text,
                      const char *end)
{
    for (const char *line = text; line < end;) {
        const char *name = line + strlen(define);
        const char *next = memchr(line, '\n', (size_t)(end - line));

        if (!strncmp(line, define, strlen(define))) {
            size_t length = strcspn(name, "( \n");

            if (is_missing(prelude, name, length))
                return true;
        }
        line = next ? next + 1 : end;
    }
    return false;
}

static void paragraph_write(struct prelude *prelude, const char *text,
                            const char *end)
{
    const char *start = text;

    if (!is_wanted(prelude, text, end))
        return;
    while (text < end) {
        const char *next = memchr(text, '\n', (size_t)(end - text));

        next = next ? next + 1 : end;
        if (!strncmp(text, define, strlen(define)))
            prelude_line_begin(
                prelude, arena_strndup(prelude->arena, text + strlen(define),
                                       strcspn(text + strlen(define), "( \n")));
        strbuf_add_bytes(&prelude->text, text, (size_t)(next - text));
        text = next;
    }
    strbuf_add(&prelude->text, "\n");
    tokens_defined(start, (size_t)(end - start), &prelude->standing);
}

void prelude_standins_write(struct prelude *prelude)
{
    prelude->standing = (struct map){.arena = prelude->arena};
    for (int i = 0; i < standin_count; i++) {
        const char *text = standins[i].text;
        const char *end;

        for (; (end = strstr(text, "\n\n")); text = end + 2)
            paragraph_write(prelude, text, end);
        paragraph_write(prelude, text, text + strlen(text));
    }
}

/* An argument of the call that a macro is made from. */
struct argument {
    const struct token *start;
    const struct token *end;
};

static uint32_t arguments_of(const struct token *call,
                             struct argument *arguments)
{
    const struct token *end = token_behind(call + 1) - 1;
    const struct token *token = call + 2;
    uint32_t count = 0;

    while (token < end && count < MOST_ARGS) {
        arguments[count].start = token;
        token = token_argument_end(token, end);
        arguments[count++].end = token++;
    }
    return count;
}

static const struct name *name_of(const struct prelude *prelude,
                                  const struct token *token)
{
    const uint32_t *at =
        map_find(&prelude->usage.by_text, token->text, token->length);

    return at ? &prelude->usage.names.items[*at] : NULL;
}

static bool is_word(const struct argument *argument)
{
    return argument->end == argument->start + 1 &&
           argument->start->kind == TOKEN_WORD;
}

/* `struct x`, `x *`, or a word that names a type elsewhere. */
static bool is_type(const struct prelude *prelude,
                    const struct argument *argument)
{
    const struct name *name;

    if (argument->start->kind != TOKEN_WORD)
        return false;
    if (token_is_keyword(argument->start))
        return !token_is(argument->start, "sizeof") &&
               !token_is(argument->start, "typeof") &&
               !token_is(argument->start, "offsetof") &&
               argument->end[-1].kind != TOKEN_NUMBER;
    if (argument->end > argument->start + 1 &&
        token_is_byte(argument->end - 1, '*'))
        return true;
    name = name_of(prelude, argument->start);
    if (!is_word(argument) || !name || name->uses & USE_DECLARED)
        return false;
    return name->uses & USE_TYPE ||
           prelude_is_known(prelude, name->text, KNOWN_TYPE);
}

static void parameters_write(struct prelude *prelude, const char *name,
                             uint32_t count)
{
    strbuf_printf(&prelude->text, "#define %s(", name);
    for (uint32_t i = 0; i < count; i++)
        strbuf_printf(&prelude->text, "%sa%u", i ? ", " : "", i);
    strbuf_add(&prelude->text, ") ");
}

/* The first variable goes round with the loop. */
static void loop_write(struct prelude *prelude,
                       const struct argument *arguments, uint32_t count)
{
    bool has_cursor = false;

    strbuf_add(&prelude->text, "while (asynclint_each(");
    for (uint32_t i = 0; i < count; i++) {
        const struct name *name = name_of(prelude, arguments[i].start);
        bool is_variable = is_word(&arguments[i]) && name &&
                           name->uses & USE_DECLARED && !has_cursor;

        if (!is_variable &&
            (is_word(&arguments[i]) || is_type(prelude, &arguments[i])))
            continue;
        strbuf_printf(&prelude->text, is_variable ? "&(a%u), " : "(a%u), ", i);
        has_cursor |= is_variable;
    }
    strbuf_add(&prelude->text, "0))\n");
}

static void block_write(struct prelude *prelude, const struct name *name,
                        const struct argument *arguments, uint32_t count)
{
    bool is_loop = strstr(name->text, "each") || strstr(name->text, "EACH");

    if (is_loop) {
        parameters_write(prelude, name->text, count);
        loop_write(prelude, arguments, count);
        return;
    }
    strbuf_printf(&prelude->text,
                  "#define %s(...) for (int asynclint_go = 1; asynclint_go; "
                  "asynclint_go = 0)\n",
                  name->text);
}

/* `for (EACH(list, node, value))`: its variables go round with it. */
static void header_write(struct prelude *prelude, const struct name *name,
                         const struct argument *arguments, uint32_t count)
{
    parameters_write(prelude, name->text, count);
    strbuf_add(&prelude->text, "; asynclint_each(");
    for (uint32_t i = 0; i < count; i++) {
        const struct name *word = name_of(prelude, arguments[i].start);
        bool is_variable =
            is_word(&arguments[i]) && word && word->uses & USE_DECLARED;

        strbuf_printf(&prelude->text, is_variable ? "&(a%u), " : "(a%u), ", i);
    }
    strbuf_add(&prelude->text, "0);\n");
}

bool prelude_is_initialiser(const struct name *name)
{
    return name->uses & USE_INITIAL &&
           (str_ends_with(name->text, "_INIT") ||
            strstr(name->text, "_INIT_") || strstr(name->text, "_INITIALIZER"));
}

/* What a macro stands for, if the place where it is used says that. */
static const char *body_of(const struct name *name)
{
    if (name->uses & USE_BODY)
        return "do { __VA_ARGS__ } while (0)";
    if (name->uses & USE_WRAPS)
        return "__VA_ARGS__";
    /* POSIX's opens a block, so what closes it must be POSIX's, too. */
    if (str_ends_with(name->text, "_cleanup_pop"))
        return "pthread_cleanup_pop(1)";
    if (name->uses & USE_RECORD)
        return "struct asynclint_any";
    if (prelude_is_initialiser(name) && !(name->uses & USE_NOTHING))
        return "{0}";
    return name->uses & USE_NOTHING && !(name->uses & USE_VALUE) ? "" : NULL;
}

/* The function of a macro with a body is called by one of its arguments, or by
 * two of them, where one comes twice. What it is given is not known; what its
 * body uses is declared elsewhere. */
static bool function_write(struct prelude *prelude, const struct name *name)
{
    int first = usage_name_argument(name->call, 0);
    int second = first < 0 ? -1 : usage_name_argument(name->call, first + 1);
    bool is_pair = name->uses & USE_AGAIN && second >= 0;
    int last = is_pair ? second : first;

    if (first < 0 || last > MOST_ARGS)
        return false;
    strbuf_printf(&prelude->text, "#define %s(", name->text);
    for (int i = 0; i <= last; i++)
        strbuf_printf(&prelude->text, "a%d, ", i);
    strbuf_printf(&prelude->text, "...) long a%d", first);
    if (is_pair)
        strbuf_printf(&prelude->text, "##_##a%d", second);
    strbuf_add(&prelude->text, "()\n");
    return true;
}

/* `INIT(item, .next = list)`: what is made, and then its fields. */
static bool makes_fields(const struct argument *arguments, uint32_t count)
{
    return count > 1 && is_word(&arguments[0]) &&
           token_is_byte(arguments[1].start, '.');
}

bool prelude_macro_write(struct prelude *prelude, const struct name *name)
{
    struct argument arguments[MOST_ARGS];
    uint32_t count = arguments_of(name->call, arguments);
    const char *body = body_of(name);
    uint32_t type = 0;

    if (name->uses & USE_HEADER) {
        header_write(prelude, name, arguments, count);
        return true;
    }
    if (name->uses & USE_FUNCTION && function_write(prelude, name))
        return true;
    if (name->uses & USE_NAMES) {
        strbuf_printf(&prelude->text, "#define %s(a0) %s_##a0\n", name->text,
                      name->text);
        return true;
    }
    if (body) {
        strbuf_printf(&prelude->text, "#define %s(...) %s\n", name->text, body);
        return true;
    }
    if (name->uses & USE_BLOCK) {
        block_write(prelude, name, arguments, count);
        return true;
    }
    if (name->uses & USE_DECLARES) {
        strbuf_printf(&prelude->text, "#define %s(type) type *\n", name->text);
        return true;
    }
    if (makes_fields(arguments, count)) {
        strbuf_printf(&prelude->text,
                      "#define %s(a0, ...) asynclint_each(&(a0))\n",
                      name->text);
        return true;
    }
    while (type < count && !is_type(prelude, &arguments[type]))
        type++;
    if (type == count)
        return false;
    parameters_write(prelude, name->text, count);
    strbuf_printf(&prelude->text, "((a%u%s) ", type,
                  token_is_byte(arguments[type].end - 1, '*') ? "" : " *");
    /* container_of and its kin: from one pointer to another. */
    if (count > 2)
        strbuf_printf(&prelude->text, "((char *)(a%u) - 8))\n", !type);
    else
        strbuf_printf(&prelude->text, "asynclint_made())\n");
    return true;
}
