/*
 * Who may include whom. Data flows from input to output, and so does
 * knowledge: a room knows the rooms on its left and base/. Two exceptions,
 * both because the front end's product is the IR: front/ knows ir/ though it
 * stands on its left, and ir/ doesn't know front/.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <ctype.h>
#include <fnmatch.h>
#include <string.h>

#include "conventions/checks.h"

/* The first row that matches a path is the one that counts. A name stands for
 * "NAME/…" in an include with quotes; "rules" is rules/rule.h. */
static const struct {
    const char *path;
    const char *may_include;
} rooms[] = {
    {"analyzer/base/*", "base"},
    {"analyzer/input/*", "base input"},
    {"analyzer/ir/*", "base input ir"},
    {"analyzer/front/*", "base input ir front"},
    {"analyzer/model/*", "base input ir front model"},
    {"analyzer/engine/*", "base input ir front model engine"},
    {"analyzer/findings/*", "base input ir front model engine findings rules"},
    {"analyzer/fix/*", "base input ir front model engine findings fix rules"},
    {"analyzer/output/*",
     "base input ir front model engine findings fix output rules"},
    {"analyzer/server/*", "base input ir front model engine findings fix "
                          "output server rules pipeline.h"},
    {"rules/*.c", "findings rules"},
    {"rules/rule.h", "findings"},
    {"runtime-sample/*", ""},
};

static const char room_names[] = "base input ir front model engine findings "
                                 "fix output server rules pipeline.h";

/* Libraries whose types stay in one place: their headers, who may see them. */
static const struct {
    const char *header;
    const char *path;
} libraries[] = {
    {"clang-c/*", "analyzer/base/libclang.h"},
    {"base/libclang.h", "analyzer/base/libclang.c"},
    {"base/libclang.h", "analyzer/front/*"},
    {"base/libclang.h", "analyzer/input/compdb.c"},
    {"tree_sitter/*", "analyzer/fix/*"},
    {"tree_sitter/*", "analyzer/front/syntax.c"},
};

static bool word_is_in(const char *words, const char *word, size_t length)
{
    for (const char *at = words; (at = strstr(at, word)); at += length)
        if ((at == words || at[-1] == ' ') &&
            (at[length] == ' ' || !at[length]))
            return true;
    return false;
}

/* Whether a header's library is kept to places that `path` is not one of. */
static bool library_is_foreign(const char *path, const char *header)
{
    bool is_kept = false;

    for (size_t i = 0; i < sizeof(libraries) / sizeof(*libraries); i++) {
        if (fnmatch(libraries[i].header, header, 0) != 0)
            continue;
        if (fnmatch(libraries[i].path, path, 0) == 0)
            return false;
        is_kept = true;
    }
    return is_kept;
}

/* Whether a header in quotes lies in a room that `path` must not know. */
static bool room_is_foreign(const char *path, const char *header)
{
    char room[64];
    size_t length = strcspn(header, "/");

    if (length >= sizeof(room))
        return false;
    memcpy(room, header, length);
    room[length] = '\0';
    if (!word_is_in(room_names, room, length))
        return false; /* a header next to the file, or a generated one */
    for (size_t i = 0; i < sizeof(rooms) / sizeof(*rooms); i++)
        if (fnmatch(rooms[i].path, path, 0) == 0)
            return !word_is_in(rooms[i].may_include, room, length);
    return false; /* main.c, pipeline.c and the tests know everything */
}

/* The header that a line includes, copied to `header`; `*quote` is '"' or
 * '<'. */
static bool include_parse(const char *line, size_t length, char *header,
                          size_t size, char *quote)
{
    const char *at = line;
    const char *end;

    while (at < line + length && isspace((unsigned char)*at))
        at++;
    if (strncmp(at, "#include", 8) != 0)
        return false;
    at += strcspn(at, "\"<\n");
    if (at >= line + length)
        return false;
    *quote = *at++;
    end = at + strcspn(at, "\">\n");
    if ((size_t)(end - at) >= size)
        return false;
    memcpy(header, at, (size_t)(end - at));
    header[end - at] = '\0';
    return true;
}

static void include_check(struct report *report, const char *path, int line,
                          const char *header, char quote)
{
    bool is_rule = fnmatch("rules/*.c", path, FNM_PATHNAME) == 0;

    if (strstr(header, "../"))
        report_complain(report, path, line,
                        "'%s' climbs out of its folder: write the room",
                        header);
    else if (library_is_foreign(path, header))
        report_complain(report, path, line,
                        "'%s' belongs to a library that this file must not "
                        "see",
                        header);
    else if (quote == '"' && room_is_foreign(path, header))
        report_complain(report, path, line,
                        "'%s' is not to the left of this room", header);
    else if (quote == '"' && is_rule && !strchr(header, '/'))
        report_complain(report, path, line,
                        "a rule includes \"rules/rule.h\" and findings/ only");
}

void check_includes(struct report *report, const struct source *source)
{
    char header[256];
    char quote;

    if (!source_is_code(source))
        return;
    for (int i = 0; i < source->line_count; i++) {
        size_t length;
        const char *line = source_line(source, source->code, i, &length);

        if (include_parse(line, length, header, sizeof(header), &quote))
            include_check(report, source->path, i + 1, header, quote);
    }
}
