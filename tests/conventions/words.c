/*
 * What is written: how a file opens, how a message is spelled, which words
 * stay out of the tree.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <ctype.h>
#include <fnmatch.h>
#include <string.h>

#include "conventions/checks.h"

/* Longer than an empty comment with the licence: something must be said. */
#define PURPOSE_LENGTH_MIN 60

void check_purpose(struct report *report, const struct source *source)
{
    static const char licence[] = "SPDX-License-Identifier: Apache-2.0\n */\n";
    const char *end;
    size_t length;

    if (!source_is_code(source))
        return;
    end = strstr(source->text, "*/\n");
    if (strncmp(source->text, "/*", 2) != 0 || !end) {
        report_complain(report, source->path, 1,
                        "the file must open with a comment on its purpose");
        return;
    }
    length = (size_t)(end - source->text) + strlen("*/\n");
    if (length < strlen(licence) ||
        strncmp(source->text + length - strlen(licence), licence,
                strlen(licence)) != 0)
        report_complain(report, source->path, 1,
                        "the last line of the first comment must be the "
                        "SPDX licence line");
    else if (length < PURPOSE_LENGTH_MIN)
        report_complain(report, source->path, 1,
                        "the first comment doesn't say what the file is for");
}

static bool is_word(char byte)
{
    return isalnum((unsigned char)byte) || byte == '_';
}

/* `word` and then the number of an issue in parentheses, at `at`. */
static bool todo_has_number(const char *at, size_t length)
{
    size_t digits;

    if (strncmp(at + length, "(#", 2) != 0)
        return false;
    digits = strspn(at + length + 2, "0123456789");
    return digits > 0 && at[length + 2 + digits] == ')';
}

/* What is left to do needs an issue, or nobody will do it. A letter of each
 * word is in octal, see check_places. Texts about our habits, which have to
 * name the words, are Markdown. */
void check_todo(struct report *report, const struct source *source)
{
    static const char *const words[] = {"T\117DO", "FIX\115E"};

    if (fnmatch("*.md", source->path, 0) == 0)
        return;
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        size_t length = strlen(words[i]);
        const char *at = source->text;

        for (; (at = strstr(at, words[i])); at += length) {
            bool is_whole = (at == source->text || !is_word(at[-1])) &&
                            !is_word(at[length]);

            if (is_whole && !todo_has_number(at, length))
                report_complain(
                    report, source->path,
                    source_line_at(source, (size_t)(at - source->text)),
                    "'%s' needs the number of an issue: %s(#12)", words[i],
                    words[i]);
        }
    }
}

/* Whether a path starts after `before`, and not in the middle of another. */
static bool path_starts(const char *text, const char *at)
{
    char before = at == text ? ' ' : at[-1];
    bool is_option = at - text >= 2 && at[-2] == '-'; /* -I, -L */

    return is_option || (!is_word(before) && !strchr(".-})>/*", before));
}

static void place_check(struct report *report, const struct source *source,
                        const char *place)
{
    size_t length = strlen(place);
    const char *text = source->text;

    for (const char *at = text; (at = strstr(at, place)); at += length) {
        bool is_path = place[0] == '/';

        if (is_path && (is_word(at[length]) || !path_starts(text, at)))
            continue;
        report_complain(report, source->path,
                        source_line_at(source, (size_t)(at - text)),
                        "'%s' names a place that not every reader has", place);
    }
}

/* Where one of us happened to work, and where packages happened to come
 * from: neither means anything to a reader, and both rot. A letter of each is
 * in octal, so that this file doesn't contain what it looks for. */
void check_places(struct report *report, const struct source *source)
{
    place_check(report, source, "/w\157rk");
    place_check(report, source, "/r\157ot");
    place_check(report, source, "npm\152s.");
    place_check(report, source, "yarn\160kg.");
}

/* Functions whose first string is a sentence for the user; `*` at the end
 * stands for any rest. */
static const char *const message_functions[] = {
    "err_set",
    "err_within",
    "die",
    "diag_*",
};

static bool is_message_function(const char *name, size_t length)
{
    char copy[64];

    if (length >= sizeof(copy))
        return false;
    memcpy(copy, name, length);
    copy[length] = '\0';
    for (size_t i = 0;
         i < sizeof(message_functions) / sizeof(*message_functions); i++)
        if (fnmatch(message_functions[i], copy, 0) == 0)
            return true;
    return false;
}

/* The end of the string whose opening quote is at `at`. */
static const char *string_end(const char *at)
{
    for (at++; *at && *at != '"' && *at != '\n'; at++)
        if (*at == '\\' && at[1])
            at++;
    return at;
}

/* The first string among the arguments that start at `at`, with what is
 * pasted to it: `*first` is its first byte, `*last` its last. False when the
 * call ends before. */
static bool message_find(const char *at, const char **first, const char **last)
{
    int depth = 0;

    for (; *at && *at != '"' && *at != ';'; at++) {
        depth += (*at == '(') - (*at == ')');
        if (depth == 0)
            return false;
    }
    if (*at != '"')
        return false;
    *first = at + 1;
    while (*at == '"') {
        const char *end = string_end(at);

        if (end > at + 1)
            *last = end - 1;
        at = *end ? end + 1 : end;
        at += strspn(at, " \n");
    }
    return **first != '"';
}

static void message_check(struct report *report, const struct source *source,
                          const char *first, const char *last)
{
    int line = source_line_at(source, (size_t)(first - source->code));
    bool is_acronym = isupper((unsigned char)first[1]);
    bool is_ellipsis = !strncmp(last - 1, "..", 2);

    if (isupper((unsigned char)first[0]) && !is_acronym)
        report_complain(report, source->path, line,
                        "a message starts with a small letter");
    if (*last == '.' && !is_ellipsis)
        report_complain(report, source->path, line,
                        "a message doesn't end with a full stop");
}

void check_messages(struct report *report, const struct source *source)
{
    const char *at = source->code;

    if (!source_is_code(source))
        return;
    while (*at) {
        size_t length = 0;
        const char *first = NULL;
        const char *last = NULL;

        while (is_word(at[length]))
            length++;
        if (length > 0 && at[length] == '(' &&
            is_message_function(at, length) &&
            message_find(at + length, &first, &last))
            message_check(report, source, first, last);
        at = *at == '"' ? string_end(at) : at;
        at += length > 0 ? length : *at != '\0';
    }
}
