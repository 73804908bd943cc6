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

/* Options of a program that was not configured: what is asked for with #ifdef
 * was written to be compiled. Not what is for other systems, or turns the
 * program inside out to find faults. */
static bool is_for_others(const char *name)
{
    static const char *const others[] = {
        "WIN32", "WINDOWS", "DARWIN",     "BSD",       "SOLARIS", "HAIKU",
        "DEBUG", "ASAN",    "TSAN",       "VALGRIND",  "FUZZ",    "TRACE",
        "KASAN", "LOCKDEP", "PREEMPT_RT", "USER_ONLY", "MODULE",  "NOMMU",
    };

    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
        if (strstr(name, others[i]))
            return true;
    return *name == '_';
}

static bool is_option(const char *name)
{
    return str_starts_with(name, "CONFIG_") && !is_for_others(name);
}

static const char *entry_name(const struct prelude *prelude,
                              const struct map_entry *entry)
{
    return arena_strndup(prelude->arena, entry->key, entry->length);
}

static bool is_configured(const struct prelude *prelude)
{
    for (uint32_t i = 0; i < prelude->defined.entries.count; i++)
        if (is_option(entry_name(prelude, &prelude->defined.entries.items[i])))
            return true;
    return false;
}

/* One line of the main file, behind a `#`. */
struct directive {
    const char *at;
    const char *end;
};

static bool is_directive(struct directive *line, const char *word)
{
    size_t length = strlen(word);

    while (line->at < line->end && isblank((unsigned char)*line->at))
        line->at++;
    if ((size_t)(line->end - line->at) < length ||
        strncmp(line->at, word, length) != 0 ||
        (*word != '#' && line->at + length < line->end &&
         str_is_word(line->at[length])))
        return false;
    line->at += length;
    return true;
}

/* The name that `#ifdef NAME`, `#if NAME` or `#if defined(NAME)` asks for, if
 * it is the only one; or NULL. */
static const char *only_name(struct arena *arena, struct directive line)
{
    const char *start;

    is_directive(&line, "defined");
    while (line.at < line.end &&
           (isblank((unsigned char)*line.at) || *line.at == '('))
        line.at++;
    start = line.at;
    while (line.at < line.end && str_is_word(*line.at))
        line.at++;
    for (const char *rest = line.at; rest < line.end && *rest != '/'; rest++)
        if (!isspace((unsigned char)*rest) && *rest != ')')
            return NULL;
    return line.at > start && !isdigit((unsigned char)*start)
               ? arena_strndup(arena, start, (size_t)(line.at - start))
               : NULL;
}

static void file_option_write(struct prelude *prelude, const char *name)
{
    if (!name || is_for_others(name) || prelude_is_defined(prelude, name))
        return;
    prelude->reveals = true;
    prelude_line_begin(prelude, name);
    strbuf_printf(&prelude->text, "#define %s 1\n", name);
}

enum { DEEPEST_OPTION = 4 };

/* What most of the file stands behind (`#ifdef HAVE_LIBUSB`) is an option that
 * a missing config.h would set. */
static void file_options_write(struct prelude *prelude)
{
    const char *text = prelude->usage.main_text;
    const char *end = text + prelude->usage.main_length;
    const char *begins[DEEPEST_OPTION] = {0};
    const char *names[DEEPEST_OPTION] = {0};
    int depth = 0;

    for (const char *at = text; at && at < end; at++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        struct directive line = {at, newline ? newline : end};
        bool is_open;

        at = line.end;
        if (!is_directive(&line, "#"))
            continue;
        is_open = is_directive(&line, "ifdef") || is_directive(&line, "if");
        if (is_open || is_directive(&line, "ifndef")) {
            if (depth < DEEPEST_OPTION) {
                names[depth] = is_open ? only_name(prelude->arena, line) : NULL;
                begins[depth] = at;
            }
            depth++;
        } else if (is_directive(&line, "else") || is_directive(&line, "elif")) {
            if (depth > 0 && depth <= DEEPEST_OPTION)
                names[depth - 1] = NULL;
        } else if (depth > 0 && is_directive(&line, "endif")) {
            depth--;
            if (depth < DEEPEST_OPTION && at - begins[depth] > (end - text) / 2)
                file_option_write(prelude, names[depth]);
        }
    }
}

void prelude_options_write(struct prelude *prelude)
{
    file_options_write(prelude);
    if (is_configured(prelude))
        return;
    for (uint32_t i = 0; i < prelude->tested.entries.count; i++) {
        const struct map_entry *entry = &prelude->tested.entries.items[i];
        const char *name = entry_name(prelude, entry);

        if (entry->value != TESTED_FOR || !is_option(name))
            continue;
        prelude_line_begin(prelude, name);
        strbuf_printf(&prelude->text, "#define %s 1\n", name);
    }
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
