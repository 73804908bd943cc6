/*
 * Field by field, in the order of diag.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "findings/diag_bytes.h"

#include "findings/check.h"

static void span_write(const struct span *span, struct strbuf *out)
{
    bytes_add_text(out, span->file);
    bytes_add_number(out, span->line);
    bytes_add_number(out, span->column);
    bytes_add_number(out, span->end_line);
    bytes_add_number(out, span->end_column);
}

static void diag_write(const struct diag *diag, struct strbuf *out)
{
    bytes_add_text(out, diag->rule);
    bytes_add_number(out, (uint32_t)diag->severity);
    bytes_add_text(out, diag->message);
    bytes_add_text(out, diag->function);
    bytes_add_number(out, diag->marks.count);
    for (uint32_t i = 0; i < diag->marks.count; i++) {
        const struct mark *mark = &diag->marks.items[i];

        bytes_add_number(out, (uint32_t)mark->role);
        span_write(&mark->span, out);
        bytes_add_text(out, mark->text);
    }
    span_write(&diag->held, out);
    bytes_add_text(out, diag->why);
    bytes_add_text(out, diag->help);
}

void diag_list_write(const struct diag_list *list, struct strbuf *out)
{
    bytes_add_number(out, list->items.count);
    for (uint32_t i = 0; i < list->items.count; i++)
        diag_write(list->items.items[i], out);
}

static struct span span_read(struct bytes_reader *reader)
{
    struct span span = {.file = bytes_text(reader)};

    span.line = bytes_number(reader);
    span.column = bytes_number(reader);
    span.end_line = bytes_number(reader);
    span.end_column = bytes_number(reader);
    return span;
}

static void marks_read(struct diag *diag, struct bytes_reader *reader)
{
    uint32_t count = bytes_count(reader);

    for (uint32_t i = 0; i < count && !reader->is_bad; i++) {
        struct mark mark = {.role = bytes_number(reader)};

        mark.span = span_read(reader);
        mark.text = bytes_text(reader);
        reader->is_bad |= mark.role > MARK_STEP;
        vec_add(reader->arena, &diag->marks, mark);
    }
    reader->is_bad |= !diag->marks.count || !diag->marks.items[0].span.file;
}

static struct diag *diag_read(struct bytes_reader *reader)
{
    struct diag *diag = arena_alloc(reader->arena, sizeof(*diag));
    const struct rule *rule = rule_find(bytes_words(reader));

    diag->rule = rule ? rule->id : "";
    diag->severity = bytes_number(reader);
    diag->message = bytes_words(reader);
    diag->function = bytes_text(reader);
    marks_read(diag, reader);
    diag->held = span_read(reader);
    diag->why = bytes_text(reader);
    diag->help = bytes_text(reader);
    reader->is_bad |= !rule || diag->severity < SEVERITY_NOTE ||
                      diag->severity > SEVERITY_ERROR;
    return diag;
}

void diag_list_read(struct diag_list *list, struct bytes_reader *reader)
{
    uint32_t count = bytes_count(reader);

    for (uint32_t i = 0; i < count && !reader->is_bad; i++)
        vec_add(list->arena, &list->items, diag_read(reader));
}
