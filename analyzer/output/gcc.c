/*
 * One line for the finding, one for each mark that has words.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "output/gcc.h"

#include "output/escape.h"

/* A name that begins with a colon or a blank could make the line read as a
 * command of GitHub's runner; seen from here it means the same. */
static void name_add(struct strbuf *text, const struct output *output,
                     const char *file)
{
    if (*file == ':' || *file == ' ' || *file == '\t')
        strbuf_add(text, "./");
    escape_text(text, output->is_github, file);
}

static void line_add(struct strbuf *text, const struct output *output,
                     const struct span *span, const char *severity,
                     const char *message)
{
    name_add(text, output, span->file);
    strbuf_printf(text, ":%u:%u: %s: ", span->line, span->column, severity);
    escape_text(text, output->is_github, message);
}

static void diag_add(struct strbuf *text, const struct output *output,
                     const struct diag *diag)
{
    line_add(text, output, &diag->marks.items[0].span,
             severity_text(diag->severity), diag->message);
    strbuf_printf(text, " [%s]\n", diag->rule);
    for (uint32_t i = 1; i < diag->marks.count; i++) {
        const struct mark *mark = &diag->marks.items[i];

        if (!mark->span.file || !mark->text || !*mark->text)
            continue;
        line_add(text, output, &mark->span, "note", mark->text);
        strbuf_add(text, "\n");
    }
}

bool gcc_print(const struct output *output, const struct diag_list *list,
               struct err *err)
{
    struct arena arena = {0};
    bool is_fine = true;

    for (uint32_t i = 0; is_fine && i < list->items.count; i++) {
        struct strbuf text = {.arena = &arena};

        diag_add(&text, output, list->items.items[i]);
        is_fine = output_write(output, &text, err);
        arena_reset(&arena);
    }
    arena_finish(&arena);
    return is_fine && output_flush(output, err);
}
