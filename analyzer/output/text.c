/*
 * One finding after the other, each built in memory and written at once.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "output/text.h"

#include <errno.h>
#include <string.h>

#include "output/escape.h"
#include "output/excerpt.h"
#include "output/style.h"

enum { REMARK_WIDTH = 79 }; /* prose is read in an 80-column terminal */

static void header_add(struct strbuf *text, const struct output *output,
                       const struct diag *diag)
{
    style_begin(text, output, style_of(diag->severity));
    strbuf_printf(text, "%s[%s]", severity_text(diag->severity), diag->rule);
    style_end(text, output);
    style_begin(text, output, STYLE_STRONG);
    strbuf_add(text, ": ");
    escape_text(text, output->is_github, diag->message);
    style_end(text, output);
    strbuf_add(text, "\n");
}

/* Words, wrapped, each line but the first behind an indent. */
static void words_add(struct strbuf *text, const struct output *output,
                      uint32_t indent, const char *words)
{
    uint32_t column = indent;

    for (const char *word = words; *word;) {
        size_t length = strcspn(word, " ");
        bool is_first = column == indent;

        if (!is_first && column + 1 + length > REMARK_WIDTH) {
            strbuf_printf(text, "\n%*s", (int)indent, "");
            column = indent;
            is_first = true;
        }
        strbuf_add(text, is_first ? "" : " ");
        escape_text(text, output->is_github,
                    arena_strndup(text->arena, word, length));
        column += (uint32_t)length + !is_first;
        word += length;
        word += strspn(word, " ");
    }
}

/* "   = why: …" */
static void remark_add(struct strbuf *text, const struct output *output,
                       uint32_t width, const char *label, const char *remark)
{
    if (!remark || !*remark)
        return;
    strbuf_printf(text, "%*s ", (int)width, "");
    style_add(text, output, STYLE_FRAME, "=");
    strbuf_add(text, " ");
    style_add(text, output, STYLE_STRONG, label);
    strbuf_add(text, ": ");
    words_add(text, output, width + 5 + (uint32_t)strlen(label), remark);
    strbuf_add(text, "\n");
}

static void diag_add(struct strbuf *text, struct lines_cache *cache,
                     const struct output *output, const struct diag *diag)
{
    uint32_t width;

    header_add(text, output, diag);
    width = excerpt_draw(text, cache, output, diag);
    remark_add(text, output, width, "why", diag->why);
    remark_add(text, output, width, "help", diag->help);
    strbuf_add(text, "\n");
}

bool text_print(const struct output *output, const struct diag_list *list,
                struct err *err)
{
    struct lines_cache cache = {0};
    struct arena arena = {0};
    bool is_fine = true;

    for (uint32_t i = 0; is_fine && i < list->items.count; i++) {
        struct strbuf text = {.arena = &arena};

        diag_add(&text, &cache, output, list->items.items[i]);
        is_fine = output_write(output, &text, err);
        arena_reset(&arena);
    }
    lines_cache_finish(&cache);
    arena_finish(&arena);
    return is_fine && output_flush(output, err);
}

/* "1 error, 2 warnings" */
static void severities_add(struct strbuf *text, const struct diag_list *list)
{
    const char *comma = "";

    for (int severity = SEVERITY_ERROR; severity > SEVERITY_OFF; severity--) {
        uint32_t count = 0;

        for (uint32_t i = 0; i < list->items.count; i++)
            count += (int)list->items.items[i]->severity == severity;
        if (!count)
            continue;
        strbuf_printf(text, "%s%u %s%s", comma, count,
                      severity_text((enum severity)severity),
                      count == 1 ? "" : "s");
        comma = ", ";
    }
}

static uint32_t files_count(const struct diag_list *list)
{
    uint32_t count = 0;
    const char *last = "";

    for (uint32_t i = 0; i < list->items.count; i++) {
        const struct diag *diag = list->items.items[i];
        const char *file = diag->marks.items[0].span.file;

        count += strcmp(file, last) != 0;
        last = file;
    }
    return count;
}

/* What was not seen, so that nobody takes silence for an answer. */
static void unknown_add(struct strbuf *text, const struct output *output)
{
    if (output->not_analysed)
        strbuf_printf(text, "not analysed, or only in part: %u (see above)\n",
                      output->not_analysed);
    if (output->unknown_calls)
        strbuf_printf(text,
                      "unknown: %u call%s in async code lead%s where nothing "
                      "is known\n",
                      output->unknown_calls,
                      output->unknown_calls == 1 ? "" : "s",
                      output->unknown_calls == 1 ? "s" : "");
}

bool text_summary_print(const struct output *output,
                        const struct diag_list *list, struct err *err)
{
    uint32_t count = list->items.count;
    uint32_t with = files_count(list);
    struct arena arena = {0};
    struct strbuf text = {.arena = &arena};
    bool is_fine;

    if (count) {
        strbuf_printf(&text, "%u finding%s (", count, count == 1 ? "" : "s");
        severities_add(&text, list);
        strbuf_add(&text, ") in ");
        /* Headers have findings and are not among the files looked at. */
        if (with <= output->file_count)
            strbuf_printf(&text, "%u of ", with);
    } else {
        strbuf_add(&text, "no findings in ");
    }
    if (with < output->file_count)
        with = output->file_count;
    strbuf_printf(&text, "%u file%s\n", with, with == 1 ? "" : "s");
    unknown_add(&text, output);
    is_fine = output_write(output, &text, err) && output_flush(output, err);
    arena_finish(&arena);
    return is_fine;
}
