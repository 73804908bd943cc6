/*
 * See marks.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "support/marks.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

static const char opening[] = "/* expect: ";

/* The marks between `text` and the end of the comment. */
static void marks_split(struct arena *arena, mark_list *marks, unsigned line,
                        const char *text)
{
    const char *end = strstr(text, "*/");

    while (end && text < end) {
        size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-");
        struct mark_wanted mark = {.line = line};

        if (length) {
            mark.rule = arena_strndup(arena, text, length);
            text += length;
            if (*text == '=') {
                length = strcspn(++text, ", ");
                mark.severity = arena_strndup(arena, text, length);
                text += length;
            }
            vec_add(arena, marks, mark);
        } else {
            text++;
        }
    }
}

mark_list marks_find(struct arena *arena, const char *source)
{
    mark_list marks = {0};
    unsigned line = 1;

    for (const char *at = source; *at; at++) {
        if (*at == '\n')
            line++;
        else if (str_starts_with(at, opening))
            marks_split(arena, &marks, line, at + strlen(opening));
    }
    return marks;
}

/* "FILE:LINE:COLUMN: SEVERITY: TEXT [RULE]"; what only says more about the
 * finding above it has no rule. False for anything else. */
static bool finding_parse(struct arena *arena, char *line,
                          struct finding *finding)
{
    char *colon = strchr(line, ':');
    char *rule = strrchr(line, '[');
    char *severity;
    char *text;

    while (colon && !isdigit((unsigned char)colon[1]))
        colon = strchr(colon + 1, ':');
    severity = colon ? strstr(colon, ": ") : NULL;
    text = severity ? strstr(severity + 2, ": ") : NULL;
    if (!text)
        return false;
    finding->file = arena_strndup(arena, line, (size_t)(colon - line));
    finding->line = (unsigned)strtoul(colon + 1, NULL, 10);
    severity += 2;
    finding->severity =
        arena_strndup(arena, severity, (size_t)(text - severity));
    finding->text = text + 2;
    finding->rule = NULL;
    if (rule && rule > text && str_ends_with(line, "]"))
        finding->rule = arena_strndup(arena, rule + 1, strlen(rule) - 2);
    return true;
}

finding_list findings_parse(struct arena *arena, const char *output)
{
    char *rest = arena_strdup(arena, output);
    finding_list findings = {0};
    const char *rule = NULL;

    for (char *line = strtok(rest, "\n"); line; line = strtok(NULL, "\n")) {
        struct finding finding = {0};

        if (!finding_parse(arena, line, &finding)) {
            finding.file = finding.text = line;
            finding.severity = "(what is this?)";
        } else if (finding.rule) {
            rule = finding.rule;
        } else if (rule && strstr(finding.text, " suspends here")) {
            finding.rule = rule;
            finding.is_crossing = true;
        } else {
            continue;
        }
        vec_add(arena, &findings, finding);
    }
    return findings;
}

static bool is_found(const char *file, const struct mark_wanted *mark,
                     const finding_list *findings, const char **severity)
{
    bool found = false;

    for (uint32_t i = 0; i < findings->count; i++) {
        const struct finding *finding = &findings->items[i];

        if (finding->line != mark->line || !finding->rule ||
            strcmp(finding->rule, mark->rule) != 0 ||
            strcmp(finding->file, file) != 0)
            continue;
        found = true;
        if (!finding->is_crossing && mark->severity &&
            strcmp(finding->severity, mark->severity) != 0)
            *severity = finding->severity;
    }
    return found;
}

static bool is_marked(const struct finding *finding, const mark_list *marks)
{
    for (uint32_t i = 0; i < marks->count; i++)
        if (finding->rule && marks->items[i].line == finding->line &&
            !strcmp(marks->items[i].rule, finding->rule))
            return true;
    return false;
}

const char *marks_compare(struct arena *arena, const char *file,
                          const mark_list *marks, const finding_list *findings)
{
    struct strbuf text = {.arena = arena};

    for (uint32_t i = 0; i < marks->count; i++) {
        const struct mark_wanted *mark = &marks->items[i];
        const char *severity = NULL;

        if (!is_found(file, mark, findings, &severity))
            strbuf_printf(&text, "%s:%u: missing: %s\n", file, mark->line,
                          mark->rule);
        else if (severity)
            strbuf_printf(&text, "%s:%u: %s is %s, expected %s\n", file,
                          mark->line, mark->rule, severity, mark->severity);
    }
    for (uint32_t i = 0; i < findings->count; i++) {
        const struct finding *finding = &findings->items[i];

        if (!finding->is_crossing && !strcmp(finding->file, file) &&
            !is_marked(finding, marks))
            strbuf_printf(&text, "%s:%u: unexpected: %s: %s\n", file,
                          finding->line, finding->rule ? finding->rule : "?",
                          finding->text);
    }
    return strbuf_text(&text);
}
