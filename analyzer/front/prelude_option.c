/*
 * Options of a program that was not configured: what its config.h would have
 * defined, see prelude.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <ctype.h>
#include <string.h>

#include "front/prelude.h"
#include "front/prelude_write.h"

/* What is asked for with #ifdef was written to be compiled; not what is for
 * other systems, or turns the program inside out to find faults. */
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

/* How a program's own configuration names what it found. */
static const char *const families[] = {"CONFIG_", "HAVE_"};

static const char *family_of(const char *name)
{
    for (size_t i = 0; i < sizeof(families) / sizeof(*families); i++)
        if (str_starts_with(name, families[i]))
            return families[i];
    return NULL;
}

/* Of what a system has, threads only: whether it has the rest decides between
 * two ways to do the same. */
static bool is_of_threads(const char *name)
{
    return str_starts_with(name, "HAVE_") && strstr(name, "PTHREAD");
}

static bool is_option(const char *name)
{
    return (str_starts_with(name, "CONFIG_") || is_of_threads(name)) &&
           !is_for_others(name);
}

static const char *entry_name(const struct prelude *prelude,
                              const struct map_entry *entry)
{
    return arena_strndup(prelude->arena, entry->key, entry->length);
}

/* A name of the option's family is defined somewhere: its absence says no. */
static bool is_configured(const struct prelude *prelude, const char *option)
{
    for (uint32_t i = 0; i < prelude->defined.entries.count; i++)
        if (family_of(
                entry_name(prelude, &prelude->defined.entries.items[i])) ==
            family_of(option))
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

static void option_write(struct prelude *prelude, const char *name)
{
    prelude_line_begin(prelude, name);
    strbuf_printf(&prelude->text, "#define %s 1\n", name);
}

static void file_option_write(struct prelude *prelude, const char *name)
{
    if (!name || is_for_others(name) || prelude_is_defined(prelude, name))
        return;
    prelude->reveals = true;
    option_write(prelude, name);
}

enum { DEEPEST_OPTION = 4 };

/* What most of the file stands behind (`#ifdef HAVE_LIBUSB`) is an option that
 * a missing config.h would set. */
void prelude_file_options_write(struct prelude *prelude)
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
    prelude_file_options_write(prelude);
    for (uint32_t i = 0; i < prelude->tested.entries.count; i++) {
        const struct map_entry *entry = &prelude->tested.entries.items[i];
        const char *name = entry_name(prelude, entry);

        if (entry->value & TESTED_AGAINST || !is_option(name) ||
            (entry->value == TESTED_NUMBER && !is_of_threads(name)) ||
            is_configured(prelude, name))
            continue;
        prelude->reveals |= is_of_threads(name);
        option_write(prelude, name);
    }
}
